"""Everything out and in again, and parts for other programs."""

from __future__ import annotations

import csv
import gc
import gzip
import json
import re
import zipfile
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime
from datetime import time as time_type
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

import interactionlog as il
from company import Company, add_person, add_template, set_up
from cronus import cronus_folder
from interactionlog import SqliteStore
from interactionlog.contacts.consent import Suppression
from interactionlog.contacts.contact import ExternalKey
from interactionlog.delivery import DeliveryState, FolderTransport
from interactionlog.errors import UsageError
from interactionlog.integrity import check_integrity
from interactionlog.interchange import (
    Reports,
    TablesRejectedError,
    draft_mapping,
    export_calendar,
    export_log,
    export_mail_merge,
    export_package,
    export_tables,
    import_tables,
)
from interactionlog.interchange.export import EXPORTED, _records, exported_columns, opened
from interactionlog.interchange.mapping import load_mapping
from interactionlog.privacy import Purpose
from interactionlog.testing import a_delivery, a_person, add_segment, an_entry
from stores import ADAPTERS, EVERY_ADAPTER, opening


def everything(work):
    """Give what a store holds, by table; counters that tenants share are left out."""
    found: dict[str, list[object]] = {}
    for table in EXPORTED.values():
        records = _records(work, table)
        if records is not None and table.name != "entry_counter":
            found[table.name] = sorted(
                records, key=lambda each, of=table: str([getattr(each, name) for name in of.key])
            )
    found["reasons"] = [
        (line.line.line_no, line.reasons)
        for logged in work.logged_segments.all()
        for line in work.logged_segments.left_out(logged.entry_no)
    ]
    return found


def broken(work):
    return sorted(each.message for each in check_integrity(work) if each.broken)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Give a company with everything at once, exported in each form."""
    folder = tmp_path_factory.mktemp("filled")
    with Company.open_in("memory", folder) as company:
        with company.begin() as work:
            work.contacts.put(
                il.Contact(
                    no="ODD",
                    company_no="ODD",
                    name="=1+1",
                    phone_no="+39 02 1",
                    city="'s-Gravenhage",
                )
            )
            il.AttachmentService(work).store(b"", name="nothing.txt")
            work.records(ExternalKey).put(
                ExternalKey(source="crm", target="contact", external_id="aB|1", record_no="ODD")
            )
            work.records(ExternalKey).put(
                ExternalKey(source="crm", target="contact", external_id="ab|1", record_no="ODD")
            )
        with company.begin.read() as work:
            for name in ("tables", "all.jsonl", "all.xlsx"):
                export_tables(work, folder / name)
            return folder, everything(work), broken(work)


FORMS = {
    "memory": "all.xlsx",
    "sqlite": "tables",
    "sqlite-joined": "all.jsonl",
    "postgresql": "all.xlsx",
    "postgresql-joined": "tables",
}


@pytest.mark.every_store
@pytest.mark.parametrize("adapter", EVERY_ADAPTER)
def test_an_export_taken_into_an_empty_store_is_equal_and_a_second_time_changes_nothing(
    tmp_path, filled, adapter
):
    name = FORMS[adapter]
    folder, before, faults = filled
    with opening(adapter, tmp_path) as begin:
        with begin() as work:
            report = import_tables(work, folder / name)
        assert report.notices == ()
        with begin.read() as work:
            assert everything(work) == before
            assert broken(work) == faults
        with begin() as work:
            assert import_tables(work, folder / name).changes == 0
        with begin() as work:  # no number is issued again
            old = max(int(each.entry_no) for each in work.scan(il.InteractionLogEntry))
            assert work.interactions.reserve(1)[0] > old


@pytest.fixture(scope="module")
def cronus(tmp_path_factory):
    """Give CRONUS after a day's work, exported in each form."""
    folder = tmp_path_factory.mktemp("cronus")
    with opening("sqlite", folder) as begin:
        with begin() as work:
            import_tables(work, cronus_folder())
            for segment in work.segments.all():
                il.SegmentService(work).change(segment.no, incomplete=False)
        with begin() as work:
            blocked = work.segments.lines_after(work.segments.all()[0].no, 0)[-1].contact_no
            work.contacts.set(blocked, privacy_blocked=True)
            logged = [il.SegmentLogger(work).log(each.no) for each in work.segments.all()]
            interactions, entries = il.InteractionService(work), il.LogEntryService(work)
            template = next(each.code for each in work.templates.all() if not each.wizard_action)
            (first, *_) = work.interactions.of_logged_segment(logged[0].entry_no, after=0)
            person = work.salespeople.all()[0].code
            draft = interactions.start(
                first.contact_no, interaction_template_code=template, salesperson_code=person
            )
            draft = interactions.change(draft, description="A call")
            interactions.postpone(draft)
            finished = interactions.finish(draft)
            entries.put_comment(finished.entry_no, il.DraftComment(comment="=1+1\n'quoted', ü"))
            content = il.AttachmentService(work).store(bytes(range(256)) * 9_000, name="all.bin")
            work.interactions.set([finished.entry_no], attachment_no=content.no)
            entries.cancel(first.entry_no)
            for series in work.numbers.series.all():
                il.numbering.NumberSeries(work).try_next(series.code)
        with begin.read() as work:
            for name in ("tables", "all.jsonl", "all.xlsx"):
                export_tables(work, folder / name)
            return folder, everything(work), broken(work)


