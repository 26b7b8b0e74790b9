"""
Named statements, written once for every database.

A file of ``queries/`` holds statements under headings of the form ``-- name: find_segment``; a
statement of the same name in the adapter's own ``queries/`` stands in its place. A name in braces
stands for another named text (a list of columns, a condition), ``{prefix}`` for the prefix of the
tables; both are filled in once, so that the text of a statement never changes and the database's
cache of statements serves. ``{as_contact_id(line.contact_no)}`` is a text in which the expression
replaces ``@``. Contacts are read from ``{contacts}`` and what goes with it (`OWN_TABLES`), never
from a table by name, because a host may keep them.

A heading ``-- name: push_@ of pushed_columns`` makes one statement for each column of a named list;
the column stands where the text says ``@``, each other one where it says ``@@``.
``tables.sql`` says so what every table needs: its lists and columns come from the description of
the tables. Parameters are written ``?``; they are rendered here as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import attrs

from interactionlog.adapters.columns import TYPES, Column, Kind
from interactionlog.adapters.tables import ALL, REACHED, Rows, Table, columns_of, stored_names
from interactionlog.errors import UsageError
from interactionlog.interactions.rules import FINDINGS
from interactionlog.segments.inheritance import FROM_CONTACT, OF_HEADER, PERSONAL_FIELDS
from interactionlog.segments.logging.logged_segments import LINE_TO_ENTRY, OWN_EVALUATION
from interactionlog.segments.segment import SegmentLine
from interactionlog.values import shown

if TYPE_CHECKING:
    from interactionlog.adapters.sql.relations import Relations

_OPENED = {"logged_segment_entry_no": "0"}
"""What a row of an open segment has in place of a column."""
OWN_TABLES = {
    "contacts": "{prefix}contact",
    "memberships": "{prefix}contact_membership",
    "addresses": "{prefix}contact_alternative_address",
    "address_periods": "{prefix}contact_alternative_address_period",
    "salespeople": "{prefix}salesperson",
    "users": "{prefix}user",
    "entries": "{prefix}log_entry",
    "suppressions": "{prefix}suppression",
    "id_in_salespeople": "code",
    "ids_of_salespeople": "{unfolded}",
    "id_in_users": "user_id",
    "ids_of_users": "{unfolded}",
    "id_in_entries": "contact_no",
    "ids_of_entries": "{unfolded}",
    "id_in_suppressions": "address",
    "ids_of_suppressions": "{unfolded}",
    "id_in_contacts": "{contact_id}",
    "ids_of_contacts": "{contact_ids}",
    "id_in_consents": "{consent_id}",
    "ids_of_consents": "{consent_ids}",
    "contact_id": "no",
    "of_contact": "contact_no",
    "contact_ids": "{unfolded}",
    "as_contact_id": "@",
    "several_lines": "",
    "consents": "{prefix}consent",
    "consent_id": "contact_no",
    "consent_ids": "{unfolded}",
    "as_consent_id": "@",
}
for _belonging in ("memberships", "addresses", "address_periods"):
    OWN_TABLES[f"id_in_{_belonging}"] = "{of_contact}"
    OWN_TABLES[f"ids_of_{_belonging}"] = "{contact_ids}"
"""
Where contacts, what belongs to them and consents are read.

Records of a list are found by ``{asked(contacts)}``, and a contact by
``c.{contact_id} = {as_contact_id(line.contact_no)}`` for a number that the library stores.
"""
HELD = "\0"
"""Stands for a brace of a host's own text until all names in braces are filled in."""
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,30}\Z|\Z")
_IDENTIFIER = "up to 31 lower-case letters, digits and underscores, the first one a letter"
_HEADING = re.compile(r"^-- name: ([\w@.]+(?: of \w+)?)\n", re.MULTILINE)
_REFERENCE = re.compile(r"\{(\w+)(?:\(([\w.]+)\))?\}")
_PART = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\?|[^?'"/-]+|.""", re.DOTALL
)


def rendered(text: str) -> str:
    """Write parameters as psycopg wants them; what is in literals and comments is ignored."""
    return "".join("%s" if part == "?" else part.replace("%", "%%") for part in _PART.findall(text))


