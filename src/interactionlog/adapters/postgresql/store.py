"""The store in a PostgreSQL database; needs the extra ``postgres``."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal, TypeVar

from interactionlog.adapters.postgresql.drivers import PSYCOPG, Connections, sqlstate
from interactionlog.adapters.sql.schema import NEWEST, check_version, installed_version, migrate
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.sql.statements import load
from interactionlog.adapters.sql.unit_of_work import SqlUnitOfWork
from interactionlog.adapters.unit_of_work import Block, OwnedStore, checked_user
from interactionlog.clock import Clock
from interactionlog.errors import CommitOutcomeUnknownError, UsageError

_AGAIN = frozenset({"40001", "40P01"})
_MADE_BY_ANOTHER = frozenset({"23505", "42P06", "42P07"})
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
T = TypeVar("T")


class PostgresStore(OwnedStore):
    """
    Contacts, segments, numbers and the log in a PostgreSQL database; tables are made when missing.

    A store may be shared by threads; it keeps connections per thread until `close`. A unit of work
    belongs to the thread that opened it.

    Args:
        conninfo: Where the database is: ``postgresql://…`` or ``host=… dbname=…``.
        tenant: First part of every key; one database may serve many tenants.
        schema: Where the tables lie, made when missing; ``None`` uses the search path.
        clock: Where time comes from; the machine's by default.
        hooks: Objects with methods of the hook protocols.
        isolation_level: Of units of work that write; reading ones always see one snapshot.
        prefix: Begins the name of every table.
        timeout: Seconds to wait for another writer, then the driver's error; `run` tries so long.
        prepare_threshold: Uses of a statement until it is prepared; ``None`` never prepares, as
            proxies that share connections between transactions need it.

    Raises:
        UsageError: psycopg is not installed.
        StorageError: The server is older than version 13, or the schema is newer than this release.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        tenant: str = "",
        schema: str | None = None,
        clock: Clock | None = None,
        hooks: Sequence[object] = (),
        isolation_level: Literal[
            "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"
        ] = "READ COMMITTED",
        prefix: str = "interactionlog_",
        timeout: float = 10.0,
        prepare_threshold: int | None = 5,
    ) -> None:
        if isolation_level not in {"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}:
            message = f"no such isolation level: {isolation_level!r}"
            raise UsageError(message)
        super().__init__(tenant, clock, hooks)
        self._schema = schema
        self._prefix = prefix
        self._timeout = timeout
        self._statements = load(prefix, "postgresql", schema)
        # waiting for a lock ends with the driver's error, as on SQLite
        limit = f"; SET LOCAL lock_timeout = {max(1, round(timeout * 1000))}"
        self._begin = f"BEGIN ISOLATION LEVEL {isolation_level}{limit}"
        self._begin_apart = f"BEGIN ISOLATION LEVEL READ COMMITTED{limit}"
        self._connections = Connections(conninfo, prepare_threshold)
        try:
            self._bring_forward()
        except BaseException:
            self.close()
            raise

    def begin(self, *, user_id: str) -> Block[SqlUnitOfWork]:
        return Block(partial(self._writing, user_id), keep=_commit, abandon=_roll_back)

    def read(self) -> Block[SqlUnitOfWork]:
        return Block(self._reading, keep=_roll_back, abandon=_roll_back)

    def close(self) -> None:
        self._connections.close()

    def _writing(self, user_id: str) -> SqlUnitOfWork:
        checked_user(user_id)  # before a transaction is begun
        connection = self._connections.begun("writer", self._begin)
        session = self._session(connection, writable=True, restart=self._restart)
        return SqlUnitOfWork(session, clock=self._clock, user_id=user_id, hooks=self._hooks)

    def _reading(self) -> SqlUnitOfWork:
        connection = self._connections.begun("reader", _BEGIN_READING)
        session = self._session(connection, writable=False)
        return SqlUnitOfWork(session, clock=self._clock, user_id=None, hooks=self._hooks)

    def _session(
        self,
        connection: Any,
        *,
        writable: bool,
        restart: Callable[[SqlSession], object] | None = None,
    ) -> SqlSession:
        return SqlSession(
            connection,
            self._statements,
            self._tenant,
            driver=PSYCOPG,
            writable=writable,
            restart=restart,
            apart=self._apart if writable else None,
        )

    def _restart(self, session: SqlSession) -> None:
        _roll_back(session)
        session.connection.execute(self._begin, prepare=False)

    @contextmanager
    def _apart(self) -> Iterator[SqlSession]:
        connection = self._connections.begun("apart", self._begin_apart)
        session = self._session(connection, writable=True)
        try:
            yield session
            _commit(session)
        finally:
            session.lifetime.end()
            _roll_back(session)

    def _retry(self, attempt: Callable[[], T]) -> T:
        until = time.monotonic() + self._timeout
        while True:
            try:
                return attempt()
            except self._connections.driver.OperationalError as error:
                again = sqlstate(error) in _AGAIN or self._connections.lost(error)
                if not again or time.monotonic() > until:
                    raise
                time.sleep(random.uniform(0.001, 0.02))  # noqa: S311  # no secret

    def _bring_forward(self) -> None:
        connection = self._connections.get("writer")
        version = installed_version(connection.cursor(), self._statements)
        check_version(version)
        if version == NEWEST:
            return
        try:
            self._migrate(connection)
        except self._connections.driver.Error as error:
            if sqlstate(error) not in _MADE_BY_ANOTHER:
                raise
            self._migrate(connection)  # another made the tables meanwhile: nothing is left to do

    def _migrate(self, connection: Any) -> None:
        cursor = connection.cursor()
        with connection.transaction():
            if self._schema is not None:
                cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')
            now = self._clock.now()
            migrate(cursor, "postgresql", self._statements, self._prefix, now, schema=self._schema)


def _commit(session: SqlSession) -> None:
    connection = session.connection
    if connection.info.transaction_status.name == "INERROR":  # COMMIT would roll back silently
        message = (
            "a statement failed and its error was not left to an atomic block of its own, so that "
            "nothing can be kept: wrap what may fail in work.atomic(), and catch outside of it"
        )
        raise UsageError(message)
    try:
        connection.execute("COMMIT")
    except Exception as error:
        if connection.closed:
            message = "the connection was lost during COMMIT: look whether the work is there"
            raise CommitOutcomeUnknownError(message) from error
        raise


def _roll_back(session: SqlSession) -> None:
    connection = session.connection
    if not connection.closed and connection.info.transaction_status.name != "IDLE":
        connection.execute("ROLLBACK")
