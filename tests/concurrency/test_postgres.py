"""Eight processes on PostgreSQL: every number different, every line logged once."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

import interactionlog as il
from concurrency import postgres_workers
from interactionlog.testing import add_segment
from postgres import HOW_TO_START, WANTED, new_tenant, own_database
from processes import processes

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(not WANTED, reason=HOW_TO_START),
]
WORKERS = 8
LINES = 500


@pytest.fixture
def tenant():
    return new_tenant()


@pytest.fixture
def store(tenant):
    with postgres_workers.open_store(own_database(), tenant) as store:
        yield store


def in_processes(action, tenant, answers=WORKERS):
    """Run an action in eight processes at once; return what they told."""
    context = processes()
    barrier, told = context.Barrier(WORKERS), context.Queue()
    workers = [
        context.Process(target=action, args=(own_database(), tenant, seed, barrier, told))
        for seed in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    found = [told.get(timeout=120) for _ in range(answers)]
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    return found


def numbers_of(store):
    with store.read() as work:
        rows = work.numbers.ledger.ranges("X", 10_000, None, above=0, limit=10_000)
        assert all(row.first_value == row.last_value for row in rows)
        return [row.first_value for row in rows]


@pytest.mark.parametrize("policy", list(il.numbering.NumberingPolicy))
def test_inv_n_02_no_number_is_given_twice_and_none_is_missing_where_that_is_promised(
    tenant, store, policy
):
    count = 800
    with store.begin(user_id="SETUP") as work:
        setup = il.numbering.NumberSeriesSetup(work)
        setup.create_series(il.numbering.NoSeries(code="X"))
        setup.add_line("X", "1", ending_no=str(count), policy=policy)
    committed = sum(in_processes(postgres_workers.draw, tenant))
    numbers = numbers_of(store)
    assert len(numbers) == len(set(numbers)) == committed
    if policy is il.numbering.NumberingPolicy.GAPLESS:
        assert numbers == list(range(1, count + 1))
    else:
        assert numbers == sorted(numbers)
        assert committed < count  # what was rolled back is gone
        with store.read() as work:
            gaps = list(il.numbering.NumberLedger(work).explain_gaps("X"))
        assert gaps


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_of_eight_processes_that_log_a_segment_one_wins_and_the_others_are_told(
    tenant, store, level
):
    with store.begin(user_id="SETUP") as work:
        for number in range(10):
            add_segment(work, f"SM{number}", ["CT1", "CT2", "CT3"])
    log_all = partial(postgres_workers.log_all, isolation_level=level)
    told = Counter(in_processes(log_all, tenant, 10 * WORKERS))
    assert told == Counter(
        {(number, "logged"): 1 for number in range(10)}
        | {(number, "already logged"): WORKERS - 1 for number in range(10)}
    )
    with store.read() as work:
        assert il.Statistics(work).of(il.LogFilter()).interactions == 30


def test_eight_segments_are_logged_at_once_with_entry_numbers_of_their_own(tenant, store):
    with store.begin(user_id="SETUP") as work:
        for number in range(WORKERS):
            add_segment(work, f"SM{number}", ["CT1"] * LINES)
    in_processes(postgres_workers.log_own, tenant)
    with store.read() as work:
        for logged in work.logged_segments.all():
            numbers = [
                entry.entry_no
                for entry in work.interactions.of_logged_segment(logged.entry_no, limit=2_000)
            ]
            assert len(numbers) == LINES
            assert (logged.first_entry_no, logged.last_entry_no) == (numbers[0], numbers[-1])
        assert il.Statistics(work).of(il.LogFilter()).interactions == WORKERS * LINES


def test_entries_have_the_numbers_that_others_left_between_theirs():
    import psycopg

    place, schema = own_database(), f"s{new_tenant().lower()}"
    with il.PostgresStore(place, schema=schema) as store:
        with psycopg.connect(place, autocommit=True) as connection:
            # as if two others drew after each of ours
            sequence = f"{schema}.interactionlog_log_entry_no"
            connection.execute(f"ALTER SEQUENCE {sequence} INCREMENT 3")
        with store.begin(user_id="TESTER") as work:
            assert not work.interactions.reserve(0)
            contacts = [f"CT{number}" for number in range(1, 6)]
            add_segment(work, "SM1", contacts)
            logged = il.SegmentLogger(work).log("SM1")
            entries = work.interactions.of_logged_segment(logged.entry_no)
            assert [(each.entry_no, each.contact_no) for each in entries] == [
                (1 + 3 * nth, contact) for nth, contact in enumerate(contacts)
            ]
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def test_eight_workers_take_turns_at_the_batches_of_one_segment(tenant, store):
    with store.begin(user_id="SETUP") as work:
        add_segment(work, "SM0", ["CT1"] * 1_000)
    told = in_processes(postgres_workers.log_in_batches, tenant)
    assert "logged" in told
    with store.read() as work:
        lines = Counter(
            entry.segment_line_no for entry in work.interactions.newest(il.LogFilter(), limit=5_000)
        )
        assert len(lines) == 1_000
        assert set(lines.values()) == {1}
        assert work.segments.find("SM0") is None
