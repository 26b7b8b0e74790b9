"""The drivers of PostgreSQL, as the session sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from interactionlog.adapters.sql.rows import bind
from interactionlog.adapters.sql.session import Row
from interactionlog.adapters.tables import ALL

if TYPE_CHECKING:
    from interactionlog.adapters.sql.session import SqlSession

_INSERT = re.compile(r"INSERT INTO (\S+) \((.*?)\)\s*VALUES", re.DOTALL)
COPIED_FROM = 20
"""So many rows are copied; fewer are inserted one by one, which can tell a taken key softly."""


def sqlstate(error: BaseException) -> str:
    """Return the code of a server's error; empty for what is no server's error."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""


@cache
def _unless_taken(statement: str) -> str:
    return f"{statement}\nON CONFLICT DO NOTHING"


_BY_TABLE = ("on", "on", "off", "off", "off")
_BY_INDEX = ("off", "off", "on", "on", "off")
"""Settings of ``set_planner`` with which rows are counted one way or the other."""


@cache
def _copy(statement: str) -> str | None:
    found = _INSERT.match(statement)
    return None if found is None else f"COPY {found[1]} ({found[2]}) FROM STDIN"


class DbApiDriver:
    """A connection of which nothing is known but that it speaks DB-API with ``%s``."""

    dialect = "postgresql"
    native = True
    one_writer = False

    def cursor(self, connection: Any) -> Any:
        """Return a cursor as the connection gives it."""
        return connection.cursor()

    @staticmethod
    def bind(value: object) -> object:
        """Turn one value into text, a whole number, a flag, bytes or ``None``."""
        kind = type(value)
        if kind is bool:
            return value
        return str(value) if kind is Decimal else bind(value)

    def numbered(self, numbers: Sequence[int]) -> object:
        """Write an array: others may draw in between."""
        return f"{{{','.join(map(str, numbers))}}}"

    masks = numbered

    def fetch(self, cursor: Any) -> Iterable[Row]:
        """Give the rows at once: they have arrived, and iterating asks for each in Python."""
        return cursor.fetchall()  # type: ignore[no-any-return]

    def insert(self, cursor: Any, statement: str, rows: Sequence[Row]) -> bool:
        text = _unless_taken(statement)
        for row in rows:
            cursor.execute(text, row)
            if cursor.rowcount == 0:
                return False
        return True

    def damage(self, session: SqlSession) -> Iterator[str]:
        """Give indexes that are not valid, or in which a tenant has more or fewer rows."""

        def asked(text: str, *values: object) -> list[Row]:
            session.cursor.execute(text, values)
            return session.cursor.fetchall()  # type: ignore[no-any-return]

        named = session.statements
        ((isolation, *before),) = asked(named["planner"])
        if isolation == "read committed":
            return  # it would see what others write between two counts

        def counted(text: str, settings: Sequence[str]) -> object:
            asked(named["set_planner"], *settings)
            return asked(text.replace("$tenant", "%s"), session.tenant)

        for table in (each for each in ALL if each.only in {"", self.dialect}):
            for name, valid, text in asked(named[f"indexes_of_{table.name}"]):
                if not valid or counted(text, _BY_TABLE) != counted(text, _BY_INDEX):
                    yield f"index {name} is damaged: REINDEX it"
        asked(named["set_planner"], *before)

    def is_duplicate(self, error: BaseException) -> bool:
        return sqlstate(error) == "23505"

    def is_gone(self, error: BaseException) -> bool:
        return sqlstate(error) in {"3B001", "25P01"}


class PsycopgDriver(DbApiDriver):
    """`interactionlog.adapters.sql.session.Driver` over psycopg 3."""

    def cursor(self, connection: Any) -> Any:
        """Return a new cursor, with its own adapters."""
        from psycopg import Cursor  # noqa: PLC0415
        from psycopg.rows import tuple_row  # noqa: PLC0415

        cursor = Cursor(connection, row_factory=tuple_row)
        for kind, dumper, loaders in _adapters():
            cursor.adapters.register_dumper(kind, dumper)
            for name, loader in loaders:
                cursor.adapters.register_loader(name, loader)
        return cursor

    def insert(self, cursor: Any, statement: str, rows: Sequence[Row]) -> bool:
        """Copy many rows, insert few."""
        text = _copy(statement) if len(rows) >= COPIED_FROM else None
        if text is None:
            return super().insert(cursor, statement, rows)
        with cursor.copy(text) as copy:
            for row in rows:
                copy.write_row(row)
        return True


@cache
def _adapters() -> list[tuple[type, Any, list[tuple[str, Any]]]]:
    from psycopg.types import bool as flags  # noqa: PLC0415
    from psycopg.types import datetime as times  # noqa: PLC0415
    from psycopg.types import numeric, string  # noqa: PLC0415

    whole = [(name, numeric.IntLoader) for name in ("int2", "int4", "int8")]
    moments = [
        ("date", times.DateLoader),
        ("time", times.TimeLoader),
        ("timestamptz", times.TimestamptzLoader),
    ]
    # amounts come as text: they repeat, and `money_in` knows the text of one it has read
    return [
        (str, string.StrDumperUnknown, [("text", string.TextLoader), *moments]),
        (int, numeric.IntDumper, [*whole, ("numeric", string.TextLoader)]),
        (bool, flags.BoolDumper, [("bool", flags.BoolLoader)]),
        (bytes, string.BytesDumper, [("bytea", string.ByteaLoader)]),
    ]


class Psycopg2Driver(DbApiDriver):
    """`interactionlog.adapters.sql.session.Driver` over psycopg2, for hosts that use it."""

    def cursor(self, connection: Any) -> Any:
        """Return a new cursor, with its own casts."""
        from psycopg2 import extensions  # noqa: PLC0415

        cursor = extensions.cursor(connection)
        for cast in _casts():
            extensions.register_type(cast, cursor)
        return cursor

    def insert(self, cursor: Any, statement: str, rows: Sequence[Row]) -> bool:
        """Send many rows at once, insert few."""
        if len(rows) < COPIED_FROM:
            return super().insert(cursor, statement, rows)
        from psycopg2.extras import execute_batch  # noqa: PLC0415

        execute_batch(cursor, statement, rows, page_size=200)
        return True


@cache
def _casts() -> list[Any]:
    from psycopg2 import BINARY, extensions  # noqa: PLC0415

    def as_bytes(value: Any, cursor: Any) -> bytes | None:
        found = BINARY(value, cursor)
        return None if found is None else bytes(found)

    content = extensions.new_type(BINARY.values, "INTERACTIONLOG_BYTES", as_bytes)
    numbers = [extensions.INTEGER, extensions.LONGINTEGER, extensions.DECIMAL, extensions.BOOLEAN]
    moments = [extensions.PYDATE, extensions.PYTIME, extensions.PYDATETIMETZ]
    return [extensions.UNICODE, *numbers, *moments, content]


PSYCOPG = PsycopgDriver()
PSYCOPG2 = Psycopg2Driver()
