"""The forms of a number: code, template, period."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from functools import lru_cache

import attrs

from interactionlog.errors import (
    FormatMismatchError,
    NotIncrementableError,
    NumberSeriesError,
    NumberTooLargeError,
    NumberTooLongError,
    TemplateInvalidError,
    UsageError,
)
from interactionlog.values import (
    NumberGrowth,
    ResetPeriod,
    as_code,
    calendar_date,
    code_text,
    shown,
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


@contextmanager
def of_series(series_code: str | None) -> Iterator[None]:
    """Name the series in an error about a number or template by itself."""
    try:
        yield
    except NumberSeriesError as error:
        error.series_code = error.series_code or series_code
        raise


def parse(code: str) -> tuple[NumberShape, int]:
    """
    Split a code at its right-most run of digits.

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
        reason = f"the number after {code} has more than {MAX_LENGTH} characters"
        raise NumberTooLongError(None, reason, number=code)
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
    parsed = {code: parse(code) for code in codes if code is not None and as_code(code)}
    if codes[0] not in parsed:
        raise NotIncrementableError(None, "the starting number is missing: give one with a digit")
    shape, first = parsed[codes[0]]
    for code, (other, _) in parsed.items():
        if (other.prefix, other.suffix) != (shape.prefix, shape.suffix):
            reason = f"{code} has not the form of {shape.format(first)}: add a line for a new form"
            raise FormatMismatchError(None, reason, number=code)
    if shape.prefix or shape.suffix:
        shape = attrs.evolve(shape, width=max(other.width for other, _ in parsed.values()))
    return shape, tuple(parsed[code][1] if code in parsed else None for code in codes)


def _split(code: str) -> tuple[str, str, str]:
    match = _LAST_RUN.match(code)
    if match is None:
        raise NotIncrementableError(None, f"{code or 'a blank text'} holds no digit", number=code)
    prefix, digits, suffix = match.groups()
    return prefix, digits, suffix


@attrs.frozen(kw_only=True, weakref_slot=False)
class FiscalYear:
    """
    A fiscal year of the caller's calendar; it may straddle years and be longer or shorter than one.

    Attributes:
        key: Its name, such as ``2025/26``; 1 to 10 characters, upper-cased; never two years alike.
        first_day: Its first day.
        last_day: Its last day.
    """

    key: str = attrs.field(converter=as_code, validator=code_text(1, 10))
    first_day: date = attrs.field(validator=calendar_date)
    last_day: date = attrs.field(validator=calendar_date)


FiscalCalendar = Callable[[date], FiscalYear]
"""Tells the fiscal year in which a date lies."""


PeriodKeys = tuple[str, ...]
"""Key of the period for each `ResetPeriod`, in the order of their values; ``""`` for none."""


def fiscal_year_of(day: date, calendar: FiscalCalendar | None) -> FiscalYear:
    """Ask the caller's calendar, or raise `UsageError` when there is none or it errs."""
    if calendar is None:
        raise UsageError("a series by fiscal year needs a calendar: NumberSeries(work, calendar)")
    year = calendar(day)
    if not isinstance(year, FiscalYear):
        raise UsageError(f"the fiscal calendar must return a FiscalYear, not {shown(year)}")
    if not year.first_day <= day <= year.last_day:
        raise UsageError(f"the fiscal calendar puts {day} into {year.key}, which does not hold it")
    return year


def period_keys(day: date, calendar: FiscalCalendar | None) -> PeriodKeys:
    """Return the keys of all periods in which ``day`` lies; fiscal years only with a calendar."""
    keys = calendar_keys(day)
    if calendar is None:
        return keys
    fiscal = ResetPeriod.FISCAL_YEAR.value
    return (*keys[:fiscal], fiscal_year_of(day, calendar).key, *keys[fiscal + 1 :])


@lru_cache(maxsize=64)
def calendar_keys(day: date) -> PeriodKeys:
    """Return the keys of all periods but fiscal years; every draw of a day asks for the same."""
    text = day.isoformat()
    quarter = f"{text[:4]}-Q{(day.month + 2) // 3}"
    return "", text[:4], "", quarter, text[:7], text


_TENANT = "{tenant}"
_PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)")
_COUNTER = re.compile(r"n(?::0?([0-9]+))?")


def _short_year(day: date) -> str:
    if not 2000 <= day.year < 2100:
        message = f"{{yy}} stands for a year from 2000 to 2099, or a number would come again: {day}"
        raise TemplateInvalidError(None, f"{message} needs {{yyyy}}", usage_date=day)
    return f"{day.year % 100:02d}"


