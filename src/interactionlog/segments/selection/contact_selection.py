"""The contacts of a segment: chosen step by step, and taken elsewhere."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from functools import partial
from typing import IO, Any, TypedDict, Unpack, cast

import attrs

from interactionlog.arguments import judged
from interactionlog.contacts.contact import Contact, Membership
from interactionlog.contacts.contact_filter import CONTACT_FIELDS, ContactFilter, Widening
from interactionlog.contacts.directory import ContactRepository
from interactionlog.errors import NotFoundError, StateError, UsageError
from interactionlog.segments.inheritance import attachments_of, drop_contents
from interactionlog.segments.logging.logged_segments import LoggedSegment
from interactionlog.segments.segment import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
    Segment,
    changing,
    chunks_of,
)
from interactionlog.segments.selection.steps import (
    Explanation,
    SelectionPreview,
    add_logged,
    explained,
    new_step,
    passed_over,
    previewed,
    reset_if_empty,
    take_step,
)
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CriteriaAction, CriteriaSource, MembershipKind, ReferenceKind

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
        return self.work.segments.saved_criteria.all()

    def steps(self, code: str) -> Sequence[SavedCriteriaStep]:
        """Return the steps saved under a code by number, or raise `NotFoundError`."""
        return self.work.segments.saved_steps.all(self.work.segments.saved_criteria.get(code).code)

    def delete(self, code: str) -> None:
        """Delete saved criteria with their steps, or raise `NotFoundError`. (SEG-083)"""
        with self.work.atomic():
            for step in self.steps(code):
                self.work.segments.saved_steps.remove(step.code, step.step_no)
            self.work.segments.saved_criteria.remove(code)


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
        segment = self.work.segments.get(self.segment_no)
        step = self._step(segment, action, contact_filter, options)
        return previewed(self.work, segment.no, step)

    def explain(self, contact_no: str) -> Explanation:
        """
        Say why a contact is in the segment or not, step by step. Nothing is written.

        A segment that was logged is explained as well: which entry, or why there is none.
        """
        logged = self._logged()
        no = logged.segment_no if logged else self.work.segments.get(self.segment_no).no
        return explained(self.work, no, logged, contact_no)

    def passed_over(self) -> Iterator[tuple[str, str]]:
        """
        Stream who matches a step today and never got a line, with why; of a logged segment as well.

        Why is ``privacy-blocked``, ``excluded``, ``no-consent`` or ``suppressed``.
        """
        logged, kept = self._logged(), self.work.logged_segments
        if logged is None:
            segment = self.work.segments.get(self.segment_no)
            steps, lines = self.work.segments.steps(segment.no), self.work.segments
            on_lines = partial(lines.contacts_present, segment.no)
            yield from passed_over(self.work, segment, steps, on_lines)
            return
        entry_no = logged.entry_no

        def present(nos: Collection[str]) -> set[str]:
            entries = self.work.interactions.of_logged_segment_with(entry_no, nos)
            logged_nos = {each.contact_no for each in entries if each.contact_no is not None}
            return logged_nos | kept.left_out_contacts(entry_no, nos)

        yield from passed_over(self.work, logged.header, kept.steps(entry_no), present)

    def _logged(self) -> LoggedSegment | None:
        if self.work.segments.find(self.segment_no) is not None:
            return None
        return self.work.logged_segments.current(self.segment_no)

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
            self.work.segments.saved_criteria.add(saved)
            for step in steps:
                values = {name: getattr(step, name) for name in _SAVED}
                self.work.segments.saved_steps.add(
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

        Raises: what `reuse_saved` raises. Source: SEG-090, SEG-091 with D-04, D-05 and D-06.
        """
        with changing(self.work, self.segment_no) as segment:
            self._refuse_taken(segment, add_to_steps)
            return add_logged(
                self.work,
                segment,
                self.work.logged_segments.get(entry_no),
                canceled=canceled,
                duplicates=duplicates,
            )

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
        widening = {name: values.pop(name) for name in _WIDENING & values.keys()}
        widened = Widening(**widening)
        return new_step(
            self.work, segment.no, action, filter=contact_filter, widening=widened, **values
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


_NAMES = tuple(CONTACT_FIELDS)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@attrs.frozen
class ContactFigures:
    """
    What was done with the contacts of a segment.

    Attributes:
        contacts: Lines that were written, or contacts that are in the group now because of them.
        skipped: Lines without a contact, or whose contact does not exist.
    """

    contacts: int
    skipped: int


@judged
@attrs.frozen
class SegmentContacts:
    """Uses the contacts of a segment; the segment itself stays as it is."""

    work: UnitOfWork

    def apply_mailing_group(
        self, segment_no: str, code: str, *, delete_old: bool = False
    ) -> ContactFigures:
        """
        Put the contacts of a segment into a mailing group, which has members or a `ReferenceCode`.

        With ``delete_old`` who is in the group and not in the segment leaves it. `NotFoundError`
        for an unknown segment or group, `UsageError` where the host keeps contacts and groups.

        Source: SEG-151 with D-31; INV-S-27.
        """
        contacts = cast("ContactRepository", self.work.contacts)
        if not hasattr(contacts, "put_membership"):
            message = "the host keeps the contacts: put them into the group there"
            raise UsageError(message)
        applied: set[str] = set()
        skipped = 0
        with self.work.atomic():
            self.work.segments.hold(segment_no)  # it keeps its lines and its number
            old = set(contacts.matching(ContactFilter(mailing_group_codes={code})))
            if not old and not contacts.is_described(ReferenceKind.MAILING_GROUP, code):
                raise NotFoundError("mailing group", code)
            for contact in self._each(segment_no):
                if contact is None:
                    skipped += 1
                    continue
                applied.add(contact.no)
                if contact.no not in old:
                    contacts.put_membership(_member(contact.no, code))
                    old.add(contact.no)
            for no in sorted(old - applied) if delete_old else ():
                with suppress(NotFoundError):  # it left the group meanwhile
                    contacts.remove_membership(_member(no, code))
        return ContactFigures(len(applied), skipped)

    def export_csv(self, segment_no: str, file: IO[str]) -> ContactFigures:
        """
        Write a heading and one row for each line, in line order, as comma-separated values.

        The columns are the fields of `Contact`. A cell that a spreadsheet would take for a formula
        gets an apostrophe in front. Open the file with ``newline=""`` and ``encoding="utf-8"``.

        Source: SEG-150 with D-31.
        """
        writer = csv.writer(file)
        writer.writerow(_NAMES)
        return self._export(segment_no, lambda row: writer.writerow(map(_cell, row)))

    def export_json_lines(self, segment_no: str, file: IO[str]) -> ContactFigures:
        """Write one JSON object for each line, in line order. (SEG-150)"""
        return self._export(
            segment_no,
            lambda row: file.write(
                json.dumps(dict(zip(_NAMES, row, strict=True)), ensure_ascii=False) + "\n"
            ),
        )

    def _export(
        self, segment_no: str, write: Callable[[Sequence[object]], object]
    ) -> ContactFigures:
        counts = [0, 0]
        for contact in self._each(segment_no):
            counts[contact is None] += 1
            if contact is not None:
                values = (getattr(contact, name) for name in _NAMES)
                write([each.name.lower() if isinstance(each, Enum) else each for each in values])
        return ContactFigures(*counts)

    def _each(self, segment_no: str) -> Iterator[Contact | None]:
        for lines in chunks_of(self.work, self.work.segments.get(segment_no).no):
            nos = {line.contact_no for line in lines if line.contact_no is not None}
            contacts = self.work.contacts.many(nos)
            for line in lines:
                yield contacts.get(line.contact_no or "")


def _member(no: str, group: str) -> Membership:
    return Membership(contact_no=no, kind=MembershipKind.MAILING_GROUP, code=group)


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
