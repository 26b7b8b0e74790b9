"""The unit of work of every SQL store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from interactionlog.adapters.sql import (
    contacts,
    interactions,
    logged_segments,
    numbers,
    privacy,
    segments,
)
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.unit_of_work import StoreUnitOfWork

E = TypeVar("E")


class SqlUnitOfWork(StoreUnitOfWork):
    """Repositories over one SQL session."""

    session: SqlSession
    repositories: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "records": SqlRecords,
        "contacts": contacts.contacts_of,
        "salespeople": contacts.salespeople_of,
        "users": contacts.users_of,
        "attachments": interactions.SqlAttachments,
        "interactions": interactions.SqlInteractionLog,
        "idempotency_keys": interactions.SqlIdempotencyKeys,
        "segments": segments.SqlSetBasedLines,
        "logged_segments": logged_segments.SqlLoggedSegments,
        "campaign_entries": interactions.SqlCampaignEntries,
        "consents": privacy.SqlConsents,
        "suppressions": privacy.SqlSuppressions,
        "numbers": numbers.SqlNumberSeries,
    }

    def scan(self, entity: type[E]) -> Iterator[E]:
        return SqlRecords(self.session, entity).each()
