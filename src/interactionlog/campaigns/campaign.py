"""Campaigns and the entries that group their interactions."""

from __future__ import annotations

import datetime as dt

import attrs

from interactionlog._fields import (
    as_code,
    as_optional_code,
    calendar_date,
    entry_number,
    flag,
    length,
    one_of,
    optional,
    optional_code,
    refuse,
    whole,
)
from interactionlog.enumerations import DocumentType

__all__ = ["Campaign", "CampaignEntry"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Campaign:
    """
    A campaign that segments and interactions belong to.

    Attributes:
        no: Key; 1 to 20 characters, upper case.
        description: At most 100 characters.
        starting_date, ending_date: First and last day, inclusive; ``None`` means open.
        salesperson_code: Who is responsible; ``None`` means nobody.
        status_code: Free status, at most 10 characters.
        last_date_modified: Business date of the last change; ``None`` when never changed.
        no_series: Series that the number came from; ``None`` when given by hand.
        activated: Its target group is in use.

    Source: table 5071 Campaign.
    """

    no: str = attrs.field(converter=as_code, validator=length(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    starting_date: dt.date | None = attrs.field(default=None, validator=optional(calendar_date))
    ending_date: dt.date | None = attrs.field(default=None, validator=optional(calendar_date))
    salesperson_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    status_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    last_date_modified: dt.date | None = attrs.field(
        default=None, validator=optional(calendar_date)
    )
    no_series: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    activated: bool = attrs.field(default=False, validator=flag)

    @ending_date.validator
    def _ends_after_its_start(
        self, attribute: attrs.Attribute[dt.date | None], value: object
    ) -> None:
        if isinstance(value, dt.date) and self.starting_date and value < self.starting_date:
            refuse(self, attribute, value, f"must not be before {self.starting_date}")


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
        cancel_state: 1 own, 2 logged segment; 0 is live.
        closed: Was canceled once: takes no new interactions.

    Source: table 5072 Campaign Entry.
    """

    entry_no: int = attrs.field(validator=entry_number)
    campaign_no: str = attrs.field(converter=as_code, validator=length(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    date: dt.date | None = attrs.field(default=None, validator=optional(calendar_date))
    user_id: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(50)
    )
    segment_no: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    salesperson_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    register_no: int | None = attrs.field(default=None, validator=optional(entry_number))
    document_type: DocumentType | None = attrs.field(
        default=None, validator=optional(one_of(DocumentType))
    )
    cancel_state: int = attrs.field(default=0, validator=whole(0, 3))
    closed: bool = attrs.field(default=False, validator=flag)
