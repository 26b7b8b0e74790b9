"""The page "When one machine is not enough": its statements fit the schema, and run where they can."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import interactionlog as il
from architecture.test_postgresql_schema import on_server, statements_of
from interactionlog.adapters.sql.schema import distribute
from interactionlog.integrity import check_integrity
from interactionlog.testing import a_contact, a_line, add_segment
from postgres import CLUSTER, new_tenant, own_database, owned_postgres_store, temporary_database

PAGE = Path(__file__).parents[2] / "docs/explanation/when-one-machine-is-not-enough.md"
BLOCKS = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
REPLICATING, SETTING, SHOWN, PARTITIONING = BLOCKS
DISTRIBUTING = ";\n".join(distribute())
DAYS = [date(2025, 12, 31), date(2026, 6, 1), date(2027, 1, 1)]


def unique_keys():
    """Give the columns of the unique keys of each table."""
    keys = {}
    for text in statements_of("postgresql"):
        if made := re.match(r"CREATE TABLE (\w+) .*PRIMARY KEY \(([^)]*)\)", text, re.DOTALL):
            keys[f"interactionlog_{made[1]}"] = [made[2].split(", ")]
        elif made := re.match(r"CREATE UNIQUE INDEX \w+ ON (\w+)\s+\(([^)]*)\)", text):
            keys[f"interactionlog_{made[1]}"].append(made[2].split(", "))
    return keys


def test_each_table_is_distributed_once_by_a_column_of_all_its_unique_keys():
    found = re.findall(
        r"create_(?:distributed|reference)_table\('(\w+)'(?:, '(\w+)')?", DISTRIBUTING
    )
    keys = unique_keys()
    assert sorted(table for table, _ in found) == sorted(keys)
    assert [table for table, column in found if not column] == ["interactionlog_schema_version"]
    for table, column in found:
        assert not column or all(column in key for key in keys[table]), table
    assert set(re.findall(r"colocate_with => '(\w+)'", DISTRIBUTING)) == {
        "interactionlog_log_entry"
    }
    assert DISTRIBUTING.index("'interactionlog_log_entry', 'tenant'") < DISTRIBUTING.index("coloc")
    assert " ".join(SHOWN.split()).rstrip(";") in DISTRIBUTING
    assert "'\"own\".crm_contact'" in " ".join(distribute(prefix="crm_", schema="own"))


def test_each_sequence_is_set_to_what_its_table_holds():
    sequences = {
        f"interactionlog_{made[1]}"
        for text in statements_of("postgresql")
        if (made := re.match(r"CREATE SEQUENCE (\w+)", text))
    }
    assert set(re.findall(r"setval\('(\w+)'", SETTING)) == sequences


def indexes(connection):
    """Give the indexes of the log without the date that partitioning adds to the unique ones."""
    found = connection.execute(
        "SELECT indexdef FROM pg_indexes WHERE tablename = 'interactionlog_log_entry'"
    )
    return sorted(
        re.sub(r" ON (ONLY )?public\.", " ON ", text).replace("_pkey1", "_pkey")
        if "UNIQUE" not in text
        else re.sub(r".* USING btree \((.*?)(, date)?\)( WHERE .*)?$", r"unique: \1", text)
        for (text,) in found
    )


@pytest.fixture
def database():
    with temporary_database("machines") as place:
        yield place


@pytest.fixture
def connection(database):
    import psycopg

    with psycopg.connect(database, autocommit=True) as it:
        yield it


def add_three(store, no):
    """Store a segment whose lines fall into three partitions."""
    with store.begin(user_id="TESTER") as work:
        add_segment(work, no, [])
        work.contacts.put(a_contact("CT1"))
        work.segments.add_lines(
            [
                a_line(place, "CT1", no, date=day, contact_company_no="CT1")
                for place, day in enumerate(DAYS, 1)
            ]
        )


@pytest.mark.postgresql
@on_server[1]
def test_a_log_in_partitions_keeps_its_entries_and_does_the_same_as_before(database, connection):
    with il.PostgresStore(database) as store:
        add_three(store, "SM1")
        first = store.run(lambda work: il.SegmentLogger(work).log("SM1"), user_id="TESTER")
        with store.read() as work:
            entries = work.interactions.of_logged_segment(first.entry_no)
        before = indexes(connection)
        connection.execute(PARTITIONING)
        assert indexes(connection) == before
        kept = "SELECT count(*) FROM pg_attribute WHERE attname = 'tenant' AND attstattarget = 0 \
            AND attrelid::regclass::text LIKE 'interactionlog_log_entry%'"
        assert connection.execute(kept).fetchone() == (3,)
        counts = (
            "SELECT tableoid::regclass::text, count(*) FROM interactionlog_log_entry GROUP BY 1"
        )
        assert dict(connection.execute(counts).fetchall()) == {
            "interactionlog_log_entry_2026": 1,
            "interactionlog_log_entry_rest": 2,
        }
        add_three(store, "SM2")
        with store.begin(user_id="TESTER") as work:
            assert work.interactions.of_logged_segment(first.entry_no) == entries
            logger = il.SegmentLogger(work)
            second = logger.log("SM2", plan=logger.plan("SM2"))
            assert second.first_entry_no > first.last_entry_no
            assert il.Statistics(work).of_contact("CT1").interactions == 6
            il.LogEntryService(work).evaluate(il.Evaluation.POSITIVE, second.first_entry_no)
            newest = work.interactions.newest(il.LogFilter(contact_no="CT1"), limit=2)
            assert [entry.date for entry in newest] == [DAYS[2]] * 2
            logger.undo("SM1")
            assert [line.date for line in work.segments.lines_after("SM1", 0)] == DAYS
        with store.read() as work:
            assert il.Statistics(work).of_contact("CT1").interactions == 3
            assert list(check_integrity(work)) == []


@pytest.mark.postgresql
@on_server[1]
@pytest.mark.filterwarnings("ignore::Warning")
def test_tables_are_published_and_sequences_are_set_behind_what_is_there(database, connection):
    with il.PostgresStore(database) as store:
        add_three(store, "SM1")
        store.run(lambda work: il.SegmentLogger(work).log("SM1"), user_id="TESTER")
        connection.execute(REPLICATING)
        published = "SELECT count(*) FROM pg_publication_tables WHERE pubname = 'interactionlog'"
        assert connection.execute(published).fetchone() == (len(unique_keys()),)
        connection.execute("SELECT setval('interactionlog_log_entry_no', 1, false)")
        for statement in SETTING.split(";")[:-1]:
            connection.execute(statement)
        with store.begin(user_id="TESTER") as work:
            assert work.interactions.reserve(1)[0] == 4
            assert work.logged_segments.reserve(1)[0] == 2


@pytest.mark.postgresql
@on_server[1]
def test_a_store_on_a_database_that_only_reads_reads_and_says_so_when_asked_to_write(database):
    import psycopg
    from psycopg.conninfo import make_conninfo

    with il.PostgresStore(database) as store:
        add_three(store, "SM1")
    replica = make_conninfo(database, options="-c default_transaction_read_only=on")
    with il.PostgresStore(replica) as store:
        with store.read() as work:
            assert il.SegmentLogger(work).plan("SM1").counts.logged == 3
        with (
            pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
            store.begin(user_id="TESTER") as work,
        ):
            il.SegmentLogger(work).log("SM1")


@pytest.mark.postgresql
@on_server[1]
def test_nothing_depends_on_the_session_that_a_pooler_gives(database):
    """Between two transactions all that a session keeps is discarded, as poolers do."""
    with il.PostgresStore(
        database, schema="owned", tenant="POOLED", prepare_threshold=None
    ) as store:
        for no in ("SM1", "SM2"):
            with store.begin(user_id="TESTER") as work:
                session = work.session
                add_segment(work, no, ["CT1"] * 30)
                il.SegmentLogger(work).log(no)
            session.cursor.connection.execute("DISCARD ALL")
        with store.read() as work:
            assert il.Statistics(work).of(il.LogFilter()).interactions == 60


@pytest.mark.postgresql
@pytest.mark.skipif(
    not CLUSTER, reason="no cluster: INTERACTIONLOG_TEST_CITUS names a database with Citus"
)
def test_a_cluster_does_what_one_server_does(tmp_path):
    """Tables lie on the shards, and a day's work of two tenants gives what a SQLite file gives."""
    import psycopg

    with psycopg.connect(own_database()) as connection:
        found = connection.execute("SELECT count(*) FROM pg_dist_partition").fetchone()
        assert found == (2 * len(unique_keys()),)
    clock = il.FixedClock("2026-01-26T09:30")
    stores = [owned_postgres_store(new_tenant(), clock) for _ in range(2)]
    stores.append(il.SqliteStore(tmp_path / "crm.db", clock=clock))
    figures = []
    for store in stores:
        with store, store.begin(user_id="TESTER") as work:
            add_segment(work, "SM1", [f"CT{number}" for number in range(2_500)])
            chosen, logger = il.ContactSelection(work, "SM1"), il.SegmentLogger(work)
            chosen.reduce(il.ContactFilter(nos={"CT7", "CT8"}))
            chosen.go_back()
            chosen.reduce(il.ContactFilter(nos={"CT9"}))
            logged = logger.log("SM1", plan=logger.plan("SM1"))
            il.LogEntryService(work).evaluate(il.Evaluation.POSITIVE, logged.first_entry_no)
            statistics = il.Statistics(work)
            figures.append(
                [logged.counts, statistics.of_contact("CT8"), logger.undo("SM1", force=True).no]
            )
            figures[-1].append(work.segments.totals("SM1"))
            assert list(check_integrity(work)) == []
    assert figures[0] == figures[1] == figures[2]
