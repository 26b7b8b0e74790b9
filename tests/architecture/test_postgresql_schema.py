"""What the tables and statements promise on PostgreSQL: the same tables, ready to be distributed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import interactionlog
import interactionlog as il
from interactionlog.adapters.sql.schema import spoken
from interactionlog.adapters.sql.statements import load
from postgres import HOW_TO_START, WANTED, new_tenant, own_database
from whole_statements import whole_statements

ADAPTERS = Path(interactionlog.__file__).parent / "adapters"
on_server = [pytest.mark.postgresql, pytest.mark.skipif(not WANTED, reason=HOW_TO_START)]
SEQUENCES = {
    "attachment_no",
    "campaign_entry_no",
    "consent_no",
    "erasure_no",
    "log_entry_no",
    "logged_segment_no",
}
"""Of entry numbers; an issued code never comes from a sequence."""
FORBIDDEN = re.compile(
    r"\b(TRIGGER|REFERENCES|FOREIGN|ADVISORY|LOCK\s+TABLE|SERIAL|IDENTITY|CHECK)\b|_advisory_",
    re.IGNORECASE,
)


@cache
def statements_of(dialect):
    """Give the statements of the migrations."""
    return [
        statement
        for path in sorted((ADAPTERS / "sql" / "migrations").glob("*.sql"))
        for statement in spoken(path.read_text(encoding="utf-8"), dialect)
    ]


def tables_of(dialect):
    """Give the columns of each table, in order."""
    found = {}
    for statement in statements_of(dialect):
        if made := re.match(r"CREATE TABLE (\w+) \((.*)\)", statement, re.DOTALL):
            body = made[2].split("PRIMARY KEY")[0]
            found[made[1]] = re.findall(r"(?:^|, |,\n)\s*(\w+) ", body)
    return found


TABLES = {name for name in tables_of("sqlite") if name != "entry_counter"}


def test_the_tables_are_those_of_sqlite_but_for_the_counters_of_entries():
    sqlite = tables_of("sqlite")
    assert tables_of("postgresql") == {name: sqlite[name] for name in TABLES}


def test_the_indexes_are_those_of_sqlite():
    shape = re.compile(r"CREATE (UNIQUE )?INDEX (\w+)\s+ON (\w+)\s+\(([^)]*)\)(.*)", re.DOTALL)
    carried = r",\s*cancel_state, postponed, cost_lcy, duration_min"
    found = {}
    for dialect in ("sqlite", "postgresql"):
        made = [shape.match(text) for text in statements_of(dialect)]
        found[dialect] = {
            each[2]: (
                each[1],
                each[3],
                re.sub(carried, "", each[4]),
                re.sub(r"INCLUDE \([^)]*\)", "", each[5]).split(),
            )
            for each in made
            if each
        }
    assert found["postgresql"] == found["sqlite"]


def test_a_key_begins_with_the_tenant_and_nothing_forbids_to_distribute():
    for text in statements_of("postgresql"):
        assert not FORBIDDEN.search(text), text
        if text.startswith("CREATE TABLE"):
            assert "PRIMARY KEY (tenant" in text, text
            assert text.count("UNIQUE") == 0, text
        elif "INDEX" in text:
            assert re.search(r"ON \w+\s+\(tenant\b", text), text
        elif not text.endswith("ALTER COLUMN tenant SET STATISTICS 0"):
            assert re.fullmatch(r"CREATE SEQUENCE (\w+)", text)[1] in SEQUENCES, text


def test_the_tenant_is_a_parameter_in_every_part_of_a_statement():
    """A part that takes it from another part goes to the shards of all tenants."""
    for path in ADAPTERS.glob("*/queries/*.sql"):
        text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
        taken = set(re.findall(r"\btenant = (\w+\.\w*tenant)\b", text))
        # what holds nothing but parameters
        one_row = {"asked.tenant", "asked.of_tenant", "our_asked.of_tenant"}
        own = {"numbered.tenant"} if path.name == "sqlite.sql" else set()
        assert taken <= one_row | own, path


def test_no_statement_locks_more_than_rows_of_a_tenant():
    for path in ADAPTERS.rglob("*.sql"):
        assert not FORBIDDEN.search(re.sub(r"--.*", "", path.read_text(encoding="utf-8"))), path


def test_only_entry_numbers_come_from_a_sequence():
    texts = load("our_", "postgresql").items()
    drawing = {name for name, text in texts if re.search(r"nextval|setval|FROM our_\w+_no$", text)}
    kinds = [sequence.removesuffix("_no") for sequence in SEQUENCES]
    assert drawing == {
        f"{what}_of_{kind}"
        for what in ("next_numbers", "last_number", "skip_numbers")
        for kind in kinds
    }
    callers = [
        path.name
        for path in ADAPTERS.rglob("*.py")
        if "next_numbers_of_" in path.read_text(encoding="utf-8")
    ]
    assert callers == ["records.py"]


@pytest.mark.parametrize(
    ("written", "rendered"),
    [
        ("a = ?", "a = %s"),
        ("a LIKE '%?' || ?", "a LIKE '%%?' || %s"),
        ("'it''s ?' = ?", "'it''s ?' = %s"),
        ('"odd?" = ? -- really?\n + ?', '"odd?" = %s -- really?\n + %s'),
        ("/* ? */ ? / 2 - 1 % ?", "/* ? */ %s / 2 - 1 %% %s"),
    ],
)
def test_parameters_are_rendered_outside_literals_and_comments(written, rendered):
    from interactionlog.adapters.sql.statements import rendered as render

    assert render(written) == rendered


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
def test_every_statement_is_understood_by_postgresql():
    import psycopg

    refused = {}
    with psycopg.connect(own_database(), autocommit=True) as connection:
        for name, text in whole_statements(
            load("interactionlog_", "postgresql", "owned"), "%s"
        ).items():
            numbers = iter(range(1, 1_000))
            numbered = re.sub("%s", lambda _, it=numbers: f"${next(it)}", text).replace("%%", "%")
            try:
                connection.execute(f"PREPARE looked_at AS {numbered}")
                connection.execute("DEALLOCATE looked_at")
            except psycopg.Error as error:
                refused[name] = str(error)
    assert refused == {}


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
@pytest.mark.parametrize("analyzed", [False, True])
def test_records_of_a_block_are_each_found_by_an_index(analyzed):
    """One row into a million costs what one row costs."""
    import psycopg

    place, schema = own_database(), f"s{new_tenant().lower()}"
    texts = whole_statements(load("interactionlog_", "postgresql", schema), "%s")
    with il.PostgresStore(place, schema=schema) as store, store.begin(user_id="TESTER") as work:
        words = {"e_mail": "a{}@x.example", "phone_no": "02 {}", "mobile_phone_no": "333-{}"}
        for number in range(2_000):
            told = {name: text.format(number) for name, text in words.items()}
            work.contacts.put(il.Contact(no=f"C{number}", company_no=f"C{number}", **told))
    with psycopg.connect(place, autocommit=True) as connection:
        if analyzed:
            connection.execute(f"ANALYZE {schema}.interactionlog_contact")
        names = [name for name in texts if re.match("among_|contacts_with_", name)]
        assert {"among_contact_membership", "contacts_with_e_mail"} <= {*names}
        for name in [*names, "name_company"]:
            values = ["[]"] + [""] * (texts[name].count("%s") - 1)
            found = connection.execute(f"EXPLAIN {texts[name]}", values)
            (condition,) = [step for (step,) in found if "Index Cond" in step]
            assert " AND " in condition, (name, condition)
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def test_records_named_by_number_are_asked_for_with_an_array_that_a_key_can_be_found_by():
    """Of a subquery each thousand reads the whole log of the tenant where nothing was analyzed."""
    parts = load("interactionlog_", "postgresql")
    texts = whole_statements(parts, "%s") | {"entry_among": parts["entry_among"]}
    named = re.compile(r"\bentry_no (IN|= ANY) \((ARRAY\()?SELECT jsonb_array_elements_text")
    found = {name: match for name, text in texts.items() if (match := named.search(text))}
    assert {"entry_among", "of_entry_log_entry", "forget_entry_delivery"} <= {*found}
    assert [name for name, match in found.items() if match[1] == "IN"] == []
