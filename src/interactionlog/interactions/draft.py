"""An interaction that is being prepared, and what follows from its fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypedDict

import attrs

from interactionlog.arguments import refuses_odd
from interactionlog.clock import Clock
from interactionlog.templates.template import InteractionTemplate, TemplateLanguage, spoken
from interactionlog.values import (
    CONTACT_NO,
    CorrespondenceType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
    as_money,
    calendar_date,
    code_or_none,
    entry_number,
    field_or_none,
    flag,
    length,
    member_or_none,
    not_negative,
    one_of,
    optional,
    several_lines,
    time_of_day,
    whole_minutes,
)


class DraftOrigin(Enum):
    """Where a draft came from."""

    CONTACT = 1
    SALESPERSON = 2
    CONTEXT = 3
    POSTPONED = 4
    LOG_ENTRY = 5
    SEGMENT_LINE = 6
    PHONE_CALL = 7
    DOCUMENT = 8


@attrs.frozen(kw_only=True)
class DraftComment:
    """
    A comment that is stored with the entry.

    Attributes:
        date: ``None`` means the work date at finishing.
        comment: At most 2,000 characters, line breaks allowed.
        code: Free code, at most 10 characters; ``None`` for none.
    """

    date: dt.date | None = field_or_none(calendar_date)
    comment: str = attrs.field(validator=several_lines(2_000))
    code: str | None = code_or_none(10)


class DraftValues(TypedDict, total=False):
    """What a user may set in a draft; the meaning of each is `InteractionDraft`'s."""

    contact_no: str | None
    contact_name: str
    date: dt.date | None
    time_of_interaction: time | None
    interaction_template_code: str | None
    language_code: str | None
    description: str
    subject: str
    correspondence_type: CorrespondenceType | None
    information_flow: InformationFlow | None
    initiated_by: InitiatedBy | None
    cost_lcy: Decimal | int | str
    duration_min: int
    salesperson_code: str | None
    campaign_no: str | None
    campaign_target: bool
    campaign_response: bool
    opportunity_no: str | None
    to_do_no: str | None
    evaluation: Evaluation | None
    interaction_successful: bool
    attachment_no: int | None
    word_template_code: str | None
    contact_alt_address_code: str | None
    contact_via: str
    host_ref: str | None
    comments: tuple[DraftComment, ...]
    dials: bool


SETTABLE_FIELDS: tuple[str, ...] = tuple(DraftValues.__annotations__)
"""Order is the bit order of the stored mask: append, never reorder."""


def _as_names(names: Iterable[str]) -> frozenset[str]:
    if isinstance(names, str):
        raise TypeError("a text is no set of names")  # which would be its letters
    return frozenset(names)


def _as_comments(comments: Iterable[DraftComment]) -> tuple[DraftComment, ...]:
    return tuple(comments)


def user_set_mask(fields: frozenset[str]) -> int:
    """Turn names of settable fields into the bit mask that a postponed entry keeps."""
    return sum(1 << bit for bit, name in enumerate(SETTABLE_FIELDS) if name in fields)


def user_set_fields(mask: int) -> frozenset[str]:
    """Turn a stored bit mask into names of settable fields."""
    return frozenset(name for bit, name in enumerate(SETTABLE_FIELDS) if mask >> bit & 1)


@refuses_odd
@attrs.frozen(kw_only=True)
class InteractionDraft:
    """
    An interaction that is being prepared; it is a value and is not stored until it is finished.

    A change goes through `InteractionService.change`, which recomputes what depends on it and keeps
    what the user set. Fields that an entry has mean what they mean there.

    Attributes:
        contact_name: Shown name of the contact; ``""`` while there is none.
        interaction_successful: The contact was reached; ``False`` makes a failed attempt.
        comments: Comment lines that go with the entry.
        dials: A call is made: ``contact_via`` must be filled.
        segment_no: Segment whose line it was started from; ``None`` for none.
        origin: Where the draft came from.
        locked_fields: Names of the fields that its origin fixed; a form would lock them.
        user_set: Names of the fields that the user set; defaults never overwrite them.
        resumes_entry_no: Postponed entry that finishing completes; ``None`` makes a new one.
        resumed_state: Digest of that entry as it was resumed, so that later changes are not lost.

    Source: interactions 1.6, the scratch use of table 5077 Segment Line.
    """

    contact_no: str | None = code_or_none(CONTACT_NO)
    contact_company_no: str | None = code_or_none(CONTACT_NO)
    contact_name: str = attrs.field(default="", validator=length(0, 100))
    contact_alt_address_code: str | None = code_or_none(10)
    date: dt.date | None = field_or_none(calendar_date)
    time_of_interaction: time | None = field_or_none(time_of_day)
    description: str = attrs.field(default="", validator=length(0, 100))
    subject: str = attrs.field(default="", validator=length(0, 100))
    interaction_template_code: str | None = code_or_none(10)
    interaction_group_code: str | None = code_or_none(10)
    language_code: str | None = code_or_none(10)
    correspondence_type: CorrespondenceType | None = member_or_none(CorrespondenceType)
    information_flow: InformationFlow | None = member_or_none(InformationFlow)
    initiated_by: InitiatedBy | None = member_or_none(InitiatedBy)
    cost_lcy: Decimal = attrs.field(default=Decimal(0), converter=as_money, validator=not_negative)
    duration_min: int = attrs.field(default=0, validator=whole_minutes)
    salesperson_code: str | None = code_or_none(20)
    campaign_no: str | None = code_or_none(20)
    campaign_target: bool = attrs.field(default=False, validator=flag)
    campaign_response: bool = attrs.field(default=False, validator=flag)
    opportunity_no: str | None = code_or_none(20)
    to_do_no: str | None = code_or_none(20)
    evaluation: Evaluation | None = member_or_none(Evaluation)
    interaction_successful: bool = attrs.field(default=True, validator=flag)
    attachment_no: int | None = field_or_none(entry_number)
    word_template_code: str | None = code_or_none(30)
    merged: bool = attrs.field(default=False, validator=flag)
    contact_via: str = attrs.field(default="", validator=length(0, 80))
    host_ref: str | None = field_or_none(length(1, 250))
    comments: tuple[DraftComment, ...] = attrs.field(default=(), converter=_as_comments)
    dials: bool = attrs.field(default=False, validator=flag)
    segment_no: str | None = code_or_none(20)
    origin: DraftOrigin = attrs.field(default=DraftOrigin.CONTEXT, validator=one_of(DraftOrigin))
    locked_fields: frozenset[str] = attrs.field(default=frozenset(), converter=_as_names)
    user_set: frozenset[str] = attrs.field(default=frozenset(), converter=_as_names)
    resumes_entry_no: int | None = field_or_none(entry_number)
    resumed_state: str | None = attrs.field(
        default=None, validator=optional(length(64, 64)), eq=False, repr=False
    )


