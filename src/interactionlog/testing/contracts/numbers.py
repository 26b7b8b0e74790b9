"""What every store promises for number series."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import interactionlog as il
from interactionlog.numbering.format import period_keys
from interactionlog.numbering.series import NoSeries, NoSeriesRelation, NumberCounter, NumberRange
from interactionlog.testing.builders import DAY, MOMENT, Begin, a_number_line
from interactionlog.testing.contracts import Contract, Work
from interactionlog.values import NumberState, ResetPeriod


def a_number_range(
    first_value: int = 1, last_value: int | None = None, line_no: int = 10_000, **values: Any
) -> NumberRange:
    """Return used numbers of the series SEGM; one number unless a last one is given."""
    defaults = {"series_code": "SEGM", "state": NumberState.USED, "recorded_at": MOMENT}
    merged: dict[str, Any] = defaults | values
    last = first_value if last_value is None else last_value
    return NumberRange(line_no=line_no, first_value=first_value, last_value=last, **merged)


def _advance(
    work: Work, last_value: int, line_no: int = 10_000, period_key: str | None = None
) -> None:
    if work.numbers.lines.find("SEGM", line_no) is None:
        work.numbers.lines.add(a_number_line(line_no))
    counters = work.numbers.counters
    counters.advance(counters.lock(counters.get("SEGM", line_no, period_key)), last_value, DAY)


def _lines_on(work: Work, day: date) -> list[int]:
    _, states = work.numbers.counters.lines_on("SEGM", day, period_keys(day, None))
    return [state.line.line_no for state in states]


class NumberSeriesContract(Contract):
    """What every `NumberSeriesRepository` promises. Needs a ``begin`` fixture."""

    def test_a_relation_comes_back_equal(self, begin: Begin) -> None:
        relation = NoSeriesRelation(code="SEGM", series_code="OTHER")
        with begin() as work:
            work.numbers.relations.add(relation)
        with begin() as work:
            assert list(work.numbers.relations.all("SEGM")) == [relation]

    def test_a_series_may_be_unknown_or_have_no_line_that_started(self, work: Work) -> None:
        counters, keys = work.numbers.counters, period_keys(DAY, None)
        assert [*counters.lines_on("SEGM", DAY, keys)] == [None, []]
        work.numbers.series.add(NoSeries(code="SEGM"))
        work.numbers.lines.add(a_number_line(starting_date=date(2026, 2, 1)))
        series, states = counters.lines_on("SEGM", DAY, keys)
        assert series == NoSeries(code="SEGM")
        assert not states

    def test_the_lines_of_the_greatest_starting_date_apply_by_line_number(self, work: Work) -> None:
        work.numbers.series.add(NoSeries(code="SEGM"))
        newer = date(2026, 1, 1)
        for line_no, day in ((40, None), (10, newer), (30, newer), (20, None), (5, DAY)):
            work.numbers.lines.add(a_number_line(line_no, starting_date=day))
        work.numbers.lines.add(a_number_line(1, "OTHER", starting_date=newer))
        assert _lines_on(work, date(2025, 12, 31)) == [20, 40]
        assert _lines_on(work, newer) == [10, 30]
        assert _lines_on(work, DAY) == [5]
        work.numbers.lines.add(a_number_line(50, starting_date=date.min))
        assert _lines_on(work, date.min) == [50]  # a day is greater than none

    def test_a_counter_that_is_not_stored_is_a_fresh_one(self, work: Work) -> None:
        fresh = NumberCounter(series_code="SEGM", line_no=10_000, period_key="2026")
        assert work.numbers.counters.get("SEGM", 10_000, "2026") == fresh
        work.numbers.lines.add(a_number_line())
        assert work.numbers.counters.lock(fresh) == fresh
        assert not [c for c in work.numbers.counters.of_series("SEGM") if c.last_value]

    def test_a_counter_advances_and_its_version_rises(self, begin: Begin) -> None:
        with begin() as work:
            _advance(work, 7)
        with begin() as work:
            _advance(work, 10**18 - 1)
        with begin() as work:
            counter = work.numbers.counters.get("SEGM", 10_000, None)
            assert (counter.last_value, counter.last_date) == (10**18 - 1, DAY)
            assert counter.version == 2

    def test_a_rolled_back_counter_stands_where_it_was(self, begin: Begin) -> None:
        with begin() as work:
            _advance(work, 7)
        with begin() as work:
            _advance(work, 8)
            work.rollback()
        with begin() as work:
            assert work.numbers.counters.get("SEGM", 10_000, None).last_value == 7

    def test_every_period_has_a_counter_of_its_own(self, work: Work) -> None:
        template: dict[str, Any] = {"template": "S{yyyy}{mm}-{n:03}", "width": 3, "prefix": ""}
        line = a_number_line(reset_period=ResetPeriod.MONTH, **template)
        work.numbers.series.add(NoSeries(code="SEGM"))
        work.numbers.lines.add(line)
        for month in (2, 1):
            _advance(work, month, period_key=f"2026-0{month}")
        for month in (1, 2, 3):
            day = date(2026, month, 1)
            keys = period_keys(day, None)
            _, (state,) = work.numbers.counters.lines_on("SEGM", day, keys)
            assert state.counter.period_key == f"2026-0{month}"
            assert state.counter.last_value == (month if month < 3 else None)
        counters = work.numbers.counters.of_series("SEGM")
        assert [counter.period_key for counter in counters] == ["2026-01", "2026-02"]

    def test_a_range_comes_back_equal(self, begin: Begin) -> None:
        drawn = a_number_range(
            5,
            9,
            step=2,
            period_key="2026",
            user_id="HELENA",
            usage_date=DAY,
            record_kind="segment",
            record_key="SM00001",
            reason="printer jam",
        )
        with begin() as work:
            work.numbers.ledger.add(drawn)
        with begin() as work:
            ranges = work.numbers.ledger.ranges("SEGM", 10_000, "2026", above=0, limit=9)
            assert list(ranges) == [drawn]

    def test_a_first_value_that_is_taken_is_refused(self, work: Work) -> None:
        work.numbers.ledger.add(a_number_range(1, 5))
        with pytest.raises(il.DuplicateEntryError), work.atomic():
            work.numbers.ledger.add(a_number_range(1))
        ranges = work.numbers.ledger.ranges("SEGM", 10_000, None, above=0, limit=9)
        assert list(ranges) == [a_number_range(1, 5)]

    def test_ranges_beyond_a_value_come_in_rising_order(self, work: Work) -> None:
        ledger = work.numbers.ledger
        for drawn in (
            a_number_range(20, 29),
            a_number_range(1, 9),
            a_number_range(10, 19),
            a_number_range(2, period_key="2026"),
            a_number_range(3, line_no=20_000),
            a_number_range(4, series_code="OTHER"),
        ):
            ledger.add(drawn)

        def firsts(above: int, limit: int = 9) -> list[int]:
            ranges = ledger.ranges("SEGM", 10_000, None, above=above, limit=limit)
            return [drawn.first_value for drawn in ranges]

        assert firsts(-1) == firsts(0) == firsts(8) == [1, 10, 20]
        assert firsts(9) == firsts(18) == [10, 20]
        assert firsts(0, limit=2) == [1, 10]
        assert firsts(28) == [20]
        assert firsts(29) == []

    def test_a_range_is_replaced_by_its_parts(self, work: Work) -> None:
        whole = a_number_range(1, 9)
        parts = [
            a_number_range(1, 4),
            a_number_range(5, state=NumberState.VOID, reason="jam"),
            a_number_range(6, 9),
        ]
        work.numbers.ledger.add(whole)
        work.numbers.ledger.replace(whole, parts)
        ranges = work.numbers.ledger.ranges("SEGM", 10_000, None, above=0, limit=9)
        assert list(ranges) == parts

    def test_counters_and_ledger_of_a_line_are_removed(self, work: Work) -> None:
        for line_no in (10_000, 20_000):
            _advance(work, 5, line_no)
            _advance(work, 6, line_no, "2026")
            work.numbers.ledger.add(a_number_range(1, line_no=line_no))
        for _ in range(2):  # nothing there is ignored
            work.numbers.counters.remove("SEGM", 10_000)
            work.numbers.ledger.remove("SEGM", 10_000)
        counters = work.numbers.counters.of_series("SEGM")
        assert [counter.line_no for counter in counters] == [20_000, 20_000]
        left = [
            len(work.numbers.ledger.ranges("SEGM", line_no, None, above=0, limit=9))
            for line_no in (10_000, 20_000)
        ]
        assert left == [0, 1]

    def test_counters_and_ledger_follow_a_new_code(self, begin: Begin) -> None:
        with begin() as work:
            _advance(work, 5, period_key="2026")
            work.numbers.ledger.add(a_number_range(1, 5, period_key="2026"))
        with begin() as work:
            work.numbers.counters.rename("SEGM", "NEW")
            work.numbers.ledger.rename("SEGM", "NEW")
        with begin() as work:
            assert work.numbers.counters.get("NEW", 10_000, "2026").last_value == 5
            assert not work.numbers.counters.of_series("SEGM")
            (drawn,) = work.numbers.ledger.ranges("NEW", 10_000, "2026", above=0, limit=9)
            assert (drawn.series_code, drawn.last_value) == ("NEW", 5)
            assert not work.numbers.ledger.ranges("SEGM", 10_000, "2026", above=0, limit=9)
