"""What the integrity check finds, on every store."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing, suppress
from datetime import date
from types import SimpleNamespace

import attrs
import pytest

import interactionlog as il
from interactionlog.adapters.postgresql.store import PostgresStore
from interactionlog.adapters.sql.store import SqlUnitOfWork
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.campaigns.service import CampaignService
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Membership,
    ReferenceCode,
)
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.delivery.delivery import DeliveryReceipt
from interactionlog.errors import StorageError, UsageError
from interactionlog.integrity import check_integrity, repair_integrity
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interactions.entry_service import LogEntryService
from interactionlog.interactions.repository import LogFilter
from interactionlog.numbering.series import (
    NoSeries,
    NoSeriesLine,
    NoSeriesRelation,
    NumberCounter,
)
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.logging.logged_segments import LeftOutLine, LoggedSegments
from interactionlog.segments.logging.logger import SegmentLogger
from interactionlog.segments.segment import (
    CriteriaStep,
    SavedCriteriaStep,
    Segment,
    SegmentLanguage,
    SegmentLine,
)
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.templates.template import MarketingSetup, TemplateLanguage, TemplateSetup
from interactionlog.testing import (
    a_campaign,
    a_campaign_entry,
    a_comment,
    a_contact,
    a_line,
    a_logged_segment,
    a_person,
    a_segment,
    a_step,
    a_template,
    add_segment,
    an_attachment,
    an_entry,
)
from interactionlog.testing.race_world import populate
from interactionlog.values import (
    LoggedSegmentState,
    MembershipKind,
    NumberingPolicy,
    ReferenceKind,
    ResetPeriod,
)
from postgres import new_tenant, owned_postgres_store, temporary_database

MANY = {InteractionLogEntry, LogComment, SegmentLine, Membership, DeliveryReceipt}
"""No other record names them, but for entries, which are looked up by number."""

FOUND_IN_RECORDS = {"damaged", "unreadable", "invalid"}

pytestmark = pytest.mark.every_store  # statements that no contract runs


def found(begin, *, broken=True):
    """Return code and message of what is found: what is broken, what is not, or for ``None`` both."""
    with begin.read() as work:
        return found_in(work, broken=broken)


def found_in(work, *, broken=True):
    """Return the same of a unit of work."""
    return [(f.code, f.message) for f in check_integrity(work) if broken in {None, f.broken}]


def logged(begin, contact_nos=("C1", None, "C2"), no="S1"):
    """Log a segment and return its record."""
    with begin() as work:
        add_segment(work, no, contact_nos)
        return SegmentLogger(work).log(no)


def test_what_there_may_be_millions_of_is_read_once(begin):
    logged(begin)
    with begin.read() as work:
        read, scan = Counter(), work.scan
        work.scan = lambda entity: (read.update([entity]), scan(entity))[1]
        assert list(check_integrity(work)) == []
    assert {kind: times for kind, times in read.items() if times > 1 and kind in MANY} == {}
    assert read.keys() >= MANY


def test_an_empty_store_and_one_with_a_logged_segment_are_sound(begin):
    assert found(begin) == []
    logged(begin)
    assert found(begin, broken=None) == []


def add_orphan_line(work):
    work.contacts.put(a_contact("C1"))
    work.segments.add_lines([a_line(10_000, "C1", "GONE"), a_line(20_000, "C1", "GONE")])


def add_orphan_line_attachment(work):
    add_segment(work, "S1", ["C1"])
    line = attrs.evolve(work.segments.line("S1", 10_000), line_no=20_000, attachment_no=7)
    work.segments.add_lines([line])


def add_orphan_language(work):
    work.segments.put_language(SegmentLanguage(segment_no="GONE", language_code="ENU"))


def add_orphan_kept_language(work):
    row = SegmentLanguage(segment_no="S1", logged_segment_entry_no=9, attachment_no=7)
    work.segments.put_language(row)


def add_orphan_step(work):
    work.records(CriteriaStep).add(a_step(segment_no="GONE"))


def add_orphan_kept_step(work):
    work.records(CriteriaStep).add(a_step(segment_no="S1", logged_segment_entry_no=9))


def add_orphan_comment(work):
    work.records(LogComment).put(a_comment(9))


def add_orphan_left_out_line(work):
    left = LeftOutLine(line=a_line(10_000, None, "S1"), reasons=("no-contact",))
    work.logged_segments.add_left_out(9, [left])


def add_orphan_entry(work):
    entry = an_entry(1, logged_segment_entry_no=9, campaign_entry_no=8, attachment_no=7)
    work.interactions.add(entry)
    work.interactions.add(an_entry(2, modified_word_template=6))


def add_orphan_removed_line(work):
    add_segment(work, "S1", [])
    work.segments.add_lines([a_line(10_000, None, "S1", attachment_no=7)])
    work.segments.remove_by_step("S1", 1, [10_000])


def add_lines_of_no_step(work):
    add_segment(work, "S1", [])
    work.segments.add_lines([a_line(n, None, "S1", added_by_step=2) for n in (10_000, 20_000)])
    for given in ({"segment_line_no": 30_000}, {"removed_by_step": 3}):
        work.segments.put_language(SegmentLanguage(segment_no="S1", **given))


def add_orphan_campaign_entry(work):
    work.campaign_entries.add(a_campaign_entry(1, "GONE", register_no=9))


def add_orphan_template_language(work):
    row = TemplateLanguage(interaction_template_code="GONE", language_code="ENU", attachment_no=7)
    work.template_languages.put(row)


def add_orphan_contacts(work):
    work.contacts.put(a_person("P1", "GONE"))
    kind = MembershipKind.MAILING_GROUP
    work.contacts.put_membership(Membership(contact_no="GONE", kind=kind, code="XMAS"))
    work.contacts.put_address(AlternativeAddress(contact_no="GONE", code="SUMMER"))


def add_orphan_series_line(work):
    work.numbers.lines.add(NoSeriesLine(series_code="GONE", line_no=10_000))


def add_orphan_numbers(work):
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code="INV"))
    setup.add_line("INV", "I001")
    NumberSeries(work).next("INV")
    work.numbers.lines.remove("INV", 10_000)


def add_orphan_relation(work):
    work.numbers.relations.add(NoSeriesRelation(code="GONE", series_code="LOST"))


def add_orphan_saved_step(work):
    values = attrs.asdict(a_step(), recurse=False)
    names = {field.name for field in attrs.fields(SavedCriteriaStep)} - {"code"}
    values = {name: value for name, value in values.items() if name in names}
    work.records(SavedCriteriaStep).add(SavedCriteriaStep(code="GONE", **values))


@pytest.mark.parametrize(
    ("add", "expected"),
    [
        (add_orphan_line, ["segment line: 2 with segment_no GONE"]),
        (add_orphan_line_attachment, ["segment line: 1 with attachment_no 7"]),
        (add_orphan_language, ["segment language: 1 with segment_no GONE"]),
        (
            add_orphan_kept_language,
            [
                "segment language: 1 with attachment_no 7",
                "segment language: 1 with logged_segment_entry_no 9",
            ],
        ),
        (add_orphan_step, ["criteria step: 1 with segment_no GONE"]),
        (add_orphan_kept_step, ["criteria step: 1 with logged_segment_entry_no 9"]),
        (add_orphan_comment, ["log comment: 1 with entry_no 9"]),
        (
            add_orphan_left_out_line,
            ["left out line: 1 with logged_segment_entry_no 9"],
        ),
        (
            add_orphan_entry,
            [
                "log entry: 1 with logged_segment_entry_no 9",
                "log entry: 1 with campaign_entry_no 8",
                "log entry: 1 with attachment_no 7",
                "log entry: 1 with modified_word_template 6",
            ],
        ),
        (
            add_orphan_removed_line,
            ["removed line: 1 with attachment_no 7", "removed line: 1 with removed_by_step 1"],
        ),
        (
            add_lines_of_no_step,
            [
                "segment line: 2 with added_by_step 2",
                "segment language: 1 with segment_line_no 30000",
                "segment language: 1 with removed_by_step 3",
            ],
        ),
        (
            add_orphan_campaign_entry,
            ["campaign entry: 1 with campaign_no GONE", "campaign entry: 1 with register_no 9"],
        ),
        (
            add_orphan_template_language,
            [
                "template language: 1 with interaction_template_code GONE",
                "template language: 1 with attachment_no 7",
            ],
        ),
        (
            add_orphan_contacts,
            [
                "contact: 1 with company_no GONE",
                "contact membership: 1 with contact_no GONE",
                "contact alternative address: 1 with contact_no GONE",
            ],
        ),
        (add_orphan_series_line, ["number series line: 1 with series_code GONE"]),
        (
            add_orphan_numbers,
            ["numbers of series INV, line 10000, which does not exist"],
        ),
        (
            add_orphan_relation,
            [
                "number series relation: 1 with code GONE",
                "number series relation: 1 with series_code LOST",
            ],
        ),
        (add_orphan_saved_step, ["saved criteria step: 1 with code GONE"]),
    ],
)
def test_an_orphan_is_broken(begin, add, expected):
    with begin() as work:
        add(work)
    orphans = found(begin)
    assert {code for code, _ in orphans} == {"orphan"}
    assert [message.partition(", but ")[0] for _, message in orphans] == expected
    assert all(message.endswith(" does not exist") for _, message in orphans)


def test_an_attachment_without_its_bytes_is_broken(begin):
    with begin() as work:
        work.attachments.add(an_attachment(1))
    assert found(begin) == [("content-missing", "attachment 1 has no content")]


@pytest.mark.parametrize(
    "stored",
    [b"Dear", b"Dear Ann", b"Dear Bob", b""],
    ids=["fewer", "others", "the same", "none"],
)
def test_an_attachment_whose_bytes_are_not_those_that_were_stored_is_broken(begin, stored):
    with begin() as work:
        service = il.AttachmentService(work)
        kept, changed = (service.store(text, name="a.txt") for text in (b"Dear", b"Dear Bob"))
        work.attachments.add(attrs.evolve(changed, no=changed.no + 1))  # a copy
        assert found_in(work) == []
        work.attachments.remove_content(changed.digest)
        work.attachments.put_content(changed.digest, 0, stored)
        work.attachments.put_content(kept.digest, 1, b"")  # an empty part changes nothing
        assert repair_integrity(work) == []
        told = [message for code, message in found_in(work) if code == "content-damaged"]
    same = stored == b"Dear Bob"
    assert told == [
        f"attachment {no} has other bytes than were stored: restore its content from a backup"
        for no in (changed.no, changed.no + 1)
        if not same
    ]


def test_selection_steps_of_which_one_is_lost_are_broken(begin):
    with begin() as work:
        for no in ("S1", "S2"):
            add_segment(work, no, ["C1", "C2", "C3"])
            for contact_no in ("C1", "C2", "C3"):
                ContactSelection(work, no).reduce(ContactFilter(nos={contact_no}))
        ContactSelection(work, "S1").save("NEWS")
    assert found(begin) == []
    with begin() as work:
        work.records(SavedCriteriaStep).remove("NEWS", 1)
        work.records(CriteriaStep).remove("S2", None, 2)
    assert [message for code, message in found(begin) if code == "sum"] == [
        "criteria steps of S2 should be 1 to 2, are 1, 3",
        "saved criteria steps of NEWS should be 1 to 2, are 2, 3",
    ]


def test_a_personalised_line_that_is_removed_and_logged_is_sound(begin):
    with begin() as work:
        add_segment(work, "S1", ["C1", "C2"])
        for line_no in (10_000, 20_000):
            content = il.AttachmentService(work).store(b"Dear", name="a.txt")
            SegmentService(work).personalise("S1", line_no, attachment_no=content.no)
            il.SegmentLanguages(work).put("S1", "DEU", line_no=line_no, description="Brief")
        ContactSelection(work, "S1").reduce(ContactFilter(nos={"C1"}))
    assert found(begin) == []
    with begin() as work:
        SegmentLogger(work).log("S1")
    assert found(begin) == []


def test_a_lost_entry_and_a_lost_left_out_line_do_not_add_up(begin):
    record = logged(begin)
    with begin() as work:
        work.interactions.remove(record.first_entry_no)
        counts = {**record.counts, "leave-out": 2}
        work.logged_segments.replace(attrs.evolve(record, counts=counts))
    name = "logged segment 1 of segment S1"
    assert found(begin) == [
        ("sum", f"{name} should have 2 entries, has 1"),
        ("sum", f"{name} should keep 2 left-out lines, keeps 1"),
    ]


def test_entries_that_were_canceled_and_deleted_are_accounted_for(begin):
    record = logged(begin)
    with begin() as work:
        LogEntryService(work).cancel(record.first_entry_no)
        assert LogEntryService(work).delete_canceled() == 1
        assert work.logged_segments.get(record.entry_no).counts["deleted"] == 1
    with begin() as work:
        LogEntryService(work).cancel(record.last_entry_no)
        assert LogEntryService(work).delete_canceled(LogFilter(contact_no="C2")) == 1
        assert work.logged_segments.get(record.entry_no).counts["deleted"] == 2
    assert found(begin) == []


def test_a_second_entry_of_a_line_is_broken(begin):
    record = logged(begin)
    with begin() as work:
        entry = work.interactions.get(record.first_entry_no)
        work.interactions.add(attrs.evolve(entry, entry_no=record.last_entry_no + 10))
    name = "logged segment 1 of segment S1"
    assert found(begin) == [
        ("sum", f"{name} should have 2 entries, has 3"),
        ("duplicate", f"{name} has 2 entries of line 10000"),
        ("sum", f"{name} has 1 entries that are not from 1 to 2"),
    ]


@pytest.mark.parametrize(
    "lost", [{"segment_no": None}, {"segment_no": "S2"}, {"segment_line_no": None}], ids=str
)
def test_an_entry_that_does_not_name_its_line_of_the_logged_segment_is_broken(begin, lost):
    record = logged(begin)
    with begin() as work:
        entry = work.interactions.get(record.first_entry_no)
        work.interactions.replace(attrs.evolve(entry, **lost))
    name = "logged segment 1 of segment S1"
    assert found(begin) == [("sum", f"{name} has 1 entries that do not name a line of it")]


def test_a_segment_that_is_open_and_logged_is_broken(begin):
    logged(begin)
    with begin() as work:
        work.segments.add(a_segment("S1"))
    assert found(begin) == [("duplicate", "logged segment 1 of segment S1 is open as well")]


def test_an_open_run_is_broken_and_one_in_batches_is_noticed(begin):
    running = LoggedSegmentState.RUNNING
    with begin() as work:
        work.logged_segments.add(a_logged_segment(1, "S1", state=running))
        work.logged_segments.add(a_logged_segment(2, "S2", state=running, batch_size=100))
    ((code, message),) = found(begin)
    assert (code, message) == (
        "open-run",
        "logged segment 1 of segment S1 is still running: it was not completed",
    )
    assert found(begin, broken=False) == [
        ("open-run", "logged segment 2 of segment S2 is still running: run it again to go on")
    ]


def test_what_belongs_to_a_line_that_a_run_has_moved_is_sound(begin):
    running = a_logged_segment(
        1, "S1", state=LoggedSegmentState.RUNNING, batch_size=1, last_line_no=10_000
    )
    with begin() as work:
        work.segments.add(a_segment("S1"))
        work.segments.add_lines([a_line(20_000, segment_no="S1")])
        work.logged_segments.add(running)
        for line_no in (10_000, 20_000, 30_000):
            work.segments.put_language(SegmentLanguage(segment_no="S1", segment_line_no=line_no))
    lost = (
        "segment language: 1 with segment_line_no 30000, but segment line S1 30000 does not exist"
    )
    assert ("orphan", lost) in found(begin)
    assert "S1 10000" not in str(found(begin))


def test_an_undone_segment_is_sound(begin):
    logged(begin)
    with begin() as work:
        SegmentLogger(work).undo("S1")
    assert found(begin) == []


def test_a_deleted_logged_segment_leaves_nothing_broken(begin):
    record = logged(begin)
    with begin() as work:
        LoggedSegments(work).cancel(record.entry_no)
        LoggedSegments(work).delete_canceled()
    assert found(begin) == []


def test_codes_that_name_nothing_or_that_nobody_uses_are_noticed(begin):
    with begin() as work:
        work.contacts.put(a_contact("C1", salesperson_code="SP"))
        work.contacts.put(a_contact("C2", salesperson_code="SP"))
        work.templates.put(a_template("BUS", interaction_group_code="G", purpose_code="NEWS"))
        given = {"interaction_group_code": "G", "follow_up_of": 9}
        work.segments.add(Segment(no="SM1", purpose_code="BILLS", **given))
        names = ("salesperson_code", "interaction_template_code", "interaction_group_code")
        line = a_line(1, "C1", "SM1", contact_alt_address_code="SEA", **dict.fromkeys(names))
        work.segments.add_lines([line])
        work.records(AlternativeAddressPeriod).put(
            AlternativeAddressPeriod(contact_no="C1", code="SEA", starting_date=date(2026, 1, 1))
        )
        work.template_setup.put(TemplateSetup(purpose="e_mails", interaction_template_code="EMAIL"))
        work.marketing_setup.put(MarketingSetup(segment_nos="SEGM", default_salesperson_code="SP"))
        work.campaigns.put(a_campaign("CP1", salesperson_code="SP"))
        kind = MembershipKind.MAILING_GROUP
        work.contacts.put_membership(Membership(contact_no="C1", kind=kind, code="XMAS"))
        for code in ("EASTER", "MAY"):
            reference = ReferenceCode(kind=ReferenceKind.MAILING_GROUP, code=code)
            work.reference_codes.put(reference)
    assert found(begin) == []
    assert [message.partition(", but ")[0] for _, message in found(begin, broken=False)] == [
        "contact: 2 with salesperson_code SP",
        "campaign: 1 with salesperson_code SP",
        "contact alternative address period: 1 with code SEA",
        "interaction template: 1 with interaction_group_code G",
        "interaction template: 1 with purpose_code NEWS",
        "template setup: 1 with interaction_template_code EMAIL",
        "segment: 1 with interaction_group_code G",
        "segment: 1 with purpose_code BILLS",
        "segment: 1 with follow_up_of 9",
        "segment line: 1 with contact_alt_address_code SEA",
        "marketing setup: 1 with segment_nos SEGM",
        "marketing setup: 1 with default_salesperson_code SP",
        "codes of kind mailing group are used and not known: XMAS",
        "codes of kind mailing group are not used: EASTER, MAY",
    ]


@pytest.mark.parametrize("way", ["undo", "go back"])
def test_lines_that_come_back_for_a_contact_that_is_gone_are_noticed(begin, way):
    with begin() as work:
        add_segment(work, "S1", ["C1", "C2"])
        if way == "undo":
            SegmentLogger(work).log("S1")
        else:
            ContactSelection(work, "S1").reduce(ContactFilter(nos={"C1"}))
        work.contacts.remove("C1")
        if way == "undo":
            SegmentLogger(work).undo("S1")
        else:
            ContactSelection(work, "S1").go_back()
    assert found(begin) == []
    message = "segment line: 1 with contact_no C1, but contact C1 does not exist"
    assert ("unknown-code", message) in found(begin, broken=False)


def test_a_default_language_without_its_row_is_noticed(begin):
    with begin() as work:
        for code in ("BUS", "MEMO"):
            work.templates.put(a_template(code, language_code_default="ENU"))
        row = TemplateLanguage(interaction_template_code="MEMO", language_code="ENU")
        work.template_languages.put(row)
    assert ("language-missing", "template BUS has default language ENU without a row") in found(
        begin, broken=False
    )
    assert "MEMO has default" not in str(found(begin, broken=False))


def test_what_a_host_keeps_is_not_looked_for(begin):
    class Directory:
        """Reads only, like a host's."""

    with begin() as work:
        work.segments.add(a_segment("S1", salesperson_code="THEIRS"))
        work.segments.add_lines([a_line(10_000, "THEIRS", "S1")])
        for name in ("contacts", "salespeople"):
            work.__dict__[name] = Directory()
        messages = [fault.message for fault in check_integrity(work)]
    assert "THEIRS" not in str(messages)


