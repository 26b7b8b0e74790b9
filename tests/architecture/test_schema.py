"""What the tables and statements promise: tenant first, nothing that a store could not share."""

from __future__ import annotations

import dis
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
import pytest

import interactionlog
import interactionlog as il
from interactionlog.adapters.sql.schema import described, statements
from interactionlog.adapters.sql.statements import assigning, load, script
from interactionlog.adapters.tables import TABLES, columns_of

ADAPTERS = Path(interactionlog.__file__).parent / "adapters"
MIGRATIONS = sorted((ADAPTERS / "sqlite" / "migrations").glob("*.sql"))


def schema():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for path in MIGRATIONS:
        for statement in script(path.read_text(encoding="utf-8"), ""):
            connection.execute(statement)
    return connection


SCHEMA = schema()
NAMES = [
    name
    for (name,) in SCHEMA.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
]
STATEMENTS = {
    name: assigning(text, ("tenant",), "?")
    for name, text in load("").items()
    if re.match(r"(SELECT|INSERT|UPDATE|DELETE)\b", text)
}
SEVERAL_TENANTS = {"schema_version", "add_schema_version", "schema_table"}
"""Statements about the tables themselves, which all tenants share."""

tables = pytest.mark.parametrize("table", NAMES)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_first_migration_is_what_the_description_says(dialect):
    path = ADAPTERS / dialect / "migrations" / "0001.sql"
    head, text = path.read_text(encoding="utf-8").split("\n\n")
    assert all(line.startswith("-- ") for line in head.splitlines())
    assert text == described(dialect)


def test_the_statements_for_a_host_make_tables_that_a_store_recognises(tmp_path):
    path = tmp_path / "host.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements("sqlite", prefix="il_"):
            connection.execute(statement)
        host = il.HostStore(prefix="il_")
        connection.execute("BEGIN")
        assert host.migrate(connection) == []
        with host.join(connection, user_id="TESTER") as work:
            work.campaigns.put(il.Campaign(no="CP1001"))
    with il.SqliteStore(path, prefix="il_") as store, store.read() as work:
        assert work.campaigns.all() == []


def test_there_are_no_statements_for_a_database_that_is_not_known():
    with pytest.raises(il.UsageError, match="oracle"):
        statements("oracle")


def fields_judged_with_others(entity):
    """Give for each field the others that its validators look at."""
    names = {field.name for field in attrs.fields(entity)}
    found = {}
    for field in attrs.fields(entity):
        waiting, seen = [field.validator], set()
        while waiting:
            part = waiting.pop()
            code = dis.get_instructions(part) if hasattr(part, "__code__") else ()
            seen |= names.intersection(each.argval for each in code if "_ATTR" in each.opname)
            cells = [cell.cell_contents for cell in getattr(part, "__closure__", None) or ()]
            waiting += [cell for cell in cells if callable(cell) and not isinstance(cell, type)]
            waiting += getattr(part, "_validators", ())
        if seen:
            found[field.name] = seen
    return found


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_fields_that_one_rule_judges_are_set_together(table):
    for name, others in fields_judged_with_others(table.entity).items():
        if rest := others - set(table.key):
            (group,) = [each.split() for each in table.together if name in each.split()]
            assert rest <= set(group)


@tables
def test_every_key_begins_with_the_tenant(table):
    columns = SCHEMA.execute(f"PRAGMA table_info({table})").fetchall()
    assert [name for _, name, *_, place in columns if place == 1] == ["tenant"]


@tables
def test_every_index_begins_with_the_tenant(table):
    for _, index, *_ in SCHEMA.execute(f"PRAGMA index_list({table})").fetchall():
        assert SCHEMA.execute(f"PRAGMA index_info({index})").fetchone()[2] == "tenant"


@tables
def test_key_columns_are_never_null(table):
    columns = SCHEMA.execute(f"PRAGMA table_info({table})").fetchall()
    assert [name for _, name, _, not_null, _, place in columns if place and not not_null] == []


@tables
def test_columns_are_text_integers_or_bytes_without_computed_defaults(table):
    columns = SCHEMA.execute(f"PRAGMA table_info({table})").fetchall()
    assert {kind for _, _, kind, *_ in columns} <= {"TEXT", "INTEGER", "BLOB"}
    assert {default for *_, default, _ in columns} <= {None, "0"}


@tables
def test_rules_are_kept_by_services_and_not_by_the_database(table):
    assert SCHEMA.execute(f"PRAGMA foreign_key_list({table})").fetchall() == []
    (text,) = SCHEMA.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    assert not re.search(r"\b(CHECK|REFERENCES|GENERATED|STRICT|COLLATE)\b", text)


@tables
def test_rows_lie_in_their_key(table):
    (text,) = SCHEMA.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    assert ("WITHOUT ROWID" in text) is (table != "attachment_content")


def test_there_is_no_trigger_and_no_view():
    kinds = {kind for (kind,) in SCHEMA.execute("SELECT DISTINCT type FROM sqlite_master")}
    assert kinds == {"table", "index"}


@pytest.mark.parametrize(
    "path", sorted(ADAPTERS.rglob("migrations/*.sql")), ids=lambda it: it.parts[-3]
)
def test_no_migration_makes_what_cannot_be_distributed_by_tenant(path):
    words = r"\b(TRIGGER|REFERENCES|FOREIGN KEY|ADVISORY|LOCK TABLE)\b"
    assert not re.search(
        words, re.sub(r"--.*", "", path.read_text(encoding="utf-8")), re.IGNORECASE
    )


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_a_table_has_the_columns_of_its_entity(table):
    columns = [name for _, name, *_ in SCHEMA.execute(f"PRAGMA table_info({table.name})")]
    assert sorted(columns) == sorted(["tenant", *(column.name for column in columns_of(table))])
    assert columns[: len(table.key) + 1] == ["tenant", *table.key]


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_names_the_tenant(name):
    no_table_of_ours = "our_" not in load("our_")[name]
    tenant = re.search(r"\btenant\b", STATEMENTS[name])
    assert tenant or no_table_of_ours or name in SEVERAL_TENANTS


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_is_understood_by_sqlite(name):
    SCHEMA.execute(f"EXPLAIN {STATEMENTS[name]}", [None] * STATEMENTS[name].count("?"))


def test_a_statement_has_one_name():
    headings = [
        heading
        for path in ADAPTERS.glob("sql/queries/*.sql")
        for heading in re.findall(r"^-- name: (\w+)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(headings) == len(set(headings))
