"""The names of `interactionlog.testing` and where they live."""

from interactionlog.testing.builders import DAY as DAY
from interactionlog.testing.builders import MOMENT as MOMENT
from interactionlog.testing.builders import Begin as Begin
from interactionlog.testing.builders import a_campaign as a_campaign
from interactionlog.testing.builders import a_campaign_entry as a_campaign_entry
from interactionlog.testing.builders import a_comment as a_comment
from interactionlog.testing.builders import a_contact as a_contact
from interactionlog.testing.builders import a_delivery as a_delivery
from interactionlog.testing.builders import a_line as a_line
from interactionlog.testing.builders import a_logged_segment as a_logged_segment
from interactionlog.testing.builders import a_person as a_person
from interactionlog.testing.builders import a_segment as a_segment
from interactionlog.testing.builders import a_step as a_step
from interactionlog.testing.builders import a_template as a_template
from interactionlog.testing.builders import add_basics as add_basics
from interactionlog.testing.builders import add_segment as add_segment
from interactionlog.testing.builders import an_attachment as an_attachment
from interactionlog.testing.builders import an_entry as an_entry
from interactionlog.testing.contracts.campaigns import AttachmentContract as AttachmentContract
from interactionlog.testing.contracts.campaigns import (
    CampaignEntryContract as CampaignEntryContract,
)
from interactionlog.testing.contracts.consents import (
    ConsentDirectoryContract as ConsentDirectoryContract,
)
from interactionlog.testing.contracts.consents import (
    ConsentRepositoryContract as ConsentRepositoryContract,
)
from interactionlog.testing.contracts.contacts import (
    ContactDirectoryContract as ContactDirectoryContract,
)
from interactionlog.testing.contracts.contacts import (
    ContactRepositoryContract as ContactRepositoryContract,
)
from interactionlog.testing.contracts.deliveries import DeliveryContract as DeliveryContract
from interactionlog.testing.contracts.interactions import (
    IdempotencyKeyContract as IdempotencyKeyContract,
)
from interactionlog.testing.contracts.interactions import (
    InteractionLogContract as InteractionLogContract,
)
from interactionlog.testing.contracts.interactions import TimelineContract as TimelineContract
from interactionlog.testing.contracts.interactions import WaveContract as WaveContract
from interactionlog.testing.contracts.numbers import NumberSeriesContract as NumberSeriesContract
from interactionlog.testing.contracts.people import (
    SalespersonDirectoryContract as SalespersonDirectoryContract,
)
from interactionlog.testing.contracts.people import UserDirectoryContract as UserDirectoryContract
from interactionlog.testing.contracts.personal import (
    PersonalRecordsContract as PersonalRecordsContract,
)
from interactionlog.testing.contracts.races import RaceContract as RaceContract
from interactionlog.testing.contracts.records import RecordsContract as RecordsContract
from interactionlog.testing.contracts.records import SetupContract as SetupContract
from interactionlog.testing.contracts.segments import LoggedSegmentContract as LoggedSegmentContract
from interactionlog.testing.contracts.segments import (
    SegmentChangesContract as SegmentChangesContract,
)
from interactionlog.testing.contracts.segments import SegmentContract as SegmentContract
from interactionlog.testing.contracts.segments import SegmentLineContract as SegmentLineContract
from interactionlog.testing.contracts.segments import SelectionStepContract as SelectionStepContract
from interactionlog.testing.contracts.segments import UndoContract as UndoContract
from interactionlog.testing.contracts.units_of_work import OwnedStoreContract as OwnedStoreContract
from interactionlog.testing.contracts.units_of_work import StoreContract as StoreContract
from interactionlog.testing.contracts.units_of_work import TenantContract as TenantContract
from interactionlog.testing.contracts.units_of_work import UnitOfWorkContract as UnitOfWorkContract
from interactionlog.testing.failing import FailingStore as FailingStore
from interactionlog.testing.failing import StorageFailureError as StorageFailureError
from interactionlog.testing.failing import failing_in_turn as failing_in_turn
from interactionlog.testing.race_world import populate as populate
from interactionlog.testing.races import RaceBench as RaceBench
