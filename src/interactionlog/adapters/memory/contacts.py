"""Contacts and salespeople in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import attrs

from interactionlog.adapters.memory.session import MemoryRecords
from interactionlog.adapters.records import StoredContacts, reached
from interactionlog.contacts.contact import (
    AlternativeAddressPeriod,
    Contact,
    Membership,
    Salesperson,
    User,
)
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.contacts.directory import (
    ContactSummary,
    SalespersonRepository,
    UserRepository,
)
from interactionlog.values import ContactType, MembershipKind, as_code, folded


class MemoryContacts(StoredContacts, MemoryRecords[Contact]):
    """`interactionlog.contacts.directory.ContactRepository` over dictionaries."""

    def find_by_name(self, text: str) -> Contact | None:
        wanted = folded(text)
        found = (each for each in self.all() if wanted and wanted in each.search_name)
        return next(found, None)

    def of_account(self, link_to_table: str, linked_no: str) -> Contact | None:
        account = (link_to_table, as_code(linked_no))
        memberships = self.of(Membership).all()  # in the order of their contacts
        related = (each for each in memberships if (each.link_to_table, each.linked_no) == account)
        return next((self.find(each.contact_no) for each in related), None)

    def many(self, nos: Collection[str]) -> Mapping[str, Contact]:
        table = self._session.read("contact")
        return {no: table[no,] for no in nos if (no,) in table}

    def summaries(self, nos: Collection[str]) -> Mapping[str, ContactSummary]:
        return {no: ContactSummary.of(contact) for no, contact in self.many(nos).items()}

    def matching(
        self,
        contact_filter: ContactFilter,
        *,
        widening: Widening | None = None,
        among: Collection[str] | None = None,
    ) -> Sequence[str]:
        # a contact that others come along with need not be among them
        before = among if widening is None else None
        candidates = self.all() if before is None else list(self.many(before).values())
        entries: dict[str | None, list[Any]] = {}
        if contact_filter.interactions:
            for entry in self._session.read("log_entry").values():
                entries.setdefault(entry.contact_no, []).append(entry)

        def members(no: str | None) -> Iterable[Membership]:
            return self._session.below("contact_membership", no or "").values()

        matches = contact_filter.matches
        chosen = [
            each
            for each in candidates
            if matches(each, members(each.no), members(each.company_no), entries.get(each.no, ()))
        ]
        if widening is not None:
            chosen = self._widened(chosen, widening)
            chosen = [each for each in chosen if among is None or each.no in among]
        return [contact.no for contact in sorted(chosen, key=_place)]

    def _widened(self, matched: list[Contact], widening: Widening) -> list[Contact]:
        taken: set[str | None] = {contact.no for contact in matched}
        companies = {each.company_no for each in matched if each.type is ContactType.COMPANY}
        of_persons = {each.company_no for each in matched if each.type is ContactType.PERSON}
        along: set[str | None] = set()
        if widening.persons_of_matched_companies:
            along |= companies
        if widening.colleagues_of_matched_persons:
            along |= of_persons
        along.discard(None)
        if widening.related_companies:
            taken |= companies | of_persons
        return [each for each in self.all() if each.no in taken or each.company_no in along]

    def active_addresses(self, nos: Collection[str], on: date) -> Mapping[str, str]:
        return {
            period.contact_no: period.code  # by starting date, so that the last one stays
            for period in self.of(AlternativeAddressPeriod).all()
            if period.contact_no in nos
            and period.starting_date <= on <= (period.ending_date or date.max)
        }

    def customers(self, company_nos: Collection[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        relation = (MembershipKind.BUSINESS_RELATION, "Customer")
        for each in self.of(Membership).all():
            no, customer = each.contact_no, each.linked_no
            if no in company_nos and (each.kind, each.link_to_table) == relation and customer:
                found[no] = min(found.get(no, customer), customer)
        return found

    def name_companies(self, company_nos: Collection[str]) -> None:
        names = {no: company.name for no, company in self.many(company_nos).items()}
        for each in self.all():
            name = names.get(each.company_no or "")
            if name is not None and name != each.company_name:
                self.put(attrs.evolve(each, company_name=name))

    def reached_by(self, field: str, values: Collection[str]) -> Sequence[tuple[str, str]]:
        pairs = [(each.no, reached(field, getattr(each, field))) for each in self.all()]
        return [(no, text) for no, text in pairs if text and text in values]


def _place(contact: Contact) -> tuple[object, ...]:
    number = contact.company_no or ""
    return contact.company_name, number, contact.type.value, contact.name, contact.no


class MemoryUsers(MemoryRecords[User], UserRepository):
    """`interactionlog.contacts.directory.UserRepository` over a dictionary."""

    entity = User


class MemorySalespeople(MemoryRecords[Salesperson], SalespersonRepository):
    """`interactionlog.contacts.directory.SalespersonRepository` over a dictionary."""

    entity = Salesperson

    def with_e_mail(self, e_mail: str) -> Sequence[Salesperson]:
        wanted = folded(e_mail)
        return [each for each in self.all() if wanted and folded(each.e_mail) == wanted]
