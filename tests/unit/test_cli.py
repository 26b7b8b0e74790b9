"""The command: what it prints, and its exit status."""

from __future__ import annotations

import builtins
import io
import json
import re
import runpy
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import click
import pytest

import postgres
from cronus import cronus_folder
from interactionlog.adapters.host import HostStore
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.cli import main as cli
from interactionlog.cli import program
from interactionlog.cli.main import main
from interactionlog.clock import FixedClock
from interactionlog.interactions.entry import LogComment
from interactionlog.interactions.service import InteractionService
from interactionlog.segments.service import SegmentService
from interactionlog.testing import a_comment, a_contact, a_person, add_segment

DEMO_TABLES = Path(cli.__file__).parent / "demo_data"


@contextmanager
def changing(path):
    """Open a unit of work on the file, at a fixed time."""
    clock = FixedClock("2026-01-26T09:30")
    with SqliteStore(path, clock=clock) as store, store.begin(user_id="TESTER") as work:
        yield work


@pytest.fixture
def db(tmp_path):
    """Give a file with an open segment S1 of three lines, one of them without a contact."""
    path = tmp_path / "crm.db"
    with changing(path) as work:
        work.contacts.put(a_person("P1"))
        add_segment(work, "S1", ["P1", None, "C2"])
    return path


