"""Setting up number series and their lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, Unpack

import attrs

from interactionlog.numbering.errors import SeriesInUseError
from interactionlog.numbering.line_setup import LineSetup
from interactionlog.numbering.lines import LineState, bound_of, is_open, shape_of
from interactionlog.numbering.no_series import NoSeries, NoSeriesRelation
from interactionlog.numbering.periods import period_keys

_SETUP_FIELDS = ("segment_nos", "contact_nos", "campaign_nos", "to_do_nos", "opportunity_nos")


class SeriesChanges(TypedDict, total=False):
    """Fields of a series that may be changed."""

    description: str
    default_nos: bool
    manual_nos: bool
    date_order: bool
    ledger: bool


@attrs.frozen(kw_only=True, weakref_slot=False)
class ExpiringLine:
    """
    A series that needs attention.

    Attributes:
        series_code: The series.
        line_no: The line that is used up soon; ``None`` when the series has no line at all.
        left: Numbers left on the line; ``None`` when its width or length alone bounds it.
    """

    series_code: str
    line_no: int | None
    left: int | None


@attrs.frozen
class NumberSeriesSetup(LineSetup):
    """
    Creates and changes series and lines, without ever letting a committed number come again.

    What it does to lines is told in `LineSetup`.

    Source: tables 308 No. Series, 309 No. Series Line and 310 No. Series Relationship.
    """

    def create_series(self, series: NoSeries) -> NoSeries:
        """Store a new series, or raise `DuplicateEntryError`; it needs a line to give numbers."""
        with self.work.atomic():
            self.work.numbers.series.add(series)
        return series

    def change_series(self, series_code: str, **changes: Unpack[SeriesChanges]) -> NoSeries:
        """
        Change fields of a series and return it.

        Numbers that are no longer drawn automatically may be typed from then on, and the other way
        round, unless the call says otherwise; never neither. Rule NS-E01.
        """
        series = self._series(series_code)
        if changes.get("default_nos") is False and series.default_nos:
            changes.setdefault("manual_nos", True)
        elif changes.get("manual_nos") is False and series.manual_nos:
            changes.setdefault("default_nos", True)
        series = attrs.evolve(series, **changes)
        with self.work.atomic():
            self.work.numbers.series.put(series)
        return series

    def rename_series(self, series_code: str, new_code: str) -> NoSeries:
        """
        Give a series another code; lines, counters, ledger, relations and setup follow.

        Records keep the code they were numbered with.

        Raises:
            DuplicateEntryError: The new code is taken.
        """
        series, numbers = self._series(series_code), self.work.numbers
        renamed = attrs.evolve(series, code=new_code)
        old, new = series.code, renamed.code
        with self.work.atomic():
            numbers.series.add(renamed)
            numbers.series.remove(old)
            for line in numbers.lines.all(old):
                numbers.lines.remove(old, line.line_no)
                numbers.lines.add(attrs.evolve(line, series_code=new))
            numbers.counters.rename(old, new)
            numbers.ledger.rename(old, new)
            for each in numbers.relations.all():
                if old in {each.code, each.series_code}:
                    numbers.relations.remove(each.code, each.series_code)
                    code = new if each.code == old else each.code
                    other = new if each.series_code == old else each.series_code
                    numbers.relations.put(NoSeriesRelation(code=code, series_code=other))
            setup = self.work.marketing_setup.find()
            if setup is not None:
                fields = {name: new for name in _SETUP_FIELDS if getattr(setup, name) == old}
                changed = attrs.evolve(setup, **fields)  # type: ignore[arg-type]  # codes only
                self.work.marketing_setup.put(changed)
        return renamed

    def delete_series(self, series_code: str, *, even_if_drawn: bool = False) -> None:
        """
        Delete a series with its lines, counters, ledger and relations on either side.

        Raises:
            SeriesInUseError: The marketing setup names it.
            NumbersDrawnError: Numbers were drawn; a new series of that code would issue them again.
        """
        code, numbers = self._series(series_code).code, self.work.numbers
        setup = self.work.marketing_setup.find()
        for field in _SETUP_FIELDS:
            if setup is not None and getattr(setup, field) == code:
                raise SeriesInUseError(code, f"setup names it in {field}: change that first")
        with self.work.atomic():
            for line in numbers.lines.all(code):
                self.delete_line(code, line.line_no, even_if_drawn=even_if_drawn)
            for each in numbers.relations.all():
                if code in {each.code, each.series_code}:
                    numbers.relations.remove(each.code, each.series_code)
            numbers.series.remove(code)

    def relate(self, series_code: str, alternative: str) -> None:
        """Let records that are numbered from one series take their number from another as well."""
        relation = NoSeriesRelation(
            code=self._series(series_code).code, series_code=self._series(alternative).code
        )
        with self.work.atomic():
            self.work.numbers.relations.put(relation)

    def expiring(self, within: int = 0) -> tuple[ExpiringLine, ...]:
        """
        Return the series that need attention, by code and line number.

        Those without any line, with an open line past its warning number, or with at most
        ``within`` numbers left on the work date. Rule NS-Q01.
        """
        return tuple(
            found
            for series in self.work.numbers.series.all()
            for found in self._expiring_lines(series.code, within)
        )

    def _expiring_lines(self, code: str, within: int) -> Iterator[ExpiringLine]:
        day, counters = self.work.clock.work_date(), self.work.numbers.counters
        lines = self.work.numbers.lines.all(code)
        if not lines:
            yield ExpiringLine(series_code=code, line_no=None, left=None)
        _, current = counters.lines_on(code, day, period_keys(day, self.calendar))
        states = {state.line.line_no: state for state in current}
        lefts = {line_no: self._left(state) for line_no, state in states.items()}
        bounded = [left for left in lefts.values() if left is not None]
        ends = len(bounded) == len(lefts) and sum(bounded) <= within
        for line in lines:
            state = states.get(line.line_no)
            if state is None:
                state = LineState(line, counters.get(code, line.line_no, None))
            mark, last = line.warning_value, state.counter.last_value
            warned = mark is not None and last is not None and last >= mark
            if (ends and line.line_no in lefts) or (warned and is_open(state, day, self.calendar)):
                yield ExpiringLine(series_code=code, line_no=line.line_no, left=self._left(state))

    def _left(self, state: LineState) -> int | None:
        """Numbers left on a line; ``None`` when it has no end."""
        if state.line.last_allowed is None:
            return None
        shape = shape_of(state.line, self.work.clock.work_date(), self.calendar)
        return state.left_within(bound_of(state.line, shape))
