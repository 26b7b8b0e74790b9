"""Which series a record takes its number from, and whether it may be typed."""

from __future__ import annotations

import attrs

from interactionlog._fields import as_code, as_optional_code
from interactionlog.enumerations import NumberState
from interactionlog.numbering.drawing import Exists
from interactionlog.numbering.errors import (
    AutomaticNotAllowedError,
    FormatMismatchError,
    ManualNotAllowedError,
    NotRelatedError,
    NumberTakenError,
    SeriesNotFoundError,
)
from interactionlog.numbering.lines import LineState, shape_of
from interactionlog.numbering.no_series import NoSeries
from interactionlog.numbering.periods import FiscalCalendar, period_keys
from interactionlog.numbering.rebase import put_ahead
from interactionlog.unit_of_work import UnitOfWork


@attrs.frozen
class SeriesChoice:
    """
    The tests that surround a number: typed or drawn, and from which of the related series.

    Attributes:
        work: The unit of work.
        calendar: Tells the fiscal year of a date; needed where a template names it.

    Source: codeunit 310 No. Series, procedures around Default Nos., Manual Nos. and relations.
    """

    work: UnitOfWork
    calendar: FiscalCalendar | None = None

    def is_manual(self, series_code: str | None) -> bool:
        """Whether numbers of the series may be typed; not for a blank or unknown code (NS-C02)."""
        series = self._find(series_code)
        return series is not None and series.manual_nos

    def is_automatic(self, series_code: str | None) -> bool:
        """Whether its numbers may be drawn; not for a blank or unknown code (NS-C04)."""
        series = self._find(series_code)
        return series is not None and series.default_nos

    def require_manual(self, series_code: str | None, number: str | None = None) -> None:
        """
        Refuse to type a number where the series does not allow it.

        A blank code passes: where setup names no series, typing is the only way (NS-C01, NS-C05).

        Raises:
            ManualNotAllowedError: Numbers of the series are drawn only.
            SeriesNotFoundError: There is no such series.
        """
        code = as_optional_code(series_code)
        if code is not None and not self._get(code).manual_nos:
            raise ManualNotAllowedError(code, "its numbers are not typed: draw one", number=number)

    def require_automatic(self, series_code: str | None) -> None:
        """Refuse to draw automatically where the series does not allow it (NS-C03)."""
        if not self.is_automatic(series_code):
            reason = "its numbers are not drawn automatically: type one"
            raise AutomaticNotAllowedError(as_optional_code(series_code), reason)

    def take_manual(
        self,
        series_code: str | None,
        number: str,
        *,
        exists: Exists | None = None,
        like_the_line: bool = False,
        move_counter: bool = False,
    ) -> str:
        """
        Check a typed number and return it as it is stored.

        Args:
            series_code: The series; ``None`` when setup names none.
            number: What was typed.
            exists: Tells whether a record has the number already.
            like_the_line: Refuse a number that has not the form of a line on the work date.
            move_counter: Move the counter of such a line past the number: it is never drawn.

        Raises:
            ManualNotAllowedError, SeriesNotFoundError: As `require_manual`.
            FormatMismatchError: The number has another form.
            NumberTakenError: A record has it.
        """
        code, number = as_optional_code(series_code), as_code(number)
        self.require_manual(code, number)
        if exists is not None and exists(number):
            raise NumberTakenError(code, f"{number} exists already", number=number)
        if code is not None and (like_the_line or move_counter):
            found = self._line_like(code, number)
            if found is None and like_the_line:
                raise FormatMismatchError(code, f"{number} has not its form", number=number)
            if found is not None and move_counter:
                self._move_past(code, *found)
        return number

    def alternatives(self, series_code: str) -> tuple[str, ...]:
        """Return the series that may be chosen: the series itself, then those related (NS-R05)."""
        code = as_code(series_code)
        related = self.work.numbers.relations.all(code)
        return (code, *(each.series_code for each in related if each.series_code != code))

    def are_related(self, series_code: str | None, other: str | None) -> bool:
        """
        Whether a record of the first series may take its number from the other.

        Not the other way round, and not by a third series. A first one that is blank, unknown or
        not automatic is related to none. Rule NS-R02.
        """
        series = self._find(series_code)
        if series is None or not series.default_nos:
            return False
        return as_optional_code(other) in self.alternatives(series.code)

    def require_related(self, series_code: str | None, other: str | None) -> None:
        """Refuse another series that is no alternative of the first (NS-R04)."""
        if not self.are_related(series_code, other):
            reason = f"{other} is no alternative of it: relate them, and let it be automatic"
            raise NotRelatedError(as_optional_code(series_code), reason)

    def choose(self, series_code: str, other: str | None) -> str:
        """Return the other series where it is related, else the first one (NS-R03)."""
        related = as_optional_code(other) is not None and self.are_related(series_code, other)
        return as_code(other or "") if related else as_code(series_code)

    def _move_past(self, code: str, state: LineState, value: int) -> None:
        with self.work.atomic():
            put_ahead(
                self.work,
                self._get(code),
                state.line,
                state.counter.period_key,
                value,
                passed=NumberState.VOID,
                reason="skipped or typed: a number was typed",
            )

    def _line_like(self, code: str, number: str) -> tuple[LineState, int] | None:
        """Return the line on the work date whose form a number has, and its value."""
        day = self.work.clock.work_date()
        counters = self.work.numbers.counters
        _, states = counters.lines_on(code, day, period_keys(day, self.calendar))
        for state in states:
            value = shape_of(state.line, day, self.calendar).value_of(number)
            if value is not None and value >= state.line.first_value:
                return state, value
        return None

    def _find(self, series_code: str | None) -> NoSeries | None:
        code = as_optional_code(series_code)
        return None if code is None else self.work.numbers.series.find(code)

    def _get(self, code: str) -> NoSeries:
        series = self.work.numbers.series.find(code)
        if series is None:
            raise SeriesNotFoundError("number series", code)
        return series
