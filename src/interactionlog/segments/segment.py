"""Segments with their lines, language rows and selection steps, and steps saved under a code."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs

from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.values import (
    CONTACT_NO,
    CorrespondenceType,
    CriteriaAction,
    CriteriaSource,
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
    instance_of,
    instant,
    length,
    member_or_none,
    not_negative,
    one_of,
    time_of_day,
    whole,
    whole_minutes,
)


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
        campaign_target: Lines are targets of the campaign.
        campaign_response: Lines are answers to the campaign.
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
        incomplete: A selection step that was imported could not be read, so that contacts are
            missing or too many: logging is refused as long as this holds.
        purpose_code: What contacts are written to for, in place of the purpose of a template;
            ``None`` leaves it to the template of each line.

    Source: table 5076 Segment Header.
    """

    no: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    campaign_no: str | None = code_or_none(20)
    salesperson_code: str | None = code_or_none(20)
    correspondence_type_default: CorrespondenceType | None = field_or_none(
        one_of(CorrespondenceType)
    )
    interaction_template_code: str | None = code_or_none(10)
    interaction_group_code: str | None = code_or_none(10)
    unit_cost_lcy: Decimal = attrs.field(
        default=Decimal(0), converter=as_money, validator=not_negative
    )
    unit_duration_min: int = attrs.field(default=0, validator=whole_minutes)
    date: dt.date | None = field_or_none(calendar_date)
    campaign_target: bool = attrs.field(default=False, validator=flag)
    campaign_response: bool = attrs.field(default=False, validator=flag)
    information_flow: InformationFlow | None = member_or_none(InformationFlow)
    initiated_by: InitiatedBy | None = member_or_none(InitiatedBy)
    no_series: str | None = code_or_none(20)
    language_code_default: str | None = code_or_none(10)
    send_word_docs_as_attmt: bool = attrs.field(default=False, validator=flag)
    ignore_contact_corres_type: bool = attrs.field(default=False, validator=flag)
    subject_default: str = attrs.field(default="", validator=length(0, 100))
    word_template_code: str | None = code_or_none(30)
    version: int = attrs.field(default=0, validator=whole())
    host_ref: str | None = field_or_none(length(1, 250))
    follow_up_of: int | None = field_or_none(entry_number)
    follow_up_filter: OutcomeFilter | None = field_or_none(instance_of(OutcomeFilter))
    incomplete: bool = attrs.field(default=False, validator=flag)
    purpose_code: str | None = code_or_none(20)


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

    segment_no: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    logged_segment_entry_no: int | None = field_or_none(entry_number)
    removed_by_step: int = attrs.field(default=0, validator=whole())
    segment_line_no: int = attrs.field(default=0, validator=whole())
    language_code: str | None = code_or_none(10)
    description: str = attrs.field(default="", validator=length(0, 100))
    attachment_no: int | None = field_or_none(entry_number)
    subject: str = attrs.field(default="", validator=length(0, 100))
    word_template_code: str | None = code_or_none(30)


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

    segment_no: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    line_no: int = attrs.field(validator=whole(1))
    contact_no: str | None = code_or_none(CONTACT_NO)
    contact_company_no: str | None = code_or_none(CONTACT_NO)
    campaign_no: str | None = code_or_none(20)
    salesperson_code: str | None = code_or_none(20)
    correspondence_type: CorrespondenceType | None = member_or_none(CorrespondenceType)
    interaction_template_code: str | None = code_or_none(10)
    interaction_group_code: str | None = code_or_none(10)
    cost_lcy: Decimal = attrs.field(default=Decimal(0), converter=as_money, validator=not_negative)
    duration_min: int = attrs.field(default=0, validator=whole_minutes)
    attachment_no: int | None = field_or_none(entry_number)
    campaign_response: bool = attrs.field(default=False, validator=flag)
    campaign_target: bool = attrs.field(default=False, validator=flag)
    information_flow: InformationFlow | None = member_or_none(InformationFlow)
    initiated_by: InitiatedBy | None = member_or_none(InitiatedBy)
    contact_alt_address_code: str | None = code_or_none(10)
    evaluation: Evaluation | None = member_or_none(Evaluation)
    language_code: str | None = code_or_none(10)
    description: str = attrs.field(default="", validator=length(0, 100))
    date: dt.date | None = field_or_none(calendar_date)
    time_of_interaction: dt.time | None = field_or_none(time_of_day)
    attempt_failed: bool = attrs.field(default=False, validator=flag)
    to_do_no: str | None = code_or_none(20)
    send_word_doc_as_attmt: bool = attrs.field(default=False, validator=flag)
    contact_via: str = attrs.field(default="", validator=length(0, 80))
    subject: str = attrs.field(default="", validator=length(0, 100))
    opportunity_no: str | None = code_or_none(20)
    word_template_code: str | None = code_or_none(30)
    merged: bool = attrs.field(default=False, validator=flag)
    added_by_step: int = attrs.field(default=0, validator=whole())


