"""
Drawing: choose the line, lock it, look again, check the date and count up, in one step.

The same steps serve the store's counters and the private ones of a batch. Nothing is chosen for
good before the lock: a caller that waited for it looks at the line again and takes the next line
when the other took the last number. Source: number-series.md 2.1, 2.2, 2.8 and 7.5, OF-10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from functools import lru_cache
from typing import Any

import attrs

from interactionlog.errors import (
    DateTooEarlyError,
    InteractionLogError,
    NoLineForDateError,
    NotFoundError,
    NumberOutOfRangeError,
    NumberSeriesError,
    NumberTakenError,
    SeriesCodeMissingError,
    SeriesExhaustedError,
    TemplateInvalidError,
    UsageError,
)
from interactionlog.numbering.format import (
    FiscalCalendar,
    NumberShape,
    PeriodKeys,
    calendar_keys,
    parse_template,
    period_keys,
)
from interactionlog.numbering.series import (
    CounterSource,
    NoSeries,
    NoSeriesLine,
    NumberCounter,
    NumberRange,
)
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    NumberingPolicy,
    NumberState,
    ResetPeriod,
    as_optional_code,
    trusted,
)


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

    def left(self, shape: NumberShape) -> int:
        """Count the numbers in this form that the line can still give (NS-O01)."""
        return max(0, (bound_of(self.line, shape) - self.next_value) // self.line.step + 1)


def bound_of(line: NoSeriesLine, shape: NumberShape) -> int:
    """Return the greatest value the line issues: its end, or what width and length allow."""
    largest = shape.largest(line.growth)
    return largest if line.last_allowed is None else min(line.last_allowed, largest)


def shape_of(line: NoSeriesLine, day: date, calendar: FiscalCalendar | None) -> NumberShape:
    """
    Return the form of the line's numbers on a day; the day matters to templates only.

    Raises `TemplateInvalidError` for a day that the template cannot show.
    """
    if line.template is None:
        return _shape(line.prefix, line.width, line.suffix)
    try:
        return parse_template(line.template).shape(day, calendar)
    except TemplateInvalidError as error:  # it cannot show that day
        error.series_code, error.line_no = line.series_code, line.line_no
        raise


@lru_cache(maxsize=1_024)
def _shape(prefix: str, width: int, suffix: str) -> NumberShape:
    # every draw from a line asks for the same one
    return NumberShape(prefix=prefix, width=width, suffix=suffix)


def is_open(state: LineState, day: date, calendar: FiscalCalendar | None) -> bool:
    """
    Whether the line can give a number, now or in another period.

    It closes with the last number that fits, not only when the end is hit exactly (NS-O01).
    """
    if state.line.reset_period is not ResetPeriod.NEVER:
        return True
    try:
        return state.left(shape_of(state.line, day, calendar)) > 0
    except (TemplateInvalidError, UsageError):  # not on that day, or not without a calendar
        return True


@attrs.frozen(kw_only=True, weakref_slot=False)
class DrawnNumber:
    """
    A number of a series; its text is ``no``.

    Attributes:
        no: The number.
        series_code: Series it belongs to; records keep it beside the number.
        line_no: Line it came from.
        usage_date: Date for which it was drawn.
        left: Numbers left on the line after it; ``None`` when the line has no end.
        warning: Numbers left, only on the draw that crosses the line's warning number (OF-09).
    """

    no: str
    series_code: str
    line_no: int
    usage_date: date
    left: int | None = None
    warning: int | None = None

    def __str__(self) -> str:
        return self.no


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberBlock:
    """
    Numbers drawn together; iterating gives their texts in the order of single draws.

    Attributes:
        ranges: What each line gave, in order.
        usage_date: Date for which they were drawn.
    """

    ranges: tuple[TakenRange, ...]
    usage_date: date

    def __len__(self) -> int:
        return sum(taken.count for taken in self.ranges)

    def __iter__(self) -> Iterator[str]:
        for taken in self.ranges:
            values = range(taken.first_value, taken.last_value + 1, taken.state.line.step)
            yield from map(taken.shape.formatter(), values)

    @property
    def first_no(self) -> str:
        """The first number."""
        taken = self.ranges[0]
        return taken.shape.format(taken.first_value)

    @property
    def last_no(self) -> str:
        """The last number."""
        taken = self.ranges[-1]
        return taken.shape.format(taken.last_value)

    @property
    def left(self) -> int | None:
        """Numbers left on the last line; ``None`` when it has no end."""
        return self.ranges[-1].left

    @property
    def warning(self) -> int | None:
        """Numbers left on the last line whose warning number was crossed; else ``None``."""
        warnings = [taken.warning for taken in self.ranges if taken.warning is not None]
        return warnings[-1] if warnings else None


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberOutcome:
    """
    A number, or why there is none.

    Attributes:
        number: The number; ``None`` when the series gave none.
        refusal: The error that a draw raises; ``None`` when there is a number.
    """

    number: DrawnNumber | None = None
    refusal: InteractionLogError | None = None

    @property
    def no(self) -> str | None:
        """The number as text, or ``None``."""
        return None if self.number is None else self.number.no


def outcome_of(draw: Callable[..., DrawnNumber], *given: Any, **named: Any) -> NumberOutcome:
    """Draw, and return the number or why there is none."""
    try:
        return NumberOutcome(number=draw(*given, **named))
    except (NumberSeriesError, NotFoundError) as refusal:
        return NumberOutcome(refusal=refusal)


def drawn_number(taken: TakenRange, day: date) -> DrawnNumber:
    """Return the one number of a draw."""
    line = taken.state.line
    no = taken.shape.format(taken.first_value)
    return _drawn(no, line.series_code, line.line_no, day, taken.left, taken.warning)


_drawn: Callable[..., DrawnNumber] = trusted(DrawnNumber)  # in the order of its fields


MOST_SKIPPED = 1_000
"""So many existing numbers in a row are skipped; then set-up must put the counter ahead."""

LineFilter = Callable[[NoSeriesLine], bool]
"""Tells whether a line may be chosen."""
Exists = Callable[[str], bool]
"""Tells whether a record with that number is there already."""
Note = Callable[["TakenRange"], object]
"""
Writes down what is taken, before the counter moves: one that moved in its own transaction does
not come back, so what cannot be noted must not be taken.
"""


@attrs.frozen(kw_only=True, weakref_slot=False)
class TakenRange:
    """
    Numbers that one line gave in one draw.

    Attributes:
        series: Their series.
        state: The line, and its counter as it was before the draw.
        shape: Their form.
        first_value: Counter of the first of them, after those that were skipped.
        last_value: Counter of the last of them.
        left: Numbers left on the line after the draw; ``None`` when it has no end.
        skipped: How many numbers were passed over because records have them.
    """

    series: NoSeries
    state: LineState
    shape: NumberShape
    first_value: int
    last_value: int
    left: int | None
    skipped: int = 0

    @property
    def count(self) -> int:
        """How many numbers."""
        return (self.last_value - self.first_value) // self.state.line.step + 1

    @property
    def warning(self) -> int | None:
        """Numbers left, when this draw crossed the line's warning number; else ``None``."""
        mark = self.state.line.warning_value
        if mark is None or self.last_value < mark:
            return None
        before = self.state.counter.last_value
        if before is not None and before >= mark:
            return None
        return self.left


