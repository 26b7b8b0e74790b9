"""Inside the transactions of real hosts: an order and a segment stand or fall together."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import interactionlog as il
from embedding.hosts import HOSTS, Host, Wrapped, hosts
from interactionlog.adapters.host import HostStore
from interactionlog.contacts.contact import Salesperson
from interactionlog.errors import DuplicateEntryError, SegmentAlreadyLoggedError, UsageError
from interactionlog.interactions.repository import LineRange, Logging
from interactionlog.testing import (
    MOMENT,
    a_line,
    a_segment,
    a_template,
    add_basics,
    add_segment,
    an_entry,
)


@pytest.fixture(params=hosts())
def host(request, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    host = HOSTS[request.param](tmp_path)
    yield host
    host.close()


def set_up(host: Host) -> None:
    """Commit what logging needs, and a segment with two lines."""
    with host.transaction() as connection, host.store.join(connection, user_id="SETUP") as work:
        add_basics(work)
        work.templates.put(a_template("CALL", description="Call"))
        segments = il.SegmentService(work)
        segments.create(
            "Segment", no="SM00001", salesperson_code="HR", interaction_template_code="CALL"
        )
        for no in ("CT1", "CT2"):
            work.contacts.put(il.Contact(no=no, company_no=no, name=no, salesperson_code="HR"))
            segments.add_line("SM00001", no)


def logged(host: Host) -> int:
    """Count committed entries."""
    with host.transaction() as connection, host.store.join(connection, user_id="READER") as work:
        return len(work.interactions.newest(il.LogFilter(), limit=100))


def order_and_logging(host: Host, connection) -> None:
    host.add_order(connection, "SO-1")
    with host.store.join(connection, user_id="HELENA") as work:
        il.SegmentLogger(work).log("SM00001")


def test_the_host_commits_order_and_segment_together(host):
    set_up(host)
    with host.transaction() as connection:
        order_and_logging(host, connection)
    assert host.orders() == ["SO-1"]
    assert logged(host) == 2


def test_the_host_rolls_back_order_and_segment_together(host):
    set_up(host)
    with pytest.raises(ZeroDivisionError), host.transaction() as connection:
        order_and_logging(host, connection)
        _ = 1 / 0
    assert host.orders() == []
    assert logged(host) == 0
    with host.transaction() as connection:
        order_and_logging(host, connection)
    assert (host.orders(), logged(host)) == (["SO-1"], 2)


def test_a_block_that_fails_leaves_the_order_to_the_host(host):
    set_up(host)
    with host.transaction() as connection:
        host.add_order(connection, "SO-1")
        with pytest.raises(ZeroDivisionError), host.store.join(connection, user_id="A") as work:
            il.SegmentLogger(work).log("SM00001")
            _ = 1 / 0
    assert host.orders() == ["SO-1"]
    assert logged(host) == 0


def test_a_refused_rule_leaves_the_hosts_transaction_usable(host):
    set_up(host)
    with host.transaction() as connection:
        order_and_logging(host, connection)
        with (
            pytest.raises(SegmentAlreadyLoggedError),
            host.store.join(connection, user_id="A") as w,
        ):
            il.SegmentLogger(w).log("SM00001")
        host.add_order(connection, "SO-2")
    assert host.orders() == ["SO-1", "SO-2"]
    assert logged(host) == 2


def test_a_taken_key_leaves_the_hosts_transaction_usable(host):
    with host.transaction() as connection:
        with host.store.join(connection, user_id="A") as work:
            work.interactions.add(an_entry(1))
            work.segments.add(a_segment())
            work.segments.add_lines([a_line(10_000 * number) for number in range(1, 30)])
        logging = Logging(1, "A", MOMENT, None, None)
        lines = LineRange("SM00001", 0, 290_000)
        for action in (
            lambda work: work.interactions.add(an_entry(1)),
            lambda work: work.interactions.add_of_segment(logging, lines, range(1, 30), {}),
        ):
            with pytest.raises(DuplicateEntryError), host.store.join(connection, user_id="A") as w:
                action(w)
        host.add_order(connection, "SO-1")
    assert host.orders() == ["SO-1"]
    assert logged(host) == 1


def test_several_calls_in_one_request_see_each_other(host):
    set_up(host)
    with host.transaction() as connection:
        with host.store.join(connection, user_id="A") as work:
            interactions = il.InteractionService(work)
            interactions.finish(interactions.start("CT1", interaction_template_code="CALL"))
        host.add_order(connection, "SO-1")
        with host.store.join(connection, user_id="B") as work:
            assert len(il.InteractionLog(work).timeline("CT1")) == 1
            il.SegmentLogger(work).log("SM00001")
        with host.store.join(connection, user_id="A") as work:
            assert len(il.InteractionLog(work).timeline("CT1")) == 2
    assert logged(host) == 3


def test_functions_of_the_host_join_inside_each_other(host):
    set_up(host)
    with host.transaction() as connection:
        with host.store.join(connection, user_id="A") as outer:
            outer.interactions.add(an_entry(101))
            with host.store.join(connection, user_id="A") as inner:
                inner.interactions.add(an_entry(102))
            with pytest.raises(ZeroDivisionError), host.store.join(connection, user_id="A") as w:
                w.interactions.add(an_entry(103))
                _ = 1 / 0
            outer.interactions.add(an_entry(104))
        host.add_order(connection, "SO-1")
    with host.transaction() as connection, host.store.join(connection, user_id="A") as work:
        found = work.interactions.newest(il.LogFilter())
        assert [entry.entry_no for entry in found] == [104, 102, 101]


def test_many_lines_are_written_and_read_back(host):
    with host.transaction() as connection, host.store.join(connection, user_id="A") as work:
        add_segment(work, "SM00002", [f"CT{number}" for number in range(500)])
    with host.transaction() as connection, host.store.join(connection, user_id="A") as work:
        lines = work.segments.lines_after("SM00002", 0)
        assert [line.contact_no for line in lines] == [f"CT{number}" for number in range(500)]


def test_content_is_bytes_whatever_the_driver_makes_of_them(host):
    with host.transaction() as connection, host.store.join(connection, user_id="A") as work:
        work.attachments.put_content("digest", 0, b"\x00%s\xff")
        assert work.attachments.content("digest", 0) == b"\x00%s\xff"


def test_migrate_finds_nothing_to_do(host):
    with host.transaction() as connection:
        assert host.store.migrate(connection) == []


@pytest.mark.parametrize("host", hosts("django", "django-sqlite"), indirect=True)
def test_django_outside_atomic_is_refused_with_advice(host):
    with pytest.raises(UsageError, match=r"join inside atomic"):
        host.store.join(host.connection, user_id="A").__enter__()


@pytest.mark.parametrize("host", hosts("django"), indirect=True)
def test_a_failed_transaction_of_django_is_refused(host):
    from django.db import DatabaseError, transaction

    with pytest.raises(ZeroDivisionError), host.transaction() as connection:
        with pytest.raises(DatabaseError), transaction.atomic(using=host.alias, savepoint=False):
            host.execute(connection, "SELECT nonsense")
        with pytest.raises(UsageError, match="can only be rolled back"):
            host.store.join(connection, user_id="A").__enter__()
        _ = 1 / 0


@pytest.mark.parametrize("host", hosts("sqlalchemy"), indirect=True)
def test_sqlalchemy_without_a_transaction_is_refused_with_advice(host):
    with (
        host.engine.connect() as connection,
        pytest.raises(UsageError, match=r"call begin\(\) first"),
    ):
        host.store.join(connection, user_id="A").__enter__()


@pytest.mark.parametrize("host", hosts("sqlalchemy-sqlite"), indirect=True)
@pytest.mark.parametrize("call", ["join", "migrate"])
def test_sqlalchemy_that_leaves_the_beginning_to_sqlite_is_refused_with_advice(host, call):
    """It has begun in its own eyes, so that "begin one" would help nobody."""
    engine = importlib.import_module("sqlalchemy").create_engine(host.engine.url)
    with engine.begin() as connection, pytest.raises(UsageError, match="listener for connect"):
        if call == "join":
            host.store.join(connection, user_id="A").__enter__()
        else:
            host.store.migrate(connection)
    engine.dispose()


@pytest.mark.parametrize("host", hosts("sqlalchemy"), indirect=True)
def test_autocommit_of_sqlalchemy_is_refused(host):
    engine = host.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.begin() as connection, pytest.raises(UsageError, match="begin one before joining"):
        host.store.join(connection, user_id="A").__enter__()


@pytest.mark.parametrize("host", hosts("sqlalchemy"), indirect=True)
def test_the_pooled_connection_of_sqlalchemy_is_joined(host):
    with host.transaction() as connection:
        pooled = connection.connection
        with host.store.join(pooled, user_id="A") as work:
            work.interactions.add(an_entry(1))
    assert logged(host) == 1


@pytest.mark.parametrize("host", hosts("psycopg", "psycopg2"), indirect=True)
def test_autocommit_is_refused_with_advice(host):
    host.connection.autocommit = True
    with pytest.raises(UsageError, match="begin one before joining"):
        host.store.join(host.connection, user_id="A").__enter__()
    host.connection.autocommit = False


@pytest.mark.parametrize("host", hosts("psycopg", "psycopg2"), indirect=True)
def test_a_failed_transaction_is_refused(host):
    with pytest.raises(Exception, match="nonsense"):
        host.execute(host.connection, "SELECT nonsense")
    with pytest.raises(UsageError, match="can only be rolled back"):
        host.store.join(host.connection, user_id="A").__enter__()
    host.connection.rollback()


@pytest.mark.parametrize("host", hosts("psycopg", "psycopg2"), indirect=True)
@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_a_transaction_that_is_ended_inside_the_block_is_told_at_once_or_at_its_end(host, end):
    with (
        pytest.raises(UsageError, match="ended inside the block"),
        host.store.join(host.connection, user_id="A") as work,
    ):
        host.execute(host.connection, end)
        with work.atomic():
            work.salespeople.put(Salesperson(code="LATE"))
    host.connection.rollback()
    with host.transaction() as connection, host.store.join(connection, user_id="A") as work:
        assert work.salespeople.find("LATE") is None


@pytest.mark.parametrize("host", hosts("psycopg", "psycopg2"), indirect=True)
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_transaction_that_the_host_has_ended_is_told_by_the_next_statement(host, end):
    """The driver would begin another one for it, which nobody ends."""
    join_first(host)
    with (
        pytest.raises(UsageError, match="ended inside the block"),
        host.store.join(host.connection, user_id="A") as work,
    ):
        getattr(host.connection, end)()
        with pytest.raises(UsageError, match="ended inside the block"):
            work.salespeople.find("HR")
    assert not status(host)


@pytest.mark.parametrize("host", hosts("psycopg", "psycopg2"), indirect=True)
@pytest.mark.parametrize("error", [None, KeyError])
def test_a_connection_that_the_host_has_rolled_back_is_not_touched_again(host, error):
    join_first(host)
    with (
        pytest.raises(error or UsageError) as raised,
        host.store.join(host.connection, user_id="A"),
    ):
        host.connection.rollback()
        if error:
            raise error
    assert "ended inside the block" in str(raised.value) + "".join(raised.value.__notes__)
    assert not status(host)


def join_first(host: Host) -> None:
    """Let the savepoint be the first statement of the next transaction: the tables are known."""
    with host.store.join(host.connection, user_id="A"):
        pass
    host.connection.commit()


def status(host: Host) -> int:
    """Say in which transaction the connection is, as libpq counts: 0 is none."""
    connection = host.connection
    found = getattr(connection, "get_transaction_status", None)
    return found() if found else connection.info.transaction_status


@pytest.mark.parametrize("host", hosts("psycopg", "psycopg2"), indirect=True)
def test_a_failed_statement_that_was_swallowed_in_the_block_is_told_at_its_end(host):
    host.add_order(host.connection, "SO-1")
    with (
        pytest.raises(UsageError, match="catch outside of it"),
        host.store.join(host.connection, user_id="A") as work,
    ):
        work.salespeople.put(Salesperson(code="LATE"))
        with pytest.raises(Exception, match="nonsense"):
            host.execute(host.connection, "SELECT nonsense")
    host.connection.commit()
    assert host.orders() == ["SO-1"]
    with host.transaction() as connection, host.store.join(connection, user_id="A") as work:
        assert work.salespeople.find("LATE") is None


@pytest.mark.parametrize(
    "setting",
    ["DateStyle = German", "DateStyle = SQL", "DateStyle = Postgres", "client_encoding = LATIN1"],
)
@pytest.mark.parametrize("host", hosts("psycopg", "psycopg2"), indirect=True)
def test_a_connection_that_tells_dates_or_texts_otherwise_is_refused_with_advice(host, setting):
    host.execute(host.connection, f"SET LOCAL {setting}")
    with pytest.raises(UsageError, match="before joining"):
        host.store.join(host.connection, user_id="A").__enter__()
    host.connection.rollback()
    with host.transaction() as connection, host.store.join(connection, user_id="A") as work:
        assert work.contacts.find("C") is None


def check_that_a_serialization_failure_can_be_tried_again(host: Host) -> Exception:
    """Let a rival commit first, and return the error that the host has seen."""
    set_up(host)
    attempts = []

    def request() -> None:
        with host.transaction() as connection:
            host.use_snapshot(connection)
            host.execute(connection, "SELECT 1")  # the snapshot is taken
            if not attempts:
                with host.rival() as other, host.store.join(other, user_id="B") as work:
                    il.SegmentService(work).add_line("SM00001", "CT1")
            attempts.append(1)
            order_and_logging(host, connection)

    with pytest.raises(Exception, match="could not serialize") as failed:
        request()
    assert (host.orders(), logged(host)) == ([], 0)
    request()
    assert (host.orders(), logged(host)) == (["SO-1"], 3)
    return failed.value


@pytest.mark.parametrize(
    "host",
    hosts(
        "psycopg",
        "psycopg2",
        "wrapped-psycopg",
        "wrapped-psycopg2",
        "sqlalchemy",
        "sqlalchemy-session",
        "django",
    ),
    indirect=True,
)
def test_a_serialization_failure_reaches_the_host_unchanged_and_its_retry_succeeds(host):
    """SQL-P2: the waiter fails with 40001, by the driver's class, and the host tries again."""
    failure = check_that_a_serialization_failure_can_be_tried_again(host)
    assert type(failure).__name__ == "SerializationFailure"
    assert type(failure).__module__.startswith("psycopg")


