"""Hosts with a table of orders of their own: real frameworks over real databases."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from interactionlog.adapters.host import Dialect, HostStore
from interactionlog.clock import FixedClock
from postgres import HOW_TO_START, WANTED, new_tenant, own_database, restart_numbers
from stores import empty_database

CLOCK = FixedClock("2026-01-26T09:30")
ORDERS = "CREATE TABLE IF NOT EXISTS sales_order (no VARCHAR(20) PRIMARY KEY)"


class Host:
    """
    A host application: ``with host.transaction() as connection`` works in one request.

    ``store`` is the library's, configured once.
    """

    insert = "INSERT INTO sales_order (no) VALUES (%s)"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if self.on_postgresql:
            restart_numbers("joined")
            self.store = HostStore(
                tenant=new_tenant(), clock=CLOCK, schema="joined", dialect=self.dialect
            )
        else:
            empty_database(folder).rename(folder / "erp.db")
            self.store = HostStore(clock=CLOCK, dialect=self.dialect)
        self.open()
        with self.transaction() as connection:
            self.execute(connection, ORDERS)
            self.execute(connection, "DELETE FROM sales_order")

    on_postgresql = False
    dialect: Dialect | None = None

    def open(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        raise NotImplementedError
        yield

    @contextmanager
    def rival(self) -> Iterator[Any]:
        """Give the connection of another request beside this one, which commits first."""
        other = PsycopgHost(self.folder)
        with other.transaction() as connection:
            yield connection
        other.close()

    def use_snapshot(self, connection: Any) -> None:
        self.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def execute(self, connection: Any, text: str, *values: object) -> list[Any]:
        cursor = connection.cursor()
        cursor.execute(text, values)
        rows = cursor.fetchall() if cursor.description else []
        cursor.close()
        return rows

    def add_order(self, connection: Any, no: str) -> None:
        self.execute(connection, self.insert, no)

    def orders(self) -> list[str]:
        with self.transaction() as connection:
            rows = self.execute(connection, "SELECT no FROM sales_order ORDER BY no")
        return [row[0] for row in rows]


class Sqlite3Host(Host):
    insert = "INSERT INTO sales_order (no) VALUES (?)"

    def open(self) -> None:
        self.connection = sqlite3.connect(self.folder / "erp.db", isolation_level=None)

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")


class DriverHost(Host):
    """psycopg 3 or psycopg2 with their own way to a transaction."""

    on_postgresql = True
    driver: str

    def open(self) -> None:
        module = pytest.importorskip(self.driver)
        self.connection = module.connect(own_database())

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()


class PsycopgHost(DriverHost):
    driver = "psycopg"


class Psycopg2Host(DriverHost):
    driver = "psycopg2"


class Wrapped:
    """A connection of a class that nobody knows, such as one that counts statements."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class WrappedHost(Host):
    """A host that says `dialect=`, because its connections are of a class of their own."""

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with super().transaction() as connection:
            yield Wrapped(connection)


class WrappedSqlite3Host(WrappedHost, Sqlite3Host):
    dialect = "sqlite"


class WrappedPsycopgHost(WrappedHost, PsycopgHost):
    dialect = "postgresql"


class WrappedPsycopg2Host(WrappedHost, Psycopg2Host):
    dialect = "postgresql"


class SqlAlchemyHost(Host):
    """SQLAlchemy Core over psycopg."""

    on_postgresql = True

    def open(self) -> None:
        from sqlalchemy import create_engine

        from kept import KeptConnection

        self.engine = create_engine(
            "postgresql+psycopg://", creator=lambda: KeptConnection.connect(own_database())
        )

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with self.engine.begin() as connection:
            yield connection

    def execute(self, connection: Any, text: str, *values: object) -> list[Any]:
        result = connection.exec_driver_sql(text, values)
        return result.fetchall() if result.returns_rows else []


class SqlAlchemySqliteHost(SqlAlchemyHost):
    """SQLAlchemy over sqlite3, with transactions that begin when SQLAlchemy says so."""

    on_postgresql = False
    insert = "INSERT INTO sales_order (no) VALUES (?)"

    def open(self) -> None:
        from sqlalchemy import create_engine, event

        self.engine = create_engine(f"sqlite:///{self.folder / 'erp.db'}")

        @event.listens_for(self.engine, "connect")
        def leave_transactions_to_us(connection: Any, _record: object) -> None:
            connection.isolation_level = None

        @event.listens_for(self.engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


class SqlAlchemySessionHost(SqlAlchemyHost):
    """The same through the session of the object mapper."""

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        from sqlalchemy.orm import Session

        with Session(self.engine) as session, session.begin():
            yield session

    def execute(self, connection: Any, text: str, *values: object) -> list[Any]:
        return super().execute(connection.connection(), text, *values)


class DjangoHost(Host):
    """Django on SQLite."""

    alias = "default"

    def open(self) -> None:
        from embedding.django_site import connections

        os.chdir(self.folder)  # the name of the database is relative
        self.connection = connections()[self.alias]

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        from django.db import transaction

        with transaction.atomic(using=self.alias):
            yield self.connection


class DjangoPostgresHost(DjangoHost):
    on_postgresql = True
    alias = "postgresql"


HOSTS = {
    "sqlite3": Sqlite3Host,
    "wrapped-sqlite3": WrappedSqlite3Host,
    "sqlalchemy-sqlite": SqlAlchemySqliteHost,
    "django-sqlite": DjangoHost,
    "psycopg": PsycopgHost,
    "psycopg2": Psycopg2Host,
    "wrapped-psycopg": WrappedPsycopgHost,
    "wrapped-psycopg2": WrappedPsycopg2Host,
    "sqlalchemy": SqlAlchemyHost,
    "sqlalchemy-session": SqlAlchemySessionHost,
    "django": DjangoPostgresHost,
}


def hosts(*names: str) -> list[Any]:
    """Return these hosts as parameters; those without a server are reported as skipped."""
    marks = [pytest.mark.postgresql]
    if not WANTED:
        marks.append(pytest.mark.skip(reason=HOW_TO_START))
    return [
        pytest.param(name, marks=marks if HOSTS[name].on_postgresql else ())
        for name in names or HOSTS
    ]
