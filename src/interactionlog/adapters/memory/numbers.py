"""Number series in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date

import attrs

from interactionlog.adapters.memory.session import MemoryRecords, MemorySession
from interactionlog.errors import DuplicateEntryError
from interactionlog.numbering.drawing import LineState
from interactionlog.numbering.format import PeriodKeys
from interactionlog.numbering.repository import NumberCounterRepository, NumberLedgerRepository
from interactionlog.numbering.series import (
    NoSeries,
    NoSeriesLine,
    NoSeriesRelation,
    NumberCounter,
    NumberRange,
)

_LEDGER = "number_ledger"


class MemoryNumberCounters(NumberCounterRepository):
    """`interactionlog.numbering.repository.NumberCounterRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self._series = MemoryRecords(session, NoSeries)
        self._lines = MemoryRecords(session, NoSeriesLine)
        self._counters = MemoryRecords(session, NumberCounter)

    def lines_on(
        self, series_code: str, day: date, period_keys: PeriodKeys
    ) -> tuple[NoSeries | None, Sequence[LineState]]:
        series = self._series.find(series_code)
        if series is None:
            return None, []
        lines = [
            line
            for line in self._lines.all(series_code)
            if line.starting_date is None or line.starting_date <= day
        ]
        newest = max((line.starting_date for line in lines if line.starting_date), default=None)
        chosen = [line for line in lines if line.starting_date == newest]
        keys = [period_keys[line.reset_period.value] or None for line in chosen]
        return series, [
            LineState(line, self.get(series_code, line.line_no, key))
            for line, key in zip(chosen, keys, strict=True)
        ]

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
        for counter in self._counters.all(series_code):
            self._counters.remove(series_code, counter.line_no, counter.period_key)
            self._counters.put(attrs.evolve(counter, series_code=new_code))

    def remove(self, series_code: str, line_no: int) -> None:
        for counter in self._counters.all(series_code, line_no):
            self._counters.remove(series_code, line_no, counter.period_key)

    def own_transaction(
        self,
        counter: NumberCounter,  # noqa: ARG002
    ) -> AbstractContextManager[MemoryNumberCounters]:
        return nullcontext(self)


class MemoryNumberLedger(NumberLedgerRepository):
    """
    `interactionlog.numbering.repository.NumberLedgerRepository` over dictionaries.

    Every counter has its own table, so that its ranges are found by their first value.
    """

    def __init__(self, session: MemorySession) -> None:
        self._session = session

    def add(self, drawn: NumberRange) -> None:
        table = self._table(drawn.series_code, drawn.line_no, drawn.period_key)
        if drawn.first_value in self._session.read(table):
            key = f"{drawn.series_code} {drawn.line_no} {drawn.period_key or ''}"
            raise DuplicateEntryError("number range", f"{key} {drawn.first_value}")
        self._session.set(table, drawn.first_value, drawn)

    def replace(self, drawn: NumberRange, parts: Sequence[NumberRange]) -> None:
        table = self._table(drawn.series_code, drawn.line_no, drawn.period_key)
        self._session.drop(table, [drawn.first_value])
        for part in parts:
            self.add(part)

    def ranges(
        self, series_code: str, line_no: int, period_key: str | None, *, above: int, limit: int
    ) -> Sequence[NumberRange]:
        table = self._session.read(self._table(series_code, line_no, period_key))
        order = table.ordered()
        start = max(0, bisect_right(order, above) - 1)
        if start < len(order) and table[order[start]].last_value <= above:
            start += 1
        return [table[first] for first in order[start : start + limit]]

    def rename(self, series_code: str, new_code: str) -> None:
        for table in self._tables(series_code):
            _, _, line_no, period_key = table
            rows = self._session.read(table).items()
            renamed = [(first, attrs.evolve(row, series_code=new_code)) for first, row in rows]
            self._session.drop(table, [first for first, _ in renamed])
            self._session.set_many(self._table(new_code, line_no, period_key), renamed)

    def remove(self, series_code: str, line_no: int) -> None:
        for table in self._tables(series_code):
            if table[2] == line_no:
                self._session.drop(table, [*self._session.read(table)])

    def _table(
        self, series_code: str, line_no: int, period_key: str | None
    ) -> tuple[str, str, int, str | None]:
        return (_LEDGER, series_code, line_no, period_key)

    def _tables(self, series_code: str) -> list[tuple[str, str, int, str | None]]:
        return [name for name in self._session.state.tables if name[:2] == (_LEDGER, series_code)]


class MemoryNumberSeries:
    """`interactionlog.numbering.repository.NumberSeriesRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self.counters = MemoryNumberCounters(session)
        self.ledger = MemoryNumberLedger(session)
        self.series = MemoryRecords(session, NoSeries)
        self.lines = MemoryRecords(session, NoSeriesLine)
        self.relations = MemoryRecords(session, NoSeriesRelation)
