"""What contact directories and repositories promise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import attrs
import pytest

import interactionlog as il
from interactionlog.contacts.directory import (
    ContactDirectory,
    ContactRepository,
    ContactSummary,
)
from interactionlog.testing.builders import (
    DAY,
    a_contact,
    a_line,
    a_membership,
    a_person,
    add_segment,
    an_entry,
    contacts_of,
    in_full,
)
from interactionlog.testing.contracts import Contract, Work, assert_alike
from interactionlog.values import evolved

Contacts = ContactRepository
Directory = ContactDirectory

CONTACTS = (
    a_contact("C1", name="Álfar 100%", company_name="Beta", territory_code="N", country_code="IS"),
    a_contact("C2", name="Straße_Sport", company_name="alpha", salesperson_code="HR"),
    in_full(
        a_person(
            "P1",
            "C1",
            name="Zoe",
            company_name="Beta",
            salesperson_code="HR",
            language_code="DAN",
            correspondence_type=il.CorrespondenceType.EMAIL,
            e_mail="zoe@beta.example",
            privacy_blocked=True,
        ),
        *("city", "territory_code", "country_code", "exclude_from_segment"),  # filters ask for them
    ),
    a_person("P2", "C1", name="Adam", company_name="Beta", exclude_from_segment=True),
    a_person("P3", name="Alone", company_name="Beta"),
)
"""The contacts that a directory under test holds, by number."""

_MAILING, _INDUSTRY, _JOB, _RELATION, _ANSWER = list(il.MembershipKind)


MEMBERSHIPS = (
    a_membership("C1", _RELATION, "CUST", link_to_table="Customer", linked_no="10000"),
    a_membership("C1", _INDUSTRY, "RETAIL"),
    a_membership("C2", _RELATION, "VEND"),
    a_membership("C2", _MAILING, "NEWS"),
    a_membership("P1", _JOB, "BUYER"),
    a_membership("P1", _ANSWER, "LEADS", 20_000),
    a_membership("P3", _MAILING, "NEWS"),
    a_membership("P3", _ANSWER, "LEADS", 30_000),
)
"""Their memberships."""

ADDRESSES = (
    il.AlternativeAddress(contact_no="C1", code="SUMMER", e_mail="summer@beta.example"),
    il.AlternativeAddress(contact_no="C1", code="AUGUST"),
)
"""Their alternative addresses."""


def _period(no: str, code: str, first: date, last: date | None) -> il.AlternativeAddressPeriod:
    return il.AlternativeAddressPeriod(
        contact_no=no, code=code, starting_date=first, ending_date=last
    )


ADDRESS_PERIODS = (
    _period("C1", "SUMMER", date(2026, 6, 1), date(2026, 8, 31)),
    _period("C1", "AUGUST", date(2026, 8, 1), date(2026, 8, 15)),
    _period("P1", "HOME", date(2026, 6, 1), None),
)
"""When those are in use."""


def put_contacts(repository: ContactRepository) -> None:
    """Store everything that a `ContactDirectoryContract` asks for."""
    for contact in CONTACTS:
        repository.put(contact)
    for membership in MEMBERSHIPS:
        repository.put_membership(membership)
    for address in ADDRESSES:
        repository.put_address(address)
    for period in ADDRESS_PERIODS:
        repository.put_address_period(period)


INTERACTIONS = (
    an_entry(1, "P1", campaign_no="CP1", evaluation=il.Evaluation.NEGATIVE, cancel_state=1),
    an_entry(2, "P3", campaign_no="CP1", evaluation=il.Evaluation.POSITIVE),
    an_entry(3, "P3", campaign_no="CP2", evaluation=il.Evaluation.NEGATIVE),
    attrs.evolve(an_entry(4, "C2", campaign_no="CP2"), date=DAY + timedelta(1)),
)
"""Entries of the log about the contacts of a directory under test; one may refuse to ask it."""

EVERYBODY = ["P3", "C1", "P2", "P1", "C2"]
"""By company name (capitals first), company number (none first), type, name, number."""


_ASKED: list[tuple[dict[str, Any], list[str]]] = [
    # who meets every condition
    ({"nos": {"p1", "C9"}}, ["P1"]),
    ({"types": {il.ContactType.COMPANY}}, ["C2", "C1"]),
    ({"types": set(il.ContactType)}, EVERYBODY),
    ({"salesperson_codes": {"HR"}}, ["C2", "P1"]),
    ({"company_nos": {"C1"}}, ["C1", "P2", "P1"]),
    ({"territory_codes": {"N"}}, ["C1"]),
    ({"country_codes": {"IS", "DK"}}, ["C1"]),
    ({"business_relation_codes": {"CUST"}}, ["C1", "P2", "P1"]),
    ({"business_relation_codes": {"CUST", "VEND"}}, ["C2", "C1", "P2", "P1"]),
    ({"industry_group_codes": {"RETAIL"}}, ["C1", "P2", "P1"]),
    ({"mailing_group_codes": {"NEWS"}}, ["P3", "C2"]),
    ({"job_responsibility_codes": {"BUYER"}}, ["P1"]),
    ({"profile_answers": {"LEADS": [20_000]}}, ["P1"]),
    ({"profile_answers": {"LEADS": []}}, ["P3", "P1"]),
    ({"profile_answers": {"LEADS": [20_000], "OTHER": []}}, ["P1"]),
    ({"profile_answers": {"LEAD": []}}, []),
    ({"business_relation_codes": {"CUST"}, "salesperson_codes": {"HR"}}, ["P1"]),
    ({"mailing_group_codes": {"NEWS"}, "business_relation_codes": {"VEND"}}, ["C2"]),
    ({"nos": {"C1"}, "mailing_group_codes": {"NEWS"}}, []),
    # every source that is asked must agree
    ({"within": {"p1", "C2", "C9"}}, ["C2", "P1"]),
    ({"within": []}, []),
    ({"within": {"P1", "P2"}, "nos": {"P2", "P3"}}, ["P2"]),
    ({"within": {"P1", "P2"}, "where": {"name": "zoe"}}, ["P1"]),
    ({"within": {"P1"}, "interactions": {"canceled": False}}, []),
    (
        {
            "where": {"name": il.Condition(prefix="a")},
            "memberships": {_MAILING: {"code": "NEWS"}},
            "interactions": {"campaign_no": "CP2"},
        },
        ["P3"],
    ),
]
_WHERE: list[tuple[dict[str, Any], list[str]]] = [
    ({"name": il.Condition(contains="STRASSE")}, ["C2"]),
    ({"name": il.Condition(prefix="A")}, ["P3", "P2"]),
    ({"name": {"zoe", "ADAM"}}, ["P2", "P1"]),
    ({"e_mail": il.Condition(prefix="zoe@")}, ["P1"]),
    ({"e_mail": il.Condition(prefix="ZOE@")}, []),
    ({"salesperson_code": "hr"}, ["C2", "P1"]),
    ({"salesperson_code": {None}}, ["P3", "C1", "P2"]),
    ({"salesperson_code": il.Condition(any_of={"HR"}, negated=True)}, ["P3", "C1", "P2"]),
    ({"no": il.Condition(any_of={"P1", "C1"}, negated=True)}, ["P3", "C2", "P2"]),
    ({"country_code": "IS", "territory_code": "N"}, ["C1"]),
    ({"country_code": "IS", "territory_code": "S"}, []),
    ({"city": il.Condition(at_least="A")}, []),
    ({"city": il.Condition(at_least="A", negated=True)}, EVERYBODY),
    ({"exclude_from_segment": True}, ["P2"]),
    ({"correspondence_type": il.CorrespondenceType.EMAIL}, ["P1"]),
    ({"type": il.Condition(any_of={il.ContactType.PERSON})}, ["P3", "P2", "P1"]),
]
_MEMBERSHIPS: list[tuple[dict[il.MembershipKind, Any], list[str]]] = [  # one satisfies everything
    ({_RELATION: {"linked_no": "10000"}}, ["C1", "P2", "P1"]),
    ({_RELATION: {"link_to_table": {None}}}, ["C2"]),
    ({_RELATION: {"code": "vend", "linked_no": "10000"}}, []),
    ({_INDUSTRY: {}}, ["C1", "P2", "P1"]),
    ({_MAILING: {"code": il.Condition(prefix="NE")}}, ["P3", "C2"]),
    ({_MAILING: {"code": il.Condition(prefix="N", negated=True)}}, []),
    ({_ANSWER: {"line_no": il.Condition(at_least=25_000)}}, ["P3"]),
    ({_ANSWER: {"code": "LEADS"}, _MAILING: {"code": "NEWS"}}, ["P3"]),
]
_INTERACTIONS: list[tuple[dict[str, Any], list[str]]] = [  # one satisfies everything
    ({"campaign_no": "cp1"}, ["P3", "P1"]),
    ({"campaign_no": "CP1", "canceled": False}, ["P3"]),
    ({"campaign_no": "CP1", "evaluation": il.Evaluation.NEGATIVE}, ["P1"]),
    (
        {"evaluation": il.Condition(any_of={il.Evaluation.POSITIVE}, negated=True)},
        ["P3", "C2", "P1"],
    ),
    ({"evaluation": {None}}, ["C2"]),
    ({"date": il.Condition(at_most=DAY)}, ["P3", "P1"]),
    ({"date": il.Condition(at_least=DAY + timedelta(1))}, ["C2"]),
    ({"postponed": True}, []),
]


_NUMBERS = {"nos", "company_nos", "within"}


class ContactFilterContract:
    """
    What `ContactDirectory.matching` promises.

    Attributes:
        refused: Fields of `ContactFilter` that the directory cannot answer. A filter that asks for
            one of them, or for an absent field, must raise `UsageError` with its name in the text.
            Methods as well that it leaves as they are in `ContactDirectory`, such as ``address``.
        numbers: What the host calls the contacts of `CONTACTS`, where it numbers them itself.
        absent: Fields of `Contact` that the host has not.
    """

    refused: frozenset[str] = frozenset()
    numbers: Mapping[str, str] = {}
    absent: frozenset[str] = frozenset()

    def no(self, number: str) -> str:
        """Return what the host calls a contact of `CONTACTS`."""
        return self.numbers.get(number.upper(), number)

    def of_host(self, contact: il.Contact) -> il.Contact:
        """Return a contact of `CONTACTS` as the host has it."""
        blank = il.Contact(no=contact.no, type=il.ContactType.PERSON)
        fields = {name: getattr(blank, name) for name in self.absent}
        company = contact.company_no and self.no(contact.company_no)
        fields = {"company_no": company} | fields
        return evolved(contact, {"no": self.no(contact.no), **fields})

    @property
    def everybody(self) -> Sequence[il.Contact]:
        """The contacts in the order of a selection."""
        contacts = [self.of_host(contact) for contact in CONTACTS]
        return sorted(
            contacts,
            key=lambda each: (
                each.company_name,
                each.company_no or "",
                each.type.value,
                each.name,
                each.no,
            ),
        )

    def filter_of(self, asked: Mapping[str, Any]) -> il.ContactFilter:
        """Return a filter in which contacts have the numbers of the host."""
        numbers = {name: set(map(self.no, asked[name])) for name in _NUMBERS & asked.keys()}
        where = dict(asked.get("where", {}))
        if "no" in where:
            where["no"] = where["no"].with_values(self.no)
        return il.ContactFilter(**{**asked, **numbers, "where": where})

    def check(
        self, directory: Directory, contact_filter: il.ContactFilter, nos: Collection[str]
    ) -> None:
        """Compare what a filter gives, or hold the directory to its refusal."""
        blank = il.ContactFilter()
        asked = {name for name, _ in contact_filter.where}
        asked |= {
            name
            for name in attrs.fields_dict(il.ContactFilter)
            if getattr(contact_filter, name) != getattr(blank, name)
        }
        refused = asked & (self.refused | self.absent | {f"{name}s" for name in self.absent})
        if not refused:
            wanted = set(map(self.no, nos))
            expected = [each.no for each in self.everybody if each.no in wanted]
            assert list(self.chosen(directory, contact_filter)) == expected
            return
        with pytest.raises(il.UsageError) as error:
            directory.matching(contact_filter)
        assert any(name.removesuffix("s") in str(error.value) for name in refused)

    def chosen(self, directory: Directory, asked: il.ContactFilter, **among: Any) -> Sequence[str]:
        """Return what a filter gives; an iterator or a set is none."""
        found = directory.matching(asked, **among)
        assert isinstance(found, Sequence), "matching must give a sequence, such as a list"
        return found

    def test_an_empty_filter_gives_everybody_in_order(self, directory: Directory) -> None:
        assert list(self.chosen(directory, il.ContactFilter())) == [
            each.no for each in self.everybody
        ]

    @pytest.mark.parametrize(
        ("asked", "nos"),
        [
            *_ASKED,
            *(({"where": asked}, nos) for asked, nos in _WHERE),
            *(({"memberships": asked}, nos) for asked, nos in _MEMBERSHIPS),
            *(({"interactions": asked}, nos) for asked, nos in _INTERACTIONS),
        ],
    )
    def test_a_filter_gives_those_that_meet_every_condition(
        self, directory: Directory, asked: dict[str, Any], nos: list[str]
    ) -> None:
        self.check(directory, self.filter_of(asked), nos)

    def test_numbers_are_compared_as_text(self, directory: Directory) -> None:
        least, most = sorted(map(self.no, ("C2", "P1")))
        between = il.ContactFilter(where={"no": il.Condition(at_least=least, at_most=most)})
        nos = [each.no for each in self.everybody if least <= each.no <= most]
        assert list(self.chosen(directory, between)) == nos
        beginning = il.ContactFilter(where={"no": il.Condition(prefix=least[:1])})
        nos = [each.no for each in self.everybody if each.no.startswith(least[:1])]
        assert list(self.chosen(directory, beginning)) == nos

    def test_codes_and_questions_ask_the_same_membership(self, directory: Directory) -> None:
        asked = {_RELATION: {"linked_no": "10000"}}
        for code, nos in (("CUST", ["C1", "P2", "P1"]), ("VEND", [])):
            both = il.ContactFilter(business_relation_codes={code}, memberships=asked)
            self.check(directory, both, nos)

    def test_a_choice_among_some_leaves_out_the_others(self, directory: Directory) -> None:
        for among in (["P1", "C2", "C9"], []):
            wanted = set(map(self.no, among))
            nos = [each.no for each in self.everybody if each.no in wanted]
            assert list(self.chosen(directory, il.ContactFilter(), among=wanted)) == nos

    @pytest.mark.parametrize(
        ("no", "widening", "nos"),
        [
            ("C1", il.Widening(), ["C1"]),
            ("C1", il.Widening(persons_of_matched_companies=True), ["C1", "P2", "P1"]),
            ("P1", il.Widening(persons_of_matched_companies=True), ["P1"]),
            ("P1", il.Widening(colleagues_of_matched_persons=True), ["C1", "P2", "P1"]),
            ("C1", il.Widening(colleagues_of_matched_persons=True), ["C1"]),
            ("P1", il.Widening(related_companies=True), ["C1", "P1"]),
            ("P3", il.Widening(related_companies=True, colleagues_of_matched_persons=True), ["P3"]),
        ],
    )
    def test_a_widening_takes_others_along(
        self, directory: Directory, no: str, widening: il.Widening, nos: list[str]
    ) -> None:
        wanted = set(map(self.no, nos))
        expected = [each.no for each in self.everybody if each.no in wanted]
        matching = il.ContactFilter(nos={self.no(no)})
        assert list(self.chosen(directory, matching, widening=widening)) == expected
        for each in ([], ["C9"], *([number] for number in expected)):
            found = self.chosen(directory, matching, widening=widening, among=each)
            assert list(found) == [number for number in each if number in expected]


class ContactDirectoryContract(ContactFilterContract):
    """
    What every `ContactDirectory` promises.

    Needs a fixture ``directory`` that gives one with exactly `CONTACTS`, `MEMBERSHIPS`,
    `ADDRESSES`, `ADDRESS_PERIODS` and the `INTERACTIONS` of those contacts. A host that numbers its
    contacts itself, or has fewer fields, says so by the attributes of `ContactFilterContract`.
    """

    def test_a_contact_is_found_whole(self, directory: Directory) -> None:
        for contact in map(self.of_host, CONTACTS):
            for find in (directory.find, directory.get, directory.hold):
                assert_alike(find(contact.no), contact)

    def test_an_absent_contact_is_none_or_not_found(self, directory: Directory) -> None:
        assert directory.find(self.no("C1")) == self.of_host(CONTACTS[0])
        assert directory.find("C9") is directory.hold("C9") is None
        with pytest.raises(il.NotFoundError):
            directory.get("C9")

    def answers(self, directory: Directory, name: str) -> bool:
        """Say whether a method is not refused; one that is gives what `ContactDirectory` gives."""
        if name in self.refused:
            assert getattr(type(directory), name) is getattr(ContactDirectory, name)
        return name not in self.refused

    @pytest.mark.parametrize(
        ("text", "no"),
        [
            ("álf", "C1"),
            ("a\u0301lf", "C1"),
            ("ÁLFAR", "C1"),
            ("strasse", "C2"),
            ("STRASSE_", "C2"),
            ("100%", "C1"),
            ("0%", "C1"),
            ("zo", "P1"),
            ("!", None),
            ("%100", None),
            ("A_F", None),
            ("", None),
            (" ", None),
        ],
    )
    def test_a_name_is_found_by_a_part_of_it_whatever_the_case(
        self, directory: Directory, text: str, no: str | None
    ) -> None:
        if self.answers(directory, "find_by_name"):
            found = directory.find_by_name(text)
            assert (found and found.no) == (no and self.no(no))

    def test_the_first_of_several_with_a_name_is_that_of_the_lowest_number(
        self, directory: Directory
    ) -> None:
        if self.answers(directory, "find_by_name"):
            found = directory.find_by_name("o")
            assert found is not None
            assert found.no == min(map(self.no, ("C2", "P1", "P3")))

    def test_a_contact_is_found_by_its_account(self, directory: Directory) -> None:
        if not self.answers(directory, "of_account"):
            return
        assert directory.of_account("Customer", "10000") == self.of_host(CONTACTS[0])
        assert directory.of_account("Vendor", "10000") is None
        assert directory.of_account("Customer", "20000") is None

    def test_many_gives_those_that_exist(self, directory: Directory) -> None:
        found = [self.of_host(CONTACTS[0]), self.of_host(CONTACTS[2])]
        assert directory.many(["C9", *(each.no for each in found)]) == {
            each.no: each for each in found
        }
        assert directory.many([]) == {}

    def test_standings_are_given_for_those_that_exist(self, directory: Directory) -> None:
        found = [self.of_host(CONTACTS[2]), self.of_host(CONTACTS[3])]
        summaries = directory.summaries(["C9", *(each.no for each in found)])
        assert summaries == {each.no: ContactSummary.of(each) for each in found}
        for each in found:
            assert isinstance(summaries[each.no], ContactSummary)
            assert_alike(evolved(each, summaries[each.no]._asdict()), each)

    def test_many_and_standings_take_a_thousand_numbers(self, directory: Directory) -> None:
        nos = [*(f"X{no}" for no in range(999)), self.no("C1")]
        assert set(directory.many(nos)) == set(directory.summaries(nos)) == {self.no("C1")}

    @pytest.mark.parametrize(
        ("day", "codes"),
        [
            (date(2026, 5, 31), {}),
            (date(2026, 6, 1), {"C1": "SUMMER", "P1": "HOME"}),
            (date(2026, 8, 1), {"C1": "AUGUST", "P1": "HOME"}),
            (date(2026, 8, 31), {"C1": "SUMMER", "P1": "HOME"}),
            (date(2026, 9, 1), {"P1": "HOME"}),
            (date.max, {"P1": "HOME"}),
        ],
    )
    def test_the_address_in_use_is_that_of_the_period_that_starts_last(
        self, directory: Directory, day: date, codes: dict[str, str]
    ) -> None:
        if not self.answers(directory, "active_addresses"):
            return
        nos = list(map(self.no, ("C1", "P1", "C9")))
        expected = {self.no(no): code for no, code in codes.items()}
        assert directory.active_addresses(nos, day) == expected
        for no in nos:
            own = {each: code for each, code in expected.items() if each == no}
            assert directory.active_addresses([no], day) == own

    def test_an_alternative_address_is_found_by_its_code(self, directory: Directory) -> None:
        if not self.answers(directory, "address"):
            return
        summer = evolved(ADDRESSES[0], {"contact_no": self.no("C1")})
        assert directory.address(self.no("C1"), "SUMMER") == summer
        assert directory.address(self.no("C1"), "WINTER") is None
        assert directory.address(self.no("P1"), "SUMMER") is None

    def test_customers_are_told_by_company(self, directory: Directory) -> None:
        if self.answers(directory, "customers"):
            nos = [self.no("C1"), self.no("C2"), "C9"]
            assert directory.customers(nos) == {self.no("C1"): "10000"}
            assert directory.customers(nos[1:]) == {}


class ContactRepositoryContract(Contract):
    """What every `ContactRepository` promises. Needs a ``begin`` fixture."""

    @pytest.fixture
    def contacts(self, work: Work) -> Contacts:
        return contacts_of(work)

    def test_numbers_are_in_the_order_of_their_characters(self, contacts: Contacts) -> None:
        nos = ["A-2", "A0", "A1", "AB", "A_3", "B", "ÄA", "Ж"]  # as no language sorts them
        for no in reversed(nos):
            contacts.put(a_contact(no, name=""))
        assert [each.no for each in contacts.all()] == nos

    def test_put_takes_the_place_of_the_contact_with_its_number(self, contacts: Contacts) -> None:
        contacts.put(a_contact("CT1", name="old"))
        contacts.put(a_contact("CT1", name="new"))
        assert contacts.all() == [a_contact("CT1", name="new")]
        assert contacts.find_by_name("old") is None

    def test_a_contact_goes_with_its_addresses_and_memberships(self, contacts: Contacts) -> None:
        put_contacts(contacts)
        for no in ("P1", "P2", "C1"):
            contacts.remove(no)
        contacts.put(a_contact("C1"))
        assert contacts.memberships("C1") == []
        assert contacts.address("C1", "SUMMER") is None
        assert contacts.active_addresses(["C1"], DAY + timedelta(180)) == {}
        assert contacts.memberships("C2") != []

    def test_who_has_no_company_has_no_colleagues(self, contacts: Contacts) -> None:
        for no, company_no in (("CT1", None), ("CT2", "CT1")):
            contacts.put(a_person(no, company_no))
        for no, related in (("CT1", True), ("CT2", False)):
            widening = il.Widening(colleagues_of_matched_persons=True, related_companies=related)
            assert list(contacts.matching(il.ContactFilter(nos={no}), widening=widening)) == [no]

    def test_a_contact_on_a_line_cannot_be_removed(self, work: Work, contacts: Contacts) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2"])
        work.segments.remove_lines("SM00001", [20_000])
        contacts.remove("CT2")
        with pytest.raises(il.StateError):
            contacts.remove("CT1")
        assert contacts.find("CT1") is not None
        work.segments.remove("SM00001")
        contacts.remove("CT1")
        assert contacts.find("CT1") is None

    def test_a_contact_on_a_line_does_not_change_company(
        self, work: Work, contacts: Contacts
    ) -> None:
        add_segment(work, "SM00001", ["CT1"])
        for no in ("CT2", "CT3", "CT9"):
            contacts.put(a_person(no, "CT1"))
        work.segments.add_lines([a_line(20_000, "CT2")])
        moved = a_person("CT2", "CT4")
        for move in (contacts.put, contacts.replace):
            with pytest.raises(il.StateError):
                move(moved)
        for company_no in ("CT4", None):
            with pytest.raises(il.StateError):
                contacts.set("CT2", company_no=company_no)
        contacts.put(a_person("CT2", "CT1", name="new"))
        contacts.set("CT2", company_no="ct1")
        contacts.put(a_person("CT3", "CT4"))
        contacts.set("CT9", company_no="CT4")
        companies = {
            no: each.company_no for no, each in contacts.many(["CT2", "CT3", "CT9"]).items()
        }
        assert companies == {"CT2": "CT1", "CT3": "CT4", "CT9": "CT4"}
        assert contacts.get("CT2").name == "new"

    def test_the_company_of_other_contacts_cannot_be_removed(self, contacts: Contacts) -> None:
        contacts.put(a_contact("CT1"))
        contacts.put(a_person("CT2", "CT1"))
        with pytest.raises(il.StateError):
            contacts.remove("CT1")

    def test_an_address_takes_the_place_of_the_one_with_its_code(self, contacts: Contacts) -> None:
        for city in ("old", "new"):
            address = il.AlternativeAddress(contact_no="CT1", code="HOME", city=city)
            contacts.put_address(address)
            assert contacts.address("CT1", "HOME") == address

    def test_a_period_takes_the_place_of_the_one_with_its_start(self, contacts: Contacts) -> None:
        for code in ("OLD", "NEW"):
            contacts.put_address_period(_period("CT1", code, DAY, None))
        assert contacts.active_addresses(["CT1"], DAY) == {"CT1": "NEW"}

    def test_memberships_are_in_the_order_of_kind_code_and_line(self, contacts: Contacts) -> None:
        members = [
            a_membership("CT1", kind, code, line_no)
            for kind, code, line_no in (
                *((_MAILING, code, 0) for code in "AB"),
                (_INDUSTRY, "A", 0),
                *((_ANSWER, "A", line_no) for line_no in (9_000, 10_000)),
            )
        ]
        for membership in reversed(members):
            contacts.put_membership(membership)
        assert contacts.memberships("ct1") == members

    def test_a_membership_takes_the_place_of_the_same_one(self, contacts: Contacts) -> None:
        better = attrs.evolve(MEMBERSHIPS[0], linked_no="10000", link_to_table="Customer")
        contacts.put_membership(MEMBERSHIPS[0])
        contacts.put_membership(better)
        assert contacts.memberships("C1") == [better]

    def test_a_removed_membership_is_gone_and_others_stay(self, contacts: Contacts) -> None:
        put_contacts(contacts)
        contacts.remove_membership(MEMBERSHIPS[0])
        assert contacts.memberships("C1") == [MEMBERSHIPS[1]]
        with pytest.raises(il.NotFoundError):
            contacts.remove_membership(MEMBERSHIPS[0])

    def test_the_first_customer_number_of_a_company_is_told(self, contacts: Contacts) -> None:
        for no, code, table, linked in (
            ("CT1", "B", "Customer", "30000"),
            ("CT1", "C", "Customer", "20000"),
            ("CT1", "A", "Vendor", "10000"),
            ("CT2", "A", "Vendor", "20000"),
            ("CT3", "A", "Customer", "40000"),
        ):
            links: dict[str, Any] = {"link_to_table": table, "linked_no": linked}
            contacts.put_membership(a_membership(no, _RELATION, code, **links))
            links = {"link_to_table": "Customer", "linked_no": "1"}  # of something else
            contacts.put_membership(a_membership(no, _INDUSTRY, code, **links))
        customers = contacts.customers(["CT1", "CT2", "CT9"])
        assert customers == {"CT1": "20000"}

    def test_the_first_contact_of_an_account_is_that_of_the_lowest_number(
        self, contacts: Contacts
    ) -> None:
        links: dict[str, Any] = {"link_to_table": "Customer", "linked_no": "C10"}
        for no, code in (("CT3", "A"), ("CT2", "B")):
            contacts.put(a_contact(no))
            contacts.put_membership(a_membership(no, _RELATION, code, **links))
        assert contacts.of_account("Customer", " c10 ") == a_contact("CT2")
