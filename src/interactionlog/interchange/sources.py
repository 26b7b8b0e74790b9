"""Files that hold tables: CSV, XLSX, JSON, JSON Lines, packages of Business Central, vCard."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar
from xml.etree import ElementTree as ET

import attrs

from interactionlog.errors import UsageError, extra
from interactionlog.interchange.cells import as_text
from interactionlog.interchange.mapping import Source
from interactionlog.interchange.texts import SAMPLE, delimiter_of, encoding_of, line_not_in
from interactionlog.values import shown

T = TypeVar("T")
Cells = list[str]
Lines = Iterator[tuple[int, Cells]]
"""Rows with the line, or the place among the records, at which each begins."""

CARDS = "address book (vCard)"
"""Name of the table of an address book, which no other file has."""
LOOKED_AT = 1_000
"""Records that are read ahead, to know all captions where each record has its own."""
MOST_UNPACKED = 1024**3
MOST_CELLS = 10_000_000
"""Of a sheet, empty ones between filled ones too: calamine holds it in memory, 100 bytes each."""
MOST_COLUMNS = 16_384
MOST_FLAWS = 10_000
EXACT_NUMBERS = 10**15
INEXACT = "is a number of more than 15 digits, of which a workbook keeps 15: export it as text"
ERROR = "is an error such as #N/A: replace it, or empty the cell"
MOST_IN_RECORD = 2**26
"""Characters of a record in JSON."""
_JSON = re.compile(rb"\{|\[\s*([\[\]{\"\d-]|true|false|null|\Z)")
"""How records in JSON begin; a caption of a CSV may begin with a bracket."""
_CELL = re.compile(
    rb"<(?:\w+:)?(?:c\b(?=([^>]*?\bt=\"e\")?)[^>]*?\br=\"([A-Z]{1,3})(\d+)\"|(f)[\s/>]"
    rb"|mergeCell\b[^>]*?\bref=\"([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)\")"
)
Flaws = Mapping[int, Sequence[tuple[int, str]]]
"""Of lines, in which column something is wrong with the form of a cell, and what."""


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
        flaws: Cells that a workbook has in a form that cannot be taken.
        next_page: The file says that more records follow in another one.
        guessed: The encoding of a text of which nothing says it.
    """

    file: str
    name: str
    rows: Lines
    within: str | None = None
    table_id: int | None = None
    by_number: bool = False
    ragged: bool = False
    streamed: bool = False
    flaws: Flaws = attrs.field(factory=dict)
    next_page: bool = False
    guessed: str | None = None


def sheets_of(path: Path, source: Source, *, within: str | None = None) -> Iterator[Sheet]:
    """
    Give the tables of a file; what kind of file it is, its content says and not its name.

    Args:
        path: The file.
        source: What a mapping says of its form; what it does not say is found by looking.
        within: The only sheet that is wanted.

    Raises:
        SourceError: The file cannot be read.
        UsageError: An extra is missing.
    """
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE)
    except OSError as error:
        raise SourceError(f"cannot be opened: {error.strerror}") from error
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as file:
            yield from _package(path, file)  # type: ignore[arg-type]
    elif head.startswith(b"PK"):
        yield from _workbook(path, within, source.sheet)
    elif head.startswith(b"SQLite format 3\0"):
        raise SourceError("is a SQLite database: export its tables as CSV")
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError("is an old workbook, or has a password: save it as XLSX without one")
    elif b"<?xml" in head[:120].replace(b"\0", b""):
        with path.open("rb") as file:
            yield from _package(path, file)
    elif start.upper().startswith(b"BEGIN:VCARD"):
        yield _records(path, enumerate(_cards(path, head, source.encoding), 1), name=CARDS)
    elif _JSON.match(start):
        with path.open(encoding="utf-8-sig") as text:
            yield from _json(path, text, start)
    elif not source.encoding and b"\0" in head and not encoding_of(head).startswith("utf-16"):
        raise SourceError("is neither a text nor a workbook: save it as CSV or XLSX")
    else:
        found = source.encoding or encoding_of(head)
        rows = _csv(path, head, found, source.delimiter)
        guessed = found if not source.encoding and found.startswith("cp") else None
        yield Sheet(path.name, path.stem, rows, guessed=guessed)


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


