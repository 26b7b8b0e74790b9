"""Headers and lines of segments: create, change, personalise, delete, and what is derived."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from typing import IO, Any, TypedDict, Unpack, cast

import attrs

from interactionlog.arguments import judged
from interactionlog.contacts.consent import Purpose
from interactionlog.contacts.contact import Contact, Membership, ReferenceCode
from interactionlog.contacts.contact_filter import CONTACT_FIELDS, ContactFilter
from interactionlog.contacts.directory import (
    NOBODY,
    ContactRepository,
    ContactSummary,
    current_user,
    require_address,
    require_salesperson,
)
from interactionlog.errors import (
    NotFoundError,
    PrivacyBlockedError,
    SegmentAlreadyLoggedError,
    UsageError,
)
from interactionlog.numbering.service import record_number
from interactionlog.segments.header import change_header, keep_default_row
from interactionlog.segments.inheritance import (
    Inheritance,
    attachments_of,
    copy_template,
    drop_contents,
    inheritance_of,
    personal_field_names,
    template_values,
)
from interactionlog.segments.languages import new_line, personalised, with_contact
from interactionlog.segments.segment import Segment, SegmentLine, changing, chunks_of, refuse_run
from interactionlog.segments.selection.steps import record_by_hand, remove_by_hand, reset_if_empty
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    ContactType,
    CorrespondenceType,
    CriteriaAction,
    Evaluation,
    InformationFlow,
    InitiatedBy,
    MembershipKind,
    ReferenceKind,
    differences,
)


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


class SegmentValues(TypedDict, total=False):
    """What may be set on a segment; the meaning of each is `Segment`'s."""

    campaign_no: str | None
    salesperson_code: str | None
    correspondence_type_default: CorrespondenceType | None
    interaction_template_code: str | None
    interaction_group_code: str | None
    unit_cost_lcy: Decimal | int | str
    unit_duration_min: int
    date: dt.date | None
    campaign_target: bool
    campaign_response: bool
    information_flow: InformationFlow | None
    initiated_by: InitiatedBy | None
    language_code_default: str | None
    send_word_docs_as_attmt: bool
    ignore_contact_corres_type: bool
    subject_default: str
    word_template_code: str | None
    host_ref: str | None
    incomplete: bool
    purpose_code: str | None


class LineValues(TypedDict, total=False):
    """What may be set on a line; the meaning of each is `SegmentLine`'s."""

    campaign_no: str | None
    salesperson_code: str | None
    correspondence_type: CorrespondenceType | None
    cost_lcy: Decimal | int | str
    duration_min: int
    campaign_response: bool
    campaign_target: bool
    information_flow: InformationFlow | None
    initiated_by: InitiatedBy | None
    evaluation: Evaluation | None
    description: str
    date: dt.date | None
    subject: str
    contact_via: str
    contact_alt_address_code: str | None
    time_of_interaction: dt.time | None
    attempt_failed: bool
    to_do_no: str | None
    opportunity_no: str | None


class ChangedValues(SegmentValues, total=False):
    """What may be changed on a segment."""

    description: str


class PersonalValues(LineValues, total=False):
    """What may be personal on a line; ``attachment_no`` is taken as the line's own content."""

    interaction_template_code: str | None
    language_code: str | None
    attachment_no: int | None


def _require_known(work: UnitOfWork, values: Mapping[str, Any]) -> None:
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


