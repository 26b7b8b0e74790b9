"""Contacts, salespeople and users in a host's own tables, on both databases and with every kind of key."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date

import attrs
import pytest

import interactionlog as il
from embedding import parties
from interactionlog.contacts.consent import as_channel
from interactionlog.integrity import check_integrity
from interactionlog.interchange import Reports, import_tables
from interactionlog.testing.builders import a_segment, add_basics, an_entry
from interactionlog.testing.contracts.consents import ConsentDirectoryContract, said
from interactionlog.testing.contracts.contacts import (
    INTERACTIONS,
    ContactDirectoryContract,
    put_contacts,
)
from interactionlog.testing.contracts.people import (
    SalespersonDirectoryContract,
    UserDirectoryContract,
)
from interactionlog.values import evolved
from postgres import HOW_TO_START, WANTED, new_tenant, own_database
from stores import adapters, empty_database

DATABASES = adapters("sqlite", "postgresql")


@contextmanager
def host(database, kind, tmp_path, **given) -> Iterator[il.ports.UnitOfWork]:
    """Give a unit of work over parties with this kind of key, in a transaction that is rolled back."""
    given = {"contacts": parties.relation(kind)} | given
    if database == "postgresql":
        from kept import KeptConnection

        connection = KeptConnection.connect(own_database())
        store = il.HostStore(tenant=new_tenant(), schema="joined", **given)
    else:
        connection = sqlite3.connect(empty_database(tmp_path), isolation_level=None)
        connection.execute("BEGIN")
        store = il.HostStore(tenant="Mine's {prefix}", **given)
    try:
        parties.create(connection.execute, kind, postgresql=database == "postgresql")
        with store.join(connection, user_id="HELENA") as work:
            yield work
    finally:
        connection.rollback()
        connection.close()


class _Directory:
    absent = parties.ABSENT

    @pytest.fixture(scope="class", params=DATABASES)
    @classmethod
    def directory(cls, request, tmp_path_factory):
        with host(request.param, cls.kind, tmp_path_factory.mktemp("host")) as work:
            for entry in INTERACTIONS:
                no = cls.numbers.get(entry.contact_no, entry.contact_no)
                work.interactions.add(evolved(entry, {"contact_no": no}))
            yield work.contacts


class TestTextKeys(_Directory, ContactDirectoryContract):
    kind, numbers = "text", parties.NUMBERS["text"]


class TestIntegerKeys(_Directory, ContactDirectoryContract):
    kind, numbers = "integer", parties.NUMBERS["integer"]


class TestUuidKeys(_Directory, ContactDirectoryContract):
    kind, numbers = "uuid", parties.NUMBERS["uuid"]


class TestKeysInLowerCase(_Directory, ContactDirectoryContract):
    kind, numbers = "slug", parties.NUMBERS["slug"]


class TestSalespeople(SalespersonDirectoryContract):
    @pytest.fixture(params=DATABASES)
    def directory(self, request, tmp_path):
        with host(
            request.param, "text", tmp_path, salespeople=parties.SALESPERSON_RELATION
        ) as work:
            yield work.salespeople


class TestUsers(UserDirectoryContract):
    @pytest.fixture(params=DATABASES)
    def directory(self, request, tmp_path):
        with host(request.param, "text", tmp_path, users=parties.USER_RELATION) as work:
            yield work.users


def say(work, kind, *facts):
    """Let the host have facts about its parties, each newer than the one before."""
    native = work.session.driver.native
    for number, fact in enumerate(facts, 1):
        no = parties.NUMBERS[kind].get(fact["contact_no"], fact["contact_no"])
        key = {"integer": int, "slug": il.TextKey.key_of}.get(kind, str)(no)
        if kind == "uuid" and not native:
            key = key.replace("-", "")
        row = (number, key, fact["channel"], fact["purpose_code"], fact["given"], fact["date"])
        marks = ", ".join(["%s" if native else "?"] * len(row))
        statement = f"INSERT INTO answer VALUES ({marks})"  # noqa: S608
        work.session.connection.execute(statement, [*row[:5], str(row[5]) if row[5] else None])


class TestConsents(ConsentDirectoryContract):
    @pytest.fixture(params=DATABASES)
    def work(self, request, tmp_path):
        with host(request.param, "text", tmp_path, consents=parties.CONSENT_RELATION) as work:
            yield work

    def say(self, work, *facts):
        say(work, "text", *facts)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("kind", ["text", "integer", "uuid", "slug"])
def test_consents_of_a_host_are_asked_in_selection_plan_and_logging(database, kind, tmp_path):
    numbers = {no: parties.NUMBERS[kind].get(no, no) for no in ("C1", "C2", "P1", "P2", "P3")}
    with host(database, kind, tmp_path, consents=parties.CONSENT_RELATION) as work:
        add_basics(work)
        il.Consents(work).put_purpose(il.privacy.Purpose(code="NEWS"))
        say(
            work,
            kind,
            said("C1", True, channel=None),
            said("C2", True, channel=None),
            said("C2", False, channel=None),
            said("P2", None, channel=None),
        )
        work.segments.add(a_segment("SM1", purpose_code="NEWS"))
        selection = il.ContactSelection(work, "SM1")
        selection.add(il.ContactFilter(nos={numbers["C1"], numbers["C2"], numbers["P2"]}))
        chosen = [each.line.contact_no for each in il.SegmentService(work).lines("SM1")]
        assert chosen == [numbers["C1"]]
        for no in ("C2", "P2", "C1"):
            il.SegmentService(work).add_line("SM1", numbers[no])
        lines = {
            "interaction_template_code": "LETTER",
            "salesperson_code": "HR",
            "correspondence_type": il.CorrespondenceType.HARD_COPY,
        }
        line_nos = [each.line_no for each in work.segments.lines_after("SM1", 0)]
        work.segments.set_lines("SM1", line_nos, **lines)
        counts = il.SegmentLogger(work).plan("SM1").counts
        assert (counts.logged, counts.reasons["no-consent"]) == (2, 2)
        found = il.Consents(work).refused("NEWS", "mail", numbers.values())
        assert set(found) == {numbers[no] for no in ("C2", "P1", "P2", "P3")}
        with pytest.raises(il.UsageError, match="the host answers"):
            il.Consents(work).record(numbers["C1"], given=False)


class _Post:
    def __init__(self):
        self.recipients = []

    def send(self, message):
        self.recipients.append(message.recipient)
        return il.delivery.accepted()


def test_a_worker_sends_what_a_host_logged_in_its_own_transaction(tmp_path):
    pytest.importorskip("jinja2")
    place = empty_database(tmp_path)
    customer = "CREATE TABLE customer (id integer PRIMARY KEY, title text, mail text, news boolean)"
    relations = {
        "contacts": il.ContactRelation(
            "customer", no=il.IntegerKey("id"), name="title", e_mail="mail"
        ),
        "consents": il.ports.ConsentRelation(
            "customer", contact_no="id", given="news", purpose_code="'NEWS'"
        ),
    }
    mail = {"correspondence_type": il.CorrespondenceType.EMAIL}
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute(customer)
        for no in (7, 8, 9):
            connection.execute("INSERT INTO customer VALUES (?, 'Z', ?, true)", (no, f"{no}@x.it"))
        host = il.HostStore(clock=il.FixedClock("2026-01-26T09:30"), **relations)
        with host.join(connection, user_id="HELENA") as work:
            add_basics(work)
            il.Consents(work).put_purpose(il.privacy.Purpose(code="NEWS"))
            content = il.AttachmentService(work).store(b"{{ contact.name }}", name="a.html").no
            work.segments.add(a_segment("SM1", purpose_code="NEWS"))
            for no in "789":
                il.SegmentService(work).add_line("SM1", no)
            line_nos = [each.line_no for each in work.segments.lines_after("SM1", 0)]
            values = {"interaction_template_code": "LETTER", "attachment_no": content, **mail}
            work.segments.set_lines("SM1", line_nos, salesperson_code="HR", **values)
            il.SegmentLogger(work).log("SM1", deliver=True)
        connection.execute("COMMIT")
        connection.execute("UPDATE customer SET news = false WHERE id = 8")
        connection.execute("UPDATE customer SET mail = 'new@x.it' WHERE id = 9")
    post = _Post()
    with il.SqliteStore(place, clock=il.FixedClock("2026-01-26T09:31"), **relations) as store:
        run = il.Outbox(store, transports={"mail": post}, user_id="WORKER").run()
        assert (run.sent, run.withheld, post.recipients) == (2, 1, ["7@x.it", "new@x.it"])


@pytest.mark.parametrize("database", DATABASES)
def test_an_answer_without_a_date_counts_on_every_day_and_of_equal_ones_a_refusal(
    database, tmp_path
):
    answers = il.ports.ConsentRelation("answer", contact_no="party", given="agrees")
    with host(database, "integer", tmp_path, consents=answers) as work:
        news = il.privacy.Purpose(code="NEWS", needs="opt-out")
        il.Consents(work).put_purpose(news)
        say(work, "integer", said("C1", True), said("C2", False), said("P1", False))
        say(work, "integer", said("P1", True), said("P2", None))
        asked = {no: parties.NUMBERS["integer"][no] for no in ("C1", "C2", "P1", "P2", "P3")}
        refused = il.Consents(work).refused("NEWS", "mail", asked.values(), on=date(2001, 1, 1))
        assert set(refused) == {asked["C2"], asked["P1"]}


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    "way",
    [
        "MAIL",
        "mail",
        " Mail ",
        "E-Mail",
        "email",
        "e_mail",
        "letter",
        "hard copy",
        "Hard-Copy",
        "sms",
    ],
)
def test_a_channel_is_understood_whichever_word_the_host_has_for_it(database, tmp_path, way):
    """A refusal counted for MAIL only, so that who had refused ``mail`` was written to."""
    columns = {"contact_no": "party", "given": "agrees", "channel": f"'{way}'"}
    answers = il.ports.ConsentRelation("answer", **columns)
    with host(database, "integer", tmp_path, consents=answers) as work:
        add_basics(work)
        work.templates.set("LETTER", purpose_code="NEWS")
        il.Consents(work).put_purpose(il.privacy.Purpose(code="NEWS", needs="opt-out"))
        say(work, "integer", said("C1", False))
        no = parties.NUMBERS["integer"]["C1"]
        meant = as_channel(way)
        for channel in ("MAIL", "LETTER", "SMS"):
            state = il.Consents(work).current(no, channel, "NEWS")
            assert state.allowed is (channel != meant)
        il.SegmentService(work).create("x", no="SM1", interaction_template_code="LETTER")
        il.SegmentService(work).add_line("SM1", no)
        mail = il.CorrespondenceType.EMAIL
        work.segments.set_lines("SM1", [10_000], correspondence_type=mail, salesperson_code="HR")
        reasons = il.SegmentLogger(work).plan("SM1").counts.reasons
        assert ("no-consent" in reasons) is (meant == "MAIL")


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    "given",
    ["NOT declines", "declines IS FALSE OR declines IS NULL AND NULL", "1 = 1 AND NOT declines"],
)
def test_who_agrees_may_be_any_expression(database, given, tmp_path):
    """A refusal was not heard where it began with NOT, and who said nothing had refused."""
    answers = il.ports.ConsentRelation("reply", contact_no="party", given=given)
    with host(database, "integer", tmp_path) as other:
        connection = other.session.connection
        connection.execute("CREATE TABLE reply (party integer, declines boolean)")
        connection.execute("INSERT INTO reply VALUES (1, false), (2, true), (3, NULL)")
        options = {"tenant": new_tenant(), "schema": "joined"} if database == "postgresql" else {}
        contacts = il.ContactRelation("reply", no=il.IntegerKey("party"), name="'x'")
        store = il.HostStore(**options, contacts=contacts, consents=answers)
        with store.join(connection, user_id="HELENA") as work:
            for needs, refused in (("opt-in", {"2", "3"}), ("opt-out", {"2"})):
                il.Consents(work).put_purpose(il.privacy.Purpose(code=needs, needs=needs))
                assert set(il.Consents(work).refused(needs, "mail", ["1", "2", "3"])) == refused


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"given": "agree"}, "agree"), ({"evidence": "way"}, "evidence"), ({"given": ""}, "given")],
)
def test_a_relation_of_consents_that_cannot_be_read_is_refused(tmp_path, wrong, said):
    with pytest.raises(il.UsageError, match=said):
        columns = {"contact_no": "party", "given": "agrees", **wrong}
        answers = il.ports.ConsentRelation("answer", **columns)
        with host("sqlite", "text", tmp_path, consents=answers):
            pass


def customers(connection):
    connection.execute("CREATE TABLE customer (id integer PRIMARY KEY, title text)")
    connection.execute("INSERT INTO customer VALUES (7, 'Zoe'), (12, 'Adam')")


@pytest.fixture
def connection(tmp_path):
    connection = sqlite3.connect(empty_database(tmp_path), isolation_level=None)
    connection.execute("BEGIN")
    customers(connection)
    yield connection
    connection.close()


FEW = il.ContactRelation("customer", no=il.IntegerKey("id"), name="title")


def test_what_is_not_given_is_not_set(connection):
    with il.HostStore(contacts=FEW).join(connection, user_id="HELENA") as work:
        assert work.contacts.get("7") == il.Contact(no="7", name="Zoe", company_no="7")
        assert work.contacts.active_addresses(["7"], INTERACTIONS[0].date) == {}
        assert work.contacts.customers(["7"]) == {}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"where": {"city": "Merano"}}, "city"),
        ({"salesperson_codes": {"HR"}}, "salesperson_code"),
        ({"types": {il.ContactType.PERSON}}, "type"),
        ({"mailing_group_codes": {"NEWS"}}, "memberships of the kind MAILING_GROUP"),
    ],
)
def test_a_question_about_what_is_not_given_is_refused(connection, asked, field):
    with il.HostStore(contacts=FEW).join(connection, user_id="HELENA") as work:
        with pytest.raises(il.UsageError, match=f"have no {field}"):
            work.contacts.matching(il.ContactFilter(**asked))
        with pytest.raises(il.UsageError, match="BUSINESS_RELATION"):
            work.contacts.of_account("Customer", "10000")


def test_a_number_that_is_no_key_names_nobody(connection):
    with il.HostStore(contacts=FEW).join(connection, user_id="HELENA") as work:
        for no in ("007", "7.0", "X", "9" * 30):
            assert work.contacts.find(no) is None


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (il.ContactRelation("costumer", no="id"), "table='costumer'"),
        (il.ContactRelation("customer", no="no"), "no='no'"),
        (il.ContactRelation("customer", no="id", e_mail="e_mail"), "e_mail='e_mail'"),
        (
            il.ContactRelation(
                "customer",
                no="id",
                memberships=[
                    il.MembershipRelation(
                        "customer",
                        contact_no="id",
                        kind=il.MembershipKind.MAILING_GROUP,
                        code="tag",
                    )
                ],
            ),
            "MembershipRelation.*code='tag'",
        ),
    ],
)
def test_a_column_that_is_not_there_is_named_when_the_store_is_joined(connection, relation, words):
    opening = il.HostStore(contacts=relation).join(connection, user_id="HELENA")
    with pytest.raises(il.UsageError, match=words), opening:
        pass
    assert connection.in_transaction


def test_text_is_no_key_for_whole_numbers_on_postgresql():
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(own_database()) as connection:
        customers(connection)
        store = il.HostStore(contacts=il.ContactRelation("customer", no="id"), schema="joined")
        opening = store.join(connection, user_id="HELENA")
        with pytest.raises(il.UsageError, match="no='id'"), opening:
            pass
        connection.rollback()


@pytest.mark.parametrize(
    "wrong", [{"e_mail": "coalesce(?, email)"}, {"e_mail": " "}, {"emial": "email"}]
)
def test_what_can_be_no_column_is_refused_at_once(wrong):
    with pytest.raises(il.UsageError, match=next(iter(wrong))):
        il.ContactRelation("customer", no="id", **wrong)


def test_a_store_of_its_own_reads_the_contacts_of_a_host(connection, tmp_path):
    connection.execute("COMMIT")
    with il.SqliteStore(tmp_path / "crm.db", contacts=FEW) as store, store.read() as work:
        assert work.contacts.find_by_name("ADA").no == "12"
    with pytest.raises(il.UsageError, match="e_mail='mail'"):
        wrong = il.ContactRelation("customer", no="id", e_mail="mail")
        il.SqliteStore(tmp_path / "crm.db", contacts=wrong)


def test_a_relation_may_depend_on_the_connection(connection):
    store = il.HostStore(contacts=lambda given: FEW if given is connection else None)
    with store.join(connection, user_id="HELENA") as work:
        assert work.contacts.get("12").name == "Adam"


def test_titles_of_a_page_are_four_statements(connection):
    with il.HostStore(contacts=FEW).join(connection, user_id="HELENA") as work:
        add_basics(work)
        work.templates.put(
            attrs.evolve(
                work.templates.all()[0],
                code="OTHER",
                description="Answer",
                information_flow=il.InformationFlow.INBOUND,
            )
        )
        codes = itertools.cycle([work.templates.all()[0].code, "OTHER"])
        entries = [
            attrs.evolve(
                an_entry(number, "7" if number % 3 else "12"), interaction_template_code=next(codes)
            )
            for number in range(1, 51)
        ]
        log, asked = il.InteractionLog(work), []
        connection.set_trace_callback(asked.append)
        titles = log.titles(entries)
        connection.set_trace_callback(None)
        assert len(asked) <= 4
        assert titles == [log.title(entry) for entry in entries]
        assert set(titles) == {"Template LETTER", "Answer - from Zoe", "Answer - from Adam"}


def test_a_contact_that_is_gone_stays_readable(connection):
    with il.HostStore(contacts=FEW).join(connection, user_id="HELENA") as work:
        work.interactions.add(attrs.evolve(an_entry(1, "7"), contact_company_no="7"))
        work.interactions.add(attrs.evolve(an_entry(2, "12"), contact_company_no="7"))
        connection.execute("DELETE FROM customer")
        log = il.InteractionLog(work)
        assert [entry.entry_no for entry in log.timeline("7")] == [2, 1]
        assert [entry.entry_no for entry in log.timeline("12")] == [2]
        assert il.Statistics(work).of_contact("7").interactions == 2
        assert log.titles(log.timeline("7")) == ["interaction 2", "interaction 1"]
        assert "<h1>7</h1>" in Reports(work).timeline("7")
        assert "<h1>12</h1>" in Reports(work).timeline("12")
        for timeline in (log.timeline, Reports(work).timeline):
            with pytest.raises(il.NotFoundError):
                timeline("13")


class ThreeMethods(il.ports.ContactDirectory):
    """A directory that can answer what it must."""

    def find(self, no, /):
        return il.Contact(no=no, company_no=no) if no == "7" else None

    def summaries(self, nos):
        return {no: il.ports.ContactSummary.of(self.get(no)) for no in nos if self.find(no)}

    def matching(self, contact_filter, *, widening=None, among=None):
        return ["7"]


def test_a_directory_answers_three_questions_and_refuses_the_others(connection):
    with il.HostStore(contacts=ThreeMethods()).join(connection, user_id="HELENA") as work:
        assert work.contacts.many(["7", "8"]).keys() == {"7"}
        assert work.contacts.active_addresses(["7"], INTERACTIONS[0].date) == {}
        with pytest.raises(il.UsageError, match="by their name"):
            work.contacts.find_by_name("Zoe")
        with pytest.raises(il.NotFoundError):
            work.contacts.get("8")


def test_contacts_are_looked_up_by_the_index_of_the_host(connection):
    store = il.HostStore(contacts=FEW)
    with store.join(connection, user_id="HELENA") as work:
        for name in ("contacts_many", "contact_summaries"):
            text = work.session.statements[name]
            plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", ("", "[]")).fetchall()
            assert any("SEARCH customer USING INTEGER PRIMARY KEY" in row[3] for row in plan), plan
        text = work.session.statements["lines_with_findings"]
        plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", ["1"] * text.count("?")).fetchall()
        assert any("SEARCH customer USING INTEGER PRIMARY KEY" in row[3] for row in plan), plan


@pytest.mark.parametrize(
    "several",
    [
        "SELECT c.id, c.title FROM customer AS c JOIN company AS k ON k.id = c.company_id",
        "SELECT c.id, c.title FROM customer AS c JOIN company AS k ON k.id = c.company_id AND k.kind = 1",
        "SELECT DISTINCT c.id, c.title FROM customer AS c JOIN company AS k ON k.id = c.company_id",
        "SELECT id, max(title) AS title FROM customer GROUP BY id",
        "SELECT id, title FROM customer UNION ALL SELECT id, title FROM company",
    ],
)
def test_a_view_of_contacts_is_not_read_whole_for_each_line(connection, several):
    """SQLite cannot look into it by the host's index: it is read once, with an index of its own."""
    connection.execute("CREATE TABLE company (id INTEGER PRIMARY KEY, title TEXT, kind INTEGER)")
    connection.execute("CREATE INDEX company_kind ON company (kind)")
    connection.execute("ALTER TABLE customer ADD COLUMN company_id INTEGER")
    relation = il.ContactRelation(f"({several})", no=il.IntegerKey("id"), name="title")
    with il.HostStore(contacts=relation).join(connection, user_id="HELENA") as work:
        for name in ("lines_with_findings", "findings_and_masks_of_lines"):
            text = work.session.statements[name]
            asked = ["[]"] * text.count("?")
            steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", asked)]
            assert [step for step in steps if step.startswith("SEARCH host USING AUTO")], steps


