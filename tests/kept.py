"""
Connections to the server of the tests that are given back and taken again.

A new one knows no table yet: whoever asks it first waits longer for that than for the answer.
"""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cache
from typing import Any

import psycopg
import psycopg2
from psycopg import pq

from interactionlog.adapters.postgresql.store import PostgresStore

__all__ = ["KeptConnection", "KeptStore", "give_back", "kept_psycopg2"]

_free: defaultdict[tuple[object, ...], list[Any]] = defaultdict(list)


class KeptConnection(psycopg.Connection[Any]):
    """A connection of psycopg 3 whose `close` leaves what is below it to the next one."""

    _key: tuple[object, ...]

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> KeptConnection:
        """Connect as `psycopg.connect` does, if nobody gave one back."""
        key = (os.getpid(), conninfo)
        if free := _free[key]:
            connection = cls(free.pop())
            connection.prepare_threshold = options.get("prepare_threshold", 5)
            connection.autocommit = options.get("autocommit", False)
        else:
            connection = super().connect(conninfo, **options)  # type: ignore[assignment]
        connection._key = key
        return connection

    def close(self) -> None:
        """Be closed, for whoever has this connection."""
        if self.closed:
            return
        below, self.pgconn = self.pgconn, _never_open()
        self._closed = True
        below.exec_(b"ROLLBACK")
        if below.exec_(b"DISCARD ALL").status == pq.ExecStatus.COMMAND_OK:
            _free[self._key].append(below)
        else:
            below.finish()


@cache
def _never_open() -> Any:
    return pq.PGconn.connect(b"host=/ connect_timeout=1")


class KeptStore(PostgresStore):
    """The store that owns its transactions, over such connections."""

    def _connect(self, role: str) -> Any:
        connection = KeptConnection.connect(
            self._counters if role == "own_transaction" else self._conninfo,
            autocommit=True,
            prepare_threshold=self._prepare_threshold,
        )
        self._keep(connection)
        return connection


def kept_psycopg2(place: str) -> Any:
    """Return a connection of psycopg2 that `give_back` was given, or a new one."""
    free = _free[os.getpid(), "psycopg2", place]
    return free.pop() if free else psycopg2.connect(place)


def give_back(connection: Any, place: str) -> None:
    """End what is left of a connection's work and keep it for the next one."""
    if connection.closed:
        return
    connection.reset()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DISCARD ALL")
    connection.autocommit = False
    _free[os.getpid(), "psycopg2", place].append(connection)
