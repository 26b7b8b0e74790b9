"""Which numbers a line can give: the lines that a number belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from interactionlog.numbering.drawing import LineState, bound_of, shape_of
from interactionlog.numbering.format import (
    FiscalCalendar,
    NumberShape,
    calendar_keys,
    days_of,
    fiscal_year_of,
    parse_template,
)
from interactionlog.numbering.series import NoSeriesLine
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import ResetPeriod


@attrs.frozen(kw_only=True, weakref_slot=False)
class Place:
    """
    Where a number would be in a line that has its form.

    Attributes:
        state: The line, with the counter of the period that the number shows.
        value: The number's counter.
        bound: Greatest counter that the line issues in that form.
        day: The day of that period that is nearest to the work date.
    """

    state: LineState
    value: int
    bound: int
    day: date

    @property
    def held(self) -> bool:
        """Whether the line can give the number, or could when it was drawn up to there."""
        last = self.state.counter.last_value
        top = self.bound if last is None else max(self.bound, last)
        return self.state.line.first_value <= self.value <= top


def places_of(
    work: UnitOfWork, calendar: FiscalCalendar | None, code: str, number: str
) -> Iterator[Place]:
    """Give the places of a number in the lines of a series that have its form, by line number."""
    numbers, today = work.numbers, work.clock.work_date()
    lines = numbers.lines.all(code)
    if not lines:  # it was renamed or deleted since it was looked up
        numbers.series.get(code)
    for line in lines:
        found = _form_and_period(line, number, today, calendar)
        if found is not None:
            shape, period, day = found
            value = shape.value_of(number)
            if value is not None:
                state = LineState(
                    line, numbers.counters.get(line.series_code, line.line_no, period)
                )
                yield Place(state=state, value=value, bound=bound_of(line, shape), day=day)


def _form_and_period(
    line: NoSeriesLine, number: str, today: date, calendar: FiscalCalendar | None
) -> tuple[NumberShape, str | None, date] | None:
    """Return the form, the period and a day that a number shows; ``None`` when it is no number."""
    if line.template is None:
        return shape_of(line, today, calendar), None, today
    read = parse_template(line.template).read(number)
    if read is None or (days := days_of(read[1])) is None:
        return None
    shape, said = read
    first, last = max(days[0], line.starting_date or days[0]), days[1]
    if first > last:
        return None
    day = min(max(today, first), last)
    period: str | None = calendar_keys(day)[line.reset_period.value] or None
    if line.reset_period is ResetPeriod.FISCAL_YEAR:  # only the calendar knows the days of a year
        period = said["fy"]
        if fiscal_year_of(day, calendar).key != period:
            return None
    return shape, period, day
