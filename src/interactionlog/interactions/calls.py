"""Outgoing phone calls: drafts with their own defaults, and the numbers that can be called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import attrs

from interactionlog.contacts.contact import AlternativeAddress, Contact
from interactionlog.errors import NotFoundError, SetupMissingError, StateError
from interactionlog.interactions.draft import DraftOrigin, DraftValues, InteractionDraft
from interactionlog.interactions.service import begun_draft, changed_draft
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import ContactType, as_code


def callable_numbers(*owners: Contact | AlternativeAddress | None) -> list[str]:
    """Return phone, then mobile phone of each, without empty ones. (INT-104)"""
    known = [owner for owner in owners if owner is not None]
    numbers = [number for owner in known for number in (owner.phone_no, owner.mobile_phone_no)]
    return [number for number in numbers if number]


@attrs.frozen
class PhoneCalls:
    """
    Begins phone calls; `InteractionService` changes, checks and finishes them like any draft.

    The template is that of the setup field ``outg_calls``, date and time are today and now, and a
    number is needed: ``contact_via``, the contact's phone number unless changed. A call that is not
    dialled (``dials=False``) needs none.
    """

    work: UnitOfWork

    def start(self, contact_no: str, /, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Begin a call of a contact; further values are set as `InteractionService.change` does.

        Raises:
            NotFoundError: The contact or another code does not exist.
            PrivacyBlockedError: The contact is blocked for privacy.
            SetupMissingError: No template is set up for outgoing calls.

        Source: INT-099.
        """
        contact = self.work.contacts.get(contact_no)
        return changed_draft(self.work, self._begun(contact), **values)

    def start_for_account(
        self, link_to_table: str, linked_no: str, /, **values: Unpack[DraftValues]
    ) -> InteractionDraft:
        """
        Begin a call of the contact of a customer, vendor or bank account, such as ``Customer``.

        Raises:
            NotFoundError: No contact has a business relation with the account; else as `start`.
        """
        contact = self.work.contacts.of_account(link_to_table, linked_no)
        if contact is None:
            raise NotFoundError("contact of", f"{link_to_table} {linked_no}")
        return changed_draft(self.work, self._begun(contact), **values)

    def start_from_line(
        self, segment_no: str, line_no: int, /, **values: Unpack[DraftValues]
    ) -> InteractionDraft:
        """
        Begin a call for a line of an open segment; the line is logged with its segment as well.

        Raises:
            NotFoundError: There is no such line, or its contact does not exist; else as `start`.

        Source: INT-101.
        """
        line = self.work.segments.line(as_code(segment_no), line_no)
        draft = self._begun(self.work.contacts.get(line.contact_no or ""), line.segment_no)
        names = ("salesperson_code", "campaign_no", "contact_alt_address_code", "to_do_no")
        own: dict[str, Any] = {name: getattr(line, name) for name in names}
        own = {name: value for name, value in own.items() if value is not None}
        return changed_draft(self.work, changed_draft(self.work, draft, **own), **values)

    def numbers(self, contact_no: str, *, address_code: str | None = None) -> Sequence[str]:
        """
        Return the numbers of a contact that can be called, in order; nothing for an unknown one.

        Its own, those of the alternative address, then those of its company and of that one's
        address: the given one or the one in use today.

        Raises:
            StateError: The contact has no number.

        Source: INT-104.
        """
        contact = self.work.contacts.find(contact_no)
        if contact is None:
            return []
        owners = [contact, self._address(contact.no, address_code)]
        if contact.type is ContactType.PERSON and contact.company_no is not None:
            company, today = contact.company_no, self.work.clock.today()
            code = address_code or self.work.contacts.active_addresses([company], today).get(
                company
            )
            owners += [self.work.contacts.find(company), self._address(company, code)]
        numbers = callable_numbers(*owners)
        if not numbers:
            raise StateError(f"contact {contact.no}", "has no phone number")
        return numbers

    def _address(self, contact_no: str, code: str | None) -> AlternativeAddress | None:
        return self.work.contacts.address(contact_no, code) if code else None

    def _begun(self, contact: Contact, segment_no: str | None = None) -> InteractionDraft:
        setup = self.work.template_setup.find("outg_calls")
        if setup is None:
            raise SetupMissingError("outg_calls", "to log phone calls")
        return begun_draft(
            self.work,
            DraftOrigin.PHONE_CALL,
            locked=["contact_no"],
            contact_no=contact.no,
            contact_via=contact.phone_no,
            date=self.work.clock.today(),
            time_of_interaction=self.work.clock.local().time().replace(microsecond=0),
            interaction_template_code=setup.interaction_template_code,
            segment_no=segment_no,
            dials=True,
        )
