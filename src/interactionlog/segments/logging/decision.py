"""
Pure: log this line, or leave it out and why.

Plan and run decide with the same functions. A line and the prepared facts of its chunk go in,
codes of findings come out; the policy says what each finding leads to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

import attrs

from interactionlog.contacts.contact import Salesperson
from interactionlog.contacts.directory import ContactSummary
from interactionlog.segments.segment import SegmentLine
from interactionlog.values import CorrespondenceType, accepting, field_or_none, instance_of, whole


class Treatment(Enum):
    """What is done with a line that has a finding."""

    LOG = "log"
    LEAVE_OUT = "leave-out"
    REFUSE = "refuse"


def _treated(default: Treatment, *others: Treatment) -> Any:
    allowed = (default, *others)
    names = " or ".join(f"Treatment.{member.name}" for member in allowed)
    known = accepting(lambda value: value in allowed, f"must be {names}")
    return attrs.field(default=default, validator=known)


@attrs.frozen
class ContactPressure:
    """
    How often a contact may be written to, by each kind of correspondence.

    Live entries that are not inbound count, of other segments too, but no failed attempts.

    Attributes:
        most: So many entries at most, at least 1.
        days: Within so many days, that of the line included; at least 1.
    """

    most: int = attrs.field(validator=whole(1))
    days: int = attrs.field(validator=whole(1, 36_500))


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
        undeliverable: It is to be delivered and has no address, or no content that can be merged.
            Refuse, or leave out.
        no_consent: The purpose needs consent, and the contact has not given it or its address is
            suppressed. Leave out, or refuse; never logged.
        contacted_recently: The contact was written to as often as ``pressure`` allows. Any.
        pressure: How often that is; ``None`` asks nothing.

    Source: SEG-101 with the decided differences D-04, D-05 and D-27.
    """

    no_contact: Treatment = _treated(Treatment.LEAVE_OUT, Treatment.REFUSE)
    privacy_blocked: Treatment = _treated(Treatment.LEAVE_OUT, Treatment.REFUSE)
    invalid: Treatment = _treated(Treatment.REFUSE, Treatment.LEAVE_OUT)
    excluded: Treatment = _treated(*Treatment)
    duplicate: Treatment = _treated(*Treatment)
    no_e_mail: Treatment = _treated(*Treatment)
    undeliverable: Treatment = _treated(Treatment.REFUSE, Treatment.LEAVE_OUT)
    no_consent: Treatment = _treated(Treatment.LEAVE_OUT, Treatment.REFUSE)
    contacted_recently: Treatment = _treated(Treatment.LEAVE_OUT, Treatment.LOG, Treatment.REFUSE)
    pressure: ContactPressure | None = field_or_none(instance_of(ContactPressure))


DEFAULT_POLICY = LoggingPolicy()

NOTHING: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class LineFacts:
    """
    What the lines of one chunk name, looked up.

    Attributes:
        contacts: The contacts that exist, by number.
        repeated: Line numbers whose contact is on an earlier line as well.
        templates, campaigns: Codes that exist.
        salespeople: Salespeople that exist, by code.
        e_mails: Address of an alternative address, by contact and code, where it has one.
        deliver: The content is to be delivered.
        unmergeable: Contents that are to be delivered and cannot be merged.
        asked: Findings of lines that were asked about, by line number.
    """

    contacts: Mapping[str, ContactSummary]
    repeated: Collection[int]
    templates: Collection[str]
    campaigns: Collection[str]
    salespeople: Mapping[str, Salesperson]
    e_mails: Mapping[tuple[str, str], str]
    deliver: bool
    unmergeable: Collection[int] = ()
    asked: Mapping[int, tuple[str, ...]] = attrs.field(factory=dict)


class LineKind(NamedTuple):
    """
    What several lines of a segment have in common, and how many they are.

    Attributes:
        campaign_no, salesperson_code, interaction_template_code, date: As on each of the lines.
        lines: Their number.
        attachments: How many of them have an attachment.
        first, last: The lowest and the highest line number.
    """

    campaign_no: str | None
    salesperson_code: str | None
    interaction_template_code: str | None
    date: dt.date | None
    lines: int
    attachments: int
    first: int
    last: int


def kinds_of(lines: Iterable[SegmentLine]) -> list[LineKind]:
    """Return the kinds of some lines, in the order of their first lines."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for line in lines:
        key = (line.campaign_no, line.salesperson_code, line.interaction_template_code, line.date)
        counts = found.setdefault(key, [0, 0, line.line_no, 0])
        counts[0] += 1
        counts[1] += line.attachment_no is not None
        counts[3] = line.line_no
    return [LineKind(*key, *counts) for key, counts in found.items()]


def findings(line: SegmentLine, facts: LineFacts) -> tuple[str, ...]:
    """
    Return the codes of everything there is to say about a line, in the order of the checks.

    Source: SEG-101 with D-02, D-04, D-05 and D-27.
    """
    contact_no = line.contact_no
    if contact_no is None:
        return ("no-contact",)
    contact = facts.contacts.get(contact_no)
    if contact is None:
        found: tuple[str, ...] = ("unknown-contact",)
    elif contact.privacy_blocked:
        found = ("privacy-blocked",)
    else:
        found = NOTHING
    if line.date is None:
        found += ("date-missing",)
    found += _of_codes(line, facts)
    if contact is not None and contact.exclude_from_segment:
        found += ("excluded",)
    if line.line_no in facts.repeated:
        found += ("duplicate",)
    if line.correspondence_type is CorrespondenceType.EMAIL and contact is not None:
        has_address = contact.e_mail or (contact_no, line.contact_alt_address_code) in facts.e_mails
        if not has_address:
            found += ("undeliverable",) if facts.deliver else ("no-e-mail",)
    if facts.deliver:
        found += _of_content(line, facts)
    return found + facts.asked.get(line.line_no, NOTHING) if facts.asked else found


def _of_content(line: SegmentLine, facts: LineFacts) -> tuple[str, ...]:
    if line.attachment_no is None:
        is_missing = line.correspondence_type is not None and line.word_template_code is None
        return ("content-missing",) if is_missing else NOTHING
    return ("content-invalid",) if line.attachment_no in facts.unmergeable else NOTHING


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
