"""Open and logged segments on every store."""

from __future__ import annotations

from interactionlog.testing import LoggedSegmentContract, SegmentContract, SegmentLineContract


class TestSegments(SegmentContract):
    """Runs once for each adapter in conftest.py."""


class TestSegmentLines(SegmentLineContract):
    """Runs once for each adapter in conftest.py."""


class TestLoggedSegments(LoggedSegmentContract):
    """Runs once for each adapter in conftest.py."""
