"""Contacts, salespeople, users and consents that a host keeps in the same database, described."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten
from typing import Any, ClassVar, NoReturn, TypeVar

import attrs

from interactionlog.contacts.consent import Consent
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Contact,
    Membership,
    Salesperson,
    User,
)
from interactionlog.contacts.contact_filter import SETS, ContactFilter
from interactionlog.errors import UsageError
from interactionlog.values import MembershipKind, as_code, as_member, shown

PARTS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|.""", re.DOTALL)
"""The literals, the quoted names, the comments and each other sign of an expression."""
P = TypeVar("P")


def parts_of(name: str, kind: type[P], given: Iterable[P]) -> tuple[P, ...]:
    """Return what belongs to a relation, or raise `UsageError` for what does not."""
    found = tuple(given) if isinstance(given, Iterable) else (given,)
    if not isinstance(given, Iterable) or not all(isinstance(each, kind) for each in found):
        raise UsageError(
            f"{name} must be a list of {kind.__name__}, not {shorten(repr(given), 60)}"
        )
    return found


@attrs.frozen
class IntegerKey:
    """A key that is a whole number: shown as text, looked up by the host's own index."""

    column: str


@attrs.frozen
class UuidKey:
    """
    A key that is a UUID: ``uuid`` in PostgreSQL, text in lower case in SQLite.

    Attributes:
        column: The column.
        hyphens: The text in SQLite has hyphens; Django and SQLAlchemy store none.
    """

    column: str
    hyphens: bool = False


@attrs.frozen
class TextKey:
    """
    A key that is text and has lower case, such as a slug; looked up by the host's own index.

    A number has ``^`` before what is a capital in the key, so that each key has one number and each
    number one key: ``beta-7`` is ``BETA-7``, ``aB7`` is ``A^B7``. A UUID in lower case is written
    as it is. Where all keys are in upper case the column itself will do.

    Attributes:
        column: The column; a path or an attribute in the mappings of Django and SQLAlchemy.
    """

    column: Any

    @staticmethod
    def number_of(key: str) -> str:
        """Return the number of the contact with a key of the host's, or raise `UsageError`."""
        no = TextKey.marked(key)
        if TextKey.key_of(no) != key:
            raise UsageError(f"the key {key!r} cannot be written as the number of a contact")
        return no

    @staticmethod
    def marked(key: str) -> str:
        """Return a key in upper case, with its capitals marked."""
        return as_code(re.sub("([A-Z])", r"^\1", key))

    @staticmethod
    def key_of(no: str) -> str:
        """Return the host's key of a contact's number."""
        return re.sub(r"\^([a-z])", lambda found: found[1].upper(), as_code(no).lower())


Key = str | IntegerKey | UuidKey | TextKey


class Relation:
    """
    A table, a view or ``(SELECT …)`` of a host, with its columns by field of an entity.

    They are code of the host's, not data. A field that is not given is not set in any record, and a
    question about it is refused.

    Attributes:
        table: What is read.
        given: Columns or expressions by field, that of the key first.
    """

    entities: ClassVar[tuple[type[Any], ...]]

    def __init_subclass__(cls, of: tuple[type[Any], ...] = ()) -> None:
        cls.entities = of or cls.entities

    def __init__(self, table: str, given: Mapping[str, Any], *parts: object) -> None:
        self.table = table
        self.given: Mapping[str, Key] = given
        self._all = (type(self), table, tuple(given.items()), parts)
        fields = {"search_name"}.union(*map(attrs.fields_dict, self.entities))
        for name, each in (("table", table), *given.items()):
            where, text = f"{type(self).__name__}: {name}", getattr(each, "column", each)
            if name not in fields | {"table"}:
                raise UsageError(f"{where} is not a field of {self.entities[0].__name__}")
            if isinstance(each, TextKey) and name != "no":
                raise UsageError(f"{where} is compared in upper case: give the column itself")
            if not isinstance(text, str) or not text.strip():
                raise UsageError(f"{where} must be a column or an expression, not {shown(text)}")
            if "?" in PARTS.findall(text):
                raise UsageError(f"{where}={shown(text)} must not have parameters")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Relation) and self._all == other._all

    def __hash__(self) -> int:
        return hash(self._all)

    def __str__(self) -> str:
        return shorten(self.table, 60)


class MembershipRelation(Relation, of=(Membership,)):
    """
    Memberships of one kind that a host keeps.

    Args:
        table: A table, a view or ``(SELECT …)``.
        contact_no: The contact, in a column of the same type as the contact's key.
        kind: What they are memberships of.
        code: Group, responsibility, relation or questionnaire.
        columns: The other fields of `Membership` that there are.
    """

    def __init__(
        self, table: str, *, contact_no: str, kind: MembershipKind, code: str, **columns: str
    ) -> None:
        kind = as_member(MembershipKind)(kind)
        if not isinstance(kind, MembershipKind):
            raise UsageError(
                f"MembershipRelation: kind must be a MembershipKind, not {shown(kind)}"
            )
        fields = {"contact_no": contact_no, "kind": str(kind.value), "code": code, **columns}
        super().__init__(table, fields)


