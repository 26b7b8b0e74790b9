"""The app in a Django project: units of work, migrations, models to read, checks, tests in memory."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command, load_command_class
from django.db import DatabaseError, connections, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

import interactionlog as il
from embedding import django_site
from interactionlog.adapters.sql.schema import NEWEST
from interactionlog.adapters.tables import ALL
from interactionlog.contrib.django import committed, in_memory, work
from interactionlog.contrib.django.models import MODELS
from interactionlog.testing import a_template, add_basics

HELENA = SimpleNamespace(user=SimpleNamespace(get_username=lambda: "helena"))
OWN = {"INTERACTIONLOG_CONTACTS": None, "INTERACTIONLOG_SALESPEOPLE": None}
CLOCK = il.FixedClock("2026-01-26T09:30")


@pytest.fixture(params=django_site.SITES)
def site(request, tmp_path):
    with (
        override_settings(**OWN, INTERACTIONLOG_CLOCK=CLOCK),
        django_site.site(request.param, tmp_path) as connection,
    ):
        yield connection


def log_one(contact_no: str = "CT1") -> il.InteractionLogEntry:
    with work(HELENA) as unit:
        add_basics(unit)
        unit.templates.put(a_template("CALL", description="Call", unit_cost_lcy="12.34567"))
        unit.contacts.put(il.Contact(no=contact_no, company_no=contact_no, salesperson_code="HR"))
        interactions = il.InteractionService(unit)
        return interactions.finish(interactions.start(contact_no, interaction_template_code="CALL"))


def model(name):
    return MODELS[name]


def test_a_unit_of_work_is_committed_with_the_hosts_records(site):
    from django_example.crm.models import Tag

    with transaction.atomic():
        Tag.objects.create(code="VIP")
        entry = log_one()
    assert entry.user_id == "HELENA"
    with work(HELENA) as unit:
        assert il.InteractionLog(unit).timeline("CT1") == [entry]
    assert Tag.objects.count() == 1


def test_a_view_that_fails_leaves_nothing(site):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        log_one()
        _ = 1 / 0
    assert model("log_entry").objects.count() == 0


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_who_works_must_be_known(site):
    with pytest.raises(il.UsageError, match="user_id"), work():
        pass
    with override_settings(INTERACTIONLOG_USER=lambda request: request.user.get_username() + "-2"):
        assert log_one().user_id == "HELENA-2"


def test_events_are_told_after_the_commit_and_never_after_a_rollback(site):
    told = []

    def deliver(events, **_):
        told.extend(events)

    committed.connect(deliver)
    try:
        with transaction.atomic():
            log_one()
            assert told == []
        (event,) = told
        assert isinstance(event, il.events.InteractionLogged)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            log_one()
            _ = 1 / 0
        assert len(told) == 1
    finally:
        committed.disconnect(deliver)


def test_statements_are_shown_and_counted_by_django(site):
    log_one()
    with CaptureQueriesContext(site) as captured, work(HELENA) as unit:
        il.InteractionLog(unit).timeline("CT1")
    assert [query for query in captured.captured_queries if "log_entry" in query["sql"]]
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with work(HELENA) as unit, site.execute_wrapper(watch):
        il.InteractionLog(unit).timeline("CT1")
    assert [text for text in seen if "log_entry" in text]


def test_errors_of_the_driver_arrive_as_those_of_django(site):
    with pytest.raises(DatabaseError, match="nowhere"), work(HELENA) as unit:
        unit.session.cursor.execute("SELECT * FROM nowhere")
    with pytest.raises(il.DuplicateEntryError), work(HELENA) as unit:
        unit.campaigns.add(il.Campaign(no="CP1"))
        unit.campaigns.add(il.Campaign(no="CP1"))


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_tenants_share_the_tables_and_see_their_own_records(site):
    log_one()
    with override_settings(INTERACTIONLOG_TENANT="OTHER"):
        assert model("log_entry").objects.count() == 0
        log_one()
        log_one()
        assert model("log_entry").objects.count() == 2
    assert model("log_entry").objects.count() == 1


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_setting_that_is_none_is_not_the_word(site):
    with override_settings(INTERACTIONLOG_TENANT=None):
        log_one()
        assert model("log_entry").objects.get().tenant == ""
    named_by_nothing = override_settings(INTERACTIONLOG_USER=lambda request: None)
    refused = pytest.raises(il.UsageError, match="INTERACTIONLOG_USER")
    with named_by_nothing, refused, work(HELENA):
        pass
    nobody = SimpleNamespace(user=SimpleNamespace(get_username=lambda: None))
    with pytest.raises(il.UsageError, match="INTERACTIONLOG_USER"), work(nobody):
        pass


@pytest.mark.parametrize("kind", django_site.SITES)
def test_another_database_holds_the_tables(kind, tmp_path):
    with (
        django_site.site("sqlite", tmp_path),
        django_site.site(kind, tmp_path, "crm") as crm,
        override_settings(INTERACTIONLOG_DATABASE="crm", **OWN),
    ):
        log_one()
        assert model("log_entry").objects.using("crm").count() == 1
        assert model("log_entry").objects.using("default").count() == 0
        assert crm.alias == "crm"


def test_models_read_what_services_wrote(site):
    entry = log_one()
    found = model("log_entry").objects.get(pk=entry.entry_no)
    for name in ("contact_no", "date", "time_of_interaction", "cost_lcy", "recorded_at"):
        assert getattr(found, name) == getattr(entry, name), name
    assert str(found.cost_lcy) == "12.34567"
    entries = model("log_entry").objects
    assert entries.filter(cost_lcy="12.34567", recorded_at=entry.recorded_at).count() == 1
    assert entries.filter(cost_lcy__gt=13).count() == 0
    assert entries.filter(recorded_at__lt=entry.recorded_at).count() == 0
    from django.db.models import Sum

    assert str(entries.aggregate(Sum("cost_lcy"))["cost_lcy__sum"]) == "12.34567"
    found.refresh_from_db()
    assert {found, entries.get()} == {found}
    assert model("segment_line")(tenant="A", segment_no="S1", line_no=1) != model("segment_line")(
        tenant="A", segment_no="S2", line_no=1
    )


def test_every_table_can_be_read(site):
    for each in MODELS.values():
        assert list(each.objects.all()) == []
    call_command("dumpdata", "interactionlog", stdout=StringIO())


def test_amounts_and_instants_mean_the_same_in_every_expression(site):
    from django.db.models import Avg, Count, F, Max, StdDev, Sum, Variance
    from django.db.models.functions import Coalesce, Round, TruncMonth

    first, second = log_one(), log_one()
    entries = model("log_entry").objects
    figures = entries.aggregate(
        average=Avg("cost_lcy"),
        highest=Max("cost_lcy"),
        total=Coalesce(Sum("cost_lcy"), Decimal(5)),
        doubled=Sum(F("cost_lcy") * 2),
        rounded=Max(Round("cost_lcy", 1)),
        spread=StdDev("cost_lcy"),
        squared=Variance("cost_lcy"),
    )
    assert {name: round(each, 5) for name, each in figures.items()} == {
        "average": Decimal("12.34567"),
        "highest": Decimal("12.34567"),
        "total": Decimal("24.69134"),
        "doubled": Decimal("49.38268"),
        "rounded": Decimal("12.3"),
        "spread": 0,
        "squared": 0,
    }
    sliced = entries.order_by("entry_no")[:1].aggregate(Avg("cost_lcy"), Sum("cost_lcy"))
    assert {round(each, 5) for each in sliced.values()} == {Decimal("12.34567")}
    twice = entries.annotate(twice=F("cost_lcy") * 2)
    assert twice.filter(twice__gt=24, twice__lt=25, cost_lcy__in=["12.34567"]).count() == 2
    assert entries.order_by("-cost_lcy", "pk").first().pk == first.entry_no

    moments = {"year": 2026, "month": 1, "day": 26, "date": first.recorded_at.date()}
    moments |= {"hour": first.recorded_at.hour, "in": [first.recorded_at]}
    for name, value in moments.items():
        assert entries.filter(**{f"recorded_at__{name}": value}).count() == 2, name
    assert entries.filter(recorded_at__year=2025).count() == 0
    months = entries.values(month=TruncMonth("recorded_at")).annotate(number=Count("pk"))
    assert [(each["month"].month, each["number"]) for each in months] == [(1, 2)]
    assert [each.month for each in entries.datetimes("recorded_at", "day")] == [1]
    assert entries.aggregate(Max("recorded_at"))["recorded_at__max"] == second.recorded_at

    with work(HELENA) as unit:
        il.LogEntryService(unit).evaluate(il.Evaluation.POSITIVE, first.entry_no)
    assert entries.get(evaluation=il.Evaluation.POSITIVE).pk == first.entry_no


def test_without_time_zones_an_instant_is_the_same_and_expressions_take_local_time(site):
    entry, entries = log_one(), model("log_entry").objects
    with override_settings(USE_TZ=False, TIME_ZONE="America/New_York"):
        local = entry.recorded_at.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)
        assert entries.get(recorded_at=local).recorded_at == entry.recorded_at
        assert entries.get(recorded_at=entry.recorded_at).recorded_at == entry.recorded_at
        moments = {"date": local.date(), "hour": local.hour, "lte": local, "gte": local}
        for name, value in moments.items():
            assert entries.filter(**{f"recorded_at__{name}": value}).count() == 1, name
        hours = local.replace(minute=0, second=0, microsecond=0)
        assert list(entries.datetimes("recorded_at", "hour")) == [hours]


def test_a_record_with_several_keys_is_read_anew_by_all_of_them(site):
    with work(HELENA) as unit:
        add_basics(unit)
        for code in ("ONE", "TWO"):
            unit.contacts.put(il.Contact(no=code, company_no=code))
            il.SegmentService(unit).create(code, no=code)
            il.ContactSelection(unit, code).add(il.ContactFilter(nos={code}))
    lines = model("segment_line").objects
    for code in ("ONE", "TWO"):
        line = lines.only("segment_no").get(segment_no=code)
        assert line.contact_no == code
        line.refresh_from_db()
        assert (line.segment_no, line.contact_no) == (code, code)
        line.refresh_from_db(fields=["contact_no"])
        assert line.contact_no == code


def test_a_fixture_is_not_loaded_into_the_tables(site, tmp_path):
    from django_example.crm.models import Tag

    log_one()
    Tag.objects.create(code="VIP")
    whole, own = tmp_path / "whole.json", tmp_path / "own.json"
    call_command("dumpdata", output=str(whole), verbosity=0)
    call_command("dumpdata", exclude=["interactionlog"], output=str(own), verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    with pytest.raises(il.UsageError, match="is read only"):
        call_command("loaddata", str(whole), verbosity=0)
    assert model("log_entry").objects.count() == 0
    call_command("loaddata", str(own), verbosity=0)
    assert Tag.objects.get().code == "VIP"


WRITES = {
    "save": lambda entry, entries: entry.save(),
    "delete": lambda entry, entries: entry.delete(),
    "create": lambda entry, entries: entries.create(entry_no=7),
    "bulk_create": lambda entry, entries: entries.bulk_create([entry]),
    "bulk_update": lambda entry, entries: entries.bulk_update([entry], ["description"]),
    "get_or_create": lambda entry, entries: entries.get_or_create(entry_no=7),
    "update_or_create": lambda entry, entries: entries.update_or_create(entry_no=7),
    "update": lambda entry, entries: entries.all().update(description=""),
    "delete of a query": lambda entry, entries: entries.filter(entry_no=1).delete(),
}


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_model_refuses_to_write_and_names_the_service(site):
    log_one()
    entry = model("log_entry").objects.get()
    for write in WRITES.values():
        with pytest.raises(il.UsageError, match="call InteractionService and LogEntryService"):
            write(entry, model("log_entry").objects)
    assert model("log_entry").objects.get() == entry


def test_flush_leaves_the_version_of_the_tables_and_nothing_else(site):
    log_one()
    call_command("flush", interactive=False, verbosity=0)
    for table in ALL:
        if table.only in {"", site.vendor}:
            with site.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM interactionlog_{table.name}")  # noqa: S608
                assert cursor.fetchone()[0] == (NEWEST if table.name == "schema_version" else 0)
    assert log_one().contact_no == "CT1"


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_makemigrations_has_nothing_to_do(site):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_each_migration_of_the_library_is_in_one_migration_of_the_app():
    from importlib.resources import files

    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    run = [
        each.version
        for (app, _), migration in sorted(loader.disk_migrations.items())
        if app == "interactionlog"
        for operation in migration.operations
        for each in getattr(operation, "database_operations", [])
    ]
    there = sorted(
        int(file.name[:4])
        for file in (files("interactionlog.adapters.sql") / "migrations").iterdir()
        if file.name.endswith(".sql")
    )
    assert run == there, (
        "add src/interactionlog/contrib/django/migrations/<number>_<what>.py with "
        "operations = [library_migration(<number>)], depending on the one before"
    )


def test_sqlmigrate_shows_the_statements(site):
    out = StringIO()
    call_command("sqlmigrate", "interactionlog", "0001", stdout=out)
    assert "CREATE TABLE interactionlog_log_entry" in out.getvalue()
    assert "INSERT INTO interactionlog_schema_version" in out.getvalue()


@pytest.mark.parametrize("kind", django_site.SITES)
def test_the_tables_can_be_deleted_and_made_again(kind, tmp_path):
    with django_site.site(kind, tmp_path) as site, override_settings(**OWN):
        call_command("migrate", "interactionlog", "zero", verbosity=0)
        assert not [each for each in site.introspection.table_names() if "interactionlog" in each]
        with pytest.raises(il.StorageError):
            log_one()
        call_command("migrate", "interactionlog", verbosity=0)
        log_one()


def test_rules_are_tested_in_memory_without_a_database():
    with override_settings(INTERACTIONLOG_DATABASE="nowhere"), in_memory(CLOCK) as store:
        assert log_one().entry_no == 1
        with store.read() as unit:
            assert len(il.InteractionLog(unit).timeline("CT1")) == 1
        with pytest.raises(il.UsageError, match="open already"), in_memory():
            pass


def identifiers(**settings):
    with override_settings(**settings):
        found = run_checks(databases=["default"])
    return [each.id for each in found if each.id.startswith("interactionlog.")]


def test_checks_say_what_is_wrong_with_the_settings(tmp_path):
    with django_site.site("sqlite", tmp_path):
        assert identifiers(**OWN) == []
        assert identifiers(INTERACTIONLOG_DATABASE="nowhere") == ["interactionlog.E001"]
        assert identifiers(INTERACTIONLOG_CONTACTS="crm.nothing.X") == ["interactionlog.E003"]
        assert identifiers(INTERACTIONLOG_HOOKS=[object()]) == ["interactionlog.E004"]
        assert identifiers(INTERACTIONLOG_USER=5) == ["interactionlog.E004"]
        for name in ("CONTACTS", "SALESPEOPLE", "USERS"):  # a model is not what maps it
            setting = {f"INTERACTIONLOG_{name}": "django_example.crm.models.Customer"}
            assert identifiers(**setting) == ["interactionlog.E004"], name
        router = "embedding.test_django_app.KeepsOut"
        assert identifiers(DATABASE_ROUTERS=[router]) == ["interactionlog.W001"]
        del connections["default"].settings_dict["OPTIONS"]["transaction_mode"]
        assert identifiers() == ["interactionlog.W002"]


def test_customers_in_another_database_than_the_log_are_told(tmp_path):
    mapping = "django_example.crm.contacts.CUSTOMERS"
    with django_site.site("sqlite", tmp_path), django_site.site("sqlite", tmp_path, alias="second"):
        assert identifiers(INTERACTIONLOG_CONTACTS=mapping) == []
        found = identifiers(INTERACTIONLOG_CONTACTS=mapping, INTERACTIONLOG_DATABASE="second")
        assert found == ["interactionlog.W004"]


class KeepsOut:
    def allow_migrate(self, db, app_label, **hints):
        return app_label != "interactionlog"


def test_checks_say_that_the_tables_have_another_version(tmp_path):
    with django_site.site("sqlite", tmp_path) as site, site.cursor() as cursor:
        cursor.execute("UPDATE interactionlog_schema_version SET version = 99")
        assert identifiers(**OWN) == ["interactionlog.E005"]


@override_settings(**OWN)
def test_a_database_of_another_kind_is_refused(monkeypatch, tmp_path):
    with django_site.site("sqlite", tmp_path) as site:
        monkeypatch.setattr(site, "vendor", "mysql")
        assert "interactionlog.E002" in identifiers()


@pytest.fixture
def run(site, capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            load_command_class("interactionlog.contrib.django", "interactionlog").run_from_argv(
                ["manage.py", "interactionlog", *arguments]
            )
        said = capsys.readouterr()
        return ended.value.code, said.out + said.err

    return run


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_the_command_line_works_on_the_database_of_the_project(run):
    log_one()
    status, said = run("timeline", "CT1")
    assert (status, "Call" in said) == (0, True)
    assert run("segment", "create", "Letter", "--no", "SM1", "--user", "leo")[0] == 0
    assert model("segment").objects.get().description == "Letter"
    with override_settings(INTERACTIONLOG_TENANT="A"):
        assert "contact CT1 does not exist" in run("timeline", "CT1")[1]
    assert "leave --tenant out" in run("timeline", "CT1", "--tenant", "B")[1]


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_commands_change_no_contacts_that_the_host_keeps(run):
    with override_settings(INTERACTIONLOG_CONTACTS="django_example.crm.contacts.CUSTOMERS"):
        for arguments in (("add", "7"), ("change", "7"), ("join", "7", "mailing-group", "NEWS")):
            options = () if arguments[0] == "join" else ("--name", "Ada")
            status, said = run("contact", *arguments, *options, "--user", "leo")
            assert (status, "the host keeps its own contacts" in said) == (2, True), said


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_contact_that_the_host_keeps_is_shown(run):
    from django_example.crm.models import Customer

    pk = Customer.objects.create(name="Ada Byron").pk
    with override_settings(INTERACTIONLOG_CONTACTS="django_example.crm.contacts.CUSTOMERS"):
        for more in ([], ["--json"]):
            status, said = run("contact", "show", str(pk), *more)
            assert (status, "Ada Byron" in said) == (0, True), said


def test_the_demo_lies_in_a_file_of_its_own_and_not_among_the_records_of_the_project(
    site, run, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    status, said = run("demo")
    assert (status, "everything is in interactionlog-demo.db" in said) == (0, True), said
    assert (tmp_path / "interactionlog-demo.db").is_file()
    assert run("segment", "list") == run("contact", "list") == (0, "nothing to show\n")


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_code_calls_the_command_line_as_any_command_of_the_project(site, capsys):
    call_command("interactionlog", "segment", "create", "Letter", "--no", "SM1", "--user", "leo")
    call_command("interactionlog", "segment", "list", "--json")
    assert '"Letter"' in capsys.readouterr().out
    with pytest.raises(CommandError) as refused:
        call_command("interactionlog", "segment", "show", "SM2")
    assert refused.value.returncode == 2
    assert "SM2 does not exist" in capsys.readouterr().err
