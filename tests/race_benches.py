"""The stores that ship as benches of the race contract: cheap worlds, and a gate before each statement."""

from __future__ import annotations

import itertools
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import interactionlog as il
from interactionlog.adapters.postgresql.store import sqlstate
from interactionlog.testing.race_world import populate
from interactionlog.testing.races import OWN_TRANSACTION_ENDED
from postgres import new_tenant, own_database
from stores import JoinedStore, empty_database

SECONDS = {"memory": 6.0, "sqlite": 10.0, "sqlite-joined": 10.0, "postgresql": 28.0}
"""For each adapter; two minutes and a third for all seven."""
SHARES = {"dev": 0.1, "ci": 1.0}
"""For each profile, the part of these seconds it takes; another one takes all the time it needs."""


def clock() -> il.FixedClock:
    return il.FixedClock("2026-01-26T09:30")


class Gated:
    """A cursor that tells each statement before it runs it."""

    def __init__(self, cursor: Any, gate: Callable[[str], None]) -> None:
        self._cursor, self._gate = cursor, gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def _tell(self, text: Any) -> None:
        self._gate(text.decode() if isinstance(text, bytes) else text)

    def execute(self, text: Any, *arguments: Any, **options: Any) -> Any:
        self._tell(text)
        return self._cursor.execute(text, *arguments, **options)

    def executemany(self, text: Any, *arguments: Any, **options: Any) -> Any:
        self._tell(text)
        return self._cursor.executemany(text, *arguments, **options)

    def copy(self, text: Any, *arguments: Any, **options: Any) -> Any:
        self._tell(text)
        return self._cursor.copy(text, *arguments, **options)


class Bench:
    """What benches have in common."""

    one_writer = True

    def __init__(self, adapter: str, *, seed: int, seconds: float | None) -> None:
        self.seed, self._seconds = seed, seconds
        self._until: float | None = None
        self.numbers: Any = None

    def waits(self, who: int) -> bool:
        return False

    def time_is_up(self) -> bool:
        """The time begins with the first question."""
        if self._seconds is None:
            return False
        if self._until is None:
            self._until = time.monotonic() + self._seconds
        return time.monotonic() > self._until

    def close(self) -> None:
        pass


class MemoryBench(Bench):
    def __init__(self, adapter: str, folder: Path, **options: Any) -> None:
        super().__init__(adapter, **options)
        store = il.MemoryStore(clock=clock())
        with store.begin(user_id="TESTER") as work:
            self.numbers = populate(work)
        self._state = store._state
        self._inside: dict[int, bool] = {}

    def fresh(self) -> Any:
        store = il.MemoryStore(clock=clock())
        store._state = self._state.copy()
        self._inside = {}
        return store

    @contextmanager
    def begin(self, world: Any, gate: Any, who: int) -> Iterator[Any]:
        self._inside[who] = False
        with world.begin(user_id="TESTER") as work:
            self._inside[who] = True
            yield work
        del self._inside[who]

    def read(self, world: Any) -> Any:
        return world.read(user_id="TESTER")

    def waits(self, who: int) -> bool:
        # the other one is inside, and that is what this one waits for
        return self._inside.get(who) is False and self._inside.get(3 - who) is True

    def again(self, error: BaseException) -> bool:
        return False


class SqliteBench(Bench):
    def __init__(self, adapter: str, folder: Path, **options: Any) -> None:
        super().__init__(adapter, **options)
        self._joined = adapter == "sqlite-joined"
        self._folder, self._count = folder, itertools.count(1)
        self._stack = ExitStack()
        path = empty_database(folder)
        store = il.SqliteStore(path, clock=clock())
        with closing(store), store.begin(user_id="TESTER") as work:
            self.numbers = populate(work)
        self._file = path.read_bytes()

    def fresh(self) -> Any:
        self._stack.close()
        path = self._folder / f"world-{next(self._count) % 2}.db"
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
        path.write_bytes(self._file)
        if not self._joined:
            store = il.SqliteStore(path, clock=clock(), synchronous="NORMAL", timeout=0)
            return self._stack.enter_context(closing(store))
        stores = {who: JoinedStore(path, "", clock(), timeout=0) for who in (0, 1, 2)}
        for each in stores.values():
            self._stack.enter_context(closing(each))
        return stores

    @contextmanager
    def begin(self, world: Any, gate: Any, who: int) -> Iterator[Any]:
        store = world[who] if self._joined else world
        with store.begin(user_id="TESTER") as work:
            work.session.cursor = Gated(work.session.cursor, gate)
            yield work

    def read(self, world: Any) -> Any:
        return (world[0] if self._joined else world).read(user_id="TESTER")

    def again(self, error: BaseException) -> bool:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

    def close(self) -> None:
        self._stack.close()


