"""The port to the interaction log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, Protocol

from interactionlog.enumerations import DocumentType
from interactionlog.interactions.log_entry import InteractionLogEntry, LogComment
from interactionlog.interactions.log_filter import LogFilter, Position

__all__ = ["Dimension", "Figures", "InteractionLogRepository"]


class Figures(NamedTuple):
    """Number of interactions, their cost in local currency and their whole minutes."""

    interactions: int
    cost_lcy: Decimal
    duration_min: int


class Dimension(Enum):
    """By what figures of the log are split."""

    CONTACT = "contact"
    TEMPLATE = "template"
    GROUP = "group"
    SALESPERSON = "salesperson"
    CAMPAIGN = "campaign"
    SEGMENT = "segment"
    DATE = "date"


class InteractionLogRepository(Protocol):
    """
    Stored interaction log entries, keyed by entry number.

    An adapter conforms when it passes ``testing.InteractionLogContract``.
    """

    def reserve_entry_nos(self, count: int) -> Sequence[int]:
        """Reserve numbers, rising, above every stored or reserved one; not always dense."""

    def add(self, entry: InteractionLogEntry) -> None:
        """Store a new entry, or raise `DuplicateEntryError`."""

    def add_of_segment(self, entries: Sequence[InteractionLogEntry]) -> None:
        """
        Store new live entries of one logging, with numbers reserved for them, in line order.

        Their lines are in the segment as the entries say: a store may copy from them. What neither
        a line nor its logging fills (from ``document_type`` on) is stored with its default.
        """

    def get(self, entry_no: int) -> InteractionLogEntry:
        """Return the entry, or raise `EntryNotFoundError`; never ``None``."""

    def find(self, entry_no: int) -> InteractionLogEntry | None:
        """Return the entry, or ``None``."""

    def replace(self, entry: InteractionLogEntry) -> None:
        """Overwrite the entry of that number, or raise `EntryNotFoundError`."""

    def remove(self, entry_no: int) -> None:
        """Delete the entry and its comment lines, or raise `EntryNotFoundError`."""

    def put_comment(self, comment: LogComment) -> None:
        """Store a comment line, in place of the line with its number if there is one."""

    def comments(self, entry_no: int) -> Sequence[LogComment]:
        """Return the comment lines of an entry by line number."""

    def remove_comments(self, entry_no: int) -> None:
        """Delete the comment lines of an entry; none is no error."""

    def newest(
        self,
        log_filter: LogFilter,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Sequence[InteractionLogEntry]:
        """
        Return a page of the entries that are meant, newest first.

        By falling date, then falling entry number; ``before`` is where the last page ended. With
        ``after``, where a page began, the page is the one just above it.
        """

    def of_document(
        self,
        document_type: DocumentType,
        document_no: str,
        doc_no_occurrence: int,
        version_no: int,
        contact_no: str,
    ) -> Sequence[InteractionLogEntry]:
        """Return a document's entries for a contact, reprints too, by rising reprint number."""

    def of_logged_segment(
        self, logged_segment_entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        """Return the next entries of a logged segment behind number ``after``, by number."""

    def of_logged_segment_with(
        self, logged_segment_entry_no: int, contact_nos: Collection[str]
    ) -> Sequence[InteractionLogEntry]:
        """Return the logged segment's entries of these contacts, by number. Up to 1,000 numbers."""

    def used_further(
        self, logged_segment_entry_no: int, evaluated_before: int
    ) -> tuple[int, int, int]:
        """
        Count the logged segment's entries that were evaluated, that were delivered, and resendings.

        Canceled ones count as well. A resending counts as such only.

        Args:
            logged_segment_entry_no: The logged segment.
            evaluated_before: Bit of ``personal_fields`` that says: evaluated on the line already.
        """

    def leave_logged_segment(self, logged_segment_entry_no: int) -> int:
        """
        Take the logged segment off its entries; return how many.

        Its reason of canceling becomes the entry's own, so that they stay canceled.
        """

    def figures(
        self, log_filter: LogFilter, by: Dimension | None = None
    ) -> Sequence[tuple[str | None, Figures]]:
        """
        Return the figures of the entries that are meant, canceled and postponed ones too.

        Split ``by`` a dimension in the order of its keys, none first; a date's key is its ISO form.
        Without one there is a single row with the key ``None``, also when nothing is meant.
        """

    def count_contacts(self, log_filter: LogFilter) -> int:
        """Count the contacts of the entries that are meant, each once."""

    def target_companies(self, campaign_no: str) -> set[str | None]:
        """Return the companies of the live, logged targets of a campaign; ``None`` for none."""

    def leave_campaign_entry(self, campaign_no: str, campaign_entry_no: int) -> None:
        """
        Take a campaign entry off its interactions.

        Its reason of canceling becomes the interaction's own, so that they stay canceled.
        """

    def set_canceled(self, log_filter: LogFilter, reason: int, *, canceled: bool) -> int:
        """Set or clear one reason of canceling on every entry that is meant; return how many."""
