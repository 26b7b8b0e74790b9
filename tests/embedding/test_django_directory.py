"""The directory over Django's models that the how-to page shows, held to what it says it answers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import interactionlog as il
from embedding import django_site  # noqa: F401  # settings first

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "join-django.md"


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Give what the page defines, after it has run."""
    from django.apps import apps
    from django.db import connections

    monkeypatch.chdir(tmp_path)
    connections.close_all()
    document = Sybil([PythonCodeBlockParser()]).parse(PAGE)
    try:
        for example in document.examples():
            example.evaluate()
        yield document.namespace
    finally:
        connections.close_all()
        apps.all_models.pop("erp", None)
        apps.clear_cache()


@pytest.fixture
def directory(page):
    return page["PartyDirectory"]()


def test_the_page_has_left_three_parties_and_one_logging(page):
    assert page["Party"].objects.count() == 3
    assert page["logged"].segment_no == "SM1"


def test_a_party_is_a_contact(directory):
    assert directory.get("p1") == il.Contact(
        no="P1",
        type=il.ContactType.PERSON,
        name="Zoe",
        company_no="C1",
        company_name="Beta",
        salesperson_code="HR",
    )
    assert directory.find("X") is None
    with pytest.raises(il.NotFoundError):
        directory.get("X")
    assert directory.find_by_name("BET").no == "C1"
    assert set(directory.many(["C1", "P2", "X"])) == {"C1", "P2"}


def test_summaries_tell_what_logging_needs(directory):
    assert directory.summaries(["P1", "P2", "X"]) == {
        "P1": il.ports.ContactSummary(False, False, "", "HR", None, None),
        "P2": il.ports.ContactSummary(True, False, "", None, None, None),
    }


@pytest.mark.parametrize(
    ("contact_filter", "widening", "nos"),
    [
        (il.ContactFilter(), None, ["C1", "P2", "P1"]),
        (il.ContactFilter(nos={"P1"}), None, ["P1"]),
        (il.ContactFilter(types={il.ContactType.PERSON}), None, ["P2", "P1"]),
        (il.ContactFilter(salesperson_codes={"HR"}), None, ["C1", "P1"]),
        (il.ContactFilter(company_nos={"C1"}, country_codes={"IS"}), None, ["C1"]),
        (il.ContactFilter(within={"P2"}), None, ["P2"]),
        (
            il.ContactFilter(nos={"C1"}),
            il.Widening(persons_of_matched_companies=True),
            ["C1", "P2", "P1"],
        ),
        (
            il.ContactFilter(nos={"P1"}),
            il.Widening(colleagues_of_matched_persons=True),
            ["C1", "P2", "P1"],
        ),
        (il.ContactFilter(nos={"P1"}), il.Widening(related_companies=True), ["C1", "P1"]),
    ],
)
def test_a_filter_means_those_that_meet_every_condition(directory, contact_filter, widening, nos):
    assert directory.matching(contact_filter, widening=widening) == nos
    assert directory.matching(contact_filter, widening=widening, among=["P1"]) == [
        no for no in nos if no == "P1"
    ]


@pytest.mark.parametrize(
    "contact_filter",
    [
        il.ContactFilter(territory_codes={"N"}),
        il.ContactFilter(business_relation_codes={"CUST"}),
        il.ContactFilter(profile_answers={"LEADS": []}),
        il.ContactFilter(memberships={il.MembershipKind.MAILING_GROUP: {"code": "NEWS"}}),
        il.ContactFilter(elsewhere={"posted_documents": {"item_no": "1000"}}),
        il.ContactFilter(where={"city": "Merano"}),
        il.ContactFilter(interactions={"campaign_no": "CP1"}),
    ],
)
def test_what_parties_cannot_answer_is_refused(directory, contact_filter):
    with pytest.raises(il.UsageError, match="parties cannot be chosen by"):
        directory.matching(contact_filter)


def test_the_library_imports_django_nowhere_but_in_its_app():
    source = Path(sys.modules["interactionlog"].__file__).parent
    app = source / "contrib" / "django"
    others = [path for path in source.rglob("*.py") if app not in path.parents]
    assert not [path for path in others if "import django" in path.read_text("utf-8")]
