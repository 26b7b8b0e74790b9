"""Converters that normalise and validators that judge, shared by all entities."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import Enum
from typing import Any

import attrs

from interactionlog.errors import FieldInvalidError

MONEY_DECIMALS = 5
"""Money has at most five decimals, so that a store may keep it as a whole number."""
MONEY_LIMIT = Decimal(10) ** 12
EXACT = Context(prec=64, traps=[Inexact, InvalidOperation])
"""Never rounds, whatever context the host has set."""
WHOLE_LIMIT = 2**31 - 1

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def as_code(value: str) -> str:
    """Upper-case a code and drop blanks around it; what is not text is left to the validator."""
    return value.strip(" ").upper() if isinstance(value, str) else value


def as_optional_code(value: str | None) -> str | None:
    """As `as_code`, and a blank code is ``None``."""
    return (value.strip(" ").upper() or None) if isinstance(value, str) else value


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


def as_utc(value: datetime) -> datetime:
    """Convert an aware instant to UTC; what cannot be converted is left to the validator."""
    if isinstance(value, datetime) and value.utcoffset() is not None:
        with suppress(OverflowError):
            return value.astimezone(UTC)
    return value


def as_optional_utc(value: datetime | None) -> datetime | None:
    """As `as_utc`, and ``None`` stays."""
    return value if value is None else as_utc(value)


def refuse(instance: Any, attribute: attrs.Attribute[Any], value: object, reason: str) -> None:
    """Raise the error of a value that a field does not take."""
    raise FieldInvalidError(type(instance).__name__, attribute.name, repr(value)[:200], reason)


def _judge_text(
    instance: Any,
    attribute: attrs.Attribute[Any],
    value: object,
    least: int,
    most: int,
    allowed: str,
) -> None:
    if not isinstance(value, str):
        refuse(instance, attribute, value, "must be text")
    elif not least <= len(value) <= most:
        span = f"at most {most}" if least == 0 else f"{least} to {most}"
        refuse(instance, attribute, value, f"must have {span} characters, has {len(value)}")
    elif not value.isprintable():
        for character in value:
            if unicodedata.category(character) in {"Cc", "Cs"} and character not in allowed:
                refuse(instance, attribute, value, "must not contain control characters")


def length(least: int, most: int) -> Validator:
    """Text of one line, with ``least`` to ``most`` characters and no control characters."""

    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        _judge_text(instance, attribute, value, least, most, "")

    return check


def several_lines(most: int) -> Validator:
    """Text of up to ``most`` characters that may hold line breaks and tabs."""

    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        _judge_text(instance, attribute, value, 0, most, "\n\r\t")

    return check


def optional(validator: Validator) -> Validator:
    """Accept ``None`` as well."""

    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if value is not None:
            validator(instance, attribute, value)

    return check


def optional_code(most: int) -> Validator:
    """Accept a code of at most ``most`` characters, or ``None``."""
    return optional(length(1, most))


def one_of(enumeration: type[Enum]) -> Validator:
    """Accept a member of the enumeration."""

    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, enumeration):
            refuse(instance, attribute, value, f"must be a member of {enumeration.__name__}")

    return check


def flag(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept ``True`` and ``False`` only."""
    if not isinstance(value, bool):
        refuse(instance, attribute, value, "must be True or False")


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


whole_minutes = whole()
"""Minutes are whole and not negative."""
entry_number = whole(1, 2**63 - 1)
"""An entry number is a positive 64-bit whole number."""


def calendar_date(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept a date and not an instant."""
    if not isinstance(value, date) or isinstance(value, datetime):
        refuse(instance, attribute, value, "must be a date without time")


def time_of_day(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept a time of the business day, to the second, without a zone."""
    if not isinstance(value, time) or value.tzinfo is not None or value.microsecond:
        refuse(instance, attribute, value, "must be a time without zone and fractions of a second")


def instant(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept an instant in UTC, which `as_utc` makes of one that says its zone."""
    if not isinstance(value, datetime) or value.utcoffset() != timedelta(0):
        refuse(instance, attribute, value, "must be an instant with a time zone")


def instance_of(kind: type) -> Validator:
    """Accept an instance of ``kind``."""

    def check(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, kind):
            refuse(instance, attribute, value, f"must be {kind.__name__}")

    return check
