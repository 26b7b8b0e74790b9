"""Numbers for records: the next one, a look ahead, and which series serves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from functools import partial
from typing import Literal, TypedDict, Unpack

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import (
    AutomaticNotAllowedError,
    FormatMismatchError,
    ManualNotAllowedError,
    NotFoundError,
    NotRelatedError,
    NumberOutOfRangeError,
    NumberSeriesError,
    NumberTakenError,
    SetupMissingError,
)
from interactionlog.numbering.drawing import (
    Drawing,
    DrawnNumber,
    Exists,
    LineFilter,
    NumberBlock,
    NumberOutcome,
    bound_of,
    drawn_number,
    outcome_of,
    write_down,
)
from interactionlog.numbering.format import FiscalCalendar, increment, of_series
from interactionlog.numbering.ledger import put_ahead
from interactionlog.numbering.reach import places_of
from interactionlog.numbering.series import NoSeries
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import NumberState, as_code


@judged
class NumberView(ABC):
    """Looks at the numbers of series without drawing; a date that is left out is the work date."""

    __slots__ = ()

    @abstractmethod
    def _drawing(self) -> Drawing: ...

    def peek(
        self, series_code: str | None, usage_date: date | None = None, *, line_no: int | None = None
    ) -> DrawnNumber:
        """Return what `next` would draw now, or raise as it would; nothing changes (NS-P01)."""
        drawing = self._drawing()
        day = usage_date or drawing.work.clock.work_date()
        return drawn_number(drawing.choose(series_code, line_no, day), day)

    def last_used(self, series_code: str | None, *, line_no: int | None = None) -> str | None:
        """
        Return the last number used, those of a batch included, or ``None``.

        Without a line, of the line that is open on the work date: right after its final number
        there is none. With a line, of that line, open or not. Rules NS-U01, NS-U02, NS-B11.
        """
        drawing = self._drawing()
        day = drawing.work.clock.work_date()
        if line_no is None:
            try:
                found = drawing.choose(series_code, None, day)
            except (NumberSeriesError, NotFoundError):
                return None
            state, shape = found.state, found.shape
        else:
            _, state = drawing.line(series_code or "", line_no, day)
            shape = drawing.shape(state.line, state.counter.last_date or day)
        value = state.counter.last_value
        return None if value is None else shape.format(value)

    def simulate(
        self, series_code: str | None, previous: str, usage_date: date | None = None
    ) -> str:
        """
        Return the number after ``previous``, as if that were the last one used; nothing changes.

        Without a series, and for a number outside the line's range or past its warning, the text is
        counted up by 1. Rule NS-B10.
        """
        if series_code is None:
            return increment(previous)
        drawing = self._drawing()
        day = usage_date or drawing.work.clock.work_date()
        found = drawing.choose(series_code, None, day)
        line, shape = found.state.line, found.shape
        value = shape.value_of(previous.strip(" ").upper())
        mark, bound = line.warning_value, bound_of(line, shape)
        inside = value is not None and line.first_value <= value <= bound
        if value is None or not inside or (mark is not None and value >= mark):
            with of_series(series_code):
                return increment(previous)
        number = shape.format(value + line.step)
        if value + line.step > bound:
            reason = f"{number} comes after the last number of the line"
            raise NumberOutOfRangeError(series_code, reason, line.line_no, day, number)
        return number


@judged
@attrs.frozen
class SeriesChoice:
    """
    The tests that surround a number: typed or drawn, and from which of the related series.

    Attributes:
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
        if series_code is not None and not self.work.numbers.series.get(series_code).manual_nos:
            reason = "its numbers are not typed: draw one"
            raise ManualNotAllowedError(series_code, reason, number=number)

    def require_automatic(self, series_code: str | None) -> None:
        """Refuse to draw automatically where the series does not allow it (NS-C03)."""
        series = self._find(series_code)
        if series is None or not series.default_nos:
            reason = "its numbers are not drawn automatically: type one"
            if series is None:
                reason = "there is no such series: create it, or name another"
            raise AutomaticNotAllowedError(series_code, reason)

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
            move_counter: Move the counter of every line that could give the number past it, in the
                period that it shows, whatever the line's date: it is never drawn. A number that no
                line can give moves nothing.

        Raises:
            ManualNotAllowedError, SeriesNotFoundError: As `require_manual`.
            FormatMismatchError: The number has another form.
            NumberTakenError: A record has it.
        """
        self.require_manual(series_code, number)
        if exists is not None and exists(number):
            raise NumberTakenError(series_code, f"{number} exists already", number=number)
        if series_code is not None and like_the_line:
            day = self.work.clock.work_date()
            drawing = Drawing(self.work, self.work.numbers.counters, self.calendar)
            lines = [state.line for state in drawing.states(series_code, None, day)[1]]
            values = ((line, drawing.shape(line, day).value_of(number)) for line in lines)
            if not any(value is not None and value >= line.first_value for line, value in values):
                raise FormatMismatchError(series_code, f"{number} has not its form", number=number)
        if series_code is not None and move_counter:
            reason, passed = "skipped or typed: a number was typed", NumberState.VOID
            with self.work.atomic():
                for place in places_of(self.work, self.calendar, series_code, number):
                    if place.held:
                        state, value, day = place.state, place.value, place.day
                        put_ahead(self.work, state, value, passed=passed, reason=reason, day=day)
        return number

    def alternatives(self, series_code: str) -> tuple[str, ...]:
        """Return the series that may be chosen: the series itself, then those related (NS-R05)."""
        related = [each.series_code for each in self.work.numbers.relations.all(series_code)]
        return tuple(dict.fromkeys([series_code, *related]))

    def are_related(self, series_code: str | None, other: str | None) -> bool:
        """
        Whether a record of the first series may take its number from the other.

        Not the other way round, and not by a third series. A first one that is blank, unknown or
        not automatic is related to none. Rule NS-R02.
        """
        series = self._find(series_code)
        if series is None or not series.default_nos:
            return False
        return other in self.alternatives(series.code)

    def require_related(self, series_code: str | None, other: str | None) -> None:
        """Refuse another series that is no alternative of the first (NS-R04)."""
        if not self.are_related(series_code, other):
            reason = f"{other} is no alternative of it: relate them, and let it be automatic"
            raise NotRelatedError(series_code, reason)

    def choose(self, series_code: str, other: str | None) -> str:
        """Return the other series where it is related, else the first one (NS-R03)."""
        return other if other and self.are_related(series_code, other) else series_code

    def _find(self, series_code: str | None) -> NoSeries | None:
        return None if series_code is None else self.work.numbers.series.find(series_code)


def record_number(
    work: UnitOfWork,
    kind: Literal["segment", "campaign"],
    no: str | None,
    no_series: str | None = None,
) -> tuple[str, str | None]:
    """
    Return the number of a new record and the series it came from, ``None`` when given by hand.

    Numbers that a record has, or had when it was logged, are passed over.

    Args:
        kind: Which series of the setup.
        no: Number given by hand; ``None`` draws one.
        no_series: Series to draw from when it is related to that of the setup.

    Raises:
        SetupMissingError: No number is given and the setup names no series.
        NumberSeriesError: The series does not allow what is asked, or gives no number.

    Source: SEG-001, SEG-002, SEG-131; NS-E08, NS-E10.
    """
    setup = work.marketing_setup.find()
    series: str | None = getattr(setup, f"{kind}_nos") if setup else None
    choice = SeriesChoice(work)
    if no is not None:
        choice.require_manual(series, no)
        return as_code(no), None
    if series is None:
        raise SetupMissingError(f"{kind}_nos", f"to number {kind}s, unless a number is given")
    chosen = choice.choose(series, no_series)
    choice.require_automatic(chosen)

    def in_use(number: str) -> bool:
        if kind == "campaign":
            return work.campaigns.find(number) is not None
        return (
            work.segments.find(number) is not None
            or work.logged_segments.current(number) is not None
        )

    drawn = NumberSeries(work).next(chosen, record_kind=kind, exists=in_use)
    return drawn.no, drawn.series_code


class DrawOptions(TypedDict, total=False):
    """What `NumberSeries.next` takes by name."""

    line_no: int | None
    record_kind: str | None
    record_key: str | None
    exists: Exists | None


@judged
@attrs.frozen
class NumberSeries(NumberView):
    """
    Draws numbers such as ``SM00001``. Cheap to build: one per unit of work.

    A date that is left out is the work date. A missing series raises, a number is never blank. The
    lock that a gapless number takes is held until the transaction ends, so draw late.

    Attributes:
        calendar: Tells the fiscal year of a date; ``None`` serves all lines that do not ask for it.
        line_filter: Tells whether a line may be chosen; ``None`` lets all. A line that is named
            needs no choice. Reads every line of the series, so a draw costs more.

    Source: codeunit 310 No. Series.
    """

    work: UnitOfWork
    calendar: FiscalCalendar | None = None
    line_filter: LineFilter | None = None

    def next(
        self,
        series_code: str | None,
        usage_date: date | None = None,
        *,
        line_no: int | None = None,
        record_kind: str | None = None,
        record_key: str | None = None,
        exists: Exists | None = None,
    ) -> DrawnNumber:
        """
        Draw the next number.

        Args:
            usage_date: Date that chooses the line.
            line_no: Draw from this line, without choosing one.
            record_kind: For the ledger: kind of record that gets the number, such as ``segment``.
            record_key: For the ledger: its key; ``None`` when that is the number itself. What was
                drawn for a ``contact`` is erased with it.
            exists: Tells whether a number is taken by a record; such numbers are skipped, at most
                1,000 in a row, then `NumberTakenError`.

        Raises:
            NoNumberLeftError: No line for that date, or the series is used up.
            DateTooEarlyError: Before the line's start, or before its last draw under date order.
            TemplateInvalidError: The template cannot show that date, such as ``{yy}`` in 2100.
            NumberOutOfRangeError: The named line is used up.
            SeriesNotFoundError, SeriesCodeMissingError: There is no such series.

        Rules NS-N01 to NS-N09, NS-L01 to NS-L09.
        """
        day = usage_date or self.work.clock.work_date()
        note = partial(write_down, self.work, day, NumberState.USED, record_kind, record_key)
        with self.work.atomic():
            return self._drawing().draw(series_code, line_no, day, note, exists)

    def try_next(
        self,
        series_code: str | None,
        usage_date: date | None = None,
        **options: Unpack[DrawOptions],
    ) -> NumberOutcome:
        """Draw the next number, or say why there is none, exactly where `next` raises."""
        return outcome_of(self.next, series_code, usage_date, **options)

    def next_many(
        self,
        series_code: str | None,
        count: int,
        usage_date: date | None = None,
        *,
        record_kind: str | None = None,
    ) -> NumberBlock:
        """
        Draw ``count`` numbers at once: the same ones, and the same state after, as single draws.

        One lock and one row of the ledger for each line that gives some. All or none: raises like
        `next`, with nothing drawn, when there are fewer.
        """
        return self._block(series_code, count, usage_date, NumberState.USED, record_kind)

    def reserve(
        self, series_code: str | None, count: int, usage_date: date | None = None
    ) -> NumberBlock:
        """
        Draw ``count`` numbers for later; the ledger shows them as reserved until used or void.

        Raises:
            UsageError: The series keeps no ledger, so nothing would remember the reservation.
        """
        return self._block(series_code, count, usage_date, NumberState.RESERVED)

    def check(self, series_code: str | None, usage_date: date | None = None) -> NumberOutcome:
        """Test a series: the number it would give on that date, or why none (NS-Q02)."""
        return outcome_of(self.peek, series_code, usage_date)

    def _drawing(self) -> Drawing:
        return Drawing(self.work, self.work.numbers.counters, self.calendar, self.line_filter)

    def _block(
        self,
        series_code: str | None,
        count: int,
        usage_date: date | None,
        state: NumberState,
        record_kind: str | None = None,
    ) -> NumberBlock:
        day = usage_date or self.work.clock.work_date()
        note = partial(write_down, self.work, day, state, record_kind, None)
        with self.work.atomic():
            taken = self._drawing().take(series_code, None, day, note, count)
        return NumberBlock(ranges=tuple(taken), usage_date=day)
