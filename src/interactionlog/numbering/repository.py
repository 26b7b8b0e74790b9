"""The port of number series."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from interactionlog.numbering.drawing import LineState
from interactionlog.numbering.format import PeriodKeys
from interactionlog.numbering.series import (
    NoSeries,
    NoSeriesLine,
    NoSeriesRelation,
    NumberCounter,
    NumberRange,
)
from interactionlog.unit_of_work import Records


class CounterSource(Protocol):
    """
    Counters to draw from, keyed by series, line and period (``None`` without reset).

    A counter that is not stored is a fresh one: no last value, no last date, version 0.
    """

    def lines_on(
        self, series_code: str, day: date, period_keys: PeriodKeys
    ) -> tuple[NoSeries | None, Sequence[LineState]]:
        """
        Return the series and those of its lines that apply on ``day``, by line number.

        Applicable are the lines with the greatest starting date up to ``day``; none at all comes
        before every date. ``period_keys`` says for each reset period which counter to give.
        ``None`` and no lines when the series does not exist. Locks nothing.
        """

    def get(self, series_code: str, line_no: int, period_key: str | None) -> NumberCounter:
        """Return a counter, a fresh one if it is not stored. Locks nothing."""

    def of_series(self, series_code: str) -> Sequence[NumberCounter]:
        """Return the stored counters of all lines, by line number and period key."""

    def lock(self, counter: NumberCounter) -> NumberCounter:
        """
        Return a counter that was read, as committed last, and keep it until the transaction ends.

        Nobody else gets past this call for the same counter until then; it waits for them. Where
        one transaction writes at a time, what it read is locked already and comes back as it is.
        """

    def advance(self, counter: NumberCounter, last_value: int, last_date: date | None) -> None:
        """Store last value and date of a counter that is locked; its version rises by 1."""

    def own_transaction(self, counter: NumberCounter) -> AbstractContextManager[CounterSource]:
        """
        Give the counters in a separate short transaction, committed when the block ends.

        Numbers drawn there are not given back by a rollback, and nobody waits for this unit of
        work. SQLite, memory and a host's transaction cannot do so and give these counters; so does
        every store for a counter that this unit of work changed, because it would wait for itself.
        """


class NumberCounterRepository(CounterSource, Protocol):
    """The stored counters: what set-up does to them besides."""

    def rename(self, series_code: str, new_code: str) -> None:
        """Give the counters of a series another code that has none."""

    def remove(self, series_code: str, line_no: int) -> None:
        """Delete the counters of a line, if any."""


class NumberLedgerRepository(Protocol):
    """Ranges of numbers drawn, keyed by series, line, period and first value; never overlapping."""

    def add(self, drawn: NumberRange) -> None:
        """Store a range, or raise `DuplicateEntryError` when its first value is taken."""

    def replace(self, drawn: NumberRange, parts: Sequence[NumberRange]) -> None:
        """Put ``parts``, which cover the same numbers, in the place of a stored range."""

    def ranges(
        self, series_code: str, line_no: int, period_key: str | None, *, above: int, limit: int
    ) -> Sequence[NumberRange]:
        """Return the first ranges of a counter that reach beyond ``above``, in rising order."""

    def rename(self, series_code: str, new_code: str) -> None:
        """Give the ranges of a series another code that has none."""

    def remove(self, series_code: str, line_no: int) -> None:
        """Delete the ranges of a line, if any."""


class NumberSeriesRepository(Protocol):
    """Everything a store keeps for number series."""

    @property
    def series(self) -> Records[NoSeries]:
        """The series, by code; looked up as it is, never as a filter."""

    @property
    def lines(self) -> Records[NoSeriesLine]:
        """Their lines, by series and line number."""

    @property
    def relations(self) -> Records[NoSeriesRelation]:
        """Alternatives of a series, by both codes."""

    @property
    def counters(self) -> NumberCounterRepository:
        """The counters of the lines."""

    @property
    def ledger(self) -> NumberLedgerRepository:
        """The ledger of numbers drawn."""
