"""Setting up series and lines on every store."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

import interactionlog as il
from interactionlog.errors import (
    DuplicateEntryError,
    FieldInvalidError,
    FormatMismatchError,
    LineIncompleteError,
    NoSeriesLineNotFoundError,
    NumberOutOfRangeError,
    NumbersDrawnError,
    NumberTakenError,
    NumberTooLongError,
    SeriesInUseError,
    SeriesNotFoundError,
    TemplateInvalidError,
    UsageError,
)
from interactionlog.integrity import check_integrity
from interactionlog.numbering.drawing import LineState
from interactionlog.numbering.ledger import NumberLedger
from interactionlog.numbering.series import NoSeries, NoSeriesRelation
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import ExpiringLine, NumberSeriesSetup, numbers_of
from interactionlog.templates.template import MarketingSetup
from interactionlog.values import NumberingPolicy, NumberState, ResetPeriod

DAY = date(2026, 5, 1)


def add_series(work, code="SEGM", **fields):
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code=code, **fields))
    return setup


def test_a_series_is_created_once(begin):
    with begin() as work:
        setup = add_series(work)
        with pytest.raises(DuplicateEntryError):
            setup.create_series(NoSeries(code="segm"))


def test_a_code_with_signs_of_a_filter_is_looked_up_as_it_stands(begin):
    with begin() as work:
        add_series(work, "A|B&<C>*").add_line("A|B&<C>*", "X1")
        add_series(work, "A").add_line("A", "Y1")
        assert NumberSeries(work).next("a|b&<c>*").no == "X1"


@pytest.mark.parametrize(
    ("off", "other"), [("default_nos", "manual_nos"), ("manual_nos", "default_nos")]
)
def test_inv_n_22_a_number_can_always_be_drawn_or_typed(begin, off, other):
    with begin() as work:
        setup = add_series(work, **{off: True, other: False})
        changed = setup.change_series("SEGM", **{off: False})
        assert getattr(changed, other)
        changed = setup.change_series("SEGM", **{other: False})
        assert getattr(changed, off)
        assert work.numbers.series.get("SEGM") == changed


def test_a_series_without_both_ways_is_refused(begin):
    with begin() as work:
        setup = add_series(work)
        with pytest.raises(FieldInvalidError):
            setup.change_series("SEGM", default_nos=False, manual_nos=False)


def test_what_does_not_exist_cannot_be_changed(begin):
    with begin() as work:
        setup = NumberSeriesSetup(work)
        with pytest.raises(SeriesNotFoundError):
            setup.add_line("SEGM", "SM00001")
        add_series(work)
        with pytest.raises(NoSeriesLineNotFoundError):
            setup.change_line("SEGM", 10000, step=2)


def test_lines_are_numbered_behind_each_other(begin):
    with begin() as work:
        setup = add_series(work)
        lines = [setup.add_line("SEGM", start) for start in ("A1", "B1")]
        assert [line.line_no for line in lines] == [10000, 20000]
        with pytest.raises(DuplicateEntryError):
            setup.add_line("SEGM", "C1", line_no=20000)


def test_the_numbers_of_a_line_are_given_back_as_text(begin):
    with begin() as work:
        setup = add_series(work)
        line = setup.add_line(
            "SEGM", "sm1", ending_no="sm250", warning_no="sm200", last_no_used="sm17"
        )
        state = LineState(line, work.numbers.counters.get("SEGM", 10000, None))
        assert numbers_of(state) == {
            "starting_no": "SM001",
            "ending_no": "SM250",
            "warning_no": "SM200",
            "last_no_used": "SM017",
        }


def test_a_last_number_before_the_first_is_refused(begin):
    with begin() as work:
        setup = add_series(work)
        with pytest.raises(NumberOutOfRangeError):
            setup.add_line("SEGM", "SM10", last_no_used="SM05")
        assert not work.numbers.lines.all("SEGM")


def test_extending_the_end_opens_a_closed_line_again(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A1", ending_no="A3", last_no_used="A3")
        assert NumberSeries(work).try_next("SEGM").no is None
        setup.change_line("SEGM", 10000, ending_no="A9")
        assert NumberSeries(work).next("SEGM").no == "A4"


def test_a_new_start_counts_only_as_long_as_nothing_was_used(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A01")
        setup.change_line("SEGM", 10000, starting_no="A05")
        assert NumberSeries(work).next("SEGM").no == "A05"
        setup.change_line("SEGM", 10000, starting_no="A03")
        assert NumberSeries(work).next("SEGM").no == "A06"
        with pytest.raises(NumberOutOfRangeError):
            setup.change_line("SEGM", 10000, starting_no="A50")


def test_a_form_that_numbers_were_drawn_in_never_changes(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A1")
        NumberSeries(work).next("SEGM")
        for change in ({"ending_no": "A99"}, {"starting_no": "B1"}, {"last_no_used": "A005"}):
            with pytest.raises(FormatMismatchError):
                setup.change_line("SEGM", 10000, **change)


def test_the_last_number_used_goes_back_only_before_the_first_draw(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A01", last_no_used="A50")
        setup.change_line("SEGM", 10000, last_no_used="A20")
        assert NumberSeries(work).next("SEGM").no == "A21"
        with pytest.raises(NumbersDrawnError):
            setup.change_line("SEGM", 10000, last_no_used="A20")
        setup.change_line("SEGM", 10000, last_no_used="A30")
        assert NumberSeries(work).next("SEGM").no == "A31"
        gaps = list(NumberLedger(work).explain_gaps("SEGM"))
        assert [(gap.first_no, gap.last_no, gap.reason) for gap in gaps] == [
            ("A22", "A29", "skipped by set-up")
        ]


@pytest.mark.parametrize("policy", list(NumberingPolicy))
def test_inv_n_16_a_new_step_starts_from_the_last_number_used(begin, policy):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A01", policy=policy)
        NumberSeries(work).next_many("SEGM", 3)
        setup.change_line("SEGM", 10000, step=7)
        assert list(NumberSeries(work).next_many("SEGM", 2)) == ["A10", "A17"]
        setup.change_line("SEGM", 10000, step=2)
        assert NumberSeries(work).next("SEGM").no == "A19"


def test_a_series_is_put_ahead_of_existing_numbers_and_never_back(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A001", ending_no="A999")
        setup.ensure_ahead("SEGM", "A120")
        setup.ensure_ahead("SEGM", "a007")
        assert NumberSeries(work).next("SEGM").no == "A121"
        assert not list(NumberLedger(work).explain_gaps("SEGM"))
        with pytest.raises(FormatMismatchError):
            setup.ensure_ahead("SEGM", "B130")


def test_a_series_is_put_ahead_on_the_line_that_holds_the_number(begin):
    with begin() as work:
        setup, series = add_series(work), NumberSeries(work)
        old, later = date(2025, 1, 1), date(2027, 1, 1)
        setup.add_line("SEGM", "A001", ending_no="A099", starting_date=old)
        setup.add_line("SEGM", "A100", ending_no="A199", starting_date=DAY)
        setup.add_line("SEGM", "A200", ending_no="A299", starting_date=DAY)
        setup.add_line("SEGM", "A300", starting_date=later)
        setup.ensure_ahead("SEGM", "A250")  # A100 to A199 come before it on the same dates
        assert [series.next("SEGM", day).no for day in (old, DAY, later)] == [
            "A001",
            "A251",
            "A300",
        ]
        setup.ensure_ahead("SEGM", "A350")
        assert [series.next("SEGM", day).no for day in (old, DAY, later)] == [
            "A002",
            "A252",
            "A351",
        ]
        assert not list(NumberLedger(work).explain_gaps("SEGM"))


def test_a_number_that_no_line_gives_puts_nothing_ahead(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A010", ending_no="A099")
        setup.add_line("SEGM", "A200", ending_no="A299")
        for number in ("A009", "A150", "A300", "A999"):
            setup.ensure_ahead("SEGM", number)
        assert not work.numbers.counters.of_series("SEGM")
        assert NumberSeries(work).next("SEGM").no == "A010"


YEARLY = {"reset_period": ResetPeriod.YEAR}
FROM_MAY, FROM_2027 = {"starting_date": DAY}, {"starting_date": date(2027, 1, 1)}
SHARED = [
    # the line that is there, how many are drawn, the line that is added, a number of both
    (("A1", {"ending_no": "A5"}), 0, ("A3", {"ending_no": "A9"}), "A3"),
    (("A1", {"ending_no": "A5"}), 5, ("A3", {"ending_no": "A9"}), "A3"),
    (("A1", {"ending_no": "A5"}), 5, ("A3", FROM_MAY), "A3"),
    (("A1", {}), 3, ("A3", FROM_2027), "A3"),
    (("A1", {}), 0, ("A50", {}), "A50"),
    (("A001", {"step": 2}), 2, ("A002", {"step": 2}), "A002"),
    (("A01", {}), 0, ("A001", {}), "A100"),
    (("1", {}), 0, ("001", {"ending_no": "100"}), "100"),
    (("A1", {"last_no_used": "A5"}), 0, ("A5", FROM_MAY), "A5"),
    (("A1", {"ending_no": "A5"}), 0, ("A1", {"ending_no": "A9", "last_no_used": "A3"}), "A4"),
    (("I{yyyy}-{n}", YEARLY), 1, ("I{yyyy}-{n}", YEARLY | FROM_MAY), "I{yyyy}-{n}"),
    (("I{yyyy}-{n}", YEARLY), 0, ("I{yyyy}-{n}", YEARLY), "I{yyyy}-{n}"),
    (("I{yyyy}-{n}", YEARLY), 3, ("I2026-3", FROM_MAY), "I{yyyy}-{n}"),
    (("I{yyyy}-{n}", {}), 3, ("I{yyyy}-{n:02}", {}), "I{yyyy}-{n:02}"),
    (("I{yyyy}-{n:03}", YEARLY), 3, ("I{yyyy}-{n}", YEARLY | {"first_value": 1000}), None),
    (("{yyyy}{doy}-{n}", {"reset_period": ResetPeriod.DAY}), 3, ("{yyyy}146-{n}", FROM_MAY), None),
    (("{fy}-{n}", {"reset_period": ResetPeriod.FISCAL_YEAR}), 2, ("25/26-{n}", FROM_2027), None),
    (("{fy}-{n}", {"reset_period": ResetPeriod.FISCAL_YEAR}), 0, ("{yyyy}-{n}", YEARLY), None),
    (("{n:03}/{yy}", {}), 0, ("{n:02}1/{yy}", {}), "{n:02}1/{yy}"),
    (("{n:03}{yy}", {}), 0, ("10026", {}), "{n:03}{yy}"),
]
DISJOINT = [
    (("A1", {"ending_no": "A5"}), 5, ("A6", {"ending_no": "A9"})),
    (("A1", {"ending_no": "A5"}), 5, ("A6", FROM_MAY)),
    (("A1", {}), 3, ("A4", FROM_2027)),  # only the integrity check tells
    (("A1", {}), 9, ("B1", {})),
    (("A1", {}), 9, ("A1/B", {})),
    (("A1", {}), 9, ("XA1", {})),
    (("A01", {}), 9, ("A001", {"ending_no": "A099"})),
    (("A1", {"ending_no": "A5"}), 5, ("A1", {"ending_no": "A9", "last_no_used": "A5"})),
    (("2026-001", {}), 9, ("2027-001", FROM_2027)),
    (("2026-001", {}), 9, ("{yyyy}-{n:03}", YEARLY | FROM_2027)),
    (("2026-001", {}), 9, ("{yyyy}/{n:03}", YEARLY)),
    (("2026001", {}), 9, ("{yyyy}{n:03}", YEARLY | FROM_2027)),
    (("26", {"ending_no": "26"}), 1, ("{n}5", {"last_allowed": 9})),
    (("{yy}-{n:02}", YEARLY | {"last_allowed": 15}), 9, ("{yy}-{n:02}", {"first_value": 20})),
    (("0998", {"ending_no": "0998"}), 1, ("{yy}{n:02}", {"last_allowed": 13})),
    (("2026001", {"ending_no": "2026999"}), 9, ("{yyyy}{n:04}", YEARLY)),
    (("INV-001", {}), 9, ("{fy}-{n:03}", {"reset_period": ResetPeriod.FISCAL_YEAR})),
    (("I{yyyy}-{n}", YEARLY), 9, ("I{yyyy}-{n}", YEARLY | FROM_2027)),
    (("I{yyyy}-{n:03}", YEARLY | {"last_allowed": 999}), 9, ("I{yyyy}-{n:04}", YEARLY)),
    (("I{yyyy}-{n}", YEARLY | {"last_allowed": 9}), 9, ("I{yyyy}-{n}", {"first_value": 10})),
    (("I{yyyy}-{n}", YEARLY), 9, ("I{yyyy}{mm}-{n}", {"reset_period": ResetPeriod.MONTH})),
    (("{fy}-{n}", {"reset_period": ResetPeriod.FISCAL_YEAR}), 2, ("26/27-{n}", FROM_2027)),
    (("{yyyy}{doy}-{n}", {"reset_period": ResetPeriod.DAY}), 3, ("{yyyy}147-{n}", FROM_MAY)),
]


def add_any_line(setup, start, fields):
    add = setup.add_template_line if "{" in start else setup.add_line
    return add("SEGM", start, **fields)


def july_to_june(day):
    year = day.year - (day.month < 7)
    first, last = date(year, 7, 1), date(year + 1, 6, 30)
    return il.numbering.FiscalYear(key=f"{year % 100}/{last:%y}", first_day=first, last_day=last)


def stored(work):
    """All that set-up of a series may change."""
    numbers = work.numbers
    return numbers.lines.all("SEGM"), numbers.counters.of_series("SEGM")


@pytest.mark.parametrize(("before", "drawn", "added", "number"), SHARED)
def test_inv_n_01_a_line_that_would_give_a_number_again_is_refused(
    begin, before, drawn, added, number
):
    with begin() as work:
        setup = add_series(work)
        add_any_line(setup, *before)
        if drawn:
            NumberSeries(work, july_to_june).next_many("SEGM", drawn, date(2026, 5, 26))
        as_it_was = stored(work)
        with pytest.raises(NumberTakenError) as refused:
            add_any_line(setup, *added)
        assert stored(work) == as_it_was
        assert "would come from line 20000 and line 10000: let one end" in str(refused.value)
        assert refused.value.line_no == 20_000
        assert number is None or f"number series SEGM: {number} would" in str(refused.value)
        assert refused.value.number == (None if "{" in before[0] + added[0] else number)


@pytest.mark.parametrize(("before", "drawn", "added"), DISJOINT)
def test_lines_that_give_no_number_twice_follow_each_other(begin, before, drawn, added):
    with begin() as work:
        setup, series = add_series(work), NumberSeries(work, july_to_june)
        add_any_line(setup, *before)
        numbers = list(series.next_many("SEGM", drawn, date(2026, 5, 26)))
        line = add_any_line(setup, *added)
        day = line.starting_date or DAY
        numbers += [series.next("SEGM", day, line_no=line.line_no).no for _ in range(4)]
        assert len(set(numbers)) == drawn + 4


@pytest.mark.parametrize(
    "change",
    [
        {"ending_no": "A12"},
        {"ending_no": None},
        {"starting_date": date(2025, 1, 1), "ending_no": "A12"},
        {"last_no_used": "A5", "ending_no": "A10"},
    ],
)
def test_a_change_that_would_give_a_number_again_is_refused(begin, change):
    with begin() as work:
        setup, series = add_series(work), NumberSeries(work)
        setup.add_line("SEGM", "A01", ending_no="A09")
        setup.add_line("SEGM", "A10", ending_no="A19")
        series.next("SEGM", line_no=20_000)
        as_it_was = stored(work)
        with pytest.raises(NumberTakenError, match="A10 would come from line 10000 and line 20000"):
            setup.change_line("SEGM", 10_000, **change)
        assert stored(work) == as_it_was


def test_a_line_that_shares_numbers_may_be_changed_so_that_it_shares_fewer(begin):
    with begin() as work:
        setup, series = add_series(work), NumberSeries(work)
        line = setup.add_line("SEGM", "A01")  # an older database may hold such lines
        work.numbers.lines.add(attrs.evolve(line, line_no=20_000, first_value=5))
        series.next_many("SEGM", 7)
        setup.change_line("SEGM", 10_000, ending_no="A07", policy=NumberingPolicy.GAPS_ALLOWED)
        setup.change_line("SEGM", 20_000, last_no_used="A07")
        assert series.next("SEGM").no == "A08"
        assert [fault.message for fault in check_integrity(work)] == []


def test_an_exhausted_line_is_closed_and_a_new_one_goes_on(begin):
    with begin() as work:
        setup, series = add_series(work), NumberSeries(work)
        setup.add_line("SEGM", "A01")
        series.next_many("SEGM", 5)
        setup.change_line("SEGM", 10_000, ending_no="A05")
        setup.add_line("SEGM", "A06", step=5)
        assert list(series.next_many("SEGM", 2)) == ["A06", "A11"]
        with pytest.raises(NumberTakenError):
            setup.change_line("SEGM", 10_000, ending_no="A06")


@pytest.mark.parametrize("ledger", [True, False])
def test_a_typed_number_counts_as_drawn(begin, ledger):
    with begin() as work:
        setup = add_series(work, manual_nos=True, ledger=ledger)
        setup.add_line("SEGM", "A01")
        il.numbering.SeriesChoice(work).take_manual("SEGM", "A03", move_counter=True)
        for call in (
            lambda: setup.change_line("SEGM", 10_000, last_no_used="A01"),
            lambda: setup.change_line("SEGM", 10_000, starting_no="A02"),
            lambda: setup.delete_line("SEGM", 10_000),
            lambda: setup.delete_series("SEGM"),
        ):
            with pytest.raises(NumbersDrawnError):
                call()
        with pytest.raises(FormatMismatchError):
            setup.change_line("SEGM", 10_000, last_no_used="A003")
        assert NumberSeries(work).next("SEGM").no == "A04"


def test_the_starting_number_does_not_rise_over_numbers_that_were_drawn(begin):
    """Or a line before it could give them again."""
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A01")
        NumberSeries(work).next_many("SEGM", 5)
        with pytest.raises(NumbersDrawnError, match="starting number does not rise"):
            setup.change_line("SEGM", 10_000, starting_no="A04")
        with pytest.raises(NumberTakenError):
            setup.add_line("SEGM", "A01", ending_no="A03")


def test_a_new_start_of_periods_forgets_no_number_of_the_old_ones(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_template_line("SEGM", "I{yyyy}-{n}", **YEARLY)
        NumberSeries(work).next_many("SEGM", 5)
        setup.change_line("SEGM", 10_000, starting_no="I2026-100")
        assert NumberSeries(work).next("SEGM", date(2027, 1, 1)).no == "I2027-100"
        with pytest.raises(NumberTakenError):
            setup.add_template_line("SEGM", "I{yyyy}-{n}", last_allowed=9, **YEARLY)


def test_renaming_takes_everything_along(begin):
    with begin() as work:
        setup = add_series(work)
        for code in ("OTHER", "THIRD"):
            add_series(work, code)
        setup.add_line("SEGM", "A1")
        setup.relate("SEGM", "OTHER")
        setup.relate("THIRD", "SEGM")
        work.marketing_setup.put(MarketingSetup(segment_nos="SEGM", contact_nos="OTHER"))
        NumberSeries(work).next("SEGM")
        before = work.numbers.series.get("SEGM")
        assert setup.rename_series("SEGM", "segm") == before == work.numbers.series.get("SEGM")
        setup.rename_series("SEGM", "new")
        with pytest.raises(SeriesNotFoundError):
            NumberSeries(work).next("SEGM")
        assert NumberSeries(work).next("NEW").no == "A2"
        assert NumberLedger(work).find("NEW", "A1").state is NumberState.USED
        assert work.numbers.relations.all() == [
            NoSeriesRelation(code="NEW", series_code="OTHER"),
            NoSeriesRelation(code="THIRD", series_code="NEW"),
        ]
        assert work.marketing_setup.get().segment_nos == "NEW"
        assert work.marketing_setup.get().contact_nos == "OTHER"
        with pytest.raises(DuplicateEntryError):
            setup.rename_series("NEW", "OTHER")


def test_inv_n_23_deleting_a_series_leaves_nothing_of_it(begin):
    with begin() as work:
        setup = add_series(work)
        add_series(work, "OTHER")
        setup.add_line("SEGM", "A1", last_no_used="A5")
        setup.relate("SEGM", "OTHER")
        setup.relate("OTHER", "SEGM")
        setup.delete_series("SEGM")
        assert work.numbers.series.find("SEGM") is None
        assert not work.numbers.lines.all("SEGM")
        assert not work.numbers.relations.all()
        assert not work.numbers.counters.of_series("SEGM")
        assert not work.numbers.ledger.ranges("SEGM", 10000, None, above=-1, limit=9)


def test_a_series_that_was_drawn_from_is_deleted_only_when_that_is_said(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A1")
        NumberSeries(work).next("SEGM")
        with pytest.raises(NumbersDrawnError):
            setup.delete_series("SEGM")
        with pytest.raises(NumbersDrawnError):
            setup.delete_line("SEGM", 10000)
        assert NumberSeries(work).next("SEGM").no == "A2"
        setup.delete_series("SEGM", even_if_drawn=True)
        assert work.numbers.series.find("SEGM") is None


def test_a_series_that_setup_names_is_not_deleted(begin):
    with begin() as work:
        setup = add_series(work)
        work.marketing_setup.put(MarketingSetup(campaign_nos="SEGM"))
        with pytest.raises(SeriesInUseError, match="campaign_nos"):
            setup.delete_series("SEGM")


def test_series_that_need_attention_are_listed(begin):
    with begin() as work:
        add_series(work, "EMPTY")
        add_series(work, "ENDLESS").add_line("ENDLESS", "A1")
        add_series(work, "FEW").add_line("FEW", "A1", ending_no="A9", last_no_used="A7")
        add_series(work, "MANY").add_line("MANY", "A1", ending_no="A9")
        setup = add_series(work, "WARNED")
        setup.add_line("WARNED", "A1", ending_no="A9", warning_no="A3", last_no_used="A3")
        assert setup.expiring() == (
            ExpiringLine(series_code="EMPTY", line_no=None, left=None),
            ExpiringLine(series_code="WARNED", line_no=10000, left=6),
        )
        assert ExpiringLine(series_code="FEW", line_no=10000, left=2) in setup.expiring(within=2)
        assert {line.series_code for line in setup.expiring(within=100)} == {
            "EMPTY",
            "FEW",
            "MANY",
            "WARNED",
        }


def test_a_template_that_cannot_show_the_work_date_needs_attention():
    clock = il.FixedClock("2100-01-01T09:30")
    with il.MemoryStore(clock=clock) as store, store.begin(user_id="U") as work:
        setup = add_series(work)
        setup.add_template_line("SEGM", "{yy}-{n:03}", last_allowed=9)
        setup.set_policy("SEGM", NumberingPolicy.GAPS_ALLOWED)
        assert work.numbers.lines.get("SEGM", 10000).policy is NumberingPolicy.GAPS_ALLOWED
        assert setup.expiring() == (ExpiringLine(series_code="SEGM", line_no=10000, left=0),)


def test_a_line_that_begins_anew_is_open_although_it_is_used_up(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_template_line("SEGM", "{yyyy}-{n}", last_allowed=1, **YEARLY)
        assert NumberSeries(work).next("SEGM").no == "2026-1"
        setup.set_policy("SEGM", NumberingPolicy.GAPS_ALLOWED)
        assert work.numbers.lines.get("SEGM", 10000).policy is NumberingPolicy.GAPS_ALLOWED


def test_a_line_that_another_one_follows_today_does_not_expire(begin):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", "A1", ending_no="A9", last_no_used="A9")
        setup.add_line("SEGM", "B1", ending_no="B9")
        assert setup.expiring(within=5) == ()


def test_a_template_line_starts_again_every_year_by_itself(begin):
    with begin() as work:
        setup = add_series(work, "INV")
        setup.add_template_line("INV", "inv{YYYY}-{n:05}", reset_period=ResetPeriod.YEAR)
        series = NumberSeries(work)
        days = [date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 2), date(2026, 12, 31)]
        assert [series.next("INV", day).no for day in days] == [
            "INV2026-00001",
            "INV2026-00002",
            "INV2027-00001",
            "INV2026-00003",
        ]
        assert series.last_used("INV") == "INV2026-00003"


def test_a_bad_template_line_is_refused_when_it_is_defined(begin):
    with begin() as work:
        setup = add_series(work, "INV")
        with pytest.raises(TemplateInvalidError):
            setup.add_template_line("INV", "INV{yyyy}")
        with pytest.raises(FieldInvalidError):
            setup.add_template_line("INV", "INV-{n:05}", reset_period=ResetPeriod.YEAR)


def test_the_end_of_a_template_line_is_set_by_a_number_of_its_form(begin):
    with begin() as work:
        setup = add_series(work, "INV")
        setup.add_template_line("INV", "INV{yyyy}-{n:02}", reset_period=ResetPeriod.YEAR)
        line = setup.change_line("INV", 10000, ending_no="INV2026-50", warning_no="INV2026-40")
        assert (line.last_allowed, line.warning_value) == (50, 40)
        line = setup.change_line("INV", 10000, starting_no="INV2026-03")
        assert NumberSeries(work).next("INV", DAY).no == "INV2026-03"
        line = setup.change_line("INV", 10000, ending_no=None)
        assert (line.last_allowed, line.warning_value) == (None, None)
        for change in ({"ending_no": "IN50"}, {"last_no_used": "INV2026-07"}):
            with pytest.raises(FormatMismatchError):
                setup.change_line("INV", 10000, **change)
        with pytest.raises(LineIncompleteError):
            setup.change_line("INV", 10000, warning_no="INV2026-40")


def test_a_template_line_is_put_ahead_in_the_period_of_the_work_date(begin):
    with begin() as work:
        setup = add_series(work, "INV")
        setup.add_template_line("INV", "INV{yyyy}-{n:05}", reset_period=ResetPeriod.YEAR)
        setup.ensure_ahead("INV", "INV2026-00041")
        assert NumberSeries(work).next("INV").no == "INV2026-00042"
        assert NumberSeries(work).next("INV", date(2027, 1, 1)).no == "INV2027-00001"


@pytest.mark.parametrize(
    ("starting_no", "max_length", "greatest"),
    [("A8", 2, "A9"), ("A8", 4, "A999"), ("98/B", 5, "999/B"), ("8", 1, "9"), ("A01", 20, None)],
)
def test_a_line_may_end_with_its_greatest_number_of_a_length(
    begin, starting_no, max_length, greatest
):
    with begin() as work:
        setup = add_series(work)
        setup.add_line("SEGM", starting_no, max_length=max_length)
        greatest = greatest or f"A{10**18 - 1}"
        setup.ensure_ahead("SEGM", increment_back(greatest))
        series = NumberSeries(work)
        assert series.next("SEGM").no == greatest
        with pytest.raises(NumberOutOfRangeError):
            series.next("SEGM", line_no=10000)


def increment_back(number):
    """The number before one that ends with a nine."""
    head, nine, tail = number.rpartition("9")
    return f"{head}{int(nine) - 1}{tail}"


@pytest.mark.parametrize(
    ("numbers", "fields"),
    [
        (("SM00001",), {"max_length": 6}),
        (("SM001", "SM99999"), {"max_length": 6}),
        (("SM1",), {"max_length": 6, "last_no_used": "SM00007"}),
    ],
)
def test_a_number_that_is_longer_than_wanted_is_refused(begin, numbers, fields):
    starting_no, *ending_no = numbers
    with begin() as work:
        setup = add_series(work)
        with pytest.raises(NumberTooLongError, match="more than 6 characters"):
            setup.add_line("SEGM", starting_no, ending_no=(ending_no or [None])[0], **fields)
        assert not work.numbers.lines.all("SEGM")


@pytest.mark.parametrize("max_length", [0, 21])
def test_no_number_is_longer_than_twenty_characters_whatever_is_wanted(begin, max_length):
    with begin() as work:
        setup = add_series(work)
        with pytest.raises(UsageError, match="from 1 to 20"):
            setup.add_line("SEGM", "A1", max_length=max_length)


def test_an_end_within_the_wanted_length_stays(begin):
    with begin() as work:
        line = add_series(work).add_line("SEGM", "A1", ending_no="A50", max_length=14)
        assert line.last_allowed == 50


def test_a_template_may_show_the_tenant(begin):
    with begin.tenant("acme")() as work:
        setup = add_series(work, "INV")
        if not work.tenant:  # memory has one tenant, without a name
            with pytest.raises(TemplateInvalidError, match="needs a tenant"):
                setup.add_template_line("INV", "{tenant}-{n:03}")
            return
        assert work.tenant.endswith("acme")
        line = setup.add_template_line("INV", "{Tenant}-{n:03}")
        assert line.template == f"{work.tenant.upper()}-{{n:03}}"
        assert NumberSeries(work).next("INV").no == f"{work.tenant.upper()}-001"
        with pytest.raises(TemplateInvalidError, match="more than 20"):
            setup.add_template_line("INV", "{tenant}{tenant}{tenant}{tenant}-{n:06}")


def test_an_error_about_a_number_names_the_series(begin):
    with begin() as work:
        setup, numbers = NumberSeriesSetup(work), NumberSeries(work)
        add_series(work, "SEG").add_line("SEG", "S0001")
        for call in (
            lambda: setup.add_line("SEG", "ABC"),
            lambda: setup.add_line("SEG", "1", ending_no="X9"),
            lambda: setup.add_line("SEG", "9" * 19),
            lambda: setup.add_template_line("SEG", "x"),
            lambda: setup.add_template_line("SEG", "{foo}{n}"),
            lambda: setup.change_line("SEG", 10_000, ending_no="ABC"),
            lambda: setup.change_line("SEG", 10_000, ending_no="X9999"),
            lambda: numbers.simulate("SEG", "ABC"),
        ):
            with pytest.raises((il.NumberSeriesError, il.FieldInvalidError)) as told:
                call()
            assert isinstance(told.value, il.FieldInvalidError) or (
                told.value.series_code == "SEG" and "number series SEG: " in str(told.value)
            )


def test_a_series_that_is_not_there_is_told_so_where_a_record_is_numbered(begin):
    with begin() as work:
        work.marketing_setup.set(segment_nos="GONE")
        with pytest.raises(il.NumberSeriesError, match="GONE: there is no such series: create it"):
            il.SegmentService(work).create("x")
