"""Values of fields: converters, validators, enumerations, and building entities of trusted ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from enum import Enum, unique
from functools import cache, reduce
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import attrs

from interactionlog.errors import FieldInvalidError, UsageError

MONEY_DECIMALS = 5
"""Money has at most five decimals, so that a store may keep it as a whole number."""
MONEY_LIMIT = Decimal(10) ** 12
EXACT = Context(prec=64, traps=[Inexact, InvalidOperation])
"""Never rounds, whatever context the host has set."""
ROUNDED = Context(prec=64, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
"""Rounds quotients, whatever context the host has set."""
WHOLE_LIMIT = 2**31 - 1
CONTACT_NO = 36
"""Most characters of a contact's number: a host may have a UUID there."""
_UUID = re.compile("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
NUMBER_LIMIT = 2**63 - 1

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def as_code(value: str) -> str:
    """
    Return the one form of a code: upper case, NFC, no white space of any kind around it.

    A UUID, which is the key of a host's contact, is written in lower case. What is not text is left
    to the validator.
    """
    if not isinstance(value, str):
        return value
    if value.isascii():
        code = value.strip().upper()
        return code.lower() if len(code) == CONTACT_NO and _UUID.fullmatch(code) else code
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).strip().upper())


def as_optional_code(value: str | None) -> str | None:
    """As `as_code`, and a blank code is ``None``."""
    return (as_code(value) or None) if isinstance(value, str) else value


def folded(text: str) -> str:
    """
    Return the one form of a text that is searched.

    Upper and lower case, the two spellings of accents, İ and i, white space of every kind are
    alike; invisible characters do not count.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFD", text).casefold().replace("i\u0307", "i")
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        hidden = {"Cc", "Cf", "Cs"}
        text = "".join(s for s in text if s.isspace() or unicodedata.category(s) not in hidden)
    return " ".join(text.lower().split())


def one_line(text: str, most: int) -> str:
    """Return the text of another system as a field of one line can hold it."""
    return "".join(each if each.isprintable() else " " for each in text)[:most]


def as_money(value: Decimal | int | str) -> Decimal:
    """Turn whole numbers, decimals and their text into a `Decimal` without trailing zeros."""
    if isinstance(value, bool | float):
        return value  # type: ignore[return-value]  # the validator refuses it
    try:
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return value  # type: ignore[return-value]  # the validator refuses it
    try:
        return canonical_money(amount) if amount.is_finite() else amount
    except (Inexact, InvalidOperation):
        return amount  # too many digits: the validator refuses it


def canonical_money(amount: Decimal) -> Decimal:
    """Give equal amounts one form: ``40`` and not ``4E+1``, ``7.25`` and not ``7.2500``."""
    amount = EXACT.normalize(amount)
    if amount.as_tuple().exponent > 0:  # type: ignore[operator]  # finite
        return EXACT.quantize(amount, Decimal(1))
    return EXACT.add(amount, 0)  # no negative zero


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts without rounding, whatever context the host has set."""
    return canonical_money(reduce(EXACT.add, amounts, Decimal(0)))


def as_utc(value: datetime) -> datetime:
    """Convert an aware instant to UTC; what cannot be converted is left to the validator."""
    if isinstance(value, datetime) and value.utcoffset() is not None:
        with suppress(OverflowError):
            return value.astimezone(UTC)
    return value


def refuse(instance: Any, attribute: attrs.Attribute[Any], value: object, reason: str) -> None:
    """Raise the error of a value that a field does not take."""
    raise FieldInvalidError(type(instance).__name__, attribute.name, shown(value), reason)


def shown(value: object) -> str:
    """Return a value as errors show it: in 200 characters, whatever it says of itself."""
    try:
        return repr(value)[:200]
    except Exception:  # whatever its class does
        return f"<{type(value).__name__}>"


def refuse_answer(whose: object, answer: object, due: str) -> NoReturn:
    """Raise the error of what code of the application gave back: it names that code."""
    told = shown(answer)
    told = told if len(told) <= 100 else f"{told[:100]}..."
    raise UsageError(f"{shown(whose)} returned {told}: {due}")


def _text(
    least: int, most: int, allowed: str = "", refused: Set[str] = frozenset({"Cc", "Cs"})
) -> Validator:
    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, str):
            refuse(instance, attribute, value, "must be text")
        elif not least <= len(value) <= most:
            span = f"at most {most}" if least == 0 else f"{least} to {most}"
            refuse(instance, attribute, value, f"must have {span} characters, has {len(value)}")
        elif not value.isprintable() or (least and value.isspace()):
            for character in value:
                if unicodedata.category(character) in refused and character not in allowed:
                    invisible = " or invisible" if "Cf" in refused else ""
                    reason = f"must not contain control{invisible} characters"
                    refuse(instance, attribute, value, reason)
            if least and not folded(value):
                refuse(instance, attribute, value, "must not be blank")

    return check


