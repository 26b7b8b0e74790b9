"""Which file is which table, which caption is which field, and the rows that they hold."""

from __future__ import annotations

import csv
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import attrs

from interactionlog.campaigns.campaign import Campaign
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Contact,
    Membership,
    ReferenceCode,
    Salesperson,
    User,
)
from interactionlog.segments.segment import Segment
from interactionlog.templates.template import (
    InteractionGroup,
    InteractionTemplate,
    TemplateLanguage,
)
from interactionlog.values import CriteriaAction, MembershipKind, ReferenceKind

Reader = Callable[[str], Any]

_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})\Z")
_OPERATORS = re.compile(r"\.\.|[*?@&<>='\"()]")


def _flag(text: str) -> bool:
    try:
        return _FLAGS[text.casefold()]
    except KeyError:
        raise ValueError("must be Yes or No") from None


def _date(text: str) -> date:
    """Read ``2026-01-31``, ``31.1.2026``, and with strokes what can be read in one way only."""
    if found := _ISO.match(text):
        year, month, day = map(int, found.groups())
    elif found := _NUMBERS.match(text):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        if found[2] != ".":
            if day <= 12 and month <= 12 and day != month:
                raise ValueError("may be two dates: write it as YYYY-MM-DD")
            if month > 12:
                day, month = month, day
    else:
        raise ValueError("must be a date such as 2026-01-31 or 31.1.2026")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _whole(text: str) -> int:
    if not re.match(r"-?\d{1,18}\Z", text, re.ASCII):
        raise ValueError("must be a whole number")
    return int(text)


def _amount(text: str) -> Decimal:
    if not re.match(r"-?\d{1,18}(\.\d{1,18})?\Z", text, re.ASCII):
        raise ValueError("must be an amount such as 12.50, without thousands separators")
    return Decimal(text)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _option(enumeration: type[Enum]) -> Reader:
    members = {_letters(member.name): member for member in enumeration}

    def read(text: str) -> Enum:
        try:
            return members[_letters(text)]
        except KeyError:
            names = ", ".join(member.name.replace("_", " ").title() for member in enumeration)
            raise ValueError(f"must be one of {names}") from None

    return read


_READERS: dict[Any, Reader] = {bool: _flag, date: _date, int: _whole, Decimal: _amount, str: str}


@cache
def field_reader(entity: type[Any], field: str) -> Reader:
    """Return the function that reads text for a field, by its type; others are plain text."""
    hint = typing.get_type_hints(entity).get(field, str)
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        (hint,) = [each for each in typing.get_args(hint) if each is not type(None)]
    return _option(hint) if issubclass(hint, Enum) else _READERS[hint]


def as_name(caption: str) -> str:
    """Turn the caption of a setup field into the name of our field: ``To-do Nos.``, to_do_nos."""
    return re.sub(r"[^a-z0-9]+", "_", caption.casefold()).strip("_")


def filter_values(text: str) -> list[str]:
    """Return the values of a filter such as ``A|B``; ranges and signs are not read."""
    values = [value.strip() for value in text.split("|")]
    if _OPERATORS.search(text) or not all(values):
        raise ValueError(f"the filter {text!r} cannot be read, only values with | between them are")
    return values


@attrs.frozen(kw_only=True)
class SetupField:
    """A row of one of the setups: a field, by its caption; its value stays text."""

    setup_field: str


@attrs.frozen(kw_only=True)
class SeriesLine:
    """A row of the number series: a line, with the series that it belongs to; the rest is text."""

    code: str
    default_nos: bool = True
    manual_nos: bool = False
    date_order: bool = False
    line_no: int | None = None
    starting_date: date | None = None
    increment_by_no: int = 1
    allow_gaps_in_nos: bool = False


@attrs.frozen(kw_only=True)
class SegmentStep:
    """A row of the segment criteria: one step; its filters are text such as ``A|B``."""

    action: CriteriaAction
    segment_no: str
    allow_existing_contacts: bool = False
    expand_contact: bool = False
    allow_company_with_persons: bool = False
    ignore_exclusion: bool = False
    entire_companies: bool = False