def named(package: str) -> dict[str, str]:
    """Return the texts of a package's ``queries/`` by name."""
    found: dict[str, str] = {}
    folder = files(package) / "queries"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        _, *parts = _HEADING.split(file.read_text(encoding="utf-8"))
        found |= {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
    return found


def _of_tables(dialect: str) -> dict[str, str]:
    """Return the lists and texts that ``tables.sql`` is written with."""
    tables = [table for table in ALL if table.only in {"", dialect}]
    entities = [table for table in tables if table.entity is not Rows]
    lists = {
        "tables": tables,
        "entities": entities,
        "keyed": [table for table in entities if table.key],
        "unkeyed": [table for table in entities if not table.key],
        "listed": [table for table in entities if _last_kind(table) in {Kind.TEXT, Kind.NUMBER}],
        "entry_kinds": [table for table in tables if table.numbered],
        "touched": [table for table in tables if table.touched],
    }
    texts = {name: [table.name for table in chosen] for name, chosen in lists.items()}
    owned = [(table.kept, f"{each.of}_{table.name}") for table in tables for each in table.about]
    texts["owned"] = [name for _, name in owned]
    texts["kept"] = [name for kept, name in owned if kept]
    texts["removed"] = [name for kept, name in owned if not kept]
    texts["lists"] = [f"{each.name}_{parts}" for each in entities for parts in range(len(each.key))]
    texts["lists"] += [f"{each.name}_0" for each in tables if each.entity is Rows]
    counts = {each.name: range(min(1, len(each.key)), len(each.key) + 1) for each in tables}
    texts["removals"] = [f"{name}_{parts}" for name in counts for parts in counts[name]]
    texts["renamings"] = [f"{name}_{parts}" for name in counts for parts in counts[name] if parts]
    found = {name: ", ".join(names) for name, names in texts.items()}
    for table in tables:
        found.update(_of_table(table))
        part = (
            "CAST(given ->> {0} AS {1})"
            if dialect == "postgresql"
            else "json_extract(value, '$[{0}]')"
        )
        types = {each.name: TYPES[dialect][each.kind].split()[0] for each in columns_of(table)}
        taken = [part.format(n, types[name]) for n, name in enumerate(table.key)]
        parts = ", ".join(f"{text} AS part_{n}" for n, text in enumerate(taken))
        found[f"{table.name}_parts_of_key"] = parts
        # PostgreSQL stores nothing that is not of the type of its column
        wrong = map(_wrong, columns_of(table)) if dialect == "sqlite" else ["false"]
        found[f"{table.name}_wrong"] = " OR ".join(wrong)
    return found


def _wrong(column: Column) -> str:
    """Return what tells that a column holds what was never written: SQLite stores any value."""
    if column.kind is Kind.FLAG:
        return f"{column.name} NOT IN (0, 1)"
    return f"typeof({column.name}) NOT IN ('{TYPES['sqlite'][column.kind].lower()}', 'null')"


def _last_kind(table: Table[Any]) -> Kind | None:
    """Return the kind of the last column of a key."""
    kinds = [column.kind for column in columns_of(table) if column.name in table.key[-1:]]
    return kinds[0] if kinds else None


def _of_table(table: Table[Any]) -> Iterator[tuple[str, str]]:
    columns, key = columns_of(table), table.key
    names = [column.name for column in columns]
    rest = [name for name in names if name not in key]
    yield f"{table.name}_all", ", ".join(names)
    read = stored_names(table)
    yield f"{table.name}_marks", ", ".join("?" * (len(names) + 1))
    yield f"{table.name}_key", ", ".join(("tenant", *key))
    assigned = ", ".join(f"{name} = ?" for name in rest) or f"{key[-1]} = {key[-1]}"
    yield f"{table.name}_assigned", assigned
    excluded = [f"{name} = excluded.{name}" for name in rest or key[-1:]]
    yield f"{table.name}_excluded", ", ".join(excluded)
    by_text = _last_kind(table) is Kind.TEXT
    yield f"{table.name}_unfolded", "{unfolded}" if by_text else "{unfolded_numbers}"
    yield f"{table.name}_last", "".join(key[-1:])
    wanted = " AND ".join(f"{name} = wanted.part_{n}" for n, name in enumerate(key))
    yield f"{table.name}_is_wanted", wanted
    first = " AND ".join(f"{each} = ?" for each in ("tenant", *key[:-1]))
    yield f"{table.name}_first_parts", first
    # an array PostgreSQL looks up by key also where nothing was analyzed
    some = f"{first} AND {''.join(key[-1:])} {{among({table.name}_unfolded)}}"
    yield f"{table.name}_some", some
    yield f"{table.name}_open", ", ".join(_OPENED.get(name, name) for name in names)
    blanked = ", ".join(_blanked(column) for column in columns if column.personal)
    yield f"{table.name}_blanked", blanked
    for owner in table.about:
        name = f"{owner.of}_{table.name}"
        number = any(each.name == owner.column and each.kind is Kind.NUMBER for each in columns)
        unfolded = "unfolded_numbers" if number else "unfolded"
        only = " AND {} = '{}'".format(*owner.where) if owner.where else ""
        text = f"tenant = ? AND {owner.column} {{among({unfolded})}}{only}"
        yield f"{name}_owned", text
        yield f"{name}_blanked", f"{owner.column} = NULL" if owner.of == "company" else blanked
    touched = (rest or key)[0]  # it keeps its value, and the row is held
    yield f"{table.name}_touched", f"{touched} = {touched}"
    aliases: dict[str, int | None] = {table.name: None}
    aliases |= {f"{owner.of}_{table.name}": None for owner in table.about}
    aliases |= {f"{table.name}_{parts}": parts for parts in range(len(key) + 1)}
    for name, parts in aliases.items():
        yield f"{name}_table", f"{{prefix}}{table.name}"
        yield f"{name}_columns", ", ".join(read)
        yield f"{name}_first", "".join(key[:1])
        yield f"{name}_where", " AND ".join(f"{each} = ?" for each in ("tenant", *key[:parts]))
        yield f"{name}_order", ", ".join(key if parts is None else key[parts:])


def _any_finding(*, asked: bool = False) -> str:
    """Return the condition of a line that is not plainly logged; see `FINDINGS`."""
    found = [each for each in FINDINGS.values() if each.condition and each.asked is asked]
    return "\n    OR ".join(f"({each.condition})" for each in found)


def _inherits() -> list[tuple[str, int]]:
    """Return for each field that a line may inherit the condition that it does, and its bit."""
    given = dict.fromkeys(PERSONAL_FIELDS, "NULL")
    given |= {name: f"{{given_{name}}}" for name in FROM_CONTACT}
    given |= {line: f"s.{header}" for line, header in OF_HEADER}
    return [
        (f"line.{name} = {value} OR coalesce(line.{name}, {value}) IS NULL", 1 << bit)
        for bit, (name, value) in enumerate(given.items())
    ]


def _blanked(column: Column) -> str:
    blank = "NULL" if column.null else "''"
    if column.erased:
        blank = f"CASE {column.name} WHEN '' THEN '' ELSE '{column.erased}' END"
    return f"{column.name} = {blank}"


@lru_cache(maxsize=512)
def assigning(text: str, names: tuple[str, ...], mark: str) -> str:
    """Return a statement that sets these columns, in place of its ``SET *``."""
    upsert = "ON CONFLICT" in text
    pairs = [f"{name} = {f'excluded.{name}' if upsert else mark}" for name in names]
    return text.replace("SET *", f"SET {', '.join(pairs)}")


@lru_cache(maxsize=64)
def load(
    prefix: str,
    dialect: str = "sqlite",
    schema: str | None = None,
    relations: Relations | None = None,
    tenant: str = "",
) -> Mapping[str, str]:
    """
    Return all statements by name.

    Args:
        prefix: Begins the name of every table.
        dialect: The database: ``sqlite`` or ``postgresql``.
        schema: Where the tables lie; ``None`` leaves it to the connection.
        relations: What the host keeps; ``None`` for the library's own tables.
        tenant: Whose records the host keeps; needed for relations only.
    """
    if dialect == "postgresql" and not prefix and schema is None:
        raise UsageError("PostgreSQL keeps the word user for itself: choose a prefix or a schema")
    raw = named("interactionlog.adapters.sql") | named(f"interactionlog.adapters.{dialect}")
    texts = _of_tables(dialect) | OWN_TABLES | raw
    if relations is not None:
        texts |= relations.texts(dialect, tenant)
    own_evaluation = f"CASE WHEN (personal_fields & {OWN_EVALUATION}) <> 0 THEN evaluation END"
    texts |= {
        "prefix": qualified(prefix, schema),
        "fields_of_line": ", ".join(line for line, _ in LINE_TO_ENTRY),
        "fields_of_entry": ", ".join(entry for _, entry in LINE_TO_ENTRY),
        "fields_reopened": ", ".join(
            own_evaluation if entry == "evaluation" else entry for _, entry in LINE_TO_ENTRY
        ),
        "values_of_line": ", ".join(f"line.{line}" for line, _ in LINE_TO_ENTRY),
        "columns_of_line": ", ".join(f"line.{each.name}" for each in attrs.fields(SegmentLine)),
        "any_finding": _any_finding(),
        "any_asked": _any_finding(asked=True),
        "personal_fields": "\n    + ".join(
            f"CASE WHEN {inherits} THEN 0 ELSE {bit} END" for inherits, bit in _inherits()
        ),
        "inherits_all": "\n        AND ".join(f"({inherits})" for inherits, _ in _inherits()),
        "reached_columns": ", ".join(REACHED),
        **{f"reached_{name}": text for name, text in REACHED.items()},
    }

    def filled(text: str) -> str:
        while _REFERENCE.search(text):
            text = _REFERENCE.sub(lambda found: texts[found[1]].replace("@", found[2] or "@"), text)
        return text

    for heading in [name for name in raw if " of " in name]:
        name, listed = heading.split(" of ")
        text = raw.pop(heading)
        columns = [each.strip() for each in filled(texts[listed]).split(",")]
        for second in columns if "@@" in name else [""]:
            for each in columns:
                own, one = (said.replace("@@", second).replace("@", each) for said in (name, text))
                raw.setdefault(own, one)  # what is written out stands
    texts |= raw
    render = rendered if dialect == "postgresql" else str
    return {name: render(filled(text)).replace(HELD, "{") for name, text in raw.items()}


def qualified(prefix: str, schema: str | None) -> str:
    """Return what stands before the name of a table, or raise `UsageError` for no identifier."""
    if not _PREFIX.match(prefix):
        raise UsageError(f"table prefix {shown(prefix)} must be {_IDENTIFIER}")
    if schema is None:
        return prefix
    if not schema or not _PREFIX.match(schema):
        raise UsageError(f"schema {shown(schema)} must be {_IDENTIFIER}")
    return f'"{schema}".{prefix}'
