"""What changes of a segment share: the lock, known codes, lines in chunks, content by language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from interactionlog.attachments.attachment import drop_unused, owned
from interactionlog.contacts.consent import Purpose
from interactionlog.contacts.directory import require_salesperson
from interactionlog.errors import StateError
from interactionlog.segments.segment import Segment, SegmentLanguage, SegmentLine
from interactionlog.templates.template import InteractionTemplate, spoken
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import LoggedSegmentState


def require_known(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Refuse codes that name nothing, or somebody blocked."""
    require_salesperson(work, values.get("salesperson_code"))
    for field, records in (
        ("campaign_no", work.campaigns),
        ("interaction_template_code", work.templates),
        ("purpose_code", work.records(Purpose)),
    ):
        code = values.get(field)
        if code is not None and records.hold(code) is None:
            records.get(code)


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
    rows = []
    for each in work.template_languages.all(template.code) if template is not None else ():
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
    for attachment_no in sorted(attachment_nos):
        attachment = work.attachments.find(attachment_no)
        if attachment is not None and not attachment.read_only:
            drop_unused(work, attachment_no)


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


@contextmanager
def changing(work: UnitOfWork, segment_no: str) -> Iterator[Segment]:
    """
    Do everything within or nothing of it, with the segment locked: its version is raised.

    Raises:
        NotFoundError: There is no such segment.
        SegmentAlreadyLoggedError: It was logged.
        StateError: It is being logged in batches: some of its lines are in the log already.
    """
    with work.atomic():
        segment = work.segments.lock(segment_no)
        logged = work.logged_segments.current(segment.no)
        if logged is not None and logged.state is LoggedSegmentState.RUNNING:
            name = f"logged segment {logged.entry_no}"
            reason = f"is being logged as {name}: let the run end or undo it"
            raise StateError(f"segment {segment.no}", reason)
        yield segment


def chunks_of(work: UnitOfWork, segment_no: str) -> Iterator[Sequence[SegmentLine]]:
    """Yield the lines of a segment by number, up to 1,000 at a time."""
    last = 0
    while lines := work.segments.lines_after(segment_no, last):
        yield lines
        last = lines[-1].line_no
