"""Attachments in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.repositories.counters import EntryCounter
from interactionlog.adapters.sql.session import SqlSession, json_list
from interactionlog.attachments.attachment import Attachment

__all__ = ["SqlAttachments"]


class SqlAttachments:
    """`interactionlog.attachments.repository.AttachmentRepository` over SQL."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session
        self._records = SqlRecords(session, Attachment)
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
        row = (self._session.tenant, digest, part_no, content)
        self._session.add("add_attachment_content", [row], "attachment content", digest)

    def has_content(self, digest: str) -> bool:
        """Say whether a content with that digest is stored."""
        return self.content(digest, 0) is not None

    def content(self, digest: str, part_no: int) -> bytes | None:
        """Return one part; ``None`` behind the last one."""
        row = self._session.row("attachment_part", digest, part_no)
        return None if row is None else bytes(row[0])  # some drivers give a memoryview

    def get(self, no: int) -> Attachment:
        """Return the attachment, or raise `NotFoundError`."""
        return self._records.get(no)

    def find(self, no: int) -> Attachment | None:
        """Return the attachment, or ``None``."""
        return self._records.find(no)

    def set_read_only(self, nos: Sequence[int]) -> None:
        """Mark the attachments as used by logged entries; absent ones are no matter."""
        self._session.change("attachments_read_only", self._session.tenant, json_list(nos))

    def is_referred_to(self, no: int) -> bool:
        """Say whether a template, segment, left-out line or entry refers to the attachment."""
        places = (self._session.tenant, no) * 7
        return self._session.row("attachment_referred_to", *places[1:]) is not None

    def remove(self, no: int) -> None:
        """Delete the attachment, and its content with the last reference."""
        digest = self.get(no).digest
        self._records.remove(no)
        if self._session.row("attachment_with_digest", digest) is None:
            self._session.change("remove_attachment_content", self._session.tenant, digest)
