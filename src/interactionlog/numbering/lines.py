"""
What a line with its counter says: its next number, whether it is open, how many are left.

Pure, and asked by drawing, by peeking and by set-up alike. Source: number-series.md 2.5 and 2.6.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import attrs

from interactionlog.enumerations import ResetPeriod
from interactionlog.numbering.no_series import NoSeriesLine, NumberCounter
from interactionlog.numbering.number_format import NumberShape
from interactionlog.numbering.number_template import parse_template
from interactionlog.numbering.periods import FiscalCalendar


@attrs.frozen(weakref_slot=False)
class LineState:
    """
    A line with the counter of the period in question.

    Attributes:
        line: The line.
        counter: Its counter; one of version 0 without a last value when none is stored.
    """

    line: NoSeriesLine
    counter: NumberCounter

    @property
    def next_value(self) -> int:
        """Counter of the next number, in range or not (NS-N03)."""
        last = self.counter.last_value
        return self.line.first_value if last is None else last + self.line.step

    def left_within(self, bound: int) -> int:
        """Count the numbers up to ``bound`` that were not issued yet."""
        return max(0, (bound - self.next_value) // self.line.step + 1)


@attrs.frozen(kw_only=True, weakref_slot=False)
class LineNumbers:
    """
    The numbers of a line as text, as Business Central keeps them.

    Attributes:
        starting_no: Number of the line's first value.
        ending_no: Greatest number that is issued; ``None`` means no limit.
        warning_no: Number whose draw warns; ``None`` means no warning.
        last_no_used: Last number used; ``None`` when none was.
    """

    starting_no: str
    ending_no: str | None
    warning_no: str | None
    last_no_used: str | None


def shape_of(line: NoSeriesLine, day: date, calendar: FiscalCalendar | None) -> NumberShape:
    """Return the form of the line's numbers on a day; the day matters to templates only."""
    if line.template is None:
        return _shape(line.prefix, line.width, line.suffix)
    return parse_template(line.template).shape(day, calendar)


@lru_cache(maxsize=1_024)
def _shape(prefix: str, width: int, suffix: str) -> NumberShape:
    # every draw from a line asks for the same one
    return NumberShape(prefix=prefix, width=width, suffix=suffix)


def bound_of(line: NoSeriesLine, shape: NumberShape) -> int:
    """Return the greatest value the line issues: its end, or what width and length allow."""
    largest = shape.largest(line.growth)
    return largest if line.last_allowed is None else min(line.last_allowed, largest)


def numbers_of(state: LineState, day: date, calendar: FiscalCalendar | None) -> LineNumbers:
    """Return the line's numbers as text."""
    shape = shape_of(state.line, day, calendar)

    def text(value: int | None) -> str | None:
        return None if value is None else shape.format(value)

    return LineNumbers(
        starting_no=shape.format(state.line.first_value),
        ending_no=text(state.line.last_allowed),
        warning_no=text(state.line.warning_value),
        last_no_used=text(state.counter.last_value),
    )


def is_open(state: LineState, day: date, calendar: FiscalCalendar | None) -> bool:
    """
    Whether the line can give a number, now or in another period.

    It closes with the last number that fits, not only when the end is hit exactly (NS-O01).
    """
    if state.line.reset_period is not ResetPeriod.NEVER:
        return True
    shape = shape_of(state.line, day, calendar)
    return state.next_value <= bound_of(state.line, shape)


def why_closed(state: LineState, shape: NumberShape) -> str:
    """Say which bound the line's next number would cross."""
    line, number = state.line, shape.format(state.next_value)
    if line.last_allowed is not None and state.next_value > line.last_allowed:
        return f"{number} comes after the last allowed number {shape.format(line.last_allowed)}"
    if len(number) > len(shape.format(bound_of(line, shape))) > 0:
        return f"{number} is wider or longer than allowed"
    return f"{number} is out of range"
