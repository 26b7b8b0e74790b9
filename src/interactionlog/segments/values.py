"""What may be set on a segment and its lines, and the lock that every change takes first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypedDict

import attrs

from interactionlog.errors import NotFoundError, StateError, UsageError
from interactionlog.segments.segment import Segment
from interactionlog.templates.template import InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    CorrespondenceType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
    LoggedSegmentState,
    as_code,
    as_optional_code,
)


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
    contact_alt_address_code: str | None
    time_of_interaction: dt.time | None
    attempt_failed: bool
    to_do_no: str | None
    opportunity_no: str | None


class ChangedValues(SegmentValues, total=False):
    """What may be changed on a segment."""

    description: str


class PersonalValues(LineValues, total=False):
    """What may be personal on a line; ``attachment_no`` is taken as the line's own content."""

    interaction_template_code: str | None
    language_code: str | None
    attachment_no: int | None


def only_fields(values: Mapping[str, object], known: type, record: str) -> None:
    """Refuse fields that a record has not."""
    if unknown := sorted(set(values) - set(known.__annotations__)):
        message = f"a {record} has no field {', '.join(unknown)}"
        raise UsageError(message)


def require_known(work: UnitOfWork, values: Mapping[str, Any], known: type, record: str) -> None:
    """Refuse fields that a record has not, and codes that name nothing or somebody blocked."""
    only_fields(values, known, record)
    salesperson_code = values.get("salesperson_code")
    if salesperson_code is not None:
        salesperson = work.salespeople.find(as_code(salesperson_code))
        if salesperson is None:
            raise NotFoundError("salesperson", as_code(salesperson_code))
        if salesperson.blocked:
            raise StateError(f"salesperson {salesperson.code}", "is blocked")
    for field, records in (
        ("campaign_no", work.campaigns),
        ("interaction_template_code", work.templates),
    ):
        code = as_optional_code(values.get(field))
        if code is not None and records.hold(code) is None:
            records.get(code)


def template_values(template: InteractionTemplate | None) -> dict[str, Any]:
    """Return what a template puts into a header: the fields that both have. (SEG-023)"""
    names = SegmentValues.__annotations__.keys() & {
        each.name for each in attrs.fields(InteractionTemplate)
    }
    return {} if template is None else {name: getattr(template, name) for name in names}


def lock_for_change(work: UnitOfWork, segment_no: str) -> Segment:
    """
    Raise the version of a segment, which is its lock, and return it.

    Raises:
        NotFoundError: There is no such segment.
        SegmentAlreadyLoggedError: It was logged.
        StateError: It is being logged in batches: some of its lines are in the log already.
    """
    segment = work.segments.lock(segment_no)
    logged = work.logged_segments.current(segment.no)
    if logged is not None and logged.state is LoggedSegmentState.RUNNING:
        reason = f"is being logged as logged segment {logged.entry_no}: let the run end or undo it"
        raise StateError(f"segment {segment.no}", reason)
    return segment
