"""Logged segments in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import attrs

from interactionlog.adapters.memory.counters import EntryCounter
from interactionlog.adapters.memory.records import MemoryRecords
from interactionlog.adapters.memory.session import MemorySession
from interactionlog.enumerations import LoggedSegmentState
from interactionlog.errors import SegmentAlreadyLoggedError
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.segments.logging.logged_segment import LeftOutLine, LoggedSegment
from interactionlog.segments.segment import SegmentLanguage
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep

__all__ = ["MemoryLoggedSegments"]


class MemoryLoggedSegments:
    """`interactionlog.segments.repository.LoggedSegmentRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self._session = session
        self._records = MemoryRecords(session, LoggedSegment)
        self._counter = EntryCounter(session, "logged_segment")

    def reserve_entry_no(self) -> int:
        """Reserve a number above every stored or reserved one."""
        return self._counter.reserve(1)[0]

    def add(self, logged: LoggedSegment) -> None:
        """Store a new record, or raise `SegmentAlreadyLoggedError` for a second standing one."""
        earlier = self.standing(logged.segment_no)
        if earlier is not None:
            raise SegmentAlreadyLoggedError(logged.segment_no, earlier.entry_no)
        self._records.add(logged)
        self._counter.keep_above(logged.entry_no)

    def get(self, entry_no: int) -> LoggedSegment:
        """Return the record, or raise `NotFoundError`."""
        return self._records.get(entry_no)

    def find(self, entry_no: int) -> LoggedSegment | None:
        """Return the record, or ``None``."""
        return self._records.find(entry_no)

    def standing(self, segment_no: str) -> LoggedSegment | None:
        """Return the record of a segment number that was not undone, or ``None``."""
        for logged in self.all():
            if logged.segment_no == segment_no and logged.state is not LoggedSegmentState.UNDONE:
                return logged
        return None

    def all(self) -> Sequence[LoggedSegment]:
        """Return every record by entry number."""
        return self._records.all()

    def replace(self, logged: LoggedSegment) -> None:
        """Overwrite the record of that number, or raise `NotFoundError`."""
        self._records.replace(logged)

    def take_over(self, segment_no: str, entry_no: int) -> None:
        """Give language rows and selection steps of the open segment to the logged one."""
        for entity in (SegmentLanguage, CriteriaStep):
            records: MemoryRecords[SegmentLanguage | CriteriaStep] = MemoryRecords(
                self._session, entity
            )
            for row in records.all(segment_no, None):
                if getattr(row, "removed_by_step", 0):
                    continue  # rows of removed lines end with the segment
                records.remove(*records.key_of(row))
                records.add(attrs.evolve(row, logged_segment_entry_no=entry_no))

    def add_left_out(self, entry_no: int, lines: Sequence[LeftOutLine]) -> None:
        """Store lines that were not logged, with their reasons."""
        self._session.set_many(
            "left_out_line", [((entry_no, left.line.line_no), left) for left in lines]
        )

    def left_out(
        self, entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[LeftOutLine]:
        """Return the next left-out lines behind line number ``after``, by line number."""
        table = self._session.read("left_out_line")
        keys = [key for key in table.ordered() if key[0] == entry_no and key[1] > after]
        return [table[key] for key in keys[:limit]]

    def left_out_owners(self) -> set[int]:
        """Return the numbers of logged segments that left-out lines name."""
        return {entry_no for entry_no, _ in self._session.read("left_out_line")}

    def languages(self, entry_no: int) -> Sequence[SegmentLanguage]:
        """Return the language rows that the logged segment keeps, by line and language code."""
        segment_no = self.get(entry_no).segment_no
        return MemoryRecords(self._session, SegmentLanguage).all(segment_no, entry_no)

    def steps(self, entry_no: int) -> Sequence[CriteriaStep]:
        """Return the selection steps that the logged segment keeps, by number."""
        segment_no = self.get(entry_no).segment_no
        return MemoryRecords(self._session, CriteriaStep).all(segment_no, entry_no)

    def put_back(self, logged: LoggedSegment) -> None:
        """Make lines of the segment from the entries of a logged one and from what it left out."""
        no = logged.entry_no
        entries = self._session.read("log_entry").values()
        lines = [
            _line(entry)
            for entry in entries
            if entry.logged_segment_entry_no == no and entry.resend_of is None
        ]
        kept = self._session.read("left_out_line").items()
        lines += [attrs.evolve(left.line, added_by_step=0) for key, left in kept if key[0] == no]
        self._session.set_many(
            ("segment_line", logged.segment_no), [(line.line_no, line) for line in lines]
        )
        for row in self.languages(no):
            open_row = attrs.evolve(row, logged_segment_entry_no=None)
            MemoryRecords(self._session, SegmentLanguage).add(open_row)
        for step in self.steps(no):
            open_step = attrs.evolve(step, logged_segment_entry_no=None)
            MemoryRecords(self._session, CriteriaStep).add(open_step)

    def remove(self, entry_no: int) -> None:
        """Delete the record with everything it keeps of its segment, or raise `NotFoundError`."""
        for name, place in (("left_out_line", 0), ("segment_language", 1), ("criteria_step", 1)):
            keys = [key for key in self._session.read(name) if key[place] == entry_no]
            self._session.drop(name, keys)
        self._records.remove(entry_no)

    def left_out_contacts(self, entry_no: int, contact_nos: Collection[str]) -> set[str]:
        """Return those of the contacts that stand on a left-out line."""
        kept = self._session.read("left_out_line").items()
        return {left.line.contact_no for key, left in kept if key[0] == entry_no}.intersection(
            contact_nos
        )

    def following_up(self, entry_no: int) -> Sequence[LoggedSegment]:
        """Return the logged segments that followed this one up, by entry number."""
        return [logged for logged in self.all() if logged.follow_up_of == entry_no]


_RENAMED = {
    "line_no": "segment_line_no",
    "language_code": "interaction_language_code",
    "send_word_doc_as_attmt": "send_word_docs_as_attmt",
}


def _line(entry: InteractionLogEntry) -> SegmentLine:
    """Return the line that an entry came from."""
    names = [field.name for field in attrs.fields(SegmentLine) if field.name != "added_by_step"]
    return SegmentLine(**{name: getattr(entry, _RENAMED.get(name, name)) for name in names})
