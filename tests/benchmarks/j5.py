"""
J5: J1 on PostgreSQL. Log a segment of N lines, in one transaction.

The floor copies prebuilt rows into the library's own tables: it reads nothing, checks nothing and
builds nothing. SQLAlchemy Core works on the same tables, carries no objects, applies five rules and
knows no defaults, hooks, left-out lines or frozen headers. Every run has a copy of its own of a
database that is made once; the server is the one of the tests.
"""

from __future__ import annotations

import atexit
import itertools
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import sample
from measuring import Comparison, Job, Measure, Variant, timed
from peers import BATCH
from peers import _entry as entry_of

from interactionlog.adapters.postgresql.store import PostgresStore
from interactionlog.adapters.sql.statements import load
from interactionlog.segments.logging.logger import SegmentLogger

sys.path.insert(0, str(Path(__file__).parents[1]))
from postgres import _at as at

__all__ = ["JOB"]

PREFIX = "interactionlog_"
NAME = "interactionlog_bench_"
_numbers = itertools.count(1)
_LOGGED = {
    "entry_no": sample.LOGGED,
    "segment_no": "SM00001",
    "description": sample.SEGMENT["description"],
    "creation_date": "2026-01-26",
    "user_id": sample.USER,
    "state": 2,
    "counts": "{}",
    "recorded_at": "2026-01-26T08:30:00.000000Z",
}


def _administrator() -> psycopg.Connection[Any]:
    return psycopg.connect(at(), autocommit=True)


def _columns(connection: psycopg.Connection[Any], table: str) -> dict[str, str | None]:
    """Return what a blank is in each column that must not be NULL and has no default."""
    rows = connection.execute(
        "SELECT column_name, data_type, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        [table],
    )
    return {
        name: None if nullable == "YES" else {"text": "", "boolean": "false"}.get(kind, "0")
        for name, kind, nullable, default in rows
        if default is None
    }


def _stored(name: str, value: object) -> object:
    if isinstance(value, int) and name in {"cost_lcy", "unit_cost_lcy"}:
        return f"{value // 100_000}.{value % 100_000:05}"
    return value


