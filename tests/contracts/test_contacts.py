"""Contacts, salespeople and users on every store."""

from __future__ import annotations

import attrs
import pytest

from interactionlog.adapters.memory.store import MemoryStore
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.contacts.directory import ContactDirectory
from interactionlog.errors import UsageError
from interactionlog.testing import ContactRepositoryContract
from interactionlog.testing.contracts.contacts import (
    INTERACTIONS,
    ContactDirectoryContract,
    put_contacts,
)
from interactionlog.testing.contracts.people import (
    SALESPEOPLE,
    USERS,
    SalespersonDirectoryContract,
    UserDirectoryContract,
)


class TestContactDirectory(ContactDirectoryContract):
    """Runs once for each adapter in conftest.py."""

    @pytest.fixture
    def directory(self, begin):
        with begin() as work:
            put_contacts(work.contacts)
            for entry in INTERACTIONS:
                work.interactions.add(entry)
        with begin.read() as work:
            yield work.contacts


class FewQuestions:
    """A host's directory that knows neither memberships nor the log."""

    def __init__(self, directory, *, silent=False):
        self._directory, self._silent = directory, silent

    def __getattr__(self, name):
        return getattr(self._directory, name)

    def matching(self, contact_filter, *, widening=None, among=None):
        blank = ContactFilter()
        for name in TestDirectoryThatRefuses.refused:
            if getattr(contact_filter, name) != getattr(blank, name):
                if not self._silent:
                    message = f"contacts cannot be chosen by {name}"
                    raise UsageError(message)
                contact_filter = attrs.evolve(contact_filter, **{name: getattr(blank, name)})
        return self._directory.matching(contact_filter, widening=widening, among=among)


class TestDirectoryThatRefuses(ContactDirectoryContract):
    """A directory that says what it cannot answer keeps the contract as well."""

    refused = frozenset(
        {
            "business_relation_codes",
            "industry_group_codes",
            "interactions",
            "job_responsibility_codes",
            "mailing_group_codes",
            "memberships",
            "profile_answers",
        }
    )

    @pytest.fixture
    def directory(self):
        with MemoryStore().begin(user_id="TESTER") as work:
            put_contacts(work.contacts)
            yield FewQuestions(work.contacts)

    def test_a_refused_question_that_is_ignored_breaks_the_contract(self, directory):
        silent = FewQuestions(directory, silent=True)
        with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
            self.check(silent, ContactFilter(mailing_group_codes={"NEWS"}), ["P3", "C2"])


class ThreeMethods(ContactDirectory):
    """A host's directory with the methods that must be there, and no other one."""

    def __init__(self, directory):
        self._directory = directory

    def find(self, no, /):
        return self._directory.find(no)

    def summaries(self, nos):
        return self._directory.summaries(nos)

    def matching(self, contact_filter, *, widening=None, among=None):
        return self._directory.matching(contact_filter, widening=widening, among=among)


class TestDirectoryOfThreeMethods(ContactDirectoryContract):
    """A directory that leaves the others as they are, and says so, keeps the contract as well."""

    refused = frozenset({"find_by_name", "of_account", "active_addresses", "address", "customers"})

    @pytest.fixture
    def directory(self):
        with MemoryStore().begin(user_id="TESTER") as work:
            put_contacts(work.contacts)
            for entry in INTERACTIONS:
                work.interactions.add(entry)
            yield ThreeMethods(work.contacts)


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


class TestUserDirectory(UserDirectoryContract):
    """Runs once for each adapter in conftest.py."""

    @pytest.fixture
    def directory(self, begin):
        with begin() as work:
            for user in USERS:
                work.users.put(user)
        with begin.read() as work:
            yield work.users
