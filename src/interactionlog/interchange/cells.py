"""What the text of a cell means: dates, flags, amounts, options."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
import types
import typing
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from interactionlog import values
from interactionlog.adapters.columns import Column as Stored
from interactionlog.adapters.columns import Kind
from interactionlog.adapters.sql.rows import json_functions
from interactionlog.adapters.tables import Rows, Table
from interactionlog.errors import FieldInvalidError, StorageError, UsageError
from interactionlog.interchange.mapping import Column, MappingFile, fold, words_for
from interactionlog.values import (
    NUMBER_LIMIT,
    ROUNDED,
    Validator,
    accepting,
    completed,
    instance_of,
    length,
    whole,
)

E = TypeVar("E")
Reader = Callable[[str], Any]

CELLS = 1_024
"""Texts of a column whose value is remembered."""

_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_TIME = r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?: ?([AaPp])\.?[Mm]\.?)?)?"
_NUMBERS = re.compile(rf"(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}),?{_TIME}\Z")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}:\d{2}.*))?\Z")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?: ?([AaPp])\.?[Mm]\.?)?\Z")
_GROUPED = {
    ",": re.compile(
        r"-?(\d{1,18}|\d{1,3}(?:([. \xa0\u202f'])\d{3})(?:\2\d{3})*)(,\d{1,18})?\Z", re.ASCII
    ),
    ".": re.compile(
        r"-?(\d{1,18}|\d{1,3}(?:([, \xa0\u202f'])\d{3})(?:\2\d{3})*)(\.\d{1,18})?\Z", re.ASCII
    ),
}
_PLAIN = re.compile(r"-?\d{1,18}(\.\d{1,18})?\Z", re.ASCII)
_MOMENT = dt.datetime(2031, 11, 23, 13, 45, tzinfo=dt.UTC)
"""One whose day, month and year are told apart."""
_OPERATORS = re.compile(r"\.\.|[*?@&<>='\"()]")


@attrs.frozen
class Form:
    """How the texts of one table are written; see `MappingFile`."""

    dates: tuple[str, ...] = ()
    decimal: str | None = None
    zone: dt.tzinfo | None = None
    by_number: bool = False

    @classmethod
    def of(cls, mapping: MappingFile, zone: dt.tzinfo | None, *, by_number: bool) -> Form:
        """Return what a mapping says; times are in this zone if it says none."""
        if mapping.decimal not in {None, ",", "."}:
            raise UsageError(f"decimal of {mapping.name} must be a comma or a point")
        for pattern in mapping.dates:
            said = f"dates of {mapping.name}: {pattern!r}"
            # to read a day without a year is deprecated
            dated = pattern if re.search("%[YyGcx]", pattern) else f"{pattern} %Y"
            try:
                read = dt.datetime.strptime(_MOMENT.strftime(dated), dated)  # noqa: DTZ007
            except ValueError as error:
                raise UsageError(f"{said}: {error}") from error
            if dated != pattern or read.date() != _MOMENT.date():
                raise UsageError(f"{said} needs day, month and year")
        try:
            own = ZoneInfo(mapping.zone) if mapping.zone else zone
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder of zones is one
            raise UsageError(f"zone of {mapping.name} is not known: {mapping.zone!r}") from error
        return cls(mapping.dates, mapping.decimal, own, by_number)

    def moment(self, text: str) -> dt.date | dt.datetime:
        """Read a date, or a date with its time; one that may be two days is refused."""
        for pattern in self.dates:
            try:
                found = dt.datetime.strptime(text, pattern)  # noqa: DTZ007  # it is the mapping's
            except ValueError:
                continue
            return self._here(found) if re.search("%[HIcX]", pattern) else found.date()
        iso, parts = _ISO.match(text), _NUMBERS.match(text)
        try:
            if iso:
                return self._of_iso(*iso.groups())
            if parts and not _may_be_two_days(parts):
                day, month, year = int(parts[1]), int(parts[3]), int(parts[4])
                if parts[2] != "." and month > 12:
                    day, month = month, day
                on, clock = dt.date(year, month, day), parts.groups()[4:]
                return dt.datetime.combine(on, _time(*clock)) if clock[0] else on
        except (ValueError, OverflowError) as error:
            raise ValueError("is no day of the calendar") from error
        if parts:
            form = "write it as YYYY-MM-DD, or say the form, such as dates %d/%m/%Y"
            raise ValueError(f"may be two dates: {form}")
        if re.match(r"\d{5}(\.\d+)?\Z", text):
            raise ValueError(
                "is the number of a day in a workbook: give its cells the format of a date"
            )
        raise ValueError("must be a date such as 2026-01-31 or 31.1.2026")

    def _of_iso(self, year: str, month: str, day: str, clock: str | None) -> dt.date | dt.datetime:
        on = dt.date(int(year), int(month), int(day))
        if clock is None:
            return on
        return self._here(dt.datetime.fromisoformat(f"{on}T{clock.rjust(5, '0')}"))

    def _here(self, when: dt.datetime) -> dt.datetime:
        """Return a moment that says its offset as the clock here shows it."""
        return when.astimezone(self.zone) if when.tzinfo else when

    def date(self, text: str) -> dt.date:
        """Read a date; a time that follows is left out."""
        found = self.moment(text)
        return found.date() if isinstance(found, dt.datetime) else found

    def time(self, text: str) -> dt.time:
        """Read a time, or that of a date with its time."""
        if found := _CLOCK.match(text):
            try:
                return _time(*found.groups())
            except ValueError as error:
                raise ValueError("is no time of a day") from error
        with suppress(ValueError):
            when = self.moment(text)
            if isinstance(when, dt.datetime):
                return when.time().replace(microsecond=0)
        raise ValueError("must be a time such as 09:30")

    def instant(self, text: str) -> dt.datetime:
        """Read a date with its time; midnight where none is said."""
        when = self.moment(text)
        if not isinstance(when, dt.datetime):
            when = dt.datetime.combine(when, dt.time())
        return when if when.tzinfo else when.replace(tzinfo=self.zone or dt.UTC)

    def amount(self, text: str) -> Decimal:
        """Read an amount; separators of thousands are read where the decimal sign is said."""
        decimal = self.decimal
        if not (_GROUPED[decimal] if decimal else _PLAIN).match(text):
            how = "such as 12.50, without thousands separators; say decimal ',' for 12,50"
            how = f"with the decimal sign {decimal!r}" if decimal else how
            raise ValueError(f"must be an amount {how}")
        if decimal:
            text = re.sub(rf"[^-\d{decimal}]", "", text).replace(",", ".")
        return Decimal(text)


def _may_be_two_days(parts: re.Match[str]) -> bool:
    first, second = int(parts[1]), int(parts[3])
    return parts[2] != "." and first <= 12 and second <= 12 and first != second


def _time(hour: str, minute: str, second: str | None, half: str | None) -> dt.time:
    hours = int(hour)
    if half:
        hours = hours % 12 + 12 * (half.lower() == "p")
    return dt.time(hours, int(minute), int(second or 0))


def _flag(text: str) -> bool:
    word = text.casefold()
    if word not in _FLAGS:
        word = words_for("options").get(fold(text), "").casefold()
    try:
        return _FLAGS[word]
    except KeyError:
        raise ValueError("must be Yes or No") from None


def phone(text: str) -> str:
    """Read a phone number that a program may have taken for an amount."""
    if text[0] in "+0" or text.isdecimal():
        return text
    if re.match(r"\d([.,]\d+)?[Ee]\+?\d+\Z", text):
        raise ValueError("lost its last digits in a workbook: export it again as text")
    return re.sub(r"^(\d{5,})\.0+$", r"\1", text)


def _whole(text: str) -> int:
    if not re.match(r"-?\d{1,18}(\.0)?\Z", text, re.ASCII):
        raise ValueError("must be a whole number")
    return int(text.removesuffix(".0"))


def _option(enumeration: type[Enum], *, by_number: bool) -> Reader:
    members = {fold(member.name): member for member in enumeration}
    numbers = {str(member.value): member for member in enumeration}

    def read(text: str) -> Enum | None:
        if by_number and text.isdecimal():
            if text == "0" and text not in numbers:
                return None
            found = numbers.get(text)
        else:
            word = fold(text)
            found = members.get(word) or members.get(fold(words_for("options").get(word, "")))
        if found is None:
            names = ", ".join(member.name.replace("_", " ").title() for member in enumeration)
            raise ValueError(f"must be one of {names}")
        return found

    return read


@cache
def field_type(entity: Any, field: str) -> Any:
    """Return the type of a field; of what is no field, text."""
    derived = getattr(entity, field, None)
    if isinstance(derived, property):
        return typing.get_type_hints(derived.fget)["return"]
    hint = typing.get_type_hints(entity).get(field, str)
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        (hint,) = [each for each in typing.get_args(hint) if each is not type(None)]
    return hint


def reader_of(kind: Any, form: Form = Form()) -> Reader:  # frozen
    """Return the function that reads text as a value of a type; others are plain text."""
    readers: dict[Any, Reader] = {
        bool: _flag,
        dt.date: form.date,
        dt.time: form.time,
        dt.datetime: form.instant,
        int: _whole,
        Decimal: form.amount,
        str: str,
    }
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _option(kind, by_number=form.by_number)
    if kind not in readers:
        message = f"a {getattr(kind, '__name__', kind)} is not read from a column of a mapping"
        raise UsageError(message)
    return readers[kind]


def with_column(read: Reader, column: Column, kind: Any, form: Form) -> Reader:
    """Return a reader that does what a column says: values, scale, cut."""
    named = {fold(text): value for text, value in column.values.items()}
    other = column.values.get("*")
    try:
        scale = Fraction(column.scale) if column.scale else None
    except (ValueError, ZeroDivisionError):
        scale = Fraction(0)
    if scale == 0:
        raise UsageError(f"scale must be a number such as 1/60000: {column.scale!r}")

    def scaled(text: str) -> Any:
        value = Fraction(form.amount(text)) * (scale or 1)
        if kind is int:
            return round(value)
        exact = ROUNDED.divide(Decimal(value.numerator), Decimal(value.denominator))
        return ROUNDED.quantize(exact, Decimal("0.00001"))

    def translated(text: str) -> Any:
        known = named.get(fold(text), other)
        if known == "":
            return None
        return (scaled if scale is not None else read)(text if known is None else known)

    return translated if named or scale is not None else read


@cache
def rules_of(entity: type[Any]) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields whose validator is not a common one: it may look at other fields."""
    return tuple(
        field
        for field in attrs.fields(entity)
        if field.validator is not None and field.validator.__module__ != values.__name__
    )


