"""The version of the tables in a SQLite database, and the way forward to this release's."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from functools import cache
from importlib.resources import files

from interactionlog.adapters.sql.rows import instant_out
from interactionlog.adapters.sql.session import Driver
from interactionlog.adapters.sql.statements import load, script
from interactionlog.adapters.sqlite.driver import SQLITE
from interactionlog.errors import StorageError, UsageError


@cache
def _scripts() -> dict[int, str]:
    folder = files("interactionlog.adapters.sqlite") / "migrations"
    return {
        int(file.name.removesuffix(".sql")): file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".sql")
    }


NEWEST = max(_scripts())
"""Version of the schema that this release works with."""


def installed_version(connection: sqlite3.Connection, prefix: str, driver: Driver = SQLITE) -> int:
    """
    Return the version of the tables, 0 when there are none.

    Raises:
        StorageError: The file is not a database.
        UsageError: The connection changes what columns hold.
    """
    statements = load(prefix)
    cursor = driver.cursor(connection)
    try:
        if not cursor.execute(statements["schema_table"]).fetchone()[0]:
            return 0
        row = cursor.execute(statements["schema_version"]).fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
            message = "the file is not a SQLite database"
            raise StorageError(message) from error
        raise
    if row is None:
        return 0
    if type(row[0]) is not str or type(row[1]) is not int:
        message = (
            "the connection converts TEXT or INTEGER columns: register converters under other "
            "names, or open the connection without detect_types"
        )
        raise UsageError(message)
    return row[1]


def check_version(version: int, newest: int = NEWEST) -> None:
    """Raise `StorageError` for a schema that is newer than this release."""
    if version > newest:
        message = (
            f"the tables have schema version {version}, this release knows up to {newest}: "
            "use a newer release of interactionlog"
        )
        raise StorageError(message)


def migrate(
    connection: sqlite3.Connection, prefix: str, now: datetime, driver: Driver = SQLITE
) -> list[int]:
    """
    Bring the tables forward inside the transaction at hand; return the versions that were applied.

    Raises:
        StorageError: The tables are newer than this release.
    """
    installed = installed_version(connection, prefix, driver)
    check_version(installed)
    cursor = driver.cursor(connection)
    applied = [version for version in _scripts() if version > installed]
    for version in applied:
        for statement in script(_scripts()[version], prefix):
            cursor.execute(statement)
        cursor.execute(load(prefix)["add_schema_version"], (version, instant_out(now)))
    return applied
