"""Looking at a series without drawing: the next number, the last one, a simulated one."""

from __future__ import annotations

from datetime import date

from interactionlog.errors import NotFoundError, NumberSeriesError
from interactionlog.numbering.drawing import Drawing, TakenRange
from interactionlog.numbering.drawn import DrawnNumber, drawn_number
from interactionlog.numbering.errors import NumberOutOfRangeError
from interactionlog.numbering.lines import bound_of, shape_of
from interactionlog.numbering.number_format import increment


def peek(drawing: Drawing, series_code: str | None, line_no: int | None, day: date) -> DrawnNumber:
    """Return the number that a draw would give, or raise as the draw would (NS-P01)."""
    if line_no is None:
        series, state, shape = drawing.choose(series_code, day)
    else:
        series, state, shape = drawing.choose_line(series_code or "", line_no, day)
    value, end = state.next_value, state.line.last_allowed
    left = None if end is None else (bound_of(state.line, shape) - value) // state.line.step
    taken = TakenRange(
        series=series, state=state, shape=shape, first_value=value, last_value=value, left=left
    )
    return drawn_number(taken, day)


def last_used(
    drawing: Drawing, series_code: str | None, line_no: int | None, day: date
) -> str | None:
    """Return the last number used of the open line, or of a given one (NS-U01, NS-U02)."""
    if line_no is None:
        try:
            _, state, shape = drawing.choose(series_code, day)
        except (NumberSeriesError, NotFoundError):
            return None
    else:
        _, state = drawing.line(series_code or "", line_no, day)
        shape = shape_of(state.line, state.counter.last_date or day, drawing.calendar)
    value = state.counter.last_value
    return None if value is None else shape.format(value)


def simulate(drawing: Drawing, series_code: str | None, previous: str, day: date) -> str:
    """Return the number after ``previous`` as if it were the last one used (NS-B10)."""
    if series_code is None:
        return increment(previous)
    _, state, shape = drawing.choose(series_code, day)
    line, value = state.line, shape.value_of(previous.strip(" ").upper())
    mark = line.warning_value
    if value is None or not line.first_value <= value <= bound_of(line, shape):
        return increment(previous)
    if mark is not None and value >= mark:
        return increment(previous)
    if value + line.step > bound_of(line, shape):
        number = shape.format(value + line.step)
        reason = f"{number} comes after the last number of the line"
        raise NumberOutOfRangeError(series_code, reason, line.line_no, day, number)
    return shape.format(value + line.step)
