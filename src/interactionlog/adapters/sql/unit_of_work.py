"""The unit of work of every SQL store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, TypeVar

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
from interactionlog.contacts.contact import Salesperson
from interactionlog.unit_of_work import Records

E = TypeVar("E")


class SqlUnitOfWork(StoreUnitOfWork):
    """Repositories over one SQL session."""

    session: SqlSession
    repositories: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "contacts": SqlContacts,
        "salespeople": partial(SqlSalespeople, entity=Salesperson),
        "attachments": SqlAttachments,
        "interactions": SqlInteractionLog,
        "idempotency_keys": SqlIdempotencyKeys,
        "segments": SqlMeantLines,
        "logged_segments": SqlLoggedSegments,
        "campaign_entries": SqlCampaignEntries,
        "numbers": SqlNumberSeries,
    }

    def make_records(self, entity: type[E]) -> Records[E]:
        """Build the records of one kind."""
        return SqlRecords(self.session, entity)

    def scan(self, entity: type[E]) -> Iterator[E]:
        """Give every record of one kind; nothing is written meanwhile."""
        return SqlRecords(self.session, entity).each()
