"""What happened to segments; the owner delivers these after the commit."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = [
    "FollowUpSegmentCreated",
    "LoggedSegmentsCanceled",
    "LoggedSegmentsDeleted",
    "LoggedSegmentsUncanceled",
    "SegmentLogged",
    "SegmentUndone",
]


@attrs.frozen
class SegmentLogged:
    """
    A segment was logged; there is one such fact and not one for each entry.

    Attributes:
        segment_no: The segment.
        logged_segment_entry_no: The logged segment.
        counts: Lines by decision and reason.
        delivery_requested: The content of its entries is to be delivered.
    """

    segment_no: str
    logged_segment_entry_no: int
    counts: Mapping[str, int]
    delivery_requested: bool


@attrs.frozen
class SegmentUndone:
    """The logging of a segment was taken back; the segment is open again."""

    segment_no: str
    logged_segment_entry_no: int


@attrs.frozen
class LoggedSegmentsCanceled:
    """These logged segments were canceled with all their entries."""

    entry_nos: tuple[int, ...]


@attrs.frozen
class LoggedSegmentsUncanceled:
    """The canceling of these logged segments was taken back."""

    entry_nos: tuple[int, ...]


@attrs.frozen
class LoggedSegmentsDeleted:
    """These canceled logged segments were deleted; their entries stay, canceled."""

    entry_nos: tuple[int, ...]


@attrs.frozen
class FollowUpSegmentCreated:
    """
    A new segment follows up a logged one.

    Attributes:
        segment_no: The new segment.
        follow_up_of: The logged segment.
        lines: Number of its lines.
    """

    segment_no: str
    follow_up_of: int
    lines: int
