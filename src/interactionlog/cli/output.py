"""Showing results: tables with rich on a terminal, plain text elsewhere, or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from enum import Enum

import attrs


def values_of(record: object) -> dict[str, object]:
    """Return the values of a record by field."""
    fields = attrs.fields(type(record))  # type: ignore[arg-type]  # an attrs class
    return {field.name: getattr(record, field.name) for field in fields}


def _plain(value: object) -> object:
    """Turn what JSON does not know: amounts are text, so that they stay exact."""
    if attrs.has(type(value)):
        return values_of(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return sorted(value, key=str) if isinstance(value, frozenset) else _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None or value is False else str(value)


def print_json(data: object) -> None:
    """Print one JSON document."""
    print(json.dumps(data, default=_plain, ensure_ascii=False, indent=2))


def print_rows(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool = False
) -> None:
    """Print rows: these columns of them as a table, or everything as JSON."""
    if as_json:
        print_json(rows)
    else:
        print_table(columns, [[row[column] for column in columns] for row in rows])


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under the names of their columns."""
    captions = [column.replace("_", " ").capitalize() for column in columns]
    texts = [[_as_text(value) for value in row] for row in rows]
    if sys.stdout.isatty() and _print_with_rich(captions, texts):
        return
    widths = [max(map(len, column)) for column in zip(captions, *texts, strict=True)]
    for row in [captions, *texts]:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _print_with_rich(captions: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    try:
        from rich.console import Console  # noqa: PLC0415  # an extra
        from rich.markup import escape  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
    except ImportError:
        return False
    table = Table(*captions)
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)
    return True


@contextmanager
def progress(what: str) -> Iterator[Callable[[str, int], object]]:
    """Give a callback that shows how far one is, on a terminal and with rich only."""
    try:
        from rich.console import Console  # noqa: PLC0415  # an extra
    except ImportError:
        yield lambda *_: None
        return
    with Console(stderr=True).status(what) as status:  # silent where it is no terminal
        yield lambda part, done: status.update(f"{what} {part}: {done}")