FILTERS = {
    "contact_no": "nos",
    "salesperson_code": "salesperson_codes",
    "company_no": "company_nos",
    "territory_code": "territory_codes",
    "country_region_code": "country_codes",
    "business_relation_code": "business_relation_codes",
    "mailing_group_code": "mailing_group_codes",
    "industry_group_code": "industry_group_codes",
    "job_responsibility_code": "job_responsibility_codes",
}
"""Condition of a `ContactFilter` by field of a step."""


@attrs.frozen(kw_only=True)
class Finding:
    """
    Something that an import refused or left out.

    Attributes:
        code: Stable name, such as ``row-rejected``, ``step-left-out`` or ``unknown-column``.
        file: Name of the file.
        line: Line of the file, counted from 1; ``None`` when it is about the whole file.
        column: Caption of the column; ``None`` when it is about the whole row.
        reason: What is wrong and what to do.
    """

    code: str
    file: str
    line: int | None = None
    column: str | None = None
    reason: str

    def __str__(self) -> str:
        line = "" if self.line is None else f", line {self.line}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}{line}{column}: {self.reason}"


@attrs.frozen(slots=False)
class TableFile:
    """
    One file.

    Attributes:
        name: Name of the file without ``.csv``.
        entity: What a row is: an entity, or one of the rows above; it gives types and defaults.
        captions: Captions of the columns, separated by commas.
        fields: Fields by caption, where the caption is not the name.
        fixed: Values of fields that have no column.
        parents: Fields that must name a record of that entity.
        not_stored: Captions that are known and not stored.
    """

    name: str
    entity: type[Any]
    captions: str
    fields: Mapping[str, str] = attrs.field(factory=dict, kw_only=True)
    fixed: Mapping[str, Any] = attrs.field(factory=dict, kw_only=True)
    parents: Mapping[str, type[Any]] = attrs.field(factory=dict, kw_only=True)
    not_stored: str = attrs.field(default="", kw_only=True)

    @cached_property
    def columns(self) -> dict[str, str]:
        """Field by caption."""
        captions = map(str.strip, self.captions.split(","))
        return {caption: self.fields.get(caption, as_name(caption)) for caption in captions}

    def caption(self, field: str | None) -> str | None:
        """Return the caption of a field; ``None`` when it has no column."""
        return next((caption for caption, name in self.columns.items() if name == field), None)

    def finding(
        self, code: str, reason: str, line: int | None = None, column: str | None = None
    ) -> Finding:
        """Return a finding about the file."""
        file = f"{self.name}.csv"
        return Finding(code=code, file=file, line=line, column=column, reason=reason)


_ADDRESS = "Name, Address, Post Code, City, County, Country/Region Code, E-Mail, Phone No.,"
_COUNTRY = {"Country/Region Code": "country_code"}
_CONTACT: dict[str, type[Any]] = {"contact_no": Contact}
_TEMPLATE: dict[str, type[Any]] = {"interaction_template_code": InteractionTemplate}


def _codes(name: str, kind: ReferenceKind) -> TableFile:
    return TableFile(name, ReferenceCode, "Code, Description", fixed={"kind": kind})


def _memberships(name: str, kind: MembershipKind, more: str = "", **fields: str) -> TableFile:
    caption = "Profile Questionnaire Code"
    if kind is not MembershipKind.PROFILE_ANSWER:
        caption = f"{kind.name.replace('_', ' ').title()} Code"
    return TableFile(
        name,
        Membership,
        f"Contact No., {caption}{more}",
        fields={caption: "code", **fields},
        fixed={"kind": kind},
        parents=_CONTACT,
    )


