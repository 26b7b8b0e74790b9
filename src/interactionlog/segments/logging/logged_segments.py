"""Reading, canceling and deleting logged segments, and comparing waves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import attrs

from interactionlog.errors import NotFoundError, StateError
from interactionlog.events import (
    LoggedSegmentsCanceled,
    LoggedSegmentsDeleted,
    LoggedSegmentsUncanceled,
)
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.repository import Figures, LogFilter, OutcomeFilter
from interactionlog.segments.logging.logged_segment import LeftOutLine, LoggedSegment
from interactionlog.segments.logging.run import cancel_children
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import LoggedSegmentState


class LoggedSegmentFigures(NamedTuple):
    """Figures of the entries of a logged segment, and the number of its campaign entries."""

    entries: Figures
    campaign_entries: int


@attrs.frozen
class LoggedSegments:
    """Reads logged segments, cancels them whole and deletes canceled ones."""

    work: UnitOfWork

    def all(self) -> Sequence[LoggedSegment]:
        """Return every logged segment, undone ones too, by entry number."""
        return self.work.logged_segments.all()

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
        meant = LogFilter(logged_segment_entry_no=entry_no, canceled=alive)
        ((_, entries),) = self.work.interactions.figures(meant)
        campaign_entries = self.work.campaign_entries.of_logged_segment(entry_no)
        live = [each for each in campaign_entries if logged.canceled or not each.cancel_state]
        return LoggedSegmentFigures(entries, len(live))

    def left_out(self, entry_no: int) -> Iterator[LeftOutLine]:
        """Stream the lines that were not logged, with their reasons, by line number."""
        last = 0
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
        Delete canceled logged segments; their entries stay and stay canceled.

        The number of a deleted one may be logged again.

        Args:
            entry_no, segment_no: Which ones; ``None`` asks nothing.

        Returns:
            The entry numbers that were deleted.

        Source: SEG-112.
        """
        with self.work.atomic():
            meant = [
                logged
                for logged in self.all()
                if logged.canceled
                and entry_no in {None, logged.entry_no}
                and (segment_no is None or segment_no.strip(" ").upper() == logged.segment_no)
            ]
            deleted = tuple(logged.entry_no for logged in meant if self._delete(logged.entry_no))
            self.work.record(LoggedSegmentsDeleted(deleted))
        return deleted

    def _delete(self, entry_no: int) -> bool:
        """Delete a logged segment unless it is live again; return whether it was deleted."""
        try:
            if not self.work.logged_segments.lock(entry_no).canceled:
                return False
        except NotFoundError:  # somebody else deleted it meanwhile
            return False
        self.work.interactions.leave_logged_segment(entry_no)
        self.work.campaign_entries.leave_logged_segment(entry_no)
        self.work.logged_segments.remove(entry_no)
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
        self,
        entry_no: int,
        where: OutcomeFilter | None = None,
        *,
        not_in: int | None = None,
    ) -> Iterator[str]:
        """
        Stream the contacts of the live entries of one wave that have an outcome, each once.

        Args:
            entry_no: The logged segment.
            where: The outcome; by default that the contact was reached.
            not_in: Leave out who has that outcome in this other logged segment: *reached in wave 1
                but not in 3*.
        """
        reached = where or OutcomeFilter(attempt_failed=False)
        last = 0
        while entries := self.work.interactions.of_logged_segment(entry_no, after=last):
            nos = _contacts(entries, reached)
            # whoever was in an earlier chunk has been told already
            told = self._entries_of(entry_no, nos, before=entries[0].entry_no)
            others = [] if not_in is None else self._entries_of(not_in, nos)
            gone = _contacts([*told, *others], reached)
            yield from (no for no in nos if no not in gone)
            last = entries[-1].entry_no

    def _entries_of(
        self, entry_no: int, contact_nos: Collection[str], *, before: int | None = None
    ) -> list[InteractionLogEntry]:
        found = self.work.interactions.of_logged_segment_with(entry_no, contact_nos)
        return [entry for entry in found if before is None or entry.entry_no < before]


def _contacts(entries: Sequence[InteractionLogEntry], outcome: OutcomeFilter) -> dict[str, None]:
    """Return the contacts of live entries with the outcome, in their order."""
    return {
        entry.contact_no: None
        for entry in entries
        if entry.contact_no is not None and not entry.canceled and outcome.matches(entry)
    }