def chosen_step_by_step(work, no="SM1"):
    """Choose contacts in several steps; return the lines after each."""
    add_basics(work)
    work.segments.add(a_segment(no))
    selection, found = il.ContactSelection(work, no), []

    def lines():
        fields = attrs.fields_dict(il.SegmentLine)
        found.append(
            [
                {name: getattr(view.line, name) for name in fields}
                for view in il.SegmentService(work).lines(no)
            ]
        )

    steps = [
        (
            selection.add,
            {"types": {il.ContactType.PERSON}},
            {"colleagues_of_matched_persons": True},
        ),
        (selection.add, {"mailing_group_codes": {"NEWS"}}, {"ignore_exclusion": True}),
        (selection.reduce, {"where": {"name": il.Condition(contains="álf")}}, {}),
        (selection.refine, {"where": {"name": il.Condition(prefix="z", negated=True)}}, {}),
        (selection.add, {}, {"all_contacts": True, "ignore_exclusion": True}),
    ]
    for step, asked, options in steps:
        step(il.ContactFilter(**asked), **options)
        lines()
    selection.go_back(2)
    lines()
    logged = il.SegmentLogger(work).log(no)
    entries = work.interactions.newest(il.LogFilter(), limit=50)
    found.append([(each.contact_no, each.contact_company_no) for each in entries])
    found.append(
        [
            (each.line.contact_no, each.reasons)
            for each in il.LoggedSegments(work).left_out(logged.entry_no)
        ]
    )
    return found


