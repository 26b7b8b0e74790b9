"""Rows of a CSV file, read by its table: values by field, and whatever cannot be read."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from interactionlog.interchange.report import Finding
from interactionlog.interchange.tables import TableFile, field_reader

Report = Callable[[Finding], object]


@attrs.frozen
class Row:
    """
    One row.

    Attributes:
        table: Its table.
        line: Line of the file on which it begins.
        given: Values by field; an empty cell gives the field's default.
        more: Texts by caption of the columns that the table does not store.
    """

    table: TableFile
    line: int
    given: dict[str, Any]
    more: dict[str, str]

    def finding(self, code: str, reason: str, field: str | None = None) -> Finding:
        """Return a finding about the row, or about one of its fields."""
        return self.table.finding(code, reason, self.line, self.table.caption(field))


def rows_of(table: TableFile, path: Path, reject: Report, notice: Report) -> Iterator[Row]:
    """
    Read a file; rows that cannot be read are rejected and left out, empty ones are skipped.

    Args:
        table: What the file holds.
        path: The file: UTF-8, with or without a byte order mark, separated by commas.
        reject: Called with what is wrong.
        notice: Called with what is left out, such as an unknown column.
    """

    def wrong(line: int, reason: str, column: str | None = None) -> None:
        reject(table.finding("row-rejected", reason, line, column))

    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        line = 1
        try:
            captions = [caption.strip() for caption in next(reader, [])]
            for column in captions:
                if column not in table.columns and column not in table.not_stored:
                    reason = "is not known and was left out"
                    notice(table.finding("unknown-column", reason, column=column))
            faults = _faults_of(table, captions)
            for column, reason in faults:
                wrong(1, reason, column)
            line = reader.line_num + 1
            for cells in () if faults else reader:
                if cells and len(cells) != len(captions):
                    wrong(line, f"must have {len(captions)} fields, has {len(cells)}")
                elif any(map(str.strip, cells)):
                    texts = dict(zip(captions, map(str.strip, cells), strict=True))
                    given, unreadable = _values(table, texts)
                    for column, reason in unreadable:
                        wrong(line, reason, column)
                    if not unreadable:
                        more = {
                            c: texts[c] for c in captions if c not in table.columns and texts[c]
                        }
                        yield Row(table, line, given, more)
                line = reader.line_num + 1
        except UnicodeDecodeError:
            wrong(line, "must be UTF-8 from here on: save the file in that encoding")
        except csv.Error as error:
            wrong(line, f"is no comma-separated text: {error}")


def _faults_of(table: TableFile, captions: list[str]) -> list[tuple[str, str]]:
    """Return the columns that are missing or are there twice, each with what is wrong."""
    missing = "is missing: the first row holds the captions, separated by commas"
    fields = attrs.fields_dict(table.entity)
    faults = [
        (caption, missing)
        for caption, field in table.columns.items()
        if caption not in captions and field in fields and fields[field].default is attrs.NOTHING
    ]
    twice = sorted({caption for caption in captions if captions.count(caption) > 1})
    return faults + [(caption, "is there twice") for caption in twice]


def _values(
    table: TableFile, texts: dict[str, str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the values by field, and the columns that cannot be read, each with what is wrong."""
    given: dict[str, Any] = {}
    unreadable: list[tuple[str, str]] = []
    fields = attrs.fields_dict(table.entity)
    for caption, field in table.columns.items():
        text = texts.get(caption)
        if text:
            try:
                given[field] = field_reader(table.entity, field)(text)  # type: ignore[arg-type]
            except ValueError as error:
                unreadable.append((caption, f"{error}: {text[:50]!r}"))
        elif text is not None:
            given[field] = fields[field].default if field in fields else ""
            if given[field] is attrs.NOTHING:
                unreadable.append((caption, "must be filled"))
    return given, unreadable
