"""
Every public call with every bad kind of value for each parameter, found from signatures.

``Case.act`` performs one of them on a unit of work over the world of the race contract. What a
parameter is given otherwise is what the world has; only one argument of a case is bad.
"""

from __future__ import annotations

import datetime as dt
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from enum import Enum
from io import StringIO
from random import Random
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import interactionlog as il
from interactionlog import numbering

OWN = {"CampaignStatistics", "Statistics", "LogFilter", "OutcomeFilter", "Widening"}
"""Classes whose constructor has arguments of its own that matter."""
LONG = "x" * 300
_TEXTS = (7, b"x", "a\x00b", "\ud800", ["a"])
_BAD: dict[Any, tuple[Any, ...]] = {
    str: _TEXTS,
    int: (-1, 2**70, True, "5", 1.5, None),
    bool: (1, "yes", None),
    Decimal: (1.5, True, "x", Decimal("NaN"), "-1", None),
    dt.date: (dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC), "2026-01-01", 20260101),
    dt.time: (dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC), "08:00", dt.time(8, tzinfo=dt.UTC)),
    dt.datetime: (dt.datetime(2026, 1, 1), dt.date(2026, 1, 1), "2026-01-01T08:00Z"),  # noqa: DTZ001
}
_BAD_CODES = (*_TEXTS, LONG, "A\u200bB", "A\u00adB", "\ufeffA")
_BLANK = ("", " ", "\u00a0")


def is_code(name: str) -> bool:
    """Say whether a parameter is named like a code."""
    return name in {"no", "code", "no_series", "other", "alternative"} or name.endswith(
        ("_no", "_code", "_series")
    )


def bad_values(name: str, hint: Any, default: Any = inspect.Parameter.empty) -> Iterator[Any]:
    """Give what a parameter of this name and type must refuse."""
    members = typing.get_args(hint) if _is_union(hint) else (hint,)
    kinds = [each for each in members if each is not types.NoneType]
    if Decimal in kinds:
        kinds = [Decimal]
    if len(kinds) != 1:
        yield from (7,) if str in kinds and int not in kinds else ()
        return
    (kind,) = kinds
    origin = typing.get_origin(kind)
    found: tuple[Any, ...] = ()
    if kind is str:
        found = _BAD_CODES if is_code(name) else _TEXTS
        if is_code(name) and (default is None or len(members) == 1):
            found += _BLANK  # None says "not asked", so that blank is an error
    elif kind in _BAD:
        found = _BAD[kind]
        if name in {"limit", "size", "count"}:
            found += (0,)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        found = (next(iter(kind)).value, "NO SUCH MEMBER", 99)
        found = tuple(each for each in found if each not in kind.__members__)
    elif _is_list(origin):
        (member, *_) = typing.get_args(kind)
        found = ("ABC", 7, *([each] for each in bad_values(name, member)))
    elif isinstance(kind, type) and attrs_class(kind):
        found = (..., "text", 7)
    for each in found:
        if each is not None or len(kinds) == len(members):
            yield each


def attrs_class(kind: type) -> bool:
    """Say whether it is a class of values."""
    return hasattr(kind, "__attrs_attrs__")


