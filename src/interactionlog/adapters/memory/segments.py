"""Logged segments in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

from interactionlog.adapters.memory.session import (
    EntryCounter,
    LineTable,
    MemoryRecords,
    MemorySession,
)
from interactionlog.errors import DuplicateEntryError, NotFoundError, SegmentAlreadyLoggedError
from interactionlog.segments.logging.entries import line_of_entry
from interactionlog.segments.logging.logged_segment import LeftOutLine, LoggedSegment
from interactionlog.segments.repository import (
    LoggedSegmentRepository,
    SegmentRepository,
    SegmentTotals,
)
from interactionlog.segments.segment import Segment, SegmentLanguage, SegmentLine
from interactionlog.segments.selection.criteria import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
)
from interactionlog.values import LoggedSegmentState, as_code, checked, exact_sum


class MemorySegments(MemoryRecords[Segment], SegmentRepository):
    """`interactionlog.segments.repository.SegmentRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        super().__init__(session, Segment)
        self._languages = MemoryRecords(session, SegmentLanguage)
        self._steps = MemoryRecords(session, CriteriaStep)

    def get(self, *key: object) -> Segment:
        segment = self.find(*key)
        if segment is not None:
            return segment
        ((no,),) = [self._key(key)]
        logged = MemoryLoggedSegments(self._session).current(str(no))
        if logged is not None:
            raise SegmentAlreadyLoggedError(str(no), logged.entry_no)
        raise NotFoundError("segment", str(no))

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
        self._session.drop(("segment_line", no), list(self._session.read(("segment_line", no))))
        self._session.drop("segment_language", self._open_keys("segment_language", no))
        self.remove_steps(no)

    def _open_keys(self, name: str, no: str) -> list[Any]:
        return [key for key in self._session.read(name) if key[:2] == (no, 0)]

    def _removed_keys(self, no: str, step_no: int | None = None) -> list[Any]:
        return [
            key
            for key in self._session.read("removed_line").ordered()
            if key[0] == no and step_no in {None, key[1]}
        ]

    def rename(self, no: str, new_no: str) -> None:
        segment = self.get(no)
        self.add(attrs.evolve(segment, no=new_no))
        super().remove(no)
        lines = self._session.read(("segment_line", no))
        renamed = [attrs.evolve(line, segment_no=new_no) for line in lines.values()]
        self._session.drop(("segment_line", no), list(lines))
        self.add_lines(renamed)
        for name in ("segment_language", "criteria_step"):
            for key in self._open_keys(name, no):
                record = attrs.evolve(self._session.read(name)[key], segment_no=new_no)
                self._session.drop(name, [key])
                self._session.set(name, (new_no, *key[1:]), record)
        for key in self._removed_keys(no):
            line = attrs.evolve(self._session.read("removed_line")[key], segment_no=new_no)
            self._session.drop("removed_line", [key])
            self._session.set("removed_line", (new_no, *key[1:]), line)

    def push(self, no: str, field: str, value: object, holding: Mapping[str, object]) -> int:
        changed = [
            (line.line_no, attrs.evolve(line, **{field: value}))
            for line in self._session.read(("segment_line", no)).values()
            if all(getattr(line, name) == held for name, held in holding.items())
        ]
        self._session.set_many(("segment_line", no), changed)
        return len(changed)

    def set_lines(self, no: str, line_nos: Collection[int], **values: object) -> None:
        given, lines = checked(SegmentLine, values), self._session.read(("segment_line", no))
        changed = [(each, attrs.evolve(lines[each], **given)) for each in line_nos if each in lines]
        self._session.set_many(("segment_line", no), changed)

    def take_out(self, no: str, step_no: int, line_nos: Collection[int]) -> None:
        lines = self._session.read(("segment_line", no))
        kept = [((no, step_no, line_no), lines[line_no]) for line_no in line_nos]
        self._session.set_many("removed_line", kept)
        self._session.drop(("segment_line", no), list(line_nos))
        self._move_languages(no, set(line_nos), 0, step_no)

    def _move_languages(self, no: str, line_nos: set[int] | None, old: int, new: int) -> None:
        for row in self.all_languages(no):
            if row.removed_by_step == old and (line_nos is None or row.segment_line_no in line_nos):
                self.remove_language(row)
                self.put_language(attrs.evolve(row, removed_by_step=new))

    def undo_step(self, no: str, step_no: int) -> None:
        lines = self._session.read(("segment_line", no))
        removed = self._removed_keys(no, step_no)
        going = {key for key, line in lines.items() if line.added_by_step == step_no}
        going |= {key[2] for key in removed}
        for row in self.all_languages(no):
            if row.segment_line_no in going and not row.removed_by_step:
                self.remove_language(row)
        self._session.drop(("segment_line", no), list(going))
        self.add_lines([self._session.read("removed_line")[key] for key in removed])
        self._move_languages(no, None, step_no, 0)
        self._session.drop("removed_line", removed)
        self._steps.remove(no, None, step_no)

    def lines_of_step(self, no: str, step_no: int) -> tuple[int, int]:
        lines = self._session.read(("segment_line", no)).values()
        added = sum(line.added_by_step == step_no for line in lines)
        return added, len(self._removed_keys(no, step_no))

    def remove_steps(self, no: str) -> None:
        for row in self.all_languages(no):
            if row.removed_by_step:
                self.remove_language(row)
        self._session.drop("removed_line", self._removed_keys(no))
        self._session.drop("criteria_step", self._open_keys("criteria_step", no))

    def with_contact(self, no: str, contact_no: str) -> Sequence[tuple[int, SegmentLine]]:
        lines = self._session.read(("segment_line", no))
        removed = self._session.read("removed_line")
        found = [(0, lines[key]) for key in lines.ordered()]
        found += [(key[1], removed[key]) for key in self._removed_keys(no)]
        return [each for each in found if each[1].contact_no == contact_no]

    @property
    def saved_criteria(self) -> MemoryRecords[SavedCriteria]:
        return MemoryRecords(self._session, SavedCriteria)

    @property
    def saved_steps(self) -> MemoryRecords[SavedCriteriaStep]:
        return MemoryRecords(self._session, SavedCriteriaStep)

    def totals(self, no: str) -> SegmentTotals:
        lines = list(self._session.read(("segment_line", as_code(no))).values())
        return SegmentTotals(
            len(lines),
            sum(line.contact_no is not None for line in lines),
            exact_sum(line.cost_lcy for line in lines),
            sum(line.duration_min for line in lines),
        )

    def last_line_no(self, no: str) -> int:
        removed = [key[2] for key in self._removed_keys(no)]
        return max([*self._session.read(("segment_line", no)), *removed], default=0)

    def lines_after(self, no: str, line_no: int, *, limit: int = 1_000) -> Sequence[SegmentLine]:
        lines = self._session.read(("segment_line", no))
        numbers = lines.ordered()
        begin = bisect_right(numbers, line_no)
        return [lines[number] for number in numbers[begin : begin + limit]]

    def line(self, no: str, line_no: int) -> SegmentLine:
        line: SegmentLine | None = self._session.read(("segment_line", as_code(no))).get(line_no)
        if line is None:
            raise NotFoundError("segment line", f"{as_code(no)} {line_no}")
        return line

    def add_lines(self, lines: Sequence[SegmentLine]) -> None:
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
        self._session.drop(("segment_line", no), list(line_nos))

    def remove_lines_through(self, no: str, line_no: int) -> None:
        numbers = self._session.read(("segment_line", no))
        self.remove_lines(no, [number for number in numbers if number <= line_no])

    def contacts_present(self, no: str, contact_nos: Collection[str]) -> set[str]:
        lines = self._lines(no)
        return {contact_no for contact_no in contact_nos if lines.numbers_of(contact_no)}

    def _lines(self, no: str) -> LineTable:
        lines = self._session.read(("segment_line", no))
        return lines if isinstance(lines, LineTable) else LineTable()

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
            yield from self._session.read(("segment_line", segment.no)).values()

    def languages(self, no: str, line_no: int = 0) -> Sequence[SegmentLanguage]:
        return self._languages.all(as_code(no), None, 0, line_no)

    def put_language(self, row: SegmentLanguage) -> None:
        self._languages.put(row)

    def all_languages(self, no: str) -> Sequence[SegmentLanguage]:
        return self._languages.all(as_code(no), None)

    def remove_language(self, row: SegmentLanguage) -> None:
        self._languages.remove(*self._languages.key_of(row))

    def steps(self, no: str) -> Sequence[CriteriaStep]:
        return self._steps.all(as_code(no), None)

    def add_step(self, step: CriteriaStep) -> None:
        self._steps.add(step)


class MemoryLoggedSegments(MemoryRecords[LoggedSegment], LoggedSegmentRepository):
    """`interactionlog.segments.repository.LoggedSegmentRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        super().__init__(session, LoggedSegment)
        self._counter = EntryCounter(session, "logged_segment")

    def reserve_entry_no(self) -> int:
        return self._counter.reserve(1)[0]

    def add(self, record: LoggedSegment) -> None:
        earlier = self.current(record.segment_no)
        if earlier is not None:
            raise SegmentAlreadyLoggedError(record.segment_no, earlier.entry_no)
        super().add(record)
        self._counter.keep_above(record.entry_no)

    def current(self, segment_no: str) -> LoggedSegment | None:
        for logged in self.all():
            if logged.segment_no == segment_no and logged.state is not LoggedSegmentState.UNDONE:
                return logged
        return None

    def hand_over(self, segment_no: str, entry_no: int) -> None:
        for entity in (SegmentLanguage, CriteriaStep):
            records: MemoryRecords[SegmentLanguage | CriteriaStep] = MemoryRecords(
                self._session, entity
            )
            for row in records.all(segment_no, None):
                if getattr(row, "removed_by_step", 0):
                    continue  # rows of removed lines end with the segment
                records.remove(*records.key_of(row))
                records.add(attrs.evolve(row, logged_segment_entry_no=entry_no))

    def add_left_out(self, entry_no: int, lines: Sequence[LeftOutLine]) -> None:
        self._session.set_many(
            "left_out_line", [((entry_no, left.line.line_no), left) for left in lines]
        )

    def left_out(
        self, entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[LeftOutLine]:
        table = self._session.read("left_out_line")
        keys = [key for key in table.ordered() if key[0] == entry_no and key[1] > after]
        return [table[key] for key in keys[:limit]]

    def left_out_owners(self) -> set[int]:
        return {entry_no for entry_no, _ in self._session.read("left_out_line")}

    def languages(self, entry_no: int) -> Sequence[SegmentLanguage]:
        segment_no = self.get(entry_no).segment_no
        return MemoryRecords(self._session, SegmentLanguage).all(segment_no, entry_no)

    def steps(self, entry_no: int) -> Sequence[CriteriaStep]:
        segment_no = self.get(entry_no).segment_no
        return MemoryRecords(self._session, CriteriaStep).all(segment_no, entry_no)

    def restore(self, logged: LoggedSegment) -> None:
        no = logged.entry_no
        entries = self._session.read("log_entry").values()
        lines = [
            line_of_entry()(entry)
            for entry in entries
            if entry.logged_segment_entry_no == no and entry.resend_of is None
        ]
        kept = self._session.read("left_out_line").items()
        lines += [attrs.evolve(left.line, added_by_step=0) for key, left in kept if key[0] == no]
        self._session.set_many(
            ("segment_line", logged.segment_no), [(line.line_no, line) for line in lines]
        )
        for row in self.languages(no):
            open_row = attrs.evolve(row, logged_segment_entry_no=None)
            MemoryRecords(self._session, SegmentLanguage).add(open_row)
        for step in self.steps(no):
            open_step = attrs.evolve(step, logged_segment_entry_no=None)
            MemoryRecords(self._session, CriteriaStep).add(open_step)

    def remove(self, *key: object) -> None:
        entry_no = self.get(*key).entry_no
        for name, place in (("left_out_line", 0), ("segment_language", 1), ("criteria_step", 1)):
            keys = [each for each in self._session.read(name) if each[place] == entry_no]
            self._session.drop(name, keys)
        super().remove(*key)

    def left_out_contacts(self, entry_no: int, contact_nos: Collection[str]) -> set[str]:
        kept = self._session.read("left_out_line").items()
        return {left.line.contact_no for key, left in kept if key[0] == entry_no}.intersection(
            contact_nos
        )

    def following_up(self, entry_no: int) -> Sequence[LoggedSegment]:
        return [logged for logged in self.all() if logged.follow_up_of == entry_no]
