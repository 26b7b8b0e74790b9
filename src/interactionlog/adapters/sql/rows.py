"""
Functions that turn entities into rows and back.

They are generated once for each table, on first use, with positional arguments and no reflection:
the per-line path of logging runs through them. A column is stored by the declared type of its
field; values that repeat (dates, amounts) go through a bounded cache. Text and whole numbers serve
every database for all values but flags and money, which some have a type for; what comes back is
read in either form.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence, Set
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

import attrs

from interactionlog.adapters.columns import Column, Kind
from interactionlog.adapters.tables import Rows, Table, columns_of, readable
from interactionlog.arguments import UNASKED
from interactionlog.errors import StorageError
from interactionlog.values import EXACT, MONEY_DECIMALS, building, canonical_money, folded, shown

FORMAT = 1


@cache
def _converter() -> Any:
    # cattrs is needed by stored JSON only, never on the per-line path or at import
    from cattrs.gen import make_dict_structure_fn  # noqa: PLC0415
    from cattrs.preconf.json import make_converter  # noqa: PLC0415

    converter = make_converter(
        omit_if_default=False,  # a default may change, what was decided may not
        forbid_extra_keys=True,
        unstruct_collection_overrides={Set: lambda members: sorted(members, key=repr)},
    )

    def filter_of(kind: Any) -> Any:
        asked = {field.name for field in attrs.fields(kind) if field.default is not UNASKED}
        read = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)
        # what nobody asked is stored as an empty list, and an empty set is refused
        return lambda plain, _: read({k: v for k, v in plain.items() if v or k in asked}, kind)

    def is_filter(kind: Any) -> bool:
        return attrs.has(kind) and any(each.default is UNASKED for each in attrs.fields(kind))

    converter.register_structure_hook_factory(is_filter, filter_of)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    return converter


@cache
def json_functions(kind: Any) -> tuple[Callable[[str | None], Any], Callable[[Any], str | None]]:
    """Return the json_functions that read and write stored values of one type; ``None`` is NULL."""

    def load(text: str | None) -> Any:
        if text is None:
            return None
        try:
            stored = json.loads(text)
            if stored["format"] == FORMAT:
                return _converter().structure(stored["value"], kind)
            message = f"a stored value has format {stored['format']}, this release reads {FORMAT}"
        except Exception as error:  # cattrs raises groups of whatever its parts raise
            raise StorageError(f"a stored value cannot be read: {error!r}") from error
        raise StorageError(message)

    def dump(value: Any) -> str | None:
        if value is None:
            return None
        plain = _converter().unstructure(value, unstructure_as=kind)
        return json.dumps({"format": FORMAT, "value": plain}, sort_keys=True, ensure_ascii=False)

    return load, dump


@lru_cache(maxsize=4096)
def money_out(amount: Decimal) -> int:
    """Scale money by 10^5: whole numbers sum exactly."""
    return int(EXACT.scaleb(amount, MONEY_DECIMALS))


@lru_cache(maxsize=4096, typed=True)
def money_in(amount: int | str | Decimal) -> Decimal:
    """Undo `money_out`; a decimal, or its text, is money as it is."""
    if isinstance(amount, int):
        amount = EXACT.scaleb(Decimal(amount), -MONEY_DECIMALS)
    return canonical_money(Decimal(amount))


def sums_in(cost: int | str | Decimal, minutes: int) -> tuple[Decimal, int]:
    """Return sums of cost and minutes; where something is no whole number SQLite gives a float."""
    if float in {type(cost), type(minutes)}:
        raise StorageError("a cost or a duration is damaged: interactionlog check names the record")
    return money_in(cost), minutes


@lru_cache(maxsize=4096)
def date_in(day: str | dt.date | None) -> dt.date | None:
    """Read an ISO date."""
    return day if day is None or isinstance(day, dt.date) else dt.date.fromisoformat(day)


@lru_cache(maxsize=4096)
def date_out(day: dt.date | None) -> str | None:
    """Write an ISO date."""
    return None if day is None else day.isoformat()


@lru_cache(maxsize=4096)
def time_in(moment: str | dt.time) -> dt.time:
    """Read an ISO time of day."""
    return moment if isinstance(moment, dt.time) else dt.time.fromisoformat(moment)


@lru_cache(maxsize=4096)
def instant_in(moment: str | dt.datetime | None) -> dt.datetime | None:
    """Read an instant; it comes back in UTC."""
    if moment is None:
        return None
    if isinstance(moment, dt.datetime):
        return moment.astimezone(dt.UTC)
    return dt.datetime.fromisoformat(moment)


_INSTANT = "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ"  # twice as fast as isoformat()


def instant_out(moment: dt.datetime | None) -> str | None:
    """Write an instant in UTC, always with microseconds, so that text order is time order."""
    if moment is None:
        return None
    if moment.tzinfo is not dt.UTC:
        moment = moment.astimezone(dt.UTC)
    return _INSTANT % (
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
    )


_BINDERS: dict[type, Callable[[Any], Any]] = {
    dt.date: date_out,
    dt.time: dt.time.isoformat,
    dt.datetime: instant_out,
    Decimal: money_out,
    bool: int,
}


STORED = frozenset({str, int, bytes, type(None)})
"""What the driver stores as it is."""


def bind(value: object) -> object:
    """Turn one value into what the driver stores: text, whole number, bytes or ``None``."""
    kind = type(value)
    if kind in STORED:
        return value
    if isinstance(value, Enum):
        return value.value
    # a host may have its own class of dates
    binder = next((_BINDERS[base] for base in kind.__mro__ if base in _BINDERS), None)
    return value if binder is None else binder(value)


@attrs.frozen
class _Access:
    """How a column is read and written; ``{0}`` stands for the value."""

    name: str
    read: str
    write: str
    scope: dict[str, Any]


_READ: dict[Kind, str] = {
    Kind.FLAG: "{0} == 1",
    Kind.MONEY: "money_in({0})",
    Kind.DATE: "date_in({0})",
    Kind.TIME: "{0} and time_in({0})",
    Kind.INSTANT: "instant_in({0})",
}
_WRITE: dict[Kind, str] = {
    Kind.FLAG: "(1 if {0} else 0)",
    Kind.MONEY: "money_out({0})",
    Kind.DATE: "date_out({0})",
    Kind.TIME: "({0} and {0}.isoformat())",
    Kind.INSTANT: "instant_out({0})",
}
_WRITE_NATIVE = _WRITE | {Kind.FLAG: "{0}", Kind.MONEY: "str({0})"}


def _access(column: Column, *, native: bool) -> _Access:
    name = column.name
    scope: dict[str, Any] = {}
    read = _READ.get(column.kind, "{0}")
    write = (_WRITE_NATIVE if native else _WRITE).get(column.kind, "{0}")
    if column.kind is Kind.ENUMERATION:
        scope[f"{name}_members"] = {None: None} | {member.value: member for member in column.type}
        read, write = f"{name}_members[{{0}}]", "({0} and {0}._value_)"
    elif column.kind is Kind.JSON:
        functions = json_functions(column.type) if column.type else (json.loads, json.dumps)
        scope[f"{name}_load"], scope[f"{name}_dump"] = functions
        read, write = f"{name}_load({{0}})", f"{name}_dump({{0}})"
    if column.optional and not column.null:  # never NULL: blank is '' or 0
        blank = "''" if column.kind is Kind.TEXT else "0"
        read, write = f"({read} if {{0}} else None)", f"({write} or {blank})"
    if column.source is not None:
        write = f"folded({write})"
    return _Access(name, read, write, scope)


@cache
def _accesses(table: Table[Any], *, native: bool = False) -> tuple[_Access, ...]:
    return tuple(_access(column, native=native) for column in columns_of(table))


def _compile(source: str, columns: Sequence[_Access], scope: dict[str, Any]) -> Any:
    functions = (money_in, money_out, date_in, date_out, time_in, instant_in)
    scope |= {function.__name__: function for function in (*functions, instant_out, folded)}
    for column in columns:
        scope |= column.scope
    exec(source, scope)  # noqa: S102  # names come from the class, not from data
    return scope["convert"]


_UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, StorageError)
"""What converting a value raises that no release has written."""


def _damaged(table: Table[Any], row: Sequence[Any], error: Exception) -> StorageError:
    names = [column.name for column in columns_of(table)]
    key = readable([value for name, value in zip(names, row, strict=False) if name in table.key])
    why = error if isinstance(error, StorageError) else repr(error)
    return StorageError(f"{table.words} {key} cannot be read: {_damaged_field(table, row)}{why}")


def _damaged_field(table: Table[Any], row: Sequence[Any]) -> str:
    """Return the first field that cannot be read, with what it holds; ``""`` for none alone."""
    for access, value in zip(_accesses(table), row, strict=False):
        read = _compile(
            f"def convert({access.name}): return {access.read.format(access.name)}", [access], {}
        )
        try:
            read(value)
        except _UNREADABLE:
            return f"{access.name} is {shown(value)}: "
    return ""


@cache
def from_row(table: Table[Any]) -> Callable[[Sequence[Any]], Any]:
    """Return the function that builds an entity from a row of all columns but derived ones."""
    read = [column for column in columns_of(table) if column.source is None]
    columns = _accesses(table)[: len(read)]
    entity = SimpleNamespace if table.entity is Rows else table.entity
    names = ", ".join(column.name for column in columns)
    values = {column.name: column.read.format(column.name) for column in columns}
    scope: dict[str, Any] = {"entity": entity, "table": table}
    body = [f"{names}, = row", *building(entity, values, scope)]
    source = "def convert(row):\n    try:\n        " + "\n        ".join(body)
    source += (
        "\n    except unreadable as error:\n        raise damaged(table, row, error) from error"
    )
    scope |= {"unreadable": _UNREADABLE, "damaged": _damaged}
    return _compile(source, columns, scope)  # type: ignore[no-any-return]


@cache
def to_row(table: Table[Any], *, native: bool = False) -> Callable[[str, Any], tuple[Any, ...]]:
    """
    Return the function that turns tenant and entity into a row.

    Args:
        native: The database has types for flags and money.
    """
    columns = _accesses(table, native=native)
    fields = [column.source or column.name for column in columns_of(table)]
    values = [each.write.format(f"o.{name}") for each, name in zip(columns, fields, strict=True)]
    source = f"def convert(tenant, o):\n    return ({', '.join(['tenant', *values])},)"
    return _compile(source, columns, {})  # type: ignore[no-any-return]


@cache
def _writers(table: Table[Any], *, native: bool) -> Mapping[str, Callable[[Any], Any]]:
    columns = _accesses(table, native=native)
    pairs = [f"{each.name!r}: lambda value: {each.write.format('value')}" for each in columns]
    return _compile(f"convert = {{{', '.join(pairs)}}}", columns, {})  # type: ignore[no-any-return]


def stored_values(
    table: Table[Any], values: Mapping[str, Any], *, native: bool = False
) -> dict[str, Any]:
    """Return the columns that hold these values of fields, each as it is stored."""
    writers = _writers(table, native=native)
    return {
        column.name: writers[column.name](values[column.source or column.name])
        for column in columns_of(table)
        if (column.source or column.name) in values
    }
