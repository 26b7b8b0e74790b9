"""The names of `interactionlog.ports` and where they live."""

from interactionlog.adapters.unit_of_work import StoreUnitOfWork as StoreUnitOfWork
from interactionlog.attachments.attachment import AttachmentRepository as AttachmentRepository
from interactionlog.campaigns.campaign import CampaignEntryRepository as CampaignEntryRepository
from interactionlog.clock import Clock as Clock
from interactionlog.contacts.consent import ConsentDirectory as ConsentDirectory
from interactionlog.contacts.consent import ConsentRepository as ConsentRepository
from interactionlog.contacts.consent import SuppressionRepository as SuppressionRepository
from interactionlog.contacts.contact_filter import Conditions as Conditions
from interactionlog.contacts.directory import ContactDirectory as ContactDirectory
from interactionlog.contacts.directory import ContactRepository as ContactRepository
from interactionlog.contacts.directory import ContactSummary as ContactSummary
from interactionlog.contacts.directory import SalespersonDirectory as SalespersonDirectory
from interactionlog.contacts.directory import SalespersonRepository as SalespersonRepository
from interactionlog.contacts.directory import UserDirectory as UserDirectory
from interactionlog.contacts.relation import (
    AlternativeAddressRelation as AlternativeAddressRelation,
)
from interactionlog.contacts.relation import ConsentRelation as ConsentRelation
from interactionlog.delivery.delivery import Claim as Claim
from interactionlog.delivery.delivery import DeliveryRepository as DeliveryRepository
from interactionlog.interactions.idempotency import IdempotencyKey as IdempotencyKey
from interactionlog.interactions.idempotency import (
    IdempotencyKeyRepository as IdempotencyKeyRepository,
)
from interactionlog.interactions.repository import (
    InteractionLogRepository as InteractionLogRepository,
)
from interactionlog.interactions.repository import Position as Position
from interactionlog.numbering.drawing import LineState as LineState
from interactionlog.numbering.series import CounterSource as CounterSource
from interactionlog.numbering.series import NumberCounterRepository as NumberCounterRepository
from interactionlog.numbering.series import NumberLedgerRepository as NumberLedgerRepository
from interactionlog.numbering.series import NumberSeriesRepository as NumberSeriesRepository
from interactionlog.privacy.records import PersonalRecords as PersonalRecords
from interactionlog.segments.logging.logged_segments import (
    LoggedSegmentRepository as LoggedSegmentRepository,
)
from interactionlog.segments.segment import SegmentRepository as SegmentRepository
from interactionlog.segments.segment import SegmentTotals as SegmentTotals
from interactionlog.unit_of_work import NumberedRecords as NumberedRecords
from interactionlog.unit_of_work import Records as Records
from interactionlog.unit_of_work import UnitOfWork as UnitOfWork
