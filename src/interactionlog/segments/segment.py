"""Segments with lines, language rows and selection steps; their port, their lock, their lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import NamedTuple, Protocol

import attrs

from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.errors import StateError
from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.unit_of_work import Records, UnitOfWork
from interactionlog.values import (
    CONTACT_NO,
    NUMBER_LIMIT,
    CorrespondenceType,
    CriteriaAction,
    CriteriaSource,
    Evaluation,
    InformationFlow,
    InitiatedBy,
    LoggedSegmentState,
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
        correspondence_type_default: Of lines, where ``ignore_contact_corres_type`` is set; without
            that it has no effect: the contact's or template's counts (SEG-042).
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
            It begins with the instant of creation, in milliseconds, so that the plan of a segment
            that was deleted is none of another one under its number.
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
    correspondence_type_default: CorrespondenceType | None = member_or_none(CorrespondenceType)
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
    version: int = attrs.field(default=0, validator=whole(0, NUMBER_LIMIT))
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


class SegmentTotals(NamedTuple):
    """Lines of a segment, how many of them have a contact, their cost and their minutes."""

    lines: int
    with_contact: int
    cost_lcy: Decimal
    duration_min: int


class SegmentRepository(Records[Segment], Protocol):
    """
    Open segments with their lines, languages and selection steps, keyed by segment number.

    An adapter passes ``testing.RecordsContract`` and ``testing.SegmentContract``.
    """

    def get(self, *key: object) -> Segment:
        """
        Return an open segment.

        Raises:
            SegmentAlreadyLoggedError: It was logged and is no longer open.
            NotFoundError: There is no such segment.
        """

    def lock(self, *key: object) -> Segment:
        """
        Raise the version of a segment and return it as it is then: the first step of every change.

        Raises what `get` raises.
        """

    def lock_all(self) -> None:
        """
        Keep every open segment as it is until the transaction ends.

        Who deletes a record that headers or lines may name calls it before looking for them.
        """

    def remove(self, *key: object) -> None:
        """Delete the segment with its lines, its languages and its steps; or `NotFoundError`."""

    def totals(self, no: str) -> SegmentTotals:
        """Return the figures of the segment's lines; zeros when there is none."""

    def last_line_no(self, no: str) -> int:
        """Return the highest number of a line that is there or may be restored; 0 for none."""

    def lines_after(self, no: str, line_no: int, *, limit: int = 1_000) -> Sequence[SegmentLine]:
        """Return the next lines after ``line_no`` by line number; empty at the end."""

    def line(self, no: str, line_no: int) -> SegmentLine:
        """Return one line, or raise `NotFoundError`."""

    def add_lines(self, lines: Sequence[SegmentLine]) -> None:
        """Store new lines, or raise `DuplicateEntryError`."""

    def remove_lines(self, no: str, line_nos: Collection[int]) -> None:
        """Delete lines of a segment; absent ones are ignored. Up to 1,000 numbers."""

    def remove_lines_through(self, no: str, line_no: int) -> None:
        """Delete all lines of a segment up to and with ``line_no``."""

    def contacts_present(self, no: str, contact_nos: Collection[str]) -> set[str]:
        """Return those of the contacts that have a line in the segment. Up to 1,000 numbers."""

    def has_repeated_lines(self, no: str) -> bool:
        """Say whether any contact is on two lines of the segment."""

    def repeated_lines(self, no: str, lines: Sequence[SegmentLine]) -> set[int]:
        """
        Return the numbers of those lines whose contact is on an earlier line as well.

        ``lines`` are consecutive lines of the segment, as `lines_after` gives them.
        """

    def target_companies(self, campaign_no: str) -> set[str | None]:
        """Return the companies of all open lines that are targets of a campaign; ``None`` too."""

    def line_with(self, **values: object) -> SegmentLine | None:
        """Return some open line that holds these values of fields, or ``None``."""

    def rename(self, no: str, new_no: str) -> None:
        """
        Give the open segment with everything that belongs to it another number.

        Raises `NotFoundError`, or `DuplicateEntryError` for a number that is taken.
        """

    def push(self, no: str, field: str, value: object, holding: Mapping[str, object]) -> int:
        """
        Set a field on every line that holds these values; return how many. ``None`` is not set.

        Args:
            field: One of the fields that a header gives its lines.
            holding: Values by field; also ``interaction_template_code`` and ``language_code``.
        """

    def set_lines(self, no: str, line_nos: Collection[int], **values: object) -> None:
        """Change named fields of lines of a segment that is locked; absent ones are ignored."""

    def remove_by_step(self, no: str, step_no: int, line_nos: Collection[int]) -> None:
        """Move lines with their language rows to what a step removed. Up to 1,000 numbers."""

    def undo_step(self, no: str, step_no: int) -> None:
        """
        Delete a step: its lines go, and what it removed is there again exactly as it was.

        For the last step; a line that has the number of a removed one gives way.
        """

    def step_has_lines(self, no: str, step_no: int) -> tuple[bool, bool]:
        """Say whether a line is there that a step added, and one that it removed."""

    def remove_steps(self, no: str) -> None:
        """Delete all steps of an open segment with what they removed; its lines stay."""

    def with_contact(self, no: str, contact_no: str) -> Sequence[tuple[int, SegmentLine]]:
        """
        Return the lines of a contact with the step that removed each, 0 for those that are there.

        By that step, then by line number.
        """

    def languages(self, no: str, line_no: int = 0) -> Sequence[SegmentLanguage]:
        """Return the language rows in use of the header (0) or of a line, by language code."""

    def all_languages(self, no: str) -> Sequence[SegmentLanguage]:
        """Return every language row of an open segment: header, lines and removed lines."""

    def put_language(self, row: SegmentLanguage) -> None:
        """Store a language row, in place of one with its key if there is one."""

    def remove_language(self, row: SegmentLanguage) -> None:
        """Delete the language row with that key, or raise `NotFoundError`."""

    def steps(self, no: str) -> Sequence[CriteriaStep]:
        """Return the selection steps of an open segment by number."""


@contextmanager
def changing(work: UnitOfWork, segment_no: str) -> Iterator[Segment]:
    """
    Do everything within or nothing of it, with the segment locked: its version is raised.

    Raises:
        NotFoundError: There is no such segment.
        SegmentAlreadyLoggedError: It was logged.
        StateError: It is being logged in batches: some of its lines are in the log already.
    """
    with work.atomic():
        segment = work.segments.lock(segment_no)
        refuse_run(work, segment.no)
        yield segment


def refuse_run(work: UnitOfWork, segment_no: str) -> None:
    """Raise `StateError` when some lines of a segment are in the log already, others not yet."""
    logged = work.logged_segments.current(segment_no)
    if logged is not None and logged.state is LoggedSegmentState.RUNNING:
        name = f"logged segment {logged.entry_no}"
        reason = f"is being logged as {name}: let the run end or undo it"
        raise StateError(f"segment {segment_no}", reason)


def chunks_of(work: UnitOfWork, segment_no: str) -> Iterator[Sequence[SegmentLine]]:
    """Yield the lines of a segment by number, up to 1,000 at a time."""
    last = 0
    while lines := work.segments.lines_after(segment_no, last):
        yield lines
        last = lines[-1].line_no
