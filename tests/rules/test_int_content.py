"""INT-068 to INT-074, INT-082, INT-083: content, and its delivery."""

from __future__ import annotations

import hashlib
import io
import tracemalloc

import attrs
import pytest

from company import add_attachment, add_company, add_salesperson, set_up
from interactionlog.attachments.service import PART_SIZE, AttachmentService
from interactionlog.contacts.contact import AlternativeAddress
from interactionlog.errors import (
    CheckFailedError,
    EntryNotFoundError,
    NotFoundError,
    StorageError,
    UsageError,
)
from interactionlog.interactions.entry_service import DeliveryRoute, check_delivery, deliver
from interactionlog.testing import an_attachment, an_entry
from interactionlog.values import CorrespondenceType, DeliveryStatus


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


@pytest.mark.rule("INT-073")
def test_content_is_read_by_whoever_asks_for_a_piece(begin):
    with begin() as work, AttachmentService(work).open(add_attachment(work, b"abcdef")) as content:
        assert content.readable()
        assert content.read(2) == b"ab"
        assert content.read(10) == b"cdef"
        assert content.read(1) == b""


class Transport:
    """Keeps what it is asked to deliver."""

    def __init__(self, works=True):
        self.works = works
        self.sent = []

    def send(self, delivery):
        self.sent.append(delivery)
        return self.works


def add_entry(work, name, kind=CorrespondenceType.EMAIL, content=b"x", **values):
    add_company(work, e_mail="c@x.example")
    no = None if content is None else add_attachment(work, content, name)
    status = DeliveryStatus.REQUESTED
    entry = an_entry(
        1, "C", attachment_no=no, correspondence_type=kind, delivery_status=status, **values
    )
    work.interactions.add(entry)


@pytest.mark.rule("INT-082")
@pytest.mark.parametrize(
    ("name", "values", "route"),
    [
        ("a.html", {}, DeliveryRoute.HTML),
        ("a.HTM", {}, DeliveryRoute.HTML),
        ("a.DOCX", {}, DeliveryRoute.WORD),
        ("a.pdf", {}, DeliveryRoute.FILE),
        ("a", {}, DeliveryRoute.FILE),
        ("a.html", {"word_template_code": "W"}, DeliveryRoute.WORD),
        ("", {"word_template_code": "W", "content": None}, DeliveryRoute.WORD),
    ],
)
def test_word_template_and_extension_decide_the_route(begin, name, values, route):
    transport = Transport()
    with begin() as work:
        add_entry(work, name, **values)
        entry = deliver(work, 1, transport)
        assert work.interactions.get(1) == entry
    (delivery,) = transport.sent
    assert (delivery.route, delivery.recipient) == (route, "c@x.example")
    assert (delivery.attachment is None) is ("content" in values)
    assert entry.delivery_status is None


@pytest.mark.rule("INT-083")
@pytest.mark.parametrize(
    ("kind", "name", "works", "tried", "status"),
    [
        (CorrespondenceType.EMAIL, "a.html", False, 1, DeliveryStatus.ERROR),
        (CorrespondenceType.HARD_COPY, "a.pdf", True, 0, DeliveryStatus.ERROR),
        (CorrespondenceType.HARD_COPY, "a.doc", True, 1, None),
        (CorrespondenceType.HARD_COPY, "a.doc", False, 1, DeliveryStatus.ERROR),
    ],
)
def test_what_was_not_delivered_is_an_error(begin, kind, name, works, tried, status):
    transport = Transport(works)
    with begin() as work:
        add_entry(work, name, kind)
        entry = deliver(work, 1, transport)
    assert len(transport.sent) == tried
    assert entry.delivery_status is status


@pytest.mark.rule("INT-041")
def test_a_mail_goes_to_the_alternative_address_if_that_has_one(begin):
    transport = Transport()
    with begin() as work:
        add_entry(work, "a.html", contact_alt_address_code="ALT")
        work.contacts.put_address(
            AlternativeAddress(contact_no="C", code="ALT", e_mail="alt@x.example")
        )
        deliver(work, 1, transport)
        work.interactions.replace(attrs.evolve(work.interactions.get(1), contact_no="GONE"))
        assert [problem.code for problem in check_delivery(work, 1)] == ["undeliverable"]
        with pytest.raises(CheckFailedError):
            deliver(work, 1, transport)
        with pytest.raises(EntryNotFoundError):
            check_delivery(work, 2)
    assert [delivery.recipient for delivery in transport.sent] == ["alt@x.example"]


@pytest.mark.rule("INT-082")
@pytest.mark.parametrize(
    ("values", "blocked", "code"),
    [
        ({"cancel_state": 4}, False, "wrong-state"),
        ({"postponed": True}, False, "wrong-state"),
        ({}, True, "privacy-blocked"),
    ],
)
def test_what_must_not_be_sent_is_not_delivered(begin, values, blocked, code):
    transport = Transport()
    with begin() as work:
        add_entry(work, "a.html", **values)
        add_company(work, e_mail="c@x.example", privacy_blocked=blocked)
        with pytest.raises(CheckFailedError) as refused:
            deliver(work, 1, transport)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert not transport.sent


def test_a_transport_that_raises_changes_nothing(begin):
    class Broken:
        def send(self, delivery):
            raise ConnectionError

    with begin() as work:
        set_up(work)
        add_salesperson(work)
        add_entry(work, "a.html")
        before = work.interactions.get(1)
        with pytest.raises(ConnectionError):
            deliver(work, 1, Broken())
        assert work.interactions.get(1) == before
