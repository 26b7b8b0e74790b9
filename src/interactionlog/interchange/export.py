"""Everything out, and in again: rows of an export are stored as they are."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from types import SimpleNamespace
from typing import Any

import attrs

from interactionlog import arguments
from interactionlog.adapters.columns import Column, Kind
from interactionlog.adapters.tables import ALL, Rows, Table, columns_of, readable
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.attachments.attachment import Attachment, sound_size
from interactionlog.errors import DuplicateEntryError, FieldInvalidError, UsageError, extra
from interactionlog.interchange.cells import judged, writer_of
from interactionlog.interchange.mapping import FORMULA, MARK
from interactionlog.interchange.rows import Row, TableRows
from interactionlog.interchange.sources import OWN
from interactionlog.interchange.targets import Target, kept_by_host
from interactionlog.segments.segment import SegmentLine
from interactionlog.unit_of_work import UnitOfWork

Put = Callable[[Sequence[str]], object]
"""Writes one row."""
Opened = Callable[[str, Sequence[str]], AbstractContextManager[Put]]
"""Opens a table by its name and captions."""

MOST_IN_CELL = 32_000
"""Characters in a cell of a workbook; longer texts take several columns."""
MOST_ROWS = 1_048_575
_PART = 2**20
_PLAIN = {Kind.FLAG, Kind.COUNT, Kind.NUMBER}

EXPORTED = {table.name: table for table in ALL if table.name != "schema_version"}
"""Tables of an export by name, in the order in which they come in again."""
_KEPT_NAMES = """
    log_entry log_comment logged_segment left_out_line campaign_entry attachment attachment_content
    segment segment_line segment_language criteria_step removed_line number_counter number_ledger
    idempotency_key entry_counter
    delivery delivery_receipt consent suppression erasure seal entry_seal seal_key
"""
KEPT = frozenset(_KEPT_NAMES.split())
"""
Tables of an export in which a record that is here already is left as it is.

