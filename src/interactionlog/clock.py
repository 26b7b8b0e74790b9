"""Where time comes from: clocks, and who works."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from interactionlog.errors import UsageError


class Clock(Protocol):
    """Tells services the time; they never ask the machine."""

    def now(self) -> datetime:
        """Return this instant in UTC."""

    def local(self) -> datetime:
        """Return this instant in the zone of the business."""

    def today(self) -> date:
        """Return the date of this instant in the zone of the business."""

    def work_date(self) -> date:
        """Return the business date one works with; today unless it was set."""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, TypeError, ValueError, OSError) as error:
        raise UsageError(f"{name!r} is no time zone: give a name such as Europe/Rome") from error


def require_date(day: object) -> date:
    """Return a date, given or in ISO form; an instant is one to Python, and would lose its time."""
    with suppress(ValueError):
        given = date.fromisoformat(day) if isinstance(day, str) else day
        if isinstance(given, date) and not isinstance(given, datetime):
            return given
    raise UsageError(f"a work date is a date without time, such as 2026-01-26, not {day!r}")


def require_clock(clock: object) -> Clock:
    """Return what is a `Clock`, so that whatever it says at any time is validated."""
    names = ("now", "local", "today", "work_date")
    if isinstance(clock, type) or not all(callable(getattr(clock, each, None)) for each in names):
        raise UsageError(f"the clock of a store must be a Clock: {clock!r}")
    if type(clock) in {SystemClock, FixedClock}:
        return clock  # type: ignore[return-value]
    its = _OfHost(clock)
    for name in names:
        getattr(its, name)()
    return its


class _OfHost:
    """A clock of the host: dates are without time, and this instant is in UTC, or `UsageError`."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock

    def __repr__(self) -> str:
        return repr(self._clock)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # before it has a clock as well, when it is copied
            raise AttributeError(name)
        return getattr(self._clock, name)

    def now(self) -> datetime:
        now = self._clock.now()
        if not isinstance(now, datetime) or now.utcoffset() != timedelta():
            reason = "is an instant in UTC, as of datetime.now(UTC)"
            raise UsageError(f"now() of a clock {reason}: {now!r}")
        return now

    def local(self) -> datetime:
        local = self._clock.local()
        if not isinstance(local, datetime):
            raise UsageError(f"local() of a clock is a date with its time: {local!r}")
        return local

    def today(self) -> date:
        return self._date(self._clock.today())

    def work_date(self) -> date:
        return self._date(self._clock.work_date())

    def _date(self, day: Any) -> date:
        if require_date(day) is not day:
            raise UsageError(f"today() and work_date() of a clock are dates and no text: {day!r}")
        return day


class SystemClock(Clock):
    """
    The machine's clock.

    Args:
        zone: Name of the zone of the business, such as ``Europe/Rome``; ``None`` is the machine's.
        work_date: Business date to work with; ``None`` follows today.
    """

    def __init__(self, zone: str | None = None, *, work_date: date | str | None = None) -> None:
        self._zone = None if zone is None else _zone(zone)
        self._work_date = None if work_date is None else require_date(work_date)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def local(self) -> datetime:
        return self.now().astimezone(self._zone)

    def today(self) -> date:
        return self.local().date()

    def work_date(self) -> date:
        return self._work_date or self.today()


class FixedClock(SystemClock):
    """
    A clock that stands still until it is moved; for tests.

    Args:
        moment: Business time, as a `datetime` or in ISO form such as ``2026-01-26T09:30``; with
            an offset it is that instant, shown in the zone of the business.
        zone: Zone of the business.
        work_date: Business date to work with; ``None`` follows the moment.
    """

    def __init__(
        self, moment: datetime | str, *, zone: str = "UTC", work_date: date | str | None = None
    ) -> None:
        super().__init__(zone, work_date=work_date)
        try:
            given = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
            its = given if given.tzinfo else given.replace(tzinfo=self._zone)
            self._stand(its.astimezone(UTC))
        except (TypeError, ValueError, OverflowError) as error:
            raise UsageError(f"{moment!r} is no time: give one such as 2026-01-26T09:30") from error

    def _stand(self, now: datetime) -> None:
        now.astimezone(self._zone)  # the years 1 to 9999 of the business
        self._now = now

    def move(self, **by: float) -> None:
        """Move the clock by a `timedelta`'s arguments, such as ``minutes=5``; or `UsageError`."""
        try:
            self._stand(self._now + timedelta(**by))
        except (TypeError, ValueError, OverflowError) as error:
            reason = f"a clock is not moved by {by}: {error}; give minutes=5, hours, days or weeks"
            raise UsageError(reason) from error

    def now(self) -> datetime:
        return self._now
