"""The interaction draft: everything that is known before an entry exists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from datetime import time
from decimal import Decimal
from enum import Enum
from typing import TypedDict

import attrs

from interactionlog._fields import (
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
    several_lines,
    time_of_day,
    whole_minutes,
)
from interactionlog.enumerations import (
    CorrespondenceType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
)

__all__ = [
    "SETTABLE_FIELDS",
    "DraftComment",
    "DraftOrigin",
    "DraftValues",
    "InteractionDraft",
    "user_set_fields",
    "user_set_mask",
]


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

    date: dt.date | None = attrs.field(default=None, validator=optional(calendar_date))
    comment: str = attrs.field(validator=several_lines(2_000))
    code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )


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
    return frozenset(names)


def _as_comments(comments: Iterable[DraftComment]) -> tuple[DraftComment, ...]:
    return tuple(comments)


def user_set_mask(fields: frozenset[str]) -> int:
    """Turn names of settable fields into the bit mask that a postponed entry keeps."""
    return sum(1 << bit for bit, name in enumerate(SETTABLE_FIELDS) if name in fields)


def user_set_fields(mask: int) -> frozenset[str]:
    """Turn a stored bit mask into names of settable fields."""
    return frozenset(name for bit, name in enumerate(SETTABLE_FIELDS) if mask >> bit & 1)


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

    Source: interactions 1.6, the scratch use of table 5077 Segment Line.
    """

    contact_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    contact_company_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    contact_name: str = attrs.field(default="", validator=length(0, 100))
    contact_alt_address_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    date: dt.date | None = attrs.field(default=None, validator=optional(calendar_date))
    time_of_interaction: time | None = attrs.field(default=None, validator=optional(time_of_day))
    description: str = attrs.field(default="", validator=length(0, 100))
    subject: str = attrs.field(default="", validator=length(0, 100))
    interaction_template_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    interaction_group_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    language_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    correspondence_type: CorrespondenceType | None = attrs.field(
        default=None, validator=optional(one_of(CorrespondenceType))
    )
    information_flow: InformationFlow | None = attrs.field(
        default=None, validator=optional(one_of(InformationFlow))
    )
    initiated_by: InitiatedBy | None = attrs.field(
        default=None, validator=optional(one_of(InitiatedBy))
    )
    cost_lcy: Decimal = attrs.field(default=Decimal(0), converter=as_money, validator=not_negative)
    duration_min: int = attrs.field(default=0, validator=whole_minutes)
    salesperson_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    campaign_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    campaign_target: bool = attrs.field(default=False, validator=flag)
    campaign_response: bool = attrs.field(default=False, validator=flag)
    opportunity_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    to_do_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    evaluation: Evaluation | None = attrs.field(
        default=None, validator=optional(one_of(Evaluation))
    )
    interaction_successful: bool = attrs.field(default=True, validator=flag)
    attachment_no: int | None = attrs.field(default=None, validator=optional(entry_number))
    word_template_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(30)
    )
    merged: bool = attrs.field(default=False, validator=flag)
    contact_via: str = attrs.field(default="", validator=length(0, 80))
    host_ref: str | None = attrs.field(default=None, validator=optional(length(1, 250)))
    comments: tuple[DraftComment, ...] = attrs.field(default=(), converter=_as_comments)
    dials: bool = attrs.field(default=False, validator=flag)
    segment_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    origin: DraftOrigin = attrs.field(default=DraftOrigin.CONTEXT, validator=one_of(DraftOrigin))
    locked_fields: frozenset[str] = attrs.field(default=frozenset(), converter=_as_names)
    user_set: frozenset[str] = attrs.field(default=frozenset(), converter=_as_names)
    resumes_entry_no: int | None = attrs.field(default=None, validator=optional(entry_number))
