"""The steps of a selection: what they match, what they do to the lines, what they would do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, runtime_checkable

import attrs

from interactionlog.contacts.contact_filter import ContactFilter, holds
from interactionlog.contacts.directory import ContactDirectory, codes_of_answer
from interactionlog.errors import UsageError
from interactionlog.interactions.repository import LineRange, OutcomeFilter
from interactionlog.segments.consent import LineQuestions, not_added, purpose_of
from interactionlog.segments.inheritance import attachments_of, drop_contents, inheritance_of
from interactionlog.segments.logging.decision import LineFacts, LineKind
from interactionlog.segments.logging.logged_segments import LoggedSegment, entries_of
from interactionlog.segments.segment import CriteriaStep, Segment, SegmentLine, chunks_of
from interactionlog.unit_of_work import UnitOfWork, by_thousands
from interactionlog.values import CriteriaAction, CriteriaSource


def write_lines(
    work: UnitOfWork,
    segment: Segment,
    step: CriteriaStep,
    contact_nos: Sequence[str],
    campaigns: Mapping[str, str | None] | None = None,
) -> int:
    """
    Write a line for each contact, in their order, after the last line; return how many.

    Contacts blocked for privacy are left out, and excluded ones and those that have a line unless
    the step says otherwise; so are numbers that name no contact, and who may not be written to for
    the purpose of the segment. The campaign of a line is the header's, unless ``campaigns`` gives
    one for each contact.
    """
    given, day = inheritance_of(work, segment), segment.date
    line_no = first = work.segments.last_line_no(segment.no)
    for nos in by_thousands(contact_nos):
        known = work.contacts.many(nos)
        there = set() if step.allow_existing else work.segments.contacts_present(segment.no, nos)
        absent = {no: known[no] for no in nos if no in known and no not in there}
        refused = not_added(work, given, absent, ignore_exclusion=step.ignore_exclusion)
        coming = [no for no in absent if no not in refused]
        addresses = work.contacts.active_addresses(coming, day) if day and coming else {}
        lines = []
        for contact in map(absent.__getitem__, coming):
            line_no += 10_000
            line = given.line(line_no, contact, addresses.get(contact.no), step.step_no)
            if campaigns is not None:
                line = attrs.evolve(line, campaign_no=campaigns[contact.no])
            lines.append(line)
        work.segments.add_lines(lines)
    return (line_no - first) // 10_000


def new_step(
    work: UnitOfWork, segment_no: str, action: CriteriaAction = CriteriaAction.ADD, **values: Any
) -> CriteriaStep:
    """Return the step that is about to be taken."""
    return CriteriaStep(
        segment_no=segment_no,
        step_no=len(work.segments.steps(segment_no)) + 1,
        action=action,
        user_id=work.user_id,
        recorded_at=work.clock.now(),
        **values,
    )


def record_by_hand(
    work: UnitOfWork, segment_no: str, action: CriteriaAction, nos: Collection[str], lines: int
) -> int:
    """Record that lines of these contacts are added or removed by hand; return the step. (D-13)"""
    adds = action is CriteriaAction.ADD
    step = new_step(
        work,
        segment_no,
        action,
        filter=ContactFilter(nos=nos) if nos else ContactFilter(within=()),
        source=CriteriaSource.BY_HAND,
        allow_existing=adds,
        ignore_exclusion=adds,
        **{"lines_added" if adds else "lines_removed": lines},
    )
    work.records(CriteriaStep).add(step)
    return step.step_no


def add_logged(
    work: UnitOfWork,
    segment: Segment,
    logged: LoggedSegment,
    *,
    where: OutcomeFilter | None = None,
    canceled: bool = False,
    duplicates: bool = False,
) -> CriteriaStep:
    """Write lines for the interactions of a logged segment as one step. (SEG-090, SEG-104)"""
    step = new_step(
        work,
        segment.no,
        filter=_having(logged.entry_no, where, canceled=canceled),
        source=CriteriaSource.LOGGED_SEGMENT,
        source_entry_no=logged.entry_no,
        allow_existing=duplicates,
        ignore_exclusion=True,
    )
    if (writes := _writing(work, segment)) is not None:
        return _recorded(work, step, added=writes.write_logged(step))
    added = 0
    for entries in entries_of(work, logged.entry_no):
        rounds: list[dict[str, str | None]] = [{}]  # each contact once in a round
        for entry in entries:
            if entry.contact_no is None or not holds(step.filter.interactions, entry):
                continue
            if duplicates and entry.contact_no in rounds[-1]:
                rounds.append({})
            rounds[-1].setdefault(entry.contact_no, entry.campaign_no)
        for campaigns in rounds:
            added += write_lines(work, segment, step, list(campaigns), campaigns)
    return _recorded(work, step, added=added)


def _having(entry_no: int, where: OutcomeFilter | None, *, canceled: bool) -> ContactFilter:
    """Return who has such an interaction of a logged segment: what its step means. (SEG-084)"""
    asked: dict[str, object] = {"logged_segment_entry_no": entry_no}
    if not canceled:
        asked["canceled"] = False
    for field in attrs.fields(OutcomeFilter) if where is not None else ():
        wanted = getattr(where, field.name)
        if wanted is not None and wanted != frozenset():
            asked[_OF_OUTCOMES.get(field.name, field.name)] = wanted
    return ContactFilter(interactions=asked)


_OF_OUTCOMES = {"evaluations": "evaluation", "delivery_statuses": "delivery_status"}
"""Field of an entry by condition on outcomes, where its name is another."""


def _recorded(
    work: UnitOfWork, step: CriteriaStep, *, added: int = 0, removed: int = 0
) -> CriteriaStep:
    step = attrs.evolve(step, lines_added=added, lines_removed=removed)
    work.records(CriteriaStep).add(step)
    return step


def remove_by_hand(work: UnitOfWork, segment_no: str, lines: Sequence[SegmentLine]) -> None:
    """Remove lines as one step; without a contact among them there is none. (SEG-048, SEG-050)"""
    nos = {line.contact_no for line in lines if line.contact_no is not None}
    line_nos = [line.line_no for line in lines]
    if nos:
        step_no = len(work.segments.steps(segment_no)) + 1
        work.segments.remove_by_step(segment_no, step_no, line_nos)
        for some in by_thousands(sorted(nos)):  # who has another line stays, saved steps too
            nos -= work.segments.contacts_present(segment_no, some)
        record_by_hand(work, segment_no, CriteriaAction.REDUCE, nos, len(lines))
        return
    rows = [row for no in line_nos for row in work.segments.languages(segment_no, no)]
    for row in rows:
        work.segments.remove_language(row)
    work.segments.remove_lines(segment_no, line_nos)
    drop_contents(work, attachments_of(rows))


def reset_if_empty(work: UnitOfWork, segment_no: str) -> None:
    """Forget all steps of a segment that lost its last line and took more than one. (SEG-049)"""
    if not work.segments.totals(segment_no).lines and len(work.segments.steps(segment_no)) > 1:
        _forget_steps(work, segment_no)


def end_history(work: UnitOfWork, segment_no: str) -> None:
    """Let going back reach later steps only: no step has lines any more."""
    steps = work.segments.steps(segment_no)
    _forget_steps(work, segment_no)
    for step in steps:
        work.records(CriteriaStep).add(step)
    for lines in chunks_of(work, segment_no):
        line_nos = [line.line_no for line in lines if line.added_by_step]
        work.segments.set_lines(segment_no, line_nos, added_by_step=0)


def _forget_steps(work: UnitOfWork, segment_no: str) -> None:
    unused = attachments_of(
        row for row in work.segments.all_languages(segment_no) if row.removed_by_step
    )
    work.segments.remove_steps(segment_no)
    drop_contents(work, unused)


@runtime_checkable
class SetBasedLines(Protocol):
    """
    Lines that are written and removed without reading them, for contacts that lie beside them.

    A store of segments may offer this; it gives what the reading way gives.
    """

    def reaches(self, contacts: ContactDirectory) -> bool:
        """Say whether these contacts lie in tables beside the lines, and not with a host."""

    def write_matching(self, step: CriteriaStep, contact_filter: ContactFilter) -> int:
        """Write a line after the last one for each contact that a step adds; return how many."""

    def write_logged(self, step: CriteriaStep) -> int:
        """Write lines for the entries of a logged segment that a step means; return how many."""

    def remove_matching_lines(self, step: CriteriaStep, contact_filter: ContactFilter) -> int:
        """Remove the lines that a step reduces or does not refine to; return how many."""

    def follow_date(self, no: str, holding: Mapping[str, object], to: date | None) -> None:
        """Give lines that hold these values the address of another day, unless it was picked."""

    def kinds_of_lines(self, lines: LineRange, most: int) -> Sequence[LineKind]:
        """Return the kinds of some lines, at most ``most``, in the order of their first lines."""

    def attachments_of_lines(self, lines: LineRange) -> set[int]:
        """Return the attachments of some lines."""

    def lines_with_findings(
        self, lines: LineRange, facts: LineFacts, repeats: bool, batch_of: int | None
    ) -> Sequence[SegmentLine]:
        """
        Return exactly those of the lines that have findings, by line number.

        Args:
            facts: What there is to know besides contacts and lines.
            repeats: Contacts may be on several lines.
            batch_of: Logging that moved earlier lines out of the segment.
        """

    def lines_to_copy(
        self, lines: LineRange, facts: LineFacts, repeats: bool, batch_of: int | None
    ) -> tuple[Sequence[SegmentLine], Mapping[int, int]]:
        """
        Return the `lines_with_findings`, and the masks of personal fields by line number.

        Of every line that has one other than 0. One statement: contacts are looked up once.
        """

    def lines_asked(self, lines: LineRange, questions: LineQuestions) -> Sequence[SegmentLine]:
        """Return exactly those of the lines that have findings which are asked for, by number."""


def set_based(work: UnitOfWork) -> SetBasedLines | None:
    """Return the segments of a store that handles lines without reading them, for its contacts."""
    lines = work.segments
    return lines if isinstance(lines, SetBasedLines) and lines.reaches(work.contacts) else None


def filter_of_step(work: UnitOfWork, step: CriteriaStep) -> ContactFilter:
    """
    Return the filter of a step as it applies today: what only the host knows, its hook looks up.
    """
    contact_filter = step.filter
    for name, conditions in contact_filter.elsewhere:
        source = next((each for each in work.hooks.contact_sources if each.source == name), None)
        if source is None:
            message = (
                f"nobody answers for the source {name!r}: give the store a hook with "
                f"source = {name!r} and contacts_with(), see ContactSource"
            )
            raise UsageError(message)
        found = codes_of_answer(source, source.contacts_with(work, conditions))
        within = contact_filter.within
        contact_filter = attrs.evolve(
            contact_filter, within=found if within is None else within & found
        )
    return attrs.evolve(contact_filter, elsewhere=())


def take_step(work: UnitOfWork, segment: Segment, step: CriteriaStep) -> CriteriaStep:
    """Do what a step says, and record it with what it did. (SEG-063 to SEG-065)"""
    contact_filter, at_once = filter_of_step(work, step), set_based(work)
    if step.action is CriteriaAction.ADD:
        if (writes := _writing(work, segment)) is not None:
            return _recorded(work, step, added=writes.write_matching(step, contact_filter))
        nos = work.contacts.matching(contact_filter, widening=step.widening)
        return _recorded(work, step, added=write_lines(work, segment, step, nos))
    if at_once is not None:
        removed = at_once.remove_matching_lines(step, contact_filter)
        return _recorded(work, step, removed=removed)
    removed = 0
    for going in lines_going(work, segment.no, step, contact_filter):
        work.segments.remove_by_step(segment.no, step.step_no, going)
        removed += len(going)
    return _recorded(work, step, removed=removed)


def _writing(work: UnitOfWork, segment: Segment) -> SetBasedLines | None:
    """Return the segments of a store that can write lines at once: nobody is asked for consent."""
    code = segment.interaction_template_code
    template = None if code is None else work.templates.find(code)
    return set_based(work) if purpose_of(segment, template) is None else None


def lines_going(
    work: UnitOfWork, segment_no: str, step: CriteriaStep, contact_filter: ContactFilter
) -> Iterator[list[int]]:
    """Yield the numbers of the lines that a step removes, chunk by chunk."""
    reduces = step.action is CriteriaAction.REDUCE
    for lines in chunks_of(work, segment_no):
        matched = matching_lines(work, contact_filter, lines, step.entire_companies)
        yield [line.line_no for line in lines if (line.line_no in matched) is reduces]


def matching_lines(
    work: UnitOfWork,
    contact_filter: ContactFilter,
    lines: Sequence[SegmentLine],
    entire_companies: bool,
) -> set[int]:
    """
    Return the numbers of those of 1,000 lines whose contact matches; lines without one never do.

    With ``entire_companies`` a line matches as well when anybody of its contact's company does.
    """
    nos = {line.contact_no for line in lines if line.contact_no is not None}
    contacts = set(work.contacts.matching(contact_filter, among=nos))
    companies: set[str | None] = set()
    wanted = {line.contact_company_no for line in lines if line.contact_company_no is not None}
    if contact_filter.company_nos:
        wanted &= contact_filter.company_nos
    if entire_companies and wanted:
        theirs = work.contacts.matching(attrs.evolve(contact_filter, company_nos=wanted))
        for some in by_thousands(theirs):
            companies |= {contact.company_no for contact in work.contacts.many(some).values()}
    return {
        line.line_no
        for line in lines
        if line.contact_no is not None
        and (line.contact_no in contacts or line.contact_company_no in companies)
    }
