"""What was seen at one place is tried at others: references, numbers in use, pages, tokens, ends."""

from __future__ import annotations

import inspect
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from functools import partial

import pytest
import walk
import xlsxwriter

import interactionlog as il
from interactionlog.interchange import TablesRejectedError, import_tables
from interactionlog.testing import a_contact, add_segment, an_entry
from interactionlog.testing.race_world import populate

REFUSED = (il.FieldInvalidError, il.UsageError)


@pytest.fixture
def work(begin):
    with begin() as work:
        populate(work)
        yield work


UNKNOWN = {
    "group of members": lambda w: il.SegmentContacts(w).apply_mailing_group("SM1", "NEWZ"),
    "saved selection": lambda w: il.SavedSelections(w).steps("NEWZ"),
    "reused selection": lambda w: il.ContactSelection(w, "SM1").reuse_saved(
        "NEWZ", add_to_steps=True
    ),
    "campaign of a segment": lambda w: il.SegmentService(w).create(no="N", campaign_no="CPZ"),
    "campaign of a header": lambda w: il.SegmentService(w).change("SM1", campaign_no="CPZ"),
    "salesperson of a campaign": lambda w: il.CampaignService(w).create(
        no="N", salesperson_code="ZZ"
    ),
    "campaign of a draft": lambda w: il.InteractionService(w).start("CT1", campaign_no="CPZ"),
    "template of a draft": lambda w: il.InteractionService(w).start(
        "CT1", interaction_template_code="TZ"
    ),
    "salesperson of a draft": lambda w: il.InteractionService(w).start("CT1", salesperson_code="Z"),
    "contact of a line": lambda w: il.SegmentService(w).add_line("SM1", "CTZ"),
    "template of a purpose": lambda w: il.TemplateService(w).assign("outg_calls", "TZ"),
    "content of a template": lambda w: il.TemplateService(w).set_content("MAIL", "ITA", 999),
    "related series": lambda w: il.numbering.NumberSeriesSetup(w).relate("INV", "ZZ"),
    "line of a series": lambda w: il.numbering.NumberSeriesSetup(w).add_line("ZZ", "Z1"),
    "contact of a consent": lambda w: il.Consents(w).record("CTZ", "NEWS", given=True),
}


def test_a_reference_that_does_not_exist_is_refused_where_it_is_written(work):
    taken = []
    for what, write in UNKNOWN.items():
        try:
            with work.atomic():
                write(work)
        except il.NotFoundError as error:
            if not re.search("Z|999", error.key):
                taken.append((what, str(error)))
        else:
            taken.append((what, "taken"))
    assert taken == []


NOBODY: dict[str, object] = {
    "contact_no": "NOBODY",
    "segment_no": "NONE",
    "campaign_no": "NONE",
    "series_code": "NONE",
    "line_no": 7,
    **dict.fromkeys(("entry_no", "entry_nos", "logged_segment_entry_no", "not_in"), 999_999),
}
"""Keys that no record has, by the names of parameters."""
ANSWERED = {
    # a condition among others, of which nothing matches
    *("CampaignService.delete_canceled_entries entry_no", "LoggedSegments.find segment_no"),
    *(f"LoggedSegments.delete_canceled {key}" for key in ("entry_no", "segment_no")),
    # a filter, or a selection that says so when it is used
    *(f"LogFilter {key}" for key in NOBODY),
    "ContactSelection segment_no",
    # that there is none is the answer
    *("ContactSelection.explain contact_no", "PhoneCalls.numbers contact_no"),
    *("NumberLedger.find series_code", "NumberSeries.check series_code"),
    *(f"Number{of}.last_used series_code" for of in ("Series", "Batch")),
    *(f"Number{of}.try_next {key}" for of in ("Series", "Batch") for key in NOBODY),
    *(f"SeriesChoice.is_{how} series_code" for how in ("automatic", "manual")),
    *(f"SeriesChoice.{how} series_code" for how in ("alternatives", "are_related", "choose")),
    # the number of a new one
    "NumberSeriesSetup.add_line line_no",
}
"""Calls that take a key of which there is no record, and why."""


def test_of_a_record_that_does_not_exist_nothing_is_not_the_answer(work):
    known, answered = walk.known(work), []
    for call, (kind, method, parameters, _) in walk.calls().items():
        for name in [each.name for each in parameters if each.name in NOBODY]:
            case = walk.Case(call, name, kind, method, walk.required(parameters), NOBODY[name])
            if case.needs_store() or f"{call} {name}" in ANSWERED:
                continue
            with suppress(il.InteractionLogError), work.atomic():
                made = case.act(work, None, known)
                if inspect.isgenerator(made):
                    list(made)
                answered.append(f"{call} {name}")
    assert answered == []


