"""Rows on their way in: what was found about them, and a table that gives them in blocks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from interactionlog.interchange.cells import Form, Reader, field_type, reader_of, with_column
from interactionlog.interchange.mapping import KEY, MARK, Column, MappingFile, fold
from interactionlog.interchange.sources import Cells, Lines, Sheet, SourceError

BLOCK = 1_000
"""Rows that are looked up and written together."""


@attrs.frozen(kw_only=True)
class Finding:
    """
    Something that an import refused or left out.

    Attributes:
        code: Stable name, such as ``row-rejected``, ``step-left-out`` or ``unknown-column``.
        file: Name of the file.
        sheet: Sheet of a workbook, or table of a package; ``None`` where there are none.
        line: Line of the file, counted from 1; ``None`` when it is about the whole file.
        column: Caption of the column; ``None`` when it is about the whole row.
        value: What stands there; ``None`` when it is not about one value.
        reason: What is wrong and what to do.
    """

    code: str
    file: str
    sheet: str | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None
    reason: str

    def __str__(self) -> str:
        sheet = "" if self.sheet is None else f", sheet {self.sheet}"
        line = "" if self.line is None else f", line {self.line}"
        column = "" if self.column is None else f", column {self.column}"
        value = "" if self.value is None else f": {self.value[:100]!r}"
        return f"{self.file}{sheet}{line}{column}: {self.reason}{value}"


Report = Callable[[Finding], object]


@attrs.define
class Row:
    """
    One row.

    Attributes:
        line: Line of the file on which it begins.
        cells: Texts as they are in the file.
        given: Values by field; an empty cell gives the field's default.
        key: What the row is called where it comes from; ``""`` for nothing.
        record: Key of its record, as it is stored.
    """

    line: int
    cells: Sequence[str]
    given: dict[str, Any]
    key: str = ""
    record: tuple[Any, ...] = ()


class TableRows:
    """
    The rows of one table, read by a mapping.

    Args:
        sheet: The table.
        mapping: How it is read.
        captions: Of its columns.
        entity: Gives types and defaults of the fields.
        form: How texts are written.
        header_line: Line of the captions.
        readers: Of the fields, where rows are restored as they are.
    """

    def __init__(
        self,
        sheet: Sheet,
        mapping: MappingFile,
        captions: Cells,
        entity: type[Any],
        form: Form,
        *,
        header_line: int = 1,
        readers: Mapping[str, Reader] | None = None,
    ) -> None:
        self._header_line = header_line
        self._readers = readers
        self.sheet = sheet
        self.mapping = mapping
        self.captions = captions
        self.entity = entity
        self.form = form
        self.fields = mapping.fields_of(captions)
        self._read = [
            self._reading(field, places) for field, places in self.fields.items() if field != KEY
        ]
        self._joined = {field for field in self.fields if self._column(field).join is not None}
        self._marked = [p for p, caption in enumerate(captions) if fold(caption) == MARK]

    def _column(self, field: str) -> Column:
        return self.mapping.columns.get(field, Column())

    def _reading(self, field: str, places: list[int]) -> tuple[str, list[int], Reader, Any, bool]:
        if self._readers is not None:
            return field, places, self._readers[field], attrs.NOTHING, False
        kind, column = field_type(self.entity, field), self._column(field)
        read: Reader = str if column.lookup else reader_of(kind, self.form)
        read = with_column(read, column, kind, self.form)
        fields = attrs.fields_dict(self.entity)
        default = fields[field].default if field in fields else ""
        return field, places, read, default, column.required or default is attrs.NOTHING

    def caption(self, field: str | None) -> str | None:
        """Return the caption of a field; ``None`` when it has no column."""
        places = self.fields.get(field or "")
        return self.captions[places[0]] if places else None

    def finding(
        self,
        code: str,
        reason: str,
        line: int | None = None,
        field: str | None = None,
        *,
        column: str | None = None,
        value: str | None = None,
    ) -> Finding:
        """Return a finding about the table, one of its rows or of its columns."""
        return Finding(
            code=code,
            file=self.sheet.file,
            sheet=self.sheet.within,
            line=line,
            column=column or self.caption(field),
            value=value,
            reason=reason,
        )

    def column_findings(self) -> tuple[list[Finding], list[Finding]]:
        """Return what is wrong with the captions, and what is only worth knowing."""
        wrong: list[Finding] = []
        known: list[Finding] = []
        mapping, folded = self.mapping, list(map(fold, self.captions))
        for field, column in mapping.columns.items():
            needed = column.required or self._has_no_default(field)
            if needed and column.const is None and field not in self.fields:
                if field == "no" and mapping.key and KEY in self.fields:
                    continue
                caption = column.captions[0] if column.captions else field
                reason = "is missing: a row must hold the captions"
                wrong.append(
                    self.finding("row-rejected", reason, self._header_line, column=caption)
                )
        repeated = {
            fold(each)
            for column in mapping.columns.values()
            if column.repeated
            for each in column.captions
        }
        for place, caption in enumerate(self.captions):
            text = folded[place]
            if not text or text == MARK:
                continue
            if text in folded[:place] and text not in repeated and text in mapping.places:
                wrong.append(
                    self.finding(
                        "row-rejected", "is there twice", self._header_line, column=caption
                    )
                )
            elif text not in mapping.places and text not in mapping.ignored:
                near = mapping.nearest(caption, self.captions)
                if near is None:
                    reason = "is not known and was left out"
                    known.append(self.finding("unknown-column", reason, column=caption))
                else:
                    reason = (
                        f"is not known, the nearest that is missing is {near}: rename it, or let a "
                        "mapping ignore it"
                    )
                    wrong.append(
                        self.finding("row-rejected", reason, self._header_line, column=caption)
                    )
        return wrong, known

    def _has_no_default(self, field: str) -> bool:
        fields = attrs.fields_dict(self.entity)
        return field in fields and fields[field].default is attrs.NOTHING

    def more(self, row: Row) -> dict[str, str]:
        """Return the filled cells of columns that no field has, by caption."""
        known = {place for places in self.fields.values() for place in places}
        return {
            caption: row.cells[place].strip()
            for place, caption in enumerate(self.captions)
            if place not in known and row.cells[place].strip() and fold(caption) != MARK
        }

    def blocks(
        self, rows: Lines, reject: Callable[[Finding, Sequence[str]], object]
    ) -> Iterator[list[Row]]:
        """Give readable rows, a thousand at a time; the others are rejected."""
        read = self._rows(rows, reject)
        while block := list(itertools.islice(read, BLOCK)):
            yield block

    def _rows(
        self, rows: Lines, reject: Callable[[Finding, Sequence[str]], object]
    ) -> Iterator[Row]:
        width, keys = len(self.captions), self.fields.get(KEY, [])
        fixed = self._fixed()
        try:
            for line, cells in rows:
                if len(cells) != width:
                    cells = self._fitted(cells, width)  # noqa: PLW2901
                    if len(cells) != width:
                        reason = f"must have {width} fields, has {len(cells)}"
                        reject(self.finding("row-rejected", reason, line), cells)
                        continue
                if not any(map(str.strip, cells)):
                    continue
                if self._marked and cells[self._marked[0]]:
                    cells = [cell.removeprefix("'") for cell in cells]  # noqa: PLW2901
                given = dict(fixed)
                good = self._values(line, cells, given, reject)
                if good:
                    key = next((text for place in keys if (text := cells[place].strip())), "")
                    yield Row(line, cells, given, key)
        except SourceError as error:
            reject(self.finding("row-rejected", str(error), error.line), ())

    def _fixed(self) -> dict[str, Any]:
        fixed: dict[str, Any] = {}
        for field, column in self.mapping.columns.items():
            if column.const is not None and field not in self.fields:
                kind = field_type(self.entity, field)
                fixed[field] = column.const if column.lookup else reader_of(kind)(column.const)
        for field, text in self.mapping.fixed.items():
            fixed[field] = reader_of(field_type(self.entity, field))(text)
        return fixed

    def _fitted(self, cells: Cells, width: int) -> Cells:
        """Return cells without empty ones behind the last column; a workbook leaves some out."""
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        if cells and len(cells) < width and (self.sheet.ragged or not any(map(str.strip, cells))):
            cells = [*cells, *[""] * (width - len(cells))]
        return cells or [""] * width

    def _values(
        self,
        line: int,
        cells: Cells,
        given: dict[str, Any],
        reject: Callable[[Finding, Sequence[str]], object],
    ) -> bool:
        good = True
        strip = not self.mapping.restore
        for field, places, read, default, required in self._read:
            text = cells[places[0]]
            if strip:
                text = text.strip()
            if len(places) > 1 and (not text or field in self._joined):
                texts = [cells[p].strip() if strip else cells[p] for p in places]
                texts = list(filter(None, texts))
                text = (
                    (self._column(field).join or "").join(texts)
                    if field in self._joined
                    else next(iter(texts), "")
                )
            if text or not strip:
                try:
                    value = read(text)
                except ValueError as error:
                    good = False
                    reject(
                        self.finding("row-rejected", str(error), line, field, value=text[:50]),
                        cells,
                    )
                    continue
                given[field] = default if value is None and strip else value
            elif required:
                good = False
                reject(self.finding("row-rejected", "must be filled", line, field), cells)
            elif field not in given or default is not attrs.NOTHING:
                given[field] = default
        return good
