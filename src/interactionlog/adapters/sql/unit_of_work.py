"""The unit of work of every SQL store."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

from interactionlog.adapters.sql.contacts import SqlContacts, SqlSalespeople
from interactionlog.adapters.sql.interactions import (
    SqlAttachments,
    SqlCampaignEntries,
    SqlIdempotencyKeys,
    SqlInteractionLog,
)
from interactionlog.adapters.sql.logged_segments import SqlLoggedSegments
from interactionlog.adapters.sql.numbers import SqlNumberSeries
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.segments import SqlMeantLines
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contacts.contact import Salesperson, User
from interactionlog.unit_of_work import Records

E = TypeVar("E")


class SqlUnitOfWork(StoreUnitOfWork):
    """Repositories over one SQL session."""

    session: SqlSession

    def make_numbers(self) -> SqlNumberSeries:
        """Build the number series."""
        return SqlNumberSeries(self.session)

    def make_records(self, entity: type[E]) -> Records[E]:
        """Build the records of one kind."""
        return SqlRecords(self.session, entity)

    def scan(self, entity: type[E]) -> Iterator[E]:
        """Give every record of one kind; nothing is written meanwhile."""
        return SqlRecords(self.session, entity).each()

    @cached_property
    def contacts(self) -> SqlContacts:  # type: ignore[override]  # a read-only view of it
        """Contacts."""
        return SqlContacts(self.session)

    @cached_property
    def salespeople(self) -> SqlSalespeople:  # type: ignore[override]
        """Salespeople."""
        return SqlSalespeople(self.session, Salesperson)

    @cached_property
    def users(self) -> Records[User]:  # type: ignore[override]
        """Users."""
        return SqlRecords(self.session, User)

    @cached_property
    def attachments(self) -> SqlAttachments:  # type: ignore[override]
        """Attachments."""
        return SqlAttachments(self.session)

    @cached_property
    def interactions(self) -> SqlInteractionLog:  # type: ignore[override]
        """The interaction log."""
        return SqlInteractionLog(self.session)

    @cached_property
    def idempotency_keys(self) -> SqlIdempotencyKeys:  # type: ignore[override]
        """Idempotency keys."""
        return SqlIdempotencyKeys(self.session)

    @cached_property
    def segments(self) -> SqlMeantLines:  # type: ignore[override]
        """Open segments."""
        return SqlMeantLines(self.session)

    @cached_property
    def logged_segments(self) -> SqlLoggedSegments:  # type: ignore[override]
        """Logged segments."""
        return SqlLoggedSegments(self.session)

    @cached_property
    def campaign_entries(self) -> SqlCampaignEntries:  # type: ignore[override]
        """Campaign entries."""
        return SqlCampaignEntries(self.session)
