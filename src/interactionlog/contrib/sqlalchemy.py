"""Mapped classes as contacts, and the library's tables to read; needs the extra ``sqlalchemy``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, ClassVar, cast

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import visitors
from sqlalchemy.types import TypeDecorator

from interactionlog.adapters.columns import Column, Kind
from interactionlog.adapters.sql.rows import instant_in, instant_out
from interactionlog.adapters.tables import ALL, columns_of
from interactionlog.contacts.relation import (
    AlternativeAddressRelation,
    ContactRelation,
    IntegerKey,
    MembershipRelation,
    Relation,
    SalespersonRelation,
    TextKey,
    UserRelation,
    UuidKey,
    parts_of,
)
from interactionlog.errors import UsageError
from interactionlog.values import MONEY_DECIMALS, MembershipKind, canonical_money

Mapped = sa.ColumnElement[Any] | InstrumentedAttribute[Any]
Source = type[Any] | sa.Select[Any] | sa.FromClause
_KEYS = (IntegerKey, TextKey, UuidKey)
_DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect,
    # with another style of parameters a percent sign would be written twice
    "postgresql": partial(cast("Any", postgresql.dialect), paramstyle="named"),
}


class MappedRelation:
    """
    Attributes of mapped classes by field; a store takes it in place of a relation.

    Args:
        source: The mapped class, a table, or ``select(…)`` with joins and conditions.
        key: Name of the field that is the key.
        fields: Attributes or expressions by field.
    """

    relation: ClassVar[Callable[..., Relation]]

    def __init__(self, source: Source, key: str, fields: Mapping[str, Any]) -> None:
        self._source, self._key = source, key
        if fields[key] is None:
            raise UsageError(f"{type(self).__name__}: {key} must be an attribute, not None")
        self._kind = fields[key] if isinstance(fields[key], _KEYS) else None
        self._fields = {
            name: each.column if isinstance(each, _KEYS) else each
            for name, each in fields.items()
            if each is not None
        }
        self._rendered: dict[str, Relation] = {}

    def __call__(self, connection: Any) -> Any:  # a relation of what the subclass maps
        """Return the relation for what is joined: a session or a connection of SQLAlchemy."""
        bound = connection.connection() if hasattr(connection, "get_bind") else connection
        if not hasattr(bound, "dialect"):
            raise UsageError("mapped contacts need a session or a connection of SQLAlchemy")
        if bound.get_execution_options().get("schema_translate_map"):
            raise UsageError(
                f"{type(self).__name__} cannot follow a schema_translate_map: leave the schema to "
                "the search_path of the connection, or say it in the mapped tables"
            )
        return self.on(bound.dialect.name)

    def on(self, dialect: str) -> Relation:
        """Return the relation for ``sqlite`` or ``postgresql``."""
        if dialect not in self._rendered:
            try:
                self._rendered[dialect] = self._relation(dialect)
            except sa.exc.SQLAlchemyError as error:
                reason, _, _ = str(error).partition("\n")
                raise UsageError(f"{type(self).__name__}: {reason}") from error
        return self._rendered[dialect]

    def _relation(self, dialect: str, **more: Any) -> Relation:
        if dialect not in _DIALECTS:
            raise UsageError(f"{dialect} is not supported: use SQLite or PostgreSQL")
        labelled = [_expression(each).label(name) for name, each in self._fields.items()]
        if isinstance(self._source, sa.Select):
            query = self._source.with_only_columns(*labelled, maintain_column_froms=True)
        else:
            query = sa.select(*labelled).select_from(self._source)
        for each in visitors.iterate(query):
            if isinstance(each, sa.BindParameter) and each.required:
                raise UsageError(f"{type(self).__name__}: the parameter {each.key} has no value")
        text = query.compile(dialect=_DIALECTS[dialect](), compile_kwargs={"literal_binds": True})
        names: dict[str, Any] = {name: name for name in self._fields}
        kind = _expression(self._fields[self._key]).type
        if isinstance(kind, sa.types.TypeDecorator):
            kind = kind.load_dialect_impl(_DIALECTS[dialect]())
        if self._is_key:
            if self._kind is not None:
                names[self._key] = attrs.evolve(self._kind, column=self._key)
            elif isinstance(kind, sa.Integer):
                names[self._key] = IntegerKey(self._key)
            elif isinstance(kind, sa.Uuid):
                names[self._key] = UuidKey(self._key)
        return type(self).relation(f"({text})", **names, **more)

    _is_key: ClassVar[bool] = True


def _expression(given: Any) -> sa.ColumnElement[Any]:
    element = sa.inspect(given, raiseerr=False)
    found = getattr(element, "expression", given)
    return found if isinstance(found, sa.ColumnElement) else sa.literal(given)


class MappedContacts(MappedRelation):
    """
    Mapped attributes as contacts: ``MappedContacts(Party, no=Party.number, name=Party.name)``.

    Whole numbers and UUIDs as keys are recognised by their type, text in lower case is
    ``TextKey(Party.slug)``; where a type of your own hides what it is, say ``UuidKey(Party.id)`` or
    ``IntegerKey(Party.id)``. Args as of `ContactRelation`.
    """

    relation = ContactRelation

    def __init__(
        self,
        source: Source,
        *,
        no: Mapped | TextKey | IntegerKey | UuidKey,
        memberships: Iterable[MappedMemberships] = (),
        addresses: MappedAddresses | None = None,
        **columns: Any,
    ) -> None:
        super().__init__(source, "no", {"no": no, **columns})
        self._memberships = parts_of("memberships", MappedMemberships, memberships)
        self._addresses = addresses

    def _relation(self, dialect: str, **more: Any) -> Relation:
        addresses = self._addresses and self._addresses.on(dialect)
        memberships = [each.on(dialect) for each in self._memberships]
        return super()._relation(dialect, memberships=memberships, addresses=addresses, **more)


class MappedMemberships(MappedRelation):
    """Mapped attributes as memberships of one kind; args as of `MembershipRelation`."""

    relation = MembershipRelation
    _is_key = False

    def __init__(
        self,
        source: Source,
        *,
        contact_no: Mapped,
        kind: MembershipKind,
        code: Mapped,
        **columns: Any,
    ) -> None:
        super().__init__(source, "code", {"contact_no": contact_no, "code": code, **columns})
        self._kind = kind

    def _relation(self, dialect: str, **more: Any) -> Relation:
        return super()._relation(dialect, kind=self._kind, **more)


class MappedAddresses(MappedRelation):
    """Mapped attributes as alternative addresses; args as of `AlternativeAddressRelation`."""

    relation = AlternativeAddressRelation
    _is_key = False

    def __init__(self, source: Source, *, contact_no: Mapped, code: Mapped, **columns: Any) -> None:
        super().__init__(source, "code", {"contact_no": contact_no, "code": code, **columns})


class MappedSalespeople(MappedRelation):
    """Mapped attributes as salespeople; args as of `SalespersonRelation`."""

    relation = SalespersonRelation

    def __init__(self, source: Source, *, code: Mapped, **columns: Any) -> None:
        super().__init__(source, "code", {"code": code, **columns})


class MappedUsers(MappedRelation):
    """Mapped attributes as users; args as of `UserRelation`."""

    relation = UserRelation

    def __init__(self, source: Source, *, user_id: Mapped, **columns: Any) -> None:
        super().__init__(source, "user_id", {"user_id": user_id, **columns})


class _Money(TypeDecorator[Any]):
    impl = sa.Numeric(20, MONEY_DECIMALS)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return sa.Float() if dialect.name == "sqlite" else self.impl

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        if isinstance(value, float):
            value = Decimal(f"{value:.15g}")
        return None if value is None else canonical_money(Decimal(value))


class _Amount(sa.Column[Any]):
    """A column of hundred-thousandths on SQLite: an amount in every expression."""

    inherit_cache = True


@compiles(_Amount, "sqlite")
def _as_amount(element: Any, compiler: Any, **options: Any) -> str:
    source = element.table
    while isinstance(source, sa.Alias | sa.TableSample):
        source = source.element
    text: str = compiler.visit_column(element, **options)
    return f"({text} / {10**MONEY_DECIMALS}.0)" if isinstance(source, sa.Table) else text


class _Instant(TypeDecorator[Any]):
    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return sa.Text() if dialect.name == "sqlite" else sa.DateTime(timezone=True)

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return instant_out(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return instant_in(value)


class _Member(TypeDecorator[Any]):
    impl = sa.SmallInteger
    cache_ok = True

    def __init__(self, enumeration: type[Enum]) -> None:
        super().__init__()
        self.enumeration = enumeration

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return value.value if isinstance(value, Enum) else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else self.enumeration(value)


_TYPES: dict[Kind, Any] = {
    Kind.TEXT: sa.Text,
    Kind.FLAG: sa.Boolean,
    Kind.MONEY: _Money,
    Kind.COUNT: sa.Integer,
    Kind.NUMBER: sa.BigInteger,
    Kind.DATE: sa.Date,
    Kind.TIME: sa.Time,
    Kind.INSTANT: _Instant,
    Kind.JSON: sa.Text,
    Kind.BYTES: sa.LargeBinary,
}


def _column(column: Column, *, primary_key: bool) -> sa.Column[Any]:
    enumerated = column.kind is Kind.ENUMERATION
    kind = _Member(column.type) if enumerated else _TYPES[column.kind]
    made = _Amount if column.kind is Kind.MONEY else sa.Column
    return made(column.name, kind, primary_key=primary_key, nullable=column.null)


def tables(*, prefix: str = "interactionlog_", schema: str | None = None) -> sa.MetaData:
    """
    Return the library's tables for reports and joins; writing is for its services.

    ``tables().tables["interactionlog_log_entry"].c.cost_lcy`` is an amount on both databases.

    Args:
        prefix: Begins the name of every table.
        schema: Where the tables lie in PostgreSQL; ``None`` leaves it to the connection.
    """
    found = sa.MetaData(schema=schema)
    tenant = Column("tenant", Kind.TEXT)
    for table in ALL:
        if not table.only:
            key = {"tenant", *table.key}
            columns = [
                _column(each, primary_key=each.name in key) for each in (tenant, *columns_of(table))
            ]
            sa.Table(f"{prefix}{table.name}", found, *columns)
    return found
