"""Numbers as text, templates and reset periods."""

from __future__ import annotations

from datetime import date

import pytest

from interactionlog.errors import (
    FieldInvalidError,
    NotIncrementableError,
    NumberTooLargeError,
    NumberTooLongError,
    TemplateInvalidError,
    UsageError,
)
from interactionlog.numbering.format import (
    MAX_VALUE,
    FiscalYear,
    NumberShape,
    as_template,
    days_of,
    fit,
    increment,
    judge_period,
    parse,
    parse_template,
    period_keys,
    said_in,
    with_tenant,
)
from interactionlog.values import NumberGrowth, ResetPeriod

DAY = date(2026, 2, 9)


def july_to_june(day):
    start = day.year if day.month >= 7 else day.year - 1
    return FiscalYear(
        key=f"{start % 100}/{(start + 1) % 100}",
        first_day=date(start, 7, 1),
        last_day=date(start + 1, 6, 30),
    )


def test_a_code_is_taken_apart_at_its_right_most_digits():
    shape, value = parse(" q4-18/b ")
    assert (shape.prefix, shape.width, shape.suffix, value) == ("Q4-", 2, "/B", 18)


@pytest.mark.parametrize("digits", [18, 19])
def test_a_counter_has_at_most_eighteen_digits(digits):
    code, template = "A" + "9" * digits, parse_template("A{n}")
    if digits == 18:
        assert parse(code)[1] == template.value_of(code) == MAX_VALUE
    else:
        assert template.value_of(code) is None
        with pytest.raises(NumberTooLargeError):
            parse(code)


def test_a_number_of_twenty_characters_is_counted_up_and_one_of_more_is_refused():
    code = "A" * 18
    assert increment(f"{code}9") == f"{code}10"
    with pytest.raises(NumberTooLongError, match="more than 20"):
        increment(f"{code}99")


def test_a_blank_companion_of_a_starting_number_is_none():
    assert fit("C1", " ", None, "C250") == (
        NumberShape(prefix="C", width=3, suffix=""),
        (1, None, None, 250),
    )


def test_more_digits_than_a_counter_holds_are_refused():
    with pytest.raises(NumberTooLargeError) as refused:
        parse("1234567890123456789")
    assert refused.value.number == "1234567890123456789"


@pytest.mark.parametrize(
    "text", ["B07", "A7", "A007", "A07Z", "A-7", "A", "A\u0660\u0667", "A" + "9" * 19]
)
def test_a_text_of_another_form_has_no_counter_in_the_shape(text):
    assert NumberShape(prefix="A", width=2, suffix="").value_of(text) is None


def test_a_number_may_outgrow_its_width_unless_growth_stops():
    shape = NumberShape(prefix="SM", width=5, suffix="")
    assert shape.format(123456) == "SM123456"
    assert shape.value_of("SM123456") == 123456
    assert shape.largest(NumberGrowth.STOP) == 99999
    assert shape.largest(NumberGrowth.GROW) == 10**18 - 1


def test_the_length_of_twenty_characters_bounds_a_growing_number():
    shape = NumberShape(prefix="ABCDEFGHIJKLMNOP", width=1, suffix="Z")
    assert shape.largest(NumberGrowth.GROW) == 999
    assert NumberShape(prefix="A" * 19, width=2, suffix="").largest(NumberGrowth.GROW) == -1


def test_the_fast_formatter_gives_the_same_text_even_with_a_percent_sign():
    shape = NumberShape(prefix="5%D", width=3, suffix="%S")
    assert [shape.formatter()(n) for n in (7, 1234)] == ["5%D007%S", "5%D1234%S"]


def test_a_wider_start_keeps_its_width_when_the_end_is_narrower():
    """Differs from the original, which would shorten the start to C1."""
    shape, _ = fit("C001", "C9")
    assert shape.format(1) == "C001"


def test_a_template_takes_its_tokens_from_the_usage_date():
    shape = parse_template("INV{yyyy}/{mm}-{n:03}-{doy}").shape(DAY, None)
    assert shape.format(7) == "INV2026/02-007-040"
    shape = parse_template("{yy}{dd}W{ww}.{n}").shape(DAY, None)
    assert shape.format(7) == "2609W07.7"


def test_fiscal_tokens_come_from_the_calendar_of_the_caller():
    shape = parse_template("R{fy}-{n:04}").shape(DAY, july_to_june)
    assert shape.format(1) == "R25/26-0001"
    shape = parse_template("R{fy_start}{fy_end}-{n:04}").shape(DAY, july_to_june)
    assert shape.format(1) == "R20252026-0001"


