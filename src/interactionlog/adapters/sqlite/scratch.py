"""Keys that a long job must remember, in a file that is gone with it: memory does not grow."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

_TABLES = """
CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER, said TEXT) WITHOUT ROWID;
CREATE TABLE wanted (key TEXT, line INTEGER, PRIMARY KEY (key, line)) WITHOUT ROWID;
"""


class Scratch:
    """Remembers keys with the line on which each came first, and keys to look for at the end."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.executescript(_TABLES)

    def first_lines(self, keys: Sequence[tuple[str, int, str]]) -> dict[str, tuple[int, str]]:
        """
        Remember keys, and return for each the line on which it came first and how it was written.

        Args:
            keys: Each with its line and how it is written there.
        """
        run = self._database.execute
        run("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", keys)
        run("COMMIT")
        text = "SELECT key, line, said FROM seen WHERE key IN (SELECT value FROM json_each(?))"
        rows = run(text, (json.dumps([key for key, _, _ in keys]),))
        return {key: (line, said) for key, line, said in rows}

    def want(self, keys: Sequence[tuple[str, int]]) -> None:
        """Remember keys that are looked for when all rows are read."""
        self._database.executemany("INSERT OR IGNORE INTO wanted VALUES (?, ?)", keys)

    def wanted(self) -> Iterator[list[tuple[str, int]]]:
        """Give these keys with their lines, a thousand at a time, in the order of the lines."""
        cursor = self._database.execute("SELECT key, line FROM wanted ORDER BY line")
        while some := cursor.fetchmany(1_000):
            yield some

    def close(self) -> None:
        """Give the file back."""
        self._database.close()
