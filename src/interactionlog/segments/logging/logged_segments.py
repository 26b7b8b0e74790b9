"""Logged segments: what each keeps, its port, how lines became entries; canceling, waves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple, Protocol

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import NotFoundError, StateError, UsageError
from interactionlog.events import (
    LoggedSegmentsCanceled,
    LoggedSegmentsDeleted,
    LoggedSegmentsUncanceled,
)
from interactionlog.interactions.entry import CancelState, InteractionLogEntry
from interactionlog.interactions.repository import Figures, LogFilter, Logging, OutcomeFilter
from interactionlog.segments.inheritance import PERSONAL_FIELDS
from interactionlog.segments.logging.decision import LoggingPolicy
from interactionlog.segments.segment import CriteriaStep, Segment, SegmentLanguage, SegmentLine
from interactionlog.unit_of_work import NumberedRecords, UnitOfWork
from interactionlog.values import (
    LoggedSegmentState,
    as_code,
    as_utc,
    builder,
    calendar_date,
    code_or_none,
    code_text,
    entry_number,
    field_or_none,
    folded,
    instance_of,
    instant,
    length,
    one_of,
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
        first_entry_no, last_entry_no: Bounds of its entries so far, not a dense range; ``None``
            for none.
        host_ref: The host's record, at most 250 characters; ``None`` for none.
        follow_up_of, follow_up_filter: Logged segment and outcomes that the segment followed up.
        recorded_at: When it was logged, UTC.
        undone_by, undone_at: Who undid it and when; ``None`` if nobody did.
        last_line_no, batch_size: Of a run in committed batches: last line that is done, lines a
            batch; ``None`` for one transaction.

    Source: table 5075 Logged Segment; D-18.
    """

    entry_no: int = attrs.field(validator=entry_number)
    segment_no: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    creation_date: dt.date = attrs.field(validator=calendar_date)
    user_id: str | None = code_or_none(50)
    cancel_state: int = attrs.field(default=0, validator=whole(0, 1))
    state: LoggedSegmentState = attrs.field(
        default=LoggedSegmentState.RUNNING, validator=one_of(LoggedSegmentState)
    )
    header: Segment | None = field_or_none(instance_of(Segment))
    policy: LoggingPolicy | None = field_or_none(instance_of(LoggingPolicy))
    plan_token: str | None = field_or_none(length(1, 2_000))
    counts: Mapping[str, int] = attrs.field(factory=dict)
    first_entry_no: int | None = field_or_none(entry_number)
    last_entry_no: int | None = field_or_none(entry_number)
    host_ref: str | None = field_or_none(length(1, 250))
    follow_up_of: int | None = field_or_none(entry_number)
    follow_up_filter: OutcomeFilter | None = field_or_none(instance_of(OutcomeFilter))
    recorded_at: dt.datetime = attrs.field(converter=as_utc, validator=instant)
    undone_by: str | None = code_or_none(50)
    undone_at: dt.datetime | None = field_or_none(instant, as_utc)
    last_line_no: int | None = field_or_none(whole())
    batch_size: int | None = field_or_none(whole(1))

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


