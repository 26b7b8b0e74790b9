"""
J2: draw N numbers of a gapless series, each in a transaction of its own.

The floor reads a row, decides and counts up in Python and writes it back, and keeps no ledger; it
is compared by the median of a draw, because a draw that waits for the disk says little. The batch
draws 1,000 numbers in each transaction and makes their texts. Django-sequences, where it is
installed, keeps no ledger, no limits and no dates.
"""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from types import SimpleNamespace

from measuring import Comparison, Job, Measure, Variant

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup

sys.path.insert(0, str(Path(__file__).parents[1]))
from concurrency.number_worker import draw_all
from processes import together

__all__ = ["JOB"]

BATCH = 1_000
WORKERS = 8
SCHEMA = """
CREATE TABLE line (
    series TEXT NOT NULL, line_no INTEGER NOT NULL, last_no TEXT NOT NULL, ending_no TEXT NOT NULL,
    last_date TEXT, PRIMARY KEY (series, line_no)
) WITHOUT ROWID
"""


def template(path: Path, settings: SimpleNamespace) -> None:
    """Create two series, one of them without ledger, and the row of the floor."""
    with SqliteStore(path) as store, store.begin(user_id="BENCH") as work:
        setup = NumberSeriesSetup(work)
        for code in ("A", "B"):
            setup.create_series(NoSeries(code=code, ledger=code == "A"))
            setup.add_line(code, f"{code}00000001", ending_no=f"{code}99999999")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(SCHEMA)
    connection.execute("INSERT INTO line VALUES ('A', 1, 'A00000000', 'A99999999', NULL)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _each(draw: Callable[[], object], count: int, settings: SimpleNamespace) -> Measure:
    """Call ``draw`` until ``count`` numbers are drawn; the time is that of median calls."""
    numbers, times = settings.lines, []
    cpu = time.process_time()
    for _ in range(max(1, numbers // count)):
        start = time.perf_counter()
        draw()
        times.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    return Measure(median(times) * len(times), cpu, len(times) * count)


def _raw(path: Path, settings: SimpleNamespace) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA synchronous = {settings.synchronous}")
    return connection


def _raw_draw(connection: sqlite3.Connection, count: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    last, ending = connection.execute(
        "SELECT last_no, ending_no FROM line WHERE series = ? AND line_no = ?", ("A", 1)
    ).fetchone()
    number = f"A{int(last[1:]) + count:08d}"
    assert number <= ending
    connection.execute(
        "UPDATE line SET last_no = ?, last_date = ? WHERE series = ? AND line_no = ?",
        (number, "2026-01-26", "A", 1),
    )
    connection.execute("COMMIT")


def floor(path: Path, settings: SimpleNamespace) -> Measure:
    """Read, decide, write, commit."""
    connection = _raw(path, settings)
    return _each(lambda: _raw_draw(connection, 1), 1, settings)


def floor_batch(path: Path, settings: SimpleNamespace) -> Measure:
    """The same for 1,000 numbers at once, whose texts are made."""
    connection = _raw(path, settings)

    def draw() -> list[str]:
        _raw_draw(connection, BATCH)
        return [f"A{number:08d}" for number in range(BATCH)]

    return _each(draw, BATCH, settings)


def _library(code: str, count: int) -> Callable[[Path, SimpleNamespace], Measure]:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        with SqliteStore(path, synchronous=settings.synchronous) as store:

            def draw() -> None:
                with store.begin(user_id="BENCH") as work:
                    if count == 1:
                        NumberSeries(work).next(code)
                    else:
                        list(NumberSeries(work).next_many(code, count))

            return _each(draw, count, settings)

    return run


def workers(path: Path, settings: SimpleNamespace) -> Measure:
    """Eight processes share a file and roll a fifth back; the least share is told on stderr."""
    ends, seconds = together(draw_all, WORKERS, path)
    counts = [end.committed for end in ends]
    share = min(counts) * WORKERS / settings.lines
    print(json.dumps({"least share": round(share, 2)}), file=sys.stderr)
    assert sum(counts) == settings.lines, counts
    return Measure(seconds, seconds, settings.lines)


def workers_template(path: Path, settings: SimpleNamespace) -> None:
    """Create the series that the workers use up."""
    with SqliteStore(path) as store, store.begin(user_id="BENCH") as work:
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="X", date_order=True))
        setup.add_line("X", "1", ending_no=str(settings.lines))


def django_sequences(path: Path, settings: SimpleNamespace) -> Measure:
    """The same by django-sequences: no ledger, no limits, no dates."""
    from django import setup
    from django.conf import settings as django_settings

    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={settings.synchronous}",
        },
    }
    django_settings.configure(DATABASES={"default": database}, INSTALLED_APPS=["sequences"])
    setup()
    from django.core.management import call_command
    from django.db import transaction
    from sequences import get_next_value

    call_command("migrate", verbosity=0)

    def draw() -> None:
        with transaction.atomic():
            get_next_value("A")

    return _each(draw, 1, settings)


def _variants(settings: SimpleNamespace) -> Mapping[str, Variant]:
    found = {
        "floor": Variant(floor, "floor", template),
        "library": Variant(_library("A", 1), "floor", template),
        "library-no-ledger": Variant(_library("B", 1), "floor", template),
        "floor-batch": Variant(floor_batch, "floor-batch", template),
        "library-batch": Variant(_library("A", BATCH), "floor-batch", template),
        "workers": Variant(workers, "workers", workers_template),
    }
    if importlib.util.find_spec("sequences") is not None:
        found["django-sequences"] = Variant(django_sequences, "floor", template)
    return found


JOB = Job(
    _variants,
    [
        Comparison("library", "floor", "at most 4 at NORMAL, 1.5 at FULL"),
        Comparison("library-no-ledger", "floor", "at most 2.5 at NORMAL, 1.3 at FULL"),
        Comparison("django-sequences", "library", "at least 4 at NORMAL, 2.5 at FULL"),
    ],
    "Each number in a transaction of its own; batches of 1,000.",
)
