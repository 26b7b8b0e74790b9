"""Contacts and salespeople that the store itself keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from interactionlog.adapters.records import StoredContacts
from interactionlog.adapters.sql.conditions import ContactConditions
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.session import SqlSession, json_list, parts
from interactionlog.adapters.tables import TABLES, Table
from interactionlog.contacts.contact import AlternativeAddress, Contact, Salesperson, User
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.contacts.directory import (
    ContactDirectory,
    ContactSummary,
    SalespersonRepository,
    UserRepository,
)
from interactionlog.values import CorrespondenceType, MembershipKind, as_code, folded

_TYPES = {None: None} | {each.value: each for each in CorrespondenceType}


class SqlContactDirectory(ContactDirectory):
    """
    `interactionlog.contacts.directory.ContactDirectory` over ``{contacts}`` and what goes with it.

    That is a relation of the host's, which answers about the fields that it was given, or the
    library's own tables.
    """

    _session: SqlSession

    def __init__(self, session: SqlSession) -> None:
        self._session = session
        self._relation = session.relations.contacts
        self._table: Table[Any] = TABLES[Contact]

    def find(self, no: str, /) -> Contact | None:
        return self.many([as_code(no)]).get(as_code(no))

    def find_by_name(self, text: str) -> Contact | None:
        self._require("name")
        escaped = folded(text).translate({ord(sign): f"!{sign}" for sign in "!%_"})
        found = escaped and self._session.entities(self._table, "contact_by_name", escaped)
        return found[0] if found else None

    def of_account(self, link_to_table: str, linked_no: str) -> Contact | None:
        if self._relation is not None:
            self._relation.memberships_of(MembershipKind.BUSINESS_RELATION)
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
        matching = ContactConditions.of(self._session, contact_filter, widening)
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

    def address(self, contact_no: str, code: str) -> AlternativeAddress | None:
        addresses, key = TABLES[AlternativeAddress], json_list([as_code(contact_no)])
        found = self._session.entities(addresses, "address_of_contact", key, as_code(code))
        return found[0] if found else None

    def _require(self, field: str) -> None:
        if self._relation is not None and field not in self._relation.given:
            self._relation.refuse(field)


class SqlContacts(StoredContacts, SqlRecords[Contact], SqlContactDirectory):
    """`interactionlog.contacts.directory.ContactRepository` over SQL."""

    _relation = None

    def name_companies(self, company_nos: Collection[str]) -> None:
        tenant = self._session.tenant
        for some in parts(company_nos):
            self._session.change("name_companies", tenant, tenant, json_list(some), tenant)

    def reached_by(self, field: str, values: Collection[str]) -> Sequence[tuple[str, str]]:
        return [
            (no, text)
            for some in parts(values)
            for no, text in self._session.rows(f"contacts_with_{field}", first=(json_list(some),))
        ]


class SqlPeople:
    """Salespeople or users, read by their code; those of a host when nothing else is mixed in."""

    def __init__(self, session: SqlSession, kind: type[Any]) -> None:
        self._session, self._table = session, TABLES[kind]

    def find(self, code: str, /) -> Any:
        return self.many([code]).get(as_code(code))

    def many(self, codes: Collection[str]) -> Mapping[str, Any]:
        keys = json_list([*map(as_code, codes)])
        found = self._session.entities(self._table, f"some_{self._table.name}", keys)
        return {self._table.key_of(each)[0]: each for each in found}

    def with_e_mail(self, e_mail: str) -> Sequence[Salesperson]:
        wanted = folded(e_mail)
        people = self._session.entities(self._table, "salespeople_with_e_mail")
        return [person for person in people if folded(person.e_mail) == wanted]


class SqlSalespeople(SqlRecords[Salesperson], SqlPeople, SalespersonRepository):
    """`interactionlog.contacts.directory.SalespersonRepository` over SQL."""

    entity = Salesperson


class SqlUsers(SqlRecords[User], SqlPeople, UserRepository):
    """`interactionlog.contacts.directory.UserRepository` over SQL."""

    entity = User


def contacts_of(session: SqlSession) -> Any:
    """Return the contacts of the host's relation, or those that the store keeps."""
    own = session.relations.contacts is None
    return SqlContacts(session) if own else SqlContactDirectory(session)


def salespeople_of(session: SqlSession) -> Any:
    """Return the salespeople of the host's relation, or those that the store keeps."""
    own = session.relations.salespeople is None
    return SqlSalespeople(session) if own else SqlPeople(session, Salesperson)


def users_of(session: SqlSession) -> Any:
    """Return the users of the host's relation, or those that the store keeps."""
    return SqlUsers(session) if session.relations.users is None else SqlPeople(session, User)
