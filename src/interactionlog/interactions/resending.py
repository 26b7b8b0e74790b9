"""Sending the content of an entry again is an entry of its own, at no cost."""

from __future__ import annotations

from decimal import Decimal

import attrs

from interactionlog.attachments.ownership import owned
from interactionlog.enumerations import DeliveryStatus
from interactionlog.errors import Problem
from interactionlog.interactions.defaults import next_full_minute
from interactionlog.interactions.delivery import problems_of_delivery
from interactionlog.interactions.events import InteractionLogged
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.interactions.rules import privacy_blocked
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["RESENT", "problems_of_resend", "resent_entry"]

RESENT = "Resent: "
"""Begins the description of what was sent again, once."""


def problems_of_resend(work: UnitOfWork, entry: InteractionLogEntry) -> list[Problem]:
    """Return everything that speaks against sending an entry again. (INT-088, §8.19, §8.21)"""
    problems = []
    if entry.canceled or entry.postponed:
        state = "canceled" if entry.canceled else "postponed"
        message = f"entry {entry.entry_no} is {state}"
        problems.append(Problem(code="wrong-state", message=message, record=str(entry.entry_no)))
    contact = work.contacts.find(entry.contact_no) if entry.contact_no else None
    if contact is not None and contact.privacy_blocked:
        problems.append(privacy_blocked(contact.no))
    return problems + problems_of_delivery(work, entry)


def resent_entry(work: UnitOfWork, entry: InteractionLogEntry) -> InteractionLogEntry:
    """Store the entry that sends another one again. (INT-090)"""
    first = entry.description.removeprefix(RESENT)
    resent = attrs.evolve(
        entry,
        entry_no=work.interactions.reserve_entry_nos(1)[0],
        date=work.clock.work_date(),
        time_of_interaction=next_full_minute(work.clock.local()),
        description=f"{RESENT}{first}"[:100],
        cost_lcy=Decimal(0),
        duration_min=0,
        delivery_status=DeliveryStatus.REQUESTED,
        e_mail_logged=False,
        user_id=work.user_id,
        recorded_at=work.clock.now(),
        created_by=None,
        created_at=None,
        resend_of=entry.entry_no,
        attachment_no=(
            owned(work, entry.attachment_no, read_only=True) if entry.attachment_no else None
        ),
    )
    work.interactions.add(resent)
    for line in work.interactions.comments(entry.entry_no):
        work.interactions.put_comment(attrs.evolve(line, entry_no=resent.entry_no))
    work.record(InteractionLogged(resent.entry_no, delivery_requested=True))
    return resent