def length(least: int, most: int) -> Validator:
    """
    Text of one line, with ``least`` to ``most`` characters and no control characters.

    Where it must have one at least, white space and invisible characters alone are refused.
    """
    return _text(least, most)


def code_text(least: int, most: int) -> Validator:
    """As `length`, and no invisible characters: two codes that look alike would be two."""
    return _text(least, most, refused={"Cc", "Cs", "Cf", "Zl", "Zp"})


def several_lines(most: int) -> Validator:
    """Text of up to ``most`` characters that may hold line breaks and tabs."""
    return _text(0, most, allowed="\n\r\t")


optional: Callable[..., Validator] = attrs.validators.optional
"""Accept ``None`` as well."""
both: Callable[..., Validator] = attrs.validators.and_
"""Accept what all of these validators accept."""


def accepting(fits: Callable[[Any], object], reason: str) -> Validator:
    """Accept the values that fit; ``reason`` says which those are."""

    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if not fits(value):
            refuse(instance, attribute, value, reason)

    return check


def holding(rule: Callable[[Any, Any], object], reason: str) -> Validator:
    """Accept values for which a rule about the record holds; ``reason`` may name its fields."""

    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if not rule(instance, value):
            refuse(instance, attribute, value, reason.format(instance))

    return check


def instance_of(kind: type, words: str = "") -> Validator:
    """Accept an instance of ``kind``; ``words`` go before its name in the error."""
    return accepting(lambda value: isinstance(value, kind), f"must be {words}{kind.__name__}")


def one_of(enumeration: type[Enum]) -> Validator:
    """Accept a member of the enumeration."""
    return instance_of(enumeration, "a member of ")


flag: Validator = accepting(lambda value: isinstance(value, bool), "must be True or False")
"""Accept ``True`` and ``False`` only."""


