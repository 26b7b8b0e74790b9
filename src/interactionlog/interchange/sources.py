"""Files that hold tables: CSV, XLSX, JSON, JSON Lines, packages of Business Central, vCard."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree as ET

import attrs

from interactionlog.errors import UsageError
from interactionlog.interchange.extras import extra

Cells = list[str]
Lines = Iterator[tuple[int, Cells]]
"""Rows with the line, or the place among the records, at which each begins."""

LOOKED_AT = 1_000
"""Records that are read ahead, to know all captions where each record has its own."""
MOST_UNPACKED = 2 * 1024**3
_SAMPLE = 256 * 1024
_ENCODINGS = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257"]
"""What a text that is not UTF-8 may be, the likeliest first."""
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_FORMULA = re.compile(rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f[\s/>]")


class SourceError(ValueError):
    """
    A file that cannot be read on.

    Attributes:
        line: Where; ``None`` when it is about the whole file.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@attrs.frozen
class Sheet:
    """
    One table of a file.

    Attributes:
        file: Name of the file.
        name: Name of the sheet, or of the file without its suffix.
        rows: Captions and rows, all as text; read once, before those of the next sheet.
        within: Name of the sheet where a file has several; else ``None``.
        table_id: Number of the table in Business Central, where the file says it.
        by_number: Options are numbers.
        ragged: Empty cells at the end of a row may be missing.
        streamed: The tables come in the order in which they build on others.
    """

    file: str
    name: str
    rows: Lines
    within: str | None = None
    table_id: int | None = None
    by_number: bool = False
    ragged: bool = False
    streamed: bool = False


def sheets_of(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None
) -> Iterator[Sheet]:
    """
    Give the tables of a file; what kind of file it is, its content says and not its name.

    Args:
        path: The file.
        encoding: Of a text; found by looking if not given.
        delimiter: Of a CSV file; found by looking if not given.

    Raises:
        SourceError: The file cannot be read.
        UsageError: An extra is missing.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as file:
            yield from _package(path, file)  # type: ignore[arg-type]
    elif head.startswith(b"PK"):
        yield from _workbook(path)
    elif b"<?xml" in head[:120].replace(b"\0", b""):
        with path.open("rb") as file:
            yield from _package(path, file)
    elif start.upper().startswith(b"BEGIN:VCARD"):
        yield _records(path, enumerate(_cards(path, head, encoding), 1))
    elif start[:1] in {b"{", b"["}:
        yield from _json(path, start)
    else:
        rows = _csv(path, head, encoding, delimiter)
        yield Sheet(path.name, path.stem, rows)


def _records(path: Path, records: Iterable[tuple[int, Mapping[str, str]]], **more: Any) -> Sheet:
    """Return records that name their own columns as a sheet."""
    name = more.pop("name", path.stem)
    return Sheet(path.name, name, _as_rows(iter(records)), **more)


def _as_rows(records: Iterator[tuple[int, Mapping[str, str]]]) -> Lines:
    first = list(itertools.islice(records, LOOKED_AT))
    captions = list(dict.fromkeys(itertools.chain.from_iterable(each for _, each in first)))
    known = set(captions)
    yield 0, captions
    for line, record in itertools.chain(first, records):
        if not record.keys() <= known:
            later = ", ".join(record.keys() - known)
            raise SourceError(f"has {later}, which the first {LOOKED_AT} records have not", line)
        yield line, [record.get(caption, "") for caption in captions]


_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda flag: "true" if flag else "false",
    float: lambda number: str(int(number)) if number.is_integer() else repr(number),
    Decimal: lambda number: f"{number:f}",
    datetime: lambda when: when.isoformat(" "),
    list: lambda several: ";".join(map(as_text, several)),
}


def as_text(value: Any) -> str:
    """Write a value of a typed source in the one form that is read back for certain."""
    return _TEXTS.get(type(value), str)(value)


# -- CSV ---------------------------------------------------------------------------------------


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text by its first bytes."""
    known = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if known is None and (head[1:400:2].count(0) > 100 or head[1:4:2] == b"\0\0"):
        known = "utf-16-le"
    if known is None:
        try:
            head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
        except UnicodeDecodeError:
            found = extra("charset_normalizer", "encodings", "a text that is not UTF-8")
            likely = [match.encoding for match in found.from_bytes(head, cp_isolation=_ENCODINGS)]
            known = min(likely, key=_ENCODINGS.index, default="cp1252")
    return known or "utf-8-sig"


