"""Number series in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.rows import date_out, from_row, to_row
from interactionlog.adapters.sql.session import Row, SqlSession
from interactionlog.adapters.tables import TABLES
from interactionlog.errors import NoSeriesLineNotFoundError
from interactionlog.numbering.drawing import LineState
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
from interactionlog.values import trusted

_SERIES, _LINES = TABLES[NoSeries], TABLES[NoSeriesLine]
_COUNTERS, _LEDGER = TABLES[NumberCounter], TABLES[NumberRange]
_state = trusted(LineState)  # in the order of its fields


class SqlNumberCounters(NumberCounterRepository):
    """`interactionlog.numbering.series.NumberCounterRepository` over SQL."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session
        # lines with a counter or with rules of this transaction, which another one would wait for
        self._changed: set[tuple[str, int]] = set()
        self._locked: dict[tuple[str, int, str], NumberCounter] = {}
        self._set_up = False

    def lines_on(
        self, series_code: str, day: date, period_keys: PeriodKeys
    ) -> tuple[NoSeries | None, Sequence[LineState]]:
        on, tenant = date_out(day), self._session.tenant
        rows = self._session.rows(
            "number_lines_on", series_code, tenant, on, tenant, on, tenant, *period_keys[1:]
        )
        if not rows:
            return None, []
        if rows[0][6] is None:
            return from_row(_SERIES)(rows[0][:6]), []
        to_counter = from_row(_COUNTERS)
        states = []
        for row in rows:
            series, line = _set_up(tuple(row[:19]))
            last_value, last_date, version = row[19:]
            key = period_keys[line.reset_period.value]
            # no row is stored before the first draw
            values = series.code, line.line_no, key, last_value, last_date, version or 0
            states.append(_state(line, to_counter(values)))
        return series, states

    def get(self, series_code: str, line_no: int, period_key: str | None) -> NumberCounter:
        stored = SqlRecords(self._session, NumberCounter).find(series_code, line_no, period_key)
        return stored or NumberCounter(
            series_code=series_code, line_no=line_no, period_key=period_key
        )

    def of_series(self, series_code: str) -> Sequence[NumberCounter]:
        return SqlRecords(self._session, NumberCounter).all(series_code)

    def lock(self, counter: NumberCounter) -> NumberCounter:
        if self._session.driver.one_writer:
            return counter  # who read something older than the last commit cannot write any more
        key = _key(counter)
        if key in self._locked:
            return self._locked[key]
        self._changed.add(key[:2])
        code, line_no, period_key = key
        row = self._session.returning("lock_number_counter", code, line_no, period_key)
        if row is None:  # a series that was renamed or deleted is not drawn from under its old code
            raise NoSeriesLineNotFoundError("number series line", f"{code} {line_no}")
        return from_row(_COUNTERS)(row)  # type: ignore[no-any-return]

    def advance(self, counter: NumberCounter, last_value: int, last_date: date | None) -> None:
        key, last_day = _key(counter), date_out(last_date)
        self._changed.add(key[:2])
        self._session.change("advance_number_counter", *key, last_value, last_day)

    def rename(self, series_code: str, new_code: str) -> None:
        self._set_up = True
        self._session.rename("number_counter", new_code, series_code)

    def remove(self, series_code: str, line_no: int) -> None:
        self._set_up = True
        self._session.remove("number_counter", series_code, line_no)

    def keep(self, series_code: str, line_no: int) -> None:
        """Draw from this line in this transaction: it locked or changed the line."""
        self._changed.add((series_code, line_no))

    @contextmanager
    def own_transaction(self, counter: NumberCounter) -> Iterator[SqlNumberCounters]:
        key = _key(counter)
        if self._session.own_transaction is None or self._set_up or key[:2] in self._changed:
            yield self
        else:
            with self._session.own_transaction() as session:
                other = SqlNumberCounters(session)
                try:
                    other._locked[key] = other.lock(counter)
                except NoSeriesLineNotFoundError:  # this unit of work made the line
                    other = self
                yield other


@lru_cache(maxsize=1_024)
def _set_up(row: Row) -> tuple[NoSeries, NoSeriesLine]:
    # equal rows come for every number drawn
    return from_row(_SERIES)(row[:6]), from_row(_LINES)((row[0], *row[6:]))


def _key(counter: NumberCounter) -> tuple[str, int, str]:
    return counter.series_code, counter.line_no, counter.period_key or ""


class SqlNumberLedger(NumberLedgerRepository):
    """`interactionlog.numbering.series.NumberLedgerRepository` over SQL."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session

    def add(self, drawn: NumberRange) -> None:  # for each number drawn: by the shortest way
        row = to_row(_LEDGER, native=self._session.driver.native)(self._session.tenant, drawn)
        key = (drawn.series_code, drawn.line_no, drawn.period_key or "", drawn.first_value)
        self._session.add("add_number_ledger", [row], "number ledger", *key)

    def replace(self, drawn: NumberRange, parts: Sequence[NumberRange]) -> None:
        ranges = SqlRecords(self._session, NumberRange)
        ranges.remove(*ranges.key_of(drawn))
        for part in parts:
            ranges.add(part)

    def ranges(
        self, series_code: str, line_no: int, period_key: str | None, *, above: int, limit: int
    ) -> Sequence[NumberRange]:
        key = (series_code, line_no, period_key or "", self._session.tenant)
        return self._session.entities(_LEDGER, "number_ledger_above", *key, above, above, limit)

    def rename(self, series_code: str, new_code: str) -> None:
        self._session.rename("number_ledger", new_code, series_code)

    def remove(self, series_code: str, line_no: int) -> None:
        self._session.remove("number_ledger", series_code, line_no)


class _Lines(SqlRecords[NoSeriesLine]):
    entity = NoSeriesLine

    def __init__(self, session: SqlSession, counters: SqlNumberCounters) -> None:
        super().__init__(session)
        self._counters = counters

    def lock(self, *key: Any) -> NoSeriesLine:
        locked = super().lock(*key)
        self._counters.keep(*key)
        return locked

    def put(self, record: NoSeriesLine) -> None:
        self._counters.keep(*self.key_of(record))
        super().put(record)

    def replace(self, record: NoSeriesLine) -> None:
        self._counters.keep(*self.key_of(record))
        super().replace(record)

    def set(self, *key: Any, **values: Any) -> None:
        super().set(*key, **values)
        self._counters.keep(*key)


class SqlNumberSeries:
    """`interactionlog.numbering.series.NumberSeriesRepository` over SQL."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session
        self.counters = SqlNumberCounters(session)
        self.ledger = SqlNumberLedger(session)

    @cached_property
    def series(self) -> SqlRecords[NoSeries]:
        return SqlRecords(self._session, NoSeries)

    @cached_property
    def lines(self) -> SqlRecords[NoSeriesLine]:
        return _Lines(self._session, self.counters)

    @cached_property
    def relations(self) -> SqlRecords[NoSeriesRelation]:
        return SqlRecords(self._session, NoSeriesRelation)
