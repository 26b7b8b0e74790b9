"""Contacts, salespeople and users in SQL, with consents and what is held about persons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

import attrs

from interactionlog.adapters.records import (
    SaidConsents,
    StoredConsents,
    StoredContacts,
    StoredPersonalRecords,
    StoredSuppressions,
)
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.rows import from_row
from interactionlog.adapters.sql.session import NOT, Row, SqlSession, json_list
from interactionlog.adapters.tables import LEFT_OUT, TABLES, Table, stored_names
from interactionlog.contacts.consent import Consent, Suppression
from interactionlog.contacts.contact import AlternativeAddress, Contact, Salesperson, User
from interactionlog.contacts.contact_filter import (
    CONTACT_FIELDS,
    INTERACTION_FIELDS,
    MEMBERSHIP_FIELDS,
    OF_COMPANY,
    SETS,
    Condition,
    Conditions,
    ContactFilter,
    FieldKind,
    Widening,
)
from interactionlog.contacts.directory import (
    ContactDirectory,
    ContactSummary,
    SalespersonRepository,
    UserRepository,
)
from interactionlog.errors import StorageError
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.privacy.records import EntrySeal, Owner
from interactionlog.values import CorrespondenceType, MembershipKind, as_code, folded

E = TypeVar("E")


@attrs.frozen
class ContactConditions:
    """
    The conditions of the contacts that match a filter.

    Conditions are joined by AND; one that opens a bracket is closed by a later one.

    Attributes:
        session: Whose contacts, and what is known of them.
        conditions: Names of texts.
        values: Their parameters.
    """

    session: SqlSession
    conditions: list[str] = attrs.field(factory=list)
    values: list[object] = attrs.field(factory=list)

    @classmethod
    def of(
        cls, session: SqlSession, contact_filter: ContactFilter, widening: Widening | None
    ) -> ContactConditions:
        """
        Compile a filter, and whom the contacts take along.

        Raises:
            UsageError: The host's relation has not what is asked for.
        """
        matching = cls(session)
        if widening is None or widening == Widening():
            return matching.satisfying(contact_filter)
        return (
            matching.add("in_widened", session.tenant)
            .satisfying(contact_filter)
            .add(
                "end_widened",
                session.tenant,
                widening.persons_of_matched_companies,
                widening.colleagues_of_matched_persons,
                widening.related_companies,
            )
        )

    def add(self, condition: str, *values: object) -> ContactConditions:
        """Add one condition."""
        self.conditions.append(condition)
        self.values.extend(values)
        return self

    def satisfying(self, contact_filter: ContactFilter) -> ContactConditions:
        """Add what a filter asks for."""
        if self.session.relations.contacts is not None:
            self.session.relations.contacts.refuse_unmapped(contact_filter)
        for name in SETS:
            if codes := getattr(contact_filter, name):
                self.add(f"if_{name.removesuffix('s')}", json_list(codes))
        if contact_filter.within is not None:
            self.add("if_no", json_list(contact_filter.within))
        if contact_filter.types:
            self.add("if_types", json_list([member.value for member in contact_filter.types]))
        self.add_all("c", contact_filter.where)
        for kind, conditions in contact_filter.member_conditions():
            self._add_members(kind, conditions, contact_filter)
        if contact_filter.interactions:
            self.add("if_interaction", self.session.tenant)
            self.add_all("e", contact_filter.interactions)
            self.add("end")
        return self

    def _add_members(
        self, kind: MembershipKind, conditions: Conditions, contact_filter: ContactFilter
    ) -> None:
        source = "if_membership_of_company" if kind in OF_COMPANY else "if_own_membership"
        self.add(source, self.session.tenant, kind.value)
        self.add_all("m", conditions)
        if contact_filter.has_answer_condition(kind):
            pairs = contact_filter.profile_answers
            self.add(
                "if_wanted_answer",
                json_list([f"{code}:{line}" for code, lines in pairs for line in lines]),
                json_list([f"{code}:" for code, lines in pairs if not lines]),
            )
        self.add("end")

    def add_all(self, source: str, conditions: Conditions) -> None:
        """Add conditions on a source: contacts ``c``, memberships ``m`` or entries ``e``."""
        for name, condition in conditions:
            kind = _FIELDS[source][name]
            word, values = _compiled(kind, condition)
            negated = NOT if condition.negated and kind is not FieldKind.FLAG else ""
            field = "search_name" if source == "c" and name == "name" else name
            self.add(f"{negated}{source}.{field}_{word}", *values)


_LONGEST_NAME = 1_000
_FIELDS = {"c": CONTACT_FIELDS, "m": MEMBERSHIP_FIELDS, "e": INTERACTION_FIELDS}


def _compiled(kind: FieldKind, condition: Condition) -> tuple[str, list[object]]:
    """Return the word of a condition's text, and its parameters."""
    if kind is FieldKind.FLAG:
        return ("true" if (1 in (condition.any_of or ())) is not condition.negated else "false"), []
    if condition.any_of is not None:
        blank = "_or_blank" if None in condition.any_of else ""
        return f"any_of{blank}", [json_list(condition.any_of - {None})]
    if condition.prefix:
        return "prefix", [len(condition.prefix), condition.prefix]
    if condition.contains:
        return "contains", [condition.contains]
    bounds: list[object] = [
        date.fromisoformat(str(bound)) if kind is FieldKind.DATE else bound
        for bound in (condition.at_least, condition.at_most)
        if bound is not None
    ]
    if len(bounds) == 2:
        return "between", bounds
    return ("at_least" if condition.at_least is not None else "at_most"), bounds