_TOKENS: Mapping[str, tuple[int, Callable[[date, FiscalCalendar | None], str]]] = {
    "yyyy": (4, lambda day, _: f"{day.year:04d}"),
    "yy": (2, lambda day, _: _short_year(day)),
    "mm": (2, lambda day, _: f"{day.month:02d}"),
    "dd": (2, lambda day, _: f"{day.day:02d}"),
    "iso_yyyy": (4, lambda day, _: f"{day.isocalendar().year:04d}"),
    "ww": (2, lambda day, _: f"{day.isocalendar().week:02d}"),
    "doy": (3, lambda day, _: f"{day.timetuple().tm_yday:03d}"),
    "fy": (1, lambda day, calendar: fiscal_year_of(day, calendar).key),
    "fy_start": (4, lambda day, calendar: f"{fiscal_year_of(day, calendar).first_day.year:04d}"),
    "fy_end": (4, lambda day, calendar: f"{fiscal_year_of(day, calendar).last_day.year:04d}"),
}
"""How many characters a token has, at least, and its text on a day."""

_YEAR = ({"yyyy"}, {"yy"})
_PERIOD_TOKENS: Mapping[ResetPeriod, tuple[set[str], ...]] = {
    ResetPeriod.NEVER: (set(),),
    ResetPeriod.YEAR: _YEAR,
    ResetPeriod.FISCAL_YEAR: ({"fy"},),
    ResetPeriod.QUARTER: tuple(year | more for year in _YEAR for more in ({"mm"}, {"doy"})),
    ResetPeriod.MONTH: tuple(year | more for year in _YEAR for more in ({"mm"}, {"doy"})),
    ResetPeriod.DAY: tuple(year | more for year in _YEAR for more in ({"mm", "dd"}, {"doy"})),
}
"""For each period, the sets of tokens of which a template must hold one; then its text differs."""


Piece = str | tuple[str]
"""Of a template: plain text, or a token's name in a tuple of one."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberTemplate:
    """
    A parsed template; `parse_template` makes it.

    Attributes:
        before: Pieces before the counter.
        width: Least number of digits of the counter.
        after: Pieces after the counter.
    """

    before: tuple[Piece, ...]
    width: int
    after: tuple[Piece, ...]

    @property
    def tokens(self) -> frozenset[str]:
        """Names of the tokens, without the counter."""
        return frozenset(piece[0] for piece in self.before + self.after if isinstance(piece, tuple))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All pieces in order; the counter is the token ``n``."""
        return (*self.before, ("n",), *self.after)

    def shape(self, day: date, calendar: FiscalCalendar | None) -> NumberShape:
        """Return the form of the numbers that are drawn for ``day``."""
        before, after = (
            "".join(
                piece if isinstance(piece, str) else _TOKENS[piece[0]][1](day, calendar)
                for piece in pieces
            )
            for pieces in (self.before, self.after)
        )
        return NumberShape(prefix=before, width=self.width, suffix=after)

    def value_of(self, number: str) -> int | None:
        """Return the counter in a number drawn for any day, or ``None`` if it has another form."""
        read = self.read(number)
        return None if read is None or len(read[1]["n"]) > MAX_DIGITS else int(read[1]["n"])

    def read(self, number: str) -> tuple[NumberShape, dict[str, str]] | None:
        """Return the form of a number that was drawn for some day, and what its tokens say."""
        names = [piece[0] for piece in self.pieces if isinstance(piece, tuple)]
        match = re.fullmatch("".join(map(_pattern, self.pieces)), number)
        if match is None:
            return None
        at = names.index("n") + 1
        before, after = number[: match.start(at)], number[match.end(at) :]
        shape = NumberShape(prefix=before, width=self.width, suffix=after)
        return shape, dict(zip(names, match.groups(), strict=True))


def said_in(period: ResetPeriod, key: str | None) -> dict[str, str]:
    """Return what tokens say on every day of a period with this key."""
    if key is None:
        return {}
    if period is ResetPeriod.FISCAL_YEAR:
        return {"fy": key}
    said = {"yyyy": key[:4], "yy": key[2:4]}
    if period in {ResetPeriod.MONTH, ResetPeriod.DAY}:
        said["mm"] = key[5:7]
    if period is ResetPeriod.DAY:
        said["dd"] = key[8:]
        if (days := days_of(said)) is not None:
            said["doy"] = f"{days[0].timetuple().tm_yday:03d}"
    return said


