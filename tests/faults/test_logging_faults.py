"""Plan, log, undo and follow-up with a storage that fails at every call in turn: no trace stays."""

from __future__ import annotations

import pytest
from failing import fails_without_a_trace

import interactionlog as il
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.testing import a_contact, a_line, add_segment


def add_all(work):
    """A segment with a logged, a left-out and a campaign line, and a series for follow-ups."""
    il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="SEG"))
    il.numbering.NumberSeriesSetup(work).add_line("SEG", "SM00001")
    work.marketing_setup.put(il.MarketingSetup(segment_nos="SEG"))
    work.campaigns.put(il.Campaign(no="CP1"))
    add_segment(work, "SM1", ["CT1", None])
    work.contacts.put(a_contact("CT2"))
    work.segments.add_lines([a_line(30_000, "CT2", "SM1", campaign_no="CP1")])
    il.SegmentService(work).add_line("SM1", "CT1")


ACTIONS = {
    "plan": lambda work: il.SegmentLogger(work).plan("SM1"),
    "log": lambda work: il.SegmentLogger(work).log("SM1"),
    "log and follow up": lambda work: il.SegmentLogger(work).log("SM1", follow_up=il.FollowUp()),
}
AFTERWARDS = {
    "undo": lambda work: il.SegmentLogger(work).undo("SM1"),
    "follow up": lambda work: il.SegmentLogger(work).follow_up(1),
    "cancel": lambda work: LoggedSegments(work).cancel(1),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_failing_storage_call_leaves_no_trace_of(begin, action):
    with begin() as work:
        add_all(work)
    assert fails_without_a_trace(begin, ACTIONS[action]) > 5


@pytest.mark.parametrize("action", AFTERWARDS)
def test_a_failing_storage_call_leaves_no_trace_after_logging_of(begin, action):
    with begin() as work:
        add_all(work)
        il.SegmentLogger(work).log("SM1")
    assert fails_without_a_trace(begin, AFTERWARDS[action]) > 2
