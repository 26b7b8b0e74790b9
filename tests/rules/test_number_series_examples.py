"""The worked examples of number series, row by row, under the identifier of the specification."""

from __future__ import annotations

from datetime import date

import pytest

from interactionlog.errors import (
    DateTooEarlyError,
    FormatMismatchError,
    LineIncompleteError,
    NoLineForDateError,
    NoSeriesLineNotFoundError,
    NotIncrementableError,
    NumberOutOfRangeError,
    NumberTooLongError,
    SeriesExhaustedError,
    StaleBatchError,
    UsageError,
)
from interactionlog.numbering.batch import NumberBatch
from interactionlog.numbering.format import fit, increment
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.values import NumberingPolicy

INCREMENTS = [
    pytest.param("SEG0007", 1, "SEG0008", id="EX-01"),
    pytest.param("SEG0099", 1, "SEG0100", id="EX-02"),
    pytest.param("SEG999", 1, "SEG1000", id="EX-03"),
    pytest.param("Q4-18/B", 1, "Q4-19/B", id="EX-04"),
    pytest.param("K7L", 1, "K8L", id="EX-05"),
    pytest.param("0", 1, "1", id="EX-06"),
    pytest.param("-12", 1, "-13", id="EX-07"),
    pytest.param("V1.09", 1, "V1.10", id="EX-08"),
    pytest.param("M08", 5, "M13", id="EX-10-within-width"),
    pytest.param("M98", 5, "M103", id="EX-10-growing"),
    pytest.param("12-34-", 1, "12-35-", id="EX-11"),
]


@pytest.mark.parametrize(("code", "step", "expected"), INCREMENTS)
def test_a_code_is_counted_up_at_its_right_most_digits(code, step, expected):
    assert increment(code, step) == expected


INCREMENT_REFUSALS = [
    # EX-09 gives a blank text in the original; a number is never blank here
    pytest.param("LEAD", NotIncrementableError, id="EX-09"),
    pytest.param("X9999999999999999999", NumberTooLongError, id="EX-12"),
]


@pytest.mark.parametrize(("code", "error"), INCREMENT_REFUSALS)
def test_a_code_that_cannot_be_counted_up_is_refused(code, error):
    with pytest.raises(error):
        increment(code)


SHAPES = [
    pytest.param(("c1",), ("C1",), id="EX-13"),
    pytest.param(("C1", "C250"), ("C001", "C250"), id="EX-14"),
    pytest.param(("1", "500"), ("1", "500"), id="EX-16"),
    pytest.param(("C1", None, None, "C700"), ("C001", None, None, "C700"), id="EX-19"),
    pytest.param(("b7end", "b70end"), ("B07END", "B70END"), id="EX-24"),
]


@pytest.mark.parametrize(("codes", "expected"), SHAPES)
def test_the_numbers_of_a_line_take_one_form(codes, expected):
    shape, values = fit(*codes)
    assert tuple(None if value is None else shape.format(value) for value in values) == expected


SHAPE_REFUSALS = [
    # EX-15 rewrites the start to D001 in the original; a prefix is never rewritten here
    pytest.param(("C001", "D900"), FormatMismatchError, id="EX-15"),
    # EX-17 is accepted in the original and gives no number ever
    pytest.param(("C01", "50"), FormatMismatchError, id="EX-17"),
    pytest.param(("C",), NotIncrementableError, id="EX-20"),
    # EX-23 is too long in the original because the start's prefix is put before the end's digits
    pytest.param(("ABCDEFGHIJKLMNOP1", "C12345"), FormatMismatchError, id="EX-23"),
    pytest.param(
        ("ABCDEFGHIJKLMNOP1", "ABCDEFGHIJKLMNOP12345"), NumberTooLongError, id="EX-23-long"
    ),
    # EX-45: a line without a starting number is accepted in the original until it is drawn from
    pytest.param((None, "C9"), NotIncrementableError, id="EX-45"),
]


@pytest.mark.parametrize(("codes", "error"), SHAPE_REFUSALS)
def test_numbers_that_do_not_go_together_are_refused(codes, error):
    with pytest.raises(error):
        fit(*codes)


