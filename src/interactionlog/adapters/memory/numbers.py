"""Number series in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

import attrs

from interactionlog.adapters.memory.session import MemoryRecords, MemorySession
from interactionlog.numbering.drawing import LineState, read_lines
from interactionlog.numbering.format import PeriodKeys
from interactionlog.numbering.series import (
    NoSeries,
    NoSeriesLine,
    NoSeriesRelation,
    NumberCounter,
    NumberCounterRepository,
    NumberLedgerRepository,
    NumberRange,
)


class MemoryNumberCounters(NumberCounterRepository):
    """`interactionlog.numbering.series.NumberCounterRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self._session = session
        self._series = MemoryRecords(session, NoSeries)
        self._lines = MemoryRecords(session, NoSeriesLine)
        self._counters = MemoryRecords(session, NumberCounter)

    def lines_on(
        self, series_code: str, day: date, period_keys: PeriodKeys
    ) -> tuple[NoSeries | None, Sequence[LineState]]:
        series = self._series.find(series_code)
        lines = self._lines.all(series_code)
        return series, read_lines(lines, self, day, period_keys)

    def get(self, series_code: str, line_no: int, period_key: str | None) -> NumberCounter:
        return self._counters.find(series_code, line_no, period_key) or NumberCounter(
            series_code=series_code, line_no=line_no, period_key=period_key
        )

    def of_series(self, series_code: str) -> Sequence[NumberCounter]:
        return self._counters.all(series_code)

    def lock(self, counter: NumberCounter) -> NumberCounter:
        return counter

    def advance(self, counter: NumberCounter, last_value: int, last_date: date | None) -> None:
        self._counters.put(
            attrs.evolve(
                counter, last_value=last_value, last_date=last_date, version=counter.version + 1
            )
        )

    def rename(self, series_code: str, new_code: str) -> None:
        self._session.rename("number_counter", new_code, series_code)

    def remove(self, series_code: str, line_no: int) -> None:
        self._session.remove("number_counter", series_code, line_no)


class MemoryNumberLedger(NumberLedgerRepository):
    """`interactionlog.numbering.series.NumberLedgerRepository` over a dictionary."""

    def __init__(self, session: MemorySession) -> None:
        self._session = session
        self._ranges = MemoryRecords(session, NumberRange)

    def add(self, drawn: NumberRange) -> None:
        self._ranges.add(drawn)

    def replace(self, drawn: NumberRange, parts: Sequence[NumberRange]) -> None:
        self._ranges.remove(*self._ranges.key_of(drawn))
        for part in parts:
            self.add(part)

    def ranges(
        self, series_code: str, line_no: int, period_key: str | None, *, above: int, limit: int
    ) -> Sequence[NumberRange]:
        # the last one that begins up to there may reach beyond it
        ranges = self._ranges.all(series_code, line_no, period_key)
        start = max(0, bisect_right(ranges, above, key=lambda each: each.first_value) - 1)
        return [each for each in ranges[start : start + limit + 1] if each.last_value > above][
            :limit
        ]

    def rename(self, series_code: str, new_code: str) -> None:
        self._session.rename("number_ledger", new_code, series_code)

    def remove(self, series_code: str, line_no: int) -> None:
        self._session.remove("number_ledger", series_code, line_no)


class MemoryNumberSeries:
    """`interactionlog.numbering.series.NumberSeriesRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self.counters = MemoryNumberCounters(session)
        self.ledger = MemoryNumberLedger(session)
        self.series = MemoryRecords(session, NoSeries)
        self.lines = MemoryRecords(session, NoSeriesLine)
        self.relations = MemoryRecords(session, NoSeriesRelation)