# -- CSV ---------------------------------------------------------------------------------------


def _csv(path: Path, head: bytes, encoding: str, delimiter: str | None) -> Lines:
    csv.field_size_limit(max(csv.field_size_limit(), 2**24))  # content lies in cells
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = file.readline(SAMPLE)
            said = re.match(r"sep=(.)\r?\n", first)
            if not said:
                file.seek(0)
            if delimiter is None:
                delimiter = (
                    said[1] if said else delimiter_of(head.decode(encoding, "ignore")[:20_000])
                )
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            above = line = 2 if said else 1
            for cells in reader:
                if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
                    raise SourceError(f"has {len(cells):,} columns, at most {MOST_COLUMNS:,}", line)
                yield line, cells[:MOST_COLUMNS]
                line = above + reader.line_num
    except csv.Error as error:
        told = str(error)
        if told == "unexpected end of data":
            told = "a quotation mark opens a text here and none closes it"
        raise SourceError(f"is no delimited text: {told}", line) from error
    except UnicodeError as error:
        raise SourceError(
            f"is not {encoding.removesuffix('-sig').upper()} from here on: save the file in one "
            "encoding, or say which it has",
            line_not_in(path, encoding),
        ) from error
    except LookupError as error:
        raise UsageError(f"{encoding} is not an encoding: give one such as cp1252") from error


# -- XLSX --------------------------------------------------------------------------------------


def _workbook(path: Path, within: str | None, wanted: str | None) -> Iterator[Sheet]:
    calamine = extra("python_calamine", "xlsx", "reading XLSX")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _parts_of(archive)
            if "xl/sharedStrings.xml" in archive.namelist():
                for _ in _pieces(archive, "xl/sharedStrings.xml"):
                    pass  # it is as long as it says
            workbook = calamine.CalamineWorkbook.from_path(str(path))
            if wanted is not None and wanted not in workbook.sheet_names:
                there = ", ".join(workbook.sheet_names)
                raise SourceError(
                    f"has no sheet {wanted!r}, which the mapping names: it has {there}"
                )
            for name in workbook.sheet_names:
                if within in {None, name} and name in parts:
                    flaws = _flaws_of(archive, parts[name])
                    yield _sheet(path, workbook.get_sheet_by_name(name), flaws)
    except (UsageError, SourceError):
        raise
    except (zipfile.BadZipFile, zlib.error, ET.ParseError, ValueError, KeyError) as error:
        raise SourceError("is a damaged archive") from error
    except (RuntimeError, OSError, EOFError) as error:  # a password, or a way of packing
        if getattr(error, "errno", None) is not None:
            raise
        raise SourceError(f"cannot be unpacked: {error}") from error
    except Exception as error:  # calamine's own error is not a class that older releases have
        if type(error).__module__.partition(".")[0] != "python_calamine":
            raise
        raise SourceError(f"cannot be read as XLSX: {error}") from error


