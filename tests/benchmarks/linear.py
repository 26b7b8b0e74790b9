"""
Every set-based job at two sizes on PostgreSQL without statistics: ``python tests/benchmarks/linear.py``.

A job at four times the lines may take six times as long; above it the program ends with status 1. With
``--analyzed`` the contacts that are there before the jobs were analyzed, and what the jobs add was not.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import i1
import j5
import psycopg

import interactionlog as il
from interactionlog.adapters.postgresql.store import PostgresStore
from interactionlog.interchange import import_tables
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.setup import NumberSeriesSetup

Job = Callable[[Any], object]


def jobs(lines: int) -> dict[str, Job]:
    """Return the jobs in an order in which each finds what it needs; SM00001 is stored."""
    mails = il.ContactFilter(where={"correspondence_type": il.CorrespondenceType.EMAIL})
    choose, log = il.ContactSelection, il.SegmentLogger
    return {
        "create": lambda work: il.SegmentService(work).create("Two", no="SM2"),
        "add": lambda work: choose(work, "SM2").add(all_contacts=True),
        "reduce": lambda work: choose(work, "SM2").reduce(mails),
        "go back": lambda work: choose(work, "SM2").go_back(),
        "refine": lambda work: choose(work, "SM2").refine(mails),
        "push": lambda work: il.SegmentService(work).change("SM2", description="Pushed"),
        "plan": lambda work: log(work).plan("SM00001"),
        "log": lambda work: log(work).log("SM00001"),
        "undo": lambda work: log(work).undo("SM00001"),
        "log again": lambda work: log(work).log("SM00001"),
        "follow up": lambda work: log(work).follow_up(_logged(work)),
        "reuse": lambda work: choose(work, "SM2").reuse_logged(
            _logged(work), duplicates=True, add_to_steps=True
        ),
        "evaluate": lambda work: il.LogEntryService(work).evaluate(
            il.Evaluation.POSITIVE, *_entry_nos(work)
        ),
        "cancel": lambda work: il.LogEntryService(work).cancel(*_entry_nos(work)),
        "cancel whole": lambda work: il.LoggedSegments(work).cancel(_logged(work)),
        "contacts in": lambda work: _take(work, i1.CONTACT, i1.contacts(lines), "bc-contacts"),
        "calls in": lambda work: _take(work, i1.CALL, i1.calls(lines), "bc-interactions"),
        "calls again": lambda work: _take(work, i1.CALL, i1.calls(lines), "bc-interactions"),
    }


def _take(work: Any, captions: str, rows: Iterator[list[object]], mapping: str) -> None:
    with TemporaryDirectory() as folder:
        work.salespeople.put(il.Salesperson(code="HR"))
        import_tables(work, i1.written(Path(folder) / "rows", captions, rows), mapping=mapping)


def _entry_nos(work: Any) -> list[int]:
    logged = work.logged_segments.get(_logged(work))
    return [*range(logged.first_entry_no, logged.last_entry_no + 1)]


def _logged(work: Any) -> int:
    return max(each.entry_no for each in work.logged_segments.all())


def measured(lines: int, analyzed: bool) -> dict[str, float]:
    """Return the seconds of each job."""
    name = f"{j5.NAME}linear"
    j5._drop(name)
    with j5._administrator() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        place, settings = (
            j5.at(dbname=name),
            SimpleNamespace(lines=lines, existing=0, shuffled=True),
        )
        j5.fill(place, settings, analyze=analyzed)
        with psycopg.connect(place, autocommit=True) as connection:
            for (table,) in connection.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'interactionlog%'"
            ).fetchall():
                connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        found = {}
        with PostgresStore(place) as store:
            with store.begin(user_id="BENCH") as work:
                setup = NumberSeriesSetup(work)
                setup.create_series(NoSeries(code="SEG", default_nos=True, manual_nos=True))
                setup.add_line("SEG", "F00001")
                work.marketing_setup.set(segment_nos="SEG")
            for job, run in jobs(lines).items():
                with store.begin(user_id="BENCH") as work:
                    begin = time.perf_counter()
                    run(work)
                    found[job] = time.perf_counter() - begin
        return found
    finally:
        j5._drop(name)


def main() -> None:
    """Print seconds at both sizes and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000)
    parser.add_argument("--analyzed", action="store_true")
    options = parser.parse_args()
    few = measured(options.lines, options.analyzed)
    many = measured(4 * options.lines, options.analyzed)
    above = []
    for job, seconds in many.items():
        ratio = seconds / few[job]
        print(f"{job:12}{few[job]:9.3f} s{seconds:9.3f} s{ratio:7.1f}")
        if ratio > 6 and seconds > 0.2:
            above.append(job)
    if above:
        sys.exit(f"not linear: {', '.join(above)}")


if __name__ == "__main__":
    main()
