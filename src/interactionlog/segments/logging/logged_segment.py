"""A segment that was logged, with everything that answers why it was logged as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from datetime import datetime

import attrs

from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.segments.logging.decision import LoggingPolicy
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.values import (
    LoggedSegmentState,
    as_code,
    as_optional_code,
    as_optional_utc,
    as_utc,
    calendar_date,
    entry_number,
    instance_of,
    instant,
    length,
    one_of,
    optional,
    optional_code,
    whole,
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class LoggedSegment:
    """
    The record of one logging.

    Attributes:
        entry_no: Key; rising, never used again.
        segment_no, description: Of the segment as it was.
        creation_date: Today at logging, not the work date.
        user_id: Who logged it.
        cancel_state: 1 when it is canceled, else 0.
        state: Running, complete or undone.
        header: The segment as it was when it was logged; ``None`` when that is not known.
        policy: How findings were treated.
        plan_token: Token of the plan that was followed, or that the decisions came to.
        counts: Number of lines by decision and reason, such as ``{"log": 12, "leave-out": 1,
            "privacy-blocked": 1}``: the decisions add up, a line may have several reasons.
            ``deleted`` are its entries that were canceled and then deleted.
        first_entry_no, last_entry_no: Bounds of its entries, not a dense range; ``None`` while it
            runs.
        host_ref: The host's record, at most 250 characters; ``None`` for none.
        follow_up_of, follow_up_filter: Logged segment and outcomes that the segment followed up.
        recorded_at: When it was logged, UTC.
        undone_by, undone_at: Who undid it and when; ``None`` if nobody did.
        last_line_no, batch_size: Of a run in committed batches: last line that is done, lines a
            batch; ``None`` for one transaction.

    Source: table 5075 Logged Segment; D-18.
    """

    entry_no: int = attrs.field(validator=entry_number)
    segment_no: str = attrs.field(converter=as_code, validator=length(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    creation_date: dt.date = attrs.field(validator=calendar_date)
    user_id: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(50)
    )
    cancel_state: int = attrs.field(default=0, validator=whole(0, 1))
    state: LoggedSegmentState = attrs.field(
        default=LoggedSegmentState.RUNNING, validator=one_of(LoggedSegmentState)
    )
    header: Segment | None = attrs.field(default=None, validator=optional(instance_of(Segment)))
    policy: LoggingPolicy | None = attrs.field(
        default=None, validator=optional(instance_of(LoggingPolicy))
    )
    plan_token: str | None = attrs.field(default=None, validator=optional(length(1, 2_000)))
    counts: Mapping[str, int] = attrs.field(factory=dict)
    first_entry_no: int | None = attrs.field(default=None, validator=optional(entry_number))
    last_entry_no: int | None = attrs.field(default=None, validator=optional(entry_number))
    host_ref: str | None = attrs.field(default=None, validator=optional(length(1, 250)))
    follow_up_of: int | None = attrs.field(default=None, validator=optional(entry_number))
    follow_up_filter: OutcomeFilter | None = attrs.field(
        default=None, validator=optional(instance_of(OutcomeFilter))
    )
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)
    undone_by: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(50)
    )
    undone_at: datetime | None = attrs.field(
        default=None, converter=as_optional_utc, validator=optional(instant)
    )
    last_line_no: int | None = attrs.field(default=None, validator=optional(whole()))
    batch_size: int | None = attrs.field(default=None, validator=optional(whole(1)))

    @property
    def canceled(self) -> bool:
        """Whether it is canceled."""
        return self.cancel_state != 0


@attrs.frozen(kw_only=True)
class LeftOutLine:
    """
    A line that was not logged, whole, and why.

    Attributes:
        line: The line as it was.
        reasons: Codes of the findings that left it out, in the order of the checks.
    """

    line: SegmentLine
    reasons: tuple[str, ...]
