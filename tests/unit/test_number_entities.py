"""Number series, lines, counters and ledger rows: what each field takes and refuses."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from interactionlog.errors import DateTooEarlyError, FieldInvalidError, SeriesNotFoundError
from interactionlog.numbering.series import (
    NoSeries,
    NoSeriesLine,
    NoSeriesRelation,
    NumberCounter,
    NumberRange,
)
from interactionlog.values import NumberGrowth, NumberingPolicy, NumberState, ResetPeriod

MOMENT = datetime(2026, 1, 26, 8, 30, tzinfo=UTC)


def a_series(**fields):
    return NoSeries(**{"code": "SEGM"} | fields)


def a_line(**fields):
    return NoSeriesLine(**{"series_code": "SEGM", "line_no": 10000} | fields)


def a_template_line(**fields):
    return a_line(**{"template": "INV{yyyy}-{n:05}", "width": 5} | fields)


def a_relation(**fields):
    return NoSeriesRelation(**{"code": "SEGM", "series_code": "OTHER"} | fields)


def a_counter(**fields):
    return NumberCounter(**{"series_code": "SEGM", "line_no": 10000} | fields)


def a_range(**fields):
    values = {
        "series_code": "SEGM",
        "line_no": 10000,
        "first_value": 1,
        "last_value": 5,
        "state": NumberState.USED,
        "recorded_at": MOMENT,
    }
    return NumberRange(**values | fields)


ACCEPTED = [
    (a_series, {"code": " se&|<>gm "}, "SE&|<>GM"),
    (a_series, {"description": "D" * 100}, "D" * 100),
    (a_series, {"default_nos": False, "manual_nos": True}, False),
    (a_series, {"manual_nos": True}, True),
    (a_series, {"date_order": True}, True),
    (a_series, {"ledger": False}, False),
    (a_line, {"series_code": "segm"}, "SEGM"),
    (a_line, {"line_no": 1}, 1),
    (a_line, {"starting_date": date(2026, 1, 1)}, date(2026, 1, 1)),
    (a_line, {"prefix": " q4- "}, "Q4- "),
    (a_line, {"width": 18}, 18),
    (a_line, {"suffix": " /b "}, " /B"),
    (a_line, {"first_value": 0}, 0),
    (a_line, {"last_allowed": 1}, 1),
    (a_line, {"warning_value": 5, "last_allowed": 9}, 5),
    (a_line, {"step": 50}, 50),
    (a_line, {"policy": NumberingPolicy.GAPS_ALLOWED}, NumberingPolicy.GAPS_ALLOWED),
    (a_line, {"growth": NumberGrowth.STOP}, NumberGrowth.STOP),
    (a_template_line, {"template": "inv{YYYY}-{N:05}"}, "INV{yyyy}-{n:05}"),
    (a_template_line, {"reset_period": ResetPeriod.YEAR}, ResetPeriod.YEAR),
    (a_relation, {"code": "x"}, "X"),
    (a_relation, {"series_code": "y"}, "Y"),
    (a_counter, {"series_code": "x"}, "X"),
    (a_counter, {"line_no": 1}, 1),
    (a_counter, {"period_key": "2026-01-26"}, "2026-01-26"),
    (a_counter, {"last_value": 10**18 - 1}, 10**18 - 1),
    (a_counter, {"last_date": date(2026, 1, 1)}, date(2026, 1, 1)),
    (a_counter, {"version": 7}, 7),
    (a_range, {"series_code": "x"}, "X"),
    (a_range, {"line_no": 1}, 1),
    (a_range, {"period_key": "25/26"}, "25/26"),
    (a_range, {"first_value": 5}, 5),
    (a_range, {"last_value": 1}, 1),
    (a_range, {"step": 2}, 2),
    (a_range, {"state": NumberState.RESERVED}, NumberState.RESERVED),
    (a_range, {"user_id": "helena"}, "HELENA"),
    (a_range, {"recorded_at": MOMENT.astimezone(timezone(timedelta(hours=1)))}, MOMENT),
    (a_range, {"usage_date": date(2026, 1, 1)}, date(2026, 1, 1)),
    (a_range, {"record_kind": "segment"}, "segment"),
    (a_range, {"record_key": "SM00001"}, "SM00001"),
    (a_range, {"reason": "printer jam", "state": NumberState.VOID}, "printer jam"),
]


@pytest.mark.parametrize(("entity", "fields", "expected"), ACCEPTED)
def test_a_field_takes_and_normalises_a_value(entity, fields, expected):
    assert getattr(entity(**fields), next(iter(fields))) == expected


REFUSED = [
    (a_series, {"code": " "}, "code"),
    (a_series, {"code": "C" * 21}, "code"),
    (a_series, {"description": "D" * 101}, "description"),
    (a_series, {"default_nos": 1}, "default_nos"),
    (a_series, {"manual_nos": False, "default_nos": False}, "manual_nos"),
    (a_series, {"date_order": None}, "date_order"),
    (a_series, {"ledger": "yes"}, "ledger"),
    (a_line, {"series_code": ""}, "series_code"),
    (a_line, {"line_no": 0}, "line_no"),
    (a_line, {"starting_date": MOMENT}, "starting_date"),
    (a_line, {"prefix": "A1"}, "prefix"),
    (a_line, {"prefix": "A" * 20}, "prefix"),
    (a_line, {"width": 19}, "width"),
    (a_line, {"suffix": "B2"}, "suffix"),
    (a_line, {"suffix": "B" * 15, "width": 6}, "suffix"),
    (a_line, {"first_value": -1}, "first_value"),
    (a_line, {"last_allowed": 0}, "last_allowed"),
    (a_line, {"warning_value": 5}, "warning_value"),
    (a_line, {"warning_value": -5, "last_allowed": 9}, "warning_value"),
    (a_line, {"step": 0}, "step"),
    (a_line, {"policy": 0}, "policy"),
    (a_line, {"growth": True}, "growth"),
    (a_template_line, {"template": "INV{year}-{n:05}"}, "template"),
    (a_template_line, {"prefix": "X"}, "template"),
    (a_template_line, {"width": 4}, "template"),
    (a_line, {"reset_period": ResetPeriod.YEAR}, "reset_period"),
    (a_template_line, {"reset_period": ResetPeriod.MONTH}, "reset_period"),
    (a_template_line, {"reset_period": 1}, "reset_period"),
    (a_relation, {"code": ""}, "code"),
    (a_relation, {"series_code": ""}, "series_code"),
    (a_counter, {"series_code": ""}, "series_code"),
    (a_counter, {"line_no": True}, "line_no"),
    (a_counter, {"period_key": "2026-01-26X"}, "period_key"),
    (a_counter, {"last_value": 10**18}, "last_value"),
    (a_counter, {"last_date": "2026-01-01"}, "last_date"),
    (a_counter, {"version": -1}, "version"),
    (a_range, {"series_code": ""}, "series_code"),
    (a_range, {"line_no": 0}, "line_no"),
    (a_range, {"period_key": "P" * 11}, "period_key"),
    (a_range, {"first_value": -1}, "first_value"),
    (a_range, {"last_value": 0}, "last_value"),
    (a_range, {"last_value": 10**18}, "last_value"),
    (a_range, {"step": 0}, "step"),
    (a_range, {"state": None}, "state"),
    (a_range, {"user_id": "U" * 51}, "user_id"),
    (a_range, {"recorded_at": datetime(2026, 1, 26)}, "recorded_at"),  # noqa: DTZ001
    (a_range, {"usage_date": MOMENT}, "usage_date"),
    (a_range, {"record_kind": "K" * 51}, "record_kind"),
    (a_range, {"record_key": ""}, "record_key"),
    (a_range, {"reason": "R" * 251}, "reason"),
    (a_range, {"reason": " ", "state": NumberState.VOID}, "reason"),
]


@pytest.mark.parametrize(("entity", "fields", "field"), REFUSED)
def test_a_field_refuses_a_value_and_says_which(entity, fields, field):
    with pytest.raises(FieldInvalidError) as refused:
        entity(**fields)
    assert refused.value.field == field


def test_errors_keep_their_facts_when_they_are_pickled():
    error = DateTooEarlyError("SEGM", "it starts later", 10000, date(2026, 1, 1), "SM00001")
    for each in (error, SeriesNotFoundError("number series", "SEGM")):
        copied = pickle.loads(pickle.dumps(each))  # noqa: S301  # our own
        assert (type(copied), str(copied)) == (type(each), str(each))
    assert (error.line_no, error.usage_date) == (10000, date(2026, 1, 1))
    assert str(error) == "number series SEGM: it starts later"
