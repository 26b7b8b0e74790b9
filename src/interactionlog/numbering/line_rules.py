"""What a line may become, and putting its counter ahead of numbers that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypedDict

import attrs

from interactionlog.errors import (
    FormatMismatchError,
    LineIncompleteError,
    NumberOutOfRangeError,
    NumberTooLongError,
    UsageError,
)
from interactionlog.numbering.drawing import LineNumbers, LineState, enter, numbers_of, shape_of
from interactionlog.numbering.format import (
    MAX_LENGTH,
    FiscalCalendar,
    fit,
    parse_template,
    period_keys,
)
from interactionlog.numbering.series import NoSeriesLine
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import NumberGrowth, NumberingPolicy, NumberState, differences


class LineOptions(TypedDict, total=False):
    """Fields that lines with and without a template have; the meaning is `NoSeriesLine`'s."""

    starting_date: date | None
    step: int
    policy: NumberingPolicy
    growth: NumberGrowth


class LineChanges(LineOptions, total=False):
    """Fields of a line that may be changed, the numbers as text."""

    starting_no: str
    ending_no: str | None
    warning_no: str | None
    last_no_used: str


def with_numbers(
    line: NoSeriesLine,
    starting_no: str,
    ending_no: str | None,
    warning_no: str | None,
    last_no_used: str | None,
) -> tuple[NoSeriesLine, int | None]:
    """Return the line with these numbers in one form, and the value of the last one used."""
    if warning_no and not ending_no:
        reason = f"the warning number {warning_no} needs an ending number"
        raise LineIncompleteError(line.series_code, reason, line.line_no, number=warning_no)
    shape, (first, last_allowed, warning, last) = fit(
        starting_no, ending_no, warning_no, last_no_used
    )
    assert first is not None  # noqa: S101  # `fit` refuses a missing starting number
    if last is not None and last < first:
        reason = f"{last_no_used} comes before the starting number {starting_no}"
        raise NumberOutOfRangeError(line.series_code, reason, line.line_no, number=last_no_used)
    changed = attrs.evolve(
        line,
        prefix=shape.prefix,
        width=shape.width,
        suffix=shape.suffix,
        first_value=first,
        last_allowed=last_allowed,
        warning_value=warning,
    )
    return changed, last


def within_length(line: NoSeriesLine, max_length: int) -> NoSeriesLine:
    """
    Let a line end with its greatest number of so many characters (OF-03).

    Raises `UsageError` unless the length is from 1 to 20, and `NumberTooLongError` when a number
    that the line was given is longer.
    """
    if not 1 <= max_length <= MAX_LENGTH:
        raise UsageError(f"numbers have from 1 to {MAX_LENGTH} characters, not {max_length}")
    shape = shape_of(line, date.min, None)
    largest = shape.largest(line.growth, max_length)
    greatest = line.first_value if line.last_allowed is None else line.last_allowed
    if greatest > largest:
        number = shape.format(greatest)
        reason = f"{number} has more than {max_length} characters"
        raise NumberTooLongError(line.series_code, reason, line.line_no, number=number)
    return line if line.last_allowed is not None else attrs.evolve(line, last_allowed=largest)


def changed_line(state: LineState, changes: LineChanges) -> tuple[NoSeriesLine, int | None]:
    """
    Return a line with changes, and the value of its last number used if that was changed.

    A blank ending number takes the warning number with it. Raises `FormatMismatchError` when the
    form of numbers in use would change.
    """
    given: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in changes.items():
        (given if name in attrs.fields_dict(LineNumbers) else others)[name] = value
    line = attrs.evolve(state.line, **others)
    if not given:
        return line, None
    if line.template is not None:
        return _changed_template_line(line, line.template, given), None
    numbers = attrs.asdict(numbers_of(state, date.min, None)) | given
    if not numbers["ending_no"] and "warning_no" not in given:
        numbers["warning_no"] = None
    changed, last = with_numbers(line, **numbers)
    used, drawn = state.counter.last_value is not None, state.counter.last_date is not None
    reformed = {"prefix", "width", "suffix"} & differences(line, changed).keys()
    if used and reformed and (drawn or "last_no_used" not in given):
        last_no = numbers["last_no_used"]
        reason = f"numbers like {last_no} are in use: add a line for a new form"
        raise FormatMismatchError(line.series_code, reason, line.line_no, number=last_no)
    return changed, last if "last_no_used" in given else None


def _changed_template_line(
    line: NoSeriesLine, template: str, given: Mapping[str, str | None]
) -> NoSeriesLine:
    """Take the counters from numbers that were typed in the form of the template."""
    values: dict[str, int | None] = {}
    for name, number in given.items():
        values[name] = parse_template(template).value_of(number) if number is not None else None
        if number is not None and (values[name] is None or name == "last_no_used"):
            reason = f"{name} {number} cannot be set on a line with template {template}"
            raise FormatMismatchError(line.series_code, reason, line.line_no, number=number)
    ending = values.get("ending_no", line.last_allowed)
    warning = values.get("warning_no", None if ending is None else line.warning_value)
    if warning is not None and ending is None:
        reason = "a warning number needs an ending number"
        raise LineIncompleteError(line.series_code, reason, line.line_no)
    first = values.get("starting_no")
    return attrs.evolve(
        line,
        first_value=line.first_value if first is None else first,
        last_allowed=ending,
        warning_value=warning,
    )


def put_ahead(
    work: UnitOfWork,
    state: LineState,
    value: int,
    *,
    passed: NumberState,
    reason: str,
) -> None:
    """
    Move a counter forward to ``value``, never back, and write down the numbers it passes.

    Args:
        work: The caller has opened an `atomic` block.
        state: The line, with the counter that is moved.
        value: Last value used from now on.
        passed: State of the numbers that are passed; ``value`` itself is used.
        reason: Why the counter moves, for the ledger.
    """
    numbers, first = work.numbers, state.line.first_value
    counter = numbers.counters.lock(state.counter)
    last = counter.last_value
    if value < first or (last is not None and value <= last):
        return
    numbers.counters.advance(counter, value, counter.last_date)
    if numbers.series.get(counter.series_code).ledger:
        first = first if last is None else last + 1
        rows = [(first, value, NumberState.USED)]
        if passed is not NumberState.USED:
            rows = [(first, value - 1, passed), (value, value, NumberState.USED)]
        for low, high, became in rows:
            if low <= high:
                enter(work, counter, low, high, 1, became, None, None, None, reason)


def lines_like(
    work: UnitOfWork, calendar: FiscalCalendar | None, code: str, number: str
) -> Iterator[tuple[LineState, int]]:
    """Give the lines on the work date whose form a number has, each with its value there."""
    day = work.clock.work_date()
    _, states = work.numbers.counters.lines_on(code, day, period_keys(day, calendar))
    for state in states:
        value = shape_of(state.line, day, calendar).value_of(number)
        if value is not None:
            yield state, value
