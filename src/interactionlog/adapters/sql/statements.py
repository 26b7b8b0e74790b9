"""
Named statements, written once for every database.

A file of ``queries/`` holds statements under headings of the form ``-- name: find_segment``. A name
in braces stands for another named text (a list of columns, a condition), ``{prefix}`` for the
prefix of the tables; both are filled in once, so that the text of a statement never changes and the
database's cache of statements serves. A heading ``-- name: push_@ of pushed_columns`` makes one
statement for each column of a named list; the column stands where the text says ``@``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from interactionlog.errors import UsageError

__all__ = ["checked_prefix", "load", "script"]

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,30}\Z|\Z")
_HEADING = re.compile(r"^-- name: ([\w@.]+(?: of \w+)?)\n", re.MULTILINE)
_REFERENCE = re.compile(r"\{(\w+)\}")


def checked_prefix(prefix: str) -> str:
    """Return the prefix of the tables, or raise `UsageError` when it is no identifier."""
    if not _PREFIX.match(prefix):
        message = f"table prefix {prefix!r} must be lower-case letters, digits and underscores"
        raise UsageError(message)
    return prefix


@cache
def load(prefix: str) -> Mapping[str, str]:
    """Return all statements by name for one prefix of the tables."""
    raw: dict[str, str] = {}
    folder = files("interactionlog.adapters.sql") / "queries"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        _, *parts = _HEADING.split(file.read_text(encoding="utf-8"))
        raw |= {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
    texts = raw | {"prefix": checked_prefix(prefix)}

    def filled(text: str) -> str:
        while _REFERENCE.search(text):
            text = _REFERENCE.sub(lambda found: texts[found[1]], text)
        return text

    for heading in [name for name in raw if " of " in name]:
        name, listed = heading.split(" of ")
        text = raw.pop(heading)
        for column in filled(texts[listed]).split(","):
            raw[name.replace("@", column.strip())] = text.replace("@", column.strip())
    return {name: filled(text) for name, text in raw.items()}


def script(text: str, prefix: str) -> list[str]:
    """Split a migration into its statements, with the prefix filled in."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    whole = "\n".join(lines).replace("{prefix}", checked_prefix(prefix))
    return [statement.strip() for statement in whole.split(";") if statement.strip()]
