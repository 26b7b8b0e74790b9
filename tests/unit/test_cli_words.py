"""What the command says to somebody who never writes Python, of every command and wrong input."""

from __future__ import annotations

import builtins
import json
import re
import sqlite3
from contextlib import closing

import click
import pytest

import interactionlog as il
from interactionlog.cli import program
from interactionlog.cli.main import main
from interactionlog.cli.options import Member
from interactionlog.testing import a_contact

ABSENT = {
    "no": "NOPE", "contact": "NOPE", "code": "NOPE", "entry": "99", "entry_nos": "99", "entry_no": "99", "line": "99",
    "lines": "99", "segment": "NOPE", "evaluation": "positive", "outcome": "failed", "text": "x",
    "kind": "mailing-group", "first": "X1", "last": "X2", "answer": "given",
}  # fmt: skip
STEPS = {"segment add", "segment reduce", "segment refine"}
CHANGING = {"contact change", "campaign change", "segment change", "segment personalise"}
CREATING = {"contact add", "segment create", "campaign create", "consent purpose"}


def commands():
    """Give the path and the command of every leaf."""
    context = click.Context(program.program)

    def walk(command, path):
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                yield from walk(command.get_command(context, name), [*path, name])
        else:
            yield " ".join(path), command

    return list(walk(program.program, []))


def test_every_command_says_what_it_does_in_one_line_and_takes_json():
    for path, command in commands():
        assert command.get_short_help_str(200).endswith((".", ")")), path
        assert "as_json" in {option.name for option in command.params}, path


