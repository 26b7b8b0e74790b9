"""Lines that follow a change of what they inherit, as long as they still hold it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from interactionlog.contacts.directory import ContactStanding
from interactionlog.segments.inheritance import Inheritance
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.segments.selection.matching import MeantLines
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["EVERY_LANGUAGE", "follow", "follow_date"]

EVERY_LANGUAGE = frozenset({"*"})
"""Stands for all languages."""

_NOBODY = ContactStanding(False, False, "", None, None, None)


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
        languages: Languages whose rows came, went or changed: lines without language rows of their
            own that have one of them, or would get one, take the content that is theirs now.
        force: Lines with a value of their own take the new one as well.

    Source: SEG-030, SEG-031, SEG-033, SEG-034 with D-07, D-08 and D-26.
    """
    segment = new.segment
    rows = work.segments.all_languages(segment.no) if languages else ()
    own = {row.segment_line_no for row in rows if not row.removed_by_step}
    for lines in _chunks(work, segment.no):
        contact_nos = {line.contact_no for line in lines if line.contact_no is not None}
        standings = work.contacts.standings(contact_nos)
        changed = []
        for line in lines:
            if line.interaction_template_code != segment.interaction_template_code:
                continue
            contact = standings.get(line.contact_no or "", _NOBODY)
            was, now = _given(old, contact), _given(new, contact)
            values = {
                name: getattr(now, name)
                for name in fields
                if force or getattr(line, name) == getattr(was, name)
            }
            if languages and line.line_no not in own:
                every = languages is EVERY_LANGUAGE
                spoken = contact.language_code in languages or not old.rows
                if every or spoken or line.language_code in languages:
                    # a language of its own stays while it is offered (D-26)
                    own_language = line.language_code != was.language_code
                    stays = own_language and line.language_code in new.rows and not every
                    language = line.language_code if stays else now.language_code
                    values |= _content(line, old, new, language, every=every)
            if any(getattr(line, name) != value for name, value in values.items()):
                changed.append(attrs.evolve(line, **values))
        work.segments.replace_lines(changed)


def _given(inheritance: Inheritance, contact: ContactStanding) -> Any:
    return inheritance.of_contact(
        contact.salesperson_code, contact.language_code, contact.correspondence_type
    )


def _content(
    line: SegmentLine, old: Inheritance, new: Inheritance, language: str | None, *, every: bool
) -> dict[str, Any]:
    """Return the content of a line in a language, where it holds that of its old one."""
    before, after = old.rows.get(line.language_code), new.rows.get(language)
    values: dict[str, Any] = {"language_code": language}
    if every or line.attachment_no in {None, before.attachment_no if before else None}:
        values["attachment_no"] = after.attachment_no if after else None
    for name, was, now in (
        ("subject", old.segment.subject_default, new.segment.subject_default),
        ("word_template_code", old.segment.word_template_code, new.segment.word_template_code),
    ):
        if getattr(line, name) == (getattr(before, name) if before else was):
            values[name] = getattr(after, name) if after else now
    return values


def follow_date(
    work: UnitOfWork, segment_no: str, to: dt.date | None, holding: Mapping[str, object]
) -> None:
    """Give lines whose date is about to follow the address of the new day. (SEG-047, D-09)"""
    if isinstance(work.segments, MeantLines) and work.segments.reaches(work.contacts):
        work.segments.follow_date(segment_no, holding, to)
        return
    for lines in _chunks(work, segment_no):
        moving = [
            line
            for line in lines
            if all(getattr(line, name) == held for name, held in holding.items())
        ]
        work.segments.replace_lines(
            [
                attrs.evolve(line, contact_alt_address_code=address)
                for line, address in zip(moving, addresses_on(work, moving, to), strict=True)
                if line.contact_alt_address_code != address
            ]
        )


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


def _chunks(work: UnitOfWork, segment_no: str) -> Iterator[Collection[SegmentLine]]:
    last = 0
    while lines := work.segments.lines_after(segment_no, last):
        yield lines
        last = lines[-1].line_no
