"""The public names and where they live; `__init__.py` loads each on first use."""

from interactionlog import delivery as delivery
from interactionlog import events as events
from interactionlog import hooks as hooks
from interactionlog import numbering as numbering
from interactionlog import ports as ports
from interactionlog import privacy as privacy
from interactionlog import results as results
from interactionlog import testing as testing
from interactionlog.adapters.host import HostStore as HostStore
from interactionlog.adapters.memory.store import MemoryStore as MemoryStore
from interactionlog.adapters.postgresql.store import PostgresStore as PostgresStore
from interactionlog.adapters.sqlite.store import SqliteStore as SqliteStore
from interactionlog.attachments.attachment import Attachment as Attachment
from interactionlog.attachments.service import AttachmentService as AttachmentService
from interactionlog.campaigns.campaign import Campaign as Campaign
from interactionlog.campaigns.service import CampaignService as CampaignService
from interactionlog.campaigns.service import CampaignStatistics as CampaignStatistics
from interactionlog.campaigns.service import TargetGroup as TargetGroup
from interactionlog.clock import FixedClock as FixedClock
from interactionlog.clock import SystemClock as SystemClock
from interactionlog.contacts.consents import Consents as Consents
from interactionlog.contacts.contact import AlternativeAddress as AlternativeAddress
from interactionlog.contacts.contact import AlternativeAddressPeriod as AlternativeAddressPeriod
from interactionlog.contacts.contact import Contact as Contact
from interactionlog.contacts.contact import Membership as Membership
from interactionlog.contacts.contact import ReferenceCode as ReferenceCode
from interactionlog.contacts.contact import Salesperson as Salesperson
from interactionlog.contacts.contact import User as User
from interactionlog.contacts.contact_filter import Condition as Condition
from interactionlog.contacts.contact_filter import ContactFilter as ContactFilter
from interactionlog.contacts.contact_filter import Widening as Widening
from interactionlog.contacts.relation import (
    AlternativeAddressPeriodRelation as AlternativeAddressPeriodRelation,
)
from interactionlog.contacts.relation import (
    AlternativeAddressRelation as AlternativeAddressRelation,
)
from interactionlog.contacts.relation import ContactRelation as ContactRelation
from interactionlog.contacts.relation import IntegerKey as IntegerKey
from interactionlog.contacts.relation import MembershipRelation as MembershipRelation
from interactionlog.contacts.relation import SalespersonRelation as SalespersonRelation
from interactionlog.contacts.relation import UserRelation as UserRelation
from interactionlog.contacts.relation import UuidKey as UuidKey
from interactionlog.delivery.outbox import Outbox as Outbox
from interactionlog.errors import CheckFailedError as CheckFailedError
from interactionlog.errors import CommitOutcomeUnknownError as CommitOutcomeUnknownError
from interactionlog.errors import DuplicateEntryError as DuplicateEntryError
from interactionlog.errors import EntryNotFoundError as EntryNotFoundError
from interactionlog.errors import FieldInvalidError as FieldInvalidError
from interactionlog.errors import IdempotencyConflictError as IdempotencyConflictError
from interactionlog.errors import InteractionLogError as InteractionLogError
from interactionlog.errors import NotFoundError as NotFoundError
from interactionlog.errors import NumberSeriesError as NumberSeriesError
from interactionlog.errors import PlanOutdatedError as PlanOutdatedError
from interactionlog.errors import PrivacyBlockedError as PrivacyBlockedError
from interactionlog.errors import Problem as Problem
from interactionlog.errors import RuleViolation as RuleViolation
from interactionlog.errors import SegmentAlreadyLoggedError as SegmentAlreadyLoggedError
from interactionlog.errors import SegmentEmptyError as SegmentEmptyError
from interactionlog.errors import SetupMissingError as SetupMissingError
from interactionlog.errors import StateError as StateError
from interactionlog.errors import StorageError as StorageError
from interactionlog.errors import UndoRefusedError as UndoRefusedError
from interactionlog.errors import UsageError as UsageError
from interactionlog.interactions.documents import Document as Document
from interactionlog.interactions.documents import DocumentLogger as DocumentLogger
from interactionlog.interactions.draft import DraftComment as DraftComment
from interactionlog.interactions.draft import InteractionDraft as InteractionDraft
from interactionlog.interactions.entry import InteractionLogEntry as InteractionLogEntry
from interactionlog.interactions.entry_service import LogEntryService as LogEntryService
from interactionlog.interactions.idempotency import (
    forget_idempotency_keys as forget_idempotency_keys,
)
from interactionlog.interactions.log import InteractionLog as InteractionLog
from interactionlog.interactions.log import Statistics as Statistics
from interactionlog.interactions.log import position_of as position_of
from interactionlog.interactions.repository import Dimension as Dimension
from interactionlog.interactions.repository import LogFilter as LogFilter
from interactionlog.interactions.repository import OutcomeFilter as OutcomeFilter
from interactionlog.interactions.service import InteractionService as InteractionService
from interactionlog.interactions.service import PhoneCalls as PhoneCalls
from interactionlog.privacy.personal import Privacy as Privacy
from interactionlog.privacy.seals import Seals as Seals
from interactionlog.segments.languages import SegmentLanguages as SegmentLanguages
from interactionlog.segments.logging.decision import ContactPressure as ContactPressure
from interactionlog.segments.logging.decision import LoggingPolicy as LoggingPolicy
from interactionlog.segments.logging.decision import Treatment as Treatment
from interactionlog.segments.logging.logged_segments import LoggedSegment as LoggedSegment
from interactionlog.segments.logging.logged_segments import LoggedSegments as LoggedSegments
from interactionlog.segments.logging.logger import BatchRun as BatchRun
from interactionlog.segments.logging.logger import FollowUp as FollowUp
from interactionlog.segments.logging.logger import SegmentLogger as SegmentLogger
from interactionlog.segments.logging.plan import SegmentPlan as SegmentPlan
from interactionlog.segments.segment import Segment as Segment
from interactionlog.segments.segment import SegmentLine as SegmentLine
from interactionlog.segments.selection.contact_selection import ContactSelection as ContactSelection
from interactionlog.segments.selection.contact_selection import SavedSelections as SavedSelections
from interactionlog.segments.selection.contact_selection import SegmentContacts as SegmentContacts
from interactionlog.segments.service import SegmentService as SegmentService
from interactionlog.templates.service import TemplateService as TemplateService
from interactionlog.templates.template import InteractionGroup as InteractionGroup
from interactionlog.templates.template import InteractionTemplate as InteractionTemplate
from interactionlog.templates.template import MarketingSetup as MarketingSetup
from interactionlog.templates.template import TemplateLanguage as TemplateLanguage
from interactionlog.templates.template import TemplateSetup as TemplateSetup
from interactionlog.values import ContactType as ContactType
from interactionlog.values import CorrespondenceType as CorrespondenceType
from interactionlog.values import CriteriaAction as CriteriaAction
from interactionlog.values import DeliveryStatus as DeliveryStatus
from interactionlog.values import DocumentType as DocumentType
from interactionlog.values import Evaluation as Evaluation
from interactionlog.values import InformationFlow as InformationFlow
from interactionlog.values import InitiatedBy as InitiatedBy
from interactionlog.values import MembershipKind as MembershipKind
from interactionlog.values import ReferenceKind as ReferenceKind
from interactionlog.values import WizardAction as WizardAction

__version__: str
