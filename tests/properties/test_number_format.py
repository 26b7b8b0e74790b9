"""Laws of numbers as text, for any prefix, width and suffix."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interactionlog.errors import TemplateInvalidError
from interactionlog.numbering.format import (
    FiscalYear,
    NumberShape,
    fit,
    increment,
    parse,
    parse_template,
    period_keys,
)
from interactionlog.values import NumberGrowth, ResetPeriod

prefixes = st.text("ABCXYZ-/", max_size=8)
suffixes = st.text("ABCXYZ-/", max_size=4)
shapes = st.builds(
    lambda prefix, width, suffix: NumberShape(prefix=prefix, width=width, suffix=suffix),
    prefixes,
    st.integers(1, 8),
    suffixes,
)
values = st.integers(0, 10**8 - 101)  # two steps on, a number still has at most 20 characters
steps = st.integers(1, 50)


@given(shapes, values)
def test_inv_n_13_a_number_is_read_back_as_the_counter_it_was_made_of(shape, value):
    assert shape.value_of(shape.format(value)) == value
    found, counter = parse(shape.format(value))
    assert (found.prefix, counter, found.suffix) == (shape.prefix, value, shape.suffix)
    assert shape.formatter()(value) == shape.format(value)


@given(shapes, values, values)
def test_inv_n_13_different_counters_give_different_numbers(shape, one, other):
    assert (shape.format(one) == shape.format(other)) == (one == other)


@given(shapes)
def test_inv_n_05_the_largest_number_fits_and_the_next_does_not(shape):
    largest = shape.largest(NumberGrowth.STOP)
    assert len(shape.format(largest)) == len(shape.format(0)) < len(shape.format(largest + 1))
    assert len(shape.format(shape.largest(NumberGrowth.GROW))) <= 20


@given(shapes, values, steps, steps)
def test_inv_n_14_steps_add_up_and_only_the_last_run_of_digits_changes(shape, value, one, other):
    code = shape.format(value)
    assert increment(increment(code, one), other) == increment(code, one + other)
    assert increment(code, one) == shape.format(value + one)
    assert len(increment(code, one)) >= len(code)


@given(
    shapes,
    st.lists(values, min_size=1, max_size=4),
    st.lists(st.integers(1, 8), min_size=4, max_size=4),
)
def test_inv_n_17_fitting_numbers_together_keeps_their_values_and_is_done_once(
    shape, counters, widths
):
    codes = [
        NumberShape(prefix=shape.prefix, width=width, suffix=shape.suffix).format(counter)
        for counter, width in zip(counters, widths, strict=False)
    ]
    fitted, found = fit(*codes)
    assert list(found) == counters
    again = [fitted.format(counter) for counter in found]
    assert fit(*again) == (fitted, found)
    if shape.prefix or shape.suffix:
        assert len({len(number) for number in again}) == 1


def fiscal_months(months):
    """A calendar whose fiscal years have that many months, from January 2000 on."""

    def calendar(day):
        index = ((day.year - 2000) * 12 + day.month - 1) // months
        first, after = (index * months, (index + 1) * months)
        return FiscalYear(
            key=str(index),
            first_day=date(2000 + first // 12, first % 12 + 1, 1),
            last_day=date(2000 + after // 12, after % 12 + 1, 1) - timedelta(days=1),
        )

    return calendar


days = st.dates(date(1890, 1, 1), date(2210, 12, 31))
TEMPLATES = [
    (ResetPeriod.YEAR, "A{yyyy}{n:02}"),
    (ResetPeriod.YEAR, "{n:02}{yy}B"),
    (ResetPeriod.FISCAL_YEAR, "{fy}-{n:02}"),
    (ResetPeriod.FISCAL_YEAR, "{n:02}/{fy}"),
    (ResetPeriod.QUARTER, "{yyyy}{mm}{n:02}"),
    (ResetPeriod.MONTH, "{mm}{n:02}{yy}"),
    (ResetPeriod.DAY, "{yy}{doy}{n:02}"),
    (ResetPeriod.DAY, "{dd}{mm}{yyyy}-{n:02}"),
]


draws = st.lists(st.tuples(days, st.integers(0, 2000)), min_size=30, max_size=30)


@given(st.sampled_from(TEMPLATES), draws, st.sampled_from([1, 6, 12, 18]))
def test_inv_n_01_a_template_gives_one_text_only_for_one_period_and_counter(
    template, draws, months
):
    period, text = template
    calendar = fiscal_months(months)
    origin = {}
    for day, value in draws:
        try:
            number = parse_template(text).shape(day, calendar).format(value)
        except TemplateInvalidError:  # two digits of a year say its century for some only
            assert "{yy}" in text
            assert not 2000 <= day.year <= 2099
            continue
        source = (period_keys(day, calendar)[period.value], value)
        assert origin.setdefault(number, source) == source
