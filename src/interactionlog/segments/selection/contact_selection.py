"""The contacts of a segment: chosen step by step, and taken elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypedDict, Unpack

import attrs

from interactionlog.arguments import judged
from interactionlog.contacts.contact import Contact
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.errors import StateError, UsageError
from interactionlog.segments.consent import not_added
from interactionlog.segments.inheritance import attachments_of, drop_contents, inheritance_of
from interactionlog.segments.logging.logged_segments import LoggedSegment, LoggedSegments
from interactionlog.segments.segment import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
    Segment,
    SegmentLine,
    changing,
    refuse_run,
)
from interactionlog.segments.selection.steps import (
    add_logged,
    filter_of_step,
    lines_going,
    matching_lines,
    new_step,
    reset_if_empty,
    take_step,
)
from interactionlog.unit_of_work import UnitOfWork, by_thousands
from interactionlog.values import CriteriaAction, CriteriaSource, LoggedSegmentState

_SAVED = tuple(
    field.name for field in attrs.fields(SavedCriteriaStep) if field.name not in {"code", "step_no"}
)


@judged
@attrs.frozen
class SavedSelections:
    """Lists and deletes saved steps; `ContactSelection` saves and takes them."""

    work: UnitOfWork

    def all(self) -> Sequence[SavedCriteria]:
        """Return all saved criteria by code."""
        return self.work.records(SavedCriteria).all()

    def steps(self, code: str) -> Sequence[SavedCriteriaStep]:
        """Return the steps saved under a code by number, or raise `NotFoundError`."""
        steps = self.work.records(SavedCriteriaStep).all(code)
        self.work.records(SavedCriteria).get(code)  # after them: both are deleted together
        return steps

    def delete(self, code: str) -> None:
        """Delete saved criteria with their steps, or raise `NotFoundError`. (SEG-083)"""
        with self.work.atomic():
            self.work.records(SavedCriteria).lock(code)
            for step in self.steps(code):
                self.work.records(SavedCriteriaStep).remove(step.code, step.step_no)
            self.work.records(SavedCriteria).remove(code)


class AddOptions(TypedDict, total=False):
    """
    How contacts are added; everything is off unless given.

    Attributes:
        all_contacts: Everybody matches; without a filter this must be said. (D-15)
        persons_of_matched_companies: Add the persons of matching companies too.
        colleagues_of_matched_persons: Add company and colleagues of matching persons too.
        related_companies: Add the companies of matching persons too.
        allow_existing: Add contacts again that have a line already.
        ignore_exclusion: Add contacts that are excluded from segments.
    """

    all_contacts: bool
    persons_of_matched_companies: bool
    colleagues_of_matched_persons: bool
    related_companies: bool
    allow_existing: bool
    ignore_exclusion: bool


class RemoveOptions(TypedDict, total=False):
    """
    How contacts are reduced or refined; everything is off unless given.

    Attributes:
        all_contacts: Everybody matches; without a filter this must be said. (D-15)
        entire_companies: Who belongs to the company of a matching contact matches too.
    """

    all_contacts: bool
    entire_companies: bool


class StepOptions(AddOptions, RemoveOptions, total=False):
    """Options of any step."""


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
            ``left out: no-e-mail``; once entries of it were deleted, ``; its entry may be deleted``
            follows the reason of a contact that has none.
        steps: Every step and what it had to do with the contact; what it added and removed is not
            known any more after logging.
    """

    contact_no: str
    line_nos: tuple[int, ...]
    reason: str
    steps: tuple[StepTrace, ...]


