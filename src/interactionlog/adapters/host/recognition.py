"""Which driver a host's connection belongs to, told by the names of its class and its parents."""

from __future__ import annotations

import sqlite3
from typing import Any, Literal

from interactionlog.adapters.postgresql.drivers import PSYCOPG, PSYCOPG2, DbApiDriver
from interactionlog.adapters.sql.driver import Connection, Driver
from interactionlog.adapters.sqlite.driver import SQLITE, ForeignSqliteDriver
from interactionlog.errors import UsageError

__all__ = ["Dialect", "recognised"]

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
