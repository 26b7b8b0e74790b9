"""How many rows each job looks at on PostgreSQL, whatever the planner believes."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from hypothesis import settings

import interactionlog as il
from interactionlog.adapters.sql.statements import load
from interactionlog.contacts.consent import Consent, Purpose
from interactionlog.contacts.contact import ExternalKey
from interactionlog.delivery.delivery import Claim, Delivery
from interactionlog.integrity import check_integrity
from interactionlog.segments.logging.decision import ContactPressure
from interactionlog.segments.logging.logged_segments import LeftOutLine
from interactionlog.testing import DAY, MOMENT, a_delivery, add_segment
from postgres import HOW_TO_START, WANTED, new_tenant, own_database

CHUNK = 1_000
LINES = {"dev": 3_000}.get(settings.get_current_profile_name(), 6_000)
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
