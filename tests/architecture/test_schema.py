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
from interactionlog.adapters.sql.schema import described, spoken, statements
from interactionlog.adapters.sql.statements import load
from interactionlog.adapters.tables import TABLES, columns_of
from whole_statements import whole_statements

ADAPTERS = Path(interactionlog.__file__).parent / "adapters"
MIGRATIONS = sorted((ADAPTERS / "sql" / "migrations").glob("*.sql"))


def schema():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for path in MIGRATIONS:
        for statement in spoken(path.read_text(encoding="utf-8"), "sqlite"):
            connection.execute(statement)
    return connection


SCHEMA = schema()
NAMES = [
    name
    for (name,) in SCHEMA.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
]
STATEMENTS = whole_statements(load(""), "?")
SEVERAL_TENANTS = {"schema_version", "add_schema_version", "schema_table"}
"""Statements about the tables themselves, which all tenants share."""


def columns_in(table):
    """Give name, type, whether it may be empty, default and place in the key of each column."""
    return [row[1:] for row in SCHEMA.execute(f"PRAGMA table_info({table})")]


def test_the_first_migration_is_what_the_description_says():
    head, text = MIGRATIONS[0].read_text(encoding="utf-8").split("\n\n")
    assert all(line.startswith("-- ") for line in head.splitlines())
    assert text.replace("(\n    ", "(").split() == described().split()


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


def text_of(table):
    (text,) = SCHEMA.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return text


def test_every_key_begins_with_the_tenant():
    for table in NAMES:
        first = [name for name, *_, place in columns_in(table) if place == 1]
        assert first == ["tenant"], table


def test_every_index_begins_with_the_tenant():
    for table in NAMES:
        for _, index, *_ in SCHEMA.execute(f"PRAGMA index_list({table})").fetchall():
            first = SCHEMA.execute(f"PRAGMA index_info({index})").fetchone()[2]
            assert first == "tenant", index


def test_key_columns_are_never_null():
    for table in NAMES:
        for name, _, not_null, _, place in columns_in(table):
            assert not_null or not place, (table, name)


def test_columns_are_text_integers_or_bytes_without_computed_defaults():
    for table in NAMES:
        for name, kind, _, default, _ in columns_in(table):
            assert kind in {"TEXT", "INTEGER", "BLOB"}, (table, name)
            assert default in {None, "0"}, (table, name)


def test_rules_are_kept_by_services_and_not_by_the_database():
    words = re.compile(r"\b(CHECK|REFERENCES|GENERATED|STRICT|COLLATE)\b")
    for table in NAMES:
        assert SCHEMA.execute(f"PRAGMA foreign_key_list({table})").fetchall() == [], table
        assert not words.search(text_of(table)), table


def test_rows_lie_in_their_key():
    elsewhere = [table for table in NAMES if "WITHOUT ROWID" not in text_of(table)]
    assert elsewhere == ["attachment_content"]


def test_there_is_no_trigger_and_no_view():
    kinds = {kind for (kind,) in SCHEMA.execute("SELECT DISTINCT type FROM sqlite_master")}
    assert kinds == {"table", "index"}


def test_no_migration_makes_what_cannot_be_distributed_by_tenant():
    words = r"\b(TRIGGER|REFERENCES|FOREIGN KEY|ADVISORY|LOCK TABLE)\b"
    for path in ADAPTERS.rglob("migrations/*.sql"):
        text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
        assert not re.search(words, text, re.IGNORECASE), path


def test_a_table_has_the_columns_of_its_entity():
    for table in TABLES.values():
        columns = [name for name, *_ in columns_in(table.name)]
        assert sorted(columns) == sorted(
            ["tenant", *(column.name for column in columns_of(table))]
        ), table.name
        assert columns[: len(table.key) + 1] == ["tenant", *table.key], table.name


def test_every_statement_names_the_tenant():
    with_tables = load("our_")
    assert [
        name
        for name, text in STATEMENTS.items()
        if not re.search(r"\btenant\b", text)
        and "our_" in with_tables[name]
        and name not in SEVERAL_TENANTS
    ] == []


def test_every_statement_is_understood_by_sqlite():
    refused = {}
    for name, text in STATEMENTS.items():
        try:
            SCHEMA.execute(f"EXPLAIN {text}", [None] * text.count("?"))
        except sqlite3.Error as error:
            refused[name] = str(error)
    assert refused == {}


FOUND_BY_BLOCK = [name for name in STATEMENTS if re.match("among_|contacts_with_", name)]


def test_records_of_a_block_are_each_found_by_an_index():
    """One row into a million costs what one row costs."""
    assert {"among_contact_membership", "contacts_with_e_mail"} <= {*FOUND_BY_BLOCK}
    for name in FOUND_BY_BLOCK:
        plan = SCHEMA.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", ["[]", ""]).fetchall()
        steps = [row[3] for row in plan if "json_each" not in row[3]]
        assert steps, name
        assert all(re.search(r"USING .*\(tenant=\? AND ", step) for step in steps), (name, steps)


def test_a_statement_has_one_name():
    headings = [
        heading
        for path in ADAPTERS.glob("sql/queries/*.sql")
        for heading in re.findall(r"^-- name: (\w+)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(headings) == len(set(headings))
