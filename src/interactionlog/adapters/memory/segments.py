"""Open segments in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

import attrs

from interactionlog._fields import as_code
from interactionlog.adapters.memory.logged_segments import MemoryLoggedSegments
from interactionlog.adapters.memory.records import MemoryRecords
from interactionlog.adapters.memory.session import MemorySession
from interactionlog.errors import DuplicateEntryError, NotFoundError, SegmentAlreadyLoggedError
from interactionlog.segments.repository import SegmentTotals
from interactionlog.segments.segment import Segment, SegmentLanguage
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep

__all__ = ["MemorySegments"]


class MemorySegments:
    """`interactionlog.segments.repository.SegmentRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self._session = session
        self._segments = MemoryRecords(session, Segment)
        self._languages = MemoryRecords(session, SegmentLanguage)
        self._steps = MemoryRecords(session, CriteriaStep)

    def get(self, no: str) -> Segment:
        """Return an open segment; an error says whether it was logged or never was."""
        no = as_code(no)
        segment = self._segments.find(no)
        if segment is not None:
            return segment
        logged = MemoryLoggedSegments(self._session).standing(no)
        if logged is not None:
            raise SegmentAlreadyLoggedError(no, logged.entry_no)
        raise NotFoundError("segment", no)

    def find(self, no: str) -> Segment | None:
        """Return the segment, or ``None``."""
        return self._segments.find(as_code(no))

    def all(self) -> Sequence[Segment]:
        """Return every open segment, by number."""
        return self._segments.all()

    def lock(self, no: str) -> Segment:
        """Raise the version of a segment and return it: the first step of every change."""
        segment = self.get(no)
        segment = attrs.evolve(segment, version=segment.version + 1)
        self._segments.put(segment)
        return segment

    def add(self, segment: Segment) -> None:
        """Store a new segment, or raise `DuplicateEntryError`."""
        self._segments.add(segment)

    def replace(self, segment: Segment) -> None:
        """Overwrite the segment of that number, or raise `NotFoundError`."""
        self._segments.replace(segment)

    def remove(self, no: str) -> None:
        """Delete the segment with its lines, its languages and its steps."""
        self._segments.remove(no)
        self._session.drop(("segment_line", no), list(self._session.read(("segment_line", no))))
        for name in ("segment_language", "criteria_step"):
            keys = [key for key in self._session.read(name) if key[:2] == (no, 0)]
            self._session.drop(name, keys)

    def totals(self, no: str) -> SegmentTotals:
        """Return the figures of the segment's lines; zeros when there is none."""
        lines = list(self._session.read(("segment_line", as_code(no))).values())
        return SegmentTotals(
            len(lines),
            sum(line.contact_no is not None for line in lines),
            sum((line.cost_lcy for line in lines), Decimal(0)),
            sum(line.duration_min for line in lines),
        )

    def last_line_no(self, no: str) -> int:
        """Return the highest line number, 0 when there is no line."""
        return max(self._session.read(("segment_line", no)), default=0)

    def lines_after(self, no: str, line_no: int, *, limit: int = 1_000) -> Sequence[SegmentLine]:
        """Return the next lines behind ``line_no`` by line number; empty at the end."""
        lines = self._session.read(("segment_line", no))
        numbers = lines.ordered()
        begin = bisect_right(numbers, line_no)
        return [lines[number] for number in numbers[begin : begin + limit]]

    def line(self, no: str, line_no: int) -> SegmentLine:
        """Return one line, or raise `NotFoundError`."""
        line: SegmentLine | None = self._session.read(("segment_line", as_code(no))).get(line_no)
        if line is None:
            raise NotFoundError("segment line", f"{as_code(no)} {line_no}")
        return line

    def add_lines(self, lines: Sequence[SegmentLine]) -> None:
        """Store new lines, or raise `DuplicateEntryError`."""
        new: set[tuple[str, int]] = set()
        for line in lines:
            key = (line.segment_no, line.line_no)
            if key in new or line.line_no in self._session.read(("segment_line", line.segment_no)):
                raise DuplicateEntryError("segment line", f"{line.segment_no} {line.line_no}")
            new.add(key)
        for no in {line.segment_no for line in lines}:
            self._session.set_many(
                ("segment_line", no),
                [(line.line_no, line) for line in lines if line.segment_no == no],
            )

    def remove_lines(self, no: str, line_nos: Collection[int]) -> None:
        """Delete lines of a segment; absent ones are no matter."""
        self._session.drop(("segment_line", no), list(line_nos))

    def remove_lines_through(self, no: str, line_no: int) -> None:
        """Delete all lines of a segment up to and with ``line_no``."""
        numbers = self._session.read(("segment_line", no))
        self.remove_lines(no, [number for number in numbers if number <= line_no])

    def contacts_present(self, no: str, contact_nos: Collection[str]) -> set[str]:
        """Return those of the contacts that have a line in the segment."""
        lines = self._session.read(("segment_line", no)).values()
        return {line.contact_no for line in lines}.intersection(contact_nos)

    def repeated_lines(self, no: str, lines: Sequence[SegmentLine]) -> set[int]:
        """Return the numbers of those lines whose contact stands on an earlier line as well."""
        first: dict[str | None, int] = {}
        for line in self._session.read(("segment_line", no)).values():
            first[line.contact_no] = min(line.line_no, first.get(line.contact_no, line.line_no))
        return {
            line.line_no
            for line in lines
            if line.contact_no is not None and first[line.contact_no] < line.line_no
        }

    def target_companies(self, campaign_no: str) -> set[str | None]:
        """Return the companies of all open lines that are targets of a campaign."""
        return {
            line.contact_company_no
            for line in self._open_lines()
            if line.campaign_no == campaign_no and line.campaign_target
        }

    def line_with_campaign(self, campaign_no: str) -> SegmentLine | None:
        """Return some open line that names the campaign, or ``None``."""
        named = (line for line in self._open_lines() if line.campaign_no == campaign_no)
        return next(named, None)

    def _open_lines(self) -> Iterator[SegmentLine]:
        for segment in self.all():
            yield from self._session.read(("segment_line", segment.no)).values()

    def languages(self, no: str, line_no: int = 0) -> Sequence[SegmentLanguage]:
        """Return the language rows in use of the header (0) or of a line, by language code."""
        return self._languages.all(as_code(no), None, 0, line_no)

    def put_language(self, row: SegmentLanguage) -> None:
        """Store a language row, in place of one with its key if there is one."""
        self._languages.put(row)

    def steps(self, no: str) -> Sequence[CriteriaStep]:
        """Return the selection steps of an open segment by number."""
        return self._steps.all(as_code(no), None)

    def add_step(self, step: CriteriaStep) -> None:
        """Store a new selection step, or raise `DuplicateEntryError`."""
        self._steps.add(step)
