"""What a host says of its tables is right, or is refused by the name of the column before anything is read."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager

import pytest

import interactionlog as il
from interactionlog.adapters.columns import Kind
from interactionlog.adapters.tables import ALL, columns_of
from interactionlog.integrity import check_integrity
from interactionlog.testing.builders import a_segment, add_basics
from postgres import HOW_TO_START, WANTED, new_tenant, own_database
from stores import adapters, empty_database

DATABASES = pytest.mark.parametrize("database", adapters("sqlite", "postgresql"))
COLUMNS = {
    "id": "integer PRIMARY KEY",
    "title": "text",
    "flag": "boolean",
    "word": "text",
    "number": "integer",
    "day": "date",
}


@contextmanager
def firms(database, tmp_path, *statements, **values):
    """Give a function that joins a transaction in which there is one firm, with these values."""
    if database == "postgresql":
        from kept import KeptConnection

        connection, schema = KeptConnection.connect(own_database()), "joined"
    else:
        connection = sqlite3.connect(empty_database(tmp_path), isolation_level=None)
        connection.execute("BEGIN")
        schema = None
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    values = {"id": 7, "title": "Alpha"} | values
    mark = "%s" if schema else "?"
    try:
        connection.execute(f"CREATE TABLE firm ({columns})")
        connection.execute(
            f"INSERT INTO firm ({', '.join(values)}) VALUES ({', '.join([mark] * len(values))})",  # noqa: S608
            list(values.values()),
        )
        for statement in statements:
            connection.execute(statement)
        yield lambda relation, **more: il.HostStore(
            tenant=new_tenant(), contacts=relation, schema=schema, **more
        ).join(connection, user_id="HELENA")
    finally:
        connection.rollback()
        connection.close()


def firm(table="firm", no=il.IntegerKey("id"), name="title", **more):  # noqa: B008
    return il.ContactRelation(table, no=no, name=name, **more)


def member(**more):
    given = {"contact_no": "id", "kind": il.MembershipKind.MAILING_GROUP, "code": "word"} | more
    return firm(memberships=[il.MembershipRelation("firm", **given)])


def address(**more):
    given = {"contact_no": "id", "code": "word", "starting_date": "day"} | more
    return firm(addresses=il.ports.AlternativeAddressRelation("firm", **given))


@DATABASES
@pytest.mark.parametrize("value", ["yes", "no", "maybe", "", "0", "f"])
@pytest.mark.parametrize("field", ["privacy_blocked", "exclude_from_segment", "minor"])
def test_a_flag_that_is_text_is_refused(database, tmp_path, field, value):
    with firms(database, tmp_path, word=value) as join:
        opening = join(firm(**{field: "word"}))
        with pytest.raises(il.UsageError, match=f"{field}='word' gives .*: give true or false"):
            opening.__enter__()


@DATABASES
@pytest.mark.parametrize(
    ("relation", "values", "words"),
    [
        (firm(type="word"), {"word": "person"}, "type='word' gives .*0 for COMPANY, 1 for PERSON"),
        (firm(type="number"), {"number": 7}, "type='number' gives 7: .*1 for PERSON"),
        (
            firm(correspondence_type="number"),
            {"number": 9},
            "correspondence_type='number' gives 9: .*2 for EMAIL",
        ),
        (member(line_no="word"), {"word": "x"}, "line_no='word' gives .*: give a whole number"),
        (
            address(starting_date="word"),
            {"word": "31.12.2026"},
            "starting_date='word' gives .*date",
        ),
        (address(ending_date="number"), {"number": 20261231}, "ending_date='number' .*date"),
    ],
)
def test_a_value_that_the_field_cannot_have_is_refused(database, tmp_path, relation, values, words):
    with firms(database, tmp_path, **values) as join:
        opening = join(relation)
        with pytest.raises(il.UsageError, match=words):
            opening.__enter__()


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
@pytest.mark.parametrize(
    ("made", "field"),
    [
        (firm, "name"),
        (firm, "e_mail"),
        (firm, "language_code"),
        (member, "code"),
        (address, "code"),
        (address, "address_2"),
    ],
)
def test_bytes_are_no_text_on_postgresql(tmp_path, made, field):
    with firms("postgresql", tmp_path) as join:
        opening = join(made(**{field: "CAST(title AS bytea)"}))
        with pytest.raises(il.UsageError, match=f"{field}='.*' gives bytea: give text"):
            opening.__enter__()


@DATABASES
@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (firm(name="max(title)"), r"name='max\(title\)' gives .*a value of each row"),
        (firm(name="(SELECT 1, 2)"), "name='.*' cannot be read"),
        (firm(name="title; DROP TABLE firm"), "name='.*' cannot be read"),
        (firm(name="title -- x"), "name='.*' cannot be read"),
        (firm(table="select"), "table='select' cannot be read"),
        (firm(table="SELECT id, title FROM firm"), "table='SELECT .*' cannot be read"),
        (firm(table="elsewhere.firm"), "table='elsewhere.firm' cannot be read"),
        (firm(name='"no such" || title'), "name='.*' cannot be read"),
        (firm(no=il.IntegerKey("title")), "no='title'"),
        (firm(no=il.UuidKey("id")), "no='id'"),
        (member(contact_no="nr"), "MembershipRelation.*contact_no='nr' cannot be read"),
        (address(e_mail="mail"), "AlternativeAddressRelation.*e_mail='mail' cannot be read"),
    ],
)
def test_what_is_no_expression_of_each_row_is_refused_in_one_line(
    database, tmp_path, relation, words
):
    with firms(database, tmp_path) as join:
        opening = join(relation)
        with pytest.raises(il.UsageError, match=words) as caught:
            opening.__enter__()
        assert "\n" not in str(caught.value)
        with join(firm()) as work:  # the transaction of the host is as it was
            assert work.contacts.get("7").name == "Alpha"


def used(work, no="7"):
    """Select, plan and log everybody, and start an interaction; return the name that is shown."""
    add_basics(work)
    work.segments.add(a_segment("SM1"))
    il.ContactSelection(work, "SM1").add(il.ContactFilter(), all_contacts=True)
    il.SegmentLogger(work).log("SM1")
    log = il.InteractionLog(work)
    assert len(log.titles(log.timeline(no))) == 1
    return il.InteractionService(work).start(no).contact_name


@DATABASES
@pytest.mark.parametrize(
    ("title", "shown"),
    [(None, ""), ("x" * 10_000, "x" * 100), ("Two\nlines\x07", "Two lines "), ("O'Hara", "O'Hara")],
)
def test_any_name_of_the_host_is_shown_in_one_line(database, tmp_path, title, shown):
    relation = firm(company_name="title")
    with firms(database, tmp_path, title=title) as join, join(relation) as work:
        assert used(work) == shown


@DATABASES
@pytest.mark.parametrize(
    ("relation", "statements"),
    [
        (
            il.ContactRelation('"select"', no=il.IntegerKey('"order"'), name='"na""me"'),
            [
                'CREATE TABLE "select" ("order" integer PRIMARY KEY, "na""me" text)',
                "INSERT INTO \"select\" VALUES (7, 'Alpha')",
            ],
        ),
        (
            il.ContactRelation("braces", no=il.IntegerKey("id"), name='"{prefix}%s"'),
            [
                'CREATE TABLE braces (id integer, "{prefix}%s" text)',
                "INSERT INTO braces VALUES (7, 'Alpha')",
            ],
        ),
        (
            il.ContactRelation('"#"', no=il.IntegerKey('"#@"'), name="'Al' || 'pha' || \"@\""),
            [
                'CREATE TABLE "#" ("#@" integer PRIMARY KEY, "@" text)',
                "INSERT INTO \"#\" VALUES (7, '')",
            ],
        ),
        (
            firm(table="seen"),
            [
                "INSERT INTO firm (id, title, flag) VALUES (8, 'Beta', true)",
                "CREATE VIEW seen AS SELECT * FROM firm WHERE flag IS NULL",
            ],
        ),
        (firm(table="firm AS f", name="f.title"), []),
        (firm(table="(SELECT id, title FROM firm) AS f", name="f.title"), []),
        (firm(table="(SELECT id, title FROM firm)"), []),
        (firm(table="firm LEFT JOIN (SELECT 7 AS other) AS o ON o.other = firm.id"), []),
        (firm(privacy_blocked="title = 'x'", exclude_from_segment="flag", minor="number"), []),
        (firm(name="title /* what it is called */"), []),
        (firm(name="title /* isn't it '?' */"), []),
        (firm(table="(SELECT * FROM firm -- don't ask: why?\n)"), []),
    ],
)
def test_what_a_database_understands_is_a_mapping(database, tmp_path, relation, statements):
    with firms(database, tmp_path, *statements) as join, join(relation) as work:
        assert used(work) == "Alpha"
        assert work.contacts.matching(il.ContactFilter()) == ["7"]


def test_a_kind_may_be_any_expression_of_whole_numbers(tmp_path):
    with firms("sqlite", tmp_path, flag=False) as join, join(firm(type="NOT flag")) as work:
        assert work.contacts.get("7").type is il.ContactType.PERSON


@DATABASES
def test_a_table_may_be_named_with_its_schema(database, tmp_path):
    schema = "public" if database == "postgresql" else "main"
    relation = firm(table=f"{schema}.firm")
    with firms(database, tmp_path) as join, join(relation) as work:
        assert used(work) == "Alpha"


@DATABASES
def test_a_key_of_two_columns_is_one_expression_and_half_of_it_is_refused(database, tmp_path):
    made = [
        "CREATE TABLE unit (firm integer, nr integer, title text, PRIMARY KEY (firm, nr))",
        "INSERT INTO unit VALUES (1, 7, 'Alpha'), (2, 7, 'Beta')",
    ]
    with firms(database, tmp_path, *made) as join:
        opening = join(il.ContactRelation("unit", no=il.IntegerKey("nr"), name="title"))
        with pytest.raises(il.UsageError, match="no='nr' has '7' more than once"):
            opening.__enter__()
        with join(il.ContactRelation("unit", no="firm || '-' || nr", name="title")) as work:
            assert used(work, "2-7") == "Beta"


@DATABASES
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("8, 'beta', NULL", "no='title' has the key 'beta'"),
        ("8, 'BETA', 3", "type='number' gives 3"),
    ],
)
def test_what_the_host_wrote_since_then_is_found_by_a_check(database, tmp_path, values, words):
    relation = firm(no="title", type="number")
    with firms(database, tmp_path, title="ALPHA", number=0) as join, join(relation) as work:
        assert not any("firm" in fault.message for fault in check_integrity(work))
        work.session.connection.execute(f"INSERT INTO firm (id, title, number) VALUES ({values})")  # noqa: S608
        assert any(words in fault.message for fault in check_integrity(work))


TOO_LARGE = "abs(-9223372036854775807 - number)"  # where the number is 1, not where it is 0
SELECTED = f"SELECT id, {TOO_LARGE} AS title FROM firm"  # noqa: S608


@DATABASES
@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (firm(name=TOO_LARGE), "ContactRelation.* name='abs"),
        (firm(company_no=TOO_LARGE), "ContactRelation.* company_no='abs"),
        (firm(table=f"({SELECTED})"), "name='title'"),
        (firm(table="seen"), "name='title'"),
        (member(code=TOO_LARGE), "MembershipRelation.* code='abs"),
        (address(city=TOO_LARGE), "AlternativeAddressRelation.* city='abs"),
    ],
)
def test_an_expression_that_fails_for_a_row_is_named_at_once(database, tmp_path, relation, words):
    view = f"CREATE VIEW seen AS {SELECTED}"
    with firms(database, tmp_path, view, number=1) as join:
        opening = join(relation)
        with pytest.raises(il.UsageError, match=f"{words}.* cannot be read"):
            opening.__enter__()
    with firms(database, tmp_path, view, number=0) as join, join(relation) as work:
        assert work.contacts.matching(il.ContactFilter()) == ["7"]


MEMBERS = il.MembershipRelation("tag", contact_no="firm", kind="MAILING_GROUP", code="word")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: firm(memberships=MEMBERS), "memberships must be a list of MembershipRelation"),
        (lambda: firm(memberships=["tag"]), "memberships must be a list of MembershipRelation"),
        (lambda: firm(memberships=None), "memberships must be a list of MembershipRelation"),
        (lambda: firm(addresses=MEMBERS), "addresses must be an AlternativeAddressRelation"),
        (lambda: member(kind="GROUP"), "kind must be a MembershipKind, not 'GROUP'"),
        (lambda: member(kind=1), "kind must be a MembershipKind, not 1"),
    ],
)
def test_a_part_of_another_kind_is_refused_where_it_is_given(made, words):
    with pytest.raises(il.UsageError, match=words):
        made()


@pytest.mark.parametrize("given", ["crm_customer", 5, [], object(), MEMBERS])
@pytest.mark.parametrize("name", ["contacts", "salespeople", "users", "consents"])
def test_a_store_refuses_what_answers_no_question_about_its_records(tmp_path, name, given):
    with pytest.raises(il.UsageError, match=f"^{name}=.*Relation or a directory"):
        il.HostStore(**{name: given})
    connection = sqlite3.connect(empty_database(tmp_path), isolation_level=None)
    connection.execute("BEGIN")
    host = il.HostStore(**{name: lambda _: given})
    with pytest.raises(il.UsageError, match=f"^{name}=.*Relation or a directory"):
        host.join(connection, user_id="HELENA").__enter__()
    connection.close()


@DATABASES
def test_rows_without_key_are_no_contacts(database, tmp_path):
    made = [
        "CREATE TABLE loose (id integer, title text)",
        "INSERT INTO loose VALUES (NULL, 'Nobody'), (NULL, 'Nobody'), (7, 'Alpha')",
    ]
    with firms(database, tmp_path, *made) as join, join(firm(table="loose")) as work:
        assert work.contacts.matching(il.ContactFilter()) == ["7"]
        assert used(work) == "Alpha"


@pytest.mark.parametrize(
    ("database", "made", "key"),
    [
        ("sqlite", "CREATE TABLE odd AS SELECT NULL AS word, 1 AS id", "coalesce(word, id)"),
        ("sqlite", "CREATE TABLE odd AS SELECT CAST('2' AS text) AS id", il.IntegerKey("+id")),
        ("sqlite", "CREATE TABLE odd AS SELECT x'41' AS id", "id"),
        ("sqlite", "CREATE TABLE odd AS SELECT 2.5 AS id", il.IntegerKey("id")),
        *(
            pytest.param("postgresql", f"CREATE TABLE odd AS SELECT {given} AS id", key)
            for given, key in [
                ("1::numeric(10, 2)", il.IntegerKey("id")),
                ("2.5::float", il.IntegerKey("id")),
                ("1e20::numeric", il.IntegerKey("id")),
                ("1e20::float", il.IntegerKey("id")),
            ]
        ),
    ],
)
def test_a_key_that_leads_nowhere_is_refused(database, made, key, tmp_path):
    if database == "postgresql" and not WANTED:
        pytest.skip(HOW_TO_START)
    with firms(database, tmp_path, made) as join:
        opening = join(il.ContactRelation("odd", no=key))
        with pytest.raises(il.UsageError, match=r"no='.*' has the key|no='.*' cannot be read"):
            opening.__enter__()


@DATABASES
@pytest.mark.parametrize(
    ("key", "fits", "other"),
    [
        (il.IntegerKey("id"), "id", "'' || id"),
        (il.TextKey("word"), "word", "id + 0"),
        ("upper(word)", "upper(word)", "number + 0"),
    ],
)
@pytest.mark.parametrize("kind", ["MembershipRelation", "AlternativeAddress", "ConsentRelation"])
def test_a_reference_of_another_type_than_the_key_is_refused(
    database, tmp_path, kind, key, fits, other
):
    group = {"kind": il.MembershipKind.MAILING_GROUP, "code": "word"}
    with firms(database, tmp_path, word="a", number=7) as join:
        for column in (fits, other):
            consents = il.ports.ConsentRelation("firm", contact_no=column, given="flag")
            members = il.MembershipRelation("firm", contact_no=column, **group)
            used = il.ports.AlternativeAddressRelation("firm", contact_no=column, code="word")
            given = {"memberships": [members] if kind == "MembershipRelation" else []}
            given["addresses"] = used if kind == "AlternativeAddress" else None
            more = {"consents": consents} if kind == "ConsentRelation" else {}
            opening = join(firm(no=key, **given), **more)
            if column == fits:
                with opening as work:
                    assert work.contacts.matching(il.ContactFilter())
            else:
                with pytest.raises(il.UsageError, match=f"{kind}.*contact_no="):
                    opening.__enter__()


@DATABASES
@pytest.mark.parametrize("word", ["acme-x", "Acme", "a", "X" * 37, "\u200bA"])
def test_a_company_that_can_be_no_number_is_refused(database, tmp_path, word):
    """It is written to the log, and there two forms of one number would be two companies."""
    with firms(database, tmp_path, word=word) as join:
        opening = join(firm(company_no="word"))
        with pytest.raises(il.UsageError, match=r"company_no='word' gives .* number of a company"):
            opening.__enter__()


@DATABASES
def test_only_companies_that_are_written_to_the_log_are_looked_at(database, tmp_path):
    """A company is its own one where types are told, blank is none, and no key is no contact."""
    made = "CREATE TABLE party (id text, company text, kind integer)"
    rows = "('A1', 'x-legacy', 0), ('A2', ' A1 ', 1), ('A3', ' ', 1), (NULL, 'x-legacy', 1)"
    relation = il.ContactRelation("party", no="id", company_no="company", type="kind")
    given = firms(database, tmp_path, made, f"INSERT INTO party VALUES {rows}")  # noqa: S608
    with given as join, join(relation) as work:
        found = {no: each.company_no for no, each in work.contacts.many(["A1", "A2", "A3"]).items()}
        assert found == {"A1": "A1", "A2": "A1", "A3": None}


def test_a_uuid_of_nothing_is_no_company(tmp_path):
    uuid = "6f1ed002ab594f3a9c110242ac120002"
    made = "CREATE TABLE party (id text, company text)"
    rows = f"INSERT INTO party VALUES ('{uuid}', '')"  # noqa: S608
    relation = il.ContactRelation("party", no=il.UuidKey("id"), company_no="company")
    with firms("sqlite", tmp_path, made, rows) as join, join(relation) as work:
        (no,) = work.contacts.matching(il.ContactFilter())
        assert work.contacts.get(no).company_no is None


@DATABASES
@pytest.mark.parametrize("word", ["ACME-X", "", None, "7", "6f1ed002-ab59-4f3a-9c11-0242ac120002"])
def test_a_company_is_the_same_by_segment_and_by_hand(database, tmp_path, word):
    called = {"interaction_template_code": "LETTER", "salesperson_code": "HR"}
    with firms(database, tmp_path, word=word) as join, join(firm(company_no="word")) as work:
        add_basics(work)
        il.SegmentService(work).create("x", no="S1", **called)
        il.ContactSelection(work, "S1").add(all_contacts=True)
        il.SegmentLogger(work).log("S1")
        calls = il.InteractionService(work)
        calls.finish(calls.start("7", description="x", **called))
        companies = {each.contact_company_no for each in work.interactions.newest(il.LogFilter())}
        assert companies == {work.contacts.get("7").company_no}
        assert not [each for each in check_integrity(work) if each.broken]


@DATABASES
@pytest.mark.parametrize(
    "table", ["matched", "asked", "chosen", "known_salespeople", "line", "each"]
)
def test_a_table_may_have_a_name_that_statements_use(database, tmp_path, table):
    person = "INSERT INTO firm (id, word) VALUES (8, '7')"
    renamed = f'ALTER TABLE firm RENAME TO "{table}"'
    company_no = "coalesce(word, CAST(id AS text))"
    given = firms(database, tmp_path, person, renamed)
    with given as join, join(firm(f'"{table}"', company_no=company_no)) as work:
        asked, wider = il.ContactFilter(nos={"7"}), {"persons_of_matched_companies": True}
        assert work.contacts.matching(asked, widening=il.Widening(**wider)) == ["7", "8"]
        add_basics(work)
        il.SegmentService(work).create(
            "x", no="S1", interaction_template_code="LETTER", salesperson_code="HR"
        )
        selection = il.ContactSelection(work, "S1")
        assert selection.add(asked, **wider).lines_added == 2
        assert selection.reduce(il.ContactFilter(nos={"8"})).lines_removed == 1
        assert il.SegmentLogger(work).log("S1").counts == {"log": 1}


@DATABASES
def test_a_code_that_is_none_is_a_salesperson_that_nobody_knows(database, tmp_path):
    agents = ["helena.raymond@example.com", "H\u200bR", "HR"]
    rows = ", ".join(f"({no}, '{agent}')" for no, agent in enumerate(agents, 8))
    given = firms(database, tmp_path, f"INSERT INTO firm (id, word) VALUES {rows}", word="HR")  # noqa: S608
    with given as join, join(firm(salesperson_code="word")) as work:
        add_basics(work)
        il.SegmentService(work).create("x", no="S1", interaction_template_code="LETTER")
        il.ContactSelection(work, "S1").add(all_contacts=True)
        policy = il.LoggingPolicy(invalid=il.Treatment.LEAVE_OUT)
        plan = il.SegmentLogger(work).plan("S1", policy=policy)
        assert plan.counts.reasons == {"unknown-salesperson": 2}
        logged = il.SegmentLogger(work).log("S1", plan=plan)
        assert (logged.counts["log"], logged.counts["leave-out"]) == (2, 2)


@DATABASES
def test_a_key_that_is_there_twice_is_refused_among_many(database, tmp_path):
    made = "CREATE TABLE many (id integer, name text)"
    many = ", ".join(f"({no}, 'x')" for no in (*range(1, 12_001), 12_000))
    with firms(database, tmp_path, made, f"INSERT INTO many VALUES {many}") as join:  # noqa: S608
        opening = join(il.ContactRelation("many", no=il.IntegerKey("id")))
        with pytest.raises(il.UsageError, match="has '12000' more than once"):
            opening.__enter__()


def test_what_a_host_says_is_looked_at_in_each_database(tmp_path):
    host = il.HostStore(contacts=il.ContactRelation("firm", no="code"))
    for name, code in (("one", "A"), ("two", "a"), ("one", "A")):
        fresh = not (tmp_path / f"{name}.db").exists()
        connection = sqlite3.connect(tmp_path / f"{name}.db", isolation_level=None)
        with closing(connection):
            if fresh:
                connection.execute("BEGIN")
                connection.execute("CREATE TABLE firm (code TEXT)")
                connection.execute("INSERT INTO firm VALUES (?)", [code])
                host.migrate(connection)
                connection.execute("COMMIT")
            connection.execute("BEGIN")
            opening = host.join(connection, user_id="HELENA")
            if code == "A":
                with opening as work:
                    assert work.contacts.matching(il.ContactFilter()) == ["A"]
            else:
                with pytest.raises(il.UsageError, match="has the key 'a'"):
                    opening.__enter__()


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
@pytest.mark.parametrize("collation", ["default", "C", "en-x-icu", "de-x-icu"])
def test_texts_go_by_code_point_whatever_the_order_of_the_column(tmp_path, collation):
    cities = {"1": "Zed", "2": "abel", "3": "Bonn", "4": "\u00c4sch"}
    rows = ", ".join(f"({no}, '{city}')" for no, city in cities.items())
    made = f'CREATE TABLE town (id int, city text COLLATE "{collation}")'
    relation = il.ContactRelation("town", no=il.IntegerKey("id"), city="city")
    given = firms("postgresql", tmp_path, made, f"INSERT INTO town VALUES {rows}")  # noqa: S608
    with given as join, join(relation) as work:
        for bounds in ({"at_least": "a"}, {"at_most": "a"}, {"at_least": "B", "at_most": "Z"}):
            asked = il.Condition(**bounds)
            expected = [no for no, city in cities.items() if asked.holds(city)]
            assert work.contacts.matching(il.ContactFilter(where={"city": asked})) == expected


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
def test_every_text_of_the_library_goes_by_code_point_on_postgresql():
    """Also in a database whose own order is another one."""
    import psycopg

    with psycopg.connect(own_database()) as connection:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'joined' AND table_name LIKE 'interactionlog%%'"
            " AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        ).fetchall()
    held = {
        (f"interactionlog_{table.name}", each.name)
        for table in ALL
        for each in columns_of(table)
        if each.kind is Kind.TEXT
    }
    assert held.intersection(found) == set()


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
def test_a_pipeline_is_not_joined():
    """No statement says in it how many rows it changed."""
    import psycopg

    with psycopg.connect(own_database()) as connection:
        host = il.HostStore(schema="joined")
        with connection.pipeline():
            connection.execute("SELECT 1")
            with pytest.raises(il.UsageError, match="pipeline"):
                host.join(connection, user_id="HELENA").__enter__()


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
def test_a_pipeline_that_is_opened_inside_the_block_is_refused_by_each_statement():
    """A key that is taken, and a record that is not there, would be told by none."""
    import psycopg

    with psycopg.connect(own_database()) as connection:
        with il.HostStore(schema="joined").join(connection, user_id="HELENA") as work:
            work.salespeople.put(il.Salesperson(code="HR"))
            for attempt in (
                lambda: work.salespeople.add(il.Salesperson(code="HR")),
                lambda: work.salespeople.set("NOBODY", name="Nobody"),
                lambda: work.salespeople.find("HR"),
                lambda: work.atomic().__enter__(),
            ):
                with pytest.raises(il.UsageError, match="pipeline"), connection.pipeline():
                    attempt()
            assert work.salespeople.get("HR").name == ""
        connection.rollback()


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
def test_a_connection_within_a_statement_is_not_joined():
    """A stream keeps the lock of the connection, for which the next statement waits for ever."""
    import psycopg

    with psycopg.connect(own_database()) as connection:
        rows = connection.cursor().stream("SELECT generate_series(1, 9)")
        next(rows)
        with pytest.raises(il.UsageError, match="within a statement"):
            il.HostStore(schema="joined").join(connection, user_id="HELENA").__enter__()
        assert len(list(rows)) == 8


@contextmanager
def two_connections(database, tmp_path):
    """Give two connections to one database in which a table of firms is committed."""
    made = "CREATE TABLE kept_firm (id integer PRIMARY KEY, title text)"
    if database == "postgresql":
        import psycopg

        with psycopg.connect(own_database(), options="-c lock_timeout=1") as one:
            one.execute(made)
            one.commit()
            try:
                with psycopg.connect(own_database()) as other:
                    yield one, other
            finally:
                one.rollback()
                one.execute("DROP TABLE kept_firm")
        return
    place = empty_database(tmp_path)
    with (
        closing(sqlite3.connect(place, isolation_level=None, timeout=0)) as one,
        closing(sqlite3.connect(place, isolation_level=None)) as other,
    ):
        one.execute("PRAGMA journal_mode = DELETE")  # in which a writer keeps readers out
        one.execute(made)
        one.execute("BEGIN")
        yield one, other


@DATABASES
def test_a_lock_says_nothing_of_what_the_host_says(database, tmp_path):
    """It is the driver's error, by which the host repeats its transaction."""
    contacts = [None]
    on_postgresql = database == "postgresql"
    host = il.HostStore(contacts=lambda _: contacts[-1], schema="joined" if on_postgresql else None)
    lock = "BEGIN EXCLUSIVE"
    if on_postgresql:
        lock = "LOCK TABLE kept_firm IN ACCESS EXCLUSIVE MODE"
    with two_connections(database, tmp_path) as (one, other):
        with host.join(one, user_id="HELENA"):  # that there are the library's tables is known
            pass
        one.rollback()
        other.execute(lock)
        contacts.append(firm("kept_firm"))
        for _ in range(2):
            if not on_postgresql:
                one.execute("BEGIN")
            with pytest.raises(Exception, match="lock") as caught:
                host.join(one, user_id="HELENA").__enter__()
            assert type(caught.value).__name__ in {"OperationalError", "LockNotAvailable"}
            one.rollback()
        other.rollback()
        if not on_postgresql:
            one.execute("BEGIN")
        with host.join(one, user_id="HELENA") as work:
            assert work.contacts.matching(il.ContactFilter()) == []


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
@pytest.mark.parametrize("strict", ["on", "off"])
@pytest.mark.parametrize("tenant", ["B\\", "B\\'", "B' OR true --", "{prefix}%s\\\\"])
def test_a_tenant_is_one_whatever_its_signs_mean_to_the_connection(tmp_path, strict, tenant):
    with firms("postgresql", tmp_path, f"SET standard_conforming_strings = {strict}") as join:
        with join(firm()) as work:
            connection = work.session.connection
        store = il.HostStore(tenant=tenant, contacts=firm(), schema="joined")
        with store.join(connection, user_id="HELENA") as work:
            assert used(work) == "Alpha"
