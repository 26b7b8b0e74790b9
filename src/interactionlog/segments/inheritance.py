"""What header and lines inherit from template and contact, and what is a line's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

import attrs

from interactionlog.attachments.attachment import drop_unused, owned
from interactionlog.contacts.contact import Contact
from interactionlog.contacts.directory import NOBODY, ContactSummary
from interactionlog.interactions.draft import choose_correspondence_type
from interactionlog.segments.segment import Segment, SegmentLanguage, SegmentLine
from interactionlog.templates.template import InteractionTemplate, spoken
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CorrespondenceType, builder

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


class _Content(NamedTuple):
    """What a line takes from a language row."""

    language_code: str | None
    attachment_no: int | None
    subject: str
    word_template_code: str | None


CONTENT = _Content._fields


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


def _reading(names: Iterable[str]) -> Callable[[SegmentLine], tuple[object, ...]]:
    """Return the function that reads fields of a line; it is generated: it runs for each line."""
    values = ", ".join(f"line.{name}" for name in names)
    return eval(f"lambda line: ({values})")  # type: ignore[no-any-return]  # noqa: S307  # no data


_from_header, _from_contact = _reading(line for line, _ in OF_HEADER), _reading(FROM_CONTACT)


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

    @property
    def edited_word_template(self) -> int | None:
        """Attachment of the segment's edited copy of its Word template; ``None`` for none."""
        row = self.rows.get(self.segment.language_code_default)
        code = self.segment.word_template_code
        if row is None or code is None or row.word_template_code != code:
            return None
        return row.attachment_no

    def of_contact(self, contact: Contact | ContactSummary) -> _FromContact:
        """Return what header, template and a contact give a line."""
        key = (contact.salesperson_code, contact.language_code, contact.correspondence_type)
        known = self._known.get(key)
        if known is None:
            default = self.segment.language_code_default
            known = self._known[key] = _FromContact(
                self.segment.salesperson_code or contact.salesperson_code,
                self.correspondence_type(contact.correspondence_type),
                *self.content(spoken(contact.language_code, self.rows, default)),
            )
        return known

    def content(self, language_code: str | None) -> _Content:
        """Return the content in a language; where it has no row, that of the header."""
        row = self.rows.get(language_code)
        return _Content(
            language_code,
            row.attachment_no if row else None,
            row.subject if row else self.segment.subject_default,
            row.word_template_code if row else self.segment.word_template_code,
        )

    def correspondence_type(
        self, of_contact: CorrespondenceType | None
    ) -> CorrespondenceType | None:
        """Return how the content of a line is delivered. (SEG-042)"""
        segment = self.segment
        if segment.ignore_contact_corres_type and segment.correspondence_type_default is not None:
            return segment.correspondence_type_default
        return choose_correspondence_type(self.template, of_contact)

    def line(
        self, line_no: int, contact: Contact | None, address_code: str | None, step_no: int
    ) -> SegmentLine:
        """Return a new line for a contact, which a step adds, or none; see `SegmentLine`."""
        given = self.of_contact(contact or NOBODY)
        return _new_line()(self.segment, given, line_no, contact, address_code, step_no)

    def personal_fields(self, line: SegmentLine, contact: ContactSummary) -> int:
        """Return the bit mask of the fields in which a line differs from what it inherits."""
        given = self.of_contact(contact)
        from_contact, from_header = _from_contact(line), _from_header(line)
        if from_contact == given and from_header == self.of_header and line.evaluation is None:
            return 0
        values = (*from_header, *from_contact, line.evaluation)
        expected = (*self.of_header, *given, None)
        return sum(1 << bit for bit, value in enumerate(values) if value != expected[bit])


@cache
def _new_line() -> Callable[..., SegmentLine]:
    """Return the function that builds a line; it is generated: it runs for each line."""
    source = {line: f"segment.{header}" for line, header in OF_HEADER}
    source |= {name: f"given.{name}" for name in FROM_CONTACT} | {
        "segment_no": "segment.no",
        "line_no": "line_no",
        "contact_no": "contact and contact.no",
        "contact_company_no": "contact and contact.company_no",
        "contact_alt_address_code": "address_code",
        "added_by_step": "step_no",
    }
    parameters = "segment, given, line_no, contact, address_code, step_no"
    return builder(SegmentLine, parameters, source)


