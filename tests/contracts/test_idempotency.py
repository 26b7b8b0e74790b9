"""The contract of idempotency keys, for every store that ships."""

from __future__ import annotations

from interactionlog.testing import IdempotencyKeyContract


class TestIdempotencyKeys(IdempotencyKeyContract):
    """Runs once for each store in conftest.py."""