class LoggedSegmentRepository(NumberedRecords[LoggedSegment], Protocol):
    """
    Logged segments by entry number, with what they keep of their segment.

    An adapter passes ``testing.RecordsContract`` and ``testing.LoggedSegmentContract``.
    """

    def add(self, record: LoggedSegment) -> None:
        """Store a new record, or raise `SegmentAlreadyLoggedError` while another one is current."""

    def current(self, segment_no: str) -> LoggedSegment | None:
        """Return the record of a segment number that was not undone, or ``None``."""

    def hand_over(self, segment_no: str, entry_no: int) -> None:
        """Give language rows and selection steps of the open segment to the logged one."""

    def add_left_out(self, entry_no: int, lines: Sequence[LeftOutLine]) -> None:
        """Store lines that were not logged, with their reasons."""

    def left_out(
        self, entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[LeftOutLine]:
        """Return the next left-out lines after line number ``after``, by line number."""

    def languages(self, entry_no: int) -> Sequence[SegmentLanguage]:
        """Return the language rows that the logged segment keeps, by line and language code."""

    def steps(self, entry_no: int) -> Sequence[CriteriaStep]:
        """Return the selection steps that the logged segment keeps, by number."""

    def restore(self, logged: LoggedSegment) -> None:
        """
        Make lines of the segment from the entries of a logged one and from what it left out.

        Entries that were sent again give one line.

        Language rows and selection steps are copied back as well; the record keeps its own. Lines
        say that no step added them.
        """

    def remove(self, *key: object) -> None:
        """Delete the record with everything it keeps of its segment, or raise `NotFoundError`."""

    def left_out_contacts(self, entry_no: int, contact_nos: Collection[str]) -> set[str]:
        """Return those of the contacts that are on a left-out line. Up to 1,000 numbers."""

    def following_up(self, entry_no: int) -> Sequence[LoggedSegment]:
        """Return the logged segments that followed this one up, by entry number."""


class LoggedSegmentFigures(NamedTuple):
    """Figures of the entries of a logged segment, and the number of its campaign entries."""

    entries: Figures
    campaign_entries: int


@judged
@attrs.frozen
class LoggedSegments:
    """Reads logged segments, cancels them whole and deletes canceled ones."""

    work: UnitOfWork

    def all(self) -> Sequence[LoggedSegment]:
        """Return every logged segment, undone ones too, by entry number."""
        return self.work.logged_segments.all()

    def find(
        self,
        segment_no: str | None = None,
        *,
        description: str | None = None,
        since: dt.date | None = None,
        until: dt.date | None = None,
    ) -> Sequence[LoggedSegment]:
        """
        Return the logged segments that match, newest first; what is not given asks nothing.

        Args:
            segment_no: Number of the segment; undone loggings of it match as well.
            description: A text that its description contains, in any case and spelling.
            since, until: First and last day on which it was logged, inclusive.
        """
        text = folded(description or "")
        if description is not None and not text:
            raise UsageError("description must not be blank: leave it out to ask nothing")
        return [
            logged
            for logged in reversed(self.all())
            if segment_no in {None, logged.segment_no}
            and text in folded(logged.description)
            and (since is None or logged.creation_date >= since)
            and (until is None or logged.creation_date <= until)
        ]

    def get(self, entry_no: int) -> LoggedSegment:
        """Return a logged segment, or raise `NotFoundError`."""
        return self.work.logged_segments.get(entry_no)

    def figures(self, entry_no: int) -> LoggedSegmentFigures:
        """
        Return the figures of a logged segment, or raise `NotFoundError`.

        A live one counts its live entries, a canceled one all of them.

        Source: segments 3.3 with the decided difference on canceled parents.
        """
        logged = self.get(entry_no)
        alive = None if logged.canceled else False
        matching = LogFilter(logged_segment_entry_no=entry_no, canceled=alive)
        ((_, entries),) = self.work.interactions.figures(matching)
        campaign_entries = self.work.campaign_entries.of_logged_segment(entry_no)
        live = [each for each in campaign_entries if logged.canceled or not each.cancel_state]
        return LoggedSegmentFigures(entries, len(live))

    def left_out(self, entry_no: int) -> Iterator[LeftOutLine]:
        """Stream the lines that were not logged, by line number; `NotFoundError` for no logging."""
        last, entry_no = 0, self.get(entry_no).entry_no
        while lines := self.work.logged_segments.left_out(entry_no, after=last):
            yield from lines
            last = lines[-1].line.line_no

    def cancel(self, *entry_nos: int) -> None:
        """
        Cancel logged segments with all their entries and campaign entries.

        Raises:
            NotFoundError: One does not exist; none is canceled.
            StateError: One is still running.

        Source: SEG-110 with D-21 and D-22.
        """
        with self.work.atomic():
            self._set_canceled(entry_nos, canceled=True)
            self.work.record(LoggedSegmentsCanceled(entry_nos))

    def uncancel(self, *entry_nos: int) -> None:
        """
        Take back that logged segments were canceled: exactly what was live before is live again.

        Raises:
            NotFoundError: One does not exist; none is changed.
            StateError: One is still running, or was undone, which is for good.

        Source: SEG-110 with D-21 and D-22.
        """
        with self.work.atomic():
            self._set_canceled(entry_nos, canceled=False)
            self.work.record(LoggedSegmentsUncanceled(entry_nos))

    def _set_canceled(self, entry_nos: Sequence[int], *, canceled: bool) -> None:
        for entry_no in entry_nos:
            logged = self.work.logged_segments.lock(entry_no)
            if logged.state is LoggedSegmentState.RUNNING:
                raise StateError(f"logged segment {entry_no}", "is still running: undo it instead")
            if logged.state is LoggedSegmentState.UNDONE and not canceled:
                raise StateError(f"logged segment {entry_no}", "was undone, which is for good")
            self.work.logged_segments.set(entry_no, cancel_state=int(canceled))
            cancel_children(self.work, logged, canceled=canceled)

    def delete_canceled(
        self, *, entry_no: int | None = None, segment_no: str | None = None
    ) -> Sequence[int]:
        """
        Delete canceled logged segments, all or those given, and return their entry numbers.

        Their entries stay and stay canceled, those of an undone one for good. The number of a
        deleted one may be logged again.

        Source: SEG-112.
        """
        with self.work.atomic():
            matching = [
                logged
                for logged in self.all()
                if logged.canceled
                and entry_no in {None, logged.entry_no}
                and (segment_no is None or segment_no == logged.segment_no)
            ]
            deleted = tuple(logged.entry_no for logged in matching if self._delete(logged.entry_no))
            self.work.record(LoggedSegmentsDeleted(deleted))
        return deleted

    def _delete(self, entry_no: int) -> bool:
        """Delete a logged segment unless it is live again; return whether it was deleted."""
        try:
            logged = self.work.logged_segments.lock(entry_no)
        except NotFoundError:  # somebody else deleted it meanwhile
            return False
        if not logged.canceled:
            return False
        if logged.state is LoggedSegmentState.UNDONE:  # what nothing tells any more
            cancel_children(self.work, logged, canceled=True, reason=int(CancelState.UNDONE))
        self.work.interactions.leave_logged_segment(entry_no)
        self.work.campaign_entries.leave_logged_segment(entry_no)
        self.work.logged_segments.remove(entry_no)
        if self.work.segments.find(logged.segment_no) is None:  # its number is free again
            self.work.campaign_entries.close_segment(logged.segment_no)
        return True

    def waves(self, entry_no: int) -> Sequence[LoggedSegment]:
        """
        Return the logged segments that led to this one, the first wave first and itself last.

        A wave that was deleted ends the chain.
        """
        chain = [self.get(entry_no)]
        while chain[0].follow_up_of is not None:
            earlier = self.work.logged_segments.find(chain[0].follow_up_of)
            if earlier is None:
                break
            chain.insert(0, earlier)
        return chain

    def contacts(
        self, entry_no: int, where: OutcomeFilter | None = None, *, not_in: int | None = None
    ) -> Iterator[str]:
        """
        Stream the contacts of the live entries of one wave that have an outcome, each once.

        Args:
            where: The outcome; by default that the contact was reached.
            not_in: Leave out who has that outcome in this other logged segment: *reached in wave 1
                but not in 3*.

        Raises:
            NotFoundError: One of the logged segments does not exist.
        """
        for wave in (entry_no, not_in):
            if wave is not None:
                self.get(wave)
        reached = where or OutcomeFilter(attempt_failed=False)
        log = self.work.interactions
        for entries in entries_of(self.work, entry_no):
            nos = _contacts(entries, reached)
            # contacts of an earlier chunk were given already
            begin, found = entries[0].entry_no, log.of_logged_segment_with(entry_no, nos)
            told = [entry for entry in found if entry.entry_no < begin]
            others = [] if not_in is None else log.of_logged_segment_with(not_in, nos)
            gone = _contacts([*told, *others], reached)
            yield from (no for no in nos if no not in gone)


def entries_of(work: UnitOfWork, entry_no: int) -> Iterator[Sequence[InteractionLogEntry]]:
    """Yield the entries of a logged segment by number, up to 1,000 at a time."""
    last = 0
    while entries := work.interactions.of_logged_segment(entry_no, after=last):
        yield entries
        last = entries[-1].entry_no


def _contacts(entries: Sequence[InteractionLogEntry], outcome: OutcomeFilter) -> dict[str, None]:
    """Return the contacts of live entries with the outcome, in their order."""
    return {
        entry.contact_no: None
        for entry in entries
        if entry.contact_no is not None and not entry.canceled and outcome.matches(entry)
    }


def cancel_children(
    work: UnitOfWork,
    logged: LoggedSegment,
    *,
    canceled: bool,
    reason: int = int(CancelState.LOGGED_SEGMENT),
) -> None:
    """Set or clear a reason on the entries and campaign entries of a logged segment. (D-21)"""
    entries = LogFilter(logged_segment_entry_no=logged.entry_no)
    work.interactions.set_canceled(entries, reason, canceled=canceled)
    parents = [each.entry_no for each in work.campaign_entries.of_logged_segment(logged.entry_no)]
    work.campaign_entries.set_cancel_reason(parents, reason, canceled=canceled)


_RENAMED = {
    "line_no": "segment_line_no",
    "language_code": "interaction_language_code",
    "send_word_doc_as_attmt": "send_word_docs_as_attmt",
}

OWN_EVALUATION = 1 << PERSONAL_FIELDS.index("evaluation")
"""Set in an entry's mask where the line had its evaluation already, which nobody gave since."""

LINE_TO_ENTRY: tuple[tuple[str, str], ...] = tuple(
    (field.name, _RENAMED.get(field.name, field.name))
    for field in attrs.fields(SegmentLine)
    if field.name != "added_by_step"
)
"""
Field of a line, field of the entry that it becomes. (SEG-102)

What an entry of a segment has besides comes from `Logging`, its number, its campaign entry and its
personal fields; its other fields keep their defaults.
"""


_OF_LOGGING = ("logged_segment_entry_no", "user_id", "recorded_at")
_OWN = ("entry_no", "campaign_entry_no", "personal_fields")


@cache
def entry_of_line() -> Callable[[Logging, SegmentLine, int, int | None, int], InteractionLogEntry]:
    """
    Return the function that builds the entry of a line; it is generated: it runs for each line.

    It takes the logging, the line, the number, the campaign entry and the mask of personal fields.
    """
    source = {entry: f"line.{line}" for line, entry in LINE_TO_ENTRY}
    source |= {name: f"logging.{name}" for name in _OF_LOGGING} | dict(zip(_OWN, _OWN, strict=True))
    source["delivery_status"] = "logging.delivery_status if line.correspondence_type else None"
    source["modified_word_template"] = (
        "None if line.attachment_no else logging.modified_word_template"
    )
    parameters = f"logging, line, {', '.join(_OWN)}"
    return builder(InteractionLogEntry, parameters, source)


@cache
def line_of_entry() -> Callable[[InteractionLogEntry], SegmentLine]:
    """Return the function that builds the line an entry came from; no step added it."""
    source = {line: f"entry.{entry}" for line, entry in LINE_TO_ENTRY}
    own = f"entry.evaluation if entry.personal_fields & {OWN_EVALUATION} else None"
    return builder(SegmentLine, "entry", source | {"added_by_step": "0", "evaluation": own})
