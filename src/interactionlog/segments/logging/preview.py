"""What the message of a line would be, before it is logged."""

from __future__ import annotations

from interactionlog.delivery.delivery import CHANNELS, Delivery
from interactionlog.delivery.message import Message, WordTemplates, compose, facts_of
from interactionlog.errors import StateError
from interactionlog.interactions.repository import Logging
from interactionlog.segments.logging.logged_segments import entry_of_line
from interactionlog.unit_of_work import UnitOfWork


def preview(
    work: UnitOfWork, segment_no: str, line_no: int, word_templates: WordTemplates | None
) -> Message:
    """Return the message of a line; `SegmentLogger.preview` says more."""
    segment, line = work.segments.get(segment_no), work.segments.line(segment_no, line_no)
    if line.correspondence_type is None:
        raise StateError(f"line {line_no}", "has no correspondence type: nothing is delivered")
    rows = {row.language_code: row for row in work.segments.languages(segment.no)}
    row = rows.get(segment.language_code_default)
    merges = row is not None and row.word_template_code == segment.word_template_code is not None
    now = work.clock.now()
    edited = row.attachment_no if row is not None and merges else None
    entry = entry_of_line()(Logging(1, work.user_id, now, None, edited), line, 1, None, 0)
    delivery = Delivery(
        entry_no=entry.entry_no,
        channel=CHANNELS[line.correspondence_type],
        message_id="preview",
        requested_at=now,
        not_before=now,
    )
    return compose(delivery, facts_of(work, entry, {}, word_templates), now)