def judge_of(entity: type[Any], name: str) -> Callable[[Any], Any]:
    """
    Return what converts and validates a value of a field as the constructor of its entity does.

    Values of `rules_of` are only converted: they are validated in the record.
    """
    field: Any = attrs.fields_dict(entity)[name]
    convert, validate = field.converter, field.validator
    if validate is None or field in rules_of(entity):  # type: ignore[arg-type]  # hashable
        return convert or (lambda value: value)
    blank = object.__new__(entity)

    def judge(value: Any) -> Any:
        if convert is not None:
            value = convert(value)
        validate(blank, field, value)
        return value

    return judge


def judged(entity: type[E], given: Mapping[str, Any]) -> E:
    """
    Return a record of values that `judge_of` gave; the other fields have defaults.

    Raises:
        FieldInvalidError: Its fields do not go together.
    """
    record = completed(entity, given)
    for field in rules_of(entity):  # type: ignore[arg-type]  # a class is hashable
        field.validator(record, field, getattr(record, field.name))  # type: ignore[misc]  # it has one
    return record


# -- values of sources that have types -------------------------------------------------------


_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda flag: "true" if flag else "false",
    float: lambda number: f"{Decimal(repr(number)):f}".removesuffix(".0"),
    Decimal: lambda number: f"{number:f}",
    dt.datetime: lambda when: when.isoformat(" "),
    list: lambda several: ";".join(map(as_text, several)),
    dict: lambda record: json.dumps(record, ensure_ascii=False, default=str),
}