@pytest.mark.parametrize("database", DATABASES)
def test_steps_and_logging_over_a_relation_do_what_they_do_over_own_contacts(database, tmp_path):
    with il.MemoryStore().begin(user_id="HELENA") as work:
        put_contacts(work.contacts)
        expected = chosen_step_by_step(work)
    with host(database, "text", tmp_path) as work:
        assert chosen_step_by_step(work) == expected
    assert len(expected[-2]) > 1


@pytest.mark.parametrize("database", DATABASES)
def test_a_segment_and_the_rows_of_the_host_stand_or_fall_together(database, tmp_path):
    with host(database, "integer", tmp_path) as work:
        connection = work.session.connection
        connection.execute("SAVEPOINT order_of_the_host")
        connection.execute("INSERT INTO party (id, kind, name) VALUES (4711, 1, 'Ada')")
        add_basics(work)
        work.segments.add(a_segment("SM1"))
        il.ContactSelection(work, "SM1").add(il.ContactFilter(nos={"4711"}))
        il.SegmentLogger(work).log("SM1")
        assert [each.contact_no for each in il.InteractionLog(work).timeline("4711")] == ["4711"]
        connection.execute("ROLLBACK TO order_of_the_host")
        assert work.contacts.find("4711") is None
        assert work.interactions.newest(il.LogFilter()) == []


