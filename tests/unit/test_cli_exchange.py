"""Commands that bring files in, take everything out and write pages."""

from __future__ import annotations

import json

import click
import pytest

import interactionlog as il
from interactionlog.cli.main import main
from interactionlog.cli.program import program

CONTACTS = "No.,Type,Name,Company No.,E-Mail\nC1,Company,One,C1,one@x.example\nC2,Company,Two,C3,\n"


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Give a function that runs the command in an empty folder; status, output and errors."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        status = main([*map(str, words), "--db", "crm.db"])
        return status, *capsys.readouterr()

    return call


def test_a_refused_import_is_one_json_document_with_places(run, tmp_path):
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    status, out, _ = run("import", "contacts.csv", "--json")
    said = json.loads(out)
    assert (status, said["error"], said["count"]) == (2, "tables-rejected", 1)
    assert {each["line"] for each in said["problems"]} == {3}


def test_good_rows_come_in_and_the_others_go_into_a_file(run, tmp_path):
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    dry = run("import", "contacts.csv", "--dry-run", "--rejects", "bad.csv")[1]
    assert "dry run, nothing was stored" in dry
    assert "C2" in dry
    assert {path.name for path in tmp_path.iterdir()} == {"contacts.csv"}
    status, out, _ = run("import", "contacts.csv", "--rejects", "bad.csv")
    assert (status, "1 change," in out) == (0, True)
    bad = (tmp_path / "bad.csv").read_text(encoding="utf-8-sig").splitlines()
    assert bad[1].startswith("C2,Company,Two,C3,,3,")
    (tmp_path / "bad.csv").write_text("\n".join(bad[:2]).replace(",C3,", ",C2,"), encoding="utf-8")
    assert "1 change," in run("import", "bad.csv")[1]


