"""Rows of a CSV file, read by its table: values by field, and whatever cannot be read."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from interactionlog.interchange.report import Finding
from interactionlog.interchange.tables import TableFile
from interactionlog.interchange.values import field_reader

__all__ = ["Row", "rows_of"]

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
        caption = None if field is None else self.table.caption(field)
        return Finding(
            code=code, file=f"{self.table.name}.csv", line=self.line, column=caption, reason=reason
        )


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
        reject(
            Finding(code="row-rejected", file=path.name, line=line, column=column, reason=reason)
        )

    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        line = 1
        try:
            captions = [caption.strip() for caption in next(reader, [])]
            if not _judge_captions(table, captions, wrong, notice):
                return
            line = reader.line_num + 1
            for cells in reader:
                if len(cells) != len(captions) and cells:
                    wrong(line, f"must have {len(captions)} fields, has {len(cells)}")
                elif any(map(str.strip, cells)):
                    row = _row(table, line, dict(zip(captions, cells, strict=True)), wrong)
                    if row is not None:
                        yield row
                line = reader.line_num + 1
        except UnicodeDecodeError:
            wrong(line, "must be UTF-8 from here on: save the file in that encoding")
        except csv.Error as error:
            wrong(line, f"is no comma-separated text: {error}")


def _judge_captions(
    table: TableFile, captions: list[str], wrong: Callable[..., None], notice: Report
) -> bool:
    """Say whether the columns that a record needs are there, each once."""
    needed = [
        field.name
        for field in attrs.fields(table.entity)
        if field.default is attrs.NOTHING and field.name not in table.fixed
    ]
    missing = [
        caption
        for field in needed
        if (caption := table.caption(field)) is not None and caption not in captions
    ]
    for caption in missing:
        wrong(1, "is missing: the first row holds the captions, separated by commas", caption)
    twice = sorted({caption for caption in captions if captions.count(caption) > 1})
    for caption in twice:
        wrong(1, "stands there twice", caption)
    for caption in captions:
        if caption not in table.columns and caption not in table.not_stored.split(","):
            notice(
                Finding(
                    code="unknown-column",
                    file=f"{table.name}.csv",
                    column=caption,
                    reason="is not known and was left out",
                )
            )
    return not missing and not twice


def _row(
    table: TableFile, line: int, cells: dict[str, str], wrong: Callable[..., None]
) -> Row | None:
    given: dict[str, Any] = {}
    readable = True
    for caption, field in table.columns.items():
        if caption not in cells:
            continue
        text = cells[caption].strip()
        try:
            given[field] = _value(table, field, text)
        except ValueError as error:
            wrong(line, f"{error}: {text[:50]!r}" if text else str(error), caption)
            readable = False
    more = {
        caption: text for caption, text in cells.items() if text and caption not in table.columns
    }
    return Row(table, line, given, more) if readable else None


def _value(table: TableFile, field: str, text: str) -> Any:
    if text:
        return field_reader(table.entity, field)(text)  # type: ignore[arg-type]  # hashable
    default = attrs.fields_dict(table.entity)[field].default
    if default is attrs.NOTHING:
        raise ValueError("must be filled")
    return default
