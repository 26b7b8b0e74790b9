"""The relations of a host as named texts for statements, and the check that they can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from string import ascii_uppercase
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import attrs

from interactionlog.adapters.columns import Column, Kind
from interactionlog.adapters.sql.folding import CHANNEL, CODE, FAR, FOLDED, replaced
from interactionlog.adapters.sql.statements import HELD, load, rendered
from interactionlog.adapters.tables import TABLES, columns_of
from interactionlog.contacts.consent import Consent, ConsentDirectory, as_channel
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Contact,
    Membership,
    Salesperson,
    User,
)
from interactionlog.contacts.directory import ContactDirectory, SalespersonDirectory, UserDirectory
from interactionlog.contacts.relation import (
    PARTS,
    ConsentRelation,
    ContactRelation,
    IntegerKey,
    Key,
    Relation,
    SalespersonRelation,
    TextKey,
    UserRelation,
    UuidKey,
)
from interactionlog.errors import FieldInvalidError, UsageError
from interactionlog.values import CONTACT_NO, NUMBER_LIMIT, as_code, as_optional_code, folded

if TYPE_CHECKING:
    from interactionlog.adapters.sql.session import SqlSession


_MARKED = [(each, "^" + each) for each in ascii_uppercase]
"""A capital of a key, and what its number has."""
_UNMARKED = [(marked.lower(), each) for each, marked in _MARKED]
_IS_UUID = {
    "sqlite": "@ GLOB '" + "-".join("[0-9a-f]" * count for count in (8, 4, 4, 4, 12)) + "'",
    "postgresql": "@ ~ '^[0-9a-f]{8,8}(-[0-9a-f]{4,4}){3,3}-[0-9a-f]{12,12}$'",
}
_UNCOLLATED = "(to_json(@) #>> '{}')"
"""A text that is compared as the host's column is, whose index has its collation and not ours."""
_AS_KEY = {
    (str, "sqlite"): "@",
    (str, "postgresql"): _UNCOLLATED,
    (IntegerKey, "sqlite"): "CASE WHEN CAST(CAST(@ AS integer) AS text) = @"
    " THEN CAST(@ AS integer) END",
    (IntegerKey, "postgresql"): "CASE WHEN @ ~ '^(0|-?[1-9][0-9]{0,17})$'"
    " THEN CAST(@ AS bigint) WHEN @ ~ '^-?[1-9][0-9]{18,18}$' THEN CASE"
    f" WHEN abs(CAST(@ AS numeric)) <= {NUMBER_LIMIT} THEN CAST(@ AS bigint) END END",
    (UuidKey, "sqlite"): "CASE WHEN "
    + _IS_UUID["sqlite"].replace("@", "lower(@)")
    + " THEN replace(lower(@), '-', '') END",
    (UuidKey, "postgresql"): "CASE WHEN "
    + _IS_UUID["postgresql"].replace("~", "~*")
    + " THEN CAST(@ AS uuid) END",
    (TextKey, "sqlite"): f"CASE WHEN instr(@, '^') OR {FAR}"
    " THEN interactionlog_key(@) ELSE lower(@) END",
    (TextKey, "postgresql"): (
        f"CASE WHEN @ LIKE '%^%' THEN {replaced('lower(@)', _UNMARKED)} ELSE lower(@) END"
    ).replace("@", _UNCOLLATED),
}
"""A number of the library as the host's column holds it; NULL for what is no such key."""
_SHOWN = {
    (UuidKey, "sqlite"): " || '-' || ".join(
        f"substr(@, {first}, {count})"
        for first, count in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    ),
    (TextKey, "sqlite"): f"CASE WHEN @ = lower(@) AND NOT {FAR} AND length(@) < {CONTACT_NO}"
    " THEN upper(@)"
    " WHEN @ IS NOT NULL THEN interactionlog_no(@) END",  # its parser has no room for 26 calls
    (TextKey, "postgresql"): f"CASE WHEN {_IS_UUID['postgresql']} THEN @"
    f" WHEN @ = lower(@) THEN upper(@) ELSE upper({replaced('@', _MARKED)}) END",
}
"""A key of the host's as the library shows it, where that is more than its text."""
_PLAIN = {
    "sqlite": "(@ NOT GLOB '*[^!-~]*' AND @ NOT GLOB '*[{}]*' AND length(@) BETWEEN 1 AND {})",
    "postgresql": "(@ !~ '[^!-~]|[{}]' AND length(@) BETWEEN 1 AND {})",
}
_WHOLE_TYPES = "'smallint', 'integer', 'bigint'"
_ODD = {
    (kind, dialect): f"NOT ({_IS_UUID[dialect]} OR {plain.format(refused, most)})"
    for dialect, plain in _PLAIN.items()
    for kind, refused, most in ((str, "a-z", CONTACT_NO - 1), (TextKey, "\\^^", CONTACT_NO // 2))
} | {
    (IntegerKey, "sqlite"): "@ <> CAST(CAST(@ AS integer) AS text)",
    (UuidKey, "sqlite"): f"NOT @ GLOB '{'[0-9a-f]' * 32}'",
    (IntegerKey, "postgresql"): f"CAST(pg_typeof(#) AS text) NOT IN ({_WHOLE_TYPES})"
    " AND @ !~ '^(0|-?[1-9][0-9]{0,18})$'",
    (UuidKey, "postgresql"): "false",
}
"""Tells the keys, as text or (#) as they are, that have to be looked at: they may be no numbers."""
_LOOKED_AT, _COMPARED = 10_000, 200_000
"""So many values are read, and keys compared with each other, when a relation is checked."""
_UPPER: Mapping[Any, Any] = {as_code: CODE, as_optional_code: CODE, as_channel: CHANNEL}
"""Codes are compared in upper case; numbers of contacts are the host's keys."""


@attrs.frozen(cache_hash=True)
class Relations:
    """What a host keeps in the same database; ``None`` where the library does."""

    contacts: ContactRelation | None = None
    salespeople: SalespersonRelation | None = None
    users: UserRelation | None = None
    consents: ConsentRelation | None = None

    def texts(self, dialect: str, tenant: str) -> Mapping[str, str]:
        """Return what stands in the place of `statements.OWN_TABLES`."""
        found: dict[str, str] = {}
        for name in ("salespeople", "users"):
            people: Relation | None = getattr(self, name)
            if people is not None:
                key = _Key(next(iter(people.given.values())), dialect, tenant)
                found |= {name: f"({key.select(people, {})})", f"id_in_{name}": "id"}
                found[f"ids_of_{name}"] = key.listed
        if self.contacts is not None:
            key = _Key(self.contacts.given["no"], dialect, tenant)
            found |= key.of_contacts(self.contacts)
        if self.consents is not None:
            key = _Key(self.key_of_consents, dialect, tenant)
            found |= key.of_consents(self.consents)
        return found

    @property
    def key_of_consents(self) -> Key:
        """The column of consents with the contact; its type is that of the contact's own key."""
        assert self.consents is not None  # noqa: S101  # that is why it is asked for
        column = _column(self.consents.given["contact_no"])
        key = self.contacts.given["no"] if self.contacts is not None else column
        return column if isinstance(key, str) else attrs.evolve(key, column=column)

    def load(self, prefix: str, dialect: str, schema: str | None, tenant: str) -> Mapping[str, str]:
        """Return the statements over these relations."""
        if self == NO_RELATIONS:
            return load(prefix, dialect, schema)
        return load(prefix, dialect, schema, self, tenant)


_SEVERAL = "CROSS JOIN (SELECT 1 FROM sqlite_master LIMIT (SELECT 1)) AS several"
"""
Has SQLite expect several lines: it looks their contacts up in an index made for the statement.

Where it expects one, it reads a view that joins tables whole, for each of them.
"""

NO_RELATIONS = Relations()
"""The library keeps everything itself."""


def _held(text: str) -> str:
    return text.replace("{", HELD)


_Question = tuple[Relation, str, str, str, Callable[[Iterable[Any]], str | None]]
"""Relation, field and expression; a query that fails where it is wrong, and what its rows say."""

_WHOLE = f"NOT IN ({_WHOLE_TYPES}, 'numeric')"
_TYPES = {
    Kind.TEXT: "= 'bytea'",
    Kind.FLAG: "NOT IN ('boolean', 'integer')",
    Kind.DATE: "NOT IN ('date', 'timestamp without time zone', 'timestamp with time zone')",
    **dict.fromkeys((Kind.COUNT, Kind.NUMBER, Kind.ENUMERATION), _WHOLE),
}
"""Tells the types, as PostgreSQL calls them, that a column may not have."""


def _meaning(column: Column) -> str:
    if column.kind is Kind.ENUMERATION:
        members = ", ".join(f"{each.value} for {each.name}" for each in column.type)
        return f"give a whole number, {members}"
    told = {Kind.FLAG: "true or false", Kind.DATE: "a date, YYYY-MM-DD", Kind.TEXT: "text"}
    return f"give {told.get(column.kind, 'a whole number')}"


class _Key:
    """The key of a host's records, and what is selected with it."""

    def __init__(self, key: Key, dialect: str, tenant: str) -> None:
        self.is_text = isinstance(key, str)
        self._native = dialect == "postgresql"
        self.column = _held(key if isinstance(key, str) else key.column)
        self.as_key = _AS_KEY[type(key), dialect]
        # two cases of a letter differ, whatever they do in the host's column
        self._text = f"""(CAST(@ AS text) COLLATE {'"default"' if self._native else "BINARY"})"""
        self._shown = _SHOWN.get((type(key), dialect), "@").replace("@", self._text)
        self._odd = _ODD[type(key), dialect]
        if isinstance(key, UuidKey) and key.hyphens and dialect == "sqlite":
            self.as_key, self._shown = "lower(@)", "@"
            self._odd = f"NOT {_IS_UUID[dialect]}"
        self._stored = "integer" if isinstance(key, IntegerKey) else "text"
        self._dialect = dialect
        quoted = f"""'{tenant.replace("'", "''")}'"""
        # PostgreSQL reads a backslash by a setting of the connection
        self._tenant = _held("E" + quoted.replace("\\", "\\\\") if self._native else quoted)

    @property
    def listed(self) -> str:
        """The keys of a list of numbers."""
        if self.is_text:
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
        code = self._code(f"CAST({column} AS text)")
        return self._collated(f"nullif({code}, '')") if is_code else column

    def _code(self, text: str) -> str:
        return CODE[self._dialect].replace("@", text)

    def of_contacts(self, relation: ContactRelation) -> dict[str, str]:
        """Return the texts of contacts and of what belongs to them."""
        addresses = [] if relation.addresses is None else [relation.addresses]
        periods = [each for each in addresses if "starting_date" in each.given]
        contacts = self.select(relation, self._derived(relation))
        return {
            "contacts": f"({contacts})",
            "memberships": self._of_contacts(Membership, relation.memberships),
            "addresses": self._of_contacts(AlternativeAddress, addresses),
            "address_periods": self._of_contacts(AlternativeAddressPeriod, periods),
            "contact_id": "id",
            "of_contact": "id",
            "contact_ids": self.listed,
            "as_contact_id": self.as_key,
            "several_lines": "" if self._native else _SEVERAL,
        }

    def of_consents(self, relation: ConsentRelation) -> dict[str, str]:
        """Return the texts of facts: a day before all where none is, a refusal after its equals."""
        columns = {column.name: column for column in columns_of(TABLES[Consent])}
        given = {name: _held(_column(column)) for name, column in relation.given.items()}
        agreed = self._typed(Consent, columns["given"], given["given"])
        day = self._typed(Consent, columns["date"], given.get("date", "NULL"))
        first = "CAST('0001-01-01' AS date)" if self._native else "'0001-01-01'"
        derived = {
            "contact_no": self.shown(self.column),
            "entry_no": given.get("entry_no", f"CASE WHEN {agreed} THEN 0 ELSE 1 END"),
            "date": f"coalesce({day}, {first})",
        }
        facts = f"{self.select(relation, derived)} AND ({given['given']}) IS NOT NULL"
        return {
            "consents": f"({facts})",
            "consent_id": "id",
            "consent_ids": self.listed,
            "as_consent_id": self.as_key,
        }

    def _derived(self, relation: ContactRelation) -> dict[str, str]:
        """Return the columns of contacts that follow from others."""
        given, no = relation.given, self.shown(self.column)
        raw, own = _held(str(given.get("company_no"))), "@" if self._native else "nullif(@, '')"
        company = f"nullif(trim({self.shown(own.replace('@', raw))}), '')"
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
            found["search_name"] = self._collated(FOLDED[self._dialect].replace("@", name))
        return found

    def _of_contacts(self, entity: type[Any], relations: Iterable[Relation]) -> str:
        """Return the rows that belong to contacts, with the key of these."""
        texts = []
        for each in relations:
            column = _held(str(each.given["contact_no"]))
            texts.append(self.select(each, {"contact_no": self.shown(column)}, entity))
        if not texts:  # no row, but every column
            key = self.as_key.replace("@", "CAST(NULL AS text)")
            columns = self._columns(entity, {}, {})
            texts.append(f"SELECT {columns}, {key} AS id FROM (SELECT 1) AS host WHERE 1 = 0")  # noqa: S608
        return f"({' UNION ALL '.join(texts)})"

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
        textual = kind is Kind.TEXT
        blank = "''" if textual else "0"
        absent = "NULL" if column.null else blank
        text = f"CAST({given or absent} AS {'text' if textual else 'integer'})"
        field = attrs.fields_dict(entity).get(column.name)
        if given and field and field.converter in _UPPER:
            text = _UPPER[field.converter][self._dialect].replace("@", text)
        if given and not column.null:
            text = f"coalesce({text}, {blank})"
        elif textual and given:
            text = f"nullif({text}, '')"
        return self._collated(text) if textual else text

    def questions(self, relation: Relation) -> Iterator[_Question]:
        """Yield queries that fail, or give a value, where table, key or a column is wrong."""
        named = self._named(relation)
        text = f"SELECT 1 FROM {named} WHERE 1 = 0"  # noqa: S608
        yield relation, "table", relation.table, text, _any_row("give rows")
        kinds = relation.entities
        columns = {each.name: (kind, each) for kind in kinds for each in columns_of(TABLES[kind])}
        for field, given in relation.given.items():
            entity, column = columns[field]
            typed = self._typed(entity, column, _held(_column(given)))
            is_key = given is next(iter(relation.given.values()))
            where = f"{self.id_of(relation)} IN ({self.listed})" if is_key else "1 = 0"
            text = f"SELECT {typed} FROM {named} WHERE {where}"  # noqa: S608
            told = (relation, field, _column(given))
            yield *told, text, _any_row("give a value of each row")
            for text in [] if is_key else self._unfit(column, f"({_held(_column(given))})", named):
                yield *told, text, _any_row(_meaning(column))
            some = f"(SELECT {typed} AS tried FROM {named} LIMIT {_LOOKED_AT}) AS tried_rows"  # noqa: S608
            text = f"SELECT 1 FROM {some} GROUP BY 1 HAVING count(tried) < 0"  # noqa: S608
            yield *told, text, _any_row("")  # it fails for some row
            if isinstance(relation, ContactRelation) and field == "no":
                yield *told, self.odd_keys(relation), partial(_no_key, relation)
                yield *told, self.twice(relation), _more_than_once
            if isinstance(relation, ContactRelation) and field == "company_no":
                yield *told, self.odd_companies(relation), _no_company
            if field == "contact_no" and not self._native:  # it compares any type with any other
                text = self.odd_keys(relation, "false")
                yield *told, text, _any_row("give it the type of the contact's key")

    def _unfit(self, column: Column, given: str, named: str) -> Iterator[str]:
        """Yield queries for a value that the column cannot hold."""
        kind, text = column.kind, f"CAST({given} AS text)"
        value = f"SELECT {text} FROM {named} WHERE"  # noqa: S608
        if self._native:
            has = f"CAST(pg_typeof((SELECT {given} FROM {named} LIMIT 0)) AS text)"  # noqa: S608
            yield f"SELECT {has} WHERE {has} {_TYPES[kind]}"
        elif kind is Kind.TEXT:
            return
        elif kind is Kind.DATE:
            no_date = f"date({given}) IS NULL OR {given} NOT LIKE '%-%'"
            yield f"{value} {given} <> '' AND ({no_date}) LIMIT 1"
        else:
            yield f"{value} typeof({given}) NOT IN ('integer', 'null') LIMIT 1"
        if kind is Kind.ENUMERATION:
            members = ", ".join(str(each.value) for each in column.type)
            yield f"{value} {given} NOT IN ({members}) LIMIT 1"

    def odd_keys(self, relation: Relation, odd: str = "") -> str:
        """Return the query for keys that may be no numbers, and whether they lead back."""
        key = f"({self.id_of(relation)})"
        no = self.shown(key)
        # what is looked up has no type on SQLite
        back = f"{'' if self._native else '+'}({self.as_key.replace('@', no)}) = {key}"
        odd = odd or self._odd.replace("@", self._text).replace("#", "@").replace("@", key)
        if not self._native:  # any column may hold values of any kind
            odd = f"({odd} OR typeof({key}) <> '{self._stored}' AND NOT {back})"
        return f"SELECT {no}, {back} FROM {self._named(relation)} WHERE {key} IS NOT NULL AND {odd}"  # noqa: S608

    def odd_companies(self, relation: ContactRelation) -> str:
        """Return the query for numbers of companies that may be no numbers."""
        no, key, name = self._derived(relation)["company_no"], self.id_of(relation), "no"
        rows = f"FROM {self._named(relation)} WHERE {key} IS NOT NULL LIMIT {_COMPARED}"
        odd = _ODD[str, self._dialect].replace("@", name)
        return f"SELECT {name}, true FROM (SELECT {no} AS {name} {rows}) AS companies WHERE {odd}"  # noqa: S608

    def twice(self, relation: Relation) -> str:
        """Return the query for a key that is there twice."""
        key, rows = self.id_of(relation), f"FROM {self._named(relation)} WHERE"
        some = f"(SELECT {key} AS id {rows} {key} IS NOT NULL LIMIT {_COMPARED}) AS keys"
        return f"SELECT {self.shown('id')} FROM {some} GROUP BY id HAVING count(*) > 1 LIMIT 1"  # noqa: S608

    def _named(self, relation: Relation) -> str:
        # what is no table by name needs one
        table = _held(relation.table).strip()
        return f"{table} AS host" if table.startswith("(") and table.endswith(")") else table

    def _collated(self, text: str) -> str:
        return f'({text}) COLLATE "C"' if self._native else text


def _column(key: Key) -> str:
    return key if isinstance(key, str) else key.column


Contacts = ContactDirectory | ContactRelation
Salespeople = SalespersonDirectory | SalespersonRelation
Users = UserDirectory | UserRelation
Told = ConsentDirectory | ConsentRelation
"""What answers for consents in place of the library."""


_GIVEN: dict[str, tuple[type[Relation], str]] = {
    "contacts": (ContactRelation, "find"),
    "salespeople": (SalespersonRelation, "find"),
    "users": (UserRelation, "find"),
    "consents": (ConsentRelation, "refused"),
}
"""The relation that may be given, and what a directory in its place is asked."""


@attrs.frozen
class HostRecords:
    """What a host gave: relations, directories, or functions of the connection."""

    contacts: Any = None
    salespeople: Any = None
    users: Any = None
    consents: Any = None

    def __attrs_post_init__(self) -> None:
        for name in _GIVEN:
            given = getattr(self, name)
            if not _is_function(given):
                _checked(name, given)

    def of(self, connection: Any) -> tuple[Relations, dict[str, Any]]:
        """Return the relations over a connection, and the directories by name."""
        every = ((name, _over(connection, name, getattr(self, name))) for name in _GIVEN)
        given = {name: each for name, each in every if each is not None}
        names = [name for name, each in given.items() if isinstance(each, Relation)]
        relations: dict[str, Any] = {name: given.pop(name) for name in names}
        return Relations(**relations) if relations else NO_RELATIONS, given


def _is_function(given: Any) -> bool:
    return callable(given) and (isinstance(given, type) or not hasattr(given, "find"))


def _over(connection: Any, name: str, given: Any) -> Any:
    """Return what was given, or what the function gives for this connection."""
    return _checked(name, given(connection)) if _is_function(given) else given


def _checked(name: str, given: Any) -> Any:
    relation, method = _GIVEN[name]
    fits = given is None or isinstance(given, relation) or hasattr(given, method)
    if isinstance(given, str) or not fits:
        told = f"{name}={shorten(repr(given), 60)}"
        raise UsageError(f"{told}: give a {relation.__name__} or a directory")
    return given


_FUNCTIONS = {
    "interactionlog_folded": folded,
    "interactionlog_code": as_code,
    "interactionlog_key": TextKey.key_of,
    "interactionlog_no": TextKey.marked,
}


def let_fold(session: SqlSession) -> None:
    """Give SQLite the functions that fold names and keys, unless the connection has them."""
    try:
        session.cursor.execute("SELECT interactionlog_folded('')")
    except sqlite3.OperationalError:
        create = getattr(session.connection, "create_function", None)
        if create is None:
            message = "the connection has no create_function, which names and codes of a host need"
            raise UsageError(message) from None
        for name, function in _FUNCTIONS.items():
            create(name, 1, function, deterministic=True)


def check_readable(session: SqlSession) -> None:
    """
    Let the database prepare what the relations say, or raise `UsageError`.

    The text names relation, field, expression and reason.
    """
    dialect, unfolded = session.driver.dialect, session.statements["unfolded"]

    def asked(text: str) -> Any:
        statement = (rendered(text) if session.driver.native else text).replace(HELD, "{")
        if dialect == "sqlite":  # which takes a quoted name that it does not know for a text
            statement = "".join(map(_in_brackets, PARTS.findall(statement)))
        whole = statement.replace("{unfolded}", unfolded)
        session.cursor.execute(whole, ["[]"] * ("{unfolded}" in text))
        return session.cursor

    for relation, field, expression, text, wrong in _questions(session.relations, dialect):
        told = f"{type(relation).__name__}({str(relation)!r}): {field}={shorten(expression, 60)!r}"
        session.savepoint()
        try:
            found = wrong(asked(text))
        except Exception as error:
            session.rollback_to()
            lacks_right = "42501" in {getattr(error, each, "") for each in ("sqlstate", "pgcode")}
            if session.driver.is_operational(error) and not lacks_right:
                raise
            reason, _, _ = str(error).partition("\n")
            other = _OTHER_KEY if field == "no" and isinstance(relation.given["no"], str) else ""
            raise UsageError(f"{told} cannot be read: {reason}{other}") from error
        session.release()
        if found is not None:
            raise UsageError(f"{told} {found}")


def _any_row(meaning: str) -> Callable[[Iterable[Any]], str | None]:
    return lambda rows: next((f"gives {str(row[0])[:60]}: {meaning}" for row in rows), None)


def _no_key(relation: Relation, rows: Iterable[Any]) -> str | None:
    for no, back in rows:
        if not _is_number(no) or (not back and isinstance(relation.given["no"], TextKey)):
            return f"has the key {no[:60]!r}, {_no_number(relation)}"
        if not back:
            return f"has the key {no[:60]!r}, which leads back to no row: give it the type it has"
    return None


def _no_company(rows: Iterable[Any]) -> str | None:
    reason = f"which cannot be the number of a company: {_FOR_NUMBERS}"
    return next((f"gives {no[:60]!r}, {reason}" for no, _ in rows if not _is_number(no)), None)


def _more_than_once(rows: Iterable[Any]) -> str | None:
    said = (f"has {no!r} more than once: give one row for each contact" for (no,) in rows)
    return next(said, None)


def _in_brackets(part: str) -> str:
    if part[:1] != '"' or len(part) == 1 or "]" in part:
        return part
    return "[" + part[1:-1].replace('""', '"') + "]"


_FOR_NUMBERS = f"1 to {CONTACT_NO} characters in upper case, or a UUID in lower case"
_OTHER_KEY = "; a whole number is il.IntegerKey, a UUID il.UuidKey"


def _no_number(relation: Relation) -> str:
    """Say what is wrong with a key, as the library shows it, and what may help."""
    key = relation.given["no"]
    if isinstance(key, UuidKey):
        told = "give hyphens=True for text with them" if not key.hyphens else "this one has none"
        return f"which is no UUID in lower case: {told}"
    other = "il.TextKey takes no such text" if isinstance(key, TextKey) else "else give il.TextKey"
    return f"which cannot be the number of a contact: {_FOR_NUMBERS}; {other}"


def _is_number(no: str) -> bool:
    try:
        return Contact(no=no, company_no=no).no == no
    except FieldInvalidError:
        return False


def _questions(relations: Relations, dialect: str) -> Iterator[_Question]:
    contacts = relations.contacts
    if contacts is not None:
        key = _Key(contacts.given["no"], dialect, "")
        for each in (contacts, *contacts.memberships, *filter(None, [contacts.addresses])):
            yield from key.questions(each)
    if relations.consents is not None:
        yield from _Key(relations.key_of_consents, dialect, "").questions(relations.consents)
    for person in filter(None, (relations.salespeople, relations.users)):
        yield from _Key(next(iter(person.given.values())), dialect, "").questions(person)