@pytest.mark.parametrize("call", [check_integrity, repair_integrity])
def test_another_kind_of_store_is_refused(call):
    with pytest.raises(UsageError, match="stores that ship"):
        list(call(SimpleNamespace(atomic=None)))


def test_a_content_that_no_attachment_has_is_found_and_repaired(begin):
    with begin() as work:
        work.attachments.put_content("0" * 64, 0, b"left over")
    assert found(begin) == [
        ("content-unused", f"content {'0' * 64} belongs to no attachment: repair it")
    ]
    with begin() as work:
        assert [fault.code for fault in repair_integrity(work)] == ["content-unused"]
    assert found(begin) == []


def test_a_counter_of_a_series_that_was_put_back_is_found(begin):
    with begin() as work:
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="INV"))
        setup.add_line("INV", "I001")
        NumberSeries(work).next_many("INV", 5)
        counter = work.numbers.counters.get("INV", 10_000, None)
        work.records(NumberCounter).put(attrs.evolve(counter, last_value=3))
    assert found(begin) == [
        (
            "ledger",
            "series INV, line 10000 is at 3, the ledger has 5 as drawn: put it ahead",
        )
    ]


def test_an_entry_that_is_not_canceled_with_its_segment_is_found(begin):
    entry_no = logged(begin).entry_no
    with begin() as work:
        LoggedSegments(work).cancel(entry_no)
        (first, *_) = work.interactions.of_logged_segment(entry_no)
        work.interactions.set([first.entry_no], cancel_state=0)
    assert [code for code, _ in found(begin)] == ["wrong-flag"]


