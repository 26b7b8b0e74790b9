"""The relations of a host as named texts for statements, and the check that they can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import attrs

from interactionlog.adapters.sql.statements import HELD, load, rendered
from interactionlog.adapters.tables import TABLES, Column, Kind, columns_of
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Membership,
    Salesperson,
    User,
)
from interactionlog.contacts.directory import ContactDirectory, SalespersonDirectory, UserDirectory
from interactionlog.contacts.relation import (
    ContactRelation,
    IntegerKey,
    Key,
    Relation,
    SalespersonRelation,
    UserRelation,
    UuidKey,
)
from interactionlog.errors import UsageError
from interactionlog.values import as_code, as_optional_code, folded

if TYPE_CHECKING:
    from interactionlog.adapters.sql.session import SqlSession

_AS_KEY = {
    (str, "sqlite"): "@",
    (str, "postgresql"): "@",
    (IntegerKey, "sqlite"): "CASE WHEN CAST(CAST(@ AS integer) AS text) = @"
    " THEN CAST(@ AS integer) END",
    (IntegerKey, "postgresql"): "CASE WHEN @ ~ '^(0|-?[1-9][0-9]{0,17})$'"
    " THEN CAST(@ AS bigint) END",
    (UuidKey, "sqlite"): "replace(lower(@), '-', '')",
    (UuidKey, "postgresql"): "CASE WHEN @ ~* '^[0-9a-f]{8,8}(-[0-9a-f]{4,4}){3,3}-[0-9a-f]{12,12}$'"
    " THEN CAST(@ AS uuid) END",
}
"""A number of the library as the host's column holds it; NULL for what is no such key."""
_WITH_HYPHENS = " || '-' || ".join(
    f"substr(@, {first}, {count})" for first, count in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
)
_FOLDED = {
    "sqlite": "interactionlog_folded(@)",  # its lower() knows ASCII only
    "postgresql": "replace(replace(lower(normalize(@)), 'ß', 'ss'), 'ς', 'σ')",  # noqa: RUF001
}
_UPPER: tuple[Any, ...] = (as_code, as_optional_code)
"""Codes are compared in upper case; numbers of contacts are the host's keys."""


@attrs.frozen(cache_hash=True)
class Relations:
    """What a host keeps in the same database; ``None`` where the library does."""

    contacts: ContactRelation | None = None
    salespeople: SalespersonRelation | None = None
    users: UserRelation | None = None

    def texts(self, dialect: str, tenant: str) -> Mapping[str, str]:
        """Return what stands in the place of `statements.OWN_TABLES`."""
        found: dict[str, str] = {}
        people: list[tuple[str, Relation | None]] = [
            ("salespeople", self.salespeople),
            ("users", self.users),
        ]
        for name, relation in people:
            if relation is not None:
                key = _Key(next(iter(relation.given.values())), dialect, tenant)
                found |= {name: f"({key.select(relation, {})})", f"id_in_{name}": "id"}
                found[f"ids_of_{name}"] = key.listed
        if self.contacts is not None:
            key = _Key(self.contacts.given["no"], dialect, tenant)
            found |= key.of_contacts(self.contacts)
        return found

    def load(self, prefix: str, dialect: str, schema: str | None, tenant: str) -> Mapping[str, str]:
        """Return the statements over these relations."""
        if self == NO_RELATIONS:
            return load(prefix, dialect, schema)
        return load(prefix, dialect, schema, self, tenant)


NO_RELATIONS = Relations()
"""The library keeps everything itself."""


def _held(text: str) -> str:
    return text.replace("{", HELD)


