"""Tryton's parties as the relation of the how-to page, held to what it says it answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, USER
from trytond.transaction import Transaction

import interactionlog as il

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "join-tryton.md"


@pytest.fixture(scope="module")
def page():
    """Give what the page defines, after it has run; its parties get names and groups to ask for."""
    document = Sybil([PythonCodeBlockParser()]).parse(PAGE)
    for example in document.examples():
        example.evaluate()
    with Transaction().start(DB_NAME, USER):
        categories = (
            Pool()
            .get("party.category")
            .create([{"name": "News"}, {"name": "A name that is longer than a code"}])
        )
        alpha, beta = (
            Pool()
            .get("party.party")
            .search([("code", "in", ["C1", "C2"])], order=[("name", "ASC")])
        )
        alpha.categories = categories
        alpha.save()
        (german,) = Pool().get("ir.lang").search([("code", "=", "de")])
        beta.lang = german
        beta.contact_mechanisms = [{"type": "email", "value": "post@beta.example"}]
        beta.save()
        Pool().get("party.address").write(list(beta.addresses), {"city": "Reykjavík"})
        Pool().get("party.party").create([{"code": "C4", "name": "Gone", "active": False}])
    return document.namespace


@pytest.fixture
def directory(page):
    with (
        Transaction().start(DB_NAME, USER) as transaction,
        page["host"].join(transaction, user_id="HELENA") as work,
    ):
        yield work.contacts


def test_the_page_has_logged_and_taken_back(page):
    assert page["logged"].segment_no == "SM1"
    assert [event.segment_no for event in page["sent"]] == ["SM1"]


def test_a_party_is_a_contact(directory):
    assert directory.get("c1") == il.Contact(
        no="C1",
        name="Beta",
        company_no="C1",
        company_name="Beta",
        city="Reykjavík",
        country_code="IS",
        language_code="DE",
        e_mail="post@beta.example",
    )
    assert directory.find("X") is None
    with pytest.raises(il.NotFoundError):
        directory.get("X")
    assert directory.find_by_name("BET").no == "C1"
    assert directory.find_by_name("B_T") is None
    assert set(directory.many(["C1", "C2", "X"])) == {"C1", "C2"}


def test_who_is_gone_is_found_and_not_chosen(directory):
    assert directory.get("C4").name == "Gone"
    assert directory.get("C4").exclude_from_segment


def test_summaries_tell_what_logging_needs(directory):
    assert directory.summaries(["C1", "C3", "X"]) == {
        "C1": il.ports.ContactSummary(False, False, "post@beta.example", None, "DE", None),
        "C3": il.ports.ContactSummary(True, False, "", None, None, None),
    }


@pytest.mark.parametrize(
    ("contact_filter", "nos"),
    [
        (il.ContactFilter(country_codes={"IS"}), ["C2", "C1", "C3"]),
        (il.ContactFilter(country_codes={"IS", "DK"}, nos={"C1", "C3"}), ["C1", "C3"]),
        (il.ContactFilter(company_nos={"C2"}), ["C2"]),
        (il.ContactFilter(types={il.ContactType.PERSON}), []),
        (il.ContactFilter(mailing_group_codes={"NEWS"}), ["C2"]),
        (il.ContactFilter(memberships={il.MembershipKind.MAILING_GROUP: {"code": "news"}}), ["C2"]),
        (il.ContactFilter(where={"name": il.Condition(contains="ETA")}), ["C1"]),
        (il.ContactFilter(where={"language_code": "de"}), ["C1"]),
        (il.ContactFilter(where={"city": il.Condition(prefix="Rey")}), ["C1"]),
        (il.ContactFilter(within={"C1", "C2"}, where={"e_mail": {None}}), ["C2"]),
        (il.ContactFilter(within=[]), []),
    ],
)
def test_a_filter_means_those_that_meet_every_condition(directory, contact_filter, nos):
    assert directory.matching(contact_filter) == nos
    widened = il.Widening(persons_of_matched_companies=True)
    assert directory.matching(contact_filter, widening=widened) == nos
    assert directory.matching(contact_filter, among=["C1", "C9"]) == [
        no for no in nos if no == "C1"
    ]


@pytest.mark.parametrize(
    "contact_filter",
    [
        il.ContactFilter(salesperson_codes={"HR"}),
        il.ContactFilter(territory_codes={"N"}),
        il.ContactFilter(business_relation_codes={"CUST"}),
        il.ContactFilter(memberships={il.MembershipKind.PROFILE_ANSWER: {"code": "LEADS"}}),
        il.ContactFilter(profile_answers={"LEADS": []}),
        il.ContactFilter(where={"job_title": "Buyer"}),
    ],
)
def test_what_parties_cannot_answer_is_refused(directory, contact_filter):
    with pytest.raises(il.UsageError, match="have no"):
        directory.matching(contact_filter)