@judged
@attrs.frozen
class ContactSelection:
    """
    Chooses the contacts of one segment; every step is recorded and can be undone.

    A step refuses an empty filter without ``all_contacts``, an option that it has not, and a source
    that nobody answers for (`UsageError`); a segment that is not open (`NotFoundError`,
    `SegmentAlreadyLoggedError`) or is being logged in batches (`StateError`).
    """

    work: UnitOfWork
    segment_no: str

    def add(
        self, contact_filter: ContactFilter | None = None, **options: Unpack[AddOptions]
    ) -> CriteriaStep:
        """
        Write a line for every contact that matches and has none yet; return the step.

        Lines come in the order of company name, company number, type and name. Contacts that are
        blocked for privacy are never added.

        Source: SEG-062, SEG-063 with D-04, D-15 and D-32.
        """
        return self._take(CriteriaAction.ADD, contact_filter, options)

    def reduce(
        self,
        contact_filter: ContactFilter | None = None,
        *,
        reset_criteria: bool = False,
        **options: Unpack[RemoveOptions],
    ) -> CriteriaStep:
        """
        Remove the lines of the contacts that match; lines without contact stay.

        ``reset_criteria`` forgets all steps when no line is left after more than one.

        Source: SEG-064 with D-15 and D-25.
        """
        return self._take(CriteriaAction.REDUCE, contact_filter, options, reset=reset_criteria)

    def refine(
        self,
        contact_filter: ContactFilter | None = None,
        *,
        reset_criteria: bool = False,
        **options: Unpack[RemoveOptions],
    ) -> CriteriaStep:
        """
        Keep the lines of the contacts that match; all others go, and lines without contact.

        ``reset_criteria`` means what it means in `reduce`. Source: SEG-065 with D-15 and D-25.
        """
        return self._take(CriteriaAction.REFINE, contact_filter, options, reset=reset_criteria)

    def preview(
        self,
        action: CriteriaAction,
        contact_filter: ContactFilter | None = None,
        **options: Unpack[StepOptions],
    ) -> SelectionPreview:
        """
        Say what `add`, `reduce` or `refine` would do with this filter and these options.

        Nothing is written, and a unit of work that only reads will do.
        """
        work, segment = self.work, self.work.segments.get(self.segment_no)
        step = self._step(segment, action, contact_filter, options)
        lines, contact_filter = work.segments.totals(segment.no).lines, filter_of_step(work, step)
        if action is not CriteriaAction.ADD:
            going = sum(map(len, lines_going(work, segment.no, step, contact_filter)))
            return SelectionPreview(going=going, staying=lines - going)
        nos = work.contacts.matching(contact_filter, widening=step.widening)
        given, left_out = inheritance_of(work, segment), Counter[str]()
        for chunk in by_thousands(nos):
            known, there = work.contacts.summaries(chunk), set[str]()
            if not step.allow_existing:
                there = work.segments.contacts_present(segment.no, chunk)
            found = dict.fromkeys(there & known.keys(), "present")
            refused = not_added(work, given, known, ignore_exclusion=step.ignore_exclusion)
            asked = {"no-consent", "suppressed"}  # nobody is asked who is there already
            found |= {no: why for no, why in refused.items() if no not in found or why not in asked}
            left_out.update(found.values())
        coming = len(nos) - left_out.total()
        return SelectionPreview(coming=coming, staying=lines, left_out=dict(left_out))

    def explain(self, contact_no: str) -> Explanation:
        """
        Say why a contact is in the segment or not, step by step. Nothing is written.

        A segment that was logged is explained as well: which entry, or why there is none; and so is
        one that is logged in batches.
        """
        work, (segment, logged, steps) = self.work, self._taken()
        contact, kept = work.contacts.find(contact_no), work.logged_segments
        found = work.segments.with_contact(self.segment_no, contact_no) if _is_open(logged) else ()
        traces = tuple(
            StepTrace(
                step=step,
                means=_means(work, step, contact_no, contact),
                added=any(each.added_by_step == step.step_no for _, each in found),
                removed=any(removed_by == step.step_no for removed_by, _ in found),
            )
            for step in steps
        )
        line_nos = tuple(each.line_no for removed_by, each in found if not removed_by)
        reason = ""
        if logged is not None:
            entries = work.interactions.of_logged_segment_with(logged.entry_no, [contact_no])
            line_nos += tuple(no for each in entries if (no := each.segment_line_no) is not None)
            if entries:
                reason = f"logged as entry {entries[-1].entry_no}"
            elif kept.left_out_contacts(logged.entry_no, [contact_no]):
                lines = LoggedSegments(work).left_out(logged.entry_no)
                reasons = (each.reasons for each in lines if each.line.contact_no == contact_no)
                reason = f"left out: {', '.join(next(reasons, ()))}"
        removing = [trace.step.step_no for trace in traces if trace.removed]
        if not reason and line_nos:
            reason = "on a line"
        elif not reason and removing:
            reason = f"removed by step {removing[-1]}"
        if not reason:
            reason = _why_not(work, segment, contact, traces)
            if logged is not None and logged.counts.get("deleted"):
                reason += "; its entry may be deleted"
        return Explanation(contact_no=contact_no, line_nos=line_nos, reason=reason, steps=traces)

    def passed_over(self) -> Iterator[tuple[str, str]]:
        """
        Stream who matches a step today, has no line and would get none, with why.

        Of a logged segment it is who has neither an entry nor a line that was left out.

        Why is ``privacy-blocked``, ``excluded``, ``no-consent`` or ``suppressed``.
        """
        work, (segment, logged, steps) = self.work, self._taken()
        given, told = inheritance_of(work, segment) if segment else None, set[str]()
        for step in steps:
            if step.action is not CriteriaAction.ADD:
                continue
            nos = work.contacts.matching(filter_of_step(work, step), widening=step.widening)
            for chunk in by_thousands(nos):
                known, there = work.contacts.summaries(chunk), self._present(logged, chunk) | told
                absent = {no: known[no] for no in chunk if no in known and no not in there}
                refused = not_added(work, given, absent, ignore_exclusion=step.ignore_exclusion)
                yield from refused.items()
                told |= refused.keys()

    def _present(self, logged: LoggedSegment | None, nos: Collection[str]) -> set[str | None]:
        """Return those of 1,000 contacts that have a line, an entry or a left-out line."""
        found: set[str | None] = set()
        if _is_open(logged):
            found |= self.work.segments.contacts_present(self.segment_no, nos)
        if logged is None:
            return found
        entries = self.work.interactions.of_logged_segment_with(logged.entry_no, nos)
        left_out = self.work.logged_segments.left_out_contacts(logged.entry_no, nos)
        return found | {each.contact_no for each in entries} | left_out

    def _taken(self) -> tuple[Segment | None, LoggedSegment | None, Sequence[CriteriaStep]]:
        """Return header and steps of the segment, open or logged, and what logs or logged it."""
        work = self.work
        logged = work.logged_segments.current(self.segment_no)
        if logged is not None and work.segments.find(self.segment_no) is None:
            return logged.header, logged, work.logged_segments.steps(logged.entry_no)
        segment = work.segments.get(self.segment_no)
        return segment, logged if _is_open(logged) else None, work.segments.steps(segment.no)

    def steps(self) -> Sequence[CriteriaStep]:
        """Return the steps taken so far, by number."""
        return self.work.segments.steps(self.work.segments.get(self.segment_no).no)

    def go_back(self, steps: int = 1) -> None:
        """
        Undo the last steps: lines, their order, values and languages are exactly as before them.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError: There is no such open segment.
            StateError: So many steps were not taken, or not since the segment was opened again
                by undoing its logging: the history of steps ends with logging.

        Source: SEG-070 to SEG-072 with D-12.
        """
        with changing(self.work, self.segment_no) as segment:
            taken = self.work.segments.steps(segment.no)
            if not 0 <= steps <= len(taken):
                reason = f"has {len(taken)} steps to go back, not {steps}"
                raise StateError(f"segment {segment.no}", reason)
            before = attachments_of(self.work.segments.all_languages(segment.no))
            for step in reversed(taken[len(taken) - steps :]):
                added, removed = self.work.segments.step_has_lines(segment.no, step.step_no)
                if (step.lines_added and not added) or (step.lines_removed and not removed):
                    reason = f"was logged after step {step.step_no}: go back later steps only"
                    raise StateError(f"segment {segment.no}", reason)
                self.work.segments.undo_step(segment.no, step.step_no)
            drop_contents(self.work, before)

    def save(self, code: str, description: str = "") -> None:
        """
        Save the steps under a code, to be taken again in another segment.

        Raises `StateError` when no step was taken, `DuplicateEntryError` for a code that is taken.
        Source: SEG-080.
        """
        with changing(self.work, self.segment_no) as segment:
            saved = SavedCriteria(code=code, description=description, user_id=self.work.user_id)
            steps = self.work.segments.steps(segment.no)
            if not steps:
                raise StateError(f"segment {segment.no}", "has taken no step that could be saved")
            self.work.records(SavedCriteria).add(saved)
            for step in steps:
                values = {name: getattr(step, name) for name in _SAVED}
                self.work.records(SavedCriteriaStep).add(
                    SavedCriteriaStep(code=saved.code, step_no=step.step_no, **values)
                )

    def reuse_saved(self, code: str, *, add_to_steps: bool = False) -> Sequence[CriteriaStep]:
        """
        Take the saved steps on today's data; they add to what is there.

        Raises `NotFoundError` for an unknown code, `StateError` where steps were taken already and
        ``add_to_steps`` was not said. Source: SEG-081, SEG-082 with D-25, SEG-084.
        """
        with changing(self.work, self.segment_no) as segment:
            self._refuse_taken(segment, add_to_steps)
            taken = []
            for saved in SavedSelections(self.work).steps(code):
                values: dict[str, Any] = {name: getattr(saved, name) for name in _SAVED}
                if saved.source is not CriteriaSource.SELECTION:
                    # what was written line by line must not come twice by accident (D-05)
                    values["allow_existing"] = False
                step = new_step(self.work, segment.no, **values)
                taken.append(take_step(self.work, segment, step))
            return taken

    def reuse_logged(
        self,
        entry_no: int,
        *,
        canceled: bool = False,
        duplicates: bool = False,
        add_to_steps: bool = False,
    ) -> CriteriaStep:
        """
        Write a line for the contact of every interaction of a logged segment, in their order.

        Lines are built from this header; only the campaign is the interaction's. Contacts that are
        blocked for privacy are left out.

        Args:
            canceled: Take canceled interactions too.
            duplicates: Take a contact as often as it comes, also when it has a line already.
            add_to_steps: Steps were taken already, and that is all right.

        Raises: what `reuse_saved` raises; `StateError` for one that is logged in batches and not
            complete. Source: SEG-090, SEG-091 with D-04, D-05 and D-06.
        """
        with changing(self.work, self.segment_no) as segment:
            self._refuse_taken(segment, add_to_steps)
            logged = self.work.logged_segments.get(entry_no)
            if logged.state is LoggedSegmentState.RUNNING:
                refuse_run(self.work, logged.segment_no)
            return add_logged(self.work, segment, logged, canceled=canceled, duplicates=duplicates)

    def _refuse_taken(self, segment: Segment, add_to_steps: bool) -> None:
        taken = len(self.work.segments.steps(segment.no))
        if taken and not add_to_steps:
            reason = f"has taken {taken} steps: say add_to_steps=True to add to them"
            raise StateError(f"segment {segment.no}", reason)

    def _step(
        self,
        segment: Segment,
        action: CriteriaAction,
        contact_filter: ContactFilter | None,
        options: Mapping[str, object],
    ) -> CriteriaStep:
        known = AddOptions if action is CriteriaAction.ADD else RemoveOptions
        if unknown := sorted(options.keys() - known.__annotations__.keys()):
            raise UsageError(f"a step that {action.name.lower()}s has no {', '.join(unknown)}")
        contact_filter = contact_filter or ContactFilter()
        if contact_filter.is_empty and not options.get("all_contacts"):
            message = "an empty filter matches everybody: say all_contacts=True if you want that"
            raise UsageError(message)
        values: dict[str, Any] = dict(options)
        widening = Widening(**{name: values.pop(name) for name in _WIDENING & values.keys()})
        return new_step(
            self.work, segment.no, action, filter=contact_filter, widening=widening, **values
        )

    def _take(
        self,
        action: CriteriaAction,
        contact_filter: ContactFilter | None,
        options: Mapping[str, object],
        *,
        reset: bool = False,
    ) -> CriteriaStep:
        with changing(self.work, self.segment_no) as segment:
            step = self._step(segment, action, contact_filter, options)
            step = take_step(self.work, segment, step)
            if reset:
                reset_if_empty(self.work, segment.no)
        return step


