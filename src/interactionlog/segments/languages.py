"""The content of a segment by language, inherited by its lines or a line's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

import attrs

from interactionlog.attachments.service import owned
from interactionlog.errors import DuplicateEntryError, NotFoundError, StateError
from interactionlog.segments.content import (
    attachments_of,
    chosen_row,
    drop_contents,
    remove_rows,
    row_description,
)
from interactionlog.segments.header import follow
from interactionlog.segments.inheritance import Inheritance, inheritance_of
from interactionlog.segments.segment import Segment, SegmentLanguage, SegmentLine
from interactionlog.segments.values import lock_for_change, only_fields
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import as_optional_code, differences


class LanguageValues(TypedDict, total=False):
    """What may be set on a language row; the meaning of each is `SegmentLanguage`'s."""

    description: str
    subject: str
    attachment_no: int | None
    word_template_code: str | None


@attrs.frozen
class SegmentLanguages:
    """Keeps the language rows of segments and lines; lines follow as long as they inherit."""

    work: UnitOfWork

    def all(self, segment_no: str, line_no: int = 0) -> Sequence[SegmentLanguage]:
        """Return the rows of the header (0) or of a line, by language code."""
        return self.work.segments.languages(self.work.segments.get(segment_no).no, line_no)

    def put(
        self,
        segment_no: str,
        language_code: str | None,
        *,
        line_no: int = 0,
        **values: Unpack[LanguageValues],
    ) -> SegmentLanguage:
        """
        Write a row, or change the one of that language; return it.

        Content that something else refers to is copied, so that each row has its own. The first
        language of a header without a default becomes its default.

        Args:
            segment_no: The segment.
            language_code: The language; ``None`` is a row without one.
            line_no: 0 for the header, whose lines follow; else the line, which takes the row.
            values: What is set; the rest stays, or is blank in a new row.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError, StateError: There is no such open segment,
                line or attachment; content without a template, or beside a Word template.

        Source: SEG-026, SEG-031, SEG-035, SEG-036, SEG-038.
        """
        only_fields(values, LanguageValues, "language row")
        with self.work.atomic():
            segment = lock_for_change(self.work, segment_no)
            line = self.work.segments.line(segment.no, line_no) if line_no else None
            code = as_optional_code(language_code)
            old, before = inheritance_of(self.work, segment), self._find(segment, line_no, code)
            row = before or _new_row(segment, line, code)
            row = self._with_content(line or segment, row, attrs.evolve(row, **values))
            self.work.segments.put_language(row)
            if line is None:
                self._header_follows(old, before, row)
            elif before is None or line.language_code == code:
                self._take(line, row)
            if before is not None and before.attachment_no != row.attachment_no:
                drop_contents(self.work, attachments_of([before]))
        return row

    def remove(self, segment_no: str, language_code: str | None, *, line_no: int = 0) -> None:
        """
        Delete a row; lines that used it take what they inherit now.

        Read-only content stays, and so does what something else refers to.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError, StateError: There is no such open segment or
                row.

        Source: SEG-033.
        """
        with self.work.atomic():
            segment = lock_for_change(self.work, segment_no)
            old = inheritance_of(self.work, segment)
            row = self._get(segment, line_no, as_optional_code(language_code))
            unused = remove_rows(self.work, [row])
            if line_no:
                self._leave(old, self.work.segments.line(segment.no, line_no), row)
            else:
                self._header_follows(old, row, None)
            drop_contents(self.work, unused)

    def rename(
        self,
        segment_no: str,
        language_code: str | None,
        new_language_code: str | None,
        *,
        line_no: int = 0,
    ) -> SegmentLanguage:
        """
        Give a row another language; the header's default and lines that used it follow.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError, StateError: There is no such open segment or
                row.
            DuplicateEntryError: There is a row of the new language.

        Source: SEG-034.
        """
        code = as_optional_code(new_language_code)
        with self.work.atomic():
            segment = lock_for_change(self.work, segment_no)
            old = inheritance_of(self.work, segment)
            row = self._get(segment, line_no, as_optional_code(language_code))
            if self._find(segment, line_no, code) is not None:
                raise DuplicateEntryError("segment language", f"{segment.no} {code or '(blank)'}")
            self.work.segments.remove_language(row)
            renamed = attrs.evolve(row, language_code=code)
            self.work.segments.put_language(renamed)
            if not line_no:
                self._header_follows(old, row, renamed)
            elif (line := self.work.segments.line(segment.no, line_no)).language_code == (
                row.language_code
            ):
                self._take(line, renamed)
        return renamed

    def _find(self, segment: Segment, line_no: int, code: str | None) -> SegmentLanguage | None:
        rows = self.work.segments.languages(segment.no, line_no)
        return next((row for row in rows if row.language_code == code), None)

    def _get(self, segment: Segment, line_no: int, code: str | None) -> SegmentLanguage:
        row = self._find(segment, line_no, code)
        if row is None:
            raise NotFoundError("segment language", f"{segment.no} {line_no} {code or '(blank)'}")
        return row

    def _with_content(
        self, of: Segment | SegmentLine, before: SegmentLanguage, row: SegmentLanguage
    ) -> SegmentLanguage:
        if row.attachment_no is None or before.attachment_no == row.attachment_no:
            return row
        name = f"line {of.line_no}" if isinstance(of, SegmentLine) else f"segment {of.no}"
        if of.interaction_template_code is None:
            raise StateError(name, "has no interaction template: choose one before its content")
        if of.word_template_code is not None and row.word_template_code != of.word_template_code:
            raise StateError(name, f"merges {of.word_template_code}: it takes no other content")
        return attrs.evolve(row, attachment_no=owned(self.work, row.attachment_no, read_only=False))

    def _header_follows(
        self, old: Inheritance, before: SegmentLanguage | None, after: SegmentLanguage | None
    ) -> None:
        """Let default language, default subject and lines follow a row that changed or went."""
        segment, default = old.segment, old.segment.language_code_default
        heir = after or next(iter(self.work.segments.languages(segment.no)), None)
        language, subject = (heir.language_code, heir.subject) if heir else (None, "")
        if before is None:
            is_default = language == default or (default is None and not old.rows)
        else:
            is_default = before.language_code == default
            if after is not None and segment.subject_default != before.subject:
                subject = segment.subject_default  # it was set separately
        if is_default:
            segment = attrs.evolve(segment, language_code_default=language, subject_default=subject)
            self.work.segments.set(segment.no, **differences(old.segment, segment))
        changed = {row.language_code for row in (before, after) if row is not None}
        follow(self.work, old, inheritance_of(self.work, segment), languages=changed)

    def _take(self, line: SegmentLine, row: SegmentLanguage) -> None:
        content = ("language_code", "attachment_no", "subject", "word_template_code")
        values = {name: getattr(row, name) for name in content}
        self.work.segments.set_lines(line.segment_no, [line.line_no], **values)

    def _leave(self, old: Inheritance, line: SegmentLine, row: SegmentLanguage) -> None:
        """Give a line other content than that of a row that is gone. (SEG-033)"""
        if line.language_code != row.language_code and (
            row.attachment_no is None or line.attachment_no != row.attachment_no
        ):
            return
        rest = chosen_row(self.work.segments.languages(line.segment_no, line.line_no))
        if rest is None and line.interaction_template_code == old.segment.interaction_template_code:
            contact = self.work.contacts.find(line.contact_no or "")
            language = old.of_contact(None, contact.language_code if contact else None, None)
            rest = old.rows.get(language.language_code)
        self._take(line, rest or SegmentLanguage(segment_no=line.segment_no))


def _new_row(segment: Segment, line: SegmentLine | None, code: str | None) -> SegmentLanguage:
    return SegmentLanguage(
        segment_no=segment.no,
        segment_line_no=line.line_no if line else 0,
        language_code=code,
        description=line.description if line else row_description(segment, code),
    )