def delimiter_of(text: str) -> str:
    """Return what separates the cells of a text: what gives most rows of one width."""

    def score(delimiter: str) -> int:
        widths = [
            len(row) for row in csv.reader(text.splitlines(keepends=True)[:50], delimiter=delimiter)
        ]
        width = max(set(widths), key=widths.count, default=1)
        return widths.count(width) * (width - 1)

    try:
        guess = csv.Sniffer().sniff(text, ",;\t|").delimiter
    except csv.Error:
        guess = ","
    return max((guess, ",", ";", "\t", "|"), key=score)


def _csv(path: Path, head: bytes, encoding: str | None, delimiter: str | None) -> Lines:
    csv.field_size_limit(max(csv.field_size_limit(), 2**24))  # content lies in cells
    encoding = encoding or encoding_of(head)
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = file.readline(_SAMPLE)
            said = re.match(r"sep=(.)\r?\n", first)
            if not said:
                file.seek(0)
            if delimiter is None:
                delimiter = (
                    said[1] if said else delimiter_of(head.decode(encoding, "ignore")[:20_000])
                )
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            above = 1 if said else 0
            while True:
                line = reader.line_num + above + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise SourceError(f"is no delimited text: {error}", line) from error
                yield line, cells
    except UnicodeError as error:
        raise SourceError(
            f"is not {encoding.removesuffix('-sig').upper()} from here on: save the file in one "
            "encoding, or say which it has",
            _line_not_in(path, encoding),
        ) from error
    except LookupError as error:
        raise UsageError(f"{encoding} is not an encoding: give one such as cp1252") from error


def _line_not_in(path: Path, encoding: str) -> int | None:
    """Return the first line that is not in an encoding."""
    if encoding.startswith("utf-16"):
        return None
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None


# -- XLSX --------------------------------------------------------------------------------------