DAY = date(2026, 5, 1)


def add_line(work, starting_no, ending_no=None, *, code="X", **fields):
    """Add a line, and its series if it is missing; return the number of the line."""
    setup = NumberSeriesSetup(work)
    if work.numbers.series.find(code) is None:
        setup.create_series(NoSeries(code=code))
    return setup.add_line(code, starting_no, ending_no=ending_no, **fields).line_no


def draw_until_refused(work, most=12):
    """Draw by code until the series refuses; return the numbers and the refusal, if any."""
    numbers = []
    for _ in range(most):
        outcome = NumberSeries(work).try_next("X", DAY)
        if outcome.no is None:
            return numbers, type(outcome.refusal)
        numbers.append(outcome.no)
    return numbers, None


ONE_LINE = [
    pytest.param("1", "10", {}, [str(n) for n in range(1, 11)], id="EX-25"),
    pytest.param("1", "10", {"step": 7}, ["1", "8"], id="EX-26"),
    pytest.param("1", "10", {"step": 2, "last_no_used": "3"}, ["5", "7", "9"], id="EX-27"),
    pytest.param("L01", "L09", {"step": 3}, ["L01", "L04", "L07"], id="EX-28-step-3"),
    pytest.param("L01", "L09", {"step": 5}, ["L01", "L06"], id="EX-28-step-5"),
    pytest.param("Z0", "Z2", {}, ["Z0", "Z1", "Z2"], id="EX-40"),
    # EX-42: a quiet draw stops at the warning in the original; a warning never blocks here
    pytest.param(
        "100", "105", {"warning_no": "103"}, ["100", "101", "102", "103", "104", "105"], id="EX-42"
    ),
]


@pytest.mark.parametrize("policy", list(NumberingPolicy))
@pytest.mark.parametrize(("start", "end", "fields", "numbers"), ONE_LINE)
def test_a_line_gives_its_numbers_and_closes_with_the_last_that_fits(
    begin, start, end, fields, numbers, policy
):
    with begin() as work:
        add_line(work, start, end, policy=policy, **fields)
        assert draw_until_refused(work) == (numbers, SeriesExhaustedError)


ENDLESS = [
    pytest.param("IX-097", None, "IX-097 IX-098 IX-099 IX-100 IX-101", id="EX-29"),
    # EX-30, EX-32, EX-34 and EX-35 depend on the policy, or on text order, in the original
    pytest.param("IX-001", "IX-999", "IX-1000 IX-1001", id="EX-30"),
    pytest.param("T1", None, "T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11", id="EX-31"),
    pytest.param("A2", "A9", "A10 A11", id="EX-32"),
    pytest.param("7", None, "7 8 9 10 11", id="EX-33"),
    pytest.param("AB01", "AB99", "AB100 AB101", id="EX-34"),
    pytest.param("A01Z", "A99Z", "A100Z A101Z", id="EX-35"),
    # EX-36: a gap-allowed line loses its suffix in the original
    pytest.param("12ABC", None, "12ABC 13ABC", id="EX-36"),
    pytest.param("012ABC", None, "012ABC 013ABC", id="EX-37"),
    pytest.param("2026-0999", None, "2026-0999 2026-1000", id="EX-39"),
    pytest.param("0001", "9999", "10000 10001", id="EX-44"),
]


@pytest.mark.parametrize("policy", list(NumberingPolicy))
@pytest.mark.parametrize(("start", "last", "numbers"), ENDLESS)
def test_a_line_without_end_outgrows_its_width(begin, start, last, numbers, policy):
    with begin() as work:
        add_line(work, start, last_no_used=last, policy=policy)
        wanted = numbers.split()
        assert draw_until_refused(work, len(wanted)) == (wanted, None)


@pytest.mark.rule("EX-38")
def test_a_number_may_have_digits_before_and_a_suffix_behind_its_counter(begin):
    with begin() as work:
        add_line(work, "26-001/A", "26-120/A")
        assert draw_until_refused(work, 2)[0] == ["26-001/A", "26-002/A"]


