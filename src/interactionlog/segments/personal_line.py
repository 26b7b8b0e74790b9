"""What is personal to one line: its template, its content, its values, its contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import attrs

from interactionlog.contacts.contact import Contact
from interactionlog.errors import StateError, UsageError
from interactionlog.segments.content import chosen_row, copy_template, drop_contents, remove_rows
from interactionlog.segments.header import addresses_on
from interactionlog.segments.inheritance import inheritance_of
from interactionlog.segments.languages import SegmentLanguages
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.templates.template import InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CorrespondenceType, as_optional_code, differences

_CONTENT = ("language_code", "attachment_no", "subject", "word_template_code")
CONTACT_DRIVEN = (
    "salesperson_code",
    "correspondence_type",
    "contact_alt_address_code",
    "evaluation",
    "contact_via",
    "merged",
    *_CONTENT,
)
"""What a line takes anew when its contact changes; everything else is kept. (D-11)"""

_OF_TEMPLATE = (
    "interaction_template_code",
    "interaction_group_code",
    "cost_lcy",
    "duration_min",
    "information_flow",
    "initiated_by",
    "campaign_target",
    "campaign_response",
    "correspondence_type",
)


def personalised(
    work: UnitOfWork, segment: Segment, line: SegmentLine, values: Mapping[str, Any]
) -> SegmentLine:
    """
    Store a line with its own values; the template comes first, then language and date.

    Source: SEG-036, SEG-045 to SEG-047; D-36.
    """
    given, before = dict(values), line
    unused: set[int] = set()
    code = as_optional_code(given.pop("interaction_template_code", line.interaction_template_code))
    if code != line.interaction_template_code:
        line, unused = _with_own_template(work, segment, line, code)
    language = as_optional_code(given.pop("language_code", line.language_code))
    if language != line.language_code:
        line = _with_language(work, segment, line, language)
    if "date" in given and given["date"] != line.date:
        (address,) = addresses_on(work, [line], given["date"])
        line = attrs.evolve(line, contact_alt_address_code=address)
    content = given.pop("attachment_no", ...)
    line = attrs.evolve(line, **given)
    work.segments.set_lines(segment.no, [line.line_no], **differences(before, line))
    if content is not ...:
        line = _with_content(work, line, content)
    drop_contents(work, unused)
    return line


def with_template(
    line: SegmentLine,
    template: InteractionTemplate | None,
    segment: Segment | None,
    of_contact: CorrespondenceType | None,
) -> SegmentLine:
    """
    Return a line with the values of another template; its content is chosen separately.

    The description is the template's where there was none, or where it came from another template.

    Source: SEG-045 steps 1 and 3.
    """
    if template is None:
        blank = SegmentLine(segment_no=line.segment_no, line_no=line.line_no)
        return attrs.evolve(line, **{name: getattr(blank, name) for name in _OF_TEMPLATE})
    delivered = of_contact or line.correspondence_type
    of_header = segment.correspondence_type_default if segment else None
    if segment is not None and segment.ignore_contact_corres_type and of_header is not None:
        delivered = of_header
    elif template.ignore_contact_corres_type or (
        of_contact is None and template.correspondence_type_default is not None
    ):
        delivered = template.correspondence_type_default
    other = line.interaction_template_code not in {None, template.code}
    return attrs.evolve(
        line,
        interaction_template_code=template.code,
        interaction_group_code=template.interaction_group_code,
        cost_lcy=template.unit_cost_lcy,
        duration_min=template.unit_duration_min,
        information_flow=template.information_flow,
        initiated_by=template.initiated_by,
        campaign_target=template.campaign_target,
        campaign_response=template.campaign_response,
        campaign_no=(segment.campaign_no if segment else None)
        or template.campaign_no
        or line.campaign_no,
        description=template.description if other or not line.description else line.description,
        correspondence_type=delivered,
    )


def _with_own_template(
    work: UnitOfWork, segment: Segment, line: SegmentLine, code: str | None
) -> tuple[SegmentLine, set[int]]:
    if line.contact_no is None:
        raise StateError(f"line {line.line_no}", "has no contact: give it one before its template")
    contact = work.contacts.get(line.contact_no)
    template = None if code is None else work.templates.get(code)
    unused = remove_rows(work, work.segments.languages(segment.no, line.line_no))
    line = with_template(line, template, segment, contact.correspondence_type)
    given = _content_of(work, segment, contact)
    if code != segment.interaction_template_code or template is None:
        rows = copy_template(work, segment.no, line.line_no, template)
        default = template.language_code_default if template else None
        row = chosen_row(rows, contact.language_code, default)
        given = {name: getattr(row, name) if row else None for name in _CONTENT} | {"subject": ""}
        if row is None and template is not None:
            given["word_template_code"] = template.word_template_code
    return attrs.evolve(line, **given), unused


def _content_of(work: UnitOfWork, segment: Segment, contact: Contact | None) -> dict[str, Any]:
    given = inheritance_of(work, segment).of_contact(
        None, contact.language_code if contact else None, None
    )
    return {name: getattr(given, name) for name in _CONTENT}


def _with_language(
    work: UnitOfWork, segment: Segment, line: SegmentLine, code: str | None
) -> SegmentLine:
    """Take the content of another language, or none where it is not offered. (SEG-046)"""
    if line.interaction_template_code is None:
        raise StateError(f"line {line.line_no}", "has no interaction template")
    rows = work.segments.languages(segment.no, line.line_no)
    row = next(
        (
            each
            for each in rows or work.segments.languages(segment.no)
            if each.language_code == code
        ),
        None,
    )
    return attrs.evolve(
        line,
        language_code=code,
        attachment_no=row.attachment_no if row else None,
        subject=row.subject if row else "",
        word_template_code=row.word_template_code if row else line.word_template_code,
    )


def _with_content(work: UnitOfWork, line: SegmentLine, attachment_no: int | None) -> SegmentLine:
    """Give a line its own content, or none; what it inherited stays as it is. (SEG-036)"""
    service, own = SegmentLanguages(work), work.segments.languages(line.segment_no, line.line_no)
    if attachment_no is None:
        if line.language_code in {row.language_code for row in own}:
            service.remove(line.segment_no, line.language_code, line_no=line.line_no)
        work.segments.set_lines(line.segment_no, [line.line_no], attachment_no=None)
        return work.segments.line(line.segment_no, line.line_no)
    if attachment_no in {row.attachment_no for row in own}:
        return line
    service.put(
        line.segment_no,
        line.language_code,
        line_no=line.line_no,
        subject=line.subject,
        attachment_no=attachment_no,
    )
    return work.segments.line(line.segment_no, line.line_no)


def with_contact(
    work: UnitOfWork,
    segment: Segment,
    line: SegmentLine,
    contact: Contact | None,
    keep: Collection[str],
) -> SegmentLine:
    """
    Return a line for another contact; only what the contact decides is taken anew.

    Its own content stays, in the language of the new contact where it is offered.

    Source: SEG-041 with D-11.
    """
    if unknown := sorted(set(keep) - set(CONTACT_DRIVEN)):
        message = f"keep takes {', '.join(CONTACT_DRIVEN)}, not {', '.join(unknown)}"
        raise UsageError(message)
    nos = [contact.no] if contact else []
    addresses = work.contacts.active_addresses(nos, line.date) if line.date and nos else {}
    fresh = inheritance_of(work, segment).line(
        line.line_no, contact, addresses.get(nos[0]) if nos else None, line.added_by_step
    )
    values = {name: getattr(fresh, name) for name in CONTACT_DRIVEN}
    rows = work.segments.languages(segment.no, line.line_no)
    if rows:
        template = work.templates.find(line.interaction_template_code or "")
        default = template.language_code_default if template else None
        row = chosen_row(rows, contact.language_code if contact else None, default)
        values |= {name: getattr(row, name) for name in _CONTENT}
    elif line.interaction_template_code != segment.interaction_template_code:
        values |= {name: getattr(line, name) for name in _CONTENT}
    values = {name: value for name, value in values.items() if name not in keep}
    return attrs.evolve(
        line, contact_no=fresh.contact_no, contact_company_no=fresh.contact_company_no, **values
    )