@pytest.mark.every_store
@pytest.mark.parametrize(
    ("adapter", "name"),
    [*FORMS.items(), ("memory", "tables"), ("sqlite", "all.xlsx"), ("sqlite", "all.jsonl")],
)
def test_cronus_after_a_day_of_work_is_equal_in_another_store(tmp_path, cronus, adapter, name):
    if adapter not in ADAPTERS:
        pytest.skip("needs a server")
    folder, before, faults = cronus
    assert {codes for _, codes in before["reasons"]} == {("privacy-blocked",)}
    with opening(adapter, tmp_path) as begin:
        with begin() as work:
            assert import_tables(work, folder / name).notices == ()
        with begin.read() as work:
            after = everything(work)
            assert {table for table in before if after[table] != before[table]} == set()
            assert broken(work) == faults == []
        with begin() as work:
            assert import_tables(work, folder / name).changes == 0


def test_an_export_needs_a_name_that_is_free_and_an_ending_that_is_known(begin, tmp_path):
    with begin.read() as work:
        with pytest.raises(UsageError, match="exists"):
            export_tables(work, tmp_path)
        with pytest.raises(UsageError, match=r"ends in \.jsonl or \.xlsx"):
            export_tables(work, tmp_path / "all.pdf")
    assert [*tmp_path.glob("*.part")] == []


def test_an_export_that_is_interrupted_leaves_nothing(begin, tmp_path):
    def stop(table, rows):
        raise KeyboardInterrupt

    with begin.read() as work:
        for name in ("folder", "all.jsonl", "all.xlsx"):
            with pytest.raises(KeyboardInterrupt):
                export_tables(work, tmp_path / name, on_progress=stop)
            assert not (tmp_path / name).exists()
    assert [*tmp_path.glob("*.part")] == []


@pytest.mark.parametrize("name", ["folder", "all.jsonl", "all.xlsx"])
def test_files_beside_an_export_stay_whatever_they_are_called(tmp_path, name):
    """What had the name of the export with ``.part`` behind it was deleted."""
    folder = tmp_path / f"{name}.part"
    folder.mkdir()
    for mine in (folder / "mine.txt", tmp_path / "log.jsonl.part"):
        mine.write_text("mine")
    with il.MemoryStore() as store, store.read() as work:
        export_tables(work, tmp_path / name)
        export_log(work, tmp_path / "log.jsonl")
    for mine in (folder / "mine.txt", tmp_path / "log.jsonl.part"):
        assert mine.read_text() == "mine"
    there = {name, f"{name}.part", "log.jsonl", "log.jsonl.part"}
    assert {each.name for each in tmp_path.iterdir()} == there


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("name", ["all.jsonl", "folder"])
def test_what_got_the_name_while_an_export_ran_stays(tmp_path, monkeypatch, name, links):
    """The second of two exports to one name wrote into the first, or over it."""

    def cannot(*_):
        raise PermissionError("this disk has no links")

    def export_as_well(*_):
        with suppress(UsageError):
            export_tables(other, tmp_path / name)

    if not links:
        monkeypatch.setattr("os.link", cannot)
    with il.MemoryStore() as first, il.MemoryStore() as second:
        with second.begin(user_id="OTHER") as work:
            work.salespeople.put(il.Salesperson(code="OTHER", name="Other"))
        taken = pytest.raises(UsageError, match=f"{name} exists")
        with first.read() as work, second.read() as other, taken:
            export_tables(work, tmp_path / name, on_progress=export_as_well)
        assert [each.name for each in tmp_path.iterdir()] == [name]
        with first.begin(user_id="OTHER") as work:
            import_tables(work, tmp_path / name)
            assert work.salespeople.get("OTHER").name == "Other"


ODD_TEXTS = """
    <r> <r>x</r> <r><t>x</t></r> <r>a&b</r> <r>_x0041_</r> _x0041_ _x005F_ _x005F_x0041_
    _x0041__x0041_ <r>_x005F_x000d_</r> &amp; <![CDATA[x]]> <t>x</t>
"""


def test_texts_that_look_like_xml_or_like_codes_of_a_workbook_come_back_as_they_were(tmp_path):
    """Of ``<r><t>x</t></r>`` the workbook kept ``x``, and with ``<r>a & b</r>`` it was unreadable."""
    import python_calamine

    odd = dict(enumerate([*ODD_TEXTS.split(), "<r>a & b</r>", "<r> <b>\tc </r>"]))
    with il.MemoryStore() as store, store.begin(user_id="TESTER") as work:
        for number, text in odd.items():
            name = text.replace("\t", " ")
            work.contacts.put(il.Contact(no=f"C{number}", company_no=f"C{number}", name=name))
        before = {each.no: each.name for each in work.scan(il.Contact)}
        for name in ("all.xlsx", "crm.rapidstart"):
            write = export_package if name == "crm.rapidstart" else export_tables
            write(work, tmp_path / name)
            with il.MemoryStore() as other, other.begin(user_id="TESTER") as there:
                import_tables(there, tmp_path / name)
                assert {each.no: each.name for each in there.scan(il.Contact)} == before
        with opened(tmp_path / "odd.xlsx", ".xlsx") as place, place("letters", ["text"]) as put:
            for text in odd.values():
                put([text])
    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "odd.xlsx"))
    assert [row[0] for row in book.get_sheet_by_index(0).to_python()[1:]] == [*odd.values()]