def next_full_minute(moment: datetime) -> datetime:
    """Return one second later, rounded up to the full minute. (INT-019)"""
    later = moment + timedelta(seconds=1)
    if later.second or later.microsecond:
        later = later.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return later


def begun_at(clock: Clock) -> dict[str, Any]:
    """Return date and time of what begins now; rounded over midnight both move to the next day."""
    now = clock.local()
    then = next_full_minute(now)
    day = clock.work_date() + (then.date() - now.date())
    return {"date": day, "time_of_interaction": then.time()}


def choose_language(
    template: InteractionTemplate | None,
    offered: Iterable[str | None],
    contact_language: str | None,
) -> str | None:
    """Return the contact's language as far as it is offered, else the default. (INT-028)"""
    if template is None:
        return None
    return spoken(contact_language, [*offered], template.language_code_default)


def choose_correspondence_type(
    template: InteractionTemplate | None, of_contact: CorrespondenceType | None
) -> CorrespondenceType | None:
    """
    Return how content is delivered. (INT-029)

    The template's default counts when it ignores the contact's preference, or when the contact has
    none; else the contact's preference.
    """
    if template is not None and (
        template.ignore_contact_corres_type
        or (of_contact is None and template.correspondence_type_default is not None)
    ):
        return template.correspondence_type_default
    return of_contact


_FROM_TEMPLATE = {
    "cost_lcy": "unit_cost_lcy",
    "duration_min": "unit_duration_min",
    **dict.fromkeys(["description", "information_flow", "initiated_by"]),
    **dict.fromkeys(["campaign_no", "campaign_target", "campaign_response"]),
}
"""The template's field by the draft's; ``None`` where the names are the same."""
_CONTENT = {"attachment_no", "word_template_code"}
_CHOSEN = {"language_code", "correspondence_type", *_CONTENT}
DRIVEN_BY: dict[str, set[str]] = {
    "contact_no": {
        "contact_company_no",
        "contact_name",
        "contact_alt_address_code",
        "contact_via",
        "salesperson_code",
        *_CHOSEN,
    },
    "interaction_template_code": {"interaction_group_code", *_FROM_TEMPLATE, *_CHOSEN},
    "language_code": _CONTENT,
    "date": {"contact_alt_address_code"},
}
"""Fields that follow one that changed, unless the user set them."""


def of_template(
    template: InteractionTemplate | None, row: TemplateLanguage | None
) -> dict[str, Any]:
    """Return what a template and its row in a language give a draft; blanks without them."""
    given = template or InteractionTemplate(code="-", interaction_group_code="-")
    return {
        "interaction_group_code": template and template.interaction_group_code,
        **{name: getattr(given, theirs or name) for name, theirs in _FROM_TEMPLATE.items()},
        "attachment_no": row.attachment_no if row else None,
        "word_template_code": row.word_template_code if row else given.word_template_code,
    }


def entry_title(
    template: InteractionTemplate | None,
    *,
    contact_name: str,
    salesperson_name: str | None,
    user_name: str | None,
) -> str:
    """Return the title of an entry: who wrote to whom; ``""`` without template. (INT-067)"""
    if template is None:
        return ""
    if template.information_flow is InformationFlow.INBOUND and contact_name:
        return f"{template.description} - from {contact_name}"
    name = salesperson_name or user_name
    if template.information_flow is InformationFlow.OUTBOUND and name:
        return f"{template.description} - by {name}"
    return template.description