def test_a_fiscal_year_is_named_with_one_to_ten_characters():
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    for key in ("A", "2025/26-27"):
        assert FiscalYear(key=key, first_day=first, last_day=last).key == key
    for key in (" ", "2025/26-27A"):
        with pytest.raises(FieldInvalidError):
            FiscalYear(key=key, first_day=first, last_day=last)


def test_a_fiscal_token_without_a_calendar_is_wrong_use():
    with pytest.raises(UsageError):
        parse_template("R{fy}-{n:04}").shape(DAY, None)


@pytest.mark.parametrize("year", [2026, "2026", None])
def test_a_calendar_that_returns_no_fiscal_year_is_wrong_use(year):
    with pytest.raises(UsageError, match=f"must return a FiscalYear, not {year!r}"):
        parse_template("{fy}-{n}").shape(DAY, lambda _: year)


@pytest.mark.parametrize(
    ("period", "key", "said"),
    [
        (ResetPeriod.NEVER, None, {}),
        (ResetPeriod.FISCAL_YEAR, "25/26", {"fy": "25/26"}),
        (ResetPeriod.QUARTER, "2026-Q2", {"yyyy": "2026", "yy": "26"}),
        (ResetPeriod.MONTH, "2026-05", {"yyyy": "2026", "yy": "26", "mm": "05"}),
        (
            ResetPeriod.DAY,
            "2026-05-26",
            {"yyyy": "2026", "yy": "26", "mm": "05", "dd": "26", "doy": "146"},
        ),
        (ResetPeriod.DAY, "2026-13-26", {"yyyy": "2026", "yy": "26", "mm": "13", "dd": "26"}),
    ],
)
def test_the_key_of_a_period_tells_what_tokens_say_on_each_of_its_days(period, key, said):
    assert said_in(period, key) == said


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ({}, (date.min, date.max)),
        ({"mm": "05"}, (date.min, date.max)),
        ({"yyyy": "2026"}, (date(2026, 1, 1), date(2026, 12, 31))),
        ({"yy": "28", "mm": "02"}, (date(2028, 2, 1), date(2028, 2, 29))),
        ({"yyyy": "2026", "dd": "30"}, (date(2026, 1, 1), date(2026, 12, 31))),
        ({"yy": "26", "mm": "05", "dd": "26"}, (date(2026, 5, 26), date(2026, 5, 26))),
        ({"yyyy": "2026", "doy": "146"}, (date(2026, 5, 26), date(2026, 5, 26))),
        *(({"yyyy": "2026", **more}, None) for more in ({"mm": "13"}, {"doy": "366"})),
        *(({"yyyy": "2026", **more}, None) for more in ({"doy": "000"}, {"mm": "02", "dd": "29"})),
        *(({"yyyy": year}, None) for year in ("0000", "X")),
    ],
)
def test_tokens_tell_the_days_on_which_a_number_may_be_drawn(said, days):
    assert days_of(said) == days


@pytest.mark.parametrize("year", [1926, 1999, 2100])
def test_two_digits_stand_for_the_years_of_one_century(year):
    """Or a number that was given in 2026 would be given again for 1926."""
    said = f"from 2000 to 2099.*: {year}-01-01 needs {{yyyy}}"
    with pytest.raises(TemplateInvalidError, match=said):
        parse_template("{yy}-{n}").shape(date(year, 1, 1), None)


def test_a_calendar_that_names_a_year_without_the_day_is_wrong_use():
    def wrong(day):
        return july_to_june(date(2020, 1, 1))

    with pytest.raises(UsageError):
        period_keys(DAY, wrong)


def test_plain_text_of_a_template_is_upper_cased_and_its_tokens_are_not():
    assert as_template(" inv{YYYY}-{N:05} ") == "INV{yyyy}-{n:05}"
    assert as_template(" ") is None
    assert as_template(None) is None


@pytest.mark.parametrize(
    "template",
    [
        "R{yyyy}.{mm}{dd}-{n:03}",
        "{n:03}/{fy}",
        "{fy_start}{fy_end}{n:03}",
        "{iso_yyyy}W{ww}{n}{doy}",
    ],
)
def test_a_number_is_read_back_without_its_day_and_one_of_another_form_is_not(template):
    parsed = parse_template(template)
    number = parsed.shape(DAY, july_to_june).format(1234)
    assert parsed.value_of(number) == 1234
    assert [parsed.value_of(text) for text in (f"X{number}", "1")] == [None] * 2


