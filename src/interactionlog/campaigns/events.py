"""What happened to campaigns; the owner delivers these after the commit."""

from __future__ import annotations

import attrs

__all__ = [
    "CampaignActivated",
    "CampaignDeactivated",
    "CampaignEntriesCanceled",
    "CampaignEntriesDeleted",
    "CampaignEntriesUncanceled",
]


@attrs.frozen
class CampaignActivated:
    """The target group of this campaign is in use."""

    campaign_no: str


@attrs.frozen
class CampaignDeactivated:
    """The target group of this campaign is out of use."""

    campaign_no: str


@attrs.frozen
class CampaignEntriesCanceled:
    """These campaign entries were canceled with all their interactions."""

    entry_nos: tuple[int, ...]


@attrs.frozen
class CampaignEntriesUncanceled:
    """The canceling of these campaign entries was taken back."""

    entry_nos: tuple[int, ...]


@attrs.frozen
class CampaignEntriesDeleted:
    """These canceled campaign entries were deleted with all their interactions."""

    entry_nos: tuple[int, ...]
