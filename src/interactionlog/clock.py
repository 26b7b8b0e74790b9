"""Where time comes from: clocks, and who works."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells services the time; they never ask the machine."""

    def now(self) -> datetime:
        """Return this instant in UTC."""
        ...

    def local(self) -> datetime:
        """Return this instant in the zone of the business."""
        ...

    def today(self) -> date:
        """Return the date of this instant in the zone of the business."""
        ...

    def work_date(self) -> date:
        """Return the business date one works with; today unless it was set."""
        ...


class SystemClock:
    """
    The machine's clock.

    Args:
        zone: Name of the zone of the business, such as ``Europe/Rome``; ``None`` is the machine's.
        work_date: Business date to work with; ``None`` follows today.
    """

    def __init__(self, zone: str | None = None, *, work_date: date | None = None) -> None:
        self._zone = None if zone is None else ZoneInfo(zone)
        self._work_date = work_date

    def now(self) -> datetime:
        """Return this instant in UTC."""
        return datetime.now(UTC)

    def local(self) -> datetime:
        """Return this instant in the zone of the business."""
        return self.now().astimezone(self._zone)

    def today(self) -> date:
        """Return the date of this instant in the zone of the business."""
        return datetime.now(self._zone).date()

    def work_date(self) -> date:
        """Return the business date that was set, else today."""
        return self._work_date or self.today()


class FixedClock:
    """
    A clock that stands still until it is moved; for tests.

    Args:
        moment: Business time in ISO form, such as ``2026-01-26T09:30``.
        zone: Zone of the business.
        work_date: Business date to work with; ``None`` follows the moment.
    """

    def __init__(
        self, moment: str, *, zone: str = "UTC", work_date: date | str | None = None
    ) -> None:
        self._local = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
        self._work_date = date.fromisoformat(work_date) if isinstance(work_date, str) else work_date

    def move(self, **by: float) -> None:
        """Move the clock by a `timedelta`'s arguments, such as ``minutes=5``."""
        self._local = (self.now() + timedelta(**by)).astimezone(self._local.tzinfo)

    def now(self) -> datetime:
        """Return the fixed instant in UTC."""
        return self._local.astimezone(UTC)

    def local(self) -> datetime:
        """Return the fixed instant in the zone of the business."""
        return self._local

    def today(self) -> date:
        """Return the date of the fixed instant."""
        return self._local.date()

    def work_date(self) -> date:
        """Return the business date that was set, else today."""
        return self._work_date or self.today()
