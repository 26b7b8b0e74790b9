"""Opening, using and closing the store on PostgreSQL."""

from __future__ import annotations

import importlib
import re
import sys
import threading
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

import interactionlog as il
from interactionlog.adapters.postgresql import store as postgresql_store
from interactionlog.integrity import check_integrity
from interactionlog.testing import add_segment, an_entry
from interactionlog.testing.race_world import populate
from postgres import (
    HOW_TO_START,
    WANTED,
    new_tenant,
    own_database,
    owned_postgres_store,
    temporary_database,
)

CLOCK = il.FixedClock("2026-01-26T09:30")
on_server = [
    pytest.mark.postgresql,
    pytest.mark.skipif(not WANTED, reason=HOW_TO_START),
]


class TestWithoutAServer:
    def test_a_missing_extra_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(il.UsageError, match=r"pip install 'interactionlog\[postgres\]'"):
            il.PostgresStore("dbname=erp")

    @pytest.mark.parametrize("prefix", ["x; drop", "Upper", "9"])
    def test_a_prefix_that_is_no_identifier_is_refused(self, prefix):
        with pytest.raises(il.UsageError, match="table prefix"):
            il.PostgresStore("dbname=erp", prefix=prefix)

    @pytest.mark.parametrize("schema", ["", 'a"b', "A"])
    def test_a_schema_that_is_no_identifier_is_refused(self, schema):
        with pytest.raises(il.UsageError, match="schema"):
            il.PostgresStore("dbname=erp", schema=schema)

    def test_no_prefix_needs_a_schema(self):
        with pytest.raises(il.UsageError, match="choose a prefix or a schema"):
            il.PostgresStore("dbname=erp", prefix="")

    def test_an_isolation_level_that_does_not_exist_is_refused(self):
        with pytest.raises(il.UsageError, match="READ UNCOMMITTED"):
            il.PostgresStore("dbname=erp", isolation_level="READ UNCOMMITTED")