@judged
@attrs.frozen
class SegmentService:
    """Keeps headers and lines of segments. Each call happens whole or not at all."""

    work: UnitOfWork

    def create(
        self,
        description: str = "",
        *,
        no: str | None = None,
        no_series: str | None = None,
        **values: Unpack[SegmentValues],
    ) -> Segment:
        """
        Create a segment with the given number or the next one of the series.

        A template fills in its values where none are given. The date is the work date and the
        salesperson the user's own, unless given.

        Args:
            description: Required at logging; at most 100 characters.
            no: Its number; ``None`` draws one.
            no_series: Series to draw from when it is related to the one in the setup.
            values: Further fields of the header.

        Raises:
            SetupMissingError: No number is given and the setup names no series for segments.
            NumberSeriesError: The series does not allow manual numbers, or gives none.
            DuplicateEntryError: An open segment has the number.
            SegmentAlreadyLoggedError: The number was logged before.
            NotFoundError, StateError: A code does not exist; the salesperson is blocked.

        Source: SEG-001 to SEG-003, SEG-023; D-29.
        """
        with self.work.atomic():
            user = current_user(self.work)
            given: dict[str, Any] = {
                "date": self.work.clock.work_date(),
                "salesperson_code": user.salesperson_code if user else None,
                **values,
            }
            _require_known(self.work, given)
            code = given.get("interaction_template_code")
            template = None if code is None else self.work.templates.hold(code)
            number, series = record_number(self.work, "segment", no, no_series)
            given = {**template_values(template), **given, "no_series": series}
            version = max(1, int(self.work.clock.now().timestamp() * 1_000))
            segment = Segment(no=number, description=description, version=version, **given)
            self.work.segments.add(segment)
            if no is not None:
                self._require_not_logged(number)
            # every segment has its own content, so that a template stays editable (SEG-032)
            copy_template(self.work, segment.no, 0, template)
            keep_default_row(self.work, segment, make="language_code_default" in values)
        return segment

    def change(
        self,
        segment_no: str,
        *,
        update_lines: bool = True,
        force: bool = False,
        **values: Unpack[ChangedValues],
    ) -> Segment:
        """
        Change fields of a header; lines that still hold the old value follow.

        Only lines with the header's template follow; a new template goes to all lines, loads its
        defaults where no value is given, and brings its content. A missing row of a new default
        language is made.

        Args:
            update_lines: ``False`` leaves the lines as they are.
            force: Lines with another value follow as well.
            values: What is set.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError, StateError: There is no such open segment or
                code; the salesperson is blocked; lines would keep content that goes.

        Source: SEG-020 to SEG-029 with D-07, D-08, D-09 and D-16.
        """
        with changing(self.work, segment_no) as segment:
            _require_known(self.work, values)
            return change_header(self.work, segment, values, update_lines=update_lines, force=force)

    def rename(self, segment_no: str, new_no: str) -> Segment:
        """
        Give a segment another number: lines, languages, steps and open campaign entries follow.

        What was logged does not.

        Raises: what `create` raises for a number given by hand, and what `change` raises.
        Source: SEG-004.
        """
        with changing(self.work, segment_no) as segment:
            if new_no == segment.no:
                return segment
            number, _ = record_number(self.work, "segment", new_no)
            self.work.segments.rename(segment.no, Segment(no=number).no)
            self._require_not_logged(number)
            self.work.segments.set(number, no_series=None)
            for entry in self.work.campaign_entries.of_segment(segment.no):
                self.work.campaign_entries.set(entry.entry_no, segment_no=number)
        return attrs.evolve(segment, no=number, no_series=None)

    def delete(self, segment_no: str) -> None:
        """
        Delete a segment with lines, languages, steps, and content that nothing else refers to.

        Its campaign entries stay, and take nothing of another segment that gets its number.

        Raises: what `change` raises. Source: SEG-005.
        """
        with changing(self.work, segment_no) as segment:
            unused = attachments_of(self.work.segments.all_languages(segment.no))
            self.work.segments.remove(segment.no)
            self.work.campaign_entries.close_segment(segment.no)
            drop_contents(self.work, unused)

    def figures(self, segment_no: str) -> SegmentFigures:
        """Return what is derived for a header."""
        work, segment = self.work, self.work.segments.get(segment_no)
        campaign = work.campaigns.find(segment.campaign_no) if segment.campaign_no else None
        given = inheritance_of(work, segment)
        row = given.rows.get(segment.language_code_default)
        return SegmentFigures(
            **work.segments.totals(segment.no)._asdict(),
            steps=len(work.segments.steps(segment.no)),
            campaign_description=campaign.description if campaign else "",
            attachment_no=row.attachment_no if row and row.word_template_code is None else None,
            modified_word_template=given.edited_word_template,
        )

    def lines(self, segment_no: str, *, after: int = 0, limit: int = 1_000) -> Sequence[LineView]:
        """Return the next lines after a line number, with contact and what is their own."""
        work, segment = self.work, self.work.segments.get(segment_no)
        lines = work.segments.lines_after(segment.no, after, limit=min(limit, 1_000))
        given = inheritance_of(work, segment)
        contacts = dict(work.contacts.many({line.contact_no or "" for line in lines}))
        companies = {line.contact_company_no or "" for line in lines} - contacts.keys()
        contacts |= work.contacts.many(companies)
        own = {row.segment_line_no for row in work.segments.all_languages(segment.no)}
        return [_view(given, line, contacts, is_own=line.line_no in own) for line in lines]

    def add_line(
        self, segment_no: str, contact_no: str | None = None, **values: Unpack[LineValues]
    ) -> SegmentLine:
        """
        Write a line by hand; it is recorded as a selection step when it has a contact.

        Args:
            contact_no: The contact; ``None`` writes a line that logging leaves out.
            values: What is personal to the line.

        Raises:
            NotFoundError: The segment, the contact or another code does not exist.
            SegmentAlreadyLoggedError, StateError: The segment was or is being logged.
            PrivacyBlockedError: The contact is blocked for privacy.

        Source: SEG-040, SEG-041, SEG-050 with D-13 and D-04.
        """
        with changing(self.work, segment_no) as segment:
            contact, address = self._contact(contact_no), values.get("contact_alt_address_code")
            _require_known(self.work, values)
            require_address(self.work, contact.no if contact else None, address)
            line_no, step_no = self.work.segments.last_line_no(segment.no) + 10_000, 0
            if contact is not None:
                step_no = record_by_hand(self.work, segment.no, CriteriaAction.ADD, [contact.no], 1)
            day = values.get("date", segment.date)
            line = new_line(self.work, segment, line_no, contact, day, step_no)
            line = attrs.evolve(line, **values)
            self.work.segments.add_lines([line])
        return line

    def personalise(
        self, segment_no: str, line_no: int, **values: Unpack[PersonalValues]
    ) -> SegmentLine:
        """
        Give a line its own values.

        A template brings its values and content that is the line's own, or the header's again; a
        language takes the content in it; ``attachment_no`` becomes the line's own content, and what
        it inherited stays as it is.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError, StateError: There is no such open segment,
                line or code; a template needs a contact, content a line without Word template.

        Source: SEG-036, SEG-045 to SEG-047; D-36.
        """
        with changing(self.work, segment_no) as segment:
            line = self.work.segments.line(segment.no, line_no)
            _require_known(self.work, values)
            address = values.get("contact_alt_address_code")
            require_address(self.work, line.contact_no, address)
            return personalised(self.work, segment, line, values)

    def change_contact(
        self, segment_no: str, line_no: int, contact_no: str | None, *, keep: Collection[str] = ()
    ) -> SegmentLine:
        """
        Give a line another contact; a step removes the old one, another adds the new one.

        Args:
            contact_no: The new contact; ``None`` leaves the line without one.
            keep: Fields that stay although the contact decides about them; see `CONTACT_DRIVEN`.
                Everything else that is personal stays anyway.

        Raises: what `add_line` raises; `UsageError` for a field that `keep` does not take.
        Source: SEG-041, SEG-050 with D-11 and D-13.
        """
        with changing(self.work, segment_no) as segment:
            line, contact = self.work.segments.line(segment.no, line_no), self._contact(contact_no)
            changed = with_contact(self.work, segment, line, contact, keep)
            if "contact_alt_address_code" in keep:
                address = changed.contact_alt_address_code
                require_address(self.work, changed.contact_no, address)
            if changed.contact_no == line.contact_no:
                self.work.segments.set_lines(segment.no, [line_no], **differences(line, changed))
                return changed
            rows = self.work.segments.languages(segment.no, line_no)
            step_no = 0
            if line.contact_no is not None:
                remove_by_hand(self.work, segment.no, [line])
            if contact is not None:
                step_no = record_by_hand(self.work, segment.no, CriteriaAction.ADD, [contact.no], 1)
                if line.contact_no is None:
                    self.work.segments.remove_by_step(segment.no, step_no, [line_no])
            changed = attrs.evolve(changed, added_by_step=step_no)
            self.work.segments.add_lines([changed])
            for row in rows:
                self.work.segments.put_language(row)
        return changed

    def remove_lines(
        self, segment_no: str, line_nos: Collection[int], *, reset_criteria: bool = False
    ) -> None:
        """
        Remove lines by hand, as one selection step, which can be undone.

        Args:
            line_nos: Their numbers, up to 1,000.
            reset_criteria: When no line is left after more than one step, forget all steps.

        Raises: what `change` raises; `NotFoundError` for a line that is not there.
        Source: SEG-048 to SEG-050 with D-12 and D-13.
        """
        with changing(self.work, segment_no) as segment:
            lines = [self.work.segments.line(segment.no, no) for no in sorted(set(line_nos))]
            remove_by_hand(self.work, segment.no, lines)
            if reset_criteria:
                reset_if_empty(self.work, segment.no)

    def _contact(self, contact_no: str | None) -> Contact | None:
        contact = None if contact_no is None else self.work.contacts.get(contact_no)
        if contact is not None and contact.privacy_blocked:
            raise PrivacyBlockedError(contact.no)
        return contact

    def _require_not_logged(self, number: str) -> None:
        # asked after the segment has the number: who waited for it may have waited until the
        # other one's segment was logged
        logged = self.work.logged_segments.current(number)
        if logged is not None:
            raise SegmentAlreadyLoggedError(number, logged.entry_no)


