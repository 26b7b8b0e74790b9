"""
Templates such as ``INV{yyyy}-{n:05}``: text, tokens of the usage date and one counter.

A template is judged when it is defined, so that no draw fails for it later: it has exactly one
counter, knows its tokens, holds the period after which the line begins again, and two draws never
give the same text. A line belongs to one tenant for good, so ``{tenant}`` becomes plain text then,
too. Source: number-series.md 7.5, OF-04 and OF-05.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

import attrs

from interactionlog.enumerations import ResetPeriod
from interactionlog.numbering.errors import TemplateInvalidError
from interactionlog.numbering.number_format import MAX_DIGITS, MAX_LENGTH, NumberShape
from interactionlog.numbering.periods import FiscalCalendar, FiscalYear, fiscal_year_of

_TENANT = "{tenant}"
_PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)")
_COUNTER = re.compile(r"n(?::0?([0-9]+))?")

_DATE_TOKENS: Mapping[str, Callable[[date], str]] = {
    "yyyy": lambda day: f"{day.year:04d}",
    "yy": lambda day: f"{day.year % 100:02d}",
    "mm": lambda day: f"{day.month:02d}",
    "dd": lambda day: f"{day.day:02d}",
    "ww": lambda day: f"{day.isocalendar().week:02d}",
    "doy": lambda day: f"{day.timetuple().tm_yday:03d}",
}
_FISCAL_TOKENS: Mapping[str, Callable[[FiscalYear], str]] = {
    "fy": lambda year: year.key,
    "fy_start": lambda year: f"{year.first_day.year:04d}",
    "fy_end": lambda year: f"{year.last_day.year:04d}",
}
_WIDTHS = {"yyyy": 4, "doy": 3, "fy": 1, "fy_start": 4, "fy_end": 4}

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


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberTemplate:
    """
    A template that was taken apart; `parse_template` makes it.

    Attributes:
        before: Pieces before the counter: plain text, or a token's name in a tuple of one.
        width: Least number of digits of the counter.
        after: Pieces behind the counter.
    """

    before: tuple[str | tuple[str], ...]
    width: int
    after: tuple[str | tuple[str], ...]

    @property
    def tokens(self) -> frozenset[str]:
        """Names of the tokens, without the counter."""
        return frozenset(piece[0] for piece in self.before + self.after if isinstance(piece, tuple))

    def shape(self, day: date, calendar: FiscalCalendar | None) -> NumberShape:
        """Return the form of the numbers that are drawn for ``day``."""
        year = None if self.tokens.isdisjoint(_FISCAL_TOKENS) else fiscal_year_of(day, calendar)
        before, after = (_render(pieces, day, year) for pieces in (self.before, self.after))
        return NumberShape(prefix=before, width=self.width, suffix=after)

    def value_of(self, number: str) -> int | None:
        """Return the counter in a number drawn for any day, or ``None`` if it has another form."""
        match = re.fullmatch(
            "".join(map(_pattern, self.before)) + "([0-9]+)" + "".join(map(_pattern, self.after)),
            number,
        )
        return None if match is None or len(match[1]) > MAX_DIGITS else int(match[1])


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
        raise _invalid(text, f"needs a tenant with a name without braces, not {tenant!r}")
    return text.replace(_TENANT, tenant)


@lru_cache(maxsize=256)
def parse_template(text: str) -> NumberTemplate:
    """Take a template apart, or raise `TemplateInvalidError` with what is wrong with it."""
    before: list[str | tuple[str]] = []
    after: list[str | tuple[str]] = []
    width, pieces = 0, before
    if "".join(m.group(0) for m in _PIECE.finditer(text)) != text:
        raise _invalid(text, "has a brace without its partner")
    for token, plain in _PIECE.findall(text):
        if plain:
            pieces.append(plain)
        elif token in _DATE_TOKENS or token in _FISCAL_TOKENS:
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
    if sum(map(_width, before + after)) + width > MAX_LENGTH:
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


def _render(pieces: tuple[str | tuple[str], ...], day: date, year: FiscalYear | None) -> str:
    rendered = []
    for piece in pieces:
        if isinstance(piece, str):
            rendered.append(piece)
        elif piece[0] in _DATE_TOKENS:
            rendered.append(_DATE_TOKENS[piece[0]](day))
        elif year is not None:
            rendered.append(_FISCAL_TOKENS[piece[0]](year))
    return "".join(rendered)


def _pattern(piece: str | tuple[str]) -> str:
    """Match a piece; only one way to match exists, as `_judge_neighbours` ensures."""
    if isinstance(piece, str):
        return re.escape(piece)
    return "(?:.{1,10})" if piece[0] == "fy" else f"[0-9]{{{_width(piece)}}}"


def _width(piece: str | tuple[str]) -> int:
    return len(piece) if isinstance(piece, str) else _WIDTHS.get(piece[0], 2)


def _invalid(text: str, reason: str) -> TemplateInvalidError:
    return TemplateInvalidError(None, f"template {text} {reason}")