def _parts_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return where in the archive each sheet lies; refuse one that would burst."""
    sizes = [(each.file_size, each.compress_size) for each in archive.infolist()]
    unpacked, packed = (sum(size) for size in zip(*sizes, strict=True))
    if unpacked > MOST_UNPACKED or (unpacked > 2**26 and unpacked > 150 * packed):
        raise SourceError(f"would be {unpacked:,} bytes unpacked: this is not a workbook")
    if "xl/workbook.xml" not in archive.namelist():
        raise SourceError("is an archive and no XLSX workbook: unpack it first")
    book, links = (
        ET.fromstring(archive.read(name))  # noqa: S314  # expat bounds entities
        for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    )
    places = {each.get("Id"): (each.get("Target") or "").lstrip("/") for each in links}
    found: dict[str, str] = {}
    for each in book.iterfind(".//{*}sheet"):
        place = next((places.get(v) for k, v in each.items() if k.endswith("}id")), None)
        if place is not None:
            found[each.get("name") or ""] = place if place.startswith("xl/") else f"xl/{place}"
    return found


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as part:
        while piece := part.read(2**20):
            yield piece


def _sheet(path: Path, sheet: Any, flaws: dict[int, list[tuple[int, str]]]) -> Sheet:
    """Return a sheet with its rows as text, from the first column on."""
    before = [""] * (sheet.start or (0, 0))[1]

    def rows() -> Lines:
        for line, row in enumerate(sheet.iter_rows(), 1):
            for place, value in enumerate(row, len(before)):
                if type(value) is float and not -EXACT_NUMBERS < value < EXACT_NUMBERS:
                    flaws.setdefault(line, []).append((place, INEXACT))
            if len(flaws) > MOST_FLAWS:
                raise SourceError(f"has more than {MOST_FLAWS:,} rows whose numbers were cut")
            texts = [*before, *map(as_text, row)]
            if any(texts):
                yield line, texts

    numbered = rows()
    first = next(numbered, None)
    return Sheet(
        path.name,
        sheet.name,
        itertools.chain([first] if first else [], numbered),
        within=sheet.name,
        table_id=_table_no(first[1][2]) if first and first[0] == 1 and len(first[1]) > 2 else None,
        ragged=True,
        flaws=flaws,
    )


def _flaws_of(archive: zipfile.ZipFile, part: str) -> dict[int, list[tuple[int, str]]]:
    """
    Return the cells of a sheet that are a formula, an error or merged with others.

    The value of a formula may be older than the cells it was made from; of merged cells all but one
    look empty.
    """
    flaws: dict[int, list[tuple[int, str]]] = {}
    rest, letters, line, lines, columns = b"", b"", 0, 0, 0
    for piece in _pieces(archive, part):
        text = rest + piece
        end = text.rfind(b">") + 1
        rest, wide = text[end:], set[bytes]()
        for error, cell, row, formula, left, top, right, bottom in _CELL.findall(text, 0, end):
            if cell:
                letters, line = cell, int(row)
                wide.add(cell)
                lines = max(lines, line)
                if error:  # calamine reads it as an empty cell
                    flaws.setdefault(line, []).append((_column(cell), ERROR))
            elif formula:
                reason = f"{letters.decode()}{line} holds a formula: copy the sheet as values first"
                flaws.setdefault(line, []).append((_column(letters), reason))
            else:
                range_ = f"{left.decode()}{int(top)}:{right.decode()}{int(bottom)}"
                reason = f"{range_} is merged: undo that, and fill in each cell"
                for each in range(int(top), min(int(bottom), int(top) + MOST_FLAWS) + 1):
                    flaws.setdefault(each, []).append((_column(left), reason))
            if len(flaws) > MOST_FLAWS:
                raise SourceError(
                    f"has more than {MOST_FLAWS:,} rows with formulas or merged cells"
                )
        columns = max([columns, *(_column(each) + 1 for each in wide)])
        if lines * columns > MOST_CELLS:
            raise SourceError(
                f"has {lines:,} rows and {columns:,} columns, at most {MOST_CELLS:,} cells are "
                "read from a sheet: delete what lies outside the table, or save it as CSV"
            )
    return flaws


def _column(letters: bytes) -> int:
    """Return the place of a column, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


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
    try:
        "".join([*found, *found.values()]).encode()
    except UnicodeEncodeError as error:
        raise SourceError(f"holds half of a sign: {shown(error.object[error.start])}") from error
    return found


OWN = "interactionlog"
"""Field of a JSON line that names its table, in an export of the library."""


def _no_value(name: str) -> NoReturn:
    raise SourceError(f"has {name}, which is no value in JSON: write null")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_value)