TABLE_FILES: tuple[TableFile, ...] = (
    TableFile(
        "number_series",
        SeriesLine,
        "Code, Description, Default Nos., Manual Nos., Date Order, Line No., Starting Date, "
        "Starting No., Ending No., Warning No., Last No. Used, Increment-by No., "
        "Allow Gaps in Nos.",
    ),
    TableFile("marketing_setup", SetupField, "Setup Field, Value"),
    TableFile("salespeople", Salesperson, "Code, Name, E-Mail, Blocked, Privacy Blocked"),
    TableFile("users", User, "User ID, Full Name, E-Mail, Salesperson Code"),
    _codes("business_relations", ReferenceKind.BUSINESS_RELATION),
    _codes("mailing_groups", ReferenceKind.MAILING_GROUP),
    _codes("industry_groups", ReferenceKind.INDUSTRY_GROUP),
    _codes("job_responsibilities", ReferenceKind.JOB_RESPONSIBILITY),
    _codes("campaign_statuses", ReferenceKind.CAMPAIGN_STATUS),
    _codes("profile_questionnaire_headers", ReferenceKind.QUESTIONNAIRE),
    TableFile(
        "profile_questionnaire_lines",
        ReferenceCode,
        "Profile Questionnaire Code, Line No., Type, Description, Multiple Answers, Priority",
        fields={"Profile Questionnaire Code": "code", "Type": "line_type"},
        fixed={"kind": ReferenceKind.QUESTIONNAIRE},
    ),
    TableFile(
        "contacts",
        Contact,
        f"No., Type, Company No., {_ADDRESS} Mobile Phone No., Territory Code, Language Code, "
        "Currency Code, Salesperson Code, Salutation Code, Job Title, Organizational Level Code, "
        "Correspondence Type, Exclude from Segment, Privacy Blocked, Minor",
        fields=_COUNTRY,
        parents={"company_no": Contact},
        not_stored="Company Name",  # it is the name of that company
    ),
    TableFile(
        "contact_alternative_addresses",
        AlternativeAddress,
        f"Contact No., Code, {_ADDRESS} Mobile Phone No., Address 2",
        fields=_COUNTRY,
        parents=_CONTACT,
    ),
    TableFile(
        "contact_alternative_address_periods",
        AlternativeAddressPeriod,
        "Contact No., Contact Alt. Address Code, Starting Date, Ending Date",
        fields={"Contact Alt. Address Code": "code"},
        parents=_CONTACT,
    ),
    _memberships(
        "contact_business_relations",
        MembershipKind.BUSINESS_RELATION,
        ", Link to Table, No.",
        **{"No.": "linked_no"},
    ),
    _memberships("contact_mailing_groups", MembershipKind.MAILING_GROUP),
    _memberships("contact_industry_groups", MembershipKind.INDUSTRY_GROUP),
    _memberships("contact_job_responsibilities", MembershipKind.JOB_RESPONSIBILITY),
    _memberships(
        "contact_profile_answers",
        MembershipKind.PROFILE_ANSWER,
        ", Line No., Profile Questionnaire Priority, Answer Priority",
        **{"Profile Questionnaire Priority": "questionnaire_priority"},
    ),
    TableFile("interaction_groups", InteractionGroup, "Code, Description"),
    TableFile(
        "interaction_templates",
        InteractionTemplate,
        "Code, Description, Interaction Group Code, Unit Cost (LCY), Unit Duration (Min.), "
        "Information Flow, Initiated By, Campaign No., Campaign Target, Campaign Response, "
        "Language Code (Default), Correspondence Type (Default), Wizard Action, "
        "Ignore Contact Corres. Type, Word Template Code",
    ),
    TableFile(
        "interaction_template_languages",
        TemplateLanguage,
        "Interaction Template Code, Language Code, Description",
        parents=_TEMPLATE,
    ),
    TableFile(
        "interaction_template_setup",
        SetupField,
        "Setup Field, Interaction Template Code",
        fields={"Interaction Template Code": "value"},
        parents={"value": InteractionTemplate},
    ),
    TableFile(
        "campaigns",
        Campaign,
        "No., Description, Starting Date, Ending Date, Salesperson Code, No. Series, Status Code",
    ),
    TableFile(
        "segment_headers",
        Segment,
        "No., Description, Campaign No., Salesperson Code, Interaction Template Code, Date",
        parents={"campaign_no": Campaign, "salesperson_code": Salesperson, **_TEMPLATE},
    ),
    TableFile(
        "segment_criteria",
        SegmentStep,
        "Action, Segment No., Contact No., Salesperson Code, Company No., Territory Code, "
        "Country/Region Code, Business Relation Code, Mailing Group Code, Industry Group Code, "
        "Job Responsibility Code, Profile Questionnaire Code, Profile Questionnaire Line Filter, "
        "Allow Existing Contacts, Expand Contact, Allow Company with Persons, Ignore Exclusion, "
        "Entire Companies",
        not_stored="Value Entry Posting Date Filter",
    ),
)


