"""Contacts and salespeople that the store itself keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from interactionlog.adapters.records import StoredContacts
from interactionlog.adapters.sql.conditions import ContactConditions
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.session import json_list
from interactionlog.contacts.contact import Contact, Salesperson
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.contacts.directory import ContactSummary, SalespersonRepository
from interactionlog.errors import StateError
from interactionlog.values import CorrespondenceType, as_code, folded

_TYPES = {None: None} | {each.value: each for each in CorrespondenceType}


class SqlContacts(StoredContacts, SqlRecords[Contact]):
    """`interactionlog.contacts.directory.ContactRepository` over SQL."""

    def find_by_name(self, text: str) -> Contact | None:
        escaped = folded(text).translate({ord(sign): f"!{sign}" for sign in "!%_"})
        return self.first("contact_by_name", escaped)

    def of_account(self, link_to_table: str, linked_no: str) -> Contact | None:
        row = self._session.row("contact_of_account", link_to_table, as_code(linked_no))
        return None if row is None else self.find(row[0])

    def many(self, nos: Collection[str]) -> Mapping[str, Contact]:
        found = self._session.entities(self._table, "contacts_many", json_list(nos))
        return {contact.no: contact for contact in found}

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
        matching = ContactConditions.of(self._session.tenant, contact_filter, widening)
        if among is not None:
            matching.add("if_no", json_list(among))
        rows = self._session.rows_where(
            "contacts_matching", matching.conditions, "contacts_in_order", *matching.values
        )
        return [row[0] for row in rows]

    def active_addresses(self, nos: Collection[str], on: date) -> Mapping[str, str]:
        # of several periods the one that starts last is the last row of its contact
        return dict(self._session.rows("active_addresses", json_list(nos), on, on))

    def customers(self, company_nos: Collection[str]) -> Mapping[str, str]:
        return dict(self._session.rows("customers_of_companies", json_list(company_nos)))

    def remove(self, *key: object) -> None:
        contact = self.lock(*key)
        if not self._session.driver.one_writer:
            self._session.change("lock_segments", self._session.tenant)  # nobody adds its line
        if line := self._session.row("contact_on_line", contact.no):
            raise StateError(f"contact {contact.no}", f"is on segment {line[0]}")
        if other := self._session.row("other_contacts_of_company", contact.no, contact.no):
            raise StateError(f"contact {contact.no}", f"is the company of contact {other[0]}")
        for name in ("alternative_address", "alternative_address_period", "membership"):
            self._session.remove(f"contact_{name}", contact.no)
        super().remove(contact.no)


class SqlSalespeople(SqlRecords[Salesperson], SalespersonRepository):
    """`interactionlog.contacts.directory.SalespersonRepository` over SQL."""

    entity = Salesperson

    def with_e_mail(self, e_mail: str) -> Sequence[Salesperson]:
        wanted = folded(e_mail)
        people = self._session.entities(self._table, "salespeople_with_e_mail")
        return [person for person in people if folded(person.e_mail) == wanted]
