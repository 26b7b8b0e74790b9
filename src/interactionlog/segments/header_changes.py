"""Changing a header, and how its lines follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from interactionlog.errors import StateError
from interactionlog.segments.content import (
    copy_template,
    drop_contents,
    remove_rows,
    row_description,
)
from interactionlog.segments.following import EVERY_LANGUAGE, follow, follow_date
from interactionlog.segments.inheritance import OF_HEADER, Inheritance, inheritance_of
from interactionlog.segments.segment import Segment, SegmentLanguage
from interactionlog.segments.values import template_values
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["change_header"]


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
    _keep_subject(work, changed)
    work.segments.replace(changed)
    if update_lines:
        _push(work, old, inheritance_of(work, changed), rebuilt=rebuilt, force=force)
    drop_contents(work, unused)
    return changed


def _with_template(
    work: UnitOfWork, before: Segment, changed: Segment, values: Mapping[str, Any]
) -> tuple[Segment, set[int]]:
    """Load the defaults of a template and rebuild the language rows. (SEG-022, SEG-023)"""
    code = changed.interaction_template_code
    template = None if code is None else work.templates.get(code)
    unused = remove_rows(work, work.segments.languages(before.no))
    copy_template(work, before.no, 0, template)
    defaults: dict[str, Any] = {"subject_default": "", "language_code_default": None}
    defaults |= template_values(template) or {"word_template_code": None}
    if defaults.get("campaign_no", "") is None:
        del defaults["campaign_no"]
    return attrs.evolve(changed, **defaults | dict(values)), unused


def _with_language(work: UnitOfWork, changed: Segment, values: Mapping[str, Any]) -> Segment:
    """Take the subject of the new default language; a missing row is made. (SEG-024)"""
    code = changed.language_code_default
    rows = {row.language_code: row for row in work.segments.languages(changed.no)}
    if code not in rows and code is not None:
        rows[code] = SegmentLanguage(
            segment_no=changed.no,
            language_code=code,
            description=row_description(changed, code),
        )
        work.segments.put_language(rows[code])
    subject = rows[code].subject if code in rows else ""
    return attrs.evolve(changed, subject_default=values.get("subject_default", subject))


def _keep_subject(work: UnitOfWork, changed: Segment) -> None:
    """Save the default subject in the row of the default language. (SEG-025)"""
    for row in work.segments.languages(changed.no):
        is_default = row.language_code == changed.language_code_default
        if is_default and row.subject != changed.subject_default:
            work.segments.put_language(attrs.evolve(row, subject=changed.subject_default))


def _refuse_inherited(work: UnitOfWork, old: Inheritance) -> None:
    contents = {row.attachment_no for row in old.rows.values()} - {None}
    last = 0
    while contents and (lines := work.segments.lines_after(old.segment.no, last)):
        if any(line.attachment_no in contents for line in lines):
            reason = "has lines that inherit its content: change the template with its lines"
            raise StateError(f"segment {old.segment.no}", reason)
        last = lines[-1].line_no


_OF_TEMPLATE = frozenset(
    {
        "interaction_group_code",
        "cost_lcy",
        "duration_min",
        "information_flow",
        "initiated_by",
        "campaign_target",
        "campaign_response",
    }
)
"""Fields of a line that the template drives: after a change of it they follow on all lines."""


def _push(
    work: UnitOfWork, old: Inheritance, new: Inheritance, *, rebuilt: bool, force: bool
) -> None:
    """Set on the lines what changed on the header, one statement a field. (SEG-021, D-08)"""
    before, after = old.segment, new.segment
    no, code = after.no, after.interaction_template_code
    if rebuilt:
        work.segments.push(no, "interaction_template_code", code, {})
    if before.date != after.date:
        holding = {"interaction_template_code": code} | ({} if force else {"date": before.date})
        follow_date(work, no, after.date, holding)
    pairs = [*OF_HEADER, ("word_template_code",) * 2]
    if before.salesperson_code and after.salesperson_code:
        pairs.append(("salesperson_code",) * 2)
    for field, name in pairs:
        was, now = getattr(before, name), getattr(after, name)
        if was == now or field == "interaction_template_code":
            continue
        if field == ("word_template_code" if rebuilt else "interaction_group_code"):
            continue  # it comes with the content; groups are copied to new lines only (SEG-028)
        matching = {} if rebuilt and field in _OF_TEMPLATE else {"interaction_template_code": code}
        work.segments.push(no, field, now, matching if force else matching | {field: was})
        if field == "description" and not force:
            # nobody means a line without description to be personal
            work.segments.push(no, field, now, matching | {field: ""})
    follows = _what_follows(old, new, rebuilt=rebuilt)
    if any(follows.values()):
        follow(work, old, new, **follows, force=force)
    if not rebuilt and before.language_code_default == after.language_code_default:
        _push_subject(work, before, after)


def _what_follows(old: Inheritance, new: Inheritance, *, rebuilt: bool) -> dict[str, Any]:
    """Return the fields and languages in which contact and header decide together."""
    before, after = old.segment, new.segment
    fields = set()
    if before.salesperson_code != after.salesperson_code and not (
        before.salesperson_code and after.salesperson_code
    ):
        fields.add("salesperson_code")
    if rebuilt or before.correspondence_type_default != after.correspondence_type_default:
        fields.add("correspondence_type")  # the contact's preference holds on every path (§8.5)
    came = set(new.rows) - set(old.rows)
    return {"fields": fields, "languages": EVERY_LANGUAGE if rebuilt else came}


def _push_subject(work: UnitOfWork, before: Segment, after: Segment) -> None:
    """Set a new default subject on lines in that language that hold the old one. (SEG-025)"""
    if before.subject_default != after.subject_default:
        work.segments.push(
            after.no,
            "subject",
            after.subject_default,
            {
                "subject": before.subject_default,
                "language_code": after.language_code_default,
                "interaction_template_code": after.interaction_template_code,
            },
        )
