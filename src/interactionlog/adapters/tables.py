"""
Every stored table, described once: schema, statements and row functions come from here.

What the type hints of an entity say is not said again: a column's kind and whether it may be empty
are taken from there, and `_COUNTS` adds what they leave open.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache, reduce
from typing import Any, Generic, NamedTuple, TypeVar

import attrs

from interactionlog import errors
from interactionlog.adapters.columns import Column, Kind, Owner, owners
from interactionlog.attachments.attachment import Attachment
from interactionlog.campaigns.campaign import Campaign, CampaignEntry
from interactionlog.contacts import contact
from interactionlog.contacts.consent import Consent, Purpose, Suppression
from interactionlog.delivery.delivery import Delivery, DeliveryReceipt
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interactions.idempotency import IdempotencyKey
from interactionlog.numbering import series
from interactionlog.privacy.records import EntrySeal, Erasure, Seal, SealKey
from interactionlog.segments.logging.logged_segments import LoggedSegment
from interactionlog.segments.segment import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
    Segment,
    SegmentLanguage,
    SegmentLine,
)
from interactionlog.templates import template
from interactionlog.values import checked, shown

E = TypeVar("E")


class Index(NamedTuple):
    """One index; the tenant is its first column, and ``carried`` ones follow: sums need no row."""

    name: str
    columns: str
    carried: str
    where: str
    unique: bool


@attrs.frozen
class Rows:
    """In place of an entity: rows that belong to others, or to the library."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_INDEX = re.compile(
    r"(unique )?(\w+): ((?:[\w, ]|\(.*\))+?)(, figures)?( where set)?(?: where (.+))?"
)
_FIGURES = "cancel_state, postponed, cost_lcy, duration_min"
UNREAD = " -/()."
"""What makes a phone number readable only."""

REACHED = {"e_mail": "lower(e_mail)"} | {
    column: reduce(lambda text, sign: f"replace({text}, '{sign}', '')", UNREAD, column)
    for column in ("phone_no", "mobile_phone_no")
}
"""How a contact is found by what reaches it: indexes and statements say it alike."""


