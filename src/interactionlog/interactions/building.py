"""Pure: entries from drafts, and drafts from postponed entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import attrs

from interactionlog.interactions.draft import (
    DraftComment,
    DraftOrigin,
    InteractionDraft,
    user_set_fields,
    user_set_mask,
)
from interactionlog.interactions.log_entry import InteractionLogEntry, LogComment

__all__ = [
    "LINK_FIELDS",
    "draft_of",
    "entry_values",
    "identity_of",
    "next_comment",
    "postponed_values",
]

LINK_FIELDS = (
    "to_do_no",
    "contact_company_no",
    "contact_no",
    "salesperson_code",
    "campaign_no",
    "opportunity_no",
)
"""Fields that a resumed draft is limited to where they are filled. (INT-052)"""

_SAME_NAME = tuple(
    field.name
    for field in attrs.fields(InteractionDraft)
    if field.name in {theirs.name for theirs in attrs.fields(InteractionLogEntry)} - {"user_set"}
)
"""Fields that mean the same on a draft and on its entry."""

_LIKE = (
    "description",
    "correspondence_type",
    "information_flow",
    "initiated_by",
    "cost_lcy",
    "duration_min",
    "salesperson_code",
    "campaign_no",
    "campaign_target",
    "campaign_response",
    "opportunity_no",
    "to_do_no",
    "word_template_code",
)


def likeness(source: object, language_code: str | None) -> dict[str, Any]:
    """Return what a draft that is like an entry or a segment line takes over from it. (§8.27)"""
    return {"language_code": language_code, **{name: getattr(source, name) for name in _LIKE}}


def entry_values(draft: InteractionDraft) -> dict[str, Any]:
    """Return the fields of an entry that a draft fills. (INT-043)"""
    values = {name: getattr(draft, name) for name in _SAME_NAME}
    return values | {
        "subject": draft.subject or draft.description,
        "interaction_language_code": draft.language_code,
        "attempt_failed": not draft.interaction_successful,
    }


def draft_of(
    entry: InteractionLogEntry, comments: Sequence[LogComment], contact_name: str
) -> InteractionDraft:
    """Return the draft that a postponed entry was stored from: nothing is lost. (INT-052, §8.8)"""
    return InteractionDraft(
        **{name: getattr(entry, name) for name in _SAME_NAME},
        language_code=entry.interaction_language_code,
        interaction_successful=not entry.attempt_failed,
        contact_name=contact_name,
        comments=tuple(
            DraftComment(date=each.date, comment=each.comment, code=each.code) for each in comments
        ),
        origin=DraftOrigin.POSTPONED,
        locked_fields=frozenset(name for name in LINK_FIELDS if getattr(entry, name) is not None),
        user_set=user_set_fields(entry.user_set),
        resumes_entry_no=entry.entry_no,
    )


def identity_of(draft: InteractionDraft) -> dict[str, Any]:
    """Return what makes two drafts the same to an idempotency key: not the defaults, nor time."""
    names = {"contact_no", "interaction_template_code", "resumes_entry_no"} | draft.user_set
    return {name: getattr(draft, name) for name in names - {"contact_name"}}


def next_comment(
    entry_no: int,
    before: Sequence[LogComment],
    comment: DraftComment,
    *,
    on: date,
    user_id: str,
    at: datetime,
) -> LogComment:
    """
    Return the comment line that follows others of an entry, numbered in steps of 10000.

    Without a date of its own it gets the day ``on``, unless an earlier line has that.
    (interactions 1.8, INT-064; stamped when it is written, §8.28)
    """
    dated = any(line.date == on for line in before)
    return LogComment(
        entry_no=entry_no,
        line_no=(before[-1].line_no if before else 0) + 10_000,
        date=comment.date or (None if dated else on),
        code=comment.code,
        comment=comment.comment,
        user_id=user_id,
        recorded_at=at,
    )


def postponed_values(
    draft: InteractionDraft, before: InteractionLogEntry | None, user_id: str | None, at: datetime
) -> dict[str, Any]:
    """Return what only a postponed entry has: who began it, when, and what the user set."""
    return {
        "postponed": True,
        "user_set": user_set_mask(draft.user_set),
        "created_by": before.created_by if before else user_id,
        "created_at": before.created_at if before else at,
    }