def as_text(value: Any) -> str:
    """Write a value of a typed source in the one form that is read back for certain."""
    return _TEXTS.get(type(value), str)(value)


# -- values as an export writes them -----------------------------------------------------------


_FORMS: dict[Kind, tuple[Callable[[Any], str], Reader]] = {
    Kind.FLAG: (lambda value: "true" if value else "false", _flag),
    Kind.MONEY: ("{:f}".format, Decimal),
    Kind.COUNT: (str, int),
    Kind.NUMBER: (str, int),
    Kind.DATE: (dt.date.isoformat, dt.date.fromisoformat),
    Kind.TIME: (dt.time.isoformat, dt.time.fromisoformat),
    Kind.INSTANT: (dt.datetime.isoformat, dt.datetime.fromisoformat),
    Kind.BYTES: (
        lambda value: base64.b64encode(value).decode(),
        lambda text: base64.b64decode(text, validate=True),
    ),
}
"""What writes a value of each kind of column, and what reads it again."""


def _form_of(column: Stored) -> tuple[Callable[[Any], Any], Reader]:
    if column.kind is Kind.ENUMERATION:
        return lambda member: member.name, column.type.__getitem__
    if column.kind is Kind.JSON:
        load, dump = json_functions(column.type) if column.type else (json.loads, json.dumps)
        return dump, load
    return _FORMS.get(column.kind, (str, str))


