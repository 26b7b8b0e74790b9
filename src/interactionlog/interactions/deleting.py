"""The one way in which entries are deleted: comments, content and what a logged segment counts."""

from __future__ import annotations

from collections import Counter

import attrs

from interactionlog.attachments.ownership import drop_unused
from interactionlog.interactions.log_filter import LogFilter
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["delete_entries"]


def delete_entries(work: UnitOfWork, meant: LogFilter) -> tuple[int, ...]:
    """
    Delete the entries that are meant with comments and content that nothing else has.

    A logged segment says how many of its entries are gone, so that its sums can be checked and an
    undo knows. Source: INT-055, INT-093, SEG-134 with D-24.
    """
    deleted: list[int] = []
    of_segments: Counter[int | None] = Counter()
    while entries := work.interactions.newest(meant, limit=1_000):
        for entry in entries:
            work.interactions.remove(entry.entry_no)
            drop_unused(work, entry.attachment_no)
            drop_unused(work, entry.modified_word_template)
            deleted.append(entry.entry_no)
            of_segments[entry.logged_segment_entry_no] += entry.resend_of is None
    for entry_no, count in of_segments.items():
        logged = entry_no and work.logged_segments.find(entry_no)
        if logged and count:
            counts = {**logged.counts, "deleted": logged.counts.get("deleted", 0) + count}
            work.logged_segments.replace(attrs.evolve(logged, counts=counts))
    return tuple(deleted)
