"""The public names of privacy and where they live; each is loaded on first use."""

from interactionlog.contacts.consent import Consent as Consent
from interactionlog.contacts.consent import ConsentState as ConsentState
from interactionlog.contacts.consent import Purpose as Purpose
from interactionlog.contacts.consent import Suppression as Suppression
from interactionlog.privacy.personal import PersonReport as PersonReport
from interactionlog.privacy.records import EntrySeal as EntrySeal
from interactionlog.privacy.records import Erasure as Erasure
from interactionlog.privacy.records import Seal as Seal
from interactionlog.privacy.records import SealKey as SealKey
from interactionlog.privacy.seals import SealFinding as SealFinding
from interactionlog.privacy.seals import Verification as Verification
from interactionlog.segments.logging.decision import ContactPressure as ContactPressure
