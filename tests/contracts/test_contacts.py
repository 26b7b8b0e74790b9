"""Contacts, salespeople and users on every store."""

from __future__ import annotations

import pytest

from interactionlog.testing import (
    ContactRepositoryContract,
    SalespersonRepositoryContract,
)
from interactionlog.testing.contracts.contacts import (
    SALESPEOPLE,
    USERS,
    ContactDirectoryContract,
    SalespersonDirectoryContract,
    UserDirectoryContract,
    put_contacts,
)


class TestContactDirectory(ContactDirectoryContract):
    """Runs once for each adapter in conftest.py."""

    @pytest.fixture
    def directory(self, begin):
        with begin() as work:
            put_contacts(work.contacts)
        with begin.read() as work:
            yield work.contacts


class TestContactRepository(ContactRepositoryContract):
    """Runs once for each adapter in conftest.py."""


class TestSalespersonDirectory(SalespersonDirectoryContract):
    """Runs once for each adapter in conftest.py."""

    @pytest.fixture
    def directory(self, begin):
        with begin() as work:
            for salesperson in SALESPEOPLE:
                work.salespeople.put(salesperson)
        with begin.read() as work:
            yield work.salespeople


class TestSalespersonRepository(SalespersonRepositoryContract):
    """Runs once for each adapter in conftest.py."""


class TestUserDirectory(UserDirectoryContract):
    """Runs once for each adapter in conftest.py."""

    @pytest.fixture
    def directory(self, begin):
        with begin() as work:
            for user in USERS:
                work.users.put(user)
        with begin.read() as work:
            yield work.users
