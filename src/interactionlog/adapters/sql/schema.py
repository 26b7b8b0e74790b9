"""The tables in a database: made from their description, and brought forward by migrations."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from interactionlog.adapters.columns import TYPES, Column, Kind
from interactionlog.adapters.sql.rows import instant_out
from interactionlog.adapters.sql.statements import load, qualified
from interactionlog.adapters.tables import ALL, TABLES, Table, columns_of
from interactionlog.errors import StorageError, UsageError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.values import shown

_LENGTHS = {
    Kind.NUMBER: 0,
    Kind.INSTANT: 0,
    Kind.TIME: 0,
    Kind.COUNT: 1,
    Kind.DATE: 1,
    Kind.ENUMERATION: 2,
    Kind.FLAG: 3,
}
"""Place of columns in a large table, the longest first; what is not here has no fixed length."""

_KIND = re.compile(rf"\b({'|'.join(Kind.__members__)})\b")
_STATEMENT = re.compile(r"\s*(?:(\w+): )?([^\s;][^;]*)")
_NO_ROWS = (
    "the connection gives rows that are no tuples: join one that makes its cursors without a "
    "factory for rows"
)
_NOW = {
    "sqlite": "replace(CURRENT_TIMESTAMP, ' ', 'T') || '.000000Z'",
    "postgresql": "CURRENT_TIMESTAMP",
}


@cache
def _scripts() -> dict[int, str]:
    folder = files("interactionlog.adapters.sql") / "migrations"
    return {
        int(file.name.removesuffix(".sql")): file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".sql")
    }


NEWEST = max(_scripts())
"""Version of the schema that this release works with."""


def spoken(text: str, dialect: str, prefix: str = "", schema: str | None = None) -> list[str]:
    """
    Return the statements of a script that is written for both databases as one of them has them.

    The kind of a column stands in place of its type. A statement that begins with ``sqlite:`` or
    ``postgresql:`` is for that one alone; ``{bare}`` is the prefix without the schema.

    Raises:
        UsageError: There is no such dialect, or a name is not an identifier.
    """
    if dialect not in TYPES:
        raise UsageError(f"dialect must be sqlite or postgresql: {shown(dialect)}")
    text = re.sub(r"^\s*--.*\n", "", text, flags=re.MULTILINE)
    text = text.replace("{prefix}", qualified(prefix, schema)).replace("{bare}", prefix)
    text = _KIND.sub(lambda kind: TYPES[dialect][Kind[kind[1]]], text)
    if dialect == "sqlite":  # an index carries nothing beside its columns
        text = re.sub(r"\)\s+INCLUDE \(", ", ", text)
    else:
        text = text.replace(" WITHOUT ROWID", "")
        text = text.replace("boolean NOT NULL DEFAULT 0", "boolean NOT NULL DEFAULT false")
    return [own.strip() for only, own in _STATEMENT.findall(text) if only in {"", dialect}]


def statements(
    dialect: str,
    version: int | None = None,
    *,
    prefix: str = "interactionlog_",
    schema: str | None = None,
) -> list[str]:
    """
    Return the statements that create the tables of the newest schema, in order.

    For hosts that create their tables in their own migrations; others call
    ``HostStore.migrate``. The last statement records the version, so that a store recognises them.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        version: One migration only, for hosts that have one of theirs for each of ours.
        prefix: Begins the name of every table.
        schema: Where the tables lie in PostgreSQL; ``None`` leaves it to the connection.

    Raises:
        UsageError: There is no such dialect, or a name is not an identifier.
    """
    text = described() if version is None else _scripts()[version]
    made = spoken(text, dialect, prefix, schema)
    row = f"(tenant, version, recorded_at) VALUES ('', {version or NEWEST}, {_NOW[dialect]})"
    return [*made, f"INSERT INTO {qualified(prefix, schema)}schema_version {row}"]


def dropping(
    dialect: str, *, prefix: str = "interactionlog_", schema: str | None = None
) -> list[str]:
    """Return the statements that delete all tables, with everything in them."""
    texts = [f"{_only(each)}DROP TABLE {{prefix}}{each.name}" for each in ALL]
    texts += [
        f"postgresql: DROP SEQUENCE {{prefix}}{each.name}_no" for each in ALL if each.numbered
    ]
    return spoken(";".join(texts), dialect, prefix, schema)


def distribute(*, prefix: str = "interactionlog_", schema: str | None = None) -> list[str]:
    """
    Return the statements that distribute the tables by tenant with Citus, for one transaction.

    Tables that are distributed already are skipped. ``prefix`` and ``schema`` as in `statements`.
    """
    first = f"{qualified(prefix, schema)}{TABLES[InteractionLogEntry].name}"
    found = []
    for table in sorted(ALL, key=lambda each: each.entity is not InteractionLogEntry):
        name = f"{qualified(prefix, schema)}{table.name}"
        beside = "" if name == first else f", colocate_with => '{first}'"
        call = f"create_distributed_table('{name}', 'tenant'{beside})"
        if table.name == "schema_version":  # all tenants share it
            call = f"create_reference_table('{name}')"
        there = f"SELECT 1 FROM pg_dist_partition WHERE logicalrelid = '{name}'::regclass"  # noqa: S608
        if table.only in {"", "postgresql"}:
            found.append(f"SELECT {call} WHERE NOT EXISTS ({there})")
    return found


def described() -> str:
    """Return the script that creates the tables as they are described now; see `spoken`."""
    texts = [
        f"postgresql: CREATE SEQUENCE {{prefix}}{each.name}_no" for each in ALL if each.numbered
    ]
    texts += [text for table in ALL for text in _created(table)]
    # a tenant that came since a table was analyzed would be believed to have no row, and all
    # of its rows would be read for each one that is looked for
    texts += [
        f"postgresql: ALTER TABLE {{prefix}}{each.name} ALTER COLUMN tenant SET STATISTICS 0"
        for each in ALL
        if each.large
    ]
    return ";\n".join(texts) + ";\n"


def _only(table: Table[Any]) -> str:
    return f"{table.only}: " if table.only else ""


def _created(table: Table[Any]) -> Iterator[str]:
    columns = columns_of(table)
    stored = [Column("tenant", Kind.TEXT), *columns]
    if table.large:
        # values of one size beside each other: PostgreSQL leaves gaps before longer ones
        first = ("tenant", *table.key)
        stored.sort(key=lambda each: -1 if each.name in first else _LENGTHS.get(each.kind, 4))
    parts = [_definition(column) for column in stored]
    parts.append(f"PRIMARY KEY ({', '.join(('tenant', *table.key))})")
    # bytes would make a tree of keys slow to search
    small = all(column.kind is not Kind.BYTES for column in columns)
    end = " WITHOUT ROWID" if small else ""
    yield f"{_only(table)}CREATE TABLE {{prefix}}{table.name} ({', '.join(parts)}){end}"
    for index in table.indexes:
        name = f"{'UNIQUE ' if index.unique else ''}INDEX {{bare}}{table.name}_{index.name}"
        text = f"CREATE {name} ON {{prefix}}{table.name} (tenant, {index.columns})"
        text += f" INCLUDE ({index.carried})" if index.carried else ""
        yield text + (f" WHERE {index.where}" if index.where else "")


def _definition(column: Column) -> str:
    text = f"{column.name} {column.kind.name}"
    if column.default:
        return f"{text} NOT NULL DEFAULT 0"
    return text if column.null else f"{text} NOT NULL"


def installed_version(
    cursor: Any, dialect: str, prefix: str = "interactionlog_", schema: str | None = None
) -> int:
    """
    Return the version of the tables, 0 when there are none; no statement fails.

    Raises:
        StorageError: The file is not a database, its table of versions is damaged, or the tables
            are newer than this release.
        UsageError: The connection changes what columns hold.
    """
    texts = load(prefix, dialect, schema)
    try:
        cursor.execute(texts["schema_table"])
        found = cursor.fetchone()
        if not isinstance(found, tuple | list | sqlite3.Row):  # of a class that nobody knows
            raise UsageError(_NO_ROWS)
        tables, versions = found
        if tables > 1 and not versions:  # one may be of somebody else
            raise StorageError("the table of schema versions is gone: restore the database")
        if not versions:
            return 0
        cursor.execute(texts["schema_version"])
        row = cursor.fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
            raise StorageError("the file is not a SQLite database") from error
        raise
    if row is None or row[1] is None or (type(row[1]) is int and row[1] < 1):
        raise StorageError("the table of schema versions is damaged: restore the database")
    if type(row[0]) is not str or type(row[1]) is not int:
        raise UsageError(
            "the connection converts TEXT or INTEGER columns: register converters under other "
            "names, or open the connection without detect_types; if it does not, the table of "
            "schema versions is damaged: restore the database"
        )
    if row[1] > NEWEST:
        raise StorageError(
            f"the tables have schema version {row[1]}, this release knows up to {NEWEST}: "
            "use a newer release of interactionlog"
        )
    return row[1]


def migrate(
    cursor: Any, dialect: str, now: datetime, prefix: str, schema: str | None = None
) -> list[int]:
    """
    Bring the tables forward inside the transaction at hand; return the versions that were applied.

    Args:
        now: When the versions are applied.
        prefix: Begins the name of every table.
        schema: Where the tables lie; ``None`` leaves it to the connection.

    Raises:
        StorageError: The tables are newer than this release.
    """
    tables, texts = (dialect, prefix, schema), load(prefix, dialect, schema)
    if "lock_schema_version" in texts and installed_version(cursor, *tables):
        cursor.execute(texts["lock_schema_version"])  # one at a time
    installed = installed_version(cursor, *tables)
    applied = [version for version in _scripts() if version > installed]
    for version in applied:
        for statement in spoken(_scripts()[version], dialect, prefix, schema):
            cursor.execute(statement)
        cursor.execute(texts["add_schema_version"], ("", version, instant_out(now)))
    return applied
