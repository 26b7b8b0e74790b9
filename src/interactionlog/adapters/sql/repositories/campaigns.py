"""Campaign entries in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from interactionlog._fields import as_code
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.repositories.counters import EntryCounter
from interactionlog.adapters.sql.rows import from_row
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.tables import TABLES
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.enumerations import DocumentType

__all__ = ["SqlCampaignEntries"]


class SqlCampaignEntries:
    """`interactionlog.campaigns.repository.CampaignEntryRepository` over SQL."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session
        self._records = SqlRecords(session, CampaignEntry)
        self._counter = EntryCounter(session, "campaign_entry")

    def reserve_entry_no(self) -> int:
        """Reserve a number above every stored or reserved one."""
        return self._counter.reserve(1)[0]

    def add(self, entry: CampaignEntry) -> None:
        """Store a new entry; `DuplicateEntryError` for its number or for an open one of its key."""
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
        row = self._session.row(
            "open_campaign_entry",
            campaign_no,
            document_type or 0,
            segment_no or "",
            register_no or 0,
        )
        return None if row is None else from_row(TABLES[CampaignEntry])(row)

    def replace(self, entry: CampaignEntry) -> None:
        """Overwrite the entry of that number, or raise `NotFoundError`."""
        self._records.replace(entry)

    def remove(self, entry_no: int) -> None:
        """Delete the entry, or raise `NotFoundError`."""
        self._records.remove(entry_no)

    def of_campaign(self, campaign_no: str) -> Sequence[CampaignEntry]:
        """Return the entries of a campaign by number."""
        return self._list("campaign_entries_of_campaign", as_code(campaign_no))

    def of_logged_segment(self, register_no: int) -> Sequence[CampaignEntry]:
        """Return the entries that a logged segment made, by number."""
        return self._list("campaign_entries_of_register", register_no)

    def _list(self, name: str, key: object) -> Sequence[CampaignEntry]:
        return self._session.entities(TABLES[CampaignEntry], name, key)
