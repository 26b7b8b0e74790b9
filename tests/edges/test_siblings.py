"""What was seen at one place is tried at others: references, numbers in use, pages, tokens, ends."""

from __future__ import annotations

import re
from datetime import date

import pytest

import interactionlog as il
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
        lambda **page: log.entries(some, **page),
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
