"""
The PostgreSQL server of the tests: a database for each process that runs them, dropped at its end.

The server is `INTERACTIONLOG_TEST_POSTGRES`, else a local one on the default port; "off" means none.
`INTERACTIONLOG_TEST_CITUS` names a database on the coordinator of a cluster instead, for one process:
the tables are made there anew and distributed, and what else needs a database of its own has none.
Two schemas hold the tables, one for the store that owns its transactions and one that a host joins;
a test takes a tenant of its own instead of an empty database.
"""

from __future__ import annotations

import atexit
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from typing import Any

from interactionlog.adapters.host import HostStore
from interactionlog.adapters.postgresql.store import PostgresStore
from interactionlog.adapters.sql.schema import distribute
from interactionlog.adapters.tables import ALL
from interactionlog.clock import FixedClock
from interactionlog.unit_of_work import UnitOfWork

__all__ = [
    "CLUSTER",
    "HOW_TO_START",
    "WANTED",
    "JoinedPostgresStore",
    "new_tenant",
    "own_database",
    "owned_postgres_store",
    "restart_numbers",
    "rolled_back_postgres",
    "temporary_database",
]

HOW_TO_START = (
    "no PostgreSQL server: start one, for instance with 'docker run --rm -p 5432:5432 "
    "-e POSTGRES_HOST_AUTH_METHOD=trust postgres', or set INTERACTIONLOG_TEST_POSTGRES"
)
_PLACES = ("postgresql://postgres@127.0.0.1:5432/postgres", "dbname=postgres")
_NAME = "interactionlog_test_"
CLUSTER = os.environ.get("INTERACTIONLOG_TEST_CITUS")
_OPTIONS = "-c synchronous_commit=off -c client_min_messages=warning"
_tenants = itertools.count(1)


@cache
def server() -> str | None:
    """Return where the server is; ``None`` when there is none."""
    if CLUSTER:
        return CLUSTER
    given = os.environ.get("INTERACTIONLOG_TEST_POSTGRES")
    if given == "off":
        return None
    try:
        import psycopg
    except ImportError:
        return None
    for place in [given] if given else _PLACES:
        with suppress(psycopg.OperationalError), psycopg.connect(place, connect_timeout=3):
            return place
    return given


WANTED = os.environ.get("CI") == "true" or server() is not None
"""Tests on PostgreSQL run; on the build machine a missing server is a failure."""


def _at(**parts: str) -> str:
    from psycopg.conninfo import make_conninfo

    place = server()
    assert place is not None, HOW_TO_START
    return make_conninfo(place, **parts)


@cache
def own_database() -> str:
    """Make a database for this process, with the tables, and return where it is."""
    import psycopg

    if CLUSTER:
        return _distributed(CLUSTER)
    name = f"{_NAME}{os.getpid()}"
    with psycopg.connect(_at(), autocommit=True) as connection:
        for (old,) in connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_NAME]
        ).fetchall():
            if old == name or not _is_running(int(old.removeprefix(_NAME).partition("_")[0])):
                with suppress(psycopg.Error):
                    connection.execute(f"DROP DATABASE {old} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    atexit.register(_drop, name, os.getpid())
    place = _at(dbname=name, options=_OPTIONS)
    for schema in ("owned", "joined"):
        PostgresStore(place, schema=schema).close()
    return place


def _distributed(place: str) -> str:
    """Make the tables of both schemas anew on a cluster, distribute them and return where they are."""
    import psycopg

    for schema in ("owned", "joined"):
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        PostgresStore(place, schema=schema).close()
        with psycopg.connect(place) as connection:
            for statement in distribute(schema=schema):
                connection.execute(statement)
    return place


@contextmanager
def temporary_database(name: str, encoding: str | None = None) -> Iterator[str]:
    """Make a database without tables, give where it is, and drop it."""
    import psycopg

    own = f"{_NAME}{os.getpid()}_{name}"
    told = f"TEMPLATE template0 LOCALE 'C' ENCODING '{encoding}'" if encoding else ""
    with psycopg.connect(_at(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {own} {told}")
        try:
            yield _at(dbname=own, options=_OPTIONS)
        finally:
            connection.execute(f"DROP DATABASE {own} WITH (FORCE)")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _drop(name: str, pid: int) -> None:
    import psycopg

    if pid == os.getpid():  # not in a child that was forked
        with suppress(psycopg.Error), psycopg.connect(_at(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def new_tenant() -> str:
    """Return the name of a tenant that no test has used."""
    return f"T{next(_tenants)}"


def restart_numbers(schema: str) -> None:
    """Let entry numbers begin with 1 again: tests compare them with those of other stores."""
    kinds = [table.name for table in ALL if table.numbered]
    calls = ", ".join(f"setval('{schema}.interactionlog_{kind}_no', 1, false)" for kind in kinds)
    _administrator().execute(f"SELECT {calls}")


@cache
def _administrator() -> Any:
    import psycopg

    connection = psycopg.connect(own_database(), autocommit=True)
    atexit.register(connection.close)
    return connection


def owned_postgres_store(tenant: str, clock: FixedClock, **options: Any) -> PostgresStore:
    """Open the store that owns its transactions."""
    from kept import KeptStore

    return KeptStore(own_database(), schema="owned", tenant=tenant, clock=clock, **options)


class JoinedPostgresStore:
    """A host with psycopg2 that ends the transaction around each unit of work it is asked for."""

    def __init__(self, tenant: str, clock: FixedClock) -> None:
        from kept import kept_psycopg2

        self.host = HostStore(tenant=tenant, clock=clock, schema="joined")
        self.connection = kept_psycopg2(own_database())

    @cached_property
    def _reader(self) -> Any:
        from kept import kept_psycopg2

        reader = kept_psycopg2(own_database())
        reader.set_session(isolation_level="REPEATABLE READ", readonly=True)
        return reader

    @contextmanager
    def begin(self, *, user_id: str) -> Iterator[UnitOfWork]:
        try:
            with self.host.join(self.connection, user_id=user_id) as work:
                yield work
            self.connection.commit()
        finally:
            self.connection.rollback()

    @contextmanager
    def read(self, *, user_id: str | None = None) -> Iterator[UnitOfWork]:
        try:
            with self.host.join(self._reader, user_id=user_id or "READER") as work:
                yield work
        finally:
            self._reader.rollback()

    def close(self) -> None:
        from kept import give_back

        give_back(self.connection, own_database())
        if "_reader" in vars(self):
            give_back(self._reader, own_database())


@cache
def _scratch() -> Any:
    import psycopg

    connection = psycopg.connect(own_database())
    atexit.register(connection.close)
    return connection


@contextmanager
def rolled_back_postgres() -> Iterator[UnitOfWork]:
    """Give an empty unit of work inside the transaction of a host with psycopg 3."""
    restart_numbers("joined")
    connection = _scratch()
    try:
        with HostStore(schema="joined").join(connection, user_id="TESTER") as work:
            yield work
    finally:
        connection.rollback()
