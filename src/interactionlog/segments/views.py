"""Lines and headers with what is derived for them; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import attrs

from interactionlog.contacts.contact import Contact
from interactionlog.contacts.directory import ContactSummary
from interactionlog.segments.inheritance import inheritance_of, personal_field_names
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import ContactType


@attrs.frozen(kw_only=True)
class LineView:
    """
    A line with what its contact says now, and what is its own.

    Attributes:
        line: The line.
        contact_name: Of a person; ``""`` for a company.
        contact_company_name: Name of the company; ``""`` for a person on its own.
        contact_phone_no, contact_mobile_phone_no, contact_e_mail: The contact's.
        own_fields: Fields in which the line differs from what header, template and contact give.
        content: ``"inherited"`` from a row of the header, ``"own"``, or ``""`` for none.

    Source: segments 3.2, SEG-030.
    """

    line: SegmentLine
    contact_name: str
    contact_company_name: str
    contact_phone_no: str
    contact_mobile_phone_no: str
    contact_e_mail: str
    own_fields: tuple[str, ...]
    content: str


@attrs.frozen(kw_only=True)
class SegmentFigures:
    """
    What is derived for a header.

    Attributes:
        lines, with_contact, cost_lcy, duration_min: Of all its lines.
        steps: Selection steps taken.
        campaign_description: Of its campaign; ``""`` without one.
        attachment_no: Content in the default language, where no Word template is merged.
        modified_word_template: Its edited copy of the Word template.

    Source: segments 3.1.
    """

    lines: int
    with_contact: int
    cost_lcy: Decimal
    duration_min: int
    steps: int
    campaign_description: str
    attachment_no: int | None
    modified_word_template: int | None


def figures_of(work: UnitOfWork, segment: Segment) -> SegmentFigures:
    """Derive the figures of a header."""
    campaign = work.campaigns.find(segment.campaign_no) if segment.campaign_no else None
    rows = {row.language_code: row for row in work.segments.languages(segment.no)}
    row = rows.get(segment.language_code_default)
    word = row.word_template_code if row else None
    return SegmentFigures(
        **work.segments.totals(segment.no)._asdict(),
        steps=len(work.segments.steps(segment.no)),
        campaign_description=campaign.description if campaign else "",
        attachment_no=row.attachment_no if row and word is None else None,
        modified_word_template=(
            row.attachment_no if row and word and word == segment.word_template_code else None
        ),
    )


def views_of(work: UnitOfWork, segment: Segment, lines: Sequence[SegmentLine]) -> list[LineView]:
    """Look up contacts and inheritance of up to 1,000 lines."""
    given = inheritance_of(work, segment)
    contacts = dict(work.contacts.many({line.contact_no or "" for line in lines}))
    contacts |= work.contacts.many(
        {line.contact_company_no or "" for line in lines} - contacts.keys()
    )
    own = {row.segment_line_no for row in work.segments.all_languages(segment.no)}
    views = []
    for line in lines:
        contact = contacts.get(line.contact_no or "")
        company = contacts.get(line.contact_company_no or "")
        row = None if line.line_no in own else given.rows.get(line.language_code)
        content = "" if line.attachment_no is None else "own"
        if row is not None and row.attachment_no == line.attachment_no is not None:
            content = "inherited"
        is_person = contact is not None and contact.type is ContactType.PERSON
        is_company = company is not None and company.type is ContactType.COMPANY
        views.append(
            LineView(
                line=line,
                contact_name=contact.name if contact and is_person else "",
                contact_company_name=company.name if company and is_company else "",
                contact_phone_no=contact.phone_no if contact else "",
                contact_mobile_phone_no=contact.mobile_phone_no if contact else "",
                contact_e_mail=contact.e_mail if contact else "",
                own_fields=personal_field_names(given.personal_fields(line, _summary(contact))),
                content=content,
            )
        )
    return views


def _summary(contact: Contact | None) -> ContactSummary:
    if contact is None:
        return ContactSummary(False, False, "", None, None, None)
    return ContactSummary(
        contact.privacy_blocked,
        contact.exclude_from_segment,
        contact.e_mail,
        contact.salesperson_code,
        contact.language_code,
        contact.correspondence_type,
    )
