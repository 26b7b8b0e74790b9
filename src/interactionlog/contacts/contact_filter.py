"""The structured filter that selections and their saved steps use."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from enum import Enum
from types import MappingProxyType
from typing import Any

import attrs

from interactionlog.arguments import UNASKED, asked, judged, refuses_odd
from interactionlog.contacts.contact import Contact, Membership
from interactionlog.values import (
    CONTACT_NO,
    NUMBER_LIMIT,
    ContactType,
    Member,
    MembershipKind,
    Validator,
    as_code,
    as_member,
    code_text,
    flag,
    folded,
    length,
    one_of,
    refuse,
    whole,
)

Plain = str | int | None
Codes = frozenset[str]


class FieldKind(Member):
    """How the values of a field are compared."""

    CODE = "code"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


Fields = Mapping[str, FieldKind]


def _plain(value: Any) -> Any:
    """Return the value of a field as conditions compare it; ``None`` where it is not set."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else None if value == "" else value


def _as_set(values: object) -> frozenset[Plain] | None:
    if values is None:
        return None
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        values = [values]
    return frozenset(map(_plain, values))


@refuses_odd
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
        prefix, contains: Begins with, has within it; in names the case is ignored.
        negated: The opposite must hold.
    """

    any_of: frozenset[Plain] | None = attrs.field(default=None, converter=_as_set)
    at_least: Plain = attrs.field(default=None, converter=_plain)
    at_most: Plain = attrs.field(default=None, converter=_plain)
    prefix: str = attrs.field(default="", validator=length(0, 250))
    contains: str = attrs.field(default="", validator=length(0, 250))
    negated: bool = attrs.field(default=False, validator=flag)

    @any_of.validator
    @at_least.validator
    @at_most.validator
    def _are_plain(self, attribute: attrs.Attribute[Any], value: object) -> None:
        for each in value if isinstance(value, frozenset) else [value]:
            if isinstance(each, str):
                length(0, 250)(self, attribute, each)
            elif each is not None:
                whole(-NUMBER_LIMIT, NUMBER_LIMIT)(self, attribute, each)

    def __attrs_post_init__(self) -> None:
        ranged = self.at_least is not None or self.at_most is not None
        given = [self.any_of is not None, ranged, self.prefix != "", self.contains != ""]
        if sum(given) != 1:
            field = attrs.fields(Condition).any_of
            refuse(self, field, [*self.values], "needs one of any_of, a range, prefix or contains")

    @property
    def values(self) -> tuple[Plain, ...]:
        """Everything that it compares with."""
        given = (*(self.any_of or ()), self.at_least, self.at_most, self.prefix, self.contains)
        return tuple(value for value in given if value not in {None, ""})

    def with_values(self, change: typing.Callable[[str], str]) -> Condition:
        """Return it with every text changed."""

        def changed(value: Plain) -> Plain:
            return change(value) if isinstance(value, str) and value else value

        texts = ("at_least", "at_most", "prefix", "contains")
        several = None if self.any_of is None else map(changed, self.any_of)
        values: dict[str, Any] = {name: changed(getattr(self, name)) for name in texts}
        return attrs.evolve(self, any_of=several, **values)

    def forgetting(self, told: Set[str]) -> Condition:
        """Return it without these folded texts; without any left, no value satisfies it."""

        def tells(value: Plain) -> bool:
            return isinstance(value, str) and folded(value) in told

        if not any(map(tells, self.values)):
            return self
        rest = [value for value in self.any_of or () if not tells(value)]
        return Condition(any_of=rest, negated=self.negated)

    def holds(self, value: object) -> bool:
        """Say whether the value of a field satisfies the condition."""
        return self._fits(_plain(value)) is not self.negated

    def _fits(self, value: Plain) -> bool:
        if self.any_of is not None:
            return value in self.any_of
        if value is None:
            return False
        if self.prefix or self.contains:
            text = str(value)
            return text.startswith(self.prefix) if self.prefix else self.contains in text
        return (self.at_least is None or value >= self.at_least) and (  # type: ignore[operator]
            self.at_most is None or value <= self.at_most  # type: ignore[operator]
        )


Conditions = tuple[tuple[str, Condition], ...]
"""Conditions with the names of their fields, sorted; all must hold."""


def _as_conditions(questions: object, fields: Fields = MappingProxyType({})) -> Conditions:
    """
    Turn ``{"city": "Merano", "post_code": Condition(…)}`` into conditions; lists are several.

    Values become as they are stored in these fields: codes in upper case, names folded.
    """
    found: list[tuple[str, Condition]] = []
    for name, question in _items(questions):
        is_code = fields.get(name) is FieldKind.CODE
        change = folded if name == "name" else as_code if is_code else str
        if fields.get(name) is FieldKind.DATE:
            change = _as_day
        several = question if isinstance(question, list | tuple) else [question]
        for each in several or [frozenset()]:  # nobody has one of none
            if not isinstance(each, Condition):
                each = Condition(any_of=each if isinstance(each, Set) else [each])  # noqa: PLW2901
            found.append((name, each.with_values(change) if fields else each))
    return tuple(sorted(found, key=_order))


def _as_day(value: str) -> str:
    """Return a date in the one form that is compared; what is none is left to the validator."""
    with suppress(ValueError):
        return dt.date.fromisoformat(value).isoformat()
    return value


def _order(question: tuple[str, Condition]) -> tuple[object, ...]:
    name, each = question
    several = sorted(map(repr, each.any_of or ()))
    rest = (each.at_least, each.at_most, each.prefix, each.contains, each.negated)
    return (str(name), several, repr(rest))


def _knows(fields: Fields) -> Validator:
    """Accept conditions on these fields, with values that they can be compared with."""

    def check(instance: object, attribute: attrs.Attribute[Any], value: Conditions) -> None:
        for name, condition in value:
            kind = fields.get(name)
            textual, given = kind in {FieldKind.CODE, FieldKind.TEXT}, [*condition.values]
            fits = str if textual or kind is FieldKind.DATE else int
            if kind is None:
                refuse(instance, attribute, name, f"knows {', '.join(sorted(fields))}")
            if any(not isinstance(each, fits) for each in condition.values):
                refuse(instance, attribute, given, f"compares {name} with other values")
            if not textual and (condition.prefix or condition.contains):
                refuse(instance, attribute, given, f"has no text in {name}")
            if kind is FieldKind.DATE and not _is_span(condition):
                refuse(
                    instance,
                    attribute,
                    given,
                    f"needs a range of dates such as 2026-01-31 for {name}",
                )
            if kind is FieldKind.FLAG and condition.any_of not in _ONE_FLAG:
                refuse(instance, attribute, given, f"needs True or False for {name}")

    return check


_ONE_FLAG = (frozenset[Plain]([0]), frozenset[Plain]([1]))


def _is_span(condition: Condition) -> bool:
    """Say whether a condition is a range of dates."""
    try:
        for value in condition.values:
            dt.date.fromisoformat(str(value))
    except ValueError:
        return False
    return condition.any_of is None


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
"""Fields of a membership that conditions may name."""
_OF_INTERACTIONS = {
    FieldKind.DATE: "date",
    FieldKind.CODE: """segment_no campaign_no interaction_template_code interaction_group_code
        interaction_language_code salesperson_code""",
    FieldKind.NUMBER: """evaluation information_flow correspondence_type delivery_status
        logged_segment_entry_no""",
    FieldKind.FLAG: "canceled postponed attempt_failed campaign_response",
}
INTERACTION_FIELDS: Fields = {
    name: kind for kind, names in _OF_INTERACTIONS.items() for name in names.split()
}
"""Fields of an interaction log entry that conditions may name."""


def _as_codes(values: Iterable[str]) -> frozenset[str]:
    return asked(values, as_code)


def _as_optional_codes(values: Iterable[str] | None) -> frozenset[str] | None:
    return values if values is None else _as_codes(values)


def _as_types(values: Iterable[ContactType]) -> frozenset[ContactType]:
    return asked(values, as_member(ContactType))


def _as_answers(values: Mapping[str, Iterable[int]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    answers = ((as_code(code), tuple(sorted(set(lines)))) for code, lines in _items(values))
    return tuple(sorted(answers))


def _of_contact(questions: object) -> Conditions:
    return _as_conditions(questions, CONTACT_FIELDS)


def _of_interactions(questions: object) -> Conditions:
    return _as_conditions(questions, INTERACTION_FIELDS)


def _by_kind(sources: object) -> tuple[tuple[str, Conditions], ...]:
    named = {getattr(kind, "name", kind): conditions for kind, conditions in _items(sources)}
    return _by_source(named, MEMBERSHIP_FIELDS)


def _by_source(
    sources: object, fields: Fields = MappingProxyType({})
) -> tuple[tuple[str, Conditions], ...]:
    return tuple(sorted((name, _as_conditions(each, fields)) for name, each in _items(sources)))


def _items(sources: Any) -> Iterable[tuple[str, Any]]:
    pairs: Iterable[tuple[str, Any]] = sources.items() if isinstance(sources, Mapping) else sources
    return pairs


def _codes(instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    for code in value or ():
        code_text(1, CONTACT_NO if attribute.name.endswith(("nos", "within")) else 20)(
            instance, attribute, code
        )


def _answers(instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    _codes(instance, attribute, [code for code, _ in value])
    for _, lines in value:
        for line_no in lines:
            whole(0, NUMBER_LIMIT)(instance, attribute, line_no)


def _knows_kinds(instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    for kind, conditions in value:
        if kind not in MembershipKind.__members__:
            refuse(instance, attribute, kind, "must be a member of MembershipKind")
        _knows(MEMBERSHIP_FIELDS)(instance, attribute, conditions)


def _names(instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    for name, _ in value:
        length(1, 250)(instance, attribute, name)


@refuses_odd
@attrs.frozen(kw_only=True)
class ContactFilter:
    """
    Which contacts match; every condition given must hold, and an empty filter matches everybody.

    A contact satisfies the conditions on itself; where there are conditions on another source, such
    as its interactions, at least one record there satisfies all of them. Persons are tested by the
    business relations and industry groups of their company; everything else is their own.
    Interactions count whether canceled or postponed, unless a condition says so. Conditions are
    given by field, such as ``{"city": "Merano", "post_code": Condition(at_least="39000")}``; a list
    gives several. An empty set of codes is refused: leave the field out, or give ``within=()``,
    which matches nobody.

    Attributes:
        nos: Any of these contact numbers.
        types: Companies, persons or both.
        salesperson_codes, company_nos, territory_codes, country_codes: Any of these.
        business_relation_codes, mailing_group_codes, industry_group_codes,
            job_responsibility_codes: A membership with any of these codes.
        profile_answers: By questionnaire, any of these answer lines; no lines means any answer.
            Given as a mapping such as ``{"CUSTOMER": [20000]}``; one answer must satisfy it.
        where: Conditions on any field of the contact.
        memberships: By `MembershipKind`, further conditions on the membership.
        interactions: Conditions on an interaction of the contact.
        elsewhere: By name, conditions on a source that only the host knows; see `ContactSource`.
        within: Only these contacts, whatever else is given; ``None`` is no restriction.

    Source: segments 1.11 and SEG-060.
    """

    nos: Codes = attrs.field(default=UNASKED, converter=_as_codes, validator=_codes)
    types: frozenset[ContactType] = attrs.field(
        default=UNASKED,
        converter=_as_types,
        validator=attrs.validators.deep_iterable(one_of(ContactType)),
    )
    salesperson_codes: Codes = attrs.field(default=UNASKED, converter=_as_codes, validator=_codes)
    company_nos: Codes = attrs.field(default=UNASKED, converter=_as_codes, validator=_codes)
    territory_codes: Codes = attrs.field(default=UNASKED, converter=_as_codes, validator=_codes)
    country_codes: Codes = attrs.field(default=UNASKED, converter=_as_codes, validator=_codes)
    business_relation_codes: Codes = attrs.field(
        default=UNASKED, converter=_as_codes, validator=_codes
    )
    mailing_group_codes: Codes = attrs.field(default=UNASKED, converter=_as_codes, validator=_codes)
    industry_group_codes: Codes = attrs.field(
        default=UNASKED, converter=_as_codes, validator=_codes
    )
    job_responsibility_codes: Codes = attrs.field(
        default=UNASKED, converter=_as_codes, validator=_codes
    )
    profile_answers: tuple[tuple[str, tuple[int, ...]], ...] = attrs.field(
        default=(), converter=_as_answers, validator=_answers
    )
    where: Conditions = attrs.field(
        default=(), converter=_of_contact, validator=_knows(CONTACT_FIELDS)
    )
    memberships: tuple[tuple[str, Conditions], ...] = attrs.field(
        default=(), converter=_by_kind, validator=_knows_kinds
    )
    interactions: Conditions = attrs.field(
        default=(), converter=_of_interactions, validator=_knows(INTERACTION_FIELDS)
    )
    elsewhere: tuple[tuple[str, Conditions], ...] = attrs.field(
        default=(), converter=_by_source, validator=_names
    )
    within: Codes | None = attrs.field(default=None, converter=_as_optional_codes, validator=_codes)

    @property
    def is_empty(self) -> bool:
        """Whether there is no condition: every contact satisfies it."""
        return self == ContactFilter()

    def forgetting(self, told: Set[str]) -> ContactFilter:
        """Return the filter without these texts, given folded; no one else matches after."""
        values = attrs.asdict(self, recurse=False)
        before = dict(values)

        def left(conditions: Conditions) -> Conditions:
            return tuple((field, each.forgetting(told)) for field, each in conditions)

        for name in ("where", "interactions"):
            values[name] = left(values[name])
        for name in ("memberships", "elsewhere"):
            values[name] = tuple((source, left(conditions)) for source, conditions in values[name])
        for name in ("nos", "company_nos", "within"):
            rest = frozenset(no for no in values[name] or () if folded(no) not in told)
            if values[name] and not rest:  # without one of these, it would ask nothing
                values["within"] = rest
            values[name] = values[name] and rest
        if values == before:
            return self
        kept = {name: value for name, value in values.items() if value or name == "within"}
        return ContactFilter(**kept)

    def member_conditions(self) -> list[tuple[MembershipKind, Conditions]]:
        """Return the conditions by kind of membership; the sets of codes are conditions too."""
        further = dict(self.memberships)
        found = []
        for kind in MembershipKind:
            codes = getattr(self, f"{kind.name.lower()}_codes", None)  # answers have none
            own: Conditions = (("code", Condition(any_of=codes)),) if codes else ()
            if own or kind.name in further or self.has_answer_condition(kind):
                found.append((kind, own + further.get(kind.name, ())))
        return found

    def has_answer_condition(self, kind: MembershipKind) -> bool:
        """Whether one of `profile_answers` must be given by a membership of this kind."""
        return kind is MembershipKind.PROFILE_ANSWER and self.profile_answers != ()

    def matches(
        self,
        contact: Contact,
        own: Iterable[Membership],
        of_company: Iterable[Membership],
        interactions: Iterable[object] = (),
    ) -> bool:
        """
        Say whether one contact matches; what the host knows is not looked at.

        Args:
            of_company: Memberships of its company, the same as ``own`` for a company.
            interactions: Its log entries; needed only where there are conditions on them.
        """
        return (
            self._matches_contact(contact)
            and self._matches_memberships(list(own), list(of_company))
            and (not self.interactions or any(holds(self.interactions, e) for e in interactions))
        )

    def _matches_contact(self, contact: Contact) -> bool:
        sets = [name for name in ("types", *SETS) if getattr(self, name)]
        return (
            (self.within is None or contact.no in self.within)
            and all(
                getattr(contact, name.removesuffix("s")) in getattr(self, name) for name in sets
            )
            and holds(self.where, contact)
        )

    def _matches_memberships(self, own: list[Membership], of_company: list[Membership]) -> bool:
        return all(
            any(
                m.kind is kind
                and holds(conditions, m)
                and (not self.has_answer_condition(kind) or self._is_wanted_answer(m))
                for m in (of_company if kind in OF_COMPANY else own)
            )
            for kind, conditions in self.member_conditions()
        )

    def _is_wanted_answer(self, answer: Membership) -> bool:
        return any(
            answer.code == questionnaire and (not lines or answer.line_no in lines)
            for questionnaire, lines in self.profile_answers
        )


SETS = ("nos", "salesperson_codes", "company_nos", "territory_codes", "country_codes")
"""Sets of a filter, each of values of the field that it is named after."""


def holds(conditions: Conditions, record: object) -> bool:
    """Say whether all of these conditions hold for a record."""
    return all(
        condition.holds(getattr(record, "search_name" if name == "name" else name))
        for name, condition in conditions
    )


OF_COMPANY = frozenset({MembershipKind.BUSINESS_RELATION, MembershipKind.INDUSTRY_GROUP})
"""Memberships that a person has through the company."""


@judged
@attrs.frozen(kw_only=True)
class Widening:
    """
    Whom a selection takes along with the contacts that match.

    Attributes:
        persons_of_matched_companies: All persons of a company that matches.
        colleagues_of_matched_persons: Company and colleagues of a person that matches.
        related_companies: The company of a person that matches.

    Source: SEG-063; BC's *expand companies* is the first two together (D-32).
    """

    persons_of_matched_companies: bool = False
    colleagues_of_matched_persons: bool = False
    related_companies: bool = False