def test_what_is_stored_is_checked_with_the_contacts_of_the_host(connection):
    with il.HostStore(contacts=FEW).join(connection, user_id="HELENA") as work:
        work.interactions.add(an_entry(1, "7"))
        work.interactions.add(an_entry(2, "13"))
        broken = [str(each.message) for each in check_integrity(work)]
        assert not any("7" in message and "contact" in message for message in broken)


@contextmanager
def firms(database, tmp_path, keys, column="varchar(60) PRIMARY KEY"):
    """Give a connection with a table of the host's that has these keys."""
    if database == "postgresql":
        import psycopg

        connection, mark, schema = psycopg.connect(own_database()), "%s", "joined"
    else:
        connection = sqlite3.connect(empty_database(tmp_path), isolation_level=None)
        connection.execute("BEGIN")
        mark, schema = "?", None
    try:
        connection.execute(f"CREATE TABLE firm (code {column}, title text)")
        for key in keys:
            connection.execute(f"INSERT INTO firm VALUES ({mark}, 'Firm')", [key])  # noqa: S608
        yield lambda relation: il.HostStore(
            tenant=new_tenant(), contacts=relation, schema=schema
        ).join(connection, user_id="HELENA")
    finally:
        connection.rollback()
        connection.close()


UUID = "6f1ed002-ab59-4f3a-9c11-0242ac120002"


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    ("column", "keys", "bad"),
    [
        ("code", ["ALPHA", "beta"], "beta"),
        ("code", ["ALPHA", "Äß"], "Äß"),
        ("code", ["ALPHA", "ü"], "ü"),
        ("code", ["Ü"], "Ü"),
        ("code", [UUID.upper()], UUID.upper()),
        ("code", [" A"], " A"),
        ("code", [""], ""),
        ("code", ["A\u200bB"], "A\u200bB"),
        ("code", ["A" * 37], "A" * 37),
        (il.TextKey("code"), ["a" * 37], "A" * 37),
        (il.TextKey("code"), ["a" * 18 + "A" * 18], "A" * 18),
        (il.TextKey("code"), ["^a"], "^A"),
        (il.TextKey("code"), ["a "], "A "),
        (il.TextKey("code"), ["aß"], ""),
        (il.TextKey("code"), [UUID.upper()], ""),
    ],
)
def test_a_key_that_can_be_no_number_is_refused_with_what_to_do(
    database, tmp_path, column, keys, bad
):
    with firms(database, tmp_path, keys) as join:
        opening = join(il.ContactRelation("firm", no=column, name="title"))
        with pytest.raises(il.UsageError, match=r"no='code' has the key .*il\.TextKey") as caught:
            opening.__enter__()
        assert repr(bad)[1:-1] in str(caught.value)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    "column", ["code", "upper(code)", il.TextKey("code"), il.IntegerKey("length(code)")]
)
def test_a_key_that_is_there_twice_is_refused(database, tmp_path, column):
    with firms(database, tmp_path, ["A", "A", None], "varchar(60)") as join:
        opening = join(il.ContactRelation("firm", no=column))
        with pytest.raises(il.UsageError, match=r"no='.*' has '.*' more than once"):
            opening.__enter__()


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    ("key", "no", "typed"),
    [
        ("beta", "BETA", "beta"),
        ("Beta", "^BETA", "^beta"),
        ("BETA", "^B^E^T^A", "^b^e^t^a"),
        ("7", "7", " 7 "),
        ("a b", "A B", "a b"),
        ("\u00fcn\u00ef-7", "\u00dcN\u00cf-7", " \u00fcn\u00ef-7"),
        ("\u00fcN", "\u00dc^N", "\u00fc^n"),
        ("\u043c\u0438\u0440", "\u041c\u0418\u0420", "\u041c\u0438\u0440"),
        (UUID, UUID, UUID.upper()),
        (UUID.replace("-", ""), UUID.replace("-", "").upper(), UUID.replace("-", "")),
    ],
)
def test_text_keys_of_any_case_are_numbers_both_ways(database, tmp_path, key, no, typed):
    keys = {key, None, "beta", "Beta", "BETA", "bEta"}
    with firms(database, tmp_path, keys, "varchar(36) UNIQUE") as join:
        relation = il.ContactRelation("firm", no=il.TextKey("code"), name="title")
        with join(relation) as work:
            assert (il.TextKey.number_of(key), il.TextKey.key_of(typed)) == (no, key)
            assert work.contacts.get(typed).no == no
            assert no in work.contacts.matching(il.ContactFilter())
            assert work.contacts.matching(il.ContactFilter(nos={typed})) == [no]
            add_basics(work)
            work.segments.add(a_segment("SM1"))
            il.ContactSelection(work, "SM1").add(il.ContactFilter(nos={typed}))
            il.SegmentLogger(work).log("SM1")
            assert [each.contact_no for each in il.InteractionLog(work).timeline(typed)] == [no]


