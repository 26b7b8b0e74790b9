"""What every directory of contacts, salespeople and users promises."""

from __future__ import annotations

from datetime import date

import pytest

from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Membership,
)
from interactionlog.contacts.directory import (
    ContactDirectory,
    ContactRepository,
    ContactStanding,
    SalespersonDirectory,
    UserDirectory,
)
from interactionlog.contacts.salesperson import Salesperson, User
from interactionlog.enumerations import CorrespondenceType, MembershipKind
from interactionlog.errors import NotFoundError
from interactionlog.testing.builders import a_contact, a_person
from interactionlog.testing.contracts.contact_filters import (
    INTERACTIONS,
    ContactFilterContract,
)

__all__ = [
    "ADDRESSES",
    "ADDRESS_PERIODS",
    "CONTACTS",
    "INTERACTIONS",
    "MEMBERSHIPS",
    "SALESPEOPLE",
    "USERS",
    "ContactDirectoryContract",
    "SalespersonDirectoryContract",
    "UserDirectoryContract",
    "put_contacts",
]

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
        assert directory.standings(["C9", "P1", "P2"]) == {
            "P1": ContactStanding(
                True, False, "zoe@beta.example", "HR", "DAN", CorrespondenceType.EMAIL
            ),
            "P2": ContactStanding(False, True, "", None, None, None),
        }

    def test_many_and_standings_take_a_thousand_numbers(self, directory: ContactDirectory) -> None:
        nos = [*(f"X{no}" for no in range(999)), "C1"]
        assert set(directory.many(nos)) == set(directory.standings(nos)) == {"C1"}

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