LEFT_ALONE = {
    "template": lambda w: il.TemplateService(w).change("MAIL", description="new"),
    "language of a template": lambda w: il.TemplateService(w).set_language("MAIL", "ITA", description="new"),
    "language that goes": lambda w: il.TemplateService(w).delete_language("MAIL", "ITA"),
    "campaign": lambda w: il.CampaignService(w).change("CP1", description="new"),
    "header": lambda w: il.SegmentService(w).change("SM1", description="new"),
    "line": lambda w: il.SegmentService(w).personalise("SM1", 10_000, description="new"),
    "draft": lambda w: il.InteractionService(w).change(
        il.InteractionDraft(
            contact_no="CT1", campaign_no="GONE", salesperson_code="GONE", interaction_template_code="GONE"
        ),
        description="new",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LEFT_ALONE)
def test_a_reference_that_is_gone_does_not_keep_the_rest_of_a_record_from_being_changed(work, what):
    gone = {"campaign_no": "GONE", "salesperson_code": "GONE"}
    lost = {"interaction_group_code": "GONE", "purpose_code": "GONE", "campaign_no": "GONE"}
    work.templates.set("MAIL", language_code_default="GON", **lost)
    work.campaigns.set("CP1", salesperson_code="GONE")
    work.segments.set("SM1", interaction_template_code="GONE", **gone)
    work.segments.set_lines("SM1", [10_000], interaction_template_code="GONE", **gone)
    LEFT_ALONE[what](work)


SAME = {
    "segment": lambda w: il.SegmentService(w).rename("SM1", "sm1"),
    "series": lambda w: il.numbering.NumberSeriesSetup(w).rename_series("INV", "inv"),
    "language of a template": lambda w: il.TemplateService(w).rename_language("MAIL", "ITA", "ita"),
    "language of a header": lambda w: il.SegmentLanguages(w).rename("SM1", "QQ", "qq"),
    "language of a line": lambda w: il.SegmentLanguages(w).rename(
        "SM1", "QQ", "qq", line_no=10_000
    ),
}


@pytest.mark.parametrize("what", SAME)
def test_a_record_that_is_given_the_name_it_has_stays_as_it_is(work, what):
    work.records(il.numbering.NoSeries).put(il.numbering.NoSeries(code="INV", manual_nos=False))
    work.marketing_setup.put(il.MarketingSetup(segment_nos="INV"))
    for line_no in (0, 10_000):
        il.SegmentLanguages(work).put("SM1", "QQ", line_no=line_no)

    def seen():
        languages = [il.SegmentLanguages(work).all("SM1", line_no) for line_no in (0, 10_000)]
        header = work.segments.get("SM1")
        return (
            header.description,
            languages,
            work.templates.get("MAIL"),
            work.template_languages.all("MAIL"),
        )

    before = seen()
    SAME[what](work)
    assert seen() == before


def test_the_number_of_a_logged_segment_is_passed_over_by_every_call_that_draws(work):
    segments, logger = il.SegmentService(work), il.SegmentLogger(work)
    drawn = il.numbering.NumberSeries(work).peek("FREE").no
    ahead = int(drawn[2:])
    nos = [f"SX{number:03}" for number in range(ahead, ahead + 3)]
    for no in nos:
        add_segment(work, no, ["CT1"])
        logger.log(no)
    logged = il.LoggedSegments(work).find(nos[2])[0]
    add_segment(work, "HAND", ["CT1"])
    logger.log("HAND", follow_up=il.FollowUp())
    (followed,) = [each.segment_no for each in work.events if hasattr(each, "follow_up_of")]
    made = {segments.create("drawn").no, logger.follow_up(logged.entry_no).no, followed}
    assert len(made) == 3
    assert made.isdisjoint(nos)
    assert all(work.segments.find(no) is not None for no in made)


def test_pages_of_entries_with_one_date_have_each_entry_once(work):
    for number in range(300, 320):
        work.interactions.add(an_entry(number, "CT1", postponed=number % 2 == 0))
    log, some = il.InteractionLog(work), il.LogFilter(postponed=True)
    for read in (
        log.entries,
        lambda **page: log.timeline("CT1", **page),
        lambda **page: log.postponed(some, **page),
        lambda **page: log.entries(il.LogFilter(contact_no="CT1"), **page),
    ):
        found, last = [], None
        while page := read(before=last, limit=3):
            assert len(page) <= 3
            found += page
            last = il.position_of(page[-1])
        assert found == [*read(limit=1_000)]
        assert len(found) > 6


def test_a_token_that_is_none_is_refused_and_nothing_is_logged(work):
    before = work.logged_segments.all()
    for text in ("", " ", "x", "e30", "[]", "Ã", "A" * 10_000, "=", "e30=\n", "🎉"):
        with pytest.raises(REFUSED):
            il.SegmentLogger(work).log("SM1", plan=text)
    assert work.logged_segments.all() == before


def test_a_token_of_another_segment_or_store_is_refused(work):
    logger = il.SegmentLogger(work)
    add_segment(work, "SM7", ["CT1"])
    other = logger.plan("SM7").token
    with pytest.raises((il.PlanOutdatedError, il.UsageError)):
        logger.log("SM1", plan=other)
    with il.MemoryStore(clock=work.clock).begin(user_id="TESTER") as elsewhere:
        add_segment(elsewhere, "SM7", ["CT2", "CT3"])
        token = il.SegmentLogger(elsewhere).plan("SM7").token
    with pytest.raises((il.PlanOutdatedError, il.UsageError)):
        logger.log("SM7", plan=token)
    assert work.segments.find("SM7") is not None


USES = {
    "service": lambda work: il.InteractionService(work).start("CT1"),
    "record": lambda work: work.contacts.find("CT1"),
    "writing": lambda work: work.contacts.put(a_contact("CT99")),
    "statistics": lambda work: il.Statistics(work).of_contact("CT1"),
    "number": lambda work: il.numbering.NumberSeries(work).next("FREE"),
    "block": lambda work: work.atomic().__enter__(),
    "rollback": lambda work: work.rollback(),
    "plan": lambda work: il.SegmentLogger(work).plan("SM1"),
    "content": lambda work: il.AttachmentService(work).open(1).read(),
}


def test_a_unit_of_work_is_not_used_after_its_end(begin):
    with begin() as work:
        populate(work)
    with begin.read() as reading:
        pass
    for use in USES.values():
        with pytest.raises(il.UsageError, match="ended"):
            use(work)
        with pytest.raises(il.UsageError, match=r"ended|only reads"):
            use(reading)


@pytest.mark.parametrize("open_one", ["begin", "read", "run"])
def test_a_closed_store_says_so(tmp_path, open_one):
    for store in (il.MemoryStore(), il.SqliteStore(tmp_path / "crm.db")):
        store.close()
        store.close()
        with pytest.raises(il.UsageError, match="closed"):
            if open_one == "run":
                store.run(lambda work: None, user_id="TESTER")
            elif open_one == "begin":
                store.begin(user_id="TESTER").__enter__()
            else:
                store.read().__enter__()


def test_another_tenant_sees_and_changes_nothing(begin):
    with begin() as work:
        populate(work)
        entries = [entry.entry_no for entry in il.InteractionLog(work).entries()]
    with begin.tenant("OTHER")() as other:
        assert il.InteractionLog(other).entries() == []
        for entry_no in entries[:3]:
            for act in (
                lambda no: il.LogEntryService(other).cancel(no),
                lambda no: il.LogEntryService(other).evaluate(il.Evaluation.POSITIVE, no),
                lambda no: il.InteractionService(other).resume(no),
                other.interactions.lock,
            ):
                with pytest.raises(il.NotFoundError):
                    act(entry_no)
    with begin() as work:
        assert [entry.entry_no for entry in il.InteractionLog(work).entries()] == entries


@pytest.mark.parametrize(
    ("since", "until"), [(date(2026, 2, 1), date(2026, 1, 1)), (date.max, date.min)]
)
def test_contradictory_bounds_find_nothing_or_are_refused(work, since, until):
    try:
        found = il.InteractionLog(work).entries(il.LogFilter(since=since, until=until))
    except REFUSED:
        return
    assert found == []
    assert il.Statistics(work, since=since, until=until).of_contact("CT1").interactions == 0
    assert il.LoggedSegments(work).find(since=since, until=until) == []


def test_a_generator_given_to_a_filter_is_read_once(work):
    filter_of = il.ContactFilter(nos=(no for no in ("CT1", "CT2")))
    for _ in range(2):
        assert sorted(work.contacts.matching(filter_of)) == ["CT1", "CT2"]
    wanted = {"where": {"name": il.Condition(any_of=(name for name in ("x", "y")))}}
    assert il.ContactFilter(**wanted) == il.ContactFilter(where={"name": {"y", "x"}})


@pytest.mark.parametrize("wrong", ["address-gone", "contact-gone", "privacy-blocked", "canceled"])
def test_what_would_not_be_sent_is_not_shown_as_a_message_to_somebody(work, wrong):
    content = il.AttachmentService(work).store(b"private", name="a.txt").no
    mail = {"correspondence_type": il.CorrespondenceType.EMAIL, "attachment_no": content}
    gone = {"contact_alt_address_code": "HOME"} if wrong == "address-gone" else {}
    work.contacts.put(a_contact("CT9", e_mail="head@example.com"))
    entry = an_entry(900, "CT9", **mail, **gone)
    work.interactions.add(entry)
    il.delivery.request_delivery(work, entry)
    if wrong == "contact-gone":
        work.contacts.remove("CT9")
    elif wrong == "privacy-blocked":
        work.contacts.set("CT9", privacy_blocked=True)
    elif wrong == "canceled":
        work.interactions.set([900], cancel_state=1)
    with pytest.raises(il.StateError, match=wrong):
        il.delivery.Deliveries(work).preview(900)


def at_once(store, *acts):
    """Run each of them in a thread and units of work of its own, and return what they raised."""
    ready = threading.Barrier(len(acts))

    def run(who):
        ready.wait()
        for number in range(6):
            store.run(partial(acts[who], number=number), user_id=f"U{who}")

    with ThreadPoolExecutor(len(acts)) as threads:
        told = [threads.submit(run, who) for who in range(len(acts))]
    return [error for each in told if (error := each.exception())]


def comment(entry_no, text):
    return lambda work, number: il.LogEntryService(work).put_comment(
        entry_no, il.DraftComment(comment=f"{text}{number}")
    )


def texts(store, entry_no):
    with store.read() as work:
        lines = work.interactions.comments(entry_no)
    assert len({line.line_no for line in lines}) == len(lines)
    return {line.comment for line in lines}


@pytest.fixture
def entry_no(store):
    with store.begin(user_id="TESTER") as work:
        return populate(work).mail


def test_comments_that_come_while_an_entry_is_evaluated_and_canceled_are_kept(store, entry_no):
    def evaluate(work, number):
        il.LogEntryService(work).evaluate(list(il.Evaluation)[number % 5], entry_no)

    def cancel(work, number):
        (il.LogEntryService(work).cancel if number % 2 else il.LogEntryService(work).uncancel)(
            entry_no
        )

    assert at_once(store, comment(entry_no, "a"), evaluate, cancel, comment(entry_no, "b")) == []
    assert {f"{who}{n}" for who in "ab" for n in range(6)} <= texts(store, entry_no)


def test_of_comments_that_come_together_only_those_rolled_back_are_missing(store, entry_no):
    class Left(Exception):  # noqa: N818  # it leaves a block
        pass

    def leave(work, number):
        with suppress(Left), work.atomic():
            comment(entry_no, "gone")(work, number)
            raise Left

    assert at_once(store, comment(entry_no, "a"), leave, comment(entry_no, "b")) == []
    found = texts(store, entry_no)
    assert {f"{who}{n}" for who in "ab" for n in range(6)} <= found
    assert not any(text.startswith("gone") for text in found)


def test_a_comment_that_is_written_over_or_deleted_takes_no_other_along(store, entry_no):
    with store.begin(user_id="TESTER") as work:
        service = il.LogEntryService(work)
        mine, old = (
            service.put_comment(entry_no, il.DraftComment(comment=text)).line_no
            for text in ("mine", "old")
        )

    def over(work, number):
        text = il.DraftComment(comment=f"mine{number}")
        il.LogEntryService(work).put_comment(entry_no, text, line_no=mine)

    def delete(work, number):
        if number == 0:
            il.LogEntryService(work).delete_comment(entry_no, old)

    assert at_once(store, comment(entry_no, "a"), over, delete, comment(entry_no, "b")) == []
    found = texts(store, entry_no)
    assert {"mine5", *(f"{who}{n}" for who in "ab" for n in range(6))} <= found
    assert not found & {"old", "mine", "mine4"}


CAPTIONS = {
    "today": "No.,Type,Name,Address,ZIP Code,City,State,Country/Region Code,Phone No.,Mobile No.,Email",
    "before": "No.,Type,Name,Address,Post Code,City,County,Country/Region Code,Phone No.,"
    "Mobile Phone No.,E-Mail",
    "mixed case": "NO.,type,NAME,address,zip code,CITY,state,country/region code,PHONE NO.,"
    "mobile no.,EMAIL",
    "other words": "No.,Type,Full Name,Address,Postcode,City,State,Country Code,Phone Number,"
    "Mobile No.,Email Address",
    "spaces": " No. ,Type , Name,Address,ZIP  Code,City,State ,Country/Region Code,Phone No.,"
    "Mobile No., Email ",
}
REACHED = "CT1,Company,Adatum,Main 1,10001,Seattle,WA,US,425-555-0101,425-555-0102,info@a.example"


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xlsx"])
@pytest.mark.parametrize("captions", CAPTIONS)
def test_how_a_contact_is_reached_comes_in_under_every_caption(begin, tmp_path, captions, form):
    names, cells = CAPTIONS[captions].split(","), REACHED.split(",")
    path = tmp_path / f"contacts.{form}"
    if form == "json":
        path.write_text(json.dumps([dict(zip(names, cells, strict=True))]))
    elif form == "xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("Contacts")
            for line, row in enumerate((names, cells)):
                sheet.write_row(line, 0, row)
    else:
        sign = {"csv": ",", "tsv": "\t"}[form]
        path.write_text("\n".join(sign.join(row) for row in (names, cells)))
    with begin() as work:
        report = import_tables(work, path)
        stored = work.contacts.get("CT1")
    assert report.notices == ()
    fields = "name address post_code city county country_code phone_no mobile_phone_no e_mail"
    assert [getattr(stored, field) for field in fields.split()] == cells[2:]


@pytest.mark.parametrize("caption", ["E-Post", "Courriel", "mail", "Statex", "ZIP", "Phone2", ""])
def test_no_filled_column_is_left_out_without_a_word(begin, tmp_path, caption):
    path = tmp_path / "contacts.csv"
    path.write_text(f"No.,Type,Name,{caption}\nCT1,Company,Adatum,info@a.example\n")
    with begin() as work:
        try:
            said = [str(each) for each in import_tables(work, path).notices]
        except TablesRejectedError as error:
            said = [str(error)]
    assert any(caption in text and "column" in text for text in said)


def test_people_of_todays_business_central_have_their_address(begin, tmp_path):
    path = tmp_path / "salespeople.csv"
    path.write_text("Code,Name,Email\nHR,Helena Ray,hr@a.example\n")
    with begin() as work:
        assert import_tables(work, path).notices == ()
        assert [each.code for each in work.salespeople.with_e_mail("HR@a.example")] == ["HR"]


@pytest.mark.parametrize(
    ("call", "log_filter"),
    [
        ("of", il.LogFilter(canceled=True)),
        ("of", il.LogFilter(postponed=True)),
        ("by", il.LogFilter(canceled=True)),
        ("by_month", il.LogFilter(postponed=True)),
        ("entries", il.LogFilter(postponed=True)),
        ("postponed", il.LogFilter(postponed=False)),
        ("delete_canceled", il.LogFilter(canceled=False)),
    ],
)
def test_a_filter_that_asks_the_opposite_of_a_call_is_refused_and_not_changed(
    work, call, log_filter
):
    figures, log = il.Statistics(work), il.InteractionLog(work)
    calls = {
        "of": figures.of,
        "by": lambda given: figures.by(il.Dimension.TEMPLATE, log_filter=given),
        "by_month": figures.by_month,
        "entries": log.entries,
        "postponed": log.postponed,
        "delete_canceled": il.LogEntryService(work).delete_canceled,
    }
    before = list(log)
    with pytest.raises(il.FieldInvalidError, match="in this call, or left out"):
        calls[call](log_filter)
    assert list(log) == before


@pytest.mark.every_store
@pytest.mark.parametrize("values", [{"line_no": 7}, {"segment_no": "S2"}, {"color": 1}])
def test_lines_take_no_other_key_and_no_unknown_field(begin, values):
    with begin() as work:
        il.SegmentService(work).create("New", no="S1")
        il.SegmentService(work).add_line("S1")
        with pytest.raises(il.UsageError, match="cannot set"):
            work.segments.set_lines("S1", [10_000], **values)
        assert [line.line_no for line in work.segments.lines_after("S1", 0)] == [10_000]


@pytest.mark.every_store
def test_lines_are_set_whatever_the_case_of_the_number_of_their_segment(begin):
    with begin() as work:
        il.SegmentService(work).create("New", no="S1")
        il.SegmentService(work).add_line("S1")
        work.segments.set_lines("s1", [10_000], description="Set")
        assert [line.description for line in work.segments.lines_after("S1", 0)] == ["Set"]
