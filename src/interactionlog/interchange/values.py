"""What the text of a cell means; each reader raises `ValueError` with what it takes."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

__all__ = ["as_name", "field_reader", "filter_values"]

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
        message = f"the filter {text!r} cannot be read, only values with | between them are"
        raise ValueError(message)
    return values
