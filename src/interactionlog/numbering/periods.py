"""
Reset periods: which counter a date belongs to when a line begins again every year or month.

The key of the period is part of the counter's key, so a new period starts by itself, without a task
in January. Source: number-series.md 7.5, OF-05 and OF-06.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import attrs

from interactionlog._fields import as_code, calendar_date, length
from interactionlog.enumerations import ResetPeriod
from interactionlog.errors import UsageError


@attrs.frozen(kw_only=True, weakref_slot=False)
class FiscalYear:
    """
    A fiscal year of the caller's calendar; it may straddle years and be longer or shorter than one.

    Attributes:
        key: Its name, such as ``2025/26``; 1 to 10 characters, upper-cased; never two years alike.
        first_day: Its first day.
        last_day: Its last day.
    """

    key: str = attrs.field(converter=as_code, validator=length(1, 10))
    first_day: date = attrs.field(validator=calendar_date)
    last_day: date = attrs.field(validator=calendar_date)


FiscalCalendar = Callable[[date], FiscalYear]
"""Tells the fiscal year in which a date lies."""


PeriodKeys = tuple[str, ...]
"""Key of the period for each `ResetPeriod`, in the order of their values; ``""`` for none."""


def fiscal_year_of(day: date, calendar: FiscalCalendar | None) -> FiscalYear:
    """Ask the caller's calendar, or raise `UsageError` when there is none or it errs."""
    if calendar is None:
        raise UsageError("a series by fiscal year needs a calendar: NumberSeries(work, calendar)")
    year = calendar(day)
    if not year.first_day <= day <= year.last_day:
        raise UsageError(f"the fiscal calendar puts {day} into {year.key}, which does not hold it")
    return year


def period_key(period: ResetPeriod, day: date, calendar: FiscalCalendar | None) -> str:
    """Return the key of the period in which ``day`` lies; ``""`` without reset."""
    if period is ResetPeriod.FISCAL_YEAR:
        return fiscal_year_of(day, calendar).key
    key: str = _calendar_keys(day)[period.value]
    return key


def period_keys(day: date, calendar: FiscalCalendar | None) -> PeriodKeys:
    """Return the keys of all periods in which ``day`` lies; fiscal years only with a calendar."""
    keys = _calendar_keys(day)
    if calendar is None:
        return keys
    fiscal = ResetPeriod.FISCAL_YEAR.value
    return (*keys[:fiscal], fiscal_year_of(day, calendar).key, *keys[fiscal + 1 :])


@lru_cache(maxsize=64)
def _calendar_keys(day: date) -> PeriodKeys:
    text = day.isoformat()
    quarter = f"{text[:4]}-Q{(day.month + 2) // 3}"
    return "", text[:4], "", quarter, text[:7], text
