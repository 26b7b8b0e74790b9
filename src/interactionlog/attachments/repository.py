"""The port to attachments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from interactionlog.attachments.attachment import Attachment

__all__ = ["AttachmentRepository"]


class AttachmentRepository(Protocol):
    """
    Attachments by number; their content lies once per digest, in parts of at most 1 MiB.

    An adapter conforms when it passes ``testing.AttachmentContract``.
    """

    def reserve_no(self) -> int:
        """Reserve a number above every stored or reserved one."""

    def add(self, attachment: Attachment) -> None:
        """Store a new attachment, or raise `DuplicateEntryError`."""

    def add_content(self, digest: str, part_no: int, content: bytes) -> None:
        """Store part 0, 1, 2, … of a content, or raise `DuplicateEntryError`."""

    def has_content(self, digest: str) -> bool:
        """Say whether a content with that digest is stored."""

    def content(self, digest: str, part_no: int) -> bytes | None:
        """Return one part; ``None`` behind the last one."""

    def get(self, no: int) -> Attachment:
        """Return the attachment, or raise `NotFoundError`."""

    def find(self, no: int) -> Attachment | None:
        """Return the attachment, or ``None``."""

    def set_read_only(self, nos: Sequence[int]) -> None:
        """Mark the attachments as used by logged entries; absent ones are no matter."""

    def is_referred_to(self, no: int) -> bool:
        """Say whether a template, segment, left-out line or entry refers to the attachment."""

    def remove(self, no: int) -> None:
        """Delete the attachment, and its content with the last reference; or `NotFoundError`."""