@pytest.mark.parametrize("sign", ["\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_refused_with_its_place(letters, tmp_path, sign):
    """It came back as ``_xFFFF_`` from a workbook, and nothing could read the package."""
    with letters() as work:
        work.contacts.set("C1", city=f"Ba{sign}ri")
        for name, write, given, place in (
            ("all.xlsx", export_tables, (), "contact C1, city"),
            ("merge.xlsx", export_mail_merge, ("S1",), "letters C1, city"),
            ("crm.rapidstart", export_package, (), "Contact C1, City"),
        ):
            with pytest.raises(
                UsageError, match=rf"^{place} holds U\+FFF[EF], which this form cannot"
            ):
                write(work, *given, tmp_path / name)
            assert not (tmp_path / name).exists()
        export_tables(work, tmp_path / "all.jsonl")
    with il.MemoryStore() as store, store.begin(user_id="TESTER") as work:
        import_tables(work, tmp_path / "all.jsonl")
        assert work.contacts.get("C1").city == f"Ba{sign}ri"


def test_a_return_in_a_text_that_looks_like_rich_text_is_not_changed(tmp_path):
    with il.MemoryStore() as store, store.begin(user_id="TESTER") as work:
        work.interactions.add(an_entry(1))
        entries = il.LogEntryService(work)
        entries.put_comment(1, il.DraftComment(comment="a\r\nb_x000D_"))
        export_tables(work, tmp_path / "all.xlsx")
        with il.MemoryStore() as other, other.begin(user_id="TESTER") as there:
            import_tables(there, tmp_path / "all.xlsx")
            assert there.interactions.comments(1) == work.interactions.comments(1)
        entries.put_comment(1, il.DraftComment(comment="<r>a\r\nb</r>"))
        with pytest.raises(UsageError, match=r"^log_comment 1, comment holds U\+000D"):
            export_tables(work, tmp_path / "more.xlsx")


def test_a_text_for_which_a_cell_has_no_room_is_not_cut(tmp_path):
    refused = pytest.raises(UsageError, match=r"^t k, b has no room in a workbook")
    with refused, opened(tmp_path / "t.xlsx", ".xlsx") as place, place("t", ["a", "b"]) as put:
        put(["k", "\U0001f389" * 20_000])
    assert [*tmp_path.iterdir()] == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk_is_told_as_that_and_once(letters, monkeypatch):
    """It was a fault of the program, with a traceback of the archive that was given up."""
    full = Path("/dev/full")
    monkeypatch.setattr("interactionlog.interchange.export.written", lambda _: nullcontext(full))
    with letters() as work:
        for write, given in ((export_mail_merge, ("S1",)), (export_tables, ())):
            with pytest.raises(OSError, match="No space left on device") as raised:
                write(work, *given, "out.xlsx")
            assert type(raised.value) is OSError
            del raised
            gc.collect()  # what it said more would fail the test


def test_an_older_export_leaves_history_alone_and_says_so(begin, tmp_path):
    with begin() as work:
        work.contacts.put(il.Contact(no="C1", company_no="C1", name="One"))
        work.campaigns.put(il.Campaign(no="CP1", description="One"))
        work.attachments.add(
            il.Attachment(no=1, name="a", digest="0" * 64, recorded_at=work.clock.now())
        )
    with begin.read() as work:
        export_tables(work, tmp_path / "old")
    with begin() as work:
        work.campaigns.set("CP1", description="Two")
        work.attachments.set(1, name="b")
    with begin() as work:
        report = import_tables(work, tmp_path / "old")
        assert work.campaigns.get("CP1").description == "One"
        assert work.attachments.get(1).name == "b"
    assert [notice.code for notice in report.notices] == ["record-differs"]


def test_an_older_export_takes_nothing_back_that_happened_since(begin, tmp_path):
    """A mail that was sent is not requested again, and what somebody said is not unsaid."""
    with begin() as work:
        work.interactions.add(an_entry(1, contact_no=None))
        work.deliveries.put(a_delivery(1))
        told = {"address": "a@x.example", "channel": "mail", "recorded_at": work.clock.now()}
        work.records(Suppression).put(Suppression(**told, reason="first"))
    with begin.read() as work:
        export_tables(work, tmp_path / "old")
    with begin() as work:
        work.deliveries.set(1, state=DeliveryState.SENT, settled_at=work.clock.now())
        work.records(Suppression).set("a@x.example", "mail", reason="second")
    with begin() as work:
        before = everything(work)
        report = import_tables(work, tmp_path / "old")
        assert everything(work) == before
        assert work.deliveries.get(1).state is DeliveryState.SENT
    assert [str(each) for each in report.notices] == [
        f"{name}.csv, line 2: {name} {key} is here already with other values and was left alone"
        for name, key in (("delivery", 1), ("suppression", "a@x.example MAIL"))
    ]


OWN = ["contact", "campaign", "segment", "criteria_step", "log_entry"]


@pytest.fixture
def own(tmp_path, begin):
    """Give an export with a record of each of these tables, and a function that edits one."""
    with begin() as work:
        work.contacts.put(il.Contact(no="C1", company_no="C1", name="One"))
        work.campaigns.put(il.Campaign(no="CP1", description="One"))
        il.SegmentService(work).create("Spring", no="S1")
        il.ContactSelection(work, "S1").add(il.ContactFilter(nos=["C1"]))
        work.interactions.add(an_entry(1, contact_no="C1", cancel_state=1))
        export_tables(work, tmp_path / "own")

    def edited(name, edit):
        file = tmp_path / "own" / f"{name}.csv"
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
        for row in rows:
            edit(row)
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return file

    return edited


@pytest.mark.parametrize("name", OWN)
def test_an_export_with_a_further_column_is_still_one(begin, own, name):
    file = own(name, lambda row: row.update(remark="seen"))
    with begin() as work:
        before = everything(work)
        report = import_tables(work, file)
        assert everything(work) == before
    assert (report.changes, report.total.unchanged) == (0, 1)
    assert [(each.code, each.column) for each in report.notices] == [("unknown-column", "remark")]


@pytest.mark.parametrize("name", OWN)
def test_an_export_is_one_whatever_its_file_is_called(begin, own, name):
    file = own(name, lambda row: row.update(remark="seen"))
    with begin() as work:
        before = everything(work)
        report = import_tables(work, file.rename(file.with_name("copy of it.csv")))
        assert everything(work) == before
    assert (report.changes, report.total.unchanged) == (0, 1)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda _: "", ": is empty"),
        (lambda text: text.replace("C1", "C\0"), ": is neither a text nor a workbook"),
        (lambda text: text[:12], ""),
        (lambda text: "".join(text.splitlines(keepends=True)[1:]), ""),
    ],
)
@pytest.mark.parametrize("name", ["log_entry", "segment_line"])
def test_a_damaged_part_of_an_export_is_not_left_out(begin, own, name, damage, reason):
    file = own(name, lambda _: None)
    file.write_text(damage(file.read_text(encoding="utf-8")), encoding="utf-8")
    (file.parent / "notes.txt").write_text("nothing of interest\n", encoding="utf-8")
    with il.MemoryStore() as fresh, fresh.begin(user_id="HELENA") as work:
        with pytest.raises((UsageError, TablesRejectedError), match=rf"{name}\.csv{reason}"):
            import_tables(work, file.parent, on_error="reject")
        assert not any(everything(work).values())


