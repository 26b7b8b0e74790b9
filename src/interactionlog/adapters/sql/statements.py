"""
Named statements, written once for every database.

A file of ``queries/`` holds statements under headings of the form ``-- name: find_segment``; a
statement of the same name in the adapter's own ``queries/`` stands in its place. A name in braces
stands for another named text (a list of columns, a condition), ``{prefix}`` for the prefix of the
tables; both are filled in once, so that the text of a statement never changes and the database's
cache of statements serves. A heading ``-- name: push_@ of pushed_columns`` makes one statement for
each column of a named list; the column stands where the text says ``@``. Parameters are written
``?``; they are rendered here as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from interactionlog.errors import UsageError

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,30}\Z|\Z")
_HEADING = re.compile(r"^-- name: ([\w@.]+(?: of \w+)?)\n", re.MULTILINE)
_REFERENCE = re.compile(r"\{(\w+)\}")
_PART = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\?|[^?'"/-]+|.""", re.DOTALL
)


def checked_prefix(prefix: str) -> str:
    """Return the prefix of the tables, or raise `UsageError` when it is no identifier."""
    if not _PREFIX.match(prefix):
        message = f"table prefix {prefix!r} must be lower-case letters, digits and underscores"
        raise UsageError(message)
    return prefix


def rendered(text: str) -> str:
    """Write parameters as psycopg wants them; what stands in literals and comments is no matter."""
    return "".join("%s" if part == "?" else part.replace("%", "%%") for part in _PART.findall(text))


def _named(package: str) -> dict[str, str]:
    found: dict[str, str] = {}
    folder = files(package) / "queries"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        _, *parts = _HEADING.split(file.read_text(encoding="utf-8"))
        found |= {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
    return found


@cache
def load(prefix: str, dialect: str = "sqlite", schema: str | None = None) -> Mapping[str, str]:
    """
    Return all statements by name.

    Args:
        prefix: Begins the name of every table.
        dialect: The database: ``sqlite`` or ``postgresql``.
        schema: Where the tables lie; ``None`` leaves it to the connection.
    """
    if dialect == "postgresql" and not prefix and schema is None:
        message = "PostgreSQL keeps the word user for itself: choose a prefix or a schema"
        raise UsageError(message)
    raw = _named("interactionlog.adapters.sql") | _named(f"interactionlog.adapters.{dialect}")
    texts = raw | {"prefix": qualified(prefix, schema)}

    def filled(text: str) -> str:
        while _REFERENCE.search(text):
            text = _REFERENCE.sub(lambda found: texts[found[1]], text)
        return text

    for heading in [name for name in raw if " of " in name]:
        name, listed = heading.split(" of ")
        text = raw.pop(heading)
        for column in filled(texts[listed]).split(","):
            raw[name.replace("@", column.strip())] = text.replace("@", column.strip())
    render = rendered if dialect == "postgresql" else str
    return {name: render(filled(text)) for name, text in raw.items()} | {
        "prefix_": qualified(prefix, schema)
    }


def qualified(prefix: str, schema: str | None) -> str:
    """Return what stands before the name of a table, or raise `UsageError` for no identifier."""
    checked_prefix(prefix)
    if schema is None:
        return prefix
    if not schema or not _PREFIX.match(schema):
        message = f"schema {schema!r} must be lower-case letters, digits and underscores"
        raise UsageError(message)
    return f'"{schema}".{prefix}'


def script(text: str, prefix: str, schema: str | None = None) -> list[str]:
    """Split a migration into its statements; ``{bare}`` is the prefix without the schema."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    whole = "\n".join(lines).replace("{prefix}", qualified(prefix, schema))
    whole = whole.replace("{bare}", checked_prefix(prefix))
    return [statement.strip() for statement in whole.split(";") if statement.strip()]
