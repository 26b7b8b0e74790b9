"""The ports to contacts, salespeople and users. A host implements the reading half."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Contact,
    Membership,
    Salesperson,
    User,
)
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.errors import NotFoundError, StateError, UsageError
from interactionlog.unit_of_work import Records, UnitOfWork
from interactionlog.values import CorrespondenceType, as_code, refuse_answer


class ContactSummary(NamedTuple):
    """What logging a line needs to know of its contact; loaded for a whole chunk at once."""

    privacy_blocked: bool
    exclude_from_segment: bool
    e_mail: str
    salesperson_code: str | None
    language_code: str | None
    correspondence_type: CorrespondenceType | None

    @classmethod
    def of(cls, contact: Contact) -> ContactSummary:
        """Return what a contact says of itself."""
        return cls._make(getattr(contact, name) for name in cls._fields)


NOBODY = ContactSummary(False, False, "", None, None, None)
"""Stands for no contact."""


class ContactDirectory(Protocol):
    """
    Contacts as interactions and segments read them; for those that are not in the same database.

    A subclass implements `find`, `summaries` and `matching`, and what else it can answer. Numbers
    are given and returned in upper case. It conforms when it passes
    ``testing.ContactDirectoryContract``.
    """

    def find(self, no: str, /) -> Contact | None:
        """Return the contact, or ``None``."""

    def summaries(self, nos: Collection[str]) -> Mapping[str, ContactSummary]:
        """Return the summary of those contacts that exist, by number; for up to 1,000 numbers."""

    def matching(
        self,
        contact_filter: ContactFilter,
        *,
        widening: Widening | None = None,
        among: Collection[str] | None = None,
    ) -> Sequence[str]:
        """
        Return the numbers of the contacts that match, each once.

        In the order of company name, company number (none first), type and name, then number.

        Args:
            contact_filter: Who matches; an empty filter matches everybody.
            widening: Whom the matching contacts bring along.
            among: Only contacts with these numbers, up to 1,000; ``None`` means no restriction.

        Raises:
            UsageError: The directory cannot answer one of the conditions.
        """

    def hold(self, no: str, /) -> Contact | None:
        """Return the contact, or ``None``; it stays until the transaction ends if the store can."""
        return self.find(no)

    def get(self, no: str, /) -> Contact:
        """Return the contact, or raise `NotFoundError`."""
        contact = self.find(no)
        if contact is None:
            raise NotFoundError("contact", no)
        return contact

    def many(self, nos: Collection[str]) -> Mapping[str, Contact]:
        """Return those of the contacts that exist, by number; for up to 1,000 numbers."""
        return {contact.no: contact for contact in map(self.find, nos) if contact is not None}

    def find_by_name(self, text: str) -> Contact | None:  # noqa: ARG002
        """Return the first contact, by number, whose name contains the text; case is ignored."""
        raise UsageError("the host's contacts cannot be found by their name: give the number")

    def of_account(self, link_to_table: str, linked_no: str) -> Contact | None:  # noqa: ARG002
        """
        Return the first contact, by number, with a business relation to an account, or ``None``.

        Args:
            link_to_table: Kind of account as in `Membership`, such as ``Customer``.
            linked_no: Number of the account.
        """
        raise UsageError("the host's contacts cannot be found by an account: give the number")

    def active_addresses(self, nos: Collection[str], on: date) -> Mapping[str, str]:  # noqa: ARG002
        """
        Return the code of the alternative address in use on that day, by contact number.

        Of several periods that hold the day the one that starts last counts; contacts without one
        are left out. For up to 1,000 numbers. Source: INT-023.
        """
        return {}

    def address(self, contact_no: str, code: str) -> AlternativeAddress | None:  # noqa: ARG002
        """Return an alternative address, or ``None``."""
        return None

    def customers(self, company_nos: Collection[str]) -> Mapping[str, str]:  # noqa: ARG002
        """
        Return the first customer number of those companies that are customers, by company.

        A company is one by a business relation that links to the table ``Customer``.
        """
        return {}


class ContactRepository(Records[Contact], ContactDirectory, Protocol):
    """
    Contacts that the store itself keeps.

    One that is on a line of a segment and has a company is not given another one: `put`, `replace`
    and `set` raise `StateError`. (SEG-053)
    """

    def remove(self, *key: object) -> None:
        """
        Delete the contact with its addresses and memberships.

        Raises:
            NotFoundError: There is no such contact.
            StateError: It is on a line of a segment, or is the company of other contacts.
        """

    def put_address(self, address: AlternativeAddress) -> None:
        """Store an alternative address, in place of one with its code if there is one."""

    def put_address_period(self, period: AlternativeAddressPeriod) -> None:
        """Store a period, in place of one with its starting date if there is one."""

    def put_membership(self, membership: Membership) -> None:
        """Store a membership, in place of the same one if there is one."""

    def remove_membership(self, membership: Membership) -> None:
        """Delete a membership, or raise `NotFoundError`."""

    def memberships(self, no: str) -> Sequence[Membership]:
        """Return the memberships of a contact by kind, code and line."""


class SalespersonDirectory(Protocol):
    """Salespeople as interactions and segments read them."""

    def find(self, code: str, /) -> Salesperson | None:
        """Return the salesperson, or ``None``."""

    def many(self, codes: Collection[str]) -> Mapping[str, Salesperson]:
        """Return those of the salespeople that exist, by code."""
        return {each.code: each for each in map(self.find, codes) if each is not None}

    def with_e_mail(self, e_mail: str) -> Sequence[Salesperson]:  # noqa: ARG002
        """Return the salespeople with that address, by code; the case is ignored."""
        return []


class SalespersonRepository(Records[Salesperson], SalespersonDirectory, Protocol):
    """Salespeople that the store itself keeps."""


def codes_of_answer(whose: object, answer: Any) -> frozenset[str]:
    """Return the numbers of contacts that code of the application gave, in their one form."""
    due = "it must return numbers of contacts, as a set of text"
    if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
        refuse_answer(whose, answer, due)
    nos = [*answer]
    if not all(isinstance(no, str) for no in nos):
        refuse_answer(whose, nos, due)
    return frozenset(map(as_code, nos))


def require_salesperson(work: UnitOfWork, code: str | None, *, blocked: bool = False) -> None:
    """Raise `NotFoundError` for an unknown salesperson, `StateError` unless it may be blocked."""
    if code is None:
        return
    salesperson = work.salespeople.find(code)
    if salesperson is None:
        raise NotFoundError("salesperson", code)
    if salesperson.blocked and not blocked:
        raise StateError(f"salesperson {salesperson.code}", "is blocked")


def require_address(work: UnitOfWork, contact_no: str | None, code: str | None) -> None:
    """Raise `NotFoundError` for an alternative address that a contact, or nobody, has not."""
    if code is None:
        return
    if contact_no is None or work.contacts.address(contact_no, code) is None:
        whose = "no contact" if contact_no is None else f"contact {contact_no}"
        raise NotFoundError("alternative address", f"{code} of {whose}")


def current_user(work: UnitOfWork) -> User | None:
    """Return the user who works, if that is a known one."""
    return None if work.user_id is None else work.users.find(work.user_id)


class UserDirectory(Protocol):
    """Users as drafts and titles read them."""

    def find(self, user_id: str, /) -> User | None:
        """Return the user, or ``None``."""

    def many(self, user_ids: Collection[str]) -> Mapping[str, User]:
        """Return those of the users that exist, by their name."""
        return {each.user_id: each for each in map(self.find, user_ids) if each is not None}


class UserRepository(Records[User], UserDirectory, Protocol):
    """Users that the store itself keeps."""
