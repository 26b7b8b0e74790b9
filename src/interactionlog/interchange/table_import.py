"""Taking a folder of tables into a store: all of it, or nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from interactionlog.adapters.tables import TABLES
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contacts.contact import Contact, Membership, Salesperson
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import (
    FieldInvalidError,
    InteractionLogError,
    NotFoundError,
    NumberSeriesError,
    RuleViolation,
    UsageError,
)
from interactionlog.interchange.tables import (
    FILTERS,
    TABLE_FILES,
    Finding,
    Row,
    SegmentStep,
    SeriesLine,
    SetupField,
    TableFile,
    as_name,
    field_reader,
    filter_values,
    rows_of,
)
from interactionlog.numbering.line_rules import with_numbers
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.segment import Segment
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.templates.template import MarketingSetup, TemplateSetup
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CriteriaAction, NumberingPolicy, as_code


@attrs.frozen
class TableCounts:
    """How many rows of a table were new, changed a record, changed nothing, or were left out."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0


@attrs.frozen
class ImportReport:
    """
    What an import did.

    Attributes:
        tables: Rows by what became of them, for each file that was taken, in their order.
        notices: What was left out, in the order of the files.
    """

    tables: Mapping[str, TableCounts]
    notices: tuple[Finding, ...]

    @property
    def total(self) -> TableCounts:
        """All tables together."""
        rows = [attrs.astuple(counts) for counts in self.tables.values()]
        return TableCounts(*map(sum, zip(*rows, strict=True)))

    @property
    def changes(self) -> int:
        """Rows that were new or changed a record."""
        return self.total.created + self.total.changed


@attrs.define
class TablesRejectedError(RuleViolation, code="tables-rejected"):
    """
    Rows of the tables cannot be taken; nothing was imported.

    Attributes:
        folder: The folder.
        problems: The first 1,000 problems, in the order of the files.
        count: Number of all problems.
    """

    folder: str
    problems: tuple[Finding, ...]
    count: int

    def __str__(self) -> str:
        rest = "" if self.count == 1 else f" (and {self.count - 1} more)"
        return f"nothing was imported from {self.folder}: {self.problems[0]}{rest}"


_SERIES = ("code", "description", "default_nos", "manual_nos", "date_order")
_LINE_NUMBERS = ("starting_no", "ending_no", "warning_no", "last_no_used")
_FILTERED = (*FILTERS, "profile_questionnaire_code", "profile_questionnaire_line_filter")
_OPTIONS = {
    "add": {
        "allow_existing": "allow_existing_contacts",
        "ignore_exclusion": "ignore_exclusion",
        "persons_of_matched_companies": "expand_contact",
        "colleagues_of_matched_persons": "expand_contact",
        "related_companies": "allow_company_with_persons",
    },
    "reduce, refine": {"entire_companies": "entire_companies"},
}
_UNKNOWN = "is not known and was left out"
_POLICY = {False: NumberingPolicy.GAPLESS, True: NumberingPolicy.GAPS_ALLOWED}


