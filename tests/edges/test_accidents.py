"""A statement fails, or the database ends the transaction: nothing of the call stays, and it is said."""

from __future__ import annotations

import sqlite3

import pytest
from failing import statement_fails, stored
from hypothesis import settings

import interactionlog as il
from interactionlog.testing import a_contact
from interactionlog.testing.race_calls import CALLS
from interactionlog.testing.race_world import populate
from stores import ADAPTERS, opening

POSTGRESQL = ("postgresql", "postgresql-joined")
DATABASES = [each for each in ADAPTERS if each != "memory"]
IN_UNITS = sorted(name for name, call in CALLS.items() if not call.store)
STAYS = "NumberSeries.next: gaps"
"""On a PostgreSQL store that owns its transactions it draws in one of its own, and stays drawn."""


def some(names, adapter):
    """Return a few and the calls of repositories, which open no block; all in the deep profile."""
    names = [name for name in names if (name, adapter) != (STAYS, "postgresql")]
    few = names[:: 29 if adapter in POSTGRESQL else 9]
    few += [name for name in names if name[0].islower() and name not in few]
    return names if settings.get_current_profile_name() == "deep" else few


@pytest.mark.every_store
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("adapter", DATABASES)
def test_when_a_statement_fails_nothing_of_the_call_stays(adapter, lasting, tmp_path):
    with opening(adapter, tmp_path) as begin:
        with begin() as work:
            numbers = populate(work)
        statements = {
            name: statement_fails(
                begin,
                lambda work, act=CALLS[name].act: act(work, numbers, 1),
                lasting=lasting,
            )
            for name in some(IN_UNITS, adapter)
        }
    assert min(statements.values()) > 0


class TestADatabaseThatEndsTheTransaction:
    """SQLite does when the disk is full; what follows would be kept at once."""

    @pytest.fixture(params=["owned", "joined"])
    def begin(self, request, tmp_path):
        name = "sqlite" if request.param == "owned" else "sqlite-joined"
        with opening(name, tmp_path) as begin:
            with begin() as work:
                populate(work)
            yield begin

    def fill(self, work):
        """Write until the disk is full, and let somebody make room."""
        connection = work.session.connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            for n in range(10_000):
                il.AttachmentService(work).store(f"{n} {'x' * 9_000}".encode(), name="x.txt")
        connection.execute("PRAGMA max_page_count = 1000000")

    @pytest.mark.parametrize(
        "act",
        [
            lambda work: work.contacts.put(a_contact("NEW")),
            lambda work: work.salespeople.find("HR"),
            lambda work: il.SegmentService(work).create("x", no="NEW"),
            lambda work: il.numbering.NumberSeries(work).next("INV"),
            lambda work: work.interactions.reserve(1),
        ],
    )
    def test_every_further_call_says_so_and_nothing_is_kept(self, begin, act):
        before = stored(begin)
        with pytest.raises(il.UsageError, match="nothing more is kept"), begin() as work:
            work.salespeople.put(il.Salesperson(code="FIRST"))
            self.fill(work)
            with pytest.raises(il.UsageError, match="nothing more is kept"):
                act(work)
        assert stored(begin) == before

    def test_a_block_that_raises_then_leaves_nothing(self, begin):
        before = stored(begin)
        with pytest.raises(RuntimeError, match="mine"), begin() as work:
            self.fill(work)
            raise RuntimeError("mine")
        assert stored(begin) == before


class Refusing:
    """A connection whose COMMIT fails, after or before it is done."""

    def __init__(self, connection, *, done):
        self._connection, self._done = connection, done

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def execute(self, text, *arguments):
        if text == "COMMIT":
            self._connection.execute("COMMIT" if self._done else "ROLLBACK")
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(text, *arguments)


@pytest.mark.parametrize("done", [True, False])
def test_an_error_of_commit_that_proves_no_rollback_is_unknown_and_not_tried_again(tmp_path, done):
    tries = []
    with il.SqliteStore(tmp_path / "crm.db") as store:

        def act(work):
            tries.append(1)
            work.salespeople.put(il.Salesperson(code=f"S{len(tries)}"))
            work.session.cursor = Refusing(work.session.connection, done=done)

        with pytest.raises(il.CommitOutcomeUnknownError, match=r"disk I/O error.*look whether"):
            store.run(act, user_id="TESTER")
        with store.read() as work:
            assert len(work.salespeople.all()) == done
    assert len(tries) == 1


def test_a_commit_that_waits_too_long_is_rolled_back_and_says_the_drivers_error(tmp_path):
    with il.SqliteStore(tmp_path / "crm.db") as store:

        class Busy(Refusing):
            def execute(self, text, *arguments):
                if text == "COMMIT":
                    raise sqlite3.OperationalError("database is locked")
                return super().execute(text, *arguments)

        with pytest.raises(sqlite3.OperationalError), store.begin(user_id="TESTER") as work:
            work.salespeople.put(il.Salesperson(code="S"))
            work.session.cursor = Busy(work.session.connection, done=False)
        with store.begin(user_id="TESTER") as work:
            assert work.salespeople.find("S") is None
