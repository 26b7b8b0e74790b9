"""What the tables and statements promise: tenant first, nothing that a store could not share."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

import interactionlog
from interactionlog.adapters.sql.statements import load, script
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
    name: text
    for name, text in load("").items()
    if re.match(r"(SELECT|INSERT|UPDATE|DELETE)\b", text)
}
SEVERAL_TENANTS = {"schema_version", "add_schema_version", "schema_table"}
"""Statements about the tables themselves, which all tenants share."""

tables = pytest.mark.parametrize("table", NAMES)


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
