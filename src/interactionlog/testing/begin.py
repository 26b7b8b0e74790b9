"""The fixture that every contract needs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol, cast

from interactionlog.contacts.directory import ContactRepository, SalespersonRepository
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["Begin", "contacts_of", "salespeople_of"]


class Begin(Protocol):
    """
    What the fixture ``begin`` gives: units of work on one and the same store, empty at first.

    An adapter's author writes this fixture and a subclass of each contract, and nothing else.
    """

    def __call__(self, *, user_id: str = "TESTER") -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that keeps its work when the block ends normally."""
        ...

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that sees the last commit and writes nothing."""
        ...

    def tenant(self, name: str) -> Begin:
        """Return the same for another tenant of the same database."""
        ...


def contacts_of(work: UnitOfWork) -> ContactRepository:
    """Return the contacts of a store that keeps them itself."""
    return cast("ContactRepository", work.contacts)


def salespeople_of(work: UnitOfWork) -> SalespersonRepository:
    """Return the salespeople of a store that keeps them itself."""
    return cast("SalespersonRepository", work.salespeople)
