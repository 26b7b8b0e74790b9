"""What a store promises that keeps contacts and salespeople itself."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Membership,
)
from interactionlog.contacts.salesperson import Salesperson
from interactionlog.enumerations import MembershipKind
from interactionlog.errors import NotFoundError, StateError
from interactionlog.testing.begin import Begin, contacts_of, salespeople_of
from interactionlog.testing.builders import DAY, a_contact, a_person, add_segment
from interactionlog.testing.contracts.contacts import MEMBERSHIPS, put_contacts

__all__ = ["ContactRepositoryContract", "SalespersonRepositoryContract"]


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
