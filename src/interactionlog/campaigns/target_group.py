"""Whom a campaign is aimed at: computed when it is asked for, never stored."""

from __future__ import annotations

from typing import NamedTuple

import attrs

from interactionlog._fields import as_code
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["Target", "TargetGroup", "target_group"]


class Target(NamedTuple):
    """
    One target of a campaign: a customer, or a contact that is none.

    ``no`` is a customer number or the number of a company contact; ``None`` stands for lines
    without contact and for persons without company, as BC has it.
    """

    is_customer: bool
    no: str | None


def target_group(work: UnitOfWork, campaign_no: str) -> frozenset[Target]:
    """
    Return the targets of a campaign: of its target lines and its live target interactions.

    The company's first customer counts where it has one, else the company itself.

    Source: SEG-139 over SEG-135, with D-10: neither activation nor a line or entry stores a row.
    """
    companies = {
        *work.segments.target_companies(campaign_no),
        *work.interactions.target_companies(campaign_no),
    }
    customers = work.contacts.customers({no for no in companies if no is not None})
    return frozenset(
        Target(is_customer=True, no=customers[no])
        if no is not None and no in customers
        else Target(is_customer=False, no=no)
        for no in companies
    )


@attrs.frozen
class TargetGroup:
    """Answers who is a target of a campaign that is activated."""

    work: UnitOfWork

    def of(self, campaign_no: str) -> frozenset[Target]:
        """
        Return the target group; empty while the campaign is not activated.

        Raises:
            NotFoundError: There is no such campaign.
        """
        campaign = self.work.campaigns.get(as_code(campaign_no))
        return target_group(self.work, campaign.no) if campaign.activated else frozenset()
