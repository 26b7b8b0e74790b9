"""PostgreSQL goes away, or says no: everything is as before, and running again goes on."""

from __future__ import annotations

import threading
from contextlib import nullcontext

import pytest

import interactionlog as il
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.testing import add_segment, an_entry
from postgres import HOW_TO_START, WANTED, new_tenant, own_database, owned_postgres_store

psycopg = pytest.importorskip("psycopg")
pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(not WANTED, reason=HOW_TO_START),
]
CLOCK = il.FixedClock("2026-01-26T09:30")


@pytest.fixture
def tenant():
    return new_tenant()


@pytest.fixture
def store(tenant):
    with owned_postgres_store(tenant, CLOCK) as store:
        yield store


def kill(work):
    """Let the server end the connection of a unit of work."""
    cursor = work.session.cursor
    cursor.execute("SELECT pg_backend_pid()")
    with psycopg.connect(own_database(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", cursor.fetchone())


class KillsAfter:
    """An observer that ends the connection after so many chunks, once."""

    def __init__(self, chunks):
        self.left = chunks

    def interactions_logged(self, work, entries):
        self.left -= 1
        if self.left == 0:
            kill(work)


def killing_store(tenant, chunks):
    return owned_postgres_store(tenant, CLOCK, hooks=[KillsAfter(chunks)])


def entries_of(store):
    with store.read() as work:
        return work.interactions.newest(il.LogFilter(), limit=10_000)


@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_a_connection_lost_in_the_middle_of_logging_leaves_everything_as_before(
    tenant, store, chunks
):
    with store.begin(user_id="A") as work:
        add_segment(work, "SM1", ["CT1"] * 3_000)
    with killing_store(tenant, chunks) as killed:
        with pytest.raises(psycopg.OperationalError), killed.begin(user_id="A") as work:
            il.SegmentLogger(work).log("SM1")
        assert entries_of(store) == []
        with store.read() as work:
            assert work.segments.totals("SM1").lines == 3_000
            assert work.logged_segments.all() == []
        with killed.begin(user_id="A") as work:  # a new connection takes the place of the lost one
            assert il.SegmentLogger(work).log("SM1").counts["log"] == 3_000


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_host_whose_connection_is_lost_while_it_logs_gets_its_drivers_error_and_lost_nothing(
    tenant, driver
):
    client = pytest.importorskip(driver)
    host = il.HostStore(tenant=tenant, clock=CLOCK, schema="joined", hooks=[KillsAfter(2)])
    plain = il.HostStore(tenant=tenant, clock=CLOCK, schema="joined")
    connection = client.connect(own_database())
    with plain.join(connection, user_id="A") as work:
        add_segment(work, "SM1", ["CT1"] * 3_000)
    connection.commit()
    with pytest.raises(client.OperationalError), host.join(connection, user_id="A") as work:
        il.SegmentLogger(work).log("SM1")
    connection.close()
    connection = client.connect(own_database())
    with plain.join(connection, user_id="A") as work:
        assert work.interactions.newest(il.LogFilter()) == []
        assert work.logged_segments.all() == []
        assert il.SegmentLogger(work).log("SM1").counts["log"] == 3_000
    connection.rollback()
    connection.close()


@pytest.mark.parametrize("kind", ["AdminShutdown", "IdleInTransactionSessionTimeout"])
def test_run_tries_again_whatever_the_server_ended_the_connection_for(store, kind):
    attempts = []

    def action(work):
        attempts.append(1)
        work.interactions.add(an_entry(1))
        if len(attempts) == 1:
            kill(work)
            raise getattr(psycopg.errors, kind)("terminating connection")

    store.run(action, user_id="A")
    assert len(attempts) == 2
    assert len(entries_of(store)) == 1


def test_run_tries_again_when_the_connection_was_lost_before_the_commit(tenant, store):
    with store.begin(user_id="A") as work:
        add_segment(work, "SM1", ["CT1"] * 1_500)
    with killing_store(tenant, 2) as killed:
        logged = killed.run(lambda work: il.SegmentLogger(work).log("SM1"), user_id="A")
    assert logged.counts["log"] == 1_500
    assert len(entries_of(store)) == 1_500


def test_a_batch_run_goes_on_after_its_connection_was_lost(tenant, store):
    with store.begin(user_id="A") as work:
        add_segment(work, "SM1", ["CT1"] * 1_000)
    with killing_store(tenant, 3) as killed:
        il.BatchRun(killed, user_id="A").log("SM1", size=200)
    lines = [entry.segment_line_no for entry in entries_of(store)]
    assert len(lines) == len(set(lines)) == 1_000


def test_a_connection_lost_during_commit_is_told_and_not_tried_again(store):
    attempts = []

    def action(work):
        attempts.append(1)
        work.interactions.add(an_entry(1))
        kill(work)

    with pytest.raises(il.CommitOutcomeUnknownError) as lost:
        store.run(action, user_id="A")
    assert isinstance(lost.value.__cause__, psycopg.OperationalError)
    assert len(attempts) == 1
    assert entries_of(store) == []


def test_a_connection_lost_between_units_of_work_is_replaced(store):
    with store.begin(user_id="A") as work:
        (pid,) = work.session.cursor.execute("SELECT pg_backend_pid()").fetchone()
    with psycopg.connect(own_database(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with store.begin(user_id="A") as work:
        work.interactions.add(an_entry(1))
    assert len(entries_of(store)) == 1


@pytest.mark.parametrize("moment", ["_begun", "_commit"])
def test_run_tries_again_when_the_connection_of_a_counter_was_lost(store, monkeypatch, moment):
    """Before it drew, or while it was committed: a number is missing at most."""
    with store.begin(user_id="A") as work:
        series = il.numbering.NumberSeriesSetup(work)
        series.create_series(il.numbering.NoSeries(code="GAPS"))
        series.add_line("GAPS", "G001", policy=il.numbering.NumberingPolicy.GAPS_ALLOWED)
    attempts = []

    def lose(connection):
        with psycopg.connect(own_database(), autocommit=True) as other:
            pid = connection.info.backend_pid
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    def losing_when_begun(role, begun=store._begun):
        connection = begun(role)
        if role == "own_transaction" and len(attempts) == 1:
            lose(connection)
        return connection

    def losing_at_commit(session, commit=store._commit):
        if session.own_transaction is None and len(attempts) == 1:
            lose(session.connection)
        commit(session)

    def action(work):
        attempts.append(1)
        return il.numbering.NumberSeries(work).next("GAPS").no

    losing = {"_begun": losing_when_begun, "_commit": losing_at_commit}
    monkeypatch.setattr(store, moment, losing[moment])
    assert store.run(action, user_id="A") == "G001"
    assert len(attempts) == 2


def test_run_tries_again_after_a_serialization_failure(tenant, store):
    with store.begin(user_id="A") as work:
        add_segment(work, "SM1", ["CT1"])
    attempts = []

    def action(work):
        work.segments.all()  # the snapshot
        if not attempts:
            with store_of_another.begin(user_id="B") as other:
                other.segments.lock("SM1")
        attempts.append(1)
        return il.SegmentLogger(work).log("SM1")

    with (
        owned_postgres_store(tenant, CLOCK) as store_of_another,
        owned_postgres_store(tenant, CLOCK, isolation_level="REPEATABLE READ") as strict,
    ):
        # the same thread may hold a unit of work of each store
        assert strict.run(action, user_id="A").counts == {"log": 1}
    assert len(attempts) == 2


def test_run_tries_again_after_a_deadlock(store):
    with store.begin(user_id="A") as work:
        add_segment(work, "SM1", ["CT1"])
        add_segment(work, "SM2", ["CT1"])
    both, attempts = threading.Barrier(2), []

    def lock(*nos):
        def action(work):
            attempts.append(nos)
            work.segments.lock(nos[0])
            if len(attempts) <= 2:
                both.wait()
            work.segments.lock(nos[1])

        store.run(action, user_id="A")

    other = threading.Thread(target=lock, args=("SM2", "SM1"))
    other.start()
    lock("SM1", "SM2")
    other.join()
    assert len(attempts) == 3
    with store.read() as work:
        assert work.segments.get("SM1").version == work.segments.get("SM2").version == 2


def test_waiting_for_another_ends_with_the_drivers_error(tenant, store):
    with store.begin(user_id="A") as work:
        add_segment(work, "SM1", ["CT1"])
    with (
        owned_postgres_store(tenant, CLOCK, timeout=0.05) as impatient,
        store.begin(user_id="A") as work,
    ):
        work.segments.lock("SM1")
        with (
            pytest.raises(psycopg.errors.LockNotAvailable),
            impatient.begin(user_id="B") as other,
        ):
            other.segments.lock("SM1")


@pytest.mark.parametrize(
    "swallowing_block", [nullcontext, StoreUnitOfWork.atomic], ids=["no block", "the first block"]
)
def test_work_after_a_swallowed_error_of_the_driver_is_refused_and_not_lost_silently(
    store, swallowing_block
):
    with (
        pytest.raises(il.UsageError, match=r"wrap what may fail"),
        store.begin(user_id="A") as work,
        swallowing_block(work),
    ):
        work.interactions.add(an_entry(1))
        with pytest.raises(psycopg.errors.SyntaxError):
            work.session.cursor.execute("nonsense")
    assert entries_of(store) == []
