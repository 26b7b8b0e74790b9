"""
Pure: log this line, or leave it out and why.

Plan and run decide with the same functions. A line and the prepared facts of its chunk go in,
codes of findings come out; the policy says what each finding leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import Enum

import attrs

from interactionlog.contacts.contact import Salesperson
from interactionlog.contacts.directory import ContactStanding
from interactionlog.errors import Problem
from interactionlog.segments.segment import SegmentLine
from interactionlog.values import CorrespondenceType, refuse


class Treatment(Enum):
    """What is done with a line that has a finding."""

    LOG = "log"
    LEAVE_OUT = "leave out"
    REFUSE = "refuse"


def _among(*allowed: Treatment) -> Callable[[object, attrs.Attribute[Treatment], object], None]:
    def check(instance: object, attribute: attrs.Attribute[Treatment], value: object) -> None:
        if value not in allowed:
            names = " or ".join(f"Treatment.{member.name}" for member in allowed)
            refuse(instance, attribute, value, f"must be {names}")

    return check


@attrs.frozen(kw_only=True)
class LoggingPolicy:
    """
    How findings are treated; ``LOG`` means "log with a warning".

    Attributes:
        no_contact: The line has no contact. Leave out, or refuse.
        privacy_blocked: The contact is blocked for privacy. Leave out, or refuse; never logged.
        invalid: Unknown code, missing date, template or salesperson, blocked salesperson. Refuse,
            or leave out.
        excluded: The contact is excluded from segments. Any treatment.
        duplicate: An earlier line has the same contact. Any treatment.
        no_e_mail: The line asks for e-mail, there is no address, nothing is delivered. Any.
        undeliverable: It is to be delivered and has no address or no content. Refuse, or leave out.

    Source: SEG-101 with the decided differences D-04, D-05 and D-27.
    """

    no_contact: Treatment = attrs.field(
        default=Treatment.LEAVE_OUT, validator=_among(Treatment.LEAVE_OUT, Treatment.REFUSE)
    )
    privacy_blocked: Treatment = attrs.field(
        default=Treatment.LEAVE_OUT, validator=_among(Treatment.LEAVE_OUT, Treatment.REFUSE)
    )
    invalid: Treatment = attrs.field(
        default=Treatment.REFUSE, validator=_among(Treatment.REFUSE, Treatment.LEAVE_OUT)
    )
    excluded: Treatment = attrs.field(default=Treatment.LOG, validator=_among(*Treatment))
    duplicate: Treatment = attrs.field(default=Treatment.LOG, validator=_among(*Treatment))
    no_e_mail: Treatment = attrs.field(default=Treatment.LOG, validator=_among(*Treatment))
    undeliverable: Treatment = attrs.field(
        default=Treatment.REFUSE, validator=_among(Treatment.REFUSE, Treatment.LEAVE_OUT)
    )


NOTHING: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class LineFacts:
    """
    What the lines of one chunk name, looked up.

    Attributes:
        standings: The contacts that exist, by number.
        repeated: Line numbers whose contact stands on an earlier line as well.
        templates, campaigns: Codes that exist.
        salespeople: Salespeople that exist, by code.
        e_mails: Address of an alternative address, by contact and code, where it has one.
        deliver: The content is to be delivered.
    """

    standings: Mapping[str, ContactStanding]
    repeated: Collection[int]
    templates: Collection[str]
    campaigns: Collection[str]
    salespeople: Mapping[str, Salesperson]
    e_mails: Mapping[tuple[str, str], str]
    deliver: bool


_GROUP_OF = {
    "no-contact": "no_contact",
    "privacy-blocked": "privacy_blocked",
    "unknown-contact": "invalid",
    "date-missing": "invalid",
    "salesperson-missing": "invalid",
    "unknown-salesperson": "invalid",
    "salesperson-blocked": "invalid",
    "template-missing": "invalid",
    "unknown-template": "invalid",
    "unknown-campaign": "invalid",
    "excluded": "excluded",
    "duplicate": "duplicate",
    "no-e-mail": "no_e_mail",
    "undeliverable": "undeliverable",
    "content-missing": "undeliverable",
}
"""The word of the policy that decides about each finding."""

FIELD_OF = {
    "no-contact": "contact_no",
    "privacy-blocked": "contact_no",
    "unknown-contact": "contact_no",
    "date-missing": "date",
    "salesperson-missing": "salesperson_code",
    "unknown-salesperson": "salesperson_code",
    "salesperson-blocked": "salesperson_code",
    "template-missing": "interaction_template_code",
    "unknown-template": "interaction_template_code",
    "unknown-campaign": "campaign_no",
    "excluded": "contact_no",
    "duplicate": "contact_no",
    "no-e-mail": "e_mail",
    "undeliverable": "e_mail",
    "content-missing": "attachment_no",
}
"""The field that each finding is about."""

_WORDS = {
    "no-contact": "has no contact",
    "privacy-blocked": "contact {contact_no} is blocked for privacy",
    "unknown-contact": "contact {contact_no} does not exist",
    "date-missing": "has no date",
    "salesperson-missing": "has no salesperson",
    "unknown-salesperson": "salesperson {salesperson_code} does not exist",
    "salesperson-blocked": "salesperson {salesperson_code} is blocked",
    "template-missing": "has no interaction template",
    "unknown-template": "interaction template {interaction_template_code} does not exist",
    "unknown-campaign": "campaign {campaign_no} does not exist",
    "excluded": "contact {contact_no} is excluded from segments",
    "duplicate": "contact {contact_no} stands on an earlier line as well",
    "no-e-mail": "contact {contact_no} has no e_mail",
    "undeliverable": "contact {contact_no} has no e_mail to deliver to",
    "content-missing": "has neither attachment nor Word template to deliver",
}


def treatments(policy: LoggingPolicy) -> Mapping[str, Treatment]:
    """Return what each finding leads to."""
    return {code: getattr(policy, group) for code, group in _GROUP_OF.items()}


def findings(line: SegmentLine, facts: LineFacts) -> tuple[str, ...]:
    """
    Return the codes of everything there is to say about a line, in the order of the checks.

    Source: SEG-101 with D-02, D-04, D-05 and D-27.
    """
    contact_no = line.contact_no
    if contact_no is None:
        return ("no-contact",)
    standing = facts.standings.get(contact_no)
    if standing is None:
        found: tuple[str, ...] = ("unknown-contact",)
    elif standing.privacy_blocked:
        found = ("privacy-blocked",)
    else:
        found = NOTHING
    if line.date is None:
        found += ("date-missing",)
    found += _of_codes(line, facts)
    if standing is not None and standing.exclude_from_segment:
        found += ("excluded",)
    if line.line_no in facts.repeated:
        found += ("duplicate",)
    if line.correspondence_type is CorrespondenceType.EMAIL and standing is not None:
        has_address = (
            standing.e_mail or (contact_no, line.contact_alt_address_code) in facts.e_mails
        )
        if not has_address:
            found += ("undeliverable",) if facts.deliver else ("no-e-mail",)
    has_content = line.attachment_no is not None or line.word_template_code is not None
    if facts.deliver and line.correspondence_type is not None and not has_content:
        found += ("content-missing",)
    return found


def _of_codes(line: SegmentLine, facts: LineFacts) -> tuple[str, ...]:
    found = NOTHING
    salesperson = facts.salespeople.get(line.salesperson_code or "")
    if salesperson is None:
        found = ("unknown-salesperson",) if line.salesperson_code else ("salesperson-missing",)
    elif salesperson.blocked:
        found = ("salesperson-blocked",)
    if line.interaction_template_code not in facts.templates:
        found += ("unknown-template",) if line.interaction_template_code else ("template-missing",)
    if line.campaign_no is not None and line.campaign_no not in facts.campaigns:
        found += ("unknown-campaign",)
    return found


def problem_of(code: str, line: SegmentLine) -> Problem:
    """Return a finding as a problem of its line."""
    field = FIELD_OF[code]
    return Problem(
        code=code,
        message=_WORDS[code].format(
            contact_no=line.contact_no,
            salesperson_code=line.salesperson_code,
            interaction_template_code=line.interaction_template_code,
            campaign_no=line.campaign_no,
        ),
        field=field,
        record=line.contact_no,
        line_no=line.line_no,
    )
