"""The ports to segments and logged segments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from interactionlog.segments.logging.logged_segments import LeftOutLine, LoggedSegment
from interactionlog.segments.segment import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
    Segment,
    SegmentLanguage,
    SegmentLine,
)
from interactionlog.unit_of_work import Records


class SegmentTotals(NamedTuple):
    """Lines of a segment, how many of them have a contact, their cost and their minutes."""

    lines: int
    with_contact: int
    cost_lcy: Decimal
    duration_min: int


class SegmentRepository(Records[Segment], Protocol):
    """
    Open segments with their lines, languages and selection steps, keyed by segment number.

    An adapter passes ``testing.RecordsContract`` and ``testing.SegmentContract``.
    """

    def get(self, *key: object) -> Segment:
        """
        Return an open segment.

        Raises:
            SegmentAlreadyLoggedError: It was logged and is no longer open.
            NotFoundError: There is no such segment.
        """

    def lock(self, *key: object) -> Segment:
        """
        Raise the version of a segment and return it as it is then: the first step of every change.

        Raises what `get` raises.
        """

    def lock_all(self) -> None:
        """
        Keep every open segment as it is until the transaction ends.

        Who deletes a record that headers or lines may name calls it before looking for them.
        """

    def remove(self, *key: object) -> None:
        """Delete the segment with its lines, its languages and its steps; or `NotFoundError`."""

    def totals(self, no: str) -> SegmentTotals:
        """Return the figures of the segment's lines; zeros when there is none."""

    def last_line_no(self, no: str) -> int:
        """Return the highest number of a line that is there or may be restored; 0 for none."""

    def lines_after(self, no: str, line_no: int, *, limit: int = 1_000) -> Sequence[SegmentLine]:
        """Return the next lines after ``line_no`` by line number; empty at the end."""

    def line(self, no: str, line_no: int) -> SegmentLine:
        """Return one line, or raise `NotFoundError`."""

    def add_lines(self, lines: Sequence[SegmentLine]) -> None:
        """Store new lines, or raise `DuplicateEntryError`."""

    def remove_lines(self, no: str, line_nos: Collection[int]) -> None:
        """Delete lines of a segment; absent ones are ignored. Up to 1,000 numbers."""

    def remove_lines_through(self, no: str, line_no: int) -> None:
        """Delete all lines of a segment up to and with ``line_no``."""

    def contacts_present(self, no: str, contact_nos: Collection[str]) -> set[str]:
        """Return those of the contacts that have a line in the segment. Up to 1,000 numbers."""

    def has_repeated_lines(self, no: str) -> bool:
        """Say whether any contact is on two lines of the segment."""

    def repeated_lines(self, no: str, lines: Sequence[SegmentLine]) -> set[int]:
        """
        Return the numbers of those lines whose contact is on an earlier line as well.

        ``lines`` are consecutive lines of the segment, as `lines_after` gives them.
        """

    def target_companies(self, campaign_no: str) -> set[str | None]:
        """Return the companies of all open lines that are targets of a campaign; ``None`` too."""

    def line_with(self, **values: object) -> SegmentLine | None:
        """Return some open line that holds these values of fields, or ``None``."""

    def rename(self, no: str, new_no: str) -> None:
        """
        Give the open segment with everything that belongs to it another number.

        Raises `NotFoundError`, or `DuplicateEntryError` for a number that is taken.
        """

    def push(self, no: str, field: str, value: object, holding: Mapping[str, object]) -> int:
        """
        Set a field on every line that holds these values; return how many. ``None`` is not set.

        Args:
            field: One of the fields that a header gives its lines.
            holding: Values by field; also ``interaction_template_code`` and ``language_code``.
        """

    def set_lines(self, no: str, line_nos: Collection[int], **values: object) -> None:
        """Change named fields of lines of a segment that is locked; absent ones are ignored."""

    def remove_by_step(self, no: str, step_no: int, line_nos: Collection[int]) -> None:
        """Move lines with their language rows to what a step removed. Up to 1,000 numbers."""

    def undo_step(self, no: str, step_no: int) -> None:
        """
        Delete a step: its lines go, and what it removed is there again exactly as it was.

        For the last step; a line that has the number of a removed one gives way.
        """

    def step_has_lines(self, no: str, step_no: int) -> tuple[bool, bool]:
        """Say whether a line is there that a step added, and one that it removed."""

    def remove_steps(self, no: str) -> None:
        """Delete all steps of an open segment with what they removed; its lines stay."""

    def with_contact(self, no: str, contact_no: str) -> Sequence[tuple[int, SegmentLine]]:
        """
        Return the lines of a contact with the step that removed each, 0 for those that are there.

        By that step, then by line number.
        """

    def languages(self, no: str, line_no: int = 0) -> Sequence[SegmentLanguage]:
        """Return the language rows in use of the header (0) or of a line, by language code."""

    def all_languages(self, no: str) -> Sequence[SegmentLanguage]:
        """Return every language row of an open segment: header, lines and removed lines."""

    def put_language(self, row: SegmentLanguage) -> None:
        """Store a language row, in place of one with its key if there is one."""

    def remove_language(self, row: SegmentLanguage) -> None:
        """Delete the language row with that key, or raise `NotFoundError`."""

    @property
    def saved_criteria(self) -> Records[SavedCriteria]:
        """Saved steps by code."""

    @property
    def saved_steps(self) -> Records[SavedCriteriaStep]:
        """The steps by code and number."""

    def steps(self, no: str) -> Sequence[CriteriaStep]:
        """Return the selection steps of an open segment by number."""

    def add_step(self, step: CriteriaStep) -> None:
        """Store a new selection step, or raise `DuplicateEntryError`."""