@pytest.mark.parametrize("tenant", ["", "A{n}", "}"])
def test_a_tenant_without_a_usable_name_is_not_shown(tenant):
    with pytest.raises(TemplateInvalidError, match="needs a tenant"):
        with_tenant("{tenant}-{n:05}", tenant)
    assert with_tenant("INV-{n:05}", tenant) == "INV-{n:05}"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("INV{yyyy}", "needs one counter"),
        ("{n}{n}", "more than one counter"),
        ("INV{year}-{n}", "unknown token"),
        ("INV{n:05", "brace"),
        ("INV}{n:05}", "brace"),
        ("{n:00}", "needs one counter"),
        ("{n:19}", "needs one counter"),
        ("{fy}{n:05}", "no digit between"),
        ("{fy}0{n:05}", "no digit between"),
        ("{n:05}{fy}", "no digit between"),
        ("{fy}-0{n:05}", "no digit between"),
        ("{n:05}0-{fy}", "no digit between"),
        ("INVOICE-{yyyy}-{mm}-{n:05}", "more than 20"),
    ],
)
def test_a_template_is_judged_when_it_is_defined(template, why):
    with pytest.raises(TemplateInvalidError, match=why):
        parse_template(template)


@pytest.mark.parametrize(
    ("token", "width"),
    [
        *[("yyyy", 4), ("yy", 2), ("mm", 2), ("dd", 2), ("doy", 3), ("iso_yyyy", 4), ("ww", 2)],
        *[("fy", 1), ("fy_start", 4), ("fy_end", 4)],
    ],
)
def test_a_template_may_take_twenty_characters_and_no_more(token, width):
    rest = f"-{{{token}}}-{{n:05}}"
    longest = "A" * (20 - width - 7)
    assert parse_template(longest + rest)
    with pytest.raises(TemplateInvalidError, match="more than 20"):
        parse_template(f"{longest}A{rest}")


@pytest.mark.parametrize(("code", "named"), [("", "a blank text"), ("LEAD", "LEAD")])
def test_a_code_without_digits_is_named(code, named):
    with pytest.raises(NotIncrementableError, match=f"^{named} holds no digit|: {named} holds no"):
        parse(code)


@pytest.mark.parametrize(
    ("template", "period"),
    [
        ("{n}", ResetPeriod.NEVER),
        ("{yy}-{n}", ResetPeriod.YEAR),
        ("{fy}-{n}", ResetPeriod.FISCAL_YEAR),
        ("{yyyy}{mm}-{n}", ResetPeriod.QUARTER),
        ("{yyyy}{mm}-{n}", ResetPeriod.MONTH),
        ("{yyyy}{doy}-{n}", ResetPeriod.DAY),
        ("{yy}{mm}{dd}-{n}", ResetPeriod.DAY),
    ],
)
def test_a_template_that_shows_its_period_may_begin_again(template, period):
    judge_period(template, period)


@pytest.mark.parametrize(
    ("template", "period"),
    [
        ("{n}", ResetPeriod.YEAR),
        ("{mm}-{n}", ResetPeriod.MONTH),
        ("{yyyy}-{n}", ResetPeriod.MONTH),
        ("{yyyy}{ww}-{n}", ResetPeriod.QUARTER),
        ("{fy_start}-{n}", ResetPeriod.FISCAL_YEAR),
        ("{yyyy}{mm}-{n}", ResetPeriod.DAY),
    ],
)
def test_a_template_that_hides_its_period_may_not_begin_again(template, period):
    with pytest.raises(TemplateInvalidError, match="so it needs"):
        judge_period(template, period)


def test_a_quarter_has_three_months():
    days = [date(2026, month, 1) for month in range(1, 13)]
    keys = [period_keys(day, None)[ResetPeriod.QUARTER.value] for day in days]
    assert keys == [f"2026-Q{quarter}" for quarter in (1, 2, 3, 4) for _ in range(3)]


def test_a_date_belongs_to_one_period_of_each_kind():
    expected = {
        ResetPeriod.NEVER: "",
        ResetPeriod.YEAR: "2026",
        ResetPeriod.FISCAL_YEAR: "25/26",
        ResetPeriod.QUARTER: "2026-Q1",
        ResetPeriod.MONTH: "2026-02",
        ResetPeriod.DAY: "2026-02-09",
    }
    keys = period_keys(DAY, july_to_june)
    assert {period: keys[period.value] for period in ResetPeriod} == expected
    assert period_keys(DAY, None)[ResetPeriod.FISCAL_YEAR.value] == ""
