"""Drawing numbers from a series, and looking at them without drawing."""

from __future__ import annotations

from datetime import date

import attrs

from interactionlog._fields import as_optional_code
from interactionlog.enumerations import NumberState
from interactionlog.errors import NotFoundError, NumberSeriesError, UsageError
from interactionlog.numbering import preview
from interactionlog.numbering.drawing import Drawing, Exists, Note, TakenRange
from interactionlog.numbering.drawn import DrawnNumber, NumberBlock, NumberOutcome, drawn_number
from interactionlog.numbering.ledger import write_down
from interactionlog.numbering.line_filter import LineFilter, counters_of
from interactionlog.numbering.periods import FiscalCalendar
from interactionlog.unit_of_work import UnitOfWork


@attrs.frozen
class NumberSeries:
    """
    Draws numbers such as ``SM00001``. Cheap to build: one per unit of work.

    A date that is left out is the work date. A missing series raises, a number is never blank. The
    lock that a gapless number takes is held until the transaction ends, so draw late.

    Attributes:
        work: The unit of work.
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
            series_code: The series.
            usage_date: Date that chooses the line.
            line_no: Draw from this line, without choosing one.
            record_kind: For the ledger: kind of record that gets the number, such as ``segment``.
            record_key: For the ledger: its key; ``None`` when that is the number itself.
            exists: Tells whether a number is taken by a record; such numbers are skipped, at most
                1,000 in a row, then `NumberTakenError`.

        Raises:
            NoNumberLeftError: No line for that date, or the series is used up.
            DateTooEarlyError: Before the line's start, or before its last draw under date order.
            NumberOutOfRangeError: The named line is used up.
            SeriesNotFoundError, SeriesCodeMissingError: There is no such series.

        Rules NS-N01 to NS-N09, NS-L01 to NS-L09.
        """
        code, day = as_optional_code(series_code), usage_date or self.work.clock.work_date()

        def note(taken: TakenRange) -> None:
            write_down(self.work, taken, day, NumberState.USED, record_kind, record_key)

        with self.work.atomic():
            if line_no is None:
                taken = self._drawing(note).take(code, day, 1, exists)[0]
            else:
                taken = self._drawing(note).take_from_line(code or "", line_no, day, exists)
        return drawn_number(taken, day)

    def try_next(
        self,
        series_code: str | None,
        usage_date: date | None = None,
        *,
        line_no: int | None = None,
        record_kind: str | None = None,
        record_key: str | None = None,
        exists: Exists | None = None,
    ) -> NumberOutcome:
        """Draw the next number, or say why there is none, exactly where `next` raises."""
        try:
            return NumberOutcome(
                number=self.next(
                    series_code,
                    usage_date,
                    line_no=line_no,
                    record_kind=record_kind,
                    record_key=record_key,
                    exists=exists,
                )
            )
        except (NumberSeriesError, NotFoundError) as refusal:
            return NumberOutcome(refusal=refusal)

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
        return self._block(series_code, count, usage_date, NumberState.RESERVED, None)

    def peek(
        self,
        series_code: str | None,
        usage_date: date | None = None,
        *,
        line_no: int | None = None,
    ) -> DrawnNumber:
        """Return the number that `next` would draw now, or raise as it would; nothing changes."""
        code, day = as_optional_code(series_code), usage_date or self.work.clock.work_date()
        return preview.peek(self._drawing(), code, line_no, day)

    def check(self, series_code: str | None) -> NumberOutcome:
        """Test a series: the number it would give on the work date, or why none (NS-Q02)."""
        try:
            return NumberOutcome(number=self.peek(series_code))
        except (NumberSeriesError, NotFoundError) as refusal:
            return NumberOutcome(refusal=refusal)

    def last_used(self, series_code: str | None, *, line_no: int | None = None) -> str | None:
        """
        Return the last number used, or ``None``.

        Without a line, of the line that is open on the work date: right after its final number
        there is none. With a line, of that line, open or not. Rules NS-U01, NS-U02.
        """
        day = self.work.clock.work_date()
        return preview.last_used(self._drawing(), as_optional_code(series_code), line_no, day)

    def simulate(
        self, series_code: str | None, previous: str, usage_date: date | None = None
    ) -> str:
        """
        Return the number after ``previous``, as if that were the last one used; nothing changes.

        Without a series, and for a number outside the line's range or past its warning, the text is
        counted up by 1. Rule NS-B10.
        """
        day = usage_date or self.work.clock.work_date()
        return preview.simulate(self._drawing(), as_optional_code(series_code), previous, day)

    def _drawing(self, note: Note | None = None) -> Drawing:
        numbers = self.work.numbers
        return Drawing(numbers, counters_of(numbers, self.line_filter), self.calendar, note)

    def _block(
        self,
        series_code: str | None,
        count: int,
        usage_date: date | None,
        state: NumberState,
        record_kind: str | None,
    ) -> NumberBlock:
        if count < 1:
            raise UsageError(f"at least one number must be drawn, not {count}")
        code, day = as_optional_code(series_code), usage_date or self.work.clock.work_date()

        def note(taken: TakenRange) -> None:
            if state is NumberState.RESERVED and not taken.series.ledger:
                raise UsageError(f"number series {code} keeps no ledger: it cannot reserve numbers")
            write_down(self.work, taken, day, state, record_kind, None)

        with self.work.atomic():
            taken = self._drawing(note).take(code, day, count)
        return NumberBlock(ranges=tuple(taken), usage_date=day)
