"""Content of entries: copied when an interaction is stored, dropped with its last user."""

from __future__ import annotations

import attrs

from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["copied_for_entry", "drop_unused"]


def copied_for_entry(
    work: UnitOfWork, attachment_no: int | None, before: InteractionLogEntry | None
) -> int | None:
    """
    Return the attachment of an entry: read-only, and its own.

    What nothing else refers to becomes the entry's; of everything else it gets a copy with the same
    bytes. An entry that is resumed with its content unchanged keeps what it has.

    Source: INT-045, INT-047, INT-070, INV-I-24.
    """
    if attachment_no is None or (before is not None and before.attachment_no == attachment_no):
        return attachment_no
    source = work.attachments.get(attachment_no)
    if not work.attachments.is_referred_to(attachment_no):
        work.attachments.set_read_only([attachment_no])
        return attachment_no
    copy = attrs.evolve(
        source,
        no=work.attachments.reserve_no(),
        read_only=True,
        recorded_at=work.clock.now(),
    )
    work.attachments.add(copy)
    return copy.no


def drop_unused(work: UnitOfWork, attachment_no: int | None) -> None:
    """Delete an attachment that nothing refers to any more. (INT-055, §8.13)"""
    if (
        attachment_no is not None
        and work.attachments.find(attachment_no) is not None
        and not work.attachments.is_referred_to(attachment_no)
    ):
        work.attachments.remove(attachment_no)
