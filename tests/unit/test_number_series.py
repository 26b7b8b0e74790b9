"""Drawing, reserving and choosing series on every store."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from interactionlog.adapters.postgresql.store import PostgresStore
from interactionlog.errors import (
    AutomaticNotAllowedError,
    DateTooEarlyError,
    FieldInvalidError,
    FormatMismatchError,
    ManualNotAllowedError,
    NoLineForDateError,
    NoNumberLeftError,
    NoSeriesLineNotFoundError,
    NotRelatedError,
    NumberOutOfRangeError,
    NumberTakenError,
    SeriesCodeMissingError,
    SeriesExhaustedError,
    SeriesNotFoundError,
    StaleBatchError,
    TemplateInvalidError,
    UsageError,
)
from interactionlog.numbering.batch import NumberBatch
from interactionlog.numbering.drawing import Drawing
from interactionlog.numbering.format import FiscalYear
from interactionlog.numbering.ledger import NumberLedger
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries, SeriesChoice
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.values import NumberGrowth, NumberingPolicy, ResetPeriod

DAY = date(2026, 5, 1)


def add_series(work, *starts, code="X", end=None, series=None, **fields):
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code=code, **(series or {})))
    for start in starts:
        setup.add_line(code, start, ending_no=end and start[0] + end, **fields)
    return NumberSeries(work)


def test_a_draw_without_a_date_takes_the_work_date(begin):
    with begin() as work:
        series = add_series(work, "A1")
        assert series.next("X").usage_date == work.clock.work_date()


@pytest.mark.parametrize(
    ("code", "error"),
    [(None, SeriesCodeMissingError), (" ", SeriesCodeMissingError), ("Y", SeriesNotFoundError)],
)
def test_a_missing_series_raises_and_never_gives_a_blank_number(begin, code, error):
    with begin() as work:
        series = NumberSeries(work)
        for call in (series.next, series.peek):
            with pytest.raises(error):
                call(code)
        with pytest.raises(error):
            series.next_many(code, 2)
        assert isinstance(series.try_next(code).refusal, error)
        assert isinstance(series.check(code).refusal, error)
        assert series.last_used(code) is None


def test_inv_n_12_a_refused_draw_changes_nothing(begin):
    with begin() as work:
        series = add_series(work, "A1", end="2")
        series.next_many("X", 2, DAY)
        before = work.numbers.counters.of_series("X")
        assert series.try_next("X", DAY).no is None
        assert work.numbers.counters.of_series("X") == before


@pytest.mark.parametrize("count", [1, 3, 7])
def test_inv_n_18_many_numbers_are_the_same_as_single_draws(begin, count):
    with begin() as work:
        many = add_series(work, "A1", "B1", end="4", step=2)
        single = add_series(work, "A1", "B1", code="Y", end="4", step=2)
        if count > 4:
            with pytest.raises(NoNumberLeftError):
                many.next_many("X", count, DAY)
            assert not work.numbers.counters.of_series("X")
            return
        block = many.next_many("X", count, DAY)
        numbers = [single.next("Y", DAY).no for _ in range(count)]
        assert list(block) == numbers
        assert (len(block), block.first_no, block.last_no) == (count, numbers[0], numbers[-1])
        states = [
            [(c.line_no, c.last_value) for c in work.numbers.counters.of_series(code)]
            for code in ("X", "Y")
        ]
        assert states[0] == states[1]


def test_a_block_warns_like_single_draws(begin):
    with begin() as work:
        series = add_series(work, "A1", end="9", warning_no="A5")
        assert series.next_many("X", 4).warning is None
        block = series.next_many("X", 3)
        assert (block.warning, block.left) == (2, 2)


def test_at_least_one_number_must_be_asked_for(begin):
    with begin() as work, pytest.raises(UsageError):
        NumberSeries(work).next_many("X", 0)


def test_a_line_that_must_not_grow_ends_with_its_width(begin):
    with begin() as work:
        series = add_series(work, "A98", growth=NumberGrowth.STOP)
        assert list(series.next_many("X", 2)) == ["A98", "A99"]
        with pytest.raises(SeriesExhaustedError):
            series.next("X")
        with pytest.raises(NumberOutOfRangeError, match="wider or longer"):
            series.next("X", line_no=10000)


def test_a_line_ends_where_its_numbers_would_have_more_than_twenty_characters(begin):
    with begin() as work:
        last = "ABCDEFGHIJKLMNOPQ999"
        series = add_series(work, last[:-3] + "1", last_no_used=last)
        with pytest.raises(NumberOutOfRangeError, match="wider or longer"):
            series.peek("X", line_no=10000)


def test_a_named_line_whose_last_numbers_all_have_records_says_so(begin):
    with begin() as work:
        series = add_series(work, "A1", end="3", last_no_used="A1")
        with pytest.raises(
            NumberOutOfRangeError, match=r"A2 and every number after it .* are taken"
        ):
            series.next("X", line_no=10000, exists=lambda no: True)


def test_inv_n_11_date_order_holds_for_a_named_line_too(begin):
    """The original checks the order only when it chooses the line itself."""
    with begin() as work:
        series = add_series(work, "A1", series={"date_order": True})
        series.next("X", date(2026, 5, 2))
        for call in (series.next, series.peek):
            with pytest.raises(DateTooEarlyError):
                call("X", DAY, line_no=10000)
        with pytest.raises(DateTooEarlyError):
            series.peek("X", DAY)


def test_numbers_that_records_have_are_skipped(begin):
    with begin() as work:
        series = add_series(work, "A1", "B1", end="4")
        taken = {"A1", "A2", "A4", "B1"}
        numbers = [series.next("X", exists=taken.__contains__).no for _ in range(2)]
        assert numbers == ["A3", "B2"]
        assert series.next("X", line_no=20000, exists={"B3"}.__contains__).no == "B4"
        other = add_series(work, "A1", "B1", code="Y", end="4")
        assert other.next("Y", exists=lambda no: no.startswith("A")).no == "B1"


def test_the_search_for_a_free_number_has_a_bound(begin):
    with begin() as work:
        series = add_series(work, "A1")
        with pytest.raises(NumberTakenError):
            series.next("X", exists=lambda _: True)
        assert series.next("X").no == "A1"


def test_a_series_without_ledger_cannot_reserve(begin):
    with begin() as work:
        series = add_series(work, "A1", series={"ledger": False})
        with pytest.raises(UsageError):
            series.reserve("X", 3)
        assert series.next("X").no == "A1"


def july_to_june(day):
    start = day.year if day.month >= 7 else day.year - 1
    return FiscalYear(
        key=f"{start % 100}/{(start + 1) % 100}",
        first_day=date(start, 7, 1),
        last_day=date(start + 1, 6, 30),
    )


def test_a_fiscal_year_may_straddle_two_calendar_years(begin):
    with begin() as work:
        add_series(work)
        NumberSeriesSetup(work).add_template_line(
            "X", "R{fy}-{n:03}", reset_period=ResetPeriod.FISCAL_YEAR
        )
        series = NumberSeries(work, july_to_june)
        days = (date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1))
        assert [series.next("X", day).no for day in days] == [
            "R25/26-001",
            "R25/26-002",
            "R26/27-001",
        ]
        with pytest.raises(UsageError):
            NumberSeries(work).next("X", DAY)


@pytest.mark.parametrize("of", [NumberSeries, NumberBatch])
def test_inv_n_21_a_date_that_a_template_cannot_show_is_a_reason_and_not_raised(begin, of):
    with begin() as work:
        add_series(work)
        setup, late = NumberSeriesSetup(work), date(2100, 1, 1)
        setup.add_template_line("X", "{yy}-{n:03}", reset_period=ResetPeriod.YEAR, last_allowed=9)
        series = of(work)
        outcome = series.try_next("X", late)
        assert outcome.no is None
        refusal = outcome.refusal
        assert isinstance(refusal, TemplateInvalidError)
        assert str(refusal).startswith("number series X: {yy} stands for a year from 2000 to 2099")
        assert (refusal.line_no, refusal.usage_date) == (10_000, late)
        for call in (series.next, series.peek):
            with pytest.raises(TemplateInvalidError):
                call("X", late)
        assert isinstance(NumberSeries(work).check("X", late).refusal, TemplateInvalidError)
        assert not work.numbers.counters.of_series("X")


@pytest.mark.parametrize("template", ["{yy}-{n:03}", "{fy}-{n:03}"])
def test_a_line_that_cannot_show_a_date_hides_no_reason_of_another(begin, template):
    with begin() as work:
        series, setup = add_series(work, "A1", end="1"), NumberSeriesSetup(work)
        series.next("X", date(2100, 1, 1))
        setup.add_template_line("X", template, starting_date=date(2101, 1, 1))
        refusal = series.try_next("X", date(2100, 1, 1)).refusal
        assert isinstance(refusal, NoLineForDateError)


def test_inv_n_24_periods_are_independent_of_each_other(begin):
    with begin() as work:
        add_series(work)
        NumberSeriesSetup(work).add_template_line(
            "X", "{yyyy}{mm}-{n:03}", reset_period=ResetPeriod.MONTH, last_allowed=2
        )
        series = NumberSeries(work)
        series.next_many("X", 2, DAY)
        assert series.try_next("X", DAY).no is None
        assert series.peek("X", date(2026, 6, 1)).no == "202606-001"


def test_tenants_do_not_see_each_others_series(begin):
    if not hasattr(begin.store, "host") and type(begin.store).__name__ == "MemoryStore":
        pytest.skip("a memory store has one tenant")
    with begin() as work:
        add_series(work, "A1").next("X")
    with begin.tenant("OTHER")() as work:
        with pytest.raises(SeriesNotFoundError):
            NumberSeries(work).next("X")
        assert add_series(work, "A1").next("X").no == "A1"


def test_a_number_of_a_rolled_back_unit_of_work_is_given_again_where_no_gap_is_allowed(begin):
    for policy in NumberingPolicy:
        apart = policy is NumberingPolicy.GAPS_ALLOWED and isinstance(begin.store, PostgresStore)
        with begin() as work:
            add_series(work, "A1", code=policy.name, policy=policy)
        with begin() as work:
            assert NumberSeries(work).next(policy.name).no == "A1"
            work.rollback()
        with begin() as work:
            assert NumberSeries(work).next(policy.name).no == ("A2" if apart else "A1")


def test_inv_n_19_an_unsaved_batch_leaves_no_trace_and_a_saved_one_that_of_draws(begin):
    with begin() as work:
        add_series(work, "A1", "B1", end="4")
        direct = add_series(work, "A1", "B1", code="Y", end="4")
        batch = NumberBatch(work)
        for _ in range(6):
            batch.next("X", DAY)
            direct.next("Y", DAY)
        assert not work.numbers.counters.of_series("X")
        batch.save()
        states = [
            [(c.line_no, c.last_value, c.last_date) for c in work.numbers.counters.of_series(code)]
            for code in ("X", "Y")
        ]
        assert states[0] == states[1]
        rows = work.numbers.ledger.ranges("X", 10000, None, above=0, limit=9)
        assert [(row.first_value, row.last_value) for row in rows] == [(1, 4)]


def test_a_step_that_changed_within_a_batch_begins_a_new_row(begin):
    with begin() as work:
        add_series(work, "A1")
        batch = NumberBatch(work)
        for step in (1, 1, 5):
            NumberSeriesSetup(work).change_line("X", 10000, step=step)
            batch.next("X", DAY)
        batch.next("X", date(2026, 5, 2))
        batch.save()
        rows = work.numbers.ledger.ranges("X", 10000, None, above=0, limit=9)
        assert [(row.first_value, row.last_value, row.step) for row in rows] == [
            (1, 2, 1),
            (7, 7, 5),
            (12, 12, 5),
        ]


def test_a_batch_is_refused_when_somebody_drew_in_between(begin):
    with begin() as work:
        series = add_series(work, "A1")
        batch = NumberBatch(work)
        batch.next("X", DAY)
        series.next("X", DAY)
        with pytest.raises(StaleBatchError):
            batch.save()
        assert series.last_used("X") == "A1"


def test_a_batch_goes_on_after_it_was_saved(begin):
    with begin() as work:
        add_series(work, "A1")
        batch = NumberBatch(work)
        for number in ("A1", "A2"):
            assert batch.next("X", DAY).no == number
            batch.save_line("X", 10000)
        assert NumberSeries(work).last_used("X") == "A2"


def test_a_batch_can_draw_from_a_named_line(begin):
    with begin() as work:
        add_series(work, "A1", "B1")
        batch = NumberBatch(work)
        drawn = [batch.next("X", DAY, line_no=line_no).no for line_no in (20000, 10000, 20000)]
        assert drawn == ["B1", "A1", "B2"]


FLAGS = [
    # series, is manual, require manual, is automatic, require automatic
    (None, False, None, False, AutomaticNotAllowedError),
    ("UNKNOWN", False, SeriesNotFoundError, False, AutomaticNotAllowedError),
    ("DRAWN", False, ManualNotAllowedError, True, None),
    ("TYPED", True, None, False, AutomaticNotAllowedError),
]


@pytest.mark.parametrize(("code", "manual", "manual_error", "automatic", "automatic_error"), FLAGS)
def test_rules_ns_c01_to_c04_whether_a_number_is_typed_or_drawn(
    begin, code, manual, manual_error, automatic, automatic_error
):
    with begin() as work:
        add_series(work, "A1", code="DRAWN")
        add_series(work, "B1", code="TYPED", series={"default_nos": False, "manual_nos": True})
        choice = SeriesChoice(work)
        assert (choice.is_manual(code), choice.is_automatic(code)) == (manual, automatic)
        for require, error in (
            (choice.require_manual, manual_error),
            (choice.require_automatic, automatic_error),
        ):
            if error is None:
                require(code)
            else:
                with pytest.raises(error):
                    require(code)


def test_a_typed_number_is_checked_and_moves_the_counter_when_asked(begin):
    with begin() as work:
        series = add_series(work, "A01", series={"manual_nos": True})
        choice = SeriesChoice(work)
        assert choice.take_manual("X", " b7 ") == "B7"
        assert choice.take_manual(None, "b7", like_the_line=True) == "B7"
        with pytest.raises(FormatMismatchError):
            choice.take_manual("X", "B7", like_the_line=True)
        with pytest.raises(NumberTakenError):
            choice.take_manual("X", "A05", exists=lambda number: number == "A05")
        assert choice.take_manual("X", "A05", like_the_line=True, move_counter=True) == "A05"
        assert series.next("X").no == "A06"
        with pytest.raises(FormatMismatchError):  # below the first number of the line
            choice.take_manual("X", "A00", like_the_line=True)


@pytest.mark.parametrize("typed", ["", " \u200b", "A" * 21, "A\n1", "A\u200b1", None, 5])
@pytest.mark.parametrize("code", ["X", None])
def test_what_no_record_could_be_numbered_with_is_no_typed_number(begin, typed, code):
    with begin() as work:
        add_series(work, "A01", series={"manual_nos": True})
        with pytest.raises(FieldInvalidError) as error:
            SeriesChoice(work).take_manual(code, typed, move_counter=True)
    assert error.value.field == "number"


def manual_series(work, *lines):
    """A series whose numbers are typed as well, with lines of (start, end, further fields)."""
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code="X", manual_nos=True))
    for start, end, *more in lines:
        setup.add_line("X", start, ending_no=end, **(more[0] if more else {}))
    return NumberSeries(work), SeriesChoice(work)


def test_a_typed_number_moves_the_line_that_holds_it(begin):
    with begin() as work:
        later = {"starting_date": date(2027, 1, 1)}
        series, choice = manual_series(
            work, ("A001", "A009"), ("A010", "A099"), ("A100", "A199", later)
        )
        choice.take_manual("X", "A050", move_counter=True)
        choice.take_manual("X", "A150", move_counter=True)
        assert list(series.next_many("X", 10)) == [*(f"A00{n}" for n in range(1, 10)), "A051"]
        assert series.next("X", date(2027, 1, 1)).no == "A151"
        assert [(gap.first_no, gap.last_no) for gap in NumberLedger(work).explain_gaps("X")] == [
            ("A010", "A049"),
            ("A100", "A149"),
        ]


@pytest.mark.parametrize("typed", ["A060", "A000", "A0005", "B005"])
def test_a_typed_number_that_no_line_gives_moves_nothing(begin, typed):
    with begin() as work:
        series, choice = manual_series(work, ("A001", "A009"), ("A100", None))
        assert choice.take_manual("X", typed, move_counter=True) == typed
        assert not work.numbers.counters.of_series("X")
        assert series.next("X").no == "A001"


def test_the_next_number_may_be_typed_and_a_series_without_lines_moves_nothing(begin):
    with begin() as work:
        series, choice = manual_series(work)
        assert choice.take_manual("X", "A001", move_counter=True) == "A001"
        NumberSeriesSetup(work).add_line("X", "A001")
        choice.take_manual("X", "A001", move_counter=True)
        assert series.next("X").no == "A002"
        assert list(NumberLedger(work).explain_gaps("X")) == []


def test_a_typed_number_moves_every_line_that_could_give_it(begin):
    with begin() as work:
        series, choice = manual_series(work, ("A001", None))
        line = work.numbers.lines.get("X", 10_000)  # an older database may hold such lines
        for line_no, first in ((20_000, 50), (30_000, 70)):
            day = date(2026, line_no // 10_000, 1)
            other = attrs.evolve(line, line_no=line_no, first_value=first, starting_date=day)
            work.numbers.lines.add(other)
        choice.take_manual("X", "A060", move_counter=True)
        drawn = [
            series.next("X", line_no=line_no, usage_date=DAY).no for line_no in (10_000, 20_000)
        ]
        assert drawn == ["A061", "A061"]
        assert series.next("X", DAY).no == "A070"


@pytest.mark.parametrize(
    ("template", "reset", "typed", "day", "following"),
    [
        ("I{yyyy}-{n:03}", ResetPeriod.YEAR, "I2027-005", date(2027, 3, 1), "I2027-006"),
        ("I{yy}{doy}-{n:03}", ResetPeriod.MONTH, "I27032-005", date(2027, 2, 3), "I27034-006"),
        ("I{yyyy}{mm}-{n:03}", ResetPeriod.QUARTER, "I202705-005", date(2027, 6, 1), "I202706-006"),
        ("I{yy}{mm}{dd}-{n:03}", ResetPeriod.DAY, "I270203-005", date(2027, 2, 3), "I270203-006"),
        ("{n:03}/{yyyy}", ResetPeriod.NEVER, "005/2027", date(2026, 2, 3), "006/2026"),
        ("{fy}-{n:03}", ResetPeriod.FISCAL_YEAR, "FY26-005", date(2026, 2, 3), "FY26-006"),
        ("I{yyyy}-{n:03}", ResetPeriod.YEAR, "I2025-005", date(2026, 2, 3), "I2026-001"),
        ("I{yyyy}{mm}-{n:03}", ResetPeriod.MONTH, "I202613-005", date(2026, 2, 3), "I202602-001"),
        ("I{yyyy}{doy}-{n}", ResetPeriod.DAY, "I2026366-5", date(2026, 2, 3), "I2026034-1"),
        ("I{yyyy}-{n:03}", ResetPeriod.YEAR, "I2026-0005", date(2026, 2, 3), "I2026-001"),
        ("{fy}-{n:03}", ResetPeriod.FISCAL_YEAR, "FY27-005", date(2026, 2, 3), "FY26-001"),
    ],
)
def test_a_typed_number_moves_the_counter_of_the_period_that_it_shows(
    begin, template, reset, typed, day, following
):
    def calendar(day):
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
        return FiscalYear(key=f"fy{day.year % 100}", first_day=first, last_day=last)

    with begin() as work:
        manual_series(work)
        NumberSeriesSetup(work).add_template_line(
            "X", template, reset_period=reset, starting_date=date(2026, 1, 1)
        )
        SeriesChoice(work, calendar).take_manual("X", typed, move_counter=True)
        assert NumberSeries(work, calendar).next("X", day).no == following


def test_a_typed_number_of_another_period_is_found_in_the_ledger(begin):
    with begin() as work:
        manual_series(work)
        NumberSeriesSetup(work).add_template_line(
            "X", "I{yyyy}-{n:03}", reset_period=ResetPeriod.YEAR
        )
        SeriesChoice(work).take_manual("X", "I2027-003", move_counter=True)
        ledger = NumberLedger(work)
        assert ledger.find("X", "I2027-003").period_key == "2027"
        assert ledger.find("X", "I2026-003") is None
        gaps = list(ledger.explain_gaps("X", "I2027-001", "I2027-003"))
        assert [(gap.first_no, gap.last_no) for gap in gaps] == [("I2027-001", "I2027-002")]


def test_a_related_series_may_be_chosen_instead(begin):
    with begin() as work:
        for code in ("A", "B", "C"):
            add_series(work, code + "1", code=code)
        add_series(work, "D1", code="TYPED", series={"default_nos": False, "manual_nos": True})
        setup, choice = NumberSeriesSetup(work), SeriesChoice(work)
        setup.relate("A", "B")
        setup.relate("B", "C")
        assert choice.are_related("A", "b")
        assert choice.are_related("A", "A")
        assert not choice.are_related("B", "A"), "a relation has a direction"
        assert not choice.are_related("A", "C"), "a relation is not handed on"
        assert not choice.are_related(None, "B")
        assert not choice.are_related("UNKNOWN", "B")
        setup.relate("TYPED", "B")
        assert not choice.are_related("TYPED", "B"), "the original raises an error (NS-R02)"
        assert not choice.are_related("TYPED", "TYPED")
        assert choice.choose("TYPED", "B") == "TYPED"
        with pytest.raises(NotRelatedError, match="let it be automatic"):
            choice.require_related("TYPED", "B")
        choice.require_related("A", "B")
        with pytest.raises(NotRelatedError):
            choice.require_related("A", "C")
        assert [choice.choose("A", other) for other in ("B", "C", None)] == ["B", "A", "A"]


class Rival:
    """Counters where somebody else takes numbers while one waits for the lock."""

    def __init__(self, counters, taken):
        self._counters, self._taken = counters, taken

    def __getattr__(self, name):
        return getattr(self._counters, name)

    def lock(self, counter):
        if counter.line_no in self._taken:
            self._counters.advance(counter, self._taken.pop(counter.line_no), DAY)
        return self._counters.get(counter.series_code, counter.line_no, counter.period_key)


@pytest.mark.parametrize(
    ("taken", "number"),
    [({10000: 1}, "A2"), ({10000: 4}, "B1"), ({10000: 4, 20000: 3}, "B4")],
)
def test_who_waited_for_the_lock_draws_the_next_number_that_is_left(begin, taken, number):
    """In the original the waiter goes on with the line it chose before and fails (NS-K04)."""
    with begin() as work:
        add_series(work, "A1", "B1", end="4")
        drawing = Drawing(work, Rival(work.numbers.counters, dict(taken)))
        (found,) = drawing.take("X", None, DAY, [].append)
        assert found.shape.format(found.first_value) == number


def test_who_waited_for_the_lock_draws_from_the_line_as_it_is_now(begin):
    with begin() as work:
        add_series(work, "A1", end="4")

        class Extending(Rival):
            """Somebody else takes the last number and lets the line go on."""

            def lock(self, counter):
                NumberSeriesSetup(work).change_line("X", 10000, ending_no="A9")
                return super().lock(counter)

        drawing = Drawing(work, Extending(work.numbers.counters, {10000: 4}))
        (found,) = drawing.take("X", None, DAY, [].append)
        assert (found.shape.format(found.first_value), found.left) == ("A5", 4)


@pytest.mark.parametrize("count", [2, 3])
def test_a_block_that_is_not_there_is_refused_before_a_number_is_taken(begin, count):
    with begin() as work:
        add_series(work, "A1", end=str(count - 1))
        noted = []
        with pytest.raises(SeriesExhaustedError):
            Drawing(work, work.numbers.counters).take("X", None, DAY, noted.append, count)
        assert noted == []


def test_a_block_is_in_date_order_on_all_its_lines_before_a_number_is_taken(begin):
    with begin() as work:
        series = add_series(work, "A1", "B1", end="1", series={"date_order": True})
        NumberSeriesSetup(work).change_line("X", 20000, ending_no="B9")
        series.next("X", date(2026, 5, 2), line_no=20000)
        noted = []
        with pytest.raises(DateTooEarlyError):
            Drawing(work, work.numbers.counters).take("X", None, DAY, noted.append, 2)
        assert noted == []
        NumberSeriesSetup(work).change_line("X", 10000, ending_no="A2")
        assert list(series.next_many("X", 2, DAY)) == ["A1", "A2"]  # the other line is not needed


def test_who_waited_for_the_lock_keeps_date_order(begin):
    """In the original the order is checked before the lock only (NS-K05)."""
    with begin() as work:
        add_series(work, "A1", series={"date_order": True})
        drawing = Drawing(work, Rival(work.numbers.counters, {10000: 1}))
        with pytest.raises(DateTooEarlyError):
            drawing.take("X", None, date(2026, 4, 30), [].append)


def test_a_line_can_be_peeked_at(begin):
    with begin() as work:
        series = add_series(work, "A1", "B1", end="4")
        assert str(series.peek("X", line_no=20000)) == "B1"
        with pytest.raises(NoSeriesLineNotFoundError):
            series.peek("X", line_no=30000)
        with pytest.raises(SeriesNotFoundError):
            series.next("Y", line_no=10000)


@pytest.mark.parametrize(("previous", "expected"), [("A3", "A4"), ("A4", "A5"), ("A6", "A7")])
def test_a_simulated_number_goes_on_past_the_warning_by_one(begin, previous, expected):
    with begin() as work:
        series = add_series(work, "A1", end="8", warning_no="A4", step=1)
        assert series.simulate("X", previous) == expected


def test_a_simulated_number_does_not_pass_the_end(begin):
    with begin() as work:
        series = add_series(work, "A1", end="8", step=3)
        with pytest.raises(NumberOutOfRangeError):
            series.simulate("X", "A7")
