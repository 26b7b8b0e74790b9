"""The commands about consent and privacy."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import attrs
import pytest

import interactionlog as il
from company import add_person, log_interaction, set_up
from interactionlog.cli.main import main


@pytest.fixture
def run(tmp_path, capsys):
    """Run a command on a file with the person IDA1 and two entries; give its status and output."""
    file = tmp_path / "crm.db"
    clock = il.FixedClock("2026-01-26T09:30")
    with il.SqliteStore(file, clock=clock) as store, store.begin(user_id="TESTER") as work:
        set_up(work)
        add_person(work, "IDA1", name="Ida Moserin", e_mail="ida@moserin.example")
        for subject in ("first", "second"):
            log_interaction(work, "IDA1", subject=f"Ida wishes {subject}")

    def act(*arguments):
        status = main([*arguments, "--db", str(file), "--user", "helena"])
        said = capsys.readouterr()
        assert said.err == "" or status == 2
        return status, said.out or said.err

    act.file = file
    return act


def test_a_consent_is_recorded_and_shown(run):
    assert run("consent", "purpose", "news") == (0, "purpose NEWS needs opt-in\n")
    status, said = run(
        "consent",
        "record",
        "ida1",
        "given",
        "--purpose",
        "news",
        "--channel",
        "mail",
        "--source",
        "form",
        "--on",
        "2026-01-02",
    )
    assert (status, said) == (0, "consent of IDA1 is given from 2026-01-02 on\n")
    status, said = run("consent", "show", "IDA1", "--json")
    (fact,) = json.loads(said)
    assert (fact["channel"], fact["purpose_code"], fact["source"]) == ("MAIL", "NEWS", "form")
    assert run("consent", "suppress", "Ida@Moserin.example") == (
        0,
        "ida@moserin.example is suppressed\n",
    )
    status, said = run("consent", "record", "nobody", "refused")
    assert (status, "NOBODY" in said) == (2, True)


def test_what_is_held_about_a_person_is_told_and_written_as_a_page(run, tmp_path):
    status, said = run("privacy", "report", "ida1", "--json")
    assert (status, len(json.loads(said)["tables"]["log_entry"])) == (0, 2)
    page = tmp_path / "ida.html"
    assert run("privacy", "report", "ida1", "--html", str(page)) == (0, f"{page} is written\n")
    assert "Ida wishes second" in page.read_text(encoding="utf-8")
    assert run("privacy", "report", "ida1", "--html", str(page))[0] == 2  # it is not overwritten


def test_a_report_holds_nothing_that_steers_a_terminal_and_is_written_whole_or_not(run, tmp_path):
    with il.SqliteStore(run.file) as store, store.begin(user_id="TESTER") as work:
        work.contacts.put(attrs.evolve(work.contacts.get("IDA1"), city="Bozen \u202e"))
    _, said = run("privacy", "report", "ida1", "--json")
    assert said.replace("\n", "").isprintable()
    assert json.loads(said)["tables"]["contact"][0]["city"] == "Bozen \u202e"
    page = tmp_path / "ida.html"
    page.symlink_to(tmp_path / "elsewhere.html")
    status, said = run("privacy", "report", "ida1", "--html", str(page))
    assert (status, f"{page} exists: give a name that does not" in said) == (2, True)
    assert not (tmp_path / "elsewhere.html").exists()


def test_after_an_erasure_no_byte_of_the_person_is_in_the_file(run):
    def told():
        files = [each for each in run.file.parent.iterdir() if each.name.startswith("crm.db")]
        content = b"".join(each.read_bytes() for each in files).lower()
        return [text for text in (b"ida1", b"moserin", b"ida wishes") if text in content]

    assert told() == [b"ida1", b"moserin", b"ida wishes"]
    status, said = run("privacy", "erase", "IDA1", "--reason", "asked by letter")
    assert (status, said) == (0, "erasure 1: 3 records\n")
    assert told() == []


def test_what_is_old_is_counted_and_then_erased(run):
    options = ("privacy", "retain", "--before", "2026-02-01", "--template", "t1")
    assert run(*options) == (0, "2 entries would be erased: --erase does it\n")
    assert run(*options, "--erase")[0] == 2  # it needs a reason
    assert run(*options, "--erase", "--reason", "old")[1] == "erasure 1: 2 records\n"
    assert run(*options)[1].startswith("0 entries")
    for wanted in ((), ("--erase", "--reason", "old")):
        status, said = run(*options, "--template", "T1 OLD", *wanted)
        assert (status, "T1 OLD does not exist" in said) == (2, True)


def test_a_sealed_log_shows_what_was_changed(run):
    status, said = run("seal")
    assert (status, said.startswith("seal 1: 2 entries, ")) == (0, True)
    assert run("seal") == (0, "nothing new\n")
    assert run("verify") == (0, "2 entries, 1 seal, 0 not sealed yet, 0 erased\n")
    with closing(sqlite3.connect(run.file, isolation_level=None)) as rival:
        rival.execute("UPDATE interactionlog_log_entry SET subject = 'x' WHERE entry_no = 2")
    assert run("verify")[1].splitlines()[0] == "entry 2: changed"
    status, said = run("verify", "--json", "--digest", "0" * 64)
    assert (status, json.loads(said)["found"]["counts"]) == (1, {"changed": 1, "seal": 1})
