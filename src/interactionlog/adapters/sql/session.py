"""Statements by name, inside one transaction of one connection."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from threading import get_ident
from typing import Any, Protocol

from interactionlog.adapters.sql.relations import NO_RELATIONS, Relations, let_fold
from interactionlog.adapters.sql.rows import STORED, from_row
from interactionlog.adapters.sql.statements import assigning
from interactionlog.adapters.tables import Table, readable
from interactionlog.adapters.unit_of_work import Lifetime, take_back
from interactionlog.errors import DuplicateEntryError, UsageError
from interactionlog.unit_of_work import by_thousands

Connection = Any
"""An open connection of any driver: drivers share no base class."""
Cursor = Any
Row = tuple[Any, ...]


class _Ran(Protocol):
    """A cursor after its statement."""

    rowcount: int
    fetchone: Callable[[], Row | None]
    fetchall: Callable[[], list[Row]]


class Driver(Protocol):
    """
    A database with one of its drivers.

    Attributes:
        dialect: Folder of the adapter with its own statements and schema.
        native: Flags and money are stored as such, not as whole numbers.
        one_writer: One transaction writes at a time.
    """

    dialect: str
    native: bool
    one_writer: bool

    def cursor(self, connection: Connection) -> Cursor:
        """Return a cursor that a host's settings do not reach."""

    def in_transaction(self, connection: Connection) -> object:
        """Say whether a transaction is open, failed or not; no when the connection cannot say."""

    def bind(self, value: object) -> object:
        """Turn one value into what the driver stores."""

    def numbered(self, numbers: Sequence[int]) -> Sequence[object]:
        """Turn rising numbers into the parameters of which ``{number_of_line}`` takes the nth."""

    def fetch(self, cursor: Cursor) -> Iterable[Row]:
        """Give all rows of a statement that ran, in the way that is fastest here."""

    def insert(self, cursor: Cursor, statement: str, rows: Sequence[Row]) -> bool:
        """Insert finished rows; ``False`` when a key is taken and the transaction still serves."""

    def damage(self, session: SqlSession) -> Iterable[str]:
        """Give what the database itself says against its pages and indexes."""
        ...

    def is_duplicate(self, error: BaseException) -> bool:
        """Say whether an error of the driver is a key that is taken."""

    def is_operational(self, error: BaseException) -> bool:
        """Say whether an error of the driver tells nothing of what is stored: a limit or a lock."""

    def end_of(self, error: BaseException) -> str | None:
        """Tell how the transaction ended, of an error of the driver on running a savepoint."""


NOT = "-"
"""Before the name of a condition: it must not hold, as it does not of what is not set."""
_WHOLE = "transaction"
"""In place of a savepoint's name: the block is the transaction, from its very beginning."""

ENDED = "the transaction was ended inside the block, or blocks did not end last in, first out"
FAILED = (
    "a statement failed outside of an atomic block that takes it back, so that nothing can be "
    "kept: wrap what may fail in work.atomic(), and catch outside of it"
)
_GONE = (
    "the transaction was ended inside the block, by its owner or by the database (is the disk "
    "full?), or what failed could not be taken back; nothing more is kept"
)

_savepoints = itertools.count(1)
"""Names differ between all units of work, so that blocks that end out of order are found."""


def json_list(values: Collection[object]) -> str:
    """Turn a list into the one parameter that a statement unfolds."""
    return json.dumps(sorted(values), ensure_ascii=False)


def parts(values: Collection[Any]) -> Iterator[Sequence[Any]]:
    """Give the values, each once and in order, in lists of at most 1,000."""
    return by_thousands(sorted({*values}))


@lru_cache(maxsize=512)
def _joined(base: str, conditions: tuple[str, ...], tail: str) -> str:
    """Join constant texts, so that equal questions have one statement."""
    return "\n".join([base, *(f"AND {condition}" for condition in conditions), tail])


