"""What a long job must remember, in a file that is gone with it: memory does not grow."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from interactionlog.adapters.sql.statements import named


class Scratch:
    """Remembers keys with their first lines, numbers that were given, and rows to be read again."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._texts = named("interactionlog.adapters.sqlite.scratch")
        tables = ("create_seen", "create_later", "create_claimed", "index_claimed")
        for name in ("keep_no_journal", *tables):
            self._database.execute(self._texts[name])

    def first_lines(self, keys: Sequence[tuple[str, int, str]]) -> dict[str, tuple[int, str]]:
        """
        Remember keys; if one is known, return the line of each and how it was written there.

        Args:
            keys: Each with its line and how it is written there.
        """
        run, texts = self._database.execute, self._texts
        run(texts["begin"])
        seen = self._database.executemany(texts["see"], keys).rowcount
        run(texts["commit"])
        if seen == len(keys):
            return {}
        rows = run(texts["seen_among"], (json.dumps([key for key, _, _ in keys]),))
        return {key: (line, said) for key, line, said in rows}

    def claim(self, numbers: Mapping[str, str]) -> None:
        """Remember the number that each external key was given, whatever becomes of its row."""
        self._database.execute(self._texts["begin"])
        self._database.executemany(self._texts["claim"], numbers.items())
        self._database.execute(self._texts["commit"])

    def claimed(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the numbers that were given to these external keys."""
        return dict(self._database.execute(self._texts["claimed"], (json.dumps([*keys]),)))

    def claimants(self, nos: Iterable[str]) -> dict[str, str]:
        """Return, by number, the external keys that were given these numbers."""
        return dict(self._database.execute(self._texts["claimants"], (json.dumps([*nos]),)))

    def put_aside(self, line: int, cells: Sequence[str]) -> None:
        """Remember a row that is read again when all others were."""
        self._database.execute(self._texts["put_aside"], (line, json.dumps(cells)))

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give these rows in the order of their lines."""
        for line, cells in self._database.execute(self._texts["put_aside_rows"]):
            yield line, json.loads(cells)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()