class PostgresBench(Bench):
    """A world is a tenant; many are copied from the first one at once."""

    one_writer = False
    COPIES = 40

    def __init__(self, adapter: str, folder: Path, *, level: str, **options: Any) -> None:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict, make_conninfo

        super().__init__(adapter, **options)
        self._joined = adapter == "postgresql-joined"
        self._schema, self._level = ("joined" if self._joined else "owned"), level
        given = conninfo_to_dict(own_database())
        # a deadlock is found at once: who waits longest must not decide
        options_ = f"{given.pop('options', '')} -c deadlock_timeout=5ms"
        self._place = make_conninfo(**given, options=options_)
        self._admin = psycopg.connect(self._place, autocommit=True)
        self._spy = psycopg.connect(self._place, autocommit=True)
        self._template = new_tenant()
        self._stores: dict[Any, Any] = {}
        self._pids: dict[int, set[int]] = defaultdict(set)
        self._ready: list[str] = []
        self._used: list[str] = []
        self._guard = threading.Lock()
        store = il.PostgresStore(
            self._place, schema=self._schema, tenant=self._template, clock=clock()
        )
        with closing(store), store.begin(user_id="TESTER") as work:
            self.numbers = populate(work)
        self._owned = il.PostgresStore(
            self._place, schema=self._schema, clock=clock(), isolation_level=level
        )
        self._copies = self._statements()
        self._refill()
        self._admin.execute("ANALYZE")

    def _statements(self) -> list[tuple[str, str]]:
        rows = self._admin.execute(
            "SELECT table_name, string_agg(quote_ident(column_name), ', ')"
            " FILTER (WHERE column_name <> 'tenant') FROM information_schema.columns"
            " WHERE table_schema = %s GROUP BY 1 HAVING bool_or(column_name = 'tenant')",
            [self._schema],
        ).fetchall()
        kept = []
        for name, columns in rows:
            table = f'{self._schema}."{name}"'
            copy = (
                f"INSERT INTO {table} (tenant, {columns}) SELECT new.tenant, {columns} FROM"  # noqa: S608
                f" {table} AS old, unnest(%s::text[]) AS new (tenant) WHERE old.tenant = %s"
            )
            kept.append((copy, f"DELETE FROM {table} WHERE tenant = ANY (%s)"))  # noqa: S608
        return kept

    def _refill(self) -> None:
        self._ready = [new_tenant() for _ in range(self.COPIES)]
        with self._admin.transaction():
            for copy, delete in self._copies:
                if self._used:
                    self._admin.execute(delete, [self._used])
                self._admin.execute(copy, [self._ready, self._template])
        self._used = []

    def fresh(self) -> str:
        if not self._ready:
            self._refill()
        self._used.append(self._ready.pop())
        return self._used[-1]

    @contextmanager
    def begin(self, world: str, gate: Any, who: int) -> Iterator[Any]:
        self._pids[who] = set()
        if self._joined:
            with self._host(world, who) as work:
                yield self._gated(work, gate, who)
        else:
            self._owned._tenant = world
            with self._owned.begin(user_id="TESTER") as work:
                yield self._gated(work, gate, who)

    def _gated(self, work: Any, gate: Any, who: int) -> Any:
        self._gate_session(work.session, gate, who)
        own_transaction = work.session.own_transaction
        if own_transaction is not None:

            @contextmanager
            def gated() -> Iterator[Any]:
                with own_transaction() as session:
                    self._gate_session(session, gate, who)
                    yield session
                gate(OWN_TRANSACTION_ENDED)

            work.session.own_transaction = gated
        return work

    def _gate_session(self, session: Any, gate: Any, who: int) -> None:
        info = session.connection.info
        self._pids[who].add(info.backend_pid)
        session.cursor = Gated(session.cursor, gate)

    @contextmanager
    def _host(self, world: str, who: int) -> Iterator[Any]:
        import psycopg2

        if who not in self._stores:
            self._stores[who] = psycopg2.connect(self._place)
            self._stores[who].set_session(isolation_level=self._level)
        connection = self._stores[who]
        host = il.HostStore(tenant=world, clock=clock(), schema="joined")
        try:
            with host.join(connection, user_id="TESTER") as work:
                yield work
            connection.commit()
        finally:
            connection.rollback()

    @contextmanager
    def read(self, world: str) -> Iterator[Any]:
        self._owned._tenant = world
        with self._owned.read(user_id="TESTER") as work:
            yield work

    def waits(self, who: int) -> bool:
        with self._guard:
            row = self._spy.execute(
                "SELECT EXISTS (SELECT FROM unnest(%s::int[]) AS mine (pid)"
                " WHERE pg_blocking_pids(mine.pid) && %s::int[])",
                [list(self._pids[who]), list(self._pids[3 - who])],
            ).fetchone()
        return bool(row and row[0])

    def again(self, error: BaseException) -> bool:
        return sqlstate(error) in {"40001", "40P01"}

    def close(self) -> None:
        self._owned.close()
        for each in (self._admin, self._spy, *self._stores.values()):
            each.close()


@contextmanager
def bench(
    adapter: str, folder: Path, *, seed: int | None, profile: str, **options: Any
) -> Iterator[Any]:
    """Give the bench of an adapter; without a seed the day decides what is tried."""
    kinds = {"memory": MemoryBench, "sqlite": SqliteBench, "sqlite-joined": SqliteBench}
    kind: Any = kinds.get(adapter, PostgresBench)
    share = SHARES.get(profile)
    seconds = share and share * SECONDS.get(adapter, SECONDS["postgresql"])
    seed = date.today().toordinal() if seed is None else seed  # noqa: DTZ011
    made = kind(adapter, folder, seed=seed, seconds=seconds, **options)
    with closing(made):
        yield made
