"""
What public calls take: every argument is validated before anything is read or written.

`judged` derives a judge for each parameter from its type hint and its name, out of the converters
and validators that fields of records have. A code is a ``str`` whose parameter is named like one,
such as ``contact_no``. What is not given costs nothing, a code that was seen before one look-up.

What could be the value of a field (a code, a text, a date, the number of an entry) is refused with
`FieldInvalidError`; anything else (a limit, a flag, an object of another class, an unknown field)
with `UsageError`.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import os
import re
import sys
import types
import typing
from collections.abc import Callable, Collection, Iterator, Sequence, Set, Sized
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any, TypeVar

import attrs

from interactionlog.errors import FieldInvalidError, UsageError
from interactionlog.values import (
    CONTACT_NO,
    NUMBER_LIMIT,
    accepting,
    as_code,
    as_member,
    as_money,
    as_optional_code,
    as_utc,
    calendar_date,
    code_text,
    flag,
    instance_of,
    instant,
    length,
    not_negative,
    one_of,
    optional,
    refuse,
    seconds,
    several_lines,
    shown,
    time_of_day,
    whole,
)

T = TypeVar("T")
Judge = Callable[[Any], Any]
"""Returns a value as it is stored, or raises."""


def _is_file_name(value: str) -> bool:
    try:
        return value.strip() != "" and b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


_CODE = re.compile(r"(.*_)?(no|nos|code|codes|series)|old|new|other|alternative")
"""Names of parameters whose text is a code."""
_AT_LEAST = {"limit": 1, "size": 1, "count": 1, "steps": 0, "after": 0}
"""Names of parameters that say how much, or from where on."""
_NAMES: dict[str, tuple[Any, Any]] = {
    "user_id": (as_code, code_text(1, 50)),
    "tenant": (None, code_text(0, 100)),
}
_NAMES |= {"idempotency_key": (None, length(1, 200)), "host_ref": (None, length(1, 250))}
_NAMES |= dict.fromkeys(("record_kind", "record_key"), (None, length(1, 50)))
_NAMES |= dict.fromkeys(("channel", "purpose"), (None, length(1, 100)))  # none stands for every one
_NAMES["number"] = (as_code, code_text(1, 20))
_NAMES["file_name"] = (None, instance_of(str))  # its own rules are stricter
_NAMES["path"] = (None, accepting(_is_file_name, "must be the name of a file"))
_NAMES["folder"] = _NAMES["path"]
_whole_digest = accepting(
    lambda text: isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text.strip().lower()),
    "must be 64 digits of a seal",
)
_NAMES["digest"] = (None, _whole_digest)
"""Converter and validator of texts that are neither codes nor free."""
_LONG = 1_000_000
_LISTS = (Collection, Sequence, Set, list, tuple, set, frozenset)
_KINDS: dict[Any, tuple[Any, Any, bool]] = {
    Decimal: (as_money, not_negative, True),
    dt.date: (None, calendar_date, True),
    dt.time: (None, time_of_day, True),
    dt.datetime: (as_utc, instant, True),
    float: (None, seconds, False),
}
"""Converter and validator of values of one type, and whether they could be those of a field."""
_FILE = accepting(lambda value: hasattr(value, "write"), "must be a file that is open for writing")
_KINDS |= dict.fromkeys((typing.IO, typing.TextIO), (None, _FILE, False))
_OPENED = {
    "work": ("atomic", "must be what `with store.begin(user_id=...) as work` opens"),
    "store": ("run", "must be a store that owns its transactions, such as SqliteStore(path)"),
}
"""What such an object has, and what is said of one that has not: the other one, mostly."""
_MORE_THAN_A_CLASS = {int, float, str, Decimal, dt.time, dt.datetime}
"""Types of which not every value is taken."""


def judged(subject: T) -> T:
    """Validate the arguments of a function, or of the constructor and public methods of a class."""
    if not isinstance(subject, type):
        function: Any = subject
        return _call(function, function.__qualname__.removesuffix(".__init__"))  # type: ignore[no-any-return]
    for name, member in [*vars(subject).items()]:
        if inspect.isfunction(member) and (name[0] != "_" or name == "__init__"):
            called = f"{subject.__name__}.{name}".removesuffix(".__init__")
            setattr(subject, name, _call(member, called, subject))
    return subject


class _Name(str):
    """Stands for a default in the text of a signature."""

    __slots__ = ()
    __repr__ = str.__str__


def _call(function: Any, name: str, owner: Any = None) -> Any:
    """Return one public call; its judges are made when it is called first, and replace it then."""
    judging = functools.cache(lambda: _judging(function, name, owner or function))

    @functools.wraps(function)
    def first(*arguments: Any, **named: Any) -> Any:
        if vars(owner or object).get(function.__name__) is first:
            setattr(owner, function.__name__, judging())
        return judging()(*arguments, **named)

    return first


def _judging(function: Any, call: str, owner: Any) -> Any:
    """Return a function behind its judges, written as source so that they are no frame each."""
    hints = typing.get_type_hints(function, vars(sys.modules[owner.__module__]))
    parameters = inspect.signature(function).parameters.values()
    scope: dict[str, Any] = {"function": function}
    taken: list[inspect.Parameter] = []
    given: list[str] = []
    body: list[str] = []
    for each in parameters:
        name, default = each.name, each.default
        if default is not each.empty:
            scope[f"default_{name}"] = default
            each = each.replace(default=_Name(f"default_{name}"))  # noqa: PLW2901
        taken.append(each.replace(annotation=each.empty))
        stars = str(each)[: str(each).count("*")]
        given.append(f"{name}={name}" if each.kind is each.KEYWORD_ONLY else stars + name)
        if name in hints:
            judge = _Parameter(call, name, hints[name], blank=default is not None)
            body += judge.source(stars, default is not each.empty, scope)
    lines = [f"def call{inspect.Signature(taken)}:", *body]
    lines.append(f"return function({', '.join(given)})")
    exec("\n    ".join(lines), scope)  # noqa: S102  # names of parameters, no data
    return functools.update_wrapper(scope["call"], function)


def _anything(value: Any) -> Any:
    """Judge nothing."""
    return value


class _Parameter:
    """
    One parameter, or one of the fields that are given by name (``is_field``).

    Where ``blank``, a blank code means ``None``; else ``None`` means "not asked" and blank is none.
    """

    def __init__(
        self, call: str, name: str, hint: Any, *, blank: bool, is_field: bool = False
    ) -> None:
        self.call, self.name, self.blank, self.is_field = call, name, blank, is_field
        union = typing.get_origin(hint) in {types.UnionType, typing.Union}
        members = typing.get_args(hint) if union else (hint,)
        self.hints = [each for each in members if each is not types.NoneType]
        self.optional = len(self.hints) < len(members)

    def source(self, stars: str, has_default: bool, scope: dict[str, Any]) -> Sequence[str]:
        """Return the lines that judge the argument, with what they need in ``scope``."""
        name, hint, judge = self.name, self.hints[0], self.judge()
        if name in _OPENED:
            member, reason = _OPENED[name]
            scope[f"refuse_{name}"] = functools.partial(self._refuse, reason=reason)
            return [f"if not hasattr({name}, {member!r}): refuse_{name}({name})"]
        if judge is _anything:
            return []
        scope[f"judge_{name}"] = judge
        if stars:
            each = f"(*map(judge_{name}, {name}),)"
            return [f"{name} = {each if stars == '*' else f'judge_{name}({name})'}"]
        unless = [f"{name} is not default_{name}"] if has_default else []
        act = f"{name} = judge_{name}({name})"
        if self.hints == [str] and _CODE.fullmatch(name):
            scope[f"judge_{name}"] = functools.lru_cache(maxsize=1024, typed=True)(judge)
            scope[f"plain_{name}"] = judge
            again = f"{name} = plain_{name}({name})"  # it cannot be hashed
            act = f"try: {act}\n        except TypeError: {again}"
        elif len(self.hints) == 1 and hint not in _MORE_THAN_A_CLASS and isinstance(hint, type):
            scope[f"class_{name}"] = hint
            unless.append(f"{name}.__class__ is not class_{name}")
        return [f"if {' and '.join(unless) or True}:", f"    {act}"]

    def judge(self) -> Judge:
        """Return what judges a value."""
        judges = [self._of(hint) for hint in self.hints]
        if {Decimal, str} <= {*self.hints}:
            judges = [self._by(as_money, not_negative, True)]
        if _anything in judges:
            return _anything
        judge: Any = judges[0] if len(judges) == 1 else self._of_several(judges)
        return (lambda value: None if value is None else judge(value)) if self.optional else judge

    def _of(self, hint: Any) -> Judge:
        origin, members = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Unpack:
            return self._of_values(members[0])
        if origin in _LISTS:
            return self._of_members(members[0])
        if hasattr(hint, "_fields"):
            return self._of_named_tuple(hint)
        rule = self._rule(hint, origin or hint, members)
        return _anything if rule is None else self._by(*rule)

    def _rule(self, hint: Any, kind: Any, members: Any) -> tuple[Any, Any, bool] | None:
        """Return converter, validator, and whether it could be the value of a field."""
        if kind in _KINDS:
            return _KINDS[kind]
        if hint is str and (len(self.hints) == 1 or self.name in _NAMES):
            return *self._text(), len(self.hints) == 1
        if hint is int:
            least, is_count = _AT_LEAST.get(self.name, 0), self.name in _AT_LEAST
            return None, whole(least, NUMBER_LIMIT), not is_count
        if isinstance(kind, type) and issubclass(kind, Enum):
            return as_member(kind), one_of(kind), True
        named = kind is typing.Literal
        taken = kind is object or getattr(kind, "_is_protocol", False)
        if not named and (taken or kind.__module__ == "typing"):
            return None
        validator = _one_of(members) if named else flag if kind is bool else instance_of(kind)
        return None, validator, self.is_field

    def _text(self) -> tuple[Any, Any]:
        if self.name in _NAMES:
            return _NAMES[self.name]
        if not _CODE.fullmatch(self.name):
            return None, several_lines(_LONG)
        most = CONTACT_NO if self.name.startswith(("contact", "company")) else 20
        if self.optional and self.blank:
            return as_optional_code, optional(code_text(1, most))
        return as_code, code_text(1, most)

    def _by(self, converter: Any, validator: Any, is_field: bool) -> Judge:
        record, attribute = type(self.call, (), {})(), SimpleNamespace(name=self.name)

        def judge(value: Any) -> Any:
            value = value if converter is None else converter(value)
            try:
                validator(record, attribute, value)
            except FieldInvalidError as error:
                if is_field:
                    raise
                self._refuse(value, error.reason)
            return value

        return judge

    def _of_several(self, judges: Sequence[Any]) -> Judge:
        kinds = [typing.get_origin(hint) or hint for hint in self.hints]

        def judge(value: Any) -> Any:
            for kind, each in zip(kinds, judges, strict=True):
                if isinstance(value, kind):
                    return each(value)
            return self._refuse(value, f"must be {' or '.join(kind.__name__ for kind in kinds)}")

        return judge

    def _of_members(self, hint: Any) -> Judge:
        member = _Parameter(self.call, self.name, hint, blank=False, is_field=self.is_field).judge()

        def judge(values: Any) -> Any:
            if isinstance(values, str | bytes) or not isinstance(values, Collection):
                self._refuse(values, "must be a collection")
            kind = type(values) if type(values) in _LISTS else tuple
            return kind(map(member, values))

        return judge

    def _of_named_tuple(self, kind: Any) -> Judge:
        hints = typing.get_type_hints(kind).items()
        judges = [_Parameter(self.call, *pair, blank=False).judge() for pair in hints]

        def judge(value: Any) -> Any:
            if not isinstance(value, tuple) or len(value) != len(judges):
                self._refuse(value, f"must be {kind.__name__}")
            return kind(*(each(part) for each, part in zip(judges, value, strict=True)))

        return judge

    def _of_values(self, fields: Any) -> Judge:
        judges = {
            name: _Parameter(self.call, name, hint, blank=True, is_field=True).judge()
            for name, hint in typing.get_type_hints(fields).items()
        }

        def judge(values: dict[str, Any]) -> dict[str, Any]:
            if unknown := sorted(values.keys() - judges.keys()):
                known = f"its fields are {', '.join(judges)}"
                raise UsageError(f"{self.call} has no field {', '.join(unknown)}: {known}")
            return {name: judges[name](value) for name, value in values.items()}

        return judge

    def _refuse(self, value: object, reason: str) -> Any:
        raise UsageError(f"{self.call}: {self.name} {reason}: {shown(value)}")


def _one_of(members: Sequence[Any]) -> Any:
    known = f"must be one of {', '.join(map(str, members))}"
    return accepting(lambda value: isinstance(value, str | int) and value in members, known)


class _Unasked(frozenset[Any]):
    """The empty set that nobody gave; a filter that is copied keeps it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "frozenset()"


