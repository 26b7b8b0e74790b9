"""Changing a header, and how its lines follow."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import attrs

from interactionlog.contacts.directory import NOBODY
from interactionlog.errors import StateError
from interactionlog.segments.inheritance import (
    OF_HEADER,
    OF_TEMPLATE,
    Inheritance,
    copy_template,
    drop_contents,
    inheritance_of,
    new_row,
    remove_rows,
    rows_by_language,
    template_values,
)
from interactionlog.segments.segment import Segment, SegmentLine, chunks_of
from interactionlog.segments.selection.steps import set_based
from interactionlog.templates.template import spoken
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import differences

EVERY_LANGUAGE = frozenset({"*"})
"""Stands for all languages."""


def follow(
    work: UnitOfWork,
    old: Inheritance,
    new: Inheritance,
    fields: Collection[str] = (),
    *,
    languages: Collection[str | None] = (),
    force: bool = False,
) -> None:
    """
    Let the lines with the header's template take what header, template and contact now give.

    Args:
        work: The unit of work; the header is locked and stored.
        old, new: What lines inherited, and inherit now.
        fields: Fields in which a line that holds what it inherited takes the new value.
        languages: Languages whose rows came, went or changed: lines that have one of them, or would
            get one, and no own language rows, take the content that is theirs now.
        force: Lines with their own value take the new one as well.

    Source: SEG-030, SEG-031, SEG-033, SEG-034 with D-07, D-08 and D-26.
    """
    segment = new.segment
    rows = work.segments.all_languages(segment.no) if languages else ()
    own = {row.segment_line_no for row in rows if not row.removed_by_step}
    for lines in chunks_of(work, segment.no):
        contact_nos = {line.contact_no for line in lines if line.contact_no is not None}
        contacts = work.contacts.summaries(contact_nos)
        changed: defaultdict[tuple[tuple[str, object], ...], list[int]] = defaultdict(list)
        for line in lines:
            if line.interaction_template_code != segment.interaction_template_code:
                continue
            contact = contacts.get(line.contact_no or "", NOBODY)
            was, now = old.of_contact(contact), new.of_contact(contact)
            values = {
                name: getattr(now, name)
                for name in fields
                if force or getattr(line, name) == getattr(was, name)
            }
            if languages and line.line_no not in own:
                every = languages is EVERY_LANGUAGE
                mine = {contact.language_code, spoken(contact.language_code, new.rows, "")}
                concerned = not mine.isdisjoint(languages) or not old.rows
                if every or concerned or line.language_code in languages:
                    # its own language stays while it is offered (D-26)
                    own_language = line.language_code != was.language_code
                    stays = own_language and line.language_code in new.rows and not every
                    language = line.language_code if stays else now.language_code
                    values |= _content(line, old, new, language, every=every)
            if any(getattr(line, name) != value for name, value in values.items()):
                changed[tuple(values.items())].append(line.line_no)
        for items, line_nos in changed.items():  # as many as there are different contents
            work.segments.set_lines(segment.no, line_nos, **dict(items))


def _content(
    line: SegmentLine, old: Inheritance, new: Inheritance, language: str | None, *, every: bool
) -> dict[str, Any]:
    """Return the content of a line in a language, where it holds that of its old one."""
    before, after = old.content(line.language_code), new.content(language)
    values: dict[str, Any] = {"language_code": language}
    if every or line.attachment_no in {None, before.attachment_no}:
        values["attachment_no"] = after.attachment_no
    for name in ("subject", "word_template_code"):
        if getattr(line, name) == getattr(before, name):
            values[name] = getattr(after, name)
    return values


def follow_date(
    work: UnitOfWork, segment_no: str, to: dt.date | None, holding: Mapping[str, object]
) -> None:
    """Give lines whose date is about to follow the address of the new day. (SEG-047, D-09)"""
    if (lines_at_once := set_based(work)) is not None:
        lines_at_once.follow_date(segment_no, holding, to)
        return
    for lines in chunks_of(work, segment_no):
        moving = [
            line
            for line in lines
            if all(getattr(line, name) == held for name, held in holding.items())
        ]
        by_address: defaultdict[str | None, list[int]] = defaultdict(list)
        for line, address in zip(moving, addresses_on(work, moving, to), strict=True):
            if line.contact_alt_address_code != address:
                by_address[address].append(line.line_no)
        for address, line_nos in by_address.items():
            work.segments.set_lines(segment_no, line_nos, contact_alt_address_code=address)


def addresses_on(
    work: UnitOfWork, lines: Collection[SegmentLine], to: dt.date | None
) -> list[str | None]:
    """Return for each line its alternative address on another day; one picked by hand stays."""
    in_use: dict[dt.date | None, Mapping[str, str]] = {None: {}}
    nos = {line.contact_no for line in lines if line.contact_no is not None}
    for day in (to, *(line.date for line in lines)):
        if day is not None and day not in in_use:
            in_use[day] = work.contacts.active_addresses(nos, day)
    return [
        in_use[to].get(line.contact_no or "")
        if line.contact_alt_address_code == in_use[line.date].get(line.contact_no or "")
        else line.contact_alt_address_code
        for line in lines
    ]


def change_header(
    work: UnitOfWork,
    segment: Segment,
    values: Mapping[str, Any],
    *,
    update_lines: bool,
    force: bool,
) -> Segment:
    """
    Store a locked header with new values and let its lines follow.

    Source: SEG-020 to SEG-029 with D-07, D-08, D-09 and D-16.
    """
    old = inheritance_of(work, segment)
    changed = attrs.evolve(segment, **values)
    rebuilt = changed.interaction_template_code != segment.interaction_template_code
    unused: set[int] = set()
    if rebuilt:
        if not update_lines:
            _refuse_inherited(work, old)
        changed, unused = _with_template(work, segment, changed, values)
    elif changed.language_code_default != segment.language_code_default:
        changed = _with_language(work, changed, values)
    is_new = changed.language_code_default != segment.language_code_default
    keep_default_row(work, changed, make=is_new and "language_code_default" in values)
    work.segments.set(changed.no, **differences(segment, changed))
    if update_lines:
        forced = frozenset(values) if force else None
        _push(work, old, inheritance_of(work, changed), rebuilt=rebuilt, forced=forced)
    drop_contents(work, unused)
    return changed


def keep_default_row(work: UnitOfWork, segment: Segment, *, make: bool) -> None:
    """
    Keep a header's subject in its row of the default language; a missing row is made if wanted.

    Source: SEG-024 to SEG-026.
    """
    code, subject = segment.language_code_default, segment.subject_default
    row = rows_by_language(work, segment.no).get(code)
    if row is None and make and code is not None:
        work.segments.put_language(attrs.evolve(new_row(segment, code), subject=subject))
    elif row is not None and row.subject != subject:
        work.segments.put_language(attrs.evolve(row, subject=subject))


def _with_template(
    work: UnitOfWork, before: Segment, changed: Segment, values: Mapping[str, Any]
) -> tuple[Segment, set[int]]:
    """Load the defaults of a template and rebuild the language rows. (SEG-022, SEG-023)"""
    code = changed.interaction_template_code
    template = None if code is None else work.templates.hold(code)
    unused = remove_rows(work, work.segments.languages(before.no))
    copy_template(work, before.no, 0, template)
    defaults: dict[str, Any] = {"subject_default": "", "language_code_default": None}
    defaults |= template_values(template) or {"word_template_code": None}
    if defaults.get("campaign_no", "") is None:
        del defaults["campaign_no"]
    return attrs.evolve(changed, **defaults | dict(values)), unused


def _with_language(work: UnitOfWork, changed: Segment, values: Mapping[str, Any]) -> Segment:
    """Take the subject of the new default language. (SEG-024)"""
    row = rows_by_language(work, changed.no).get(changed.language_code_default)
    subject = "" if row is None else row.subject
    return attrs.evolve(changed, subject_default=values.get("subject_default", subject))


def _refuse_inherited(work: UnitOfWork, old: Inheritance) -> None:
    contents = {row.attachment_no for row in old.rows.values()} - {None}
    for lines in chunks_of(work, old.segment.no) if contents else ():
        if any(line.attachment_no in contents for line in lines):
            reason = "has lines that inherit its content: change the template with its lines"
            raise StateError(f"segment {old.segment.no}", reason)


def _push(
    work: UnitOfWork,
    old: Inheritance,
    new: Inheritance,
    *,
    rebuilt: bool,
    forced: Collection[str] | None,
) -> None:
    """
    Set on the lines what changed on the header, one statement a field.

    What is ``forced``, and what a forced template gives, is set where the header had it, too.

    Source: SEG-021 with D-07 and D-08.
    """
    before, after, force = old.segment, new.segment, forced is not None
    no, code = after.no, after.interaction_template_code

    def moves(name: str) -> bool:
        return getattr(before, name) != getattr(after, name) or name in (forced or ())

    if rebuilt:
        work.segments.push(no, "interaction_template_code", code, {})
    if moves("date"):
        holding = {"interaction_template_code": code} | ({} if force else {"date": before.date})
        follow_date(work, no, after.date, holding)
    pairs = [*OF_HEADER, ("word_template_code",) * 2]
    replaced = before.salesperson_code and after.salesperson_code
    if replaced:
        pairs.append(("salesperson_code",) * 2)
    for field, name in pairs:
        was, now, given = (
            getattr(before, name),
            getattr(after, name),
            rebuilt and field in OF_TEMPLATE,
        )
        if field == "interaction_template_code" or not (moves(name) or (given and force)):
            continue
        if field == ("word_template_code" if rebuilt else "interaction_group_code"):
            continue  # it comes with the content; groups are copied to new lines only (SEG-028)
        matching = {} if given else {"interaction_template_code": code}
        work.segments.push(no, field, now, matching if force else matching | {field: was})
        if field == "description" and not force:
            # nobody means a line without description to be personal
            work.segments.push(no, field, now, matching | {field: ""})
    # what contact and header decide together
    fields = set()
    if moves("salesperson_code") and not replaced:
        fields.add("salesperson_code")
    if rebuilt or moves("correspondence_type_default"):
        fields.add("correspondence_type")  # the contact's preference holds on every path (§8.5)
    languages = EVERY_LANGUAGE if rebuilt else set(new.rows) - set(old.rows)
    if fields or languages:
        follow(work, old, new, fields, languages=languages, force=force)
    language, subject = after.language_code_default, after.subject_default
    if rebuilt or before.language_code_default != language or before.subject_default == subject:
        return
    # a new default subject is that of lines in that language that hold the old one (SEG-025)
    holding = {"interaction_template_code": code, "language_code": language}
    work.segments.push(no, "subject", subject, holding | {"subject": before.subject_default})
