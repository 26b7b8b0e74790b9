"""The unit of work of every SQL store, and what stores that open their connections share."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, ClassVar, TypeVar

from interactionlog.adapters.sql import contacts, interactions, numbers, segments
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.relations import NO_RELATIONS, HostRecords, check_readable
from interactionlog.adapters.sql.rows import from_row, to_row
from interactionlog.adapters.sql.session import Connection, Driver, SqlSession
from interactionlog.adapters.tables import ALL, TABLES, Table, readable
from interactionlog.adapters.unit_of_work import Block, OwnedStore, StoreUnitOfWork, checked_user
from interactionlog.clock import Clock
from interactionlog.errors import CommitOutcomeUnknownError, StorageError, UsageError
from interactionlog.values import folded

E = TypeVar("E")


def _kept(name: str, own: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes a repository: over the host's relation of this name, or our own tables."""
    return lambda session: (own if getattr(session.relations, name) is None else theirs)(session)


class SqlUnitOfWork(StoreUnitOfWork):
    """Repositories over one SQL session."""

    session: SqlSession
    repositories: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "records": SqlRecords,
        "contacts": _kept("contacts", contacts.SqlContacts, contacts.SqlContactDirectory),
        "salespeople": _kept("salespeople", contacts.SqlSalespeople, contacts.salespeople_of_host),
        "users": _kept("users", contacts.SqlUsers, contacts.users_of_host),
        "attachments": interactions.SqlAttachments,
        "interactions": interactions.SqlInteractionLog,
        "deliveries": interactions.SqlDeliveries,
        "idempotency_keys": interactions.SqlIdempotencyKeys,
        "segments": segments.SqlSegments,
        "logged_segments": segments.SqlLoggedSegments,
        "campaign_entries": interactions.SqlCampaignEntries,
        "consents": _kept("consents", contacts.SqlConsents, contacts.SqlSaidConsents),
        "suppressions": contacts.SqlSuppressions,
        "personal": contacts.SqlPersonalRecords,
        "numbers": numbers.SqlNumberSeries,
    }

    def parts(self, table: Table[Any]) -> Iterator[Any]:
        return map(from_row(table), self.session.stream(f"all_{table.name}_0"))

    def add_parts(self, table: Table[Any], parts: Sequence[Any]) -> None:
        row, tenant = to_row(table, native=self.session.driver.native), self.session.tenant
        self.session.add(f"add_{table.name}", [row(tenant, part) for part in parts], table.words)

    def damage(self) -> Iterator[str]:
        self.session.check_transaction()
        yield from self.session.driver.damage(self.session)
        try:
            check_readable(self.session)  # a host may have written since the store was opened
        except UsageError as unreadable:
            yield str(unreadable)
        for table in ALL:
            if table.only in {"", self.session.driver.dialect}:
                for _, *key in self.session.rows(f"wrong_{table.name}"):
                    yield f"{table.words} {readable(key)} holds a value that was never written"
        if self.session.relations.contacts is None:
            for no, name, searched in self.session.stream("searched_names"):
                if type(name) is str and searched != folded(name):
                    yield f"contact {no} is not found by its name: write it anew"

    def is_operational(self, error: Exception) -> bool:
        return self.session.driver.is_operational(error)

    def scan(self, entity: type[E]) -> Iterator[E]:
        table = TABLES[entity]
        # of what has no key there is at most one
        return self.parts(table) if table.key else iter(self.records(entity).all())


T = TypeVar("T")


def unknown_outcome(error: Exception) -> CommitOutcomeUnknownError:
    """Return what is told of a COMMIT that failed without saying what it did."""
    reason = str(error).partition("\n")[0]
    return CommitOutcomeUnknownError(
        f"COMMIT failed and does not say what it did ({reason}): look whether the work is there"
    )


