"""The unit of work of every SQL store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from interactionlog.adapters.sql import (
    contacts,
    deliveries,
    interactions,
    logged_segments,
    numbers,
    privacy,
    segments,
)
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.relations import check_readable
from interactionlog.adapters.sql.rows import from_row, to_row
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.tables import ALL, Table, readable
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.errors import UsageError

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
        "deliveries": deliveries.SqlDeliveries,
        "idempotency_keys": interactions.SqlIdempotencyKeys,
        "segments": segments.SqlSetBasedLines,
        "logged_segments": logged_segments.SqlLoggedSegments,
        "campaign_entries": interactions.SqlCampaignEntries,
        "consents": privacy.consents_of,
        "suppressions": privacy.SqlSuppressions,
        "personal": privacy.SqlPersonalRecords,
        "numbers": numbers.SqlNumberSeries,
    }

    def parts(self, table: Table[Any]) -> Iterator[Any]:
        return map(from_row(table), self.session.stream(f"all_{table.name}_0"))

    def add_parts(self, table: Table[Any], parts: Sequence[Any]) -> None:
        row, tenant = to_row(table, native=self.session.driver.native), self.session.tenant
        self.session.add(f"add_{table.name}", [row(tenant, part) for part in parts], table.words)

    def damage(self) -> Iterator[str]:
        yield from self.session.driver.damage(self.session)
        try:
            check_readable(self.session)  # a host may have written since the store was opened
        except UsageError as unreadable:
            yield str(unreadable)
        for table in ALL:
            if table.only in {"", self.session.driver.dialect}:
                for _, *key in self.session.rows(f"wrong_{table.name}"):
                    yield f"{table.words} {readable(key)} holds a value that was never written"

    def scan(self, entity: type[E]) -> Iterator[E]:
        return SqlRecords(self.session, entity).each()
