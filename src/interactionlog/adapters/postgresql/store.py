"""The store in a PostgreSQL database, which needs the extra ``postgres``, and the drivers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from interactionlog.adapters.sql.relations import Contacts, HostRecords, Salespeople, Told, Users
from interactionlog.adapters.sql.rows import bind
from interactionlog.adapters.sql.schema import NEWEST, installed_version, migrate
from interactionlog.adapters.sql.session import ENDED, FAILED, Row, SqlSession
from interactionlog.adapters.sql.store import SqlStore, unknown_outcome
from interactionlog.adapters.tables import ALL
from interactionlog.arguments import judged
from interactionlog.clock import Clock
from interactionlog.errors import CommitOutcomeUnknownError, StorageError, UsageError, extra

_INSERT = re.compile(r"INSERT INTO (\S+) \((.*?)\)\s*VALUES", re.DOTALL)
COPIED_FROM = 20
"""So many rows are copied; fewer are inserted one by one, which can tell a taken key softly."""


def sqlstate(error: BaseException) -> str:
    """Return the code of a server's error; empty for what is no server's error."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""


_PASSING = ("08", "40", "42501", "53", "55", "57")
"""Codes of errors of a connection, a lock, a limit or a right: nothing stored is the reason."""

_ENDS = {"3B001": ENDED, "25P01": ENDED, "25P02": FAILED}
"""What became of a transaction in which a savepoint cannot be run, by code."""

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

    @staticmethod
    def in_transaction(connection: Any) -> object:  # noqa: ARG004
        return False

    def numbered(self, numbers: Sequence[int]) -> Sequence[object]:
        """Give what the first one follows, and an array only if others drew in between."""
        apart = () if isinstance(numbers, range) else numbers
        return f"{{{','.join(map(str, apart))}}}", numbers[0] - 1

    def fetch(self, cursor: Any) -> Iterable[Row]:
        """Give the rows at once: they have arrived, and iterating asks for each in Python."""
        return cursor.fetchall()  # type: ignore[no-any-return]

    def insert(self, cursor: Any, statement: str, rows: Sequence[Row]) -> bool:
        text = f"{statement}\nON CONFLICT DO NOTHING"
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

        tables = [each.name for each in ALL if each.only in {"", self.dialect}]
        found = asked(" UNION ALL ".join(named[f"indexes_of_{name}"] for name in tables))
        count = " UNION ALL ".join(text for *_, text in found).replace("$tenant", "%s")

        def counted(settings: Sequence[str]) -> dict[object, object]:
            asked(named["set_planner"], *settings)
            return dict(asked(count, *[session.tenant] * len(found)))

        by_table, by_index = counted(_BY_TABLE), counted(_BY_INDEX)
        asked(named["set_planner"], *before)
        for oid, name, valid, _ in found:
            if not valid or by_table[oid] != by_index[oid]:
                yield f"index {name} is damaged: REINDEX it"

    def is_duplicate(self, error: BaseException) -> bool:
        return sqlstate(error) == "23505"

    def is_operational(self, error: BaseException) -> bool:
        if not hasattr(error, "sqlstate") and not hasattr(error, "pgcode"):
            return False  # it is no driver's
        return not sqlstate(error) or sqlstate(error).startswith(_PASSING)

    def end_of(self, error: BaseException) -> str | None:
        return _ENDS.get(sqlstate(error))


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

    @staticmethod
    def in_transaction(connection: Any) -> object:
        """Say whether a transaction is open; in a pipeline no statement would say what it did."""
        if connection.pgconn.pipeline_status:
            raise UsageError("the connection is in a pipeline: open it before or after the block")
        return connection.pgconn.transaction_status

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

    @staticmethod
    def in_transaction(connection: Any) -> object:
        return connection.get_transaction_status()

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


OLDEST_SERVER = 13
_AGAIN = frozenset({"40001", "40P01"})
_UNPROVEN = ("08", "57P", "58", "XX")
"""Codes of errors after which a transaction may have been committed."""


_MADE_BY_ANOTHER = frozenset({"23505", "42P06", "42P07"})
LACKING = "which has not every letter: make one with ENCODING 'UTF8'"


def lacks_letters(encoding: str | None) -> bool:
    """Say whether a database refuses some letters; SQL_ASCII takes all, a proxy may not tell."""
    return encoding not in {"UTF8", "SQL_ASCII", None}


