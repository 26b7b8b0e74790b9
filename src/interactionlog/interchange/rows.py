"""Rows on their way in: what was found about them, and a table that gives them in blocks."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import attrs

from interactionlog.errors import FieldInvalidError, UsageError
from interactionlog.interchange.cells import (
    CELLS,
    Form,
    Reader,
    field_type,
    judge_of,
    phone,
    reader_of,
    rules_of,
    with_column,
)
from interactionlog.interchange.mapping import (
    FORMULA,
    KEY,
    MARK,
    NOT_STORED,
    Column,
    MappingFile,
    fold,
)
from interactionlog.interchange.sources import ERROR, INEXACT, Cells, Lines, Sheet, SourceError

if TYPE_CHECKING:
    from interactionlog.interchange.table_import import ImportRun

BLOCK = 1_000
"""Rows that are looked up and written together."""
_COMPARED = 300
"""Captions that are compared with the known ones, of a table that has very many."""
_REFUSED = object()
"""In place of a value that cannot be read."""


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
        value = "" if self.value is None else f": {self.value[:200]!r}"
        return f"{self.file}{sheet}{line}{column}: {self.reason}{value}"


Refusal = tuple[str, str, str | None]
"""A reason, the field that it is about, and what its cell holds."""


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


@attrs.define(eq=False, slots=False)
class TableRows:
    """
    The rows of one table, read by a mapping.

    Attributes:
        run: The import: it is told what is found.
        sheet: The table.
        mapping: How it is read.
        captions: Of its columns.
        entity: Gives types and defaults of the fields.
        form: How texts are written.
        header_line: Line of the captions.
        readers: Of the fields, where rows are restored as they are.
    """

    run: ImportRun
    sheet: Sheet
    mapping: MappingFile
    captions: Cells
    entity: Any
    form: Form
    header_line: int
    readers: Mapping[str, Reader] | None = None

    def __attrs_post_init__(self) -> None:
        self.fields = self.mapping.fields_of(self.captions)
        self._taken = {place for places in self.fields.values() for place in places}
        is_record, self._strip = attrs.has(self.entity), self.readers is None
        self._known: dict[str, Any] = attrs.fields_dict(self.entity) if is_record else {}
        named = [field for field in self.fields if field != KEY]
        self._read = self.readers or {field: self._reader(field) for field in named}
        self._plain = {field for field in named if self._strip and self._is_plain(field)}
        self._marked = [p for p, caption in enumerate(self.captions) if fold(caption) == MARK]

    def _is_plain(self, field: str) -> bool:
        """Say whether a field takes each text that is not too long, and an empty one."""
        known, column = self._known.get(field), self._column(field)
        said = column.is_late or column.values or field.endswith("phone_no")
        return (
            known is not None
            and not said
            and known.converter is None
            and self.default(field) == ""
            and getattr(known.validator, "__qualname__", "") == "length.<locals>.check"
        )

    def _column(self, field: str) -> Column:
        return self.mapping.columns.get(field, Column())

    def default(self, field: str) -> Any:
        """Return what a field is whose cell is empty; `attrs.NOTHING` where it must be filled."""
        if self._column(field).required:
            return attrs.NOTHING
        return self._known[field].default if field in self._known else ""

    def _reader(self, field: str) -> Reader:
        """Return what reads one cell: as text, as a value, as what the field takes."""
        column, kind = self._column(field), field_type(self.entity, field)
        default, judge = self.default(field), None if column.is_late else self._judge(field)
        read: Reader = phone
        if not field.endswith("phone_no"):
            plain = str if column.is_late else reader_of(kind, self.form)
            read = with_column(plain, column, kind, self.form)
        if (column.is_late and kind is not str) or (column.scale and kind not in {int, Decimal}):
            told = "lookup, split and cut are for texts, scale is for numbers"
            raise UsageError(f"{self.mapping.name}, {field}: {told}")

        def filled(text: str) -> Any:
            if text[:1] == "'" and text[1:2] in FORMULA[:4]:  # another system protected the cell
                text = text[1:]
            value = read(text) if text else None
            if value is not None:
                return value if judge is None else judge(value)
            if default is attrs.NOTHING:
                raise ValueError("must be filled")
            return default

        return lru_cache(CELLS)(filled)

    def _judge(self, field: str) -> Callable[[Any], Any]:
        return judge_of(self.entity, field) if field in self._known else lambda value: value

    def caption(self, field: str | None) -> str | None:
        """Return the caption of a field; ``None`` when it has no column."""
        places = self.fields.get(field or "")
        return self.captions[places[0]] if places else None

    def report(
        self,
        reason: str,
        line: int | None = None,
        field: str | None = None,
        *,
        code: str = "row-rejected",
        column: str | None = None,
        value: str | None = None,
        cells: Sequence[str] = (),
    ) -> None:
        """Reject a row; without cells it is about more than one. With another code only tell."""
        finding = Finding(
            code=code,
            file=self.sheet.file,
            sheet=self.sheet.within,
            line=line or None,  # records that name their own columns have no line of captions
            column=column or self.caption(field),
            value=value,
            reason=reason,
        )
        if code == "row-rejected":
            self.run.reject(finding, cells)
        else:
            self.run.notice(finding)

    def are_columns_known(self) -> bool:
        """Report what is wrong with the captions, and what is only worth knowing."""
        wrong = self._has_flaws(self.header_line, ())
        if self.sheet.guessed:
            told = f"is read as {self.sheet.guessed}: if letters are wrong, let a mapping say which"
            self.report(f"{told} encoding it has", code="encoding-guessed")
        mapping, seen = self.mapping, set[str]()

        def refuse(caption: str, reason: str) -> None:
            nonlocal wrong
            wrong = True
            self.report(reason, self.header_line, column=caption)

        for caption in mapping.missing(self.captions, self.entity):
            advice = "name a column so, or draft a mapping (interactionlog import draft)"
            if mapping.restore:  # its records are stored whole
                advice = "this is an export, and comes in with all of its columns: export it again"
            refuse(caption, f"is missing: {advice}")
        for field in mapping.strange(self.entity) if self._strip else ():
            nearest = difflib.get_close_matches(field, self._known, 1)
            hint = f", the nearest is {nearest[0]}" if nearest else ""
            refuse(field, f"is not a field of {mapping.target}{hint}: see mapping {mapping.name}")
        for field in mapping.unfilled(self.entity):
            own = ", or give it a [key]" if mapping.target == "contact" and field == "no" else ""
            refuse(field, f"is given by no column of the mapping {mapping.name}: add one{own}")
        columns = [column for column in mapping.columns.values() if column.repeated]
        repeated = {fold(each) for column in columns for each in column.captions}
        for caption in filter(None, self.captions):
            text = fold(caption)
            if text in mapping.places:
                if text in seen and text in repeated:
                    reason = "is there twice: the first counts"
                    self.report(reason, code="repeated-column", column=caption)
                elif text in seen:
                    refuse(caption, "is there twice")
            elif text not in mapping.ignored and text != MARK:
                few = len(seen) < _COMPARED
                near = mapping.nearest(caption, self.captions) if few else None
                if near is None:
                    reason = "is not known and was left out"
                    self.report(reason, code="unknown-column", column=caption)
                else:
                    reason = (
                        f"is not known, the nearest that is missing is {near}: rename it, or let "
                    )
                    refuse(caption, f"{reason}a mapping ignore it")
            seen.add(text)
        return not wrong

    def more(self, row: Row) -> dict[str, str]:
        """Return the filled cells of columns that no field has, by caption."""
        return {
            caption: row.cells[place].strip()
            for place, caption in enumerate(self.captions)
            if place not in self._taken and row.cells[place].strip() and fold(caption) != MARK
        }

    def blocks(self, rows: Lines) -> Iterator[list[Row]]:
        """Give readable rows, a thousand at a time; the others are rejected."""
        whole, fixed = self._whole(rows), self._fixed()
        nameless = [place for place, caption in enumerate(self.captions) if not caption]
        while block := list(itertools.islice(whole, BLOCK)):
            columns = list(zip(*(cells for _, cells in block), strict=True))
            for place in [p for p in nameless if any(map(str.strip, columns[p]))]:
                reason = f"column {place + 1} has no caption and was left out"
                self.report(reason, self.header_line, code="unknown-column")
                nameless.remove(place)
            yield self._rows(block, columns, fixed)

    def _whole(self, rows: Lines) -> Iterator[tuple[int, Cells]]:
        """Give the rows that are not empty and have a cell for each column."""
        width, of_rejects = len(self.captions), NOT_STORED[0] in self.captions
        try:
            for line, cells in rows:
                if of_rejects and NOT_STORED[0] in cells:
                    told = "captions of another table begin here: put it into a separate file"
                    raise SourceError(told, line)
                if len(cells) != width:
                    cells = self._fitted(cells, width)  # noqa: PLW2901
                    if len(cells) != width:
                        reason = f"must have {width} fields, has {len(cells)}"
                        self.report(reason, line, cells=cells)
                        continue
                if self._marked and cells[self._marked[0]].strip() == "'":
                    cells = [cell.removeprefix("'") for cell in cells]  # noqa: PLW2901
                if not self._has_flaws(line, cells) and any(map(str.strip, cells)):
                    yield line, cells
        except SourceError as error:
            self.report(str(error), error.line)

    def _has_flaws(self, line: int, cells: Sequence[str]) -> bool:
        """Reject a line of which cells have a form that cannot be taken."""
        told = self.sheet.flaws.get(line, ())
        of_cell = {ERROR, INEXACT}  # of one that nobody takes it does no harm
        flaws = [each for each in told if each[1] not in of_cell or each[0] in self._taken]
        for place, reason in flaws:
            column = self.captions[place] if place < len(self.captions) else None
            self.report(reason, line, column=column, cells=cells)
        return bool(flaws)

    def _rows(
        self,
        block: list[tuple[int, Cells]],
        columns: Sequence[Sequence[str]],
        fixed: Mapping[str, Any],
    ) -> list[Row]:
        """Read a block column by column: one call for each costs half of one for each cell."""
        wrong: dict[int, list[Refusal]] = {}
        values = {field: [value] * len(block) for field, value in fixed.items()}
        for field, read in self._read.items():
            texts = self._texts(columns, field)
            if field in self._plain and self._are_plain(texts, read):
                values[field] = [*texts]
                continue
            try:
                values[field] = list(map(read, texts))
            except ValueError:
                values[field] = self._one_by_one(field, texts, wrong)
        keys = self._texts(columns, KEY) if KEY in self.fields else [""] * len(block)
        names = [*values]
        rows = [
            Row(line, cells, dict(zip(names, given, strict=True)), key)
            for (line, cells), key, given in zip(
                block, keys, zip(*values.values(), strict=True), strict=True
            )
        ]
        for place in sorted(wrong):
            row = rows[place]
            self._judge_together(row, wrong[place])
            for reason, field, value in wrong[place]:
                self.report(reason, row.line, field, value=value, cells=row.cells)
        return [row for place, row in enumerate(rows) if place not in wrong] if wrong else rows

    def _are_plain(self, texts: Sequence[str], read: Reader) -> bool:
        """Say whether texts are values as they stand: the longest is none too long."""
        joined = "".join(texts)
        if joined.isprintable() and "'" not in joined:
            with suppress(ValueError):
                read(max(texts, key=len))
                return True
        return False

    def _texts(self, columns: Sequence[Sequence[str]], field: str) -> Sequence[str]:
        """Return the texts of a field: of its column, of the first that is filled, or of all."""
        several = [columns[place] for place in self.fields[field]]
        if self._strip:
            several = [list(map(str.strip, texts)) for texts in several]
        if len(several) == 1:
            return several[0]
        join = self._column(field).join
        if join is not None:
            return [join.join(filter(None, texts)) for texts in zip(*several, strict=True)]
        return [next(filter(None, texts), "") for texts in zip(*several, strict=True)]

    def _one_by_one(
        self, field: str, texts: Sequence[str], wrong: dict[int, list[Refusal]]
    ) -> list[Any]:
        """Read cells of which some cannot be read, and say of each what is wrong with it."""
        values: list[Any] = []
        for place, text in enumerate(texts):
            try:
                values.append(self._read[field](text))
            except ValueError as error:
                reason = error.reason if isinstance(error, FieldInvalidError) else str(error)
                wrong.setdefault(place, []).append((reason, field, text[:200] or None))
                values.append(_REFUSED)
        return values

    def _judge_together(self, row: Row, refusals: list[Refusal]) -> None:
        """Add what is wrong between the other fields of a row, so that all is said at once."""
        if not self._known or not self._strip:
            return
        record = object.__new__(self.entity)
        for name, value in row.given.items():
            if value is not _REFUSED and name in self._known:
                object.__setattr__(record, name, value)
        for field in rules_of(self.entity):
            value = row.given.get(field.name, _REFUSED)
            try:
                if value is not _REFUSED and value is not None:
                    field.validator(record, field, value)  # type: ignore[misc]  # it has one
            except FieldInvalidError as error:
                refusals.append(self.refusal_of(row, error))
            except AttributeError:
                pass  # what it goes together with is not there

    def text(self, row: Row, field: str | None) -> str | None:
        """Return what stands in the column of a field; ``None`` where it has none, or nothing."""
        texts = (row.cells[place].strip() for place in self.fields.get(field or "", ()))
        return next(filter(None, texts), "")[:200] or None

    def refusal_of(self, row: Row, error: FieldInvalidError) -> Refusal:
        """Return what a record says about a row."""
        reason = error.reason
        if error.field not in self.fields:  # which has no column: the mapping gives it, or another
            of_all = error.field in {*self.mapping.columns, *self.mapping.fixed}
            reason = (
                f"{error.field} {reason}: {error.value}" if of_all else f"{reason}: {error.value}"
            )
        return reason, error.field, self.text(row, error.field)

    def _fixed(self) -> dict[str, Any]:
        """Return the values of fields that have no column."""
        columns = self.mapping.columns.items()
        said = {field: column.const for field, column in columns if column.const is not None}
        fixed = {
            f: text for f, text in {**said, **self.mapping.fixed}.items() if f not in self.fields
        }
        for field, text in fixed.items():
            if not self._column(field).is_late:
                read = reader_of(field_type(self.entity, field), self.form)
                try:
                    fixed[field] = self._judge(field)(read(text))
                except ValueError as error:
                    reason = getattr(error, "reason", str(error))
                    told = f"{self.mapping.name}: {field} = {text!r} {reason}"
                    raise UsageError(told) from error
        return fixed

    def _fitted(self, cells: Cells, width: int) -> Cells:
        """Return cells without empty ones behind the last column; a workbook leaves some out."""
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        if cells and len(cells) < width and (self.sheet.ragged or not any(map(str.strip, cells))):
            cells = [*cells, *[""] * (width - len(cells))]
        return cells or [""] * width