class SqlStore(OwnedStore):
    """
    A store that keeps one connection per thread and role, opened when it is first asked for.

    Connections of this process are closed with the store, or when their thread has ended.
    """

    _driver: ClassVar[Driver]
    _pause: ClassVar[tuple[float, float]]  # seconds between attempts, at random: that is fair
    _errors: Any  # those of the driver that may pass
    _bring_forward: Callable[[], None]  # the tables, made when missing
    _connect: Callable[[str], Connection]
    _begin: Callable[[Connection, str], object]  # the transaction of a role
    _is_busy: Callable[[Connection], bool]  # inside a transaction
    _passes: Callable[[Any], bool]  # whether an error is worth another attempt
    _commit: Callable[[SqlSession], None]
    _own_transaction: Callable[[], AbstractContextManager[SqlSession]] | None = None

    def __init__(
        self,
        tenant: str,
        clock: Clock | None,
        hooks: Sequence[object],
        *,
        prefix: str,
        timeout: float,
        schema: str | None = None,
        records: HostRecords,
    ) -> None:
        super().__init__(tenant, clock, hooks)
        self._relations, self._directories = records.of(None)
        self._statements = self._relations.load(prefix, self._driver.dialect, schema, tenant)
        self._prefix, self._schema, self._timeout = prefix, schema, timeout
        self._mine = threading.local()
        self._connections: list[tuple[int, threading.Thread, Connection]] = []
        self._guard = threading.Lock()
        try:
            self._bring_forward()
            if self._relations != NO_RELATIONS:
                with self.read() as work:
                    check_readable(work.session)
        except BaseException:
            self.close()
            raise

    def begin(self, *, user_id: str) -> Block[SqlUnitOfWork]:
        opened, undo = partial(self._work, "writer", user_id), self._roll_back
        return Block(opened, keep=self._kept, abandon=undo, told=self._told)

    def read(self, *, user_id: str | None = None) -> Block[SqlUnitOfWork]:
        opened, undo = partial(self._work, "reader", user_id), self._roll_back
        return Block(opened, keep=undo, abandon=undo, told=self._told)

    def _work(self, role: str, user_id: str | None) -> SqlUnitOfWork:
        writes = role == "writer"
        user = checked_user(user_id) if writes or user_id is not None else None  # before it begins
        session = SqlSession(
            self._begun(role),
            self._statements,
            self._tenant,
            driver=self._driver,
            writable=writes,
            restart=self._restart if writes else None,
            own_transaction=self._own_transaction if writes else None,
            relations=self._relations,
        )
        work = SqlUnitOfWork(session, clock=self._clock, user_id=user, hooks=self._hooks)
        work.__dict__.update(self._directories)
        return work

    def _told(self, error: BaseException) -> Exception | None:
        """Return our own error for one of the driver that a block ends with."""
        if isinstance(error, self._errors):
            self._check_still_open()
        return self._finding(error)

    def _finding(self, error: BaseException) -> StorageError | None:  # noqa: ARG002
        """Return what an error of the driver says of the database itself."""
        return None

    def _kept(self, session: SqlSession) -> None:
        self._check_still_open()
        self._commit(session)

    def _roll_back(self, session: SqlSession) -> None:
        # closing rolls back as well
        if self._open and self._is_busy(session.connection):
            session.connection.execute("ROLLBACK")

    def _restart(self, session: SqlSession) -> None:
        self._roll_back(session)
        self._begin(session.connection, "writer")

    def close(self) -> None:
        super().close()
        with self._guard:
            for pid, _, connection in self._connections:
                if pid == os.getpid():
                    connection.close()
            self._connections.clear()

    def _begun(self, role: str) -> Connection:
        """Return this thread's connection for a role, after its transaction has begun."""
        connection = self._connection(role)
        self._begin(connection, role)
        return connection

    def _connection(self, role: str) -> Connection:
        """
        Return this thread's connection for a role, outside a transaction.

        Raises:
            UsageError: It is in use, or the store is closed.
        """
        self._check_open()
        pid, connection = getattr(self._mine, role, (0, None))
        # a connection does not survive a fork, and a lost one is replaced
        if pid != os.getpid() or getattr(connection, "closed", False):
            vars(self._mine).pop(role, None)
            connection = self._connect(role)
            setattr(self._mine, role, (os.getpid(), connection))
        if self._is_busy(connection):
            raise UsageError("a unit of work is open in this thread already: pass it on instead")
        return connection

    def _keep(self, connection: Connection) -> None:
        """Remember a connection for `close`, and close those of threads that have ended."""
        with self._guard:
            kept = [(os.getpid(), threading.current_thread(), connection)]
            for pid, thread, other in self._connections:
                if pid == os.getpid() and (
                    getattr(other, "closed", False) or not thread.is_alive()
                ):
                    other.close()
                else:
                    kept.append((pid, thread, other))
            self._connections = kept

    def _retry(self, attempt: Callable[..., T], *arguments: object) -> T:
        until = time.monotonic() + self._timeout
        while True:
            try:
                return attempt(*arguments)
            except self._errors as error:
                if not self._passes(error) or time.monotonic() > until:
                    raise
                time.sleep(random.uniform(*self._pause))  # noqa: S311  # no secret
