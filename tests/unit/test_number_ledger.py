"""The ledger of numbers drawn, and the gaps it explains, on every store."""

from __future__ import annotations

from datetime import date

import pytest

from interactionlog.errors import FieldInvalidError, FormatMismatchError, StateError
from interactionlog.numbering.ledger import GapKind, NumberLedger
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.values import NumberingPolicy, NumberState, ResetPeriod

DAY = date(2026, 5, 1)


def add_series(work, start="A01", **fields):
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code="X"))
    setup.add_line("X", start, **fields)
    return NumberSeries(work), NumberLedger(work)


def gaps_of(ledger, *numbers):
    return [
        (gap.kind, gap.first_no, gap.last_no, gap.count)
        for gap in ledger.explain_gaps("X", *numbers)
    ]


def forget(work, *values):
    """Take rows out of the ledger, as a rollback of the rest of their transaction does."""
    for value in values:
        (row,) = work.numbers.ledger.ranges("X", 10000, None, above=value - 1, limit=1)
        work.numbers.ledger.replace(row, [])


def test_a_draw_is_written_down_with_who_when_and_for_what(begin):
    with begin(user_id="helena") as work:
        series, ledger = add_series(work)
        series.next("X", DAY, record_kind="segment", record_key="S-7")
        row = ledger.find("x", "a01")
        assert (row.user_id, row.recorded_at, row.usage_date) == ("HELENA", work.clock.now(), DAY)
        assert (row.record_kind, row.record_key) == ("segment", "S-7")
        assert row.state is NumberState.USED
        assert ledger.find("X", "A02") is None


@pytest.mark.parametrize(("kind", "key"), [("contact", "CT7"), ("order", "ct7")])
def test_a_number_of_a_contact_is_kept_under_its_code(begin, kind, key):
    """So that what is erased with the contact is found; the keys of a host stay as they are."""
    with begin() as work:
        series, ledger = add_series(work)
        series.next("X", DAY, record_kind=kind, record_key="ct7")
        assert ledger.find("X", "A01").record_key == key


def test_a_block_is_one_row(begin):
    with begin() as work:
        series, _ = add_series(work)
        series.next_many("X", 50, DAY, record_kind="invoice")
        rows = work.numbers.ledger.ranges("X", 10000, None, above=0, limit=9)
        assert [(row.first_value, row.last_value, row.record_kind) for row in rows] == [
            (1, 50, "invoice")
        ]


def test_a_series_may_keep_no_ledger(begin):
    with begin() as work:
        series, ledger = add_series(work)
        NumberSeriesSetup(work).change_series("X", ledger=False)
        series.next("X")
        assert ledger.find("X", "A01") is None
        assert gaps_of(ledger) == [(GapKind.NOT_RECORDED, "A01", "A01", 1)]


def test_numbers_in_use_leave_no_gap(begin):
    with begin() as work:
        series, ledger = add_series(work, last_no_used="A07")
        series.next("X")
        series.next_many("X", 5)
        assert gaps_of(ledger) == []


def test_a_number_is_void_for_a_reason(begin):
    with begin(user_id="auditor") as work:
        series, ledger = add_series(work)
        series.next_many("X", 9, DAY)
        ledger.void("X", "A03", "A05", reason="printer jam")
        (gap,) = ledger.explain_gaps("X")
        assert (gap.kind, gap.first_no, gap.last_no, gap.count) == (GapKind.VOID, "A03", "A05", 3)
        assert (gap.reason, gap.user_id, gap.usage_date) == ("printer jam", "AUDITOR", DAY)
        assert ledger.find("X", "A02").state is NumberState.USED
        assert ledger.find("X", "A06").state is NumberState.USED


@pytest.mark.parametrize(
    ("first", "last", "reason", "error"),
    [
        ("A03", None, " ", FieldInvalidError),
        ("A03", None, "\u200b\u00a0", FieldInvalidError),
        ("A03", None, "again", StateError),
        ("A02", "A04", "one of them again", StateError),
        ("A10", None, "not drawn", StateError),
        ("A09", "A11", "the last ones not drawn", StateError),
        ("B03", None, "of another form", FormatMismatchError),
        ("A05", "A04", "backwards", FormatMismatchError),
    ],
)
def test_a_number_that_cannot_become_void_stays_as_it_is(begin, first, last, reason, error):
    with begin() as work:
        series, ledger = add_series(work)
        series.next_many("X", 9, DAY)
        ledger.void("X", "A03", reason="printer jam")
        before = work.numbers.ledger.ranges("X", 10000, None, above=0, limit=9)
        if error is FieldInvalidError:
            first = "A04"
        with pytest.raises(error):
            ledger.void("X", first, last, reason=reason)
        assert work.numbers.ledger.ranges("X", 10000, None, above=0, limit=9) == before


def test_numbers_with_an_unknown_one_among_them_do_not_become_void(begin):
    with begin() as work:
        series, ledger = add_series(work)
        for _ in range(5):
            series.next("X", DAY)
        forget(work, 3)
        with pytest.raises(
            StateError, match="series X: a number from A02 to A04 is not recorded as"
        ):
            ledger.void("X", "A02", "A04", reason="one is not recorded")
        assert gaps_of(ledger) == [(GapKind.NOT_RECORDED, "A03", "A03", 1)]


