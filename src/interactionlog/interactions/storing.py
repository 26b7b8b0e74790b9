"""Storing a draft as an entry, a new one or the one that it resumes."""

from __future__ import annotations

from typing import Any

from interactionlog.attachments.ownership import drop_unused, owned
from interactionlog.interactions.building import comments_of, entry_values
from interactionlog.interactions.draft import InteractionDraft
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["store_draft"]


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
    for comment in comments_of(draft, entry, on=clock.work_date()):
        log.put_comment(comment)
    return entry


def _content(
    work: UnitOfWork, attachment_no: int | None, before: InteractionLogEntry | None
) -> int | None:
    """Return the entry's own attachment; what it has already it keeps. (INT-045, INT-047)"""
    if attachment_no is None or (before is not None and before.attachment_no == attachment_no):
        return attachment_no
    return owned(work, attachment_no, read_only=True)
