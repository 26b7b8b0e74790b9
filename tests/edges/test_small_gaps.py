"""Calls that were missing beside others."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import interactionlog as il
from interactionlog.testing import a_contact
from interactionlog.testing.race_world import populate


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


@pytest.mark.parametrize(("spoken", "row"), [("DE-AT", "DE"), ("FR", "EN"), ("EN-GB-X", "EN")])
def test_the_language_of_a_draft_falls_back_to_the_more_general_one(work, spoken, row):
    templates = il.TemplateService(work)
    for code in ("DE", "EN"):
        templates.set_language("BUS", code, word_template_code=f"W-{code}")
    templates.change("BUS", language_code_default="EN")
    work.contacts.put(a_contact("CT9", language_code=spoken))
    draft = il.InteractionService(work).start("CT9", interaction_template_code="BUS")
    assert draft.language_code == row


def test_who_reads_is_named_so_that_a_draft_has_their_salesperson(store):
    with store.begin(user_id="TESTER") as work:
        populate(work)
    with store.read(user_id="tester") as work:
        assert work.user_id == "TESTER"
        assert il.InteractionService(work).start("CT1").salesperson_code == "HR"


def test_numbers_in_use_are_passed_over_and_the_message_says_what_to_put_ahead(work):
    segments = il.SegmentService(work)
    for number in range(1, 4):
        segments.create("by hand", no=f"SX00{number}", interaction_template_code="BUS")
    il.CampaignService(work).create("by hand", no="SX004")
    assert segments.create("drawn").no == "SX004"
    assert il.CampaignService(work).create("drawn").no == "SX005"
    with pytest.raises(il.numbering.NumberTakenError, match=r"ensure_ahead\('FREE'"):
        il.numbering.NumberSeries(work).next("FREE", exists=lambda _: True)
