"""Attachments: content stored once, owned, deleted with its last owner; and the port to them."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import re
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, Protocol

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import NotFoundError, StorageError, UsageError
from interactionlog.unit_of_work import NumberedRecords, UnitOfWork, by_thousands
from interactionlog.values import as_utc, entry_number, flag, instant, length, shown, whole


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


class AttachmentRepository(NumberedRecords[Attachment], Protocol):
    """
    Attachments by number; their content lies once per digest, in parts of at most 1 MiB.

    An adapter passes ``testing.RecordsContract`` and ``testing.AttachmentContract``.
    """

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
        """Say whether `referred_to` has the attachment; the first one that is found is enough."""

    def referred_to(self, nos: Collection[int]) -> Set[int]:
        """Return those that a template, segment, left-out line, entry or delivery refers to."""

    def remove(self, *key: object) -> None:
        """Delete the attachment, and its content with the last reference; or `NotFoundError`."""


def owned(work: UnitOfWork, attachment_no: int, *, read_only: bool) -> int:
    """
    Return an attachment with that content for a new owner.

    What nothing refers to is taken as it is; of everything else a copy is made, which shares the
    stored bytes. (INT-045, INT-069, INT-070)
    """
    source = work.attachments.lock(attachment_no)  # nobody else takes it, or deletes it
    if not work.attachments.is_referred_to(attachment_no):
        if read_only:
            work.attachments.set_read_only([attachment_no])
        return attachment_no
    copy = attrs.evolve(
        source, no=work.attachments.reserve(1)[0], read_only=read_only, recorded_at=work.clock.now()
    )
    work.attachments.add(copy)
    return copy.no


def drop_unused(work: UnitOfWork, *attachment_nos: int | None) -> Set[int]:
    """
    Delete the attachments that nothing refers to any more; return those that something has.

    Absent ones are passed over. Rules: INT-055, INT-071, §8.13.
    """
    kept: set[int] = set()
    for some in by_thousands(sorted({no for no in attachment_nos if no is not None})):
        there: list[int] = []
        for no in some:
            with suppress(NotFoundError):
                work.attachments.lock(no)  # nobody begins to refer to it
                there.append(no)
        used = work.attachments.referred_to(there)
        for no in there:
            if no not in used:
                work.attachments.remove(no)
        kept |= used
    return kept


_COMPRESSED = {"gzip": "application/gzip", "br": "application/x-brotli"}


def _media_type(name: str) -> str:
    kind, packed = mimetypes.guess_type(name)
    return kind or "" if packed is None else _COMPRESSED.get(packed, f"application/x-{packed}")


PART_SIZE = 2**20
"""Bytes of a stored part, and the most that is held in memory."""

_PLAIN_NAME = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|\ud800-\udfff]{1,200}\Z")
_PLAIN_EXTENSION = re.compile(r"[0-9A-Za-z]{1,20}\Z")


@judged
@attrs.frozen
class AttachmentService:
    """
    Keeps content, which never changes: other content is another attachment.

    Equal contents are stored once. Whatever the size, no more than a part is held
    in memory.
    """

    work: UnitOfWork

    def delete_unused(self, *, before: datetime, dry_run: bool = False) -> Sequence[Attachment]:
        """
        Delete content that was stored before an instant and that nothing refers to; return it.

        That of a draft that was abandoned is such. With ``dry_run`` it is only listed.
        """
        found: list[Attachment] = []
        old = [each for each in self.work.attachments.all() if each.recorded_at < before]
        for some in by_thousands(old):
            used = self.work.attachments.referred_to([each.no for each in some])
            found += (each for each in some if each.no not in used)
        if dry_run:
            return found
        with self.work.atomic():
            kept = drop_unused(self.work, *(each.no for each in found))
        return [each for each in found if each.no not in kept]

    def store(
        self,
        content: bytes | Iterable[bytes] | BinaryIO,
        *,
        name: str = "",
        media_type: str | None = None,
    ) -> Attachment:
        """
        Store content as a new attachment.

        Args:
            content: Bytes, pieces of bytes, or a file open for reading bytes.
            name: File name; a path before it is dropped.
            media_type: Such as ``text/html``; ``None`` guesses by the name.

        Source: INT-068, with numbers that are never used again (§8.15).
        """
        name = re.split(r"[/\\]", name)[-1]
        extension = Path(name).suffix[1:]
        digest, size = hashlib.sha256(), 0
        with self.work.atomic(), SpooledTemporaryFile(max_size=PART_SIZE) as spool:
            for piece in _pieces(content):  # the digest is the key: known at the end only
                digest.update(piece)
                spool.write(piece)
                size += len(piece)
            key = digest.hexdigest()
            if not self.work.attachments.lock_content(key):
                spool.seek(0)
                for part_no, part in enumerate(_parts(spool)):
                    self.work.attachments.put_content(key, part_no, part)
            attachment = Attachment(
                no=self.work.attachments.reserve(1)[0],
                name=name,
                media_type=_media_type(name) if media_type is None else media_type,
                extension=extension if _PLAIN_EXTENSION.match(extension) else "",
                size=size,
                digest=key,
                recorded_at=self.work.clock.now(),
            )
            self.work.attachments.add(attachment)
        return attachment

    def import_file(self, path: str | Path, *, media_type: str | None = None) -> Attachment:
        """Store a file under its own name, without its folder; `OSError` when it cannot be read."""
        with Path(path).open("rb") as file:
            return self.store(file, name=Path(path).name, media_type=media_type)

    def open(self, no: int) -> BinaryIO:
        """
        Open content for reading, from the first byte; close it, or use it in a ``with`` block.

        It reads from the unit of work and ends with it; `NotFoundError` for an unknown number.

        Source: INT-073; an empty one reads as nothing instead of being an error.
        """
        return io.BufferedReader(_Content(self.work, self.work.attachments.get(no)))

    def export(self, no: int, folder: str | Path, *, file_name: str | None = None) -> Path:
        """
        Write content into a new file and return its path.

        The stored name is never used as one: the file is called after number and extension unless
        the caller names it.

        Args:
            folder: Where the file is made; it must exist.
            file_name: A name without any path.

        Raises:
            NotFoundError: There is no such attachment.
            UsageError: The name is a path, or no name at all.
            FileExistsError: The file exists; it is left as it is.
        """
        attachment = self.work.attachments.get(no)
        extension = attachment.extension
        plain = f".{extension}" if _PLAIN_EXTENSION.match(extension) else ""
        name = f"{no}{plain}" if file_name is None else file_name
        if not _PLAIN_NAME.match(name) or not name.strip(". "):
            raise UsageError(f"an export needs a file name without a path: {name!r}")
        path = Path(folder, name)
        with path.open("xb") as file:  # neither overwrites nor follows a link
            try:
                for part in _stored_parts(self.work, attachment):
                    file.write(part)
            except BaseException:
                path.unlink()
                raise
        return path


def _pieces(content: bytes | Iterable[bytes] | BinaryIO) -> Iterator[bytes]:
    if hasattr(content, "read"):
        yield from map(_piece, iter(lambda: content.read(PART_SIZE), b""))
    elif isinstance(content, Iterable) and not isinstance(
        content, str | bytes | bytearray | memoryview
    ):
        yield from map(_piece, content)
    else:
        yield _piece(content)


def _piece(piece: Any) -> bytes:
    if not isinstance(piece, bytes | bytearray | memoryview):
        of = "content must be bytes, pieces of bytes or a file open for reading bytes"
        raise UsageError(f"{of}: {shown(piece)}")
    return bytes(piece)


def _parts(spool: IO[bytes]) -> Iterator[bytes]:
    part = spool.read(PART_SIZE)
    yield part  # of nothing there is one empty part
    while part := spool.read(PART_SIZE):
        yield part


def sound_size(work: UnitOfWork, digest: str) -> int | None:
    """Return how many bytes a stored content has; ``None`` if it is not the one of its digest."""
    found, size = hashlib.sha256(), 0
    for part in _parts_of(work, digest):
        found.update(part)
        size += len(part)
    return size if found.hexdigest() == digest else None


def _parts_of(work: UnitOfWork, digest: str) -> Iterator[bytes]:
    part_no = 0
    while (part := work.attachments.content(digest, part_no)) is not None:
        part_no += 1
        yield part


def _stored_parts(work: UnitOfWork, attachment: Attachment) -> Iterator[bytes]:
    found, seen = hashlib.sha256(), 0
    for part in _parts_of(work, attachment.digest):
        found.update(part)
        seen += len(part)
        yield part
    wrong = "has another content than was stored"
    if seen != attachment.size:
        wrong = f"should have {attachment.size} bytes and has {seen}"
    elif found.hexdigest() == attachment.digest:
        return
    raise StorageError(f"attachment {attachment.no} {wrong}: restore its content from a backup")


class _Content(io.RawIOBase):
    """The parts of one attachment as one stream."""

    def __init__(self, work: UnitOfWork, attachment: Attachment) -> None:
        self._parts = _stored_parts(work, attachment)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer from the part at hand; 0 at the end."""
        if not self._rest:
            self._rest = memoryview(next(filter(None, self._parts), b""))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