@attrs.frozen(kw_only=True, weakref_slot=False)
class CriteriaStep:
    """
    One step of choosing contacts, as it was taken.

    Attributes:
        segment_no: The segment.
        logged_segment_entry_no: Logged segment that keeps the step; ``None`` while it is open.
        step_no: 1, 2, 3, … within the segment.
        action: Add, reduce or refine.
        filter: The contacts that matched.
        all_contacts: The caller said that everybody matches.
        widening: Whom an add took along.
        allow_existing: An add took contacts that had a line already.
        ignore_exclusion: An add took contacts that are excluded from segments.
        entire_companies: A reduce or refine went by whole companies.
        source: Selection, by hand or a logged segment.
        source_entry_no: The logged segment that was used again; ``None`` for none.
        lines_added, lines_removed: What the step did.
        user_id, recorded_at: Who took it and when, UTC.

    Source: tables 5097 Segment Criteria Line and 5078 Segment History.
    """

    segment_no: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    logged_segment_entry_no: int | None = field_or_none(entry_number)
    step_no: int = attrs.field(validator=whole(1))
    action: CriteriaAction = attrs.field(validator=one_of(CriteriaAction))
    filter: ContactFilter = attrs.field(factory=ContactFilter, validator=instance_of(ContactFilter))
    all_contacts: bool = attrs.field(default=False, validator=flag)
    widening: Widening = attrs.field(factory=Widening, validator=instance_of(Widening))
    allow_existing: bool = attrs.field(default=False, validator=flag)
    ignore_exclusion: bool = attrs.field(default=False, validator=flag)
    entire_companies: bool = attrs.field(default=False, validator=flag)
    source: CriteriaSource = attrs.field(
        default=CriteriaSource.SELECTION, validator=one_of(CriteriaSource)
    )
    source_entry_no: int | None = field_or_none(entry_number)
    lines_added: int = attrs.field(default=0, validator=whole())
    lines_removed: int = attrs.field(default=0, validator=whole())
    user_id: str | None = code_or_none(50)
    recorded_at: dt.datetime = attrs.field(converter=as_utc, validator=instant)


@attrs.frozen(kw_only=True, weakref_slot=False)
class SavedCriteria:
    """
    Steps saved under a code; created and deleted, never edited.

    Attributes:
        code: Key; 1 to 10 characters, upper case.
        description: At most 100 characters.
        user_id: Who saved them.

    Source: table 5098 Saved Segment Criteria.
    """

    code: str = attrs.field(converter=as_code, validator=code_text(1, 10))
    description: str = attrs.field(default="", validator=length(0, 100))
    user_id: str | None = code_or_none(50)


@attrs.frozen(kw_only=True, weakref_slot=False)
class SavedCriteriaStep:
    """
    One saved step; its fields mean what they mean in `CriteriaStep`.

    Attributes:
        code: The saved criteria.
        step_no: 1, 2, 3, … within them.

    Source: table 5099 Saved Segment Criteria Line.
    """

    code: str = attrs.field(converter=as_code, validator=code_text(1, 10))
    step_no: int = attrs.field(validator=whole(1))
    action: CriteriaAction = attrs.field(validator=one_of(CriteriaAction))
    filter: ContactFilter = attrs.field(factory=ContactFilter, validator=instance_of(ContactFilter))
    all_contacts: bool = attrs.field(default=False, validator=flag)
    widening: Widening = attrs.field(factory=Widening, validator=instance_of(Widening))
    allow_existing: bool = attrs.field(default=False, validator=flag)
    ignore_exclusion: bool = attrs.field(default=False, validator=flag)
    entire_companies: bool = attrs.field(default=False, validator=flag)
    source: CriteriaSource = attrs.field(
        default=CriteriaSource.SELECTION, validator=one_of(CriteriaSource)
    )
    source_entry_no: int | None = field_or_none(entry_number)
