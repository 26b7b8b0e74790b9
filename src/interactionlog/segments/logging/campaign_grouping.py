"""One campaign entry for each campaign that the lines of a logging belong to."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["CampaignGrouping"]


class CampaignGrouping:
    """
    Collects the campaign entries of one logging; there are as many as campaigns.

    An entry carries the earliest date of its lines and that line's salesperson. What earlier
    batches of the same logging stored is gone on with.

    Source: SEG-105 with D-23: the logged segment belongs to the key, so that they are always new.
    """

    def __init__(self, work: UnitOfWork, logged: LoggedSegment) -> None:
        self._work = work
        self._logged = logged
        self._stored = {
            entry.campaign_no: entry
            for entry in work.campaign_entries.of_logged_segment(logged.entry_no)
        }
        self._entries = dict(self._stored)
        self.entry_nos: dict[str | None, int] = {
            campaign_no: entry.entry_no for campaign_no, entry in self._stored.items()
        }

    def take(self, lines: Sequence[SegmentLine]) -> None:
        """Count in lines that are logged; their campaigns have an entry number afterwards."""
        for line in lines:
            campaign_no = line.campaign_no
            if campaign_no is None:
                continue
            known = self._entries.get(campaign_no)
            if known is None:
                self.entry_nos[campaign_no] = self._work.campaign_entries.reserve_entry_no()
                self._entries[campaign_no] = CampaignEntry(
                    entry_no=self.entry_nos[campaign_no],
                    campaign_no=campaign_no,
                    description=self._logged.description,
                    date=line.date,
                    user_id=self._work.user_id,
                    segment_no=self._logged.segment_no,
                    salesperson_code=line.salesperson_code,
                    register_no=self._logged.entry_no,
                )
            elif known.date is None or (line.date is not None and line.date < known.date):
                self._entries[campaign_no] = attrs.evolve(
                    known, date=line.date, salesperson_code=line.salesperson_code
                )

    def write(self) -> None:
        """Store what is new or was changed."""
        for campaign_no, entry in self._entries.items():
            if campaign_no not in self._stored:
                self._work.campaign_entries.add(entry)
            elif entry != self._stored[campaign_no]:
                self._work.campaign_entries.replace(entry)
