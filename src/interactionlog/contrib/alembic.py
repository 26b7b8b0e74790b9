"""The library's tables in the revisions of Alembic; needs the extra ``alembic``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, MutableMapping
from typing import Any

from sqlalchemy import text

from interactionlog.adapters.sql.schema import dropping, statements
from interactionlog.adapters.tables import ALL

NameFilter = Callable[[str | None, str, MutableMapping[str, str | None]], bool]


def upgrade(
    op: Any, version: int = 1, *, prefix: str = "interactionlog_", schema: str | None = None
) -> None:
    """
    Run one migration of the library in a revision, also with ``--sql``.

    A later release of the library may need a separate revision: ``upgrade(op, 2)``.

    Args:
        op: The operations, as a revision imports them from Alembic.
        version: Number of the migration.
        prefix: Begins the name of every table.
        schema: Where the tables lie in PostgreSQL; ``None`` leaves it to the connection.
    """
    dialect = op.get_context().dialect.name
    _execute(op, statements(dialect, version, prefix=prefix, schema=schema))


def downgrade(op: Any, *, prefix: str = "interactionlog_", schema: str | None = None) -> None:
    """Delete the library's tables, with everything in them; what the first `upgrade` made."""
    _execute(op, dropping(op.get_context().dialect.name, prefix=prefix, schema=schema))


def include_name(own: NameFilter | None = None, *, prefix: str = "interactionlog_") -> NameFilter:
    """
    Return a filter for ``context.configure``: autogenerate leaves the library's tables alone.

    On SQLite it looks at the indexes of all tables beforehand, and SQLAlchemy warns of those by an
    expression: of the library's own this is switched off.

    Args:
        own: The filter that the project has already.
        prefix: Begins the name of every table.
    """
    tables = {f"{prefix}{table.name}" for table in ALL}
    index = f"Skipped unsupported reflection of expression-based index {prefix}"
    warnings.filterwarnings("ignore", index)

    def includes(
        name: str | None, type_: str, parent_names: MutableMapping[str, str | None]
    ) -> bool:
        if type_ == "table" and name in tables:
            return False
        return own is None or own(name, type_, parent_names)

    return includes


def _execute(op: Any, statements: list[str]) -> None:
    for statement in statements:
        op.execute(text(statement.replace(":", "\\:")))  # a colon is not a parameter
