"""The version of the tables in a PostgreSQL database, and the way forward to this release's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from interactionlog.adapters.sql.rows import instant_out
from interactionlog.adapters.sql.statements import script
from interactionlog.adapters.sqlite.schema import check_version


@cache
def _scripts() -> dict[int, str]:
    folder = files("interactionlog.adapters.postgresql") / "migrations"
    return {
        int(file.name.removesuffix(".sql")): file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".sql")
    }


NEWEST = max(_scripts())
"""Version of the schema that this release works with."""


def installed_version(cursor: Any, statements: Mapping[str, str]) -> int:
    """Return the version of the tables, 0 when there are none; no statement fails."""
    cursor.execute(statements["schema_table"])
    if not cursor.fetchone()[0]:
        return 0
    cursor.execute(statements["schema_version"])
    row = cursor.fetchone()
    return 0 if row is None else int(row[1])


def migrate(
    cursor: Any, statements: Mapping[str, str], prefix: str, schema: str | None, now: datetime
) -> list[int]:
    """
    Bring the tables forward inside the transaction at hand; return the versions that were applied.

    Raises:
        StorageError: The tables are newer than this release.
    """
    if installed_version(cursor, statements):
        cursor.execute(statements["lock_schema_version"])  # one at a time
    installed = installed_version(cursor, statements)
    check_version(installed, NEWEST)
    applied = [version for version in _scripts() if version > installed]
    for version in applied:
        for statement in script(_scripts()[version], prefix, schema):
            cursor.execute(statement)
        cursor.execute(statements["add_schema_version"], (version, instant_out(now)))
    return applied
