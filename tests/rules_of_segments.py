"""Segments that tests of their rules begin with."""

from __future__ import annotations

from company import (
    add_attachment,
    add_company,
    add_language,
    add_salesperson,
    add_template,
)
from interactionlog.segments.service import SegmentService
from interactionlog.testing import a_campaign

__all__ = ["lines_of", "offer", "start", "values_of"]


def lines_of(work, no="S1"):
    return work.segments.lines_after(no, 0)


def values_of(work, field, no="S1"):
    return [getattr(line, field) for line in lines_of(work, no)]


def start(work, *contact_nos, **values):
    """Segment S1 with template T1 of group G1 and a line for each contact."""
    for code in ("SP1", "SP2"):
        add_salesperson(work, code)
    work.campaigns.put(a_campaign("CP1"))
    if work.templates.find("T1") is None:
        add_template(work, unit_cost_lcy=5)
    segments = SegmentService(work)
    segments.create("S", **{"no": "S1", "interaction_template_code": "T1", **values})
    for no in contact_nos:
        if work.contacts.find(no) is None:
            add_company(work, no)
        segments.add_line("S1", no)
    return segments


def offer(work, *languages, code="T1", **values):
    """Template with content in these languages; the first one is the default."""
    add_template(work, code, language_code_default=languages[0], **values)
    for language in languages:
        add_language(work, code, language, attachment_no=add_attachment(work))
