"""Logging very large segments in batches that commit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import attrs

from interactionlog.errors import (
    CheckFailedError,
    SegmentAlreadyLoggedError,
    StateError,
    UsageError,
)
from interactionlog.events import SegmentLogged
from interactionlog.segments.logging.chunks import LineDecider, Tally
from interactionlog.segments.logging.decision import DEFAULT_POLICY, LoggingPolicy
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.logging.logger import FollowUp, create_follow_up
from interactionlog.segments.logging.plan import PlanOrder
from interactionlog.segments.logging.run import (
    LoggingRun,
    check_header,
    order_of,
    refuse_problems,
)
from interactionlog.segments.segment import Segment
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import LoggedSegmentState, as_code

T = TypeVar("T")


class OwnedStore(Protocol):
    """A store that begins and ends its own transactions."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that only reads."""
        ...

    def run(self, action: Callable[[UnitOfWork], T], *, user_id: str) -> T:
        """Call ``action`` in a unit of work, again after an operational error."""
        ...


@attrs.frozen
class BatchProgress:
    """
    How far a run got; handed out after each commit.

    Attributes:
        segment_no: The segment.
        logged_segment_entry_no: The logged segment, running until the last batch.
        lines_done, lines_left: Lines that were decided and moved, and those that are left.
    """

    segment_no: str
    logged_segment_entry_no: int
    lines_done: int
    lines_left: int


@attrs.frozen
class BatchRun:
    """
    Logs a segment in batches, each in a transaction of its own.

    A crash leaves every line either in the segment or in the log; running again goes on. Several
    workers may run the same segment and take turns. Until the last batch the logged segment says
    *running*, the segment cannot be edited, and the run can be undone.

    Attributes:
        store: A store that owns its transactions.
        user_id: Who logs.
    """

    store: OwnedStore
    user_id: str = attrs.field(kw_only=True)

    def log(
        self,
        segment_no: str,
        *,
        size: int = 10_000,
        policy: LoggingPolicy | None = None,
        deliver: bool = False,
        follow_up: FollowUp | None = None,
        on_progress: Callable[[BatchProgress], object] | None = None,
    ) -> LoggedSegment:
        """
        Log the segment, or go on with a run of it; return the complete logged segment.

        The whole segment is planned first and refused as `SegmentLogger.log` refuses it. Contacts
        that are blocked for privacy meanwhile are left out with that reason; else the result is
        that of one transaction.

        Args:
            segment_no: The segment.
            size: Lines a batch; of a run that is gone on with, its own counts.
            policy: How findings are treated; of a run that is gone on with, its own counts.
            deliver: Mark the entries as requested; of a run that is gone on with, its own counts.
            follow_up: Create a follow-up segment with the last batch.
            on_progress: Called after each commit.

        Raises:
            UsageError: The size is below 1.
            CheckFailedError: Lines are refused; in a later batch, because records changed since.
                What was committed stays: put it right and run again, or undo.
            And everything else that `SegmentLogger.log` raises.
        """
        if size < 1:
            message = f"a batch has at least one line: {size}"
            raise UsageError(message)
        no = as_code(segment_no)
        entry_no = self._begun(
            no, size, policy or DEFAULT_POLICY, deliver=deliver, follow_up=follow_up is not None
        )
        while True:
            logged = self.store.run(
                lambda work: _batch(work, no, entry_no, follow_up), user_id=self.user_id
            )
            if on_progress is not None:
                on_progress(_progress(logged))
            if logged.state is LoggedSegmentState.COMPLETE:
                return logged

    def _begun(
        self, no: str, size: int, policy: LoggingPolicy, *, deliver: bool, follow_up: bool
    ) -> int:
        # planned before the lock is taken: nobody waits for it
        with self.store.read() as work:
            segment = work.segments.get(no)
            running = work.logged_segments.current(no)
            tally = None if running else _decided(work, segment, policy, deliver=deliver)

        def claim(work: UnitOfWork) -> int:
            locked = work.segments.lock(no)
            running = work.logged_segments.current(no)
            if running is not None and running.batch_size is not None:
                return running.entry_no
            check_header(work, locked, follow_up=follow_up)
            decided = tally
            if decided is None or locked.version != segment.version + 1:
                decided = _decided(work, locked, policy, deliver=deliver)
            refuse_problems(no, decided)
            order = order_of(locked, locked.version - 1, policy, decided, deliver=deliver)
            run = LoggingRun(work, locked, policy, deliver=deliver)
            return run.claim(token=order.token(), batch_size=size).entry_no

        return self.store.run(claim, user_id=self.user_id)


def _progress(logged: LoggedSegment) -> BatchProgress:
    planned = PlanOrder.of_token(logged.plan_token or "").counts
    total, done = (
        sum(counts.get(decision, 0) for decision in ("log", "leave-out"))
        for counts in (planned, logged.counts)
    )
    return BatchProgress(logged.segment_no, logged.entry_no, done, total - done)


def _decided(work: UnitOfWork, segment: Segment, policy: LoggingPolicy, *, deliver: bool) -> Tally:
    tally = Tally()
    for _ in LineDecider(work, segment, policy, deliver=deliver).chunks(tally):
        pass
    return tally


def _batch(work: UnitOfWork, no: str, entry_no: int, follow_up: FollowUp | None) -> LoggedSegment:
    try:
        segment = work.segments.lock(no)  # workers take turns here
    except SegmentAlreadyLoggedError as finished:
        if finished.logged_segment_entry_no != entry_no:
            raise
        return work.logged_segments.get(entry_no)
    logged = work.logged_segments.get(entry_no)
    if logged.state is not LoggedSegmentState.RUNNING:
        raise StateError(f"logged segment {entry_no}", f"is {logged.state.name.lower()}")
    deliver = PlanOrder.of_token(logged.plan_token or "").deliver
    run = LoggingRun(work, segment, logged.policy or DEFAULT_POLICY, deliver=deliver)
    last = run.write(logged)
    if run.tally.problem_counts:
        problems, counts = tuple(run.tally.problems), dict(run.tally.problem_counts)
        raise CheckFailedError(f"segment {no}", problems, counts)
    complete = not work.segments.lines_after(no, last, limit=1)
    logged = run.keep(logged, last, complete=complete)
    if complete:
        work.record(SegmentLogged(no, entry_no, logged.counts, deliver))
        if follow_up is not None:
            create_follow_up(work, logged, follow_up)
    return logged
