"""The names of `interactionlog.results` and where they live."""

from interactionlog.campaigns.campaign import CampaignEntry as CampaignEntry
from interactionlog.campaigns.service import CampaignFigures as CampaignFigures
from interactionlog.campaigns.service import Target as Target
from interactionlog.interactions.documents import AlreadyLogged as AlreadyLogged
from interactionlog.interactions.documents import DocumentOutcome as DocumentOutcome
from interactionlog.interactions.documents import Logged as Logged
from interactionlog.interactions.documents import NoContact as NoContact
from interactionlog.interactions.documents import NotConfigured as NotConfigured
from interactionlog.interactions.draft import DraftOrigin as DraftOrigin
from interactionlog.interactions.entry import CancelState as CancelState
from interactionlog.interactions.entry import LogComment as LogComment
from interactionlog.interactions.log import ContactDates as ContactDates
from interactionlog.interactions.log import FiguresTable as FiguresTable
from interactionlog.interactions.log import Timeline as Timeline
from interactionlog.interactions.repository import Figures as Figures
from interactionlog.labels import label as label
from interactionlog.segments.logging.logged_segments import LeftOutLine as LeftOutLine
from interactionlog.segments.logging.logged_segments import (
    LoggedSegmentFigures as LoggedSegmentFigures,
)
from interactionlog.segments.logging.logger import BatchProgress as BatchProgress
from interactionlog.segments.logging.plan import PlanChange as PlanChange
from interactionlog.segments.logging.plan import PlanCounts as PlanCounts
from interactionlog.segments.logging.plan import PlannedLine as PlannedLine
from interactionlog.segments.segment import CriteriaStep as CriteriaStep
from interactionlog.segments.segment import SavedCriteria as SavedCriteria
from interactionlog.segments.segment import SavedCriteriaStep as SavedCriteriaStep
from interactionlog.segments.segment import SegmentLanguage as SegmentLanguage
from interactionlog.segments.selection.contact_selection import Explanation as Explanation
from interactionlog.segments.selection.contact_selection import SelectionPreview as SelectionPreview
from interactionlog.segments.selection.contact_selection import StepTrace as StepTrace
from interactionlog.segments.service import ContactFigures as ContactFigures
from interactionlog.segments.service import LineView as LineView
from interactionlog.segments.service import SegmentFigures as SegmentFigures
from interactionlog.values import CriteriaSource as CriteriaSource
from interactionlog.values import LoggedSegmentState as LoggedSegmentState