An older export says less of what happened since: what was sent would be sent again.
"""

Progress = Callable[[str, int], object]
"""Called with the name of a table and the number of its rows read so far."""


@arguments.judged
def export_tables(
    work: UnitOfWork, path: str | os.PathLike[str], *, on_progress: Progress | None = None
) -> dict[str, int]:
    """
    Write everything that a store holds; `import_tables` takes it into an empty store again.

    Contacts, salespeople and users that a host keeps are left to the host.

    Args:
        work: A unit of work that reads.
        path: A folder, for a CSV file a table; or a file that ends in ``.jsonl`` or ``.xlsx``. It
            must not exist, and it has its name only when all is written.
        on_progress: Called every 1,000 rows and at the end of each table.

    Returns:
        The number of rows of each table.

    Raises:
        UsageError: The path exists, its ending is not known, or a sheet has no room.
    """
    if not isinstance(work, StoreUnitOfWork):
        raise UsageError("only the stores that ship are exported")
    path, step, counts = Path(path), on_progress or (lambda *_: None), {}
    longest = max((each.size for each in work.scan(Attachment)), default=0)
    with opened(path, "", ".jsonl", ".xlsx") as open_table:
        for table in EXPORTED.values():
            columns = exported_columns(table)
            records = _records(work, table)
            if records is None:
                continue
            count = 0
            with writing(open_table, path, table, columns, longest) as put:
                for count, record in enumerate(records, 1):
                    put(record)
                    if count % 1_000 == 0:
                        step(table.name, count)
            counts[table.name] = count
            step(table.name, count)
    return counts


def exported_columns(table: Table[Any]) -> list[Column]:
    """Return the columns of a table that an export holds; others are made of them."""
    return [column for column in columns_of(table) if column.source is None]


def _records(work: StoreUnitOfWork, table: Table[Any]) -> Iterator[Any] | None:
    """Return the records of a table; ``None`` for those that a host keeps."""
    if kept_by_host(work, table.name):
        return None
    if table.name == "entry_counter":
        return _counters(work)
    return work.parts(table) if table.entity is Rows else work.scan(table.entity)


def _counters(work: StoreUnitOfWork) -> Iterator[Any]:
    for table in EXPORTED.values():
        if table.numbered:
            records: Any = work.records(table.entity)
            yield SimpleNamespace(kind=table.name, last_value=records.counter.last())


@contextmanager
def writing(
    open_table: Opened, path: Path, table: Table[Any], columns: Sequence[Column], longest: int = 0
) -> Iterator[Callable[[Any], None]]:
    """Open a table for records, each written as text."""
    writers = [(each.name, writer_of(each)) for each in columns]
    captions: list[str] = []
    spread: dict[str, int] = {}
    for each in columns:
        pieces = 1
        if path.suffix.lower() == ".xlsx" and each.kind in {Kind.BYTES, Kind.JSON}:
            size = min(longest, _PART) * 4 // 3 if each.kind is Kind.BYTES else 4 * MOST_IN_CELL
            pieces = size // MOST_IN_CELL + 1
        spread[each.name] = pieces
        captions += [each.name, *(f"{each.name}.{number}" for number in range(2, pieces + 1))]
    plain = {each.name for each in columns if each.kind in _PLAIN}
    with open_table(table.name, captions) as put:

        def write(record: Any) -> None:
            cells: list[Any] = []
            for name, text in writers:
                value = getattr(record, name)
                written_as = text(value)
                if path.suffix.lower() == ".jsonl":
                    cells.append(value if value is None or name in plain else written_as)
                elif spread[name] == 1:
                    cells.append(written_as)
                else:
                    cells += _pieces(written_as, spread[name], f"{table.name}.{name}")
            put(cells)

        yield write


def _pieces(text: str, count: int, where: str) -> list[str]:
    if len(text) > count * MOST_IN_CELL:
        raise UsageError(f"{where} has no room in a workbook: export to .jsonl or a folder")
    return [text[n * MOST_IN_CELL : (n + 1) * MOST_IN_CELL] for n in range(count)]


# -- files -------------------------------------------------------------------------------------


def require_free(path: Path) -> None:
    """Raise `UsageError` when a path exists."""
    if os.path.lexists(path):
        raise UsageError(f"{path} exists: give a name that does not")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """
    Give a path to write to, which takes its name when the block ends normally, or vanishes.

    It lies in a new folder beside the path, so that no other file is in the way.

    Raises:
        UsageError: The path exists, at the begin or when the block ends.
    """
    require_free(path)
    folder: Path | None = None
    try:
        folder = Path(mkdtemp(".part", ".export-", path.parent))
        part = folder / path.name
        yield part
        _give_name(part, path)
    except OSError as error:
        if folder is None or error.filename == str(folder / path.name):
            error.filename = str(path)  # the name that was given
            del error.filename2
        raise
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _give_name(part: Path, path: Path) -> None:
    """Give what was written its name; what came to be there meanwhile is left alone."""
    with suppress(OSError):
        if not part.is_dir():
            os.link(part, path)  # atomic, but not every disk can
            return
    require_free(path)
    try:
        part.rename(path)
    except OSError:
        require_free(path)  # another one was faster
        raise


@contextmanager
def opened(path: Path, *endings: str) -> Iterator[Opened]:
    """Open a folder or file for tables: the ending, one of these, says what it is; as `written`."""
    ending = path.suffix.lower()
    if ending not in endings:
        files = " or ".join(filter(None, endings))
        folder = "a folder, or to " if "" in endings else ""
        raise UsageError(f"{path.name}: export this to {folder}a file that ends in {files}")
    if ending == "":
        path.parent.mkdir(parents=True, exist_ok=True)
    with written(path) as part:
        if ending == "":
            part.mkdir()
            yield lambda name, captions: csv_table(part / f"{name}.csv", captions)
        elif ending == ".csv":
            yield lambda _, captions: csv_table(part, captions)
        elif ending == ".jsonl":
            with part.open("w", encoding="utf-8") as file:
                yield lambda name, captions: _json_table(file, name, captions)
        else:
            with _workbook(part) as book:
                yield lambda name, captions: _sheet(book, name, captions)


@contextmanager
def csv_table(path: Path, captions: Sequence[str]) -> Iterator[Put]:
    """
    Open a CSV file in which no cell is a formula.

    A cell that a spreadsheet could take for one has an apostrophe before it; the last column says
    in which rows, and the import takes it off again.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*captions, MARK])

        def put(cells: Sequence[str]) -> None:
            if any(cell.startswith(FORMULA) for cell in cells):
                guarded = [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]
                writer.writerow([*guarded, "'"])
            else:
                writer.writerow([*cells, ""])

        yield put


@contextmanager
def _json_table(file: Any, name: str, captions: Sequence[str]) -> Iterator[Put]:
    def put(cells: Sequence[Any]) -> None:
        record: Mapping[str, Any] = {OWN: name, **dict(zip(captions, cells, strict=True))}
        file.write(json.dumps(record, ensure_ascii=False) + "\n")

    yield put


class _Disk(io.FileIO):
    """A file that says only once that the disk is full: an archive that failed writes its end."""

    _is_full = False

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        while rest and not self._is_full:
            try:
                rest = rest[super().write(rest) :]
            except OSError:
                self._is_full = True
                raise
        return len(data)


