"""Sending from the command line, and what became of it."""

from __future__ import annotations

import json

import pytest

import interactionlog as il
from interactionlog.cli.main import main
from interactionlog.testing import a_contact, a_line, add_segment
from smtp_server import Mailbox, serving


@pytest.fixture
def run(capsys):
    """Call the command; return status, standard output and standard error."""

    def call(*words):
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def db(run, tmp_path):
    """Give a file with a mail that can be sent, one that cannot, and a letter; all are logged."""
    path = tmp_path / "crm.db"
    add_lines(path)
    status, said, _ = run("segment", "plan", "S1", "--deliver", "--db", path, "--json")
    assert (status, json.loads(said)["logged"]) == (0, 3)
    assert run("segment", "log", "S1", "--plan", json.loads(said)["token"], "--db", path)[0] == 0
    return path


def add_lines(path):
    mail, letter = il.CorrespondenceType.EMAIL, il.CorrespondenceType.HARD_COPY
    with il.SqliteStore(path) as store, store.begin(user_id="TESTER") as work:
        add_segment(work, "S1", [])
        for no, e_mail in (("C1", "c1@x.example"), ("C2", "c 2@x.example"), ("C3", "")):
            work.contacts.put(a_contact(no, e_mail=e_mail))
        content = il.AttachmentService(work).store(b"Dear {{ contact.name }}", name="a.txt").no
        types = {"C1": mail, "C2": mail, "C3": letter}
        work.segments.add_lines(
            [
                a_line(n, no, "S1", attachment_no=content, correspondence_type=types[no])
                for n, no in enumerate(types, 1)
            ]
        )


@pytest.mark.parametrize(("words", "number"), [(("--deliver",), 3), ((), 0)])
def test_a_logging_that_says_so_asks_for_deliveries(run, tmp_path, words, number):
    path = tmp_path / "crm.db"
    add_lines(path)
    assert run("segment", "log", "S1", *words, "--dry-run", "--db", path)[0] == 0
    assert run("segment", "log", "S1", *words, "--db", path)[0] == 0
    _, said, _ = run("deliveries", "--db", path, "--json")
    assert sum(each["number"] for each in json.loads(said)) == number


def test_a_folder_that_is_not_there_costs_no_attempt(run, db, tmp_path):
    for folder in (tmp_path / "typo", db):
        status, said, err = run("deliver", "--db", db, "--folder", folder)
        assert (status, said) == (2, "")
        assert f"{folder} is not a folder: make it, or name another" in err
    _, said, _ = run("deliveries", "--state", "requested", "--db", db, "--json")
    assert [each["attempts"] for each in json.loads(said)] == [0, 0, 0]


def test_letters_and_mails_become_files(run, db, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    status, said, _ = run("deliver", "--db", db, "--folder", out)
    assert (status, said) == (0, "2 sent, 0 later, 1 failed, 0 unknown, 0 withheld\n")
    assert len([*out.iterdir()]) == 3
    status, said, _ = run("deliveries", "--db", db, "--json")
    assert [(each["channel"], each["state"], each["number"]) for each in json.loads(said)] == [
        ("letter", "sent", 1),
        ("mail", "sent", 1),
        ("mail", "failed", 1),
    ]


def test_mails_go_to_a_server_and_letters_wait(run, db):
    mailbox = Mailbox()
    with serving(mailbox) as port:
        words = ("--smtp", f"127.0.0.1:{port}", "--security", "none", "--from", "a@b.example")
        status, said, _ = run("deliver", "--db", db, *words)
    assert (status, said) == (0, "1 sent, 0 later, 1 failed, 0 unknown, 0 withheld\n")
    assert len(mailbox.mails) == 1
    _, said, _ = run("deliveries", "--db", db, "--state", "requested")
    assert "letter" in said
    _, said, _ = run("deliveries", "--db", db, "--reason", "invalid")
    assert "no e-mail address" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--folder DIR"),
        (("--smtp", "x"), "--from"),
        *(
            (("--smtp", place, "--from", "a@b.example"), f"--smtp {place} is no server: write HOST")
            for place in ("x:y", "x:0", "x:65536", ":25", ":")
        ),
        (("--smtp", "x", "--from", "nobody"), "no e-mail address"),
    ],
)
def test_what_is_missing_is_told(run, db, words, told):
    status, _, error = run("deliver", "--db", db, *words)
    assert status == 2
    assert told in error


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"secret\xe9", "word.txt is not in UTF-8: save it so"),
        ("secreté".encode(), "user and password must be in ASCII"),
    ],
)
def test_a_password_that_cannot_be_read_is_told_as_that(run, db, tmp_path, content, told):
    (tmp_path / "word.txt").write_bytes(content)
    words = ("--smtp", "127.0.0.1:1", "--from", "a@x.example", "--login", "ida")
    status, out, err = run("deliver", *words, "--password-file", tmp_path / "word.txt", "--db", db)
    assert (status, out, err.count("\n"), told in err) == (2, "", 1, True)


def test_a_mark_at_the_begin_of_a_file_is_no_letter_of_the_password(run, db, tmp_path):
    """It is none in ASCII, and the whole password was refused."""
    (tmp_path / "word.txt").write_bytes(b"\xef\xbb\xbfsecret\r\n")
    words = ("--smtp", "127.0.0.1:1", "--from", "a@x.example", "--login", "ida")
    status, out, _ = run("deliver", *words, "--password-file", tmp_path / "word.txt", "--db", db)
    assert (status, "0 sent" in out) == (0, True)
