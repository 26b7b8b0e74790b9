"""The store in its own SQLite file, and the driver of the standard library."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from interactionlog.adapters.sql.relations import Contacts, HostRecords, Salespeople, Told, Users
from interactionlog.adapters.sql.rows import bind
from interactionlog.adapters.sql.schema import NEWEST, installed_version, migrate
from interactionlog.adapters.sql.session import ENDED, SqlSession
from interactionlog.adapters.sql.store import SqlStore, unknown_outcome
from interactionlog.arguments import judged
from interactionlog.clock import Clock
from interactionlog.errors import StorageError, UsageError

_TAKEN = frozenset({"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"})


class SqliteDriver:
    """`interactionlog.adapters.sql.session.Driver` over `sqlite3`."""

    dialect = "sqlite"
    native = False
    one_writer = True
    bind = staticmethod(bind)
    in_transaction: Callable[[Any], object] = staticmethod(attrgetter("in_transaction"))

    def cursor(self, connection: Any) -> sqlite3.Cursor:
        """Return a new cursor: a host's cursor class and row factory stay outside."""
        cursor = sqlite3.Connection.cursor(connection)
        cursor.row_factory = None
        return cursor

    def numbered(self, numbers: Sequence[int]) -> Sequence[object]:
        """Give what the first one follows: one transaction draws at a time, without a gap."""
        return (numbers[0] - 1,)

    def fetch(self, cursor: Any) -> Iterable[tuple[Any, ...]]:
        """Give the rows one by one: none is kept longer than it is needed."""
        return cursor  # type: ignore[no-any-return]

    def insert(self, cursor: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        cursor.executemany(statement, rows)
        return True

    def damage(self, session: Any) -> Iterator[str]:
        """Give what SQLite says against its pages and indexes."""
        session.cursor.execute("PRAGMA integrity_check(20)")
        for (said,) in session.cursor.fetchall():
            if said != "ok":
                yield f"the database file is damaged: {said}"

    def is_duplicate(self, error: BaseException) -> bool:
        return getattr(error, "sqlite_errorname", "") in _TAKEN

    def is_operational(self, error: BaseException) -> bool:
        return _code(error) in _PASSING

    def end_of(self, error: BaseException) -> str | None:
        return ENDED if "no such savepoint" in str(error) else None


class ForeignSqliteDriver(SqliteDriver):
    """The same over a connection that only behaves like one of `sqlite3`."""

    def cursor(self, connection: Any) -> Any:
        """Return a cursor as the connection gives it, but for a row factory of sqlite3."""
        cursor = connection.cursor()
        if isinstance(cursor, sqlite3.Cursor):
            cursor.row_factory = None
        return cursor

    @staticmethod
    def in_transaction(connection: Any) -> object:
        return getattr(connection, "in_transaction", False)


SQLITE = SqliteDriver()


OLDEST_SQLITE = (3, 35)
_HEADER = b"SQLite format 3\x00"
_FINDINGS = {
    sqlite3.SQLITE_READONLY: "is read-only, or its folder is, in which SQLite writes beside it",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore it from a backup",
}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PASSING = _BUSY | {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_AUTH}


def _code(error: BaseException) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the kind, without its detail


class SqliteStore(SqlStore):
    """
    Contacts, segments, numbers and the log in one SQLite file; made with its tables when missing.

    A store may be shared by threads; it keeps connections per thread until `close`, one that writes
    and one that reads. A unit of work belongs to the thread that opened it.

    Args:
        path: The file. There is no shared ``:memory:`` database: `MemoryStore` is for that.
        tenant: First part of every key; one file may serve many tenants.
        contacts, salespeople, users, consents: Relations in this database, or directories; ``None``
            uses the library's tables.
        clock: Where time comes from; the machine's by default.
        hooks: Objects with methods of the hook protocols.
        synchronous: ``FULL`` survives a power cut, ``NORMAL`` may lose the last commits in one.
        prefix: Begins the name of every table.
        timeout: Seconds to wait for another writer, then the driver's "database is locked".

    Raises:
        StorageError: The file is not a database, is read-only or has a newer schema.
    """

    _driver = SQLITE
    _pause = (0.0002, 0.002)  # the built-in busy handler starves waiting processes
    _errors = (sqlite3.DatabaseError, UnicodeDecodeError)  # the second of a damaged schema

    @judged
    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        tenant: str = "",
        contacts: Contacts | None = None,
        salespeople: Salespeople | None = None,
        users: Users | None = None,
        consents: Told | None = None,
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
        self._path = Path(path)
        self._synchronous = synchronous
        records = HostRecords(contacts, salespeople, users, consents)
        super().__init__(tenant, clock, hooks, prefix=prefix, timeout=timeout, records=records)

    def vacuum(self) -> None:
        """
        Rewrite the file, so that nothing of what was deleted is left in it, nor beside it.

        Call it after an erasure: SQLite leaves deleted content in the file until it is overwritten.
        Takes as long as copying the file, and needs as much space.

        Raises:
            UsageError: A unit of work is open in this thread.
            StorageError: Others read or write for longer than the timeout; call it again.
        """
        connection = self._connection("writer")
        self._retry(connection.execute, "VACUUM")
        until = time.monotonic() + self._timeout
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > until:
                raise StorageError(f"{self._path} is read by others: vacuum it again")
            time.sleep(self._pause[1])

    def _begin(self, connection: sqlite3.Connection, role: str) -> None:
        self._retry(connection.execute, "BEGIN IMMEDIATE" if role == "writer" else "BEGIN")

    def _commit(self, session: SqlSession) -> None:
        session.check_transaction()
        try:
            session.cursor.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if session.connection.in_transaction:
                raise  # nothing was kept, and it is rolled back
            raise unknown_outcome(error) from error

    def _is_busy(self, connection: sqlite3.Connection) -> bool:
        return connection.in_transaction

    def _finding(self, error: BaseException) -> StorageError | None:
        if not (isinstance(error, sqlite3.Error | UnicodeError) and _is_of_a_store(error)):
            return None
        words = _FINDINGS.get(_code(error))
        decoding = "decode" in str(error) and isinstance(
            error, sqlite3.OperationalError | UnicodeError
        )
        if decoding or "malformed" in str(error):  # of the schema, with any code
            words = f"is damaged: {error}"
        return None if words is None else StorageError(f"{self._path} {words}")

    def _passes(self, error: Any) -> bool:
        if finding := self._finding(error):
            raise finding from error
        return _code(error) in _BUSY

    def _connect(self, role: str) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=0, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            raise StorageError(f"{self._path} cannot be opened: {error}") from error
        self._keep(connection)
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
            raise StorageError(f"{self._path} is not a SQLite database")

    def _bring_forward(self) -> None:
        self._refuse_other_files()
        connection = self._connection("writer")
        version = self._retry(installed_version, connection.cursor(), "sqlite", self._prefix)
        self._retry(connection.execute, "PRAGMA journal_mode = WAL")
        if version == NEWEST:
            return
        self._retry(connection.execute, "BEGIN IMMEDIATE")
        try:
            migrate(connection.cursor(), "sqlite", self._clock.now(), self._prefix)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _is_of_a_store(error: BaseException) -> bool:
    """Say whether an adapter raised an error; the application opens files as well."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    name = "" if place is None else place.tb_frame.f_globals.get("__name__", "")
    return name.startswith(f"{__package__.partition('.')[0]}.adapters.")


def has_tables(path: Path) -> bool:
    """Say whether a file holds the tables; what is damaged is left to the store to say."""
    with suppress(sqlite3.Error, UnicodeError, StorageError):
        place = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(place, uri=True)) as connection:
            return installed_version(connection.cursor(), "sqlite") > 0
    return True
