"""Converters normalise, validators judge: each accepts what it should and refuses the rest."""

from __future__ import annotations

import decimal
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactionlog.errors import FieldInvalidError
from interactionlog.values import (
    ContactType,
    Evaluation,
    as_code,
    as_money,
    as_optional_code,
    as_utc,
    calendar_date,
    entry_number,
    flag,
    instance_of,
    instant,
    length,
    not_negative,
    one_of,
    optional,
    several_lines,
    time_of_day,
    whole,
    whole_minutes,
)

NOON = datetime(2026, 1, 26, 12, 0)  # noqa: DTZ001  # naive on purpose
ROME = timezone(timedelta(hours=1))


class NoOffset(tzinfo):
    """A zone that does not know its offset: Python treats its instants as naive."""

    def utcoffset(self, moment):
        return None


ACCEPTED = [
    (length(0, 3), ["", "a", "abc", "äöü", "a b", "日本語"]),
    (length(1, 3), ["a", "abc"]),
    (several_lines(10), ["", "a\nb", "a\r\n\tb"]),
    (optional(length(1, 3)), [None, "a", "ABC"]),
    (one_of(ContactType), list(ContactType)),
    (flag, [True, False]),
    (not_negative, [Decimal(0), Decimal("0.00001"), Decimal("999999999999.99999")]),
    (whole(), [0, 2**31 - 1]),
    (whole(1, 9), [1, 9]),
    (whole_minutes, [0, 90]),
    (entry_number, [1, 2**63 - 1]),
    (calendar_date, [date.min, date(2026, 1, 26), date.max]),
    (time_of_day, [time(0, 0), time(9, 30), time(23, 59, 59)]),
    (instant, [NOON.replace(tzinfo=UTC)]),
    (instance_of(tuple), [(), (1,)]),
]
REFUSED = [
    (length(0, 3), ["abcd", "\x00", "a\nb", "\x7f", "\x85", "\ud800", None, 3, b"abc", Decimal(1)]),
    (length(1, 3), ["", "abcd"]),
    (several_lines(3), ["abcd", "\x00", "\x0b", "\udfff", None]),
    (optional(length(1, 3)), ["", "abcd", 0, 7, False]),
    (one_of(ContactType), [None, 0, "COMPANY", "company", Evaluation.POSITIVE]),
    (flag, [None, 0, 1, "True", ""]),
    (
        not_negative,
        [
            Decimal("-0.01"),
            Decimal("NaN"),
            Decimal("sNaN"),
            Decimal("Infinity"),
            Decimal("-Infinity"),
            Decimal("0.000001"),
            Decimal(10) ** 12,
            1.5,
            1,
            True,
            "1",
            None,
        ],
    ),
    (whole(), [-1, 2**31, True, False, 1.0, "1", None, Decimal(1)]),
    (whole(1, 9), [0, 10]),
    (whole_minutes, [-1, 0.5, True]),
    (entry_number, [0, -1, 2**63, True, "7"]),
    (calendar_date, [NOON, NOON.replace(tzinfo=UTC), "2026-01-26", None, 20260126]),
    (time_of_day, [time(9, 30, 0, 1), time(9, 30, tzinfo=UTC), NOON, "09:30", None]),
    (
        instant,
        [NOON, date(2026, 1, 26), "2026-01-26T12:00Z", None, NOON.replace(tzinfo=NoOffset())],
    ),
    (instance_of(tuple), [[], None, "abc"]),
]


def cases(table):
    return [
        pytest.param(validator, value, id=f"{place}-{value!r:.30}")
        for place, (validator, values) in enumerate(table)
        for value in values
    ]


def record(validator):
    @attrs.frozen
    class Record:
        value: object = attrs.field(validator=validator)

    return Record


@pytest.mark.parametrize(("validator", "value"), cases(ACCEPTED))
def test_a_value_within_the_bounds_is_accepted(validator, value):
    assert record(validator)(value).value == value


@pytest.mark.parametrize(("validator", "value"), cases(REFUSED))
def test_a_value_beyond_the_bounds_is_refused_with_record_field_and_reason(validator, value):
    with pytest.raises(FieldInvalidError) as refused:
        record(validator)(value)
    assert (refused.value.record, refused.value.field) == ("Record", "value")
    assert refused.value.value == repr(value)[:200]
    assert refused.value.reason.startswith("must ")


def test_a_long_value_is_cut_in_the_error():
    with pytest.raises(FieldInvalidError) as refused:
        record(length(0, 3))("x" * 10_000)
    assert len(refused.value.value) == 200


@pytest.mark.parametrize(
    ("given", "code"),
    [("ct1", "CT1"), ("  a b ", "A B"), ("straße", "STRASSE"), ("", ""), ("\ta", "A"), (7, 7)],
)
def test_a_code_is_upper_case_without_blanks_around_it(given, code):
    assert as_code(given) == code


@pytest.mark.parametrize(
    ("given", "code"), [("ct1 ", "CT1"), ("", None), ("   ", None), (None, None), (7, 7)]
)
def test_a_blank_code_is_none(given, code):
    assert as_optional_code(given) == code


@given(st.text())
def test_normalising_a_code_again_changes_nothing(text):
    assert as_code(as_code(text)) == as_code(text)
    assert as_optional_code(as_optional_code(text)) == as_optional_code(text)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (40, "40"),
        ("40", "40"),
        ("7.2500", "7.25"),
        (Decimal("4E+1"), "40"),
        (Decimal("-0"), "0"),
        ("0.00", "0"),
        (" 7 ", "7"),
    ],
)
def test_equal_amounts_have_one_form(given, text):
    assert str(as_money(given)) == text


@pytest.mark.parametrize(
    "value",
    [1.5, True, None, "seven", "", [], "1E+40", "1E+999999", "1.0000000000000000000000000000001"],
)
def test_what_is_no_amount_is_left_to_the_validator(value):
    @attrs.frozen
    class Record:
        amount: Decimal = attrs.field(converter=as_money, validator=not_negative)

    with pytest.raises(FieldInvalidError):
        Record(value)


@pytest.mark.parametrize("precision", [3, 6, 28])
def test_a_hosts_decimal_context_does_not_round_money(precision):
    with decimal.localcontext() as context:
        context.prec = precision
        assert as_money("123456789012.12345") == Decimal("123456789012.12345")


def test_an_instant_is_turned_to_utc():
    assert as_utc(NOON.replace(tzinfo=ROME)) == datetime(2026, 1, 26, 11, 0, tzinfo=UTC)
    assert as_utc(NOON.replace(tzinfo=ROME)).tzinfo is UTC


def test_an_instant_that_was_not_turned_to_utc_is_refused():
    with pytest.raises(FieldInvalidError):
        record(instant)(NOON.replace(tzinfo=ROME))


@pytest.mark.parametrize(
    "value", [NOON, "text", date(2026, 1, 26), NOON.replace(tzinfo=NoOffset())]
)
def test_what_is_no_instant_is_left_to_the_validator(value):
    assert as_utc(value) is value


def test_no_instant_stays_none():
    assert as_utc(None) is None


@pytest.mark.parametrize("moment", [datetime.min, datetime.max])  # noqa: DTZ901
@pytest.mark.parametrize("hours", [-14, 14])
def test_an_instant_beyond_the_calendar_is_refused(moment, hours):
    @attrs.frozen
    class Record:
        moment: datetime = attrs.field(converter=as_utc, validator=instant)

    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    if (moment.year == 1) is (hours > 0):
        with pytest.raises(FieldInvalidError):
            Record(aware)
    else:
        assert Record(aware).moment == aware