_TYPES = {None: None} | {each.value: each for each in CorrespondenceType}


def _summary(row: Row) -> ContactSummary:
    no, blocked, excluded, e_mail, salesperson, language, kind = row
    if kind not in _TYPES:
        raise StorageError(f"contact {no} cannot be read: {kind!r} is no correspondence type")
    return ContactSummary(blocked == 1, excluded == 1, e_mail, salesperson, language, _TYPES[kind])


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
        if self._relation is not None and "name" not in self._relation.given:
            self._relation.refuse("name")
        escaped = folded(text).translate({ord(sign): f"!{sign}" for sign in "!%_"})
        if len(escaped) > _LONGEST_NAME:  # no name is as long, and SQLite takes no such pattern
            return None
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
        return {row[0]: _summary(row) for row in rows}

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


class SqlContacts(StoredContacts, SqlRecords[Contact], SqlContactDirectory):
    """`interactionlog.contacts.directory.ContactRepository` over SQL."""

    _relation = None

    def remove(self, *key: object) -> None:
        with self._session.unique("contact", *key):  # whole: no service stands before it
            super().remove(*key)

    def name_companies(self, names: Mapping[str, str]) -> None:
        # one by one: given a list, PostgreSQL without statistics reads all contacts of the tenant
        for no, name in names.items():
            self._session.change("name_company", no, name, first=(name,))

    def reached_by(self, field: str, values: Collection[str]) -> Sequence[tuple[str, str]]:
        return [*self._session.rows_of_many(f"contacts_with_{field}", values)]

    def persons_of(self, company_nos: Collection[str]) -> Mapping[str, str]:
        """Return a contact that belongs to each of these companies, by company; or none."""
        return dict(self._session.rows_of_many("contacts_of_companies", company_nos))

    def keyed(self, source: str, nos: Collection[str]) -> Sequence[tuple[str, str]]:
        """Return which of these contacts another system has keys for, each with its key there."""
        return [*self._session.rows_of_many("contacts_keyed", nos, source)]


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
        return [person for person in people if wanted and folded(person.e_mail) == wanted]


salespeople_of_host = partial(SqlPeople, kind=Salesperson)
users_of_host = partial(SqlPeople, kind=User)


class SqlSalespeople(SqlRecords[Salesperson], SqlPeople, SalespersonRepository):
    """`interactionlog.contacts.directory.SalespersonRepository` over SQL."""

    entity = Salesperson


class SqlUsers(SqlRecords[User], SqlPeople, UserRepository):
    """`interactionlog.contacts.directory.UserRepository` over SQL."""

    entity = User


