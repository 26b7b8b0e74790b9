"""Records under a key, on every store."""

from __future__ import annotations

from interactionlog.testing import RecordsContract, SetupContract


class TestRecords(RecordsContract):
    """Runs once for each adapter in conftest.py and each kind of record."""


class TestSetup(SetupContract):
    """Runs once for each adapter in conftest.py."""
