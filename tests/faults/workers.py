"""What the processes of the fault and concurrency tests run; as a program, one of `ACTIONS`."""

from __future__ import annotations

import sqlite3
import sys
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


def log_in_batches(place: Place, segment_no: str, size: str) -> str:
    """Log a segment in batches, or resume it; return how it ended."""
    with open_store(place) as store:
        print("ready", flush=True)
        try:
            BatchRun(store, user_id="WORKER").log(
                segment_no, size=int(size), on_progress=lambda _: print("committed", flush=True)
            )
        except il.SegmentAlreadyLoggedError:
            return "already logged"
        return "logged"


def log_at_once(place: Place, segment_no: str) -> str:
    """Log a segment in one transaction of the store, beside a number drawn in it."""
    with open_store(place) as store:
        print("ready", flush=True)
        with store.begin(user_id="WORKER") as work:
            _log(work, segment_no)
        return "logged"


def log_as_host(place: Place, segment_no: str) -> str:
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
    print("ready", flush=True)
    with host.join(connection, user_id="WORKER") as work:
        _log(work, segment_no)
    connection.commit()
    connection.close()
    return "logged"


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


ACTIONS = {action.__name__: action for action in (log_in_batches, log_at_once, log_as_host)}

if __name__ == "__main__":
    action, database, tenant, *arguments = sys.argv[1:]
    print(ACTIONS[action]((database, tenant), *arguments), flush=True)