class TestADamagedFile:
    """What lies in a SQLite file is not what was written."""

    @pytest.fixture
    def path(self, tmp_path):
        with SqliteStore(tmp_path / "crm.db") as store, store.begin(user_id="TESTER") as work:
            populate(work)
        return tmp_path / "crm.db"

    def told(self, path):
        with SqliteStore(path) as store, store.read() as work:
            return [(each.code, each.message) for each in check_integrity(work)]

    @pytest.mark.parametrize("field", ["cost_lcy", "duration_min"])
    @pytest.mark.parametrize("value", ["abc", 1.5, b"1"])
    def test_no_sum_is_made_of_what_is_no_number(self, path, field, value):
        with SqliteStore(path) as store, store.begin(user_id="TESTER") as work:
            SegmentService(work).create("x", no="S9")
            SegmentService(work).add_line("S9", "CT1")
        with closing(sqlite3.connect(path)) as connection:
            for table in ("log_entry", "segment_line"):
                connection.execute(f"UPDATE interactionlog_{table} SET {field} = ?", [value])  # noqa: S608
            connection.commit()
        with SqliteStore(path) as store, store.read() as work:
            statistics = il.Statistics(work)
            for asked in (
                lambda: statistics.of(il.LogFilter()),
                lambda: statistics.of_contact("CT1"),
                lambda: statistics.by(il.Dimension.SALESPERSON),
                lambda: SegmentService(work).figures("S9"),
            ):
                with pytest.raises(StorageError, match="interactionlog check names the record"):
                    asked()
        assert {"damaged", "unreadable"} & {code for code, _ in self.told(path)}

    @pytest.mark.parametrize(
        ("statement", "words", "ask"),
        [
            (
                "UPDATE interactionlog_contact SET correspondence_type = 77",
                "contact CT1 cannot be read: 77",
                lambda work: work.contacts.summaries(["CT1"]),
            ),
            (
                "UPDATE interactionlog_contact SET correspondence_type = 77",
                "contact CT1 cannot be read: correspondence_type is 77",
                lambda work: work.contacts.get("CT1"),
            ),
            (
                "UPDATE interactionlog_log_entry SET date = 'never'",
                "log entry 1 cannot be read: date is 'never'",
                lambda work: work.interactions.get(1),
            ),
            (
                "UPDATE interactionlog_segment_line SET date = 'never'",
                "a date of segment S9",
                lambda work: SegmentLogger(work).plan("S9"),
            ),
        ],
    )
    def test_what_is_read_is_said_to_be_damaged_with_its_field(self, path, statement, words, ask):
        with SqliteStore(path) as store, store.begin(user_id="TESTER") as work:
            add_segment(work, "S9", ["CT1"])
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
            connection.commit()
        told = pytest.raises(StorageError, match=words)
        with SqliteStore(path) as store, store.read() as work, told:
            ask(work)

    @pytest.mark.parametrize(
        ("statement", "code", "words"),
        [
            ("UPDATE interactionlog_criteria_step SET filter = '{'", "unreadable", "criteria step"),
            (
                "UPDATE interactionlog_log_entry SET date = 'x' WHERE entry_no = 1",
                "unreadable",
                "1",
            ),
            ("UPDATE interactionlog_campaign SET starting_date = 'never'", "unreadable", "CP1"),
            ("UPDATE interactionlog_logged_segment SET counts = '[1]'", "unreadable", "logged"),
            ("UPDATE interactionlog_contact SET privacy_blocked = 7", "damaged", "contact CT1"),
            (
                "UPDATE interactionlog_contact SET name = 'Renamed' WHERE no = 'CT1'",
                "damaged",
                "contact CT1 is not found by its name",
            ),
            ("UPDATE interactionlog_log_entry SET cost_lcy = 'x'", "damaged", "log entry 1"),
            ("UPDATE interactionlog_log_entry SET duration_min = -5", "invalid", "duration_min"),
            ("UPDATE interactionlog_entry_counter SET last_value = 0", "counter", "log entry"),
            (
                "UPDATE interactionlog_log_entry SET salesperson_code = 'hr' WHERE entry_no = 1",
                "invalid",
                "is looked up as HR",
            ),
            ("UPDATE interactionlog_segment SET no = ' ' || no", "invalid", "segment"),
            ("UPDATE interactionlog_no_series SET code = lower(code)", "invalid", "series"),
            (
                "UPDATE interactionlog_contact SET city = '', salesperson_code = 'A' || char(776)",
                "invalid",
                "is looked up as Ä",
            ),
            (
                (
                    "INSERT INTO interactionlog_suppression SELECT tenant, 'Max@X.example', '', recorded_at,"
                    " '', '', NULL FROM interactionlog_log_entry LIMIT 1"
                ),
                "invalid",
                "is looked up as max@x.example",
            ),
            (
                (
                    "INSERT INTO interactionlog_suppression SELECT tenant, 'a@x.example', 'e-mail',"
                    " recorded_at, '', '', NULL FROM interactionlog_log_entry LIMIT 1"
                ),
                "invalid",
                "is looked up as MAIL",
            ),
            ("UPDATE interactionlog_segment_line SET campaign_no = 'CPX'", "unknown-code", "CPX"),
            (
                "UPDATE interactionlog_contact SET no = 'A' || char(8203) || no",
                "invalid",
                "Contact",
            ),
        ],
    )
    def test_what_was_never_written_is_found_with_its_record(self, path, statement, code, words):
        assert [code for code, _ in self.told(path)] == self.odd(path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
            connection.commit()
        assert any(c == code and words in message for c, message in self.told(path))

    @pytest.mark.parametrize("table", ["segment_line", "removed_line", "left_out_line"])
    @pytest.mark.parametrize(
        "damage",
        [
            "date = 'never'",
            "time_of_interaction = '25:99'",
            "correspondence_type = 99",
            "duration_min = -5",
            "description = x'FFFE'",
            "campaign_no = 'cp1'",
            "salesperson_code = ''",
        ],
    )
    def test_lines_that_were_removed_or_left_out_are_read_as_well(self, path, table, damage):
        with SqliteStore(path) as store, store.begin(user_id="TESTER") as work:
            add_segment(work, "S9", [None, "CT1"])
            SegmentLogger(work).log("S9")
        assert [code for code, _ in self.told(path)] == self.odd(path)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute(f"UPDATE interactionlog_{table} SET {damage}").rowcount  # noqa: S608
            connection.commit()
        words = table.replace("_", " ")
        found = [message for code, message in self.told(path) if code in FOUND_IN_RECORDS]
        assert found
        assert all(words in message for message in found)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE interactionlog_schema_version SET version = -1",
            "UPDATE interactionlog_schema_version SET version = 0",
            "DELETE FROM interactionlog_schema_version",
            "DROP TABLE interactionlog_schema_version",
        ],
    )
    def test_a_damaged_table_of_versions_is_no_reason_to_make_tables_again(self, path, statement):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
            connection.commit()
        with pytest.raises(StorageError, match="restore the database"):
            SqliteStore(path)

    def odd(self, path):
        with SqliteStore(path) as store, store.read() as work:
            return [each.code for each in check_integrity(work) if not each.broken]

    def test_counters_behind_their_tables_are_repaired(self, path):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE interactionlog_entry_counter SET last_value = 0")
            connection.commit()
        with SqliteStore(path) as store:
            with store.begin(user_id="TESTER") as work:
                assert {fault.code for fault in repair_integrity(work)} == {"counter"}
            with store.begin(user_id="TESTER") as work:
                highest = max(each.entry_no for each in work.scan(InteractionLogEntry))
                assert work.interactions.reserve(1)[0] > highest
        assert "counter" not in [code for code, _ in self.told(path)]

    def test_a_damaged_index_is_found(self, path):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (page,) = connection.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = 'interactionlog_log_entry_contact'"
            ).fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
        raw = bytearray(path.read_bytes())
        cells = (page - 1) * size + 3
        raw[cells : cells + 2] = (1).to_bytes(2, "big")
        path.write_bytes(raw)
        assert "damaged" in [code for code, _ in self.told(path)]