def test_a_file_of_rejects_has_no_name_when_the_import_is_interrupted(run, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    monkeypatch.setattr("interactionlog.cli.commands.exchange.import_tables", interrupted)
    assert run("import", "contacts.csv", "--rejects", "bad.csv")[0] == 130
    assert {path.name for path in tmp_path.iterdir()} <= {"contacts.csv", "crm.db"}


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
@pytest.mark.parametrize("there", ["contacts.csv", "crm.db", "other.txt", "folder/contacts.csv"])
def test_a_file_that_is_there_is_not_taken_for_rejects(run, tmp_path, there, dry_run):
    (tmp_path / "folder").mkdir()
    for name in ("contacts.csv", "folder/contacts.csv", "other.txt"):
        (tmp_path / name).write_text(CONTACTS, encoding="utf-8")
    assert run("import", "contacts.csv", "--rejects", "first.csv")[0] == 0
    before = (tmp_path / there).read_bytes()
    source = "folder" if "folder" in there else "contacts.csv"
    status, _, err = run("import", source, "--rejects", there, *dry_run)
    assert (status, f"{there} exists: give a name that does not" in err) == (2, True)
    assert (tmp_path / there).read_bytes() == before


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_rejects_are_not_taken_for_the_database_that_is_made(run, tmp_path, dry_run):
    """The database was made, and then replaced by the rejects: no contact was left."""
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    for name in ("crm.db", "folder/../crm.db"):
        status, _, err = run("import", "contacts.csv", "--rejects", name, *dry_run)
        assert (status, "is the database" in err) == (2, True)
    assert {path.name for path in tmp_path.iterdir()} == {"contacts.csv", "folder"}


def test_a_dry_run_makes_no_database(run, tmp_path):
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    (tmp_path / "good.csv").write_text(CONTACTS.replace("C3", "C2"), encoding="utf-8")
    assert run("import", "good.csv", "--dry-run")[0] == 0
    assert run("import", "contacts.csv", "--dry-run")[0] == 2
    assert {path.name for path in tmp_path.iterdir()} == {"contacts.csv", "good.csv"}
    run("import", "good.csv")
    before = run("contact", "list", "--json")[1]
    assert run("import", "contacts.csv")[0] == 2
    assert run("contact", "list", "--json")[1] == before


def test_a_draft_is_printed_and_takes_its_file(run, tmp_path):
    (tmp_path / "list.csv").write_text("Record ID,Company name\n9,Adatum\n", encoding="utf-8")
    status, out, _ = run("import", "draft", "list.csv")
    assert (status, 'target = "contact"' in out) == (0, True)
    (tmp_path / "map.toml").write_text(out, encoding="utf-8")
    status, out, err = run("import", "list.csv", "--map", "map.toml")
    assert (status, err) == (0, "")
    assert "1 change," in out


def test_everything_goes_out_and_comes_in_again(run, tmp_path):
    (tmp_path / "contacts.csv").write_text(CONTACTS.replace("C3", "C2"), encoding="utf-8")
    run("import", "contacts.csv")
    status, out, _ = run("export", "all.jsonl", "--json")
    assert (status, json.loads(out)["tables"]["contact"]) == (0, 2)
    assert "0 changes" in run("import", "all.jsonl")[1]
    status, out, _ = run("export", "all.jsonl", "--json")
    assert (status, json.loads(out)["reason"]) == (2, "all.jsonl exists: give a name that does not")
    assert "contact" in run("export", "folder")[1]
    assert "0 rows are in later.ics" in run("export", "later.ics")[1]


def test_pages_are_written(run, tmp_path):
    (tmp_path / "contacts.csv").write_text(CONTACTS.replace("C3", "C2"), encoding="utf-8")
    run("import", "contacts.csv")
    assert run("report", "timeline", "C1", "--to", "one.html")[0] == 0
    assert "<h1>One</h1>" in (tmp_path / "one.html").read_text(encoding="utf-8")
    since = ("--since", "2026-01-01", "--language", "it")
    assert run("report", "statistics", "--to", "two.html", *since)[0] == 0
    assert "<h1>Statistiche</h1>" in (tmp_path / "two.html").read_text(encoding="utf-8")
    assert "exists" in run("report", "timeline", "C1", "--to", "one.html")[2]


def test_a_segment_whose_number_is_one_of_an_entry_too_is_the_one_that_is_written_to(run, tmp_path):
    """The letters of logged segment 1 were written in place of those of segment 1."""
    with il.SqliteStore("crm.db") as store, store.begin(user_id="TESTER") as work:
        work.interaction_groups.put(il.InteractionGroup(code="LETTER"))
        work.templates.put(il.InteractionTemplate(code="BUS", interaction_group_code="LETTER"))
        work.salespeople.put(il.Salesperson(code="HR", name="Helena Ray"))
        service = il.SegmentService(work)
        values = {"interaction_template_code": "BUS", "salesperson_code": "HR"}
        for number, contact in {"OLD": "A", "1": "B", "3": "C"}.items():
            work.contacts.put(il.Contact(no=contact, company_no=contact, name=contact))
            service.create("Spring", no=number, **values)
            service.add_line(number, contact)
        il.SegmentLogger(work).log("OLD")
        assert il.SegmentLogger(work).log("3").entry_no == 2

    def letters(named):
        status, _, err = run("export", f"{named}.jsonl", "--segment", named)
        text = (tmp_path / f"{named}.jsonl").read_text(encoding="utf-8") if status == 0 else err
        return text if status else json.loads(text)["contact_no"]

    assert [*map(letters, ("1", "3", "2", "old"))] == ["B", "C", "C", "A"]
    assert "4 does not exist" in letters("4")
    assert "segment 1 is open" in run("logged", "cancel", "1")[2]
    assert run("logged", "cancel", "3")[1] == "logged segment 2 is canceled\n"


def leaves(group, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


def words_of(command):
    """Give each required argument and option something that it takes."""
    for each in command.params:
        kinds = {
            click.Choice: lambda kind: next(iter(kind.choices)),
            click.DateTime: lambda _: "2026-01-01",
        }
        text = next(
            (make(each.type) for kind, make in kinds.items() if isinstance(each.type, kind)), "1"
        )
        if each.required:
            yield from [text] if isinstance(each, click.Argument) else [each.opts[0], text]


def test_every_command_that_is_refused_says_so_in_one_json_document(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "1").mkdir()
    (tmp_path / "crm.db").write_text("this is no database " * 500, encoding="utf-8")
    told = {}
    for path, command in leaves(program):
        words = [*path, *words_of(command), "--json"]
        for more in (["--no-such-option"], ["--db", "crm.db"]):
            status, (out, err) = main([*words, *more]), capsys.readouterr()
            said = json.loads(out)
            told[path, *more] = status, err, sorted(said)
            assert said["reason"]
    assert len(told) > 100
    assert {each for each, shown in told.items() if shown != (2, "", ["error", "reason"])} == set()


@pytest.mark.parametrize("odd", ["\udcff", "\u0663", "\u00b2", "9" * 400])
def test_no_command_ends_in_a_fault_whatever_is_typed(capsys, tmp_path, monkeypatch, odd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contacts.csv").write_text(CONTACTS.replace("C3", "C2"), encoding="utf-8")
    assert main(["import", "contacts.csv", "--db", "crm.db"]) == 0
    capsys.readouterr()
    for path, command in leaves(program):
        words = [odd if word == "1" else word for word in words_of(command)]
        status, (out, err) = main([*path, *words, "--db", "crm.db", "--json"]), capsys.readouterr()
        said = json.loads(out)
        assert (status, err) == (0, "") or said["error"] != "fault", (path, said)


def test_a_blank_name_of_a_file_is_not_the_folder_where_one_works(run, tmp_path):
    (tmp_path / "contacts.csv").write_text(CONTACTS.replace("C3", "C2"), encoding="utf-8")
    for words in (
        ("import", ""),
        ("import", "draft", ""),
        ("import", "contacts.csv", "--rejects", ""),
        ("import", "contacts.csv", "--map", " "),
        ("import", "contacts.csv", "--config", ""),
        ("export", ""),
        ("deliver", "--folder", ""),
        ("report", "statistics", "--to", ""),
    ):
        status, out, err = run(*words)
        assert (status, out, "must not be blank" in err) == (2, "", True), (words, err)
    assert {path.name for path in tmp_path.iterdir()} == {"contacts.csv"}


def test_a_blank_tenant_or_user_is_refused_and_an_empty_tenant_is_the_default(run, tmp_path):
    """White space was a tenant of its own, of which nothing was exported without a word."""
    (tmp_path / "contacts.csv").write_text(CONTACTS.replace("C3", "C2"), encoding="utf-8")
    assert run("import", "contacts.csv")[0] == 0
    for words in (("--tenant", " "), ("--user", " "), ("--user", "")):
        status, _, err = run("export", "all.jsonl", *words)
        assert (status, err) == (2, f"interactionlog: {words[0]} must not be blank\n")
    (tmp_path / "interactionlog.toml").write_text('tenant = " "\n', encoding="utf-8")
    assert "tenant: must not be blank" in run("export", "all.jsonl")[2]
    (tmp_path / "interactionlog.toml").write_text('tenant = "OTHER"\n', encoding="utf-8")
    assert json.loads(run("contact", "list", "--json")[1]) == []
    assert len(json.loads(run("contact", "list", "--tenant", "", "--json")[1])) == 2


def test_an_export_that_cannot_be_written_says_where_and_is_no_fault(run, tmp_path):
    (tmp_path / "contacts.csv").write_text(CONTACTS.replace("C3", "C2"), encoding="utf-8")
    run("import", "contacts.csv")
    for name in ("absent/all.xlsx", "absent/all.jsonl", "absent/log.parquet"):
        status, _, err = run("export", name)
        assert (status, err) == (2, f"interactionlog: {name}: No such file or directory\n")
    status, _, err = run("export", "all.csv")
    assert (status, "a file that ends in .jsonl or .xlsx" in err) == (2, True)
