"""Segments and logged segments in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

from interactionlog.adapters.memory.session import LineTable, MemoryRecords
from interactionlog.adapters.records import StoredLoggedSegments, StoredSegments
from interactionlog.errors import DuplicateEntryError, NotFoundError, SegmentAlreadyLoggedError
from interactionlog.segments.logging.logged_segments import (
    LeftOutLine,
    LoggedSegment,
    line_of_entry,
)
from interactionlog.segments.repository import SegmentTotals
from interactionlog.segments.segment import CriteriaStep, Segment, SegmentLanguage, SegmentLine
from interactionlog.values import LoggedSegmentState, as_code, checked, exact_sum


class MemoryLoggedSegments(StoredLoggedSegments, MemoryRecords[LoggedSegment]):
    """`interactionlog.segments.repository.LoggedSegmentRepository` over dictionaries."""

    def add(self, record: LoggedSegment) -> None:
        earlier = self.current(record.segment_no)
        if earlier is not None:
            raise SegmentAlreadyLoggedError(record.segment_no, earlier.entry_no)
        super().add(record)

    def current(self, segment_no: str) -> LoggedSegment | None:
        for logged in self.all():
            if logged.segment_no == segment_no and logged.state is not LoggedSegmentState.UNDONE:
                return logged
        return None

    def hand_over(self, segment_no: str, entry_no: int) -> None:
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

    def left_out_owners(self) -> set[int]:
        return {entry_no for entry_no, _ in self._session.read("left_out_line")}

    def restore(self, logged: LoggedSegment) -> None:
        no = logged.entry_no
        lines = [
            line_of_entry()(entry)
            for entry in self._session.read("log_entry").values()
            if entry.logged_segment_entry_no == no and entry.resend_of is None
        ]
        kept = self._session.below("left_out_line", no).values()
        lines += [attrs.evolve(left.line, added_by_step=0) for left in kept]
        rows = [(line.line_no, line) for line in lines]
        self._session.set_many(("segment_line", logged.segment_no), rows)
        for row in self.languages(no):
            self.of(SegmentLanguage).add(attrs.evolve(row, logged_segment_entry_no=None))
        for step in self.steps(no):
            self.of(CriteriaStep).add(attrs.evolve(step, logged_segment_entry_no=None))

    def remove(self, *key: object) -> None:
        logged = self.get(*key)
        self._session.drop_below("left_out_line", logged.entry_no)
        for name in ("segment_language", "criteria_step"):
            self._session.drop_below(name, logged.segment_no, logged.entry_no)
        super().remove(*key)

    def left_out_contacts(self, entry_no: int, contact_nos: Collection[str]) -> set[str]:
        kept = self._session.below("left_out_line", entry_no).values()
        return {left.line.contact_no for left in kept}.intersection(contact_nos)

    def following_up(self, entry_no: int) -> Sequence[LoggedSegment]:
        return [logged for logged in self.all() if logged.follow_up_of == entry_no]


class MemorySegments(StoredSegments, MemoryRecords[Segment]):
    """`interactionlog.segments.repository.SegmentRepository` over dictionaries."""

    logged_segments = MemoryLoggedSegments

    def lock(self, *key: object) -> Segment:
        segment = self.get(*key)
        segment = attrs.evolve(segment, version=segment.version + 1)
        self.put(segment)
        return segment

    def lock_all(self) -> None:
        self._session.lifetime.check_write()  # one transaction writes at a time

    def remove(self, *key: object) -> None:
        super().remove(*key)
        no = str(self._key(key)[0])
        self.remove_lines(no, [*self._lines(no)])
        self._session.drop_below("segment_language", no, 0)
        self.remove_steps(no)

    def _lines(self, no: str) -> LineTable:
        lines = self._session.read(("segment_line", no))
        return lines if isinstance(lines, LineTable) else LineTable()

    def rename(self, no: str, new_no: str) -> None:
        segment = self.get(no)
        self.add(attrs.evolve(segment, no=new_no))
        super().remove(no)
        lines = [*self._lines(no).values()]
        self.remove_lines(no, [line.line_no for line in lines])
        self.add_lines([attrs.evolve(line, segment_no=new_no) for line in lines])
        for name, *first in (
            ("segment_language", no, 0),
            ("criteria_step", no, 0),
            ("removed_line", no),
        ):
            rows = self._session.below(name, *first)
            self._session.drop(name, rows)
            renamed = {
                (new_no, *key[1:]): attrs.evolve(row, segment_no=new_no)
                for key, row in rows.items()
            }
            self._session.set_many(name, renamed.items())

    def push(self, no: str, field: str, value: object, holding: Mapping[str, object]) -> int:
        changed = [
            (line.line_no, attrs.evolve(line, **{field: value}))
            for line in self._lines(no).values()
            if all(getattr(line, name) == held for name, held in holding.items())
        ]
        self._session.set_many(("segment_line", no), changed)
        return len(changed)

    def set_lines(self, no: str, line_nos: Collection[int], **values: object) -> None:
        given, lines = checked(SegmentLine, values), self._lines(no)
        changed = [(each, attrs.evolve(lines[each], **given)) for each in line_nos if each in lines]
        self._session.set_many(("segment_line", no), changed)

    def remove_by_step(self, no: str, step_no: int, line_nos: Collection[int]) -> None:
        lines = self._lines(no)
        kept = [((no, step_no, line_no), lines[line_no]) for line_no in line_nos]
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
        going = {key for key, line in self._lines(no).items() if line.added_by_step == step_no}
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
        added = any(line.added_by_step == step_no for line in self._lines(no).values())
        return added, bool(self._session.below("removed_line", no, step_no))

    def remove_steps(self, no: str) -> None:
        for row in self.all_languages(no):
            if row.removed_by_step:
                self.remove_language(row)
        self._session.drop_below("removed_line", no)
        self._session.drop_below("criteria_step", no, 0)

    def with_contact(self, no: str, contact_no: str) -> Sequence[tuple[int, SegmentLine]]:
        lines = self._lines(no)
        found = [(0, lines[key]) for key in lines.ordered()]
        removed = self._session.below("removed_line", no).items()
        found += [(step_no, line) for (_, step_no, _), line in removed]
        return [each for each in found if each[1].contact_no == contact_no]

    def totals(self, no: str) -> SegmentTotals:
        lines = list(self._lines(as_code(no)).values())
        return SegmentTotals(
            len(lines),
            sum(line.contact_no is not None for line in lines),
            exact_sum(line.cost_lcy for line in lines),
            sum(line.duration_min for line in lines),
        )

    def last_line_no(self, no: str) -> int:
        removed = [key[2] for key in self._session.below("removed_line", no)]
        return max([*self._lines(no), *removed], default=0)

    def lines_after(self, no: str, line_no: int, *, limit: int = 1_000) -> Sequence[SegmentLine]:
        lines = self._lines(no)
        numbers = lines.ordered()
        begin = bisect_right(numbers, line_no)
        return [lines[number] for number in numbers[begin : begin + limit]]

    def line(self, no: str, line_no: int) -> SegmentLine:
        line: SegmentLine | None = self._lines(as_code(no)).get(line_no)
        if line is None:
            raise NotFoundError("segment line", f"{as_code(no)} {line_no}")
        return line

    def add_lines(self, lines: Sequence[SegmentLine]) -> None:
        new: set[tuple[str, int]] = set()
        for line in lines:
            key = (line.segment_no, line.line_no)
            if key in new or line.line_no in self._lines(line.segment_no):
                raise DuplicateEntryError("segment line", f"{line.segment_no} {line.line_no}")
            new.add(key)
        for no in {line.segment_no for line in lines}:
            rows = [(line.line_no, line) for line in lines if line.segment_no == no]
            self._session.set_many(("segment_line", no), rows)

    def remove_lines(self, no: str, line_nos: Collection[int]) -> None:
        self._session.drop(("segment_line", no), line_nos)

    def remove_lines_through(self, no: str, line_no: int) -> None:
        self.remove_lines(no, [number for number in self._lines(no) if number <= line_no])

    def contacts_present(self, no: str, contact_nos: Collection[str]) -> set[str]:
        lines = self._lines(no)
        return {contact_no for contact_no in contact_nos if lines.numbers_of(contact_no)}

    def has_repeated_lines(self, no: str) -> bool:
        contact_nos = [line.contact_no for line in self._lines(no).values() if line.contact_no]
        return len({*contact_nos}) < len(contact_nos)

    def repeated_lines(self, no: str, lines: Sequence[SegmentLine]) -> set[int]:
        stored = self._lines(no)
        return {
            line.line_no
            for line in lines
            if line.contact_no is not None
            and min(stored.numbers_of(line.contact_no)) < line.line_no
        }

    def target_companies(self, campaign_no: str) -> set[str | None]:
        return {
            line.contact_company_no
            for line in self._open_lines()
            if line.campaign_no == campaign_no and line.campaign_target
        }

    def line_with_campaign(self, campaign_no: str) -> SegmentLine | None:
        named = (line for line in self._open_lines() if line.campaign_no == campaign_no)
        return next(named, None)

    def _open_lines(self) -> Iterator[SegmentLine]:
        for segment in self.all():
            yield from self._lines(segment.no).values()
