"""Language rows of a segment and its lines: copied from templates, chosen, dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from interactionlog.attachments.service import drop_unused, owned
from interactionlog.segments.segment import Segment, SegmentLanguage
from interactionlog.templates.template import InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork


def copy_template(
    work: UnitOfWork, segment_no: str, line_no: int, template: InteractionTemplate | None
) -> list[SegmentLanguage]:
    """
    Give the header (0) or a line the language rows of a template, with copies of their content.

    Every segment has its own content, so that a template stays editable. (SEG-032, D-36)
    """
    rows = [
        SegmentLanguage(
            segment_no=segment_no,
            segment_line_no=line_no,
            language_code=row.language_code,
            description=row.description,
            attachment_no=(
                None
                if row.attachment_no is None
                else owned(work, row.attachment_no, read_only=False)
            ),
            word_template_code=row.word_template_code,
        )
        for row in (() if template is None else work.template_languages.all(template.code))
    ]
    for row in rows:
        work.segments.put_language(row)
    return rows


def chosen_row(
    rows: Iterable[SegmentLanguage], *language_codes: str | None
) -> SegmentLanguage | None:
    """Return the row of the first language that is offered, else the first row. (SEG-044)"""
    by_code = {row.language_code: row for row in rows}
    for code in language_codes:
        if code in by_code:
            return by_code[code]
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
    for attachment_no in sorted(attachment_nos):
        attachment = work.attachments.find(attachment_no)
        if attachment is not None and not attachment.read_only:
            drop_unused(work, attachment_no)


def row_description(segment: Segment, language_code: str | None) -> str:
    """Return how a row of the header is described that nobody described. (SEG-024)"""
    return f"{segment.interaction_template_code or ''} {language_code or ''}".strip()