def _indexes(text: str) -> tuple[Index, ...]:
    """Read one index a line: ``unique name: columns, figures where condition``."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        unique, name, columns, figures, is_set, where = _INDEX.fullmatch(line).groups("")  # type: ignore[union-attr]
        if is_set:
            where = f"{columns.split(',')[0]} IS NOT NULL"
        found.append(Index(name, columns, figures and _FIGURES, where, bool(unique)))
    return tuple(found)


@attrs.frozen(eq=False)  # there is one of each: a hash of all fields is dear on hot paths
class Table(Generic[E]):
    """
    A table; names of several columns are separated by blanks.

    Attributes:
        entity: The class of its records; `Rows` where rows are not separate records.
        name: Name of the table without the prefix; its statements are named after it.
        key: Fields of the key, the tenant left out.
        indexes: All but that of the key, one a line: ``unique name: columns where condition``;
            ``where set`` keeps rows without the first column out.
        folded: Columns that hold a field case-folded, for searches: written, never read.
        together: Groups of fields that are validated by one rule, so that they are set together.
        missing: The error of a record that is not there.
        never_null: Columns besides the key in which blank is ``''`` or 0, for a unique index.
        defaults: Columns that rows written in bulk leave out.
        columns: Those of a table without entity, each with its kind; ``*`` are those of ``like``.
        like: Another entity, whose columns the table has.
        numbered: Its records are numbered by their own counter or sequence.
        large: A tenant may have very many rows.
        only: The dialect that needs the table; blank for all.
        about: Whose rows they are, one a line: ``contact: contact_no``.
        kept: Of whom is forgotten, rows stay without what is personal: figures need them.
        erased: What stands in place of a personal text that must not be blank, by column.
        touched: Who holds a record writes it under REPEATABLE READ: who deletes it then knows.
    """

    entity: type[E]
    name: str
    key: tuple[str, ...] = attrs.field(converter=_names)
    indexes: tuple[Index, ...] = attrs.field(default="", converter=_indexes)
    folded: Mapping[str, str] = {}
    together: tuple[str, ...] = ()
    missing: type[errors.NotFoundError] = errors.NotFoundError
    never_null: tuple[str, ...] = attrs.field(default="", converter=_names)
    defaults: tuple[str, ...] = attrs.field(default="", converter=_names)
    columns: tuple[str, ...] = attrs.field(default="*", converter=_names)
    like: type[Any] | None = None
    numbered: bool = False
    large: bool = False
    only: str = ""
    about: tuple[Owner, ...] = attrs.field(default="", converter=owners)
    kept: bool = False
    erased: Mapping[str, str] = {}
    touched: bool = False

    @property
    def words(self) -> str:
        """What a record is called in an error."""
        return self.name.replace("no_series", "number_series").replace("_", " ")

    def key_of(self, record: E) -> tuple[Any, ...]:
        """Return the key of a record, ``None`` for blank parts; another kind is refused."""
        if self.entity is not Rows and not isinstance(record, self.entity):
            kind, given = self.entity.__name__, shown(record)
            raise errors.UsageError(f"a {self.words} must be {kind}: {given}")
        return tuple(getattr(record, name) for name in self.key)

    def stored_key(self, key: Sequence[object], *, whole: bool = True) -> tuple[object, ...]:
        """
        Return a key, or its first parts, as stores order it: blank is ``''`` or 0.

        Raises:
            FieldInvalidError: A part is none that the field takes.
            UsageError: There are more parts than the key has, or fewer of a ``whole`` one.
        """
        if len(key) != len(self.key) and (whole or len(key) > len(self.key)):
            names = ", ".join(self.key) or "nothing: there is one"
            message = f"the key of a {self.words} is {names}; given: {len(key)} parts"
            raise errors.UsageError(message)
        try:
            return tuple(
                blank if part is None or (given := judge(part)) is None else given
                for part, (blank, judge) in zip(key, _key_parts(self), strict=False)
            )
        except TypeError as error:  # it cannot be hashed, so it is no key
            message = f"{self.words} {readable(key)[:200]} is no key"
            raise errors.UsageError(message) from error

    def validated_with(self, values: Mapping[str, Any]) -> list[str]:
        """Return the fields that one rule judges together with these, and that are not given."""
        groups = [group for group in map(_names, self.together) if values.keys() & set(group)]
        return [name for group in groups for name in group if name not in values]

    def changes(self, values: Mapping[str, Any], *key: object, **others: object) -> dict[str, Any]:
        """
        Return values for named fields as a record would hold them.

        Args:
            others: What it has in the fields that are validated with these.

        Raises:
            FieldInvalidError: A field does not take its value.
            UsageError: One is unknown or belongs to the key.
        """
        allowed = [name for name in stored_names(self) if name not in self.key]
        if wrong := ", ".join(sorted(values.keys() - {*allowed})):
            message = f"a {self.words} cannot set {wrong}: its fields are {', '.join(allowed)}"
            raise errors.UsageError(message)
        found = checked(self.entity, {**others, **values}, dict(zip(self.key, key, strict=False)))
        return {name: found[name] for name in values}

    def changes_of_many(self, values: Mapping[str, Any], *, single: bool = True) -> dict[str, Any]:
        """
        Return values for named fields as many records would hold them.

        Raises:
            FieldInvalidError: A field does not take its value.
            UsageError: One is unknown, belongs to the key or is validated together with one that is
                not given, or the key is not ``single``.
        """
        if single and len(self.key) != 1:
            message = f"the key of a {self.words} is {', '.join(self.key)}: change one at a time"
            raise errors.UsageError(message)
        if missing := self.validated_with(values):
            message = f"give {', '.join(missing)} as well: they are validated together"
            raise errors.UsageError(message)
        return self.changes(values)


def readable(key: Sequence[object]) -> str:
    """Return a key as text for an error."""
    return " ".join("(blank)" if k is None or k == "" else str(getattr(k, "name", k)) for k in key)


@cache
def _key_parts(table: Table[Any]) -> list[tuple[object, Callable[[Any], object]]]:
    """Return for each part of the key what stands for blank, and what validates a given one."""
    columns = {column.name: column for column in columns_of(table)}
    blanks = ["" if columns[name].kind is Kind.TEXT else 0 for name in table.key]
    # those seen before are looked up: every service asks for records by the same few keys
    judges = [lru_cache(maxsize=1024, typed=True)(_key_part(table, name)) for name in table.key]
    return list(zip(blanks, judges, strict=True))


def _key_part(table: Table[Any], name: str) -> Callable[[Any], object]:
    return lambda part: checked(table.entity, {name: part})[name]


_COUNTS = _names("""
    added_by_step answer_priority attempts batch_size cancel_state doc_no_occurrence duration_min
    lines_added lines_removed priority questionnaire_priority removed_by_step reprint_no step_no
    unit_duration_min version_no width
