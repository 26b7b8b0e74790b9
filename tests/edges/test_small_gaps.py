"""Calls that were missing beside others."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import interactionlog as il
from interactionlog.templates.template import spoken
from interactionlog.testing import a_contact, add_segment
from interactionlog.testing.race_world import populate
from stores import throw_away_works

LETTER = {"interaction_template_code": "LETTER"}


@pytest.fixture
def work(begin):
    with begin() as work:
        populate(work)
        yield work


def test_content_of_an_abandoned_draft_is_listed_and_deleted(work):
    contents = il.AttachmentService(work)
    kept = {each.no for each in work.attachments.all()}
    abandoned = contents.store(b"abandoned", name="a.html").no
    later = datetime(2030, 1, 1, tzinfo=UTC)
    assert contents.delete_unused(before=datetime(2020, 1, 1, tzinfo=UTC)) == []
    listed = contents.delete_unused(before=later, dry_run=True)
    assert abandoned in [each.no for each in listed]
    assert abandoned in [each.no for each in contents.delete_unused(before=later)]
    assert work.attachments.find(abandoned) is None
    assert {each.no for each in work.attachments.all()} <= kept


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.csv.gz", "application/gzip"), ("a.tar.xz", "application/x-xz"), ("a.html", "text/html")],
)
def test_a_compressed_file_has_the_type_of_its_compression(work, name, media_type):
    assert il.AttachmentService(work).store(b"x", name=name).media_type == media_type


def test_the_target_group_can_be_looked_at_before_activation(work):
    il.CampaignService(work).deactivate("CP1")
    targets = il.TargetGroup(work)
    assert targets.of("CP1") == frozenset()
    assert targets.of("CP1", before_activation=True) != frozenset()


def test_a_series_is_tested_on_a_date(work):
    numbers = il.numbering.NumberSeries(work)
    assert numbers.check("LONE", date(2031, 5, 1)).no == "L2031-001"
    assert numbers.check("LONE").no == "L2026-001"


def test_the_template_of_a_kind_of_document_is_looked_up_as_it_was_assigned(work):
    templates = il.TemplateService(work)
    assert templates.assigned(il.DocumentType.SALES_INVOICE) == "CALL"
    assert templates.assigned("outg_calls") == "CALL"
    assert templates.assigned(il.DocumentType.SALES_QUOTE) is None


def test_the_year_of_an_iso_week_goes_with_the_week(work):
    setup = il.numbering.NumberSeriesSetup(work)
    setup.create_series(il.numbering.NoSeries(code="WEEK"))
    setup.add_template_line("WEEK", "{iso_yyyy}-W{ww}-{n:03}")
    numbers = il.numbering.NumberSeries(work)
    assert numbers.peek("WEEK", date(2027, 1, 1)).no == "2026-W53-001"


PARTS = st.lists(st.sampled_from(["", "D", "DE", "%", "_E"]), max_size=3).map("-".join)
"""Parts of languages, among them none, beginnings of others and what a pattern means."""


@given(offered=st.sets(PARTS, min_size=1, max_size=4), asked=st.lists(PARTS, max_size=4))
@example(offered={"DE", "EN"}, asked=["DE-AT", "FR", "EN-GB-X", "DEX-AT"])
@example(offered={"", "DE-AT"}, asked=["-AT", "DE", "DE-AT-X", ""])
def test_a_language_falls_back_to_the_nearest_one_that_is_offered_however_a_line_is_made(
    offered, asked
):
    default = max(offered) or None
    expected = [
        str(spoken(code or None, {row or None for row in offered}, default)) for code in asked
    ]
    for store in throw_away_works():
        with store as work:
            add_segment(work, "SM1", [], language_code_default=default)
            add_segment(work, "SM2", [], language_code_default=default)
            templates = il.TemplateService(work)
            for code in offered:
                templates.set_language("LETTER", code or None)
                for segment in ("SM1", "SM2"):
                    il.SegmentLanguages(work).put(segment, code or None)
            templates.change("LETTER", language_code_default=default)
            nos = [f"CT{n}" for n in range(len(asked))]
            for no, code in zip(nos, asked, strict=True):
                work.contacts.put(a_contact(no, language_code=code))
                il.SegmentService(work).add_line("SM1", no)
            il.ContactSelection(work, "SM2").add(all_contacts=True)
            drafts = [il.InteractionService(work).start(no, **LETTER).language_code for no in nos]
            for segment in ("SM1", "SM2"):
                lines = work.segments.lines_after(segment, 0)
                assert [str(line.language_code) for line in lines] == expected
            assert list(map(str, drafts)) == expected


def test_who_reads_is_named_so_that_a_draft_has_their_salesperson(store):
    with store.begin(user_id="TESTER") as work:
        populate(work)
    with store.read(user_id="tester") as work:
        assert work.user_id == "TESTER"
        assert il.InteractionService(work).start("CT1").salesperson_code == "HR"
    with store.read() as work:
        for begin in (il.InteractionService(work).start, il.PhoneCalls(work).start):
            with pytest.raises(il.UsageError, match="user_id"):
                begin("CT1")
        draft = il.InteractionService(work).start_from_salesperson("HR")
        with pytest.raises(il.UsageError, match="user_id"):
            il.InteractionService(work).change(draft, contact_no="CT1")


def test_numbers_in_use_are_passed_over_and_the_message_says_what_to_put_ahead(work):
    segments = il.SegmentService(work)
    for number in range(1, 4):
        segments.create("by hand", no=f"SX00{number}", interaction_template_code="BUS")
    il.CampaignService(work).create("by hand", no="SX004")
    assert segments.create("drawn").no == "SX004"
    assert il.CampaignService(work).create("drawn").no == "SX005"
    with pytest.raises(il.numbering.NumberTakenError, match=r"ensure_ahead\('FREE'"):
        il.numbering.NumberSeries(work).next("FREE", exists=lambda _: True)


@pytest.mark.parametrize("blank", ["", " ", "\u00a0"])
def test_an_interaction_with_a_blank_description_is_not_ready(work, blank):
    service = il.InteractionService(work)
    draft = service.start("CT1", interaction_template_code="MAIL")
    draft = service.change(draft, description=blank)
    assert "description" in [each.field for each in service.check(draft)]
    with pytest.raises(il.CheckFailedError):
        service.finish(draft)


def test_errors_of_conditions_show_what_was_compared(work):
    for name, odd in (
        ("date", il.Condition(any_of=["2026-01-31"])),
        ("evaluation", il.Condition(any_of=["good"])),
        ("canceled", il.Condition(at_least=1)),
    ):
        with pytest.raises(il.FieldInvalidError) as told:
            il.ContactFilter(interactions={name: [odd]})
        assert "Condition(" not in str(told.value)


def test_facts_and_results_may_wait_in_a_queue_of_another_process(work):
    add_segment(work, "WAITING", ["CT1", "CT2"])
    logger, interactions = il.SegmentLogger(work), il.InteractionService(work)
    draft = interactions.start("CT1", interaction_template_code="MAIL")
    logged = logger.log("WAITING", follow_up=il.FollowUp())
    logger.undo("WAITING", force=True)
    il.Privacy(work).erase("CT2", reason="asked for")
    sent = [draft, logged, *work.events, il.ContactFilter(), il.LogFilter(), il.OutcomeFilter()]
    sent += [il.FollowUp(), interactions.finish(draft), il.InteractionLog(work).entries()]
    counted = [each for each in sent if isinstance(getattr(each, "counts", None), Mapping)]
    assert len(counted) >= 3
    for each in sent:
        for received in (pickle.loads(pickle.dumps(each)), copy.deepcopy(each)):  # noqa: S301
            assert received == each
            assert repr(received) == repr(each)
    for each in counted[1:]:
        with pytest.raises(TypeError):
            each.counts["log"] = 0
