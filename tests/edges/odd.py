"""Values that nobody lists: whatever a program may hand in, without what its own class refuses."""

from __future__ import annotations

import datetime as dt
import inspect
import typing
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

import walk

import interactionlog as il


class Text(str):
    """A text of a class of its own."""

    __slots__ = ()


class Number(int):
    """A number of a class of its own."""


class Day(dt.date):
    """A date of a class of its own, such as a frozen clock gives."""


class Silent:
    """Says nothing of itself."""

    def __repr__(self) -> str:
        raise RuntimeError


class SilentText(Silent, str):
    """A text that says nothing of itself."""

    __slots__ = ()


class Other(Enum):
    """A member of another enumeration that has a name of one of ours."""

    POSITIVE = 1
    CONTACT = 2


HOURS = dt.timedelta(hours=23)
ODD: tuple[Any, ...] = (
    *(Text("CT1"), SilentText("CT1"), Silent(), Number(1), Day(2026, 1, 1), Other.POSITIVE),
    *(True, False, 0, -1, 2**31, 2**63 - 1, 2**63, 10**30, 1.0, complex(1)),
    *(float("inf"), float("-inf"), float("nan"), Decimal("NaN"), Decimal("sNaN")),
    *(Decimal("-Infinity"), Decimal("-0"), Decimal("1E+999999"), Decimal("1E-999999")),
    *(b"CT1", bytearray(b"x"), memoryview(b"x"), "", " ", "\x00", "\ud800", "\u200b", "\ufeffA"),
    *("A\u0301" * 30, "x" * 2_001, "🎉" * 20, "ﬃ" * 20, "ß" * 20, "İ" * 20, "\u2028", "\r\n"),
    *("%", "_", "*", "?", "%s", "{}", "{0.__class__}", "'; DROP TABLE x; --", "x\\"),
    *([], (), set(), frozenset(), {}, {"a": 1}, [None], [[]], ["CT1", None], [1, "CT1"], [True]),
    *({1, "a"}, range(0), range(3), None, ..., NotImplemented, object(), type, len),
    *(dt.date.min, dt.date.max, dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),  # noqa: DTZ001
    *(dt.datetime.max.replace(tzinfo=dt.timezone(-HOURS)), dt.timedelta.max),
    *(dt.datetime.min.replace(tzinfo=dt.timezone(HOURS)), dt.time(1, 2, 3, 4)),
    *(dt.time(1, tzinfo=dt.UTC), il.ContactFilter(), il.LogFilter(), il.Evaluation, il.Dimension),
)  # fmt: skip
CALLED = {"exists", "calendar", "line_filter", "on_progress", "transport", "path", "folder"}
"""Parameters that are called, or files: their own errors come out."""


def cases() -> Iterator[tuple[str, walk.Case]]:
    """Give every parameter of every public call with each of the values, named by its place."""
    for call, (kind, method, parameters, hints) in walk.calls().items():
        required = walk.required(parameters)
        for each in parameters:
            if each.name in CALLED:
                continue
            names = [each.name]
            if each.kind is each.VAR_KEYWORD:
                fields = typing.get_type_hints(typing.get_args(hints[each.name])[0])
                names = [f"values.{field}" for field in fields.keys() - CALLED]
            for name in names:
                for place, value in enumerate(ODD):
                    case = walk.Case(call, name, kind, method, required, value)
                    yield f"{call}({name}) {place}", case


def constructors() -> Iterator[tuple[type, str]]:
    """Give every field of what a caller makes: records, filters and other values."""
    for space in (il, il.numbering, il.privacy):
        for name in sorted(space.__all__):
            kind = getattr(space, name)
            if isinstance(kind, type) and walk.attrs_class(kind):
                fields = inspect.signature(kind).parameters
                if not issubclass(kind, Exception) and not fields.keys() & {"work", "store"}:
                    yield from ((kind, field) for field in fields)