def _view(
    given: Inheritance, line: SegmentLine, contacts: Mapping[str, Contact], *, is_own: bool
) -> LineView:
    contact = contacts.get(line.contact_no or "")
    company = contacts.get(line.contact_company_no or "")
    row = None if is_own else given.rows.get(line.language_code)
    content = "" if line.attachment_no is None else "own"
    if row is not None and row.attachment_no == line.attachment_no is not None:
        content = "inherited"
    is_person = contact is not None and contact.type is ContactType.PERSON
    is_company = company is not None and company.type is ContactType.COMPANY
    summary = ContactSummary.of(contact) if contact else NOBODY
    return LineView(
        line=line,
        contact_name=contact.name if contact and is_person else "",
        contact_company_name=company.name if company and is_company else "",
        contact_phone_no=contact.phone_no if contact else "",
        contact_mobile_phone_no=contact.mobile_phone_no if contact else "",
        contact_e_mail=contact.e_mail if contact else "",
        own_fields=personal_field_names(given.personal_fields(line, summary)),
        content=content,
    )


_NAMES = tuple(CONTACT_FIELDS)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@attrs.frozen
class ContactFigures:
    """
    What was done with the contacts of a segment.

    Attributes:
        contacts: Lines that were written, or contacts that are in the group now because of them.
        skipped: Lines without a contact, or whose contact does not exist.
    """

    contacts: int
    skipped: int


