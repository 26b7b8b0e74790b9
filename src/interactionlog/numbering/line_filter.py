"""Drawing from some lines of a series only, by a rule of the application (NS-L10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date

import attrs

from interactionlog.numbering.lines import LineState
from interactionlog.numbering.no_series import NoSeries, NoSeriesLine, NumberCounter
from interactionlog.numbering.periods import PeriodKeys
from interactionlog.numbering.repository import CounterSource, NumberSeriesRepository

LineFilter = Callable[[NoSeriesLine], bool]
"""Tells whether a line may be chosen."""


@attrs.frozen
class FilteredCounters:
    """
    The counters of a store, of which only some lines can be chosen.

    The rest stands aside before the greatest starting date is looked for, as in the original.

    Attributes:
        numbers: The store's.
        line_filter: Tells whether a line may be chosen.
    """

    numbers: NumberSeriesRepository
    line_filter: LineFilter

    def lines_on(
        self, series_code: str, day: date, period_keys: PeriodKeys
    ) -> tuple[NoSeries | None, Sequence[LineState]]:
        """Return the series and those of its lines that apply on a day, by line number."""
        series = self.numbers.series.find(series_code)
        lines = [
            line
            for line in self.numbers.lines.all(series_code)
            if (line.starting_date or day) <= day and self.line_filter(line)
        ]
        newest = max((line.starting_date or date.min for line in lines), default=None)
        keys = [period_keys[line.reset_period.value] or None for line in lines]
        return series, [
            LineState(line, self.get(series_code, line.line_no, key))
            for line, key in zip(lines, keys, strict=True)
            if (line.starting_date or date.min) == newest
        ]

    def get(self, series_code: str, line_no: int, period_key: str | None) -> NumberCounter:
        """Return a counter."""
        return self.numbers.counters.get(series_code, line_no, period_key)

    def of_series(self, series_code: str) -> Sequence[NumberCounter]:
        """Return the stored counters of all lines."""
        return self.numbers.counters.of_series(series_code)

    def lock(self, counter: NumberCounter) -> NumberCounter:
        """Return a counter as committed last, and keep it."""
        return self.numbers.counters.lock(counter)

    def advance(self, counter: NumberCounter, last_value: int, last_date: date | None) -> None:
        """Store last value and date."""
        self.numbers.counters.advance(counter, last_value, last_date)

    def apart(self, counter: NumberCounter) -> AbstractContextManager[CounterSource]:
        """Give the counters in a short transaction of their own."""
        return self.numbers.counters.apart(counter)


def counters_of(numbers: NumberSeriesRepository, line_filter: LineFilter | None) -> CounterSource:
    """Return a store's counters, narrowed if there is a filter."""
    return numbers.counters if line_filter is None else FilteredCounters(numbers, line_filter)
