"""Area "Number series: batches" of the scenario catalogue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from interactionlog.errors import NoNumberLeftError
from interactionlog.numbering.batch import NumberBatch
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.values import NumberingPolicy

NORMAL, SEQUENCE = NumberingPolicy.GAPLESS, NumberingPolicy.GAPS_ALLOWED


def scenario(name, policy):
    """One test for each kind of line, under the identifier of that kind."""
    kind = "_Sequence" if policy is SEQUENCE else ""
    return pytest.param(policy, marks=pytest.mark.scenario(f"{name}{kind}"), id=policy.name)


def add_series(work, *lines, policy=NORMAL, step=1):
    """Add a series TEST with lines of (start, end, further fields)."""
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code="TEST"))
    for start, end, *more in lines:
        fields = {"ending_no": end, "policy": policy, "step": step} | (more[0] if more else {})
        setup.add_line("TEST", start, **fields)


def draw(batch, count, *day):
    return [batch.next("TEST", *day).no for _ in range(count)]


A_TO_B = ["A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4", "B5"]


@pytest.mark.scenario("ERMNoSeriesTests.TestSaveNoSeriesWithGaps")
def test_a_saved_batch_is_gone_on_from_by_the_next_one(begin):
    with begin() as work:
        add_series(work, ("ABC00010D", "ABC00090D"))
        batch, today = NumberBatch(work), work.clock.today()
        assert draw(batch, 2, today) == ["ABC00010D", "ABC00011D"]
        batch.save()
        assert work.numbers.counters.get("TEST", 10000, None).last_value == 11
        assert NumberBatch(work).next("TEST", today).no == "ABC00012D"


@pytest.mark.scenario("NoSeriesBatchTests.TestGetNextNoDefaultRunOut_Sequence")
def test_a_batch_ends_with_the_last_number(begin):
    with begin() as work:
        add_series(work, ("1", "10"), policy=SEQUENCE)
        batch = NumberBatch(work)
        assert draw(batch, 10) == [str(number) for number in range(1, 11)]
        with pytest.raises(NoNumberLeftError):
            batch.next("TEST")


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesBatchTests.TestGetNextNoDefaultOverFlow", SEQUENCE),
        scenario("NoSeriesBatchTests.TestGetNextNoDefaultOverFlow", NORMAL),
    ],
)
def test_a_batch_goes_on_to_the_next_line_of_the_date(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A5"), ("B1", "B5"), policy=policy)
        batch = NumberBatch(work)
        assert draw(batch, 10) == A_TO_B
        with pytest.raises(NoNumberLeftError):
            batch.next("TEST")


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesBatchTests.TestGetNextNoAdvancedOverFlow", SEQUENCE),
        scenario("NoSeriesBatchTests.TestGetNextNoAdvancedOverFlow", NORMAL),
    ],
)
def test_a_batch_leaves_a_line_with_the_last_number_that_fits(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A10"), ("B1", "B10"), policy=policy, step=7)
        batch = NumberBatch(work)
        assert draw(batch, 4) == ["A01", "A08", "B01", "B08"]
        with pytest.raises(NoNumberLeftError):
            batch.next("TEST")


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesBatchTests.TestGetNextNoOverflowOutsideDate", SEQUENCE),
        scenario("NoSeriesBatchTests.TestGetNextNoOverflowOutsideDate", NORMAL),
    ],
)
def test_a_batch_never_takes_a_line_of_another_date(begin, policy):
    with begin() as work:
        day = work.clock.work_date()
        tomorrow = day + timedelta(days=1)
        add_series(work, ("A1", "A5"), ("B1", "B5", {"starting_date": tomorrow}), policy=policy)
        batch = NumberBatch(work)
        assert draw(batch, 5, day) == A_TO_B[:5]
        assert batch.try_next("TEST", day).no is None
        assert draw(batch, 5, tomorrow) == A_TO_B[5:]
        with pytest.raises(NoNumberLeftError):
            batch.next("TEST", day)


@pytest.mark.scenario("NoSeriesBatchTests.TestPeekNextNoDefaultRunOut_Sequence")
def test_a_batch_peeks_at_what_it_draws_next(begin):
    with begin() as work:
        add_series(work, ("A1TEST", "A10TEST"), policy=SEQUENCE)
        batch = NumberBatch(work)
        assert [batch.peek("TEST").no for _ in range(2)] == ["A01TEST", "A01TEST"]
        for _ in range(10):
            assert batch.peek("TEST").no == batch.next("TEST").no
        with pytest.raises(NoNumberLeftError):
            batch.peek("TEST")


@pytest.mark.scenario("NoSeriesBatchTests.TestGetNextNoWithLastNoUsed")
def test_a_batch_goes_on_behind_the_last_number_used(begin):
    with begin() as work:
        add_series(work, ("1", "10", {"last_no_used": "3"}), step=2)
        batch = NumberBatch(work)
        assert draw(batch, 3) == ["5", "7", "9"]
        with pytest.raises(NoNumberLeftError):
            batch.next("TEST")


def simulate_five(batch):
    return [batch.simulate("TEST", f"A{number}") for number in range(5)]


@pytest.mark.scenario("NoSeriesBatchTests.TestSimulateGetNextNoSequenceDatabaseNotUpdated")
def test_simulated_and_unsaved_numbers_leave_the_series_alone(begin):
    with begin() as work:
        add_series(work, ("A1", "A9"), ("B1", "B9"), policy=SEQUENCE)
        first, second = NumberBatch(work), NumberBatch(work)
        assert simulate_five(first) == A_TO_B[:5]
        nine = [f"A{number}" for number in range(1, 10)]
        assert draw(first, 12) == [*nine, "B1", "B2", "B3"]
        assert draw(second, 3) == nine[:3]
        first.save()
        assert draw(NumberBatch(work), 3) == ["B4", "B5", "B6"]


@pytest.mark.scenario("NoSeriesBatchTests.TestSimulateGetNextNoNormalDatabaseNotUpdated")
def test_simulated_numbers_leave_the_batch_alone(begin):
    with begin() as work:
        add_series(work, ("A1", "A9"), ("B1", "B9"), policy=NORMAL)
        first, second = NumberBatch(work), NumberBatch(work)
        assert simulate_five(first) == A_TO_B[:5]
        assert draw(first, 3) == draw(second, 3) == ["A1", "A2", "A3"]


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesBatchTests.TestGetLastNoUsedCodeRunOut", SEQUENCE),
        scenario("NoSeriesBatchTests.TestGetLastNoUsedCodeRunOut", NORMAL),
    ],
)
def test_a_batch_has_no_last_number_once_its_series_is_used_up(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A9"), policy=policy)
        batch, other = NumberBatch(work), NumberBatch(work)
        assert batch.last_used("TEST") is None
        for number in range(1, 9):
            assert batch.next("TEST").no == batch.last_used("TEST") == f"A{number}"
        assert batch.next("TEST").no == "A9"
        assert batch.last_used("TEST") is None
        assert batch.try_next("TEST").no is None
        assert other.last_used("TEST") is None
        batch.save()
        assert other.last_used("TEST") is None


@pytest.mark.parametrize(
    "policy",
    [
        scenario("NoSeriesBatchTests.TestGetLastNoUsedRecordRunOut", SEQUENCE),
        scenario("NoSeriesBatchTests.TestGetLastNoUsedRecordRunOut", NORMAL),
    ],
)
def test_a_batch_knows_the_last_number_of_a_used_up_line(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A9"), policy=policy)
        batch, other = NumberBatch(work), NumberBatch(work)
        assert batch.last_used("TEST", line_no=10000) is None
        for number in range(1, 10):
            assert batch.next("TEST").no == f"A{number}"
            assert batch.last_used("TEST", line_no=10000) == f"A{number}"
        assert batch.try_next("TEST").no is None
        assert batch.last_used("TEST", line_no=10000) == "A9"
        assert other.last_used("TEST", line_no=10000) is None
        batch.save()
        fresh = NumberBatch(work)
        assert fresh.last_used("TEST", line_no=10000) == "A9"
        assert fresh.last_used("TEST") is None


@pytest.mark.scenario("NoSeriesBatchTests.TestDailyNoSeriesWithDifferentOrder")
def test_a_batch_chooses_lines_by_starting_date_and_not_by_line_number(begin):
    with begin() as work:
        days = [work.clock.work_date() + timedelta(days=number) for number in range(3)]
        add_series(
            work,
            *((f"{day}-001", None, {"starting_date": day}) for day in reversed(days)),
            policy=SEQUENCE,
        )
        batch = NumberBatch(work)
        assert [batch.next("TEST", day).no for day in days[:2]] == [
            f"{day}-001" for day in days[:2]
        ]
