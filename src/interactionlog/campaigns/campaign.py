"""Campaigns, their entries, and the port that stores these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

import attrs

from interactionlog.unit_of_work import NumberedRecords
from interactionlog.values import (
    DocumentType,
    as_code,
    both,
    calendar_date,
    code_or_none,
    code_text,
    entry_number,
    field_or_none,
    flag,
    from_starting_date,
    length,
    member_or_none,
    whole,
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Campaign:
    """
    A campaign that segments and interactions belong to.

    Attributes:
        no: Key; 1 to 20 characters, upper case.
        description: At most 100 characters.
        starting_date: First day; ``None`` means open.
        ending_date: Last day, inclusive; ``None`` means open.
        salesperson_code: Who is responsible; ``None`` means nobody.
        status_code: Free status, at most 10 characters.
        last_date_modified: Business date of the last change; ``None`` when never changed.
        no_series: Series that the number came from; ``None`` when given by hand.
        activated: Its target group is in use.

    Source: table 5071 Campaign.
    """

    no: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    starting_date: dt.date | None = field_or_none(calendar_date)
    ending_date: dt.date | None = field_or_none(both(calendar_date, from_starting_date))
    salesperson_code: str | None = code_or_none(20)
    status_code: str | None = code_or_none(10)
    last_date_modified: dt.date | None = field_or_none(calendar_date)
    no_series: str | None = code_or_none(20)
    activated: bool = attrs.field(default=False, validator=flag)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CampaignEntry:
    """
    Groups the interactions of a campaign that were logged together.

    Attributes:
        entry_no: Key; rising, never used again.
        campaign_no: The campaign.
        description: At most 100 characters.
        date: Earliest date of the interactions that made it.
        user_id: Who logged them.
        segment_no: Segment they came from; ``None`` for single interactions.
        salesperson_code: Of the interaction with the earliest date.
        register_no: Logged segment they came from; ``None`` for single interactions.
        document_type: Kind of document; ``None`` for none.
        cancel_state: 1 own, 2 logged segment, 8 its logging was undone and is gone; 0 is live.
        closed: Was canceled once: takes no new interactions.

    Source: table 5072 Campaign Entry.
    """

    entry_no: int = attrs.field(validator=entry_number)
    campaign_no: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    date: dt.date | None = field_or_none(calendar_date)
    user_id: str | None = code_or_none(50)
    segment_no: str | None = code_or_none(20)
    salesperson_code: str | None = code_or_none(20)
    register_no: int | None = field_or_none(entry_number)
    document_type: DocumentType | None = member_or_none(DocumentType)
    cancel_state: int = attrs.field(default=0, validator=whole(0, 15))
    closed: bool = attrs.field(default=False, validator=flag)


class CampaignEntryRepository(NumberedRecords[CampaignEntry], Protocol):
    """
    Campaign entries by number.

    An adapter passes ``testing.RecordsContract`` and ``testing.CampaignEntryContract``.
    """

    def add(self, record: CampaignEntry) -> None:
        """Store a new entry; `DuplicateEntryError` for its number or for an open one of its key."""

    def find_open(
        self,
        campaign_no: str,
        document_type: DocumentType | None,
        segment_no: str | None,
        register_no: int | None,
    ) -> CampaignEntry | None:
        """Return the entry of that key that takes further interactions, or ``None``. (D-23)"""

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        """
        Set or clear one reason of canceling on these entries, or raise `NotFoundError`.

        A canceled one is closed for good.
        """

    def leave_logged_segment(self, register_no: int) -> None:
        """
        Remove the logged segment from its campaign entries.

        Its reason of canceling becomes the entry's own, so that they stay canceled.
        """

    def of_campaign(self, campaign_no: str) -> Sequence[CampaignEntry]:
        """Return the entries of a campaign by number."""

    def of_segment(self, segment_no: str) -> Sequence[CampaignEntry]:
        """Return the entries that take further interactions of an open segment, by number."""

    def close_segment(self, segment_no: str) -> None:
        """Let them take no more: the number may be another segment's."""

    def of_logged_segment(self, register_no: int) -> Sequence[CampaignEntry]:
        """Return the entries that a logged segment made, by number."""
