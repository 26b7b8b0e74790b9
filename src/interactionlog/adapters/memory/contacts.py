"""Contacts and salespeople in memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from interactionlog.adapters.memory.session import MemoryRecords, MemorySession, is_lines
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
from interactionlog.values import ContactType, MembershipKind, as_code


class MemoryContacts(MemoryRecords[Contact], ContactRepository):
    """`interactionlog.contacts.directory.ContactRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        super().__init__(session, Contact)
        self._addresses = MemoryRecords(session, AlternativeAddress)
        self._periods = MemoryRecords(session, AlternativeAddressPeriod)
        self._memberships = MemoryRecords(session, Membership)

    def find_by_name(self, text: str) -> Contact | None:
        wanted = text.casefold()
        return next((each for each in self.all() if wanted in each.search_name), None)

    def of_account(self, link_to_table: str, linked_no: str) -> Contact | None:
        account = (link_to_table, as_code(linked_no))
        related = (
            each.contact_no
            for each in self._memberships.all()
            if (each.link_to_table, each.linked_no) == account
        )
        no = min(related, default=None)
        return None if no is None else self.find(no)

    def many(self, nos: Collection[str]) -> Mapping[str, Contact]:
        table = self._session.read("contact")
        return {no: table[no,] for no in nos if (no,) in table}

    def summaries(self, nos: Collection[str]) -> Mapping[str, ContactSummary]:
        return {
            no: ContactSummary(
                contact.privacy_blocked,
                contact.exclude_from_segment,
                contact.e_mail,
                contact.salesperson_code,
                contact.language_code,
                contact.correspondence_type,
            )
            for no, contact in self.many(nos).items()
        }

    def matching(
        self,
        contact_filter: ContactFilter,
        *,
        widening: Widening | None = None,
        among: Collection[str] | None = None,
    ) -> Sequence[str]:
        # whoever others are taken along with need not be among them
        before = among if widening is None else None
        candidates = self.all() if before is None else list(self.many(before).values())
        entries: dict[str | None, list[Any]] = {}
        for entry in (
            self._session.read("log_entry").values() if contact_filter.interactions else ()
        ):
            entries.setdefault(entry.contact_no, []).append(entry)
        chosen = [
            contact
            for contact in candidates
            if contact_filter.matches(
                contact,
                self._members(contact.no),
                self._members(contact.company_no),
                entries.get(contact.no, ()),
            )
        ]
        if widening is not None:
            chosen = [
                contact
                for contact in self._widened(chosen, widening)
                if among is None or contact.no in among
            ]
        chosen = sorted(
            chosen,
            key=lambda each: (
                each.company_name,
                each.company_no or "",
                each.type.value,
                each.name,
                each.no,
            ),
        )
        return [contact.no for contact in chosen]

    def _members(self, no: str | None) -> Iterator[Membership]:
        table = self._session.read("contact_membership")
        keys = table.ordered()
        for place in range(bisect_left(keys, (no or "",)), len(keys)):
            if keys[place][0] != no:
                return
            yield table[keys[place]]

    def _widened(self, matched: list[Contact], widening: Widening) -> list[Contact]:
        taken = {contact.no for contact in matched}
        of_companies = {each.company_no for each in matched if each.type is ContactType.COMPANY}
        of_persons = {each.company_no for each in matched if each.type is ContactType.PERSON}
        return [
            contact
            for contact in self.all()
            if contact.no in taken
            or (
                contact.company_no is not None
                and (
                    (widening.persons_of_matched_companies and contact.company_no in of_companies)
                    or (widening.colleagues_of_matched_persons and contact.company_no in of_persons)
                )
            )
            or (widening.related_companies and contact.no in of_companies | of_persons)
        ]

    def active_addresses(self, nos: Collection[str], on: date) -> Mapping[str, str]:
        return {
            period.contact_no: period.code  # by starting date, so that the last one stays
            for period in self._periods.all()
            if period.contact_no in nos
            and period.starting_date <= on
            and (period.ending_date is None or period.ending_date >= on)
        }

    def address(self, contact_no: str, code: str) -> AlternativeAddress | None:
        return self._addresses.find(contact_no, code)

    def customers(self, company_nos: Collection[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for each in self._memberships.all():
            if (
                each.contact_no in company_nos
                and each.kind is MembershipKind.BUSINESS_RELATION
                and each.link_to_table == "Customer"
                and each.linked_no is not None
            ):
                first = found.get(each.contact_no, each.linked_no)
                found[each.contact_no] = min(first, each.linked_no)
        return found

    def remove(self, *key: object) -> None:
        contact = self.lock(*key)
        segments = sorted(filter(is_lines, self._session.state.tables))
        for segment in segments:
            lines = self._session.read(segment)
            if any(line.contact_no == contact.no for line in lines.values()):
                raise StateError(f"contact {contact.no}", f"stands on segment {segment[1]}")
        for other in self.all():
            if other.company_no == contact.no != other.no:
                raise StateError(f"contact {contact.no}", f"is the company of contact {other.no}")
        for name in (
            "contact_alternative_address",
            "contact_alternative_address_period",
            "contact_membership",
        ):
            keys = [key for key in self._session.read(name) if key[0] == contact.no]
            self._session.drop(name, keys)
        super().remove(contact.no)

    def put_address(self, address: AlternativeAddress) -> None:
        self._addresses.put(address)

    def put_address_period(self, period: AlternativeAddressPeriod) -> None:
        self._periods.put(period)

    def put_membership(self, membership: Membership) -> None:
        self._memberships.put(membership)

    def remove_membership(self, membership: Membership) -> None:
        self._memberships.remove(
            membership.contact_no, membership.kind, membership.code, membership.line_no
        )

    def memberships(self, no: str) -> Sequence[Membership]:
        return self._memberships.all(as_code(no))


class MemorySalespeople(MemoryRecords[Salesperson], SalespersonRepository):
    """`interactionlog.contacts.directory.SalespersonRepository` over a dictionary."""

    def with_e_mail(self, e_mail: str) -> Sequence[Salesperson]:
        wanted = e_mail.casefold()
        return [each for each in self.all() if wanted and each.e_mail.casefold() == wanted]
