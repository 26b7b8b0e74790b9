"""The seals of the log find each entry that was changed, removed or added with plain SQL."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import settings

import interactionlog as il
from company import Company, log_interaction
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interchange import import_tables
from interactionlog.interchange.mapping import mapping_of
from interactionlog.privacy import EntrySeal
from interactionlog.testing import an_entry

FIELDS = [field.name for field in attrs.fields(InteractionLogEntry) if field.name != "entry_no"]
GAP = 4
"""Number of an entry that was deleted before the log was sealed."""
OF_COMMENTS = ["add a comment", "remove a comment", *attrs.fields_dict(LogComment)]
"""What can be done to comments, each in every run; a field is changed."""
EDITED = {"evaluation", "cancel_state", "attempt_failed", "delivery_status", "campaign_entry_no"}
EDITED |= {"logged_segment_entry_no", "opportunity_no", "attachment_no", "modified_word_template"}
EDITED |= {"contact_company_no"}


@pytest.fixture(params=["memory", "sqlite", "sqlite-joined", "postgresql"])
def company(request, tmp_path):
    with Company.open_in(request.param, tmp_path) as it:
        yield it


@cache
def sealed():
    """Return the bytes of a file with sealed entries."""
    with TemporaryDirectory() as folder:
        seal_some_entries(Path(folder))
        return Path(folder, "crm.db").read_bytes()


def seal_some_entries(folder):
    with Company.open_in("sqlite", folder) as company, company() as work:
        for number in range(20):
            entry = log_interaction(work, "CPD"[number % 3], subject=f"number {number}")
            for line in range(number % 3):
                comment = il.DraftComment(comment=f"line {line}", code="C")
                il.LogEntryService(work).put_comment(entry.entry_no, comment)
        assert company.canceled == GAP
        il.LogEntryService(work).delete_canceled()
        il.Seals(work).seal()
        log_interaction(work)
        il.Seals(work).seal()


@pytest.fixture
def file(tmp_path):
    """Give a file with sealed entries, as whoever can write to it sees it."""
    path = tmp_path / "crm.db"
    path.write_bytes(sealed())
    return path


def verified(file):
    with il.SqliteStore(file) as store, store.read() as work:
        return il.Seals(work).verify()


def found(file):
    return [(each.code, each.number) for each in verified(file).findings]


TIMES = {
    "date": "2011-02-03",
    "time_of_interaction": "11:11:11",
    "recorded_at": "2020-02-03T04:05:06.000000Z",
    "created_at": "2020-02-03T04:05:06.000000Z",
}
FLAGS = {"postponed", "attempt_failed", "merged", "e_mail_logged", "campaign_target"}
FLAGS |= {"campaign_response", "send_word_docs_as_attmt"}
MEMBERS = {"evaluation", "information_flow", "initiated_by", "correspondence_type"}
MEMBERS |= {"delivery_status", "document_type"}


def changed_value(name, old, chance):
    """Return another value that the column can hold."""
    if name in TIMES:
        return TIMES[name]
    if name in FLAGS:
        return 1 - old
    if name in MEMBERS or name == "cancel_state":
        return chance.choice([each for each in (1, 2) if each != old])
    if isinstance(old, int) or name.endswith(("_entry_no", "attachment_no", "_template", "_of")):
        return (old or 0) + chance.randrange(1, 1_000)
    return f"{old or ''}X"


def insert(rival, like, entry_no):
    """Add an entry like another one."""
    rival.execute(
        "CREATE TEMP TABLE forged AS SELECT * FROM interactionlog_log_entry WHERE entry_no = ?",
        [like],
    )
    rival.execute("UPDATE forged SET entry_no = ?", [entry_no])
    rival.execute("INSERT INTO interactionlog_log_entry SELECT * FROM forged")


def change_comments(rival, act, entry_no, chance):
    """Add, change or remove a comment; return the number of its entry."""
    comments = "interactionlog_log_comment"
    if act == "add a comment":
        rival.execute(
            f"INSERT INTO {comments} (tenant, entry_no, line_no, comment, user_id, recorded_at)"  # noqa: S608
            " VALUES ('', ?, 70000, '', 'EVE', ?)",
            [entry_no, TIMES["recorded_at"]],
        )
        return entry_no
    sealed = "SELECT entry_no FROM interactionlog_entry_seal WHERE seal_no > 0"
    keys = rival.execute(
        f"SELECT entry_no, line_no FROM {comments} WHERE entry_no IN ({sealed})"  # noqa: S608
    ).fetchall()
    key, value = chance.choice(keys), "X"
    if act == "remove a comment":
        rival.execute(f"DELETE FROM {comments} WHERE entry_no = ? AND line_no = ?", key)  # noqa: S608
        return key[0]
    if act in {"date", "recorded_at"}:
        value = chance.choice([TIMES[act], "never written"])
    if act in {"entry_no", "line_no"}:
        value = key[0] + 1 if act == "entry_no" else 80_000
        rival.execute(f"DELETE FROM {comments} WHERE entry_no = ?", [key[0] + 1])  # noqa: S608
    where = "WHERE entry_no = ? AND line_no = ?"
    rival.execute(f"UPDATE {comments} SET {act} = ? {where}", [value, *key])  # noqa: S608
    return key[0]


def test_each_of_many_random_changes_is_found_and_told_apart(file):
    rounds = {"deep": 200, "ci": 30}.get(settings.get_current_profile_name(), 10)
    chance = random.Random(20260126)
    assert (verified(file).holds, found(file)) == (True, [])
    content = file.read_bytes()
    acts = chance.choices(["change", "change", "remove", "add"], k=rounds)
    for act in [*OF_COMMENTS, *acts]:
        file.write_bytes(content)
        with closing(sqlite3.connect(file, isolation_level=None)) as rival:
            nos = [
                no
                for (no,) in rival.execute(
                    "SELECT entry_no FROM interactionlog_entry_seal WHERE seal_no > 0"
                )
            ]
            entry_no = chance.choice(nos)
            if act in OF_COMMENTS:
                entry_no, expected = change_comments(rival, act, entry_no, chance), "edited"
            elif act == "remove":
                rival.execute("DELETE FROM interactionlog_log_entry WHERE entry_no = ?", [entry_no])
                expected = "missing"
            elif act == "add":
                insert(rival, entry_no, GAP)
                entry_no, expected = GAP, "added"
            else:
                name = chance.choice(FIELDS)
                where = "FROM interactionlog_log_entry WHERE entry_no = ?"
                ((old,),) = rival.execute(f"SELECT {name} {where}", [entry_no])
                update = f"UPDATE interactionlog_log_entry SET {name} = ? WHERE entry_no = ?"  # noqa: S608
                rival.execute(update, [changed_value(name, old, chance), entry_no])
                expected = "edited" if name in EDITED else "changed"
        assert (expected, entry_no) in found(file), (act, entry_no)
        assert verified(file).holds is (expected == "edited")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (
            "UPDATE interactionlog_seal SET digest = 'x' || substr(digest, 2) WHERE seal_no = 1",
            "seal",
        ),
        ("UPDATE interactionlog_seal SET last_entry_no = 1 WHERE seal_no = 2", "seal"),
        ("DELETE FROM interactionlog_seal WHERE seal_no = 1", "seal"),
        ("UPDATE interactionlog_entry_seal SET fixed = personal WHERE entry_no = 9", "seal"),
        ("UPDATE interactionlog_entry_seal SET removed = 1 WHERE entry_no = 9", "added"),
        ("DELETE FROM interactionlog_seal_key WHERE contact_no = 'C'", "changed"),
        ("UPDATE interactionlog_log_entry SET cost_lcy = 'much' WHERE entry_no = 9", "changed"),
        ("UPDATE interactionlog_seal SET recorded_at = '2025-01-01T00:00:00.000000Z'", "seal"),
        ("UPDATE interactionlog_seal SET user_id = 'EVE' WHERE seal_no = 1", "seal"),
        ("UPDATE interactionlog_seal SET user_id = NULL WHERE seal_no = 2", "seal"),
        ("UPDATE interactionlog_seal SET entries = entries + 1 WHERE seal_no = 2", "seal"),
        ("UPDATE interactionlog_entry_seal SET seal_no = 0 WHERE entry_no = 9", "seal"),
        ("UPDATE interactionlog_entry_seal SET postponed_in = 1 WHERE entry_no = 9", "seal"),
        ("UPDATE interactionlog_entry_seal SET seal_no = 7 WHERE entry_no = 9", "seal"),
        ("UPDATE interactionlog_entry_seal SET postponed_in = 7 WHERE entry_no = 9", "seal"),
    ],
)
def test_a_forged_seal_is_found(file, statement, code):
    with closing(sqlite3.connect(file, isolation_level=None)) as rival:
        rival.execute(statement)
    assert code in {code for code, _ in found(file)}
    assert not verified(file).holds


@pytest.mark.parametrize("number", [GAP, 0, -3])
@pytest.mark.parametrize("seal_no", [None, 0, 1, 2])
@pytest.mark.parametrize("postponed_in", [0, 1, 2])
@pytest.mark.parametrize("sealed_again", [False, True])
def test_an_entry_that_came_in_between_is_found_whatever_is_written_of_its_seal(
    file, number, seal_no, postponed_in, sealed_again
):
    """Also when the next seal was made since: it takes nothing that no seal has listed before."""
    row = ("", number, seal_no, postponed_in, None, 0, *"....", "")
    with closing(sqlite3.connect(file, isolation_level=None)) as rival:
        insert(rival, 1, number)
        if seal_no is not None:
            marks = ", ".join("?" * len(row))
            names = "tenant, entry_no, seal_no, postponed_in, erasure_no, removed"
            names += ", fixed, living, personal, linked, salt"
            text = f"INSERT INTO interactionlog_entry_seal ({names}) VALUES ({marks})"  # noqa: S608
            rival.execute(text, row)
    if sealed_again:
        refused = suppress(il.InteractionLogError)  # a number below 1 cannot even be read
        with refused, il.SqliteStore(file) as store, store.begin(user_id="NIGHT") as work:
            log_interaction(work)
            il.Seals(work).seal()
    assert not verified(file).holds
    assert verified(file).counts.keys() & {"added", "seal"}


def test_a_night_in_which_an_entry_was_only_postponed_makes_no_seal_and_breaks_none(company):
    with company() as work:
        seals, interactions = il.Seals(work), il.InteractionService(work)
        seals.seal()
        draft = interactions.start("C", interaction_template_code="T1", description="later")
        no = interactions.postpone(draft).entry_no
        for _ in range(2):
            assert seals.seal() is None
            assert seals.verify().holds
        interactions.finish(interactions.resume(no))
        assert seals.seal().entries == 1
        assert seals.verify().holds
        assert seals.seal() is None


@pytest.mark.parametrize("days", range(4))
def test_an_entry_may_stay_postponed_over_several_seals_or_be_deleted(company, days):
    with company() as work:
        seals, interactions = il.Seals(work), il.InteractionService(work)
        seals.seal()
        for _ in range(days):
            log_interaction(work)
            seals.seal()
        if days == 3:
            interactions.delete_postponed(company.postponed)
        else:
            interactions.finish(interactions.resume(company.postponed))
            assert seals.verify().holds
            assert seals.seal().entries == 1
        assert seals.verify().holds
        log_interaction(work)
        assert seals.seal().entries == 1
        assert seals.verify().holds


def test_seals_that_were_made_anew_do_not_have_the_digest_that_was_kept(file):
    with il.SqliteStore(file) as store:
        with store.read() as work:
            kept = work.records(il.privacy.Seal).all()[-1].digest
            for copied in (kept, f" {kept.upper()}\r\n"):
                assert il.Seals(work).verify(digest=copied).holds
            for cut in ("", kept[:-1], f"{kept}0", "x" * 64):
                with pytest.raises(il.FieldInvalidError, match="digest must be 64 digits"):
                    il.Seals(work).verify(digest=cut)
        with closing(sqlite3.connect(file, isolation_level=None)) as rival:
            rival.execute("UPDATE interactionlog_log_entry SET subject = 'other'")
            for table in ("seal", "entry_seal", "seal_key"):
                rival.execute(f"DELETE FROM interactionlog_{table}")  # noqa: S608
        with store.begin(user_id="RIVAL") as work:
            il.Seals(work).seal()
            assert il.Seals(work).verify().holds
            assert not il.Seals(work).verify(digest=kept).holds


def test_what_calls_do_later_does_not_break_the_seals(company):
    with company() as work:
        seals, service = il.Seals(work), il.LogEntryService(work)
        first = seals.seal()
        assert (first.seal_no, seals.seal()) == (1, None)
        live = log_interaction(work).entry_no
        assert seals.verify().unsealed == 1
        seals.seal()
        service.evaluate(il.Evaluation.POSITIVE, live)
        service.cancel(live, company.canceled)
        service.assign_opportunity(company.finished, "OP1")
        verified = seals.verify()
        assert verified.holds
        assert {(each.code, each.number) for each in verified.findings} == {
            ("edited", live),
            ("edited", company.finished),
        }
        service.delete_canceled()
        verified = seals.verify()
        assert (verified.holds, verified.removed) == (True, 2)


HISTORY = {
    "name": "calls",
    "target": "log_entry",
    "key": {"from": "ID", "source": "crm"},
    "columns": {"contact_no": "Who", "date": "When", "description": "Text", "evaluation": "How"},
}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("a,C,2026-01-02,call with Ann,Neutral", "changed"),
        ("a,C,2026-01-03,call,Neutral", "changed"),
        ("a,D,2026-01-02,call,Neutral", "changed"),
        ("a,C,2026-01-02,call,Positive", "edited"),
        ("a,C,2026-01-02,call,Neutral", None),
    ],
)
def test_history_that_is_imported_again_changes_no_sealed_entry(company, tmp_path, row, code):
    def take(rows):
        path = tmp_path / "calls.csv"
        path.write_text(f"ID,Who,When,Text,How\n{rows}\n", encoding="utf-8")
        with company() as work:
            return import_tables(work, path, mapping=mapping_of(HISTORY), on_error="reject")

    first = "a,C,2026-01-02,call,Neutral"
    assert take(first).total.created == 1
    assert take(first.replace("call", "a call")).total.changed == 1  # it is not sealed yet
    assert take(first).total.changed == 1
    with company() as work:
        il.Seals(work).seal()
    report = take(row)
    with company() as work:
        verified = il.Seals(work).verify()
    assert verified.holds
    assert [each.code for each in verified.findings] == (["edited"] if code == "edited" else [])
    assert (report.total.changed, report.rejected_count) == (code == "edited", code == "changed")
    assert all("is sealed with another" in str(each) for each in report.rejected)


def test_a_postponed_entry_is_sealed_when_it_is_finished(company):
    with company() as work:
        seals, interactions = il.Seals(work), il.InteractionService(work)
        seals.seal()
        draft = interactions.resume(company.postponed)
        interactions.finish(interactions.change(draft, subject="later"))
        assert seals.verify().holds
        assert seals.seal().entries == 1
        work.interactions.set([company.postponed], subject="other")
        assert [each.code for each in seals.verify().findings] == ["changed"]


def test_entries_that_are_younger_than_asked_are_left_for_the_next_seal(company):
    with company() as work:
        young = company.begin.clock.now()
        company.begin.clock.move(hours=1)
        log_interaction(work)
        assert il.Seals(work).seal(recorded_before=young) is None
        assert il.Seals(work).seal(recorded_before=company.begin.clock.now()).entries == 4
        assert il.Seals(work).verify().unsealed == 1


def test_more_entries_than_a_page_are_sealed_and_compared():
    with il.MemoryStore().begin(user_id="TESTER") as work:
        for number in range(1, 1_201):
            work.interactions.add(an_entry(number))
        assert il.Seals(work).seal().entries == 1_200
        work.interactions.set([1_000], subject="other")
        work.records(InteractionLogEntry).remove(1_001)
        verified = il.Seals(work).verify()
        assert verified.entries == 1_200
        assert [(each.code, each.number) for each in verified.findings] == [
            ("changed", 1_000),
            ("missing", 1_001),
        ]


def test_equal_entries_have_unlike_digests_and_an_erased_one_gives_nothing_away(company):
    with company() as work:
        il.Seals(work).seal()
        of_c = [each for each in work.scan(InteractionLogEntry) if each.contact_no == "C"]
        made = [work.records(EntrySeal).get(each.entry_no) for each in of_c if not each.postponed]
        assert len({each.personal for each in made}) == len(made) > 1
        il.Privacy(work).retain(before=of_c[0].date.replace(year=2027), reason="age", dry_run=False)
        after = [work.records(EntrySeal).get(each.entry_no) for each in made]
        assert {each.salt for each in after} == {""}
        assert [each.personal for each in after] == [each.personal for each in made]
        assert il.Seals(work).verify().holds


def test_what_calls_and_others_do_to_comments_is_found_also_after_an_erasure(company):
    with company() as work:
        service, seals = il.LogEntryService(work), il.Seals(work)
        service.put_comment(company.finished, il.DraftComment(comment="of C"))
        seals.seal()
        assert seals.verify().findings == ()
        service.put_comment(company.finished, il.DraftComment(comment="more"))
        edited = [("edited", company.finished)]
        assert [(each.code, each.number) for each in seals.verify().findings] == edited
        il.Privacy(work).retain(
            before=work.interactions.get(company.finished).date.replace(year=2027),
            reason="age",
            dry_run=False,
        )
        assert seals.verify().findings == ()  # what is blank is as it was erased
        service.put_comment(company.finished, il.DraftComment(comment="of somebody"))
        assert [(each.code, each.number) for each in seals.verify().findings] == edited
