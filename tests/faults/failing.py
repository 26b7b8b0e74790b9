"""A unit of work whose k-th storage call fails, and everything that is stored, to compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from itertools import count
from typing import Any

from interactionlog.adapters.tables import TABLES

_CALLS = ("_run", "add", "read", "set_many", "drop")
"""What runs every statement of a database, and what reads and writes the tables in memory."""
_FURTHER = ("removed_line", "left_out_line", "attachment_content", "idempotency_key")


class StorageFailureError(Exception):
    """The storage failed on purpose."""


def fail_at(work: Any, k: int) -> Callable[[], int]:
    """Let the k-th storage call of a unit of work fail, once; return what counts the calls."""
    calls, made = count(1), [0]

    def failing(call: Any) -> Any:
        @wraps(call)
        def run(*args: Any, **kwargs: Any) -> Any:
            made[0] = next(calls)
            if made[0] == k:
                raise StorageFailureError(f"call {k}: {call.__name__} {args[:1]}")
            return call(*args, **kwargs)

        return run

    for name in _CALLS:
        if hasattr(work.session, name):
            setattr(work.session, name, failing(getattr(work.session, name)))
    return lambda: made[0]


def stored(begin: Any) -> dict[str, list[Any]]:
    """Return every row of every table, as the last commit left them."""
    with begin.read() as work:
        session = work.session
        if hasattr(session, "state"):
            tables = session.state.tables.items()
            return {str(name): sorted(table.items(), key=repr) for name, table in tables if table}
        prefix = re.search(r"FROM (\S*)contact\s", session.statements["find_contact"])[1]
        names = [table.name for table in TABLES.values()] + list(_FURTHER)
        dump = {name: _rows(session, f"{prefix}{name}") for name in names}
        return {name: rows for name, rows in dump.items() if rows}


def _rows(session: Any, table: str) -> list[Any]:
    # tenants of other tests share the tables of a PostgreSQL database
    statement = f"SELECT * FROM {table} WHERE tenant = '{session.tenant}'"  # noqa: S608
    return sorted(session._run(statement, ()).fetchall(), key=repr)


def fails_without_a_trace(begin: Any, act: Callable[[Any], object]) -> int:
    """
    Let every storage call of an action fail in turn and compare what is stored.

    Two ways each time: the failure ends the unit of work, or the caller catches it and goes on.
    Returns the number of storage calls that the action makes.
    """
    before = stored(begin)
    for k in count(1):
        try:
            with begin() as work:
                calls = fail_at(work, k)
                act(work)
                work.rollback()
        except StorageFailureError:
            pass
        else:
            assert calls() < k
            return calls()
        with begin() as work:
            fail_at(work, k)
            with suppress(StorageFailureError):
                act(work)
        assert stored(begin) == before, f"storage call {k}, rolled back or caught"
    raise AssertionError