class PostgresStore(SqlStore):
    """
    Contacts, segments, numbers and the log in a PostgreSQL database; tables are made when missing.

    A store may be shared by threads; it keeps connections per thread until `close`. A unit of work
    belongs to the thread that opened it.

    Args:
        conninfo: Where the database is: ``postgresql://…`` or ``host=… dbname=…``.
        tenant: First part of every key; one database may serve many tenants.
        schema: Where the tables lie, made when missing; ``None`` uses the search path.
        contacts, salespeople, users, consents: Relations in this database, or directories; ``None``
            uses the library's tables.
        clock: Where time comes from; the machine's by default.
        hooks: Objects with methods of the hook protocols.
        isolation_level: Of units of work that write; reading ones always see one snapshot.
        prefix: Begins the name of every table.
        timeout: Seconds to wait for another writer, then the driver's error; `run` tries so long.
        prepare_threshold: Uses of a statement until it is prepared; ``None`` never prepares, as
            proxies that share connections between transactions need it.
        counters: Where connections come from that draw numbers with gaps allowed, each while its
            thread holds another one: a proxy with one pool for both stands still when all threads
            draw at once. ``None`` uses ``conninfo``.

    Raises:
        UsageError: psycopg is not installed.
        StorageError: The server is older than version 13, the schema is newer than this release, or
            the encoding of the database has not every letter.
    """

    _driver = PSYCOPG
    _pause = (0.001, 0.02)

    @judged
    def __init__(
        self,
        conninfo: str,
        *,
        tenant: str = "",
        contacts: Contacts | None = None,
        salespeople: Salespeople | None = None,
        users: Users | None = None,
        consents: Told | None = None,
        schema: str | None = None,
        clock: Clock | None = None,
        hooks: Sequence[object] = (),
        isolation_level: Literal[
            "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"
        ] = "READ COMMITTED",
        prefix: str = "interactionlog_",
        timeout: float = 10.0,
        prepare_threshold: int | None = 5,
        counters: str | None = None,
    ) -> None:
        self._psycopg = extra("psycopg", "postgres", "PostgresStore")
        self._errors = self._psycopg.Error  # a time limit that ends a session is no operational one
        self._conninfo, self._counters = conninfo, counters or conninfo
        self._prepare_threshold = prepare_threshold
        # in which the driver reads dates, whatever the database or the role has
        style = "; SET LOCAL datestyle = ISO"
        # waiting for a lock ends with the driver's error, as on SQLite
        limit = f"{style}; SET LOCAL lock_timeout = {max(1, round(timeout * 1000))}"
        self._beginnings = {
            "writer": f"BEGIN ISOLATION LEVEL {isolation_level}{limit}",
            "reader": f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY{style}",
            "own_transaction": f"BEGIN ISOLATION LEVEL READ COMMITTED{limit}",
        }
        records = HostRecords(contacts, salespeople, users, consents)
        super().__init__(
            tenant, clock, hooks, prefix=prefix, timeout=timeout, schema=schema, records=records
        )

    def _begin(self, connection: Any, role: str) -> None:
        connection.execute(self._beginnings[role], prepare=False)

    def _begun(self, role: str) -> Any:
        try:
            return super()._begun(role)
        except self._errors:
            _, connection = getattr(self._mine, role, (0, None))
            if connection is None or not connection.closed:
                raise
            return super()._begun(role)  # lost while nobody used it: nothing is undone

    def _commit(self, session: SqlSession) -> None:
        session.check_transaction()
        connection = session.connection
        if connection.info.transaction_status.name == "INERROR":  # COMMIT would roll back silently
            raise UsageError(FAILED)
        try:
            connection.execute("COMMIT")
        except Exception as error:
            refused = sqlstate(error) and not sqlstate(error).startswith(_UNPROVEN)
            if refused and not connection.closed:
                raise  # the server says that it rolled back
            raise unknown_outcome(error) from error

    @contextmanager
    def _own_transaction(self) -> Iterator[SqlSession]:
        connection = self._begun("own_transaction")
        session = SqlSession(
            connection, self._statements, self._tenant, driver=PSYCOPG, writable=True
        )
        try:
            yield session
            self._commit(session)
        except CommitOutcomeUnknownError as error:
            raise error.__cause__ or error from None  # a number is missing at most
        finally:
            session.lifetime.close()
            self._roll_back(session)

    def _is_busy(self, connection: Any) -> bool:
        return not connection.closed and connection.info.transaction_status.name != "IDLE"

    def _passes(self, error: Any) -> bool:
        mine = vars(self._mine)
        lost = [role for role, (_, connection) in mine.items() if connection.closed]
        for role in lost:  # it is replaced when it is asked for again
            del mine[role]
        state = sqlstate(error)
        return bool(lost) or state in _AGAIN or state.startswith(("08", "57P"))

    def _connect(self, role: str) -> Any:
        connection = self._psycopg.connect(
            self._counters if role == "own_transaction" else self._conninfo,
            autocommit=True,
            client_encoding="UTF8",
            prepare_threshold=self._prepare_threshold,
        )
        self._keep(connection)
        version = connection.info.server_version // 10_000
        if version < OLDEST_SERVER:
            message = f"PostgreSQL {version} is too old: {OLDEST_SERVER} or newer is needed"
            raise StorageError(message)
        if lacks_letters(encoding := connection.info.parameter_status("server_encoding")):
            raise StorageError(f"the database is in {encoding}, {LACKING}")
        return connection

    def _bring_forward(self) -> None:
        connection = self._connection("writer")
        place = ("postgresql", self._prefix, self._schema)
        if installed_version(connection.cursor(), *place) == NEWEST:
            return
        try:
            self._migrate(connection)
        except self._psycopg.Error as error:
            if sqlstate(error) not in _MADE_BY_ANOTHER:
                raise
            self._migrate(connection)  # another made the tables meanwhile: nothing is left to do

    def _migrate(self, connection: Any) -> None:
        cursor = connection.cursor()
        with connection.transaction():
            if self._schema is not None:
                cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')
            migrate(cursor, "postgresql", self._clock.now(), self._prefix, self._schema)


def has_tables(conninfo: str) -> bool:
    """Say whether a database holds the tables; what is wrong with it the server says."""
    psycopg = extra("psycopg", "postgres", "PostgresStore")
    with psycopg.connect(conninfo, autocommit=True, client_encoding="UTF8") as connection:
        return installed_version(connection.cursor(), "postgresql") > 0