class SqlSession:
    """
    The transaction of one unit of work.

    Args:
        connection: An open connection inside a transaction; it is neither committed nor closed.
        statements: Texts by name, for this driver.
        tenant: First part of every key.
        driver: What speaks to the connection.
        writable: ``False`` refuses to write.
        restart: Takes the transaction back and begins it again; ``None`` where that is not for the
            unit of work to do. With it no other unit of work is nested in this one on the same
            connection: names of savepoints repeat, and the driver's cache of statements serves.
        own_transaction: Opens a separate transaction beside this one, where that is possible.
        relations: What a host keeps in the same database.
    """

    def __init__(
        self,
        connection: Connection,
        statements: Mapping[str, str],
        tenant: str,
        *,
        driver: Driver,
        writable: bool,
        restart: Callable[[SqlSession], object] | None = None,
        own_transaction: Callable[[], AbstractContextManager[SqlSession]] | None = None,
        relations: Relations = NO_RELATIONS,
    ) -> None:
        self.relations = relations
        self.lifetime: Lifetime = Lifetime(writable=writable)
        self.tenant = tenant
        self.statements = statements
        self.driver = driver
        self.own_transaction = own_transaction
        self._bind = driver.bind
        self._restart = restart
        self._untouched = restart is not None  # nothing was read or written yet
        self.connection = connection
        # one for all statements: they are over when they return
        self.cursor: Any = driver.cursor(connection)
        # SQLite keeps the snapshot, whatever ends the transaction, while a statement has rows left
        self.lifetime.opened.add(self.cursor)
        if relations != NO_RELATIONS and not driver.native:
            let_fold(self)
        self._blocks: list[str] = []
        self.undone: int = 0  # blocks rolled back: what was read before may be wrong since
        # SQLite ends a transaction itself when the disk is full, and then keeps each statement;
        # drivers of PostgreSQL begin another one when the owner has ended it, and nobody ends that
        self._in_transaction = driver.in_transaction
        self._may_vanish = bool(driver.in_transaction(connection))

    def check_transaction(self) -> None:
        """Raise `UsageError` when the database has ended the transaction, now or before."""
        if self._is_gone():
            self.lifetime.end(_GONE)
        if self.lifetime.reader != get_ident():
            self.lifetime.check()

    def _is_gone(self) -> bool:
        return self._may_vanish and not self._in_transaction(self.connection)

    def _run(self, text: str, parameters: Sequence[object]) -> _Ran:
        if self.lifetime.reader != get_ident():
            self.lifetime.check()
        if self._may_vanish and not self._in_transaction(self.connection):
            self.check_transaction()
        self._untouched = False
        self.cursor.execute(text, parameters)
        return self.cursor  # type: ignore[no-any-return]

    def _write(self, text: str, parameters: Sequence[object]) -> _Ran:
        if self.lifetime.writer != get_ident():
            self.lifetime.check_write()
        return self._run(text, parameters)

    def _bound(self, first: Sequence[object], values: Sequence[object]) -> Sequence[object]:
        parameters = (*first, self.tenant, *values)
        # mostly there is nothing to turn, and that is seen without a call for each
        if STORED.issuperset(map(type, parameters)):
            return parameters
        return tuple(map(self._bind, parameters))

    def rows(self, name: str, *values: object, first: Sequence[object] = ()) -> list[Row]:
        """
        Return the rows of a reading statement.

        The tenant is its first parameter, after those in ``first``.
        """
        return self._fetched(self.statements[name], self._bound(first, values))

    def rows_of_many(self, name: str, many: Collection[Any], *values: object) -> Iterator[Row]:
        """Give the `rows` of a statement whose first parameter is a list, for 1,000 at a time."""
        for some in parts(many):
            yield from self.rows(name, *values, first=(json_list(some),))

    def _fetched(self, text: str, parameters: Sequence[object]) -> list[Row]:
        try:
            return self._run(text, parameters).fetchall()
        except Exception as error:
            if str(error) != "integer overflow":  # of a sum on SQLite
                raise
        exact = text.replace("sum(cost_lcy)", self.statements["exact_cost"])
        return self._run(exact, parameters).fetchall()

    def entities(
        self, table: Table[Any], name: str, *values: object, first: Sequence[object] = ()
    ) -> list[Any]:
        """Return the `rows` of a reading statement as entities, each built from its row at once."""
        cursor = self._run(self.statements[name], self._bound(first, values))
        return list(map(from_row(table), self.driver.fetch(cursor)))

    def entities_where(
        self, table: Table[Any], conditions: Sequence[str], tail: str, *values: object
    ) -> list[Any]:
        """Return the records of a table that meet conditions, which stand here as texts."""
        text = _joined(self.statements[f"where_{table.name}"], tuple(conditions), tail)
        cursor = self._run(text, self._bound((), values))
        return list(map(from_row(table), self.driver.fetch(cursor)))

    def stream(self, name: str) -> Iterator[Row]:
        """Give the rows of a statement whose only parameter is the tenant, a page at a time."""
        if self.lifetime.reader != get_ident():
            self.lifetime.check()
        self._untouched = False
        cursor = self.driver.cursor(self.connection)
        self.lifetime.opened.add(cursor)
        try:
            cursor.execute(self.statements[name], (self.tenant,))
            while page := cursor.fetchmany(1_000):
                yield from page
                self.lifetime.check()
        finally:
            self.lifetime.opened.discard(cursor)

    def row(self, name: str, *values: object) -> Row | None:
        """Return the first row of a reading statement that has few, or ``None``."""
        rows = self.rows(name, *values)
        return rows[0] if rows else None

    def shared(self, name: str, *values: object) -> list[Row]:
        """Return the rows of a statement about what no tenant has for itself."""
        return self._run(self.statements[name], values).fetchall()

    def values(self, name: str, *values: object) -> set[Any]:
        """Return what the only column of a reading statement holds."""
        return {value for (value,) in self.rows(name, *values)}

    def rows_where(
        self, name: str, conditions: Sequence[str], tail: str, *values: object
    ) -> list[Row]:
        """Return the rows of a statement narrowed by named conditions and ended by a named text."""
        text = self._narrowed(name, conditions, tail)
        return self._fetched(text, self._bound((), values))

    def change_where(
        self, name: str, first: Sequence[object], conditions: Sequence[str], *values: object
    ) -> int:
        """Run a writing statement narrowed by named conditions; return the number of rows."""
        text = self._narrowed(name, conditions, "")
        return self._write(text, self._bound(first, values)).rowcount

    def _narrowed(self, name: str, conditions: Sequence[str], tail: str) -> str:
        texts = self.statements
        asked = tuple(
            texts[each] if each[0] != NOT else f"NOT coalesce({texts[each[1:]]}, false)"
            for each in conditions
        )
        return _joined(texts[name], asked, texts[tail] if tail else "")

    def change(self, name: str, *values: object, first: Sequence[object] = ()) -> int:
        """Run a writing statement, with parameters as `rows`; return the number of rows."""
        return self._write(self.statements[name], self._bound(first, values)).rowcount

    def rename(self, table: str, new: str, *key: object) -> int:
        """Give rows whose key begins with these parts another first part; return their number."""
        with self.unique(table.replace("_", " "), new):
            return self.change(f"rename_{table}_{len(key)}", *key, first=[new])

    def remove(self, table: str, *key: object) -> int:
        """Delete the rows of a table whose key begins with these parts; return their number."""
        return self.change(f"remove_{table}_{len(key)}", *key)

    def assign(
        self, name: str, columns: tuple[str, ...], *values: object, first: Sequence[object] = ()
    ) -> int:
        """`change` by a statement that sets these columns."""
        text = assigning(self.statements[name], columns, self.statements["mark"])
        return self._write(text, self._bound(first, values)).rowcount

    @contextmanager
    def unique(self, record: str, *key: object) -> Iterator[None]:
        """
        Open a block that is rolled back when it fails; the transaction goes on.

        Raises:
            DuplicateEntryError: A unique key is taken; the error has these words.
        """
        self.savepoint()
        try:
            yield
            self.release()
        except BaseException as error:
            take_back(self.rollback_to, error)
            if self.driver.is_duplicate(error):
                raise DuplicateEntryError(record, readable(key)) from error
            raise

    def returning_all(self, name: str, *values: object) -> list[Row]:
        """Run a writing statement that returns rows."""
        return self._write(self.statements[name], self._bound((), values)).fetchall()

    def returning(self, name: str, *values: object) -> Row | None:
        """Run a writing statement that returns a row; ``None`` when it changed nothing."""
        rows = self.returning_all(name, *values)
        return rows[0] if rows else None

    def add(self, name: str, rows: Sequence[Row], record: str, *key: object) -> None:
        """Insert finished rows; a taken key becomes `DuplicateEntryError` with these words."""
        if self.lifetime.writer != get_ident():
            self.lifetime.check_write()
        self.check_transaction()
        self._untouched = False
        try:
            added = self.driver.insert(self.cursor, self.statements[name], rows)
        except Exception as error:
            if self.driver.is_duplicate(error):
                raise DuplicateEntryError(record, readable(key)) from error
            raise
        if not added:
            raise DuplicateEntryError(record, readable(key))

    def add_selected(
        self,
        name: str,
        conditions: Sequence[str],
        tail: str,
        *values: object,
        first: Sequence[object],
        record: str,
        key: str,
    ) -> int:
        """Insert what a narrowed statement selects, like `add`; return the number of rows."""
        text = self._narrowed(name, conditions, tail)
        try:
            return self._write(text, self._bound(first, values)).rowcount
        except Exception as error:
            if self.driver.is_duplicate(error):
                raise DuplicateEntryError(record, key) from error
            raise

    @property
    def in_atomic(self) -> bool:
        """Whether a service is writing: it opened a block inside that of the unit of work."""
        return len(self._blocks) > (self._restart is None)

    def savepoint(self) -> None:
        if self._untouched:  # then the whole transaction is the block: a number drawn needs no more
            self._blocks.append(_WHOLE)
            return
        self.check_transaction()
        number = next(_savepoints) if self._restart is None else len(self._blocks)
        name = f"interactionlog_{number}"
        self._run_savepoint(f"SAVEPOINT {name}")
        if not self._blocks:  # it may have begun the transaction, as drivers of PostgreSQL do
            self._may_vanish = bool(self._in_transaction(self.connection))
        self._blocks.append(name)

    def _run_savepoint(self, text: str) -> None:
        try:
            self.cursor.execute(text)
        except Exception as error:
            end = self.driver.end_of(error)
            if end is None:
                raise
            raise UsageError(end) from error

    def release(self) -> None:
        """
        Keep what the innermost block did.

        Raises:
            UsageError: The block is gone: its transaction ended inside it.
        """
        name = self._blocks[-1]
        self.check_transaction()
        if name is not _WHOLE:
            self._run_savepoint(f"RELEASE {name}")
        self._blocks.pop()

    def abandon(self) -> None:
        """Take back what the outermost block did, with all blocks inside it, and end it."""
        del self._blocks[1:]
        self.rollback_to()

    def rollback_to(self) -> None:
        self.undone += 1
        name = self._blocks.pop()
        try:
            if name is not _WHOLE:
                if self._is_gone():  # the statement would begin another transaction, and fail it
                    raise UsageError(ENDED)
                self.cursor.execute(f"ROLLBACK TO {name}")
                self.cursor.execute(f"RELEASE {name}")
            elif self._restart is not None:  # there is no such block without it
                self._restart(self)
                self._untouched = True
        except BaseException:
            self.lifetime.end(_GONE)  # what the block did is still there, or is kept at once
            raise
