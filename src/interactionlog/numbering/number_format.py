"""
Numbers as text: taking codes apart, counting them up, and the form that a line gives its numbers.

A code such as ``Q4-18/B`` is a prefix, a run of digits and a suffix; the run that counts is the
right-most one. Only the integer is compared and counted, so text order never decides.
Source: number-series.md 2.5 to 2.7 and 3.1 to 3.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

from interactionlog._fields import as_code
from interactionlog.enumerations import NumberGrowth
from interactionlog.numbering.errors import (
    FormatMismatchError,
    NotIncrementableError,
    NumberTooLargeError,
    NumberTooLongError,
)

MAX_LENGTH = 20
"""A number has at most 20 characters, like every document number of Business Central."""
MAX_DIGITS = 18
"""A counter has at most 18 digits, so that every store can keep it as a 64-bit integer."""
MAX_VALUE = 10**MAX_DIGITS - 1

_GREATEST = tuple(int("9" * digits or "0") for digits in range(MAX_DIGITS + 1))
_LAST_RUN = re.compile(r"^(.*?)([0-9]+)([^0-9]*)$", re.DOTALL)


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberShape:
    """
    What all numbers of a line have in common.

    Attributes:
        prefix: Text before the counter; does not end with a digit.
        width: Least number of digits of the counter, at least 1; shorter ones get leading zeros.
        suffix: Text after the counter; holds no digit unless it comes from a template.
    """

    prefix: str
    width: int
    suffix: str

    def format(self, value: int) -> str:
        """Return the number with this counter as text."""
        return f"{self.prefix}{str(value).zfill(self.width)}{self.suffix}"

    def formatter(self) -> Callable[[int], str]:
        """Return a fast `format` for many numbers."""
        prefix, suffix = self.prefix.replace("%", "%%"), self.suffix.replace("%", "%%")
        return f"{prefix}%0{self.width}d{suffix}".__mod__

    def value_of(self, number: str) -> int | None:
        """Return the counter in ``number``, or ``None`` if this shape never gives that text."""
        end = len(number) - len(self.suffix)
        if not (number.startswith(self.prefix) and number.endswith(self.suffix)):
            return None
        digits = number[len(self.prefix) : end]
        if not (digits.isascii() and digits.isdigit()) or len(digits) > MAX_DIGITS:
            return None
        value = int(digits)
        return value if self.format(value) == number else None

    def largest(self, growth: NumberGrowth, max_length: int = MAX_LENGTH) -> int:
        """Return the greatest counter whose number is neither too wide nor too long; -1: none."""
        room = max_length - len(self.prefix) - len(self.suffix)
        if room < self.width:
            return -1
        return _GREATEST[self.width if growth is NumberGrowth.STOP else min(room, MAX_DIGITS)]


def parse(code: str) -> tuple[NumberShape, int]:
    """
    Take a code apart at its right-most run of digits.

    Raises `NotIncrementableError` without a digit, `NumberTooLongError` above 20 characters and
    `NumberTooLargeError` above 18 digits.
    """
    code = as_code(code)
    if len(code) > MAX_LENGTH:
        raise NumberTooLongError(None, f"{code} has more than {MAX_LENGTH} characters", number=code)
    prefix, digits, suffix = _split(code)
    if len(digits) > MAX_DIGITS:
        raise NumberTooLargeError(None, f"{code} has more than {MAX_DIGITS} digits", number=code)
    return NumberShape(prefix=prefix, width=len(digits), suffix=suffix), int(digits)


def increment(code: str, step: int = 1) -> str:
    """
    Count a code up by ``step``, at least 1, as text: ``SEG0099`` becomes ``SEG0100``.

    The run of digits keeps its width and grows when it must; nothing else changes, so a dash is no
    sign and a point no decimal separator. Raises like `parse`, without the limit of 18 digits.
    Rule NS-F01.
    """
    code = as_code(code)
    prefix, digits, suffix = _split(code)
    result = f"{prefix}{int(digits) + step:0{len(digits)}d}{suffix}"
    if len(result) > MAX_LENGTH:
        raise NumberTooLongError(
            None, f"the number after {code} has more than {MAX_LENGTH} characters", number=code
        )
    return result


def fit(*codes: str | None) -> tuple[NumberShape, tuple[int | None, ...]]:
    """
    Find the one shape in which a starting number and its companions are written.

    The first code is the starting number; ending, warning and last used number follow, each may be
    ``None``. With a prefix or suffix, every code takes the greatest width: ``C1`` up to ``C250``
    starts with ``C001``. Numbers of digits alone keep the width of the first. Returns the shape and
    the counters in the order of the codes. Raises like `parse`, `FormatMismatchError` when prefix
    or suffix differ, because a prefix is never rewritten silently. Rules NS-S01, NS-S02, NS-S04.
    """
    parsed = [None if code is None or not as_code(code) else parse(code) for code in codes]
    first = parsed[0]
    if first is None:
        raise NotIncrementableError(None, "the starting number is missing: give one with a digit")
    shape, width = first[0], first[0].width
    for code, found in zip(codes, parsed, strict=True):
        if found is None:
            continue
        if (found[0].prefix, found[0].suffix) != (shape.prefix, shape.suffix):
            reason = (
                f"{code} has not the form of {shape.format(first[1])}: add a line for a new form"
            )
            raise FormatMismatchError(None, reason, number=code)
        width = max(width, found[0].width)
    if shape.prefix or shape.suffix:
        shape = NumberShape(prefix=shape.prefix, width=width, suffix=shape.suffix)
    return shape, tuple(None if found is None else found[1] for found in parsed)


def _split(code: str) -> tuple[str, str, str]:
    match = _LAST_RUN.match(code)
    if match is None:
        raise NotIncrementableError(None, f"{code or 'a blank text'} holds no digit", number=code)
    prefix, digits, suffix = match.groups()
    return prefix, digits, suffix