@pytest.mark.postgresql
def test_on_postgresql_an_index_that_lacks_rows_or_is_not_valid_is_found():
    psycopg = pytest.importorskip("psycopg")
    with temporary_database("damaged") as place, PostgresStore(place) as store:
        with store.begin(user_id="TESTER") as work:
            populate(work)
        ready = (
            "UPDATE pg_index SET {} WHERE indexrelid = 'interactionlog_log_entry_contact'::regclass"
        )
        connection = psycopg.connect(place, autocommit=True)
        connection.execute(
            ready.format("indisready = false")
        )  # what is written now it does not get
        with store.begin(user_id="TESTER") as work:
            work.interactions.add(an_entry(99, "CT1"))
        for change in ("indisready = true", "indisready = true, indisvalid = false"):
            connection.execute(ready.format(change))
            with store.read() as work:
                broken = [each for each in check_integrity(work) if each.code == "damaged"]
                shown = work.session.cursor.execute("SHOW enable_seqscan").fetchone()
            named = "index interactionlog_log_entry_contact is damaged: REINDEX it"
            assert [each.message for each in broken] == [named]
            assert shown == ("on",)
        connection.execute("REINDEX INDEX interactionlog_log_entry_contact")
        connection.close()
        with store.read() as work:
            assert [each for each in check_integrity(work) if each.code == "damaged"] == []


