"""What the tables and statements promise on PostgreSQL: the same tables, ready to be distributed."""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import cache
from pathlib import Path

import pytest

import interactionlog
import interactionlog as il
from interactionlog.adapters.sql.schema import spoken
from interactionlog.adapters.sql.statements import load
from interactionlog.contacts.consent import Consent, Purpose
from interactionlog.contacts.contact import ExternalKey
from interactionlog.delivery.delivery import Claim, Delivery
from interactionlog.integrity import check_integrity
from interactionlog.segments.logging.decision import ContactPressure
from interactionlog.segments.logging.logged_segments import LeftOutLine
from interactionlog.testing import DAY, MOMENT, a_delivery, add_segment
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

on_server = [
    pytest.mark.postgresql,
    pytest.mark.skipif(not WANTED, reason=HOW_TO_START),
]


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


CHUNK, LINES = 1_000, 6_000
LOOKED_UP_PER_CHUNK = {
    "lines_after": lambda tenant, _: (tenant, "SM1", 10_000, CHUNK),
    "repeated_lines": lambda tenant, _: (tenant, "SM1", 10_010_000, 20_000_000, tenant, "SM1"),
    "contact_summaries": lambda tenant, _: (tenant, some_contacts()),
    "entries_of_logged_segment_with": lambda tenant, no: (tenant, no, tenant, some_contacts()),
    "left_out_contacts": lambda tenant, no: (tenant, no, some_contacts()),
}


OF_EACH_CONTACT = {
    il.AlternativeAddress: {"code": "HOME"},
    il.AlternativeAddressPeriod: {"code": "HOME", "starting_date": dt.date(2020, 1, 1)},
    il.Membership: {
        "kind": il.MembershipKind.BUSINESS_RELATION,
        "code": "CUST",
        "link_to_table": "Customer",
        "linked_no": "C1",
    },
}


def some_contacts():
    return json.dumps([f"CT{number}" for number in range(1_000, 1_000 + CHUNK)])


def add_company(place, schema, tenant):
    """Store a logging with so many entries and left-out lines, and an open segment like it."""
    contacts = [f"CT{number}" for number in range(LINES)]
    with (
        il.PostgresStore(place, schema=schema, tenant=tenant) as store,
        store.begin(user_id="TESTER") as work,
    ):
        add_segment(work, "SM0", contacts)
        work.records(Purpose).put(Purpose(code="NEWS"))
        work.templates.set("LETTER", purpose_code="NEWS")
        for entity, given in OF_EACH_CONTACT.items():
            work.records(entity).add_many([entity(contact_no=no, **given) for no in contacts])
        agreed = {"purpose_code": "NEWS", "given": True, "date": DAY, "recorded_at": MOMENT}
        work.records(Consent).add_many(
            [Consent(entry_no=n, contact_no=no, **agreed) for n, no in enumerate(contacts, 1)]
        )
        logged = il.SegmentLogger(work).log("SM0")
        add_segment(work, "SM1", contacts)
        lines = work.segments.lines_after("SM1", 0, limit=LINES)
        left_out = [LeftOutLine(line=line, reasons=("duplicate",)) for line in lines]
        work.logged_segments.add_left_out(logged.entry_no, left_out)
        work.records(Delivery).add_many(
            [a_delivery(no) for no in range(logged.first_entry_no, logged.last_entry_no + 1)]
        )
    return logged.entry_no


def rows_looked_at(plan):
    """Sum what every node of a plan gave and threw away."""
    counted = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    own = sum(plan.get(name, 0) for name in counted) * plan["Actual Loops"]
    return own + sum(rows_looked_at(node) for node in plan.get("Plans", ()))


def scans_without_contact(plan):
    """Return the scans of an index by contact that ask for no contact: they pass over others."""
    asked = plan.get("Index Cond", "")
    # all records of a tenant, and nothing else of them, is what counts as rows
    counted = "contact_no" in asked or re.fullmatch(r"\(tenant = '\w+'::text[^()]*\)", asked)
    found = [plan] if plan.get("Index Name", "").endswith("_contact") and not counted else []
    return found + [scan for node in plan.get("Plans", ()) for scan in scans_without_contact(node)]