def _workbook(path: Path) -> Iterator[Sheet]:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [(each.file_size, each.compress_size) for each in archive.infolist()]
            unpacked, packed = (sum(size) for size in zip(*sizes, strict=True))
            if unpacked > MOST_UNPACKED or (unpacked > 2**26 and unpacked > 150 * packed):
                raise SourceError(f"would be {unpacked:,} bytes unpacked: this is not a workbook")
            names = archive.namelist()
            if "xl/workbook.xml" not in names:
                raise SourceError("is an archive and no XLSX workbook: unpack it first")
            for name in names:
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _refuse_formulas(archive, name)
    except (zipfile.BadZipFile, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError("is a damaged archive") from error
    calamine = extra("python_calamine", "xlsx", "reading XLSX")
    try:
        workbook = calamine.CalamineWorkbook.from_path(str(path))
    except Exception as error:  # its own error is not a class that older releases have
        raise SourceError(f"cannot be read as XLSX: {error}") from error
    for name in workbook.sheet_names:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        texts = [[as_text(cell) for cell in row] for row in rows]
        head = texts[0] if texts else []
        found = head[2] if len(head) > 2 and head[2].isdecimal() else None
        numbered = ((line, row) for line, row in enumerate(texts, 1) if any(row))
        yield Sheet(
            path.name,
            name,
            numbered,
            within=name,
            table_id=int(found) if found else None,
            ragged=True,
        )


def _refuse_formulas(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a sheet with a formula: its value may be older than the cells it was made from."""
    with archive.open(name) as part:
        rest = b""
        while piece := part.read(2**20):
            text = rest + piece
            if found := _FORMULA.search(text):
                cell = re.search(rb'\br="([A-Z]+\d+)"', found[1])
                place = cell[1].decode() if cell else "a cell"
                line = int(re.sub(r"\D", "", place) or 0) or None
                raise SourceError(f"{place} holds a formula: copy the sheet as values first", line)
            rest = text[-2_000:]


# -- JSON --------------------------------------------------------------------------------------


def _flat(record: Any, before: str = "") -> dict[str, str]:
    if not isinstance(record, dict):
        raise SourceError("must hold records, each with its fields by name")
    found: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        elif not name.startswith("@odata"):
            found[f"{before}{name}"] = as_text(value)
    return found


OWN = "interactionlog"
"""Field of a JSON line that names its table, in an export of the library."""


def _json(path: Path, start: bytes) -> Iterator[Sheet]:
    text = path.open(encoding="utf-8-sig")
    with text:
        if start[:1] == b"{" and (first := _whole_record(start)) is not None:
            lines = _json_lines(text)
            if OWN not in first:
                yield _records(path, lines)
                return
            for table, records in itertools.groupby(lines, key=lambda each: each[1][OWN]):
                own = (
                    (line, {k: v for k, v in each.items() if k != OWN}) for line, each in records
                )
                yield _records(path, own, name=table, within=table, streamed=True)
            return
        try:
            data = json.load(text, parse_float=Decimal)
        except ValueError as error:
            line = getattr(error, "lineno", None)
            raise SourceError(f"is not JSON: {error}", line) from error
    records = data.get("value", [data]) if isinstance(data, dict) else data
    yield _records(path, ((place, _flat(record)) for place, record in enumerate(records, 1)))


def _whole_record(start: bytes) -> dict[str, Any] | None:
    """Return the record of the first line, or ``None`` where it goes on below."""
    try:
        first = json.loads(start.splitlines()[0])
    except ValueError:
        return None
    return None if set(first) & {"value"} and isinstance(first["value"], list) else first


def _json_lines(text: IO[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(text, 1):
        if line.strip():
            try:
                record = json.loads(line, parse_float=Decimal)
            except ValueError as error:
                raise SourceError(f"is not JSON: {error}", number) from error
            yield number, _flat(record)


# -- Configuration packages of Business Central ------------------------------------------------


def _package(path: Path, file: IO[bytes]) -> Iterator[Sheet]:
    """Give the tables of a package: names of elements and numbers of options know no language."""
    parsed = _elements(file)
    for depth, element, begins in parsed:
        if depth == 2 and begins:
            table_id, first = None, None
            for inner, child, inside in parsed:
                if inner == 3 and not inside and child.tag == "TableID":
                    table_id = int(child.text or 0)
                elif inner == 3 and not inside and len(child):
                    first = child
                    break
                elif inner == 2 and not inside:
                    break
            if first is not None:
                records = enumerate(_rows_of_package(parsed, element, first), 1)
                name = element.tag.removesuffix("List")
                more = {"table_id": table_id, "by_number": True, "within": name, "name": name}
                yield _records(path, records, **more)


def _rows_of_package(
    parsed: Iterator[tuple[int, ET.Element, bool]], table: ET.Element, first: ET.Element
) -> Iterator[dict[str, str]]:
    yield {field.tag: field.text or "" for field in first}
    for depth, element, begins in parsed:
        if depth == 3 and not begins and len(element):
            yield {field.tag: field.text or "" for field in element}
            table.clear()
        elif depth == 2 and not begins:
            return


def _elements(file: IO[bytes]) -> Iterator[tuple[int, ET.Element, bool]]:
    depth = 0
    try:
        for event, element in ET.iterparse(file, events=("start", "end")):  # noqa: S314  # expat bounds entities
            depth += event == "start"
            yield depth, element, event == "start"
            depth -= event == "end"
    except (ET.ParseError, OSError, EOFError) as error:
        raise SourceError(f"is no configuration package: {error}") from error


# -- vCard -------------------------------------------------------------------------------------


def _cards(path: Path, head: bytes, encoding: str | None) -> Iterator[dict[str, str]]:
    vobject = extra("vobject", "vcard", "reading vCard")
    text = path.read_text(encoding=encoding or encoding_of(head))
    try:
        for card in vobject.readComponents(io.StringIO(text)):
            yield _card(card)
    except vobject.base.ParseError as error:
        raise SourceError(f"is no vCard: {error}", getattr(error, "lineNumber", None)) from error


def _card(card: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in card.getChildren():
        kinds = {kind.upper() for kind in line.params.get("TYPE", ())}
        name = "TEL;CELL" if line.name == "TEL" and kinds & {"CELL", "MOBILE"} else line.name
        if name == "ADR":
            parts = {
                each: as_text(getattr(line.value, each))
                for each in ("street", "city", "region", "code", "country")
            }
            found = {f"ADR;{part.upper()}": text for part, text in parts.items()} | found
        else:
            found.setdefault(name, as_text(line.value).strip())
    return found
