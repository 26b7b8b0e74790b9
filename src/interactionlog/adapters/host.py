"""The store over a connection that a host owns."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Literal

from interactionlog.adapters.postgresql.drivers import PSYCOPG, PSYCOPG2, DbApiDriver
from interactionlog.adapters.sql.schema import NEWEST, check_version, installed_version, migrate
from interactionlog.adapters.sql.session import Connection, Driver, SqlSession
from interactionlog.adapters.sql.statements import checked_prefix, load
from interactionlog.adapters.sql.unit_of_work import SqlUnitOfWork
from interactionlog.adapters.sqlite.driver import SQLITE, ForeignSqliteDriver
from interactionlog.adapters.unit_of_work import Block
from interactionlog.clock import Clock, SystemClock
from interactionlog.contacts.directory import ContactDirectory, SalespersonDirectory, UserDirectory
from interactionlog.errors import StorageError, UsageError
from interactionlog.hooks import Hooks
from interactionlog.unit_of_work import UnitOfWork

Dialect = Literal["sqlite", "postgresql"]

_NO_TRANSACTION = (
    "the connection has no open transaction, so that the end of the block would commit: "
    "begin one before joining"
)
_FAILED = "the transaction has failed and can only be rolled back: join before, or in a new one"


def recognised(connection: Any, dialect: Dialect | None) -> tuple[Driver, Connection]:
    """
    Return driver and connection of a host: what its framework wraps is unwrapped.

    Raises:
        UsageError: It cannot be joined; the text says what to do.
    """
    raw = _unwrapped(connection)
    kinds = _kinds(raw)
    if isinstance(raw, sqlite3.Connection):
        _check_sqlite(raw)
        return SQLITE, raw
    if "psycopg.Connection" in kinds:
        _check_postgresql(raw.autocommit, raw.info.transaction_status)
        return PSYCOPG, raw
    if "psycopg2.extensions.connection" in kinds:
        _check_postgresql(raw.autocommit, raw.get_transaction_status())
        return PSYCOPG2, raw
    if dialect == "sqlite":
        _check_sqlite(raw)
        return ForeignSqliteDriver(), raw
    if dialect == "postgresql":
        return DbApiDriver(), raw
    message = (
        f"a {type(connection).__name__} cannot be joined: give the open sqlite3, psycopg or "
        "psycopg2 connection of the host, such as the driver connection of its framework, or say "
        "dialect= if it behaves like one"
    )
    raise UsageError(message)


def _kinds(thing: object) -> set[str]:
    return {f"{kind.__module__}.{kind.__qualname__}" for kind in type(thing).__mro__}


def _unwrapped(connection: Any) -> Any:
    kinds = _kinds(connection)
    if kinds & {
        "django.db.backends.base.base.BaseDatabaseWrapper",
        "django.utils.connection.ConnectionProxy",
    }:
        if connection.get_autocommit():
            message = "Django commits each statement by itself here: join inside atomic()"
            raise UsageError(message)
        if connection.needs_rollback:
            raise UsageError(_FAILED)
        return connection.connection
    if kinds & {"sqlalchemy.orm.session.Session", "sqlalchemy.orm.scoping.scoped_session"}:
        connection.flush()
        return _unwrapped(connection.connection())
    if "sqlalchemy.engine.base.Connection" in kinds:
        if not connection.in_transaction():
            message = "SQLAlchemy would roll back what it did not begin: call begin() first"
            raise UsageError(message)
        return connection.connection.driver_connection
    if "sqlalchemy.pool.base.PoolProxiedConnection" in kinds:
        return connection.driver_connection
    if "trytond.transaction.Transaction" in kinds:
        return _begun(connection)
    return connection


def _begun(transaction: Any) -> Any:
    """Return the connection of Tryton: it leaves the beginning to the first writing statement."""
    raw = transaction.connection
    if isinstance(raw, sqlite3.Connection) and not raw.in_transaction:
        if raw.isolation_level is None:
            message = (
                "Tryton commits each statement by itself here, as on SQLite after it has "
                "synchronised its caches: join in a new transaction"
            )
            raise UsageError(message)
        raw.execute("BEGIN" if transaction.readonly else f"BEGIN {raw.isolation_level}")
    return raw


def _check_sqlite(connection: Any) -> None:
    # what stands in for a connection need not tell everything
    if getattr(connection, "autocommit", -1) is True:
        message = "the connection has autocommit=True, where rollback() does nothing: switch it off"
        raise UsageError(message)
    if not getattr(connection, "in_transaction", True):
        raise UsageError(_NO_TRANSACTION)
    if getattr(connection, "text_factory", str) is not str:
        message = (
            "the connection has a text_factory: set connection.text_factory = str before joining"
        )
        raise UsageError(message)


def _check_postgresql(autocommit: bool, status: int) -> None:
    # both drivers count like libpq: 0 idle, 1 active, 2 in a transaction, 3 in a failed one
    if autocommit and status == 0:
        raise UsageError(_NO_TRANSACTION)
    if status == 3:
        raise UsageError(_FAILED)


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
        statements = load(self._prefix, driver.dialect, self._schema)
        now, cursor = self._clock.now(), driver.cursor(raw)
        return migrate(cursor, driver.dialect, statements, self._prefix, now, schema=self._schema)

    def _check_tables(self, driver: Driver, raw: Connection) -> None:
        statements = load(self._prefix, driver.dialect, self._schema)
        version = installed_version(driver.cursor(raw), statements)
        check_version(version)
        if version < NEWEST:
            message = (
                f"the tables {self._prefix}… have schema version {version}, this release needs "
                f"{NEWEST}: call HostStore.migrate(connection) in a transaction of its own"
            )
            raise StorageError(message)
