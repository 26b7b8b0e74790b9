"""
Hypothesis strategies for entities, derived from their fields, validators and converters.

``entities(Contact)`` generates valid contacts, ``entities(Contact, no="CT1")`` some with that
number; any value may itself be a strategy.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import attrs
from hypothesis import strategies as st

from interactionlog.campaigns.campaign import Campaign
from interactionlog.contacts.consent import NEEDS, Consent, Purpose, Suppression
from interactionlog.contacts.contact import CODE_CONVERTERS, AlternativeAddressPeriod, Contact
from interactionlog.contacts.contact_filter import Condition, ContactFilter
from interactionlog.delivery.delivery import Delivery
from interactionlog.errors import FieldInvalidError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.repository import LogFilter, OutcomeFilter
from interactionlog.numbering.series import NoSeries, NoSeriesLine, NumberRange
from interactionlog.segments.logging.logger import CARRIED, FollowUp
from interactionlog.templates.template import PURPOSES, TemplateSetup
from interactionlog.values import ContactType, NumberState

E = TypeVar("E")
Values = dict[str, Any]

_LENGTHS = (0, 1, 3, 10, 18, 20, 30, 50, 64, 80, 100, 250, 2_000)
_NUMBERS = (0, 1, 3, 7, 9, 18, 2**31 - 1, 10**18 - 1, 2**63 - 1)


def codes(most: int = 10) -> st.SearchStrategy[str]:
    """Generate codes of up to ``most`` characters, as a user may type them."""
    return st.text("ABCZÄØŁ0189-_/.&az", min_size=1, max_size=most)


def texts(least: int = 0, most: int = 100, *, lines: bool = False) -> st.SearchStrategy[str]:
    """Generate text without control characters; ``lines`` allows line breaks and tabs."""
    characters = st.characters(exclude_categories=["Cc", "Cs"])
    if lines:
        characters |= st.sampled_from("\n\r\t")
    return st.text(characters, min_size=least, max_size=most)


def money() -> st.SearchStrategy[Decimal]:
    """Generate amounts of zero or more with up to five decimals, below 10^12."""
    return st.integers(0, 10**17 - 1).map(lambda scaled: Decimal(scaled).scaleb(-5))


def entities(kind: type[E], **fixed: Any) -> st.SearchStrategy[E]:
    """Generate valid instances of an attrs class; ``fixed`` gives values or strategies by field."""
    given = {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value)
        for name, value in fixed.items()
    }
    build: Callable[..., E] = kind
    fit = _FIT.get(kind, dict[str, Any])
    drawn = _fields_of(kind) | given  # type: ignore[arg-type]  # a class is hashable
    return st.fixed_dictionaries(drawn).map(lambda values: build(**fit(values)))


@cache
def _fields_of(kind: type[Any]) -> dict[str, st.SearchStrategy[Any]]:
    hints, like = typing.get_type_hints(kind), _LIKE.get(kind)
    known = {} if like is None else _fields_of(like)
    return {
        field.name: known[field.name]
        if field.name in known
        else _of_field(field, hints[field.name])
        for field in attrs.fields(kind)
    }


def _accepts(field: attrs.Attribute[Any], value: object) -> bool:
    try:
        if field.validator is not None:
            field.validator(None, field, value)
    except FieldInvalidError:
        return False
    except AttributeError:  # it goes on to compare with another field
        return True
    return True


def _of_field(field: attrs.Attribute[Any], hint: Any) -> st.SearchStrategy[Any]:
    if typing.get_origin(hint) is types.UnionType:
        kinds = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
        return st.none() | st.one_of([_of_field(field, kind) for kind in kinds])
    if hint is str:
        return _text_of(field)
    if hint is int:
        bounds = [number for number in _NUMBERS if _accepts(field, number)]
        return st.integers(min(bounds), max(bounds))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from([member for member in hint if _accepts(field, member)])
    return values(hint)


def _text_of(field: attrs.Attribute[Any]) -> st.SearchStrategy[str]:
    accepted = [length for length in _LENGTHS if _accepts(field, "X" * length)]
    least, most = min(accepted, default=0), max(accepted, default=0)
    convert: Any = field.converter or str
    drawn = (
        codes(most)
        if convert in CODE_CONVERTERS
        else texts(least, most, lines=_accepts(field, "\n"))
    )

    def fit(text: str) -> str:
        """Write what is refused, such as blanks or a number in both cases, in another way."""
        forms = (text, text.upper(), f"X{text[1:]}", "X" * least)
        return next((each for each in forms if _accepts(field, convert(each))), text)

    return drawn.map(fit)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Generate values of a type that occurs in an entity."""
    if hint in _PLAIN:
        return _PLAIN[hint]()
    arguments = typing.get_args(hint)
    if arguments:
        return _COMPOSED[typing.get_origin(hint)](*arguments)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return entities(hint)