class _Key:
    """The key of a host's records, and what is selected with it."""

    def __init__(self, key: Key, dialect: str, tenant: str) -> None:
        self.is_text = isinstance(key, str)
        self.column = _held(key if isinstance(key, str) else key.column)
        self.as_key = _AS_KEY[type(key), dialect]
        self._shown = "CAST(@ AS text)"
        if isinstance(key, UuidKey) and dialect == "sqlite":
            self._shown = "@" if key.hyphens else _WITH_HYPHENS
            self.as_key = "lower(@)" if key.hyphens else self.as_key
        self._native = dialect == "postgresql"
        self._dialect = dialect
        self._tenant = _held("'" + tenant.replace("'", "''") + "'")

    @property
    def listed(self) -> str:
        """The keys of a list of numbers."""
        if self.as_key == "@":
            return "{unfolded}"
        keys = self.as_key.replace("@", "value")
        return f"SELECT {keys} FROM ({{unfolded}}) AS each"  # noqa: S608  # the host's own code

    def shown(self, column: str) -> str:
        """Return a key, or what refers to one, as text."""
        return self._collated(self._shown.replace("@", f"({column})"))

    def id_of(self, relation: Relation) -> str:
        """Return by what a record is found: the key, or in upper case if it is a code."""
        column = _held(_column(next(iter(relation.given.values()))))
        is_code = self.is_text and relation.entities[0] in {Salesperson, User}
        return self._collated(f"upper(CAST({column} AS text))") if is_code else column

    def of_contacts(self, relation: ContactRelation) -> dict[str, str]:
        """Return the texts of contacts and of what belongs to them."""
        addresses = [] if relation.addresses is None else [relation.addresses]
        periods = [each for each in addresses if "starting_date" in each.given]
        parts: dict[str, tuple[type[Any], Sequence[Relation]]] = {
            "memberships": (Membership, relation.memberships),
            "addresses": (AlternativeAddress, addresses),
            "address_periods": (AlternativeAddressPeriod, periods),
        }
        found = {
            name: f"({' UNION ALL '.join(self._of_contact(kind, each) for each in those)})"
            if those
            else f"({self._none(kind)})"
            for name, (kind, those) in parts.items()
        }
        contacts = self.select(relation, self._derived(relation))
        return found | {
            "contacts": f"({contacts})",
            **dict.fromkeys(("contact_id", "member_id", "address_id", "period_id"), "id"),
            "contact_ids": self.listed,
            "as_contact_id": self.as_key,
        }

    def _derived(self, relation: ContactRelation) -> dict[str, str]:
        """Return the columns of contacts that follow from others."""
        given, no = relation.given, self.shown(self.column)
        company = f"nullif({self.shown(_held(str(given.get('company_no'))))}, '')"
        kind = f"coalesce(CAST({_held(str(given.get('type')))} AS integer), 0)"
        if "type" in given:
            other = company if "company_no" in given else "CAST(NULL AS text)"
            company = f"CASE WHEN {kind} = 0 THEN {no} ELSE {other} END"
        elif "company_no" in given:
            kind = f"CASE WHEN {company} = {no} THEN 0 ELSE 1 END"
        else:
            company, kind = no, "0"
        found = {"no": no, "company_no": self._collated(company), "type": kind}
        if "search_name" not in given and "name" in given:
            name = f"coalesce(CAST({_held(str(given['name']))} AS text), '')"
            found["search_name"] = self._collated(_FOLDED[self._dialect].replace("@", name))
        return found

    def _of_contact(self, entity: type[Any], relation: Relation) -> str:
        """Return the rows that belong to contacts, with the key of these."""
        column = _held(str(relation.given["contact_no"]))
        return self.select(relation, {"contact_no": self.shown(column)}, entity)

    def _none(self, entity: type[Any]) -> str:
        no_key = self.as_key.replace("@", "CAST(NULL AS text)")
        columns = self._columns(entity, {}, {})
        return f"SELECT {columns}, {no_key} AS id FROM (SELECT 1) AS host WHERE 1 = 0"  # noqa: S608

    def select(
        self, relation: Relation, derived: Mapping[str, str], entity: type[Any] | None = None
    ) -> str:
        """Return a query for the records of a relation."""
        given = {name: _held(_column(column)) for name, column in relation.given.items()}
        columns = self._columns(entity or relation.entities[0], given, derived)
        key, named = self.id_of(relation), self._named(relation)
        return f"SELECT {columns}, {key} AS id FROM {named} WHERE {key} IS NOT NULL"  # noqa: S608

    def _columns(
        self, entity: type[Any], given: Mapping[str, str], derived: Mapping[str, str]
    ) -> str:
        texts = [f"{self._tenant} AS tenant"]
        for column in columns_of(TABLES[entity]):
            text = derived.get(column.name) or self._typed(entity, column, given.get(column.name))
            texts.append(f"{text} AS {column.name}")
        return ", ".join(texts)

    def _typed(self, entity: type[Any], column: Column, given: str | None) -> str:
        """Return a column as the library's tables have it."""
        kind = column.kind
        if kind is Kind.FLAG:
            cast = f"CAST({given} AS boolean)" if self._native else f"({given}) <> 0"
            return "false" if given is None else f"coalesce({cast}, false)"
        if kind is Kind.DATE:
            cast = f"CAST({given} AS date)" if self._native else f"date({given})"
            return ("CAST(NULL AS date)" if self._native else "NULL") if given is None else cast
        textual = kind in {Kind.CODE, Kind.TEXT}
        blank = "''" if textual else "0"
        absent = "NULL" if column.null else blank
        text = f"CAST({given or absent} AS {'text' if textual else 'integer'})"
        field = attrs.fields_dict(entity).get(column.name)
        if given and field and field.converter in _UPPER:
            text = f"upper({text})"
        if given and not column.null:
            text = f"coalesce({text}, {blank})"
        elif textual and given:
            text = f"nullif({text}, '')"
        return self._collated(text) if kind is Kind.CODE else text

    def questions(self, relation: Relation) -> Iterator[tuple[Relation, str, str, str]]:
        """Yield for the table, the key and each column a query that fails where it is wrong."""
        named = self._named(relation)
        yield relation, "table", relation.table, f"SELECT 1 FROM {named} WHERE 1 = 0"  # noqa: S608
        columns = {
            column.name: (kind, column)
            for kind in relation.entities
            for column in columns_of(TABLES[kind])
        }
        for field, given in relation.given.items():
            held = _held(_column(given))
            typed = self._typed(*columns[field], held)
            key = self.id_of(relation) if given is next(iter(relation.given.values())) else None
            where = "1 = 0" if key is None else f"{key} IN ({self.listed})"
            if key is not None and self.is_text:
                where += f" OR upper({key}) <> {key} LIMIT 1"
            text = f"SELECT {typed} FROM {named} WHERE {where}"  # noqa: S608
            yield relation, field, _column(given), text

    def _named(self, relation: Relation) -> str:
        # what is no table by name needs one
        table = _held(relation.table).strip()
        return f"{table} AS host" if table.startswith("(") else table

    def _collated(self, text: str) -> str:
        return f'({text}) COLLATE "C"' if self._native else text