class AlternativeAddressRelation(Relation, of=(AlternativeAddress, AlternativeAddressPeriod)):
    """
    Alternative addresses that a host keeps.

    Args:
        table: A table, a view or ``(SELECT …)``.
        contact_no: The contact, in a column of the same type as the contact's key.
        code: Key within the contact.
        columns: The other fields of `AlternativeAddress` that there are, and ``starting_date`` and
            ``ending_date``: an address without the former is never in use by itself, without the
            latter until further notice. One with several periods is there several times.
    """

    def __init__(self, table: str, *, contact_no: str, code: str, **columns: str) -> None:
        super().__init__(table, {"contact_no": contact_no, "code": code, **columns})


class SalespersonRelation(Relation, of=(Salesperson,)):
    """Salespeople that a host keeps; text as ``code`` is shown and compared in upper case."""

    def __init__(self, table: str, *, code: Key, **columns: str) -> None:
        super().__init__(table, {"code": code, **columns})


class UserRelation(Relation, of=(User,)):
    """Users that a host keeps; text as ``user_id`` is shown and compared in upper case."""

    def __init__(self, table: str, *, user_id: Key, **columns: str) -> None:
        super().__init__(table, {"user_id": user_id, **columns})


class ConsentRelation(Relation, of=(Consent,)):
    """
    Facts about who agreed and who refused that a host keeps, or what contacts want now.

    Of the facts about a contact, its channel and purpose the last one counts: by date, then by
    ``entry_no``; of equal ones a refusal.

    Args:
        table: A table, a view or ``(SELECT …)``.
        contact_no: The contact, in a column of the same type as the contact's key.
        given: True, or not 0, where the contact agrees; a row without it says nothing.
        columns: Of the other fields of `Consent` ``channel``, ``purpose_code``, ``date`` and
            ``entry_no``: a row without the first counts for every channel, without the second for
            every purpose, without the third on every day. Channels are told as in `Consent`, in any
            case, or by their correspondence type, such as ``E-Mail``.
    """

    def __init__(self, table: str, *, contact_no: str, given: str, **columns: str) -> None:
        super().__init__(table, {"contact_no": contact_no, "given": given, **columns})
        if wrong := columns.keys() - {"channel", "purpose_code", "date", "entry_no"}:
            raise UsageError(f"ConsentRelation: {', '.join(sorted(wrong))} is not read")


class ContactRelation(Relation, of=(Contact,)):
    """
    Contacts that a host keeps.

    Without ``company_no`` every contact is a separate company. With it, and without ``type``, a
    company is who has its own number there.

    Args:
        table: A table, a view or ``(SELECT …)``.
        no: The key, which is the number of the contact.
        memberships: One for each kind that there is.
        addresses: Alternative addresses.
        columns: The other fields of `Contact` that there are; ``type`` and ``correspondence_type``
            as the enumerations number their members, ``search_name`` for the name in lower case.
    """

    def __init__(
        self,
        table: str,
        *,
        no: Key,
        memberships: Iterable[MembershipRelation] = (),
        addresses: AlternativeAddressRelation | None = None,
        **columns: str,
    ) -> None:
        own = parts_of("memberships", MembershipRelation, memberships)
        self.memberships: tuple[MembershipRelation, ...] = own
        if not isinstance(addresses, AlternativeAddressRelation | None):
            raise UsageError(
                f"addresses must be an AlternativeAddressRelation, not {shown(addresses)}"
            )
        self.addresses: AlternativeAddressRelation | None = addresses
        super().__init__(table, {"no": no, **columns}, self.memberships, addresses)

    def refuse_unmapped(self, contact_filter: ContactFilter) -> None:
        """Raise `UsageError` for a question about a field that is not given."""
        sets = (name for name in ("types", *SETS) if getattr(contact_filter, name))
        asked = {name for name, _ in contact_filter.where} | {name[:-1] for name in sets}
        known = {*self.given} | ({"type"} if "company_no" in self.given else set())
        for name in sorted(asked - known):
            self.refuse(name)
        for kind, conditions in contact_filter.member_conditions():
            given = {name for each in self.memberships_of(kind) for name in each.given}
            needed = {name for name, _ in conditions}
            if contact_filter.has_answer_condition(kind):
                needed.add("line_no")
            for name in sorted(needed - given):
                self.refuse(f"{name} of the memberships of the kind {kind.name}")

    def memberships_of(self, kind: MembershipKind) -> Sequence[MembershipRelation]:
        """Return those of one kind, or raise `UsageError` when there are none."""
        found = [each for each in self.memberships if each.given["kind"] == str(kind.value)]
        return found or self.refuse(f"memberships of the kind {kind.name}")

    def refuse(self, name: str) -> NoReturn:
        """Raise the error of a field that is not given."""
        raise UsageError(f"the contacts in {self} have no {name}: give ContactRelation its column")