def test_campaign_entries_and_their_interactions_are_canceled_together(begin):
    with begin() as work:
        add_segment(work, "S1", ["C1", "C2"])
        work.campaigns.put(a_campaign("CP1"))
        work.segments.set_lines("S1", [10_000, 20_000], campaign_no="CP1")
        entry_no = SegmentLogger(work).log("S1").entry_no
        (parent,) = work.campaign_entries.of_logged_segment(entry_no)
        service = CampaignService(work)
        service.cancel_entries(parent.entry_no)
    assert found(begin) == []
    with begin() as work:
        CampaignService(work).uncancel_entries(parent.entry_no)
        LoggedSegments(work).cancel(entry_no)
    assert found(begin) == []
    with begin() as work:
        work.campaign_entries.set_cancel_reason([parent.entry_no], 2, canceled=False)
        (first, *_) = work.interactions.of_logged_segment(entry_no)
        work.interactions.set([first.entry_no], cancel_state=6)
    segment, campaign = f"logged segment {entry_no}", f"campaign entry {parent.entry_no}"
    assert [message for _, message in found(begin)] == [
        f"{campaign} is not canceled by its {segment}, which is canceled or undone",
        f"log entry {first.entry_no} is canceled by its {campaign}, which is not canceled or undone",
    ]