@pytest.mark.parametrize("rows", [slice(1, None), slice(0, 0)])
def test_a_damaged_sheet_of_an_export_is_not_left_out(letters, tmp_path, rows):
    with letters() as work:
        work.users.put(il.User(user_id="HELENA"))
    with letters.read() as work:
        export_tables(work, tmp_path / "all.xlsx")

    def damaged(sheet, name):
        """Give the workbook with some rows of one sheet only, which is called so."""
        with (
            zipfile.ZipFile(tmp_path / "all.xlsx") as whole,
            zipfile.ZipFile(tmp_path / f"{name}.xlsx", "w") as copy,
        ):
            book = whole.read("xl/workbook.xml").decode()
            place = re.findall(r'<sheet[^>]* name="(\w+)"', book).index(sheet) + 1
            for each in whole.namelist():
                text = whole.read(each)
                if each == "xl/workbook.xml":
                    text = book.replace(f'"{sheet}"', f'"{name}"').encode()
                elif each == f"xl/worksheets/sheet{place}.xml":
                    found = re.findall(rb"<row.*?</row>", text, re.DOTALL)
                    before, _, after = text.partition(found[0])
                    text = before + b"".join(found[rows]) + after.rpartition(found[-1])[2]
                copy.writestr(each, text)
        return tmp_path / f"{name}.xlsx"

    with il.MemoryStore() as fresh, fresh.begin(user_id="HELENA") as work:
        with pytest.raises((UsageError, TablesRejectedError), match="sheet user: "):
            import_tables(work, damaged("user", "user"))
        assert not any(everything(work).values())
        report = import_tables(work, damaged("user", "Other"))
        left_out = [each.sheet for each in report.notices if each.code == "unknown-file"]
        assert left_out == (["Other"] if rows.start else [])


@pytest.mark.parametrize("name", OWN)
def test_an_export_without_a_column_is_refused_with_its_name(begin, own, name):
    last = exported_columns(EXPORTED[name])[-1].name
    gone = "protected" if name == "contact" else last
    file = own(name, lambda row: row.pop(gone))
    with begin() as work:
        before = everything(work)
        with pytest.raises(TablesRejectedError) as error:
            import_tables(work, file, on_error="reject")
        assert everything(work) == before
    assert f"column {gone}: is missing: this is an export" in str(error.value)


def rewritten(folder, name, edit):
    """Change one row of a table in an export as JSON Lines; return the file."""
    rows = list(map(json.loads, (folder / "all.jsonl").read_text(encoding="utf-8").splitlines()))
    edit(next(row for row in rows if row["interactionlog"] == name))
    file = folder / "edited.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


@pytest.fixture
def parts(tmp_path):
    """Give an export with a record of each table that has no entity."""
    with Company.open_in("memory", tmp_path) as company:
        with company() as work:
            line = work.segments.lines_after(company.open, 0)[0]
            il.SegmentService(work).remove_lines(company.open, [line.line_no])
            work.contacts.set("D", privacy_blocked=True)
            il.SegmentLogger(work).log(company.open)
            segment = il.SegmentService(work).create("S", interaction_template_code="T1")
            il.ContactSelection(work, segment.no).add(il.ContactFilter(nos=["C", "P"]))
            il.ContactSelection(work, segment.no).reduce(il.ContactFilter(nos=["C"]))
        with company.read() as work:
            export_tables(work, tmp_path / "all.jsonl")
    return tmp_path


ODD_PARTS = [
    ("attachment_content", "digest", "\0"),
    ("attachment_content", "digest", ""),
    ("attachment_content", "part_no", None),
    ("attachment_content", "part_no", 2**31),
    ("attachment_content", "content", "?"),
    ("removed_line", "removed_by_step", None),
    ("removed_line", "description", "x" * 101),
    ("removed_line", "date", "10000-01-01"),
    ("removed_line", "campaign_no", "x" * 21),
    ("left_out_line", "logged_segment_entry_no", 2**63),
    ("left_out_line", "cost_lcy", "-1"),
    ("left_out_line", "language_code", "\0"),
    ("left_out_line", "reasons", "5"),
    ("left_out_line", "reasons", "[5]"),
    ("entry_counter", "kind", "nothing"),
    ("entry_counter", "kind", "contact"),
    ("entry_counter", "kind", None),
    ("entry_counter", "last_value", None),
    ("entry_counter", "last_value", 2**63),
]


