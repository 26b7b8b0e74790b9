"""From segment to log: plan it, log it once, at once or in batches that commit, follow it up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial

import attrs

from interactionlog.arguments import judged, refuses_odd
from interactionlog.delivery.delivery import CHANNELS, Delivery, DeliveryState
from interactionlog.delivery.message import Message, WordTemplates, compose, facts_of
from interactionlog.errors import (
    NotFoundError,
    RuleViolation,
    SegmentAlreadyLoggedError,
    StateError,
    UndoRefusedError,
    UsageError,
)
from interactionlog.events import FollowUpSegmentCreated, SegmentLogged, SegmentUndone
from interactionlog.interactions.idempotency import once
from interactionlog.interactions.repository import Logging, OutcomeFilter
from interactionlog.segments.inheritance import inheritance_of
from interactionlog.segments.logging.chunks import LineDecider, LineFindings, Tally
from interactionlog.segments.logging.decision import DEFAULT_POLICY, LoggingPolicy
from interactionlog.segments.logging.logged_segments import (
    OWN_EVALUATION,
    LoggedSegment,
    cancel_children,
    entry_of_line,
)
from interactionlog.segments.logging.plan import PlanCounts, PlanOrder, SegmentPlan
from interactionlog.segments.logging.run import LoggingRun, check_header, order_of
from interactionlog.segments.segment import Segment
from interactionlog.segments.selection.steps import add_logged, end_history
from interactionlog.segments.service import SegmentService, SegmentValues
from interactionlog.unit_of_work import OwnedStore, UnitOfWork
from interactionlog.values import LoggedSegmentState, exact_sum, instance_of, refuse, shown

CARRIED = frozenset({"salesperson_code", "interaction_template_code", "subject_default"})
"""What a follow-up may take from the header of the logged segment."""


def _as_names(names: Collection[str]) -> frozenset[str]:
    return frozenset([names] if isinstance(names, str) else names)


@refuses_odd
@attrs.frozen(kw_only=True)
class FollowUp:
    """
    How a logged segment is followed up.

    Attributes:
        where: Outcomes that are followed up; by default all of them.
        carry: What the new header takes besides the campaign: ``salesperson_code``,
            ``interaction_template_code`` and ``subject_default``.

    Source: SEG-104 with D-19.
    """

    where: OutcomeFilter = attrs.field(factory=OutcomeFilter, validator=instance_of(OutcomeFilter))
    carry: frozenset[str] = attrs.field(default=frozenset(), converter=_as_names)

    @carry.validator
    def _can_be_carried(
        self, attribute: attrs.Attribute[frozenset[str]], value: frozenset[str]
    ) -> None:
        for name in sorted(value - CARRIED, key=shown):
            refuse(self, attribute, name, f"takes {', '.join(sorted(CARRIED))}")


def create_follow_up(work: UnitOfWork, logged: LoggedSegment, follow_up: FollowUp) -> Segment:
    """
    Create the segment that follows up a logged one.

    Its contacts are those of the live entries with the outcome, each once; blocked ones are left
    out. Each line keeps the campaign of its entry. There is one selection step.

    Source: SEG-104, SEG-090 with D-05, D-06 and D-19; INV-S-22.
    """
    header = logged.header
    if follow_up.carry and header is None:
        reason = f"does not know its header: carry no {', '.join(sorted(follow_up.carry))}"
        raise StateError(f"logged segment {logged.entry_no}", reason)
    values: SegmentValues = {"campaign_no": header.campaign_no if header else None}
    for name in sorted(follow_up.carry):
        values[name] = getattr(header, name)  # type: ignore[literal-required]
    segment = SegmentService(work).create(f"Follow-up on {logged.segment_no}"[:100], **values)
    filtered = None if follow_up.where == OutcomeFilter() else follow_up.where
    origin = {"follow_up_of": logged.entry_no, "follow_up_filter": filtered}
    work.segments.set(segment.no, **origin)
    segment = attrs.evolve(segment, **origin)  # type: ignore[arg-type]
    step = add_logged(work, segment, logged, where=filtered)
    template = "interaction_template_code"  # nothing but the header gives it to a line
    missing = (template,) if segment.interaction_template_code is None else ()
    work.record(FollowUpSegmentCreated(segment.no, logged.entry_no, step.lines_added, missing))
    return segment


@judged
@attrs.frozen
class SegmentLogger:
    """
    Turns segments into log entries: nothing else writes a segment's entries.

    A segment is logged whole or not at all, and once: it becomes a logged segment. Memory does not
    grow with the number of lines.
    """

    work: UnitOfWork

    def plan(
        self, segment_no: str, *, policy: LoggingPolicy | None = None, deliver: bool = False
    ) -> SegmentPlan:
        """
        Decide about every line and write nothing; say what `log` would refuse the segment for.

        Args:
            policy: How findings are treated; the defaults of `LoggingPolicy` if not given.
            deliver: The content is to be delivered.

        Raises:
            NotFoundError: There is no such segment.
            SegmentAlreadyLoggedError: It was logged.

        Source: D-02; the same decisions as `log`.
        """
        segment = self.work.segments.get(segment_no)
        policy = policy or DEFAULT_POLICY
        tally, totals = Tally(), self.work.segments.totals(segment_no)
        cost, minutes = totals.cost_lcy, totals.duration_min
        for part in LineDecider(self.work, segment, policy, deliver=deliver).parts(tally):
            gone = part.of_read(logged=False)
            cost = exact_sum([cost, *(line.cost_lcy.copy_negate() for line in gone)])
            minutes -= sum(line.duration_min for line in gone)
        order = order_of(segment, segment.version, policy, tally, deliver=deliver)
        counts, found = PlanCounts.of(tally.counts), tuple(tally.findings)
        refusal = self._refusal(segment, tally)
        return SegmentPlan(order, counts, cost, minutes, found, refusal, self.work, segment)

    def _refusal(self, segment: Segment, tally: Tally) -> str | None:
        try:
            check_header(self.work, segment, follow_up=False)
            tally.require_loggable(segment.no)
        except RuleViolation as error:
            return str(error)
        return None

    def preview(
        self, segment_no: str, line_no: int, *, word_templates: WordTemplates | None = None
    ) -> Message:
        """
        Return the message of one line as it would be sent; nothing is written.

        Its entry number and message identifier are not yet known.

        Args:
            word_templates: As of an `Outbox`.

        Raises:
            NotFoundError: There is no such segment or line.
            StateError: The line has no correspondence type.
            ContentError, AddressError: What would make the delivery fail.
        """
        segment, now = self.work.segments.get(segment_no), self.work.clock.now()
        line = self.work.segments.line(segment_no, line_no)
        if line.correspondence_type is None:
            raise StateError(f"line {line_no}", "has no correspondence type: nothing is delivered")
        edited = inheritance_of(self.work, segment).edited_word_template
        logging = Logging(1, self.work.user_id, now, None, edited)
        entry = entry_of_line()(logging, line, 1, None, 0)
        delivery = Delivery(
            entry_no=entry.entry_no,
            channel=CHANNELS[line.correspondence_type],
            message_id="preview",
            requested_at=now,
            not_before=now,
        )
        return compose(delivery, facts_of(self.work, entry, {}, word_templates), now)

    def log(
        self,
        segment_no: str,
        *,
        plan: SegmentPlan | str | None = None,
        policy: LoggingPolicy | None = None,
        deliver: bool = False,
        follow_up: FollowUp | None = None,
        idempotency_key: str | None = None,
    ) -> LoggedSegment:
        """
        Log every line that the policy does not leave out, then delete the segment.

        Args:
            plan: A plan or its token: exactly that is done, with its policy and delivery.
            policy: How findings are treated; the defaults of `LoggingPolicy` if not given.
            deliver: The content is to be delivered: the outbox sends it after the commit.
            follow_up: Create a segment that follows this one up, too.
            idempotency_key: The same call again with the same key returns the same logged segment.

        Returns:
            The logged segment, with counts by decision and reason and the bounds of its entries.

        Raises:
            NotFoundError: There is no such segment.
            SegmentAlreadyLoggedError: It was logged.
            CheckFailedError: Lines are refused; all are counted, the first 1,000 problems kept.
            SegmentEmptyError: No line has a contact, or all lines are left out.
            PlanOutdatedError: What would be done is not what the plan said.
            SetupMissingError, NumberSeriesError: The follow-up segment gets no number.
            IdempotencyConflictError: The key was used for something else.
            StateError: It runs in batches, or what the key did was undone.
            UsageError: The plan is one of another segment, or a policy or delivery is given too.

        If it raises, nothing of it stays. Source: SEG-100 to SEG-105.
        """
        if plan is not None and (policy is not None or deliver):
            raise UsageError("policy and deliver come from the plan: give either the plan or them")
        given = PlanOrder.of_token(plan) if isinstance(plan, str) else None
        planned = plan.order if isinstance(plan, SegmentPlan) else given
        if planned is not None:
            planned.require_for(segment_no)
            policy, deliver = planned.policy, planned.deliver
        policy = policy or DEFAULT_POLICY
        findings = plan.findings if isinstance(plan, SegmentPlan) else None
        return once(
            self.work,
            idempotency_key,
            "log",
            {
                "segment_no": segment_no,
                "plan": planned.token() if planned is not None else None,
                "policy": policy,
                "deliver": deliver,
                "follow_up": follow_up,
            },
            act=lambda: self._log(segment_no, policy, deliver, follow_up, planned, findings),
            number_of=lambda logged: logged.entry_no,
            find=self._current,
        )

    def _log(
        self,
        segment_no: str,
        policy: LoggingPolicy,
        deliver: bool,
        follow_up: FollowUp | None,
        planned: PlanOrder | None,
        findings: LineFindings | None,
    ) -> LoggedSegment:
        with self.work.atomic():
            segment = self.work.segments.lock(segment_no)
            check_header(self.work, segment, follow_up=follow_up is not None)
            run = LoggingRun(self.work, segment, policy, deliver=deliver)
            logged = run.claim()
            last = run.write(logged)
            if planned is not None:
                # after the inserts and before the first delete: the fewest pages in memory
                run.compare(planned, findings)
            run.tally.require_loggable(segment.no)
            logged = run.keep(logged, last, complete=True)
            self.work.record(SegmentLogged(segment.no, logged.entry_no, logged.counts, deliver))
            if follow_up is not None:
                create_follow_up(self.work, logged, follow_up)
        return logged

    def _current(self, entry_no: int) -> LoggedSegment | None:
        logged = self.work.logged_segments.find(entry_no)
        return logged if logged and logged.state is not LoggedSegmentState.UNDONE else None

    def undo(self, segment_no: str, *, force: bool = False) -> Segment:
        """
        Undo a logging: the segment is open again under its number, as it was.

        The logged segment is marked undone and its entries are canceled; neither is ever
        reversed. The history of selection steps ends with the logging: going back reaches later
        steps only. Attempts marked, opportunities assigned and evaluations in place of a line's own
        since are the lines' now. A logging that runs in batches can be undone as well.

        Args:
            segment_no: Number of the segment that was logged.
            force: Undo although entries were evaluated, delivered, sent again or deleted, or it
                was followed up; lines of deleted entries do not come back, and what entries were
                evaluated with goes.

        Raises:
            NotFoundError: There is no logged segment of that number, or it was undone.
            UndoRefusedError: It was used further; says how.
            StateError: A segment of that number is open again, its header is not known, or a hook
                asks while it is logged.
        """
        work = self.work
        with work.atomic():
            current = work.logged_segments.current(segment_no)
            if current is None:
                raise NotFoundError("logged segment of", segment_no)
            segment = None
            if current.state is LoggedSegmentState.RUNNING:
                with suppress(SegmentAlreadyLoggedError):  # the run ended meanwhile
                    segment = work.segments.lock(segment_no)  # batches take turns here
            logged = work.logged_segments.lock(current.entry_no)
            if logged.state is LoggedSegmentState.UNDONE:  # by somebody else, meanwhile
                raise NotFoundError("logged segment of", segment_no)
            if _is_being_written(work, logged):  # a hook of the logging asks
                raise StateError(f"segment {segment_no}", "is being logged: undo it afterwards")
            cancel_children(work, logged, canceled=True)  # nobody changes the entries from here on
            used = _used_further(work, logged)
            if used and not force:
                raise UndoRefusedError(logged.entry_no, used)
            if segment is None:
                if logged.header is None:
                    reason = "does not know its header: cancel it instead"
                    raise StateError(f"logged segment {logged.entry_no}", reason)
                if work.segments.find(logged.segment_no) is not None:
                    reason = "is open again: delete or log it first"
                    raise StateError(f"segment {segment_no}", reason)
                segment = attrs.evolve(logged.header, version=logged.header.version + 1)
                work.segments.add(segment)
            else:
                end_history(work, segment.no)
            work.logged_segments.restore(logged)
            work.logged_segments.set(
                logged.entry_no,
                state=LoggedSegmentState.UNDONE,
                cancel_state=1,
                undone_by=work.user_id,
                undone_at=work.clock.now(),
            )
            work.record(SegmentUndone(segment_no, logged.entry_no))
        return segment

    def follow_up(self, entry_no: int, follow_up: FollowUp | None = None) -> Segment:
        """
        Create a segment that follows up a logged one, at any time; it may be done again.

        Raises:
            NotFoundError: There is no such logged segment.
            StateError: It is still running, was undone, or its header, which is to be carried, is
                not known.
            SetupMissingError, NumberSeriesError: The new segment gets no number.

        Source: SEG-114.
        """
        with self.work.atomic():
            logged = self.work.logged_segments.lock(entry_no)
            if logged.state is not LoggedSegmentState.COMPLETE:
                state = logged.state.name.lower()
                raise StateError(f"logged segment {logged.entry_no}", f"is {state}")
            return create_follow_up(self.work, logged, follow_up or FollowUp())


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


@judged
@attrs.frozen
class BatchRun:
    """
    Logs a segment in batches, each in its own transaction.

    A crash leaves every line either in the segment or in the log; running again resumes. Several
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
        Log the segment, or resume an interrupted run; return the complete logged segment.

        The whole segment is planned first and refused as `SegmentLogger.log` refuses it. Contacts
        that are blocked for privacy meanwhile are left out with that reason; else the result is
        that of one transaction.

        Args:
            size: Lines a batch; a resumed run keeps its own.
            policy: How findings are treated; a resumed run keeps its own.
            deliver: The content is to be delivered; a resumed run keeps its own.
            follow_up: Create a follow-up segment with the last batch.
            on_progress: Called after each commit.

        Raises:
            CheckFailedError: Lines are refused; in a later batch, because records changed since.
                What was committed stays: put it right and run again, or undo.
            And everything else that `SegmentLogger.log` raises.
        """
        no = segment_no
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
            decided.require_loggable(no)
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
    for _ in LineDecider(work, segment, policy, deliver=deliver).parts(tally):
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
    with work.atomic():  # else nothing is held
        last = run.write(logged)
    run.tally.raise_problems(no)
    complete = not work.segments.lines_after(no, last, limit=1)
    logged = run.keep(logged, last, complete=complete)
    if complete:
        work.record(SegmentLogged(no, entry_no, logged.counts, deliver))
        if follow_up is not None:
            create_follow_up(work, logged, follow_up)
    return logged


def _is_being_written(work: UnitOfWork, logged: LoggedSegment) -> bool:
    """Say whether this transaction has entries of a logging that the logging has not kept yet."""
    if logged.state is not LoggedSegmentState.RUNNING:
        return False
    last, entries = logged.last_entry_no or 0, work.interactions.of_logged_segment
    return any(each.resend_of is None for each in entries(logged.entry_no, after=last))


def _perhaps_sent(work: UnitOfWork, entry_no: int) -> int:
    """Return how many were given up after an attempt: no record says that it sent nothing."""
    found = after = 0
    given_up = partial(work.deliveries.page, reason="given-up", logged_segment_entry_no=entry_no)
    while page := given_up(after=after):
        found += sum(each.expires_at is not None for each in page)
        after = page[-1].entry_no
    return found


def _used_further(work: UnitOfWork, logged: LoggedSegment) -> dict[str, int]:
    """Return how often what was logged was used since, by kind; nothing when it was not."""
    evaluated, resent = work.interactions.used_further(logged.entry_no, OWN_EVALUATION)
    begun = (DeliveryState.CLAIMED, DeliveryState.SENT, DeliveryState.UNKNOWN)
    deliveries = work.deliveries.figures(logged.entry_no)
    followed_up = len(work.logged_segments.following_up(logged.entry_no)) + sum(
        segment.follow_up_of == logged.entry_no for segment in work.segments.all()
    )
    counts = {
        "evaluated": evaluated,
        "delivered": sum(each.number for each in deliveries if each.state in begun)
        + _perhaps_sent(work, logged.entry_no),
        "resent": resent,
        "followed-up": followed_up,
        "deleted": logged.counts.get("deleted", 0),
    }
    return {kind: count for kind, count in counts.items() if count}
