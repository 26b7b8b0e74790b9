"""The public names and where they live; `__init__.py` loads each on first use."""

from interactionlog.adapters.host.store import HostStore
from interactionlog.adapters.memory.store import MemoryStore
from interactionlog.adapters.postgresql.store import PostgresStore
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.attachments.attachment import Attachment
from interactionlog.attachments.attachment_service import AttachmentService
from interactionlog.campaigns.campaign import Campaign, CampaignEntry
from interactionlog.campaigns.campaign_service import CampaignService
from interactionlog.campaigns.events import (
    CampaignActivated,
    CampaignDeactivated,
    CampaignEntriesCanceled,
    CampaignEntriesDeleted,
    CampaignEntriesUncanceled,
)
from interactionlog.campaigns.statistics import CampaignFigures, CampaignStatistics
from interactionlog.campaigns.target_group import Target, TargetGroup
from interactionlog.contacts.condition import Condition
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Contact,
    Membership,
    ReferenceCode,
)
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.contacts.directory import (
    ContactDirectory,
    ContactRepository,
    ContactStanding,
    SalespersonDirectory,
    SalespersonRepository,
    UserDirectory,
)
from interactionlog.contacts.salesperson import Salesperson, User
from interactionlog.enumerations import (
    ContactType,
    CorrespondenceType,
    CriteriaAction,
    CriteriaSource,
    DeliveryStatus,
    DocumentType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
    LoggedSegmentState,
    MembershipKind,
    NumberGrowth,
    NumberingPolicy,
    NumberState,
    ReferenceKind,
    ResetPeriod,
    WizardAction,
)
from interactionlog.environment import Clock, FixedClock, SystemClock
from interactionlog.errors import (
    CheckFailedError,
    CommitOutcomeUnknownError,
    DuplicateEntryError,
    EntryNotFoundError,
    FieldInvalidError,
    IdempotencyConflictError,
    InteractionLogError,
    NotFoundError,
    NumberSeriesError,
    PlanOutdatedError,
    PrivacyBlockedError,
    Problem,
    RuleViolation,
    SegmentAlreadyLoggedError,
    SegmentEmptyError,
    SetupMissingError,
    StateError,
    StorageError,
    UndoRefusedError,
    UsageError,
)
from interactionlog.hooks import (
    ContactSource,
    CorrespondenceTypeResolver,
    DocumentTemplateResolver,
    DraftCheck,
    LanguageResolver,
    LineCheck,
    LogObserver,
)
from interactionlog.interactions.delivery import (
    Delivery,
    DeliveryRoute,
    Transport,
    check_delivery,
    deliver,
)
from interactionlog.interactions.document_logger import (
    AlreadyLogged,
    Document,
    DocumentLogger,
    DocumentOutcome,
    Logged,
    NoContact,
    NotConfigured,
)
from interactionlog.interactions.draft import DraftComment, DraftOrigin, InteractionDraft
from interactionlog.interactions.events import (
    AttemptsMarked,
    CommentsChanged,
    InteractionLogged,
    InteractionPostponed,
    InteractionsCanceled,
    InteractionsDeleted,
    InteractionsEvaluated,
    InteractionsUncanceled,
    OpportunityAssigned,
)
from interactionlog.interactions.idempotency import forget_keys
from interactionlog.interactions.interaction_log import InteractionLog, position_of
from interactionlog.interactions.interaction_service import InteractionService
from interactionlog.interactions.log_entry import CancelState, InteractionLogEntry, LogComment
from interactionlog.interactions.log_entry_service import LogEntryService
from interactionlog.interactions.log_filter import LogFilter, Position
from interactionlog.interactions.outcome_filter import OutcomeFilter
from interactionlog.interactions.phone_call import PhoneCalls
from interactionlog.interactions.repository import Dimension, Figures
from interactionlog.interactions.statistics import (
    ContactDates,
    Statistics,
)
from interactionlog.interactions.tables import FiguresTable, Timeline
from interactionlog.numbering.batch import (
    NumberBatch,
)
from interactionlog.numbering.drawn import (
    DrawnNumber,
    NumberBlock,
    NumberOutcome,
)
from interactionlog.numbering.errors import (
    AutomaticNotAllowedError,
    DateTooEarlyError,
    FormatMismatchError,
    LineIncompleteError,
    ManualNotAllowedError,
    NoLineForDateError,
    NoNumberLeftError,
    NoSeriesLineNotFoundError,
    NotIncrementableError,
    NotRelatedError,
    NumberOutOfRangeError,
    NumbersDrawnError,
    NumberTakenError,
    NumberTooLargeError,
    NumberTooLongError,
    SeriesCodeMissingError,
    SeriesExhaustedError,
    SeriesInUseError,
    SeriesNotFoundError,
    StaleBatchError,
    TemplateInvalidError,
)
from interactionlog.numbering.gaps import (
    GapKind,
    NumberGap,
)
from interactionlog.numbering.ledger import (
    NumberLedger,
)
from interactionlog.numbering.lines import (
    LineNumbers,
)
from interactionlog.numbering.no_series import (
    NoSeries,
    NoSeriesLine,
    NoSeriesRelation,
    NumberCounter,
    NumberRange,
)
from interactionlog.numbering.number_series import NumberSeries
from interactionlog.numbering.number_series_setup import (
    ExpiringLine,
    NumberSeriesSetup,
)
from interactionlog.numbering.periods import (
    FiscalYear,
)
from interactionlog.numbering.series_choice import (
    SeriesChoice,
)
from interactionlog.records import Records
from interactionlog.segments.events import (
    FollowUpSegmentCreated,
    LoggedSegmentsCanceled,
    LoggedSegmentsDeleted,
    LoggedSegmentsUncanceled,
    SegmentLogged,
    SegmentUndone,
)
from interactionlog.segments.logging.batch_run import BatchProgress, BatchRun
from interactionlog.segments.logging.follow_up import FollowUp
from interactionlog.segments.logging.logged_segment import LeftOutLine, LoggedSegment
from interactionlog.segments.logging.logged_segments import LoggedSegmentFigures, LoggedSegments
from interactionlog.segments.logging.plan import PlanCounts, PlannedLine, SegmentPlan
from interactionlog.segments.logging.plan_file import PlanChange
from interactionlog.segments.logging.policy import LoggingPolicy, Treatment
from interactionlog.segments.logging.segment_logger import SegmentLogger
from interactionlog.segments.segment import Segment, SegmentLanguage
from interactionlog.segments.segment_languages import SegmentLanguages
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.segments.segment_service import SegmentService
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.selection.criteria import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
)
from interactionlog.segments.selection.matching import MeantLines
from interactionlog.segments.selection.preview import Explanation, SelectionPreview, StepTrace
from interactionlog.segments.selection.reuse import SavedSelections
from interactionlog.segments.selection.segment_contacts import ContactCounts, SegmentContacts
from interactionlog.segments.views import LineView, SegmentFigures
from interactionlog.templates.interaction_template import InteractionGroup, InteractionTemplate
from interactionlog.templates.setup import MarketingSetup, TemplateSetup
from interactionlog.templates.template_language import TemplateLanguage
from interactionlog.templates.template_service import TemplateService
from interactionlog.unit_of_work import UnitOfWork

