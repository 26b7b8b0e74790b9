"""The segment: the values of its header. It holds no lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs

from interactionlog._fields import (
    as_code,
    as_money,
    as_optional_code,
    calendar_date,
    entry_number,
    flag,
    instance_of,
    length,
    not_negative,
    one_of,
    optional,
    optional_code,
    whole,
    whole_minutes,
)
from interactionlog.enumerations import CorrespondenceType, InformationFlow, InitiatedBy
from interactionlog.interactions.outcome_filter import OutcomeFilter

__all__ = ["Segment", "SegmentLanguage"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Segment:
    """
    A set of contacts that is written to in one go, and what its lines inherit.

    Attributes:
        no: Key; 1 to 20 characters, upper case.
        description: Required at logging; at most 100 characters.
        campaign_no, salesperson_code, interaction_template_code, interaction_group_code: Inherited
            by lines; ``None`` means not set. A salesperson beats the contact's.
        correspondence_type_default: ``None`` means that the contact's or template's counts.
        unit_cost_lcy: Cost of one interaction in local currency, >= 0.
        unit_duration_min: Whole minutes of one interaction, >= 0.
        date: Business date of the interactions; ``None`` is refused at logging.
        campaign_target, campaign_response: Lines are targets of, answers to the campaign.
        information_flow, initiated_by: ``None`` means not specified.
        no_series: Series that the number came from; ``None`` when given by hand.
        language_code_default: Language for contacts whose own is not offered.
        send_word_docs_as_attmt: Send merged documents as attachments.
        ignore_contact_corres_type: The default correspondence type beats the contact's.
        subject_default: Subject in the default language; at most 100 characters.
        word_template_code: Template that is merged; at most 30 characters.
        version: Rises with every change of the segment, its lines, languages and steps: its lock.
        host_ref: The host's record, at most 250 characters; ``None`` for none.
        follow_up_of: Logged segment that this one follows up; ``None`` for none.
        follow_up_filter: Which outcomes it follows up; ``None`` means all.

    Source: table 5076 Segment Header.
    """

    no: str = attrs.field(converter=as_code, validator=length(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    campaign_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    salesperson_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    correspondence_type_default: CorrespondenceType | None = attrs.field(
        default=None, validator=optional(one_of(CorrespondenceType))
    )
    interaction_template_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    interaction_group_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    unit_cost_lcy: Decimal = attrs.field(
        default=Decimal(0), converter=as_money, validator=not_negative
    )
    unit_duration_min: int = attrs.field(default=0, validator=whole_minutes)
    date: dt.date | None = attrs.field(default=None, validator=optional(calendar_date))
    campaign_target: bool = attrs.field(default=False, validator=flag)
    campaign_response: bool = attrs.field(default=False, validator=flag)
    information_flow: InformationFlow | None = attrs.field(
        default=None, validator=optional(one_of(InformationFlow))
    )
    initiated_by: InitiatedBy | None = attrs.field(
        default=None, validator=optional(one_of(InitiatedBy))
    )
    no_series: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    language_code_default: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    send_word_docs_as_attmt: bool = attrs.field(default=False, validator=flag)
    ignore_contact_corres_type: bool = attrs.field(default=False, validator=flag)
    subject_default: str = attrs.field(default="", validator=length(0, 100))
    word_template_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(30)
    )
    version: int = attrs.field(default=0, validator=whole())
    host_ref: str | None = attrs.field(default=None, validator=optional(length(1, 250)))
    follow_up_of: int | None = attrs.field(default=None, validator=optional(entry_number))
    follow_up_filter: OutcomeFilter | None = attrs.field(
        default=None, validator=optional(instance_of(OutcomeFilter))
    )


@attrs.frozen(kw_only=True, weakref_slot=False)
class SegmentLanguage:
    """
    Content of a segment, or of one of its lines, in one language.

    Attributes:
        segment_no: The segment.
        logged_segment_entry_no: Logged segment that keeps the row; ``None`` while it is open.
        removed_by_step: Selection step that removed the row with its line; 0 while it is in use.
        segment_line_no: 0 for a row of the header, which lines inherit; else the line it is for.
        language_code: The language; ``None`` is a row without one.
        description, subject: At most 100 characters.
        attachment_no: Content; ``None`` for none.
        word_template_code: Template that is merged; at most 30 characters.

    Source: table 5104 Segment Interaction Language.
    """

    segment_no: str = attrs.field(converter=as_code, validator=length(1, 20))
    logged_segment_entry_no: int | None = attrs.field(
        default=None, validator=optional(entry_number)
    )
    removed_by_step: int = attrs.field(default=0, validator=whole())
    segment_line_no: int = attrs.field(default=0, validator=whole())
    language_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    description: str = attrs.field(default="", validator=length(0, 100))
    attachment_no: int | None = attrs.field(default=None, validator=optional(entry_number))
    subject: str = attrs.field(default="", validator=length(0, 100))
    word_template_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(30)
    )