def not_negative(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept finite money of zero or more with at most five decimals, below 10^12."""
    if not isinstance(value, Decimal):
        refuse(instance, attribute, value, "must be a Decimal, a whole number or text, not a float")
    elif not value.is_finite():
        refuse(instance, attribute, value, "must be a finite amount")
    elif value < 0:
        refuse(instance, attribute, value, "must not be negative")
    elif value >= MONEY_LIMIT:
        refuse(instance, attribute, value, f"must be below {MONEY_LIMIT:f}")
    elif value.as_tuple().exponent < -MONEY_DECIMALS:  # type: ignore[operator]  # finite
        refuse(instance, attribute, value, f"must have at most {MONEY_DECIMALS} decimals")


def whole(least: int = 0, most: int = WHOLE_LIMIT) -> Validator:
    """Accept a whole number from ``least`` to ``most``; ``True`` is not a number."""

    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            refuse(instance, attribute, value, "must be a whole number")
        elif not least <= value <= most:
            refuse(instance, attribute, value, f"must be from {least} to {most}")

    return check


whole_minutes: Validator = whole()
"""Minutes are whole and not negative."""
entry_number: Validator = whole(1, NUMBER_LIMIT)
"""An entry number is a positive 64-bit whole number."""


calendar_date: Validator = accepting(
    lambda value: isinstance(value, date) and not isinstance(value, datetime),
    "must be a date without time",
)
"""Accept a date and not an instant."""
time_of_day: Validator = accepting(
    lambda value: isinstance(value, time) and value.tzinfo is None and not value.microsecond,
    "must be a time without zone and fractions of a second",
)
"""Accept a time of the business day, to the second, without a zone."""
instant: Validator = accepting(
    lambda value: isinstance(value, datetime) and value.utcoffset() == timedelta(0),
    "must be an instant with a time zone",
)
"""Accept an instant in UTC, which `as_utc` makes of one that says its zone."""
seconds: Validator = accepting(
    lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 2_000_000
    ),
    "must be a number from 0 to 2,000,000",
)
"""Accept seconds, up to three weeks: no more fits into what waits; whole ones too, but no flag."""


from_starting_date: Validator = holding(
    lambda record, day: record.starting_date is None or day >= record.starting_date,
    "must not be before {0.starting_date}",
)
"""Accept no day before the starting date of the record."""


def field_or_none(validator: Validator, converter: Callable[[Any], Any] | None = None) -> Any:
    """Return a field of an entity that is ``None`` unless given."""
    return attrs.field(default=None, converter=converter, validator=optional(validator))


def code_or_none(most: int) -> Any:
    """Return a field for a code of at most ``most`` characters, ``None`` unless given."""
    return field_or_none(code_text(1, most), as_optional_code)


def member_or_none(enumeration: type[Enum]) -> Any:
    """Return a field for a member of the enumeration, ``None`` unless given."""
    return field_or_none(one_of(enumeration))


@cache
def as_member(enumeration: type[Enum]) -> Callable[[Any], Any]:
    """Return what turns the name of a member into it, and leaves all else to the validator."""
    members = enumeration.__members__
    return lambda value: members.get(value, value) if isinstance(value, str) else value


E = TypeVar("E")


def evolved(record: E, values: Mapping[str, Any]) -> E:
    """Return a record with values that were validated already; `attrs.evolve` validates again."""
    kind: Any = type(record)
    held = {field.name: getattr(record, field.name) for field in attrs.fields(kind)}
    changed: E = trusted(kind)(**held | dict(values))
    return changed


def completed(entity: type[E], values: Mapping[str, Any]) -> E:
    """Return a record of values that were validated already; the other fields have defaults."""
    kind: Any = entity
    record: E = trusted(kind)(**{**_defaults(kind), **values})
    return record


@cache
def _defaults(entity: type[Any]) -> dict[str, Any]:
    plain = filter(_has_plain_default, attrs.fields(entity))
    return {field.name: field.default for field in plain}


def differences(before: Any, after: Any) -> dict[str, Any]:
    """Return the fields in which one value of an entity differs from another, with the new ones."""
    values = {field.name: getattr(after, field.name) for field in attrs.fields(type(before))}
    return {name: value for name, value in values.items() if value != getattr(before, name)}


@cache
def twin_of(entity: type[Any]) -> type[Any] | None:
    """Return the mutable class with the layout of ``entity``, or ``None`` where that cannot be."""
    names = tuple(field.name for field in attrs.fields(entity))
    twin = type(f"_{entity.__name__}Twin", (), {"__slots__": names})
    try:
        twin().__class__ = entity
    except TypeError:
        return None
    return twin


@cache
def trusted(entity: type[E]) -> Callable[..., E]:
    """
    Return a function that builds ``entity`` from values in the order of its fields.

    Fields after the last one without a plain default may be left out.
    """
    fields = attrs.fields(entity)  # type: ignore[arg-type]
    names = [field.name for field in fields]
    build = builder(entity, ", ".join(names), dict(zip(names, names, strict=True)))
    plain = takewhile(_has_plain_default, reversed(fields))
    build.__defaults__ = tuple(field.default for field in plain)[::-1]
    return build


def builder(entity: type[E], parameters: str, values: Mapping[str, str]) -> Callable[..., E]:
    """
    Generate a function that builds ``entity``, for what runs for each line.

    Args:
        parameters: Of the function.
        values: An expression for each field; one without has its default, which is a plain value.
    """
    fields = attrs.fields(entity)  # type: ignore[arg-type]
    scope: dict[str, Any] = {f"default_{field.name}": field.default for field in fields}
    scope["entity"] = entity
    given = {each.name: values.get(each.name, f"default_{each.name}") for each in fields}
    lines = building(entity, given, scope)
    source = f"def build({parameters}):\n    " + "\n    ".join(lines)
    exec(source, scope)  # noqa: S102  # names come from the class, not from data
    return scope["build"]  # type: ignore[no-any-return]


def building(entity: type[Any], values: Mapping[str, str], scope: dict[str, Any]) -> list[str]:
    """Return the lines that build ``entity`` from an expression for each field, and return it."""
    twin = scope["twin"] = twin_of(entity) if attrs.has(entity) else None
    if twin is None:
        return [f"return entity({', '.join(f'{name}={value}' for name, value in values.items())})"]
    fields = [f"new.{name} = {value}" for name, value in values.items()]
    return ["new = twin()", *fields, "new.__class__ = entity", "return new"]


def _has_plain_default(field: attrs.Attribute[Any]) -> bool:
    return field.default is not attrs.NOTHING and not isinstance(field.default, attrs.Factory)  # type: ignore[arg-type]


def checked(
    entity: type[Any], values: Mapping[str, Any], known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """
    Return values for some fields of ``entity``, converted and validated as its constructor does.

    Args:
        values: New values by field.
        known: Further fields, which a rule about several fields may look at.

    Raises:
        FieldInvalidError: A field does not take its value.
        UsageError: A field is unknown.
    """
    fields = [field for field in attrs.fields(entity) if field.name in values]
    if len(fields) < len(values):
        names = [field.name for field in attrs.fields(entity)]
        unknown = ", ".join(sorted(values.keys() - set(names)))
        message = f"{entity.__name__} has no field {unknown}: its fields are {', '.join(names)}"
        raise UsageError(message)
    found: dict[str, Any] = {
        field.name: field.converter(values[field.name]) if field.converter else values[field.name]
        for field in fields
    }
    instance = object.__new__(entity)
    for name, value in {**(known or {}), **found}.items():
        object.__setattr__(instance, name, value)
    for field in fields:
        if field.validator is not None:
            field.validator(instance, field, found[field.name])
    return found


class Member(Enum):
    """
    A member of an enumeration, each with its own value.

    It is equal only to itself, so it is hashed as such: by name it would take a call in Python.
    """

    if not TYPE_CHECKING:
        __hash__ = object.__hash__

    def __init_subclass__(cls) -> None:
        unique(cls)


class ContactType(Member):
    """Whether a contact is a company or a person."""

    COMPANY = 0
    PERSON = 1


class InformationFlow(Member):
    """Direction in which information went."""

    OUTBOUND = 1
    INBOUND = 2


class InitiatedBy(Member):
    """Who began the interaction."""

    US = 1
    THEM = 2


class CorrespondenceType(Member):
    """How content is delivered."""

    HARD_COPY = 1
    EMAIL = 2


class Evaluation(Member):
    """How the interaction went."""

    VERY_POSITIVE = 1
    POSITIVE = 2
    NEUTRAL = 3
    NEGATIVE = 4
    VERY_NEGATIVE = 5


class DeliveryStatus(Member):
    """State of a delivery; blank when none was asked for, or when it was sent."""

    REQUESTED = 1
    ERROR = 2


class WizardAction(Member):
    """What a draft does with the template's content before it is finished."""

    OPEN = 1
    IMPORT = 2
    MERGE = 3


class DocumentType(Member):
    """Kind of a printed or posted document that is logged."""

    SALES_QUOTE = 1
    SALES_BLANKET_ORDER = 2
    SALES_ORDER_CONFIRMATION = 3
    SALES_INVOICE = 4
    SALES_SHIPMENT_NOTE = 5
    SALES_CREDIT_MEMO = 6
    SALES_STATEMENT = 7
    SALES_REMINDER = 8
    SERVICE_ORDER_CREATED = 9
    SERVICE_ORDER_POSTED = 10
    PURCHASE_QUOTE = 11
    PURCHASE_BLANKET_ORDER = 12
    PURCHASE_ORDER = 13
    PURCHASE_INVOICE = 14
    PURCHASE_RECEIPT = 15
    PURCHASE_CREDIT_MEMO = 16
    COVER_SHEET = 17
    SALES_RETURN_ORDER = 18
    SALES_FINANCE_CHARGE_MEMO = 19
    SALES_RETURN_RECEIPT = 20
    PURCHASE_RETURN_SHIPMENT = 21
    PURCHASE_RETURN_ORDER_CONFIRMATION = 22
    SERVICE_CONTRACT = 23
    SERVICE_CONTRACT_QUOTE = 24
    SERVICE_QUOTE = 25
    SALES_DRAFT_INVOICE = 26


class CriteriaAction(Member):
    """What a selection step did with the contacts of a segment."""

    ADD = 1
    REDUCE = 2
    REFINE = 3


class CriteriaSource(Member):
    """Where a selection step came from."""

    SELECTION = 1
    BY_HAND = 2
    LOGGED_SEGMENT = 3


class MembershipKind(Member):
    """What a contact can be a member of."""

    MAILING_GROUP = 1
    INDUSTRY_GROUP = 2
    JOB_RESPONSIBILITY = 3
    BUSINESS_RELATION = 4
    PROFILE_ANSWER = 5


class ReferenceKind(Member):
    """Kinds of codes that have a description and no rule."""

    MAILING_GROUP = 1
    INDUSTRY_GROUP = 2
    JOB_RESPONSIBILITY = 3
    BUSINESS_RELATION = 4
    QUESTIONNAIRE = 5
    CAMPAIGN_STATUS = 6


class LoggedSegmentState(Member):
    """How far the logging of a segment got."""

    RUNNING = 1
    COMPLETE = 2
    UNDONE = 3


class NumberingPolicy(Member):
    """Whether a rolled back transaction gives its number back; BC's implementations."""

    GAPLESS = 0
    GAPS_ALLOWED = 1


class NumberGrowth(Member):
    """What a number does when its digits no longer fit the width of the line."""

    GROW = 0
    STOP = 1


class ResetPeriod(Member):
    """How often a line with a template begins again at its first number."""

    NEVER = 0
    YEAR = 1
    FISCAL_YEAR = 2
    QUARTER = 3
    MONTH = 4
    DAY = 5


class NumberState(Member):
    """What became of a range of numbers that was drawn."""

    RESERVED = 1
    USED = 2
    VOID = 3