def personal_field_names(mask: int) -> tuple[str, ...]:
    """Turn a stored mask into the names of the fields."""
    return tuple(name for bit, name in enumerate(PERSONAL_FIELDS) if mask >> bit & 1)


def rows_by_language(
    work: UnitOfWork, segment_no: str, line_no: int = 0
) -> dict[str | None, SegmentLanguage]:
    """Return the language rows in use of a header (0) or a line by language code."""
    return {row.language_code: row for row in work.segments.languages(segment_no, line_no)}


def inheritance_of(work: UnitOfWork, segment: Segment) -> Inheritance:
    """Look up what the lines of a segment inherit."""
    code = segment.interaction_template_code
    template = None if code is None else work.templates.find(code)
    return Inheritance(segment, template, rows_by_language(work, segment.no))


def template_values(template: InteractionTemplate | None) -> dict[str, Any]:
    """Return what a template puts into a header: the fields that both have. (SEG-023)"""
    own = {field.name for field in attrs.fields(Segment)} - {"description", "purpose_code"}
    names = own & {field.name for field in attrs.fields(InteractionTemplate)}
    return {} if template is None else {name: getattr(template, name) for name in names}


def copy_template(
    work: UnitOfWork, segment_no: str, line_no: int, template: InteractionTemplate | None
) -> list[SegmentLanguage]:
    """
    Give the header (0) or a line the language rows of a template, with copies of their content.

    Every segment has its own content, so that a template stays editable. (SEG-032, D-36)
    """
    if template is None:
        return []
    rows, languages = [], work.template_languages
    held = [
        languages.hold(template.code, each.language_code) for each in languages.all(template.code)
    ]
    for each in filter(None, held):
        row = SegmentLanguage(
            segment_no=segment_no,
            segment_line_no=line_no,
            language_code=each.language_code,
            description=each.description,
            attachment_no=each.attachment_no and owned(work, each.attachment_no, read_only=False),
            word_template_code=each.word_template_code,
        )
        work.segments.put_language(row)
        rows.append(row)
    return rows


def chosen_row(
    rows: Iterable[SegmentLanguage], *language_codes: str | None
) -> SegmentLanguage | None:
    """Return the row of the first language that is offered, else the first row. (SEG-044)"""
    by_code = {row.language_code: row for row in rows}
    for code in language_codes:
        if (found := spoken(code, by_code, "")) in by_code:
            return by_code[found]
    return next(iter(by_code.values()), None)


def remove_rows(work: UnitOfWork, rows: Sequence[SegmentLanguage]) -> set[int]:
    """Delete language rows; return what they referred to, to be dropped when lines are right."""
    for row in rows:
        work.segments.remove_language(row)
    return attachments_of(rows)


def attachments_of(rows: Iterable[SegmentLanguage]) -> set[int]:
    """Return the attachments that rows refer to."""
    return {row.attachment_no for row in rows if row.attachment_no is not None}


def drop_contents(work: UnitOfWork, attachment_nos: Iterable[int]) -> None:
    """Delete the attachments that nothing refers to any more; read-only ones stay. (SEG-033)"""
    found = map(work.attachments.find, sorted(attachment_nos))
    drop_unused(work, *(each.no for each in found if each is not None and not each.read_only))


def new_row(
    segment: Segment, language_code: str | None, line: SegmentLine | None = None
) -> SegmentLanguage:
    """Return a blank row of the header or a line, described as its owner is. (SEG-024)"""
    code = segment.interaction_template_code
    return SegmentLanguage(
        segment_no=segment.no,
        segment_line_no=line.line_no if line else 0,
        language_code=language_code,
        description=line.description if line else f"{code or ''} {language_code or ''}".strip(),
    )
