"""Connections to PostgreSQL, kept per thread."""

from __future__ import annotations

import os
import threading
from typing import Any

from interactionlog.errors import StorageError, UsageError

__all__ = ["OLDEST_SERVER", "Connections"]

OLDEST_SERVER = 13


class Connections:
    """
    One connection per thread and role, opened when it is first asked for.

    Args:
        conninfo: Where the database is.
        prepare_threshold: Uses of a statement until it is prepared; ``None`` never prepares.

    Raises:
        UsageError: psycopg is not installed.
    """

    def __init__(self, conninfo: str, prepare_threshold: int | None) -> None:
        try:
            import psycopg  # noqa: PLC0415
        except ImportError as error:
            message = "PostgresStore needs psycopg: pip install 'interactionlog[postgres]'"
            raise UsageError(message) from error
        self.driver: Any = psycopg
        self._conninfo = conninfo
        self._prepare_threshold = prepare_threshold
        self._mine = threading.local()
        self._all: list[tuple[int, threading.Thread, Any]] = []
        self._guard = threading.Lock()
        self._open = True

    def get(self, role: str) -> Any:
        """
        Return this thread's connection for a role, outside a transaction; a lost one is replaced.

        Raises:
            UsageError: It is in use, or the store is closed.
        """
        if not self._open:
            message = "the store is closed"
            raise UsageError(message)
        kept: tuple[int, Any] = getattr(self._mine, role, (0, None))
        pid, connection = kept
        if pid != os.getpid() or connection.closed:  # a connection does not survive a fork
            connection = self._connect()
            setattr(self._mine, role, (os.getpid(), connection))
        if connection.info.transaction_status.name != "IDLE":
            message = "a unit of work is open in this thread already: pass it on instead"
            raise UsageError(message)
        return connection

    def begun(self, role: str, statement: str) -> Any:
        """Return this thread's connection for a role after ``statement`` began a transaction."""
        connection = self.get(role)
        try:
            connection.execute(statement, prepare=False)
        except self.driver.OperationalError:
            if not connection.closed:
                raise
            connection = self.get(role)  # it was lost while nobody used it: nothing is undone
            connection.execute(statement, prepare=False)
        return connection

    def lost(self, error: BaseException) -> bool:
        """Say whether an operational error means that this thread's connection is gone."""
        _, connection = getattr(self._mine, "writer", (0, None))
        state = getattr(error, "sqlstate", None) or ""
        return connection is None or connection.closed or state.startswith(("08", "57P"))

    def close(self) -> None:
        """Close all connections of this process."""
        self._open = False
        with self._guard:
            for pid, _, connection in self._all:
                if pid == os.getpid():
                    connection.close()
            self._all.clear()

    def _connect(self) -> Any:
        connection = self.driver.connect(
            self._conninfo, autocommit=True, prepare_threshold=self._prepare_threshold
        )
        version = connection.info.server_version // 10_000
        if version < OLDEST_SERVER:
            connection.close()
            message = f"PostgreSQL {version} is too old: {OLDEST_SERVER} or newer is needed"
            raise StorageError(message)
        with self._guard:
            self._drop_those_of_ended_threads()
            self._all.append((os.getpid(), threading.current_thread(), connection))
        return connection

    def _drop_those_of_ended_threads(self) -> None:
        kept = []
        for pid, thread, connection in self._all:
            if pid == os.getpid() and (connection.closed or not thread.is_alive()):
                connection.close()
            else:
                kept.append((pid, thread, connection))
        self._all = kept