@pytest.mark.rule("EX-41")
def test_a_warning_comes_once_on_the_draw_that_crosses_it(begin):
    """The original shows a message at 103, 104 and 105."""
    with begin() as work:
        add_line(work, "100", "105", warning_no="103")
        drawn = [NumberSeries(work).next("X", DAY) for _ in range(6)]
        assert [number.warning for number in drawn] == [None, None, None, 2, None, None]
        assert [number.left for number in drawn] == [5, 4, 3, 2, 1, 0]


@pytest.mark.rule("EX-43")
def test_a_closed_line_refuses_by_code_and_by_line_in_different_words(begin):
    with begin() as work:
        line_no = add_line(work, "S5", "S9", last_no_used="S9")
        series = NumberSeries(work)
        with pytest.raises(SeriesExhaustedError):
            series.next("X", DAY)
        with pytest.raises(NumberOutOfRangeError) as refused:
            series.next("X", DAY, line_no=line_no)
        assert refused.value.number == "S10"
        assert series.last_used("X") is None
        assert series.last_used("X", line_no=line_no) == "S9"


@pytest.mark.rule("EX-46")
@pytest.mark.rule("EX-47")
@pytest.mark.rule("EX-48")
def test_the_last_number_survives_a_change_of_policy_and_of_step(begin):
    with begin() as work:
        line_no = add_line(work, "CT00010D", step=10)
        series, setup = NumberSeries(work), NumberSeriesSetup(work)
        assert series.last_used("X", line_no=line_no) is None
        assert series.next("X", DAY).no == "CT00010D"
        setup.change_line("X", line_no, policy=NumberingPolicy.GAPS_ALLOWED)
        assert series.last_used("X", line_no=line_no) == "CT00010D"
        assert series.next("X", DAY).no == "CT00020D"
        setup.change_line("X", line_no, policy=NumberingPolicy.GAPLESS, step=2)
        assert series.last_used("X", line_no=line_no) == "CT00020D"
        assert series.next("X", DAY).no == "CT00022D"


@pytest.mark.rule("EX-49")
def test_a_start_of_another_form_is_refused_once_numbers_are_in_use(begin):
    """The original keeps the first letter of the new start and shows other numbers as used."""
    with begin() as work:
        line_no = add_line(work, "R000001", last_no_used="R700001")
        setup = NumberSeriesSetup(work)
        with pytest.raises(NotIncrementableError):
            setup.change_line("X", line_no, starting_no="RSTU")
        with pytest.raises(FormatMismatchError):
            setup.change_line("X", line_no, starting_no="S000001")
        assert NumberSeries(work).last_used("X", line_no=line_no) == "R700001"


@pytest.mark.rule("EX-50")
def test_peeking_draws_nothing(begin):
    with begin() as work:
        add_line(work, "SEG001")
        series = NumberSeries(work)
        calls = (series.peek, series.peek, series.next, series.peek)
        assert [call("X", DAY).no for call in calls] == ["SEG001", "SEG001", "SEG001", "SEG002"]


@pytest.mark.rule("EX-73")
@pytest.mark.rule("EX-74")
def test_setting_only_the_policy_never_gives_a_number_twice(begin):
    """The original starts its counter at 0 and gives CT00010D again after CT00019D."""
    with begin() as work:
        add_line(work, "CT00010D")
        add_line(work, "SEG001", code="Y")
        for code in ("X", "Y"):
            NumberSeriesSetup(work).set_policy(code, NumberingPolicy.GAPS_ALLOWED)
        assert draw_until_refused(work, 11)[0] == [f"CT000{n}D" for n in range(10, 21)]
        assert NumberSeries(work).next("Y", DAY).no == "SEG001"


SETUP_REFUSALS = [
    pytest.param({"last_no_used": "C7"}, {"ending_no": "C250"}, FormatMismatchError, id="EX-18"),
    pytest.param({}, {"warning_no": "C080"}, LineIncompleteError, id="EX-21"),
]


