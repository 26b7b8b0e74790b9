"""Inside the transaction of a host that uses `sqlite3`: the host has the last word."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal

import attrs
import pytest

from interactionlog.adapters.host import HostStore
from interactionlog.clock import FixedClock
from interactionlog.errors import (
    DuplicateEntryError,
    NotFoundError,
    StorageError,
    UsageError,
)
from interactionlog.interactions.repository import LogFilter
from interactionlog.testing import DAY, a_contact, a_template, add_segment, an_entry
from stores import empty_database

CLOCK = FixedClock("2026-01-26T09:30")


@pytest.fixture
def path(tmp_path):
    return empty_database(tmp_path)


@pytest.fixture
def erp(path):
    """Give the connection of a host with a table of its own."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE sales_order (no TEXT PRIMARY KEY)")
    yield connection
    connection.close()


@pytest.fixture
def host():
    return HostStore(clock=CLOCK)


def count(connection, table):
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


def dictionary(cursor, row):
    return dict(zip([name for name, *_ in cursor.description], row, strict=True))


class Bare:
    """A connection that gives cursors and no more."""

    def __init__(self, connection):
        self.cursor = connection.cursor


class TestTheHostHasTheLastWord:
    def test_rolling_back_takes_the_entries_with_it(self, erp, host):
        erp.execute("BEGIN IMMEDIATE")
        erp.execute("INSERT INTO sales_order (no) VALUES ('SO-1')")
        with host.join(erp, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
        assert erp.in_transaction
        erp.execute("ROLLBACK")
        assert count(erp, "sales_order") == count(erp, "interactionlog_log_entry") == 0

    def test_committing_keeps_both(self, erp, host):
        erp.execute("BEGIN IMMEDIATE")
        erp.execute("INSERT INTO sales_order (no) VALUES ('SO-1')")
        with host.join(erp, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
        erp.execute("COMMIT")
        assert count(erp, "sales_order") == count(erp, "interactionlog_log_entry") == 1

    def test_a_block_that_raises_leaves_the_hosts_own_rows(self, erp, host):
        erp.execute("BEGIN IMMEDIATE")
        erp.execute("INSERT INTO sales_order (no) VALUES ('SO-1')")
        with pytest.raises(ZeroDivisionError), host.join(erp, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
            _ = 1 / 0
        erp.execute("COMMIT")
        assert count(erp, "sales_order") == 1
        assert count(erp, "interactionlog_log_entry") == 0

    def test_an_abandoned_unit_of_work_leaves_the_hosts_own_rows(self, erp, host):
        erp.execute("BEGIN IMMEDIATE")
        erp.execute("INSERT INTO sales_order (no) VALUES ('SO-1')")
        with host.join(erp, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
            work.rollback()
        erp.execute("COMMIT")
        assert count(erp, "sales_order") == 1
        assert count(erp, "interactionlog_log_entry") == 0

    def test_a_refused_rule_leaves_the_hosts_transaction_usable(self, erp, host):
        erp.execute("BEGIN IMMEDIATE")
        with host.join(erp, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
            with pytest.raises(DuplicateEntryError), work.atomic():
                work.interactions.add(an_entry(2))
                work.interactions.add(an_entry(1))
        erp.execute("INSERT INTO sales_order (no) VALUES ('SO-1')")
        erp.execute("COMMIT")
        assert count(erp, "sales_order") == count(erp, "interactionlog_log_entry") == 1

    def test_the_connection_stays_open_and_as_it_was(self, erp, host):
        erp.row_factory = sqlite3.Row
        erp.execute("BEGIN")
        with host.join(erp, user_id="HELENA") as work:
            work.interactions.find(1)
        assert erp.in_transaction
        assert erp.row_factory is sqlite3.Row
        assert erp.isolation_level is None
        erp.execute("ROLLBACK")

    def test_implicit_transactions_of_the_driver_are_enough(self, path, host):
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE sales_order (no TEXT)")
        connection.execute("INSERT INTO sales_order (no) VALUES ('SO-1')")
        with host.join(connection, user_id="HELENA") as work:
            add_segment(work, "SM00001", ["CT1"])
        assert connection.in_transaction
        connection.rollback()
        assert count(connection, "sales_order") == count(connection, "interactionlog_segment") == 0
        connection.close()

    def test_entries_are_delivered_to_nobody_before_the_host_commits(self, erp, path, host):
        other = sqlite3.connect(path)
        erp.execute("PRAGMA journal_mode = WAL")
        erp.execute("BEGIN IMMEDIATE")
        with host.join(erp, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
        assert count(other, "interactionlog_log_entry") == 0
        erp.execute("COMMIT")
        assert count(other, "interactionlog_log_entry") == 1
        other.close()


class TestNestedJoins:
    def test_an_inner_join_falls_alone(self, erp, host):
        erp.execute("BEGIN")
        with host.join(erp, user_id="HELENA") as outer:
            outer.interactions.add(an_entry(1))
            with pytest.raises(ZeroDivisionError), host.join(erp, user_id="JIM") as inner:
                inner.interactions.add(an_entry(2))
                _ = 1 / 0
            assert outer.interactions.find(2) is None
        erp.execute("COMMIT")
        assert count(erp, "interactionlog_log_entry") == 1

    def test_an_outer_join_takes_the_inner_one_along(self, erp, host):
        erp.execute("BEGIN")
        with host.join(erp, user_id="HELENA") as outer:
            with host.join(erp, user_id="JIM") as inner:
                inner.interactions.add(an_entry(2))
            assert outer.interactions.find(2) is not None
            outer.rollback()
        erp.execute("COMMIT")
        assert count(erp, "interactionlog_log_entry") == 0

    def test_blocks_that_end_out_of_order_are_noticed(self, erp, host):
        erp.execute("BEGIN")
        outer, inner = host.join(erp, user_id="HELENA"), host.join(erp, user_id="JIM")
        outer.__enter__()
        inner.__enter__()
        outer.__exit__(None, None, None)
        with pytest.raises(UsageError, match="last in, first out"):
            inner.__exit__(None, None, None)

    @pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
    def test_a_host_that_ends_its_transaction_inside_the_block_is_told(self, erp, host, ending):
        erp.execute("BEGIN")
        with (
            pytest.raises(UsageError, match="ended inside the block"),
            host.join(erp, user_id="HELENA") as work,
        ):
            work.interactions.add(an_entry(1))
            erp.execute(ending)

    def test_the_first_error_is_not_hidden_by_a_failing_rollback(self, erp, host):
        erp.execute("BEGIN")
        with pytest.raises(ZeroDivisionError) as first, host.join(erp, user_id="HELENA"):
            erp.execute("ROLLBACK")
            _ = 1 / 0
        assert "taking back" in first.value.__notes__[0]


class TestRefusedConnections:
    def test_a_connection_without_transaction_is_refused(self, erp, host):
        with (
            pytest.raises(UsageError, match="no open transaction"),
            host.join(erp, user_id="HELENA"),
        ):
            pass

    def test_a_migration_without_transaction_is_refused(self, erp, host):
        with pytest.raises(UsageError, match="no open transaction"):
            host.migrate(erp)

    @pytest.mark.parametrize("connection", [None, "crm.db", object()])
    def test_what_is_no_connection_is_refused(self, host, connection):
        with (
            pytest.raises(UsageError, match="cannot be joined"),
            host.join(connection, user_id="HELENA"),
        ):
            pass

    def test_a_connection_with_autocommit_is_refused(self, path, host):
        class Autocommit(sqlite3.Connection):
            autocommit = True  # from Python 3.12 on the driver's own

        connection = sqlite3.connect(path, factory=Autocommit, isolation_level=None)
        connection.execute("BEGIN")
        with pytest.raises(UsageError, match="autocommit"), host.join(connection, user_id="HELENA"):
            pass
        connection.close()

    @pytest.mark.parametrize(
        "text_factory", [bytes, lambda data: data.decode("utf-8", "replace")], ids=["bytes", "own"]
    )
    def test_a_text_factory_is_refused_with_advice(self, erp, host, text_factory):
        erp.text_factory = text_factory
        erp.execute("BEGIN")
        with (
            pytest.raises(UsageError, match="text_factory = str"),
            host.join(erp, user_id="HELENA"),
        ):
            pass

    @pytest.mark.parametrize("declared", ["TEXT", "INTEGER"])
    def test_a_converter_is_refused_with_advice(self, path, host, declared, monkeypatch):
        monkeypatch.setitem(sqlite3.converters, declared, lambda data: ("converted", data))
        connection = sqlite3.connect(
            path, isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES
        )
        connection.execute("BEGIN")
        with pytest.raises(UsageError, match="converters"), host.join(connection, user_id="HELENA"):
            pass
        connection.close()

    def test_converters_of_other_types_do_no_harm(self, path, host, monkeypatch):
        monkeypatch.setitem(sqlite3.converters, "DATE", lambda data: ("converted", data))
        connection = sqlite3.connect(
            path,
            isolation_level=None,
            detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
        )
        connection.execute("BEGIN")
        with host.join(connection, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
            assert work.interactions.get(1) == an_entry(1)
        connection.close()

    def test_a_closed_connection_gives_the_drivers_error(self, path, host):
        connection = sqlite3.connect(path)
        connection.close()
        with pytest.raises(sqlite3.ProgrammingError), host.join(connection, user_id="HELENA"):
            pass

    def test_a_database_without_tables_is_refused_with_advice(self, host):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute("BEGIN")
        with pytest.raises(StorageError, match="migrate"), host.join(connection, user_id="HELENA"):
            pass
        connection.close()

    def test_newer_tables_are_refused(self, erp, host):
        erp.execute("UPDATE interactionlog_schema_version SET version = 999")
        erp.execute("BEGIN")
        with pytest.raises(StorageError, match="999"), host.join(erp, user_id="HELENA"):
            pass


class TestForeignHabits:
    @pytest.mark.parametrize(
        "row_factory",
        [sqlite3.Row, lambda _cursor, row: {"row": row}],
        ids=["Row", "dictionaries"],
    )
    def test_a_foreign_row_factory_is_no_matter(self, erp, host, row_factory):
        erp.row_factory = row_factory
        erp.execute("BEGIN")
        with host.join(erp, user_id="HELENA") as work:
            add_segment(work, "SM00001", ["CT1"])
            work.interactions.add(an_entry(1))
            assert work.interactions.get(1) == an_entry(1)
            assert work.segments.totals("SM00001").lines == 1

    @pytest.mark.parametrize("row_factory", [sqlite3.Row, dictionary, lambda _cursor, row: "row"])
    @pytest.mark.parametrize("dialect", [None, "sqlite"])
    def test_what_is_checked_of_the_database_is_read_whatever_rows_the_host_has(
        self, erp, row_factory, dialect
    ):
        erp.row_factory = row_factory
        erp.execute("BEGIN")
        connection = Bare(erp) if dialect else erp
        with HostStore(dialect=dialect).join(connection, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
            assert list(work.damage()) == []

    def test_a_derived_connection_with_its_own_cursors_is_no_matter(self, path, host):
        class Cursor(sqlite3.Cursor):
            def execute(self, *arguments):
                raise AssertionError

        class Connection(sqlite3.Connection):
            def cursor(self, factory=Cursor):
                return super().cursor(factory)

        connection = sqlite3.connect(path, factory=Connection, isolation_level=None)
        sqlite3.Connection.cursor(connection, sqlite3.Cursor).execute("BEGIN")
        with host.join(connection, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
            assert work.interactions.get(1) == an_entry(1)
        connection.close()

    def test_foreign_adapters_are_no_matter(self, erp, host, monkeypatch):
        for kind in (date, Decimal, bool):
            monkeypatch.setitem(
                sqlite3.adapters, (kind, sqlite3.PrepareProtocol), lambda _value: "adapted"
            )
        erp.execute("BEGIN")
        with host.join(erp, user_id="HELENA") as work:
            work.templates.add(a_template(unit_cost_lcy="7.25", campaign_target=True))
            work.interactions.add(an_entry(1))
            assert work.templates.get("LETTER").unit_cost_lcy == Decimal("7.25")
            assert work.interactions.newest(LogFilter(since=DAY, postponed=False)) == [an_entry(1)]

    @pytest.mark.parametrize("enforced", ["ON", "OFF"])
    def test_foreign_keys_are_the_hosts_affair(self, erp, host, enforced):
        erp.execute(f"PRAGMA foreign_keys = {enforced}")
        erp.execute("BEGIN")
        with host.join(erp, user_id="HELENA") as work:
            add_segment(work, "SM00001", ["CT1"])
            work.segments.remove("SM00001")
            assert work.segments.totals("SM00001").lines == 0


class TestTables:
    def test_a_migration_is_part_of_the_hosts_transaction(self, host):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute("BEGIN")
        assert host.migrate(connection) != []
        connection.execute("ROLLBACK")
        assert count(connection, "sqlite_master") == 0
        connection.close()

    def test_a_second_migration_has_nothing_to_do(self, erp, host):
        erp.execute("BEGIN")
        assert host.migrate(erp) == []

    def test_a_failed_script_leaves_no_table_after_the_hosts_rollback(self):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute("CREATE TABLE crm_log_entry (no TEXT)")  # in the way of ours
        connection.execute("BEGIN")
        with pytest.raises(sqlite3.OperationalError):
            HostStore(prefix="crm_").migrate(connection)
        connection.execute("ROLLBACK")
        assert count(connection, "sqlite_master") == 1
        connection.close()

    def test_the_host_chooses_the_prefix_of_the_tables(self):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute("BEGIN")
        host = HostStore(prefix="crm_", clock=CLOCK)
        host.migrate(connection)
        with host.join(connection, user_id="HELENA") as work:
            work.interactions.add(an_entry(1))
        assert count(connection, "crm_log_entry") == 1
        connection.close()

    @pytest.mark.parametrize("prefix", ["CRM", "a;b", "1a", "a b", "a\n", 'a"', "x" * 40])
    def test_a_prefix_that_is_no_identifier_is_refused(self, prefix):
        with pytest.raises(UsageError):
            HostStore(prefix=prefix)

    @pytest.mark.parametrize("schema", ["", "CRM", 'a"b', "a b"])
    def test_a_schema_that_is_no_identifier_is_refused_before_anything_is_joined(self, schema):
        with pytest.raises(UsageError, match="schema"):
            HostStore(schema=schema)


@attrs.frozen
class PartyDirectory:
    """The host's own contacts, read only."""

    def get(self, no):
        raise NotFoundError("contact", no)

    def find(self, no):
        return a_contact(no)


def test_the_hosts_directory_takes_the_place_of_the_tables(erp):
    erp.execute("BEGIN")
    with HostStore(contacts=PartyDirectory()).join(erp, user_id="HELENA") as work:
        assert work.contacts.find("ANY").no == "ANY"
        assert work.salespeople.find("ANY") is None
