"""Logging a segment whose header is locked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from interactionlog.attachments.attachment import drop_unused
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.delivery.delivery import message_ids
from interactionlog.errors import PlanOutdatedError, SetupMissingError, StateError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.log_changes import tell_logged
from interactionlog.interactions.repository import Logging
from interactionlog.interactions.rules import problem_of, raise_for
from interactionlog.numbering.service import NumberSeries, SeriesChoice
from interactionlog.segments.inheritance import inheritance_of
from interactionlog.segments.logging.chunks import LineDecider, LineFindings, LinesToCopy, Tally
from interactionlog.segments.logging.decision import LineKind, LoggingPolicy
from interactionlog.segments.logging.logged_segments import LoggedSegment, entry_of_line
from interactionlog.segments.logging.plan import PlanOrder
from interactionlog.segments.segment import Segment
from interactionlog.unit_of_work import UnitOfWork, by_thousands
from interactionlog.values import (
    DeliveryStatus,
    LoggedSegmentState,
    completed,
    differences,
    evolved,
)


def check_header(work: UnitOfWork, segment: Segment, *, follow_up: bool) -> None:
    """Refuse what the header shows before a line is looked at. (SEG-100, D-17, D-20)"""
    running = work.logged_segments.current(segment.no)
    if running is not None:
        raise StateError(
            f"segment {segment.no}",
            f"is being logged, as logged segment {running.entry_no}: resume it or undo it",
        )
    if segment.incomplete:
        raise StateError(
            f"segment {segment.no}",
            "is incomplete, a selection step of its import could not be read: complete its lines, "
            "then confirm it with SegmentService.change(no, incomplete=False)",
        )
    if not segment.description.strip():
        problem = problem_of("description-missing", segment, record=segment.no)
        raise_for(f"segment {segment.no}", [problem])
    if follow_up:
        setup = work.marketing_setup.find()
        if setup is None or setup.segment_nos is None:
            raise SetupMissingError("segment_nos", "to number the follow-up segment")
        SeriesChoice(work).require_automatic(setup.segment_nos)
        NumberSeries(work).peek(setup.segment_nos)


def order_of(
    segment: Segment, version: int, policy: LoggingPolicy, tally: Tally, *, deliver: bool
) -> PlanOrder:
    """Return what identifies a plan of these decisions."""
    counts = {name: count for name, count in sorted(tally.counts.items()) if count}
    return PlanOrder(segment.no, version, deliver, policy, counts, tally.digest)


_KEPT = ("description", "host_ref", "follow_up_of", "follow_up_filter")


def group_by_campaign(
    work: UnitOfWork,
    logged: LoggedSegment,
    kinds: Iterable[LineKind],
    entries: dict[str, CampaignEntry],
) -> None:
    """
    Store a campaign entry for each campaign of lines that are logged, unless ``entries`` has it.

    It carries the earliest date of its lines and that line's salesperson, also over batches.

    Source: SEG-105 with D-23: the logged segment belongs to the key, so that they are always new.
    """
    before = dict(entries)
    for kind in kinds:
        no, date, salesperson_code = kind.campaign_no, kind.date, kind.salesperson_code
        if no is None:
            continue
        if (known := entries.get(no)) is None:
            entries[no] = CampaignEntry(
                entry_no=work.campaign_entries.reserve(1)[0],
                campaign_no=no,
                description=logged.description,
                date=date,
                user_id=work.user_id,
                segment_no=logged.segment_no,
                salesperson_code=salesperson_code,
                register_no=logged.entry_no,
            )
        elif known.date is None or (date is not None and date < known.date):
            entries[no] = attrs.evolve(known, date=date, salesperson_code=salesperson_code)
    for no, entry in entries.items():
        if no not in before:
            work.campaign_entries.add(entry)
        elif entry is not before[no]:  # once, however many days its lines have
            values = {"date": entry.date, "salesperson_code": entry.salesperson_code}
            work.campaign_entries.set(entry.entry_no, **values)


@attrs.define
class LoggingRun:
    """
    Logs a segment whose header is locked, its version raised, as a policy says.

    With ``deliver`` the content is to be delivered.
    """

    _work: UnitOfWork
    _segment: Segment
    _policy: LoggingPolicy
    _deliver: bool = attrs.field(kw_only=True)
    _attachments: set[int] = attrs.field(init=False, factory=set)
    _first: int | None = attrs.field(init=False, default=None)
    _last: int | None = attrs.field(init=False, default=None)
    tally: Tally = attrs.field(init=False, factory=Tally)

    @property
    def order(self) -> PlanOrder:
        """What the decisions come to, as a plan made before this logging says it."""
        before = self._segment.version - 1  # this logging raised it
        return order_of(self._segment, before, self._policy, self.tally, deliver=self._deliver)

    def claim(self, *, token: str | None = None, batch_size: int | None = None) -> LoggedSegment:
        """Store the running logged segment; the unique key refuses a second one."""
        work, segment = self._work, self._segment
        values = {
            "entry_no": work.logged_segments.reserve(1)[0],
            "segment_no": segment.no,
            "creation_date": work.clock.today(),
            "user_id": work.user_id,
            "header": segment,
            "policy": self._policy,
            "plan_token": token,
            "counts": {},
            **{name: getattr(segment, name) for name in _KEPT},
            "recorded_at": work.clock.now(),
            "last_line_no": None if batch_size is None else 0,
            "batch_size": batch_size,
        }
        logged = completed(LoggedSegment, values)
        work.logged_segments.add(logged)
        return logged

    def write(self, logged: LoggedSegment) -> int:
        """
        Write the entries of the next lines and return the number of the last line.

        Of one transaction these are all lines, of a batch as many as its size. After the first
        refusal nothing more is written; deciding goes on, so that every problem counts.
        """
        work = self._work
        # held, so that who cancels one meanwhile cancels what this batch adds to it as well
        stored = work.campaign_entries.of_logged_segment(logged.entry_no)
        held = [work.campaign_entries.hold(entry.entry_no) for entry in stored]
        campaigns = {entry.campaign_no: entry for entry in held if entry and not entry.closed}
        given = inheritance_of(work, self._segment)
        common = Logging(
            logged.entry_no,
            work.user_id,
            work.clock.now() if logged.batch_size else logged.recorded_at,
            DeliveryStatus.REQUESTED if self._deliver else None,
            edited := given.edited_word_template,
        )
        if edited is not None:
            self._attachments.add(edited)
        planned = PlanOrder.of_token(logged.plan_token) if logged.plan_token else None  # of a batch
        decider = LineDecider(
            work,
            self._segment,
            self._policy,
            deliver=self._deliver,
            batch_of=logged.entry_no if planned is not None else None,
            repeats=None if planned is None else "duplicate" in planned.counts,
            given=given,
        )
        last, hooked = logged.last_line_no or 0, bool(work.hooks.observers)
        for part in decider.parts(self.tally, after=last, most=logged.batch_size):
            last = part.lines.through
            if self.tally.problem_counts:
                continue
            if part.left_out:
                work.logged_segments.add_left_out(logged.entry_no, part.left_out)
            if not part.logged:
                continue
            copied = decider.to_copy(part, logged.entry_no)
            group_by_campaign(work, logged, copied.kinds, campaigns)
            self._attachments.update(copied.attachments)
            numbers = work.interactions.reserve(part.logged)
            self._first, self._last = self._first or numbers[0], numbers[-1]
            work.interactions.add_of_segment(common, copied.lines, numbers, copied.personal_fields)
            for entries in self._stored(common, copied, numbers, campaigns) if hooked else ():
                tell_logged(work, entries)
        if logged.batch_size:
            work.segments.remove_lines_through(logged.segment_no, last)
        return last

    def _stored(
        self,
        common: Logging,
        copied: LinesToCopy,
        numbers: Sequence[int],
        campaigns: Mapping[str, CampaignEntry],
    ) -> Iterator[Sequence[InteractionLogEntry]]:
        """Give the entries that were stored: built of lines that were read, else read."""
        if copied.read:
            build, mask_of = entry_of_line(), copied.personal_fields.get
            parents = {no: entry.entry_no for no, entry in campaigns.items()}
            yield [
                build(
                    common, line, no, parents.get(line.campaign_no or ""), mask_of(line.line_no, 0)
                )
                for line, no in zip(copied.read, numbers, strict=True)
            ]
            return
        logged = common.logged_segment_entry_no
        for some in by_thousands(numbers):
            yield self._work.interactions.of_logged_segment(
                logged, after=some[0] - 1, limit=len(some)
            )

    def compare(self, planned: PlanOrder, findings: LineFindings | None) -> None:
        """Raise `PlanOutdatedError` unless what was done is what the plan said."""
        found = self.order
        if found == planned:
            return
        differing = set() if findings is None else {*findings} ^ {*self.tally.findings}
        raise PlanOutdatedError(
            self._segment.no,
            planned.counts,
            found.counts,
            planned.version != found.version,
            tuple(sorted({line_no for line_no, _, _ in differing})),
        )

    def keep(self, logged: LoggedSegment, last_line_no: int, *, complete: bool) -> LoggedSegment:
        """
        Add what was decided in this unit of work to the logged segment.

        With ``complete`` it takes languages and steps of the segment, which is deleted.
        """
        if logged.batch_size or self._work.hooks.observers:
            # entries that were written may have been deleted since, which counts as well
            logged = self._work.logged_segments.lock(logged.entry_no)
        counts = Counter(logged.counts)
        counts.update(self.tally.counts)
        values = {
            "state": LoggedSegmentState.COMPLETE if complete else logged.state,
            "plan_token": logged.plan_token or self.order.token(),
            "counts": {name: count for name, count in sorted(counts.items()) if count},
            "first_entry_no": logged.first_entry_no or self._first,
            "last_entry_no": self._last or logged.last_entry_no,
            "last_line_no": last_line_no if logged.batch_size else None,
        }
        kept = evolved(logged, values)
        self._work.logged_segments.set(logged.entry_no, **differences(logged, kept))
        if self._deliver and self._first is not None and self._last is not None:
            work, now = self._work, self._work.clock.now()
            ids = message_ids(work.tenant, work.user_id, now)
            work.deliveries.add_of_segment(kept.entry_no, self._first, self._last, ids, now)
        if self._attachments:
            self._work.attachments.set_read_only(sorted(self._attachments))
        if complete:
            self._close(kept)
        return kept

    def _close(self, logged: LoggedSegment) -> None:
        # content of lines that a step removed could have come back; from here on it cannot
        rows = self._work.segments.all_languages(logged.segment_no)
        removed = [row.attachment_no for row in rows if row.removed_by_step]
        self._work.logged_segments.hand_over(logged.segment_no, logged.entry_no)
        self._work.segments.remove(logged.segment_no)
        if removed:
            drop_unused(self._work, *removed)