class Explained:
    """A cursor that keeps how many rows each call of a statement looked at, of a trial of it."""

    def __init__(self, cursor):
        self._cursor, self.looked_at = cursor, {}

    def __getattr__(self, name):
        return getattr(self._cursor, name)

    def __iter__(self):
        return iter(self._cursor)

    def execute(self, text, *values, **options):
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", text):
            with self._cursor.connection.cursor() as aside:
                aside.execute("SAVEPOINT aside")
                aside.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *values)
                plan = aside.fetchone()[0][0]["Plan"]
                aside.execute("ROLLBACK TO SAVEPOINT aside; RELEASE SAVEPOINT aside")
            assert scans_without_contact(plan) == [], text
            self.looked_at.setdefault(text, []).append(rows_looked_at(plan))
        return self._cursor.execute(text, *values, **options)


def do_everything_with(work, entry_no):
    """Do each job that changes all lines or entries of a segment at once."""
    chosen, logger = il.ContactSelection(work, "SM1"), il.SegmentLogger(work)
    news = il.ContactFilter(salesperson_codes={"NOBODY"})
    chosen.reduce(news)
    chosen.refine(all_contacts=True)
    chosen.add(all_contacts=True, allow_existing=True)
    chosen.go_back(3)
    il.SegmentService(work).change("SM1", date=dt.date(2026, 9, 1))
    pressure = ContactPressure(most=9, days=30)
    policy = il.LoggingPolicy(duplicate=il.Treatment.LEAVE_OUT, pressure=pressure)
    logger.plan("SM1", policy=policy)
    logger.log("SM1", policy=policy, deliver=True)
    logger.undo("SM1", force=True)
    entries = il.LogEntryService(work)
    nos = [each.entry_no for each in work.interactions.of_logged_segment(entry_no, limit=LINES)]
    entries.evaluate(il.Evaluation.POSITIVE, *nos)
    entries.cancel(*nos)
    ids = [f"call-{number}" for number in range(LINES)]
    keys = work.records(ExternalKey)
    keys.add_many(
        [
            ExternalKey(source="crm", target="log_entry", external_id=id_, record_no="1")
            for id_ in ids
        ]
    )
    assert len(keys.having("crm", "log_entry", ids[:CHUNK])) == CHUNK
    entries.uncancel(*nos)
    now = work.clock.now()
    claim = Claim("WORKER", ["letter", "mail"], now, now + dt.timedelta(hours=1))
    for _ in range(LINES // 100):
        assert len(work.deliveries.claim(claim, limit=100)) == 100
    privacy = il.Privacy(work)
    assert privacy.retain(before=dt.date(2099, 1, 1), reason="Old", dry_run=False).counts
    assert len([*il.InteractionLog(work)]) >= LINES
    entries.cancel(*nos)
    entries.delete_canceled()
    list(check_integrity(work))


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
@pytest.mark.parametrize(
    ("others", "analyzed"),
    [(0, False), (2, False), (0, True)],
    ids=["never analyzed", "a new tenant beside others", "the only tenant"],
)
def test_a_chunk_reads_no_more_than_its_own_rows_whatever_the_planner_believes(others, analyzed):
    """A plan that reads the segment once for each line would make 50,000 lines take minutes."""
    import psycopg

    place, schema = own_database(), f"s{new_tenant().lower()}"
    texts = load("interactionlog_", "postgresql", schema)
    il.PostgresStore(place, schema=schema).close()
    with psycopg.connect(place, autocommit=True) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace",
            [schema],
        )
        tables = [f"{schema}.{table}" for (table,) in found]
        for table in tables:
            connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        for other in range(others):
            add_company(place, schema, f"OTHER{other}")
        if others:
            connection.execute(f"VACUUM ANALYZE {', '.join(tables)}")
        logged_no = add_company(place, schema, "NEW")
        if analyzed:
            connection.execute(f"VACUUM ANALYZE {', '.join(tables)}")
        for name, values in LOOKED_UP_PER_CHUNK.items():
            explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {texts[name]}"
            (((plan,),),) = connection.execute(explain, values("NEW", logged_no)).fetchall()
            most = 6 * CHUNK
            if name == "left_out_contacts":  # there is no index on their contacts: they are few
                most += 2 * LINES
            assert rows_looked_at(plan["Plan"]) < most, name
            assert scans_without_contact(plan["Plan"]) == [], name
        with (
            il.PostgresStore(place, schema=schema, tenant="NEW", prepare_threshold=None) as store,
            store.begin(user_id="TESTER") as work,
        ):
            work.session.cursor = seen = Explained(work.session.cursor)
            do_everything_with(work, logged_no)
        assert len(seen.looked_at) > 60
        dear = {
            text: rows
            for text, rows in seen.looked_at.items()
            if max(rows) > 20 * LINES or sum(rows) > 30 * LINES
        }
        assert dear == {}
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


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
