"""Taking a folder of tables into a store: all of it, or nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from interactionlog.adapters.tables import TABLES
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contacts.contact import Contact, Salesperson
from interactionlog.errors import FieldInvalidError, InteractionLogError, UsageError
from interactionlog.interchange.report import (
    Finding,
    ImportReport,
    TableCounts,
    TablesRejectedError,
)
from interactionlog.interchange.rows import Row, rows_of
from interactionlog.interchange.special_rows import SpecialRows
from interactionlog.interchange.tables import TABLE_FILES, TableFile
from interactionlog.unit_of_work import UnitOfWork

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
        message = f"{folder} is not a folder: give the one that holds the tables"
        raise UsageError(message)
    if not isinstance(work, StoreUnitOfWork):
        message = "tables are imported into the stores that ship only"
        raise UsageError(message)
    there = [table for table in TABLE_FILES if (folder / f"{table.name}.csv").is_file()]
    if not there:
        message = f"{folder} holds no known table such as contacts.csv"
        raise UsageError(message)
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