__all__ = [
    "AlreadyLogged",
    "AlternativeAddress",
    "AlternativeAddressPeriod",
    "Attachment",
    "AttachmentService",
    "AttemptsMarked",
    "AutomaticNotAllowedError",
    "BatchProgress",
    "BatchRun",
    "Campaign",
    "CampaignActivated",
    "CampaignDeactivated",
    "CampaignEntriesCanceled",
    "CampaignEntriesDeleted",
    "CampaignEntriesUncanceled",
    "CampaignEntry",
    "CampaignFigures",
    "CampaignService",
    "CampaignStatistics",
    "CancelState",
    "CheckFailedError",
    "Clock",
    "CommentsChanged",
    "CommitOutcomeUnknownError",
    "Condition",
    "Contact",
    "ContactCounts",
    "ContactDates",
    "ContactDirectory",
    "ContactFilter",
    "ContactRepository",
    "ContactSelection",
    "ContactSource",
    "ContactStanding",
    "ContactType",
    "CorrespondenceType",
    "CorrespondenceTypeResolver",
    "CriteriaAction",
    "CriteriaSource",
    "CriteriaStep",
    "DateTooEarlyError",
    "Delivery",
    "DeliveryRoute",
    "DeliveryStatus",
    "Dimension",
    "Document",
    "DocumentLogger",
    "DocumentOutcome",
    "DocumentTemplateResolver",
    "DocumentType",
    "DraftCheck",
    "DraftComment",
    "DraftOrigin",
    "DrawnNumber",
    "DuplicateEntryError",
    "EntryNotFoundError",
    "Evaluation",
    "ExpiringLine",
    "Explanation",
    "FieldInvalidError",
    "Figures",
    "FiguresTable",
    "FiscalYear",
    "FixedClock",
    "FollowUp",
    "FollowUpSegmentCreated",
    "FormatMismatchError",
    "GapKind",
    "HostStore",
    "IdempotencyConflictError",
    "InformationFlow",
    "InitiatedBy",
    "InteractionDraft",
    "InteractionGroup",
    "InteractionLog",
    "InteractionLogEntry",
    "InteractionLogError",
    "InteractionLogged",
    "InteractionPostponed",
    "InteractionService",
    "InteractionTemplate",
    "InteractionsCanceled",
    "InteractionsDeleted",
    "InteractionsEvaluated",
    "InteractionsUncanceled",
    "LanguageResolver",
    "LeftOutLine",
    "LineCheck",
    "LineIncompleteError",
    "LineNumbers",
    "LineView",
    "LogComment",
    "LogEntryService",
    "LogFilter",
    "LogObserver",
    "Logged",
    "LoggedSegment",
    "LoggedSegmentFigures",
    "LoggedSegmentState",
    "LoggedSegments",
    "LoggedSegmentsCanceled",
    "LoggedSegmentsDeleted",
    "LoggedSegmentsUncanceled",
    "LoggingPolicy",
    "ManualNotAllowedError",
    "MarketingSetup",
    "MeantLines",
    "Membership",
    "MembershipKind",
    "MemoryStore",
    "NoContact",
    "NoLineForDateError",
    "NoNumberLeftError",
    "NoSeries",
    "NoSeriesLine",
    "NoSeriesLineNotFoundError",
    "NoSeriesRelation",
    "NotConfigured",
    "NotFoundError",
    "NotIncrementableError",
    "NotRelatedError",
    "NumberBatch",
    "NumberBlock",
    "NumberCounter",
    "NumberGap",
    "NumberGrowth",
    "NumberLedger",
    "NumberOutOfRangeError",
    "NumberOutcome",
    "NumberRange",
    "NumberSeries",
    "NumberSeriesError",
    "NumberSeriesSetup",
    "NumberState",
    "NumberTakenError",
    "NumberTooLargeError",
    "NumberTooLongError",
    "NumberingPolicy",
    "NumbersDrawnError",
    "OpportunityAssigned",
    "OutcomeFilter",
    "PhoneCalls",
    "PlanChange",
    "PlanCounts",
    "PlanOutdatedError",
    "PlannedLine",
    "Position",
    "PostgresStore",
    "PrivacyBlockedError",
    "Problem",
    "Records",
    "ReferenceCode",
    "ReferenceKind",
    "ResetPeriod",
    "RuleViolation",
    "Salesperson",
    "SalespersonDirectory",
    "SalespersonRepository",
    "SavedCriteria",
    "SavedCriteriaStep",
    "SavedSelections",
    "Segment",
    "SegmentAlreadyLoggedError",
    "SegmentContacts",
    "SegmentEmptyError",
    "SegmentFigures",
    "SegmentLanguage",
    "SegmentLanguages",
    "SegmentLine",
    "SegmentLogged",
    "SegmentLogger",
    "SegmentPlan",
    "SegmentService",
    "SegmentUndone",
    "SelectionPreview",
    "SeriesChoice",
    "SeriesCodeMissingError",
    "SeriesExhaustedError",
    "SeriesInUseError",
    "SeriesNotFoundError",
    "SetupMissingError",
    "SqliteStore",
    "StaleBatchError",
    "StateError",
    "Statistics",
    "StepTrace",
    "StorageError",
    "SystemClock",
    "Target",
    "TargetGroup",
    "TemplateInvalidError",
    "TemplateLanguage",
    "TemplateService",
    "TemplateSetup",
    "Timeline",
    "Transport",
    "Treatment",
    "UndoRefusedError",
    "UnitOfWork",
    "UsageError",
    "User",
    "UserDirectory",
    "Widening",
    "WizardAction",
    "check_delivery",
    "deliver",
    "forget_keys",
    "position_of",
]
