"""Services in a company that has everything: they change what they name and leave the rest alone."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

import interactionlog as il
from interactionlog.integrity import check_integrity
from interactionlog.testing import a_person


@pytest.fixture(autouse=True)
def _stays_consistent(company):
    yield
    with company.read() as work:
        assert [fault for fault in check_integrity(work) if fault.broken] == []


def test_a_logging_leaves_other_segments_and_entries_alone(company):
    with company() as work:
        before = work.logged_segments.get(company.logged.entry_no)
        logged = il.SegmentLogger(work).log(company.open)
        entries = work.interactions.of_logged_segment(logged.entry_no)
        assert [entry.contact_no for entry in entries] == ["C", "P", "D"]
        assert [entry.cost_lcy for entry in entries] == [Decimal("37.45")] * 3
        assert work.logged_segments.get(before.entry_no) == before
        assert work.interactions.get(company.postponed).postponed
        assert work.interactions.get(company.canceled).canceled
        assert len(work.interactions.comments(company.finished)) == 1


def test_an_undone_logging_comes_back_with_content_of_its_own(company):
    with company() as work:
        other = il.SegmentService(work).create("Other", interaction_template_code="T1").no
        rows = [work.segments.all_languages(no) for no in (company.open, other)]
        lines = work.segments.lines_after(company.open, 0)
        il.SegmentLogger(work).log(company.open)
    with company() as work:
        il.SegmentLogger(work).undo(company.open)
        assert [work.segments.all_languages(no) for no in (company.open, other)] == rows
        assert all(rows)
        restored = work.segments.lines_after(company.open, 0)
        assert restored == [attrs.evolve(line, added_by_step=0) for line in lines]
        assert [
            entry.entry_no for entry in work.interactions.of_logged_segment(company.logged.entry_no)
        ] == [1, 2]


def test_a_deleted_segment_takes_only_its_own_content_along(company):
    with company() as work:
        offered = [row.attachment_no for row in work.template_languages.all("T1")]
        (own,) = [row.attachment_no for row in work.segments.languages(company.open, 20_000)]
        il.SegmentService(work).delete(company.open)
        assert work.attachments.find(own) is None
        assert None not in map(work.attachments.find, offered)


def test_a_resumed_entry_keeps_its_number_and_comment_beside_the_others(company):
    with company() as work:
        interactions = il.InteractionService(work)
        entry = interactions.finish(interactions.resume(company.postponed))
        assert entry.entry_no == company.postponed
        assert len(work.interactions.comments(entry.entry_no)) == 1
        assert len(work.interactions.comments(company.finished)) == 1


def test_another_thread_sees_what_was_committed_and_draws_the_next_number(company):
    segment = company.on_another_thread(lambda work: il.SegmentService(work).create("Next"))
    with company.read() as work:
        assert work.segments.get("SM00003") == segment
        assert segment.salesperson_code == "SP1"
        assert list(il.numbering.NumberLedger(work).explain_gaps("SEG")) == []


def test_a_contact_that_the_host_adds_is_found_at_once(company):
    company.put_contact(a_person("Q", "C", salesperson_code="SP1"))
    with company() as work:
        selection = il.ContactSelection(work, company.open)
        selection.add(il.ContactFilter(nos={"Q"}))
        assert [line.contact_no for line in work.segments.lines_after(company.open, 0)] == list(
            "CPDQ"
        )


def test_canceled_and_postponed_entries_count_nowhere(company):
    with company() as work:
        assert il.Statistics(work).of_contact("C").interactions == 3


def test_figures_do_not_depend_on_the_decimal_context_of_the_host(company):
    with company() as work:
        il.SegmentLogger(work).log(company.open)
        assert il.Statistics(work).of(il.LogFilter(campaign_no="CP1")) == (6, Decimal("224.7"), 30)
        assert [figures.cost_lcy for _, figures in il.Statistics(work).by_month()] == [
            Decimal("224.7")
        ]
        assert il.CampaignStatistics(work).of("CP1").cost_lcy == Decimal("224.7")
