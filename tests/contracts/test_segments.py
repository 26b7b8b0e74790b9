"""Open and logged segments on every store."""

from __future__ import annotations

from interactionlog.testing.contracts.logged_segments import LoggedSegmentContract
from interactionlog.testing.contracts.segments import SegmentContract, SegmentLineContract


class TestSegments(SegmentContract):
    """Runs once for each adapter in conftest.py."""


class TestSegmentLines(SegmentLineContract):
    """Runs once for each adapter in conftest.py."""


class TestLoggedSegments(LoggedSegmentContract):
    """Runs once for each adapter in conftest.py."""
