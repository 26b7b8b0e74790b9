"""The port to campaign entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.enumerations import DocumentType

__all__ = ["CampaignEntryRepository"]


class CampaignEntryRepository(Protocol):
    """
    Campaign entries by number.

    An adapter conforms when it passes ``testing.CampaignEntryContract``.
    """

    def reserve_entry_no(self) -> int:
        """Reserve a number above every stored or reserved one."""
        ...

    def add(self, entry: CampaignEntry) -> None:
        """Store a new entry; `DuplicateEntryError` for its number or for an open one of its key."""
        ...

    def get(self, entry_no: int) -> CampaignEntry:
        """Return the entry, or raise `NotFoundError`."""
        ...

    def find(self, entry_no: int) -> CampaignEntry | None:
        """Return the entry, or ``None``."""
        ...

    def find_open(
        self,
        campaign_no: str,
        document_type: DocumentType | None,
        segment_no: str | None,
        register_no: int | None,
    ) -> CampaignEntry | None:
        """Return the entry of that key that takes further interactions, or ``None``. (D-23)"""
        ...

    def replace(self, entry: CampaignEntry) -> None:
        """Overwrite the entry of that number, or raise `NotFoundError`."""
        ...

    def remove(self, entry_no: int) -> None:
        """Delete the entry, or raise `NotFoundError`."""
        ...

    def of_campaign(self, campaign_no: str) -> Sequence[CampaignEntry]:
        """Return the entries of a campaign by number."""
        ...

    def of_logged_segment(self, register_no: int) -> Sequence[CampaignEntry]:
        """Return the entries that a logged segment made, by number."""
        ...