def test_a_reserved_number_is_a_gap_until_a_record_gets_it(begin):
    with begin() as work:
        series, ledger = add_series(work)
        assert list(series.reserve("X", 3, DAY)) == ["A01", "A02", "A03"]
        assert series.next("X").no == "A04"
        ledger.use("X", "A02", "invoice", "I-2")
        assert gaps_of(ledger) == [
            (GapKind.RESERVED, "A01", "A01", 1),
            (GapKind.RESERVED, "A03", "A03", 1),
        ]
        assert ledger.find("X", "A02").record_key == "I-2"
        with pytest.raises(StateError):
            ledger.use("X", "A02", "invoice", "I-3")
        ledger.void("X", "A01", reason="not needed")
        assert gaps_of(ledger)[0] == (GapKind.VOID, "A01", "A01", 1)


def test_numbers_that_are_not_recorded_lie_between_two_known_draws(begin):
    with begin() as work:
        series, ledger = add_series(work, step=3)
        for _ in range(6):
            series.next("X", DAY)
        forget(work, 1, 7, 10, 16)
        gaps = list(ledger.explain_gaps("X"))
        assert [(gap.first_no, gap.last_no, gap.count) for gap in gaps] == [
            ("A01", "A01", 1),
            ("A07", "A10", 2),
            ("A16", "A16", 1),
        ]
        assert {gap.kind for gap in gaps} == {GapKind.NOT_RECORDED}
        known = [
            tuple(row and row.first_value for row in (gap.known_before, gap.known_after))
            for gap in gaps
        ]
        assert known == [(None, 4), (4, 13), (13, None)]


def test_a_step_that_changed_makes_no_gaps(begin):
    with begin() as work:
        series, ledger = add_series(work)
        series.next("X")
        NumberSeriesSetup(work).change_line("X", 10000, step=10)
        series.next_many("X", 2)
        NumberSeriesSetup(work).change_line("X", 10000, step=1)
        series.next("X")
        assert gaps_of(ledger) == []


def test_gaps_are_asked_for_between_two_numbers(begin):
    with begin() as work:
        series, ledger = add_series(work)
        series.next_many("X", 20)
        ledger.void("X", "A02", "A06", reason="first jam")
        ledger.void("X", "A10", reason="second jam")
        assert gaps_of(ledger, "A04", "A09") == [(GapKind.VOID, "A04", "A06", 3)]
        assert gaps_of(ledger, "A11") == []
        assert gaps_of(ledger, None, "A02") == [(GapKind.VOID, "A02", "A02", 1)]
        with pytest.raises(FormatMismatchError):
            gaps_of(ledger, "B04")


@pytest.mark.parametrize("ledger_on", [True, False])
def test_bounds_between_two_steps_are_taken_inward(begin, ledger_on):
    with begin() as work:
        series, ledger = add_series(work, step=10)
        NumberSeriesSetup(work).change_series("X", ledger=ledger_on)
        (series.reserve if ledger_on else series.next_many)("X", 3)  # A01, A11 and A21
        kind = GapKind.RESERVED if ledger_on else GapKind.NOT_RECORDED
        assert gaps_of(ledger) == [(kind, "A01", "A21", 3)]
        assert gaps_of(ledger, "A02") == [(kind, "A11", "A21", 2)]
        assert gaps_of(ledger, None, "A20") == [(kind, "A01", "A11", 2)]
        assert gaps_of(ledger, "A02", "A20") == [(kind, "A11", "A11", 1)]
        for nothing in (("A02", "A05"), ("A22",), ("A40", "A50")):
            assert gaps_of(ledger, *nothing) == []


def test_bounds_between_two_steps_of_a_template_lie_in_the_period_they_show(begin):
    with begin() as work:
        add_series(work, "A01", ending_no="A09")
        setup, started = NumberSeriesSetup(work), date(2026, 1, 1)
        setup.add_line("X", "A10", starting_date=started, last_no_used="A14")
        setup.add_template_line(
            "X", "I{yyyy}-{n}", reset_period=ResetPeriod.YEAR, step=5, line_no=9, starting_date=DAY
        )
        series, ledger = NumberSeries(work), NumberLedger(work)
        for day in (DAY, date(2027, 1, 1)):
            series.reserve("X", 3, day)
        assert gaps_of(ledger, "I2027-2", "I2027-8") == [
            (GapKind.RESERVED, "I2027-6", "I2027-6", 1)
        ]
        with pytest.raises(FormatMismatchError, match="I2028-2 is not a number of this series"):
            gaps_of(ledger, "I2028-2")
        NumberSeriesSetup(work).change_series("X", ledger=False)
        series.next_many(
            "X", 2, started
        )  # of the second line, and only a look at the ranges says so
        assert gaps_of(ledger, "A15", "A16") == [(GapKind.NOT_RECORDED, "A15", "A16", 2)]


