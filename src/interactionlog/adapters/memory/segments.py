"""Segments and logged segments in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any

import attrs

from interactionlog.adapters.memory.session import MemoryRecords
from interactionlog.adapters.records import StoredLoggedSegments, StoredSegments
from interactionlog.adapters.tables import TABLES
from interactionlog.errors import SegmentAlreadyLoggedError
from interactionlog.segments.logging.logged_segments import (
    LeftOutLine,
    LoggedSegment,
    line_of_entry,
)
from interactionlog.segments.segment import (
    CriteriaStep,
    Segment,
    SegmentLanguage,
    SegmentLine,
    SegmentTotals,
)
from interactionlog.values import LoggedSegmentState, as_code, evolved, exact_sum


class MemoryLoggedSegments(StoredLoggedSegments, MemoryRecords[LoggedSegment]):
    """`interactionlog.ports.LoggedSegmentRepository` over dictionaries."""

    def add(self, record: LoggedSegment) -> None:
        self.key_of(record)  # it is one
        earlier = self.current(record.segment_no)
        if earlier is not None:
            raise SegmentAlreadyLoggedError(record.segment_no, earlier.entry_no)
        super().add(record)

    def current(self, segment_no: str) -> LoggedSegment | None:
        (no,) = TABLES[Segment].stored_key([segment_no])
        for logged in self.all():
            if logged.segment_no == no and logged.state is not LoggedSegmentState.UNDONE:
                return logged
        return None

    def hand_over(self, segment_no: str, entry_no: int) -> None:
        self._check_write()
        for entity in (SegmentLanguage, CriteriaStep):
            records: MemoryRecords[Any] = self.of(entity)
            for row in records.all(segment_no, None):
                if not getattr(row, "removed_by_step", 0):  # the others end with the segment
                    records.remove(*records.key_of(row))
                    records.add(attrs.evolve(row, logged_segment_entry_no=entry_no))

    def add_left_out(self, entry_no: int, lines: Sequence[LeftOutLine]) -> None:
        rows = [((entry_no, left.line.line_no), left) for left in lines]
        self._session.set_many("left_out_line", rows)

    def left_out(
        self, entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[LeftOutLine]:
        kept = self._session.below("left_out_line", entry_no).items()
        return [left for (_, line_no), left in kept if line_no > after][:limit]

    def restore(self, logged: LoggedSegment) -> None:
        no = logged.entry_no
        lines = [
            line_of_entry()(entry)
            for entry in self._session.read("log_entry").values()
            if entry.logged_segment_entry_no == no and entry.resend_of is None
        ]
        kept = self._session.below("left_out_line", no).values()
        lines += [attrs.evolve(left.line, added_by_step=0) for left in kept]
        rows = [((line.segment_no, line.line_no), line) for line in lines]
        self._session.set_many("segment_line", rows)
        for row in self.languages(no):
            self.of(SegmentLanguage).add(attrs.evolve(row, logged_segment_entry_no=None))
        for step in self.steps(no):
            self.of(CriteriaStep).add(attrs.evolve(step, logged_segment_entry_no=None))

    def left_out_contacts(self, entry_no: int, contact_nos: Collection[str]) -> set[str]:
        kept = self._session.below("left_out_line", entry_no).values()
        return {left.line.contact_no for left in kept}.intersection(contact_nos)


class MemorySegments(StoredSegments, MemoryRecords[Segment]):
    """`interactionlog.ports.SegmentRepository` over dictionaries."""

    logged_segments = MemoryLoggedSegments

    def lock(self, *key: object) -> Segment:
        segment = super().lock(*key)
        segment = attrs.evolve(segment, version=segment.version + 1)
        self.put(segment)
        return segment

    def _lines(self, no: str) -> Collection[SegmentLine]:
        return self._session.below("segment_line", no).values()

    def push(self, no: str, field: str, value: object, holding: Mapping[str, object]) -> int:
        changed = [
            ((no, line.line_no), evolved(line, {field: value}))
            for line in self._lines(no)
            if all(getattr(line, name) == held for name, held in holding.items())
        ]
        self._session.set_many("segment_line", changed)
        return len(changed)

    def remove_by_step(self, no: str, step_no: int, line_nos: Collection[int]) -> None:
        lines = self._session.read("segment_line")
        kept = [((no, step_no, line_no), lines[no, line_no]) for line_no in line_nos]
        self._session.set_many("removed_line", kept)
        self.remove_lines(no, line_nos)
        self._move_languages(no, set(line_nos), 0, step_no)

    def _move_languages(self, no: str, line_nos: set[int] | None, old: int, new: int) -> None:
        for row in self.all_languages(no):
            if row.removed_by_step == old and (line_nos is None or row.segment_line_no in line_nos):
                self.remove_language(row)
                self.put_language(attrs.evolve(row, removed_by_step=new))

    def undo_step(self, no: str, step_no: int) -> None:
        removed = self._session.below("removed_line", no, step_no)
        going = {line.line_no for line in self._lines(no) if line.added_by_step == step_no}
        going |= {key[2] for key in removed}
        for row in self.all_languages(no):
            if row.segment_line_no in going and not row.removed_by_step:
                self.remove_language(row)
        self.remove_lines(no, going)
        self.add_lines([*removed.values()])
        self._move_languages(no, None, step_no, 0)
        self._session.drop("removed_line", removed)
        self.of(CriteriaStep).remove(no, None, step_no)

    def step_has_lines(self, no: str, step_no: int) -> tuple[bool, bool]:
        added = any(line.added_by_step == step_no for line in self._lines(no))
        return added, bool(self._session.below("removed_line", no, step_no))

    def remove_steps(self, no: str) -> None:
        for row in self.all_languages(no):
            if row.removed_by_step:
                self.remove_language(row)
        self._session.remove("removed_line", no)
        self._session.remove("criteria_step", no, 0)

    def with_contact(self, no: str, contact_no: str) -> Sequence[tuple[int, SegmentLine]]:
        found = [(0, line) for line in self._lines(no)]
        removed = self._session.below("removed_line", no).items()
        found += [(step_no, line) for (_, step_no, _), line in removed]
        return [each for each in found if each[1].contact_no == contact_no]

    def totals(self, no: str) -> SegmentTotals:
        lines = self._lines(as_code(no))
        return SegmentTotals(
            len(lines),
            sum(line.contact_no is not None for line in lines),
            exact_sum(line.cost_lcy for line in lines),
            sum(line.duration_min for line in lines),
        )

    def last_line_no(self, no: str) -> int:
        numbers = [line.line_no for line in self._lines(no)]
        return max(numbers + [key[2] for key in self._session.below("removed_line", no)], default=0)

    def lines_after(self, no: str, line_no: int, *, limit: int = 1_000) -> Sequence[SegmentLine]:
        return list(islice(self._session.after("segment_line", no, line_no), limit))

    def remove_lines(self, no: str, line_nos: Collection[int]) -> None:
        self._session.drop("segment_line", [(no, line_no) for line_no in line_nos])

    def remove_lines_through(self, no: str, line_no: int) -> None:
        self.remove_lines(no, [x.line_no for x in self._lines(no) if x.line_no <= line_no])

    def contacts_present(self, no: str, contact_nos: Collection[str]) -> set[str]:
        numbers_of = self._session.read("segment_line").numbers_of
        return {contact_no for contact_no in contact_nos if numbers_of(no, contact_no)}

    def has_repeated_lines(self, no: str) -> bool:
        contact_nos = [line.contact_no for line in self._lines(no) if line.contact_no]
        return len({*contact_nos}) < len(contact_nos)

    def repeated_lines(self, no: str, lines: Sequence[SegmentLine]) -> set[int]:
        numbers_of = self._session.read("segment_line").numbers_of
        return {
            line.line_no
            for line in lines
            if line.contact_no is not None and min(numbers_of(no, line.contact_no)) < line.line_no
        }

    def target_companies(self, campaign_no: str) -> set[str | None]:
        lines = self.of(SegmentLine).where(campaign_no=campaign_no, campaign_target=True)
        return {line.contact_company_no for line in lines}
