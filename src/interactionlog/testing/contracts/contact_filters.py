"""What every directory of contacts makes of a filter; a part of its contract."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from interactionlog.contacts.contact_filter import Condition, ContactFilter, Widening
from interactionlog.contacts.directory import ContactDirectory
from interactionlog.errors import UsageError
from interactionlog.testing.builders import DAY, an_entry
from interactionlog.values import ContactType, CorrespondenceType, Evaluation, MembershipKind

INTERACTIONS = (
    an_entry(1, "P1", campaign_no="CP1", evaluation=Evaluation.NEGATIVE, cancel_state=1),
    an_entry(2, "P3", campaign_no="CP1", evaluation=Evaluation.POSITIVE),
    an_entry(3, "P3", campaign_no="CP2", evaluation=Evaluation.NEGATIVE),
    attrs.evolve(an_entry(4, "C2", campaign_no="CP2"), date=DAY + timedelta(1)),
)
"""Entries of the log about the contacts of a directory under test; one may refuse to ask it."""

EVERYBODY = ["P3", "C2", "C1", "P2", "P1"]
"""By company name, company number (none first), type, name, number."""


class ContactFilterContract:
    """
    What `ContactDirectory.matching` promises.

    Attributes:
        refused: Fields of `ContactFilter` that the directory cannot answer. A filter that asks for
            one of them must raise `UsageError` with its name in the text.
    """

    refused: frozenset[str] = frozenset()

    def check(
        self, directory: ContactDirectory, contact_filter: ContactFilter, nos: list[str]
    ) -> None:
        """Compare what a filter gives, or hold the directory to its refusal."""
        blank = ContactFilter()
        refused = [
            name
            for name in sorted(self.refused)
            if getattr(contact_filter, name) != getattr(blank, name)
        ]
        if not refused:
            assert list(directory.matching(contact_filter)) == nos
            return
        with pytest.raises(UsageError) as error:
            directory.matching(contact_filter)
        assert any(name in str(error.value) for name in refused)

    def test_an_empty_filter_gives_everybody_in_order(self, directory: ContactDirectory) -> None:
        assert list(directory.matching(ContactFilter())) == EVERYBODY

    @pytest.mark.parametrize(
        ("contact_filter", "nos"),
        [
            (ContactFilter(nos={"p1", "C9"}), ["P1"]),
            (ContactFilter(types={ContactType.COMPANY}), ["C2", "C1"]),
            (ContactFilter(types=set(ContactType)), EVERYBODY),
            (ContactFilter(salesperson_codes={"HR"}), ["C2", "P1"]),
            (ContactFilter(company_nos={"C1"}), ["C1", "P2", "P1"]),
            (ContactFilter(territory_codes={"N"}), ["C1"]),
            (ContactFilter(country_codes={"IS", "DK"}), ["C1"]),
            (ContactFilter(business_relation_codes={"CUST"}), ["C1", "P2", "P1"]),
            (ContactFilter(business_relation_codes={"CUST", "VEND"}), ["C2", "C1", "P2", "P1"]),
            (ContactFilter(industry_group_codes={"RETAIL"}), ["C1", "P2", "P1"]),
            (ContactFilter(mailing_group_codes={"NEWS"}), ["P3", "C2"]),
            (ContactFilter(job_responsibility_codes={"BUYER"}), ["P1"]),
            (ContactFilter(profile_answers={"LEADS": [20_000]}), ["P1"]),
            (ContactFilter(profile_answers={"LEADS": []}), ["P3", "P1"]),
            (ContactFilter(profile_answers={"LEADS": [20_000], "OTHER": []}), ["P1"]),
            (ContactFilter(profile_answers={"LEAD": []}), []),
            (ContactFilter(business_relation_codes={"CUST"}, salesperson_codes={"HR"}), ["P1"]),
            (ContactFilter(mailing_group_codes={"NEWS"}, business_relation_codes={"VEND"}), ["C2"]),
            (ContactFilter(nos={"C1"}, mailing_group_codes={"NEWS"}), []),
        ],
    )
    def test_a_filter_gives_those_that_meet_every_condition(
        self, directory: ContactDirectory, contact_filter: ContactFilter, nos: list[str]
    ) -> None:
        self.check(directory, contact_filter, nos)

    @pytest.mark.parametrize(
        ("where", "nos"),
        [
            ({"name": Condition(contains="STRASSE")}, ["C2"]),
            ({"name": Condition(prefix="A")}, ["P3", "P2"]),
            ({"name": {"zoe", "ADAM"}}, ["P2", "P1"]),
            ({"e_mail": Condition(prefix="zoe@")}, ["P1"]),
            ({"e_mail": Condition(prefix="ZOE@")}, []),
            ({"salesperson_code": "hr"}, ["C2", "P1"]),
            ({"salesperson_code": {None}}, ["P3", "C1", "P2"]),
            ({"salesperson_code": Condition(any_of={"HR"}, negated=True)}, ["P3", "C1", "P2"]),
            ({"no": Condition(at_least="C2", at_most="P1")}, ["C2", "P1"]),
            ({"no": [Condition(prefix="P"), Condition(any_of={"P1"}, negated=True)]}, ["P3", "P2"]),
            ({"country_code": "IS", "territory_code": "N"}, ["C1"]),
            ({"country_code": "IS", "territory_code": "S"}, []),
            ({"city": Condition(at_least="A")}, []),
            ({"city": Condition(at_least="A", negated=True)}, EVERYBODY),
            ({"exclude_from_segment": True}, ["P2"]),
            ({"correspondence_type": CorrespondenceType.EMAIL}, ["P1"]),
            ({"type": Condition(any_of={ContactType.PERSON})}, ["P3", "P2", "P1"]),
        ],
    )
    def test_any_field_of_the_contact_may_be_asked_about(
        self, directory: ContactDirectory, where: dict[str, object], nos: list[str]
    ) -> None:
        self.check(directory, ContactFilter(where=where), nos)

    @pytest.mark.parametrize(
        ("memberships", "nos"),
        [
            ({MembershipKind.BUSINESS_RELATION: {"linked_no": "10000"}}, ["C1", "P2", "P1"]),
            ({MembershipKind.BUSINESS_RELATION: {"link_to_table": {None}}}, ["C2"]),
            ({MembershipKind.BUSINESS_RELATION: {"code": "vend", "linked_no": "10000"}}, []),
            ({MembershipKind.INDUSTRY_GROUP: {}}, ["C1", "P2", "P1"]),
            ({MembershipKind.MAILING_GROUP: {"code": Condition(prefix="NE")}}, ["P3", "C2"]),
            ({MembershipKind.MAILING_GROUP: {"code": Condition(prefix="N", negated=True)}}, []),
            ({MembershipKind.PROFILE_ANSWER: {"line_no": Condition(at_least=25_000)}}, ["P3"]),
            (
                {
                    MembershipKind.PROFILE_ANSWER: {"code": "LEADS"},
                    MembershipKind.MAILING_GROUP: {"code": "NEWS"},
                },
                ["P3"],
            ),
        ],
    )
    def test_one_membership_must_satisfy_everything_asked_of_its_kind(
        self, directory: ContactDirectory, memberships: dict[MembershipKind, object], nos: list[str]
    ) -> None:
        self.check(directory, ContactFilter(memberships=memberships), nos)

    def test_codes_and_questions_ask_the_same_membership(self, directory: ContactDirectory) -> None:
        asked = {MembershipKind.BUSINESS_RELATION: {"linked_no": "10000"}}
        for code, nos in (("CUST", ["C1", "P2", "P1"]), ("VEND", [])):
            both = ContactFilter(business_relation_codes={code}, memberships=asked)
            self.check(directory, both, nos)

    @pytest.mark.parametrize(
        ("interactions", "nos"),
        [
            ({"campaign_no": "cp1"}, ["P3", "P1"]),
            ({"campaign_no": "CP1", "canceled": False}, ["P3"]),
            ({"campaign_no": "CP1", "evaluation": Evaluation.NEGATIVE}, ["P1"]),
            (
                {"evaluation": Condition(any_of={Evaluation.POSITIVE}, negated=True)},
                ["P3", "C2", "P1"],
            ),
            ({"evaluation": {None}}, ["C2"]),
            ({"date": Condition(at_most=DAY)}, ["P3", "P1"]),
            ({"date": Condition(at_least=DAY + timedelta(1))}, ["C2"]),
            ({"postponed": True}, []),
        ],
    )
    def test_one_interaction_must_satisfy_everything_asked_of_the_log(
        self, directory: ContactDirectory, interactions: dict[str, object], nos: list[str]
    ) -> None:
        self.check(directory, ContactFilter(interactions=interactions), nos)

    @pytest.mark.parametrize(
        ("contact_filter", "nos"),
        [
            (ContactFilter(within={"p1", "C2", "C9"}), ["C2", "P1"]),
            (ContactFilter(within=[]), []),
            (ContactFilter(within={"P1", "P2"}, nos={"P2", "P3"}), ["P2"]),
            (ContactFilter(within={"P1", "P2"}, where={"name": "zoe"}), ["P1"]),
            (ContactFilter(within={"P1"}, interactions={"canceled": False}), []),
            (
                ContactFilter(
                    where={"name": Condition(prefix="a")},
                    memberships={MembershipKind.MAILING_GROUP: {"code": "NEWS"}},
                    interactions={"campaign_no": "CP2"},
                ),
                ["P3"],
            ),
        ],
    )
    def test_every_source_that_is_asked_must_agree(
        self, directory: ContactDirectory, contact_filter: ContactFilter, nos: list[str]
    ) -> None:
        self.check(directory, contact_filter, nos)

    def test_a_choice_among_some_leaves_out_the_others(self, directory: ContactDirectory) -> None:
        assert list(directory.matching(ContactFilter(), among=["P1", "C2", "C9"])) == ["C2", "P1"]
        assert list(directory.matching(ContactFilter(), among=[])) == []

    @pytest.mark.parametrize(
        ("no", "widening", "nos"),
        [
            ("C1", Widening(), ["C1"]),
            ("C1", Widening(persons_of_matched_companies=True), ["C1", "P2", "P1"]),
            ("P1", Widening(persons_of_matched_companies=True), ["P1"]),
            ("P1", Widening(colleagues_of_matched_persons=True), ["C1", "P2", "P1"]),
            ("C1", Widening(colleagues_of_matched_persons=True), ["C1"]),
            ("P1", Widening(related_companies=True), ["C1", "P1"]),
            ("P3", Widening(related_companies=True, colleagues_of_matched_persons=True), ["P3"]),
        ],
    )
    def test_a_widening_takes_others_along(
        self, directory: ContactDirectory, no: str, widening: Widening, nos: list[str]
    ) -> None:
        assert list(directory.matching(ContactFilter(nos={no}), widening=widening)) == nos
