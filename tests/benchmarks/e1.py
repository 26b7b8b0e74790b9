"""E1: change entries by number, and undo a logging; the floors are the raw statements."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import j1
import reference
import sample
from measuring import Job, Measure, Variant, timed

import interactionlog as il
from interactionlog.adapters.sql.statements import load
from interactionlog.adapters.sqlite.store import SqliteStore

__all__ = ["JOB"]

PREFIX = j1.PREFIX


def logged(path: Path, settings: SimpleNamespace) -> None:
    """Write a logged segment."""
    j1.template(path, settings)
    with SqliteStore(path) as store, store.begin(user_id=sample.USER) as work:
        il.SegmentLogger(work).log("SM00001")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _numbers(settings: SimpleNamespace) -> list[int]:
    return list(range(1, settings.lines + 1))


def _cancel(work: Any, settings: SimpleNamespace) -> None:
    il.LogEntryService(work).cancel(*_numbers(settings))


def _evaluate(work: Any, settings: SimpleNamespace) -> None:
    il.LogEntryService(work).evaluate(il.Evaluation.POSITIVE, *_numbers(settings))


def _undo(work: Any, settings: SimpleNamespace) -> None:
    il.SegmentLogger(work).undo("SM00001")


def _library(do: Callable[[Any, SimpleNamespace], None]) -> Callable[..., Measure]:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        first = path.with_name(f"{path.name}-warm")
        few = SimpleNamespace(**vars(settings) | {"lines": 1})
        logged(first, few)
        with SqliteStore(first) as store, store.begin(user_id=sample.USER) as work:
            do(work, few)
        with (
            SqliteStore(path, synchronous=settings.synchronous) as store,
            timed(settings.lines, settings) as measures,
            store.begin(user_id=sample.USER) as work,
        ):
            do(work, settings)
        return measures[0]

    return run


def _by_number(
    change: str,
) -> Callable[[SimpleNamespace], Iterator[tuple[str, tuple[object, ...]]]]:
    text = (
        f"UPDATE {PREFIX}log_entry SET {change} WHERE tenant = '' AND entry_no IN ("  # noqa: S608  # ours
        "SELECT value FROM json_each(?))"
    )

    def statements(settings: SimpleNamespace) -> Iterator[tuple[str, tuple[object, ...]]]:
        numbers = _numbers(settings)
        for begin in range(0, len(numbers), 1_000):
            yield text, (json.dumps(numbers[begin : begin + 1_000]),)

    return statements


def _undone(settings: SimpleNamespace) -> Iterator[tuple[str, tuple[object, ...]]]:
    texts = load(PREFIX)
    update = f"UPDATE {PREFIX}log_entry SET cancel_state = cancel_state | 2"  # noqa: S608  # our name
    yield f"{update} WHERE tenant = ? AND logged_segment_entry_no = ?", ("", 1)
    yield texts["reopen_entries"], ("", 1)
    yield f"UPDATE {PREFIX}logged_segment SET state = 3 WHERE tenant = ? AND entry_no = ?", ("", 1)  # noqa: S608


def _floor(
    statements: Callable[[SimpleNamespace], Iterator[tuple[str, tuple[object, ...]]]],
) -> Callable[..., Measure]:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        connection = reference.opened(path, settings)
        with timed(settings.lines, settings) as measures:
            connection.execute("BEGIN IMMEDIATE")
            for text, parameters in statements(settings):
                connection.execute(text, parameters)
            connection.execute("COMMIT")
        return measures[0]

    return run


def _variants(settings: SimpleNamespace) -> Mapping[str, Variant]:
    own = {"shuffled": False}
    pairs = {
        "cancel": (_floor(_by_number("cancel_state = cancel_state | 1")), _library(_cancel)),
        "evaluate": (_floor(_by_number("evaluation = 2")), _library(_evaluate)),
        "undo": (_floor(_undone), _library(_undo)),
    }
    found = {}
    for name, (floor, library) in pairs.items():
        found[f"floor_{name}"] = Variant(floor, f"floor_{name}", logged, own)
        found[name] = Variant(library, f"floor_{name}", logged, own)
    return found


JOB = Job(
    _variants,
    note="Entries by number to one UPDATE per 1,000: at most 2.0. Undo to its raw statements: 1.5.",
)
