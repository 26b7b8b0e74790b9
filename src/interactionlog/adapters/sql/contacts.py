"""Contacts and salespeople that the store itself keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from interactionlog.adapters.sql.conditions import Meant
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.session import SqlSession, json_list
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Contact,
    Membership,
    Salesperson,
)
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.contacts.directory import (
    ContactRepository,
    ContactSummary,
    SalespersonRepository,
)
from interactionlog.errors import StateError
from interactionlog.values import CorrespondenceType, as_code

_TYPES: dict[int | None, CorrespondenceType | None] = {
    None: None,
    **{member.value: member for member in CorrespondenceType},
}


class SqlContacts(SqlRecords[Contact], ContactRepository):
    """`interactionlog.contacts.directory.ContactRepository` over SQL."""

    def __init__(self, session: SqlSession) -> None:
        super().__init__(session, Contact)
        self._addresses = SqlRecords(session, AlternativeAddress)
        self._periods = SqlRecords(session, AlternativeAddressPeriod)
        self._memberships = SqlRecords(session, Membership)

    def find_by_name(self, text: str) -> Contact | None:
        escaped = text.casefold().translate({ord(sign): f"!{sign}" for sign in "!%_"})
        row = self._session.row("contact_by_name", escaped)
        return None if row is None else self._from_row(row)

    def of_account(self, link_to_table: str, linked_no: str) -> Contact | None:
        row = self._session.row("contact_of_account", link_to_table, as_code(linked_no))
        return None if row is None else self.find(row[0])

    def many(self, nos: Collection[str]) -> Mapping[str, Contact]:
        build = self._from_row
        rows = self._session.rows("contacts_many", json_list(nos))
        return {row[0]: build(row) for row in rows}

    def summaries(self, nos: Collection[str]) -> Mapping[str, ContactSummary]:
        rows = self._session.rows("contact_summaries", json_list(nos))
        return {
            no: ContactSummary(
                blocked == 1, excluded == 1, e_mail, salesperson, language, _TYPES[kind]
            )
            for no, blocked, excluded, e_mail, salesperson, language, kind in rows
        }

    def matching(
        self,
        contact_filter: ContactFilter,
        *,
        widening: Widening | None = None,
        among: Collection[str] | None = None,
    ) -> Sequence[str]:
        meant = Meant.of(self._session.tenant, contact_filter, widening)
        if among is not None:
            meant.add("if_nos", json_list(among))
        rows = self._session.rows_where(
            "contacts_matching", meant.conditions, "contacts_in_order", *meant.values
        )
        return [row[0] for row in rows]

    def active_addresses(self, nos: Collection[str], on: date) -> Mapping[str, str]:
        # of several periods the one that starts last is the last row of its contact
        return dict(self._session.rows("active_addresses", json_list(nos), on, on))

    def address(self, contact_no: str, code: str) -> AlternativeAddress | None:
        return self._addresses.find(contact_no, code)

    def customers(self, company_nos: Collection[str]) -> Mapping[str, str]:
        return dict(self._session.rows("customers_of_companies", json_list(company_nos)))

    def remove(self, *key: object) -> None:
        contact = self.lock(*key)
        if not self._session.driver.one_writer:
            self._session.change("lock_segments", self._session.tenant)  # nobody adds its line
        if line := self._session.row("contact_on_line", contact.no):
            raise StateError(f"contact {contact.no}", f"stands on segment {line[0]}")
        if other := self._session.row("other_contacts_of_company", contact.no, contact.no):
            raise StateError(f"contact {contact.no}", f"is the company of contact {other[0]}")
        for name in ("alternative_address", "alternative_address_period", "membership"):
            self._session.remove(f"contact_{name}", contact.no)
        super().remove(contact.no)

    def put_address(self, address: AlternativeAddress) -> None:
        self._addresses.put(address)

    def put_address_period(self, period: AlternativeAddressPeriod) -> None:
        self._periods.put(period)

    def put_membership(self, membership: Membership) -> None:
        self.hold(membership.contact_no)
        self._memberships.put(membership)

    def remove_membership(self, membership: Membership) -> None:
        self._memberships.remove(
            membership.contact_no, membership.kind, membership.code, membership.line_no
        )

    def memberships(self, no: str) -> Sequence[Membership]:
        return self._memberships.all(as_code(no))


class SqlSalespeople(SqlRecords[Salesperson], SalespersonRepository):
    """`interactionlog.contacts.directory.SalespersonRepository` over SQL."""

    def with_e_mail(self, e_mail: str) -> Sequence[Salesperson]:
        build = self._from_row
        wanted = e_mail.casefold()
        people = [build(row) for row in self._session.rows("salespeople_with_e_mail")]
        return [person for person in people if person.e_mail.casefold() == wanted]
