"""The contracts of consents and of what is held about persons, for every store that ships."""

from __future__ import annotations

from interactionlog.testing import ConsentRepositoryContract, PersonalRecordsContract


class TestConsents(ConsentRepositoryContract):
    """Runs once for each store in conftest.py."""


class TestPersonalRecords(PersonalRecordsContract):
    """Runs once for each store in conftest.py."""