@pytest.mark.parametrize("database", DATABASES)
def test_whole_numbers_of_all_sizes_are_keys(database, tmp_path):
    numbers = [2**63 - 1, -(2**63 - 1), 10**18, 0, -1]
    relation = il.ContactRelation("firm", no=il.IntegerKey("code"), name="title")
    with firms(database, tmp_path, numbers, "bigint PRIMARY KEY") as join, join(relation) as work:
        assert work.contacts.many(map(str, numbers)).keys() == set(map(str, numbers))
        assert work.contacts.find(str(2**63)) is None
        assert work.contacts.find("9" * 30) is None


def test_a_text_that_is_no_whole_number_is_no_such_key(tmp_path):
    with firms("sqlite", tmp_path, ["007"]) as join:
        opening = join(il.ContactRelation("firm", no=il.IntegerKey("code")))
        with pytest.raises(il.UsageError, match="no='code' has the key '007'"):
            opening.__enter__()


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
@pytest.mark.parametrize("key", [str, il.TextKey])
def test_text_of_a_fixed_length_is_looked_up_by_an_index_on_its_text(tmp_path, key):
    relation = il.ContactRelation("firm", no=key("CAST(code AS text)"), name="title")
    with firms("postgresql", tmp_path, [], "char(10) PRIMARY KEY") as join:
        with join(il.ContactRelation("firm", no="'X'", name="title")) as work:
            run = work.session.cursor.execute
            run("INSERT INTO firm SELECT n, 'x' FROM generate_series(1, 2000) AS each (n)")
            run("CREATE INDEX firm_by_text ON firm (CAST(code AS text))")
            run("ANALYZE firm")
        with join(relation) as work:
            plans = plans_of(work)
            assert all("firm_by_text" in plan for plan in plans.values()), plans
            assert not any("Seq Scan on firm" in plan for plan in plans.values()), plans


