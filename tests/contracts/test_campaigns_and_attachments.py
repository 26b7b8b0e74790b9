"""Campaign entries and attachments on every store."""

from __future__ import annotations

from interactionlog.testing import AttachmentContract, CampaignEntryContract


class TestCampaignEntries(CampaignEntryContract):
    """Runs once for each adapter in conftest.py."""


class TestAttachments(AttachmentContract):
    """Runs once for each adapter in conftest.py."""
