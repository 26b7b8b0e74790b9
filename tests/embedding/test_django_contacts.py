"""Models of a host as contacts: what a directory promises, with every kind of key, and its costs."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import connections, models, transaction
from django.db.models import Value
from django.db.models.functions import Cast, Concat, Lower
from django.test import override_settings
from django.test.utils import CaptureQueriesContext, isolate_apps

import interactionlog as il
from embedding import django_site, parties
from interactionlog.adapters.host import HostStore
from interactionlog.contrib.django import ModelContacts, work
from interactionlog.testing.contracts.contacts import INTERACTIONS, ContactDirectoryContract
from interactionlog.values import evolved

KEYS = {
    "text": models.CharField,
    "integer": models.IntegerField,
    "uuid": models.UUIDField,
    "slug": models.SlugField,
}
DATABASES = django_site.SITES


def mapped(key: str) -> ModelContacts:
    """Return the parties of the contract as models, mapped."""
    with isolate_apps("django_example.crm"):

        class Party(models.Model):
            id = KEYS[key](primary_key=True)
            kind = models.IntegerField()
            company = models.ForeignKey("self", models.PROTECT, null=True, db_column="company")
            name = models.TextField()
            company_name = models.TextField()
            territory = models.TextField()
            country = models.TextField()
            agent = models.TextField()
            language = models.TextField()
            correspondence = models.IntegerField()
            email = models.TextField()
            opted_out = models.BooleanField()
            excluded = models.BooleanField()

            class Meta:
                app_label, db_table, managed = "crm", "party", False

        class Group(models.Model):
            party = models.ForeignKey(
                Party, models.PROTECT, db_column="party", related_name="groups"
            )
            kind = models.IntegerField()
            code = models.TextField()
            line = models.IntegerField()
            account = models.TextField()
            account_no = models.TextField(primary_key=True)

            class Meta:
                app_label, db_table, managed = "crm", "party_group", False

        groups = {"code": "groups__code", "line_no": "groups__line"}
        groups |= {"link_to_table": "groups__account", "linked_no": "groups__account_no"}
        return _Several(Party, groups, il.TextKey("id") if key == "slug" else "id")


class _Several(ModelContacts):
    """One table has memberships of all kinds: each kind is mapped with its own condition."""

    def __init__(self, party, groups, no):
        def of(kind, path):
            return models.Case(models.When(groups__kind=kind.value, then=path))

        super().__init__(
            party,
            no=no,
            type="kind",
            name="name",
            company="company__id",
            company_name="company_name",
            territory_code="territory",
            country_code=Lower("country"),
            salesperson="agent",
            language_code="language",
            correspondence_type="correspondence",
            city=Value(""),
            e_mail="email",
            privacy_blocked="opted_out",
            exclude_from_segment="excluded",
            memberships={
                kind: {name: of(kind, path) for name, path in groups.items()}
                for kind in il.MembershipKind
            },
            addresses=il.ports.AlternativeAddressRelation(
                parties.ADDRESSES_WITH_PERIODS,
                contact_no="party",
                code="code",
                e_mail="email",
                starting_date="first",
                ending_date="last",
            ),
        )


@pytest.fixture(scope="module")
def database(request, tmp_path_factory):
    kind = getattr(request, "param", "sqlite")
    with django_site.site(kind, tmp_path_factory.mktemp("host")) as connection:
        yield connection


class _Directory(ContactDirectoryContract):
    absent = parties.ABSENT

    @pytest.fixture(scope="class")
    @classmethod
    def directory(cls, database):
        kind = cls.kind

        def execute(statement, values=None):
            with database.cursor() as cursor:
                cursor.execute(statement.replace("?", "%s"), values)

        host = HostStore(tenant="HOST", contacts=mapped(kind))
        with transaction.atomic():
            parties.create(execute, kind, postgresql=database.vendor == "postgresql")
            with host.join(connections["default"], user_id="HELENA") as unit:
                for entry in INTERACTIONS:
                    no = cls.numbers.get(entry.contact_no, entry.contact_no)
                    unit.interactions.add(evolved(entry, {"contact_no": no}))
                yield unit.contacts
            transaction.set_rollback(True)


class TestTextKeys(_Directory):
    kind, numbers = "text", parties.NUMBERS["text"]


@pytest.mark.parametrize("database", DATABASES, indirect=True, scope="module")
class TestIntegerKeys(_Directory):
    kind, numbers = "integer", parties.NUMBERS["integer"]


class TestUuidKeys(_Directory):
    kind, numbers = "uuid", parties.NUMBERS["uuid"]


@pytest.mark.parametrize("database", DATABASES, indirect=True, scope="module")
class TestSlugs(_Directory):
    kind, numbers = "slug", parties.NUMBERS["slug"]


@pytest.fixture
def customers(tmp_path):
    from django_example.crm.models import Customer
    from django_example.crm.sample import fill

    with (
        override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),
        django_site.site("sqlite", tmp_path),
    ):
        fill()
        yield Customer


def found(contacts, **conditions):
    with override_settings(INTERACTIONLOG_CONTACTS=contacts), work(user_id="helena") as unit:
        names = {no: each.name for no, each in unit.contacts.many(map(str, range(1, 6))).items()}
        return [names[no] for no in unit.contacts.matching(il.ContactFilter(**conditions))]


def test_customers_are_found_by_tag_company_and_agent(customers):
    mapping = "django_example.crm.contacts.CUSTOMERS"
    vip = {il.MembershipKind.MAILING_GROUP: {"code": "VIP"}}
    assert set(found(mapping, memberships=vip)) == {"Ada Byron", "Grace Hopper", "Hedy Lamarr"}
    assert found(mapping, company_nos={"FLOW"}) == ["Grace Hopper", "Sofia Kovalevskaya"]
    assert len(found(mapping, salesperson_codes={"HR"})) == 5
    assert len(found(mapping, salesperson_codes={"NOBODY"})) == 0


def test_a_question_that_the_mapping_does_not_answer_is_refused_by_name(customers):
    with pytest.raises(il.UsageError, match="territory_code"):
        found(ModelContacts(customers, no="id", name="name"), territory_codes={"N"})


def test_a_queryset_and_expressions_may_stand_for_model_and_paths(customers):
    some = customers.objects.exclude(name__startswith="O'Hara 100%?").filter(company__code="FLOW")
    mapping = ModelContacts(some, no="id", name=Concat(Value("Dr. "), "name"))
    assert set(found(mapping)) == {"Dr. Grace Hopper", "Dr. Sofia Kovalevskaya"}


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        ({"name": "nome"}, "name='nome'"),
        ({"company": "company__nome"}, "company_no='company__nome'"),
    ],
)
def test_a_path_that_leads_nowhere_is_named(customers, paths, named):
    mapping = ModelContacts(customers, **({"no": "id"} | paths))
    with pytest.raises(il.UsageError, match=named):
        mapping(connections["default"])
    with pytest.raises(il.UsageError, match="nickname is not a field of Contact"):
        ModelContacts(customers, no="id", nickname="name")(connections["default"])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (lambda model: "crm.Customer", "'crm.Customer' is no model and no queryset"),
        (lambda model: model(), "is no model and no queryset"),
        (lambda model: model.objects, "is no model and no queryset"),
        (lambda model: model.objects.raw("SELECT 1"), "is no model and no queryset"),
        (lambda model: model.objects.all()[:3], "sliced or combined"),
        (lambda model: model.objects.all().union(model.objects.all()), "sliced or combined"),
    ],
)
def test_what_is_no_model_and_no_queryset_is_refused(customers, source, words):
    with pytest.raises(il.UsageError, match=words):
        ModelContacts(source(customers), no="id", name="name")


def test_memberships_are_paths_by_kind(customers):
    with pytest.raises(il.UsageError, match="give paths by kind"):
        ModelContacts(customers, no="id", memberships=["tags__code"])


@pytest.mark.parametrize(
    "nobody", [lambda some: some.none(), lambda some: some.filter(pk__in=[])], ids=["none", "empty"]
)
def test_a_queryset_of_nobody_maps_nobody(customers, nobody):
    groups = {il.MembershipKind.MAILING_GROUP: "tags__code"}
    mapping = ModelContacts(
        nobody(customers.objects.all()), no="id", name="name", memberships=groups
    )
    assert found(mapping) == []
    assert found(mapping, mailing_group_codes={"VIP"}) == []


DAY = dt.datetime(2026, 1, 26, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
KEY = uuid.UUID(int=7)
DOCUMENT = Value({"home": {"city": "L'Aquila"}, "vip": True, "fax": None}, models.JSONField())
CONDITIONS = {
    "moment": ({}, {"date_joined__gte": DAY}),
    "date": ({}, {"date_joined__date__gte": dt.date(2026, 1, 27)}),
    "time": ({}, {"date_joined__time__gte": dt.time(4, 30)}),
    "amount": (
        {"amount": Cast("id", models.DecimalField(max_digits=9, decimal_places=2))},
        {"amount__gte": Decimal("0.5")},
    ),
    "uuid": ({"key": Value(KEY, models.UUIDField())}, {"key": KEY}),
    "flag": ({}, {"is_active": True}),
    "document": ({"document": DOCUMENT}, {"document__home__city": "L'Aquila"}),
    "flag of a document": ({"document": DOCUMENT}, {"document__vip": True}),
}


@pytest.mark.parametrize("kind", DATABASES)
def test_a_path_into_a_document_is_text(tmp_path, kind):
    from django.contrib.auth.models import User

    with django_site.site(kind, tmp_path):
        User.objects.create(username="ada")
        some = User.objects.annotate(document=DOCUMENT)
        paths = {"city": "document__home__city", "county": "document__fax"}
        mapping = ModelContacts(some, no="id", name="username", **paths)
        assert found(mapping, where={"city": '"L\'Aquila"'}) == []
        assert found(mapping, where={"city": "L'Aquila", "county": None}) == ["ada"]
        mapping = ModelContacts(some, no="id", name="username", privacy_blocked="document__vip")
        with pytest.raises(il.UsageError, match="give true or false"):
            found(mapping)


@pytest.mark.parametrize("kind", DATABASES)
def test_a_path_into_the_document_of_another_model_is_text(tmp_path, kind):
    with isolate_apps("django_example.crm"):

        class Firm(models.Model):
            document = models.JSONField()
            owner = models.ForeignKey("self", models.CASCADE, null=True)

            class Meta:
                app_label, db_table = "crm", "firm_with_document"

    with django_site.site(kind, tmp_path) as connection:
        with connection.schema_editor() as editor:
            editor.create_model(Firm)
        try:
            owner = Firm.objects.create(document={"name": "Owner", "home": {"city": "L'Aquila"}})
            other = Firm.objects.create(document={"name": "Other", "home": {"city": None}})
            for firm in (owner, other):
                Firm.objects.create(document={"name": f"of {firm.document['name']}"}, owner=firm)
            city = "owner__document__home__city"
            mapping = ModelContacts(Firm, no="id", name="document__name", city=city)
            assert found(mapping, where={"city": "L'Aquila"}) == ["of Owner"]
            assert found(mapping, where={"city": None}) == ["Owner", "Other", "of Other"]
            assert found(mapping, where={"city": "null"}) == []
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(Firm)


@pytest.mark.parametrize("kind", [models.IntegerField, models.SlugField])
def test_a_customer_without_a_number_is_no_contact(customers, kind):
    number = models.Case(models.When(name="Ada Byron", then=Value(None)), default="id")
    key = Cast(number, kind())
    nos = ModelContacts(
        customers, no=il.TextKey(key) if kind is models.SlugField else key, name="name"
    )
    assert len(nos.nos(customers.objects.all())) == customers.objects.count() - 1


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("kind", DATABASES)
def test_a_condition_of_a_queryset_may_have_any_plain_value(tmp_path, kind, condition):
    from django.contrib.auth.models import User

    alias, conditions = CONDITIONS[condition]
    with django_site.site(kind, tmp_path):
        User.objects.create(username="ada", date_joined=DAY)
        before = DAY - dt.timedelta(hours=1)
        User.objects.create(username="leo", date_joined=before, is_active=False)
        some = User.objects.alias(**alias).filter(**conditions)
        mapping = ModelContacts(some, no="id", name="username")
        with override_settings(INTERACTIONLOG_CONTACTS=mapping), work(user_id="helena") as unit:
            found = unit.contacts.many(unit.contacts.matching(il.ContactFilter()))
        expected = {user.username for user in some}
        assert {each.name for each in found.values()} == expected
        assert "ada" in expected


def test_names_of_a_page_are_looked_up_at_once(customers):
    with work(user_id="helena") as unit:
        segment = il.SegmentService(unit).create("All")
        il.ContactSelection(unit, segment.no).add(all_contacts=True)
        service = il.SegmentService(unit)
        with CaptureQueriesContext(connections["default"]) as captured:
            lines = service.lines(segment.no)
        assert len(lines) == 4
    with_names = [each for each in captured if "crm_customer" in each["sql"]]
    assert len(with_names) <= 2