Report = Callable[[Finding], object]


@attrs.frozen
class Row:
    """
    One row.

    Attributes:
        table: Its table.
        line: Line of the file on which it begins.
        given: Values by field; an empty cell gives the field's default.
        more: Texts by caption of the columns that the table does not store.
    """

    table: TableFile
    line: int
    given: dict[str, Any]
    more: dict[str, str]

    def finding(self, code: str, reason: str, field: str | None = None) -> Finding:
        """Return a finding about the row, or about one of its fields."""
        return self.table.finding(code, reason, self.line, self.table.caption(field))


def rows_of(table: TableFile, path: Path, reject: Report, notice: Report) -> Iterator[Row]:
    """
    Read a file; rows that cannot be read are rejected and left out, empty ones are skipped.

    Args:
        table: What the file holds.
        path: The file: UTF-8, with or without a byte order mark, separated by commas.
        reject: Called with what is wrong.
        notice: Called with what is left out, such as an unknown column.
    """

    def wrong(line: int, reason: str, column: str | None = None) -> None:
        reject(table.finding("row-rejected", reason, line, column))

    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        line = 1
        try:
            captions = [caption.strip() for caption in next(reader, [])]
            for column in captions:
                if column not in table.columns and column not in table.not_stored:
                    reason = "is not known and was left out"
                    notice(table.finding("unknown-column", reason, column=column))
            faults = _faults_of(table, captions)
            for column, reason in faults:
                wrong(1, reason, column)
            line = reader.line_num + 1
            for cells in () if faults else reader:
                if cells and len(cells) != len(captions):
                    wrong(line, f"must have {len(captions)} fields, has {len(cells)}")
                elif any(map(str.strip, cells)):
                    texts = dict(zip(captions, map(str.strip, cells), strict=True))
                    given, unreadable = _values(table, texts)
                    for column, reason in unreadable:
                        wrong(line, reason, column)
                    if not unreadable:
                        more = {
                            c: texts[c] for c in captions if c not in table.columns and texts[c]
                        }
                        yield Row(table, line, given, more)
                line = reader.line_num + 1
        except UnicodeDecodeError:
            wrong(line, "must be UTF-8 from here on: save the file in that encoding")
        except csv.Error as error:
            wrong(line, f"is no comma-separated text: {error}")


def _faults_of(table: TableFile, captions: list[str]) -> list[tuple[str, str]]:
    """Return the columns that are missing or are there twice, each with what is wrong."""
    missing = "is missing: the first row holds the captions, separated by commas"
    fields = attrs.fields_dict(table.entity)
    faults = [
        (caption, missing)
        for caption, field in table.columns.items()
        if caption not in captions and field in fields and fields[field].default is attrs.NOTHING
    ]
    twice = sorted({caption for caption in captions if captions.count(caption) > 1})
    return faults + [(caption, "is there twice") for caption in twice]


def _values(
    table: TableFile, texts: dict[str, str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the values by field, and the columns that cannot be read, each with what is wrong."""
    given: dict[str, Any] = {}
    unreadable: list[tuple[str, str]] = []
    fields = attrs.fields_dict(table.entity)
    for caption, field in table.columns.items():
        text = texts.get(caption)
        if text:
            try:
                given[field] = field_reader(table.entity, field)(text)  # type: ignore[arg-type]
            except ValueError as error:
                unreadable.append((caption, f"{error}: {text[:50]!r}"))
        elif text is not None:
            given[field] = fields[field].default if field in fields else ""
            if given[field] is attrs.NOTHING:
                unreadable.append((caption, "must be filled"))
    return given, unreadable