@judged
@attrs.frozen
class SegmentContacts:
    """
    Uses the contacts of a segment; the segment itself stays as it is.

    Each call refuses one that is being logged in batches (`StateError`): not all lines are there.
    """

    work: UnitOfWork

    def apply_mailing_group(
        self, segment_no: str, code: str, *, delete_old: bool = False
    ) -> ContactFigures:
        """
        Put the contacts of a segment into a mailing group, which has members or a `ReferenceCode`.

        With ``delete_old`` who is in the group and not in the segment leaves it. `NotFoundError`
        for an unknown segment or group, `UsageError` where the host keeps contacts and groups.

        Source: SEG-151 with D-31; INV-S-27.
        """
        contacts = cast("ContactRepository", self.work.contacts)
        if not hasattr(contacts, "put_membership"):
            raise UsageError("the host keeps the contacts: put them into the group there")
        applied: set[str] = set()
        skipped = 0
        with self.work.atomic():
            self.work.segments.hold(segment_no)  # it keeps its lines and its number
            old = set(contacts.matching(ContactFilter(mailing_group_codes={code})))
            codes = self.work.records(ReferenceCode)
            if not old and codes.find(ReferenceKind.MAILING_GROUP, code, 0) is None:
                raise NotFoundError("mailing group", code)
            for contact in self._each(segment_no):
                if contact is None:
                    skipped += 1
                elif contact.no not in applied:
                    applied.add(contact.no)
                    if contact.no not in old:
                        contacts.put_membership(_member(contact.no, code))
            for no in sorted(old - applied) if delete_old else ():
                with suppress(NotFoundError):  # it left the group meanwhile
                    contacts.remove_membership(_member(no, code))
        return ContactFigures(len(applied), skipped)

    def export_csv(self, segment_no: str, file: IO[str]) -> ContactFigures:
        """
        Write a heading and one row for each line, in line order, as comma-separated values.

        The columns are the fields of `Contact`. A cell that a spreadsheet would take for a formula
        gets an apostrophe in front. Open the file with ``newline=""`` and ``encoding="utf-8"``.

        Source: SEG-150 with D-31.
        """
        import csv  # noqa: PLC0415  # who only logs does not need it

        writer = csv.writer(file)
        writer.writerow(_NAMES)
        return self._export(segment_no, lambda row: writer.writerow(map(_cell, row)))

    def export_json_lines(self, segment_no: str, file: IO[str]) -> ContactFigures:
        """Write one JSON object for each line, in line order. (SEG-150)"""
        return self._export(
            segment_no,
            lambda row: file.write(
                json.dumps(dict(zip(_NAMES, row, strict=True)), ensure_ascii=False) + "\n"
            ),
        )

    def _export(
        self, segment_no: str, write: Callable[[Sequence[object]], object]
    ) -> ContactFigures:
        counts = [0, 0]
        for contact in self._each(segment_no):
            counts[contact is None] += 1
            if contact is not None:
                values = (getattr(contact, name) for name in _NAMES)
                write([each.name.lower() if isinstance(each, Enum) else each for each in values])
        return ContactFigures(*counts)

    def _each(self, segment_no: str) -> Iterator[Contact | None]:
        no = self.work.segments.get(segment_no).no
        refuse_run(self.work, no)
        for lines in chunks_of(self.work, no):
            nos = {line.contact_no for line in lines if line.contact_no is not None}
            contacts = self.work.contacts.many(nos)
            for line in lines:
                yield contacts.get(line.contact_no or "")


def _member(no: str, group: str) -> Membership:
    return Membership(contact_no=no, kind=MembershipKind.MAILING_GROUP, code=group)


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
