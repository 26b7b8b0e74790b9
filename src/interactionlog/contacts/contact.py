"""Contacts, their addresses and memberships, salespeople and users."""

from __future__ import annotations

from datetime import date

import attrs

from interactionlog.values import (
    CONTACT_NO,
    ContactType,
    CorrespondenceType,
    MembershipKind,
    ReferenceKind,
    accepting,
    as_code,
    as_optional_code,
    both,
    calendar_date,
    code_or_none,
    code_text,
    field_or_none,
    flag,
    folded,
    from_starting_date,
    length,
    member_or_none,
    one_of,
    refuse,
    whole,
)


def as_contact_no(value: str) -> str:
    """
    As `as_code`; a number in both cases, unless it is a UUID or only begins with a capital, stays.

    It is the key of a system that tells ``a`` and ``A`` apart; `contact_number` refuses it.
    """
    code = as_code(value)
    if not isinstance(value, str) or value.isupper() or code.islower():
        return code
    capital = any(letter.isupper() for letter in [*filter(str.isalpha, value)][1:])
    small = any(letter != letter.upper() and len(letter.upper()) == 1 for letter in value)
    return value if capital and small else code


CODE_CONVERTERS = {as_code, as_optional_code, as_contact_no}
"""Converters of fields that hold a code."""


