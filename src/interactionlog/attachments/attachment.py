"""Attachments, and the port that stores them."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Protocol

import attrs

from interactionlog.unit_of_work import Records
from interactionlog.values import as_utc, entry_number, flag, instant, length, whole


@attrs.frozen(kw_only=True, weakref_slot=False)
class Attachment:
    """
    A piece of content: what it is called and which bytes it has. The bytes lie once per digest.

    Attributes:
        no: Key; rising and never used again.
        name: File name without a path, at most 250 characters; shown, never followed.
        media_type: Such as ``text/html``; at most 100 characters.
        extension: Of the file, without the dot; at most 20 characters, ``""`` for none.
        size: Bytes, >= 0.
        digest: SHA-256 of the bytes in hexadecimal.
        read_only: Used by a logged entry: neither replaced nor imported over.
        recorded_at: When it was stored; UTC.

    Source: table 5062 Attachment.
    """

    no: int = attrs.field(validator=entry_number)
    name: str = attrs.field(default="", validator=length(0, 250))
    media_type: str = attrs.field(default="", validator=length(0, 100))
    extension: str = attrs.field(default="", validator=length(0, 20))
    size: int = attrs.field(default=0, validator=whole(0, 2**63 - 1))
    digest: str = attrs.field(validator=length(64, 64))
    read_only: bool = attrs.field(default=False, validator=flag)
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)

    @property
    def is_html(self) -> bool:
        """Whether the content is the body of an HTML mail, whatever the case of the extension."""
        return self.extension.casefold() in {"html", "htm"}


class AttachmentRepository(Records[Attachment], Protocol):
    """
    Attachments by number; their content lies once per digest, in parts of at most 1 MiB.

    An adapter passes ``testing.RecordsContract`` and ``testing.AttachmentContract``.
    """

    def reserve_no(self) -> int:
        """Reserve a number above every stored or reserved one."""

    def put_content(self, digest: str, part_no: int, content: bytes) -> None:
        """Store part 0, 1, 2, … of a content; one that a rival stored meanwhile is kept."""

    def has_content(self, digest: str) -> bool:
        """Say whether a content with that digest is stored."""

    def lock_content(self, digest: str) -> bool:
        """
        Say whether a content with that digest is stored; then keep it until the transaction ends.

        Nobody deletes it meanwhile, so that an attachment that shares it can be added.
        """

    def content(self, digest: str, part_no: int) -> bytes | None:
        """Return one part; ``None`` after the last one."""

    def remove_content(self, digest: str) -> None:
        """Delete a content that no attachment has."""

    def without_attachment(self) -> Set[str]:
        """Return the digests of contents that no attachment has; there should be none."""

    def set_read_only(self, nos: Sequence[int]) -> None:
        """Mark the attachments as used by logged entries; absent ones are ignored."""

    def is_referred_to(self, no: int) -> bool:
        """Say whether a template, segment, left-out line or entry refers to the attachment."""

    def remove(self, *key: object) -> None:
        """Delete the attachment, and its content with the last reference; or `NotFoundError`."""
