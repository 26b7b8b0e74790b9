"""Statements by name, inside one transaction of one connection."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from interactionlog.adapters.session import Lifetime
from interactionlog.adapters.sql.rows import bind
from interactionlog.errors import DuplicateEntryError, UsageError

__all__ = ["SqlSession", "json_list"]

_savepoints = itertools.count(1)
"""Names differ between all units of work, so that blocks that end out of order are noticed."""

Row = tuple[Any, ...]


def json_list(values: Collection[object]) -> str:
    """Turn a list into the one parameter that a statement unfolds."""
    return json.dumps(sorted(values), ensure_ascii=False)


@lru_cache(maxsize=512)
def _joined(base: str, conditions: tuple[str, ...], tail: str) -> str:
    """Join constant texts, so that equal questions have one statement."""
    return "\n".join([base, *(f"AND {condition}" for condition in conditions), tail])


class SqlSession:
    """
    The transaction of one unit of work.

    Args:
        connection: An open connection inside a transaction; it is neither committed nor closed.
        statements: Texts by name.
        tenant: First part of every key.
        writable: ``False`` refuses to write.
        alone: No other unit of work is nested in this one on the same connection; then the names
            of savepoints repeat, and the driver's cache of statements serves.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        statements: Mapping[str, str],
        tenant: str,
        *,
        writable: bool,
        alone: bool = False,
    ) -> None:
        self.lifetime = Lifetime(writable=writable)
        self.tenant = tenant
        self.statements = statements
        self._connection = connection
        self._alone = alone
        self._blocks: list[str] = []
        # for statements that are over when they return; a new cursor for each doubles their cost
        self._own = self._cursor()

    def _cursor(self) -> sqlite3.Cursor:
        # a host's own cursor class and row factory stay outside
        cursor = sqlite3.Connection.cursor(self._connection)
        cursor.row_factory = None
        return cursor

    def rows(self, name: str, *values: object) -> list[Row]:
        """Return the rows of a reading statement; the tenant is its first parameter."""
        self.lifetime.check()
        values = (self.tenant, *map(bind, values))
        return self._own.execute(self.statements[name], values).fetchall()

    def row(self, name: str, *values: object) -> Row | None:
        """Return the first row of a reading statement, or ``None``."""
        self.lifetime.check()
        cursor = self._cursor().execute(self.statements[name], (self.tenant, *map(bind, values)))
        row: Row | None = cursor.fetchone()
        cursor.close()
        return row

    def rows_where(
        self, name: str, conditions: Sequence[str], tail: str, *values: object
    ) -> list[Row]:
        """Return the rows of a statement narrowed by named conditions and ended by a named text."""
        self.lifetime.check()
        return (
            self._cursor()
            .execute(self._narrowed(name, conditions, tail), (self.tenant, *map(bind, values)))
            .fetchall()
        )

    def change_where(
        self, name: str, first: Sequence[object], conditions: Sequence[str], *values: object
    ) -> int:
        """Run a writing statement narrowed by named conditions; return the number of rows."""
        self.lifetime.check_write()
        parameters = (*map(bind, first), self.tenant, *map(bind, values))
        return self._cursor().execute(self._narrowed(name, conditions, ""), parameters).rowcount

    def _narrowed(self, name: str, conditions: Sequence[str], tail: str) -> str:
        texts = self.statements
        return _joined(
            texts[name], tuple(texts[each] for each in conditions), texts[tail] if tail else ""
        )

    def change(self, name: str, *values: object) -> int:
        """Run a writing statement with these parameters; return the number of rows."""
        self.lifetime.check_write()
        return self._own.execute(self.statements[name], tuple(map(bind, values))).rowcount

    def returning(self, name: str, *values: object) -> Row | None:
        """Run a writing statement that returns a row; ``None`` when it changed nothing."""
        self.lifetime.check_write()
        cursor = self._cursor().execute(self.statements[name], tuple(map(bind, values)))
        row: Row | None = cursor.fetchone()
        cursor.close()
        return row

    def add(self, name: str, rows: Iterable[Row], record: str, key: str) -> None:
        """Insert finished rows; a taken key becomes `DuplicateEntryError` with these words."""
        self.lifetime.check_write()
        try:
            self._cursor().executemany(self.statements[name], rows)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname in {
                "SQLITE_CONSTRAINT_PRIMARYKEY",
                "SQLITE_CONSTRAINT_UNIQUE",
            }:
                raise DuplicateEntryError(record, key) from error
            raise

    def savepoint(self) -> None:
        """Begin a nested block; blocks end last in, first out."""
        number = len(self._blocks) if self._alone else next(_savepoints)
        name = f"interactionlog_{number}"
        self._own.execute(f"SAVEPOINT {name}")
        self._blocks.append(name)

    def release(self) -> None:
        """
        Keep what the innermost block did.

        Raises:
            UsageError: The block is gone: its transaction ended inside it.
        """
        try:
            self._own.execute(f"RELEASE {self._blocks[-1]}")
        except sqlite3.OperationalError as error:
            if "no such savepoint" not in str(error):
                raise
            message = (
                "the transaction was ended inside the block, or blocks did not end last in, "
                "first out"
            )
            raise UsageError(message) from error
        self._blocks.pop()

    def abandon(self) -> None:
        """Take back what the outermost block did, with all blocks inside it, and end it."""
        del self._blocks[1:]
        self.rollback_to()

    def rollback_to(self) -> None:
        """Take back what the innermost block did, and end it."""
        name = self._blocks.pop()
        self._cursor().execute(f"ROLLBACK TO {name}")
        self._cursor().execute(f"RELEASE {name}")
