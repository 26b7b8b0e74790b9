"""
Fixtures for applications: ``pytest -p interactionlog.testing.plugin``; never loaded by itself.

``interaction_clock`` stands still, ``interaction_store`` keeps everything in memory by that clock,
and ``interaction_work`` is an open unit of work on it, with what `add_basics` adds.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import interactionlog as il
from interactionlog.ports import StoreUnitOfWork
from interactionlog.testing.builders import MOMENT, add_basics


@pytest.fixture
def interaction_clock() -> il.FixedClock:
    """Give a clock that stands still until it is moved."""
    return il.FixedClock(MOMENT)


@pytest.fixture
def interaction_store(interaction_clock: il.FixedClock) -> Iterator[il.MemoryStore]:
    """Give an empty store in memory."""
    with il.MemoryStore(clock=interaction_clock) as store:
        yield store


@pytest.fixture
def interaction_work(interaction_store: il.MemoryStore) -> Iterator[StoreUnitOfWork]:
    """Give a unit of work with a group, a template and a salesperson."""
    with interaction_store.begin(user_id="TESTER") as work:
        add_basics(work)
        yield work