def _is_list(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(
        origin, typing.get_origin(typing.Collection[int])
    )


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in {types.UnionType, typing.Union}


def known(work: Any) -> dict[str, Any]:
    interactions = il.InteractionService(work)
    draft = interactions.start("CT1", interaction_template_code="CALL")
    entry = il.InteractionLog(work).entries(limit=1)[0]
    return {
        "contact_no": "CT1", "salesperson_code": "HR", "segment_no": "SM1", "campaign_no": "CP1",
        "series_code": "INV", "other": "GAPS", "alternative": "GAPS", "no": "CP1", "code": "MAIL",
        "entry_no": 1, "line_no": 10_000, "draft": draft, "drafts": [draft], "entry": entry,
        "comment": il.DraftComment(comment="x"), "evaluation": il.Evaluation.POSITIVE,
        "entry_nos": 1, "line_nos": [10_000], "failed": True, "opportunity_no": "OP1",
        "language_code": "ITA", "new_language_code": "FRA", "old": "ITA", "new": "FRA",
        "attachment_no": 1, "template": il.InteractionTemplate(code="NEW", interaction_group_code="LETTERS"),
        "group": il.InteractionGroup(code="NEW"), "purpose": il.DocumentType.SALES_INVOICE,
        "document": il.Document(type=il.DocumentType.SALES_INVOICE, no="1", account_kind="Customer", account_no="C1"),
        "log_filter": il.LogFilter(), "contact_filter": il.ContactFilter(nos={"CT5"}),
        "action": il.CriteriaAction.ADD, "dimension": il.Dimension.CONTACT, "file": StringIO(),
        "content": b"x", "path": __file__, "folder": ".", "transport": None, "previous": "I003",
        "link_to_table": "Customer", "linked_no": "C1", "new_no": "NEW", "number": "I050",
        "before": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "count": 1, "series": numbering.NoSeries(code="NEW"),
        "starting_no": "J001", "first_no": "I004", "reason": "void", "record_kind": "X", "record_key": "1",
        "existing_max": "I050", "policy": numbering.NumberingPolicy.GAPLESS, "new_code": "NEW",
        "template_text": "K{n:03}", "on": dt.date(2026, 1, 1), "within_days": 3,
    }  # fmt: skip


class Case(NamedTuple):
    """One call with one bad argument."""

    call: str
    parameter: str
    kind: Any
    """The class or function."""
    method: str
    required: tuple[inspect.Parameter, ...]
    bad: Any
    further: dict[str, Any] = {}

    def act(self, work: Any, store: Any, given: dict[str, Any]) -> object:
        """Perform the call."""
        target = self.kind
        if self.method not in {"", "__init__"}:
            target = getattr(_instance(self.kind, work, store), self.method)
        elif first_of(target) == "work":
            target = _bound(target, work)
        field, positional, named = self.field, [], {}
        for each in self.required:
            value = self.bad if each.name == field else given.get(each.name)
            if each.kind is each.KEYWORD_ONLY:
                named[each.name] = value
            else:
                positional.append(value)
        if field not in {each.name for each in self.required}:
            named[field] = self.bad
        return target(*positional, **named, **self.further)

    def among(self, chance: Random, cases: Sequence[Case]) -> Case:
        """Return it with other named arguments of the call that are bad as well."""
        own = [case for case in cases if case.call == self.call and case.may_be_named()]
        others = {case.field: case.bad for case in chance.sample(own, min(3, len(own)))}
        others.pop(self.field, None)
        return self._replace(further=others)

    @property
    def field(self) -> str:
        """The parameter, or the field of named values."""
        return self.parameter.rpartition(".")[2]

    def needs_store(self) -> bool:
        """Say whether it is given a store, not a unit of work."""
        return "store" in parameters_of(self.kind)

    def may_be_named(self) -> bool:
        """Say whether it is no required parameter."""
        return self.field not in {each.name for each in self.required}


def _bound(target: Any, work: Any) -> Callable[..., Any]:
    return lambda *arguments, **named: target(work, *arguments, **named)


def _instance(kind: Any, work: Any, store: Any) -> Any:
    if "store" in parameters_of(kind):
        return kind(store, user_id="TESTER")
    return kind(work, "SM1") if kind is il.ContactSelection else kind(work)


def public() -> dict[str, Any]:
    """Return every public class and function that is given a unit of work, a store or a filter."""
    found = {}
    for space in (il, numbering, il.delivery, il.privacy):
        for name in sorted(space.__all__):
            each = getattr(space, name)
            if isinstance(each, ModuleType) or not isinstance(each, type | FunctionType):
                continue
            if first_of(each) in {"work", "store"} or name in OWN or each is il.position_of:
                found[name] = each
    return found


def first_of(call: Any) -> str | None:
    """Return the name of a call's first parameter."""
    return next(iter(parameters_of(call)), None)


def parameters_of(call: Any) -> dict[str, inspect.Parameter]:
    """Return a call's parameters by name."""
    try:
        return dict(inspect.signature(call).parameters)
    except ValueError:  # written in C
        return {}


def _methods(kind: Any) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    if isinstance(kind, FunctionType):
        yield "", kind, typing.get_type_hints(kind)
        return
    for name, function in inspect.getmembers(kind, inspect.isfunction):
        if name[0] != "_" or name == "__init__":
            owner = next(each for each in kind.__mro__ if name in vars(each))
            yield (
                name,
                function,
                typing.get_type_hints(function, vars(sys.modules[owner.__module__])),
            )


def calls() -> dict[str, tuple[Any, str, list[inspect.Parameter], dict[str, Any]]]:
    """Return every public call: its class or function, its method, parameters and type hints."""
    found = {}
    for name, kind in public().items():
        for method, function, hints in _methods(kind):
            if name in {"LogFilter", "OutcomeFilter", "Widening"} and method != "__init__":
                continue  # what filters offer to stores
            parameters = [
                each
                for each in inspect.signature(function).parameters.values()
                if each.name in hints and each.name != "work"
            ]
            call = name if method in {"", "__init__"} else f"{name}.{method}"
            found[call] = (kind, method, parameters, hints)
    return found


def cases() -> list[Case]:
    """Return every case."""
    return [
        Case(call, parameter, kind, method, required(parameters), bad)
        for call, (kind, method, parameters, hints) in calls().items()
        for each in parameters
        for parameter, bad in _bad_of(each, hints[each.name])
    ]


def required(parameters: Sequence[inspect.Parameter]) -> tuple[inspect.Parameter, ...]:
    """Return the parameters that must be given."""
    return tuple(p for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD)


def _bad_of(parameter: inspect.Parameter, hint: Any) -> Iterator[tuple[str, Any]]:
    if parameter.kind is not parameter.VAR_KEYWORD:
        for bad in bad_values(parameter.name, hint, parameter.default):
            yield parameter.name, bad
        return
    yield "values.no_such_field", 1
    for field, its in typing.get_type_hints(typing.get_args(hint)[0]).items():
        for bad in bad_values(field, its, default=0):
            yield f"values.{field}", bad
