"""The public names of privacy and where they live; each is loaded on first use."""

from interactionlog.privacy.consent import Consent as Consent
from interactionlog.privacy.consent import Purpose as Purpose
from interactionlog.privacy.consent import Suppression as Suppression
from interactionlog.privacy.consents import ConsentState as ConsentState
