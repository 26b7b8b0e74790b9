"""Who waits for whose number, on every store that owns its transactions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from datetime import date

import pytest

import interactionlog as il

pytestmark = pytest.mark.every_store  # statements that no contract runs

A_MOMENT = 0.1
"""Seconds that somebody is watched who has to wait for as long as it takes."""


@pytest.fixture
def rival(store):
    """Draw from a series in a thread of its own, and commit; gives the future of the number."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda code, **which: thread.submit(draw, store, code, **which)


def draw(store, code, **which):
    with store.begin(user_id="RIVAL") as work:
        return il.numbering.NumberSeries(work).next(code, **which).no


def add_series(store, *codes, policy=il.numbering.NumberingPolicy.GAPLESS):
    """Every series has two lines, with an A and a B before the counter."""
    with store.begin(user_id="SETUP") as work:
        setup = il.numbering.NumberSeriesSetup(work)
        for code in codes:
            setup.create_series(il.numbering.NoSeries(code=code))
            for letter in "AB":
                setup.add_line(code, f"{letter}1", ending_no=f"{letter}9", policy=policy)


def writes_alone(store):
    """SQLite and memory have one writing transaction at a time, whatever it draws from."""
    return not isinstance(store, il.PostgresStore)


def is_waiting(number):
    try:
        number.result(A_MOMENT)
    except StillWaiting:
        return True
    return False


@pytest.mark.rule("NS-K01")
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_gapless_number_is_waited_for_until_its_transaction_ends(store, rival, end):
    add_series(store, "X")
    with store.begin(user_id="TESTER") as work:
        assert il.numbering.NumberSeries(work).next("X").no == "A1"
        number = rival("X")
        assert is_waiting(number)
        with store.read() as reader:  # looking waits for nobody
            assert il.numbering.NumberSeries(reader).peek("X").no == "A1"
            assert il.numbering.NumberSeries(reader).last_used("X") is None
        assert is_waiting(number)
        if end == "rollback":
            work.rollback()
    assert number.result() == ("A2" if end == "commit" else "A1")
    assert draw(store, "X") == ("A3" if end == "commit" else "A2")


@pytest.mark.rule("NS-K01")
@pytest.mark.parametrize(("code", "line_no"), [("Y", None), ("X", 20_000)])
def test_another_series_or_line_is_not_waited_for_where_others_may_write(
    store, rival, code, line_no
):
    add_series(store, "X", "Y")
    with store.begin(user_id="TESTER") as work:
        il.numbering.NumberSeries(work).next("X")
        number = rival(code, line_no=line_no)
        if writes_alone(store):
            assert is_waiting(number)
        else:
            assert number.result() == ("B1" if line_no else "A1")
    assert number.result() == ("B1" if line_no else "A1")


@pytest.mark.rule("NS-K04")
@pytest.mark.rule("NS-K10")
@pytest.mark.parametrize("policy", list(il.numbering.NumberingPolicy))
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_who_waited_for_the_last_number_of_a_line_gets_one_of_the_next(store, rival, policy, end):
    """In the original the waiter stays on the line that is used up by now, and fails."""
    add_series(store, "X", policy=policy)
    with store.begin(user_id="TESTER") as work:
        il.numbering.NumberSeries(work).next_many("X", 8)
    with store.begin(user_id="TESTER") as work:
        assert il.numbering.NumberSeries(work).next("X").no == "A9"
        number = rival("X")
        apart = policy is il.numbering.NumberingPolicy.GAPS_ALLOWED and not writes_alone(store)
        assert apart or is_waiting(number)
        if end == "rollback":
            work.rollback()
    assert number.result() == ("A9" if end == "rollback" and not apart else "B1")


