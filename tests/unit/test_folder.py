"""Letters and mails as files."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import attrs
import pytest

from interactionlog.delivery import AddressError, FolderTransport, Message, NotHandedOverError

LETTER = Message(
    entry_no=7,
    channel="letter",
    message_id="x.7",
    recipient="",
    name="Anna",
    address={"name": "Anna, Ltd.", "city": "Pisa"},
    subject="Spring",
    content=b"\x00letter",
    media_type="application/pdf",
    file_name="../a.PDF",
    sent_at=datetime(2026, 1, 26, tzinfo=UTC),
)


def listed(folder):
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_letter_is_a_file_with_a_line_of_the_index(tmp_path):
    transport = FolderTransport(tmp_path)
    transport.send(LETTER)
    transport.send(attrs.evolve(LETTER, message_id="x.8", entry_no=8, file_name="b"))
    assert (tmp_path / "x.7.PDF").read_bytes() == LETTER.content
    rows = listed(tmp_path)
    assert [(row["message_id"], row["file"], row["name"], row["city"]) for row in rows] == [
        ("x.7", "x.7.PDF", "Anna, Ltd.", "Pisa"),
        ("x.8", "x.8", "Anna, Ltd.", "Pisa"),
    ]


def test_a_letter_that_is_given_again_is_one_file_and_one_line(tmp_path):
    transport = FolderTransport(tmp_path)
    assert transport.idempotent
    for content in (b"first", b"again"):
        transport.send(attrs.evolve(LETTER, content=content))
    assert (tmp_path / "x.7.PDF").read_bytes() == b"again"
    assert len(listed(tmp_path)) == 1
    (tmp_path / "index.csv").unlink()  # the worker died before it was written
    transport.send(LETTER)
    assert len(listed(tmp_path)) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"x.7.PDF", "index.csv"}


@contextmanager
def room_for(size):
    """Let no file grow above so many bytes, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 5, 120, 200])
def test_a_full_disk_leaves_no_part_of_a_letter_and_the_index_whole(tmp_path, room):
    transport = FolderTransport(tmp_path)
    transport.send(attrs.evolve(LETTER, message_id="x.6"))
    with room_for(room), pytest.raises(OSError, match="large"):
        transport.send(attrs.evolve(LETTER, content=b"much" * 30, subject="x" * 200))
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("x.7*")}
    assert sizes in ({}, {"x.7.PDF": 120})
    for message in (LETTER, attrs.evolve(LETTER, message_id="x.8", address={"name": "B"})):
        transport.send(message)
        transport.send(message)
    ids = [row["message_id"] for row in listed(tmp_path) if row["city"] or row["name"] == "B"]
    assert ids == ["x.6", "x.7", "x.8"]
    assert {path.name for path in tmp_path.iterdir()} == {
        "index.csv",
        *(f"x.{n}.PDF" for n in (6, 7, 8)),
    }


def test_no_cell_of_the_index_is_a_formula_or_a_second_line(tmp_path):
    address = {"name": "=HYPERLINK(1)", "address": "-1\r\nx.9,", "city": "@a"}
    FolderTransport(tmp_path).send(attrs.evolve(LETTER, address=address, subject="+1"))
    (row,) = listed(tmp_path)
    assert (row["name"], row["address"], row["city"], row["subject"]) == (
        "'=HYPERLINK(1)",
        "'-1 x.9,",
        "'@a",
        "'+1",
    )


def test_a_mail_is_a_file_that_mail_programs_open(tmp_path):
    mail = {"channel": "mail", "recipient": "anna@cannon.example", "file_name": "a.pdf"}
    answer = FolderTransport(tmp_path, sender="info@cronus.example").send(
        attrs.evolve(LETTER, **mail)
    )
    found = message_from_bytes((tmp_path / answer.provider_id).read_bytes(), policy=default)
    assert (found["To"], found["Subject"]) == ("Anna <anna@cannon.example>", "Spring")
    (part,) = found.iter_attachments()
    assert part.get_content() == LETTER.content


@pytest.mark.parametrize("name", ["a.p df", "a.ü", "a.pdf/", "a.../", "."])
def test_an_extension_that_is_not_plain_is_left_out(tmp_path, name):
    FolderTransport(tmp_path).send(attrs.evolve(LETTER, file_name=name))
    assert {path.name for path in tmp_path.iterdir()} <= {"x.7", "x.7.pdf", "index.csv"}


def test_a_folder_that_is_not_there_may_be_tried_again(tmp_path):
    with pytest.raises(NotHandedOverError):
        FolderTransport(tmp_path / "gone").send(LETTER)
    with pytest.raises(AddressError):
        FolderTransport(tmp_path, sender="a\nb@c.example")
