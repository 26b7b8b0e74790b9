"""Which numbers of a counter are missing, told from the ranges that the ledger keeps; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import Enum, unique
from itertools import takewhile
from typing import Any

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import FormatMismatchError, StateError
from interactionlog.numbering.drawing import shape_of
from interactionlog.numbering.format import FiscalCalendar, parse_template
from interactionlog.numbering.series import NoSeriesLine, NumberCounter, NumberRange
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import NumberState

_CHUNK = 1_000


@judged
@attrs.frozen
class NumberLedger:
    """
    Answers for every number that was drawn.

    Attributes:
        work: The unit of work.
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
            first_no: First number asked about; ``None`` means the first of the line.
            last_no: Last number asked about, of the same line and period; ``None`` means the last.

        Raises:
            FormatMismatchError: A number is none of the series, or the two do not go together.
        """
        first = None if first_no is None else self._locate(series_code, first_no)
        last = None if last_no is None else self._locate(series_code, last_no)
        if first and last and first[:2] != last[:2]:
            reason = f"{first_no} and {last_no} are not of one line and period"
            raise FormatMismatchError(series_code, reason)
        asked = first or last
        lines = {line.line_no: line for line in self.work.numbers.lines.all(series_code)}
        for counter in self.work.numbers.counters.of_series(series_code):
            if counter.last_value is None:
                continue
            if asked is None or asked[:2] == (counter.line_no, counter.period_key):
                line = lines[counter.line_no]
                low = line.first_value if first is None else first[2]
                high = counter.last_value if last is None else last[2]
                yield from self._gaps(line, counter, low, min(high, counter.last_value))

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
            FormatMismatchError: A number is none of the series, or the two do not go together.
            StateError: One of them is void already, or the ledger does not know it.
        """
        open_states = {NumberState.USED, NumberState.RESERVED}
        self._mark(
            series_code,
            (first_no, last_no or first_no),
            open_states,
            state=NumberState.VOID,
            reason=reason,
            user_id=self.work.user_id,
        )

    def use(self, series_code: str, no: str, record_kind: str, record_key: str) -> None:
        """
        Give a reserved number to a record.

        Raises:
            FormatMismatchError: It is not a number of the series.
            StateError: The number is not reserved.
        """
        names = {"record_kind": record_kind, "record_key": record_key}
        state = NumberState.USED
        self._mark(series_code, (no, no), {NumberState.RESERVED}, state=state, **names)

    def find(self, series_code: str, no: str) -> NumberRange | None:
        """Return the row of the ledger that holds a number, or ``None``."""
        values = {
            line.line_no: (line, self._value_of(line, no))
            for line in self.work.numbers.lines.all(series_code)
        }
        for counter in self.work.numbers.counters.of_series(series_code):
            line, value = values[counter.line_no]
            if value is None:
                continue
            for drawn in self.work.numbers.ledger.ranges(
                series_code, line.line_no, counter.period_key, above=value - 1, limit=1
            ):
                on_step = (
                    drawn.first_value <= value and (value - drawn.first_value) % drawn.step == 0
                )
                if on_step and self._text(line, value, drawn.usage_date) == no:
                    return drawn
        return None

    def _locate(self, code: str, no: str) -> tuple[int, str | None, int]:
        """Return line, period and value of a number: as recorded, else by the line's form."""
        drawn = self.find(code, no)
        for line in self.work.numbers.lines.all(code):
            value = self._value_of(line, no)
            if value is None:
                continue
            if drawn is not None and drawn.line_no == line.line_no:
                return line.line_no, drawn.period_key, value
            if drawn is None and line.template is None and value >= line.first_value:
                return line.line_no, None, value
        raise FormatMismatchError(code, f"{no} is not a number of this series", number=no)

    def _gaps(
        self, line: NoSeriesLine, counter: NumberCounter, low: int, high: int
    ) -> Iterator[NumberGap]:
        def text(value: int, beside: NumberRange | None) -> str:
            day = None if beside is None else beside.usage_date
            return self._text(line, value, day or counter.last_date)

        ranges = self._ranges(line.series_code, line.line_no, counter.period_key, low, high)
        return gaps_between(ranges, low, high, line.step, text)

    def _ranges(
        self, code: str, line_no: int, period_key: str | None, low: int, high: int
    ) -> Iterator[NumberRange]:
        """Ranges of a counter that hold numbers from ``low`` to ``high``, read in chunks."""
        ledger, above = self.work.numbers.ledger, low - 1
        while chunk := ledger.ranges(code, line_no, period_key, above=above, limit=_CHUNK):
            yield from takewhile(lambda drawn: drawn.first_value <= high, chunk)
            above = chunk[-1].last_value
            if above >= high:
                return

    def _mark(
        self,
        code: str,
        bounds: tuple[str, str],
        allowed: set[NumberState],
        **values: Any,
    ) -> None:
        """Change rows of the ledger, cutting out the numbers named."""
        first_no, last_no = bounds
        with self.work.atomic():
            line_no, period_key, first = self._locate(code, first_no)
            *where, last = self._locate(code, last_no)
            if where != [line_no, period_key] or last < first:
                raise FormatMismatchError(code, f"{first_no} to {last_no} is no range of one line")
            counters = self.work.numbers.counters
            counters.lock(counters.get(code, line_no, period_key))
            reached = first - 1
            for drawn in list(self._ranges(code, line_no, period_key, first, last)):
                if drawn.first_value > reached + drawn.step or drawn.state not in allowed:
                    break
                span = max(first, drawn.first_value), min(last, drawn.last_value)
                self._cut(drawn, *span, values)
                reached = drawn.last_value
            if reached < last:
                reason = "is not recorded, or in a state that does not allow this"
                raise StateError(f"a number from {first_no} to {last_no}", reason)

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

    def _value_of(self, line: NoSeriesLine, no: str) -> int | None:
        if line.template is not None:
            return parse_template(line.template).value_of(no)
        return shape_of(line, self.work.clock.work_date(), None).value_of(no)

    def _text(self, line: NoSeriesLine, value: int, day: date | None) -> str:
        day = day or self.work.clock.work_date()
        return shape_of(line, day, self.calendar).format(value)