def days_of(said: Mapping[str, str]) -> tuple[date, date] | None:
    """Return the first and the last day that tokens of a number can show; ``None``: no such day."""
    if "yyyy" not in said and "yy" not in said:
        return date.min, date.max
    try:
        year, month = int(said.get("yyyy") or f"20{said['yy']}"), int(said.get("mm", 0))
        if "doy" in said:
            day = date(year, 1, 1) + timedelta(days=int(said["doy"]) - 1)
            return (day, day) if day.year == year else None
        if month and "dd" in said:
            day = date(year, month, int(said["dd"]))
            return day, day
        last = date(year, month or 12, monthrange(year, month or 12)[1])
        return date(year, month or 1, 1), last
    except (ValueError, OverflowError):
        return None


def as_template(text: str | None) -> str | None:
    """Upper-case the plain text of a template, lower-case its tokens; a blank one is ``None``."""
    if not isinstance(text, str):
        return text
    parts = re.split(r"(\{[^{}]*\})", text.strip(" "))
    return "".join(p.lower() if p.startswith("{") else p.upper() for p in parts) or None


def with_tenant(text: str, tenant: str) -> str:
    """Put the name of the tenant where its token stands."""
    if _TENANT not in text:
        return text
    if not tenant or {"{", "}"}.intersection(tenant):
        raise _invalid(text, f"needs a tenant with a name without braces, not {shown(tenant)}")
    return text.replace(_TENANT, tenant)


@lru_cache(maxsize=256)
def parse_template(text: str) -> NumberTemplate:
    """Parse a template, or raise `TemplateInvalidError` with what is wrong with it."""
    before: list[Piece] = []
    after: list[Piece] = []
    width, pieces = 0, before
    if "".join(m.group(0) for m in _PIECE.finditer(text)) != text:
        raise _invalid(text, "has a brace without its partner")
    for token, plain in _PIECE.findall(text):
        if plain:
            pieces.append(plain)
        elif token in _TOKENS:
            pieces.append((token,))
        elif (counter := _COUNTER.fullmatch(token)) is None:
            raise _invalid(text, f"has an unknown token {{{token}}}")
        elif width:
            raise _invalid(text, "has more than one counter")
        else:
            width, pieces = int(counter.group(1) or 1), after
    if not 1 <= width <= MAX_DIGITS:
        raise _invalid(text, f"needs one counter, such as {{n:05}}, of 1 to {MAX_DIGITS} digits")
    template = NumberTemplate(before=tuple(before), width=width, after=tuple(after))
    _judge_neighbours(text, template)
    if sum(map(width_of, before + after)) + width > MAX_LENGTH:
        raise _invalid(text, f"gives numbers of more than {MAX_LENGTH} characters")
    return template


def judge_period(text: str, period: ResetPeriod) -> None:
    """Refuse a reset period that the template's text would not show: it would give duplicates."""
    tokens = parse_template(text).tokens
    if not any(needed <= tokens for needed in _PERIOD_TOKENS[period]):
        choices = " or ".join(
            " and ".join(f"{{{token}}}" for token in sorted(needed))
            for needed in _PERIOD_TOKENS[period]
        )
        raise _invalid(text, f"begins again every {period.name.lower()}, so it needs {choices}")


def _judge_neighbours(text: str, template: NumberTemplate) -> None:
    """A fiscal year has any length, so only plain text may stand between it and the counter."""
    beside_before = template.before[-1:] and template.before[-1][-1:]
    beside_after = template.after[:1] and template.after[0][:1]
    for pieces, beside in ((template.before, beside_before), (template.after, beside_after)):
        plain = isinstance(beside, str) and not beside.isdigit()
        if ("fy",) in pieces and not plain:
            raise _invalid(text, "needs a sign that is no digit between counter and {fy}")


def _pattern(piece: Piece) -> str:
    """Match a piece, a token as a group; `_judge_neighbours` ensures that there is only one way."""
    if isinstance(piece, str):
        return re.escape(piece)
    if piece[0] == "n":
        return "([0-9]+)"
    return "(.{1,10})" if piece[0] == "fy" else f"([0-9]{{{width_of(piece)}}})"


def width_of(piece: Piece) -> int:
    """Return how many characters a piece besides the counter has, at least."""
    return len(piece) if isinstance(piece, str) else _TOKENS[piece[0]][0]


def _invalid(text: str, reason: str) -> TemplateInvalidError:
    return TemplateInvalidError(None, f"template {text} {reason}")
