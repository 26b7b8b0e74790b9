"""Open and logged segments on every store."""

from __future__ import annotations

from interactionlog.testing import (
    LoggedSegmentContract,
    SegmentChangesContract,
    SegmentContract,
    SegmentLineContract,
    SelectionStepContract,
    UndoContract,
)


class TestSegments(SegmentContract):
    """Runs once for each adapter in conftest.py."""


class TestSegmentLines(SegmentLineContract):
    """Runs once for each adapter in conftest.py."""


class TestLoggedSegments(LoggedSegmentContract):
    """Runs once for each adapter in conftest.py."""


class TestSelectionSteps(SelectionStepContract):
    """Runs once for each adapter in conftest.py."""


class TestSegmentChanges(SegmentChangesContract):
    """Runs once for each adapter in conftest.py."""


class TestUndo(UndoContract):
    """Runs once for each adapter in conftest.py."""
