"""The store in a SQLite file of its own."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from interactionlog.adapters.sql.schema import NEWEST, check_version, installed_version, migrate
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.sql.statements import load
from interactionlog.adapters.sql.unit_of_work import SqlUnitOfWork
from interactionlog.adapters.sqlite.driver import SQLITE
from interactionlog.adapters.unit_of_work import Block, OwnedStore
from interactionlog.clock import Clock
from interactionlog.errors import StorageError, UsageError

OLDEST_SQLITE = (3, 35)
_HEADER = b"SQLite format 3\x00"
_FINDINGS = {
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database",
}
T = TypeVar("T")


class SqliteStore(OwnedStore):
    """
    Contacts, segments, numbers and the log in one SQLite file; made with its tables when missing.

    A store may be shared by threads; it keeps one connection per thread until `close`. A unit of
    work belongs to the thread that opened it.

    Args:
        path: The file. There is no shared ``:memory:`` database: `MemoryStore` is for that.
        tenant: First part of every key; one file may serve many tenants.
        clock: Where time comes from; the machine's by default.
        hooks: Objects with methods of the hook protocols.
        synchronous: ``FULL`` survives a power cut, ``NORMAL`` may lose the last commits in one.
        prefix: Begins the name of every table.
        timeout: Seconds to wait for another writer, then the driver's "database is locked".

    Raises:
        StorageError: The file is not a database, is read-only or has a newer schema.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        tenant: str = "",
        clock: Clock | None = None,
        hooks: Sequence[object] = (),
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        prefix: str = "interactionlog_",
        timeout: float = 10.0,
    ) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            message = f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed"
            raise StorageError(message)
        if str(path) == ":memory:":
            message = "every thread has its own connection, so a file is needed: use MemoryStore"
            raise UsageError(message)
        if synchronous not in {"FULL", "NORMAL"}:
            message = f"synchronous must be FULL or NORMAL: {synchronous!r}"
            raise UsageError(message)
        self._path = Path(path)
        super().__init__(tenant, clock, hooks)
        self._synchronous = synchronous
        self._prefix = prefix
        self._statements = load(prefix)
        self._timeout = timeout
        self._mine = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._open = True
        try:
            self._bring_forward()
        except BaseException:
            self.close()
            raise

    def begin(self, *, user_id: str) -> Block[SqlUnitOfWork]:
        return Block(partial(self._writing, user_id), keep=_commit, abandon=_roll_back)

    def read(self) -> Block[SqlUnitOfWork]:
        return Block(self._reading, keep=_commit, abandon=_roll_back)

    def close(self) -> None:
        self._open = False
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _writing(self, user_id: str) -> SqlUnitOfWork:
        connection = self._connection("writer")
        session = SqlSession(
            connection,
            self._statements,
            self._tenant,
            driver=SQLITE,
            writable=True,
            restart=self._restart,
        )
        work = SqlUnitOfWork(session, clock=self._clock, user_id=user_id, hooks=self._hooks)
        self._retry(session.cursor.execute, "BEGIN IMMEDIATE")
        return work

    def _reading(self) -> SqlUnitOfWork:
        connection = self._connection("reader")
        session = SqlSession(
            connection, self._statements, self._tenant, driver=SQLITE, writable=False
        )
        work = SqlUnitOfWork(session, clock=self._clock, user_id=None, hooks=self._hooks)
        connection.execute("BEGIN")
        return work

    def _restart(self, session: SqlSession) -> None:
        _roll_back(session)
        self._retry(session.cursor.execute, "BEGIN IMMEDIATE")

    def _retry(self, attempt: Callable[..., T], *arguments: object) -> T:
        # the built-in busy handler starves waiting processes; a short random pause is fair
        until = time.monotonic() + self._timeout
        while True:
            try:
                return attempt(*arguments)
            except sqlite3.DatabaseError as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the kind, without its detail
                if code in _FINDINGS:
                    message = f"{self._path} {_FINDINGS[code]}"
                    raise StorageError(message) from error
                busy = code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
                if not busy or time.monotonic() > until:
                    raise
                time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311  # no secret

    def _connection(self, role: Literal["writer", "reader"]) -> sqlite3.Connection:
        if not self._open:
            message = "the store is closed"
            raise UsageError(message)
        kept: tuple[int, sqlite3.Connection] | None = getattr(self._mine, role, None)
        if kept is None or kept[0] != os.getpid():  # a connection does not survive a fork
            kept = (os.getpid(), self._connect(role))
            setattr(self._mine, role, kept)
        if kept[1].in_transaction:
            message = "a unit of work is open in this thread already: pass it on instead"
            raise UsageError(message)
        return kept[1]

    def _connect(self, role: Literal["writer", "reader"]) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=0, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            message = f"{self._path} cannot be opened: {error}"
            raise StorageError(message) from error
        self._connections.append(connection)
        self._retry(connection.execute, f"PRAGMA synchronous = {self._synchronous}")
        # contacts in random order touch every leaf of an index: SQLite's 2 MB are too few for that
        connection.execute("PRAGMA cache_size = -8192")
        if role == "reader":
            connection.execute("PRAGMA query_only = ON")
        return connection

    def _refuse_other_files(self) -> None:
        # SQLite takes a short file of another kind for an empty database, and writes over it
        try:
            with self._path.open("rb") as file:
                begin = file.read(len(_HEADER))
        except OSError:
            return  # there is no file, or opening the database says what is wrong with it
        if begin not in {b"", _HEADER}:
            message = f"{self._path} is not a SQLite database"
            raise StorageError(message)

    def _bring_forward(self) -> None:
        self._refuse_other_files()
        connection = self._connection("writer")
        version = self._retry(installed_version, connection.cursor(), self._statements)
        check_version(version)
        self._retry(connection.execute, "PRAGMA journal_mode = WAL")
        if version == NEWEST:
            return
        self._retry(connection.execute, "BEGIN IMMEDIATE")
        try:
            cursor = connection.cursor()
            migrate(cursor, "sqlite", self._statements, self._prefix, self._clock.now())
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _commit(session: SqlSession) -> None:
    session.cursor.execute("COMMIT")


def _roll_back(session: SqlSession) -> None:
    if session.connection.in_transaction:
        session.connection.execute("ROLLBACK")