def test_an_interaction_of_nothing_is_canceled_by_itself_only(begin):
    with begin() as work:
        work.contacts.put(a_contact("C1"))
        for number, state in enumerate((1, 2, 4), 1):
            work.interactions.add(an_entry(number, "C1", cancel_state=state))
    assert [message.partition(",")[0] for _, message in found(begin)] == [
        "log entry 2 is canceled by its logged segment none",
        "log entry 3 is canceled by its campaign entry none",
    ]


@pytest.mark.parametrize("policy", NumberingPolicy)
def test_numbers_that_the_ledger_lacks_are_noticed_where_none_is_lost(begin, policy):
    lost = {
        "A": ([1], "2 to 4"),
        "B": ([1, 2], "2 to 9"),
        "C": ([2, 3], "5 to 12"),
        "D": ([0], "1 to 1"),
        "E": ([0, 1], "1 to 4"),
        "F": ([3], "10 to 12"),
        "G": ([0, 1, 2, 3], "1 to 12"),
        "H": ([], None),
    }
    with begin() as work:
        setup = NumberSeriesSetup(work)
        for code in lost:
            setup.create_series(NoSeries(code=code))
            setup.add_line(code, f"{code}001", policy=policy)
    for many in (1, 3, 5, 3):
        with begin() as work:
            for code in lost:
                NumberSeries(work).next_many(code, many)
    assert found(begin, broken=None) == []
    with begin() as work:
        ledger = work.numbers.ledger
        for code, (numbers, _) in lost.items():
            ranges = ledger.ranges(code, 10_000, None, above=0, limit=99)
            for number in numbers:
                ledger.replace(ranges[number], [])
    name, why = "ledger of series {}, line 10000 lacks the counters {}", "drawn without it, or lost"
    said = [f"{name.format(code, lacks)}: {why}" for code, (_, lacks) in lost.items() if lacks]
    gapless = policy is NumberingPolicy.GAPLESS
    noticed = sorted(message for _, message in found(begin, broken=False))
    assert noticed == (said if gapless else [])
    assert found(begin) == []


