"""One question about one field, and which fields a filter may ask about."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Iterable, Mapping, Set
from enum import Enum, unique

import attrs

from interactionlog._fields import as_code, refuse
from interactionlog.contacts.contact import Contact, Membership

__all__ = [
    "CONTACT_FIELDS",
    "INTERACTION_FIELDS",
    "MEMBERSHIP_FIELDS",
    "Asked",
    "Condition",
    "FieldKind",
    "Fields",
    "as_asked",
    "judged",
    "normalised",
]

Plain = str | int | None


@unique
class FieldKind(Enum):
    """How the values of a field are compared."""

    CODE = "code"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


Fields = Mapping[str, FieldKind]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value


def _optional_plain(value: object) -> object:
    return None if value is None or value == "" else _plain(value)


def _as_set(values: object) -> frozenset[Plain] | None:
    if values is None:
        return None
    if isinstance(values, str) or not isinstance(values, Iterable):
        values = [values]
    return frozenset(
        typing.cast("Plain", None if value == "" else _plain(value)) for value in values
    )


@attrs.frozen(kw_only=True)
class Condition:
    """
    What one field must hold. Give one of ``any_of``, a range, ``prefix`` or ``contains``.

    Dates, enumerations and flags may be given as they are. A field that is not set (``None``,
    ``""``) satisfies nothing but an ``any_of`` that names ``None``, and every negated condition.

    Attributes:
        any_of: One of these values; ``None`` among them means "not set", an empty set is satisfied
            by nothing.
        at_least, at_most: Bounds, inclusive; either may be left open. Text goes by code point.
        prefix, contains: Begins with, has within it; in names the case is no matter.
        negated: The opposite is asked.
    """

    any_of: frozenset[Plain] | None = attrs.field(default=None, converter=_as_set)
    at_least: Plain = attrs.field(default=None, converter=_optional_plain)
    at_most: Plain = attrs.field(default=None, converter=_optional_plain)
    prefix: str = ""
    contains: str = ""
    negated: bool = False

    def __attrs_post_init__(self) -> None:
        ranged = self.at_least is not None or self.at_most is not None
        asked = [self.any_of is not None, ranged, self.prefix != "", self.contains != ""]
        if sum(asked) != 1:
            field = attrs.fields(Condition).any_of
            refuse(self, field, self, "needs one of any_of, a range, prefix or contains")

    @property
    def values(self) -> tuple[Plain, ...]:
        """Everything that it compares with."""
        several = self.any_of or ()
        return tuple(
            value
            for value in (*several, self.at_least, self.at_most, self.prefix, self.contains)
            if value not in {None, ""}
        )

    def with_values(self, change: typing.Callable[[str], str]) -> Condition:
        """Return it with every text changed."""

        def changed(value: Plain) -> Plain:
            return change(value) if isinstance(value, str) and value else value

        return Condition(
            any_of=None if self.any_of is None else map(changed, self.any_of),
            at_least=changed(self.at_least),
            at_most=changed(self.at_most),
            prefix=change(self.prefix),
            contains=change(self.contains),
            negated=self.negated,
        )

    def holds(self, value: object) -> bool:
        """Judge the value of a field."""
        return self._fits(typing.cast("Plain", _plain(value))) is not self.negated

    def _fits(self, value: Plain) -> bool:
        if self.any_of is not None:
            return (None if value == "" else value) in self.any_of
        if value is None or value == "":
            return False
        if self.prefix or self.contains:
            text = str(value)
            return text.startswith(self.prefix) if self.prefix else self.contains in text
        return (self.at_least is None or value >= self.at_least) and (  # type: ignore[operator]
            self.at_most is None or value <= self.at_most  # type: ignore[operator]
        )


Asked = tuple[tuple[str, Condition], ...]
"""Conditions with the names of their fields, sorted; all must hold."""


def as_asked(questions: object) -> Asked:
    """Turn ``{"city": "Merano", "post_code": Condition(…)}`` into conditions; lists are several."""
    pairs = questions.items() if isinstance(questions, Mapping) else questions
    found: list[tuple[str, Condition]] = []
    for name, question in typing.cast("Iterable[tuple[str, object]]", pairs):
        for each in question if isinstance(question, list | tuple) else [question]:
            if not isinstance(each, Condition):
                each = Condition(any_of=each if isinstance(each, Set) else [each])  # noqa: PLW2901
            found.append((name, each))
    return tuple(sorted(found, key=_order))


def _order(question: tuple[str, Condition]) -> tuple[object, ...]:
    name, asked = question
    several = sorted(map(repr, asked.any_of or ()))
    rest = (asked.at_least, asked.at_most, asked.prefix, asked.contains, asked.negated)
    return (str(name), several, repr(rest))


def judged(
    instance: object, attribute: attrs.Attribute[Asked], asked: Asked, fields: Fields
) -> None:
    """Refuse what a source has no field for, or what its field cannot be compared with."""
    for name, condition in asked:
        kind = fields.get(name)
        if kind is None:
            refuse(instance, attribute, name, f"knows {', '.join(sorted(fields))}")
        textual = kind in {FieldKind.CODE, FieldKind.TEXT}
        fits = str if textual or kind is FieldKind.DATE else int
        if any(not isinstance(value, fits) for value in condition.values):
            refuse(instance, attribute, condition, f"compares {name} with other values")
        if not textual and (condition.prefix or condition.contains):
            refuse(instance, attribute, condition, f"has no text in {name}")
        if kind is FieldKind.DATE and (condition.any_of is not None or not _are_dates(condition)):
            refuse(instance, attribute, condition, f"needs a range for {name}")
        if kind is FieldKind.FLAG and condition.any_of not in _ONE_FLAG:
            refuse(instance, attribute, condition, f"needs True or False for {name}")


_ONE_FLAG = (frozenset[Plain]([0]), frozenset[Plain]([1]))


def _are_dates(condition: Condition) -> bool:
    try:
        return all(dt.date.fromisoformat(str(value)) for value in condition.values)
    except ValueError:
        return False


def normalised(asked: Asked, fields: Fields) -> Asked:
    """Return the conditions as values are stored: codes in upper case, names folded."""
    changed = [
        (name, condition.with_values(_CHANGES.get(name) or _CHANGES.get(fields.get(name), str)))
        for name, condition in asked
    ]
    return tuple(sorted(changed, key=_order))


_CHANGES: dict[object, typing.Callable[[str], str]] = {
    "name": str.casefold,  # compared with the search name
    FieldKind.CODE: as_code,
}


def _kinds_of(entity: type, leave_out: frozenset[str]) -> Fields:
    hints = typing.get_type_hints(entity)
    kinds: dict[str, FieldKind] = {}
    for field in attrs.fields(entity):
        hint = hints[field.name]
        bare = next((each for each in typing.get_args(hint) if each is not type(None)), hint)
        if field.name in leave_out:
            continue
        if bare is str:
            kinds[field.name] = FieldKind.CODE if field.converter else FieldKind.TEXT
        elif bare is bool:
            kinds[field.name] = FieldKind.FLAG
        elif bare is int or issubclass(bare, Enum):
            kinds[field.name] = FieldKind.NUMBER
    return kinds


CONTACT_FIELDS: Fields = _kinds_of(Contact, frozenset())
"""Every field of a contact."""
MEMBERSHIP_FIELDS: Fields = _kinds_of(Membership, frozenset({"contact_no", "kind"}))
"""What may be asked of a membership."""
_OF_INTERACTIONS = {
    FieldKind.DATE: "date",
    FieldKind.CODE: """segment_no campaign_no interaction_template_code interaction_group_code
        interaction_language_code salesperson_code""",
    FieldKind.NUMBER: "evaluation information_flow correspondence_type logged_segment_entry_no",
    FieldKind.FLAG: "canceled postponed attempt_failed campaign_response",
}
INTERACTION_FIELDS: Fields = {
    name: kind for kind, names in _OF_INTERACTIONS.items() for name in names.split()
}
"""What may be asked of an interaction log entry."""