def test_bounds_between_draws_of_two_steps_find_what_the_whole_line_finds(begin):
    with begin() as work:
        series, ledger = add_series(work, "A001")
        setup = NumberSeriesSetup(work)
        for step in (1, 10, 3):
            setup.change_line("X", 10000, step=step)
            for _ in range(3):
                series.next("X")  # A001 to A003, A013, A023, A033, A036, A039, A042
        forget(work, 2, 13, 36, 42)
        whole = ["A002", "A013", "A036", "A042"]
        assert [(gap.first_no, gap.last_no) for gap in ledger.explain_gaps("X")] == [
            (no, no) for no in whole
        ]
        for low in range(1, 45):
            for high in range(low, 45):
                first, last = f"A{low:03}", f"A{high:03}"
                found = [gap.first_no for gap in ledger.explain_gaps("X", first, last)]
                assert found == [no for no in whole if first <= no <= last], (first, last)


def test_swapped_bounds_are_refused_by_name(begin):
    with begin() as work:
        series, ledger = add_series(work)
        series.reserve("X", 3)
        with pytest.raises(FormatMismatchError, match="A03 to A01 is no range of one line"):
            gaps_of(ledger, "A03", "A01")
        with pytest.raises(FormatMismatchError, match="A03 to A01 is no range of one line"):
            ledger.void("X", "A03", "A01", reason="jam")


@pytest.mark.parametrize(("first", "last"), [("A05", "A15"), ("A05", "A11"), ("A01", "A15")])
def test_a_number_between_two_steps_was_not_drawn_and_does_not_become_void(begin, first, last):
    with begin() as work:
        series, ledger = add_series(work, step=10)
        series.next_many("X", 3)
        before = work.numbers.ledger.ranges("X", 10000, None, above=0, limit=9)
        with pytest.raises(StateError, match=f"a number from {first} to {last} is not recorded"):
            ledger.void("X", first, last, reason="jam")
        assert work.numbers.ledger.ranges("X", 10000, None, above=0, limit=9) == before


def test_skipped_numbers_are_no_gaps_because_records_have_them(begin):
    with begin() as work:
        series, ledger = add_series(work)
        assert series.next("X", exists={"A01", "A02"}.__contains__).no == "A03"
        assert gaps_of(ledger) == []
        assert "skipped" in ledger.find("X", "A02").reason


def test_skipped_numbers_are_written_down_in_the_step_of_their_line(begin):
    with begin() as work:
        series, ledger = add_series(work, step=5)
        assert series.next("X", exists={"A01", "A06"}.__contains__).no == "A11"
        found = {no: ledger.find("X", no) for no in ("A01", "A06", "A11", "A16")}
        assert {no: row and row.reason[:7] for no, row in found.items()} == {
            **dict.fromkeys(("A01", "A06"), "skipped"),
            "A11": "",
            "A16": None,
        }


def test_gaps_of_a_template_line_are_told_period_by_period(begin):
    with begin() as work:
        add_series(work)
        NumberSeriesSetup(work).add_template_line(
            "X", "INV{yyyy}-{n:03}", reset_period=ResetPeriod.YEAR, starting_date=date(2026, 1, 1)
        )
        series, ledger = NumberSeries(work), NumberLedger(work)
        for year in (2026, 2027):
            series.next_many("X", 5, date(year, 3, 1))
        ledger.void("X", "INV2026-002", reason="jam in 2026")
        ledger.void("X", "INV2027-004", "INV2027-005", reason="jam in 2027")
        assert gaps_of(ledger) == [
            (GapKind.VOID, "INV2026-002", "INV2026-002", 1),
            (GapKind.VOID, "INV2027-004", "INV2027-005", 2),
        ]
        assert gaps_of(ledger, "INV2027-001", "INV2027-004") == [
            (GapKind.VOID, "INV2027-004", "INV2027-004", 1)
        ]
        with pytest.raises(FormatMismatchError):
            gaps_of(ledger, "INV2026-001", "INV2027-001")
        with pytest.raises(FormatMismatchError):
            gaps_of(ledger, "INV2028-001")


def test_a_long_ledger_is_read_in_chunks(begin, monkeypatch):
    monkeypatch.setattr("interactionlog.numbering.ledger._CHUNK", 2)
    with begin() as work:
        series, ledger = add_series(work)
        for _ in range(7):
            series.next("X")
        ledger.void("X", "A02", "A06", reason="jam")
        assert [gap[1:3] for gap in gaps_of(ledger)] == [(f"A0{n}", f"A0{n}") for n in range(2, 7)]


@pytest.mark.parametrize("policy", list(NumberingPolicy))
def test_a_number_lost_by_a_rollback_is_explained_where_it_is_not_given_again(begin, policy):
    with begin() as work:
        add_series(work, policy=policy)
    drawn = []
    for rolled_back in (False, True, False):
        with begin() as work:
            drawn.append(NumberSeries(work).next("X", DAY).no)
            if rolled_back:
                work.rollback()
    with begin.read() as work:
        lost = [] if drawn[1] == drawn[2] else [(GapKind.NOT_RECORDED, drawn[1], drawn[1], 1)]
        assert gaps_of(NumberLedger(work)) == lost
    assert policy is NumberingPolicy.GAPS_ALLOWED or not lost
