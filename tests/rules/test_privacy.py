"""What a person may ask: what is held about me, and that it is erased. Figures stay as they are."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import date
from io import StringIO

import attrs
import pytest

import interactionlog as il
from company import Company, add_attachment, add_company, add_person, log_interaction, set_up
from interactionlog.adapters.columns import Kind
from interactionlog.adapters.tables import ALL, columns_of
from interactionlog.contacts.contact import ExternalKey
from interactionlog.errors import FieldInvalidError, NotFoundError, StateError
from interactionlog.integrity import check_integrity
from interactionlog.interchange import export_tables
from interactionlog.numbering import NumberLedger, NumberSeries, NumberSeriesSetup
from interactionlog.segments.segment import SavedCriteriaStep, SegmentLanguage
from interactionlog.values import folded
from stores import adapters

NAME, MAIL, PHONE = "Ida Moserin", "Ida@Moserin.example", "+39 0473 555"
TEXTS = (
    "IDA1",
    NAME,
    MAIL,
    PHONE,
    "Lauben 77",
    "Ida wishes",
    "Ida called",
    "ida-key",
    "HUBSPOT-77",
)
TEXTS += ("Dear Ida", "550 Ida", "Provider of Ida", "Ida complained", "LINK77", "Ida by phone")
TEXTS += ("Ida own letter", "ida-waits", "form of Ida", "ORDER77", "TASK77", "REF77")


def tell_of_ida(company) -> None:
    """Let a person be in every table that can tell of one."""
    with company() as work:
        NumberSeriesSetup(work).change_series("SEG", manual_nos=True)
        ida = add_person(
            work, "IDA1", "C", name=NAME, e_mail=MAIL, phone_no=PHONE, address="Lauben 77"
        )
        work.contacts.put_address(il.AlternativeAddress(contact_no="IDA1", code="SUMMER", city="X"))
        work.contacts.put_membership(
            il.Membership(contact_no="IDA1", kind=il.MembershipKind.MAILING_GROUP, code="NEWS")
        )
        consents = il.Consents(work)
        consents.put_purpose(il.privacy.Purpose(code="NEWS"))
        consents.record("IDA1", "mail", "NEWS", given=True, evidence="form of Ida")
        consents.suppress(MAIL)
        work.records(ExternalKey).put(
            ExternalKey(
                source="hubspot", target="contact", external_id="HUBSPOT-77", record_no="IDA1"
            )
        )
        (drawn,) = NumberSeries(work).reserve("SEG", 1)
        NumberLedger(work).use("SEG", drawn, "contact", "IDA1")
        interactions = il.InteractionService(work)
        draft = interactions.start(
            "IDA1",
            interaction_template_code="T1",
            description="Ida wishes",
            campaign_no="CP1",
            comments=(il.DraftComment(comment="Ida called back"),),
            to_do_no="TASK77",
        )
        entry = interactions.finish(draft, idempotency_key="ida-key")
        work.interactions.set([entry.entry_no], host_ref="REF77")
        il.LogEntryService(work).assign_opportunity(entry.entry_no, "ORDER77")
        waiting = interactions.start("IDA1", interaction_template_code="T2")
        interactions.postpone(waiting, idempotency_key="ida-waits")
        segments = il.SegmentService(work)
        for no in ("SMA", "SMB", "SMC"):
            segments.create(no, no=no, interaction_template_code="T1", campaign_no="CP1")
            segments.add_line(no, "IDA1", subject="Ida wishes more")
            segments.add_line(no, "C")
            (line,) = (each.line for each in segments.lines(no) if each.line.contact_no == "IDA1")
            own = add_attachment(work, f"Ida own letter {no}".encode(), name="Ida own letter.doc")
            il.SegmentLanguages(work).put(no, "ENU", line_no=line.line_no, attachment_no=own)
        add_delivery(work, entry.entry_no)
        (again,) = il.LogEntryService(work).resend(attach(work, entry.entry_no))
        work.interactions.set([again.entry_no], contact_via="Ida by phone")
        il.ContactSelection(work, "SMA").save("KEPT")
        selection = il.ContactSelection(work, "SMA")
        selection.add(il.ContactFilter(where={"name": NAME}), allow_existing=True)
        asked = [il.Condition(prefix=NAME.upper()), il.Condition(contains=NAME, negated=True)]
        named = il.ContactFilter(where={"name": asked, "e_mail": il.Condition(at_least=MAIL)})
        selection.add(named, allow_existing=True)
        selection.reduce(il.ContactFilter(nos={"IDA1"}))
        il.SegmentLogger(work).log("SMB")
        work.contacts.put(il.Contact(**{**_values(ida), "privacy_blocked": True}))
        il.SegmentLogger(work).log("SMC")  # leaves the person out
        work.contacts.put(ida)


def add_delivery(work, entry_no):
    """Let a mail have been sent to her, and come back."""
    now = work.clock.now()
    sent = {
        "recipient": MAIL,
        "provider_id": "Provider of Ida",
        "text": "550 Ida",
        "attachment_no": add_attachment(work, b"Dear Ida, as sent", name="Dear Ida.html"),
    }
    work.deliveries.add(
        il.delivery.Delivery(
            entry_no=entry_no,
            channel="mail",
            message_id=f"x.{entry_no}",
            state=il.delivery.DeliveryState.SENT,
            requested_at=now,
            not_before=now,
            **sent,
        )
    )
    il.delivery.Deliveries(work).record_receipt(
        f"x.{entry_no}", il.delivery.DeliveryEvent.COMPLAINED, now, text="Ida complained"
    )


def attach(work, entry_no):
    """Give an entry content of its own, and say how it is sent; return its number."""
    content = add_attachment(work, b"Dear Ida, as logged", name="LINK77.txt")
    mail = il.CorrespondenceType.EMAIL
    work.interactions.set([entry_no], attachment_no=content, correspondence_type=mail)
    return entry_no


def _values(record):
    return {name: getattr(record, name) for name in record.__slots__ if not name.startswith("_")}


def figures(work):
    """Give all figures that are kept: by template, salesperson, campaign and month."""
    found = {
        each: il.Statistics(work).by(each)
        for each in (
            il.Dimension.TEMPLATE,
            il.Dimension.GROUP,
            il.Dimension.SALESPERSON,
            il.Dimension.CAMPAIGN,
            il.Dimension.SEGMENT,
        )
    }
    logged = il.LoggedSegments(work)
    return (
        {key: list(some) for key, some in found.items()},
        list(il.Statistics(work).by_month()),
        [(each.counts, logged.figures(each.entry_no)) for each in logged.all()],
        il.CampaignStatistics(work).of("CP1"),
    )


def everything(work) -> str:
    """Give every stored record as text, and every content."""
    text = StringIO()
    for table in ALL:
        if table.entity.__name__ != "Rows":
            for record in work.scan(table.entity):
                text.write(f"{record}\n")
    for each in work.logged_segments.all():
        text.write(f"{list(il.LoggedSegments(work).left_out(each.entry_no))}\n")
    for segment in work.segments.all():
        for no in ("IDA1", None):
            text.write(f"{no and work.segments.with_contact(segment.no, no)}\n")
    for attachment in work.scan(il.Attachment):
        text.write(work.attachments.content(attachment.digest, 0).decode())
    return text.getvalue()


@pytest.fixture
def company(request, tmp_path):
    with Company.open_in(request.param, tmp_path) as it:
        tell_of_ida(it)
        yield it


on_every_store = pytest.mark.parametrize(
    "company",
    adapters("memory", "sqlite", "sqlite-joined", "postgresql"),
    indirect=True,
)
on_memory = pytest.mark.parametrize("company", ["memory"], indirect=True)


@pytest.mark.every_store
@on_every_store
def test_after_an_erasure_nothing_tells_of_the_person_and_all_figures_are_as_before(company):
    with company() as work:
        il.Seals(work).seal()
        before = figures(work)
        assert all(text.casefold() in everything(work).casefold() for text in TEXTS)
        erasure = il.Privacy(work).erase("ida1", reason="asked for it by letter")
    with company() as work:
        assert figures(work) == before
        told = everything(work).casefold()
        assert [text for text in TEXTS if text.casefold() in told] == []
        assert (erasure.scope, erasure.user_id) == ("contact", "TESTER")
        assert list(il.Privacy(work).erasures()) == [erasure]
        assert erasure.counts["log_entry"] == 4
        verified = il.Seals(work).verify()
        assert (verified.holds, verified.erased) == (True, 3)  # the fourth one is postponed
        with pytest.raises(NotFoundError):
            il.Privacy(work).report("IDA1")


def told_in(text: bytes) -> list[str]:
    return [each for each in TEXTS if each.casefold().encode() in text.lower()]


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_after_an_erasure_nothing_is_left_in_the_file_or_in_a_new_export(company, tmp_path):
    def files(folder):
        return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())

    with company.read() as work:
        export_tables(work, tmp_path / "before")
    assert set(TEXTS) - set(told_in(files(tmp_path / "before"))) <= CONTENT
    with company() as work:
        il.Privacy(work).erase("IDA1", reason="asked for it")
    company.begin.store.vacuum()
    assert told_in(files(tmp_path)) == []
    with company.read() as work:
        export_tables(work, tmp_path / "after")
    assert told_in(files(tmp_path / "after")) == []


CONTENT = {"Dear Ida"}
"""Lies in the folder of contents of an export."""


@pytest.mark.every_store
@pytest.mark.parametrize("company", adapters("postgresql"), indirect=True)
def test_after_an_erasure_no_row_of_postgresql_tells_of_the_person(company):
    def rows(work):
        found = []
        for table in ALL:
            if table.only in {"", "postgresql"}:
                wrong = work.session.statements[f"wrong_{table.name}"]
                name = re.search(r"FROM (\S+)", wrong)[1]
                columns = ["to_jsonb(each)::text"]
                columns += ["content"] * (table.name == "attachment_content")
                query = f"SELECT {', '.join(columns)} FROM {name} AS each WHERE tenant = %s"  # noqa: S608
                for row in work.session.connection.execute(query, [work.tenant]):
                    found += [
                        value if isinstance(value, bytes) else value.encode() for value in row
                    ]
        return b"\n".join(found)

    with company() as work:
        assert told_in(rows(work)) == list(TEXTS)
        il.Privacy(work).erase("IDA1", reason="asked for it")
    with company() as work:
        assert told_in(rows(work)) == []


@pytest.mark.every_store
@on_every_store
def test_an_address_that_another_contact_has_as_well_stays_suppressed(company):
    with company() as work:
        add_person(work, "EVA", "C", e_mail=MAIL.upper())
        work.contacts.put_address(
            il.AlternativeAddress(contact_no="EVA", code="A", e_mail="alone@ida.example")
        )
        add_person(work, "IDA2", "C", e_mail="alone@ida.example", phone_no="IDA1 2")
        for address in ("alone@ida.example", "IDA1 2"):
            il.Consents(work).suppress(address)
        for no in ("IDA1", "IDA2"):
            il.Privacy(work).erase(no, reason="asked")
        kept = {each.address for each in work.suppressions.all()}
        assert kept == {MAIL.lower(), "alone@ida.example"}
        il.Privacy(work).erase("EVA", reason="asked")
        assert work.suppressions.all() == []


@pytest.mark.every_store
@on_every_store
def test_a_text_with_a_name_or_several_addresses_is_reported_on_and_erased(company):
    with company() as work:
        texts = ["a@b.example, c@d.example", "A B <x@y.example>", "no-at", "a@@b", "a@b.example;"]
        for number, text in enumerate(texts):
            add_person(work, f"P{number}", "C", e_mail=text)
        for address in ("c@d.example", "x@y.example", "a@b.example"):
            il.Consents(work).suppress(address)
        told = {
            number: {
                each["address"]
                for each in il.Privacy(work).report(f"P{number}").tables.get("suppression", ())
            }
            for number in range(len(texts))
        }
        assert told == {
            0: {"a@b.example", "c@d.example"},
            1: {"x@y.example"},
            2: set(),
            3: set(),
            4: {"a@b.example"},
        }
        for number in range(4):
            il.Privacy(work).erase(f"P{number}", reason="asked")
        assert "a@b.example" in {each.address for each in work.suppressions.all()}
        il.Privacy(work).erase("P4", reason="asked")
        left = {each.address for each in work.suppressions.all()}
        assert not left & {"c@d.example", "x@y.example", "a@b.example"}


@pytest.mark.every_store
@on_every_store
def test_the_report_says_what_letters_and_mails_said(company):
    with company() as work:
        picture = attach(work, work.personal.rows("contact", ["IDA1"])["log_entry"][0]["entry_no"])
        no = add_attachment(work, b"\x89PNG\xff Dear", name="Ida.png")
        work.interactions.set([picture], modified_word_template=no)
        report = il.Privacy(work).report("IDA1")
        said = {row["name"]: row["content"] for row in report.tables["attachment"]}
    assert (said["Dear Ida.html"], said["LINK77.txt"]) == (
        "Dear Ida, as sent",
        "Dear Ida, as logged",
    )
    assert said["Ida.png"] == ""
    for form in (report.to_json(), report.to_html()):
        assert "Dear Ida, as sent" in form


@pytest.mark.every_store
@on_every_store
def test_an_address_that_was_written_to_is_the_persons_also_when_there_is_a_new_one(company):
    with company() as work:
        work.contacts.set("IDA1", e_mail="new@ida.example", phone_no="")
        entry_no = il.Privacy(work).report("IDA1").tables["log_entry"][0]["entry_no"]
        work.interactions.set([entry_no], contact_via="+39 0473 999")
        il.Consents(work).suppress("+39 0473 999")
        asked = il.ContactFilter(where={"e_mail": MAIL})
        il.ContactSelection(work, "SMA").add(asked, allow_existing=True)
        told = {row["address"] for row in il.Privacy(work).report("IDA1").tables["suppression"]}
        assert told == {MAIL.lower(), "+390473999"}
        il.Privacy(work).erase("IDA1", reason="asked")
        assert work.suppressions.all() == []
        assert MAIL.casefold() not in everything(work).casefold()


@on_memory
def test_the_report_says_everything_and_why_the_person_was_chosen_or_left_out(company):
    with company.read() as work:
        report = il.Privacy(work).report("ida1")
    tables = report.tables
    assert set(tables) == {
        *("contact", "contact_alternative_address", "contact_membership", "log_entry"),
        *("log_comment", "removed_line", "left_out_line", "number_ledger", "idempotency_key"),
        *("external_key", "consent", "suppression", "attachment", "selection", "filter"),
        *("delivery", "delivery_receipt"),
    }
    assert [row["reasons"] for row in tables["left_out_line"]] == [("privacy-blocked",)]
    assert {row["removed_by_step"] for row in tables["selection"]} == {5}
    names = {(row["record"], row.get("step_no")) for row in tables["filter"]}
    assert ("SavedCriteriaStep", 1) in names
    assert ("CriteriaStep", 3) in names
    held = json.loads(report.to_json())
    assert held["tables"]["contact"][0]["name"] == NAME
    page = report.to_html()
    assert "Ida called back" in page
    assert not re.search(r"<script|src=|href=", page)


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_the_report_is_what_a_query_over_all_tables_finds(company, tmp_path):
    """An independent one: every row with the number, and every row that names one of its entries."""
    with company.read() as work:
        report = il.Privacy(work).report("IDA1")
    with closing(sqlite3.connect(tmp_path / "crm.db")) as file:
        file.row_factory = sqlite3.Row
        names = [
            name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        rows = {name: file.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608
    entries = {
        row["entry_no"] for row in rows["interactionlog_log_entry"] if row["contact_no"] == "IDA1"
    }
    found = {}
    for name, some in rows.items():
        for row in some:
            of_entry = "entry_no" in row.keys() and row["entry_no"] in entries  # noqa: SIM118
            of_entry &= name.endswith(("log_comment", "delivery", "delivery_receipt", "log_entry"))
            result = "result_no" in row.keys() and row["result_no"] in map(str, entries)  # noqa: SIM118
            if "IDA1" in tuple(row) or of_entry or (result and row["operation"] != "log"):
                found[name] = found.get(name, 0) + 1
    told = {f"interactionlog_{name}": len(some) for name, some in report.tables.items()}
    for derived in ("attachment", "selection", "filter", "suppression"):
        told.pop(f"interactionlog_{derived}")
    assert told == found


@on_memory
def test_a_page_shows_markup_of_a_name_as_text(company):
    with company() as work:
        add_person(work, "EVE", name="<script>alert(1)</script>")
        assert "<script>" not in il.Privacy(work).report("EVE").to_html()


@on_memory
def test_what_named_the_person_alone_matches_nobody_afterwards(company):
    with company() as work:
        il.Privacy(work).erase("IDA1", reason="asked")
        segment = il.SegmentService(work).create("again", no="SMX", interaction_template_code="T1")
        steps = il.ContactSelection(work, segment.no).reuse_saved("KEPT")
        assert [step.lines_added for step in steps] == [0, 1]  # the person's step, and that of C
        assert il.SegmentService(work).lines("SMX")[0].line.contact_no == "C"


@on_memory
def test_an_erased_line_stays_without_a_contact_and_a_plan_made_before_is_outdated(company):
    with company() as work:
        plan = il.SegmentLogger(work).plan("SM00001")
        il.Privacy(work).erase("P", reason="asked")
        contacts = [each.line.contact_no for each in il.SegmentService(work).lines("SM00001")]
        assert contacts == ["C", "D", None] or sorted(map(str, contacts)) == ["C", "D", "None"]
        with pytest.raises(il.PlanOutdatedError):
            il.SegmentLogger(work).log("SM00001", plan=plan)
        il.SegmentLogger(work).log("SM00001")


@on_memory
def test_a_company_with_persons_is_not_erased_before_them(company):
    with company() as work:
        with pytest.raises(StateError, match="company of contact"):
            il.Privacy(work).erase("C", reason="asked")
        assert il.Privacy(work).erasures() == []
        for no in ("IDA1", "P", "C"):
            il.Privacy(work).erase(no, reason="asked")
        assert work.contacts.find("C") is None
        companies = {each.contact_company_no for each in work.scan(il.InteractionLogEntry)}
        assert companies == {None}


@pytest.mark.every_store
@on_every_store
def test_the_record_of_an_erasure_counts_each_row_once(company):
    with company() as work:
        add_company(work, "D1")
        add_company(work, "E1")
        moved = add_person(work, "MOVED", "D1")
        for no in ("D1", "D1", "MOVED"):
            log_interaction(work, no)
        il.SegmentService(work).create("s", no="SMX", interaction_template_code="T1")
        il.SegmentService(work).add_line("SMX", "D1")
        work.contacts.put(attrs.evolve(moved, company_no="E1"))
        counts = il.Privacy(work).erase("D1", reason="asked").counts
        assert counts == {"contact": 1, "log_entry": 3, "segment_line": 1}


def test_of_a_person_whom_the_host_keeps_all_but_the_hosts_record_is_erased(tmp_path):
    with Company.open_in("host", tmp_path) as company, company() as work:
        assert {"contact", "log_entry", "segment_line"} <= set(il.Privacy(work).report("P").tables)
        assert il.Privacy(work).erase("P", reason="asked").counts["log_entry"] == 2
        assert set(il.Privacy(work).report("P").tables) == {"contact"}
        il.Privacy(work).erase("C", reason="asked")  # its persons are the host's affair


@on_memory
def test_an_erasure_needs_a_reason_and_somebody_to_erase(company):
    with company() as work:
        for reason in ("", "x" * 251):
            with pytest.raises(FieldInvalidError, match="reason"):
                il.Privacy(work).erase("IDA1", reason=reason)
        with pytest.raises(NotFoundError, match="NOBODY"):
            il.Privacy(work).erase("NOBODY", reason="asked")
        assert work.contacts.get("IDA1").name == NAME
        assert il.Privacy(work).erasures() == []


@on_memory
def test_who_was_deleted_before_is_erased_all_the_same(company):
    with company() as work:
        add_company(work, "GONE")
        log_interaction(work, "GONE")
        work.contacts.remove("GONE")
        assert il.Privacy(work).report("GONE").tables["log_entry"]
        il.Privacy(work).erase("GONE", reason="asked")
        with pytest.raises(NotFoundError):
            il.Privacy(work).report("GONE")


@pytest.mark.every_store
@on_every_store
def test_what_is_personal_goes_by_age_and_a_dry_run_only_counts(company):
    company.begin.clock.move(days=35)
    with company() as work:
        young = log_interaction(work, "IDA1", date=date(2026, 3, 2)).entry_no
        other = log_interaction(
            work, "IDA1", interaction_template_code="T2", date=date(2026, 1, 26)
        )
        il.Seals(work).seal()
        before, told = figures(work), everything(work)
        matching = il.LogFilter(interaction_template_code="T1", until=date(2026, 1, 31))
        ((_, aged),) = work.interactions.figures(matching)
        with pytest.raises(il.UsageError, match="templates must not be empty"):
            il.Privacy(work).retain(before=date(2026, 2, 1), templates=[])
        planned = il.Privacy(work).retain(before=date(2026, 2, 1), templates=["t1", "T1"])
        assert planned.scope == "before 2026-02-01 of T1"
        assert everything(work) == told
        done = il.Privacy(work).retain(
            before=date(2026, 2, 1), templates=["t1"], reason="two months", dry_run=False
        )
        assert done.counts["log_entry"] == planned.counts["log_entry"] == aged.interactions
        assert done.scope == "before 2026-02-01 of T1"
        assert figures(work) == before
        kept = {each.entry_no: each for each in work.scan(il.InteractionLogEntry)}
        assert kept[young].contact_no == kept[other.entry_no].contact_no == "IDA1"
        assert {each.contact_no for each in kept.values() if each.date < date(2026, 2, 1)} == {
            None,
            *(each.contact_no for each in kept.values() if each.interaction_template_code == "T2"),
        }
        assert il.Seals(work).verify().holds
        assert work.contacts.get("IDA1").name == NAME
        left_out = il.LoggedSegments(work).all()[-1].entry_no
        assert [each.line.contact_no for each in il.LoggedSegments(work).left_out(left_out)] == [
            None
        ]


@pytest.mark.every_store
@on_every_store
@pytest.mark.parametrize("dated", [True, False])
def test_by_age_what_a_left_out_line_had_for_itself_goes_as_well(company, dated):
    """Its letter, its texts and its file: they are for one person, as those of an entry are."""
    letter, told = b"Dear Ida Moser, your claim is refused", "Ida Moser's claim"
    with company() as work:
        add_person(work, "LATE", name="Late")
        segments = il.SegmentService(work)
        segments.create("Claims", no="CLAIMS", interaction_template_code="T1")
        line_no = segments.add_line("CLAIMS", "LATE").line_no
        segments.add_line("CLAIMS", "C")
        own = il.AttachmentService(work).store(letter, name="claim-of-ida.txt")
        segments.personalise("CLAIMS", line_no, attachment_no=own.no, subject=told)
        if not dated:
            work.segments.set_lines("CLAIMS", [line_no], date=None)
        work.contacts.set("LATE", privacy_blocked=True)
        policy = il.LoggingPolicy(invalid=il.Treatment.LEAVE_OUT)
        logged_no = il.SegmentLogger(work).log("CLAIMS", policy=policy).entry_no
        (kept,) = il.LoggedSegments(work).left_out(logged_no)
    day = kept.line.date or work.clock.work_date()
    with company() as work:
        privacy = il.Privacy(work)
        assert day < date(2026, 3, 1)
        young = privacy.retain(before=day, reason="age", dry_run=False)
        assert told in str(everything(work)), young
        planned = privacy.retain(before=date(2026, 3, 1)).counts
        done = privacy.retain(before=date(2026, 3, 1), reason="age", dry_run=False).counts
        assert planned["left_out_line"] == done["left_out_line"]
        assert told not in str(everything(work))
        assert "claim-of-ida" not in str(everything(work))
        assert work.attachments.find(own.no) is None
        assert privacy.retain(before=date(2026, 3, 1)).counts["left_out_line"] == 0


@on_memory
@pytest.mark.parametrize("value", [" ", "\u00a0", "\u200b", "-", "none", "a b", ", ;", "<>", "@"])
@pytest.mark.parametrize("field", ["e_mail", "phone_no", "mobile_phone_no"])
def test_who_has_something_in_place_of_an_address_is_reported_and_erased(company, field, value):
    with company() as work:
        work.contacts.set("IDA1", **{field: value})
        assert il.Privacy(work).report("IDA1").tables["contact"][0][field] == value
        assert il.Privacy(work).erase("IDA1", reason="asked").counts["contact"] == 1


@on_memory
@pytest.mark.parametrize("field", ["e_mail", "phone_no", "mobile_phone_no"])
def test_an_address_that_another_has_as_an_alternative_stays_suppressed(company, field):
    with company() as work:
        value = "0471 1" if field != "e_mail" else "x@y.example"
        work.contacts.set("IDA1", **{field: value})
        other = il.AlternativeAddress(contact_no="C", code="A", **{field: value})
        work.contacts.put_address(other)
        il.Consents(work).suppress(value)
        il.Privacy(work).erase("IDA1", reason="asked")
        assert len(work.suppressions.all(value)) == 1


@on_every_store
@pytest.mark.every_store
@pytest.mark.parametrize(
    "name", ["Ida  Moser", "Ida\u00a0Moser", "Mo\u0308ser Ida", "\u0130da Moser", "I\u200bda Möser"]
)
def test_no_selection_keeps_a_name_however_it_was_spelled(company, name):
    with company() as work:
        add_person(work, "SPELLED", name=name)
        asked = il.ContactFilter(where={"name": name})
        segments = il.SegmentService(work)
        segments.create("Spelled", no="SPELLED", interaction_template_code="T1")
        assert il.ContactSelection(work, "SPELLED").add(asked).lines_added == 1
        il.ContactSelection(work, "SPELLED").save("SPELLED")
        report = il.Privacy(work).report("SPELLED").tables["filter"]
        assert {row["record"] for row in report} == {"CriteriaStep", "SavedCriteriaStep"}
        il.Privacy(work).erase("SPELLED", reason="asked")
        kept = [*work.segments.steps("SPELLED"), *work.records(SavedCriteriaStep).all()]
        assert folded(name) not in str(kept)


@on_every_store
@pytest.mark.every_store
def test_of_the_ledger_goes_what_was_drawn_for_the_person_and_nothing_of_other_records(company):
    with company() as work:
        add_person(work, "1001", name="Ida")
        setup = il.numbering.NumberSeriesSetup(work)
        setup.create_series(il.numbering.NoSeries(code="ORD", description="Orders"))
        setup.add_line("ORD", "1001", ending_no="1999")
        series, ledger = il.numbering.NumberSeries(work), il.numbering.NumberLedger(work)
        series.next("ORD", record_kind="order", record_key="1001")
        series.next("ORD", record_kind="contact", record_key="1001")
        series.reserve("ORD", 1)
        ledger.use("ORD", "1003", "contact", "1001")
        series.next("ORD", record_kind="contact", record_key="1001")
        ledger.void("ORD", "1004", reason="Ida Moser did not want it")
        ledger.void("ORD", "1001", reason="torn")
        assert len(il.Privacy(work).report("1001").tables["number_ledger"]) == 3
        il.Privacy(work).erase("1001", reason="asked")
        found = [ledger.find("ORD", str(no)) for no in range(1001, 1005)]
        assert [each.record_key for each in found] == ["1001", None, None, None]
        assert [each.reason for each in found] == ["torn", "", "", "erased"]
        assert not [each for each in check_integrity(work) if each.broken]


@pytest.mark.parametrize("said", ["ct1", "CT1", " Ct1"])
def test_a_number_is_drawn_for_a_contact_however_its_own_is_written(said):
    with il.MemoryStore().begin(user_id="TESTER") as work:
        _draw_for(work, said)


def _draw_for(work, said):
    setup = il.numbering.NumberSeriesSetup(work)
    setup.create_series(il.numbering.NoSeries(code="ORD", description="Orders"))
    setup.add_line("ORD", "1001", ending_no="1999")
    il.numbering.NumberSeries(work).next("ORD", record_kind="contact", record_key=said)
    il.numbering.NumberSeries(work).reserve("ORD", 1)
    il.numbering.NumberLedger(work).use("ORD", "1002", "contact", said)
    assert {
        il.numbering.NumberLedger(work).find("ORD", no).record_key for no in ("1001", "1002")
    } == {"CT1"}


_TELLS_NOT = """
    campaign_no campaign_nos channel claimed_by code company_no contact_company_no contact_nos
    counts created_by currency_code custom_layout_code def_company_salutation_code
    default_language_code default_person_salutation_code default_salesperson_code digest
    extension fingerprint fixed follow_up_filter full_name header interaction_group_code
    interaction_language_code interaction_template_code kind language_code language_code_default
    line_type link_to_table linked living media_type message_id needs no no_series operation
    opportunity_nos organizational_level_code period_key personal plan_token policy prefix
    purpose purpose_code reason reasons record_kind report_layout_name result_kind result_no
    salesperson_code salt salutation_code scope segment_no segment_nos series_code source
    status_code subject_default suffix target template territory_code to_do_nos undone_by
    user_id widening word_template_code