def _column(key: Key) -> str:
    return key if isinstance(key, str) else key.column


Contacts = ContactDirectory | ContactRelation
Salespeople = SalespersonDirectory | SalespersonRelation
Users = UserDirectory | UserRelation


@attrs.frozen
class HostRecords:
    """What a host gave: relations, directories, or functions of the connection."""

    contacts: Any = None
    salespeople: Any = None
    users: Any = None
    consents: Any = None

    def of(self, connection: Any) -> tuple[Relations, dict[str, Any]]:
        """Return the relations over a connection, and the directories by name."""
        names = ("contacts", "salespeople", "users", "consents")
        every = ((name, _over(connection, getattr(self, name))) for name in names)
        given = {name: each for name, each in every if each is not None}
        relations: dict[str, Any] = {
            name: each for name, each in given.items() if isinstance(each, Relation)
        }
        others = {name: each for name, each in given.items() if name not in relations}
        return Relations(**relations) if relations else NO_RELATIONS, others


NOT_HOSTED = HostRecords()


def _over(connection: Any, given: Any) -> Any:
    """Return what was given, or what the function gives for this connection."""
    if callable(given) and (isinstance(given, type) or not hasattr(given, "find")):
        return given(connection)
    return given


def let_fold(session: SqlSession) -> None:
    """Give SQLite the function that folds names, unless the connection has it already."""
    try:
        session.cursor.execute("SELECT interactionlog_folded('')")
    except sqlite3.OperationalError:
        create = getattr(session.connection, "create_function", None)
        if create is None:
            message = "the connection has no create_function, which names of contacts need"
            raise UsageError(message) from None
        create("interactionlog_folded", 1, folded, deterministic=True)


def check_readable(session: SqlSession) -> None:
    """
    Let the database prepare what the relations say.

    Raises:
        UsageError: It cannot; the text names relation, field, expression and reason.
    """
    dialect, unfolded = session.driver.dialect, session.statements["unfolded"]
    for relation, field, expression, text in _questions(session.relations, dialect):
        statement = (rendered(text) if session.driver.native else text).replace(HELD, "{")
        parameters = ["[]"] if "{unfolded}" in text else []
        session.savepoint()
        try:
            session.cursor.execute(statement.replace("{unfolded}", unfolded), parameters)
        except Exception as error:
            session.rollback_to()
            named = f"{type(relation).__name__}({str(relation)!r})"
            message = f"{named}: {field}={shorten(expression, 60)!r} cannot be read: {error}"
            raise UsageError(message) from error
        if field == "no" and isinstance(relation.given["no"], str) and session.cursor.fetchone():
            message = "has keys in lower case, and numbers are in upper case: give upper(…)"
            raise UsageError(f"{relation}: no={expression!r} {message} with an index over it")
        session.release()


def _questions(relations: Relations, dialect: str) -> Iterator[tuple[Relation, str, str, str]]:
    contacts, key = relations.contacts, None
    if contacts is not None:
        key = contacts.given["no"]
        for each in (contacts, *contacts.memberships, *filter(None, [contacts.addresses])):
            yield from _Key(key, dialect, "").questions(each)
    for person in filter(None, (relations.salespeople, relations.users)):
        yield from _Key(next(iter(person.given.values())), dialect, "").questions(person)
