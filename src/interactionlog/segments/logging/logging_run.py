"""One logging of one segment, inside a block that happens whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from interactionlog.enumerations import LoggedSegmentState
from interactionlog.errors import (
    CheckFailedError,
    PlanOutdatedError,
    SegmentEmptyError,
    SetupMissingError,
)
from interactionlog.interactions.rules import missing
from interactionlog.numbering.number_series import NumberSeries
from interactionlog.segments.logging.campaign_grouping import CampaignGrouping
from interactionlog.segments.logging.chunks import LineDecider, Tally
from interactionlog.segments.logging.entries import EntryBuilder
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.logging.plan import PlanOrder
from interactionlog.segments.logging.policy import LoggingPolicy
from interactionlog.segments.segment import Segment
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.segments.segment_service import inheritance_of
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["LoggingRun", "order_of"]


class LoggingRun:
    """
    Logs a segment whose header is locked.

    Args:
        work: The unit of work.
        segment: The header, its version raised.
        policy: How findings are treated.
        deliver: The content is to be delivered.
    """

    def __init__(
        self, work: UnitOfWork, segment: Segment, policy: LoggingPolicy, *, deliver: bool
    ) -> None:
        self._work = work
        self._segment = segment
        self._policy = policy
        self._deliver = deliver
        self._attachments: set[int] = set()
        self._first = self._last = 0
        self.tally = Tally()

    def check_header(self, *, follow_up: bool) -> None:
        """Refuse what the header shows before a line is looked at. (SEG-100, D-17, D-20)"""
        if not self._segment.description:
            problem = missing("description")
            raise CheckFailedError(f"segment {self._segment.no}", (problem,), {problem.code: 1})
        if follow_up:
            setup = self._work.marketing_setup.find()
            if setup is None or setup.segment_nos is None:
                raise SetupMissingError("segment_nos", "to number the follow-up segment")
            NumberSeries(self._work).peek(setup.segment_nos)

    def write(self, plan_token: str | None) -> LoggedSegment:
        """
        Claim the segment number and write the entries; return the running logged segment.

        After the first refusal nothing more is written; deciding goes on, so that every problem
        counts.
        """
        work, segment = self._work, self._segment
        logged = LoggedSegment(
            entry_no=work.logged_segments.reserve_entry_no(),
            segment_no=segment.no,
            description=segment.description,
            creation_date=work.clock.today(),
            user_id=work.user_id,
            policy=self._policy,
            plan_token=plan_token,
            host_ref=segment.host_ref,
            follow_up_of=segment.follow_up_of,
            follow_up_filter=segment.follow_up_filter,
            recorded_at=work.clock.now(),
        )
        work.logged_segments.add(logged)  # the unique key refuses a second one
        campaigns = CampaignGrouping(
            work,
            segment_no=segment.no,
            description=segment.description,
            register_no=logged.entry_no,
        )
        builder = EntryBuilder(
            logged_segment_entry_no=logged.entry_no,
            given=inheritance_of(work, segment),
            user_id=work.user_id,
            recorded_at=logged.recorded_at,
            deliver=self._deliver,
            campaign_entry_nos=campaigns.entry_nos,
        )
        decider = LineDecider(work, segment, self._policy, deliver=self._deliver)
        for chunk in decider.chunks(self.tally):
            if self.tally.problem_counts:
                continue
            if chunk.left_out:
                work.logged_segments.add_left_out(logged.entry_no, chunk.left_out)
            if chunk.logged:
                campaigns.take(chunk.logged)
                entry_nos = self._reserve(chunk.logged)
                entries = builder.entries(chunk.logged, entry_nos, chunk.standings)
                work.interactions.add_of_segment(entries)
                for observer in work.hooks.observers:
                    observer.interactions_logged(work, entries)
        self._refuse_unless_all_is_well()
        campaigns.write()
        return logged

    def _reserve(self, lines: Sequence[SegmentLine]) -> range:
        self._attachments.update(
            line.attachment_no for line in lines if line.attachment_no is not None
        )
        numbers = self._work.interactions.reserve_entry_nos(len(lines))
        self._first, self._last = self._first or numbers[0], numbers[-1]
        return numbers

    def _refuse_unless_all_is_well(self) -> None:
        tally, segment_no = self.tally, self._segment.no
        decided = tally.counts["leave-out"] + tally.counts["refuse"]
        if not tally.counts["log"] and decided == tally.counts["no-contact"]:
            raise SegmentEmptyError(segment_no, 0)
        if tally.problem_counts:
            raise CheckFailedError(
                f"segment {segment_no}", tuple(tally.problems), dict(tally.problem_counts)
            )
        if not tally.counts["log"]:
            raise SegmentEmptyError(segment_no, tally.counts["leave-out"])

    def compare(
        self, planned: PlanOrder, noticed: Sequence[tuple[int, str, tuple[str, ...]]] | None
    ) -> None:
        """Raise `PlanOutdatedError` unless what was done is what the plan said."""
        before = self._segment.version - 1  # this logging raised it
        found = order_of(self._segment, before, self._policy, self.tally, deliver=self._deliver)
        if found == planned:
            return
        differing = set() if noticed is None else {*noticed} ^ {*self.tally.noticed}
        raise PlanOutdatedError(
            self._segment.no,
            planned.counts,
            found.counts,
            planned.version != before,
            tuple(sorted({line_no for line_no, _, _ in differing})),
        )

    def complete(self, logged: LoggedSegment) -> LoggedSegment:
        """Keep what was decided with the logged segment, and delete the segment."""
        work, segment = self._work, self._segment
        logged = attrs.evolve(
            logged,
            state=LoggedSegmentState.COMPLETE,
            header=segment,
            counts=dict(sorted(self.tally.counts.items())),
            first_entry_no=self._first,
            last_entry_no=self._last,
        )
        work.logged_segments.replace(logged)
        work.logged_segments.take_over(segment.no, logged.entry_no)
        work.attachments.set_read_only(sorted(self._attachments))
        work.segments.remove(segment.no)
        return logged


def order_of(
    segment: Segment, version: int, policy: LoggingPolicy, tally: Tally, *, deliver: bool
) -> PlanOrder:
    """Return what identifies a plan of these decisions."""
    counts = {name: count for name, count in sorted(tally.counts.items()) if count}
    return PlanOrder(segment.no, version, deliver, policy, counts, tally.digest)
