"""The store over a connection that a host owns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from interactionlog.adapters.blocks import ended_by
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.sql.statements import load
from interactionlog.adapters.sql.unit_of_work import SqlUnitOfWork
from interactionlog.adapters.sqlite.schema import NEWEST, check_version, installed_version, migrate
from interactionlog.contacts.directory import (
    ContactDirectory,
    SalespersonDirectory,
    UserDirectory,
)
from interactionlog.environment import Clock, SystemClock
from interactionlog.errors import StorageError, UsageError
from interactionlog.hooks import Hooks
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["HostStore"]


class HostStore:
    """
    The library's tables inside a host's database, used inside the host's transaction.

    Configured once, joined per request. It works inside a savepoint, never commits, never rolls
    back more than its savepoint and never closes the connection.

    Args:
        tenant: First part of every key.
        contacts, salespeople, users: The host's directories; ``None`` uses the library's tables.
        clock: Where time comes from; the machine's by default.
        hooks: Objects with methods of the hook protocols.
        prefix: Begins the name of every table.
    """

    def __init__(
        self,
        *,
        tenant: str = "",
        contacts: ContactDirectory | None = None,
        salespeople: SalespersonDirectory | None = None,
        users: UserDirectory | None = None,
        clock: Clock | None = None,
        hooks: Sequence[object] = (),
        prefix: str = "interactionlog_",
    ) -> None:
        self._tenant = tenant
        self._directories = {"contacts": contacts, "salespeople": salespeople, "users": users}
        self._clock = clock or SystemClock()
        self._hooks = Hooks(hooks)
        self._prefix = prefix
        self._statements = load(prefix)

    @contextmanager
    def join(self, connection: sqlite3.Connection, *, user_id: str) -> Iterator[UnitOfWork]:
        """
        Open a unit of work inside the host's transaction; joins may be nested, last in first out.

        The block keeps its savepoint when it ends normally and goes back to it when it raises; the
        host commits or rolls back.

        Args:
            connection: An open `sqlite3` connection, or one of a class derived from it, inside a
                transaction.
            user_id: Who works; need not be a known user.

        Raises:
            UsageError: The connection is of another kind, has no open transaction, would commit
                behind the host's back, or changes what columns hold.
            StorageError: The tables are missing or have another version.
        """
        _check_connection(connection)
        _check_tables(connection, self._prefix)
        session = SqlSession(connection, self._statements, self._tenant, writable=True)
        work = SqlUnitOfWork(session, clock=self._clock, user_id=user_id, hooks=self._hooks)
        for name, directory in self._directories.items():
            if directory is not None:
                work.__dict__[name] = directory  # in place of the store's own, made on first use
        session.savepoint()
        with ended_by(work, keep=session.release, abandon=session.abandon):
            yield work

    def migrate(self, connection: sqlite3.Connection) -> list[int]:
        """
        Create the library's tables, or bring them forward, inside the host's transaction.

        Returns:
            The schema versions that were applied; none when the tables are up to date.
        """
        _check_connection(connection)
        return migrate(connection, self._prefix, self._clock.now())


def _check_connection(connection: sqlite3.Connection) -> None:
    if not isinstance(connection, sqlite3.Connection):
        message = (
            f"a {type(connection).__name__} cannot be joined: give the open sqlite3 connection of "
            "the host, such as the driver connection of its framework"
        )
        raise UsageError(message)
    if getattr(connection, "autocommit", -1) is True:
        message = "the connection has autocommit=True, where rollback() does nothing: switch it off"
        raise UsageError(message)
    if not connection.in_transaction:
        message = (
            "the connection has no open transaction, so that the end of the block would commit: "
            "begin one before joining"
        )
        raise UsageError(message)
    if connection.text_factory is not str:
        message = (
            "the connection has a text_factory: set connection.text_factory = str before joining"
        )
        raise UsageError(message)


def _check_tables(connection: sqlite3.Connection, prefix: str) -> None:
    version = installed_version(connection, prefix)
    check_version(version)
    if version < NEWEST:
        message = (
            f"the tables {prefix}… have schema version {version}, this release needs {NEWEST}: "
            "call HostStore.migrate(connection) in a transaction of its own"
        )
        raise StorageError(message)
