"""Rules of number series that the worked examples and the scenarios leave open, on every store."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import interactionlog as il
from interactionlog.adapters.memory.store import MemoryStore
from interactionlog.errors import (
    AutomaticNotAllowedError,
    DateTooEarlyError,
    DuplicateEntryError,
    FieldInvalidError,
    LineIncompleteError,
    ManualNotAllowedError,
    NoLineForDateError,
    NoSeriesLineNotFoundError,
    NotRelatedError,
    NumberOutOfRangeError,
    NumbersDrawnError,
    NumberTakenError,
    SeriesExhaustedError,
    SeriesInUseError,
    SetupMissingError,
    StaleBatchError,
    UsageError,
)
from interactionlog.numbering.batch import NumberBatch
from interactionlog.numbering.series import NoSeries, NumberRange
from interactionlog.numbering.service import NumberSeries, SeriesChoice
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.service import SegmentService
from interactionlog.templates.template import MarketingSetup
from interactionlog.testing import an_attachment, an_entry
from interactionlog.values import NumberGrowth, NumberingPolicy, NumberState

WORK_DATE = date(2026, 1, 26)
DAY = date(2026, 5, 1)
POLICIES = list(NumberingPolicy)


def add_series(work, *lines, code="X", policy=NumberingPolicy.GAPLESS, **fields):
    """Add a series with lines of (start, end, further fields)."""
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code=code, **fields))
    for start, end, *more in lines:
        setup.add_line(code, start, ending_no=end, policy=policy, **(more[0] if more else {}))
    return NumberSeries(work)


@pytest.mark.rule("NS-E04")
def test_series_and_relations_belong_to_a_tenant(begin):
    if isinstance(begin.store, MemoryStore):
        pytest.skip("a memory store has one tenant")
    with begin() as work:
        add_series(work, ("A1", None))
        add_series(work, ("B1", None), code="Y")
        NumberSeriesSetup(work).relate("X", "Y")
    with begin.tenant("OTHER")() as work:
        assert not work.numbers.series.all()
        assert not work.numbers.lines.all("X")
        assert not work.numbers.relations.all()
        assert add_series(work, ("A1", None)).next("X").no == "A1"


@pytest.mark.rule("NS-E05")
def test_a_deleted_line_takes_its_counter_and_its_ledger_along(begin):
    with begin() as work:
        series, setup = add_series(work, ("A1", None), ("B1", None)), NumberSeriesSetup(work)
        series.next("X", DAY)
        series.next("X", DAY, line_no=20_000)
        with pytest.raises(NumbersDrawnError):
            setup.delete_line("X", 10_000)
        setup.delete_line("X", 10_000, even_if_drawn=True)
        assert [line.line_no for line in work.numbers.lines.all("X")] == [20_000]
        assert [c.line_no for c in work.numbers.counters.of_series("X")] == [20_000]
        assert not work.numbers.ledger.ranges("X", 10_000, None, above=-1, limit=9)


@pytest.mark.rule("NS-E07")
@pytest.mark.parametrize("kind", ["segment", "contact", "campaign", "to_do", "opportunity"])
def test_setup_names_a_series_for_each_kind_of_record(begin, kind):
    with begin() as work:
        add_series(work, ("A1", None))
        work.marketing_setup.put(MarketingSetup(**{f"{kind}_nos": "x"}))
        assert getattr(work.marketing_setup.get(), f"{kind}_nos") == "X"
        with pytest.raises(SeriesInUseError, match=f"{kind}_nos"):
            NumberSeriesSetup(work).delete_series("X")


@pytest.mark.rule("NS-E08")
def test_a_segment_is_numbered_from_setup_or_from_a_related_series_at_the_work_date(begin):
    with begin() as work:
        segments, setup = SegmentService(work), NumberSeriesSetup(work)
        with pytest.raises(SetupMissingError):
            segments.create("S")
        add_series(work, ("A1", None), ("N1", None, {"starting_date": WORK_DATE}))
        add_series(work, ("B1", None), code="Y")
        add_series(work, ("C1", None), code="Z")
        setup.relate("X", "Y")
        work.marketing_setup.put(MarketingSetup(segment_nos="X"))
        later = segments.create("S", date=date(2025, 1, 1))
        assert (later.no, later.no_series) == ("N1", "X")
        related = segments.create("S", no_series="Y")
        assert (related.no, related.no_series) == ("B1", "Y")
        unrelated = segments.create("S", no_series="Z")
        assert (unrelated.no, unrelated.no_series) == ("N2", "X")
        setup.change_series("X", default_nos=False)
        with pytest.raises(AutomaticNotAllowedError):
            segments.create("S")


@pytest.mark.rule("NS-E10")
def test_a_number_by_hand_must_be_allowed_and_blanks_the_series(begin):
    with begin() as work:
        add_series(work, ("A1", None))
        work.marketing_setup.put(MarketingSetup(segment_nos="X"))
        segments = SegmentService(work)
        segments.create("S")
        for call in (lambda: segments.rename("A1", "MINE"), lambda: segments.create("S", no="M")):
            with pytest.raises(ManualNotAllowedError):
                call()
        NumberSeriesSetup(work).change_series("X", manual_nos=True)
        assert segments.rename("A1", "MINE").no_series is None
        assert segments.create("S", no="M").no_series is None


@pytest.mark.rule("NS-E11")
def test_entry_and_attachment_numbers_come_from_no_series_and_rise(begin):
    with begin() as work:
        work.interactions.add(an_entry(50))
        work.attachments.add(an_attachment(7))
        block = list(work.interactions.reserve(3))
        assert 50 < block[0] < block[1] < block[2] < work.interactions.reserve(1)[0]
        assert 7 < work.attachments.reserve(1)[0] < work.attachments.reserve(1)[0]
        assert not work.numbers.series.all()


@pytest.mark.rule("NS-L05")
def test_lines_of_one_date_are_taken_by_line_number(begin):
    """The original takes them by starting number."""
    with begin() as work:
        series = add_series(work, ("B1", "B1"), ("A1", "A1"))
        assert [series.next("X", DAY).no for _ in range(2)] == ["B1", "A1"]


@pytest.mark.rule("NS-L06")
def test_a_named_line_is_the_only_one_that_is_considered(begin):
    with begin() as work:
        newer = {"starting_date": date(2026, 2, 1)}
        series = add_series(work, ("A1", "A9"), ("B1", "B1", newer), ("C1", "C9", newer))
        assert series.next("X", DAY, line_no=20_000).no == "B1"
        for call in (series.next, series.peek):
            with pytest.raises(NumberOutOfRangeError):
                call("X", DAY, line_no=20_000)
            with pytest.raises(NoSeriesLineNotFoundError):
                call("X", DAY, line_no=40_000)
        assert series.next("X", DAY, line_no=10_000).no == "A1"
        assert series.next("X", DAY).no == "C1"


@pytest.mark.rule("NS-L07")
@pytest.mark.parametrize("policy", POLICIES)
def test_a_question_never_writes(begin, policy):
    """The original may store that a line is closed."""
    with begin() as work:
        add_series(work, ("A1", "A1"), policy=policy).next("X", WORK_DATE)
    with begin.read() as work:  # whatever wrote here would be refused
        series = NumberSeries(work)
        with pytest.raises(SeriesExhaustedError):
            series.peek("X")
        assert series.check("X").no is None
        assert series.last_used("X") is None
        assert series.last_used("X", line_no=10_000) == "A1"


OTHER_DATE = {"starting_date": date(2027, 1, 1)}
NONE_LEFT = [
    ((), SeriesExhaustedError),
    ((("A1", "A9", OTHER_DATE),), NoLineForDateError),
    ((("A1", "A9", OTHER_DATE | {"last_no_used": "A9"}),), NoLineForDateError),
    ((("A1", "A9", {"last_no_used": "A9"}), ("B1", "B9", OTHER_DATE)), NoLineForDateError),
    ((("A1", "A9", {"last_no_used": "A9"}),), SeriesExhaustedError),
    (
        (
            ("A1", "A9", {"last_no_used": "A9"}),
            ("B1", "B9", OTHER_DATE | {"last_no_used": "B9"}),
        ),
        SeriesExhaustedError,
    ),
]


@pytest.mark.rule("NS-L08")
@pytest.mark.parametrize(("lines", "error"), NONE_LEFT)
def test_a_wrong_date_is_told_from_a_series_that_is_used_up(begin, lines, error):
    with begin() as work, pytest.raises(error):
        add_series(work, *lines).next("X", DAY)


@pytest.mark.rule("NS-L09")
def test_date_order_guards_looking_as_well_as_drawing(begin):
    with begin() as work:
        series = add_series(work, ("A1", None), date_order=True)
        series.next("X", DAY)
        for call in (series.next, series.peek):
            with pytest.raises(DateTooEarlyError):
                call("X", WORK_DATE)
        assert isinstance(series.check("X").refusal, DateTooEarlyError)
        assert series.last_used("X") is None


@pytest.mark.rule("NS-N01")
def test_a_number_is_drawn_by_code_by_date_or_from_a_named_line(begin):
    with begin() as work:
        series = add_series(work, ("A1", "A9"), ("B1", "B3"), ("N1", "N1", {"starting_date": DAY}))
        assert series.next("X").no == "A1"
        assert series.next("X", DAY).no == "N1"
        assert series.next("X", line_no=20_000).usage_date == WORK_DATE
        assert series.try_next("X").no == "A2"
        assert series.try_next("X", line_no=20_000).no == "B2"
        assert isinstance(series.try_next("X", DAY).refusal, NoLineForDateError)


@pytest.mark.rule("NS-N08")
@pytest.mark.parametrize("policy", POLICIES)
def test_a_refused_draw_burns_no_value(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A2"), policy=policy, date_order=True)
    with begin() as work:
        NumberSeries(work).next("X", DAY)
    with begin() as work:
        series = NumberSeries(work)
        before = work.numbers.counters.of_series("X")
        assert series.try_next("X", WORK_DATE).no is None
        assert work.numbers.counters.of_series("X") == before
        assert series.next("X", DAY).no == "A2"
        before = work.numbers.counters.of_series("X")
        assert series.try_next("X", DAY).no is None
        assert series.try_next("X", DAY, line_no=10_000).no is None
        assert work.numbers.counters.of_series("X") == before


@pytest.mark.rule("NS-P03")
def test_a_peek_tells_the_warning_of_the_draw_that_would_follow(begin):
    with begin() as work:
        series = add_series(work, ("A1", "A5", {"warning_no": "A2"}))
        warnings = [
            (series.peek("X", DAY).warning, series.next("X", DAY).warning) for _ in range(4)
        ]
        assert warnings == [(None, None), (3, 3), (None, None), (None, None)]


@pytest.mark.rule("NS-S05")
def test_a_warning_needs_an_end_and_the_end_is_not_below_the_start(begin):
    with begin() as work:
        add_series(work, ("A10", "A20", {"warning_no": "A15"}))
        setup = NumberSeriesSetup(work)
        with pytest.raises(FieldInvalidError):
            setup.change_line("X", 10_000, ending_no="A09")
        line = setup.change_line("X", 10_000, ending_no=None)
        assert (line.last_allowed, line.warning_value) == (None, None)
        with pytest.raises(LineIncompleteError):
            setup.change_line("X", 10_000, warning_no="A15")
        with pytest.raises(LineIncompleteError):
            setup.add_line("X", "B1", warning_no="B5")


@pytest.mark.rule("NS-D03")
def test_without_date_order_the_last_date_follows_the_draw(begin):
    with begin() as work:
        series = add_series(work, ("A1", None))
        for day in (DAY, WORK_DATE):
            looked_at = series.peek("X", day).no, series.peek("X", day, line_no=10_000).no
            assert looked_at == (series.next("X", day).no,) * 2
            assert work.numbers.counters.get("X", 10_000, None).last_date == day
        assert series.next("X", WORK_DATE, line_no=10_000).no == series.last_used("X") == "A3"


@pytest.mark.rule("NS-C07")
def test_a_series_that_is_not_automatic_can_be_drawn_from_by_its_code(begin):
    with begin() as work:
        series = add_series(work, ("A1", None), default_nos=False, manual_nos=True)
        assert series.next("X").no == "A1"


@pytest.mark.rule("NS-R01")
def test_only_the_series_that_a_relation_begins_with_has_alternatives(begin):
    with begin() as work:
        add_series(work)
        add_series(work, code="Y")
        NumberSeriesSetup(work).relate("X", "Y")
        choice = SeriesChoice(work)
        assert (choice.alternatives("X"), choice.alternatives("Y")) == (("X", "Y"), ("Y",))


@pytest.mark.rule("NS-B01")
def test_a_batch_keeps_the_counter_it_drew_from_and_reads_the_others(begin):
    with begin() as work:
        newer = {"starting_date": DAY}
        series = add_series(work, ("A1", None), ("B1", None, newer))
        batch = NumberBatch(work)
        assert batch.next("X", WORK_DATE).no == "A1"
        series.next_many("X", 3, WORK_DATE)
        series.next_many("X", 3, DAY)
        assert batch.next("X", WORK_DATE).no == "A2"
        assert batch.next("X", DAY).no == "B4"


@pytest.mark.rule("NS-B03")
def test_a_batch_that_names_a_line_gets_a_number_of_it_or_none(begin):
    with begin() as work:
        add_series(work, ("A1", "A9"), ("B1", "B1"), ("N1", None, {"starting_date": DAY}))
        batch = NumberBatch(work)
        assert batch.next("X", DAY, line_no=20_000).no == "B1"
        with pytest.raises(NumberOutOfRangeError):
            batch.next("X", DAY, line_no=20_000)
        assert batch.next("X", DAY, line_no=10_000).no == "A1"


@pytest.mark.rule("NS-B04")
@pytest.mark.parametrize("policy", POLICIES)
def test_a_batch_counts_for_itself_from_zero_too(begin, policy):
    """In the original a gap-allowed series that starts at 0 gives its first number twice."""
    with begin() as work:
        add_series(work, ("A0", None), policy=policy)
        batch = NumberBatch(work)
        assert [batch.next("X").no for _ in range(3)] == ["A0", "A1", "A2"]
        assert NumberSeries(work).peek("X").no == "A0"


@pytest.mark.rule("NS-B05")
@pytest.mark.rule("NS-B06")
@pytest.mark.parametrize("policy", POLICIES)
def test_a_batch_saves_only_lines_it_drew_from_and_sets_no_counter_back(begin, policy):
    with begin() as work:
        add_series(work, ("A1", None), ("B1", None), policy=policy)
    with begin() as work:
        series, batch = NumberSeries(work), NumberBatch(work)
        batch.next("X", DAY)
        batch.peek("X", DAY)
        series.next("X", DAY, line_no=20_000)
        batch.save()
        assert [c.last_value for c in work.numbers.counters.of_series("X")] == [1, 1]
        batch.next("X", DAY)
        series.next_many("X", 5, DAY)
        with pytest.raises(StaleBatchError):
            batch.save()
        assert series.last_used("X", line_no=10_000) == "A6"


@pytest.mark.rule("NS-B12")
def test_a_batch_does_not_stay_on_the_line_that_was_named_last(begin):
    """The original goes on from the second line."""
    with begin() as work:
        add_series(work, ("A1", None), ("B1", None))
        batch = NumberBatch(work)
        assert batch.next("X", DAY, line_no=20_000).no == "B1"
        assert batch.next("X", DAY).no == "A1"


@pytest.mark.rule("NS-X12")
def test_who_may_not_type_draw_or_choose_is_told_by_errors_of_their_own(begin):
    with begin() as work:
        add_series(work, code="DRAWN")
        add_series(work, code="TYPED", default_nos=False, manual_nos=True)
        choice = SeriesChoice(work)
        with pytest.raises(ManualNotAllowedError) as typed:
            choice.require_manual("DRAWN")
        with pytest.raises(ManualNotAllowedError) as document:
            choice.require_manual("DRAWN", "M-1")
        assert (typed.value.number, document.value.number) == (None, "M-1")
        with pytest.raises(AutomaticNotAllowedError):
            choice.require_automatic("TYPED")
        with pytest.raises(NotRelatedError):
            choice.require_related("DRAWN", "TYPED")
        assert issubclass(NotRelatedError, il.NumberSeriesError)


LATER_LINE = {"starting_date": date(2026, 6, 1)}
TOO_EARLY = [
    # what is asked, with which line; the first is refused by the date of the last draw
    pytest.param(lambda series, day: series.next("X", day), 10_000, DAY, id="draw"),
    pytest.param(
        lambda series, day: series.next("X", day, line_no=10_000), 10_000, DAY, id="draw-line"
    ),
    pytest.param(lambda series, day: series.next_many("X", 3, day), 10_000, DAY, id="many"),
    pytest.param(lambda series, day: series.reserve("X", 3, day), 10_000, DAY, id="reserve"),
    pytest.param(lambda series, day: series.peek("X", day), 10_000, DAY, id="peek"),
    pytest.param(
        lambda series, day: series.peek("X", day, line_no=10_000), 10_000, DAY, id="peek-line"
    ),
    pytest.param(lambda series, day: series.simulate("X", "A1", day), 10_000, DAY, id="simulate"),
    pytest.param(
        lambda series, day: NumberBatch(series.work).next("X", day), 10_000, DAY, id="batch"
    ),
    pytest.param(
        lambda series, day: NumberBatch(series.work).next("X", day, line_no=10_000),
        10_000,
        DAY,
        id="batch-line",
    ),
    # the others by the starting date of the line
    pytest.param(
        lambda series, day: series.next("X", day, line_no=20_000),
        20_000,
        LATER_LINE["starting_date"],
        id="draw-before-start",
    ),
    pytest.param(
        lambda series, day: series.peek("X", day, line_no=20_000),
        20_000,
        LATER_LINE["starting_date"],
        id="peek-before-start",
    ),
    pytest.param(
        lambda series, day: NumberBatch(series.work).next("X", day, line_no=20_000),
        20_000,
        LATER_LINE["starting_date"],
        id="batch-before-start",
    ),
]


@pytest.mark.rule("NS-X04")
@pytest.mark.parametrize(("ask", "line_no", "bound"), TOO_EARLY)
def test_a_date_that_is_too_early_is_told_with_line_and_bound_and_changes_nothing(
    begin, ask, line_no, bound
):
    with begin() as work:
        series = add_series(work, ("A1", "A9"), ("B1", "B9", LATER_LINE), date_order=True)
        series.next("X", DAY)
        before = (
            work.numbers.counters.of_series("X"),
            work.numbers.ledger.ranges("X", 10_000, None, above=-1, limit=9),
        )
        with pytest.raises(DateTooEarlyError) as refused:
            ask(series, bound - timedelta(days=1))
        error = refused.value
        assert error.code == "date-too-early"
        assert (error.series_code, error.line_no) == ("X", line_no)
        assert error.usage_date == bound - timedelta(days=1)
        assert f"{bound:%Y-%m-%d}" in str(error)
        assert before == (
            work.numbers.counters.of_series("X"),
            work.numbers.ledger.ranges("X", 10_000, None, above=-1, limit=9),
        )
        ask(series, bound)  # the bound itself is not too early


@pytest.mark.rule("NS-X04")
def test_a_date_before_every_line_is_no_early_date_unless_the_line_is_named(begin):
    """By code the original says that no line can be used, by line that the date is too early."""
    with begin() as work:
        series = add_series(work, ("A1", "A9", LATER_LINE))
        early = series.try_next("X", DAY), series.try_next("X", DAY, line_no=10_000)
        assert [type(each.refusal) for each in early] == [NoLineForDateError, DateTooEarlyError]


@pytest.mark.rule("NS-L02")
@pytest.mark.rule("NS-U01")
@pytest.mark.parametrize("series_of", [NumberSeries, NumberBatch])
def test_a_date_that_is_left_out_is_the_work_date_and_not_today(series_of):
    """The business may still work in the old year when the new one has begun."""
    store = MemoryStore(clock=il.FixedClock("2027-01-04T09:30", work_date="2026-12-31"))
    new_year = {"starting_date": date(2027, 1, 1)}
    with store.begin(user_id="TESTER") as work:
        add_series(work, ("OLD1", None), ("NEW1", None, new_year))
        NumberSeries(work).next_many("X", 5, date(2027, 1, 4))
        series = series_of(work)
        assert series.peek("X").no == "OLD1"
        assert (series.next("X").no, series.next("X").usage_date) == ("OLD1", date(2026, 12, 31))
        assert series.try_next("X").no == "OLD3"
        assert series.last_used("X") == "OLD3"
        assert series.simulate("X", "OLD7") == "OLD8"
        if series_of is NumberSeries:
            assert list(series.next_many("X", 2)) == ["OLD4", "OLD5"]
            assert list(series.reserve("X", 1)) == ["OLD6"]
            assert series.check("X").no == "OLD7"


@pytest.mark.rule("NS-L03")
@pytest.mark.parametrize(
    ("day", "number"),
    [("2026-01-31", "A1"), ("2026-02-01", "B1"), ("2026-02-28", "B1"), ("2026-03-01", "C1")],
)
def test_a_line_counts_from_its_starting_date_on_until_a_later_one_starts(begin, day, number):
    with begin() as work:
        lines = [("C1", date(2026, 3, 1)), ("A1", None), ("B1", date(2026, 2, 1))]
        series = add_series(work, *((start, None, {"starting_date": d}) for start, d in lines))
        assert series.next("X", date.fromisoformat(day)).no == number


@pytest.mark.rule("NS-O01")
def test_a_line_with_one_number_left_is_open_and_one_with_none_is_not(begin):
    with begin() as work:
        one_left, none_left = {"last_no_used": "A8"}, {"last_no_used": "B9"}
        late = {"starting_date": date(2027, 1, 1)}
        add_series(work, ("A1", "A9", one_left | late), ("B1", "B9", none_left | late))
        add_series(work, ("B1", "B9", none_left), ("A1", "A9", one_left | late), code="Y")
        add_series(work, ("B1", "B9", none_left), ("A1", "A9", {"last_no_used": "A9"}), code="Z")
        setup = NumberSeriesSetup(work)
        setup.set_policy("X", NumberingPolicy.GAPS_ALLOWED)
        policies = [line.policy for line in work.numbers.lines.all("X")]
        assert policies == [NumberingPolicy.GAPS_ALLOWED, NumberingPolicy.GAPLESS]
        refusals = [type(NumberSeries(work).try_next(code, DAY).refusal) for code in "YZ"]
        assert refusals == [NoLineForDateError, SeriesExhaustedError]


@pytest.mark.rule("NS-V01")
@pytest.mark.parametrize("end", [500, None])
def test_a_line_that_must_not_grow_ends_with_its_width_even_below_its_end(begin, end):
    with begin() as work:
        series = add_series(work, ("98", end and str(end), {"growth": NumberGrowth.STOP}))
        NumberSeriesSetup(work).add_template_line(
            "X", "T{n:02}", first_value=98, last_allowed=end, growth=NumberGrowth.STOP
        )
        numbers = [series.try_next("X", DAY).no for _ in range(5)]
        assert numbers == ["98", "99", "T98", "T99", None]


@pytest.mark.rule("NS-L08")
@pytest.mark.parametrize("draw", ["next_many", "reserve"])
def test_who_asks_for_more_numbers_than_are_left_is_told_how_many_there_are(begin, draw):
    with begin() as work:
        series = getattr(add_series(work, ("A1", "A3"), ("B8", "B9")), draw)
        for left, taken in ((5, 4), (1, 1)):
            with pytest.raises(il.NumberSeriesError) as refused:
                series("X", 6, DAY)
            assert (
                refused.value.reason == f"only {left} of 6 numbers are left for {DAY}: add a line"
            )
            assert len(series("X", taken, DAY)) == taken
        with pytest.raises(SeriesExhaustedError) as refused:
            series("X", 6, DAY)
        assert refused.value.reason == "its lines are used up: add one"


REFUSED = [
    pytest.param(lambda series: series.next("X", WORK_DATE), id="early"),
    pytest.param(lambda series: series.next_many("X", 6, DAY), id="too many"),
    pytest.param(lambda series: series.reserve("X", 6, DAY), id="too many reserved"),
    pytest.param(lambda series: series.next("X", DAY, exists=lambda _: True), id="taken"),
    pytest.param(
        lambda series: series.next("X", DAY, line_no=20_000, exists=lambda _: True),
        id="taken on the line",
    ),
]


@pytest.mark.rule("NS-N04")
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("draw", REFUSED)
def test_a_draw_that_is_refused_for_whatever_reason_stores_nothing(begin, policy, draw):
    def stored(work):
        ledger = work.numbers.ledger
        rows = [ledger.ranges("X", no, None, above=-1, limit=9) for no in (10_000, 20_000)]
        counters = [c for c in work.numbers.counters.of_series("X") if c.last_value is not None]
        return [list(each) for each in rows], counters

    with begin() as work:
        add_series(work, ("A1", "A3"), ("B1", "B3"), policy=policy, date_order=True)
    with begin() as work:
        NumberSeries(work).next("X", DAY)
    with begin() as work:
        before = stored(work)
        with pytest.raises(il.NumberSeriesError):
            draw(NumberSeries(work))
        assert stored(work) == before
    with begin.read() as work:
        assert stored(work) == before


@pytest.mark.rule("NS-N04")
@pytest.mark.parametrize("policy", POLICIES)
def test_a_number_that_cannot_be_written_down_is_not_drawn(begin, policy):
    with begin() as work:
        add_series(work, ("A1", "A9"), policy=policy)
        add_series(work, ("B1", "B9"), code="Y", policy=policy, ledger=False)
    with begin() as work:
        series = NumberSeries(work)
        with pytest.raises(FieldInvalidError):
            series.next("X", DAY, record_key="K" * 51)
        with pytest.raises(UsageError):
            series.reserve("Y", 3, DAY)
        in_the_way = NumberRange(
            series_code="X",
            line_no=10_000,
            first_value=1,
            last_value=1,
            state=NumberState.USED,
            recorded_at=work.clock.now(),
        )
        work.numbers.ledger.add(in_the_way)
        with pytest.raises(DuplicateEntryError):
            series.next("X", DAY)
    with begin() as work:
        assert [NumberSeries(work).peek(code, DAY).no for code in "XY"] == ["A1", "B1"]


@pytest.mark.rule("NS-B10")
@pytest.mark.parametrize(
    ("previous", "expected"),
    [
        ("A5", "A7"),
        ("A6", "A8"),
        ("A7", "A8"),  # at the warning
        ("A8", "A9"),
        ("A0", "A1"),  # before the start
        ("A9", "A10"),  # behind the end
        ("B8", "B9"),
    ],
)
def test_a_simulation_past_the_warning_or_out_of_form_counts_by_one(begin, previous, expected):
    with begin() as work:
        add_series(work, ("A1", "A8", {"warning_no": "A7", "step": 2}))
        for service in (NumberSeries(work), NumberBatch(work)):
            assert service.simulate("X", previous, DAY) == expected


@pytest.mark.rule("NS-B10")
def test_a_simulation_within_the_line_does_not_pass_its_end(begin):
    with begin() as work:
        add_series(work, ("A1", "A8", {"step": 3}))
        for service in (NumberSeries(work), NumberBatch(work)):
            with pytest.raises(NumberOutOfRangeError) as refused:
                service.simulate("X", "A7", DAY)
            assert refused.value.number == "A10"


@pytest.mark.rule("NS-E09")
@pytest.mark.parametrize("line_no", [None, 10_000])
def test_a_thousand_numbers_in_a_row_that_records_have_are_skipped_and_no_more(begin, line_no):
    with begin() as work:
        series = add_series(work, ("A0001", None))
        taken = {f"A{n:04}" for n in range(1, 1_001)}
        assert series.next("X", DAY, line_no=line_no, exists=taken.__contains__).no == "A1001"
        more = {f"A{n}" for n in range(1_002, 2_003)}
        with pytest.raises(NumberTakenError, match="1000 numbers in a row"):
            series.next("X", DAY, line_no=line_no, exists=more.__contains__)
        assert series.next("X", DAY, line_no=line_no).no == "A1002"


@pytest.mark.rule("NS-Q01")
def test_a_line_that_is_used_up_or_not_yet_at_its_warning_needs_no_attention(begin):
    with begin() as work:
        starts, lines = {"starting_date": date(2027, 1, 1)}, []
        for last in ("C4", "D5", "E8", "F9"):
            of = last[0]
            fields = {"warning_no": f"{of}5", "last_no_used": last}
            lines.append((f"{of}1", f"{of}9", starts | fields))
        add_series(work, ("B1", None), *lines)
        found = [(line.line_no, line.left) for line in NumberSeriesSetup(work).expiring()]
        assert found == [(30_000, 4), (40_000, 1)]


@pytest.mark.rule("NS-L10")
@pytest.mark.parametrize("policy", POLICIES)
def test_an_application_may_say_which_lines_can_be_chosen(begin, policy):
    with begin() as work:
        newer = {"starting_date": date(2026, 2, 1)}
        lines = [("A1", None), ("B1", None), ("A50", None, newer), ("C1", "C2", newer)]
        add_series(work, *lines, policy=policy)
        numbers, of_b, of_c, of_none = (
            NumberSeries(work, line_filter=each and (lambda line, each=each: line.prefix == each))
            for each in (None, "B", "C", "-")
        )
        assert numbers.next("X", DAY).no == "A50"
        assert of_b.next("X", DAY).no == "B1"  # newer lines of other kinds do not stand in its way
        assert (of_b.peek("X", DAY).no, of_b.last_used("X")) == ("B2", "B1")
        assert list(of_c.next_many("X", 2, DAY)) == ["C1", "C2"]
        for series in (of_c, of_none):
            with pytest.raises(NoLineForDateError):
                series.next("X", DAY)
        assert of_c.next("X", DAY, line_no=10_000).no == "A1"
        assert numbers.next("X", DAY).no == "A51"


@pytest.mark.rule("NS-L03")
def test_a_line_that_started_on_the_first_day_of_all_comes_after_one_without_a_date(begin):
    with begin() as work:
        add_series(work, ("A1", None), ("B1", None, {"starting_date": date.min}))
        for series in (NumberSeries(work), NumberSeries(work, line_filter=lambda _: True)):
            assert series.peek("X", DAY).no == "B1"
        setup = NumberSeriesSetup(work)
        setup.add_line("X", "A5", starting_date=DAY)
        with pytest.raises(NumberTakenError):  # it would start where the first one does
            setup.change_line("X", 30_000, starting_date=None)
        setup.add_line("X", "B5")
        with pytest.raises(NumberTakenError):
            setup.change_line("X", 40_000, starting_date=date.min)


@pytest.mark.rule("NS-L10")
def test_the_filter_of_a_batch_holds_for_its_draws(begin):
    with begin() as work:
        series = add_series(work, ("A1", None), ("B1", "B2"))
        batch = NumberBatch(work, line_filter=lambda line: line.prefix == "B")
        assert [batch.next("X", DAY).no, batch.try_next("X", line_no=10_000).no] == ["B1", "A1"]
        assert [batch.try_next("X", DAY).no for _ in range(2)] == ["B2", None]
        batch.save()
        assert series.next("X", DAY).no == "A2"


@pytest.mark.rule("NS-N01")
def test_the_quiet_draw_takes_all_that_the_draw_takes(begin):
    with begin() as work:
        series = add_series(work, ("A1", "A2"))
        words = {"record_kind": "order", "record_key": "7", "exists": {"A1"}.__contains__}
        assert [series.try_next("X", DAY, **words).no for _ in range(2)] == ["A2", None]
        (_, drawn) = work.numbers.ledger.ranges("X", 10_000, None, above=0, limit=9)
        assert (drawn.record_kind, drawn.record_key) == ("order", "7")
