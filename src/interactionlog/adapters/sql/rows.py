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
import types
import typing
from collections.abc import Callable, Sequence, Set
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from typing import Any

import attrs

from interactionlog.adapters.tables import Table
from interactionlog.errors import StorageError
from interactionlog.values import EXACT, MONEY_DECIMALS, canonical_money, twin_of

FORMAT = 1


@cache
def _converter() -> Any:
    # cattrs is needed by stored JSON only, never on the per-line path or at import
    from cattrs.preconf.json import make_converter  # noqa: PLC0415

    converter = make_converter(
        omit_if_default=False,  # a default may change, what was decided may not
        forbid_extra_keys=True,
        unstruct_collection_overrides={Set: lambda members: sorted(members, key=repr)},
    )
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
            message = f"a stored value cannot be read: {error!r}"
            raise StorageError(message) from error
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


@lru_cache(maxsize=4096)
def money_text(amount: Decimal) -> str:
    """Write money for a database that has decimals."""
    return str(amount)


@lru_cache(maxsize=4096)
def date_in(day: str | dt.date | None) -> dt.date | None:
    """Read an ISO date."""
    return day if day is None or isinstance(day, dt.date) else dt.date.fromisoformat(day)


@lru_cache(maxsize=4096)
def date_out(day: dt.date | None) -> str | None:
    """Write an ISO date."""
    return None if day is None else day.isoformat()


@lru_cache(maxsize=4096)
def time_in(moment: str | dt.time | None) -> dt.time | None:
    """Read an ISO time of day."""
    if moment is None or isinstance(moment, dt.time):
        return moment
    return dt.time.fromisoformat(moment)


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
    binder = _BINDERS.get(kind)
    return value if binder is None else binder(value)


@attrs.frozen
class _Column:
    """How one field is read and written; ``{0}`` stands for the value."""

    name: str
    read: str
    write: str
    scope: dict[str, Any]


def _bare(hint: Any) -> tuple[Any, bool]:
    """Split ``X | None`` into ``X`` and whether ``None`` is allowed."""
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        (bare,) = [argument for argument in typing.get_args(hint) if argument is not type(None)]
        return bare, True
    return hint, False


_PLAIN: dict[Any, tuple[str, str]] = {
    str: ("{0}", "{0}"),
    int: ("{0}", "{0}"),
    bool: ("{0} == 1", "(1 if {0} else 0)"),
    Decimal: ("money_in({0})", "money_out({0})"),
    dt.date: ("date_in({0})", "date_out({0})"),
    dt.time: ("{0} and time_in({0})", "({0} and {0}.isoformat())"),
    dt.datetime: ("instant_in({0})", "instant_out({0})"),
}


_NATIVE = _PLAIN | {
    bool: ("{0} == 1", "{0}"),
    Decimal: ("money_in({0})", "money_text({0})"),
}


def _column(name: str, hint: Any, *, in_key: bool, native: bool) -> _Column:
    bare, optional = _bare(hint)
    scope: dict[str, Any] = {}
    if isinstance(bare, type) and issubclass(bare, Enum):
        table, members = f"{name}_members", {member.value: member for member in bare}
        scope[table] = {None: None, **members}
        read, write = f"{table}[{{0}}]", "({0} and {0}._value_)"
    elif bare in _PLAIN:
        read, write = (_NATIVE if native else _PLAIN)[bare]
    else:
        scope[f"{name}_load"], scope[f"{name}_dump"] = json_functions(bare)
        read, write = f"{name}_load({{0}})", f"{name}_dump({{0}})"
    if optional and in_key:  # never NULL: blank is '' or 0
        blank = "''" if bare is str else "0"
        read, write = f"({read} if {{0}} else None)", f"({write} or {blank})"
    return _Column(name, read, write, scope)


@cache
def _columns(table: Table[Any], *, native: bool = False) -> tuple[_Column, ...]:
    hints = typing.get_type_hints(table.entity)
    never_null = table.key + table.never_null
    return tuple(
        _column(field.name, hints[field.name], in_key=field.name in never_null, native=native)
        for field in attrs.fields(table.entity)
    )


def columns_of(table: Table[Any]) -> tuple[str, ...]:
    """Return the columns of a table in the order of a row, without the tenant."""
    return tuple(column.name for column in _columns(table)) + table.derived


def _compile(source: str, columns: Sequence[_Column], scope: dict[str, Any]) -> Any:
    functions = (money_in, money_out, money_text, date_in, date_out, time_in, instant_in)
    scope |= {function.__name__: function for function in (*functions, instant_out)}
    for column in columns:
        scope |= column.scope
    exec(source, scope)  # noqa: S102  # names come from the class, not from data
    return scope["convert"]


_UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError)
"""What converting a value raises that no release has written."""


def _damaged(words: str, error: Exception) -> StorageError:
    return StorageError(f"a stored {words} cannot be read: {error!r}")


@cache
def from_row(table: Table[Any]) -> Callable[[Sequence[Any]], Any]:
    """Return the function that builds an entity from a row of all columns but derived ones."""
    columns = _columns(table)
    twin = twin_of(table.entity)  # type: ignore[arg-type]  # a class is hashable
    names = ", ".join(column.name for column in columns)
    values = [(column.name, column.read.format(column.name)) for column in columns]
    body = [f"{names}, = row"]
    if twin is None:
        arguments = ", ".join(f"{name}={value}" for name, value in values)
        body += [f"return entity({arguments})"]
    else:
        body += ["new = twin()", *(f"new.{name} = {value}" for name, value in values)]
        body += ["new.__class__ = entity", "return new"]
    source = "def convert(row):\n    try:\n        " + "\n        ".join(body)
    source += "\n    except unreadable as error:\n        raise damaged(words, error) from error"
    scope: dict[str, Any] = {"twin": twin, "entity": table.entity, "words": table.words}
    scope |= {"unreadable": _UNREADABLE, "damaged": _damaged}
    return _compile(source, columns, scope)  # type: ignore[no-any-return]


@cache
def to_row(table: Table[Any], *, native: bool = False) -> Callable[[str, Any], tuple[Any, ...]]:
    """
    Return the function that turns tenant and entity into a row.

    Args:
        table: The table.
        native: The database has types for flags and money.
    """
    columns = _columns(table, native=native)
    values = ["tenant", *(column.write.format(f"o.{column.name}") for column in columns)]
    values += [f"o.{name}" for name in table.derived]
    source = f"def convert(tenant, o):\n    return ({', '.join(values)},)"
    return _compile(source, columns, {})  # type: ignore[no-any-return]