def plans_of(work):
    """Return how PostgreSQL looks contacts up where it can by an index."""
    asked, plans = work.session.cursor.execute, {}
    asked("SET LOCAL enable_seqscan = off")
    for name in ("lines_with_findings", "contacts_many", "contact_summaries"):
        text = work.session.statements[name]
        whole = ["1"] * text.count("%s")
        asked(f"EXPLAIN {text}", [work.tenant, "[]"] if len(whole) == 2 else whole)
        plans[name] = "\n".join(row[0] for row in work.session.cursor.fetchall())
    return plans


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("bigint", il.IntegerKey),
        ("integer", il.IntegerKey),
        ("uuid", il.UuidKey),
        ("text", str),
        ("text", il.TextKey),
        ("varchar(36)", str),
        ("varchar(36)", il.TextKey),
        ('text COLLATE "C"', str),
        ('text COLLATE "C"', il.TextKey),
        ('varchar(36) COLLATE "ucs_basic"', str),
        ('text COLLATE "en-x-icu"', il.TextKey),
    ],
)
def test_a_plan_looks_contacts_up_by_the_index_of_the_host_on_postgresql(tmp_path, column, key):
    relation = il.ContactRelation("firm", no=key("code"), name="title")
    made = firms("postgresql", tmp_path, [], f"{column} PRIMARY KEY")
    with made as join, join(relation) as work:
        for name, plan in plans_of(work).items():
            assert "firm_pkey" in plan, (name, plan)
            assert "Seq Scan on firm" not in plan, (name, plan)


