"""A contact filter as named conditions of a statement, with their parameters in order."""

from __future__ import annotations

import datetime as dt

import attrs

from interactionlog.adapters.sql.session import NOT, SqlSession, json_list
from interactionlog.contacts.contact_filter import (
    CONTACT_FIELDS,
    INTERACTION_FIELDS,
    MEMBERSHIP_FIELDS,
    OF_COMPANY,
    SETS,
    Condition,
    Conditions,
    ContactFilter,
    FieldKind,
    Widening,
)
from interactionlog.values import MembershipKind


@attrs.frozen
class ContactConditions:
    """
    The conditions of the contacts that match a filter.

    Conditions are joined by AND; one that opens a bracket is closed by a later one.

    Attributes:
        session: Whose contacts, and what is known of them.
        conditions: Names of texts.
        values: Their parameters.
    """

    session: SqlSession
    conditions: list[str] = attrs.field(factory=list)
    values: list[object] = attrs.field(factory=list)

    @classmethod
    def of(
        cls, session: SqlSession, contact_filter: ContactFilter, widening: Widening | None
    ) -> ContactConditions:
        """
        Compile a filter, and whom the contacts take along.

        Raises:
            UsageError: The host's relation has not what is asked for.
        """
        matching = cls(session)
        if widening is None or widening == Widening():
            return matching.satisfying(contact_filter)
        return (
            matching.add("in_widened", session.tenant)
            .satisfying(contact_filter)
            .add(
                "end_widened",
                session.tenant,
                widening.persons_of_matched_companies,
                widening.colleagues_of_matched_persons,
                widening.related_companies or widening.colleagues_of_matched_persons,
            )
        )

    def add(self, condition: str, *values: object) -> ContactConditions:
        """Add one condition."""
        self.conditions.append(condition)
        self.values.extend(values)
        return self

    def satisfying(self, contact_filter: ContactFilter) -> ContactConditions:
        """Add what a filter asks for."""
        if self.session.relations.contacts is not None:
            self.session.relations.contacts.refuse_unmapped(contact_filter)
        for name in SETS:
            if codes := getattr(contact_filter, name):
                self.add(f"if_{name.removesuffix('s')}", json_list(codes))
        if contact_filter.within is not None:
            self.add("if_no", json_list(contact_filter.within))
        if contact_filter.types:
            self.add("if_types", json_list([member.value for member in contact_filter.types]))
        self._add_all("c", contact_filter.where)
        for kind, conditions in contact_filter.member_conditions():
            self._add_members(kind, conditions, contact_filter)
        if contact_filter.interactions:
            self.add("if_interaction", self.session.tenant)
            self._add_all("e", contact_filter.interactions)
            self.add("end")
        return self

    def _add_members(
        self, kind: MembershipKind, conditions: Conditions, contact_filter: ContactFilter
    ) -> None:
        source = "if_membership_of_company" if kind in OF_COMPANY else "if_own_membership"
        self.add(source, self.session.tenant, kind.value)
        self._add_all("m", conditions)
        if contact_filter.has_answer_condition(kind):
            pairs = contact_filter.profile_answers
            self.add(
                "if_wanted_answer",
                json_list([f"{code}:{line}" for code, lines in pairs for line in lines]),
                json_list([f"{code}:" for code, lines in pairs if not lines]),
            )
        self.add("end")

    def _add_all(self, source: str, conditions: Conditions) -> None:
        for name, condition in conditions:
            kind = _FIELDS[source][name]
            word, values = _compiled(kind, condition)
            negated = NOT if condition.negated and kind is not FieldKind.FLAG else ""
            field = "search_name" if source == "c" and name == "name" else name
            self.add(f"{negated}{source}.{field}_{word}", *values)


_FIELDS = {"c": CONTACT_FIELDS, "m": MEMBERSHIP_FIELDS, "e": INTERACTION_FIELDS}


def _compiled(kind: FieldKind, condition: Condition) -> tuple[str, list[object]]:
    """Return the word of a condition's text, and its parameters."""
    if kind is FieldKind.FLAG:
        return ("true" if (1 in (condition.any_of or ())) is not condition.negated else "false"), []
    if condition.any_of is not None:
        blank = "_or_blank" if None in condition.any_of else ""
        return f"any_of{blank}", [json_list(condition.any_of - {None})]
    if condition.prefix:
        return "prefix", [len(condition.prefix), condition.prefix]
    if condition.contains:
        return "contains", [condition.contains]
    bounds: list[object] = [
        dt.date.fromisoformat(str(bound)) if kind is FieldKind.DATE else bound
        for bound in (condition.at_least, condition.at_most)
        if bound is not None
    ]
    if len(bounds) == 2:
        return "between", bounds
    return ("at_least" if condition.at_least is not None else "at_most"), bounds
