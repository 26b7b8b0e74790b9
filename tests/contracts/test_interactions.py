"""The interaction log on every store."""

from __future__ import annotations

from interactionlog.testing import InteractionLogContract, TimelineContract, WaveContract


class TestInteractionLog(InteractionLogContract):
    """Runs once for each adapter in conftest.py."""


class TestTimeline(TimelineContract):
    """Runs once for each adapter in conftest.py."""


class TestWaves(WaveContract):
    """Runs once for each adapter in conftest.py."""
