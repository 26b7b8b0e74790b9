"""INT-068 to INT-074, INT-082, INT-083: content, and its delivery."""

from __future__ import annotations

import hashlib
import io
import tracemalloc

import attrs
import pytest

from company import add_attachment
from interactionlog.attachments.attachment import PART_SIZE, AttachmentService
from interactionlog.errors import (
    NotFoundError,
    StorageError,
    UsageError,
)
from interactionlog.testing import an_attachment


@pytest.mark.rule("INT-068")
def test_stored_content_has_number_name_type_size_and_digest(begin):
    with begin() as work:
        attachments = AttachmentService(work)
        first = attachments.store(b"<p>", name="C:\\mail\\Letter.HTML")
        second = attachments.store([b"<", b"p>"], name="../x.tar.gz", media_type="text/plain")
        third = attachments.store(io.BytesIO(b"other"))
        assert [work.attachments.get(each.no) for each in (first, second)] == [first, second]
        work.attachments.remove(third.no)
        assert attachments.store(b"").no > third.no
    assert (first.name, first.extension, first.media_type) == ("Letter.HTML", "HTML", "text/html")
    assert (second.name, second.extension, second.media_type) == ("x.tar.gz", "gz", "text/plain")
    assert first.digest == second.digest == hashlib.sha256(b"<p>").hexdigest()
    assert (first.size, third.name, third.media_type, third.read_only) == (3, "", "", False)


@pytest.mark.rule("INT-074")
def test_equal_contents_share_storage_and_live_as_long_as_one_of_them(begin):
    with begin() as work:
        attachments = AttachmentService(work)
        first, second = attachments.store(b"same"), attachments.store(b"same")
        work.attachments.remove(first.no)
        with attachments.open(second.no) as content:
            assert content.read() == b"same"
        work.attachments.remove(second.no)
        assert not work.attachments.has_content(first.digest)
        with pytest.raises(NotFoundError):
            attachments.open(second.no)


def pieces(size):
    block = bytes(range(256)) * 256
    for _ in range(size // len(block)):
        yield block


def test_large_content_is_stored_and_read_without_being_held(begin, tmp_path):
    size = 12 * PART_SIZE
    with begin() as work:
        tracemalloc.start()
        attachment = AttachmentService(work).store(pieces(size), name="big.bin")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        if "memory" not in type(work).__module__:
            assert peak < size / 2
        assert attachment.size == size
        assert len(work.attachments.content(attachment.digest, 0)) == PART_SIZE
        assert work.attachments.content(attachment.digest, 12) is None
        digest = hashlib.sha256()
        with AttachmentService(work).open(attachment.no) as content:
            while block := content.read(100_000):
                digest.update(block)
        assert digest.hexdigest() == attachment.digest
        path = AttachmentService(work).export(attachment.no, tmp_path)
    assert path.stat().st_size == size


def test_a_source_that_fails_leaves_nothing_behind(begin):
    def broken():
        yield b"x" * PART_SIZE
        raise LookupError

    with begin() as work:
        with pytest.raises(LookupError):
            AttachmentService(work).store(broken())
        assert not work.attachments.has_content(hashlib.sha256(b"x" * PART_SIZE).hexdigest())


@pytest.mark.rule("INT-071")
def test_files_are_imported_by_their_name_and_exported_by_number(begin, tmp_path):
    source = tmp_path / "Letter to C.docx"
    source.write_bytes(b"Dear C")
    with begin() as work:
        attachments = AttachmentService(work)
        attachment = attachments.import_file(source)
        assert attachment.name == "Letter to C.docx"
        path = attachments.export(attachment.no, tmp_path)
        assert path == tmp_path / f"{attachment.no}.docx"
        assert path.read_bytes() == b"Dear C"
        with pytest.raises(FileExistsError):
            attachments.export(attachment.no, tmp_path)
        named = attachments.export(attachment.no, str(tmp_path), file_name="copy.docx")
        assert named.read_bytes() == b"Dear C"
        with pytest.raises(OSError, match="nothing"):
            attachments.import_file(tmp_path / "nothing")


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "a\\b", "/etc/passwd", "..", ".", "", "C:x", "a\0b", "x" * 300]
)
def test_an_export_never_leaves_its_folder(begin, tmp_path, name):
    folder = tmp_path / "out"
    folder.mkdir()
    with begin() as work:
        no = add_attachment(work)
        with pytest.raises(UsageError, match="without a path"):
            AttachmentService(work).export(no, folder, file_name=name)
        hostile = an_attachment(50, work.attachments.get(no).digest, size=4)
        work.attachments.add(attrs.evolve(hostile, name="../../x", extension="../x"))
        assert AttachmentService(work).export(50, folder) == folder / "50"
    assert [path.name for path in folder.iterdir()] == ["50"]


def test_an_export_follows_no_link_and_leaves_no_half_file(begin, tmp_path):
    target = tmp_path / "target"
    with begin() as work:
        attachments = AttachmentService(work)
        no = add_attachment(work)
        (tmp_path / "link").symlink_to(target)
        with pytest.raises(FileExistsError):
            attachments.export(no, tmp_path, file_name="link")
        assert not target.exists()
        damaged = an_attachment(50, work.attachments.get(no).digest, size=5)
        work.attachments.add(damaged)
        with pytest.raises(StorageError, match="should have 5 bytes and has 4"):
            attachments.export(50, tmp_path)
        assert not (tmp_path / "50").exists()
        with pytest.raises(StorageError), attachments.open(50) as content:
            content.read()


def test_content_that_was_exchanged_is_not_given_out(begin, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    with begin() as work:
        attachments = AttachmentService(work)
        stored = attachments.store(b"pay 100")
        work.attachments.remove_content(stored.digest)
        work.attachments.put_content(stored.digest, 0, b"pay 900")
        with pytest.raises(StorageError, match="another content than was stored"):
            attachments.export(stored.no, folder)
        with pytest.raises(StorageError), attachments.open(stored.no) as content:
            content.read()
    assert [*folder.iterdir()] == []


@pytest.mark.rule("INT-073")
def test_content_is_read_by_whoever_asks_for_a_piece(begin):
    with begin() as work, AttachmentService(work).open(add_attachment(work, b"abcdef")) as content:
        assert content.readable()
        assert content.read(2) == b"ab"
        assert content.read(10) == b"cdef"
        assert content.read(1) == b""
