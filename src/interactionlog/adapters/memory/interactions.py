"""The interaction log in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import islice

import attrs

from interactionlog.adapters.memory.counters import EntryCounter
from interactionlog.adapters.memory.records import MemoryRecords
from interactionlog.adapters.memory.session import MemorySession
from interactionlog.enumerations import DocumentType
from interactionlog.errors import DuplicateEntryError, EntryNotFoundError
from interactionlog.interactions.log_entry import InteractionLogEntry, LogComment
from interactionlog.interactions.log_filter import LogFilter, Position
from interactionlog.interactions.repository import Dimension, Figures

__all__ = ["MemoryInteractionLog"]

_FIELD = {
    Dimension.CONTACT: "contact_no",
    Dimension.TEMPLATE: "interaction_template_code",
    Dimension.GROUP: "interaction_group_code",
    Dimension.SALESPERSON: "salesperson_code",
    Dimension.CAMPAIGN: "campaign_no",
    Dimension.SEGMENT: "segment_no",
}


class MemoryInteractionLog:
    """`interactionlog.interactions.repository.InteractionLogRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self._session = session
        self._comments = MemoryRecords(session, LogComment)
        self._counter = EntryCounter(session, "log_entry")

    def reserve_entry_nos(self, count: int) -> range:
        """Reserve numbers, rising, above every stored or reserved one."""
        return self._counter.reserve(count)

    def add(self, entry: InteractionLogEntry) -> None:
        """Store a new entry, or raise `DuplicateEntryError`."""
        entries = self._session.read("log_entry")
        if entry.entry_no in entries:
            raise DuplicateEntryError("log entry", str(entry.entry_no))
        self._refuse_second_document(entry)
        self._session.set("log_entry", entry.entry_no, entry)
        self._counter.keep_above(entry.entry_no)

    def _refuse_second_document(self, entry: InteractionLogEntry) -> None:
        document = _document(entry)
        if document is not None:
            for other in self._session.read("log_entry").values():
                if other.entry_no != entry.entry_no and _document(other) == document:
                    raise DuplicateEntryError("log entry", str(entry.entry_no))

    def add_of_segment(self, entries: Sequence[InteractionLogEntry]) -> None:
        """Store new live entries of one logging, with numbers reserved for them, in line order."""
        self._session.set_many("log_entry", [(entry.entry_no, entry) for entry in entries])

    def get(self, entry_no: int) -> InteractionLogEntry:
        """Return the entry, or raise `EntryNotFoundError`; never ``None``."""
        entry = self.find(entry_no)
        if entry is None:
            raise EntryNotFoundError("log entry", str(entry_no))
        return entry

    def find(self, entry_no: int) -> InteractionLogEntry | None:
        """Return the entry, or ``None``."""
        entry: InteractionLogEntry | None = self._session.read("log_entry").get(entry_no)
        return entry

    def replace(self, entry: InteractionLogEntry) -> None:
        """Overwrite the entry of that number, or raise `EntryNotFoundError`."""
        self.get(entry.entry_no)
        self._refuse_second_document(entry)
        self._session.set("log_entry", entry.entry_no, entry)

    def remove(self, entry_no: int) -> None:
        """Delete the entry and its comment lines, or raise `EntryNotFoundError`."""
        self.get(entry_no)
        self.remove_comments(entry_no)
        self._session.drop("log_entry", [entry_no])

    def put_comment(self, comment: LogComment) -> None:
        """Store a comment line, in place of the line with its number if there is one."""
        self._comments.put(comment)

    def comments(self, entry_no: int) -> Sequence[LogComment]:
        """Return the comment lines of an entry by line number."""
        return self._comments.all(entry_no)

    def remove_comments(self, entry_no: int) -> None:
        """Delete the comment lines of an entry; none is no error."""
        for comment in self.comments(entry_no):
            self._comments.remove(entry_no, comment.line_no)

    def newest(
        self,
        log_filter: LogFilter,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Sequence[InteractionLogEntry]:
        """Return a page of the entries that are meant, newest first."""
        meant = [
            entry
            for entry in self._meant(log_filter)
            if (before is None or (entry.date, entry.entry_no) < before)
            and (after is None or (entry.date, entry.entry_no) > after)
        ]
        meant.sort(key=lambda entry: (entry.date, entry.entry_no), reverse=True)
        return meant[:limit] if after is None else meant[max(len(meant) - limit, 0) :]

    def of_document(
        self,
        document_type: DocumentType,
        document_no: str,
        doc_no_occurrence: int,
        version_no: int,
        contact_no: str,
    ) -> Sequence[InteractionLogEntry]:
        """Return a document's entries for a contact, reprints too, by rising reprint number."""
        key = (document_type, document_no, doc_no_occurrence, version_no, contact_no)
        entries = self._session.read("log_entry").values()
        found = [entry for entry in entries if (_document(entry) or ())[:-1] == key]
        return sorted(found, key=lambda entry: entry.reprint_no)

    def _meant(self, log_filter: LogFilter) -> list[InteractionLogEntry]:
        return [
            entry for entry in self._session.read("log_entry").values() if log_filter.matches(entry)
        ]

    def of_logged_segment(
        self, logged_segment_entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        """Return the next entries of a logged segment behind number ``after``, by number."""
        entries = self._session.read("log_entry")
        numbers = entries.ordered()
        found = (
            entries[number]
            for number in islice(numbers, bisect_right(numbers, after), None)
            if entries[number].logged_segment_entry_no == logged_segment_entry_no
        )
        return list(islice(found, limit))

    def of_logged_segment_with(
        self, logged_segment_entry_no: int, contact_nos: Collection[str]
    ) -> Sequence[InteractionLogEntry]:
        """Return the logged segment's entries of these contacts, by number."""
        meant = self._meant(LogFilter(logged_segment_entry_no=logged_segment_entry_no))
        return sorted(
            (entry for entry in meant if entry.contact_no in contact_nos),
            key=lambda entry: entry.entry_no,
        )

    def used_further(
        self, logged_segment_entry_no: int, evaluated_before: int
    ) -> tuple[int, int, int]:
        """Count the logged segment's entries evaluated, delivered, and its resendings."""
        meant = self._meant(LogFilter(logged_segment_entry_no=logged_segment_entry_no))
        of_lines = [entry for entry in meant if entry.resend_of is None]
        return (
            sum(
                entry.evaluation is not None and not entry.personal_fields & evaluated_before
                for entry in of_lines
            ),
            sum(
                entry.correspondence_type is not None and entry.delivery_status is None
                for entry in of_lines
            ),
            len(meant) - len(of_lines),
        )

    def leave_logged_segment(self, logged_segment_entry_no: int) -> int:
        """Take the logged segment off its entries, which stay canceled; return how many."""
        meant = self._meant(LogFilter(logged_segment_entry_no=logged_segment_entry_no))
        for entry in meant:
            state = (entry.cancel_state | 1) & ~2
            left = attrs.evolve(entry, cancel_state=state, logged_segment_entry_no=None)
            self._session.set("log_entry", entry.entry_no, left)
        return len(meant)

    def figures(
        self, log_filter: LogFilter, by: Dimension | None = None
    ) -> Sequence[tuple[str | None, Figures]]:
        """Return the figures of the entries that are meant, split by a dimension."""
        split: defaultdict[str | None, list[InteractionLogEntry]] = defaultdict(list)
        if by is None:
            split[None] = []
        for entry in self._meant(log_filter):
            if by is None:
                key = None
            elif by is Dimension.DATE:
                key = entry.date.isoformat()
            else:
                key = getattr(entry, _FIELD[by])
            split[key].append(entry)
        return [
            (
                key,
                Figures(
                    len(entries),
                    sum((entry.cost_lcy for entry in entries), Decimal(0)),
                    sum(entry.duration_min for entry in entries),
                ),
            )
            for key, entries in sorted(split.items(), key=lambda pair: pair[0] or "")
        ]

    def count_contacts(self, log_filter: LogFilter) -> int:
        """Count the contacts of the entries that are meant, each once."""
        return len({entry.contact_no for entry in self._meant(log_filter)} - {None})

    def target_companies(self, campaign_no: str) -> set[str | None]:
        """Return the companies of the live, logged targets of a campaign."""
        meant = LogFilter(
            campaign_no=campaign_no, campaign_target=True, canceled=False, postponed=False
        )
        return {entry.contact_company_no for entry in self._meant(meant)}

    def leave_campaign_entry(self, campaign_no: str, campaign_entry_no: int) -> None:
        """Take a campaign entry off its interactions; a canceled one's stay canceled."""
        meant = LogFilter(campaign_no=campaign_no, campaign_entry_no=campaign_entry_no)
        for entry in self._meant(meant):
            state = entry.cancel_state
            state = (state | 1) & ~4 if state & 4 else state
            left = attrs.evolve(entry, campaign_entry_no=None, cancel_state=state)
            self._session.set("log_entry", entry.entry_no, left)

    def set_canceled(self, log_filter: LogFilter, reason: int, *, canceled: bool) -> int:
        """Set or clear one reason of canceling on every entry that is meant; return how many."""
        meant = self._meant(log_filter)
        for entry in meant:
            state = entry.cancel_state | reason if canceled else entry.cancel_state & ~reason
            self._session.set("log_entry", entry.entry_no, attrs.evolve(entry, cancel_state=state))
        return len(meant)


def _document(entry: InteractionLogEntry) -> tuple[object, ...] | None:
    """Return what is unique about a logged document, ``None`` for everything else."""
    if entry.document_no is None or entry.resend_of is not None or entry.contact_no is None:
        return None
    return (
        entry.document_type,
        entry.document_no,
        entry.doc_no_occurrence,
        entry.version_no,
        entry.contact_no,
        entry.reprint_no,
    )
