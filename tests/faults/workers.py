"""What the processes of the fault and concurrency tests run."""

from __future__ import annotations

import sqlite3
from typing import Any

import interactionlog as il
from interactionlog.segments.logging.logger import BatchRun

Place = tuple[str, str]
"""A SQLite file or where a PostgreSQL database is, and the tenant."""


def open_store(place: Place, **options: Any) -> Any:
    """Open a store of one's own over the data that the test of this process has made."""
    database, tenant = place
    if database.endswith(".db"):
        return il.SqliteStore(database, tenant=tenant, synchronous="NORMAL", timeout=60, **options)
    return il.PostgresStore(database, schema="owned", tenant=tenant, timeout=60, **options)


def log_in_batches(told: Any, place: Place, segment_no: str, size: int) -> None:
    """Log a segment in batches, or resume it; tell each commit and how it ended."""
    with open_store(place) as store:
        told.send("ready")
        try:
            BatchRun(store, user_id="WORKER").log(
                segment_no, size=size, on_progress=lambda _: told.send("committed")
            )
        except il.SegmentAlreadyLoggedError:
            told.send("already logged")
        else:
            told.send("logged")


def log_at_once(told: Any, place: Place, segment_no: str) -> None:
    """Log a segment in one transaction of the store, beside a number drawn in it."""
    with open_store(place) as store:
        told.send("ready")
        with store.begin(user_id="WORKER") as work:
            _log(work, segment_no)
        told.send("logged")


def log_as_host(told: Any, place: Place, segment_no: str) -> None:
    """Log a segment inside a host's transaction, beside an order of the host."""
    database, tenant = place
    order = f"INSERT INTO sales_order{tenant} VALUES ('{segment_no}')"  # noqa: S608
    if database.endswith(".db"):
        host, connection = il.HostStore(), sqlite3.connect(database, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
    else:
        import psycopg2

        host = il.HostStore(tenant=tenant, schema="joined")
        connection = psycopg2.connect(database)
    connection.cursor().execute(order)
    told.send("ready")
    with host.join(connection, user_id="WORKER") as work:
        _log(work, segment_no)
    connection.commit()
    connection.close()
    told.send("logged")


def _log(work: Any, segment_no: str) -> None:
    il.numbering.NumberSeries(work).next("X")
    il.SegmentLogger(work).log(segment_no)


def race_to_log(place: Place, segment_nos: list[str], barrier: Any, outcomes: Any) -> None:
    """Log each segment in one transaction, all processes at once; tell the number and the error."""
    with open_store(place) as store:
        for segment_no in segment_nos:
            barrier.wait()
            try:
                logged = store.run(
                    lambda work, no=segment_no: il.SegmentLogger(work).log(no), user_id="RACER"
                )
                outcomes.put((segment_no, logged.entry_no, None))
            except il.SegmentAlreadyLoggedError as told:
                outcomes.put((segment_no, told.logged_segment_entry_no, str(told)))