"""
IMPERSONAL = frozenset(_TELLS_NOT.split())
"""Columns of text that tell of nobody, or of employees."""


def test_every_column_of_text_says_whether_it_tells_of_a_person():
    unsaid = [
        f"{table.name}.{column.name}"
        for table in ALL
        for column in columns_of(table)
        if column.kind in {Kind.TEXT, Kind.JSON, Kind.BYTES}
        and column.personal is (column.name in IMPERSONAL)
        and not column.erased
    ]
    assert unsaid == [], "say it here, or in adapters/columns.py"


def test_every_table_that_names_a_contact_or_an_entry_says_whose_rows_it_has():
    silent = [
        table.name
        for table in ALL
        for column in columns_of(table)
        if column.name == "contact_no"
        and not any(each.column == "contact_no" for each in table.about)
    ]
    assert silent == []


class _InterruptedError(Exception):
    """A run in batches was stopped."""


def _interrupt(progress):
    raise _InterruptedError


@pytest.mark.parametrize("blocked", [False, True], ids=["logged", "left out"])
def test_the_letter_of_a_line_that_a_run_has_moved_is_erased(store, blocked):
    with store.begin(user_id="TESTER") as work:
        set_up(work)
        add_company(work)
        ida = add_person(work, "IDA1", "C", name=NAME)
        segments = il.SegmentService(work)
        segments.create("Letter", no="S1", interaction_template_code="T1")
        line = segments.add_line("S1", "IDA1")
        segments.add_line("S1", "C")
        own = add_attachment(work, b"Ida own letter")
        segments.personalise("S1", line.line_no, attachment_no=own, subject="Dear Ida")
        work.contacts.put(attrs.evolve(ida, privacy_blocked=blocked))
    run = il.BatchRun(store, user_id="TESTER")
    with pytest.raises(_InterruptedError):
        run.log("S1", size=1, on_progress=_interrupt)
    with store.read() as work:
        assert [fault.code for fault in check_integrity(work) if fault.broken] == []
    with store.begin(user_id="TESTER") as work:
        il.Privacy(work).erase("IDA1", reason="asked")
    logged = run.log("S1")
    with store.read() as work:
        kept = work.records(SegmentLanguage).all("S1", logged.entry_no)
        assert not [row for row in kept if row.segment_line_no]
        assert work.attachments.find(own) is None
        assert [fault.code for fault in check_integrity(work) if fault.broken] == []
