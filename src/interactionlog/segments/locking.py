"""The first step of every change of a segment."""

from __future__ import annotations

from interactionlog.enumerations import LoggedSegmentState
from interactionlog.errors import StateError
from interactionlog.segments.segment import Segment
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["lock_for_change"]


def lock_for_change(work: UnitOfWork, segment_no: str) -> Segment:
    """
    Raise the version of a segment, which is its lock, and return it.

    Raises:
        NotFoundError: There is no such segment.
        SegmentAlreadyLoggedError: It was logged.
        StateError: It is being logged in batches: some of its lines are in the log already.
    """
    segment = work.segments.lock(segment_no)
    logged = work.logged_segments.standing(segment.no)
    if logged is not None and logged.state is LoggedSegmentState.RUNNING:
        reason = f"is being logged as logged segment {logged.entry_no}: let the run end or undo it"
        raise StateError(f"segment {segment.no}", reason)
    return segment
