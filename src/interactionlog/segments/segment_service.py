"""Creating segments and writing their lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypedDict, Unpack

import attrs

from interactionlog._fields import as_code
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.enumerations import (
    CorrespondenceType,
    CriteriaAction,
    CriteriaSource,
    Evaluation,
    InformationFlow,
    InitiatedBy,
)
from interactionlog.errors import (
    DuplicateEntryError,
    NotFoundError,
    PrivacyBlockedError,
    SegmentAlreadyLoggedError,
    SetupMissingError,
    StateError,
    UsageError,
)
from interactionlog.numbering.number_series import NumberSeries
from interactionlog.numbering.series_choice import SeriesChoice
from interactionlog.segments.inheritance import Inheritance
from interactionlog.segments.segment import Segment, SegmentLanguage
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep
from interactionlog.templates.interaction_template import InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["LineValues", "SegmentService", "SegmentValues"]


class SegmentValues(TypedDict, total=False):
    """What may be set on a segment; the meaning of each is `Segment`'s."""

    campaign_no: str | None
    salesperson_code: str | None
    correspondence_type_default: CorrespondenceType | None
    interaction_template_code: str | None
    interaction_group_code: str | None
    unit_cost_lcy: Decimal | int | str
    unit_duration_min: int
    date: dt.date | None
    campaign_target: bool
    campaign_response: bool
    information_flow: InformationFlow | None
    initiated_by: InitiatedBy | None
    language_code_default: str | None
    send_word_docs_as_attmt: bool
    ignore_contact_corres_type: bool
    subject_default: str
    word_template_code: str | None
    host_ref: str | None


class LineValues(TypedDict, total=False):
    """What may be set on a line; the meaning of each is `SegmentLine`'s."""

    campaign_no: str | None
    salesperson_code: str | None
    correspondence_type: CorrespondenceType | None
    cost_lcy: Decimal | int | str
    duration_min: int
    campaign_response: bool
    campaign_target: bool
    information_flow: InformationFlow | None
    initiated_by: InitiatedBy | None
    evaluation: Evaluation | None
    description: str
    date: dt.date | None
    subject: str
    contact_via: str