@pytest.mark.parametrize(("before", "change", "error"), SETUP_REFUSALS)
def test_a_change_of_a_line_that_cannot_be_is_refused_and_changes_nothing(
    begin, before, change, error
):
    with begin() as work:
        line_no = add_line(work, "C1", **before)
        line = work.numbers.lines.get("X", line_no)
        with pytest.raises(error):
            NumberSeriesSetup(work).change_line("X", line_no, **change)
        assert work.numbers.lines.get("X", line_no) == line


@pytest.mark.rule("EX-22")
def test_without_an_end_there_is_no_warning_and_the_line_is_open(begin):
    with begin() as work:
        line_no = add_line(work, "C1", "C9", warning_no="C8", last_no_used="C9")
        line = NumberSeriesSetup(work).change_line("X", line_no, ending_no=None)
        assert (line.last_allowed, line.warning_value) == (None, None)
        assert NumberSeries(work).next("X", DAY).no == "C10"


def add_series_r(work, *, without_l1=False, **fields):
    """The series of section 3.4 of the specification."""
    work.numbers.series.put(NoSeries(code="X", **fields))
    lines = [
        ("A01", None, None),
        ("B01", "B03", date(2026, 1, 1)),
        ("C01", "C02", date(2026, 1, 1)),
        ("D01", None, date(2027, 1, 1)),
    ]
    for number, (start, end, day) in enumerate(lines, 1):
        if number > 1 or not without_l1:
            add_line(work, start, end, starting_date=day, line_no=number)


BY_DATE = [
    pytest.param([("2025-06-30", "A01")], id="EX-51"),
    pytest.param([("2026-05-01", each) for each in ("B01", "B02", "B03")], id="EX-52"),
    pytest.param(
        [("2026-05-01", each) for each in ("B01", "B02", "B03")]
        + [("2026-05-02", "C01"), ("2026-05-02", "C02"), ("2026-05-03", NoLineForDateError)],
        id="EX-53-54-55",
    ),
    pytest.param([("2027-03-01", "D01"), ("2025-12-31", "A01")], id="EX-56"),
]


@pytest.mark.parametrize("calls", BY_DATE)
def test_the_usage_date_chooses_the_line(begin, calls):
    with begin() as work:
        add_series_r(work)
        for day, expected in calls:
            outcome = NumberSeries(work).try_next("X", date.fromisoformat(day))
            assert outcome.no == expected or isinstance(outcome.refusal, expected)


@pytest.mark.rule("EX-57")
def test_a_date_before_every_line_is_refused(begin):
    with begin() as work:
        add_series_r(work, without_l1=True)
        with pytest.raises(NoLineForDateError) as refused:
            NumberSeries(work).next("X", date(2025, 12, 31))
        assert refused.value.usage_date == date(2025, 12, 31)


@pytest.mark.rule("EX-58")
def test_a_series_without_lines_is_refused(begin):
    with begin() as work:
        work.numbers.series.put(NoSeries(code="X"))
        with pytest.raises(SeriesExhaustedError):
            NumberSeries(work).next("X", DAY)


@pytest.mark.rule("EX-59")
def test_under_date_order_no_number_is_drawn_for_an_earlier_date(begin):
    with begin() as work:
        add_series_r(work, date_order=True)
        series = NumberSeries(work)
        assert series.next("X", date(2025, 3, 10)).no == "A01"
        with pytest.raises(DateTooEarlyError):
            series.next("X", date(2025, 3, 9))
        assert series.next("X", date(2025, 3, 10)).no == "A02"


@pytest.mark.rule("EX-60")
def test_date_order_holds_for_each_line_on_its_own(begin):
    with begin() as work:
        add_series_r(work, date_order=True)
        series = NumberSeries(work)
        days = (date(2025, 3, 10), date(2027, 2, 1), date(2025, 4, 1))
        assert [series.next("X", day).no for day in days] == ["A01", "D01", "A02"]


