"""A line of a segment: one contact, and what is personal to it."""

from __future__ import annotations

import datetime as dt
from datetime import time
from decimal import Decimal

import attrs

from interactionlog._fields import (
    as_code,
    as_money,
    as_optional_code,
    calendar_date,
    entry_number,
    flag,
    length,
    not_negative,
    one_of,
    optional,
    optional_code,
    time_of_day,
    whole,
    whole_minutes,
)
from interactionlog.enumerations import (
    CorrespondenceType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
)

__all__ = ["SegmentLine"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class SegmentLine:
    """
    One contact of a segment with the values its log entry will have.

    What is personal is not stored: it is what differs from what header, template and contact give.
    Fields that an entry has mean what they mean there.

    Attributes:
        segment_no, line_no: Key; lines are numbered 10000, 20000, …
        contact_no: ``None`` is a line without contact, which logging leaves out.
        language_code: Language of the content; becomes the entry's language.
        time_of_interaction, attempt_failed, to_do_no, contact_via, opportunity_no: Kept for the
            entry; not set by selections.
        send_word_doc_as_attmt: Becomes the entry's ``send_word_docs_as_attmt``.
        added_by_step: Number of the selection step that added it; 0 when none did.

    Source: table 5077 Segment Line.
    """

    segment_no: str = attrs.field(converter=as_code, validator=length(1, 20))
    line_no: int = attrs.field(validator=whole(1))
    contact_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    contact_company_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    campaign_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    salesperson_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    correspondence_type: CorrespondenceType | None = attrs.field(
        default=None, validator=optional(one_of(CorrespondenceType))
    )
    interaction_template_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    interaction_group_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    cost_lcy: Decimal = attrs.field(default=Decimal(0), converter=as_money, validator=not_negative)
    duration_min: int = attrs.field(default=0, validator=whole_minutes)
    attachment_no: int | None = attrs.field(default=None, validator=optional(entry_number))
    campaign_response: bool = attrs.field(default=False, validator=flag)
    campaign_target: bool = attrs.field(default=False, validator=flag)
    information_flow: InformationFlow | None = attrs.field(
        default=None, validator=optional(one_of(InformationFlow))
    )
    initiated_by: InitiatedBy | None = attrs.field(
        default=None, validator=optional(one_of(InitiatedBy))
    )
    contact_alt_address_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    evaluation: Evaluation | None = attrs.field(
        default=None, validator=optional(one_of(Evaluation))
    )
    language_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    description: str = attrs.field(default="", validator=length(0, 100))
    date: dt.date | None = attrs.field(default=None, validator=optional(calendar_date))
    time_of_interaction: time | None = attrs.field(default=None, validator=optional(time_of_day))
    attempt_failed: bool = attrs.field(default=False, validator=flag)
    to_do_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    send_word_doc_as_attmt: bool = attrs.field(default=False, validator=flag)
    contact_via: str = attrs.field(default="", validator=length(0, 80))
    subject: str = attrs.field(default="", validator=length(0, 100))
    opportunity_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    word_template_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(30)
    )
    merged: bool = attrs.field(default=False, validator=flag)
    added_by_step: int = attrs.field(default=0, validator=whole())