def test_text_keys_in_lower_case_are_looked_up_by_the_index_of_the_host(connection):
    connection.execute("CREATE TABLE firm (code TEXT PRIMARY KEY, title TEXT)")
    store = il.HostStore(contacts=il.ContactRelation("firm", no=il.TextKey("code"), name="title"))
    with store.join(connection, user_id="HELENA") as work:
        text = work.session.statements["contacts_many"]
        plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", ("", "[]")).fetchall()
        assert any("SEARCH firm USING INDEX" in row[3] for row in plan), plan


def test_codes_of_salespeople_and_users_have_no_text_key():
    with pytest.raises(il.UsageError, match="code is compared in upper case"):
        il.SalespersonRelation("agent", code=il.TextKey("code"))


def test_a_uuid_may_be_stored_with_hyphens(connection):
    no = "6f1ed002-ab59-4f3a-9c11-0242ac120002"
    connection.execute("CREATE TABLE firm (id TEXT PRIMARY KEY)")
    connection.execute("INSERT INTO firm VALUES (?)", [no])
    plain = il.ContactRelation("firm", no=il.UuidKey("id"))
    with pytest.raises(il.UsageError, match="hyphens=True"):
        il.HostStore(contacts=plain).join(connection, user_id="HELENA").__enter__()
    relation = il.ContactRelation("firm", no=il.UuidKey("id", hyphens=True))
    with il.HostStore(contacts=relation).join(connection, user_id="HELENA") as work:
        assert work.contacts.get(no.upper()).no == no


def text_of_any_case(execute, *, postgresql):
    """Return a type of text in which two cases of a letter are one."""
    if not postgresql:
        return "text COLLATE NOCASE"
    execute(
        "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
    )
    return "text COLLATE any_case"


@pytest.mark.parametrize("database", DATABASES)
def test_each_text_key_is_one_number_where_the_column_takes_cases_for_one(database, tmp_path):
    with firms(database, tmp_path, []) as join:
        with join(il.ContactRelation("firm", no="code")) as work:
            execute = work.session.connection.execute
            kind = text_of_any_case(execute, postgresql=database == "postgresql")
            execute(f"CREATE TABLE person (nick {kind} PRIMARY KEY, name {kind})")
            execute("INSERT INTO person VALUES ('ada', 'Ada'), ('Bea', 'Bea'), ('ZOE', 'Zoe')")
        for key, found in ((il.TextKey("nick"), ["ADA", "^BEA", "^Z^O^E"]), ("upper(nick)", None)):
            with join(il.ContactRelation("person", no=key, name="name")) as work:
                numbers = found or ["ADA", "BEA", "ZOE"]
                assert sorted(work.contacts.matching(il.ContactFilter())) == numbers
                for no, name in zip(numbers, ("Ada", "Bea", "Zoe"), strict=True):
                    assert work.contacts.get(no).name == name
                    assert work.contacts.find_by_name(name).no == no