_taken: Callable[..., TakenRange] = trusted(TakenRange)  # in the order of its fields
_range = trusted(NumberRange)  # in the order of its fields; all values were checked before


def enter(
    work: UnitOfWork,
    counter: NumberCounter,
    first: int,
    last: int,
    step: int,
    state: NumberState,
    *rest: object,
) -> None:
    """Add numbers to the ledger; ``rest`` are its fields from the usage date on."""
    key = (counter.series_code, counter.line_no, counter.period_key)
    who = (work.user_id, work.clock.now())
    work.numbers.ledger.add(_range(*key, first, last, step, state, *who, *rest))


def write_down(
    work: UnitOfWork,
    day: date,
    state: NumberState,
    record_kind: str | None,
    record_key: str | None,
    taken: TakenRange,
) -> None:
    """Record what was drawn, in one row, if the series wants it."""
    if not taken.series.ledger:
        if state is NumberState.RESERVED:
            code = taken.series.code
            raise UsageError(f"number series {code} keeps no ledger: it cannot reserve numbers")
        return
    if record_kind == "contact":
        record_key = as_optional_code(record_key)  # who is erased is found by it
    counter, step, first = taken.state.counter, taken.state.line.step, taken.first_value
    enter(work, counter, first, taken.last_value, step, state, day, record_kind, record_key, "")
    if taken.skipped:
        passed = (first - taken.skipped * step, first - step)
        reason = "skipped: records with these numbers exist"
        enter(work, counter, *passed, step, NumberState.USED, day, record_kind, None, reason)


def state_of(
    line: NoSeriesLine, counters: CounterSource, keys: PeriodKeys | None = None
) -> LineState:
    """Return a line with the counter of its period, or with the one without reset."""
    period = keys[line.reset_period.value] if keys else None
    return LineState(line, counters.get(line.series_code, line.line_no, period or None))


