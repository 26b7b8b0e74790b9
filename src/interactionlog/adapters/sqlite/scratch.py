"""What a long job must remember, in a file that is gone with it: memory does not grow."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

_TABLES = """
CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER, said TEXT) WITHOUT ROWID;
CREATE TABLE later (line INTEGER PRIMARY KEY, cells TEXT);
"""


class Scratch:
    """Remembers keys with the line on which each came first, and rows to be read again."""

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

    def put_aside(self, line: int, cells: Sequence[str]) -> None:
        """Remember a row that is read again when all others were."""
        self._database.execute("INSERT INTO later VALUES (?, ?)", (line, json.dumps(cells)))

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give these rows in the order of their lines."""
        for line, cells in self._database.execute("SELECT line, cells FROM later ORDER BY line"):
            yield line, json.loads(cells)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()
