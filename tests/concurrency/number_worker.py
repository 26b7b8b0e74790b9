"""
Draws numbers from one SQLite file until the series is used up.

A fifth of the transactions is rolled back. Every worker goes on to the next day at times of its own,
so that date order refuses those that lag behind.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.errors import DateTooEarlyError, NoNumberLeftError
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.values import NumberingPolicy

FIRST_DAY = date(2026, 1, 1)


class Ends(NamedTuple):
    """How many transactions of a worker were committed, rolled back, or refused by date order."""

    committed: int
    rolled_back: int
    too_early: int


def create(path: Path, count: int, policy: NumberingPolicy) -> None:
    """Create a series X with so many numbers, kept in date order."""
    with SqliteStore(path, synchronous="NORMAL") as store, store.begin(user_id="SETUP") as work:
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="X", date_order=True))
        setup.add_line("X", "1", ending_no=str(count), policy=policy)


def draw_all(path: Path, seed: int, wait_for_all: Callable[[], object]) -> Ends:
    """Be ready, wait for the others, and draw until nothing is left for anybody."""
    dice, day = random.Random(seed), FIRST_DAY
    committed = rolled_back = too_early = 0
    with SqliteStore(path, synchronous="NORMAL") as store:
        with store.read() as work:
            NumberSeries(work).peek("X", day)
        wait_for_all()
        while True:
            if dice.random() < 0.01:
                day += timedelta(days=1)
            try:
                with store.begin(user_id=f"WORKER{seed}") as work:
                    NumberSeries(work).next("X", day)
                    if dice.random() < 0.2:
                        work.rollback()
            except NoNumberLeftError:
                return Ends(committed, rolled_back, too_early)
            except DateTooEarlyError:
                day += timedelta(days=1)
                too_early += 1
                continue
            if work.abandoned:
                rolled_back += 1
            else:
                committed += 1
