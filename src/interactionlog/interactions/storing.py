"""Storing a draft as an entry, a new one or the one that it resumes."""

from __future__ import annotations

from typing import Any

from interactionlog.attachments.ownership import drop_unused, owned
from interactionlog.enumerations import CorrespondenceType, DeliveryStatus
from interactionlog.errors import StateError
from interactionlog.interactions.building import entry_values, next_comment
from interactionlog.interactions.campaign_entries import campaign_entry_for
from interactionlog.interactions.draft import InteractionDraft
from interactionlog.interactions.draft_context import facts_of
from interactionlog.interactions.events import InteractionLogged
from interactionlog.interactions.log_entry import InteractionLogEntry, LogComment
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["log_draft", "require_postponed", "resumed_entry", "store_draft"]


def log_draft(
    work: UnitOfWork, draft: InteractionDraft, *, deliver: bool = False, **document: Any
) -> InteractionLogEntry:
    """
    Log a checked draft and record that; whoever calls tells the observers.

    Args:
        work: The unit of work.
        draft: What is logged.
        deliver: Its content is to be delivered.
        document: Fields of the entry that name a document.

    Source: INT-038 to INT-051, INT-078.
    """
    entry = store_draft(
        work,
        draft,
        resumed_entry(work, draft),
        delivery_status=DeliveryStatus.REQUESTED if deliver else None,
        campaign_entry_no=campaign_entry_for(work, draft, document.get("document_type")),
        **document,
    )
    mails = entry.correspondence_type is CorrespondenceType.EMAIL
    without = mails and not facts_of(work, draft, deliver=deliver).e_mail
    work.record(InteractionLogged(entry.entry_no, deliver, ("no-e-mail",) if without else ()))
    return entry


def store_draft(
    work: UnitOfWork, draft: InteractionDraft, before: InteractionLogEntry | None, **values: Any
) -> InteractionLogEntry:
    """
    Store entry, content and comments of a draft and return the entry.

    Args:
        work: The unit of work.
        draft: What is stored.
        before: The postponed entry that it resumes: its number, who began it and when are kept.
        values: Fields of the entry that a draft does not have.

    Source: INT-043 to INT-048.
    """
    log, clock = work.interactions, work.clock
    fields = entry_values(draft)
    if before is not None:
        fields |= {"created_by": before.created_by, "created_at": before.created_at}
    fields |= {
        "entry_no": before.entry_no if before else log.reserve_entry_nos(1)[0],
        "attachment_no": _content(work, draft.attachment_no, before),
        "user_id": work.user_id,
        "recorded_at": clock.now(),
    }
    entry = InteractionLogEntry(**{**fields, **values})
    if before is None:
        log.add(entry)
    else:
        log.replace(entry)
        log.remove_comments(entry.entry_no)
        if before.attachment_no != entry.attachment_no:
            drop_unused(work, before.attachment_no)
    comments: list[LogComment] = []
    for each in draft.comments:
        on, user_id = clock.work_date(), entry.user_id or ""
        comments.append(
            next_comment(
                entry.entry_no, comments, each, on=on, user_id=user_id, at=entry.recorded_at
            )
        )
        log.put_comment(comments[-1])
    return entry


def resumed_entry(work: UnitOfWork, draft: InteractionDraft) -> InteractionLogEntry | None:
    """Return the postponed entry that a draft resumes, if any; `StateError` when it is no more."""
    if draft.resumes_entry_no is None:
        return None
    entry = work.interactions.get(draft.resumes_entry_no)
    require_postponed(entry)
    return entry


def require_postponed(entry: InteractionLogEntry) -> None:
    """Raise `StateError` unless the entry is postponed and live. (INT-052, §8.8)"""
    if not entry.postponed:
        raise StateError(f"entry {entry.entry_no}", "is not postponed")
    if entry.canceled:
        raise StateError(f"entry {entry.entry_no}", "is canceled")


def _content(
    work: UnitOfWork, attachment_no: int | None, before: InteractionLogEntry | None
) -> int | None:
    """Return the entry's own attachment; what it has already it keeps. (INT-045, INT-047)"""
    if attachment_no is None or (before is not None and before.attachment_no == attachment_no):
        return attachment_no
    return owned(work, attachment_no, read_only=True)