@attrs.frozen
class SegmentService:
    """Keeps headers and lines of segments. Each call happens whole or not at all."""

    work: UnitOfWork

    def create(
        self,
        description: str = "",
        *,
        no: str | None = None,
        no_series: str | None = None,
        **values: Unpack[SegmentValues],
    ) -> Segment:
        """
        Create a segment with a number of its own or the next one of the series.

        A template fills in its values where none are given. The date is the work date and the
        salesperson the user's own, unless given.

        Args:
            description: Required at logging; at most 100 characters.
            no: Its number; ``None`` draws one.
            no_series: Series to draw from when it is related to the one in the setup.
            values: Further fields of the header.

        Raises:
            SetupMissingError: No number is given and the setup names no series for segments.
            NumberSeriesError: The series does not allow manual numbers, or gives none.
            DuplicateEntryError: An open segment has the number.
            SegmentAlreadyLoggedError: The number was logged before.
            NotFoundError, StateError: A code does not exist; the salesperson is blocked.

        Source: SEG-001 to SEG-003, SEG-023; D-29.
        """
        unknown = set(values) - set(SegmentValues.__annotations__)
        if unknown:
            message = f"a segment has no field {', '.join(sorted(unknown))}"
            raise UsageError(message)
        with self.work.atomic():
            given: dict[str, Any] = {**self._defaults(), **values}
            template = self._template(given.get("interaction_template_code"))
            self._require_known(given)
            number, series = self._number(no, no_series)
            segment = Segment(
                **{
                    **template_values(template),
                    **given,
                    "no": number,
                    "no_series": series,
                    "description": description,
                    "version": 1,
                }
            )
            self.work.segments.add(segment)
            self._copy_languages(segment, template)
        return segment

    def add_line(
        self, segment_no: str, contact_no: str | None = None, **values: Unpack[LineValues]
    ) -> SegmentLine:
        """
        Write a line by hand; it is recorded as a selection step when it has a contact.

        Args:
            segment_no: The segment.
            contact_no: The contact; ``None`` writes a line that logging leaves out.
            values: What is personal to the line.

        Raises:
            NotFoundError: The segment, the contact or another code does not exist.
            SegmentAlreadyLoggedError: The segment was logged.
            PrivacyBlockedError: The contact is blocked for privacy.

        Source: SEG-040, SEG-041, SEG-050 with D-13 and D-04.
        """
        with self.work.atomic():
            segment = self.work.segments.lock(segment_no)
            contact = None if contact_no is None else self.work.contacts.get(contact_no)
            if contact is not None and contact.privacy_blocked:
                raise PrivacyBlockedError(contact.no)
            self._require_known(values)
            step_no = 0
            if contact is not None:
                step_no = len(self.work.segments.steps(segment.no)) + 1
                self.work.segments.add_step(
                    CriteriaStep(
                        segment_no=segment.no,
                        step_no=step_no,
                        action=CriteriaAction.ADD,
                        filter=ContactFilter(nos={contact.no}),
                        source=CriteriaSource.BY_HAND,
                        allow_existing=True,
                        ignore_exclusion=True,
                        lines_added=1,
                        user_id=self.work.user_id,
                        recorded_at=self.work.clock.now(),
                    )
                )
            addresses = (
                {}
                if contact is None or segment.date is None
                else self.work.contacts.active_addresses([contact.no], segment.date)
            )
            line = inheritance_of(self.work, segment).line(
                self.work.segments.last_line_no(segment.no) + 10_000,
                contact,
                addresses.get(contact.no) if contact else None,
                step_no,
            )
            line = attrs.evolve(line, **values)
            self.work.segments.add_lines([line])
        return line

    def _defaults(self) -> dict[str, Any]:
        user = self.work.users.find(self.work.user_id or "")
        return {
            "date": self.work.clock.work_date(),
            "salesperson_code": user.salesperson_code if user else None,
        }

    def _template(self, code: str | None) -> InteractionTemplate | None:
        return None if code is None else self.work.templates.get(as_code(code))

    def _require_known(self, values: Mapping[str, Any]) -> None:
        salesperson_code = values.get("salesperson_code")
        if salesperson_code is not None:
            salesperson = self.work.salespeople.find(salesperson_code)
            if salesperson is None:
                raise NotFoundError("salesperson", as_code(salesperson_code))
            if salesperson.blocked:
                raise StateError(f"salesperson {salesperson.code}", "is blocked")
        campaign_no = values.get("campaign_no")
        if campaign_no is not None:
            self.work.campaigns.get(as_code(campaign_no))

    def _number(self, no: str | None, no_series: str | None) -> tuple[str, str | None]:
        setup = self.work.marketing_setup.find()
        series = setup.segment_nos if setup else None
        choice = SeriesChoice(self.work)
        if no is None:
            if series is None:
                raise SetupMissingError("segment_nos", "to number segments")
            series = choice.choose(series, no_series)
            choice.require_automatic(series)
            drawn = NumberSeries(self.work).next(series, record_kind="segment")
            return drawn.no, drawn.series_code
        choice.require_manual(series, no)
        number = as_code(no)
        if self.work.segments.find(number) is not None:
            raise DuplicateEntryError("segment", number)
        logged = self.work.logged_segments.standing(number)
        if logged is not None:
            raise SegmentAlreadyLoggedError(number, logged.entry_no)
        return number, None

    def _copy_languages(self, segment: Segment, template: InteractionTemplate | None) -> None:
        # every segment has content of its own, so that a template stays editable (SEG-032)
        rows = () if template is None else self.work.template_languages.all(template.code)
        for row in rows:
            attachment_no = row.attachment_no
            if attachment_no is not None:
                source = self.work.attachments.get(attachment_no)
                attachment_no = self.work.attachments.reserve_no()
                self.work.attachments.add(
                    attrs.evolve(
                        source,
                        no=attachment_no,
                        read_only=False,
                        recorded_at=self.work.clock.now(),
                    )
                )
            self.work.segments.put_language(
                SegmentLanguage(
                    segment_no=segment.no,
                    language_code=row.language_code,
                    description=row.description,
                    attachment_no=attachment_no,
                    word_template_code=row.word_template_code,
                )
            )


def template_values(template: InteractionTemplate | None) -> dict[str, Any]:
    """Return what a template puts into a header. (SEG-023)"""
    if template is None:
        return {}
    names = (
        "interaction_group_code",
        "unit_cost_lcy",
        "unit_duration_min",
        "information_flow",
        "initiated_by",
        "campaign_target",
        "campaign_response",
        "correspondence_type_default",
        "ignore_contact_corres_type",
        "language_code_default",
        "word_template_code",
        "campaign_no",
    )
    return {name: getattr(template, name) for name in names}


def inheritance_of(work: UnitOfWork, segment: Segment) -> Inheritance:
    """Look up what the lines of a segment inherit."""
    code = segment.interaction_template_code
    rows = work.segments.languages(segment.no)
    return Inheritance(
        segment,
        None if code is None else work.templates.find(code),
        {row.language_code: row for row in rows},
    )
