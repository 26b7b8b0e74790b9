"""Everything out, in the form in which it comes in again."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from interactionlog.adapters.tables import Column, Kind, Rows, Table, columns_of
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.attachments.attachment import Attachment
from interactionlog.errors import UsageError
from interactionlog.interchange.cells import writer_of
from interactionlog.interchange.extras import extra
from interactionlog.interchange.mapping import FORMULA, MARK
from interactionlog.interchange.sources import OWN
from interactionlog.interchange.table_import import Progress, exported, is_kept_by_host
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
    with opened(path) as open_table:
        for table in exported():
            columns = [each for each in columns_of(table) if each.source is None]
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


def _records(work: StoreUnitOfWork, table: Table[Any]) -> Iterator[Any] | None:
    """Return the records of a table; ``None`` for those that a host keeps."""
    if is_kept_by_host(work, table.name):
        return None
    if table.name == "entry_counter":
        return _counters(work)
    return work.parts(table) if table.entity is Rows else work.scan(table.entity)


def _counters(work: StoreUnitOfWork) -> Iterator[Any]:
    for table in exported():
        if table.numbered:
            records: Any = work.records(table.entity)
            yield SimpleNamespace(kind=table.name, last_value=records.counter.last())


@contextmanager
def writing(
    open_table: Opened,
    path: Path,
    table: Table[Any],
    columns: Sequence[Column],
    longest: int = 0,
) -> Iterator[Callable[[Any], None]]:
    """Open a table for records, each written as text."""
    writers = [(each.name, writer_of(each)) for each in columns]
    captions: list[str] = []
    spread: dict[str, int] = {}
    for each in columns:
        pieces = 1
        if path.suffix == ".xlsx" and each.kind in {Kind.BYTES, Kind.JSON}:
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
                if path.suffix == ".jsonl":
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


@contextmanager
def written(path: Path, *, over: bool = False) -> Iterator[Path]:
    """
    Give a path to write to, which takes its name when the block ends normally, or vanishes.

    Args:
        path: The name.
        over: It may be there: it is overwritten.

    Raises:
        UsageError: The path exists.
    """
    if path.exists() and not over:
        raise UsageError(f"{path} exists: give a name that does not")
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
    except BaseException:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
        raise
    part.replace(path)


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a folder or file for tables: the ending of its name says what it is; as `written`."""
    with written(path) as part:
        if path.suffix == "":
            part.mkdir(parents=True)
            yield lambda name, captions: csv_table(part / f"{name}.csv", captions)
        elif path.suffix == ".csv":
            yield lambda _, captions: csv_table(part, captions)
        elif path.suffix == ".jsonl":
            with part.open("w", encoding="utf-8") as file:
                yield lambda name, captions: _json_table(file, name, captions)
        elif path.suffix == ".xlsx":
            xlsxwriter = extra("xlsxwriter", "xlsx", "writing XLSX")
            with xlsxwriter.Workbook(str(part), {"constant_memory": True}) as book:
                yield lambda name, captions: _sheet(book, name, captions)
        else:
            message = f"{path.name}: export to a folder, or to a file that ends in .jsonl or .xlsx"
            raise UsageError(message)


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


@contextmanager
def _sheet(book: Any, name: str, captions: Sequence[str]) -> Iterator[Put]:
    sheet, row = book.add_worksheet(name[:31]), 0

    def put(cells: Sequence[str]) -> None:
        nonlocal row
        if row > MOST_ROWS:
            raise UsageError(f"a sheet has no room for all of {name}: export to .jsonl or a folder")
        for column, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, column, cell)
        row += 1

    put(captions)
    sheet.freeze_panes(1, 0)
    yield put