contact_number = both(
    code_text(1, CONTACT_NO),
    accepting(
        lambda no: no == as_code(no),
        "must be in one case: write it in upper case if no other differs by case only",
    ),
)
"""As `code_text`, and in one case: two that differ by case only would be one contact."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Contact:
    """
    A company or a person that one talks to.

    Attributes:
        no: Key; 1 to 36 characters, upper case unless it is a UUID. One in both cases, such as a
            key ``003Xx0C`` of another system, is refused: it would be one with ``003XX0C``.
        type: Company or person.
        name: Display name, at most 100 characters.
        company_no: The contact's company; a company's own number; ``None`` for a person on its own.
        company_name: Name of that company, at most 100 characters; orders selections.
        address, post_code, city, county: Postal address; ``""`` when not known.
        country_code, territory_code, currency_code: ``None`` means not set.
        language_code: Language the contact reads; ``None`` means the default of a template.
        salesperson_code: Who looks after the contact; ``None`` means nobody.
        correspondence_type: How the contact wants to be written to; ``None`` means no preference.
        salutation_code, organizational_level_code: ``None`` means not set.
        job_title: At most 30 characters.
        e_mail: At most 80 characters; ``""`` when there is none. Several contacts may share one.
        phone_no, mobile_phone_no: At most 30 characters; ``""`` when there is none.
        exclude_from_segment: Not added to segments unless the caller says so.
        privacy_blocked: Must not be contacted; never logged.
        minor: Under age; a minor without consent is privacy-blocked where contacts are kept.

    Source: table 5050 Contact.
    """

    no: str = attrs.field(converter=as_contact_no, validator=contact_number)
    type: ContactType = attrs.field(default=ContactType.COMPANY, validator=one_of(ContactType))
    name: str = attrs.field(default="", validator=length(0, 100))
    company_no: str | None = code_or_none(CONTACT_NO)
    company_name: str = attrs.field(default="", validator=length(0, 100))
    address: str = attrs.field(default="", validator=length(0, 100))
    post_code: str = attrs.field(default="", validator=length(0, 20))
    city: str = attrs.field(default="", validator=length(0, 30))
    county: str = attrs.field(default="", validator=length(0, 30))
    country_code: str | None = code_or_none(10)
    territory_code: str | None = code_or_none(10)
    currency_code: str | None = code_or_none(10)
    language_code: str | None = code_or_none(10)
    salesperson_code: str | None = code_or_none(20)
    correspondence_type: CorrespondenceType | None = member_or_none(CorrespondenceType)
    salutation_code: str | None = code_or_none(10)
    job_title: str = attrs.field(default="", validator=length(0, 30))
    organizational_level_code: str | None = code_or_none(10)
    e_mail: str = attrs.field(default="", validator=length(0, 80))
    phone_no: str = attrs.field(default="", validator=length(0, 30))
    mobile_phone_no: str = attrs.field(default="", validator=length(0, 30))
    exclude_from_segment: bool = attrs.field(default=False, validator=flag)
    privacy_blocked: bool = attrs.field(default=False, validator=flag)
    minor: bool = attrs.field(default=False, validator=flag)

    @company_no.validator
    def _company_is_its_own(self, attribute: attrs.Attribute[str | None], value: object) -> None:
        if self.type is ContactType.COMPANY and value != self.no:
            refuse(self, attribute, value, f"of a company must be its own number {self.no}")

    @property
    def search_name(self) -> str:
        """The name as text searches compare it: case-folded."""
        return folded(self.name)


@attrs.frozen(kw_only=True, weakref_slot=False)
class AlternativeAddress:
    """
    A further address of a contact, in use during its periods.

    Attributes:
        contact_no: The contact.
        code: Key within the contact; 1 to 10 characters.
        name, address, address_2, post_code, city, county: ``""`` when not known.
        country_code: ``None`` means not set.
        e_mail, phone_no, mobile_phone_no: ``""`` means that the contact's own is used.

    Source: table 5051 Contact Alt. Address.
    """

    contact_no: str = attrs.field(converter=as_code, validator=code_text(1, CONTACT_NO))
    code: str = attrs.field(converter=as_code, validator=code_text(1, 10))
    name: str = attrs.field(default="", validator=length(0, 100))
    address: str = attrs.field(default="", validator=length(0, 100))
    address_2: str = attrs.field(default="", validator=length(0, 50))
    post_code: str = attrs.field(default="", validator=length(0, 20))
    city: str = attrs.field(default="", validator=length(0, 30))
    county: str = attrs.field(default="", validator=length(0, 30))
    country_code: str | None = code_or_none(10)
    e_mail: str = attrs.field(default="", validator=length(0, 80))
    phone_no: str = attrs.field(default="", validator=length(0, 30))
    mobile_phone_no: str = attrs.field(default="", validator=length(0, 30))


@attrs.frozen(kw_only=True, weakref_slot=False)
class AlternativeAddressPeriod:
    """
    Dates on which an alternative address is in use.

    Attributes:
        contact_no: The contact.
        starting_date: First day; key within the contact.
        ending_date: Last day, not before the first; ``None`` means until further notice.
        code: The alternative address.

    Source: table 5052 Contact Alt. Addr. Date Range.
    """

    contact_no: str = attrs.field(converter=as_code, validator=code_text(1, CONTACT_NO))
    starting_date: date = attrs.field(validator=calendar_date)
    ending_date: date | None = field_or_none(both(calendar_date, from_starting_date))
    code: str = attrs.field(converter=as_code, validator=code_text(1, 10))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Membership:
    """
    One mailing group, industry group, job responsibility, business relation or profile answer.

    Attributes:
        contact_no: The contact. Industry groups and business relations belong to companies, job
            responsibilities to persons.
        kind: What it is a membership of.
        code: Group, responsibility, relation or questionnaire.
        line_no: Answer line of the questionnaire; 0 for every other kind.
        link_to_table: Business relation: kind of account, such as ``Customer``; else ``""``.
        linked_no: Business relation: number of that account; ``None`` for none.
        questionnaire_priority, answer_priority: Profile answer: 0 to 9, BC's ordinals.

    Source: tables 5054, 5056, 5058, 5067 and 5089.
    """

    contact_no: str = attrs.field(converter=as_code, validator=code_text(1, CONTACT_NO))
    kind: MembershipKind = attrs.field(validator=one_of(MembershipKind))
    code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    line_no: int = attrs.field(default=0, validator=whole())
    link_to_table: str = attrs.field(default="", validator=length(0, 30))
    linked_no: str | None = code_or_none(20)
    questionnaire_priority: int = attrs.field(default=0, validator=whole(0, 9))
    answer_priority: int = attrs.field(default=0, validator=whole(0, 9))


@attrs.frozen(kw_only=True, weakref_slot=False)
class ReferenceCode:
    """
    A code with a description that no rule reads.

    Attributes:
        kind: What kind of code.
        code: The code.
        line_no: Line of a questionnaire; 0 for the code itself.
        description: At most 250 characters.
        line_type: Questionnaire line: ``Question`` or ``Answer``; else ``""``.
        multiple_answers: Questionnaire line: several answers may be given.
        priority: Questionnaire line: 0 to 9, BC's ordinal.
    """

    kind: ReferenceKind = attrs.field(validator=one_of(ReferenceKind))
    code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    line_no: int = attrs.field(default=0, validator=whole())
    description: str = attrs.field(default="", validator=length(0, 250))
    line_type: str = attrs.field(default="", validator=length(0, 10))
    multiple_answers: bool = attrs.field(default=False, validator=flag)
    priority: int = attrs.field(default=0, validator=whole(0, 9))


@attrs.frozen(kw_only=True, weakref_slot=False)
class ExternalKey:
    """
    What a record is called in another system: importing again changes it instead of doubling it.

    Attributes:
        source: The other system, such as ``hubspot``; 1 to 50 characters, case kept.
        target: Kind of the record, such as ``contact`` or ``log_entry``.
        external_id: Its key there; 1 to 255 characters, case kept.
        record_no: Number or code of the record here, as text.
    """

    source: str = attrs.field(validator=length(1, 50))
    target: str = attrs.field(validator=length(1, 50))
    external_id: str = attrs.field(validator=length(1, 255))
    record_no: str = attrs.field(validator=length(1, 50))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Salesperson:
    """
    Who is responsible for contacts, segments and interactions.

    Attributes:
        code: Key; 1 to 20 characters, upper case.
        name: At most 50 characters.
        e_mail: At most 80 characters; ``""`` for none. Finds the salesperson of a user.
        blocked: Takes part in nothing new; nothing is logged for them.
        privacy_blocked: Must not be contacted.

    Source: table 13 Salesperson/Purchaser.
    """

    code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    name: str = attrs.field(default="", validator=length(0, 50))
    e_mail: str = attrs.field(default="", validator=length(0, 80))
    blocked: bool = attrs.field(default=False, validator=flag)
    privacy_blocked: bool = attrs.field(default=False, validator=flag)


@attrs.frozen(kw_only=True, weakref_slot=False)
class User:
    """
    Who uses the application.

    Attributes:
        user_id: Key; 1 to 50 characters, upper case.
        full_name: At most 80 characters.
        e_mail: At most 250 characters; ``""`` for none.
        salesperson_code: The user's own salesperson; ``None`` when the setup names none.

    Source: tables 91 User Setup and 2000000120 User.
    """

    user_id: str = attrs.field(converter=as_code, validator=code_text(1, 50))
    full_name: str = attrs.field(default="", validator=length(0, 80))
    e_mail: str = attrs.field(default="", validator=length(0, 250))
    salesperson_code: str | None = code_or_none(20)