@pytest.mark.parametrize("host", hosts("wrapped-sqlite3", "wrapped-psycopg"), indirect=True)
def test_a_connection_of_an_unknown_class_is_refused_with_advice(host):
    with (
        host.transaction() as connection,
        pytest.raises(UsageError, match="say dialect= if it behaves like one"),
    ):
        HostStore().join(connection, user_id="A").__enter__()


@pytest.mark.parametrize("host", hosts("wrapped-sqlite3"), indirect=True)
def test_an_unknown_class_that_tells_it_has_no_transaction_is_refused(host):
    with pytest.raises(UsageError, match="no open transaction"):
        host.store.join(Wrapped(host.connection), user_id="A").__enter__()


@pytest.mark.parametrize("host", hosts("wrapped-psycopg", "wrapped-psycopg2"), indirect=True)
def test_rows_of_an_unknown_class_that_are_no_tuples_are_refused_with_advice(host):
    if type(host.connection).__module__ == "psycopg":
        host.connection.row_factory = importlib.import_module("psycopg.rows").dict_row
    else:
        extras = importlib.import_module("psycopg2.extras")
        host.connection.cursor_factory = extras.RealDictCursor
    with pytest.raises(UsageError, match="rows that are no tuples"):
        host.store.join(Wrapped(host.connection), user_id="A").__enter__()