""")
"""Whole numbers that are small, which the type of a field leaves open."""

_TYPES = {
    str: Kind.TEXT,
    bool: Kind.FLAG,
    int: Kind.NUMBER,
    Decimal: Kind.MONEY,
    dt.date: Kind.DATE,
    dt.time: Kind.TIME,
    dt.datetime: Kind.INSTANT,
}


def _column(table: Table[Any], field: attrs.Attribute[Any], hint: Any) -> Column:
    optional = typing.get_origin(hint) in {types.UnionType, typing.Union}
    if optional:
        (hint,) = [each for each in typing.get_args(hint) if each is not type(None)]
    if hint is int and field.name in _COUNTS:
        kind = Kind.COUNT
    elif isinstance(hint, type) and issubclass(hint, Enum):
        kind = Kind.ENUMERATION
    else:
        kind = _TYPES.get(hint, Kind.JSON)
    name = field.name
    null = optional and name not in table.key + table.never_null
    erased = table.erased.get(name, "")
    return Column(name, kind, hint, optional, null, name in table.defaults, erased=erased)


@cache
def columns_of(table: Table[Any]) -> tuple[Column, ...]:
    """Return the columns of a table in the order of a row, without the tenant."""
    entity: Any = table.like or table.entity
    hints = typing.get_type_hints(entity)
    found = [_column(table, field, hints[field.name]) for field in attrs.fields(entity)]
    kinds = {column.name: column.kind for column in found}
    folded = [Column(name, kinds[of], source=of) for name, of in table.folded.items()]
    own = [
        found if name == "*" else [Column(name, Kind[table.columns[place + 1]])]
        for place, name in enumerate(table.columns)
        if not name.isupper()
    ]
    return tuple(itertools.chain(*own, folded))


@cache
def stored_names(table: Table[Any]) -> tuple[str, ...]:
    """Return the names of the columns that hold what was given, in the order of a row."""
    return tuple(column.name for column in columns_of(table) if column.source is None)


@cache
def unique_columns(table: Table[Any]) -> frozenset[str]:
    """Return the columns that decide whether a unique index besides the key refuses a row."""
    texts = [f"{each.columns} {each.where}" for each in table.indexes if each.unique]
    return frozenset(re.findall(r"\w+", " ".join(texts)))


ALL: tuple[Table[Any], ...] = (
    Table(
        contact.Contact,
        "contact",
        "no",
        "company: company_no, no"
        + "".join(f"\n{name}: {found} where {name} <> ''" for name, found in REACHED.items()),
        folded={"search_name": "name"},
        together=("type company_no",),
        large=True,
        about="contact: no",
        touched=True,
    ),
    Table(
        contact.AlternativeAddress,
        "contact_alternative_address",
        "contact_no code",
        large=True,
        about="contact: contact_no",
    ),
    Table(
        contact.AlternativeAddressPeriod,
        "contact_alternative_address_period",
        "contact_no starting_date",
        large=True,
        about="contact: contact_no",
    ),
    Table(
        contact.Membership,
        "contact_membership",
        "contact_no kind code line_no",
        """
        code: kind, code, line_no, contact_no
        account: linked_no, link_to_table, contact_no where set
        """,
        large=True,
        about="contact: contact_no",
    ),
    Table(contact.ReferenceCode, "reference_code", "kind code line_no"),
    Table(contact.Salesperson, "salesperson", "code"),
    Table(contact.User, "user", "user_id"),
    Table(template.MarketingSetup, "marketing_setup", ""),
    Table(template.TemplateSetup, "template_setup", "purpose"),
    Table(template.InteractionGroup, "interaction_group", "code"),
    Table(template.InteractionTemplate, "interaction_template", "code"),
    Table(
        template.TemplateLanguage, "template_language", "interaction_template_code language_code"
    ),
    Table(Attachment, "attachment", "no", "digest: digest", numbered=True, large=True),
    Table(
        Rows,
        "attachment_content",
        "digest part_no",
        columns="digest TEXT part_no COUNT content BYTES",
    ),
    Table(
        InteractionLogEntry,
        "log_entry",
        "entry_no",
        """
        contact: contact_no, date, entry_no, figures
        company: contact_company_no, date, entry_no, figures
        campaign: campaign_no, date, entry_no, figures where set
        salesperson: salesperson_code, date, entry_no, figures
        logged_segment: logged_segment_entry_no, entry_no where set
        newest: date, entry_no
        postponed: date, entry_no where postponed
        opportunity: opportunity_no, date where set
        to_do: to_do_no, date where set
        host_ref: host_ref, date where set
        attachment: attachment_no where set
        word_template: modified_word_template where set
        unique document: document_type, document_no, doc_no_occurrence, version_no, contact_no, \