_WIDENING = {field.name for field in attrs.fields(Widening)}


def _is_open(logged: LoggedSegment | None) -> bool:
    """Say whether a segment has lines still: nothing logs it, or batches do."""
    return logged is None or logged.state is LoggedSegmentState.RUNNING


def _why_not(
    work: UnitOfWork, segment: Segment | None, contact: Contact | None, traces: Sequence[StepTrace]
) -> str:
    if contact is None:
        return "unknown contact"
    given = inheritance_of(work, segment) if segment else None
    ignores = any(each.means and each.step.ignore_exclusion for each in traces)
    if refused := not_added(work, given, {contact.no: contact}, ignore_exclusion=ignores):
        return refused[contact.no]
    reason = "never matched"
    for each in traces:
        adds, refines = (each.step.action is CriteriaAction[name] for name in ("ADD", "REFINE"))
        if adds and each.means:
            reason = f"matches step {each.step.step_no} now"
        elif not adds and reason.startswith("matches") and each.means is not refines:
            reason = f"removed by step {each.step.step_no}"
    return reason


def _means(work: UnitOfWork, step: CriteriaStep, contact_no: str, contact: Contact | None) -> bool:
    contact_filter = filter_of_step(work, step)
    if step.action is CriteriaAction.ADD:
        return bool(
            work.contacts.matching(contact_filter, widening=step.widening, among=[contact_no])
        )
    company_no = contact.company_no if contact else None
    line = SegmentLine(
        segment_no=step.segment_no, line_no=1, contact_no=contact_no, contact_company_no=company_no
    )
    return bool(matching_lines(work, contact_filter, [line], step.entire_companies))
