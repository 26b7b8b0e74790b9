"""Entries of the log with their comments, and how a draft becomes one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from enum import IntFlag
from typing import Any

import attrs

from interactionlog.interactions.draft import (
    DraftComment,
    DraftOrigin,
    InteractionDraft,
    user_set_fields,
)
from interactionlog.interactions.idempotency import fingerprint_of
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    CONTACT_NO,
    CorrespondenceType,
    DeliveryStatus,
    DocumentType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
    as_code,
    as_money,
    as_utc,
    calendar_date,
    code_or_none,
    code_text,
    entry_number,
    field_or_none,
    flag,
    instant,
    length,
    member_or_none,
    not_negative,
    one_line,
    several_lines,
    time_of_day,
    whole,
    whole_minutes,
)


class CancelState(IntFlag):
    """Why an entry is canceled; it is canceled while any of them is set."""

    OWN = 1
    LOGGED_SEGMENT = 2
    CAMPAIGN_ENTRY = 4
    UNDONE = 8


@attrs.frozen(kw_only=True, weakref_slot=False)
class InteractionLogEntry:
    """
    One interaction in the log: a call, letter, mail, meeting or document.

    Attributes:
        entry_no: Key; rising, not dense, never used again.
        contact_no, contact_company_no: Contact and company as of logging; ``None`` for none.
        date: The day it happened, in business time.
        time_of_interaction: When on that day; may be ``None``.
        description, subject: At most 100 characters.
        information_flow, initiated_by, correspondence_type: ``None`` means not specified.
        evaluation: How it went; ``None`` means not evaluated.
        cost_lcy: Cost in local currency, an amount and not a price, >= 0.
        duration_min: Whole minutes, >= 0.
        user_id: Who logged it; of a resumed entry, who finished it.
        interaction_group_code, interaction_template_code: As of logging.
        interaction_language_code: Language of the content; ``None`` for none.
        campaign_no, campaign_entry_no: ``None`` for none.
        campaign_response: An answer to the campaign.
        campaign_target: A target of the campaign.
        segment_no, segment_line_no, logged_segment_entry_no: Segment, line and logged segment that
            it came from; ``None`` for a single interaction.
        attempt_failed: The contact was not reached.
        to_do_no, opportunity_no: A record of the host; ``None`` for none.
        salesperson_code: Who is responsible; ``None`` only for documents.
        delivery_status: ``None`` means not asked for, or sent.
        attachment_no: Content; ``None`` for none.
        contact_alt_address_code: Alternative address used; ``None`` means the contact's own.
        contact_via: Number or address used, at most 80 characters.
        send_word_docs_as_attmt: Send the merged document as an attachment.
        word_template_code, merged: Template that is merged; whether it was merged already.
        modified_word_template: Attachment number of an edited template; ``None`` for none.
        personal_fields: Bit mask of the fields in which the line differed from what header,
            template and contact gave; see `interactionlog.segments.inheritance`.
        recorded_at: When it was logged, UTC; of a postponed entry, when it was stored.
        document_type, document_no, doc_no_occurrence, version_no: The document; 0 means none.
        cancel_state: Why it is canceled: 1 own, 2 logged segment, 4 campaign entry, 8 its logging
            was undone and is gone, which is for good; 0 is live.
        postponed: Stored unfinished; counts nowhere.
        e_mail_logged: Logged from a mailbox.
        host_ref: The host's record, at most 250 characters; ``None`` for none.
        user_set: Bit mask of a postponed entry: what the user set in the draft; else 0.
        created_by, created_at: Only of an entry that was postponed first: who and when.
        resend_of: Entry that this one sends again; ``None`` for none.
        reprint_no: 0; 1, 2, … when a document was logged again on purpose.

    Source: table 5065 Interaction Log Entry.
    """

    entry_no: int = attrs.field(validator=entry_number)
    contact_no: str | None = code_or_none(CONTACT_NO)
    contact_company_no: str | None = code_or_none(CONTACT_NO)
    date: dt.date = attrs.field(validator=calendar_date)
    time_of_interaction: time | None = field_or_none(time_of_day)
    description: str = attrs.field(default="", validator=length(0, 100))
    subject: str = attrs.field(default="", validator=length(0, 100))
    information_flow: InformationFlow | None = member_or_none(InformationFlow)
    initiated_by: InitiatedBy | None = member_or_none(InitiatedBy)
    correspondence_type: CorrespondenceType | None = member_or_none(CorrespondenceType)
    evaluation: Evaluation | None = member_or_none(Evaluation)
    cost_lcy: Decimal = attrs.field(default=Decimal(0), converter=as_money, validator=not_negative)
    duration_min: int = attrs.field(default=0, validator=whole_minutes)
    user_id: str | None = code_or_none(50)
    interaction_group_code: str | None = code_or_none(10)
    interaction_template_code: str | None = code_or_none(10)
    interaction_language_code: str | None = code_or_none(10)
    campaign_no: str | None = code_or_none(20)
    campaign_entry_no: int | None = field_or_none(entry_number)
    campaign_response: bool = attrs.field(default=False, validator=flag)
    campaign_target: bool = attrs.field(default=False, validator=flag)
    segment_no: str | None = code_or_none(20)
    segment_line_no: int | None = field_or_none(whole())
    logged_segment_entry_no: int | None = field_or_none(entry_number)
    attempt_failed: bool = attrs.field(default=False, validator=flag)
    to_do_no: str | None = code_or_none(20)
    salesperson_code: str | None = code_or_none(20)
    delivery_status: DeliveryStatus | None = member_or_none(DeliveryStatus)
    attachment_no: int | None = field_or_none(entry_number)
    contact_alt_address_code: str | None = code_or_none(10)
    contact_via: str = attrs.field(default="", validator=length(0, 80))
    send_word_docs_as_attmt: bool = attrs.field(default=False, validator=flag)
    word_template_code: str | None = code_or_none(30)
    merged: bool = attrs.field(default=False, validator=flag)
    modified_word_template: int | None = field_or_none(entry_number)
    opportunity_no: str | None = code_or_none(20)
    personal_fields: int = attrs.field(default=0, validator=whole())
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)
    # what a logged line never fills comes last: the chunk insert of logging does not name it
    document_type: DocumentType | None = member_or_none(DocumentType)
    document_no: str | None = code_or_none(20)
    doc_no_occurrence: int = attrs.field(default=0, validator=whole())
    version_no: int = attrs.field(default=0, validator=whole())
    cancel_state: int = attrs.field(default=0, validator=whole(0, 15))
    postponed: bool = attrs.field(default=False, validator=flag)
    e_mail_logged: bool = attrs.field(default=False, validator=flag)
    host_ref: str | None = field_or_none(length(1, 250))
    user_set: int = attrs.field(default=0, validator=whole())
    created_by: str | None = code_or_none(50)
    created_at: datetime | None = field_or_none(instant, as_utc)
    resend_of: int | None = field_or_none(entry_number)
    reprint_no: int = attrs.field(default=0, validator=whole())

    @property
    def canceled(self) -> bool:
        """Whether it is canceled, for whatever reason."""
        return self.cancel_state != 0


@attrs.frozen(kw_only=True, weakref_slot=False)
class LogComment:
    """
    One comment line of an entry.

    Attributes:
        entry_no, line_no: Key; lines are numbered 10000, 20000, …
        date: Date of the comment in business time; ``None`` when an earlier line has that date.
        code: Free code, at most 10 characters; ``None`` for none.
        comment: At most 2,000 characters, line breaks allowed; cut to 80 when exported to BC.
        user_id, recorded_at: Who wrote it and when, UTC.

    Source: table 5123 Inter. Log Entry Comment Line.
    """

    entry_no: int = attrs.field(validator=entry_number)
    line_no: int = attrs.field(validator=whole(1))
    date: dt.date | None = field_or_none(calendar_date)
    code: str | None = code_or_none(10)
    comment: str = attrs.field(default="", validator=several_lines(2_000))
    user_id: str = attrs.field(converter=as_code, validator=code_text(1, 50))
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)


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
        contact_name=one_line(contact_name, 100),
        comments=tuple(
            DraftComment(date=each.date, comment=each.comment, code=each.code) for each in comments
        ),
        origin=DraftOrigin.POSTPONED,
        locked_fields=frozenset(name for name in LINK_FIELDS if getattr(entry, name) is not None),
        user_set=user_set_fields(entry.user_set),
        resumes_entry_no=entry.entry_no,
        resumed_state=fingerprint_of({"entry": entry, "comments": tuple(comments)}),
    )


def identity_of(draft: InteractionDraft) -> dict[str, Any]:
    """Return what makes two drafts the same to an idempotency key: not the defaults, nor time."""
    names = {"contact_no", "interaction_template_code", "resumes_entry_no"} | draft.user_set
    return {name: getattr(draft, name) for name in names - {"contact_name"}}


def next_comment(
    work: UnitOfWork,
    entry_no: int,
    before: Sequence[LogComment],
    comment: DraftComment,
    at: datetime,
) -> LogComment:
    """
    Return the comment line that follows others of an entry, numbered in steps of 10000.

    Without its own date it gets the work date, unless an earlier line has that.
    (interactions 1.8, INT-064; stamped when it is written, §8.28)
    """
    on = work.clock.work_date()
    dated = any(line.date == on for line in before)
    return LogComment(
        entry_no=entry_no,
        line_no=(before[-1].line_no if before else 0) + 10_000,
        date=comment.date or (None if dated else on),
        code=comment.code,
        comment=comment.comment,
        user_id=work.user_id or "",
        recorded_at=at,
    )