reprint_no where document_no IS NOT NULL AND resend_of IS NULL
        """,
        defaults=(
            "doc_no_occurrence version_no cancel_state postponed e_mail_logged user_set reprint_no"
        ),
        missing=errors.EntryNotFoundError,
        numbered=True,
        large=True,
        about="contact: contact_no\nentry: entry_no\ncompany: contact_company_no",
        kept=True,
    ),
    Table(LogComment, "log_comment", "entry_no line_no", large=True, about="entry: entry_no"),
    Table(
        Delivery,
        "delivery",
        "entry_no",
        """
        due: not_before, entry_no where state = 1
        claimed: claimed_until where state = 2
        attachment: attachment_no where set
        """,
        large=True,
        about="entry: entry_no",
        kept=True,
    ),
    Table(
        DeliveryReceipt,
        "delivery_receipt",
        "entry_no event happened_at",
        large=True,
        about="entry: entry_no",
        kept=True,
    ),
    Table(Segment, "segment", "no"),
    Table(
        SegmentLine,
        "segment_line",
        "segment_no line_no",
        "contact: contact_no where set",
        large=True,
        about="contact: contact_no\ncompany: contact_company_no",
        kept=True,
    ),
    Table(
        SegmentLanguage,
        "segment_language",
        "segment_no logged_segment_entry_no removed_by_step segment_line_no language_code",
    ),
    Table(CriteriaStep, "criteria_step", "segment_no logged_segment_entry_no step_no"),
    Table(
        Rows,
        "removed_line",
        "segment_no removed_by_step line_no",
        columns="removed_by_step COUNT *",
        like=SegmentLine,
        large=True,
        about="contact: contact_no\ncompany: contact_company_no",
        kept=True,
    ),
    Table(SavedCriteria, "saved_criteria", "code"),
    Table(SavedCriteriaStep, "saved_criteria_step", "code step_no"),
    Table(
        LoggedSegment,
        "logged_segment",
        "entry_no",
        """
        unique standing: segment_no where state <> 3
        follow_up: follow_up_of where set
        """,
        numbered=True,
    ),
    Table(
        Rows,
        "left_out_line",
        "logged_segment_entry_no line_no",
        columns="logged_segment_entry_no NUMBER * reasons JSON",
        like=SegmentLine,
        large=True,
        about="contact: contact_no\ncompany: contact_company_no",
        kept=True,
    ),
    Table(Campaign, "campaign", "no", together=("starting_date ending_date",), touched=True),
    Table(
        CampaignEntry,
        "campaign_entry",
        "entry_no",
        """
        unique open: campaign_no, document_type, segment_no, register_no where NOT closed
        register: register_no
        """,
        never_null="document_type segment_no register_no",
        numbered=True,
        touched=True,
    ),
    Table(
        series.NoSeries,
        "no_series",
        "code",
        together=("default_nos manual_nos",),
        missing=errors.SeriesNotFoundError,
    ),
    Table(
        series.NoSeriesLine,
        "no_series_line",
        "series_code line_no",
        together=(
            "prefix width suffix first_value last_allowed warning_value template reset_period",
        ),
        missing=errors.NoSeriesLineNotFoundError,
    ),
    Table(series.NoSeriesRelation, "no_series_relation", "code series_code"),
    Table(series.NumberCounter, "number_counter", "series_code line_no period_key"),
    Table(
        series.NumberRange,
        "number_ledger",
        "series_code line_no period_key first_value",
        together=("state reason",),
        large=True,
        about="contact: record_key where record_kind = contact",
        kept=True,
        erased={"reason": "erased"},
    ),
    Table(
        IdempotencyKey,
        "idempotency_key",
        "key",
        large=True,
        about="entry: result_no where result_kind = log_entry",
    ),
    Table(
        contact.ExternalKey,
        "external_key",
        "source target external_id",
        "contact: source, record_no where target = 'contact'",
        large=True,
        about="""
            contact: record_no where target = contact
            entry: record_no where target = log_entry
        """,
    ),
    Table(Purpose, "purpose", "code"),
    Table(
        Consent,
        "consent",
        "entry_no",
        "contact: contact_no, date, entry_no, purpose_code, channel, given",
        together=("given purpose_code",),
        numbered=True,
        large=True,
        about="contact: contact_no",
    ),
    Table(Suppression, "suppression", "address channel", large=True),
    Table(Erasure, "erasure", "erasure_no", numbered=True),
    Table(Seal, "seal", "seal_no"),
    Table(EntrySeal, "entry_seal", "entry_no", "open: seal_no where seal_no = 0", large=True),
    Table(SealKey, "seal_key", "contact_no", large=True, about="contact: contact_no"),
    Table(Rows, "entry_counter", "kind", columns="kind TEXT last_value NUMBER", only="sqlite"),
    Table(Rows, "schema_version", "version", columns="version COUNT recorded_at INSTANT"),
)

TABLES: dict[type[Any], Table[Any]] = {
    table.entity: table for table in ALL if table.entity is not Rows
}
KEPT_LINES = tuple(table for table in ALL if table.like is SegmentLine)
"""Lines that a step removed, and lines that a logging left out."""
LEFT_OUT = next(table for table in KEPT_LINES if table.name == "left_out_line")


@cache
def about(of: str) -> tuple[Table[Any], ...]:
    """Return the tables with rows about contacts, of entries, or that only name a company."""
    return tuple(table for table in ALL if any(owner.of == of for owner in table.about))


def owned_by(table: Table[Any], of: str, numbers: Iterable[str | int]) -> list[str | int]:
    """Return numbers of contacts or entries as the column of a table holds them."""
    (column,) = (owner.column for owner in table.about if owner.of == of)
    texts = {each.name: each.kind is not Kind.NUMBER for each in columns_of(table)}
    return [str(number) if texts[column] else number for number in numbers]
