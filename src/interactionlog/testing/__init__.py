"""
For authors of adapters and of business rules; needs the extra ``testing``.

Builders give the shortest valid objects, contracts hold an adapter to its promises, and
`interactionlog.testing.strategies` generates entities for Hypothesis.
"""

from __future__ import annotations

from interactionlog.testing import _extra  # noqa: F401  # before everything else
from interactionlog.testing.builders import (
    DAY,
    MOMENT,
    Begin,
    a_campaign,
    a_campaign_entry,
    a_comment,
    a_contact,
    a_line,
    a_logged_segment,
    a_person,
    a_segment,
    a_step,
    a_template,
    add_basics,
    add_segment,
    an_attachment,
    an_entry,
)
from interactionlog.testing.contracts.campaigns import AttachmentContract, CampaignEntryContract
from interactionlog.testing.contracts.contacts import (
    ContactDirectoryContract,
    ContactRepositoryContract,
    SalespersonDirectoryContract,
    SalespersonRepositoryContract,
    UserDirectoryContract,
)
from interactionlog.testing.contracts.interactions import (
    IdempotencyKeyContract,
    InteractionLogContract,
    TimelineContract,
)
from interactionlog.testing.contracts.logged_segments import (
    LoggedSegmentContract,
    UndoContract,
    WaveContract,
)
from interactionlog.testing.contracts.races import RaceContract
from interactionlog.testing.contracts.records import RecordsContract, SetupContract
from interactionlog.testing.contracts.segments import (
    SegmentChangesContract,
    SegmentContract,
    SegmentLineContract,
    SelectionStepContract,
)
from interactionlog.testing.contracts.units_of_work import (
    OwnedStoreContract,
    TenantContract,
    UnitOfWorkContract,
)
from interactionlog.testing.race_world import populate
from interactionlog.testing.races import RaceBench

__all__ = [
    "DAY",
    "MOMENT",
    "AttachmentContract",
    "Begin",
    "CampaignEntryContract",
    "ContactDirectoryContract",
    "ContactRepositoryContract",
    "IdempotencyKeyContract",
    "InteractionLogContract",
    "LoggedSegmentContract",
    "OwnedStoreContract",
    "RaceBench",
    "RaceContract",
    "RecordsContract",
    "SalespersonDirectoryContract",
    "SalespersonRepositoryContract",
    "SegmentChangesContract",
    "SegmentContract",
    "SegmentLineContract",
    "SelectionStepContract",
    "SetupContract",
    "TenantContract",
    "TimelineContract",
    "UndoContract",
    "UnitOfWorkContract",
    "UserDirectoryContract",
    "WaveContract",
    "a_campaign",
    "a_campaign_entry",
    "a_comment",
    "a_contact",
    "a_line",
    "a_logged_segment",
    "a_person",
    "a_segment",
    "a_step",
    "a_template",
    "add_basics",
    "add_segment",
    "an_attachment",
    "an_entry",
    "populate",
]