@pytest.mark.parametrize("any_case", [False, True])
@pytest.mark.parametrize("database", DATABASES)
def test_codes_and_names_of_a_host_have_the_form_of_own_ones(database, any_case, tmp_path):
    """Letters beyond ASCII, white space around them, a ligature: a refusal was not heard for one."""
    relations = {
        "contacts": il.ContactRelation(
            "buyer",
            no=il.IntegerKey("id"),
            name="title",
            salesperson_code="rep",
            memberships=[
                il.MembershipRelation(
                    "label", contact_no="buyer", kind=il.MembershipKind.MAILING_GROUP, code="name"
                )
            ],
        ),
        "salespeople": il.SalespersonRelation("clerk", code="initials", name="title"),
        "users": il.UserRelation("clerk", user_id="initials", salesperson_code="initials"),
        "consents": il.ports.ConsentRelation(
            "reply", contact_no="buyer", given="yes", purpose_code="purpose"
        ),
    }
    with host(database, "text", tmp_path) as other:
        connection = other.session.connection
        postgresql = database == "postgresql"
        text = "text"
        if any_case:
            text = text_of_any_case(connection.execute, postgresql=postgresql)
        for table in (
            f"buyer (id integer PRIMARY KEY, title {text}, rep {text})",
            f"clerk (initials {text}, title {text})",
            f"label (buyer integer, name {text})",
            f"reply (buyer integer, yes boolean, purpose {text})",
        ):
            connection.execute(f"CREATE TABLE {table}")
        mark = "%s" if postgresql else "?"
        for table, rows in {
            "buyer": [
                (1, "  Rossi  spa ", "müller"),
                (2, "Ro\u00adssi spa", " hr\t"),
                (3, "\u2003", " "),
            ],
            "clerk": [("müller\u00a0", "M"), ("hr ", "H"), (" ", "nobody")],
            "label": [(1, "bu\u0308cher"), (2, "BÜCHER "), (3, "ﬁt")],
            "reply": [
                (1, True, None),
                (1, False, "bücher"),
                (2, False, "Bücher "),
                (2, True, " "),
            ],
        }.items():
            for row in rows:
                marks = ", ".join([mark] * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608
        options = {"tenant": new_tenant(), "schema": "joined"} if postgresql else {}
        with il.HostStore(**options, **relations).join(connection, user_id="MÜLLER") as work:
            il.Consents(work).put_purpose(il.privacy.Purpose(code="bücher"))
            consents, matching = il.Consents(work), work.contacts.matching
            for no in "12":
                assert not consents.current(no, "mail", "Bücher").allowed, no
            codes = [work.contacts.get(no).salesperson_code for no in "123"]
            assert codes == ["MÜLLER", "HR", None]
            assert [work.salespeople.find(code).name for code in codes[:2]] == ["M", "H"]
            assert work.users.find("müller").salesperson_code == "MÜLLER"
            assert matching(il.ContactFilter(salesperson_codes={"müller", "hr"})) == ["1", "2"]
            assert matching(il.ContactFilter(mailing_group_codes={"bücher"})) == ["1", "2"]
            assert matching(il.ContactFilter(mailing_group_codes={"FIT"})) == ["3"]
            for asked, nos in (
                ({"name": "rossi spa"}, ["1", "2"]),
                ({"name": il.Condition(any_of={None})}, ["3"]),
                ({"salesperson_code": il.Condition(any_of={None})}, ["3"]),
            ):
                assert sorted(matching(il.ContactFilter(where=asked))) == nos, asked


HISTORY = """
name = "calls"
target = "log_entry"
on_error = "reject"
[key]
from = "Id"
source = "old"
[columns]
date = "Day"
interaction_template_code = { const = "CALL" }
contact_no = { from = "Who", lookup = "contact" }
salesperson_code = { from = "Seller", lookup = "salesperson" }
user_id = { from = "User", lookup = "user" }
"""


@pytest.mark.parametrize("kept", ["relations", "directories"])
def test_history_names_contacts_salespeople_and_users_of_the_host(connection, kept, tmp_path):
    connection.execute("CREATE TABLE person (id integer PRIMARY KEY, word text)")
    connection.execute("INSERT INTO person VALUES (7, 'hr')")

    class People:
        def __init__(self, kind, key):
            self.kind, self.key = kind, key

        def many(self, codes):
            return {code: self.kind(**{self.key: code}) for code in codes if code == "HR"}

        def find(self, code, /):
            return self.many([code]).get(code)

    people = {
        "salespeople": il.SalespersonRelation("person", code="word"),
        "users": il.UserRelation("person", user_id="word"),
    }
    if kept == "directories":
        people["salespeople"] = People(il.Salesperson, "code")
        people["users"] = People(il.User, "user_id")
    store = il.HostStore(contacts=il.ContactRelation("person", no=il.IntegerKey("id")), **people)
    (tmp_path / "calls.toml").write_text(HISTORY)
    rows = ["Id,Day,Who,Seller,User", "a,2026-01-02,7,hr,Hr", "b,2026-01-02,a@b.example,HR,HR"]
    rows += ["c,2026-01-02,7,NO,HR", "d,2026-01-02,7,HR,NO"]
    (tmp_path / "calls.csv").write_text("\n".join(rows) + "\n")
    with store.join(connection, user_id="HELENA") as work:
        work.interaction_groups.put(il.InteractionGroup(code="CALLS"))
        work.templates.put(
            il.InteractionTemplate(code="CALL", interaction_group_code="CALLS", description="Call")
        )
        report = import_tables(work, tmp_path / "calls.csv", mapping=tmp_path / "calls.toml")
        (entry,) = il.InteractionLog(work).timeline("7")
        assert (entry.salesperson_code, entry.user_id) == ("HR", "HR")
    assert [each.reason for each in report.rejected] == [
        f"no {kind} is found: the host keeps its {several}, known by number or code"
        for kind, several in (
            ("contact", "contacts"),
            ("salesperson", "salespeople"),
            ("user", "users"),
        )
    ]
