"""Figures of the log; canceled and postponed entries never count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import attrs

from interactionlog.enumerations import InitiatedBy
from interactionlog.interactions.interaction_log import scope_of
from interactionlog.interactions.log_filter import LogFilter, Position
from interactionlog.interactions.repository import Dimension, Figures
from interactionlog.interactions.tables import FiguresTable
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["ContactDates", "Statistics"]


class ContactDates(NamedTuple):
    """
    When a contact, or a company with its persons, was last written to; ``None`` for never.

    Attributes:
        last_attempt: Last date on which we began something, failed attempts too.
        last_interaction: Last date without failed attempts.
        next_postponed: Earliest date of what is postponed.
    """

    last_attempt: date | None
    last_interaction: date | None
    next_postponed: date | None


@attrs.frozen
class Statistics:
    """
    Counts interactions and adds up cost and minutes.

    Attributes:
        work: The unit of work.
        since, until: First and last date that count, inclusive; ``None`` means open.

    Source: interactions 4.
    """

    work: UnitOfWork
    since: date | None = None
    until: date | None = None

    def of_contact(self, contact_no: str) -> Figures:
        """Return the figures of a contact, of a company with its persons; or `NotFoundError`."""
        return self.of(scope_of(self.work, contact_no))

    def dates_of_contact(self, contact_no: str) -> ContactDates:
        """
        Return the dates of a contact, over the whole log; or `NotFoundError`.

        Source: interactions 4; canceled entries do not count (§8.12).
        """
        scope = attrs.evolve(scope_of(self.work, contact_no), canceled=False)
        logged = attrs.evolve(scope, postponed=False)
        log, beginning = self.work.interactions, Position(date.min, 0)
        pages = (
            log.newest(attrs.evolve(logged, initiated_by=InitiatedBy.US), limit=1),
            log.newest(attrs.evolve(logged, attempt_failed=False), limit=1),
            log.newest(attrs.evolve(scope, postponed=True), after=beginning, limit=1),
        )
        return ContactDates(*(page[0].date if page else None for page in pages))

    def of_template(self, code: str) -> Figures:
        """Return the figures of a template, by the code on the entries."""
        return self.of(LogFilter(interaction_template_code=code))

    def of_group(self, code: str) -> Figures:
        """Return the figures of an interaction group, by the code on the entries."""
        return self.of(LogFilter(interaction_group_code=code))

    def of_salesperson(self, code: str) -> Figures:
        """Return the figures of a salesperson."""
        return self.of(LogFilter(salesperson_code=code))

    def of_campaign(self, no: str) -> Figures:
        """Return the figures of a campaign."""
        return self.of(LogFilter(campaign_no=no))

    def of_opportunity(self, no: str) -> Figures:
        """Return the figures of an opportunity."""
        return self.of(LogFilter(opportunity_no=no))

    def of_segment(self, no: str) -> Figures:
        """Return the figures of everything that was logged from a segment number."""
        return self.of(LogFilter(segment_no=no))

    def of(self, log_filter: LogFilter) -> Figures:
        """Return the figures of the entries that are meant."""
        ((_, figures),) = self.work.interactions.figures(self._counted(log_filter))
        return figures

    def by(
        self, dimension: Dimension, log_filter: LogFilter | None = None
    ) -> FiguresTable[str | None]:
        """Return the figures split by a dimension, in the order of its keys; ``None`` first."""
        meant = self._counted(log_filter or LogFilter())
        return FiguresTable(self.work.interactions.figures(meant, dimension))

    def by_month(self, log_filter: LogFilter | None = None) -> FiguresTable[str]:
        """Return the figures split by month, such as ``2026-01``, oldest first."""
        months: dict[str, Figures] = {}
        for day, each in self.by(Dimension.DATE, log_filter):
            month = str(day)[:7]
            so_far = months.get(month, Figures(0, Decimal(0), 0))
            months[month] = Figures(
                so_far.interactions + each.interactions,
                so_far.cost_lcy + each.cost_lcy,
                so_far.duration_min + each.duration_min,
            )
        return FiguresTable(months.items())

    def _counted(self, log_filter: LogFilter) -> LogFilter:
        # None asks nothing; of two bounds the narrower one counts
        starts = [day for day in (self.since, log_filter.since) if day is not None]
        ends = [day for day in (self.until, log_filter.until) if day is not None]
        return attrs.evolve(
            log_filter,
            since=max(starts, default=None),
            until=min(ends, default=None),
            canceled=False,
            postponed=False,
        )