class LoggedSegmentRepository(Records[LoggedSegment], Protocol):
    """
    Logged segments by entry number, with what they keep of their segment.

    An adapter passes ``testing.RecordsContract`` and ``testing.LoggedSegmentContract``.
    """

    def reserve_entry_no(self) -> int:
        """Reserve a number above every stored or reserved one."""

    def add(self, record: LoggedSegment) -> None:
        """Store a new record, or raise `SegmentAlreadyLoggedError` while another one is current."""

    def current(self, segment_no: str) -> LoggedSegment | None:
        """Return the record of a segment number that was not undone, or ``None``."""

    def hand_over(self, segment_no: str, entry_no: int) -> None:
        """Give language rows and selection steps of the open segment to the logged one."""

    def add_left_out(self, entry_no: int, lines: Sequence[LeftOutLine]) -> None:
        """Store lines that were not logged, with their reasons."""

    def left_out(
        self, entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[LeftOutLine]:
        """Return the next left-out lines after line number ``after``, by line number."""

    def left_out_owners(self) -> set[int]:
        """Return the numbers of the logged segments that left-out lines name, stored or not."""

    def languages(self, entry_no: int) -> Sequence[SegmentLanguage]:
        """Return the language rows that the logged segment keeps, by line and language code."""

    def steps(self, entry_no: int) -> Sequence[CriteriaStep]:
        """Return the selection steps that the logged segment keeps, by number."""

    def restore(self, logged: LoggedSegment) -> None:
        """
        Make lines of the segment from the entries of a logged one and from what it left out.

        Entries that were sent again give one line.

        Language rows and selection steps are copied back as well; the record keeps its own. Lines
        say that no step added them.
        """

    def remove(self, *key: object) -> None:
        """Delete the record with everything it keeps of its segment, or raise `NotFoundError`."""

    def left_out_contacts(self, entry_no: int, contact_nos: Collection[str]) -> set[str]:
        """Return those of the contacts that are on a left-out line. Up to 1,000 numbers."""

    def following_up(self, entry_no: int) -> Sequence[LoggedSegment]:
        """Return the logged segments that followed this one up, by entry number."""