@pytest.mark.every_store
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_rows_that_are_no_records_hold_what_an_export_writes_or_are_refused_with_their_place(
    tmp_path, parts, adapter
):
    for table, column, value in ODD_PARTS:
        file = rewritten(parts, table, lambda row: row.update({column: value}))  # noqa: B023
        with opening(adapter, tmp_path) as begin, begin() as work:
            before = everything(work)
            with pytest.raises(TablesRejectedError) as error:
                import_tables(work, file)
            assert everything(work) == before
        (problem,) = error.value.problems
        assert (problem.sheet, problem.column) == (table, column)


@pytest.mark.every_store
@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize(
    "change", [{"content": "RU5Y"}, {"content": ""}, {"part_no": 1}, {"digest": "0" * 64}]
)
def test_a_content_that_is_not_the_one_of_its_digest_is_not_taken(
    tmp_path, filled, adapter, change
):
    folder, *_ = filled
    file = rewritten(folder, "attachment_content", lambda row: row.update(change))
    with opening(adapter, tmp_path) as begin:
        with begin() as work:
            before = everything(work)
            with pytest.raises(TablesRejectedError, match="not the content of its digest"):
                import_tables(work, file)
            assert everything(work) == before
        with begin() as work:
            report = import_tables(work, file, on_error="reject")
        with begin.read() as work:  # the others came in, and nobody takes it for the letter
            assert "attachment 1 has no content" in broken(work)
            assert work.contacts.find("ODD") is not None
        assert [each.column for each in report.rejected] == ["content"]


@pytest.fixture
def letters(begin):
    """Give a begin over an open segment of two contacts."""
    with begin() as work:
        work.salespeople.put(il.Salesperson(code="HR", name="Helena Ray", e_mail="hr@x.example"))
        work.interaction_groups.put(il.InteractionGroup(code="LETTER"))
        work.templates.put(
            il.InteractionTemplate(code="BUS", interaction_group_code="LETTER", unit_cost_lcy=2)
        )
        work.contacts.put(
            il.Contact(
                no="C1",
                company_no="C1",
                name="=cmd|' /C calc'!A0",
                phone_no="+39 02 1234",
                e_mail="c1@x.example",
            )
        )
        work.contacts.put(
            il.Contact(no="C2", company_no="C2", name="<script>alert(1)</script>", city="Bari")
        )
        service = il.SegmentService(work)
        service.create("Spring", no="S1", interaction_template_code="BUS", salesperson_code="HR")
        for no in ("C1", "C2"):
            service.add_line("S1", no)
    return begin


def test_a_mail_merge_is_safe_from_formulas_and_keeps_phone_numbers(letters, tmp_path):
    import python_calamine

    with letters() as work:
        assert export_mail_merge(work, "S1", tmp_path / "open.xlsx") == 2
        logged = il.SegmentLogger(work).log("S1")
        assert export_mail_merge(work, logged.entry_no, tmp_path / "logged.csv") == 2
    sheet = python_calamine.CalamineWorkbook.from_path(
        str(tmp_path / "open.xlsx")
    ).get_sheet_by_index(0)
    captions, first, _ = sheet.to_python()
    row = dict(zip(captions, first, strict=True))
    assert (row["phone_no"], row["name"]) == ("+39 02 1234", "=cmd|' /C calc'!A0")
    assert (row["salesperson_name"], row["salesperson_e_mail"]) == ("Helena Ray", "hr@x.example")
    with (tmp_path / "logged.csv").open(encoding="utf-8-sig", newline="") as file:
        guarded = next(csv.DictReader(file))
    assert (guarded["phone_no"], guarded["protected"]) == ("'+39 02 1234", "'")


