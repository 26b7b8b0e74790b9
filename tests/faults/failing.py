"""A unit of work whose k-th storage call fails, and everything that is stored, to compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from itertools import count
from typing import Any

from interactionlog.adapters.tables import TABLES
from interactionlog.errors import InteractionLogError, UsageError

_CALLS = ("_run", "add", "read", "set_many", "drop")
"""What runs every statement of a database, and what reads and writes the tables in memory."""
_FURTHER = ("removed_line", "left_out_line", "attachment_content", "idempotency_key")


class StorageFailureError(Exception):
    """The storage failed on purpose."""


class FailingCursor:
    """
    A cursor whose k-th statement fails, savepoints among them.

    With ``lasting`` every later one fails as well, until ``mend`` is called: what failed cannot be
    taken back.
    """

    def __init__(self, cursor: Any, k: int, *, lasting: bool) -> None:
        self._cursor, self._k, self._lasting, self.made = cursor, k, lasting, 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._cursor, name)
        if name not in {"execute", "executemany", "copy"}:
            return call

        def run(*arguments: Any) -> Any:
            self.made += 1
            if self.made == self._k or (self._lasting and self.made > self._k):
                raise StorageFailureError(f"statement {self.made}: {arguments[:1]}")
            return call(*arguments)

        return run

    def __iter__(self) -> Any:
        return iter(self._cursor)

    def mend(self) -> None:
        """Fail no more."""
        self._k, self._lasting = 0, False


def statement_fails(begin: Any, act: Callable[[Any], object], *, lasting: bool) -> int:
    """
    Let every statement of an action fail in turn, and the caller go on inside the block.

    Nothing of the action stays, and what the caller does next is kept; after a failure that could
    not be taken back nothing is kept, and the block says so. Returns the number of statements.
    """
    before = stored(begin)
    for k in count(1):
        failed = refused = False
        try:
            with begin() as work:
                cursor = work.session.cursor = FailingCursor(
                    work.session.cursor, k, lasting=lasting
                )
                with suppress(InteractionLogError):  # what it says when it does not fail
                    try:
                        act(work)
                    except StorageFailureError:
                        failed = True
                made = cursor.made
                cursor.mend()
                if not failed:
                    work.rollback()
                elif not lasting:
                    work.interaction_groups.all()  # the unit of work still serves
        except UsageError as error:
            refused = "nothing more is kept" in str(error)
            if not refused:
                raise
        assert stored(begin) == before, f"statement {k}"
        if not failed:
            assert made < k
            return int(made)
        assert lasting or not refused, f"statement {k} was taken back"
    raise AssertionError


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
            tables = session.state.items()
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
