"""The store over a connection that a host owns."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial

from interactionlog.adapters.blocks import Block
from interactionlog.adapters.host.recognition import Dialect, recognised
from interactionlog.adapters.postgresql import schema as postgresql
from interactionlog.adapters.sql.driver import Connection, Driver
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.sql.statements import checked_prefix, load
from interactionlog.adapters.sql.unit_of_work import SqlUnitOfWork
from interactionlog.adapters.sqlite import schema as sqlite
from interactionlog.adapters.sqlite.schema import check_version
from interactionlog.contacts.directory import (
    ContactDirectory,
    SalespersonDirectory,
    UserDirectory,
)
from interactionlog.environment import Clock, SystemClock
from interactionlog.errors import StorageError
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
        schema: Where the tables lie in PostgreSQL; ``None`` leaves it to the connection.
        dialect: The database of a connection whose class is not known.
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
        schema: str | None = None,
        dialect: Dialect | None = None,
    ) -> None:
        self._tenant = tenant
        self._directories = {"contacts": contacts, "salespeople": salespeople, "users": users}
        self._clock = clock or SystemClock()
        self._hooks = Hooks(hooks)
        self._prefix = checked_prefix(prefix)
        self._schema = schema
        self._dialect = dialect

    def join(self, connection: Connection, *, user_id: str) -> AbstractContextManager[UnitOfWork]:
        """
        Open a unit of work inside the host's transaction; joins may be nested, last in first out.

        The block keeps its savepoint when it ends normally and goes back to it when it raises; the
        host commits or rolls back.

        Args:
            connection: An open connection of `sqlite3`, psycopg or psycopg2 inside a transaction,
                or what Django, SQLAlchemy and Tryton wrap it in.
            user_id: Who works; need not be a known user.

        Raises:
            UsageError: The connection is of another kind, has no open transaction, would commit
                behind the host's back, or changes what columns hold.
            StorageError: The tables are missing or have another version.
        """
        return Block(
            partial(self._joined, connection, user_id),
            keep=SqlSession.release,
            abandon=SqlSession.abandon,
        )

    def _joined(self, connection: Connection, user_id: str) -> SqlUnitOfWork:
        driver, raw = recognised(connection, self._dialect)
        self._check_tables(driver, raw)
        statements = load(self._prefix, driver.dialect, self._schema)
        session = SqlSession(raw, statements, self._tenant, driver=driver, writable=True)
        work = SqlUnitOfWork(session, clock=self._clock, user_id=user_id, hooks=self._hooks)
        for name, directory in self._directories.items():
            if directory is not None:
                work.__dict__[name] = directory  # in place of the store's own, made on first use
        session.savepoint()
        return work

    def migrate(self, connection: Connection) -> list[int]:
        """
        Create the library's tables, or bring them forward, inside the host's transaction.

        Returns:
            The schema versions that were applied; none when the tables are up to date.
        """
        driver, raw = recognised(connection, self._dialect)
        now = self._clock.now()
        if driver.dialect == "sqlite":
            return sqlite.migrate(raw, self._prefix, now, driver)
        cursor = driver.cursor(raw)
        statements = load(self._prefix, driver.dialect, self._schema)
        return postgresql.migrate(cursor, statements, self._prefix, self._schema, now)

    def _check_tables(self, driver: Driver, raw: Connection) -> None:
        if driver.dialect == "sqlite":
            version, newest = sqlite.installed_version(raw, self._prefix, driver), sqlite.NEWEST
        else:
            statements = load(self._prefix, driver.dialect, self._schema)
            version = postgresql.installed_version(driver.cursor(raw), statements)
            newest = postgresql.NEWEST
        check_version(version, newest)
        if version < newest:
            message = (
                f"the tables {self._prefix}… have schema version {version}, this release needs "
                f"{newest}: call HostStore.migrate(connection) in a transaction of its own"
            )
            raise StorageError(message)
