"""Rows of an export, stored as they are."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from interactionlog.adapters.tables import ALL, Rows, Table, readable
from interactionlog.errors import DuplicateEntryError, FieldInvalidError
from interactionlog.interchange.cells import judged
from interactionlog.interchange.rows import Row, TableRows
from interactionlog.interchange.targets import Target
from interactionlog.segments.segment import SegmentLine

_KEPT_NAMES = """
    log_entry log_comment logged_segment left_out_line campaign_entry attachment attachment_content
    segment segment_line segment_language criteria_step removed_line number_counter number_ledger
    idempotency_key entry_counter
"""
KEPT = frozenset(_KEPT_NAMES.split())
"""Tables of an export in which a record that is here already is left as it is."""


class RestoreTarget(Target):
    """Rows of an export, stored as they are."""

    def __init__(self, rows: TableRows, table: Table[Any]) -> None:
        super().__init__(rows)
        self.table = table

    def take(self, block: list[Row]) -> None:
        made: list[tuple[Row, Any]] = []
        for row in block:
            try:
                made.append((row, self._built(row)))
            except FieldInvalidError as error:
                self.refuse_error(row, error)
        if self.table.name == "entry_counter":
            for _, counter in made:
                self._raise_counter(counter)
            return
        records = [record for _, record in made]
        if records and not self._is_added(records):
            there = self._there(records)
            for row, record in made:
                if there.get(self.table.key_of(record)) == record:
                    self.counts["unchanged"] += 1
                else:
                    self._take_one(row, record)

    def _built(self, row: Row) -> Any:
        if self.table.entity is Rows:
            return SimpleNamespace(**row.given)
        return judged(self.table.entity, row.given)

    def _raise_counter(self, counter: Any) -> None:
        table = next(each for each in ALL if each.name == counter.kind)
        numbers: Any = self.work.records(table.entity)
        behind = numbers.counter.last() < counter.last_value
        numbers.counter.keep_above(counter.last_value)
        self.counts["changed" if behind else "unchanged"] += 1

    def _is_added(self, records: Sequence[Any]) -> bool:
        """Store records, or leave all of them out where one is here already."""
        if not self.table.key:  # there is at most one: it is compared
            return False
        try:
            with self.work.atomic():
                if self.table.entity is Rows:
                    self.work.add_parts(self.table, records)
                elif self.table.entity is SegmentLine:
                    self.work.segments.add_lines(records)
                else:
                    stored: Any = self.work.records(self.table.entity)
                    stored.add_many(records)
        except DuplicateEntryError:
            return False
        self.counts["created"] += len(records)
        return True

    def _there(self, records: Sequence[Any]) -> dict[tuple[Any, ...], Any]:
        """Return what is here with the keys of these records, by key."""
        if self.table.entity is Rows:
            return {}
        stored: Any = self.work.records(self.table.entity)
        key_of = self.table.key_of
        found = stored.with_keys(map(key_of, records)) if self.table.key else stored.all()
        return {key_of(record): record for record in found}

    def _take_one(self, row: Row, record: Any) -> None:
        if self._is_added([record]):
            return
        key = self.table.key_of(record)
        before = self._there([record]).get(key)
        if before == record or self.table.entity is Rows:
            self.counts["unchanged"] += 1
        elif before is None and self.table.key:
            self.refuse(row, f"{self.table.words} {readable(key)} is here under another key")
        elif self.table.name in KEPT:
            self.counts["left_out"] += 1
            record = f"{self.table.words} {readable(key)}"
            reason = f"{record} is here already with other values and was left alone"
            self.notice(row, "record-differs", reason)
        else:
            self.work.records(self.table.entity).put(record)
            self.counts["created" if before is None else "changed"] += 1