def _readable(path: Path, records: Iterator[T]) -> Iterator[T]:
    """Give records; what cannot be decoded is said with its line."""
    try:
        yield from records
    except UnicodeError as error:
        line = line_not_in(path, "utf-8-sig")
        raise SourceError("is not UTF-8 from here on, and JSON is", line) from error
    except RecursionError as error:
        raise SourceError("is nested too deeply to hold records") from error


def _json(path: Path, text: IO[str], start: bytes) -> Iterator[Sheet]:
    first = _whole_record(start) if start[:1] == b"{" else None
    if first is None:
        flat = ((place, _flat(record)) for place, record in enumerate(_json_records(text), 1))
        yield _records(path, _readable(path, flat), next_page=_has_next_page(path, start))
    elif OWN not in first:
        yield _records(path, _readable(path, _json_lines(text)))
    else:
        lines = _readable(path, _json_lines(text))
        for table, records in itertools.groupby(lines, lambda each: each[1].get(OWN)):
            own = ((line, {k: v for k, v in each.items() if k != OWN}) for line, each in records)
            yield _records(path, own, name=table or path.stem, within=table, streamed=True)


def _has_next_page(path: Path, start: bytes) -> bool:
    """Say whether a page of OData, before or after its records, links to one that follows."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - SAMPLE))
        return any(map(_NEXT_PAGE.search, (start, file.read())))


def _json_records(text: IO[str]) -> Iterator[Any]:
    """Give the records of a list, or of the list ``value`` of an object, one at a time."""
    decode, buffer, line = _DECODER.raw_decode, text.read(SAMPLE), 1

    def refuse(reason: str, more: int = 0) -> NoReturn:
        raise SourceError(f"is not JSON: {reason}", line + more)

    begins = _LIST.match(buffer)
    if begins is None:  # one record
        buffer += text.read(MOST_IN_RECORD)
        if text.read(1):
            refuse(f"no list of records begins in the first {MOST_IN_RECORD:,} characters")
        try:
            found, end = decode(buffer.lstrip())
        except ValueError as error:
            refuse(str(error), getattr(error, "lineno", 1) - 1)
        if buffer.lstrip()[end:].strip():
            refuse("more follows after its end")
        yield from found["value"] if isinstance(found.get("value"), list) else [found]
        return
    place = begins.end()
    while True:
        try:
            if (sign := _SIGN.match(buffer, place))[1] == "]":  # type: ignore[index]  # it matches all
                rest = buffer[sign.end() :] + text.read(SAMPLE)  # type: ignore[union-attr]
                if begins[0].strip() == "[" and rest.strip():
                    refuse("more follows after its end", buffer.count("\n", 0, place))
                return
            record, end = decode(buffer, sign.end())  # type: ignore[union-attr]
            if end == len(buffer):  # a number may go on
                raise ValueError
        except SourceError:
            raise
        except ValueError as error:
            if more := text.read(SAMPLE):
                if len(buffer) - place > MOST_IN_RECORD:
                    refuse(f"a record of more than {MOST_IN_RECORD:,} characters")
                line += buffer.count("\n", 0, place)
                buffer, place = buffer[place:] + more, 0
                continue
            refuse(
                str(error) or "it has no end", buffer.count("\n", 0, getattr(error, "pos", place))
            )
        yield record
        place = end


_LIST = re.compile(
    r'\s*(?:\[|\{(?:\s*"@?[\w.@]+"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*,)*?\s*"value"\s*:\s*\[)'
)
"""Where the records begin: of a list, or of the list ``value`` behind plain fields."""
_NEXT_PAGE = re.compile(rb'"@?odata\.nextLink"\s*:\s*"')
_SIGN = re.compile(r"\s*,?\s*(\]?)")


def _whole_record(start: bytes) -> dict[str, Any] | None:
    """Return the record of the first line, or ``None`` where it goes on below."""
    try:
        first = json.loads(start.splitlines()[0])
    except (ValueError, RecursionError):
        return None
    return None if isinstance(first.get("value"), list) else first


def _json_lines(text: IO[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(text, 1):
        if line.strip():
            try:
                yield number, _flat(_DECODER.decode(line))
            except SourceError as error:
                raise SourceError(str(error), number) from error
            except ValueError as error:
                raise SourceError(f"is not JSON: {error}", number) from error


# -- Configuration packages of Business Central ------------------------------------------------


def _package(path: Path, file: IO[bytes]) -> Iterator[Sheet]:
    """Give the tables of a package: names of elements and numbers of options know no language."""
    sheet = None
    for (name, table_id), found in itertools.groupby(_of_package(file), key=lambda each: each[0]):
        records = enumerate((record for _, record in found), 1)
        more = {"table_id": table_id, "by_number": True, "within": name, "name": name}
        sheet = _records(path, records, **more)
        yield sheet
    if sheet is None:
        raise SourceError("is XML and holds no table of a configuration package")


def _of_package(file: IO[bytes]) -> Iterator[tuple[tuple[str, int | None], dict[str, str]]]:
    """Give the records of a package, each with name and number of its table."""
    depth, table, table_id, opened, size = 0, ET.Element(""), None, 0, 0
    parser: Any = ET.XMLPullParser(("start", "end"))  # expat bounds entities
    try:
        while piece := file.read(2**16):
            parser.feed(piece)
            size += len(piece)
            for event, element in parser.read_events():
                if event == "start":
                    depth, opened = depth + 1, opened + 1
                    if depth == 2:
                        table, table_id = element, None
                    continue
                if depth == 3 and element.tag == "TableID":
                    table_id = _table_no(element.text or "")
                elif depth == 3 and len(element):
                    record = {field.tag: field.text or "" for field in element}
                    yield (table.tag.removesuffix("List"), table_id), record
                    table.clear()
                    opened = size = 0
                depth -= 1
            if opened > MOST_COLUMNS or size > MOST_IN_RECORD:
                most = f"{MOST_COLUMNS:,} elements or {MOST_IN_RECORD:,} bytes"
                raise ValueError(f"more than {most} hold no record")
        parser.close()
    except (ET.ParseError, OSError, EOFError, zlib.error, LookupError, ValueError) as error:
        raise SourceError(f"is no configuration package: {error}") from error


def _table_no(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() and len(text) < 10 else None


# -- vCard -------------------------------------------------------------------------------------


def _cards(path: Path, head: bytes, encoding: str | None) -> Iterator[dict[str, str]]:
    vobject = extra("vobject", "vcard", "reading vCard")
    try:
        text = path.read_text(encoding=encoding or encoding_of(head))
    except UnicodeError as error:
        raise SourceError(f"is not {encoding or encoding_of(head)}: say its encoding") from error
    place = 1
    try:
        for card in vobject.readComponents(io.StringIO(text)):
            yield _card(card)
            place += 1
    except Exception as error:  # whatever its parts raise: codecs, dates, lines
        told = f"is no vCard: {getattr(error, 'msg', error)}: export it as version 3.0 or 4.0"
        raise SourceError(told, place) from error


_PHONES = {"CELL": "CELL", "MOBILE": "CELL", "FAX": "FAX", "PAGER": "PAGER", "MODEM": "MODEM"}
"""What numbers are that are none to call, and mobile ones."""


def _card(card: Any) -> dict[str, str]:
    found = {within.name: "" for within in card.components()}  # in 2.1, that of an agent
    for line in card.lines():
        said = ",".join([*line.params.get("TYPE", ()), *line.singletonparams]).upper()  # as in 2.1
        kinds = set(re.split(r'[,"]+', said))
        name = line.name
        if name == "TEL" and (kind := next((each for each in _PHONES if each in kinds), None)):
            name = f"TEL;{_PHONES[kind]}"
        if name == "ADR":
            parts = {
                each: as_text(getattr(line.value, each))
                for each in ("street", "city", "region", "code", "country")
            }
            found = {f"ADR;{part.upper()}": text for part, text in parts.items()} | found
        else:
            found.setdefault(name, as_text(line.value).strip().removeprefix("tel:"))
    return found