def _copy(
    connection: psycopg.Connection[Any], table: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    blanks = {k: v for k, v in _columns(connection, table).items() if v is not None}
    names = [*(name for name in blanks if name not in first), *first]
    text = f"COPY {table} ({', '.join(names)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(text) as copy:
        for row in chain([first], rows):
            values = blanks | row
            copy.write_row([_stored(name, values[name]) for name in names])


def template(path: Path, settings: SimpleNamespace) -> None:
    """Make the database that every run copies."""
    name = f"{NAME}{os.getpid()}_{next(_numbers)}"
    with _administrator() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    atexit.register(_drop, name)
    fill(at(dbname=name), settings)
    path.write_text(name)


def fill(place: str, settings: SimpleNamespace, *, analyze: bool = True) -> None:
    """Write contacts, salesperson, template, campaign, earlier entries and the segment."""
    PostgresStore(place).close()
    groups = [
        {"code": code, "interaction_group_code": group} for code, group in sample.TEMPLATES.items()
    ]
    with psycopg.connect(place) as connection:
        for table, rows in {
            "interaction_group": [{"code": group} for group in sample.TEMPLATES.values()],
            "interaction_template": groups,
            "salesperson": [{"code": "HR", "name": "Helena Ray"}],
            "campaign": [{"no": "CP1001", "description": "Spring"}],
            "contact": sample.contacts(settings),
            "log_entry": sample.earlier_entries(settings),
            "segment": [{"no": "SM00001"} | sample.SEGMENT],
            "segment_line": ({"segment_no": "SM00001"} | line for line in sample.lines(settings)),
        }.items():
            _copy(connection, PREFIX + table, rows)
        if settings.existing:
            connection.execute(f"SELECT setval('{PREFIX}log_entry_no', {settings.existing})")
    with psycopg.connect(place, autocommit=True) as connection:
        if analyze:
            connection.execute("VACUUM ANALYZE")


def _drop(name: str) -> None:
    with _administrator() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def _fresh(path: Path) -> Iterator[str]:
    """Give a copy of the template, with everything written to disk before."""
    source = path.read_text()
    name = f"{source}_run"
    _drop(name)
    with _administrator() as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        connection.execute("CHECKPOINT")
    try:
        yield at(dbname=name)
    finally:
        _drop(name)


def floor(path: Path, settings: SimpleNamespace) -> Measure:
    """Copy prebuilt rows, the logged segment and the deletes into the library's own tables."""
    statements = load(PREFIX, "postgresql")
    names = sample.filled_columns(statements)
    segment = ("", "SM00001")
    with _fresh(path) as place, psycopg.connect(place, autocommit=True) as connection:
        blank = _columns(connection, f"{PREFIX}log_entry")
        rows = [
            tuple(_stored(name, entry.get(name, blank.get(name))) for name in names)
            for entry in sample.entries(settings)
        ]
        text = f"COPY {PREFIX}log_entry ({', '.join(names)}) FROM STDIN"
        with timed(settings.lines, settings) as measures, connection.transaction():
            with connection.cursor() as cursor, cursor.copy(text) as copy:
                for row in rows:
                    copy.write_row(row)
            _copy(connection, f"{PREFIX}logged_segment", [_LOGGED])
            for name in (
                "segment_line",
                "segment_language",
                "criteria_step",
                "removed_line",
                "segment",
            ):
                connection.execute(statements[f"remove_{name}_1"], segment)
        _assert_logged(place, settings)
    return measures[0]


class _Hooks:
    """A check that has nothing against any line, and an observer that counts what was written."""

    seen = 0

    def check_line(self, work: object, line: object, contact: object) -> tuple[()]:
        """Find no problem."""
        return ()

    def interactions_logged(self, work: object, entries: list[object]) -> None:
        """Count the entries."""
        self.seen += len(entries)


def plain(path: Path, settings: SimpleNamespace) -> Measure:
    """Log the segment without checks and observers, and commit."""
    return _logged(path, settings, [])


def hooks(path: Path, settings: SimpleNamespace) -> Measure:
    """Log the segment with a check and an observer, and commit."""
    seeing = _Hooks()
    measure = _logged(path, settings, [seeing])
    assert seeing.seen == settings.lines
    return measure


def _logged(path: Path, settings: SimpleNamespace, hooks: list[object]) -> Measure:
    with _fresh(path) as place:
        _warm_up(settings)
        with (
            PostgresStore(place, hooks=hooks) as store,
            timed(settings.lines, settings) as measures,
            store.begin(user_id=sample.USER) as work,
        ):
            SegmentLogger(work).log("SM00001")
        _assert_logged(place, settings)
    return measures[0]


def _warm_up(settings: SimpleNamespace) -> None:
    # what happens once in a process is outside the time: imports, generated row functions
    name = f"{NAME}{os.getpid()}_warm"
    with _administrator() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        place = at(dbname=name)
        fill(place, SimpleNamespace(**vars(settings) | {"lines": 1, "existing": 0}))
        with PostgresStore(place) as store, store.begin(user_id=sample.USER) as work:
            SegmentLogger(work).log("SM00001")
    finally:
        _drop(name)


def sqlalchemy_core(path: Path, settings: SimpleNamespace) -> Measure:
    """SQLAlchemy Core: rows in, dictionaries out."""
    from sqlalchemy import MetaData, create_engine, delete, insert, select

    with _fresh(path) as place:
        engine, metadata = (
            create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(place)),
            MetaData(),
        )
        metadata.reflect(engine)
        lines, headers, log, logged, templates = (
            metadata.tables[PREFIX + name]
            for name in (
                "segment_line",
                "segment",
                "log_entry",
                "logged_segment",
                "interaction_template",
            )
        )
        with engine.connect() as connection:
            blanks = _columns(connection.connection.driver_connection, f"{PREFIX}log_entry")
            of_logged = _columns(connection.connection.driver_connection, f"{PREFIX}logged_segment")
        always = {
            name: False if value == "false" else 0 if value == "0" else value
            for name, value in blanks.items()
            if value is not None
        }
        with timed(settings.lines, settings) as measures, engine.begin() as connection:
            known = set(connection.scalars(select(templates.c.code)))
            found = connection.execute(
                select(lines)
                .where(lines.c.segment_no == "SM00001")
                .order_by(lines.c.line_no)
                .execution_options(yield_per=BATCH)
            )
            last = settings.existing
            for batch in found.partitions():
                entries = []
                for no, line in enumerate(batch, last + 1):
                    entry = always | entry_of(line, no, known)
                    del entry["canceled"]
                    entries.append(entry)
                connection.execute(insert(log), entries)
                last += len(entries)
            connection.execute(
                insert(logged),
                [{k: v or 0 for k, v in of_logged.items() if v is not None} | _LOGGED],
            )
            connection.execute(delete(lines).where(lines.c.segment_no == "SM00001"))
            connection.execute(delete(headers).where(headers.c.no == "SM00001"))
        engine.dispose()
        _assert_logged(place, settings)
    return measures[0]


def _assert_logged(place: str, settings: SimpleNamespace) -> None:
    counts = []
    with psycopg.connect(place) as connection:
        for table in ("log_entry", "segment_line"):
            text = f"SELECT count(*) FROM {PREFIX}{table}"  # noqa: S608  # a name of ours
            counts.append(connection.execute(text).fetchall()[0][0])
    assert counts == [settings.existing + settings.lines, 0], counts


def _variants(settings: SimpleNamespace) -> Mapping[str, Variant]:
    own = {"shuffled": False}
    runs = {"floor": floor, "plain": plain, "hooks": hooks, "sqlalchemy-core": sqlalchemy_core}
    return {name: Variant(run, "floor", template, own) for name, run in runs.items()}


JOB = Job(
    _variants,
    [Comparison("sqlalchemy-core", "hooks", "at least 2")],
    "One transaction; without hooks the ratio should be at most 1.5, aim 1.2.",
)
