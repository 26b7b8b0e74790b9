"""What the processes of the tests on PostgreSQL run; each opens a store of its own."""

from __future__ import annotations

import random
from typing import Any

import interactionlog as il


def open_store(place: str, tenant: str, **options: Any) -> il.PostgresStore:
    """Open the tables that the tests of this run have made."""
    return il.PostgresStore(place, schema="owned", tenant=tenant, timeout=60, **options)


def draw(place: str, tenant: str, seed: int, barrier: Any, told: Any) -> None:
    """Draw until the series is used up, rolling a fifth back; tell how many were committed."""
    dice, committed = random.Random(seed), 0
    with open_store(place, tenant) as store:
        barrier.wait()
        while True:
            try:
                with store.begin(user_id=f"WORKER{seed}") as work:
                    il.numbering.NumberSeries(work).next("X")
                    if dice.random() < 0.2:
                        work.rollback()
            except il.numbering.NoNumberLeftError:
                break
            committed += not work.abandoned
    told.put(committed)


def log_all(place: str, tenant: str, seed: int, barrier: Any, told: Any, **options: Any) -> None:
    """Log each of ten segments, all processes at the same moment; tell how it ended."""
    with open_store(place, tenant, **options) as store:
        for number in range(10):
            barrier.wait()
            try:
                store.run(
                    lambda work, no=f"SM{number}": il.SegmentLogger(work).log(no),
                    user_id=f"WORKER{seed}",
                )
                told.put((number, "logged"))
            except il.SegmentAlreadyLoggedError:
                told.put((number, "already logged"))


def log_own(place: str, tenant: str, seed: int, barrier: Any, told: Any) -> None:
    """Log a segment of one's own while all others do: nobody waits for anybody."""
    with open_store(place, tenant) as store:
        barrier.wait()
        store.run(lambda work: il.SegmentLogger(work).log(f"SM{seed}"), user_id=f"WORKER{seed}")
    told.put(seed)


def log_in_batches(place: str, tenant: str, seed: int, barrier: Any, told: Any) -> None:
    """Take turns at one large segment."""
    with open_store(place, tenant) as store:
        barrier.wait()
        try:
            il.BatchRun(store, user_id=f"WORKER{seed}").log("SM0", size=50)
        except il.SegmentAlreadyLoggedError:
            told.put("already logged")
        else:
            told.put("logged")