@pytest.mark.parametrize("first", ["K2026-007", "K2026-000"])
def test_the_ends_of_a_ledger_are_known_in_each_period(begin, first):
    with begin() as work:
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="INV"))
        setup.add_template_line(
            "INV", "K{yyyy}-{n:3}", reset_period=ResetPeriod.YEAR, first_value=int(first[-3:])
        )
        for year in (2026, 2027):
            for _ in range(2):
                NumberSeries(work).next("INV", date(year, 3, 1))
    assert found(begin, broken=None) == []
    low = int(first[-3:])
    with begin() as work:
        ledger = work.numbers.ledger
        for year, lost in (("2026", [0]), ("2027", [0, 1])):
            ranges = ledger.ranges("INV", 10_000, year, above=-1, limit=9)
            for place in lost:
                ledger.replace(ranges[place], [])
    assert [message for _, message in found(begin, broken=False)] == [
        f"ledger of series INV, line 10000, period {year} lacks the counters "
        f"{low} to {until}: drawn without it, or lost"
        for year, until in ((2026, low), (2027, low + 1))
    ]
    assert found(begin) == []


@pytest.mark.parametrize("policy", NumberingPolicy)
@pytest.mark.parametrize("lost", ["row", "value"])
def test_a_counter_that_is_lost_or_empty_is_behind_its_ledger(begin, policy, lost):
    with begin() as work:
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="INV"))
        setup.add_line("INV", "I000", policy=policy)
        NumberSeries(work).next("INV")
        counter = work.numbers.counters.get("INV", 10_000, None)
        if lost == "row":
            work.numbers.counters.remove("INV", 10_000)
        else:
            work.records(NumberCounter).put(attrs.evolve(counter, last_value=None))
    message = "series INV, line 10000 has no counter, the ledger has 0 as drawn: put it ahead"
    assert found(begin) == [("ledger", message)]


