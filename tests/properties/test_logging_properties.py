"""Invariants of logging, canceling, undo and follow-up, for any segment."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import interactionlog as il
from interactionlog.integrity import check_integrity
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.testing import a_contact, a_line, add_segment
from stores import opening

CONTACTS = ["CT1", "CT2", "BLOCKED", "EXCLUDED", None]
CAMPAIGNS = [None, "CP1", "CP2"]
lines = st.lists(
    st.fixed_dictionaries(
        {
            "contact_no": st.sampled_from(CONTACTS),
            "campaign_no": st.sampled_from(CAMPAIGNS),
            "cost_lcy": st.decimals(0, 99, places=2),
            "duration_min": st.integers(0, 90),
            "evaluation": st.sampled_from([None, *il.Evaluation]),
            "campaign_target": st.booleans(),
            "correspondence_type": st.sampled_from([None, *il.CorrespondenceType]),
        }
    ),
    min_size=1,
    max_size=12,
).filter(lambda each: any(line["contact_no"] in {"CT1", "CT2", "EXCLUDED"} for line in each))
adapters = pytest.mark.parametrize("adapter", ["memory", "sqlite"])


def with_segment(adapter, values, check):
    """Store a segment of these lines and check it in one unit of work."""
    with (
        TemporaryDirectory() as folder,
        opening(adapter, Path(folder)) as begin,
        begin() as work,
    ):
        for no in CAMPAIGNS[1:]:
            work.campaigns.put(il.Campaign(no=no))
        add_segment(work, "SM1", [])
        for no in CONTACTS[:-1]:
            work.contacts.put(
                a_contact(
                    no, privacy_blocked=no == "BLOCKED", exclude_from_segment=no == "EXCLUDED"
                )
            )
        work.segments.add_lines(
            [a_line(n, segment_no="SM1", **line) for n, line in enumerate(values, 1)]
        )
        check(work)


@adapters
@given(values=lines)
def test_log_then_undo_gives_back_the_segment_and_its_plan(adapter, values):
    def check(work):
        logger = il.SegmentLogger(work)
        header, stored = work.segments.get("SM1"), work.segments.lines_after("SM1", 0)
        first = logger.plan("SM1")
        logger.log("SM1")
        logger.undo("SM1")
        second = logger.plan("SM1")
        assert work.segments.lines_after("SM1", 0) == stored
        assert attrs.evolve(work.segments.get("SM1"), version=header.version) == header
        assert second.counts == first.counts
        assert second.findings == first.findings
        assert second.order.digest == first.order.digest
        assert (second.cost_lcy, second.duration_min) == (first.cost_lcy, first.duration_min)

    with_segment(adapter, values, check)


@adapters
@given(values=lines)
def test_plan_and_run_agree_and_the_log_holds_what_they_say(adapter, values):
    """INV-S-01 as overruled, INV-S-02, INV-S-05, INV-S-07, INV-S-24."""

    def check(work):
        stored = work.segments.lines_after("SM1", 0)
        plan = il.SegmentLogger(work).plan("SM1")
        planned = [p.line for p in plan.lines() if p.decision is il.Treatment.LOG]
        logged = il.SegmentLogger(work).log("SM1", plan=plan.token)
        entries = work.interactions.of_logged_segment(logged.entry_no)
        assert [e.segment_line_no for e in entries] == [line.line_no for line in planned]
        assert [e.contact_no for e in entries] == [line.contact_no for line in planned]
        figures = LoggedSegments(work).figures(logged.entry_no).entries
        assert figures == (
            len(planned),
            sum((line.cost_lcy for line in planned), Decimal(0)),
            sum(line.duration_min for line in planned),
        )
        left = [each.line for each in LoggedSegments(work).left_out(logged.entry_no)]
        assert sorted(planned + left, key=lambda line: line.line_no) == stored
        campaigns = work.campaign_entries.of_logged_segment(logged.entry_no)
        assert Counter(c.campaign_no for c in campaigns) == dict.fromkeys(
            {line.campaign_no for line in planned} - {None}, 1
        )
        by_no = {c.entry_no: c.campaign_no for c in campaigns}
        assert all(by_no.get(e.campaign_entry_no) == e.campaign_no for e in entries)
        assert {e.delivery_status for e in entries} == {None}
        assert all(e.contact_no != "BLOCKED" for e in entries)

    with_segment(adapter, values, check)


@adapters
@given(values=lines, own=st.sets(st.integers(0, 11)))
def test_cancel_then_uncancel_restores_exactly_what_was(adapter, values, own):
    """INV-S-08, INV-I-10, with entries that were canceled by themselves before."""

    def check(work):
        logged = il.SegmentLogger(work).log("SM1")
        entries = work.interactions.of_logged_segment(logged.entry_no)
        chosen = [e.entry_no for place, e in enumerate(entries) if place in own]
        il.LogEntryService(work).cancel(*chosen)
        before = work.interactions.of_logged_segment(logged.entry_no)
        LoggedSegments(work).cancel(logged.entry_no)
        canceled = work.interactions.of_logged_segment(logged.entry_no)
        assert all(e.cancel_state & 2 for e in canceled)
        assert il.Statistics(work).of(il.LogFilter(segment_no="SM1")).interactions == 0
        LoggedSegments(work).uncancel(logged.entry_no)
        assert work.interactions.of_logged_segment(logged.entry_no) == before
        assert work.logged_segments.get(logged.entry_no) == logged

    with_segment(adapter, values, check)


@adapters
@given(values=lines)
def test_a_follow_up_holds_the_distinct_contacts_of_the_live_entries(adapter, values):
    """INV-S-22."""

    def check(work):
        il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="SEG"))
        il.numbering.NumberSeriesSetup(work).add_line("SEG", "SM00001")
        work.marketing_setup.put(il.MarketingSetup(segment_nos="SEG"))
        where = il.OutcomeFilter(evaluations={None, il.Evaluation.POSITIVE})
        logged = il.SegmentLogger(work).log("SM1", follow_up=il.FollowUp(where=where))
        entries = work.interactions.of_logged_segment(logged.entry_no)
        wanted = dict.fromkeys(e.contact_no for e in entries if where.matches(e))
        found = [line.contact_no for line in work.segments.lines_after("SM00001", 0)]
        assert found == list(wanted)
        assert len(work.segments.get("SM00001").description) <= 100

    with_segment(adapter, values, check)


@adapters
@given(values=lines)
def test_deleting_a_canceled_logged_segment_keeps_the_number_of_entries(adapter, values):
    """INV-S-09."""

    def check(work):
        logged = il.SegmentLogger(work).log("SM1")
        count = len(work.interactions.of_logged_segment(logged.entry_no))
        LoggedSegments(work).cancel(logged.entry_no)
        LoggedSegments(work).delete_canceled()
        entries = work.interactions.newest(il.LogFilter(), limit=99)
        assert len(entries) == count
        assert {e.logged_segment_entry_no for e in entries} == {None}
        named = [e.campaign_entry_no is not None for e in entries]  # it is canceled by itself
        assert [e.cancel_state for e in entries] == [1 + 4 * each for each in named]
        assert not [fault for fault in check_integrity(work) if fault.broken]
        assert work.logged_segments.all() == []

    with_segment(adapter, values, check)
