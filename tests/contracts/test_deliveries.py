"""Deliveries on every store."""

from __future__ import annotations

from interactionlog.testing import DeliveryContract


class TestDeliveries(DeliveryContract):
    """Runs once for each adapter in conftest.py."""
