"""What columns hold, whether it tells of a person, and how rows lead to whom they are about."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Any, NamedTuple

import attrs

_TELLS = """
    address address_2 attachment_no city comment company_name contact_alt_address_code
    contact_no contact_via content country_code county description document_no e_mail evidence
    external_id filter host_ref job_title key linked_no mobile_phone_no modified_word_template
    name opportunity_no phone_no post_code provider_id recipient record_key record_no
    search_name secret subject text to_do_no
"""
PERSONAL = frozenset(_TELLS.split())
"""Columns that tell of a person, where a row is about one; a test has the list of the others."""


class Kind(Enum):
    """What a column holds; a dialect has one type for each."""

    TEXT = auto()
    """Text of any length, compared and sorted by code point."""
    FLAG = auto()
    MONEY = auto()
    COUNT = auto()
    """Minutes, steps, versions: a whole number below 2^31."""
    NUMBER = auto()
    """Entry and line numbers, values of counters, bit masks."""
    ENUMERATION = auto()
    DATE = auto()
    TIME = auto()
    INSTANT = auto()
    JSON = auto()
    BYTES = auto()


_TEXTS = (Kind.TEXT, Kind.DATE, Kind.TIME, Kind.INSTANT, Kind.JSON)
TYPES: dict[str, dict[Kind, str]] = {
    "sqlite": dict.fromkeys(Kind, "INTEGER") | dict.fromkeys(_TEXTS, "TEXT") | {Kind.BYTES: "BLOB"},
    "postgresql": {
        Kind.TEXT: 'text COLLATE "C"',
        Kind.FLAG: "boolean",
        Kind.MONEY: "numeric(20,5)",
        Kind.COUNT: "integer",
        Kind.NUMBER: "bigint",
        Kind.ENUMERATION: "smallint",
        Kind.DATE: "date",
        Kind.TIME: "time",
        Kind.INSTANT: "timestamptz",
        Kind.JSON: "text",
        Kind.BYTES: "bytea",
    },
}
"""What a column holds, in the words of each dialect."""


@attrs.frozen
class Column:
    """
    One column.

    Attributes:
        name: Of the column, and of the field.
        kind: What it holds.
        type: Class of its values: an enumeration, or what JSON is read as.
        optional: The field may be ``None``.
        null: ``None`` is stored as NULL; else as ``''`` or 0.
        default: Rows written in bulk leave it out: it is 0 or false then.
        erased: What stands in place of a text that was erased; ``""`` for nothing.
        source: Field that the column holds case-folded; such a column is written, never read.
    """

    name: str
    kind: Kind
    type: Any = None
    optional: bool = False
    null: bool = False
    default: bool = False
    erased: str = ""
    source: str | None = None

    @property
    def personal(self) -> bool:
        """Whether it tells of a person, in rows about one."""
        return self.name in PERSONAL or self.erased != ""


class Owner(NamedTuple):
    """
    How rows lead to whom they are about: a column holds a number of a contact or an entry.

    ``of`` is ``contact``, ``entry``, or ``company`` where the column alone names it; ``where`` are
    a column and the only value of it that counts, or blank.
    """

    of: str
    column: str
    where: tuple[str, str] | tuple[()]


_OWNER = re.compile(r"(contact|entry|company): (\w+)(?: where (\w+) = (\w+))?")


def owners(text: str) -> tuple[Owner, ...]:
    """Read one owner a line: ``contact: record_no where target = contact``."""
    found = (_OWNER.fullmatch(line.strip()).groups() for line in text.splitlines() if line.strip())  # type: ignore[union-attr]
    return tuple(
        Owner(of, column, (where and (name, where)) or ()) for of, column, name, where in found
    )
