"""Number series of every store."""

from __future__ import annotations

from interactionlog.testing.contracts.numbers import NumberSeriesContract


class TestNumberSeries(NumberSeriesContract):
    """Runs once for each adapter in conftest.py."""
