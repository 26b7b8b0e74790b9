"""Drawing many numbers first and saving them later, with a check that nobody drew in between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import NoSeriesLineNotFoundError, StaleBatchError, UsageError
from interactionlog.numbering.drawing import (
    Drawing,
    DrawnNumber,
    LineFilter,
    LineState,
    NumberOutcome,
    TakenRange,
    outcome_of,
    write_down,
)
from interactionlog.numbering.format import FiscalCalendar, PeriodKeys
from interactionlog.numbering.series import CounterSource, NoSeries, NumberCounter
from interactionlog.numbering.service import NumberView
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import NumberState

_Key = tuple[str, int, str | None]


@judged
class NumberBatch(NumberView):
    """
    Draws numbers on private counters; nothing is stored until it is saved.

    A counter is copied when its line is first drawn from; saving compares its version, so that two
    batches, or a batch and a direct draw, never keep the same number. Two batches that are not
    saved show the same numbers: they are not reserved. Not saving means they never happened.

    Args:
        calendar: Tells the fiscal year of a date; needed where a template names it.
        only_simulate: Refuse to save.
        line_filter: Tells whether a line may be chosen; ``None`` lets all.

    Source: codeunit 308 No. Series - Batch; number-series.md 7.5, OF-11.
    """

    def __init__(
        self,
        work: UnitOfWork,
        calendar: FiscalCalendar | None = None,
        *,
        only_simulate: bool = False,
        line_filter: LineFilter | None = None,
    ) -> None:
        self._work = work
        self._only_simulate = only_simulate
        self._counters = _PrivateCounters(work.numbers.counters)
        self._draws = Drawing(work, self._counters, calendar, line_filter)
        self._drawn: dict[_Key, list[tuple[TakenRange, date]]] = {}

    def next(
        self, series_code: str | None, usage_date: date | None = None, *, line_no: int | None = None
    ) -> DrawnNumber:
        """Draw the next number of the batch; raises like `NumberSeries.next` (NS-B02)."""
        day = usage_date or self._work.clock.work_date()

        def note(taken: TakenRange) -> None:
            self._drawn.setdefault(_key(taken.state.counter), []).append((taken, day))

        return self._draws.draw(series_code, line_no, day, note)

    def try_next(
        self, series_code: str | None, usage_date: date | None = None, *, line_no: int | None = None
    ) -> NumberOutcome:
        """Draw the next number of the batch, or say why there is none."""
        return outcome_of(self.next, series_code, usage_date, line_no=line_no)

    def _drawing(self) -> Drawing:
        return self._draws

    def save(self) -> None:
        """
        Store what was drawn; the batch may go on after that.

        Raises:
            StaleBatchError: Somebody drew from a line in between; nothing is stored.
            UsageError: The batch only simulates.
        """
        self._save(sorted(self._drawn, key=lambda key: (key[0], key[1], key[2] or "")))

    def save_line(self, series_code: str, line_no: int) -> None:
        """
        Store what was drawn from one line, raising like `save`.

        Raises:
            NoSeriesLineNotFoundError: The batch did not draw from that line.
        """
        keys = [key for key in self._drawn if key[:2] == (series_code, line_no)]
        if not keys:
            raise NoSeriesLineNotFoundError("line of this batch", f"{series_code} {line_no}")
        self._save(keys)

    def _save(self, keys: Sequence[_Key]) -> None:
        """Lock the counters in the order of their keys, compare versions, then write."""
        if self._only_simulate:
            raise UsageError("this batch only simulates: draw on one that may be saved")
        counters = self._work.numbers.counters
        with self._work.atomic():
            for key in keys:
                stored, private = counters.lock(counters.get(*key)), self._counters.get(*key)
                if stored.version != private.version:
                    reason = "somebody drew from the line since: draw the numbers again"
                    raise StaleBatchError(key[0], reason, key[1])
                counters.advance(stored, private.last_value or 0, private.last_date)
                for taken, day in _joined(self._drawn[key]):
                    write_down(self._work, day, NumberState.USED, None, None, taken)
        for key in keys:
            del self._counters.mine[key], self._drawn[key]


class _PrivateCounters(CounterSource):
    """
    Counters as stored, until one is drawn from; from then on the batch has its own.

    Those have the version that they were copied from.
    """

    def __init__(self, stored: CounterSource) -> None:
        self._stored = stored
        self.mine: dict[_Key, NumberCounter] = {}

    def lines_on(
        self, series_code: str, day: date, period_keys: PeriodKeys
    ) -> tuple[NoSeries | None, Sequence[LineState]]:
        series, states = self._stored.lines_on(series_code, day, period_keys)
        return series, [LineState(state.line, self._own(state.counter)) for state in states]

    def get(self, series_code: str, line_no: int, period_key: str | None) -> NumberCounter:
        return self._own(self._stored.get(series_code, line_no, period_key))

    def lock(self, counter: NumberCounter) -> NumberCounter:
        return self.mine.setdefault(_key(counter), counter)

    def advance(self, counter: NumberCounter, last_value: int, last_date: date | None) -> None:
        self.mine[_key(counter)] = attrs.evolve(counter, last_value=last_value, last_date=last_date)

    def _own(self, counter: NumberCounter) -> NumberCounter:
        return self.mine.get(_key(counter), counter)


def _key(counter: NumberCounter) -> _Key:
    return counter.series_code, counter.line_no, counter.period_key


def _joined(drawn: Sequence[tuple[TakenRange, date]]) -> list[tuple[TakenRange, date]]:
    """Make one range of single draws in a row for the same day: one row of the ledger."""
    joined: list[tuple[TakenRange, date]] = []
    for taken, day in drawn:
        if joined and joined[-1][1] == day:
            before = joined[-1][0]
            step = taken.state.line.step
            if before.state.line.step == step and before.last_value + step == taken.first_value:
                joined[-1] = (attrs.evolve(before, last_value=taken.last_value), day)
                continue
        joined.append((taken, day))
    return joined
