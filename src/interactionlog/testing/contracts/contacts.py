"""What contact directories and repositories promise."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest

from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Membership,
    Salesperson,
    User,
)
from interactionlog.contacts.directory import (
    ContactDirectory,
    ContactRepository,
    ContactSummary,
    SalespersonDirectory,
    UserDirectory,
)
from interactionlog.errors import NotFoundError, StateError
from interactionlog.testing.builders import (
    DAY,
    Begin,
    a_contact,
    a_person,
    add_segment,
    contacts_of,
    salespeople_of,
)
from interactionlog.testing.contracts.contact_filters import ContactFilterContract
from interactionlog.values import CorrespondenceType, MembershipKind

CONTACTS = (
    a_contact("C1", name="Álfar 100%", company_name="Beta", territory_code="N", country_code="IS"),
    a_contact("C2", name="Straße_Sport", company_name="Alpha", salesperson_code="HR"),
    a_person(
        "P1",
        "C1",
        name="Zoe",
        company_name="Beta",
        salesperson_code="HR",
        language_code="DAN",
        correspondence_type=CorrespondenceType.EMAIL,
        e_mail="zoe@beta.example",
        privacy_blocked=True,
    ),
    a_person("P2", "C1", name="Adam", company_name="Beta", exclude_from_segment=True),
    a_person("P3", name="Alone"),
)
"""The contacts that a directory under test holds, by number."""

MEMBERSHIPS = (
    Membership(
        contact_no="C1",
        kind=MembershipKind.BUSINESS_RELATION,
        code="CUST",
        link_to_table="Customer",
        linked_no="10000",
    ),
    Membership(contact_no="C1", kind=MembershipKind.INDUSTRY_GROUP, code="RETAIL"),
    Membership(contact_no="C2", kind=MembershipKind.BUSINESS_RELATION, code="VEND"),
    Membership(contact_no="C2", kind=MembershipKind.MAILING_GROUP, code="NEWS"),
    Membership(contact_no="P1", kind=MembershipKind.JOB_RESPONSIBILITY, code="BUYER"),
    Membership(contact_no="P1", kind=MembershipKind.PROFILE_ANSWER, code="LEADS", line_no=20_000),
    Membership(contact_no="P3", kind=MembershipKind.MAILING_GROUP, code="NEWS"),
    Membership(contact_no="P3", kind=MembershipKind.PROFILE_ANSWER, code="LEADS", line_no=30_000),
)
"""Their memberships."""

ADDRESSES = (
    AlternativeAddress(contact_no="C1", code="SUMMER", e_mail="summer@beta.example"),
    AlternativeAddress(contact_no="C1", code="AUGUST"),
)
"""Their alternative addresses."""

ADDRESS_PERIODS = (
    AlternativeAddressPeriod(
        contact_no="C1",
        starting_date=date(2026, 6, 1),
        ending_date=date(2026, 8, 31),
        code="SUMMER",
    ),
    AlternativeAddressPeriod(
        contact_no="C1",
        starting_date=date(2026, 8, 1),
        ending_date=date(2026, 8, 15),
        code="AUGUST",
    ),
    AlternativeAddressPeriod(contact_no="P1", starting_date=date(2026, 6, 1), code="HOME"),
)
"""When those are in use."""

SALESPEOPLE = (
    Salesperson(code="HR", name="Helena Ray", e_mail="Helena@example.com"),
    Salesperson(code="JO", name="Jim Olive", e_mail="helena@example.com", blocked=True),
    Salesperson(code="PS", name="Peter Saddow"),
)
"""The salespeople that a directory under test holds, by code."""

USERS = (User(user_id="HELENA", full_name="Helena Ray", salesperson_code="HR"),)
"""The users that a directory under test holds."""


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


class ContactDirectoryContract(ContactFilterContract):
    """
    What every `ContactDirectory` promises.

    Needs a fixture ``directory`` that gives one with exactly `CONTACTS`, `MEMBERSHIPS`,
    `ADDRESSES`, `ADDRESS_PERIODS` and the `INTERACTIONS` of those contacts.

    Attributes:
        refused: Fields of `ContactFilter` that the directory cannot answer; none by default.
    """

    def test_a_contact_is_found_whole(self, directory: ContactDirectory) -> None:
        assert [directory.get(contact.no) for contact in CONTACTS] == list(CONTACTS)

    def test_an_absent_contact_is_not_found(self, directory: ContactDirectory) -> None:
        with pytest.raises(NotFoundError):
            directory.get("C9")

    def test_find_gives_none_for_an_absent_contact(self, directory: ContactDirectory) -> None:
        assert directory.find("C1") == CONTACTS[0]
        assert directory.find("C9") is None

    @pytest.mark.parametrize(
        ("text", "no"),
        [
            ("álf", "C1"),
            ("ÁLFAR", "C1"),
            ("strasse", "C2"),
            ("STRASSE_", "C2"),
            ("100%", "C1"),
            ("0%", "C1"),
            ("a", "C1"),
            ("!", None),
            ("%100", None),
            ("A_F", None),
        ],
    )
    def test_a_name_is_found_by_a_part_of_it_whatever_the_case(
        self, directory: ContactDirectory, text: str, no: str | None
    ) -> None:
        found = directory.find_by_name(text)
        assert (found and found.no) == no

    def test_a_contact_is_found_by_its_account(self, directory: ContactDirectory) -> None:
        assert directory.of_account("Customer", "10000") == CONTACTS[0]
        assert directory.of_account("Vendor", "10000") is None
        assert directory.of_account("Customer", "20000") is None

    def test_many_gives_those_that_exist(self, directory: ContactDirectory) -> None:
        assert directory.many(["C9", "P1", "C1"]) == {"C1": CONTACTS[0], "P1": CONTACTS[2]}
        assert directory.many([]) == {}

    def test_standings_are_given_for_those_that_exist(self, directory: ContactDirectory) -> None:
        assert directory.summaries(["C9", "P1", "P2"]) == {
            "P1": ContactSummary(
                True, False, "zoe@beta.example", "HR", "DAN", CorrespondenceType.EMAIL
            ),
            "P2": ContactSummary(False, True, "", None, None, None),
        }

    def test_many_and_standings_take_a_thousand_numbers(self, directory: ContactDirectory) -> None:
        nos = [*(f"X{no}" for no in range(999)), "C1"]
        assert set(directory.many(nos)) == set(directory.summaries(nos)) == {"C1"}

    @pytest.mark.parametrize(
        ("day", "codes"),
        [
            (date(2026, 5, 31), {}),
            (date(2026, 6, 1), {"C1": "SUMMER", "P1": "HOME"}),
            (date(2026, 8, 1), {"C1": "AUGUST", "P1": "HOME"}),
            (date(2026, 8, 31), {"C1": "SUMMER", "P1": "HOME"}),
            (date(2026, 9, 1), {"P1": "HOME"}),
        ],
    )
    def test_the_address_in_use_is_that_of_the_period_that_starts_last(
        self, directory: ContactDirectory, day: date, codes: dict[str, str]
    ) -> None:
        assert directory.active_addresses(["C1", "P1", "C9"], day) == codes

    def test_an_alternative_address_is_found_by_its_code(self, directory: ContactDirectory) -> None:
        assert directory.address("C1", "SUMMER") == ADDRESSES[0]
        assert directory.address("C1", "WINTER") is None
        assert directory.address("P1", "SUMMER") is None


class SalespersonDirectoryContract:
    """
    What every `SalespersonDirectory` promises.

    Needs a fixture ``directory`` that gives one with exactly `SALESPEOPLE`.
    """

    def test_find_gives_the_salesperson_or_none(self, directory: SalespersonDirectory) -> None:
        assert directory.find("HR") == SALESPEOPLE[0]
        assert directory.find("XX") is None

    def test_an_address_finds_all_who_share_it_whatever_the_case(
        self, directory: SalespersonDirectory
    ) -> None:
        assert list(directory.with_e_mail("HELENA@example.com")) == list(SALESPEOPLE[:2])

    def test_no_address_finds_nobody(self, directory: SalespersonDirectory) -> None:
        assert list(directory.with_e_mail("")) == []


class UserDirectoryContract:
    """
    What every `UserDirectory` promises.

    Needs a fixture ``directory`` that gives one with exactly `USERS`.
    """

    def test_find_gives_the_user_or_none(self, directory: UserDirectory) -> None:
        assert directory.find("HELENA") == USERS[0]
        assert directory.find("NOBODY") is None


class ContactRepositoryContract:
    """What every `ContactRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_contact_comes_back_equal(self, begin: Begin) -> None:
        contact = a_contact("CT1", name="Ægir", e_mail="a@b.example", minor=True)
        with begin() as work:
            contacts_of(work).put(contact)
        with begin() as work:
            assert contacts_of(work).get("ct1") == contact

    def test_put_takes_the_place_of_the_contact_with_its_number(self, begin: Begin) -> None:
        with begin() as work:
            contacts_of(work).put(a_contact("CT1", name="old"))
            contacts_of(work).put(a_contact("CT1", name="new"))
            assert contacts_of(work).all() == [a_contact("CT1", name="new")]
            assert contacts_of(work).find_by_name("old") is None

    def test_all_is_in_the_order_of_the_numbers(self, begin: Begin) -> None:
        with begin() as work:
            for no in ("CT2", "CT10", "CT1"):
                contacts_of(work).put(a_contact(no))
            assert [contact.no for contact in contacts_of(work).all()] == ["CT1", "CT10", "CT2"]

    def test_a_contact_goes_with_its_addresses_and_memberships(self, begin: Begin) -> None:
        with begin() as work:
            put_contacts(contacts_of(work))
            for no in ("P1", "P2", "C1"):
                contacts_of(work).remove(no)
            put_back = a_contact("C1")
            contacts_of(work).put(put_back)
            assert contacts_of(work).memberships("C1") == []
            assert contacts_of(work).address("C1", "SUMMER") is None
            assert contacts_of(work).active_addresses(["C1"], DAY + timedelta(180)) == {}
            assert contacts_of(work).memberships("C2") != []

    def test_an_absent_contact_cannot_be_removed(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            contacts_of(work).remove("CT1")

    def test_a_contact_on_a_line_cannot_be_removed(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            with pytest.raises(StateError):
                contacts_of(work).remove("CT1")
            assert contacts_of(work).find("CT1") is not None

    def test_a_contact_can_be_removed_when_its_line_is_gone(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            work.segments.remove("SM00001")
            contacts_of(work).remove("CT1")
            assert contacts_of(work).find("CT1") is None

    def test_the_company_of_other_contacts_cannot_be_removed(self, begin: Begin) -> None:
        with begin() as work:
            contacts_of(work).put(a_contact("CT1"))
            contacts_of(work).put(a_person("CT2", "CT1"))
            with pytest.raises(StateError):
                contacts_of(work).remove("CT1")

    def test_an_address_takes_the_place_of_the_one_with_its_code(self, begin: Begin) -> None:
        with begin() as work:
            for city in ("old", "new"):
                contacts_of(work).put_address(
                    AlternativeAddress(contact_no="CT1", code="HOME", city=city)
                )
            address = contacts_of(work).address("CT1", "HOME")
            assert address is not None
            assert address.city == "new"

    def test_a_period_takes_the_place_of_the_one_with_its_start(self, begin: Begin) -> None:
        with begin() as work:
            for code in ("OLD", "NEW"):
                contacts_of(work).put_address_period(
                    AlternativeAddressPeriod(contact_no="CT1", starting_date=DAY, code=code)
                )
            assert contacts_of(work).active_addresses(["CT1"], DAY) == {"CT1": "NEW"}

    def test_memberships_are_in_the_order_of_kind_code_and_line(self, begin: Begin) -> None:
        members = [
            Membership(contact_no="CT1", kind=kind, code=code, line_no=line_no)
            for kind, code, line_no in (
                (MembershipKind.MAILING_GROUP, "A", 0),
                (MembershipKind.MAILING_GROUP, "B", 0),
                (MembershipKind.INDUSTRY_GROUP, "A", 0),
                (MembershipKind.PROFILE_ANSWER, "A", 9_000),
                (MembershipKind.PROFILE_ANSWER, "A", 10_000),
            )
        ]
        with begin() as work:
            for membership in reversed(members):
                contacts_of(work).put_membership(membership)
            assert contacts_of(work).memberships("ct1") == members

    def test_a_membership_takes_the_place_of_the_same_one(self, begin: Begin) -> None:
        better = attrs.evolve(MEMBERSHIPS[0], linked_no="10000", link_to_table="Customer")
        with begin() as work:
            contacts_of(work).put_membership(MEMBERSHIPS[0])
            contacts_of(work).put_membership(better)
            assert contacts_of(work).memberships("C1") == [better]

    def test_a_removed_membership_is_gone_and_others_stay(self, begin: Begin) -> None:
        with begin() as work:
            put_contacts(contacts_of(work))
            contacts_of(work).remove_membership(MEMBERSHIPS[0])
            assert contacts_of(work).memberships("C1") == [MEMBERSHIPS[1]]

    def test_an_absent_membership_cannot_be_removed(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            contacts_of(work).remove_membership(MEMBERSHIPS[0])

    def test_the_first_customer_number_of_a_company_is_told(self, begin: Begin) -> None:
        relation = MembershipKind.BUSINESS_RELATION
        with begin() as work:
            for no, code, table, linked in (
                ("CT1", "B", "Customer", "30000"),
                ("CT1", "A", "Vendor", "10000"),
                ("CT2", "A", "Vendor", "20000"),
            ):
                contacts_of(work).put_membership(
                    Membership(
                        contact_no=no,
                        kind=relation,
                        code=code,
                        link_to_table=table,
                        linked_no=linked,
                    )
                )
            customers = contacts_of(work).customers(["CT1", "CT2", "CT9"])
        assert customers == {"CT1": "30000"}


class SalespersonRepositoryContract:
    """What every `SalespersonRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_salesperson_comes_back_equal(self, begin: Begin) -> None:
        salesperson = Salesperson(code="HR", name="Helena Ray", privacy_blocked=True)
        with begin() as work:
            salespeople_of(work).put(salesperson)
        with begin() as work:
            assert salespeople_of(work).get("hr") == salesperson

    def test_an_absent_salesperson_is_not_found(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            salespeople_of(work).get("HR")

    def test_put_takes_the_place_of_the_salesperson_with_its_code(self, begin: Begin) -> None:
        with begin() as work:
            salespeople_of(work).put(Salesperson(code="HR", name="old"))
            salespeople_of(work).put(Salesperson(code="HR", name="new"))
            assert salespeople_of(work).all() == [Salesperson(code="HR", name="new")]

    def test_all_is_in_the_order_of_the_codes(self, begin: Begin) -> None:
        with begin() as work:
            salespeople_of(work).put(Salesperson(code="JO"))
            salespeople_of(work).put(Salesperson(code="HR"))
            assert [each.code for each in salespeople_of(work).all()] == ["HR", "JO"]

    def test_a_removed_salesperson_is_gone(self, begin: Begin) -> None:
        with begin() as work:
            salespeople_of(work).put(Salesperson(code="HR"))
            salespeople_of(work).remove("hr")
            assert salespeople_of(work).find("HR") is None

    def test_an_absent_salesperson_cannot_be_removed(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            salespeople_of(work).remove("HR")
