"""Putting a counter ahead of numbers that exist, so that they are never drawn."""

from __future__ import annotations

from interactionlog.enumerations import NumberState
from interactionlog.numbering.no_series import NoSeries, NoSeriesLine, NumberCounter, NumberRange
from interactionlog.unit_of_work import UnitOfWork


def put_ahead(
    work: UnitOfWork,
    series: NoSeries,
    line: NoSeriesLine,
    period_key: str | None,
    value: int,
    *,
    passed: NumberState,
    reason: str,
) -> NumberCounter:
    """
    Move a counter forward to ``value``, never back, and write down the numbers it passes.

    Args:
        work: The unit of work; the caller has opened an `atomic` block.
        series: The series.
        line: The line.
        period_key: Whose counter; ``None`` without reset.
        value: Last value used from now on.
        passed: State of the numbers that are passed; ``value`` itself is used.
        reason: Why the counter moves, for the ledger.
    """
    counters = work.numbers.counters
    counter = counters.lock(counters.get(line.series_code, line.line_no, period_key))
    last = counter.last_value
    if value < line.first_value or (last is not None and value <= last):
        return counter
    counters.advance(counter, value, counter.last_date)
    if series.ledger:
        first = line.first_value if last is None else last + 1
        rows = [(first, value, NumberState.USED)]
        if passed is not NumberState.USED:
            rows = [(first, value - 1, passed), (value, value, NumberState.USED)]
        for low, high, state in rows:
            if low <= high:
                work.numbers.ledger.add(
                    NumberRange(
                        series_code=line.series_code,
                        line_no=line.line_no,
                        period_key=period_key,
                        first_value=low,
                        last_value=high,
                        state=state,
                        user_id=work.user_id,
                        recorded_at=work.clock.now(),
                        reason=reason,
                    )
                )
    return counters.get(line.series_code, line.line_no, period_key)