class SqlSaidConsents(SaidConsents):
    """`interactionlog.contacts.consent.ConsentDirectory` over the relation of a host."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session

    def _last_said(
        self, purpose_code: str, channel: str | None, contact_nos: Collection[str], on: date
    ) -> Mapping[str, bool]:
        asked = (json_list(contact_nos), purpose_code, channel, on)
        # of several facts of a contact the newest one comes last
        return {no: given == 1 for no, given in self._session.rows("consents_said", *asked)}


class SqlConsents(StoredConsents, SqlRecords[Consent], SqlSaidConsents):
    """`interactionlog.contacts.consent.ConsentRepository` over SQL."""


class SqlSuppressions(StoredSuppressions, SqlRecords[Suppression]):
    """`interactionlog.contacts.consent.SuppressionRepository` over SQL."""

    def among(self, addresses: Collection[str], channel: str | None) -> set[str]:
        return self._session.values("suppressed_addresses", json_list(addresses), channel or "")


class SqlPersonalRecords(StoredPersonalRecords):
    """`interactionlog.privacy.records.PersonalRecords` over the statements of each table."""

    records = SqlRecords
    _session: SqlSession

    def _rows(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> list[dict[str, Any]]:
        found = self._session.entities(table, f"of_{of}_{table.name}", json_list(numbers))
        return _named(table, found)

    def _forget(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> int:
        return self._session.change(f"forget_{of}_{table.name}", json_list(numbers))

    def lock(self, of: Owner, numbers: Collection[Any]) -> None:
        if not self._session.driver.one_writer:
            self._session.change(f"lock_logged_of_{of}", self._session.tenant, json_list(numbers))
            self._session.rows(f"lock_entries_of_{of}", json_list(numbers))

    def aged(self, before: date, templates: Collection[str] | None, after: int) -> list[int]:
        among, values = _of_templates(templates)
        asked = (before, after, *values)
        return [row[0] for row in self._session.rows_where("aged_entries", among, "aged", *asked)]

    def left_out(
        self, before: date, templates: Collection[str] | None, after: tuple[int, int]
    ) -> list[dict[str, Any]]:
        among, values = _of_templates(templates)
        asked, order = (self._session.tenant, before, *after, *values), "aged_left_out_in_order"
        rows = self._session.rows_where("aged_left_out", among, order, *asked)
        return _named(LEFT_OUT, map(from_row(LEFT_OUT), rows))

    def forget_left_out(self, before: date, templates: Collection[str] | None) -> int:
        among, values = _of_templates(templates)
        asked = (self._session.tenant, before, *values)
        return self._session.change_where("forget_aged_left_out", [], among, *asked)

    def entries_after(
        self, entry_no: int, *, limit: int = 1_000, lock: bool = False
    ) -> list[tuple[int, InteractionLogEntry | None]]:
        locked = lock and not self._session.driver.one_writer
        rows = self._session.rows("locked_after" if locked else "entries_after", entry_no, limit)
        return [(row[0], _readable(InteractionLogEntry, row)) for row in rows]

    def comments(self, entry_nos: Collection[int]) -> list[tuple[int, LogComment | None]]:
        rows = self._session.rows("of_entry_log_comment", json_list(entry_nos))
        return [(row[0], _readable(LogComment, row)) for row in rows]

    def open_seals(self) -> list[EntrySeal]:
        return self._session.entities(TABLES[EntrySeal], "open_seals")

    def put_seals(self, seals: Sequence[EntrySeal]) -> None:
        self._session.change("remove_some_entry_seal", json_list([each.entry_no for each in seals]))
        self._seals.add_many(seals)


def _named(table: Table[Any], records: Iterable[Any]) -> list[dict[str, Any]]:
    names = stored_names(table)
    return [{name: getattr(record, name) for name in names} for record in records]


def _readable(entity: type[E], row: Row) -> E | None:
    try:
        return from_row(TABLES[entity])(row)  # type: ignore[no-any-return]
    except StorageError:
        return None


def _of_templates(templates: Collection[str] | None) -> tuple[list[str], list[str]]:
    """Return the condition of templates, if they matter, with its parameter."""
    return ([], []) if templates is None else (["if_aged_template"], [json_list(templates)])
