"""Sending the content of an entry again is an entry of its own, at no cost."""

from __future__ import annotations

from decimal import Decimal

import attrs

from interactionlog.attachments.ownership import owned
from interactionlog.enumerations import DeliveryStatus
from interactionlog.interactions.defaults import next_full_minute
from interactionlog.interactions.events import InteractionLogged
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["RESENT", "resent_entry"]

RESENT = "Resent: "
"""Begins the description of what was sent again, once."""


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
