"""Area "Number series: single draws" of the scenario catalogue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from interactionlog.errors import NoNumberLeftError, NotIncrementableError
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries, SeriesChoice
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.values import NumberingPolicy

NORMAL, SEQUENCE = NumberingPolicy.GAPLESS, NumberingPolicy.GAPS_ALLOWED


def scenario(name, policy):
    """One test for each kind of line, under the identifier of that kind."""
    kind = "_Sequence" if policy is SEQUENCE else ""
    return pytest.param(policy, marks=pytest.mark.scenario(f"{name}{kind}"), id=policy.name)


def add_series(work, *lines, code="TEST", policy=NORMAL, step=1):
    """Add a series with lines of (start, end, further fields)."""
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code=code))
    for start, end, *more in lines:
        fields = {"ending_no": end, "policy": policy, "step": step} | (more[0] if more else {})
        setup.add_line(code, start, **fields)


def add_test_series(work, **fields):
    add_series(work, ("ABC00010D", "ABC00090D"), **fields)


def draw(series, count, *day):
    return [series.next("TEST", *day).no for _ in range(count)]


def two_short_lines(work, policy):
    add_series(work, ("A1", "A5"), ("B1", "B5"), policy=policy)


A_TO_B = ["A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4", "B5"]


@pytest.mark.scenario("ERMNoSeriesTests.TestStartingNoNoGaps")
def test_a_draw_is_kept_on_the_line_with_its_date(begin):
    with begin() as work:
        add_test_series(work)
        series, today = NumberSeries(work), work.clock.today()
        assert series.last_used("TEST") is None
        assert work.numbers.counters.get("TEST", 10000, None).last_date is None
        assert [series.try_next("TEST", today).no for _ in range(2)] == ["ABC00010D", "ABC00011D"]
        assert series.last_used("TEST", line_no=10000) == "ABC00011D"
        assert work.numbers.counters.get("TEST", 10000, None).last_date == today
        assert series.last_used("TEST") == "ABC00011D"


@pytest.mark.scenario("ERMNoSeriesTests.TestChangingToSequence")
def test_changing_the_kind_and_back_keeps_the_last_number_used(begin):
    with begin() as work:
        add_test_series(work, step=10)
        series, setup = NumberSeries(work), NumberSeriesSetup(work)
        assert series.next("TEST").no == "ABC00010D"
        line = setup.change_line("TEST", 10000, policy=SEQUENCE)
        assert line.first_value == 10
        assert series.last_used("TEST", line_no=10000) == "ABC00010D"
        assert series.next("TEST").no == "ABC00020D"
        assert series.last_used("TEST") == "ABC00020D"
        setup.change_line("TEST", 10000, policy=NORMAL)
        assert series.last_used("TEST", line_no=10000) == "ABC00020D"
        assert work.numbers.counters.get("TEST", 10000, None).last_value == 20


@pytest.mark.scenario("ERMNoSeriesTests.TestChangingStartNoAfterUsingNoSeriesTooLongWithSequence")
def test_a_start_without_a_digit_is_refused_and_the_last_number_stays(begin):
    with begin() as work:
        last = "ABC10000000000000001"
        add_series(work, ("ABC00000000000000001", "ABC10000000000000900", {"last_no_used": last}))
        series, setup = NumberSeries(work), NumberSeriesSetup(work)
        setup.change_line("TEST", 10000, policy=SEQUENCE)
        assert series.last_used("TEST", line_no=10000) == last
        with pytest.raises(NotIncrementableError):
            setup.change_line("TEST", 10000, starting_no="ABCD")
        assert series.last_used("TEST", line_no=10000) == last


@pytest.mark.scenario(
    "ERMNoSeriesTests.TheLastNoUsedDidNotChangeAfterUsingSequenceImplementationInNos"
)
def test_the_last_number_used_survives_changes_of_the_kind(begin):
    with begin() as work:
        add_series(work, ("1000001", None, {"last_no_used": "1000023"}))
        for policy in (SEQUENCE, NORMAL, SEQUENCE):
            NumberSeriesSetup(work).change_line("TEST", 10000, policy=policy)
        assert NumberSeries(work).last_used("TEST", line_no=10000) == "1000023"


@pytest.mark.scenario("ERMNoSeriesTests.TestModifyNoGetNextWithoutGaps")
def test_two_draws_give_two_numbers_in_a_row(begin):
    with begin() as work:
        add_test_series(work)
        today = work.clock.today()
        assert draw(NumberSeries(work), 2, today) == ["ABC00010D", "ABC00011D"]


@pytest.mark.scenario("ERMNoSeriesTests.TestCurrentAndNextDifferWithOutGaps")
def test_an_unused_line_has_no_last_number_but_a_next_one(begin):
    with begin() as work:
        add_test_series(work)
        series = NumberSeries(work)
        assert series.last_used("TEST", line_no=10000) is None
        assert series.next("TEST", work.clock.today()).no == "ABC00010D"


@pytest.mark.scenario("ERMNoSeriesTests.NoSeriesThatCanGenerateNextNoSucceedsValidation")
def test_a_usable_series_passes_its_test(begin):
    with begin() as work:
        add_test_series(work, policy=SEQUENCE)
        assert NumberSeries(work).check("TEST").refusal is None


@pytest.mark.scenario("ERMNoSeriesTests.NoSeriesValidationDoesNotChangeTheNextNoGenerated")
def test_testing_a_series_consumes_nothing(begin):
    with begin() as work:
        add_test_series(work, policy=SEQUENCE)
        series = NumberSeries(work)
        for number in ("ABC00010D", "ABC00011D"):
            assert series.check("TEST").no == number
            assert series.next("TEST").no == number


@pytest.mark.scenario("ERMNoSeriesTests.TheLastNoUsedCanBeUpdatedWhenImplementationSequenceIsUsed")
def test_the_last_number_used_can_be_set(begin):
    with begin() as work:
        add_series(work, ("1000001", None, {"last_no_used": "1000023"}))
        setup = NumberSeriesSetup(work)
        setup.change_line("TEST", 10000, policy=SEQUENCE)
        setup.change_line("TEST", 10000, last_no_used="1000025")
        assert NumberSeries(work).last_used("TEST", line_no=10000) == "1000025"
        assert NumberSeries(work).next("TEST").no == "1000026"


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(
            SEQUENCE,
            marks=pytest.mark.scenario("ERMNoSeriesTests.PageNoSeriesChangeImplementationTrueOne"),
        ),
        pytest.param(
            NORMAL,
            marks=pytest.mark.scenario("ERMNoSeriesTests.PageNoSeriesChangeImplementationFalseOne"),
        ),
    ],
)
def test_setting_the_kind_of_a_series_keeps_an_open_line_of_that_kind(begin, policy):
    with begin() as work:
        add_test_series(work, policy=policy)
        NumberSeriesSetup(work).set_policy("TEST", policy)
        assert [line.policy for line in work.numbers.lines.all("TEST")] == [policy]


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(
            SEQUENCE,
            marks=pytest.mark.scenario(
                "ERMNoSeriesTests.PageNoSeriesChangeImplementationTrueMultiple"
            ),
        ),
        pytest.param(
            NORMAL,
            marks=pytest.mark.scenario(
                "ERMNoSeriesTests.PageNoSeriesChangeImplementationFalseMultiple"
            ),
        ),
    ],
)
def test_setting_the_kind_of_a_series_sets_it_on_every_open_line(begin, policy):
    with begin() as work:
        other = NORMAL if policy is SEQUENCE else SEQUENCE
        used_up = {"last_no_used": "C9", "policy": other}
        add_series(
            work,
            ("A1", "A9"),
            ("B1", "B9", {"policy": other}),
            ("C1", "C9", used_up),
            policy=policy,
        )
        NumberSeriesSetup(work).set_policy("TEST", policy)
        assert [line.policy for line in work.numbers.lines.all("TEST")] == [policy, policy, other]


@pytest.mark.scenario("ERMNoSeriesTests.TestLookupNoSeries")
def test_a_series_and_its_related_ones_can_be_chosen(begin):
    with begin() as work:
        setup, choice = NumberSeriesSetup(work), SeriesChoice(work)
        for code in ("TEST", "TESTRELATED1", "TESTRELATED2", "OTHER1", "OTHER2"):
            setup.create_series(NoSeries(code=code))
        setup.relate("TEST", "TESTRELATED1")
        setup.relate("TEST", "TESTRELATED2")
        assert set(choice.alternatives("TEST")) == {"TEST", "TESTRELATED1", "TESTRELATED2"}
        assert choice.are_related("TEST", "TESTRELATED2")
        assert not choice.are_related("TEST", "OTHER1")


@pytest.mark.scenario("NoSeriesTests.TestGetNextNoDefaultRunOut_Sequence")
def test_a_series_ends_with_its_last_number(begin):
    with begin() as work:
        add_series(work, ("1", "10"), policy=SEQUENCE)
        series = NumberSeries(work)
        assert draw(series, 10) == [str(number) for number in range(1, 11)]
        with pytest.raises(NoNumberLeftError):
            series.next("TEST")


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesTests.TestGetNextNoDefaultOverFlow", SEQUENCE),
        scenario("NoSeriesTests.TestGetNextNoDefaultOverFlow", NORMAL),
    ],
)
def test_a_used_up_line_is_followed_by_the_next_one_of_its_date(begin, policy):
    with begin() as work:
        two_short_lines(work, policy)
        series = NumberSeries(work)
        assert draw(series, 10) == A_TO_B
        with pytest.raises(NoNumberLeftError):
            series.next("TEST")


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesTests.TestGetNextNoAdvancedOverFlow", SEQUENCE),
        scenario("NoSeriesTests.TestGetNextNoAdvancedOverFlow", NORMAL),
    ],
)
def test_a_line_closes_with_the_last_number_that_fits_its_step(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A10"), ("B1", "B10"), policy=policy, step=7)
        series = NumberSeries(work)
        assert draw(series, 4) == ["A01", "A08", "B01", "B08"]
        with pytest.raises(NoNumberLeftError):
            series.next("TEST")


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesTests.TestGetNextNoOverflowOutsideDate", SEQUENCE),
        scenario("NoSeriesTests.TestGetNextNoOverflowOutsideDate", NORMAL),
    ],
)
def test_a_line_of_another_date_never_stands_in(begin, policy):
    with begin() as work:
        day = work.clock.work_date()
        tomorrow = day + timedelta(days=1)
        add_series(work, ("A1", "A5"), ("B1", "B5", {"starting_date": tomorrow}), policy=policy)
        series = NumberSeries(work)
        assert draw(series, 5, day) == A_TO_B[:5]
        assert series.try_next("TEST", day).no is None
        assert draw(series, 5, tomorrow) == A_TO_B[5:]
        with pytest.raises(NoNumberLeftError):
            series.next("TEST", day)


@pytest.mark.scenario("NoSeriesTests.TestPeekNextNoDefaultRunOut_Sequence")
def test_a_peek_gives_the_number_of_the_draw_that_follows(begin):
    with begin() as work:
        add_series(work, ("A1TEST", "A10TEST"), policy=SEQUENCE)
        series = NumberSeries(work)
        assert [series.peek("TEST").no for _ in range(2)] == ["A01TEST", "A01TEST"]
        for _ in range(10):
            assert series.peek("TEST").no == series.next("TEST").no
        with pytest.raises(NoNumberLeftError):
            series.peek("TEST")


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesTests.TestGetNextNoWithMultipleLinesExhaustClosedLine", SEQUENCE),
        scenario("NoSeriesTests.TestGetNextNoWithMultipleLinesExhaustClosedLine", NORMAL),
    ],
)
def test_an_older_line_is_no_fallback_even_if_it_has_numbers_left(begin, policy):
    with begin() as work:
        today = work.clock.today()
        newer = {"last_no_used": "TEST0039", "starting_date": today}
        add_series(
            work,
            ("TEST0001", "TEST0010", {"last_no_used": "TEST0005"}),
            ("TEST0030", "TEST0040", newer),
            policy=policy,
        )
        series = NumberSeries(work)
        assert series.next("TEST", today).no == "TEST0040"
        with pytest.raises(NoNumberLeftError):
            series.next("TEST", today)


@pytest.mark.scenario("NoSeriesTests.TestGetNextNoWithLastNoUsed")
def test_drawing_goes_on_behind_the_last_number_used(begin):
    with begin() as work:
        add_series(work, ("1", "10", {"last_no_used": "3"}), step=2)
        series = NumberSeries(work)
        assert draw(series, 3) == ["5", "7", "9"]
        with pytest.raises(NoNumberLeftError):
            series.next("TEST")


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesTests.TestGetLastNoUsedCodeRunOut", SEQUENCE),
        scenario("NoSeriesTests.TestGetLastNoUsedCodeRunOut", NORMAL),
    ],
)
def test_a_used_up_series_has_no_last_number(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A9"), policy=policy)
        series = NumberSeries(work)
        assert series.last_used("TEST") is None
        for number in range(1, 9):
            assert series.next("TEST").no == series.last_used("TEST") == f"A{number}"
        assert series.next("TEST").no == "A9"
        assert series.last_used("TEST") is None
        assert series.try_next("TEST").no is None
        assert series.last_used("TEST") is None


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesTests.TestGetLastNoUsedRecordRunOut", SEQUENCE),
        scenario("NoSeriesTests.TestGetLastNoUsedRecordRunOut", NORMAL),
    ],
)
def test_a_used_up_line_still_has_its_last_number(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A9"), policy=policy)
        series = NumberSeries(work)
        assert series.last_used("TEST", line_no=10000) is None
        for number in range(1, 10):
            assert series.next("TEST").no == f"A{number}"
            assert series.last_used("TEST", line_no=10000) == f"A{number}"
        assert series.try_next("TEST").no is None
        assert series.last_used("TEST", line_no=10000) == "A9"


@pytest.mark.scenario("NoSeriesTests.TestManualShouldAllowBlankNoSeriesCode")
def test_without_a_series_numbers_are_typed(begin):
    with begin() as work:
        SeriesChoice(work).require_manual("")


@pytest.mark.scenario("NoSeriesTests.TestManualWithDocNoShouldAllowBlankNoSeriesCode")
def test_without_a_series_a_document_number_is_typed(begin):
    with begin() as work:
        SeriesChoice(work).require_manual("", "MANUAL-001")