@contextmanager
def _workbook(part: Path) -> Iterator[Any]:
    """Open a workbook; when it cannot be packed, the disk says why, as of other files."""
    xlsxwriter = extra("xlsxwriter", "xlsx", "writing XLSX")
    failed: tuple[Any, ...] = ()
    with TemporaryDirectory() as folder, _Disk(part, "w") as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        try:
            yield book
        finally:
            try:
                book.close()
            except xlsxwriter.exceptions.FileCreateError as error:
                failed = error.args[0].args
            for rest in Path(folder).iterdir():  # room for what was not written yet
                os.truncate(rest, 0)
        if failed:
            raise OSError(*failed)


_UNFIT = re.compile("[\ufffe\uffff]|^<r>[^\r]*\r")
"""What XML does not hold, and what xlsxwriter does not where it is to take a text as it is."""
_CODED = re.compile("^<r>|_x[0-9A-Fa-f]{4}_x")
"""Texts that xlsxwriter takes for its own rich text, or whose codes it does not protect."""
_IN_CODES = re.compile("(?<=^<)(?=r>)|(?<=_x)(?=[0-9A-Fa-f]{4}_)")
"""Where such a text is cut, so that no piece holds a code."""


def require_fit(text: str, where: str) -> None:
    """Raise `UsageError` for a character that a workbook or a package would change."""
    if found := _UNFIT.search(text):
        sign = f"U+{ord(found[0][-1]):04X}"
        raise UsageError(f"{where} holds {sign}, which this form cannot: take it out of the text")


@contextmanager
def _sheet(book: Any, name: str, captions: Sequence[str]) -> Iterator[Put]:
    sheet, row, plain = book.add_worksheet(name[:31]), 0, book.add_format()

    def write(column: int, text: str) -> int:
        """Write a cell; anything but 0 means that it has no room."""
        if not _CODED.search(text):
            return int(sheet.write_string(row, column, text))
        pieces = [each for piece in _IN_CODES.split(text) for each in (plain, piece)]
        return int(sheet.write_rich_string(row, column, *pieces[1:]))

    def put(cells: Sequence[str]) -> None:
        nonlocal row
        if row > MOST_ROWS:
            raise UsageError(f"a sheet has no room for all of {name}: export to .jsonl or a folder")
        for column, cell in enumerate(cells):
            if cell and (_UNFIT.search(cell) or write(column, cell)):
                where = f"{name} {cells[0]}, {captions[column]}"
                require_fit(cell, where)
                raise UsageError(f"{where} has no room in a workbook: export to .jsonl or a folder")
        row += 1

    put(captions)
    sheet.freeze_panes(1, 0)
    yield put


# -- in again ----------------------------------------------------------------------------------


class RestoreTarget(Target):
    """Rows of an export, stored as they are."""

    def __init__(self, rows: TableRows, table: Table[Any]) -> None:
        super().__init__(rows)
        self.table = table
        self._content: Row | None = None

    def take(self, block: list[Row]) -> None:
        made: list[tuple[Row, Any]] = []
        for row in block:
            try:
                made.append((row, self._built(row)))
            except FieldInvalidError as error:
                self.refuse_error(row, error)
        if self.table.name == "entry_counter":
            for row, counter in made:
                self._raise_counter(row, counter)
            return
        records = [record for _, record in made]
        if records and not self._is_added(records):
            there = self._there(records)
            for row, record in made:
                if there.get(self.table.key_of(record)) == record:
                    self.counts["unchanged"] += 1
                else:
                    self._take_one(row, record)
        if self.table.name == "attachment_content":
            for row, part in made:
                if self._content and self._content.given["digest"] != part.digest:
                    self.finish()
                self._content = row

    def finish(self) -> None:
        """Refuse a content that is not the one of its digest; then it is not stored either."""
        row, self._content = self._content, None
        if row and sound_size(self.work, digest := row.given["digest"]) is None:
            self.work.attachments.remove_content(digest)
            reason = "is not the content of its digest: somebody changed it, or a part is missing"
            self.refuse(row, reason, "content", digest)

    def _built(self, row: Row) -> Any:
        if self.table.entity is not Rows:
            return judged(self.table.entity, row.given)
        if self.table.like is not None:
            fields = attrs.fields_dict(self.table.like).keys() & row.given.keys()
            judged(self.table.like, {name: row.given[name] for name in fields})
        return SimpleNamespace(**row.given)

    def _raise_counter(self, row: Row, counter: Any) -> None:
        kind = EXPORTED.get(counter.kind)
        if kind is None or not kind.numbered:
            self.refuse(row, "names no table whose records are numbered by the store", "kind")
            return
        numbers: Any = self.work.records(kind.entity)
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