class TestOnAServer:
    pytestmark = on_server

    @pytest.fixture
    def store(self):
        with owned_postgres_store(new_tenant(), CLOCK) as store:
            yield store

    @pytest.fixture
    def schema(self):
        """Give the name of a schema that is not there, and drop it."""
        import psycopg

        name = f"s{new_tenant().lower()}"
        yield name
        with psycopg.connect(own_database(), autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    def test_the_tables_are_made_when_missing_and_found_when_there(self, schema):
        for _ in range(2):
            with (
                il.PostgresStore(own_database(), schema=schema) as store,
                store.begin(user_id="A") as work,
            ):
                work.interactions.add(an_entry(work.interactions.reserve(1)[0]))
        with il.PostgresStore(own_database(), schema=schema) as store, store.read() as work:
            assert len(work.interactions.newest(il.LogFilter())) == 2

    def test_tables_without_a_prefix_lie_in_a_schema_of_their_own(self, schema):
        with (
            il.PostgresStore(own_database(), schema=schema, prefix="") as store,
            store.begin(user_id="A") as work,
        ):
            work.users.put(il.User(user_id="A"))
            assert work.users.get("A").user_id == "A"

    def test_who_opens_at_the_same_time_finds_the_tables_made_once(self, schema):
        failed = []

        def open_it():
            try:
                il.PostgresStore(own_database(), schema=schema).close()
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=open_it) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        with il.PostgresStore(own_database(), schema=schema) as store, store.read() as work:
            assert work.interactions.newest(il.LogFilter()) == []

    def test_a_newer_schema_is_refused(self, schema):
        import psycopg

        il.PostgresStore(own_database(), schema=schema).close()
        with psycopg.connect(own_database(), autocommit=True) as connection:
            connection.execute(
                f"INSERT INTO {schema}.interactionlog_schema_version VALUES ('', 99, now())"  # noqa: S608
            )
        with pytest.raises(il.StorageError, match="newer release"):
            il.PostgresStore(own_database(), schema=schema)

    @pytest.mark.parametrize("damage", ["DELETE FROM", "DROP TABLE"])
    def test_a_damaged_table_of_versions_is_no_reason_to_make_tables_again(self, schema, damage):
        import psycopg

        il.PostgresStore(own_database(), schema=schema).close()
        with psycopg.connect(own_database()) as connection:
            connection.execute(f"{damage} {schema}.interactionlog_schema_version")
        with pytest.raises(il.StorageError, match="restore the database"):
            il.PostgresStore(own_database(), schema=schema)
        with psycopg.connect(own_database()) as connection:
            host = il.HostStore(schema=schema)
            for act in (host.migrate, lambda at: host.join(at, user_id="A").__enter__()):
                with pytest.raises(il.StorageError, match="restore the database"):
                    act(connection)

    def test_roles_do_with_the_rights_that_the_page_grants_what_they_are_for(self, schema):
        import psycopg
        from psycopg.conninfo import make_conninfo

        il.PostgresStore(own_database(), schema=schema).close()
        page = Path(__file__).parents[2] / "docs/how-to/migrate-a-database.md"
        (text,) = re.findall(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        roles = [f"{schema}_{name}" for name in ("app", "report")]
        text = re.sub(r"\b(app|report)\b", rf"{schema}_\1", text).replace("crm", schema)
        owner = psycopg.connect(own_database(), autocommit=True)
        for role in roles:
            owner.execute(f"CREATE ROLE {role}")
        owner.execute(text)
        try:
            app, report = (
                il.PostgresStore(
                    make_conninfo(own_database(), options=f"-c role={role}"), schema=schema
                )
                for role in roles
            )
            with app, report:
                with app.begin(user_id="TESTER") as work:
                    populate(work)
                    work.interactions.add(an_entry(9_000))  # which raises the counter above it
                with report.read() as work:
                    assert work.interactions.newest(il.LogFilter(), limit=1)
                    assert [each for each in check_integrity(work) if each.broken] == []
                with (
                    pytest.raises(psycopg.errors.InsufficientPrivilege, match="log_entry"),
                    report.begin(user_id="TESTER") as work,
                ):
                    work.interactions.add(an_entry(9_001))
        finally:
            for role in roles:
                owner.execute(f"DROP OWNED BY {role}")
                owner.execute(f"DROP ROLE {role}")
            owner.close()

    def test_an_old_server_is_refused(self, monkeypatch):
        monkeypatch.setattr(postgresql_store, "OLDEST_SERVER", 99)
        with pytest.raises(il.StorageError, match="99 or newer is needed"):
            il.PostgresStore(own_database())

    def test_a_database_that_has_not_every_letter_is_refused_before_one_is_written(self):
        with temporary_database("latin", "LATIN1") as place:
            with pytest.raises(il.StorageError, match="in LATIN1, which has not every letter"):
                il.PostgresStore(place)
            for driver in map(importlib.import_module, ("psycopg", "psycopg2")):
                with closing(driver.connect(place)) as connection:
                    connection.cursor().execute("SET client_encoding = 'UTF8'")
                    with pytest.raises(il.UsageError, match="in LATIN1, which has not every"):
                        il.HostStore().join(connection, user_id="A").__enter__()

    def test_a_database_without_an_encoding_takes_every_letter(self):
        with temporary_database("ascii", "SQL_ASCII") as place, il.PostgresStore(place) as store:
            with store.begin(user_id="A") as work:
                work.contacts.put(il.Contact(no="C", company_no="C", name="Łódź 日本"))
            with store.read() as work:
                assert work.contacts.get("C").name == "Łódź 日本"

    def test_a_closed_store_is_not_used_further(self, store):
        store.close()
        with pytest.raises(il.UsageError, match="closed"), store.begin(user_id="A"):
            pass

    def test_a_reader_sees_the_last_commit_while_the_same_thread_writes(self, store):
        with store.begin(user_id="A") as work:
            work.interactions.add(an_entry(1))
            with store.read() as reader:
                assert reader.interactions.find(1) is None
        with store.read() as reader:
            assert reader.interactions.get(1) == an_entry(1)

    def test_connections_of_ended_threads_are_given_back(self, store):
        def write(no):
            with store.begin(user_id="A") as work:
                add_segment(work, no, [])

        for number in range(5):
            thread = threading.Thread(target=write, args=(f"SM{number}",))
            thread.start()
            thread.join()
        assert len(store._connections) <= 2  # this thread's, and the last one's

    @pytest.mark.parametrize("threshold", [None, 0, 1])
    def test_statements_are_prepared_when_wanted(self, threshold):
        tenant = new_tenant()
        with owned_postgres_store(tenant, CLOCK, prepare_threshold=threshold) as store:
            for _ in range(3):
                with store.begin(user_id="A") as work:
                    work.templates.all()
            with store.begin(user_id="A") as work:
                cursor = work.session.cursor
                cursor.execute("SELECT count(*) FROM pg_prepared_statements")
                (prepared,) = cursor.fetchone()
        assert (prepared > 0) is (threshold is not None)

    def test_numbers_with_gaps_come_through_a_separate_pool(self):
        from psycopg.conninfo import make_conninfo

        pool = make_conninfo(own_database(), application_name="counters")
        with owned_postgres_store(new_tenant(), CLOCK, counters=pool) as store:
            with store.begin(user_id="A") as work:
                setup = il.numbering.NumberSeriesSetup(work)
                for code in ("GAPS", "NONE"):
                    setup.create_series(il.numbering.NoSeries(code=code))
                setup.add_line("GAPS", "G1", policy=il.numbering.NumberingPolicy.GAPS_ALLOWED)
                setup.add_line("NONE", "N1")
            for code, pooled in (("NONE", False), ("GAPS", True)):
                with store.begin(user_id="A") as work:
                    il.numbering.NumberSeries(work).next(code)
                names = {
                    connection.info.parameter_status("application_name")
                    for _, _, connection in store._connections
                }
                assert ("counters" in names) is pooled

    @pytest.mark.parametrize(
        "settings",
        [
            {"options": "-c datestyle=German"},
            {"options": "-c datestyle=SQL,DMY"},
            {"options": "-c timezone=Asia/Kathmandu"},
            {"client_encoding": "LATIN1"},
            {"client_encoding": "SQL_ASCII"},
        ],
        ids=str,
    )
    def test_texts_and_moments_are_the_same_whatever_the_connection_is_set_to(self, settings):
        from psycopg.conninfo import make_conninfo

        place, mine = make_conninfo(own_database(), **settings), new_tenant()
        with il.PostgresStore(place, schema="owned", tenant=mine, clock=CLOCK) as store:
            with store.begin(user_id="A") as work:
                work.contacts.put(il.Contact(no="C", company_no="C", name="Łódź 日本"))
                work.interactions.add(an_entry(*work.interactions.reserve(1)))
            with store.read() as work:
                assert work.contacts.get("C").name == "Łódź 日本"
                (entry,) = work.interactions.newest(il.LogFilter())
                assert entry == an_entry(entry.entry_no)

    @pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
    def test_stricter_isolation_serves_as_well(self, level):
        with owned_postgres_store(new_tenant(), CLOCK, isolation_level=level) as store:
            with store.begin(user_id="A") as work:
                add_segment(work, "SM1", ["CT1", "CT2"])
            logged = store.run(lambda work: il.SegmentLogger(work).log("SM1"), user_id="A")
            assert logged.counts["log"] == 2
            with store.read() as work, pytest.raises(il.UsageError, match="only reads"):
                work.interactions.reserve(1)

    def test_a_number_stored_by_hand_is_never_given_again_however_far_ahead(self, store):
        with store.begin(user_id="A") as work:
            for number in (3, 50, 40_000, 10_000_000):
                work.interactions.add(an_entry(number))
                assert work.interactions.reserve(2)[0] > number

    def test_other_errors_are_not_tried_again(self, store):
        attempts = []

        def action(work):
            attempts.append(1)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.run(action, user_id="A")
        assert attempts == [1]

    def test_run_gives_up_after_its_time(self, monkeypatch):
        import psycopg

        times = iter([0.0, 1.0, 99.0])
        clock = SimpleNamespace(monotonic=lambda: next(times), sleep=lambda _: None)
        monkeypatch.setattr("interactionlog.adapters.sql.store.time", clock)

        def action(work):
            raise psycopg.errors.SerializationFailure

        with (
            owned_postgres_store(new_tenant(), CLOCK) as store,
            pytest.raises(psycopg.errors.SerializationFailure),
        ):
            store.run(action, user_id="A")