def read_lines(
    lines: Iterable[NoSeriesLine],
    counters: CounterSource,
    day: date,
    keys: PeriodKeys,
    line_filter: LineFilter | None = None,
) -> Sequence[LineState]:
    """
    Return those of a series' lines that apply on a day, as `CounterSource.lines_on` does.

    What the filter leaves aside does not count for the greatest starting date, as in the original.
    """
    started = [
        ((line.starting_date is not None, line.starting_date or day), line)
        for line in lines
        if (line.starting_date or day) <= day and (line_filter is None or line_filter(line))
    ]
    newest = max((start for start, _ in started), default=None)
    return [state_of(line, counters, keys) for start, line in started if start == newest]


@attrs.define
class Drawing:
    """
    Draws from counters, wherever they lie.

    Attributes:
        counters: Where counters are read, locked and written.
        calendar: The caller's fiscal calendar; ``None`` means none is needed.
        line_filter: Tells whether a line may be chosen; ``None`` lets all.
    """

    work: UnitOfWork
    counters: CounterSource
    calendar: FiscalCalendar | None = None
    line_filter: LineFilter | None = None

    def draw(
        self,
        series_code: str | None,
        line_no: int | None,
        day: date,
        note: Note,
        exists: Exists | None = None,
    ) -> DrawnNumber:
        """Draw one number for a day, from this line or from the one that applies."""
        (taken,) = self.take(series_code, line_no, day, note, 1, exists)
        return drawn_number(taken, day)

    def take(
        self,
        series_code: str | None,
        line_no: int | None,
        day: date,
        note: Note,
        count: int = 1,
        exists: Exists | None = None,
    ) -> list[TakenRange]:
        """
        Draw numbers for a day, going on to the next line of the same date when one is used up.

        All ``count`` numbers or an error; then the caller's savepoint takes back what was drawn.
        A line that is named must have started and must not be closed; others are left aside.
        """
        series, states = self.states(series_code, line_no, day)
        if count > 1:
            self._check_block(series, states, day, count)
        taken: list[TakenRange] = []
        for state in states:
            found = self._take(series, state, day, note, count, exists)
            if found is not None:
                taken.append(found)
                count -= found.count
                if not count:
                    return taken
        raise self._refusal(series, states, line_no, day)

    def choose(self, series_code: str | None, line_no: int | None, day: date) -> TakenRange:
        """Return the one number that a draw would take on a day, or raise as it would."""
        series, states = self.states(series_code, line_no, day)
        for state in states:
            shape, value = self.shape(state.line, day), state.next_value
            if left := state.left(shape):
                self._check_date_order(series, state, day)
                remaining = None if state.line.last_allowed is None else left - 1
                return _taken(series, state, shape, value, value, remaining)
        raise self._refusal(series, states, line_no, day)

    def line(self, series_code: str, line_no: int, day: date) -> tuple[NoSeries, LineState]:
        """Return a line, open or not, with the counter of the day's period."""
        series = self.work.numbers.series.get(series_code)
        line = self.work.numbers.lines.get(series_code, line_no)
        return series, state_of(line, self.counters, period_keys(day, self.calendar))

    def shape(self, line: NoSeriesLine, day: date) -> NumberShape:
        """Return the form of a line's numbers on a day."""
        return shape_of(line, day, self.calendar)

    def states(
        self, series_code: str | None, line_no: int | None, day: date
    ) -> tuple[NoSeries, Sequence[LineState]]:
        """Return a series and the lines to draw from: those of the day, or the one named."""
        if line_no is not None:
            series, state = self.line(series_code or "", line_no, day)
            start = state.line.starting_date
            if start is not None and day < start:  # (NS-N02)
                reason = f"line {line_no} starts on {start}, {day} is before that"
                raise DateTooEarlyError(series.code, reason, line_no, day)
            return series, [state]
        if not series_code:
            raise SeriesCodeMissingError(None, "no series was named: set one up", usage_date=day)
        calendar = self.calendar
        keys = calendar_keys(day) if calendar is None else period_keys(day, calendar)
        if self.line_filter is not None:
            among = self.work.numbers.lines.all(series_code)
            states = read_lines(among, self.counters, day, keys, self.line_filter)
            return self.work.numbers.series.get(series_code), states
        found, states = self.counters.lines_on(series_code, day, keys)
        return found or self.work.numbers.series.get(series_code), states

    def _take(
        self,
        series: NoSeries,
        state: LineState,
        day: date,
        note: Note,
        count: int,
        exists: Exists | None,
    ) -> TakenRange | None:
        """Lock a line's counter, look again and draw as many as it has; ``None`` for none."""
        shape = self.shape(state.line, day)
        left = state.left(shape)
        if not left:
            return None
        if state.line.policy is NumberingPolicy.GAPLESS:
            opened: AbstractContextManager[CounterSource] = nullcontext(self.counters)
        else:
            opened = self.counters.own_transaction(state.counter)
        with opened as counters:
            line, counter = state.line, counters.lock(state.counter)
            if counter is not state.counter:  # it may have been waited for, and both changed
                line = self.work.numbers.lines.find(line.series_code, line.line_no) or line
                state, shape = LineState(line, counter), self.shape(line, day)
                left = state.left(shape)
            if not left:
                return None
            if series.date_order:
                self._check_date_order(series, state, day)
            skipped = 0 if exists is None else self._skip(state, shape, left, exists)
            left -= skipped
            if not left:  # nothing but numbers that records have
                return None
            count = min(count, left)
            first = state.next_value + skipped * line.step
            last = first + (count - 1) * line.step
            remaining = None if line.last_allowed is None else left - count
            taken = _taken(series, state, shape, first, last, remaining, skipped)
            note(taken)
            counters.advance(counter, last, day)
        return taken

    def _skip(self, state: LineState, shape: NumberShape, left: int, exists: Exists) -> int:
        """Count the numbers in a row that records have already."""
        value, step, skipped = state.next_value, state.line.step, 0
        while skipped < left and exists(shape.format(value)):
            skipped, value = skipped + 1, value + step
            if skipped > MOST_SKIPPED:
                code = state.line.series_code
                raise NumberTakenError(
                    code,
                    f"more than {MOST_SKIPPED} numbers in a row exist, from "
                    f"{shape.format(state.next_value)} on: put it ahead with "
                    f"NumberSeriesSetup.ensure_ahead({code!r}, the last number in use)",
                    state.line.line_no,
                    number=shape.format(value),
                )
        return skipped

    def _check_block(
        self, series: NoSeries, states: Sequence[LineState], day: date, count: int
    ) -> None:
        """Refuse a block before anything is drawn: a draw that was committed stays."""
        lacking = count
        for state in states:
            left = state.left(self.shape(state.line, day))
            if left and lacking > 0:
                self._check_date_order(series, state, day)
            lacking -= left
        if lacking > 0:
            refusal = self._refusal(series, states, None, day)
            if few := count - lacking:
                reason = f"only {few} of {count} numbers are left for {day}: add a line"
                refusal = type(refusal)(series.code, reason, usage_date=day)
            raise refusal

    def _check_date_order(self, series: NoSeries, state: LineState, day: date) -> None:
        """Refuse a day before the line's last draw when the series keeps date order (NS-D01)."""
        last = state.counter.last_date
        if series.date_order and last is not None and day < last:
            order = f"numbers are drawn in date order, the last one for {last}"
            reason = f"{order}, {day} is before that"
            raise DateTooEarlyError(series.code, reason, state.line.line_no, day)

    def _refusal(
        self, series: NoSeries, states: Sequence[LineState], line_no: int | None, day: date
    ) -> NumberSeriesError:
        """Tell a named line that is closed, a wrong date and a used up series apart (NS-L08)."""
        code = series.code
        if line_no is not None:
            (state,) = states
            shape, last_allowed = self.shape(state.line, day), state.line.last_allowed
            number = shape.format(state.next_value)
            reason = f"{number} is wider or longer than allowed"
            if state.left(shape):
                reason = f"{number} and every number after it that was left are taken"
            elif last_allowed == bound_of(state.line, shape):
                last_no = shape.format(last_allowed)
                reason = f"{number} comes after the last allowed number {last_no}"
            return NumberOutOfRangeError(code, reason, line_no, day, number)
        lines = self.work.numbers.lines.all(code)
        if not lines:
            return SeriesExhaustedError(code, "it has no lines: add one", usage_date=day)
        if not states:
            return NoLineForDateError(code, f"no line has started on {day}", usage_date=day)
        used_up = {state.line for state in states if state.line.reset_period is ResetPeriod.NEVER}
        others = (state_of(line, self.counters) for line in lines if line not in used_up)
        if any(is_open(state, day, self.calendar) for state in others):
            reason = f"the lines for {day} are used up, lines for other dates are not"
            return NoLineForDateError(code, reason, usage_date=day)
        return SeriesExhaustedError(code, "its lines are used up: add one", usage_date=day)