UNASKED: Any = _Unasked()
"""Default of the sets of a filter."""


def asked(values: Any, form: Callable[[Any], T]) -> frozenset[T]:
    """Return the values of a filter's set in one form; nothing given stays that."""
    several = [values] if isinstance(values, str | bytes) else values
    return UNASKED if values is UNASKED else frozenset(map(form, several))


def refuses_odd(kind: type[T]) -> type[T]:
    """
    Let the constructor of a filter name the field that takes no such value.

    An empty set is refused as well: it came out of something else.
    """
    fields: Any = attrs.fields(kind)  # type: ignore[arg-type]
    made = kind.__init__

    @functools.wraps(made)
    def init(self: Any, *arguments: Any, **given: Any) -> None:
        odd = "must not be empty: leave it out to ask nothing"
        # what can be read once is read once
        once = {name: [*each] for name, each in given.items() if isinstance(each, Iterator)}
        given = {**given, **once}
        for field in (each for each in fields if each.default is UNASKED):
            value = given.get(field.name, UNASKED)
            if value is not UNASKED and isinstance(value, Sized) and not value:
                refuse(self, field, value, odd)
        try:
            made(self, *arguments, **given)
        except FieldInvalidError:
            raise
        except (AttributeError, TypeError, ValueError):
            for field in (each for each in fields if each.converter and each.name in given):
                try:
                    field.converter(given[field.name])
                except (AttributeError, TypeError, ValueError):
                    refuse(self, field, given[field.name], "has another form: see its description")
            raise

    kind.__init__ = init  # type: ignore[method-assign]
    return kind
