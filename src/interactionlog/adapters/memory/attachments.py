"""Attachments in memory."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from interactionlog.adapters.memory.counters import EntryCounter
from interactionlog.adapters.memory.records import MemoryRecords
from interactionlog.adapters.memory.session import MemorySession
from interactionlog.attachments.attachment import Attachment
from interactionlog.errors import DuplicateEntryError

__all__ = ["MemoryAttachments"]


_REFERRING = frozenset({"template_language", "segment_language", "removed_line", "log_entry"})
"""Tables of records with an attachment; lines of segments have tables with a tuple for a name."""


class MemoryAttachments:
    """`interactionlog.attachments.repository.AttachmentRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self._session = session
        self._records = MemoryRecords(session, Attachment)
        self._counter = EntryCounter(session, "attachment")

    def reserve_no(self) -> int:
        """Reserve a number above every stored or reserved one."""
        return self._counter.reserve(1)[0]

    def add(self, attachment: Attachment) -> None:
        """Store a new attachment, or raise `DuplicateEntryError`."""
        self._records.add(attachment)
        self._counter.keep_above(attachment.no)

    def add_content(self, digest: str, part_no: int, content: bytes) -> None:
        """Store part 0, 1, 2, … of a content, or raise `DuplicateEntryError`."""
        if self.content(digest, part_no) is not None:
            raise DuplicateEntryError("attachment content", digest)
        self._session.set("attachment_content", (digest, part_no), content)

    def has_content(self, digest: str) -> bool:
        """Say whether a content with that digest is stored."""
        return self.content(digest, 0) is not None

    def content(self, digest: str, part_no: int) -> bytes | None:
        """Return one part; ``None`` behind the last one."""
        part: bytes | None = self._session.read("attachment_content").get((digest, part_no))
        return part

    def get(self, no: int) -> Attachment:
        """Return the attachment, or raise `NotFoundError`."""
        return self._records.get(no)

    def find(self, no: int) -> Attachment | None:
        """Return the attachment, or ``None``."""
        return self._records.find(no)

    def set_read_only(self, nos: Sequence[int]) -> None:
        """Mark the attachments as used by logged entries; absent ones are no matter."""
        for no in nos:
            attachment = self.find(no)
            if attachment is not None:
                self._records.put(attrs.evolve(attachment, read_only=True))

    def is_referred_to(self, no: int) -> bool:
        """Say whether a template, segment, left-out line or entry refers to the attachment."""
        for name, table in self._session.state.tables.items():
            if name == "left_out_line":
                rows = [left.line for left in table.values()]
            elif name in _REFERRING or (isinstance(name, tuple) and name[0] == "segment_line"):
                rows = list(table.values())
            else:
                continue
            if any(no in {row.attachment_no, _word_template(row)} for row in rows):
                return True
        return False

    def remove(self, no: int) -> None:
        """Delete the attachment, and its content with the last reference."""
        digest = self.get(no).digest
        self._records.remove(no)
        if all(other.digest != digest for other in self._records.all()):
            parts = [key for key in self._session.read("attachment_content") if key[0] == digest]
            self._session.drop("attachment_content", parts)


def _word_template(row: object) -> int | None:
    return getattr(row, "modified_word_template", None)
