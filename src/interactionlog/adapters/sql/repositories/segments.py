"""Open segments in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from interactionlog._fields import as_code
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.rows import from_row, money_in
from interactionlog.adapters.sql.session import SqlSession, json_list
from interactionlog.adapters.tables import TABLES
from interactionlog.errors import NotFoundError, SegmentAlreadyLoggedError
from interactionlog.segments.repository import SegmentTotals
from interactionlog.segments.segment import Segment, SegmentLanguage
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep

__all__ = ["SqlSegments"]


class SqlSegments:
    """`interactionlog.segments.repository.SegmentRepository` over SQL."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session
        self._segments = SqlRecords(session, Segment)
        self._lines = SqlRecords(session, SegmentLine)
        self._languages = SqlRecords(session, SegmentLanguage)
        self._steps = SqlRecords(session, CriteriaStep)

    def get(self, no: str) -> Segment:
        """Return an open segment; an error says whether it was logged or never was."""
        no = as_code(no)
        segment = self._segments.find(no)
        if segment is not None:
            return segment
        row = self._session.row("standing_logged_segment", no)
        if row is not None:
            raise SegmentAlreadyLoggedError(no, row[0])
        raise NotFoundError("segment", no)

    def find(self, no: str) -> Segment | None:
        """Return the segment, or ``None``."""
        return self._segments.find(as_code(no))

    def all(self) -> Sequence[Segment]:
        """Return every open segment, by number."""
        return self._segments.all()

    def lock(self, no: str) -> Segment:
        """Raise the version of a segment and return it: the first step of every change."""
        self._session.change("raise_segment_version", self._session.tenant, as_code(no))
        return self.get(no)

    def add(self, segment: Segment) -> None:
        """Store a new segment, or raise `DuplicateEntryError`."""
        self._segments.add(segment)

    def replace(self, segment: Segment) -> None:
        """Overwrite the segment of that number, or raise `NotFoundError`."""
        self._segments.replace(segment)

    def remove(self, no: str) -> None:
        """Delete the segment with its lines, its languages and its steps."""
        self._segments.remove(no)
        for name in ("lines", "languages", "steps", "removed_lines"):
            self._session.change(f"remove_{name}_of_segment", self._session.tenant, no)

    def totals(self, no: str) -> SegmentTotals:
        """Return the figures of the segment's lines; zeros when there is none."""
        row = self._session.row("segment_totals", as_code(no))
        assert row is not None  # noqa: S101  # an aggregate always has its row
        lines, with_contact, cost, minutes = row
        return SegmentTotals(lines, with_contact, money_in(cost), minutes)

    def last_line_no(self, no: str) -> int:
        """Return the highest line number, 0 when there is no line."""
        row = self._session.row("last_line_no", no)
        assert row is not None  # noqa: S101  # an aggregate always has its row
        return int(row[0])

    def lines_after(self, no: str, line_no: int, *, limit: int = 1_000) -> Sequence[SegmentLine]:
        """Return the next lines behind ``line_no`` by line number; empty at the end."""
        rows = self._session.rows("lines_after", no, line_no, limit)
        return list(map(from_row(TABLES[SegmentLine]), rows))

    def line(self, no: str, line_no: int) -> SegmentLine:
        """Return one line, or raise `NotFoundError`."""
        return self._lines.get(as_code(no), line_no)

    def add_lines(self, lines: Sequence[SegmentLine]) -> None:
        """Store new lines, or raise `DuplicateEntryError`."""
        self._lines.add_many(lines)

    def remove_lines(self, no: str, line_nos: Collection[int]) -> None:
        """Delete lines of a segment; absent ones are no matter."""
        self._session.change("remove_some_lines", self._session.tenant, no, json_list(line_nos))

    def remove_lines_through(self, no: str, line_no: int) -> None:
        """Delete all lines of a segment up to and with ``line_no``."""
        self._session.change("remove_lines_through", self._session.tenant, no, line_no)

    def contacts_present(self, no: str, contact_nos: Collection[str]) -> set[str]:
        """Return those of the contacts that have a line in the segment."""
        return {
            row[0] for row in self._session.rows("contacts_present", json_list(contact_nos), no)
        }

    def repeated_lines(self, no: str, lines: Sequence[SegmentLine]) -> set[int]:
        """Return the numbers of those lines whose contact stands on an earlier line as well."""
        if not lines:
            return set()
        rows = self._session.rows("repeated_lines", no, lines[0].line_no, lines[-1].line_no)
        return {row[0] for row in rows}

    def target_companies(self, campaign_no: str) -> set[str | None]:
        """Return the companies of all open lines that are targets of a campaign."""
        return {row[0] for row in self._session.rows("target_companies_open", campaign_no)}

    def line_with_campaign(self, campaign_no: str) -> SegmentLine | None:
        """Return some open line that names the campaign, or ``None``."""
        row = self._session.row("line_with_campaign", campaign_no)
        return None if row is None else from_row(TABLES[SegmentLine])(row)

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