def _tuples(*kinds: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    if kinds[-1] is Ellipsis:
        return st.lists(values(kinds[0]), max_size=3).map(tuple)
    return st.tuples(*map(values, kinds))


_COMPOSED: dict[Any, Callable[..., st.SearchStrategy[Any]]] = {
    types.UnionType: lambda *kinds: st.one_of([values(kind) for kind in kinds]),
    frozenset: lambda kind: st.frozensets(values(kind), max_size=3),
    Mapping: lambda key, value: st.dictionaries(values(key), values(value), max_size=3),
    tuple: _tuples,
}
_PLAIN: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
    bool: st.booleans,
    str: codes,
    int: lambda: st.integers(0, 2**31 - 1),
    Decimal: money,
    types.NoneType: st.none,
    dt.date: st.dates,
    dt.time: lambda: st.times().map(lambda time: time.replace(microsecond=0)),
    dt.datetime: lambda: st.datetimes(timezones=st.just(dt.UTC)),
}


def _fit_contact(values: Values) -> Values:
    is_company = values["type"] is ContactType.COMPANY
    return values | ({"company_no": values["no"]} if is_company else {})


def _fit_period(values: Values) -> Values:
    first, last = values["starting_date"], values["ending_date"]
    return values | ({"ending_date": first} if first and last and last < first else {})


def _fit_line(values: Values) -> Values:
    first, last = values["first_value"], values["last_allowed"]
    last = None if last is None else max(first, last)
    warning = None if last is None else values["warning_value"]
    warning = None if warning is None else max(first, warning)
    plain = {"template": None, "prefix": values["prefix"][:1].strip("0123456789"), "suffix": ""}
    rest = {"reset_period": type(values["reset_period"]).NEVER}
    return values | plain | rest | {"last_allowed": last, "warning_value": warning}


def _fit_range(values: Values) -> Values:
    reason = "lost" if values["state"] is NumberState.VOID else values["reason"]
    last = max(values["first_value"], values["last_value"])
    return values | {"last_value": last, "reason": reason}


def _fit_filter(values: Values) -> Values:
    questions = {"where", "memberships", "interactions", "elsewhere"}  # each field its own kinds
    given = {name: value for name, value in values.items() if value or name == "within"}
    return {name: value for name, value in given.items() if name not in questions}


_FIT: dict[type, Callable[[Values], Values]] = {
    Consent: lambda values: (
        values | {"given": values["given"] and values["purpose_code"] is not None}
    ),
    FollowUp: lambda values: values | {"carry": sorted(CARRIED)[: len(values["carry"])]},
    Delivery: lambda values: values | {"channel": "mail"},
    Purpose: lambda values: values | {"needs": NEEDS[len(values["description"]) % len(NEEDS)]},
    Suppression: lambda values: values | {"address": f"a{values['address'].strip()}"[:80]},
    Contact: _fit_contact,
    AlternativeAddressPeriod: _fit_period,
    Campaign: _fit_period,
    Condition: lambda values: {"any_of": values["any_of"] or [], "negated": values["negated"]},
    ContactFilter: _fit_filter,
    OutcomeFilter: _fit_filter,
    NoSeries: lambda values: (
        values | {"manual_nos": values["manual_nos"] or not values["default_nos"]}
    ),
    NoSeriesLine: _fit_line,
    NumberRange: _fit_range,
    TemplateSetup: lambda values: (
        values | {"purpose": sorted(PURPOSES)[len(values["purpose"]) % len(PURPOSES)]}
    ),
}
"""What one field asks of another."""

_LIKE: dict[type, type] = {LogFilter: InteractionLogEntry}
"""Whose fields of the same name say what a field takes."""
