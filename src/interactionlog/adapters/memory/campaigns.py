"""Campaign entries in memory."""

from __future__ import annotations

from collections.abc import Sequence

from interactionlog._fields import as_code
from interactionlog.adapters.memory.counters import EntryCounter
from interactionlog.adapters.memory.records import MemoryRecords
from interactionlog.adapters.memory.session import MemorySession
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.enumerations import DocumentType
from interactionlog.errors import DuplicateEntryError

__all__ = ["MemoryCampaignEntries"]


class MemoryCampaignEntries:
    """`interactionlog.campaigns.repository.CampaignEntryRepository` over a dictionary."""

    def __init__(self, session: MemorySession) -> None:
        self._records = MemoryRecords(session, CampaignEntry)
        self._counter = EntryCounter(session, "campaign_entry")

    def reserve_entry_no(self) -> int:
        """Reserve a number above every stored or reserved one."""
        return self._counter.reserve(1)[0]

    def add(self, entry: CampaignEntry) -> None:
        """Store a new entry; `DuplicateEntryError` for its number or for an open one of its key."""
        rival = self.find_open(
            entry.campaign_no, entry.document_type, entry.segment_no, entry.register_no
        )
        if rival is not None and not entry.closed:
            raise DuplicateEntryError("campaign entry", str(entry.entry_no))
        self._records.add(entry)
        self._counter.keep_above(entry.entry_no)

    def get(self, entry_no: int) -> CampaignEntry:
        """Return the entry, or raise `NotFoundError`."""
        return self._records.get(entry_no)

    def find(self, entry_no: int) -> CampaignEntry | None:
        """Return the entry, or ``None``."""
        return self._records.find(entry_no)

    def find_open(
        self,
        campaign_no: str,
        document_type: DocumentType | None,
        segment_no: str | None,
        register_no: int | None,
    ) -> CampaignEntry | None:
        """Return the entry of that key that takes further interactions, or ``None``."""
        key = (campaign_no, document_type, segment_no, register_no)
        for entry in self._records.all():
            its = (entry.campaign_no, entry.document_type, entry.segment_no, entry.register_no)
            if its == key and not entry.closed:
                return entry
        return None

    def replace(self, entry: CampaignEntry) -> None:
        """Overwrite the entry of that number, or raise `NotFoundError`."""
        self._records.replace(entry)

    def remove(self, entry_no: int) -> None:
        """Delete the entry, or raise `NotFoundError`."""
        self._records.remove(entry_no)

    def of_campaign(self, campaign_no: str) -> Sequence[CampaignEntry]:
        """Return the entries of a campaign by number."""
        return [each for each in self._records.all() if each.campaign_no == as_code(campaign_no)]

    def of_logged_segment(self, register_no: int) -> Sequence[CampaignEntry]:
        """Return the entries that a logged segment made, by number."""
        return [each for each in self._records.all() if each.register_no == register_no]
