"""Mapped classes of SQLAlchemy as contacts, the tables to read, and the revisions of Alembic."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import types
import uuid
from decimal import Decimal
from pathlib import Path

import pytest

import interactionlog as il
from embedding import parties
from interactionlog.testing.builders import add_segment
from interactionlog.testing.contracts.contacts import (
    INTERACTIONS,
    ContactDirectoryContract,
)
from interactionlog.values import evolved
from postgres import HOW_TO_START, WANTED, new_tenant, own_database, temporary_database
from stores import adapters, empty_database

sa = pytest.importorskip("sqlalchemy")
orm = pytest.importorskip("sqlalchemy.orm")
pytest.importorskip("alembic")

from interactionlog.contrib.sqlalchemy import (  # noqa: E402
    MappedAddresses,
    MappedContacts,
    MappedMemberships,
    MappedSalespeople,
    MappedUsers,
    tables,
)


class Base(orm.DeclarativeBase):
    pass


class Party(Base):
    __tablename__ = "party"

    id = orm.mapped_column(sa.Uuid, primary_key=True)
    kind = orm.mapped_column(sa.Integer)
    company = orm.mapped_column(sa.Uuid)
    name = orm.mapped_column(sa.Text)
    company_name = orm.mapped_column(sa.Text)
    territory = orm.mapped_column(sa.Text)
    country = orm.mapped_column(sa.Text)
    agent = orm.mapped_column(sa.Text)
    language = orm.mapped_column(sa.Text)
    correspondence = orm.mapped_column(sa.Integer)
    email = orm.mapped_column(sa.Text)
    opted_out = orm.mapped_column(sa.Boolean)
    excluded = orm.mapped_column(sa.Boolean)


GROUP = sa.table(
    "party_group", *map(sa.column, ("party", "kind", "code", "line", "account", "account_no"))
)
ADDRESS = sa.table("party_address", *map(sa.column, ("party", "code", "email")))
PERIOD = sa.table("party_address_period", *map(sa.column, ("party", "code", "first", "last")))
AGENT = sa.table("agent", *map(sa.column, ("code", "name", "email", "inactive")))
ACCOUNT = sa.table("account", *map(sa.column, ("login", "name", "agent")))
CONTACTS = MappedContacts(
    Party,
    no=Party.id,
    type=Party.kind,
    name=Party.name,
    company_no=Party.company,
    company_name=Party.company_name,
    territory_code=Party.territory,
    country_code=sa.func.lower(Party.country),
    salesperson_code=Party.agent,
    language_code=Party.language,
    correspondence_type=Party.correspondence,
    city="",
    e_mail=sa.case((Party.email.like("%@%"), Party.email), else_=""),
    privacy_blocked=Party.opted_out,
    exclude_from_segment=Party.excluded,
    memberships=[
        MappedMemberships(
            sa.select(GROUP).where(GROUP.c.kind == kind.value),
            contact_no=GROUP.c.party,
            kind=kind,
            code=GROUP.c.code,
            line_no=GROUP.c.line,
            link_to_table=GROUP.c.account,
            linked_no=GROUP.c.account_no,
        )
        for kind in il.MembershipKind
    ],
    addresses=MappedAddresses(
        sa.select(PERIOD).outerjoin(
            ADDRESS, sa.and_(ADDRESS.c.party == PERIOD.c.party, ADDRESS.c.code == PERIOD.c.code)
        ),
        contact_no=PERIOD.c.party,
        code=PERIOD.c.code,
        e_mail=ADDRESS.c.email,
        starting_date=PERIOD.c.first,
        ending_date=PERIOD.c.last,
    ),
)


def engine_of(database, folder):
    if database == "postgresql":
        url = sa.engine.make_url("postgresql+psycopg://")
        import psycopg

        return sa.create_engine(url, creator=lambda: psycopg.connect(own_database()))
    engine = sa.create_engine(f"sqlite:///{empty_database(folder)}")

    @sa.event.listens_for(engine, "connect")
    def leave_transactions_to_us(connection, record):
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@pytest.fixture(scope="module", params=adapters("sqlite", "postgresql"))
def joined(request, tmp_path_factory):
    """Give a session over parties and a unit of work in its transaction, which is rolled back."""
    engine = engine_of(request.param, tmp_path_factory.mktemp("host"))
    on_postgresql = request.param == "postgresql"
    host = il.HostStore(
        tenant=new_tenant(),
        schema="joined" if on_postgresql else None,
        contacts=CONTACTS,
        salespeople=MappedSalespeople(AGENT, code=AGENT.c.code, name=AGENT.c.name),
        users=MappedUsers(ACCOUNT, user_id=ACCOUNT.c.login, full_name=ACCOUNT.c.name),
    )
    with orm.Session(engine) as session:
        connection = session.connection().connection.driver_connection
        parties.create(connection.execute, "uuid", postgresql=on_postgresql)
        with host.join(session, user_id="HELENA") as work:
            for entry in INTERACTIONS:
                no = parties.NUMBERS["uuid"][entry.contact_no]
                work.interactions.add(
                    evolved(entry, {"contact_no": no, "cost_lcy": Decimal("7.25")})
                )
            yield session, work
        session.rollback()
    engine.dispose()


class TestMappedContacts(ContactDirectoryContract):
    numbers, absent = parties.NUMBERS["uuid"], parties.ABSENT

    @pytest.fixture
    def directory(self, joined):
        return joined[1].contacts


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
def test_the_page_runs_on_postgresql_as_well():
    page = Path(__file__).parents[2] / "docs" / "how-to" / "join-sqlalchemy.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    text = "".join(block for block in blocks if "event.listens_for" not in block)
    text = "from __future__ import annotations\n" + text
    assert text.count("sqlite:///erp.db") == 1
    with temporary_database(f"page_{uuid.uuid4().hex[:8]}") as place:
        from psycopg.conninfo import conninfo_to_dict

        parts = conninfo_to_dict(place)
        where = sa.engine.URL.create(
            "postgresql+psycopg", parts.get("user"), None, parts.get("host"),
            int(parts.get("port", 5432)), parts["dbname"],
        )  # fmt: skip
        text = text.replace("sqlite:///erp.db", where.render_as_string(hide_password=False))
        module = types.ModuleType("erp")
        sys.modules["erp"] = module
        try:
            exec(compile(text, str(page), "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        finally:
            del sys.modules["erp"]
            module.__dict__["engine"].dispose()


@pytest.mark.parametrize("database", adapters("sqlite", "postgresql"))
def test_a_mapped_key_may_be_text_in_lower_case(database, tmp_path):
    engine = engine_of(database, tmp_path)
    firm = sa.Table("firm", sa.MetaData(), sa.Column("slug", sa.Text), sa.Column("name", sa.Text))
    contacts = MappedContacts(firm, no=il.TextKey(firm.c.slug), name=firm.c.name)
    schema = "joined" if database == "postgresql" else None
    with orm.Session(engine) as session:
        firm.create(session.connection())
        session.execute(sa.insert(firm), [{"slug": "beta-7", "name": "Beta"}])
        with il.HostStore(contacts=contacts, schema=schema).join(session, user_id="HR") as work:
            assert work.contacts.get("beta-7").no == "BETA-7"
        session.rollback()
    engine.dispose()


def test_a_mapped_table_is_not_read_where_its_schema_is_translated():
    """The text of the relation names the table as it is mapped: another one may have that name."""
    translated = {"schema_translate_map": {None: "other"}}
    engine = sa.create_engine("sqlite://", execution_options=translated)
    plain = sa.create_engine("sqlite://")
    with orm.Session(engine) as session, orm.Session(plain) as late, engine.connect() as connection:
        late.connection(execution_options=translated)
        for joined in (session, late, connection):
            with pytest.raises(il.UsageError, match="schema_translate_map"):
                CONTACTS(joined)


def test_mapped_salespeople_and_users_are_found(joined):
    work = joined[1]
    assert work.salespeople.find("hr").name == "Helena Ray"
    assert work.users.find("Helena").full_name == "Helena Ray"


def test_tables_are_read_with_types_and_joined_to_the_host(joined):
    session, work = joined
    schema = "joined" if session.get_bind().dialect.name == "postgresql" else None
    entry = tables(schema=schema).tables[
        "joined.interactionlog_log_entry" if schema else "interactionlog_log_entry"
    ]
    own = sa.select(sa.func.sum(entry.c.cost_lcy), sa.func.count()).where(
        entry.c.tenant == work.tenant
    )
    assert session.execute(own).one() == (Decimal(29), 4)
    row = session.execute(
        sa.select(entry.c.date, entry.c.recorded_at, entry.c.evaluation).where(
            entry.c.tenant == work.tenant, entry.c.evaluation == il.Evaluation.POSITIVE
        )
    ).one()
    assert (row.date, row.evaluation) == (INTERACTIONS[1].date, il.Evaluation.POSITIVE)
    assert row.recorded_at == INTERACTIONS[1].recorded_at


def test_an_amount_is_one_in_every_expression(joined):
    session, work = joined
    schema = "joined" if session.get_bind().dialect.name == "postgresql" else None
    entry = next(
        each for each in tables(schema=schema).sorted_tables if each.name.endswith("log_entry")
    )

    class Entry:
        pass

    orm.registry().map_imperatively(Entry, entry)
    cost, other = entry.c.cost_lcy, orm.aliased(Entry)
    taken = sa.select(cost, entry.c.tenant).subquery()
    again = sa.select(sa.union_all(sa.select(taken), sa.select(taken)).subquery()).cte()
    aliased = entry.alias()
    several = [
        (sa.func.avg(cost), entry.c.tenant),
        (sa.func.max(cost * 2) / 2, entry.c.tenant),
        (sa.func.max(cost + Decimal("0.5")) - Decimal("0.5"), entry.c.tenant),
        (sa.func.avg(aliased.c.cost_lcy), aliased.c.tenant),
        (sa.func.avg(taken.c.cost_lcy), taken.c.tenant),
        (sa.func.max(again.c.cost_lcy), again.c.tenant),
        (sa.func.avg(other.cost_lcy), other.tenant),
        (sa.func.coalesce(sa.func.max(cost), 0), entry.c.tenant),
    ]
    for amount, tenant in several:
        found = session.execute(sa.select(amount).where(tenant == work.tenant)).scalar_one()
        assert round(Decimal(found), 5) == Decimal("7.25"), str(amount)
    own = sa.select(sa.func.count()).where(entry.c.tenant == work.tenant)
    for condition in (cost == Decimal("7.25"), cost * 2 > 14, cost.in_([Decimal("7.25")])):
        assert session.execute(own.where(condition)).scalar_one() == 4, str(condition)


def test_a_key_of_another_database_is_refused():
    with pytest.raises(il.UsageError, match="mysql is not supported"):
        CONTACTS.on("mysql")
    with pytest.raises(il.UsageError, match="session or a connection of SQLAlchemy"):
        CONTACTS(object())


def of_groups(*groups, source=Party):
    return MappedContacts(source, no=Party.id, memberships=groups)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize("key", [il.IntegerKey, il.UuidKey, il.TextKey])
def test_a_key_of_a_type_of_ones_own_says_what_it_is(dialect, key):
    class Own(sa.types.TypeDecorator):
        impl = sa.CHAR
        cache_ok = True

    table = sa.table("party", sa.column("id", Own), sa.column("name", sa.Text))
    relation = MappedContacts(table, no=key(table.c.id), name=table.c.name).on(dialect)
    assert relation.given["no"] == key("no")


@pytest.mark.parametrize(("impl", "key"), [(sa.Integer, il.IntegerKey), (sa.Uuid, il.UuidKey)])
def test_a_decorated_type_of_a_key_is_recognised_by_what_the_database_has(impl, key):
    class Own(sa.types.TypeDecorator):
        impl = sa.CHAR
        cache_ok = True

        def load_dialect_impl(self, dialect):
            return dialect.type_descriptor(kind())

    kind = impl
    table = sa.table("party", sa.column("id", Own))
    assert MappedContacts(table, no=table.c.id).on("postgresql").given["no"] == key("no")


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (lambda: MappedContacts("party", no=Party.id), "MappedContacts: .*'party'"),
        (lambda: MappedContacts(Party(), no=Party.id), "MappedContacts: FROM expression"),
        (lambda: MappedContacts(Party, no=Party), "MappedContacts: "),
        (lambda: MappedContacts(Party, no=None), "MappedContacts: no must be"),
        (
            lambda: of_groups(source=sa.select(Party).where(Party.name == sa.bindparam("called"))),
            "the parameter called has no value",
        ),
        (
            lambda: of_groups(source=sa.select(Party).where(sa.text("name = :called"))),
            "the parameter called has no value",
        ),
        (lambda: of_groups("party"), "memberships must be a list of MappedMemberships"),
        (
            lambda: of_groups(
                MappedMemberships(Party, contact_no=Party.id, kind="GROUP", code=Party.name)
            ),
            "kind must be a MembershipKind",
        ),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_cannot_be_mapped_is_refused_in_one_line(dialect, mapping, words):
    with pytest.raises(il.UsageError, match=words) as caught:
        mapping().on(dialect)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("module", ["sqlalchemy", "alembic"])
def test_each_part_for_a_host_is_imported_alone(module):
    code = f"import interactionlog.contrib.{module}"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_percent_sign_of_a_mapped_expression_stays_one():
    assert "'%@%'" in CONTACTS.on("postgresql").table


REVISION = """
from alembic import op
from interactionlog.contrib import alembic

