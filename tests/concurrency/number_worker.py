"""
Draws numbers from one SQLite file until the series is used up; run as a program by the tests.

A fifth of the transactions is rolled back. Every worker goes on to the next day at times of its own,
so that date order refuses those that lag behind. Prints how many numbers this worker committed.
"""

from __future__ import annotations

import random
import sys
from datetime import date, timedelta
from pathlib import Path

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.enumerations import NumberingPolicy
from interactionlog.numbering.errors import DateTooEarlyError, NoNumberLeftError
from interactionlog.numbering.no_series import NoSeries
from interactionlog.numbering.number_series import NumberSeries
from interactionlog.numbering.number_series_setup import NumberSeriesSetup

FIRST_DAY = date(2026, 1, 1)


def create(path: Path, count: int, policy: NumberingPolicy) -> None:
    """Create a series X with so many numbers, kept in date order."""
    with SqliteStore(path, synchronous="NORMAL") as store, store.begin(user_id="SETUP") as work:
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="X", date_order=True))
        setup.add_line("X", "1", ending_no=str(count), policy=policy)


def draw_all(path: Path, seed: int) -> int:
    """Draw until nothing is left; return how many numbers were committed."""
    dice, committed, day = random.Random(seed), 0, FIRST_DAY
    with SqliteStore(path, synchronous="NORMAL", timeout=60) as store:
        while True:
            if dice.random() < 0.01:
                day += timedelta(days=1)
            try:
                with store.begin(user_id=f"WORKER{seed}") as work:
                    NumberSeries(work).next("X", day)
                    if dice.random() < 0.2:
                        work.rollback()
            except NoNumberLeftError:
                return committed
            except DateTooEarlyError:
                day += timedelta(days=1)
                continue
            if not work.abandoned:
                committed += 1


if __name__ == "__main__":
    database, number = Path(sys.argv[1]), int(sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    print(draw_all(database, number), flush=True)
