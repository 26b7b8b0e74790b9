"""The steps of a selection: what they match, what they do to the lines, what they would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, runtime_checkable

import attrs

from interactionlog.contacts.contact import Contact
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.contacts.directory import ContactDirectory
from interactionlog.errors import UsageError
from interactionlog.interactions.repository import LineRange, OutcomeFilter
from interactionlog.segments.consent import LineQuestions, not_added, purpose_of
from interactionlog.segments.inheritance import attachments_of, drop_contents, inheritance_of
from interactionlog.segments.logging.decision import LineFacts, LineKind
from interactionlog.segments.logging.logged_segments import (
    LoggedSegment,
    LoggedSegments,
    entries_of,
)
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
    work: UnitOfWork, segment_no: str, action: CriteriaAction, nos: Sequence[str], lines: int
) -> int:
    """Record that lines of these contacts are added or removed by hand; return the step. (D-13)"""
    adds = action is CriteriaAction.ADD
    step = new_step(
        work,
        segment_no,
        action,
        filter=ContactFilter(nos=nos),
        source=CriteriaSource.BY_HAND,
        allow_existing=adds,
        ignore_exclusion=adds,
        **{"lines_added" if adds else "lines_removed": lines},
    )
    work.segments.add_step(step)
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
        source=CriteriaSource.LOGGED_SEGMENT,
        source_entry_no=logged.entry_no,
        allow_existing=duplicates,
        ignore_exclusion=True,
    )
    if (writes := _writing(work, segment)) is not None:
        return _recorded(work, step, added=writes.write_logged(step, where, canceled=canceled))
    added = 0
    for entries in entries_of(work, logged.entry_no):
        rounds: list[dict[str, str | None]] = [{}]  # each contact once in a round
        for entry in entries:
            if (
                entry.contact_no is None
                or (entry.canceled and not canceled)
                or (where is not None and not where.matches(entry))
            ):
                continue
            if duplicates and entry.contact_no in rounds[-1]:
                rounds.append({})
            rounds[-1].setdefault(entry.contact_no, entry.campaign_no)
        for campaigns in rounds:
            added += write_lines(work, segment, step, list(campaigns), campaigns)
    return _recorded(work, step, added=added)


def _recorded(
    work: UnitOfWork, step: CriteriaStep, *, added: int = 0, removed: int = 0
) -> CriteriaStep:
    step = attrs.evolve(step, lines_added=added, lines_removed=removed)
    work.segments.add_step(step)
    return step


def remove_by_hand(work: UnitOfWork, segment_no: str, lines: Sequence[SegmentLine]) -> None:
    """Remove lines as one step; without a contact among them there is none. (SEG-048, SEG-050)"""
    nos = [line.contact_no for line in lines if line.contact_no is not None]
    line_nos = [line.line_no for line in lines]
    if nos:
        step_no = record_by_hand(work, segment_no, CriteriaAction.REDUCE, nos, len(lines))
        work.segments.remove_by_step(segment_no, step_no, line_nos)
        return
    rows = [row for no in line_nos for row in work.segments.languages(segment_no, no)]
    for row in rows:
        work.segments.remove_language(row)
    work.segments.remove_lines(segment_no, line_nos)
    drop_contents(work, attachments_of(rows))


def reset_if_empty(work: UnitOfWork, segment_no: str) -> None:
    """Forget all steps of a segment that lost its last line and took more than one. (SEG-049)"""
    if work.segments.totals(segment_no).lines or len(work.segments.steps(segment_no)) < 2:
        return
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

    def write_logged(
        self, step: CriteriaStep, where: OutcomeFilter | None, *, canceled: bool
    ) -> int:
        """Write lines for the entries of the logged segment that a step uses; return how many."""

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

    def lines_asked(self, lines: LineRange, questions: LineQuestions) -> Sequence[SegmentLine]:
        """Return exactly those of the lines that have findings which are asked for, by number."""


def set_based(work: UnitOfWork) -> SetBasedLines | None:
    """Return the segments of a store that handles lines without reading them, for its contacts."""
    lines = work.segments
    return lines if isinstance(lines, SetBasedLines) and lines.reaches(work.contacts) else None


def filter_of_step(work: UnitOfWork, step: CriteriaStep) -> ContactFilter:
    """
    Return the filter of a step as it applies today.

    A step that used a logged segment matches who has a live interaction of it (SEG-084); what
    only the host knows is looked up by its hook.
    """
    contact_filter = step.filter
    if step.source is CriteriaSource.LOGGED_SEGMENT:
        of = {"logged_segment_entry_no": step.source_entry_no, "canceled": False}
        return ContactFilter(interactions=of)
    for name, conditions in contact_filter.elsewhere:
        source = next((each for each in work.hooks.contact_sources if each.source == name), None)
        if source is None:
            message = (
                f"nobody answers for the source {name!r}: give the store a hook with "
                f"source = {name!r} and contacts_with(), see ContactSource"
            )
            raise UsageError(message)
        found = frozenset(source.contacts_with(work, conditions))
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


@attrs.frozen(kw_only=True)
class SelectionPreview:
    """
    What a step would do now.

    Attributes:
        coming, going, staying: Lines that it would add, remove, and leave as they are.
        left_out: Contacts that match and would not come, by reason: ``privacy-blocked``,
            ``excluded``, ``present``, ``no-consent`` or ``suppressed``.
    """

    coming: int = 0
    going: int = 0
    staying: int
    left_out: Mapping[str, int] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class StepTrace:
    """
    What one step had to do with a contact.

    Attributes:
        means: The contact matches its filter today.
        added, removed: It added, or removed, a line of the contact.
    """

    step: CriteriaStep
    means: bool
    added: bool
    removed: bool


@attrs.frozen(kw_only=True)
class Explanation:
    """
    Why a contact is in a segment or not.

    Attributes:
        line_nos: Its lines.
        reason: ``on a line``, ``removed by step 2``, ``unknown contact``, ``privacy-blocked``,
            ``excluded``, ``no-consent``, ``suppressed`` or ``never matched``; ``matches step 1
            now`` when data changed since. Of a logged segment also ``logged as entry 7`` and
            ``left out: no-e-mail``.
        steps: Every step and what it had to do with the contact; what it added and removed is not
            known any more after logging.
    """

    contact_no: str
    line_nos: tuple[int, ...]
    reason: str
    steps: tuple[StepTrace, ...]


def previewed(work: UnitOfWork, segment_no: str, step: CriteriaStep) -> SelectionPreview:
    """Say what a step would do. (D-15)"""
    lines, contact_filter = work.segments.totals(segment_no).lines, filter_of_step(work, step)
    if step.action is not CriteriaAction.ADD:
        going = sum(map(len, lines_going(work, segment_no, step, contact_filter)))
        return SelectionPreview(going=going, staying=lines - going)
    nos = work.contacts.matching(contact_filter, widening=step.widening)
    given = inheritance_of(work, work.segments.get(segment_no))
    left_out: Counter[str] = Counter()
    for chunk in by_thousands(nos):
        there = set() if step.allow_existing else work.segments.contacts_present(segment_no, chunk)
        known = work.contacts.summaries(chunk)
        found = dict.fromkeys(there & known.keys(), "present")
        refused = not_added(work, given, known, ignore_exclusion=step.ignore_exclusion)
        asked = {"no-consent", "suppressed"}  # nobody is asked who is there already
        found |= {no: why for no, why in refused.items() if no not in found or why not in asked}
        left_out.update(found.values())
    coming = len(nos) - left_out.total()
    return SelectionPreview(coming=coming, staying=lines, left_out=dict(left_out))


def explained(
    work: UnitOfWork, segment_no: str, logged: LoggedSegment | None, contact_no: str
) -> Explanation:
    """Say why a contact is in an open segment, or has an entry of a logged one, or not."""
    contact, kept = work.contacts.find(contact_no), work.logged_segments
    line = SegmentLine(
        segment_no=segment_no,
        line_no=1,
        contact_no=contact_no,
        contact_company_no=contact.company_no if contact else None,
    )
    found = work.segments.with_contact(segment_no, contact_no) if logged is None else ()
    traces = tuple(
        StepTrace(
            step=step,
            means=_means(work, step, line),
            added=any(each.added_by_step == step.step_no for _, each in found),
            removed=any(removed_by == step.step_no for removed_by, _ in found),
        )
        for step in (kept.steps(logged.entry_no) if logged else work.segments.steps(segment_no))
    )
    line_nos = tuple(each.line_no for removed_by, each in found if not removed_by)
    reason = ""
    if logged is not None:
        entries = work.interactions.of_logged_segment_with(logged.entry_no, [contact_no])
        line_nos = tuple(no for each in entries if (no := each.segment_line_no) is not None)
        if entries:
            reason = f"logged as entry {entries[-1].entry_no}"
        elif kept.left_out_contacts(logged.entry_no, [contact_no]):
            lines = LoggedSegments(work).left_out(logged.entry_no)
            reasons = (each.reasons for each in lines if each.line.contact_no == contact_no)
            reason = f"left out: {', '.join(next(reasons, ()))}"
    elif line_nos:
        reason = "on a line"
    elif removing := [trace.step.step_no for trace in traces if trace.removed]:
        reason = f"removed by step {removing[-1]}"
    if not reason:
        segment = logged.header if logged else work.segments.get(segment_no)
        reason = _why_not(work, segment, contact, traces)
    return Explanation(contact_no=contact_no, line_nos=line_nos, reason=reason, steps=traces)


def _why_not(
    work: UnitOfWork,
    segment: Segment | None,
    contact: Contact | None,
    traces: Sequence[StepTrace],
) -> str:
    if contact is None:
        return "unknown contact"
    given = inheritance_of(work, segment) if segment else None
    if refused := not_added(work, given, {contact.no: contact}, ignore_exclusion=False):
        return refused[contact.no]
    reason = "never matched"
    for each in traces:
        adds, refines = (each.step.action is CriteriaAction[name] for name in ("ADD", "REFINE"))
        if adds and each.means:
            reason = f"matches step {each.step.step_no} now"
        elif not adds and reason.startswith("matches") and each.means is not refines:
            reason = f"removed by step {each.step.step_no}"
    return reason


def passed_over(
    work: UnitOfWork,
    segment: Segment | None,
    steps: Sequence[CriteriaStep],
    present: Callable[[Collection[str]], set[str]],
) -> Iterator[tuple[str, str]]:
    """Stream the contacts that match a step which adds and that must not be added, with why."""
    told: set[str] = set()
    given = inheritance_of(work, segment) if segment else None
    for step in steps:
        if step.action is not CriteriaAction.ADD:
            continue
        nos = work.contacts.matching(filter_of_step(work, step), widening=step.widening)
        for chunk in by_thousands(nos):
            known, there = work.contacts.summaries(chunk), present(chunk) | told
            absent = {no: known[no] for no in chunk if no in known and no not in there}
            refused = not_added(work, given, absent, ignore_exclusion=step.ignore_exclusion)
            yield from refused.items()
            told |= refused.keys()


def _means(work: UnitOfWork, step: CriteriaStep, line: SegmentLine) -> bool:
    contact_filter = filter_of_step(work, step)
    if step.action is CriteriaAction.ADD:
        among = [line.contact_no or ""]
        return bool(work.contacts.matching(contact_filter, widening=step.widening, among=among))
    return bool(matching_lines(work, contact_filter, [line], step.entire_companies))