class SpecialRows:
    """
    Writers of such rows; each returns what became of the row, a field of `TableCounts`.

    Args:
        work: The unit of work.
        notice: Called with what is left out.
    """

    def __init__(self, work: StoreUnitOfWork, notice: Callable[[Finding], object]) -> None:
        self._work = work
        self._notice = notice
        self._created: set[str] = set()
        self._series: dict[str, dict[str, Any]] = {}

    def writer(self, entity: type[Any]) -> Callable[[Row], str] | None:
        """Return what writes rows of a kind; ``None`` for plain records."""
        return {
            SetupField: self._setup_field,
            SeriesLine: self._series_line,
            Segment: self._segment,
            SegmentStep: self._step,
        }.get(entity)

    def _left_out(self, row: Row, code: str, reason: str, field: str | None = None) -> str:
        self._notice(row.finding(code, reason, field))
        return "left_out"

    def _setup_field(self, row: Row) -> str:
        field, text = as_name(row.given["setup_field"]), row.given.get("value", "")
        if row.table.name == "interaction_template_setup":
            return self._template_of_purpose(field, text)
        if field not in attrs.fields_dict(MarketingSetup):
            return self._left_out(row, "unknown-setup-field", _UNKNOWN, "setup_field")
        before = self._work.marketing_setup.find()
        try:
            value = field_reader(MarketingSetup, field)(text) if text else None
        except ValueError as error:
            raise FieldInvalidError("MarketingSetup", "value", repr(text), str(error)) from error
        after = attrs.evolve(before or MarketingSetup(), **{field: value})
        if after == before:
            return "unchanged"
        self._work.marketing_setup.put(after)
        return _outcome(getattr(before, field, None), value)

    def _template_of_purpose(self, purpose: str, code: str) -> str:
        setups, after = self._work.template_setup, None
        before = setups.find(purpose)
        if code:
            after = TemplateSetup(purpose=purpose, interaction_template_code=code)
        if after == before:
            return "unchanged"
        if after is None:
            setups.remove(purpose)
        else:
            setups.put(after)
        return _outcome(before, after)

    def _series_line(self, row: Row) -> str:
        given, numbers = row.given, self._work.numbers
        fields = {name: given[name] for name in _SERIES if name in given}
        after = NoSeries(**fields)
        if self._series.setdefault(after.code, fields) != fields:
            reason = "an earlier line of the file says something else about the series"
            raise NumberSeriesError(after.code, reason)
        before = numbers.series.find(after.code)
        if before is not None:
            after = attrs.evolve(before, **{**fields, "code": after.code})
        if after != before:
            numbers.series.put(after)
        outcome = _outcome(before, after)
        if given.get("line_no") is None:
            return outcome
        of_line = self._line_of_series(after.code, given)
        return of_line if outcome == "unchanged" else outcome

    def _line_of_series(self, code: str, given: dict[str, Any]) -> str:
        line_no, setup = given["line_no"], NumberSeriesSetup(self._work)
        starting, *others = (given.get(name, "") for name in _LINE_NUMBERS)
        ending, warning, last_no = (number or None for number in others)
        values: dict[str, Any] = {
            "starting_date": given.get("starting_date"),
            "step": given.get("increment_by_no", 1),
            "policy": _POLICY[given.get("allow_gaps_in_nos", False)],
        }
        numbers: dict[str, Any] = {"ending_no": ending, "warning_no": warning}
        stored = self._work.numbers.lines.find(code, line_no)
        if stored is None:
            numbers["last_no_used"] = last_no
            setup.add_line(code, starting, line_no=line_no, **numbers, **values)
            return "created"
        line, last = with_numbers(
            attrs.evolve(stored, **values), starting, ending, warning, last_no
        )
        used = self._work.numbers.counters.get(code, line_no, None).last_value
        if last is not None and (used is None or last > used):
            values["last_no_used"] = last_no  # never back: numbers were drawn since
        elif line == stored:
            return "unchanged"
        setup.change_line(code, line_no, starting_no=starting, **numbers, **values)
        return "changed"

    def _segment(self, row: Row) -> str:
        given = {**row.given, "no": as_code(row.given["no"])}
        no, wanted = given["no"], Segment(**given)
        logged = self._work.logged_segments.current(no)
        stored = self._work.segments.find(no)
        if stored is not None:
            for name in given:
                if getattr(stored, name) != getattr(wanted, name):
                    reason = f"segment {no} is here already with another value and was left alone"
                    self._notice(row.finding("segment-differs", reason, name))
        elif logged is not None:
            reason = f"segment {no} was logged already, as logged segment {logged.entry_no}"
            self._notice(row.finding("segment-logged", f"{reason}: not created again", "no"))
        else:
            SegmentService(self._work).create(**given)
            self._created.add(no)
            return "created"
        return "unchanged"

    def _step(self, row: Row) -> str:
        given, no = row.given, as_code(row.given["segment_no"])
        try:
            conditions = _conditions(row)
        except ValueError as error:
            reason = f"this step of segment {no} was left out whole: {error}"
            return self._left_out(row, "step-left-out", reason)
        if no not in self._created:
            if not (self._work.segments.find(no) or self._work.logged_segments.current(no)):
                raise NotFoundError("segment", no)
            return "unchanged"
        take = getattr(ContactSelection(self._work, no), given["action"].name.lower())
        names = _OPTIONS["add" if given["action"] is CriteriaAction.ADD else "reduce, refine"]
        options = {option: given.get(field, False) for option, field in names.items()}
        take(ContactFilter(**conditions), **options)
        return "created"


