"""H1: choose a host's customers through a relation; the floor chooses the same from the own table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import relations
import sample
from measuring import Job, Measure, Variant, timed

import interactionlog as il

__all__ = ["JOB"]


def template(path: Path, settings: SimpleNamespace) -> None:
    """Write the customers into both tables, and a segment."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("BEGIN")
        store = il.HostStore()
        store.migrate(connection)
        relations.fill(connection, store, relations.customers(settings.lines), "?")
        with store.join(connection, user_id=sample.USER) as work:
            il.SegmentService(work).create("Everybody", no="SM1")
        connection.execute("COMMIT")


def _added(store: Callable[[], il.HostStore]) -> Callable[..., Measure]:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        wanted = il.ContactFilter(where={"city": "Merano"})
        with sqlite3.connect(path, isolation_level=None) as connection:
            connection.execute("BEGIN")
            with (
                store().join(connection, user_id=sample.USER) as work,
                timed(settings.lines, settings) as measures,
            ):
                il.ContactSelection(work, "SM1").add(wanted)
            connection.execute("COMMIT")
        return measures[0]

    return run


def _variants(settings: SimpleNamespace) -> Mapping[str, Variant]:
    host = _added(lambda: il.HostStore(contacts=relations.RELATIONS["integer"]))
    return {
        "own": Variant(_added(il.HostStore), "own", template),
        "host": Variant(host, "own", template),
    }


JOB = Job(_variants, note="Selection over a host's table, to the same over the own: at most 1.5.")
