"""The driver of the standard library, as the session sees it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from interactionlog.adapters.sql.rows import bind

_TAKEN = frozenset({"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"})


class SqliteDriver:
    """`interactionlog.adapters.sql.session.Driver` over `sqlite3`."""

    dialect = "sqlite"
    native = False
    one_writer = True
    bind = staticmethod(bind)

    def cursor(self, connection: Any) -> sqlite3.Cursor:
        """Return a new cursor: a host's cursor class and row factory stay outside."""
        cursor = sqlite3.Connection.cursor(connection)
        cursor.row_factory = None
        return cursor

    def numbered(self, numbers: Sequence[int]) -> object:
        """Give what the first one follows: one transaction draws at a time, without a gap."""
        return numbers[0] - 1

    def masks(self, masks: Sequence[int]) -> object:
        """Write ten digits for each."""
        return b"".join(map(b"%010d".__mod__, masks))

    def fetch(self, cursor: Any) -> Iterable[tuple[Any, ...]]:
        """Give the rows one by one: none is kept longer than it is needed."""
        return cursor  # type: ignore[no-any-return]

    def insert(self, cursor: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        cursor.executemany(statement, rows)
        return True

    def damage(self, session: Any) -> Iterator[str]:
        """Give what SQLite says against its pages and indexes."""
        for (said,) in session.connection.execute("PRAGMA integrity_check(20)").fetchall():
            if said != "ok":
                yield f"the database file is damaged: {said}"

    def is_duplicate(self, error: BaseException) -> bool:
        return getattr(error, "sqlite_errorname", "") in _TAKEN

    def is_gone(self, error: BaseException) -> bool:
        return "no such savepoint" in str(error)


class ForeignSqliteDriver(SqliteDriver):
    """The same over a connection that only behaves like one of `sqlite3`."""

    def cursor(self, connection: Any) -> Any:
        """Return a cursor as the connection gives it."""
        return connection.cursor()


SQLITE = SqliteDriver()