@pytest.fixture
def run(capsys):
    """Call the command; return status, standard output and standard error."""

    def call(*words: object) -> tuple[int, str, str]:
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def read(run):
    """Call the command with ``--json``, which must succeed, and return what it prints."""

    def call(*words: object) -> object:
        status, out, err = run(*words, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return call


def content(path):
    """Return every row of every table, to compare."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        return list(connection.iterdump()), tables


def test_the_demo_shows_a_segment_from_beginning_to_end(run, tmp_path):
    path = tmp_path / "demo.db"
    status, out, err = run("demo", "--db", path)
    assert (status, err) == (0, "")
    for told in (
        "segment SEG0001: 9 customers, less 1 in NO-EVENTS, and C031 by hand",
        "segment SEG0001 would give 9 entries, cost 21.6, 45 minutes",
        "segment SEG0001 is logged segment 1: 9 entries, from 1 to 9",
        "follow-up segment SEG0002 with 9 lines",
        "by Jon",
        "interactions by month",
        f"everything is in {path}",
    ):
        assert told in out
    assert run("check", "--db", path)[:2] == (0, "0 broken, 0 notices\n")


def test_the_demo_and_a_completion_are_one_json_document_as_well(run, tmp_path):
    path = tmp_path / "demo.db"
    status, out, err = run("demo", "--db", path, "--json")
    assert (status, json.loads(out), err) == (0, {"db": str(path), "segment": "SEG0001"}, "")
    assert run("check", "--db", path)[:2] == (0, "0 broken, 0 notices\n")
    script = run("completion", "bash")[1]
    status, out, err = run("completion", "bash", "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == {"shell": "bash", "script": script.removesuffix("\n")}


def test_the_demo_never_writes_into_a_file_that_is_there(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "everything is in interactionlog-demo.db" in run("demo")[1]
    assert "everything is in interactionlog-demo1.db" in run("demo")[1]
    assert run("demo", "--db", "interactionlog-demo.db") == (
        2,
        "",
        "interactionlog: interactionlog-demo.db exists: give --db a file that does not\n",
    )


@pytest.mark.postgresql
@pytest.mark.skipif(not postgres.WANTED, reason=postgres.HOW_TO_START)
def test_the_demo_never_writes_into_tables_that_are_there(run, read, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with postgres.temporary_database("demo") as dsn:
        assert run("demo", "--db", dsn)[0] == 0  # there were none
        before = read("segment", "list", "--db", dsn)
        for words in ((), ("--tenant", "OTHER")):
            status, out, err = run("demo", "--db", dsn, *words)
            assert (status, out) == (2, "")
            assert "the database holds tables of ours already: give --db another" in err
        assert read("segment", "list", "--db", dsn) == before


def test_import_says_what_it_took_and_a_second_time_changes_nothing(run, read, tmp_path):
    path = tmp_path / "crm.db"
    status, out, err = run("import", DEMO_TABLES, "--db", path)
    assert (status, err) == (0, "")
    assert re.search(r"contacts.csv +12 +0 +0 +0$", out, re.MULTILINE)
    assert "11 tables, 32 changes, 0 notices" in out
    again = read("import", DEMO_TABLES, "--db", path)
    assert (again["changes"], again["unchanged"], again["notices"]) == (0, 32, [])
    assert again["tables"]["contacts.csv"]["unchanged"] == 12


def test_import_lists_the_first_twenty_problems_and_imports_nothing(run, tmp_path):
    (tmp_path / "contacts.csv").write_text("No.,Type\n" + "C1,Firm\n" * 25, encoding="utf-8")
    path = tmp_path / "crm.db"
    status, out, err = run("import", tmp_path, "--db", path)
    assert (status, out) == (2, "")
    first, *problems, last = err.splitlines()
    assert first == f"interactionlog: nothing was imported from {tmp_path}, 25 problems"
    assert problems[0].startswith("  contacts.csv, line 2, column Type: must be one of Company")
    assert (len(problems), last) == (20, "  and 5 more")
    with SqliteStore(path) as store, store.read() as work:
        assert work.contacts.all() == []


def test_import_shows_notices(run, tmp_path):
    (tmp_path / "salespeople.csv").write_text("Code,Commission %\nSP,5\n", encoding="utf-8")
    out = run("import", tmp_path, "--db", tmp_path / "crm.db")[1]
    assert "notice: salespeople.csv, column Commission %: is not known and was left out" in out
    assert "1 table, 1 change, 1 notice" in out


def test_import_of_no_folder_makes_no_file(run, tmp_path):
    status, _, err = run("import", tmp_path / "nowhere", "--db", tmp_path / "crm.db")
    assert (status, err.count("\n")) == (2, 1)
    assert "does not exist" in err
    assert not (tmp_path / "crm.db").exists()


def test_segments_are_listed_open_ones_first(run, read, db):
    run("segment", "log", "S1", "--db", db)
    with changing(db) as work:
        add_segment(work, "S2", ["P1"])
    assert read("segment", "list", "--db", db) == [
        {
            "no": "S2",
            "description": "Segment S2",
            "date": "2026-01-26",
            "state": "open",
            "lines": 1,
        },
        {
            "no": "S1",
            "description": "Segment S1",
            "date": "2026-01-26",
            "state": "complete",
            "lines": 2,
        },
    ]
    assert run("segment", "list", "--db", db)[1].splitlines() == [
        "No.  Description  Date        State     Lines",
        "S2   Segment S2   2026-01-26  open          1",
        "S1   Segment S1   2026-01-26  complete      2",
    ]


def test_an_open_segment_is_shown_with_figures_steps_and_lines(run, read, db):
    shown = read("segment", "show", "s1", "--db", db, "--limit", 2)
    assert shown["segment"]["description"] == "Segment S1"
    assert (shown["lines"], shown["with_contact"]) == (3, 2)
    assert [line["contact_no"] for line in shown["first_lines"]] == ["P1", None]
    out = run("segment", "show", "S1", "--db", db)[1]
    assert re.search(r"Salesperson +HR$", out, re.MULTILINE)
    assert "10000  P1       Person P1" in out


def test_a_logged_segment_is_shown_as_it_was_logged(run, read, db):
    run("segment", "log", "S1", "--db", db)
    shown = read("segment", "show", "s1", "--db", db)["logged_segment"]
    assert (shown["state"], shown["counts"]["leave-out"]) == ("complete", 1)
    assert shown["header"]["no"] == "S1"
    assert "no contact" in run("segment", "show", "S1", "--db", db)[1]


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(run, read, db):
    before = content(db)
    plan = read("segment", "log", "S1", "--db", db, "--dry-run")
    assert (plan["dry_run"], plan["logged"], plan["left_out"]) == (True, 2, 1)
    assert plan["findings"] == [
        {"line_no": 20_000, "decision": "leave-out", "reasons": ["no-contact"]}
    ]
    status, out, _ = run("segment", "log", "S1", "--db", db, "--dry-run")
    assert status == 0
    assert "segment S1 would give 2 entries" in out
    assert "20000  leave out  no contact" in out
    assert content(db) == before


def test_logging_reports_entries_and_the_segment_that_follows_up(run, read, tmp_path):
    path = tmp_path / "crm.db"
    run("import", DEMO_TABLES, "--db", path)
    with changing(path) as work:
        add_segment(work, "S1", ["C002", "C003"])
    assert read("segment", "log", "S1", "--db", path, "--follow-up", "--user", "mira") == {
        "segment": "S1",
        "entries": 2,
        "logged_segment": 1,
        "first_entry_no": 1,
        "last_entry_no": 2,
        "counts": {"log": 2},
        "follow_up": {"segment": "SEG0001", "lines": 2},
    }
    (entry,) = read("timeline", "C002", "--db", path)
    assert entry["user_id"] == "MIRA"


def test_logging_without_follow_up_says_so(run, read, db):
    assert read("segment", "log", "S1", "--db", db)["follow_up"] is None
    assert run("segment", "log", "S1", "--db", db) == (
        2,
        "",
        "interactionlog: segment S1 was logged before, as logged segment 1\n",
    )


def test_a_follow_up_without_a_series_is_refused_and_nothing_is_logged(run, db):
    before = content(db)
    status, _, err = run("segment", "log", "S1", "--db", db, "--follow-up")
    assert (status, err.count("\n")) == (2, 1)
    assert "setup field segment_nos must be filled" in err
    assert content(db) == before


def test_problems_of_lines_are_listed(run, db):
    with changing(db) as work:
        work.salespeople.remove("HR")
    status, out, err = run("segment", "log", "S1", "--db", db)
    assert (status, out) == (2, "")
    first, *problems = err.splitlines()
    assert first == "interactionlog: segment S1: nothing was done, 2 problems"
    assert [problem.split(":")[0] for problem in problems] == ["  line 10000", "  line 30000"]


def test_a_timeline_has_the_titles_of_its_entries(run, read, db):
    run("segment", "log", "S1", "--db", db)
    (entry,) = read("timeline", "p1", "--db", db)
    assert (entry["contact_no"], entry["date"], entry["cost_lcy"]) == ("P1", "2026-01-26", "0")
    assert entry["canceled"] is False
    captions, row = run("timeline", "P1", "--db", db)[1].splitlines()
    assert captions.split()[:3] == ["Date", "Entry", "Contact"]
    assert row.startswith("2026-01-26  ")


def test_postponed_interactions_are_listed(read, run, db):
    with changing(db) as work:
        draft = InteractionService(work).start("P1")
        InteractionService(work).postpone(draft)
    (entry,) = read("postponed", "--db", db)
    assert (entry["contact_no"], entry["postponed"]) == ("P1", True)
    assert read("timeline", "P1", "--db", db) == []
    assert "P1" in run("postponed", "--db", db)[1]


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("template", "LETTER"),
        ("salesperson", "HR"),
        ("campaign", None),
        ("group", "LETTERS"),
        ("month", "2026-01"),
        ("segment", "S1"),
    ],
)
def test_statistics_are_split(run, read, db, by, key):
    run("segment", "log", "S1", "--db", db)
    (row,) = read("stats", "--by", by, "--db", db)
    assert (row[by], row["interactions"], row["duration_min"]) == (key, 2, 0)
    assert (key or "") in run("stats", "--by", by, "--db", db)[1]


def test_statistics_of_contacts_and_without_a_split(read, run, db):
    run("segment", "log", "S1", "--db", db)
    assert [row["contact"] for row in read("stats", "--by", "contact", "--db", db)] == ["C2", "P1"]
    assert read("stats", "--db", db)[0]["template"] == "LETTER"


def test_check_ends_with_1_when_something_is_broken_and_with_0_otherwise(run, db):
    status, out, _ = run("check", "--db", db, "--json")
    assert (status, json.loads(out)) == (0, {"broken": [], "notices": []})
    with changing(db) as work:
        work.contacts.put(a_contact("C3", salesperson_code="GONE"))
    status, out, _ = run("check", "--db", db)
    assert status == 0
    assert out.startswith("notice: contact: 1 with salesperson_code GONE")
    with changing(db) as work:
        work.records(LogComment).put(a_comment(9))
    status, out, _ = run("check", "--db", db)
    assert status == 1
    assert "broken: log comment: 1 with entry_no 9, but log entry 9 does not exist" in out
    assert out.endswith("1 broken, 1 notice\n")
    status, out, _ = run("check", "--db", db, "--json")
    assert status == 1
    assert [each["code"] for each in json.loads(out)["broken"]] == ["orphan"]


@pytest.mark.parametrize(
    "words",
    [
        ("segment", "list"),
        ("segment", "show", "S1"),
        ("segment", "log", "S1"),
        ("segment", "log", "S1", "--dry-run"),
        ("timeline", "P1"),
        ("postponed",),
        ("stats",),
        ("check",),
    ],
)
def test_a_file_that_is_not_there_is_an_error_and_is_not_made(run, tmp_path, words):
    path = tmp_path / "none.db"
    status, out, err = run(*words, "--db", path)
    assert (status, out) == (2, "")
    assert err == f"interactionlog: {path} does not exist: interactionlog import makes it\n"
    assert not path.exists()


@pytest.mark.parametrize("made", [None, "CREATE TABLE customer (no TEXT)"])
@pytest.mark.parametrize("words", [("check",), ("stats",), ("segment", "log", "S1"), ("seal",)])
def test_a_file_that_is_empty_or_another_programs_is_not_sound_and_stays_as_it_is(
    run, tmp_path, words, made
):
    path = tmp_path / "other #1.db"
    path.touch()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(made or "SELECT 1")
    before = path.read_bytes()
    status, out, err = run(*words, "--db", path)
    assert (status, out) == (2, "")
    assert (
        err == f"interactionlog: {path} holds no tables of ours: interactionlog import makes them\n"
    )
    assert path.read_bytes() == before


def test_a_file_whose_schema_cannot_be_decoded_is_damaged_and_no_fault_of_the_program(
    run, tmp_path
):
    path = tmp_path / "crm.db"
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    raw, said = path.read_bytes(), []
    for number, at in enumerate(found.start() for found in re.finditer(b"interactionlog_", raw)):
        if number % 10 == 0:
            path.write_bytes(raw[:at] + b"\xa4" * 15 + raw[at + 15 :])
            status, _, err = run("check", "--db", path)
            assert "fault of the program" not in err
            said.append("is damaged" in err and status == 2)
    assert any(said)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "give a command: see --help"),
        (("segment",), "segment: give a command: see --help"),
        (("segment", "fly"), "segment: No such command 'fly'"),
        (("segment", "show"), "segment show: Missing argument 'NO'"),
        (("stats", "--by", "moon"), "stats: Invalid value for '--by': 'moon' is not one of"),
        (("timeline", "P1", "--limit", "0"), "timeline: Invalid value for '--limit': 0 is not"),
        (("stats",), "say where the records are: --db FILE, or db in interactionlog.toml"),
        (("timeline", "C9", "--db", "DB"), "contact C9 does not exist"),
        (("segment", "show", "S9", "--db", "DB"), "segment S9 does not exist"),
        (("segment", "log", "S9", "--db", "DB"), "segment S9 does not exist"),
        (("segment", "log", "S1", "--db", "DB", "--user", "x" * 51), "user_id must have 1 to 50"),
    ],
)
def test_an_error_is_one_clear_line_and_status_2(run, db, words, text):
    status, out, err = run(*(db if word == "DB" else word for word in words))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("interactionlog: ")
    assert text in err


def test_a_file_that_is_no_database_is_an_error(run, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 100, encoding="utf-8")
    status, _, err = run("check", "--db", path)
    assert (status, err.count("\n")) == (2, 1)


def test_help_is_no_error(run):
    status, out, _ = run("segment", "log", "--help")
    assert status == 0
    assert "--follow-up" in out


def test_a_tenant_sees_its_own_only(run, read, db):
    assert read("segment", "list", "--db", db, "--tenant", "OTHER") == []
    assert len(read("segment", "list", "--db", db)) == 1


def test_a_system_without_a_name_for_the_user_is_no_error(run, read, db, monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    run("segment", "log", "S1", "--db", db)
    (entry,) = read("timeline", "P1", "--db", db)
    assert entry["user_id"] == "UNKNOWN"


def test_a_reader_that_has_seen_enough_is_no_error(run, db, monkeypatch):
    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(builtins, "print", closed)
    monkeypatch.setattr(cli.os, "dup2", lambda *_: None)
    monkeypatch.setattr(sys.stdout, "fileno", lambda: 1, raising=False)
    assert main(["segment", "list", "--db", str(db)]) == 0


def test_only_a_terminal_gets_colours(run, db, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" not in run("segment", "list", "--db", db)[1]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "\x1b[1m" in run("segment", "list", "--db", db)[1]


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_its_extra_the_command_names_it(missing):
    script = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from interactionlog.cli.main import main; sys.exit(main(['demo']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "pip install 'interactionlog[cli]'" in done.stderr


def test_a_table_fits_into_80_columns_with_numbers_to_the_right_and_dates_whole(run, db):
    with changing(db) as work:
        add_segment(work, "S2", ["P1"])
        work.segments.set("S2", description="A long description of many words " * 3)
    out = run("segment", "list", "--db", db)[1]
    assert max(map(len, out.splitlines())) <= 80
    assert re.search(r"2026-01-26  open +3$", out, re.MULTILINE)


def test_columns_without_a_value_are_left_out(run, db):
    run("segment", "log", "S1", "--db", db)
    captions = run("timeline", "P1", "--db", db)[1].splitlines()[0]
    assert "Evaluation" not in captions
    assert "Canceled" not in captions


def test_characters_that_steer_a_terminal_are_shown_as_text(run, read, db):
    with closing(sqlite3.connect(db)) as damaged, damaged:
        told = ("red \x1b[31m \x9b1m \u202eback",)
        damaged.execute("UPDATE interactionlog_segment SET description = ?", told)
    out = run("segment", "show", "S1", "--db", db)[1]
    assert r"red \x1b[31m \x9b1m \u202eback" in out
    printed = run("segment", "show", "S1", "--db", db, "--json")[1]
    assert printed.replace("\n", "").isprintable()
    shown = json.loads(printed)["segment"]
    assert shown["description"] == "red \x1b[31m \x9b1m \u202eback"
    refused = run("segment", "show", "\x1b[31m", "--db", db)
    assert (refused[0], refused[2].replace("\n", "").isprintable()) == (2, True)


def test_the_configuration_file_names_database_tenant_and_user(run, tmp_path, db, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("interactionlog.toml").write_text('db = "crm.db"\nuser = "mira"\n', encoding="utf-8")
    assert run("segment", "log", "S1")[0] == 0
    entry = json.loads(run("timeline", "P1", "--json")[1])[0]
    assert entry["user_id"] == "MIRA"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert run("timeline", "P1", "--config", tmp_path / "interactionlog.toml")[0] == 0
    assert run("timeline", "P1", "--config", "none.toml")[0] == 2


@pytest.mark.parametrize(
    "text", ["db = 1", "database = 'crm.db'", "db", "\udcff", "db = '~nobody-here/crm.db'"]
)
def test_a_configuration_that_is_not_known_is_an_error(run, tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    file = Path("interactionlog.toml")
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    status, out, err = run("stats")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "interactionlog.toml" in err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(run, shell, monkeypatch):
    status, out, _ = run("completion", shell)
    assert status == 0
    assert "_INTERACTIONLOG_COMPLETE" in out
    monkeypatch.setenv("_INTERACTIONLOG_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", "interactionlog segment lo")
    monkeypatch.setenv("COMP_CWORD", "lo" if shell == "fish" else "2")
    assert "log" in run()[1]


def test_conditions_choose_contacts_by_field_and_by_what_was_done_with_them(run, read, db):
    def found(*words):
        return sorted(row["no"] for row in read("contact", "list", "--db", db, *words))

    run("segment", "log", "S1", "--db", db)
    assert found() == ["C2", "P1"]
    assert found("--type", "person") == found("--where", "type=Person") == ["P1"]
    assert found("--where", "name~PERSON") == found("--where", "no!=C2") == ["P1"]
    assert found("--where", "no>=D") == found("--where", "name^pers") == ["P1"]
    assert found("--where", "salesperson_code=") == ["C2", "P1"]
    assert found("--where", "salesperson_code!=") == []
    assert found("--where", "privacy_blocked=no", "--where", "no<=D") == ["C2"]
    assert found("--interaction", "date>=2026-01-26") == ["C2", "P1"]
    assert found("--interaction", "evaluation=very positive") == []


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--where", "city"), "'city' is not a condition: write FIELD=VALUE"),
        (("--where", "moon=full"), "use address, city"),
        (("--where", "type=moon"), "'moon' is not one of company, person"),
        (("--where", "minor=perhaps"), "'perhaps' is neither yes nor no"),
        (("--interaction", "logged_segment_entry_no=x"), "'x' is not a valid integer"),
        (("--type", "moon"), "'moon' is not one of company, person"),
    ],
)
def test_a_condition_that_cannot_be_read_is_an_error(run, db, words, text):
    status, out, err = run("contact", "list", "--db", db, *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert text in err


def test_a_contact_is_added_changed_and_made_a_member(run, read, db):
    def call(*words):
        assert run("contact", *words, "--db", db)[0] == 0

    call("add", "c9", "--name", "Ninth", "--salesperson", "HR")
    call("add", "p9", "--name", "Nino", "--type", "person", "--company", "C9", "--privacy-blocked")
    call("change", "C9", "--name", "Nine", "--city", "Merano", "--not-exclude-from-segment")
    call("join", "C9", "mailing-group", "news")
    shown = read("contact", "show", "c9", "--db", db)
    assert (shown["contact"]["name"], shown["contact"]["city"]) == ("Nine", "Merano")
    assert shown["contact"]["salesperson_code"] == "HR"
    assert [each["code"] for each in shown["memberships"]] == ["NEWS"]
    assert read("contact", "show", "p9", "--db", db)["contact"]["privacy_blocked"] is True
    call("join", "C9", "mailing-group", "news", "--leave")
    assert read("contact", "show", "c9", "--db", db)["memberships"] == []
    before = content(db)
    assert "exists already" in run("contact", "add", "c9", "--name", "Nine", "--db", db)[2]
    assert (
        run(
            "contact", "add", "p8", "--name", "P", "--type", "person", "--company", "C8", "--db", db
        )[0]
        == 2
    )
    assert content(db) == before


def test_values_of_dates_and_times_are_iso(run, read, db):
    given = ("--date", "2026-02-01", "--time", "09:15", "--cost", "1.25", "--not-campaign-target")
    shown = read("interaction", "start", "P1", *given, "--db", db)["interaction"]
    assert (shown["date"], shown["time_of_interaction"]) == ("2026-02-01", "09:15:00")
    assert (shown["cost_lcy"], shown["campaign_target"]) == ("1.25", False)
    told = run("interaction", "start", "P1", "--date", "1.2.2026", "--db", db)[2]
    assert "'1.2.2026' is not written as YYYY-MM-DD" in told
    told = run("stats", "--since", "2026-02-30", "--db", db)[2]
    assert "'2026-02-30' is no day or time that there is" in told


def test_an_interaction_is_finished_with_a_contact_or_a_postponed_one(run, db):
    for words in ((), ("P1", "--entry", "1")):
        status, _, err = run("interaction", "finish", *words, "--db", db)
        assert (status, err.count("\n")) == (2, 1)
        assert "give the number of a contact, or --entry" in err


def test_entries_are_canceled_and_live_again(run, read, db):
    run("segment", "log", "S1", "--db", db)
    assert run("interaction", "cancel", 1, 2, "--db", db)[1] == "canceled: entry 1, 2\n"
    assert [row["canceled"] for row in read("interaction", "list", "--db", db)] == [True, True]
    assert run("interaction", "uncancel", 2, "--db", db)[1] == "live again: entry 2\n"
    assert len(read("interaction", "list", "--canceled", "--db", db)) == 1


def test_a_segment_is_logged_as_it_was_planned_by_its_policy(run, read, db):
    refused = run("segment", "log", "S1", "--on-no-contact", "refuse", "--db", db)
    assert "line 20000: has no contact" in refused[2]
    assert read("segment", "plan", "S1", "--on-no-contact", "refuse", "--db", db)["refused"] == 1
    token = read("segment", "plan", "S1", "--db", db)["token"]
    run("segment", "remove", "S1", 20_000, "--db", db)
    assert "plan" in run("segment", "log", "S1", "--plan", token, "--db", db)[2]
    token = read("segment", "plan", "S1", "--db", db)["token"]
    assert run("segment", "log", "S1", "--plan", token, "--db", db)[0] == 0
    assert run("logged", "cancel", 1, "--db", db)[1] == "logged segment 1 is canceled\n"
    assert run("logged", "cancel", 1, "--undo", "--db", db)[1] == "logged segment 1 is live again\n"


def test_who_was_left_out_is_listed_with_the_reason(run, read, db):
    run("segment", "log", "S1", "--db", db)
    found = read("segment", "left-out", "S1", "--db", db)
    assert (found["lines"][0]["reasons"], found["never_selected"]) == (["no-contact"], {})
    assert "20000  no contact" in run("segment", "left-out", "S1", "--db", db)[1]
    assert run("segment", "left-out", "S9", "--db", db)[0] == 2


def test_who_would_be_left_out_is_told_behind_a_thousand_lines_with_warnings(run, db):
    with changing(db) as work:
        add_segment(work, "S2", ["C1"] * 1_011 + [None, "C9"])
        work.contacts.put(a_contact("C9", privacy_blocked=True))
    left_out = run("segment", "left-out", "S2", "--db", db)[1]
    assert left_out.splitlines()[1:] == [
        "10120000           no contact",
        "10130000  C9       privacy blocked",
    ]
    explained = run("segment", "explain", "S2", "C9", "--db", db)[1]
    assert "when line 10130000 is logged: leave out: privacy blocked\n" in explained
    planned = run("segment", "plan", "S2", "--db", db)[1]
    assert "and 992 more: --json lists the first 1,000 lines\n" in planned
    assert run("segment", "log", "S2", "--db", db)[0] == 0
    assert run("segment", "left-out", "S2", "--db", db)[1] == left_out


def test_an_explanation_says_findings_in_the_words_of_other_commands(run, db, tmp_path):
    with changing(db) as work:
        add_segment(work, "S2", ["C1", "C9", "C1"])
        work.contacts.put(a_contact("C9", exclude_from_segment=True))
    config = tmp_path / "it.toml"
    config.write_text(f'db = "{db}"\nlanguage = "it"', encoding="utf-8")
    run("segment", "log", "S2", "--on-excluded", "leave-out", "--db", db)
    for why, options in (
        ("excluded from segments", ("--db", db)),
        ("escluso dai segmenti", ("--config", config)),
    ):
        assert why in run("segment", "left-out", "S2", *options)[1]
        explained = run("segment", "explain", "S2", "C9", *options)[1]
        assert explained.startswith(f"contact C9: left out: {why}\n")


@pytest.mark.parametrize("lines", [49, 51])
def test_a_segment_with_more_lines_than_are_shown_says_so(run, db, lines):
    with changing(db) as work:
        add_segment(work, "S2", ["C1"] * lines)
    told = run("segment", "show", "S2", "--db", db)[2]
    assert told == ("the first 50 rows are shown: --limit N shows more\n" if lines > 50 else "")
    assert run("segment", "show", "S2", "--json", "--db", db)[2] == ""


def test_figures_are_split_by_one_or_two_things(run, read, db):
    run("segment", "log", "S1", "--db", db)
    rows = read("stats", "--by", "contact", "--by", "month", "--db", db)
    assert [(row["month"], row["contact"], row["name"]) for row in rows] == [
        ("2026-01", "C2", "Contact C2"),
        ("2026-01", "P1", "Person P1"),
    ]
    rows = read("stats", "--by", "salesperson", "--by", "template", "--db", db)
    assert [(row["salesperson"], row["interactions"]) for row in rows] == [("HR", 2)]
    for words in (("month", "month"), ("month", "contact", "group")):
        by = [word for each in words for word in ("--by", each)]
        assert "one or two different things" in run("stats", *by, "--db", db)[2]


@pytest.mark.parametrize(
    "text",
    ['db = ""', 'db = "crm.db"\nuser = " "', 'db = "crm.db"\nlanguage = "de"'],
    ids=["blank-db", "blank-user", "language"],
)
def test_a_value_of_the_configuration_that_means_nothing_is_an_error(
    run, tmp_path, monkeypatch, text
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "interactionlog.toml").write_text(text, encoding="utf-8")
    status, out, err = run("stats")
    key = text.splitlines()[-1].partition(" ")[0]
    assert (status, out) == (2, "")
    assert err.startswith(f"interactionlog: interactionlog.toml, {key}: must ")


def test_a_configuration_may_begin_with_a_mark_and_name_the_home_folder(
    run, tmp_path, db, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in (f'db = "{db}"', f'db = "~/{db.relative_to(tmp_path)}"'):
        (tmp_path / "own.toml").write_text(text, encoding="utf-8-sig")
        assert run("stats", "--config", tmp_path / "own.toml")[0] == 0


@pytest.mark.parametrize("given", [[], ["--json"]])
def test_an_output_that_takes_nothing_is_one_line_and_no_traceback(db, given):
    command = [sys.executable, "-m", "interactionlog", "contact", "list", "--db", str(db), *given]
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (told.returncode, told.stderr) == (2, b"interactionlog: No space left on device\n")


@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2)])
@pytest.mark.parametrize(("no", "status"), [("P1", 0), ("C999", 2)])
def test_closed_streams_take_what_is_said_and_the_status_is_right(db, closed, no, status):
    command = [sys.executable, "-m", "interactionlog", "contact", "show", no, "--db", str(db)]
    told = subprocess.run(  # noqa: S602
        " ".join([shlex.join(command), *(f"{each}>&-" for each in closed)]),
        shell=True,
        capture_output=True,
        check=False,
    )
    assert told.returncode == status
    assert (told.stdout != b"", told.stderr != b"") == (
        1 not in closed and status == 0,
        2 not in closed and status == 2,
    )


def test_labels_are_in_the_language_of_the_configuration(run, db, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = Path("interactionlog.toml")
    file.write_text('db = "crm.db"\nlanguage = "it"\n', encoding="utf-8")
    assert "società" in run("contact", "list")[1]
    assert "tralasciare  senza contatto" in run("segment", "plan", "S1")[1]


def test_numbers_are_drawn_looked_at_and_their_gaps_explained(run, read, tmp_path):
    path = tmp_path / "crm.db"
    run("import", DEMO_TABLES, "--db", path)
    assert run("series", "peek", "SEG", "--db", path)[1] == "SEG0001\n"
    assert run("series", "next", "seg", "--db", path)[1] == "SEG0001\n"
    assert read("series", "list", "--db", path)[0]["last_used"] == "SEG0001"
    assert read("series", "gaps", "SEG", "--db", path) == []
    void = ("series", "void", "seg", "SEG0001", "--reason", "misprinted", "--db", path)
    assert run(*void)[1] == "void: SEG0001\n"
    assert "misprinted" in run("series", "gaps", "SEG", "--db", path)[1]
    assert run(*void)[0] == 2
    assert run("campaign", "create", "Autumn", "--db", path)[0] == 2
    assert run("campaign", "create", "Autumn", "--no", "AUT", "--db", path)[0] == 0
    assert run("campaign", "change", "AUT", "--salesperson", "JON", "--db", path)[0] == 0
    assert len(read("campaign", "list", "--db", path)) == 2
    assert read("campaign", "show", "AUT", "--db", path)["campaign"]["salesperson_code"] == "JON"
    assert "has no target" in run("campaign", "activate", "AUT", "--db", path)[2]
    assert read("campaign", "activate", "AUT", "--off", "--db", path)["targets"] == 0


def test_every_help_fits_into_80_columns(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for name in program.program.list_commands(None):
        module = program.program.get_command(None, name)
        verbs = [[verb] for verb in module.commands] if isinstance(module, click.Group) else [[]]
        for verb in verbs:
            status, out, _ = run(name, *verb, "--help")
            assert status == 0
            assert max(map(len, out.splitlines())) <= 80, (name, verb)


def test_a_fault_of_the_program_is_one_line_without_a_traceback(run, db, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no\nnumber")

    monkeypatch.setattr("interactionlog.cli.commands.store.check_integrity", broken)
    told = "interactionlog: a fault of the program, ZeroDivisionError: no\n"
    assert run("check", "--db", db) == (2, "", told)


@pytest.mark.parametrize("module", ["sqlite3", "psycopg", "psycopg2", "django.db"])
def test_what_a_driver_says_is_no_fault_of_the_program(run, db, monkeypatch, module):
    """A host that hands over its connection may use another driver than the stores do."""
    kind = type("OperationalError", (Exception,), {"__module__": module})

    def refused(*_: object) -> None:
        raise kind("the server is not there\nin its own words")

    monkeypatch.setattr("interactionlog.cli.commands.store.check_integrity", refused)
    assert run("check", "--db", db) == (2, "", "interactionlog: the server is not there\n")


@pytest.mark.postgresql
@pytest.mark.skipif(not postgres.WANTED, reason=postgres.HOW_TO_START)
def test_the_database_may_be_on_a_postgresql_server(run, read):
    with postgres.temporary_database("command") as place:
        told = "the database holds no tables of ours: interactionlog import makes them"
        for words in (("contact", "list"), ("check",), ("segment", "log", "S1")):
            assert run(*words, "--db", place) == (2, "", f"interactionlog: {told}\n")
        assert read("import", DEMO_TABLES, "--dry-run", "--db", place)["changes"] == 32
        assert "holds no tables" in run("check", "--db", place)[2]
        assert read("import", DEMO_TABLES, "--db", place)["changes"] == 32
        assert read("segment", "list", "--db", place) == []
        assert run("check", "--db", place)[:2] == (0, "0 broken, 0 notices\n")
    status, out, err = run("check", "--db", place)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "does not exist" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check", "--dry-run"), "--dry-run says something only with --repair"),
        (
            ("deliver", "--folder", "out", "--login", "me"),
            "--login says something only with --smtp",
        ),
        (
            ("deliver", "--folder", "out", "--security", "tls"),
            "--security says something only with --smtp",
        ),
        (
            ("deliver", "--folder", "out", "--password-file", "x"),
            "--password-file says something only with --smtp",
        ),
        (
            ("export", "x.jsonl", "--log", "--segment", "S1"),
            "--segment and --log do not go together: give one of them",
        ),
        (
            ("segment", "log", "S1", "--dry-run", "--plan", "x"),
            "--dry-run and --plan do not go together: give one of them",
        ),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(run, db, words, told):
    before = content(db)
    assert run(*words, "--db", db) == (2, "", f"interactionlog: {told}\n")
    assert content(db) == before


def test_a_console_without_a_character_shows_another(tmp_path, monkeypatch):
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert main(["demo", "--db", str(tmp_path / "demo.db")]) == 0
    assert b"Hallgr?msson" in ascii_only.buffer.getvalue()


def test_an_interruption_leaves_nothing_and_no_traceback(run, db, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = content(db)
    monkeypatch.setattr("interactionlog.cli.commands.segments.SegmentLogger.log", interrupted)
    assert run("segment", "log", "S1", "--db", db) == (130, "", "")
    assert content(db) == before


def test_the_module_runs_the_command(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["interactionlog", "check", "--db", str(tmp_path / "no.db")])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("interactionlog", run_name="__main__")
    assert ended.value.code == 2
    assert "does not exist" in capsys.readouterr().err


def test_the_module_is_the_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "interactionlog", "stats", "--db", str(tmp_path / "none.db")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("interactionlog: ")
    assert "Traceback" not in done.stderr


def test_cronus_is_imported_logged_once_and_followed_up(run, read, tmp_path):
    path = tmp_path / "crm.db"
    folder = cronus_folder()
    status, out, _ = run("import", folder, "--db", path)
    assert status == 0
    assert "23 tables, " in out
    assert "this step of segment SM10001 was left out whole" in out
    assert "23 tables, 0 changes" in run("import", folder, "--db", path)[1]
    assert "incomplete" in run("segment", "log", "SM10001", "--db", path)[2]
    with changing(path) as work:
        SegmentService(work).change("SM10001", incomplete=False)
    logged = read("segment", "log", "SM10001", "--db", path, "--follow-up")
    assert (logged["entries"], logged["counts"]) == (162, {"log": 162})
    assert logged["follow_up"] == {"segment": "SM00001", "lines": 162}
    assert read("segment", "log", "SM10002", "--db", path)["entries"] == 4
    assert read("segment", "log", "SM10003", "--db", path)["entries"] == 13
    before = content(path)
    status, out, err = run("segment", "log", "SM10001", "--db", path, "--follow-up", "--json")
    reason = "segment SM10001 was logged before, as logged segment 1"
    assert (status, json.loads(out)) == (2, {"error": "segment-already-logged", "reason": reason})
    assert err == ""
    assert content(path) == before
    status, out, _ = run("check", "--db", path)
    assert status == 0
    assert "notice: template BUS has default language ENU without a row" in out
    assert read("import", folder, "--db", path)["changes"] == 0
    assert {row["campaign"] for row in read("stats", "--by", "campaign", "--db", path)} == {
        "CP1001",
        "CP1002",
        "CP1003",
    }


def test_the_tables_are_printed_as_statements(run, tmp_path):
    status, out, _ = run("schema", "--sql", "--prefix", "crm_")
    assert status == 0
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(out)
    connection.execute("BEGIN")
    assert HostStore(prefix="crm_").migrate(connection) == []
    connection.close()
    status, out, _ = run("schema", "--sql", "--dialect", "postgresql", "--schema", "crm")
    assert 'CREATE TABLE "crm".interactionlog_contact (' in out
    assert run("schema")[1].startswith("schema version 1")
    assert json.loads(run("schema", "--json")[1])["version"] == 1


def test_check_repairs_what_is_safe_and_says_it_first(tmp_path, capsys):
    path = tmp_path / "crm.db"
    with SqliteStore(path) as store, store.begin(user_id="TESTER") as work:
        work.attachments.put_content("0" * 64, 0, b"left over")
    assert main(["check", "--db", str(path), "--repair", "--dry-run"]) == 1
    assert "would be repaired: content 000" in capsys.readouterr().out
    assert main(["check", "--db", str(path), "--repair", "--user", "ANNA"]) == 0
    assert "repaired: content 000" in capsys.readouterr().out
    assert main(["check", "--db", str(path)]) == 0
