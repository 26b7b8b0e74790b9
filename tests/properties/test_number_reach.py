"""Lines of a series that would give a number twice are found, whatever their forms and dates."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from interactionlog.numbering.drawing import bound_of, shape_of
from interactionlog.numbering.format import FiscalYear, parse_template, period_keys
from interactionlog.numbering.reach import Reach, shared
from interactionlog.numbering.series import NoSeriesLine
from interactionlog.values import NumberGrowth, ResetPeriod

DAYS = [
    *(date(2026, month, day) for month, day in ((1, 1), (1, 2), (2, 1), (8, 1), (12, 31))),
    *(date(2027, month, 1) for month in (1, 2)),
]
FORMS = [("", 1, ""), ("", 4, ""), ("A", 1, ""), ("A", 2, ""), ("2026-", 1, ""), ("25/26-", 1, "")]
NEVER, DAY = ResetPeriod.NEVER, ResetPeriod.DAY
TEMPLATES = [
    *(
        (text, period)
        for text in ("{yyyy}-{n}", "{yy}{n:02}")
        for period in (NEVER, ResetPeriod.YEAR)
    ),
    *(("{yy}{mm}-{n:02}", period) for period in (NEVER, ResetPeriod.QUARTER, ResetPeriod.MONTH)),
    *(("{yyyy}{doy}-{n}", period) for period in (NEVER, DAY)),
    *(("{fy}-{n}", period) for period in (NEVER, ResetPeriod.FISCAL_YEAR)),
    *((text, NEVER) for text in ("{n:02}{yy}", "{n}/{mm}", "A{n:02}", "26-{n:02}", "{n}1")),
]


def july_to_june(day):
    year = day.year - (day.month < 7)
    first, last = date(year, 7, 1), date(year + 1, 6, 30)
    return FiscalYear(key=f"{year % 100}/{year % 100 + 1}", first_day=first, last_day=last)


@st.composite
def lines(draw):
    first = draw(st.sampled_from([0, 1, 5, 8, 95, 998]))
    fields = {
        "first_value": first,
        "last_allowed": draw(st.sampled_from([None, first, first + 3, first + 8])),
        "starting_date": draw(st.sampled_from([None, *DAYS])),
        "growth": draw(st.sampled_from(NumberGrowth)),
    }
    if draw(st.booleans()):
        template, period = draw(st.sampled_from(TEMPLATES))
        width = parse_template(template).width
        fields |= {"template": template, "reset_period": period, "width": width}
    else:
        fields |= dict(
            zip(("prefix", "width", "suffix"), draw(st.sampled_from(FORMS)), strict=True)
        )
    return NoSeriesLine(series_code="X", line_no=1, **fields)


class Naive:
    """A line with every number that it gave or can give on a few days."""

    def __init__(self, line, days):
        self.line, self.used, self.past, self.coming = line, {}, set(), set()
        for day in days:
            for number, period, value in self.possible(day, 1):
                self.past.add(number)
                self.used[period] = value
        for day in DAYS:
            self.coming |= {number for number, _, _ in self.possible(day, 120)}

    def possible(self, day, most):
        if day < (self.line.starting_date or day):
            return
        period = period_keys(day, july_to_june)[self.line.reset_period.value] or None
        shape = shape_of(self.line, day, july_to_june)
        begin = self.used.get(period, self.line.first_value - 1) + 1
        for value in range(begin, min(bound_of(self.line, shape) + 1, begin + most)):
            yield shape.format(value), period, value


days = st.lists(st.sampled_from(DAYS), max_size=4)


@given(lines(), lines(), days, days)
def test_inv_n_01_a_number_that_would_come_twice_is_found(one, two, drawn, other_drawn):
    mine, other = Naive(one, drawn), Naive(two, other_drawn)
    again = mine.coming & other.past
    ever = again | mine.coming & other.coming | mine.past & other.coming
    if one.starting_date == two.starting_date:
        again = ever
    reaches = Reach(one, mine.used), Reach(two, other.used)
    assert not again or shared(*reaches) is not None
    assert not ever or shared(*reaches, on_any_date=True) is not None


@given(lines(), lines(), days, days)
def test_a_number_that_is_named_is_one_of_both_lines(one, two, drawn, other_drawn):
    reaches = [
        Reach(*(each.line, each.used)) for each in (Naive(one, drawn), Naive(two, other_drawn))
    ]
    number = shared(*reaches, on_any_date=True)
    if number is not None and one.template is None and two.template is None:
        for reach in reaches:
            value = shape_of(reach.line, DAYS[0], None).value_of(number)
            assert (
                reach.line.first_value <= value <= max(reach.coming.last, *reach.used.values(), 0)
            )
