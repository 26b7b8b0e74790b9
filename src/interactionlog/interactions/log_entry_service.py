"""What can be done with entries that are in the log."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from interactionlog.attachments.ownership import drop_unused
from interactionlog.enumerations import Evaluation, LoggedSegmentState
from interactionlog.errors import StateError
from interactionlog.interactions.events import (
    InteractionsCanceled,
    InteractionsDeleted,
    InteractionsEvaluated,
    InteractionsUncanceled,
)
from interactionlog.interactions.log_entry import CancelState, InteractionLogEntry
from interactionlog.interactions.log_filter import LogFilter
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["LogEntryService"]


@attrs.frozen
class LogEntryService:
    """Cancels, evaluates and deletes entries of the log. Each call happens whole or not at all."""

    work: UnitOfWork

    def cancel(self, *entry_nos: int) -> None:
        """
        Cancel entries by themselves: they stay, and count nowhere. Canceled ones are no matter.

        Raises:
            EntryNotFoundError: An entry does not exist; none is canceled.

        Source: INT-056, INT-057, with explicit numbers instead of a toggle (D-22).
        """
        with self.work.atomic():
            for entry in self._entries(entry_nos):
                state = entry.cancel_state | CancelState.OWN
                self.work.interactions.replace(attrs.evolve(entry, cancel_state=int(state)))
            self.work.record(InteractionsCanceled(entry_nos))

    def uncancel(self, *entry_nos: int) -> None:
        """
        Take back that entries were canceled by themselves. Live ones are no matter.

        Raises:
            EntryNotFoundError: An entry does not exist; none is changed.
            StateError: Its logged segment or campaign entry is canceled, or was undone.

        Source: INT-058.
        """
        with self.work.atomic():
            for entry in self._entries(entry_nos):
                self._refuse_below_canceled(entry)
                state = entry.cancel_state & ~CancelState.OWN
                self.work.interactions.replace(attrs.evolve(entry, cancel_state=int(state)))
            self.work.record(InteractionsUncanceled(entry_nos))

    def evaluate(self, evaluation: Evaluation, *entry_nos: int) -> None:
        """
        Say how interactions went.

        Raises:
            EntryNotFoundError: An entry does not exist; none is changed.
            FieldInvalidError: The evaluation is none.

        Source: INT-063.
        """
        with self.work.atomic():
            for entry in self._entries(entry_nos):
                self.work.interactions.replace(attrs.evolve(entry, evaluation=evaluation))
            self.work.record(InteractionsEvaluated(entry_nos, evaluation))

    def delete_canceled(self, log_filter: LogFilter | None = None) -> int:
        """
        Delete canceled entries with their comments, and content that nothing else has.

        Args:
            log_filter: Which of the canceled entries; ``None`` means all of them.

        Returns:
            The number of deleted entries.

        Source: INT-091, INT-093.
        """
        meant = attrs.evolve(log_filter or LogFilter(), canceled=True)
        deleted: list[int] = []
        with self.work.atomic():
            while entries := self.work.interactions.newest(meant, limit=1_000):
                for entry in entries:
                    self.work.interactions.remove(entry.entry_no)
                    drop_unused(self.work, entry.attachment_no)
                    deleted.append(entry.entry_no)
            self.work.record(InteractionsDeleted(tuple(deleted)))
        return len(deleted)

    def _entries(self, entry_nos: Sequence[int]) -> list[InteractionLogEntry]:
        return [self.work.interactions.get(entry_no) for entry_no in entry_nos]

    def _refuse_below_canceled(self, entry: InteractionLogEntry) -> None:
        record = f"entry {entry.entry_no}"
        if entry.logged_segment_entry_no is not None:
            logged = self.work.logged_segments.get(entry.logged_segment_entry_no)
            if logged.state is LoggedSegmentState.UNDONE:
                raise StateError(record, f"belongs to logged segment {logged.entry_no}, undone")
            if logged.canceled:
                raise StateError(record, f"belongs to canceled logged segment {logged.entry_no}")
        if entry.campaign_entry_no is not None:
            parent = self.work.campaign_entries.get(entry.campaign_entry_no)
            if parent.cancel_state:
                raise StateError(record, f"belongs to canceled campaign entry {parent.entry_no}")