@unique
class GapKind(Enum):
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


def gaps_between(
    ranges: Iterable[NumberRange],
    low: int,
    high: int,
    step: int,
    text: Callable[[int, NumberRange | None], str],
) -> Iterator[NumberGap]:
    """
    Find what is missing from ``low`` to ``high`` in ranges that rise and end at ``low`` or above.

    Args:
        ranges: Ranges of one counter.
        low: First value asked about.
        high: Last value asked about, at most the counter's.
        step: Distance of the numbers after the last range.
        text: Gives the text of a value that lies in, or beside, a range.
    """
    known: NumberRange | None = None
    reached = low - 1
    for drawn in ranges:
        if drawn.first_value > high:
            break
        unknown = (drawn.first_value - reached - 1) // drawn.step
        if unknown > 0:
            first = drawn.first_value - unknown * drawn.step
            yield _not_recorded(first, unknown, drawn.step, text, known, drawn)
        if drawn.state in _KINDS:
            yield _known(drawn, low, high, text)
        known, reached = drawn, drawn.last_value
    first = low if known is None else reached + step
    if first <= high:
        yield _not_recorded(first, (high - first) // step + 1, step, text, known, None)


def _known(
    drawn: NumberRange, low: int, high: int, text: Callable[[int, NumberRange | None], str]
) -> NumberGap:
    """Void or reserved numbers, as far as they were asked about."""
    before = max(0, -((drawn.first_value - low) // drawn.step))  # steps up to low, rounded up
    first = drawn.first_value + before * drawn.step
    count = (min(drawn.last_value, high) - first) // drawn.step + 1
    gap = _not_recorded(first, count, drawn.step, text, drawn, None)
    taken = {name: getattr(drawn, name) for name in ("reason", "user_id", "usage_date")}
    return attrs.evolve(gap, kind=_KINDS[drawn.state], known_before=None, **taken)


def _not_recorded(
    first: int,
    count: int,
    step: int,
    text: Callable[[int, NumberRange | None], str],
    known_before: NumberRange | None,
    known_after: NumberRange | None,
) -> NumberGap:
    beside = known_before or known_after
    return NumberGap(
        kind=GapKind.NOT_RECORDED,
        first_no=text(first, beside),
        last_no=text(first + (count - 1) * step, beside),
        count=count,
        known_before=known_before,
        known_after=known_after,
    )