def arguments(command):
    return [each for each in command.params if isinstance(each, click.Argument)]


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Call the command in a folder with a configured database; return status, output, error."""
    monkeypatch.chdir(tmp_path)
    main(["demo", "--db", "crm.db"])
    (tmp_path / "interactionlog.toml").write_text('db = "crm.db"\n', encoding="utf-8")
    capsys.readouterr()

    def call(*words):
        return main([str(word) for word in words]), *capsys.readouterr()

    return call


def content():
    with closing(sqlite3.connect("crm.db")) as connection:
        return list(connection.iterdump())


def refused(run, *words, compare=True):
    """Return the one line that a refused command says; nothing is changed."""
    before = content() if compare else None
    status, out, err = run(*words)
    assert (status, out, err.count("\n")) == (2, "", 1), (words, out, err)
    assert before is None or content() == before, words
    return err.removeprefix("interactionlog: ").rstrip()


def needed(path, command):
    """Give the options that a command cannot do without."""
    given = {"--reason": "x", "--to": "page.html", "--before": "2026-01-01"}
    given |= {"--all-contacts": None} if path in STEPS else {}
    if path in CHANGING:
        given["--city" if "contact" in path else "--description"] = "x"
    found = [each.opts[0] for each in command.params if each.opts[0] in given]
    return [word for name in found for word in (name, given[name]) if word is not None]


def test_whatever_is_named_and_does_not_exist_is_said_to_be_missing(run):
    tried, before = 0, content()
    for path, command in commands():
        names = [each.name for each in arguments(command)]
        if path in CREATING or not names or not set(names) <= ABSENT.keys():
            continue
        given = [ABSENT[name] for name in names]
        told = refused(run, *path.split(), *given, *needed(path, command), compare=False)
        assert "does not exist" in told or "is not postponed" in told, (path, told)
        tried += 1
    assert tried > 40
    assert content() == before


def test_a_text_that_is_asked_for_must_not_be_blank(run):
    tried, before = 0, content()
    for path, command in commands():
        texts = [each for each in arguments(command) if each.type is click.STRING and each.required]
        for blank in ("", " \t") if texts and path not in {"import", "export"} else ():
            given = [
                blank if each in texts else ABSENT.get(each.name, "1")
                for each in arguments(command)
            ]
            told = refused(run, *path.split(), *given, *needed(path, command), compare=False)
            assert "must not be blank" in told, (path, told)
            tried += 1
    assert tried > 50
    assert content() == before
    for words in (("add", "K1"), ("add", "K1", "--name", " "), ("change", "C001", "--name", "")):
        assert "--name must not be blank" in refused(run, "contact", *words)


def test_a_change_of_nothing_is_refused(run):
    for words in (
        ("contact", "change", "C001"),
        ("campaign", "change", "OPENDAY"),
        ("segment", "change", "SEG0002"),
        ("segment", "change", "SEG0002", "--force"),
        ("segment", "personalise", "SEG0002", "10000"),
    ):
        assert refused(run, *words) == "say what to change: --help lists the options"


def test_an_amount_is_written_with_a_point(run):
    tried, before = 0, content()
    for path, command in commands():
        amounts = [each for each in command.params if each.type.name == "AMOUNT"]
        for option in amounts:
            words = [ABSENT.get(each.name, "x") for each in arguments(command)]
            told = refused(run, *path.split(), *words, option.opts[0], "1,50", compare=False)
            assert told.endswith("'1,50' is not an amount such as 12.50"), told
            tried += 1
    assert tried >= 7
    assert content() == before


EMPTYING = (
    {"interaction start", "interaction resume", "interaction finish", "interaction postpone"}
    | CHANGING
    | CREATING
)
"""A blank empties a field there."""


def test_a_blank_day_or_word_is_no_condition_that_everything_meets(run):
    tried, before = 0, content()
    for path, command in commands():
        for option in [] if path in EMPTYING else command.params:
            word = isinstance(option.type, Member)
            if not word and option.type.name not in {"YYYY-MM-DD", "HH:MM"}:
                continue
            if word and option.type.blank:  # those that were not evaluated
                assert path in {"segment follow-up", "logged contacts"}, path
                continue
            named = [] if isinstance(option, click.Argument) else [option.opts[0], ""]
            named += ["" if each is option else "1" for each in arguments(command)]
            told = refused(run, *path.split(), *named, compare=False)
            assert told.startswith(f"{path}: Invalid value for "), told
            assert "'' is not" in told, told
            tried += 1
    assert tried > 30
    assert content() == before


@pytest.mark.parametrize("condition", ["city^", "city~", "city>=", "city<=", "minor=", "minor!="])
def test_a_condition_without_a_value_says_what_it_needs(run, condition):
    told = refused(run, "contact", "list", "--where", condition)
    needed = "'' is neither yes nor no" if "minor" in condition else "write a value after"
    assert told.startswith(f"condition {condition}: {needed}")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ("segment", "plan", "SEG0002", "--on-no-consent", "log"),
            "No consent must be leave-out or refuse: log",
        ),
        (
            ("contact", "list", "--interaction", "date="),
            "condition date=: '' is not written as YYYY-MM-DD",
        ),
        (
            ("interaction", "finish", "C011", "--template", "CALL", "--minutes=-3"),
            "Minutes must be from 0 to 9223372036854775807: -3",
        ),
        (
            ("campaign", "create", "A", "--no", "A", "--starting-date", "2026-12-01",
             "--ending-date", "2026-01-01"),
            "Ending date must not be before 2026-12-01: 2026-01-01",
        ),
        (("contact", "add", "X" * 37, "--name", "X"), "No. must have 1 to 36 characters, has 37"),
        (
            ("privacy", "retain", "--before", "2027-01-01", "--erase"),
            "Reason must have 1 to 250 characters, has 0: ''",
        ),
        (("segment", "plan", "SEG0002", "--on-pressure", "often"), "TIMES/DAYS, such as 2/30"),
        (("contact", "change", "C001", "--salesperson", "GONE"), "salesperson GONE does not exist"),
        (("contact", "list", "--where", "Ort=Köln"), "'Ort' is not a field of a contact: use address"),
        (("contact", "list", "--db", "."), ". is a folder: name the file of a database"),
        (("contact", "list", "--db", ""), "say where the records are"),
        (("contact", "list", "--config", "gone.toml"), "gone.toml: No such file or directory"),
        (("contcat", "list"), "No such command 'contcat'. Did you mean 'contact'?"),
        (("completion",), "Choose from: bash, zsh, fish"),
    ],
)  # fmt: skip
def test_an_error_names_options_and_not_what_is_written_in_python(run, words, text):
    told = refused(run, *words)
    assert text in told
    for python in ("Service", "datetime", "Decimal", "Errno", "True", "False"):
        assert python not in told


def test_a_database_that_another_program_holds_is_said_to_be_in_use(run, monkeypatch):
    def locked(*_, **__):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(il.SqliteStore, "run", locked)
    assert refused(run, "contact", "add", "K1", "--name", "K") == (
        "the database is in use by another program: try again when that has ended"
    )


def test_an_interruption_while_the_command_is_loaded_leaves_no_traceback(monkeypatch, capsys):
    load = builtins.__import__

    def interrupted(name, *rest, **named):
        if name == "rich":
            raise KeyboardInterrupt
        return load(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", interrupted)
    assert (main(["check"]), *capsys.readouterr()) == (130, "", "")


def test_the_help_is_whole_and_speaks_of_options(run):
    for path, command in commands():
        with click.Context(command, info_name="x", max_content_width=80) as context:
            text = command.get_help(context)
        options = text.partition("Options:")[2]
        for word in ("None", "False", "True", "%Y", "CONTACTPRESSURE", "As on the"):
            assert word not in options, (path, word)
    for words in ([], ["segment"], ["interaction"], ["contact"]):
        text = run(*words, "--help")[1]
        assert "..." not in text.partition("Commands:")[2], words
    assert "db in interactionlog.toml" in " ".join(run("--help")[1].split())


def test_a_list_that_ends_early_says_so_unless_its_length_was_asked_for(run):
    with il.SqliteStore("crm.db") as store, store.begin(user_id="TESTER") as work:
        for number in range(60):
            work.contacts.put(a_contact(f"N{number}"))
    status, out, err = run("contact", "list")
    assert (status, out.count("\n")) == (0, 51)
    assert err == "the first 50 rows are shown: --limit N shows more\n"
    assert run("contact", "list", "--limit", "50")[2] == ""
    assert run("contact", "list", "--limit", "5000")[1].count("\n") > 70


def test_one_of_a_thing_is_not_many(run):
    assert run("segment", "add", "SEG0002", "--contact", "C001", "--allow-existing", "--preview")[
        1
    ].startswith("1 line would be added, 0 removed, 9 stay as they are")
    told = run("segment", "add", "SEG0002", "--contact", "C001", "--allow-existing")[1]
    assert told == "step 2 of segment SEG0002: 1 line added\n"
    run("segment", "reduce", "SEG0002", "--contact", "C001")
    assert run("check")[1] == "0 broken, 0 notices\n"


def test_a_logged_segment_is_named_by_its_number_or_by_its_segment(run):
    for words in (("show",), ("waves",), ("contacts",)):
        by_number, by_segment = (run("logged", *words, no) for no in ("1", "seg0001"))
        assert by_number == by_segment
        assert by_number[0] == 0
    assert run("logged", "contacts", "1", "--not-in", "SEG0001")[1] == "nothing to show\n"


def test_who_would_be_left_out_is_listed_before_logging_as_after(run):
    run("segment", "change", "SEG0002", "--template", "INVITE", "--salesperson", "MIRA")
    run("contact", "change", "C002", "--privacy-blocked")
    told = run("segment", "explain", "SEG0002", "C002")[1]
    assert "is logged: leave out: privacy blocked\n" in told
    before = run("segment", "left-out", "SEG0002")
    assert "C002     privacy blocked" in before[1]
    assert run("segment", "log", "SEG0002")[::2] == (0, "")
    assert run("segment", "left-out", "SEG0002") == before


def test_who_matches_and_gets_no_line_is_found(run):
    run("consent", "purpose", "NEWS")
    run("segment", "create", "News", "--purpose", "NEWS", "--template", "INVITE")
    told = run("segment", "add", "SEG0003", "--contact", "C002")[1]
    assert told.endswith("0 lines added; segment left-out names those who match and get none\n")
    assert "C002     no consent" in run("segment", "left-out", "SEG0003")[1]
    assert "contact C002: no consent\n" in run("segment", "explain", "SEG0003", "C002")[1]


def test_a_refused_consent_is_shown_as_refused(run):
    run("consent", "record", "C011", "refused", "--source", "by phone")
    assert "refused  by phone" in run("consent", "show", "C011")[1]


def test_a_company_gives_its_name_to_its_persons_as_in_an_import(run):
    def names():
        found = json.loads(run("contact", "list", "--json")[1])
        return {each["no"]: each["company_name"] for each in found if each["no"][0] == "K"}

    run("contact", "add", "K1", "--name", "Old")
    run("contact", "add", "K2", "--name", "Kit", "--type", "person", "--company", "K1")
    run("contact", "add", "K3", "--name", "Kay", "--type", "person")
    assert names() == {"K1": "Old", "K2": "Old", "K3": ""}
    run("contact", "change", "K1", "--name", "New")
    assert names() == {"K1": "New", "K2": "New", "K3": ""}
    run("contact", "change", "K2", "--company", "")
    run("contact", "change", "K3", "--company", "K1")
    assert names() == {"K1": "New", "K2": "", "K3": "New"}
    run("contact", "change", "K3", "--name", "Kim", "--company-name", "Hers")
    run("contact", "change", "K3", "--city", "Ely")
    assert names()["K3"] == "Hers"
    told = refused(run, "contact", "change", "K2", "--company", "K3")
    assert told == "contact K3 is a person: --company names a company"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("contact", "list", "--interaction", "date=26.11.2026"), "is not written as YYYY-MM-DD"),
        (("contact", "list", "--interaction", "date>=now"), "is not written as YYYY-MM-DD"),
        (("contact", "list", "--interaction", "evaluation=good"), "is not one of very-positive"),
        (("contact", "list", "--where", "minor=maybe"), "is neither yes nor no"),
        (("contact", "list", "--where", "minor>=yes"), "needs True or False for minor: [1]"),
    ],
)
def test_a_condition_that_cannot_be_read_is_told_in_words(run, words, text):
    told = refused(run, *words)
    assert text in told
    assert "Condition(" not in told


def test_a_condition_names_a_field_as_columns_and_options_do(run):
    run("contact", "add", "K1", "--name", "K", "--e-mail", "k@x.example", "--post-code", "EX1")
    found = set()
    for condition in ("e_mail=k@x.example", "E-mail=k@x.example", "post code=EX1", "Post-Code=EX1"):
        status, out, _ = run("contact", "list", "--json", "--where", condition)
        assert status == 0
        found.add(tuple(each["no"] for each in json.loads(out)))
    assert found == {("K1",)}


def test_a_day_of_an_interaction_is_a_condition(run):
    run("contact", "add", "K1", "--name", "K")
    (first, *_) = json.loads(run("interaction", "list", "--json")[1])
    same, other = (
        run("contact", "list", "--json", "--interaction", f"date{sign}{first['date']}")[1]
        for sign in ("=", "!=")
    )
    nos = {each["no"] for each in json.loads(same)}
    assert first["contact_no"] in nos
    assert "K1" not in nos | {each["no"] for each in json.loads(other)}


def test_a_segment_that_is_not_logged_is_told_so(run):
    run("segment", "create", "Open", "--no", "OPEN1")
    reason = "segment OPEN1 is open: it was not logged, or that was undone"
    for words in (("segment", "undo"), ("segment", "follow-up"), ("logged", "show")):
        assert refused(run, *words, "OPEN1") == reason
        assert refused(run, *words, "GONE") == "segment GONE does not exist"


def test_errors_have_no_words_of_python(run):
    run("contact", "add", "K1", "--name", "K")
    told = refused(run, "contact", "join", "K1", "mailing-group", "NEWS", "--leave")
    assert told.startswith("contact membership K1 MAILING_GROUP NEWS")
    told = refused(run, "interaction", "finish", "K1", "--template", "GONE")
    assert told == "interaction template GONE does not exist"
    for given in ("10:15:30.5", "10:15+02:00", "10:15Z"):
        told = refused(run, "interaction", "finish", "K1", "--time", given)
        assert told.endswith(f"'{given}' has a zone or a part of a second: write HH:MM")
    for words in (("finish", "K1"), ("start", "K1"), ("postpone", "K1")):
        told = refused(run, "interaction", *words, "--comment", " ")
        assert told == "--comment must not be blank"


def test_a_step_that_adds_nobody_says_whether_somebody_is_left_out(run):
    run("segment", "create", "Typing", "--no", "TYPING")
    told = run("segment", "add", "TYPING", "--business-relation", "KUST")[1]
    assert told.endswith("0 lines added; nobody else matches\n")


def test_no_table_shows_names_or_numbers_that_only_a_program_reads(run):
    for words in (
        ("undo", "SEG0001", "--force"),
        ("personalise", "SEG0001", "10000", "--cost", "2.50", "--subject", "For you"),
        ("log", "SEG0001"),
    ):
        assert run("segment", *words)[0] == 0
    listed = json.loads(run("interaction", "list", "--segment", "SEG0001", "--json")[1])
    (own,) = [each["entry_no"] for each in listed if each["personal_fields"]]
    assert run("segment", "undo", "SEG0001")[0] == 0
    shown = [
        run(*words.split())[1]
        for words in (f"interaction show {own}", "segment lines SEG0001", "logged show 2")
    ]
    assert re.search(r"Own fields +cost, subject", shown[0])
    assert re.search(r"Canceled by +logged segment", shown[0])
    assert "cost, subject" in shown[1]
    assert '"cost_lcy"' in run("segment", "lines", "SEG0001", "--json")[1]
    for each in shown:
        assert not re.search("[a-z]_[a-z]|Cancel state|Personal fields", each), each


def test_what_the_demo_says_to_continue_with_names_its_tenant(run):
    status, out, _ = run("demo", "--db", "other.db", "--tenant", "ACME")
    *_, listed, timeline = [line.split()[1:] for line in out.splitlines()]
    assert status == 0
    for words in (listed, timeline):
        assert "nothing to show" not in run(*words)[1], words