@pytest.mark.parametrize("place", [{"city": "Rimini", "country_code": "IT"}, {}])
def test_a_mail_merge_writes_to_the_place_that_the_outbox_does(letters, tmp_path, place):
    """It mixed the street of one address with the post code and the county of another."""
    own = {"address": "1 Long Road", "post_code": "AA1", "city": "London", "county": "Middlesex"}
    other = il.AlternativeAddress(
        contact_no="C1", code="SUMMER", address="5 Sea Street", address_2="Floor 2", **place
    )
    with letters() as work:
        work.contacts.set("C1", **own)
        work.contacts.put_address(other)
        content = il.AttachmentService(work).store(b"Dear customer", name="a.pdf").no
        letter = il.CorrespondenceType.HARD_COPY
        values = {"contact_alt_address_code": "SUMMER", "attachment_no": content}
        work.segments.set_lines("S1", [10_000], correspondence_type=letter, **values)
        assert export_mail_merge(work, "S1", tmp_path / "letters.jsonl") == 2
        sent = il.SegmentLogger(work).preview("S1", 10_000).address
    row = json.loads((tmp_path / "letters.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert {name: row[name] or "" for name in sent} == sent
    assert (row["post_code"], row["address_2"]) == ("" if place else "AA1", "Floor 2")


def test_a_mail_merge_of_a_segment_that_is_logged_in_batches_is_refused(letters, tmp_path):
    """Those whose lines were moved would get no letter, or the others."""

    def interrupted(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        il.BatchRun(letters.store, user_id="T").log("S1", size=1, on_progress=interrupted)
    with letters.read() as work:
        (logged,) = il.LoggedSegments(work).all()
        for no in ("S1", logged.entry_no):
            with pytest.raises(il.StateError, match="S1 is being logged"):
                export_mail_merge(work, no, tmp_path / "letters.csv")
    assert list(tmp_path.glob("letters*")) == []


@pytest.mark.every_store
@pytest.mark.parametrize("purpose_of", ["segment", "template"])
def test_nobody_gets_a_letter_of_a_mail_merge_who_may_not_be_written_to(
    begin, tmp_path, purpose_of
):
    """Neither before the logging nor after it, as no delivery is sent."""
    with begin() as work:
        set_up(work)
        consents = il.Consents(work)
        consents.put_purpose(Purpose(code="NEWS", needs="opt-in"))
        mails = {"correspondence_type_default": il.CorrespondenceType.EMAIL}
        codes = {"template": {"purpose_code": "NEWS"}, "segment": {}}
        add_template(work, "NEWS", **mails, **codes[purpose_of])
        nos = ("AGREED", "BLOCKED", "ELSEWHERE", "NAMED", "REFUSED", "SUPPRESSED")
        named = {"NAMED": "Ida <ida@x.example>, suppressed@x.example"}
        for no in nos:
            add_person(work, no, e_mail=named.get(no, f"{no}@x.example"))
            consents.record(no, "mail", "NEWS", given=True)
        home = il.AlternativeAddress(contact_no="ELSEWHERE", code="HOME", e_mail="home@x.example")
        work.contacts.put_address(home)
        segments = il.SegmentService(work)
        header = {"segment": {"purpose_code": "NEWS"}, "template": {}}[purpose_of]
        segments.create("News", no="SM1", interaction_template_code="NEWS", **header)
        for no in nos:
            at = {"contact_alt_address_code": "HOME"} if no == "ELSEWHERE" else {}
            segments.add_line("SM1", no, **at)

        def written(no, name):
            count = export_mail_merge(work, no, tmp_path / name)
            lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
            assert count == len(lines)
            return [json.loads(line)["contact_no"] for line in lines]

        def stop(*others):
            work.contacts.put(attrs.evolve(work.contacts.get("BLOCKED"), privacy_blocked=True))
            consents.record("REFUSED", "mail", "NEWS", given=False)
            for each in ("suppressed@x.example", *others):
                consents.suppress(each, "mail")

        assert written("SM1", "all.jsonl") == [*nos]
        logged = il.SegmentLogger(work).log("SM1")
        stop()
        assert written(logged.entry_no, "logged.jsonl") == ["AGREED", "ELSEWHERE"]
        il.SegmentLogger(work).undo("SM1")
        assert written("SM1", "open.jsonl") == ["AGREED", "ELSEWHERE"]
        stop("home@x.example")
        assert written("SM1", "last.jsonl") == ["AGREED"]


@pytest.mark.parametrize("ending", ["csv", "pdf", "parquet", "ics", ""])
@pytest.mark.parametrize("write", [export_tables, export_mail_merge, export_log])
def test_a_file_that_cannot_hold_it_is_refused_and_not_made(letters, tmp_path, write, ending):
    """A file of CSV for all tables held the last of them only."""
    path = tmp_path / f"out.{ending}".rstrip(".")
    takes = {export_tables: {""}, export_mail_merge: {"csv"}, export_log: {"parquet"}}[write]
    given = ("S1",) if write is export_mail_merge else ()
    with letters() as work:
        if ending in takes:
            write(work, *given, path)
            assert path.exists()
            return
        with pytest.raises(UsageError, match=rf"^{path.name}: export this to "):
            write(work, *given, path)
    assert [*tmp_path.glob("out*")] == []


def test_endings_are_read_in_any_case(letters, tmp_path):
    with letters() as work:
        export_mail_merge(work, "S1", tmp_path / "OPEN.XLSX")
        export_tables(work, tmp_path / "ALL.JSONL")
    assert (tmp_path / "OPEN.XLSX").read_bytes()[:2] == b"PK"
    assert (tmp_path / "ALL.JSONL").read_text(encoding="utf-8")[0] == "{"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx"])
def test_a_file_in_a_folder_that_is_not_there_is_named_as_it_was_given(letters, tmp_path, ending):
    path = tmp_path / "absent" / f"letters.{ending}"
    with letters() as work, pytest.raises(FileNotFoundError) as raised:
        export_mail_merge(work, "S1", path)
    assert raised.value.filename == str(path)
    assert str(raised.value).endswith(f": {str(path)!r}")


BLANK_OR_NO_PATH = ["", " ", None, 7, b"x.csv", ["x.csv"], "a\0b"]


@pytest.mark.parametrize("path", BLANK_OR_NO_PATH)
def test_a_blank_path_is_not_the_folder_where_one_works(letters, tmp_path, monkeypatch, path):
    (tmp_path / "contacts.csv").write_text("No.,Type,Name\nK1,Person,Kit\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    calls = [import_tables, draft_mapping, export_tables, export_log, export_calendar]
    calls += [export_package, load_mapping, SqliteStore, FolderTransport]
    alone = {draft_mapping, load_mapping, SqliteStore, FolderTransport}
    with letters() as work:
        for call in calls:
            with pytest.raises((UsageError, il.FieldInvalidError)):
                call(*(() if call in alone else (work,)), path)
        for odd in (export_mail_merge, il.AttachmentService(work).export):
            with pytest.raises((UsageError, il.FieldInvalidError)):
                odd(*((work, "S1") if odd is export_mail_merge else (1,)), path)
        if path is not None:
            with pytest.raises((UsageError, il.FieldInvalidError)):
                import_tables(work, "contacts.csv", mapping=path)
        assert work.contacts.find("K1") is None
    assert sorted(tmp_path.iterdir()) == before


def test_the_log_goes_out_for_analysis(letters, tmp_path):
    import pyarrow.parquet

    with letters() as work:
        il.SegmentLogger(work).log("S1")
        assert export_log(work, tmp_path / "log.parquet") == 2
        assert export_log(work, tmp_path / "log.jsonl", il.LogFilter(contact_no="C2")) == 1
    table = pyarrow.parquet.read_table(tmp_path / "log.parquet")
    assert table["cost_lcy"].to_pylist() == [Decimal(2), Decimal(2)]
    assert table["date"].to_pylist() == [date(2026, 1, 26)] * 2
    line = json.loads((tmp_path / "log.jsonl").read_text(encoding="utf-8"))
    assert (line["contact_no"], line["postponed"]) == ("C2", False)


def test_postponed_interactions_are_events_of_a_calendar(letters, tmp_path):
    import icalendar

    with letters() as work:
        interactions = il.InteractionService(work)
        draft = interactions.start("C1", interaction_template_code="BUS")
        entry = interactions.postpone(interactions.change(draft, description="Call back, soon"))
        assert export_calendar(work, tmp_path / "later.ics") == 1
    calendar = icalendar.Calendar.from_ical((tmp_path / "later.ics").read_bytes())
    (event,) = calendar.walk("VEVENT")
    assert event["uid"].startswith(f"{entry.entry_no}@")
    assert event["summary"].startswith("Call back, soon: =cmd")
    assert event.decoded("dtstart").date() == date(2026, 1, 26)
    with letters() as work:
        work.contacts.put(attrs.evolve(work.contacts.get("C1"), privacy_blocked=True))
        assert export_calendar(work, tmp_path / "blocked.ics") == 0
    assert b"cmd" not in (tmp_path / "blocked.ics").read_bytes()


def test_texts_in_a_calendar_are_what_they_were_and_times_are_those_of_the_business(tmp_path):
    import icalendar

    said = 'A, b; c\\n: "d" \U0001f389 =1+1 ' + "ä" * 60
    name, mail = "Möller; Söhne, \\ & BEGIN:VEVENT", "a,b;c@x.example"
    clock = il.FixedClock("2026-06-01T10:15:00", zone="Europe/Rome")
    with il.MemoryStore(clock=clock) as store, store.begin(user_id="MARIA") as work:
        work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
        work.templates.put(il.InteractionTemplate(code="CALL", interaction_group_code="PHONE"))
        work.contacts.put(il.Contact(no="C1", company_no="C1", name=name, e_mail=mail))
        interactions = il.InteractionService(work)
        draft = interactions.start("C1", interaction_template_code="CALL")
        interactions.postpone(interactions.change(draft, description=said))
        assert export_calendar(work, tmp_path / "later.ics") == 1
    raw = (tmp_path / "later.ics").read_bytes()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    (event,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert (event["summary"], event["description"]) == (f"{said}: {name}", f"C1\n{mail}")
    begins = event.decoded("dtstart")
    assert begins == datetime(2026, 6, 1, 8, 16, tzinfo=UTC)  # drafts begin at the next minute
    assert b"TZID" not in raw  # a zone would have to be described as well


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(("day", "time"), [((9999, 12, 31), "23:30"), ((1, 1, 1), "00:10")])
def test_an_event_that_is_out_of_all_calendars_is_one_of_its_day(tmp_path, zone, day, time):
    """Its time would be one of a year that there is not."""
    import icalendar

    clock = il.FixedClock("2026-06-01T10:15:00", zone=zone)
    with il.MemoryStore(clock=clock) as store, store.begin(user_id="MARIA") as work:
        values = {"postponed": True, "time_of_interaction": time_type.fromisoformat(time)}
        work.interactions.add(an_entry(1, date=date(2026, 1, 1), **values))
        work.interactions.add(an_entry(2, date=date(*day), **values))
        assert export_calendar(work, tmp_path / "later.ics") == 2
    events = icalendar.Calendar.from_ical((tmp_path / "later.ics").read_bytes()).walk("VEVENT")
    shown = {str(each["uid"])[0]: each.decoded("dtstart") for each in events}
    assert isinstance(shown["1"], datetime)
    assert shown["2"].timetuple()[:3] == day
    timed = [each for each in events if isinstance(each.decoded("dtstart"), datetime)]
    assert all(("dtend" in each) == (each in timed) for each in events)


def test_a_package_for_business_central_comes_in_again(letters, tmp_path):
    with letters() as work:
        il.SegmentLogger(work).log("S1")
        counts = export_package(work, tmp_path / "crm.rapidstart")
    assert (counts["Contact"], counts["Interaction_Log_Entry"]) == (2, 2)
    text = gzip.decompress((tmp_path / "crm.rapidstart").read_bytes()).decode("utf-16")
    assert "<TableID>5050</TableID>" in text
    assert "<E_Mail>c1@x.example</E_Mail>" in text
    store = il.MemoryStore()
    with store.begin(user_id="NEW") as work:
        import_tables(work, tmp_path / "crm.rapidstart")
        assert work.contacts.get("C1").e_mail == "c1@x.example"
        assert (
            il.Statistics(work).of(il.LogFilter(interaction_template_code="BUS")).interactions == 2
        )


def test_what_is_canceled_or_postponed_is_so_after_a_package(letters, tmp_path):
    """All of it was live again: figures counted it, and the time that it was put off to was gone."""
    with letters() as work:
        interactions, entries = il.InteractionService(work), il.LogEntryService(work)
        draft = interactions.start("C1", interaction_template_code="BUS", salesperson_code="HR")
        for state in ("live", "canceled", "postponed", "canceled postponed"):
            said = interactions.change(draft, description=state)
            done = interactions.postpone if "postponed" in state else interactions.finish
            entry = done(said)
            if "canceled" in state:
                entries.cancel(entry.entry_no)
        export_package(work, tmp_path / "crm.rapidstart")
    with il.MemoryStore() as store, store.begin(user_id="NEW") as work:
        assert import_tables(work, tmp_path / "crm.rapidstart").notices == ()
        found = {each.description: each for each in work.scan(il.InteractionLogEntry)}
        for state, entry in found.items():
            assert (entry.canceled, entry.postponed) == ("cancel" in state, "post" in state)
        assert il.Statistics(work).of(il.LogFilter()).interactions == 1
        assert broken(work) == []
        assert import_tables(work, tmp_path / "crm.rapidstart").changes == 0
        interactions = il.InteractionService(work)
        finished = interactions.finish(interactions.resume(found["postponed"].entry_no))
        assert finished.entry_no == found["postponed"].entry_no
        assert il.Statistics(work).of(il.LogFilter()).interactions == 2


def test_questionnaires_with_their_lines_come_back_from_a_package(tmp_path):
    """Lines were among the headers, and the import refused them as headers that come again."""
    kind = {"kind": il.ReferenceKind.QUESTIONNAIRE, "code": "Q"}
    lines = [
        il.ReferenceCode(**kind, description="Customers"),
        il.ReferenceCode(
            **kind, line_no=10_000, line_type="Question", multiple_answers=True, priority=3
        ),
        il.ReferenceCode(**kind, line_no=20_000, line_type="Answer", description="Yes"),
        il.ReferenceCode(kind=il.ReferenceKind.MAILING_GROUP, code="Q"),
    ]
    with il.MemoryStore() as store, store.begin(user_id="OLD") as work:
        for line in lines:
            work.records(il.ReferenceCode).put(line)
        work.contacts.put(il.Contact(no="C1", company_no="C1", name="One", company_name="One"))
        answer = {"contact_no": "C1", "line_no": 20_000, "answer_priority": 2}
        answered = il.MembershipKind.PROFILE_ANSWER
        work.records(il.Membership).put(il.Membership(kind=answered, code="Q", **answer))
        before = everything(work)
        work.interactions.add(an_entry(1, contact_no=None))  # nothing names it there
        counts = export_package(work, tmp_path / "crm.rapidstart")
    assert counts["Interaction_Log_Entry"] == 0
    assert counts["Profile_Questionnaire_Header"] == 1
    assert counts["Profile_Questionnaire_Line"] == 2
    with il.MemoryStore() as store, store.begin(user_id="NEW") as work:
        assert import_tables(work, tmp_path / "crm.rapidstart").notices == ()
        assert everything(work) == before


def test_the_page_of_a_plan_tells_what_refuses_the_segment(letters):
    with letters() as work:
        work.segments.set("S1", incomplete=True)
        plan = il.SegmentLogger(work).plan("S1")
        assert "is incomplete" in plan.refusal
        assert plan.refusal in Reports(work).plan(plan)


@pytest.mark.parametrize("there", [2, 3])
def test_a_page_says_how_many_rows_it_leaves_out_and_nothing_where_it_has_all(
    letters, there, monkeypatch
):
    monkeypatch.setattr("interactionlog.interchange.reports.MOST_SHOWN", 2)
    with letters() as work:
        work.contacts.put(a_person("P3"))
        add_segment(work, "S2", ["P3"] * there)
        work.contacts.set("P3", privacy_blocked=True)
        plan = Reports(work).plan(il.SegmentLogger(work).plan("S2"))
        work.contacts.set("P3", privacy_blocked=False)
        logged = il.SegmentLogger(work).log("S2").entry_no
        il.LogEntryService(work).cancel(2)  # it is a row as well
        pages = [
            plan,
            Reports(work).logged_segment(logged),
            Reports(work).timeline("P3", limit=2),
        ]
        assert [f"First 2 / {there}" in page for page in pages] == [there > 2] * 3


def test_the_page_of_a_logged_segment_has_the_figures_of_it(letters):
    with letters() as work:
        logged = il.SegmentLogger(work).log("S1").entry_no
        il.LogEntryService(work).cancel(1)
        il.LogEntryService(work).delete_canceled()
        assert "First" not in Reports(work).logged_segment(logged)  # the one that is left is shown
        il.LoggedSegments(work).cancel(logged)
        cost = il.LoggedSegments(work).figures(logged).entries.cost_lcy
        assert f"<dd>{cost}.00</dd>" in Reports(work).logged_segment(logged)


def test_a_page_is_whole_escaped_and_names_people(letters):
    with letters() as work:
        work.contacts.set("C1", privacy_blocked=True)
        plan = Reports(work).plan(il.SegmentLogger(work).plan("S1"))
        logged = il.SegmentLogger(work).log("S1")
        pages = [
            plan,
            Reports(work, "it").logged_segment(logged.entry_no),
            Reports(work).timeline("C2"),
            Reports(work).statistics(date(2026, 1, 1)),
        ]
    for page in pages:
        assert "<script" not in page
        assert "http" not in page
        assert page.startswith("<!DOCTYPE html>")
    assert "privacy blocked" in plan
    italian = pages[1]
    assert "&lt;script&gt;" in italian
    assert "Chi l&#x27;ha ricevuto" in italian
    assert "privacy bloccata" in italian
    assert '<td class="il-n" data-c="Costo">2,00</td>' in italian
    assert "Helena Ray" in italian
    assert 'class="il-bar"' in pages[3]
    assert pages[3].count("<th>Interactions</th>") == pages[3].count("<thead>")  # above the bars
