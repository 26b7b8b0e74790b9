"""The structured filter that selections and their saved steps use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from interactionlog._fields import as_code, length, refuse
from interactionlog.contacts.contact import Contact, Membership
from interactionlog.enumerations import ContactType, MembershipKind

__all__ = ["ContactFilter", "Widening"]


def _as_codes(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str):
        return frozenset([as_code(values)])
    return frozenset(as_code(value) for value in values)


def _as_types(values: Iterable[ContactType]) -> frozenset[ContactType]:
    return frozenset(values)


def _as_answers(
    values: Mapping[str, Iterable[int]],
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    pairs = values.items() if isinstance(values, Mapping) else values
    return tuple(sorted((as_code(code), tuple(sorted(set(lines)))) for code, lines in pairs))


def _codes(instance: object, attribute: attrs.Attribute[frozenset[str]], value: object) -> None:
    for code in value:  # type: ignore[attr-defined]  # a frozenset by its converter
        length(1, 20)(instance, attribute, code)


@attrs.frozen(kw_only=True)
class ContactFilter:
    """
    Which contacts are meant; every condition given must hold, and an empty one asks nothing.

    A contact satisfies the conditions on itself, and for every kind of membership that is asked
    for at least one membership. Persons are judged by the business relations and industry groups of
    their company; mailing groups, job responsibilities and profile answers are their own.

    Attributes:
        nos: Any of these contact numbers.
        types: Companies, persons or both.
        salesperson_codes, company_nos, territory_codes, country_codes: Any of these.
        business_relation_codes, mailing_group_codes, industry_group_codes,
            job_responsibility_codes: A membership with any of these codes.
        profile_answers: By questionnaire, any of these answer lines; no lines means any answer.
            Given as a mapping such as ``{"CUSTOMER": [20000]}``; one answer must satisfy it.

    Source: segments 1.11 and SEG-060.
    """

    nos: frozenset[str] = attrs.field(default=frozenset(), converter=_as_codes, validator=_codes)
    types: frozenset[ContactType] = attrs.field(default=frozenset(), converter=_as_types)
    salesperson_codes: frozenset[str] = attrs.field(
        default=frozenset(), converter=_as_codes, validator=_codes
    )
    company_nos: frozenset[str] = attrs.field(
        default=frozenset(), converter=_as_codes, validator=_codes
    )
    territory_codes: frozenset[str] = attrs.field(
        default=frozenset(), converter=_as_codes, validator=_codes
    )
    country_codes: frozenset[str] = attrs.field(
        default=frozenset(), converter=_as_codes, validator=_codes
    )
    business_relation_codes: frozenset[str] = attrs.field(
        default=frozenset(), converter=_as_codes, validator=_codes
    )
    mailing_group_codes: frozenset[str] = attrs.field(
        default=frozenset(), converter=_as_codes, validator=_codes
    )
    industry_group_codes: frozenset[str] = attrs.field(
        default=frozenset(), converter=_as_codes, validator=_codes
    )
    job_responsibility_codes: frozenset[str] = attrs.field(
        default=frozenset(), converter=_as_codes, validator=_codes
    )
    profile_answers: tuple[tuple[str, tuple[int, ...]], ...] = attrs.field(
        default=(), converter=_as_answers
    )

    @types.validator
    def _are_types(self, attribute: attrs.Attribute[frozenset[ContactType]], value: object) -> None:
        for member in value:  # type: ignore[attr-defined]  # a frozenset by its converter
            if not isinstance(member, ContactType):
                refuse(self, attribute, member, "must be a member of ContactType")

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked: every contact satisfies it."""
        return self == ContactFilter()

    def matches(
        self, contact: Contact, own: Iterable[Membership], of_company: Iterable[Membership]
    ) -> bool:
        """
        Judge one contact.

        Args:
            contact: The contact.
            own: Its memberships.
            of_company: Memberships of its company, the same as ``own`` for a company.
        """
        return self._matches_contact(contact) and self._matches_memberships(
            list(own), list(of_company)
        )

    def _matches_contact(self, contact: Contact) -> bool:
        return (
            (not self.nos or contact.no in self.nos)
            and (not self.types or contact.type in self.types)
            and (not self.salesperson_codes or contact.salesperson_code in self.salesperson_codes)
            and (not self.company_nos or contact.company_no in self.company_nos)
            and (not self.territory_codes or contact.territory_code in self.territory_codes)
            and (not self.country_codes or contact.country_code in self.country_codes)
        )

    def _matches_memberships(self, own: list[Membership], of_company: list[Membership]) -> bool:
        asked = (
            (MembershipKind.BUSINESS_RELATION, self.business_relation_codes, of_company),
            (MembershipKind.INDUSTRY_GROUP, self.industry_group_codes, of_company),
            (MembershipKind.MAILING_GROUP, self.mailing_group_codes, own),
            (MembershipKind.JOB_RESPONSIBILITY, self.job_responsibility_codes, own),
        )
        return all(
            not codes or any(m.kind is kind and m.code in codes for m in members)
            for kind, codes, members in asked
        ) and (
            not self.profile_answers
            or any(
                m.kind is MembershipKind.PROFILE_ANSWER
                and m.code == questionnaire
                and (not lines or m.line_no in lines)
                for questionnaire, lines in self.profile_answers
                for m in own
            )
        )


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
