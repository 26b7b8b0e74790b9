"""Logged segments in SQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from interactionlog.adapters.records import StoredLoggedSegments
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.rows import from_row, to_row
from interactionlog.adapters.sql.session import json_list
from interactionlog.adapters.tables import TABLES
from interactionlog.errors import DuplicateEntryError, SegmentAlreadyLoggedError, StorageError
from interactionlog.segments.logging.logged_segments import LeftOutLine, LoggedSegment
from interactionlog.segments.segment import SegmentLine


class SqlLoggedSegments(StoredLoggedSegments, SqlRecords[LoggedSegment]):
    """`interactionlog.segments.repository.LoggedSegmentRepository` over SQL."""

    def add(self, record: LoggedSegment) -> None:
        try:
            super().add(record)
        except DuplicateEntryError as error:
            earlier = self.current(record.segment_no)
            if earlier is None:
                raise
            raise SegmentAlreadyLoggedError(record.segment_no, earlier.entry_no) from error

    def current(self, segment_no: str) -> LoggedSegment | None:
        return self.first("current_logged_segment", segment_no)

    def hand_over(self, segment_no: str, entry_no: int) -> None:
        tenant = self._session.tenant
        self._session.change("hand_over_segment_language", entry_no, tenant, segment_no)
        self._session.change("hand_over_criteria_step", entry_no, tenant, segment_no)

    def add_left_out(self, entry_no: int, lines: Sequence[LeftOutLine]) -> None:
        native = self._session.driver.native
        row, tenant = to_row(TABLES[SegmentLine], native=native), self._session.tenant
        rows = [
            (tenant, entry_no, *row(tenant, left.line)[1:], json.dumps(left.reasons))
            for left in lines
        ]
        self._session.add("add_left_out_line", rows, "left-out line of", entry_no)

    def left_out(
        self, entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[LeftOutLine]:
        line_of, found = from_row(TABLES[SegmentLine]), []
        for row in self._session.rows("left_out_lines", entry_no, after, limit):
            line = line_of(row[1:])
            try:
                found.append(LeftOutLine(line=line, reasons=tuple(json.loads(row[0]))))
            except (TypeError, ValueError) as error:
                record = f"left-out line {entry_no} {line.line_no}"
                raise StorageError(f"{record} cannot be read: {error!r}") from error
        return found

    def left_out_owners(self) -> set[int]:
        return self._session.values("left_out_owners")

    def restore(self, logged: LoggedSegment) -> None:
        change, tenant, no = self._session.change, self._session.tenant, logged.entry_no
        change("reopen_entries", tenant, no)
        change("reopen_left_out", tenant, no)
        change("reopen_segment_language", tenant, logged.segment_no, no)
        change("reopen_criteria_step", tenant, logged.segment_no, no)

    def left_out_contacts(self, entry_no: int, contact_nos: Collection[str]) -> set[str]:
        return self._session.values("left_out_contacts", entry_no, json_list(contact_nos))
