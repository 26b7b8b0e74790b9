"""Contacts, salespeople and users in memory, with consents and what is held about persons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import attrs

from interactionlog.adapters.memory.session import MemoryRecords, MemorySession
from interactionlog.adapters.records import (
    StoredConsents,
    StoredContacts,
    StoredPersonalRecords,
    StoredSuppressions,
    reached,
)
from interactionlog.adapters.tables import LEFT_OUT, Rows, Table, columns_of, stored_names
from interactionlog.contacts.consent import Consent, Suppression, deciding
from interactionlog.contacts.contact import (
    AlternativeAddressPeriod,
    Contact,
    ExternalKey,
    Membership,
    Salesperson,
    User,
)
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.contacts.directory import ContactSummary, SalespersonRepository, UserRepository
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.privacy.records import EntrySeal, Owner
from interactionlog.values import ContactType, MembershipKind, as_code, evolved, folded


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

    def name_companies(self, names: Mapping[str, str]) -> None:
        for each in self.all():
            name = names.get(each.company_no or "", each.company_name)
            if name != each.company_name:
                self.put(attrs.evolve(each, company_name=name))

    def reached_by(self, field: str, values: Collection[str]) -> Sequence[tuple[str, str]]:
        pairs = [(each.no, reached(field, getattr(each, field))) for each in self.all()]
        return [(no, text) for no, text in pairs if text and text in values]

    def persons_of(self, company_nos: Collection[str]) -> Mapping[str, str]:
        """Return a contact that belongs to each of these companies, by company; or none."""
        return {
            each.company_no: each.no
            for each in reversed(self.all())
            if each.company_no in company_nos and each.company_no not in {None, each.no}
        }

    def keyed(self, source: str, nos: Collection[str]) -> Sequence[tuple[str, str]]:
        """Return which of these contacts another system has keys for, each with its key there."""
        keys = self.of(ExternalKey).all(source, "contact")
        return [(each.record_no, each.external_id) for each in keys if each.record_no in nos]


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


class MemoryConsents(StoredConsents, MemoryRecords[Consent]):
    """`interactionlog.contacts.consent.ConsentRepository` over dictionaries."""

    def _last_said(
        self, purpose_code: str, channel: str | None, contact_nos: Collection[str], on: date
    ) -> Mapping[str, bool]:
        facts = {no: deciding(self.of_contact(no), purpose_code, channel, on) for no in contact_nos}
        return {no: fact.given for no, fact in facts.items() if fact is not None}


class MemorySuppressions(StoredSuppressions, MemoryRecords[Suppression]):
    """`interactionlog.contacts.consent.SuppressionRepository` over dictionaries."""

    def among(self, addresses: Collection[str], channel: str | None) -> set[str]:
        kept = {(each.address, each.channel) for each in self.all()}
        return {each for each in addresses if {(each, None), (each, channel)} & kept}


class MemoryPersonalRecords(StoredPersonalRecords):
    """`interactionlog.privacy.records.PersonalRecords` over dictionaries."""

    records = MemoryRecords
    _session: MemorySession

    def _rows(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> list[dict[str, Any]]:
        return [values_of(table, key, record) for key, record in self._of(table, of, numbers)]

    def _of(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> list[tuple[Any, Any]]:
        """Return the rows that numbers own: key and record, in the order of their keys."""
        (owner,) = (each for each in table.about if each.of == of)
        found, wanted = [], {*numbers}
        for key, row in self._session.below(table.name).items():
            values = getattr(row, "line", row)
            named = not owner.where or getattr(values, owner.where[0]) == owner.where[1]
            if named and getattr(values, owner.column) in wanted:
                found.append((key, row))
        return found

    def _forget(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> int:
        rows = self._of(table, of, numbers)
        if table.kept:
            values = {"contact_company_no": None} if of == "company" else None
            blanked = [(key, _blanked(table, record, values)) for key, record in rows]
            self._session.set_many(table.name, blanked)
            return len(rows)
        return self._session.drop(table.name, [key for key, _ in rows])

    def aged(self, before: date, templates: Collection[str] | None, after: int) -> list[int]:
        table = self._session.read("log_entry")
        aged = [entry.entry_no for entry in table.values() if _is_aged(entry, before, templates)]
        return sorted(no for no in aged if no > after)[:1_000]

    def left_out(
        self, before: date, templates: Collection[str] | None, after: tuple[int, int]
    ) -> list[dict[str, Any]]:
        aged = [pair for pair in self._left_out(before, templates) if pair[0] > after]
        return [values_of(LEFT_OUT, key, left) for key, left in aged[:1_000]]

    def forget_left_out(self, before: date, templates: Collection[str] | None) -> int:
        aged = self._left_out(before, templates)
        blanked = [(key, _blanked(LEFT_OUT, left, None)) for key, left in aged]
        self._session.set_many("left_out_line", blanked)
        return len(aged)

    def _left_out(
        self, before: date, templates: Collection[str] | None
    ) -> list[tuple[tuple[int, int], Any]]:
        """Return the aged lines with their keys, in their order."""
        logged, found = self._session.read("logged_segment"), []
        for key, left in self._session.below(LEFT_OUT.name).items():
            if _is_aged(left.line, before, templates, logged[key[:1]].creation_date):
                found.append((key, left))
        return found

    def entries_after(
        self,
        entry_no: int,
        *,
        limit: int = 1_000,
        lock: bool = False,  # noqa: ARG002
    ) -> list[tuple[int, InteractionLogEntry | None]]:
        rows = islice(self._session.after("log_entry", entry_no), limit)
        return [(each.entry_no, each) for each in rows]

    def comments(self, entry_nos: Collection[int]) -> list[tuple[int, LogComment | None]]:
        comments = MemoryRecords(self._session, LogComment)
        return [(no, each) for no in sorted(entry_nos) for each in comments.all(no)]

    def open_seals(self) -> list[EntrySeal]:
        return [each for each in self._seals.all() if not each.seal_no]

    def put_seals(self, seals: Sequence[EntrySeal]) -> None:
        rows = [((each.entry_no,), each) for each in seals]
        self._session.set_many("entry_seal", rows)


def _is_aged(
    values: Any, before: date, templates: Collection[str] | None, undated: date | None = None
) -> bool:
    day = values.date or undated
    return (
        values.contact_no is not None
        and day is not None
        and day < before
        and (templates is None or values.interaction_template_code in templates)
    )


def values_of(table: Table[Any], key: tuple[Any, ...], record: Any) -> dict[str, Any]:
    """Return the values of a row by column; parts of its key are not always in the record."""
    held = dict(zip(table.key, key, strict=False)) if table.entity is Rows else {}
    parts = (getattr(record, "line", record), record)
    names = stored_names(table)
    found = {name: getattr(part, name) for part in parts for name in names if hasattr(part, name)}
    return {name: found[name] if name in found else held[name] for name in names}


def _blanked(table: Table[Any], record: Any, values: dict[str, Any] | None) -> Any:
    """Return a record without what is personal, or with these values."""
    if hasattr(record, "line"):
        return attrs.evolve(record, line=_blanked(table, record.line, values))
    if values is None:
        columns = [column for column in columns_of(table) if column.personal]
        values = {
            each.name: None if each.null else each.erased * bool(getattr(record, each.name))
            for each in columns
        }
    return evolved(record, values)