def test_lines_of_a_series_that_share_numbers_are_told(begin):
    with begin() as work:
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="INV"))
        setup.add_line("INV", "A001")
        later = {"starting_date": date(2027, 1, 1)}
        setup.add_line("INV", "A500", **later)  # the first one may come to it
        setup.add_line("INV", "B001")
        setup.add_template_line("INV", "I{yyyy}-{n}", reset_period=ResetPeriod.YEAR)
        setup.add_template_line("INV", "I{yyyy}-{n}", reset_period=ResetPeriod.YEAR, **later)
        setup.create_series(NoSeries(code="OTHER"))
        setup.add_line("OTHER", "A001")
        invalid = attrs.evolve(setup.add_line("OTHER", "C001"), line_no=7)
        object.__setattr__(invalid, "step", 0)
        work.numbers.lines.add(invalid)
        NumberSeries(work).next("INV", line_no=10_000)
    told = "can come from {} and {}, or came: end one before the other"
    one, two = ("series INV: A500", "line 10000"), ("series INV: I{yyyy}-{n}", "line 40000")
    assert [message for _, message in found(begin, broken=False)] == [
        f"{one[0]} {told.format(one[1], 'line 20000')}",
        f"{two[0]} {told.format(two[1], 'line 50000')}",
    ]


def test_numbers_that_were_used_before_or_skipped_are_no_hole(begin):
    with begin() as work:
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="INV"))
        setup.add_line("INV", "I001", step=5, last_no_used="I013")
        setup.create_series(NoSeries(code="OFF", ledger=False))
        setup.add_line("OFF", "O001")
        for code in ("INV", "OFF"):
            NumberSeries(work).next_many(code, 3)
        setup.ensure_ahead("INV", "I050")
        NumberSeries(work).next("INV", exists=lambda no: no < "I060")
    assert found(begin, broken=None) == []


@pytest.fixture(params=[True, False], ids=["pages", "records"])
def damage_is_asked(request, monkeypatch):
    """Let a check begin with what the database itself says, or with the first record."""
    if not request.param:
        monkeypatch.setattr(SqlUnitOfWork, "damage", lambda work: ())


@pytest.mark.usefixtures("damage_is_asked")
class TestWhatTellsNothingOfTheRecords:
    """A check that is interrupted, has no right or no connection has found no damage."""

    @pytest.mark.parametrize(
        "hinder",
        [
            lambda connection: connection.set_progress_handler(lambda: 1, 1),
            lambda connection: connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY),
        ],
        ids=["interrupted", "no right"],
    )
    def test_on_sqlite_it_passes_unchanged(self, tmp_path, hinder):
        with SqliteStore(tmp_path / "crm.db") as store:
            with store.begin(user_id="TESTER") as work:
                populate(work)
            with pytest.raises(sqlite3.DatabaseError), store.read() as work:
                hinder(work.session.connection)
                try:
                    list(check_integrity(work))
                finally:
                    work.session.connection.set_progress_handler(None, 0)
                    work.session.connection.set_authorizer(None)
            with store.read() as work:
                assert [each for each in check_integrity(work) if each.broken] == []

    @pytest.mark.postgresql
    @pytest.mark.parametrize(
        "hinder",
        ["SET LOCAL ROLE pg_monitor", "SELECT pg_terminate_backend(pg_backend_pid())"],
        ids=["no right", "no connection"],
    )
    def test_on_postgresql_it_passes_unchanged(self, hinder):
        psycopg = pytest.importorskip("psycopg")
        with owned_postgres_store(new_tenant(), il.FixedClock("2026-01-26T09:30")) as store:
            with store.begin(user_id="TESTER") as work:
                populate(work)
            with pytest.raises(psycopg.Error), store.read() as work:
                with suppress(psycopg.OperationalError):  # of a connection that is lost by it
                    work.session.connection.execute(hinder)
                list(check_integrity(work))
            with store.read() as work:
                assert [each for each in check_integrity(work) if each.broken] == []
