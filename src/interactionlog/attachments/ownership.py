"""Attachments have one owner: others get a copy, and the last one takes it along."""

from __future__ import annotations

import attrs

from interactionlog.unit_of_work import UnitOfWork

__all__ = ["drop_unused", "owned"]


def owned(work: UnitOfWork, attachment_no: int, *, read_only: bool) -> int:
    """
    Return an attachment with that content for a new owner.

    What nothing refers to is taken as it is; of everything else a copy is made, which shares the
    stored bytes. (INT-045, INT-069, INT-070)
    """
    source = work.attachments.get(attachment_no)
    if not work.attachments.is_referred_to(attachment_no):
        if read_only:
            work.attachments.set_read_only([attachment_no])
        return attachment_no
    copy = attrs.evolve(
        source,
        no=work.attachments.reserve_no(),
        read_only=read_only,
        recorded_at=work.clock.now(),
    )
    work.attachments.add(copy)
    return copy.no


def drop_unused(work: UnitOfWork, attachment_no: int | None) -> None:
    """Delete an attachment that nothing refers to any more. (INT-055, INT-071, §8.13)"""
    if (
        attachment_no is not None
        and work.attachments.find(attachment_no) is not None
        and not work.attachments.is_referred_to(attachment_no)
    ):
        work.attachments.remove(attachment_no)
