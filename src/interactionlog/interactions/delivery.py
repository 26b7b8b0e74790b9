"""Delivering the content of entries over a transport that the application brings."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import attrs

from interactionlog.attachments.attachment import Attachment
from interactionlog.errors import Problem
from interactionlog.interactions.draft_context import e_mail_of
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.rules import problem_of, raise_for
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CorrespondenceType, DeliveryStatus


class DeliveryRoute(Enum):
    """How content is delivered."""

    WORD = "Word document, merged with contact data"
    HTML = "body of a mail"
    FILE = "file attached to a mail"


@attrs.frozen
class Delivery:
    """
    What a transport delivers.

    Attributes:
        entry: The entry; says subject, language and Word template.
        route: How.
        recipient: E-mail address; ``""`` for hard copies.
        attachment: The content; ``None`` when only a Word template is given.
    """

    entry: InteractionLogEntry
    route: DeliveryRoute
    recipient: str
    attachment: Attachment | None


class Transport(Protocol):
    """Delivers, such as over SMTP or a printer; none is shipped."""

    def send(self, delivery: Delivery) -> bool:
        """Deliver and say whether that worked."""


def check_delivery(work: UnitOfWork, entry_no: int) -> Sequence[Problem]:
    """
    Return everything that speaks against delivering the content of an entry.

    Raises:
        EntryNotFoundError: There is no such entry.

    Source: INT-041, INT-082.
    """
    return problems_of_delivery(work, work.interactions.get(entry_no))


def problems_of_delivery(work: UnitOfWork, entry: InteractionLogEntry) -> list[Problem]:
    """Return what speaks against delivering an entry as it is given. (INT-088, §8.19, §8.21)"""
    found = []
    if entry.canceled or entry.postponed:
        found.append("wrong-state")
    contact = work.contacts.find(entry.contact_no) if entry.contact_no else None
    if contact is not None and contact.privacy_blocked:
        found.append("privacy-blocked")
    if entry.correspondence_type is None:
        found.append("correspondence-type-missing")
    if _content(work, entry) is None and entry.word_template_code is None:
        found.append("content-missing")
    mails = entry.correspondence_type is CorrespondenceType.EMAIL
    if mails and not _recipient(work, entry):
        found.append("undeliverable")
    return [problem_of(code, entry, record=f"entry {entry.entry_no}") for code in found]


def deliver(work: UnitOfWork, entry_no: int, transport: Transport) -> InteractionLogEntry:
    """
    Deliver the content of an entry and return the entry with its new delivery status.

    Sent is a blank status, everything else *error*. A hard copy of anything but a Word document is
    an error without trying: there is nobody who could print it.

    Raises:
        EntryNotFoundError: There is no such entry.
        CheckFailedError: `check_delivery` found problems; nothing is sent and nothing changes.

    Source: INT-082, INT-083.
    """
    with work.atomic():
        entry = work.interactions.lock(entry_no)  # nobody else delivers it
        raise_for(f"delivery of entry {entry_no}", check_delivery(work, entry_no))
        delivery = _delivery(work, entry)
        mails = entry.correspondence_type is CorrespondenceType.EMAIL
        sent = (mails or delivery.route is DeliveryRoute.WORD) and transport.send(delivery)
        status = None if sent else DeliveryStatus.ERROR
        work.interactions.set([entry_no], delivery_status=status)
    return attrs.evolve(entry, delivery_status=status)


def _content(work: UnitOfWork, entry: InteractionLogEntry) -> Attachment | None:
    return work.attachments.find(entry.attachment_no) if entry.attachment_no else None


def _recipient(work: UnitOfWork, entry: InteractionLogEntry) -> str:
    contact = work.contacts.find(entry.contact_no) if entry.contact_no else None
    if contact is None or entry.correspondence_type is not CorrespondenceType.EMAIL:
        return ""
    return e_mail_of(work, contact.no, contact.e_mail, entry.contact_alt_address_code)


def _delivery(work: UnitOfWork, entry: InteractionLogEntry) -> Delivery:
    attachment = _content(work, entry)
    extension = attachment.extension.casefold() if attachment else ""
    if entry.word_template_code is not None or extension in {"doc", "docx"}:
        route = DeliveryRoute.WORD
    elif attachment is not None and attachment.is_html:
        route = DeliveryRoute.HTML
    else:
        route = DeliveryRoute.FILE
    return Delivery(entry, route, _recipient(work, entry), attachment)