def writer_of(column: Stored) -> Callable[[Any], str]:
    """Return the function that writes values of a stored column as text."""
    write, _ = _form_of(column)
    return lambda value: "" if value is None else write(value)


_OF_ROWS: dict[Kind, Validator] = {
    Kind.TEXT: length(1, 64),
    Kind.COUNT: whole(),
    Kind.NUMBER: whole(0, NUMBER_LIMIT),
    Kind.BYTES: instance_of(bytes),
    Kind.JSON: accepting(
        lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
        "must be a list of texts",
    ),
}
"""What judges the columns that belong to no entity."""


def _judge_of_column(table: Table[Any], column: Stored) -> Callable[[Any], Any]:
    """Return what judges a value of a stored column: the field of its entity, else its kind."""
    entity = table.like if table.entity is Rows else table.entity
    if entity is not None and column.name in attrs.fields_dict(entity):
        return judge_of(entity, column.name)
    validate, record = _OF_ROWS[column.kind], type(table.name, (), {})()

    def judge(value: Any) -> Any:
        validate(record, column, value)  # type: ignore[arg-type]  # it has the name of a field
        return value

    return judge


def restorer_of(table: Table[Any], column: Stored) -> Reader:
    """Return the function that reads what `writer_of` wrote."""
    _, read = _form_of(column)
    judge = _judge_of_column(table, column)
    has_blank = column.kind in {Kind.TEXT, Kind.BYTES} and not column.optional

    def restored(text: str) -> Any:
        try:
            return judge(None if text == "" and not has_blank else read(text))
        except FieldInvalidError:
            raise
        except (ValueError, KeyError, InvalidOperation, StorageError, binascii.Error) as error:
            raise ValueError(f"is not what an export writes: {error}") from error

    return restored if column.kind in {Kind.BYTES, Kind.JSON} else lru_cache(CELLS)(restored)


def filter_values(text: str) -> list[str]:
    """Return the values of a filter such as ``A|B``; ranges and signs are not read."""
    found = [value.strip() for value in text.split("|")]
    if _OPERATORS.search(text) or not all(found):
        raise ValueError(f"the filter {text!r} cannot be read, only values with | between them are")
    return found


def as_name(caption: str) -> str:
    """Turn the caption of a setup field into the name of our field: ``To-do Nos.``, to_do_nos."""
    return re.sub(r"[^a-z0-9]+", "_", caption.casefold()).strip("_")
