"""Figures of campaigns: those of Business Central, and those that users miss there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import attrs

from interactionlog.interactions.repository import Dimension, Figures, LogFilter
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import ROUNDED, as_code


class CampaignFigures(NamedTuple):
    """
    Figures of the live interactions of a campaign.

    Attributes:
        target_contacts_contacted, contacts_responded: BC's figures: interactions that are targets
            of, answers to the campaign.
        distinct_contacts_contacted, distinct_contacts_responded: The contacts behind them, each
            once (D-33).
        cost_lcy, duration_min: Of all its interactions.
        cost_per_response: Cost for each answer; ``None`` while there is none.
    """

    target_contacts_contacted: int
    contacts_responded: int
    distinct_contacts_contacted: int
    distinct_contacts_responded: int
    cost_lcy: Decimal
    duration_min: int
    cost_per_response: Decimal | None


@attrs.frozen
class CampaignStatistics:
    """
    Counts what came of campaigns; canceled and postponed entries never count.

    Attributes:
        work: The unit of work.
        since, until: First and last date that count, inclusive; ``None`` means open.

    Source: segments 3.4 and 3.5.
    """

    work: UnitOfWork
    since: date | None = None
    until: date | None = None

    def of(self, campaign_no: str) -> CampaignFigures:
        """Return the figures of a campaign, or raise `NotFoundError`."""
        no = self.work.campaigns.get(as_code(campaign_no)).no
        log = self.work.interactions
        all_of_it = self._counted(campaign_no=no)
        targets = self._counted(campaign_no=no, campaign_target=True)
        answers = self._counted(campaign_no=no, campaign_response=True)
        ((_, figures),) = log.figures(all_of_it)
        ((_, contacted),) = log.figures(targets)
        ((_, responded),) = log.figures(answers)
        responses = responded.interactions
        return CampaignFigures(
            contacted.interactions,
            responses,
            log.count_contacts(targets),
            log.count_contacts(answers),
            figures.cost_lcy,
            figures.duration_min,
            _per_response(figures.cost_lcy, responses) if responses else None,
        )

    def responses_by_wave(self, campaign_no: str) -> Sequence[tuple[str | None, Figures]]:
        """Return the answers by segment number, single interactions first under ``None``."""
        answers = self._counted(campaign_no=as_code(campaign_no), campaign_response=True)
        return self.work.interactions.figures(answers, Dimension.SEGMENT)

    def of_entry(self, entry_no: int) -> Figures:
        """
        Return the figures of a campaign entry, or raise `NotFoundError`.

        A live one counts its live interactions, a canceled one all of them.
        """
        entry = self.work.campaign_entries.get(entry_no)
        meant = LogFilter(
            campaign_no=entry.campaign_no,
            campaign_entry_no=entry_no,
            canceled=None if entry.cancel_state else False,
        )
        ((_, figures),) = self.work.interactions.figures(meant)
        return figures

    def _counted(
        self,
        *,
        campaign_no: str,
        campaign_target: bool | None = None,
        campaign_response: bool | None = None,
    ) -> LogFilter:
        return LogFilter(
            campaign_no=campaign_no,
            campaign_target=campaign_target,
            campaign_response=campaign_response,
            since=self.since,
            until=self.until,
            canceled=False,
            postponed=False,
        )


def _per_response(cost_lcy: Decimal, responses: int) -> Decimal:
    return ROUNDED.quantize(ROUNDED.divide(cost_lcy, responses), Decimal("0.00001"))
