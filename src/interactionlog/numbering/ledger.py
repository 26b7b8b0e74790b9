"""The ledger of numbers: which are missing and why, and which were passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import FormatMismatchError, StateError
from interactionlog.numbering.drawing import LineState, enter, shape_of
from interactionlog.numbering.format import FiscalCalendar, NumberShape, parse_template
from interactionlog.numbering.reach import places_of
from interactionlog.numbering.series import NoSeriesLine, NumberCounter, NumberRange
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import Member, NumberState, as_code

_CHUNK = 1_000


@judged
@attrs.frozen
class NumberLedger:
    """
    Answers for every number that was drawn.

    Attributes:
        calendar: Tells the fiscal year of a date; needed where a template names it.
    """

    work: UnitOfWork
    calendar: FiscalCalendar | None = None

    def explain_gaps(
        self, series_code: str, first_no: str | None = None, last_no: str | None = None
    ) -> Iterator[NumberGap]:
        """
        Say of every number that was drawn and is not used why it is missing, in rising order.

        Numbers outside the steps of a line are not missing. What the ledger does not know lies
        between two known draws, or after the last one: it was rolled back, or drawn while the
        series kept no ledger.

        Args:
            first_no: First number asked about; ``None`` means the first of the line. Between two
                steps it stands for the next number.
            last_no: Last number asked about, of the same line and period; ``None`` means the last.
                Between two steps it stands for the number before.

        Raises:
            SeriesNotFoundError: There is no such series.
            FormatMismatchError: A number is none of the series, the two are not of one line and
                period, or the last one comes before the first.
        """
        self.work.numbers.series.get(series_code)
        first = None if first_no is None else self._locate(series_code, first_no)
        last = None if last_no is None else self._locate(series_code, last_no)
        asked = first or last
        if first and last:
            _judge_range(series_code, first, last, f"{first_no} to {last_no}")
        lines = {line.line_no: line for line in self.work.numbers.lines.all(series_code)}
        for counter in self.work.numbers.counters.of_series(series_code):
            where, high = (counter.line_no, counter.period_key), counter.last_value
            if high is None or (asked is not None and asked[0] != where):
                continue
            line = lines[counter.line_no]
            low = line.first_value if first is None else first[1]
            yield from self._gaps(line, counter, low, high if last is None else min(last[1], high))

    def void(
        self, series_code: str, first_no: str, last_no: str | None = None, *, reason: str
    ) -> None:
        """
        Declare numbers void that were drawn, for a reason that the ledger keeps.

        Args:
            first_no: The first of them.
            last_no: The last of them, of the same line and period; ``None`` means only one.
            reason: Why; at most 250 characters.

        Raises:
            FieldInvalidError: The reason is blank.
            SeriesNotFoundError: There is no such series.
            FormatMismatchError: A number is none of the series, or the two do not go together.
            StateError: One of them is void already, or the ledger does not know it.
        """
        values = {"state": NumberState.VOID, "reason": reason, "user_id": self.work.user_id}
        states = {NumberState.USED, NumberState.RESERVED}
        self._mark(series_code, first_no, last_no or first_no, states, **values)

    def use(self, series_code: str, no: str, record_kind: str, record_key: str) -> None:
        """
        Give a reserved number to a record, such as ``contact`` with its number.

        Raises:
            SeriesNotFoundError: There is no such series.
            FormatMismatchError: It is not a number of the series.
            StateError: The number is not reserved.
        """
        key = as_code(record_key) if record_kind == "contact" else record_key
        values = {"record_kind": record_kind, "record_key": key}
        self._mark(series_code, no, no, {NumberState.RESERVED}, state=NumberState.USED, **values)

    def find(self, series_code: str, no: str) -> NumberRange | None:
        """Return the row of the ledger that holds a number, or ``None``."""
        found = self._found(series_code, no)
        return found and found[0]

    def _found(self, series_code: str, no: str) -> tuple[NumberRange, int] | None:
        """Return the row that holds a number, and its counter there."""
        places = self._places(series_code, no)
        for counter in self.work.numbers.counters.of_series(series_code):
            line, value = places.get(counter.line_no, (None, 0))
            if line is None:
                continue
            for drawn in self.work.numbers.ledger.ranges(
                series_code, line.line_no, counter.period_key, above=value - 1, limit=1
            ):
                begun = drawn.first_value <= value
                on_step = begun and (value - drawn.first_value) % drawn.step == 0
                day = drawn.usage_date or counter.last_date
                if on_step and self._shape(line, day).format(value) == no:
                    return drawn, value
        return None

    def _places(self, code: str, no: str) -> Mapping[int, tuple[NoSeriesLine, int]]:
        """Return the lines whose form a number has by their numbers, each with its value there."""
        forms = {
            line: self._shape(line) if line.template is None else parse_template(line.template)
            for line in self.work.numbers.lines.all(code)
        }
        values = ((line, form.value_of(no)) for line, form in forms.items())
        return {line.line_no: (line, value) for line, value in values if value is not None}

    def _locate(self, code: str, no: str) -> _Located:
        """Return line and period of a number, and its value: as recorded, else by its form."""
        found = self._found(code, no)
        if found is not None:
            drawn, value = found
            return (drawn.line_no, drawn.period_key), value
        places = sorted(
            places_of(self.work, self.calendar, code, no), key=lambda each: not each.held
        )
        for place in places:
            line, counter = place.state.line, place.state.counter
            known = line.template is None or counter.last_value is not None
            if known and place.value >= line.first_value:
                return (line.line_no, counter.period_key), place.value
        raise FormatMismatchError(code, f"{no} is not a number of this series", number=no)

    def _gaps(
        self, line: NoSeriesLine, counter: NumberCounter, low: int, high: int
    ) -> Iterator[NumberGap]:
        """Find what is missing from ``low`` to ``high``, on the steps of the draws around."""
        known: NumberRange | None = None
        key = (line.series_code, line.line_no, counter.period_key)

        def gap(kind: GapKind, numbers: range, of: NumberRange | None, **more: Any) -> NumberGap:
            shape = self._shape(line, (of and of.usage_date) or counter.last_date)
            more["first_no"], more["last_no"] = map(shape.format, (numbers[0], numbers[-1]))
            return NumberGap(kind=kind, count=len(numbers), **more)

        def between(first: int, step: int, after: NumberRange | None) -> Iterator[NumberGap]:
            above = low - 1 if known is None else known.last_value
            missing = range(first - (first - above - 1) // step * step, first, step)
            if numbers := _within(missing, low, high):
                sides = {"known_before": known, "known_after": after}
                yield gap(GapKind.NOT_RECORDED, numbers, known or after, **sides)

        for drawn in self._ranges(*key, low, high):
            yield from between(drawn.first_value, drawn.step, drawn)
            values = range(drawn.first_value, drawn.last_value + 1, drawn.step)
            if drawn.state in _KINDS and (numbers := _within(values, low, high)):
                told = {name: getattr(drawn, name) for name in ("reason", "user_id", "usage_date")}
                yield gap(_KINDS[drawn.state], numbers, drawn, **told)
            if drawn.first_value > high:
                return
            known = drawn
        yield from between((counter.last_value or 0) + line.step, line.step, None)

    def _ranges(
        self, code: str, line_no: int, period_key: str | None, low: int, high: int
    ) -> Iterator[NumberRange]:
        """Ranges of a counter that hold numbers from ``low`` to ``high``, and the one after."""
        ledger, above = self.work.numbers.ledger, low - 1
        while chunk := ledger.ranges(code, line_no, period_key, above=above, limit=_CHUNK):
            for drawn in chunk:
                yield drawn
                if drawn.first_value > high:
                    return
            if len(chunk) < _CHUNK:
                return
            above = chunk[-1].last_value

    def _mark(
        self, code: str, first_no: str, last_no: str, allowed: set[NumberState], **values: Any
    ) -> None:
        """Change rows of the ledger, cutting out the numbers named."""
        with self.work.atomic():
            where, first = self._locate(code, first_no)
            _, last = end = self._locate(code, last_no)
            _judge_range(code, (where, first), end, f"{first_no} to {last_no}")
            counters = self.work.numbers.counters
            counters.lock(counters.get(code, *where))
            begin, reached = first, first - 1
            for drawn in list(self._ranges(code, *where, first, last)):
                span = max(first, drawn.first_value), min(last, drawn.last_value)
                on_step = all((value - drawn.first_value) % drawn.step == 0 for value in span)
                follows = drawn.first_value <= min(begin, last) and on_step
                if not follows or drawn.state not in allowed:
                    break
                self._cut(drawn, *span, values)
                reached = drawn.last_value
                begin = reached + drawn.step
            if reached < last:
                states = " or ".join(sorted(state.name.lower() for state in allowed))
                reason = f"is not recorded as {states}: the gaps say which are"
                several = f"a number from {first_no} to {last_no}"
                named = f"number {first_no}" if first_no == last_no else several
                raise StateError(f"series {code}: {named}", reason)

    def _cut(self, drawn: NumberRange, first: int, last: int, values: dict[str, Any]) -> None:
        """Put up to three rows in the place of one: before, the changed numbers, and after."""
        moment = self.work.clock.now()
        values |= {"first_value": first, "last_value": last, "recorded_at": moment}
        parts = [attrs.evolve(drawn, **values)]
        if drawn.first_value < first:
            parts.insert(0, attrs.evolve(drawn, last_value=first - drawn.step))
        if last < drawn.last_value:
            parts.append(attrs.evolve(drawn, first_value=last + drawn.step))
        self.work.numbers.ledger.replace(drawn, parts)

    def _shape(self, line: NoSeriesLine, day: date | None = None) -> NumberShape:
        return shape_of(line, day or self.work.clock.work_date(), self.calendar)


def _within(numbers: range, low: int, high: int) -> range:
    """Leave out what is below ``low`` or above ``high``."""
    skipped = max(0, -((numbers.start - low) // numbers.step))
    first = numbers.start + skipped * numbers.step
    return range(first, min(numbers.stop, high + 1), numbers.step)


class GapKind(Member):
    """Why a number is missing."""

    VOID = "void"
    RESERVED = "reserved"
    NOT_RECORDED = "not recorded"


_KINDS = {NumberState.VOID: GapKind.VOID, NumberState.RESERVED: GapKind.RESERVED}


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberGap:
    """
    Numbers in a row that no record has, for one reason.

    Attributes:
        kind: Void, reserved, or not recorded: rolled back, or drawn while the ledger was off.
        first_no: The first of them.
        last_no: The last of them.
        count: How many.
        reason: Why they are void; ``""`` otherwise.
        user_id: Who voided or reserved them; ``None`` when not recorded.
        usage_date: Date for which they were drawn; ``None`` when not recorded.
        known_before: The known draw before numbers that are not recorded; ``None``: there is none.
        known_after: The known draw after them; ``None``: there is none yet.
    """

    kind: GapKind
    first_no: str
    last_no: str
    count: int
    reason: str = ""
    user_id: str | None = None
    usage_date: date | None = None
    known_before: NumberRange | None = None
    known_after: NumberRange | None = None


_Located = tuple[tuple[int, str | None], int]
"""Line and period of a number, and its value."""


def _judge_range(code: str, first: _Located, last: _Located, numbers: str) -> None:
    """Refuse two numbers that are not of one line and period, or not in rising order."""
    if first[0] != last[0] or last[1] < first[1]:
        reason = f"{numbers} is no range of one line and period: name the lower number first"
        raise FormatMismatchError(code, reason)


def put_ahead(
    work: UnitOfWork,
    state: LineState,
    value: int,
    *,
    passed: NumberState,
    reason: str,
    day: date | None = None,
) -> None:
    """
    Move a counter forward to ``value``, never back, and write down the numbers it passes.

    Args:
        work: The caller has opened an `atomic` block.
        state: The line, with the counter that is moved.
        value: Last value used from now on.
        passed: State of the numbers that are passed; ``value`` itself is used.
        reason: Why the counter moves, for the ledger.
        day: Usage date of a number that was typed, which counts as drawn; ``None`` in set-up.
    """
    numbers, first = work.numbers, state.line.first_value
    counter = numbers.counters.lock(state.counter)
    last = counter.last_value
    if value < first or (last is not None and value <= last):
        return
    numbers.counters.advance(counter, value, counter.last_date or day)
    if numbers.series.get(counter.series_code).ledger:
        first = first if last is None else last + 1
        rows = [(first, value, NumberState.USED)]
        if passed is not NumberState.USED:
            rows = [(first, value - 1, passed), (value, value, NumberState.USED)]
        for low, high, became in rows:
            if low <= high:
                enter(work, counter, low, high, 1, became, None, None, None, reason)
