"""Taking a logging back."""

from __future__ import annotations

import attrs

from interactionlog.enumerations import LoggedSegmentState
from interactionlog.errors import NotFoundError, StateError, UndoRefusedError
from interactionlog.interactions.log_entry import CancelState
from interactionlog.interactions.log_filter import LogFilter
from interactionlog.segments.events import SegmentUndone
from interactionlog.segments.inheritance import PERSONAL_FIELDS
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.logging.plan import PlanOrder
from interactionlog.segments.segment import Segment
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["cancel_children", "undo"]


def undo(work: UnitOfWork, segment_no: str, *, force: bool) -> Segment:
    """Open a logged segment again and mark its record undone; `SegmentLogger.undo` says more."""
    logged = work.logged_segments.standing(segment_no)
    if logged is None:
        raise NotFoundError("logged segment of", segment_no)
    used = used_further(work, logged)
    if used and not force:
        raise UndoRefusedError(logged.entry_no, used)
    segment = _opened(work, logged)
    work.logged_segments.put_back(logged)
    cancel_children(work, logged, canceled=True)
    work.logged_segments.replace(
        attrs.evolve(
            logged,
            state=LoggedSegmentState.UNDONE,
            cancel_state=1,
            undone_by=work.user_id,
            undone_at=work.clock.now(),
        )
    )
    work.record(SegmentUndone(segment_no, logged.entry_no))
    return segment


def _opened(work: UnitOfWork, logged: LoggedSegment) -> Segment:
    if logged.state is LoggedSegmentState.RUNNING:
        return work.segments.lock(logged.segment_no)
    if work.segments.find(logged.segment_no) is not None or logged.header is None:
        raise StateError(f"segment {logged.segment_no}", "is open again: delete or log it first")
    segment = attrs.evolve(logged.header, version=logged.header.version + 1)
    work.segments.add(segment)
    return segment


def used_further(work: UnitOfWork, logged: LoggedSegment) -> dict[str, int]:
    """Return how often what was logged was used since, by kind; nothing when it was not."""
    bit = 1 << PERSONAL_FIELDS.index("evaluation")
    evaluated, delivered, resent = work.interactions.used_further(logged.entry_no, bit)
    if logged.plan_token is None or not PlanOrder.of_token(logged.plan_token).deliver:
        delivered = 0  # nothing was to be delivered
    followed_up = len(work.logged_segments.following_up(logged.entry_no)) + sum(
        segment.follow_up_of == logged.entry_no for segment in work.segments.all()
    )
    counts = {
        "evaluated": evaluated,
        "delivered": delivered,
        "resent": resent,
        "followed-up": followed_up,
        "deleted": logged.counts.get("deleted", 0),
    }
    return {kind: count for kind, count in counts.items() if count}


def cancel_children(work: UnitOfWork, logged: LoggedSegment, *, canceled: bool) -> None:
    """Set or clear the logged segment's reason on its entries and campaign entries. (D-21)"""
    reason = int(CancelState.LOGGED_SEGMENT)
    entries = LogFilter(logged_segment_entry_no=logged.entry_no)
    work.interactions.set_canceled(entries, reason, canceled=canceled)
    for entry in work.campaign_entries.of_logged_segment(logged.entry_no):
        state = entry.cancel_state | reason if canceled else entry.cancel_state & ~reason
        work.campaign_entries.replace(
            attrs.evolve(entry, cancel_state=state, closed=entry.closed or canceled)
        )
