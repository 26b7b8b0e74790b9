"""Segments and logged segments in SQL; lines are written and removed in one statement each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from interactionlog.adapters.records import StoredLoggedSegments, StoredSegments
from interactionlog.adapters.sql.contacts import ContactConditions, SqlContactDirectory
from interactionlog.adapters.sql.interactions import range_of
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.rows import date_in, from_row, sums_in, to_row
from interactionlog.adapters.sql.session import json_list
from interactionlog.adapters.tables import TABLES
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.contacts.directory import ContactDirectory
from interactionlog.errors import DuplicateEntryError, SegmentAlreadyLoggedError, StorageError
from interactionlog.interactions.repository import LineRange
from interactionlog.segments.consent import LineQuestions
from interactionlog.segments.logging.decision import LineFacts, LineKind
from interactionlog.segments.logging.logged_segments import LeftOutLine, LoggedSegment
from interactionlog.segments.segment import CriteriaStep, Segment, SegmentLine, SegmentTotals
from interactionlog.values import CriteriaAction, as_code


class SqlLoggedSegments(StoredLoggedSegments, SqlRecords[LoggedSegment]):
    """`interactionlog.ports.LoggedSegmentRepository` over SQL."""

    def add(self, record: LoggedSegment) -> None:
        try:
            super().add(record)
        except DuplicateEntryError as error:
            earlier = self.current(record.segment_no)
            if earlier is None:
                raise
            raise SegmentAlreadyLoggedError(record.segment_no, earlier.entry_no) from error

    def current(self, segment_no: str) -> LoggedSegment | None:
        return self.first("current_logged_segment", *TABLES[Segment].stored_key([segment_no]))

    def hand_over(self, segment_no: str, entry_no: int) -> None:
        for name in ("segment_language", "criteria_step"):
            self._session.change(f"hand_over_{name}", segment_no, first=[entry_no])

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

    def restore(self, logged: LoggedSegment) -> None:
        change, no = self._session.change, logged.entry_no
        change("reopen_entries", no)
        change("reopen_left_out", no)
        change("reopen_segment_language", logged.segment_no, no)
        change("reopen_criteria_step", logged.segment_no, no)

    def left_out_contacts(self, entry_no: int, contact_nos: Collection[str]) -> set[str]:
        return self._session.values("left_out_contacts", entry_no, json_list(contact_nos))


class SqlSegments(StoredSegments, SqlRecords[Segment]):
    """
    `interactionlog.ports.SegmentRepository` over SQL.

    Lines of all contacts that match are written in one statement: what they are given is said a
    second time there, and a test holds it against `Inheritance`.
    """

    logged_segments = SqlLoggedSegments

    def lock(self, *key: object) -> Segment:
        row = self._session.returning("lock_segment", *self._table.stored_key(key))
        return self._refuse_logged(key) if row is None else self._from_row(row)  # type: ignore[no-any-return]

    def totals(self, no: str) -> SegmentTotals:
        ((lines, contacts, *sums),) = self._session.rows("segment_totals", as_code(no))
        return SegmentTotals(lines, contacts, *sums_in(*sums))

    def last_line_no(self, no: str) -> int:
        ((last,),) = self._session.rows("last_line_no", no, self._session.tenant, no)
        return int(last)

    def lines_after(self, no: str, line_no: int, *, limit: int = 1_000) -> Sequence[SegmentLine]:
        return self._session.entities(TABLES[SegmentLine], "lines_after", no, line_no, limit)

    def remove_lines(self, no: str, line_nos: Collection[int]) -> None:
        self._session.change("remove_some_segment_line", no, json_list(line_nos))

    def remove_lines_through(self, no: str, line_no: int) -> None:
        self._session.change("remove_lines_through", no, line_no)

    def contacts_present(self, no: str, contact_nos: Collection[str]) -> set[str]:
        return self._session.values("contacts_present", json_list(contact_nos), no)

    def has_repeated_lines(self, no: str) -> bool:
        ((lines, contacts),) = self._session.rows("contacts_of_segment", no)
        return bool(lines > contacts)

    def repeated_lines(self, no: str, lines: Sequence[SegmentLine]) -> set[int]:
        if not lines:
            return set()
        first, last, tenant = lines[0].line_no, lines[-1].line_no, self._session.tenant
        return self._session.values("repeated_lines", no, first, last, tenant, no)

    def target_companies(self, campaign_no: str) -> set[str | None]:
        return self._session.values("target_companies_open", campaign_no)

    def push(self, no: str, field: str, value: object, holding: Mapping[str, object]) -> int:
        conditions, values = lines_holding(no, holding)
        return self._session.change_where(f"push_{field}", [value], conditions, *values)

    def remove_by_step(self, no: str, step_no: int, line_nos: Collection[int]) -> None:
        among, conditions = json_list(line_nos), ["line_of_segment", "line_among"]
        self._session.change_where("keep_removed_lines", [step_no], conditions, no, among)
        self.drop_kept(no, step_no)

    def drop_kept(self, no: str, step_no: int) -> None:
        """Take away the lines that were copied to what a step removed."""
        where = (no, self._session.tenant, no, step_no)
        self._session.change("keep_removed_languages", *where, first=[step_no])
        self._session.change("remove_kept_lines", *where)

    def undo_step(self, no: str, step_no: int) -> None:
        change, step = self._session.change, (self._session.tenant, no, step_no)
        change("remove_languages_of_undone_lines", no, *step, *step)
        change("remove_undone_lines", no, step_no, *step)
        change("restore_lines", no, step_no)
        change("restore_languages", no, step_no)
        self._session.remove("removed_line", no, step_no)
        self.of(CriteriaStep).remove(no, None, step_no)

    def step_has_lines(self, no: str, step_no: int) -> tuple[bool, bool]:
        tenant = self._session.tenant
        ((added, removed),) = self._session.rows("step_has_lines", no, step_no, tenant, no, step_no)
        return bool(added), bool(removed)

    def remove_steps(self, no: str) -> None:
        self._session.change("remove_removed_languages", no)
        self._session.remove("removed_line", no)
        self._session.remove("criteria_step", no, 0)

    def with_contact(self, no: str, contact_no: str) -> Sequence[tuple[int, SegmentLine]]:
        build = from_row(TABLES[SegmentLine])
        return [
            (row[0], build(row[1:]))
            for name in ("lines_with_contact", "removed_with_contact")
            for row in self._session.rows(name, contact_no, no)
        ]

    def reaches(self, contacts: ContactDirectory) -> bool:
        return isinstance(contacts, SqlContactDirectory)

    def write_matching(self, step: CriteriaStep, contact_filter: ContactFilter) -> int:
        found = ContactConditions.of(self._session, contact_filter, step.widening)
        if not step.ignore_exclusion:
            found.add("contact_not_excluded")
        tenant, no = self._session.tenant, step.segment_no
        last = self.last_line_no(no)
        if last and not step.allow_existing:
            found.add("contact_not_on_line", tenant, no)
        return self._session.add_selected(
            "write_lines",
            found.conditions,
            "end_lines",
            *(step.step_no, tenant, *found.values, *given_to_lines(tenant, no)),
            first=[last],
            record="segment line",
            key=no,
        )

    def write_logged(self, step: CriteriaStep) -> int:
        session, tenant, no = self._session, self._session.tenant, step.segment_no
        found, asked = ContactConditions(session), step.filter.interactions
        # the statement finds the entries of the logged segment itself
        found.add_all("e", tuple(each for each in asked if each[0] != "logged_segment_entry_no"))
        return session.add_selected(
            "write_logged_lines",
            found.conditions,
            "end_logged_lines",
            *(step.step_no, tenant, step.source_entry_no),
            *(*found.values, tenant, *given_to_lines(tenant, no)),
            *(str(int(step.allow_existing)), tenant, no),
            first=[self.last_line_no(no)],
            record="segment line",
            key=no,
        )

    def remove_matching_lines(self, step: CriteriaStep, contact_filter: ContactFilter) -> int:
        tenant, no = self._session.tenant, step.segment_no
        reduces = step.action is CriteriaAction.REDUCE
        found = ContactConditions(self._session).add("line_of_segment", no)
        found.add("line_matching" if reduces else "line_not_matching", tenant).satisfying(
            contact_filter
        )
        found.add("end_lines_matched", tenant, no, step.entire_companies)
        removed = self._session.change_where(
            "keep_removed_lines", [step.step_no], found.conditions, *found.values
        )
        self.drop_kept(no, step.step_no)
        return removed

    def kinds_of_lines(self, lines: LineRange, most: int) -> Sequence[LineKind]:
        conditions, (_, *values) = range_of(self._session.tenant, lines)
        rows = self._session.rows_where("kinds_of_lines", conditions, "by_kind", *values, most)
        try:
            return [LineKind._make((*row[:3], date_in(row[3]), *row[4:])) for row in rows]
        except (TypeError, ValueError) as error:
            told = f"a date of segment {lines.segment_no} is damaged"
            raise StorageError(f"{told}: interactionlog check names the line") from error

    def attachments_of_lines(self, lines: LineRange) -> set[int]:
        conditions, (_, *values) = range_of(self._session.tenant, lines)
        rows = self._session.rows_where("attachments_of_lines", conditions, "", *values)
        return {attachment_no for (attachment_no,) in rows}

    def lines_with_findings(
        self, lines: LineRange, facts: LineFacts, repeats: bool, batch_of: int | None
    ) -> Sequence[SegmentLine]:
        first, asked = self._of_findings(lines, facts, repeats, batch_of)
        return self._session.entities(
            TABLES[SegmentLine], "lines_with_findings", *asked, first=first
        )

    def lines_to_copy(
        self, lines: LineRange, facts: LineFacts, repeats: bool, batch_of: int | None
    ) -> tuple[Sequence[SegmentLine], Mapping[int, int]]:
        first, asked = self._of_findings(lines, facts, repeats, batch_of)
        given = given_to_lines(self._session.tenant, lines.segment_no)
        rows = self._session.rows("findings_and_masks_of_lines", *asked, *given, first=first)
        nos = [line_no for line_no, has_findings, _ in rows if has_findings]
        found = self.of(SegmentLine).having(lines.segment_no, nos) if nos else []
        masks = {line_no: mask for line_no, _, mask in rows if mask}
        return sorted(found, key=lambda line: line.line_no), masks

    def _of_findings(
        self, lines: LineRange, facts: LineFacts, repeats: bool, batch_of: int | None
    ) -> tuple[Sequence[object], Sequence[object]]:
        """Return the parameters before that of the tenant, and those after it."""
        tenant, no = self._session.tenant, lines.segment_no
        people = facts.salespeople
        blocked = [code for code, salesperson in people.items() if salesperson.blocked]
        codes = (people, blocked, facts.templates, facts.campaigns)
        lists = (*codes, facts.unmergeable)  # most of them are empty
        known = [json_list(each) if each else "[]" for each in lists]
        of_batch = (tenant, batch_of, tenant, batch_of)
        between = (tenant, no, lines.after, lines.through)
        first = (*known, str(int(facts.deliver)), str(int(repeats)))
        return first, (no, *of_batch, tenant, *between, tenant)

    def lines_asked(self, lines: LineRange, questions: LineQuestions) -> Sequence[SegmentLine]:
        tenant, no, pressure = self._session.tenant, lines.segment_no, questions.pressure
        today = questions.work.clock.work_date()
        most, days = (pressure.most, pressure.days) if pressure is not None else (1, 1)
        return self._session.entities(
            TABLES[SegmentLine],
            "lines_asked",
            *(today, today, *[tenant] * 4),
            *(str(int(pressure is not None)), tenant, days, questions.batch_of or -1, most),
            *(tenant, tenant, questions.segment.purpose_code),
            *(tenant, no, lines.after, lines.through),
        )

    def follow_date(self, no: str, holding: Mapping[str, object], to: date | None) -> None:
        conditions, values = lines_holding(no, holding)
        conditions.append("address_of_its_date")
        tenant = self._session.tenant
        first = [tenant, to, to]
        self._session.change_where("follow_addresses", first, conditions, *values, tenant, tenant)


def given_to_lines(tenant: str, no: str) -> tuple[str, ...]:
    """Return the parameters of the text of that name."""
    return (tenant, no, tenant, *(tenant, no) * 3)


def lines_holding(no: str, holding: Mapping[str, object]) -> tuple[list[str], list[object]]:
    """Return the conditions of a segment's lines that hold these values, and their parameters."""
    conditions = [
        f"line_{name}_unset" if held is None else f"line_{name}" for name, held in holding.items()
    ]
    values = [held for held in holding.values() if held is not None]
    return ["line_of_segment", *conditions], [no, *values]