revision, down_revision = "1", None


def upgrade():
    alembic.upgrade(op)


def downgrade():
    alembic.downgrade(op)
"""


def alembic(folder, name, *arguments, **options):
    from alembic import command, config

    written = io.StringIO()
    settings = config.Config(folder / "alembic.ini", output_buffer=written, stdout=io.StringIO())
    settings.set_main_option("script_location", str(folder / "migrations"))
    getattr(command, name)(settings, *arguments, **options)
    return written.getvalue()


@pytest.fixture(params=adapters("sqlite", "postgresql"))
def project(request, tmp_path):
    """Give a project as ``alembic init`` writes it, with a table of its own and one revision."""
    alembic(tmp_path, "init", str(tmp_path / "migrations"))
    env = tmp_path / "migrations" / "env.py"
    text = env.read_text().replace("fileConfig(config.config_file_name)", "pass")  # no logging
    text = text.replace(
        "target_metadata = None",
        "import sqlalchemy as sa\n"
        "from interactionlog.contrib.alembic import include_name\n"
        "target_metadata = sa.MetaData()\n"
        "sa.Table('customer', target_metadata, sa.Column('id', sa.Integer, primary_key=True))",
    )
    own = "include_name=include_name(lambda name, kind, parents: name != 'audit'),"
    assert text.count("target_metadata=target_metadata") == 2
    text = text.replace(
        "target_metadata=target_metadata,", f"target_metadata=target_metadata, {own}"
    )
    text = text.replace(
        "target_metadata=target_metadata\n", f"target_metadata=target_metadata, {own}\n"
    )
    env.write_text(text)
    (tmp_path / "migrations" / "versions" / "1.py").write_text(REVISION)

    def use(url):
        ini = tmp_path / "alembic.ini"
        ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", url))
        return tmp_path, url

    if request.param == "sqlite":
        yield use(f"sqlite:///{tmp_path / 'erp.db'}")
        return
    with temporary_database(f"alembic_{uuid.uuid4().hex[:8]}") as place:
        from psycopg.conninfo import conninfo_to_dict

        parts = conninfo_to_dict(place)
        port = parts.get("port", 5432)
        host = parts.get("host", "")
        yield use(
            f"postgresql+psycopg://{parts.get('user', '')}@/{parts['dbname']}?host={host}&port={port}"
        )


def test_a_revision_makes_the_tables_and_autogenerate_drops_none(project):
    folder, url = project
    alembic(folder, "upgrade", "head")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE audit (id integer)"))
        raw = connection.connection.driver_connection
        if url.startswith("sqlite"):
            raw.isolation_level = None
            raw.execute("BEGIN") if not raw.in_transaction else None
        with il.HostStore().join(raw, user_id="HELENA") as work:
            add_segment(work, "SM1", ["CT1"])
            assert il.SegmentLogger(work).log("SM1").segment_no == "SM1"

    alembic(folder, "revision", "customers", autogenerate=True)

    (written,) = (folder / "migrations" / "versions").glob("*_customers.py")
    assert "create_table('customer'" in written.read_text()
    assert "interactionlog" not in written.read_text()
    assert "audit" not in written.read_text()
    assert "drop_table" not in written.read_text().partition("def downgrade")[0]
    alembic(folder, "downgrade", "base")
    assert {name for name in sa.inspect(engine).get_table_names() if "log" in name} == set()
    engine.dispose()


def test_a_revision_is_written_as_sql_and_that_makes_the_tables(project, tmp_path):
    folder, url = project
    text = alembic(folder, "upgrade", "head", sql=True)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        raw = connection.connection.driver_connection
        if url.startswith("sqlite"):
            raw.executescript(text)
        else:
            raw.commit()
            raw.execute(text)
    with engine.begin() as connection:
        raw = connection.connection.driver_connection
        if url.startswith("sqlite"):
            raw.isolation_level = None
            raw.execute("BEGIN")
        assert il.HostStore().migrate(raw) == []
    engine.dispose()


def test_the_library_itself_imports_no_framework():
    code = "import interactionlog.cli.main, interactionlog.adapters.host, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"sqlalchemy", "alembic", "django"}.isdisjoint(run.stdout.split())
    assert Path(il.__file__).parent.joinpath("contrib").is_dir()
