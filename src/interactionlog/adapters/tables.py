"""Which entity lies in which table, and under which key; the same for every store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, get_type_hints

import attrs

from interactionlog.attachments.attachment import Attachment
from interactionlog.campaigns.campaign import Campaign, CampaignEntry
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Contact,
    Membership,
    ReferenceCode,
    Salesperson,
    User,
)
from interactionlog.errors import EntryNotFoundError, NotFoundError
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interactions.idempotency import IdempotencyKey
from interactionlog.numbering.series import (
    NoSeries,
    NoSeriesLine,
    NoSeriesRelation,
    NumberCounter,
    NumberRange,
)
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.segment import Segment, SegmentLanguage, SegmentLine
from interactionlog.segments.selection.criteria import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
)
from interactionlog.templates.setup import MarketingSetup, TemplateSetup
from interactionlog.templates.template import (
    InteractionGroup,
    InteractionTemplate,
    TemplateLanguage,
)

E = TypeVar("E")


@attrs.frozen(eq=False)  # there is one of each: a hash of all fields is dear on hot paths
class Table(Generic[E]):
    """
    A table of whole entities.

    Attributes:
        entity: The class of its records.
        name: Name of the table without the prefix; its statements are named after it.
        key: Fields of the key, the tenant left out.
        derived: Columns that are properties of the entity: written, never read.
        missing: The error of a record that is not there.
        never_null: Columns besides the key in which blank is ``''`` or 0, for a unique index.
    """

    entity: type[E]
    name: str
    key: tuple[str, ...]
    derived: tuple[str, ...] = ()
    never_null: tuple[str, ...] = ()
    missing: type[NotFoundError] = NotFoundError

    @property
    def words(self) -> str:
        """What a record is called in an error."""
        return self.name.replace("_", " ")

    def key_of(self, record: E) -> tuple[Any, ...]:
        """Return the key of a record, with ``None`` for blank parts."""
        return tuple(getattr(record, name) for name in self.key)

    def stored_key(self, key: Sequence[object]) -> tuple[object, ...]:
        """Return a key, or its first parts, as stores order it: blank is ``''`` or 0."""
        return tuple(
            blank if part is None or (given := convert(part)) is None else given
            for part, (blank, convert) in zip(key, _key_parts(self), strict=False)
        )


def readable(key: Sequence[object]) -> str:
    """Return a key as text for an error."""
    return " ".join("(blank)" if part is None else str(part) for part in key)


def _as_given(part: object) -> object:
    return part


@cache
def _key_parts(table: Table[Any]) -> tuple[tuple[object, Callable[[Any], object]], ...]:
    """Return for each part of the key what stands for blank, and how a given one is normalised."""
    hints, fields = get_type_hints(table.entity), attrs.fields_dict(table.entity)
    converters: dict[str, Any] = {name: fields[name].converter for name in table.key}
    return tuple(
        ("" if hints[name] in {str, str | None} else 0, converters[name] or _as_given)
        for name in table.key
    )


_ALL: tuple[Table[Any], ...] = (
    Table(Contact, "contact", ("no",), ("search_name",)),
    Table(AlternativeAddress, "contact_alternative_address", ("contact_no", "code")),
    Table(
        AlternativeAddressPeriod,
        "contact_alternative_address_period",
        ("contact_no", "starting_date"),
    ),
    Table(Membership, "contact_membership", ("contact_no", "kind", "code", "line_no")),
    Table(ReferenceCode, "reference_code", ("kind", "code", "line_no")),
    Table(Salesperson, "salesperson", ("code",)),
    Table(User, "user", ("user_id",)),
    Table(MarketingSetup, "marketing_setup", ()),
    Table(TemplateSetup, "template_setup", ("purpose",)),
    Table(InteractionGroup, "interaction_group", ("code",)),
    Table(InteractionTemplate, "interaction_template", ("code",)),
    Table(TemplateLanguage, "template_language", ("interaction_template_code", "language_code")),
    Table(Attachment, "attachment", ("no",)),
    Table(InteractionLogEntry, "log_entry", ("entry_no",), missing=EntryNotFoundError),
    Table(LogComment, "log_comment", ("entry_no", "line_no")),
    Table(IdempotencyKey, "idempotency_key", ("key",)),
    Table(Segment, "segment", ("no",)),
    Table(SegmentLine, "segment_line", ("segment_no", "line_no")),
    Table(
        SegmentLanguage,
        "segment_language",
        (
            "segment_no",
            "logged_segment_entry_no",
            "removed_by_step",
            "segment_line_no",
            "language_code",
        ),
    ),
    Table(CriteriaStep, "criteria_step", ("segment_no", "logged_segment_entry_no", "step_no")),
    Table(SavedCriteria, "saved_criteria", ("code",)),
    Table(SavedCriteriaStep, "saved_criteria_step", ("code", "step_no")),
    Table(LoggedSegment, "logged_segment", ("entry_no",)),
    Table(Campaign, "campaign", ("no",)),
    Table(
        CampaignEntry,
        "campaign_entry",
        ("entry_no",),
        never_null=("document_type", "segment_no", "register_no"),
    ),
    Table(NoSeries, "no_series", ("code",)),
    Table(NoSeriesLine, "no_series_line", ("series_code", "line_no")),
    Table(NoSeriesRelation, "no_series_relation", ("code", "series_code")),
    Table(NumberCounter, "number_counter", ("series_code", "line_no", "period_key")),
    Table(NumberRange, "number_ledger", ("series_code", "line_no", "period_key", "first_value")),
)

TABLES: dict[type[Any], Table[Any]] = {table.entity: table for table in _ALL}
