"""The store over a connection that a host owns."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Literal

from interactionlog.adapters.postgresql.store import (
    LACKING,
    PSYCOPG,
    PSYCOPG2,
    DbApiDriver,
    lacks_letters,
)
from interactionlog.adapters.sql.directories import asked
from interactionlog.adapters.sql.relations import (
    NO_RELATIONS,
    Contacts,
    HostRecords,
    Relations,
    Salespeople,
    Told,
    Users,
    check_readable,
)
from interactionlog.adapters.sql.schema import NEWEST, installed_version, migrate
from interactionlog.adapters.sql.session import Connection, Driver, SqlSession
from interactionlog.adapters.sql.statements import load, qualified
from interactionlog.adapters.sql.store import SqlUnitOfWork
from interactionlog.adapters.sqlite.store import SQLITE, ForeignSqliteDriver
from interactionlog.adapters.unit_of_work import Block, Store
from interactionlog.arguments import judged
from interactionlog.clock import Clock
from interactionlog.errors import StorageError, UsageError

Dialect = Literal["sqlite", "postgresql"]

_NO_TRANSACTION = (
    "the connection has no open transaction, so that the end of the block would commit: "
    "begin one before joining"
)
_LEFT_TO_SQLITE = (
    "SQLAlchemy leaves the beginning to sqlite3, which has not begun: let SQLAlchemy begin, with a "
    "listener for connect that sets isolation_level to None and one for begin that runs BEGIN"
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
        status = PSYCOPG.in_transaction(raw)
        _check_postgresql(raw.autocommit, status, raw.info.parameter_status)
        return PSYCOPG, raw
    if "psycopg2.extensions.connection" in kinds:
        status = raw.get_transaction_status()
        _check_postgresql(raw.autocommit, status, raw.get_parameter_status)
        return PSYCOPG2, raw
    if dialect == "sqlite":
        _check_sqlite(raw)
        return ForeignSqliteDriver(), raw
    if dialect == "postgresql":
        return DbApiDriver(), raw
    raise UsageError(
        f"a {type(connection).__name__} cannot be joined: give the open sqlite3, psycopg or "
        "psycopg2 connection of the host, such as the driver connection of its framework, or say "
        "dialect= if it behaves like one"
    )


def _kinds(thing: object) -> set[str]:
    return {f"{kind.__module__}.{kind.__qualname__}" for kind in type(thing).__mro__}


def _unwrapped(connection: Any) -> Any:
    kinds = _kinds(connection)
    if kinds & {
        "django.db.backends.base.base.BaseDatabaseWrapper",
        "django.utils.connection.ConnectionProxy",
    }:
        if connection.get_autocommit():
            raise UsageError("Django commits each statement by itself here: join inside atomic()")
        if connection.needs_rollback:
            raise UsageError(_FAILED)
        return connection.connection
    if kinds & {"sqlalchemy.orm.session.Session", "sqlalchemy.orm.scoping.scoped_session"}:
        connection.flush()
        return _unwrapped(connection.connection())
    if "sqlalchemy.engine.base.Connection" in kinds:
        if not connection.in_transaction():
            raise UsageError("SQLAlchemy would roll back what it did not begin: call begin() first")
        raw = connection.connection.driver_connection
        by_driver = isinstance(raw, sqlite3.Connection) and raw.isolation_level is not None
        if by_driver and not raw.in_transaction:
            raise UsageError(_LEFT_TO_SQLITE)
        return raw
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
            raise UsageError(
                "Tryton commits each statement by itself here, as on SQLite after it has "
                "synchronised its caches: join in a new transaction"
            )
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
        raise UsageError(
            "the connection has a text_factory: set connection.text_factory = str before joining"
        )


def _check_postgresql(
    autocommit: bool, status: object, setting: Callable[[str], str | None]
) -> None:
    # both drivers count like libpq: 0 idle, 1 active, 2 in a transaction, 3 in a failed one
    if autocommit and status == 0:
        raise UsageError(_NO_TRANSACTION)
    if status == 1:
        raise UsageError("the connection is within a statement, a stream or a COPY: join after it")
    if status == 3:
        raise UsageError(_FAILED)
    # drivers turn texts and dates by what the server told last; a proxy may not tell
    for name, wanted, why in (
        ("client_encoding", "UTF8", "which has not every letter"),
        ("DateStyle", "ISO", "in which no date can be read"),
    ):
        found = setting(name) or wanted
        if not found.upper().replace("-", "").startswith(wanted):
            message = f"the connection has {name} {found}, {why}: set it to {wanted} before joining"
            raise UsageError(message)
    if lacks_letters(encoding := setting("server_encoding")):
        raise UsageError(f"the database is in {encoding}, {LACKING}")


class HostStore(Store):
    """
    The library's tables inside a host's database, used inside the host's transaction.

    Configured once, joined per request. It works inside a savepoint, never commits, never rolls
    back more than its savepoint and never closes the connection. It has no transactions itself:
    the host begins and ends them. The version of the tables is asked once for each database; where
    the connection leaves the schema open, it is taken to be the same in each.

    Args:
        tenant: First part of every key.
        contacts, salespeople, users, consents: The host's relations or directories, or functions
            that make them from the connection that is joined; ``None`` uses the library's tables.
        clock: Where time comes from; the machine's by default.
        hooks: Objects with methods of the hook protocols.
        prefix: Begins the name of every table.
        schema: Where the tables lie in PostgreSQL; ``None`` leaves it to the connection.
        dialect: The database of a connection whose class is not known.
    """

    @judged
    def __init__(
        self,
        *,
        tenant: str = "",
        contacts: Contacts | Callable[[Any], Contacts] | None = None,
        salespeople: Salespeople | Callable[[Any], Salespeople] | None = None,
        users: Users | Callable[[Any], Users] | None = None,
        consents: Told | Callable[[Any], Told] | None = None,
        clock: Clock | None = None,
        hooks: Sequence[object] = (),
        prefix: str = "interactionlog_",
        schema: str | None = None,
        dialect: Dialect | None = None,
    ) -> None:
        super().__init__(tenant, clock, hooks)
        self._records = HostRecords(contacts, salespeople, users, consents)
        self._readable: dict[str | None, Relations] = {}  # those checked last, by database
        qualified(prefix, schema)  # now, and not in the first request
        self._prefix, self._schema = prefix, schema
        self._dialect = dialect
        self._up_to_date: set[str] = set()  # databases, as the last commit has them

    def join(self, connection: Any, *, user_id: str) -> Block[SqlUnitOfWork]:
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
                unseen by the host, or changes what columns hold.
                Or a column of a relation cannot be read; the text names it.
            StorageError: The tables are missing or have another version.
        """
        return Block(
            partial(self._joined, connection, user_id),
            keep=SqlSession.release,
            abandon=SqlSession.abandon,
        )

    def _joined(self, connection: Any, user_id: str) -> SqlUnitOfWork:
        driver, raw = recognised(connection, self._dialect)
        database = _database(driver, raw)
        self._check_tables(driver, raw, database)
        relations, directories = self._records.of(connection)
        statements = relations.load(self._prefix, driver.dialect, self._schema, self._tenant)
        driver = self._driver_of(driver, connection)
        session = SqlSession(
            raw, statements, self._tenant, driver=driver, writable=True, relations=relations
        )
        work = SqlUnitOfWork(session, clock=self._clock, user_id=user_id, hooks=self._hooks)
        for name, each in directories.items():  # in place of the store's own, made on first use
            work.__dict__[name] = asked(name, each)
        if relations != self._readable.get(database, NO_RELATIONS):
            check_readable(session)
            self._readable[database] = relations
        session.savepoint()
        return work

    def _driver_of(self, driver: Driver, connection: Any) -> Driver:  # noqa: ARG002
        """Return the driver of a unit of work; a framework may look at its statements."""
        return driver

    def migrate(self, connection: Any) -> list[int]:
        """
        Create the library's tables, or bring them forward, inside the host's transaction.

        Returns:
            The schema versions that were applied; none when the tables are up to date.
        """
        driver, raw = recognised(connection, self._dialect)
        cursor, dialect = driver.cursor(raw), driver.dialect
        applied = migrate(cursor, dialect, self._clock.now(), self._prefix, self._schema)
        if applied and dialect == "postgresql":
            cursor.execute(load(self._prefix, dialect, self._schema)["record_migration"])
        return applied

    def _check_tables(self, driver: Driver, raw: Connection, database: str | None) -> None:
        if database in self._up_to_date:
            return
        place = (driver.dialect, self._prefix, self._schema)
        version = installed_version(driver.cursor(raw), *place)
        if version < NEWEST:
            raise StorageError(
                f"the tables {self._prefix}… have schema version {version}, this release needs "
                f"{NEWEST}: call HostStore.migrate(connection) in its own transaction"
            )
        # what this transaction migrated may be rolled back
        if database is not None and self._is_committed(driver, raw, database):
            self._up_to_date.add(database)

    def _is_committed(self, driver: Driver, raw: Connection, database: str) -> bool:
        dialect, prefix, schema = driver.dialect, self._prefix, self._schema
        if dialect == "sqlite":  # seen from outside of the transaction
            place = Path(database).as_uri() + "?mode=ro"
            try:
                with closing(sqlite3.connect(place, uri=True, timeout=0)) as another:
                    cursor = SQLITE.cursor(another)
                    return installed_version(cursor, dialect, prefix, schema) == NEWEST
            except (sqlite3.Error, StorageError):
                return False
        cursor = driver.cursor(raw)
        cursor.execute(load(prefix, dialect, schema)["migrated_here"])
        return not cursor.fetchone()[0]


def _database(driver: Driver, raw: Any) -> str | None:
    """Return which database a connection leads to; ``None`` when it does not say."""
    if driver is PSYCOPG:
        return repr(sorted(raw.info.get_parameters().items()))
    if driver is PSYCOPG2:
        return repr(sorted(raw.info.dsn_parameters.items()))
    if driver is not SQLITE:
        return None
    databases = driver.cursor(raw).execute("PRAGMA database_list").fetchall()
    return next(file for _, name, file in databases if name == "main") or None  # none in memory
