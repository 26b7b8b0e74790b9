"""The contract of consents, for every store that ships."""

from __future__ import annotations

from interactionlog.testing import ConsentRepositoryContract


class TestConsents(ConsentRepositoryContract):
    """Runs once for each store in conftest.py."""