@pytest.mark.rule("NS-K05")
@pytest.mark.rule("NS-D04")
@pytest.mark.parametrize(("end", "refused"), [("commit", True), ("rollback", False)])
def test_who_waited_while_a_later_date_was_drawn_is_refused(store, rival, end, refused):
    """In the original the date was checked before the wait, and the order is broken."""
    add_series(store, "X")
    with store.begin(user_id="TESTER") as work:
        il.numbering.NumberSeriesSetup(work).change_series("X", date_order=True)
        il.numbering.NumberSeries(work).next("X", date(2026, 3, 1))
    with store.begin(user_id="TESTER") as work:
        il.numbering.NumberSeries(work).next("X", date(2026, 3, 3))
        number = rival("X", usage_date=date(2026, 3, 2))
        assert is_waiting(number)
        if end == "rollback":
            work.rollback()
    if refused:
        with pytest.raises(il.numbering.DateTooEarlyError, match="2026-03-03"):
            number.result()
    else:
        assert number.result() == "A2"
    with store.read() as work:
        (counter,) = work.numbers.counters.of_series("X")
        assert counter.last_value == 2
        assert counter.last_date == (date(2026, 3, 3) if refused else date(2026, 3, 2))


@pytest.mark.rule("NS-K07")
def test_where_gaps_are_allowed_nobody_waits_and_a_lost_number_never_comes_again(store, rival):
    add_series(store, "X", policy=il.numbering.NumberingPolicy.GAPS_ALLOWED)
    with store.begin(user_id="TESTER") as work:
        assert il.numbering.NumberSeries(work).next("X").no == "A1"
        number = rival("X")
        if writes_alone(store):
            assert is_waiting(number)
        else:
            assert number.result() == "A2"
            assert draw_again(rival, 2) == ["A3", "A4"]
        work.rollback()
    alone = writes_alone(store)
    assert number.result() == ("A1" if alone else "A2")
    assert draw(store, "X") == ("A2" if alone else "A5")
    with store.read() as reader:
        gaps = [
            (gap.kind, gap.first_no) for gap in il.numbering.NumberLedger(reader).explain_gaps("X")
        ]
        assert gaps == ([] if alone else [(il.numbering.GapKind.NOT_RECORDED, "A1")])


def draw_again(rival, count):
    return [rival("X").result() for _ in range(count)]


@pytest.mark.rule("NS-K07")
def test_numbers_drawn_at_the_same_time_where_gaps_are_allowed_are_all_different(store):
    add_series(store, "X", policy=il.numbering.NumberingPolicy.GAPS_ALLOWED)
    with ThreadPoolExecutor(6) as threads:
        numbers = list(threads.map(lambda _: draw(store, "X"), range(18)))
    assert sorted(numbers) == [f"{letter}{n}" for letter in "AB" for n in range(1, 10)]


@pytest.mark.rule("NS-K07")
def test_who_set_a_line_up_draws_from_it_in_the_same_transaction(store):
    """A transaction of its own would wait for the one that changed the counter, for ever."""
    with store.begin(user_id="TESTER") as work:
        setup = il.numbering.NumberSeriesSetup(work)
        setup.create_series(il.numbering.NoSeries(code="X"))
        line = setup.add_line(
            "X", "A1", policy=il.numbering.NumberingPolicy.GAPS_ALLOWED, last_no_used="A4"
        )
        assert il.numbering.NumberSeries(work).next("X").no == "A5"
        setup.change_line("X", line.line_no, last_no_used="A7")
        assert il.numbering.NumberSeries(work).next("X").no == "A8"
        work.rollback()
    with store.read() as work:
        assert work.numbers.series.find("X") is None


@pytest.mark.rule("NS-K07")
def test_who_renamed_a_series_draws_from_it_in_the_same_transaction(store):
    add_series(store, "X", policy=il.numbering.NumberingPolicy.GAPS_ALLOWED)
    assert draw(store, "X") == "A1"
    with store.begin(user_id="TESTER") as work:
        il.numbering.NumberSeriesSetup(work).rename_series("X", "Y")
        assert il.numbering.NumberSeries(work).next("Y").no == "A2"
        work.rollback()
    assert draw(store, "X") == "A2"