@pytest.mark.rule("EX-61")
@pytest.mark.rule("EX-62")
def test_a_line_can_be_named_but_not_before_it_starts(begin):
    with begin() as work:
        add_series_r(work)
        series = NumberSeries(work)
        with pytest.raises(DateTooEarlyError):
            series.next("X", date(2026, 12, 31), line_no=4)
        assert series.next("X", date(2027, 1, 1), line_no=4).no == "D01"
        drawn = [series.next("X", DAY, line_no=line_no).no for line_no in (2, 3, 2, 3)]
        assert drawn == ["B01", "C01", "B02", "C02"]


def add_series_n(work, **fields):
    """The series of section 3.5 of the specification."""
    add_line(work, "A1", "A9", **fields)
    add_line(work, "B1", "B9", **fields)


SIMULATIONS = [
    pytest.param("X", 1, "A0", "A1", id="EX-63"),
    pytest.param("X", 1, "A4", "A5", id="EX-64"),
    pytest.param(None, 1, "X09", "X10", id="EX-65"),
    pytest.param("X", 5, "A2", "A7", id="EX-66"),
    pytest.param("X", 5, "Q2", "Q3", id="EX-66-other-form"),
]


@pytest.mark.parametrize(("code", "step", "previous", "expected"), SIMULATIONS)
def test_a_simulated_number_leaves_no_trace(begin, code, step, previous, expected):
    with begin() as work:
        add_series_n(work, step=step)
        batch = NumberBatch(work)
        assert batch.simulate(code, previous, DAY) == expected
        assert NumberSeries(work).simulate(code, previous, DAY) == expected
        assert batch.next("X", DAY).no == "A1"


@pytest.mark.rule("EX-67")
@pytest.mark.rule("EX-68")
@pytest.mark.rule("EX-69")
def test_batches_show_the_same_numbers_until_one_is_saved_and_the_other_is_refused(begin):
    """In the original both can be saved, and the last one sets the counter back."""
    with begin() as work:
        add_series_n(work)
        first, second = NumberBatch(work), NumberBatch(work)
        numbers = [first.next("X", DAY).no for _ in range(12)]
        assert numbers == [*(f"A{n}" for n in range(1, 10)), "B1", "B2", "B3"]
        assert second.next("X", DAY).no == "A1"
        first.save()
        with pytest.raises(StaleBatchError):
            second.save()
        assert NumberBatch(work).next("X", DAY).no == "B4"


@pytest.mark.rule("EX-70")
def test_a_simulating_batch_cannot_be_saved(begin):
    with begin() as work:
        add_series_n(work)
        batch = NumberBatch(work, only_simulate=True)
        assert batch.next("X", DAY).no == "A1"
        with pytest.raises(UsageError):
            batch.save()


@pytest.mark.rule("EX-71")
def test_a_line_that_a_batch_did_not_draw_from_cannot_be_saved(begin):
    with begin() as work:
        add_series_n(work)
        line_no = add_line(work, "Y1", code="Y")
        batch = NumberBatch(work)
        batch.next("X", DAY)
        with pytest.raises(NoSeriesLineNotFoundError):
            batch.save_line("Y", line_no)


@pytest.mark.rule("EX-72")
def test_a_batch_goes_back_and_forth_between_daily_lines(begin):
    with begin() as work:
        days = [date(2026, 1, day) for day in (1, 2, 3)]
        for day in days:
            add_line(work, f"{day:%m%d}-001", starting_date=day)
        batch = NumberBatch(work)
        drawn = [batch.next("X", days[index]).no for index in (0, 1, 0, 1, 2)]
        assert drawn == ["0101-001", "0102-001", "0101-002", "0102-002", "0103-001"]


@pytest.mark.rule("EX-75")
def test_a_fresh_batch_does_not_fall_back_to_an_older_line(begin):
    """The original does, because a batch copies open lines only."""
    with begin() as work:
        add_series_r(work)
        for _ in range(5):
            NumberSeries(work).next("X", DAY)
        for service in (NumberSeries(work), NumberBatch(work)):
            with pytest.raises(NoLineForDateError):
                service.next("X", date(2026, 5, 3))