def _outcome(before: object, after: object) -> str:
    return "created" if before is None else "unchanged" if before == after else "changed"


def _conditions(row: Row) -> dict[str, Any]:
    """Return the conditions of a step, or raise `ValueError` when not all of it can be read."""
    if row.more:
        raise ValueError(f"a filter on {', '.join(row.more)} cannot be applied")
    filters = {field: filter_values(text) for field in _FILTERED if (text := row.given.get(field))}
    conditions: dict[str, Any] = {
        FILTERS[field]: values for field, values in filters.items() if field in FILTERS
    }
    lines = filters.get("profile_questionnaire_line_filter", [])
    if "profile_questionnaire_code" in filters:
        numbers = [field_reader(Membership, "line_no")(line) for line in lines]
        codes = filters["profile_questionnaire_code"]
        conditions["profile_answers"] = dict.fromkeys(codes, numbers)
    elif lines:
        raise ValueError("a filter on answers needs a questionnaire")
    if not conditions:
        raise ValueError("it has no filter that is read here, which would mean everybody")
    return conditions


Progress = Callable[[str, int], object]
"""Called with the name of a file and the number of its rows read so far."""

MOST_KEPT = 1_000


def import_tables(
    work: UnitOfWork, folder: str | os.PathLike[str], *, on_progress: Progress | None = None
) -> ImportReport:
    """
    Take the tables of a folder into the store: all of it, or nothing.

    A file is named like its table (``contacts.csv``), and its first row holds the captions of
    Business Central. Records that are there are changed in the columns of the file only; taking
    the same folder again changes nothing. Selection steps are taken for segments that this import
    creates; the lines of a segment that is there already are left alone.

    Args:
        work: A unit of work of a store that ships; the block that opened it commits.
        folder: The folder.
        on_progress: Called every 1,000 rows and at the end of each file.

    Raises:
        UsageError: There is no such folder, no known table in it, or contacts are the host's.
        TablesRejectedError: Rows cannot be taken: all are counted, the first 1,000 kept.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: give the one that holds the tables")
    if not isinstance(work, StoreUnitOfWork):
        raise UsageError("tables are imported into the stores that ship only")
    there = [table for table in TABLE_FILES if (folder / f"{table.name}.csv").is_file()]
    if not there:
        raise UsageError(f"{folder} holds no known table such as contacts.csv")
    run = _Import(work, on_progress or (lambda *_: None))
    run.note_unknown_files(folder)
    with work.atomic():
        for table in there:
            run.take(table, folder / f"{table.name}.csv")
        if run.problem_count:
            raise TablesRejectedError(str(folder), tuple(run.problems), run.problem_count)
    return ImportReport(run.counts, tuple(run.notices))


class _Import:
    """One import, inside a block that happens whole or not at all."""

    def __init__(self, work: StoreUnitOfWork, on_progress: Progress) -> None:
        self._work = work
        self._on_progress = on_progress
        self.counts: dict[str, TableCounts] = {}
        self.notices: list[Finding] = []
        self.problems: list[Finding] = []
        self.problem_count = 0
        self._special = SpecialRows(work, self.notices.append)

    def note_unknown_files(self, folder: Path) -> None:
        """Say which files are no known tables."""
        known = {f"{table.name}.csv" for table in TABLE_FILES}
        for name in sorted(file.name for file in folder.glob("*.csv") if file.name not in known):
            reason = "is no known table and was left out"
            self.notices.append(Finding(code="unknown-file", file=name, reason=reason))

    def take(self, table: TableFile, path: Path) -> None:
        """Take the rows of one file."""
        self._refuse_what_is_the_hosts(table)
        counts: Counter[str] = Counter()
        seen: dict[tuple[Any, ...], int] = {}
        later: list[Row] = []
        rows = 0
        for row in rows_of(table, path, self._reject, self.notices.append):
            rows += 1
            if rows % 1_000 == 0:
                self._on_progress(path.name, rows)
            if table.entity in table.parents.values():
                later.append(row)  # a company may follow its persons
            elif not self._has_parents(row):
                continue
            try:
                special = self._special.writer(table.entity)
                counts[special(row) if special else self._put(row, seen)] += 1
            except FieldInvalidError as error:
                self._refuse(row, f"{error.reason}: {error.value}", error.field)
            except InteractionLogError as error:
                self._refuse(row, str(error))
        for row in later:
            self._has_parents(row)
        if table.entity is Contact:
            self._name_companies(seen)
        self.counts[path.name] = TableCounts(**counts)
        self._on_progress(path.name, rows)

    def _refuse_what_is_the_hosts(self, table: TableFile) -> None:
        directories = {Contact: self._work.contacts, Salesperson: self._work.salespeople}
        if not hasattr(directories.get(table.entity, self._work.contacts), "put"):
            message = f"{table.name}.csv cannot be imported: the host keeps its own contacts"
            raise UsageError(message)

    def _reject(self, finding: Finding) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_KEPT:
            self.problems.append(finding)

    def _refuse(self, row: Row, reason: str, field: str | None = None) -> None:
        self._reject(row.finding("row-rejected", reason, field))

    def _has_parents(self, row: Row) -> bool:
        """Say whether the records that a row belongs to are there."""
        missing = [
            (field, row.given[field])
            for field, entity in row.table.parents.items()
            if row.given.get(field) and self._find(entity, row.given[field]) is None
        ]
        for field, key in missing:
            kind = TABLES[row.table.parents[field]].words
            self._refuse(row, f"{kind} {key} does not exist", field)
        return not missing

    def _find(self, entity: type[Any], key: str) -> object:
        code = key.strip().upper()
        if entity is Contact:
            return self._work.contacts.find(code)
        if entity is Salesperson:
            return self._work.salespeople.find(code)
        return self._work.records(entity).find(code)

    def _put(self, row: Row, seen: dict[tuple[Any, ...], int]) -> str:
        """Store the record of a row and return what became of it."""
        table, record = TABLES[row.table.entity], self._record(row)
        if record is None:
            return "left_out"
        key = table.key_of(record)
        if key in seen:
            self._refuse(row, f"is the record of line {seen[key]} again", table.key[-1])
            return "left_out"
        seen[key] = row.line
        records = self._work.records(row.table.entity)
        stored = records.find(*key)
        if stored is not None:
            values = {name: getattr(record, name) for name in row.given}
            record = attrs.evolve(stored, **values)
        if record == stored:
            return "unchanged"
        if stored is None:
            records.add(record)
            return "created"
        records.put(record)
        return "changed"

    def _record(self, row: Row) -> Any | None:
        """Return the record of a row; ``None`` when it refuses values, and each is reported."""
        given, entity, refused = dict(row.given), row.table.entity, set[str]()
        while True:
            try:
                record = entity(**row.table.fixed, **given)
            except FieldInvalidError as error:
                if error.field in refused:  # its default does not do either
                    return None
                self._refuse(row, f"{error.reason}: {error.value}", error.field)
                refused.add(error.field)
                default = attrs.fields_dict(entity)[error.field].default
                if error.field not in given or default is attrs.NOTHING:
                    return None
                del given[error.field]
            else:
                return None if refused else record

    def _name_companies(self, seen: dict[tuple[Any, ...], int]) -> None:
        """Give contacts the name of their company, which orders selections."""
        contacts = {contact.no: contact for contact in self._work.contacts.all()}
        for contact in contacts.values():
            company = contacts.get(contact.company_no or "")
            if company is None or not {(contact.no,), (company.no,)} & seen.keys():
                continue
            if contact.company_name != company.name:
                self._work.contacts.put(attrs.evolve(contact, company_name=company.name))
