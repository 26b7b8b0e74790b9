"""One way to open units of work on every store that ships; `conftest.py` makes fixtures of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from copy import copy
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from interactionlog.adapters.host import HostStore
from interactionlog.adapters.memory.store import MemoryStore
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.clock import FixedClock
from interactionlog.hooks import Hooks
from interactionlog.unit_of_work import UnitOfWork
from neighbour import NAME, settle
from postgres import (
    HOW_TO_START,
    WANTED,
    JoinedPostgresStore,
    new_tenant,
    own_database,
    owned_postgres_store,
    restart_numbers,
    rolled_back_postgres,
)

_ON_POSTGRESQL = ("postgresql", "postgresql-joined")
ADAPTERS = ("memory", "sqlite", "sqlite-joined", *(_ON_POSTGRESQL if WANTED else ()))


def adapters(*names: str) -> list[Any]:
    """Return these adapters as parameters; those without a server are reported as skipped."""
    marks = [pytest.mark.postgresql]
    if not WANTED:
        marks.append(pytest.mark.skip(reason=HOW_TO_START))
    return [pytest.param(name, marks=marks if name in _ON_POSTGRESQL else ()) for name in names]


EVERY_ADAPTER = adapters("memory", "sqlite", "sqlite-joined", *_ON_POSTGRESQL)


class Begin:
    """
    Opens a unit of work on one and the same store each time it is called.

    ``with begin() as work`` writes, ``with begin.read() as work`` reads the last commit,
    ``begin.clock`` stands at 2026-01-26 09:30 until it is moved, ``begin.store`` is the store.
    """

    def __init__(self, open_store: Callable[[str], Any], clock: FixedClock) -> None:
        self._open_another = open_store
        self._open_store = cache(open_store)
        self._hooks = Hooks()
        self.clock = clock
        self.store = self._open_store("")

    @contextmanager
    def __call__(self, *, user_id: str = "TESTER") -> Iterator[UnitOfWork]:
        with self.store.begin(user_id=user_id) as work:
            work.hooks = self._hooks
            yield work

    @contextmanager
    def read(self, *, user_id: str | None = None) -> Iterator[UnitOfWork]:
        with self.store.read(user_id=user_id) as work:
            work.hooks = self._hooks
            yield work

    def with_hooks(self, hooks: Sequence[object]) -> Begin:
        """Return a begin over the same data with these hooks."""
        begin = copy(self)
        begin._hooks = Hooks(hooks)
        return begin

    def tenant(self, name: str) -> Begin:
        """Return a begin over the same file for another tenant."""
        begin = copy(self)
        begin.store = self._open_store(name)
        return begin

    def another(self) -> Begin:
        """Return a begin over the same data through connections of its own, for another thread."""
        begin = copy(self)
        if not isinstance(self.store, MemoryStore):
            begin.store = self._open_another("")
        return begin


class JoinedStore:
    """A host that begins and ends the transaction around each unit of work it is asked for."""

    def __init__(
        self,
        path: Path,
        tenant: str,
        clock: FixedClock,
        contacts: Any = None,
        *,
        timeout: float = 5.0,
    ) -> None:
        self.host = HostStore(tenant=tenant, clock=clock, contacts=contacts)
        self.connection = sqlite3.connect(
            path, timeout=timeout, isolation_level=None, check_same_thread=False
        )
        self._path = path

    @cached_property
    def _reader(self) -> sqlite3.Connection:
        reader = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        reader.execute("PRAGMA query_only = ON")
        return reader

    @contextmanager
    def begin(self, *, user_id: str) -> Iterator[UnitOfWork]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            with self.host.join(self.connection, user_id=user_id) as work:
                yield work
            self.connection.execute("COMMIT")
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    @contextmanager
    def read(self, *, user_id: str | None = None) -> Iterator[UnitOfWork]:
        self._reader.execute("BEGIN")
        try:
            with self.host.join(self._reader, user_id=user_id or "READER") as work:
                yield work
        finally:
            self._reader.execute("ROLLBACK")

    def close(self) -> None:
        self.connection.close()
        if "_reader" in vars(self):
            self._reader.close()


@cache
def _empty_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        SqliteStore(path).close()
        return path.read_bytes()


@cache
def _file_with_a_neighbour() -> bytes:
    with TemporaryDirectory() as folder:
        path = empty_database(Path(folder))
        store = SqliteStore(path, tenant=NAME, clock=FixedClock("2026-01-26T09:30"))
        with closing(store), store.begin(user_id="TESTER") as work:
            settle(work)
        return path.read_bytes()


def empty_database(folder: Path, *, neighbour: bool = False) -> Path:
    """Return a new SQLite file with the schema, made once for all tests; at most another tenant's."""
    path = folder / "crm.db"
    path.write_bytes(_file_with_a_neighbour() if neighbour else _empty_file())
    return path


def place_of(store: Any, folder: Path) -> tuple[str, str]:
    """Return database and tenant of a store under test, for another process to open."""
    if isinstance(store, (SqliteStore, JoinedStore)):
        return str(folder / "crm.db"), ""
    host = getattr(store, "host", store)
    return own_database(), host._tenant


@contextmanager
def opening(
    adapter: str, folder: Path, contacts: Any = None, *, neighbour: bool = False
) -> Iterator[Begin]:
    """
    Give the `Begin` of one of the `ADAPTERS` over a new, empty store in ``folder``.

    ``contacts`` is the directory of a host, for "sqlite-joined". With ``neighbour`` the file has the
    records of another tenant.
    """
    clock = FixedClock("2026-01-26T09:30")
    if adapter in _ON_POSTGRESQL:
        with _opening_on_postgresql(adapter, clock) as begin:
            yield begin
        return
    path = empty_database(folder, neighbour=neighbour)
    with ExitStack() as stack:

        def make(tenant: str) -> Any:
            if adapter == "memory":
                return MemoryStore(clock=clock)
            if adapter == "sqlite":
                store = SqliteStore(path, tenant=tenant, clock=clock, synchronous="NORMAL")
            else:
                store = JoinedStore(path, tenant, clock, contacts)
            return stack.enter_context(closing(store))

        yield Begin(make, clock)


@contextmanager
def _opening_on_postgresql(adapter: str, clock: FixedClock) -> Iterator[Begin]:
    mine, owned = new_tenant(), adapter == "postgresql"
    restart_numbers("owned" if owned else "joined")
    with ExitStack() as stack:

        def make(tenant: str) -> Any:
            open_store = owned_postgres_store if owned else JoinedPostgresStore
            return stack.enter_context(closing(open_store(mine + tenant, clock)))

        yield Begin(make, clock)


@cache
def _scratch() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("BEGIN")
    HostStore().migrate(connection)
    connection.execute("COMMIT")
    return connection


@contextmanager
def _rolled_back() -> Iterator[UnitOfWork]:
    connection = _scratch()
    connection.execute("BEGIN")
    try:
        with HostStore().join(connection, user_id="TESTER") as work:
            yield work
    finally:
        connection.execute("ROLLBACK")


def throw_away_works() -> list[Any]:
    """Return an empty unit of work of every database, for one Hypothesis example."""
    works = [MemoryStore().begin(user_id="TESTER"), _rolled_back()]
    return [*works, rolled_back_postgres()] if WANTED else works
