"""Content of segments by language, and what is a line's own: template, content, values, contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypedDict, Unpack

import attrs

from interactionlog.arguments import judged
from interactionlog.attachments.attachment import owned
from interactionlog.contacts.contact import Contact
from interactionlog.contacts.directory import NOBODY
from interactionlog.delivery.content import require_mergeable
from interactionlog.errors import DuplicateEntryError, NotFoundError, StateError, UsageError
from interactionlog.segments.header import addresses_on, follow
from interactionlog.segments.inheritance import (
    CONTENT,
    OF_HEADER,
    OF_TEMPLATE,
    Inheritance,
    attachments_of,
    chosen_row,
    copy_template,
    drop_contents,
    inheritance_of,
    new_row,
    remove_rows,
    rows_by_language,
)
from interactionlog.segments.segment import Segment, SegmentLanguage, SegmentLine, changing
from interactionlog.templates.template import InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CorrespondenceType, differences


class LanguageValues(TypedDict, total=False):
    """What may be set on a language row; the meaning of each is `SegmentLanguage`'s."""

    description: str
    subject: str
    attachment_no: int | None
    word_template_code: str | None


@judged
@attrs.frozen
class SegmentLanguages:
    """Keeps the language rows of segments and lines; lines follow as long as they inherit."""

    work: UnitOfWork

    def all(self, segment_no: str, line_no: int = 0) -> Sequence[SegmentLanguage]:
        """Return the rows of the header (0) or of a line, by language code; or `NotFoundError`."""
        segment = self.work.segments.get(segment_no)
        if line_no:
            self.work.segments.line(segment.no, line_no)
        return self.work.segments.languages(segment.no, line_no)

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
            language_code: The language; ``None`` is a row without one.
            line_no: 0 for the header, whose lines follow; else the line, which takes the row.
            values: What is set; the rest stays, or is blank in a new row.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError, StateError: There is no such open segment,
                line or attachment; content without a template, or beside a Word template.

        Source: SEG-026, SEG-031, SEG-035, SEG-036, SEG-038.
        """
        with changing(self.work, segment_no) as segment:
            line = self.work.segments.line(segment.no, line_no) if line_no else None
            code = language_code
            old = inheritance_of(self.work, segment)
            before = rows_by_language(self.work, segment.no, line_no).get(code)
            row = before or new_row(segment, code, line)
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

        Raises: what `change` of a segment raises; `NotFoundError` for a row that is not there.
        Source: SEG-033.
        """
        with changing(self.work, segment_no) as segment:
            old = inheritance_of(self.work, segment)
            row = self._get(segment, line_no, language_code)
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

        Raises: what `remove` raises; `DuplicateEntryError` for a language that has a row.
        Source: SEG-034.
        """
        code = new_language_code
        with changing(self.work, segment_no) as segment:
            old = inheritance_of(self.work, segment)
            row = self._get(segment, line_no, language_code)
            if code == row.language_code:
                return row
            if code in rows_by_language(self.work, segment.no, line_no):
                raise DuplicateEntryError("segment language", f"{segment.no} {code or '(blank)'}")
            self.work.segments.remove_language(row)
            renamed = attrs.evolve(row, language_code=code)
            self.work.segments.put_language(renamed)
            if not line_no:
                self._rename_on_lines(segment, row.language_code, code)
                self._header_follows(old, row, renamed)
            elif (line := self.work.segments.line(segment.no, line_no)).language_code == (
                row.language_code
            ):
                self._take(line, renamed)
        return renamed

    def _get(self, segment: Segment, line_no: int, code: str | None) -> SegmentLanguage:
        row = rows_by_language(self.work, segment.no, line_no).get(code)
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
        require_mergeable(self.work, row.attachment_no)
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

    def _rename_on_lines(self, segment: Segment, was: str | None, code: str | None) -> None:
        """Give lines in a language of the header its new name; those with own rows stay."""
        no, rows = segment.no, self.work.segments.all_languages(segment.no)
        own = {row.segment_line_no for row in rows if not row.removed_by_step} - {0}
        stay = [each for each in own if self.work.segments.line(no, each).language_code == was]
        holding = {"interaction_template_code": segment.interaction_template_code}
        self.work.segments.push(no, "language_code", code, holding | {"language_code": was})
        self.work.segments.set_lines(no, stay, language_code=was)

    def _take(self, line: SegmentLine, row: SegmentLanguage) -> None:
        values = {name: getattr(row, name) for name in CONTENT}
        self.work.segments.set_lines(line.segment_no, [line.line_no], **values)

    def _leave(self, old: Inheritance, line: SegmentLine, row: SegmentLanguage) -> None:
        """Give a line other content than that of a row that is gone. (SEG-033)"""
        if line.language_code != row.language_code and (
            row.attachment_no is None or line.attachment_no != row.attachment_no
        ):
            return
        rest = chosen_row(self.work.segments.languages(line.segment_no, line.line_no))
        if rest is None and line.interaction_template_code == old.segment.interaction_template_code:
            contact = self.work.contacts.find(line.contact_no) if line.contact_no else None
            rest = old.rows.get(old.of_contact(contact or NOBODY).language_code)
        self._take(line, rest or SegmentLanguage(segment_no=line.segment_no))


CONTACT_DRIVEN = (
    "salesperson_code",
    "correspondence_type",
    "contact_alt_address_code",
    "evaluation",
    "contact_via",
    "merged",
    *CONTENT,
)
"""What a line takes anew when its contact changes; everything else is kept. (D-11)"""


def personalised(
    work: UnitOfWork, segment: Segment, line: SegmentLine, values: Mapping[str, Any]
) -> SegmentLine:
    """
    Store a line with its own values; the template comes first, then language and date.

    Source: SEG-036, SEG-045 to SEG-047; D-36.
    """
    given, before = dict(values), line
    unused: set[int] = set()
    code = given.pop("interaction_template_code", line.interaction_template_code)
    if code != line.interaction_template_code:
        line, unused = _with_own_template(work, segment, line, code)
    language = given.pop("language_code", line.language_code)
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
    segment: Segment,
    of_contact: CorrespondenceType | None,
) -> SegmentLine:
    """
    Return a line with the values of another template; its content is chosen separately.

    The description is the template's where there was none, or where it came from another template.

    Source: SEG-045 steps 1 and 3.
    """
    if template is None:
        blank = SegmentLine(segment_no=line.segment_no, line_no=line.line_no)
        names = ("interaction_template_code", "correspondence_type", *OF_TEMPLATE)
        return attrs.evolve(line, **{name: getattr(blank, name) for name in names})
    delivered = Inheritance(segment, template, {}).correspondence_type(of_contact)
    if delivered is None and not template.ignore_contact_corres_type:
        delivered = line.correspondence_type
    other = line.interaction_template_code not in {None, template.code}
    return attrs.evolve(
        line,
        interaction_template_code=template.code,
        **{name: getattr(template, given) for name, given in OF_HEADER if name in OF_TEMPLATE},
        campaign_no=segment.campaign_no or template.campaign_no or line.campaign_no,
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
    inherited = inheritance_of(work, segment).of_contact(contact)
    given = {name: getattr(inherited, name) for name in CONTENT}
    if code != segment.interaction_template_code or template is None:
        rows = copy_template(work, segment.no, line.line_no, template)
        default = template.language_code_default if template else None
        row = chosen_row(rows, contact.language_code, default)
        given = {name: getattr(row, name) if row else None for name in CONTENT} | {"subject": ""}
        if row is None and template is not None:
            given["word_template_code"] = template.word_template_code
    return attrs.evolve(line, **given), unused


def _with_language(
    work: UnitOfWork, segment: Segment, line: SegmentLine, code: str | None
) -> SegmentLine:
    """Take the content of another language, or none where it is not offered. (SEG-046)"""
    if line.interaction_template_code is None:
        raise StateError(f"line {line.line_no}", "has no interaction template")
    rows = rows_by_language(work, segment.no, line.line_no)
    row = (rows or rows_by_language(work, segment.no)).get(code)
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


def new_line(
    work: UnitOfWork,
    segment: Segment,
    line_no: int,
    contact: Contact | None,
    day: dt.date | None,
    step_no: int,
) -> SegmentLine:
    """Return a line that inherits everything, with the contact's address of a day."""
    addresses = work.contacts.active_addresses([contact.no], day) if contact and day else {}
    address = addresses.get(contact.no) if contact else None
    return inheritance_of(work, segment).line(line_no, contact, address, step_no)


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
        raise UsageError(f"keep takes {', '.join(CONTACT_DRIVEN)}, not {', '.join(unknown)}")
    fresh = new_line(work, segment, line.line_no, contact, line.date, line.added_by_step)
    values = {name: getattr(fresh, name) for name in CONTACT_DRIVEN}
    rows = work.segments.languages(segment.no, line.line_no)
    if rows:
        code = line.interaction_template_code
        template = work.templates.find(code) if code else None
        default = template.language_code_default if template else None
        row = chosen_row(rows, contact.language_code if contact else None, default)
        values |= {name: getattr(row, name) for name in CONTENT}
    elif line.interaction_template_code != segment.interaction_template_code:
        values |= {name: getattr(line, name) for name in CONTENT}
    values = {name: value for name, value in values.items() if name not in keep}
    return attrs.evolve(
        line, contact_no=fresh.contact_no, contact_company_no=fresh.contact_company_no, **values
    )
