"""What a line inherits from header, template and contact, and what is its own; rules are pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

import attrs

from interactionlog.contacts.contact import Contact
from interactionlog.contacts.directory import NOBODY, ContactSummary
from interactionlog.segments.segment import Segment, SegmentLanguage, SegmentLine
from interactionlog.templates.template import InteractionTemplate, spoken
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CorrespondenceType, trusted

OF_HEADER = (
    ("campaign_no", "campaign_no"),
    ("interaction_template_code", "interaction_template_code"),
    ("interaction_group_code", "interaction_group_code"),
    ("cost_lcy", "unit_cost_lcy"),
    ("duration_min", "unit_duration_min"),
    ("campaign_response", "campaign_response"),
    ("campaign_target", "campaign_target"),
    ("information_flow", "information_flow"),
    ("initiated_by", "initiated_by"),
    ("description", "description"),
    ("date", "date"),
    ("send_word_doc_as_attmt", "send_word_docs_as_attmt"),
)
"""Fields that a line takes from its header, under both names."""

OF_TEMPLATE = (
    "interaction_group_code",
    "cost_lcy",
    "duration_min",
    "information_flow",
    "initiated_by",
    "campaign_target",
    "campaign_response",
)
"""Those of them that a template gives as well, under the name that the header has."""

CONTENT = ("language_code", "attachment_no", "subject", "word_template_code")
"""What a line takes from a language row."""


class _FromContact(NamedTuple):
    """Fields in which header, template and contact decide together."""

    salesperson_code: str | None
    correspondence_type: CorrespondenceType | None
    language_code: str | None
    attachment_no: int | None
    subject: str
    word_template_code: str | None


FROM_CONTACT = _FromContact._fields
"""Fields of a line in which header, template and contact decide together."""

PERSONAL_FIELDS = (*(line for line, _ in OF_HEADER), *FROM_CONTACT, "evaluation")
"""Order is the bit order of the stored mask: append, never reorder."""


@attrs.frozen(slots=False)
class Inheritance:
    """
    What the lines of one segment inherit; made once for many lines.

    Attributes:
        segment: The header.
        template: Its template; ``None`` when it has none.
        rows: Language rows of the header by language code.

    Source: SEG-040 to SEG-044.
    """

    segment: Segment
    template: InteractionTemplate | None
    rows: Mapping[str | None, SegmentLanguage]
    _known: dict[object, _FromContact] = attrs.field(init=False, factory=dict)

    @cached_property
    def of_header(self) -> tuple[object, ...]:
        """Values of the fields that a line takes from its header."""
        return tuple(getattr(self.segment, name) for _, name in OF_HEADER)

    def of_contact(
        self,
        salesperson_code: str | None,
        language_code: str | None,
        correspondence_type: CorrespondenceType | None,
    ) -> _FromContact:
        """Return what header, template and a contact with these values give a line."""
        key = (salesperson_code, language_code, correspondence_type)
        known = self._known.get(key)
        if known is None:
            language = spoken(language_code, self.rows, self.segment.language_code_default)
            row = self.rows.get(language)
            known = self._known[key] = _FromContact(
                self.segment.salesperson_code or salesperson_code,
                self.correspondence_type(correspondence_type),
                language,
                row.attachment_no if row else None,
                row.subject if row else self.segment.subject_default,
                row.word_template_code if row else self.segment.word_template_code,
            )
        return known

    def correspondence_type(
        self, of_contact: CorrespondenceType | None
    ) -> CorrespondenceType | None:
        """Return how the content of a line is delivered. (SEG-042)"""
        segment, template = self.segment, self.template
        if segment.ignore_contact_corres_type and segment.correspondence_type_default is not None:
            return segment.correspondence_type_default
        if template is not None and (template.ignore_contact_corres_type or of_contact is None):
            return template.correspondence_type_default
        return of_contact

    def line(
        self, line_no: int, contact: Contact | None, address_code: str | None, step_no: int
    ) -> SegmentLine:
        """Return a new line for a contact, which a step adds, or none; see `SegmentLine`."""
        segment = self.segment
        who = contact or NOBODY
        given = self.of_contact(who.salesperson_code, who.language_code, who.correspondence_type)
        return _new_line(
            segment.no,
            line_no,
            contact.no if contact else None,
            contact.company_no if contact else None,
            segment.campaign_no,
            given.salesperson_code,
            given.correspondence_type,
            segment.interaction_template_code,
            segment.interaction_group_code,
            segment.unit_cost_lcy,
            segment.unit_duration_min,
            given.attachment_no,
            segment.campaign_response,
            segment.campaign_target,
            segment.information_flow,
            segment.initiated_by,
            address_code,
            None,  # evaluation
            given.language_code,
            segment.description,
            segment.date,
            None,  # time of interaction
            False,  # attempt failed
            None,  # task
            segment.send_word_docs_as_attmt,
            "",  # contact via
            given.subject,
            None,  # opportunity
            given.word_template_code,
            False,  # merged
            step_no,
        )

    def personal_fields(self, line: SegmentLine, contact: ContactSummary) -> int:
        """Return the bit mask of the fields in which a line differs from what it inherits."""
        given = self.of_contact(
            contact.salesperson_code, contact.language_code, contact.correspondence_type
        )
        from_contact = (
            line.salesperson_code,
            line.correspondence_type,
            line.language_code,
            line.attachment_no,
            line.subject,
            line.word_template_code,
        )
        from_header = (
            line.campaign_no,
            line.interaction_template_code,
            line.interaction_group_code,
            line.cost_lcy,
            line.duration_min,
            line.campaign_response,
            line.campaign_target,
            line.information_flow,
            line.initiated_by,
            line.description,
            line.date,
            line.send_word_doc_as_attmt,
        )
        if from_contact == given and from_header == self.of_header and line.evaluation is None:
            return 0
        values = (*from_header, *from_contact, line.evaluation)
        expected = (*self.of_header, *given, None)
        return sum(1 << bit for bit, value in enumerate(values) if value != expected[bit])


_new_line: Callable[..., SegmentLine] = trusted(SegmentLine)


def personal_field_names(mask: int) -> tuple[str, ...]:
    """Turn a stored mask into the names of the fields."""
    return tuple(name for bit, name in enumerate(PERSONAL_FIELDS) if mask >> bit & 1)


def inheritance_of(work: UnitOfWork, segment: Segment) -> Inheritance:
    """Look up what the lines of a segment inherit."""
    code = segment.interaction_template_code
    rows = work.segments.languages(segment.no)
    return Inheritance(
        segment,
        None if code is None else work.templates.find(code),
        {row.language_code: row for row in rows},
    )
