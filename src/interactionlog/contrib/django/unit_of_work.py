"""Units of work in the transactions of Django."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any

from django.core.signals import setting_changed
from django.db import connections, transaction
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from django.dispatch import Signal

from interactionlog.adapters.host import HostStore
from interactionlog.adapters.memory.store import MemoryStore
from interactionlog.adapters.sql.session import Driver
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.clock import Clock
from interactionlog.contrib.django.conf import (
    PREFIX,
    database,
    imported,
    made,
    setting,
    tenant,
    user_of,
)
from interactionlog.errors import UsageError

committed = Signal()
"""Sent after the commit of a unit of work that recorded events, with ``events``: deliver here."""

_memory: ContextVar[MemoryStore | None] = ContextVar("interactionlog_memory", default=None)


class _Unwrapped(CursorWrapper):
    """Runs statements as Django does, wrappers included, and leaves errors to the unit of work."""

    def _execute(self, sql: str, params: Any, *_: object) -> Any:
        return self.cursor.execute(sql, params or ())

    def _executemany(self, sql: str, param_list: Any, *_: object) -> Any:
        return self.cursor.executemany(sql, param_list)


class _Logged(_Unwrapped, CursorDebugWrapper):
    """Writes statements to ``connection.queries`` as well."""

    def debug_sql(
        self,
        sql: Any = None,
        params: Any = None,
        use_last_executed_query: bool = False,
        many: bool = False,
    ) -> Any:
        # Django fills values in by %, and on SQLite our statements have ?
        filled = use_last_executed_query and self.db.vendor != "sqlite"
        return super().debug_sql(sql, params, filled, many)


class _Seen:
    """Stands before something of the library's so that Django sees statements."""

    def __init__(self, inner: Any, connection: Any) -> None:
        self._inner, self._connection = inner, connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Cursor(_Seen):
    def __iter__(self) -> Iterator[Any]:
        return iter(self._inner)

    def execute(self, statement: str, parameters: Any = ()) -> Any:
        return self._seen().execute(statement, parameters)

    def executemany(self, statement: str, rows: Any) -> Any:
        return self._seen().executemany(statement, rows)

    def _seen(self) -> Any:
        if self._connection.queries_logged:
            return _Logged(self._inner, self._connection)
        if self._connection.execute_wrappers:
            return _Unwrapped(self._inner, self._connection)
        return self._inner


class _Driver(_Seen):
    def cursor(self, connection: Any) -> Any:
        return _Cursor(self._inner.cursor(connection), self._connection)


class DjangoStore(HostStore):
    """A `HostStore` whose statements Django's own tools show and count."""

    def _driver_of(self, driver: Driver, connection: Any) -> Driver:
        return _Driver(driver, connection)


@cache
def store() -> HostStore:
    """Return the store that the settings describe."""
    given = {name: imported(setting(name.upper())) for name in ("contacts", "salespeople", "users")}
    return DjangoStore(
        tenant=tenant(),
        clock=made(setting("CLOCK")),
        hooks=[made(hook) for hook in setting("HOOKS", ())],
        **given,
    )


def _forget(*, setting: str, **_: object) -> None:
    if setting.startswith(PREFIX):
        store.cache_clear()


setting_changed.connect(_forget, dispatch_uid="interactionlog")


@contextmanager
def work(request: Any = None, *, user_id: str | None = None) -> Iterator[StoreUnitOfWork]:
    """
    Open a unit of work inside ``transaction.atomic``: all of it is committed, or nothing.

    ``with work(request) as work:`` in a view; a block that is open already is joined. Events go to
    the signal `committed` after the commit. Errors of the driver arrive as those of ``django.db``.

    Args:
        request: Who works is asked of it; see ``INTERACTIONLOG_USER``.
        user_id: Who works, where there is no request.

    Raises:
        UsageError: It is not said who works.
        StorageError: The tables are missing: run ``manage.py migrate``.
    """
    if user_id is None:
        user_id = "" if request is None else user_of(request)
    memory = _memory.get()
    if memory is not None:
        with memory.begin(user_id=user_id) as unit:
            yield unit
        _tell(unit)
        return
    alias = database()
    connection = connections[alias]
    with (
        transaction.atomic(using=alias),
        connection.wrap_database_errors,
        store().join(connection, user_id=user_id) as joined,
    ):
        yield joined
        transaction.on_commit(partial(_tell, joined), using=alias)


def _tell(unit: StoreUnitOfWork) -> None:
    if unit.events:
        committed.send_robust(StoreUnitOfWork, events=tuple(unit.events))


@contextmanager
def in_memory(clock: Clock | None = None) -> Iterator[MemoryStore]:
    """
    Let `work` use a new store in memory: for tests of rules and views without a database.

    Contacts, salespeople and users are the store's own. A function of a test may be decorated.
    """
    if _memory.get() is not None:
        raise UsageError("in_memory() is open already: use its store")
    hooks = [made(hook) for hook in setting("HOOKS", ())]
    with MemoryStore(tenant=tenant(), clock=clock or made(setting("CLOCK")), hooks=hooks) as memory:
        token = _memory.set(memory)
        try:
            yield memory
        finally:
            _memory.reset(token)
