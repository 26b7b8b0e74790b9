"""The content of a segment by language, inherited by its lines or a line's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import attrs

from interactionlog._fields import as_optional_code
from interactionlog.attachments.ownership import owned
from interactionlog.errors import DuplicateEntryError, NotFoundError, StateError, UsageError
from interactionlog.segments.content import chosen_row, drop_contents, remove_rows
from interactionlog.segments.following import follow
from interactionlog.segments.inheritance import Inheritance, inheritance_of
from interactionlog.segments.locking import lock_for_change
from interactionlog.segments.segment import Segment, SegmentLanguage
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["LanguageValues", "SegmentLanguages"]


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
        if unknown := sorted(set(values) - set(LanguageValues.__annotations__)):
            message = f"a language row has no field {', '.join(unknown)}"
            raise UsageError(message)
        with self.work.atomic():
            segment = lock_for_change(self.work, segment_no)
            line = self.work.segments.line(segment.no, line_no) if line_no else None
            old = inheritance_of(self.work, segment)
            code = as_optional_code(language_code)
            before = self._find(segment, line_no, code)
            row = attrs.evolve(
                before
                or SegmentLanguage(
                    segment_no=segment.no,
                    segment_line_no=line_no,
                    language_code=code,
                    description=line.description
                    if line
                    else f"{segment.interaction_template_code or ''} {code or ''}".strip(),
                ),
                **values,
            )
            row = self._with_content(segment, line, before, row)
            self.work.segments.put_language(row)
            if line is not None:
                if before is None or line.language_code == code:
                    self._take(line, row)
            else:
                if not old.rows and segment.language_code_default is None:
                    segment = self._replace(segment, language_code_default=code)
                if code == segment.language_code_default and (
                    before is None or segment.subject_default == before.subject
                ):
                    segment = self._replace(segment, subject_default=row.subject)
                follow(self.work, old, inheritance_of(self.work, segment), languages={code})
            if before is not None and before.attachment_no not in {None, row.attachment_no}:
                drop_contents(self.work, {before.attachment_no or 0})
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
                rest = self.work.segments.languages(segment.no)
                if row.language_code == segment.language_code_default:
                    segment = self._replace(
                        segment,
                        language_code_default=rest[0].language_code if rest else None,
                        subject_default=rest[0].subject if rest else "",
                    )
                new = inheritance_of(self.work, segment)
                follow(self.work, old, new, languages={row.language_code})
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
            if line_no:
                line = self.work.segments.line(segment.no, line_no)
                if line.language_code == row.language_code:
                    self._take(line, renamed)
            else:
                if row.language_code == segment.language_code_default:
                    segment = self._replace(segment, language_code_default=code)
                follow(
                    self.work,
                    old,
                    inheritance_of(self.work, segment),
                    languages={row.language_code, code},
                )
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
        self,
        segment: Segment,
        line: SegmentLine | None,
        before: SegmentLanguage | None,
        row: SegmentLanguage,
    ) -> SegmentLanguage:
        if row.attachment_no is None or (before and before.attachment_no == row.attachment_no):
            return row
        of = segment if line is None else line
        name = f"segment {segment.no}" if line is None else f"line {line.line_no}"
        if of.interaction_template_code is None:
            raise StateError(name, "has no interaction template: choose one before its content")
        if of.word_template_code is not None and row.word_template_code != of.word_template_code:
            raise StateError(name, f"merges {of.word_template_code}: it takes no other content")
        return attrs.evolve(row, attachment_no=owned(self.work, row.attachment_no, read_only=False))

    def _replace(self, segment: Segment, **values: Any) -> Segment:
        segment = attrs.evolve(segment, **values)
        self.work.segments.replace(segment)
        return segment

    def _take(self, line: SegmentLine, row: SegmentLanguage) -> None:
        content = ("language_code", "attachment_no", "subject", "word_template_code")
        values = {name: getattr(row, name) for name in content}
        self.work.segments.replace_lines([attrs.evolve(line, **values)])

    def _leave(self, old: Inheritance, line: SegmentLine, row: SegmentLanguage) -> None:
        """Give a line other content than that of a row that is gone. (SEG-033)"""
        if line.attachment_no != row.attachment_no and line.language_code != row.language_code:
            return
        rest = chosen_row(self.work.segments.languages(line.segment_no, line.line_no))
        if rest is None and line.interaction_template_code == old.segment.interaction_template_code:
            contact = self.work.contacts.find(line.contact_no or "")
            language = old.of_contact(None, contact.language_code if contact else None, None)
            rest = old.rows.get(language.language_code)
        self._take(line, rest or SegmentLanguage(segment_no=line.segment_no))
