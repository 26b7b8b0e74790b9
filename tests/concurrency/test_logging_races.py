"""Two who log, or log and edit, the same segment at the same time: one after the other."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from workers import race_to_log

import interactionlog as il
from interactionlog.hooks import Hooks
from interactionlog.integrity import check_integrity
from interactionlog.testing import a_contact, a_line, add_segment
from processes import processes
from stores import adapters, place_of

ROUNDS = 200
CONTACTS = 1_200  # more than a chunk: the logging is in its middle when its observer is called


@pytest.mark.parametrize("store", adapters("sqlite", "postgresql"), indirect=True)
def test_of_two_processes_that_log_a_segment_one_wins_and_the_other_is_told(store, tmp_path):
    nos = [f"SM{n}" for n in range(ROUNDS)]
    with store.begin(user_id="T") as work:
        for no in nos:
            add_segment(work, no, ["CT1", "CT2"])
    context = processes()
    barrier, outcomes = context.Barrier(2), context.Queue()
    racers = [
        context.Process(
            target=race_to_log, args=(place_of(store, tmp_path), nos, barrier, outcomes)
        )
        for _ in range(2)
    ]
    for racer in racers:
        racer.start()
    told = [outcomes.get(timeout=120) for _ in range(2 * ROUNDS)]
    for racer in racers:
        racer.join()
    winners = {no: entry_no for no, entry_no, message in told if message is None}
    assert Counter(no for no, _, _ in told) == dict.fromkeys(nos, 2)
    assert winners.keys() == set(nos), "one of the two has logged it"
    assert {(no, entry_no, message) for no, entry_no, message in told if message is not None} == {
        (no, entry_no, f"segment {no} was logged before, as logged segment {entry_no}")
        for no, entry_no in winners.items()
    }
    with store.read() as work:
        assert il.Statistics(work).of(il.LogFilter()).interactions == 2 * ROUNDS


class Adds:
    """An observer: another thread adds a line while the logging is in its middle."""

    def __init__(self, begin):
        self.begin, self.tries, self.outcome = begin, threading.Event(), None
        self.other = threading.Thread(target=self.add_line)

    def add_line(self):
        self.tries.set()
        try:
            with self.begin() as work:
                self.outcome = il.SegmentService(work).add_line("SM1", "CT1").line_no
        except il.SegmentAlreadyLoggedError as told:
            self.outcome = told

    def interactions_logged(self, work, entries):
        if not self.tries.is_set():
            self.other.start()
            self.tries.wait()


def test_a_line_that_is_added_in_the_middle_of_a_logging_is_refused_and_not_lost(begin):
    """Whoever adds waits for the end of the logging, then is told that it was logged."""
    with begin() as work:
        add_segment(work, "SM1", ["CT1"] * CONTACTS)
    adding = Adds(begin.another())
    with begin.with_hooks([adding])() as work:
        logged = il.SegmentLogger(work).log("SM1")
    adding.other.join()
    assert isinstance(adding.outcome, il.SegmentAlreadyLoggedError)
    assert adding.outcome.logged_segment_entry_no == logged.entry_no
    with begin.read() as work:
        assert il.Statistics(work).of(il.LogFilter(segment_no="SM1")).interactions == CONTACTS
        assert work.segments.lines_after("SM1", 0) == []


class AddsAtTheFirstLine(Adds):
    """The same as a check: no entry is written where a line of the same part is refused."""

    def check_line(self, work, line, contact):
        if line.line_no == 10_000:
            self.interactions_logged(work, [])
        return ()


def test_a_line_that_is_added_while_a_logging_fails_stands_in_the_segment(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"] * CONTACTS)
        work.contacts.put(a_contact("CT2"))
        work.segments.add_lines([a_line(99_000_000, "CT2", "SM1", salesperson_code=None)])
    adding = AddsAtTheFirstLine(begin.another())
    with pytest.raises(il.CheckFailedError), begin.with_hooks([adding])() as work:
        il.SegmentLogger(work).log("SM1")
    adding.other.join()
    assert adding.outcome == 99_010_000
    with begin.read() as work:
        assert work.segments.totals("SM1").lines == CONTACTS + 2
        assert work.interactions.newest(il.LogFilter()) == []


@pytest.mark.parametrize("when", ["before", "behind"])
def test_a_line_that_is_added_at_the_edge_of_a_logging_is_not_lost(begin, when):
    """It waits for the end of the logging and is told so, or it comes first and is logged."""
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
    adding = Adds(begin.another())
    with begin() as work:
        if when == "before":
            adding.other.start()
        logged = il.SegmentLogger(work).log("SM1")
        if when == "behind":
            adding.other.start()
    adding.other.join()
    came_first = when == "before" and adding.outcome == 20_000  # PostgreSQL locks no more than that
    assert came_first or isinstance(adding.outcome, il.SegmentAlreadyLoggedError)
    assert logged.counts["log"] == (2 if came_first else 1)


class ActsMeanwhile:
    """A check: another thread does something while the second batch of a run is decided."""

    def __init__(self, store, act):
        self.other = threading.Thread(target=store.run, args=(act,), kwargs={"user_id": "T"})

    def check_line(self, work, line, contact):
        if line.contact_no == "CT2" and work.interactions.newest(il.LogFilter()):
            self.other.start()
            self.other.join(0.5)  # what waits for the batch waits longer
        return ()


def delete_the_first(work):
    (entry,) = work.interactions.newest(il.LogFilter(contact_no="CT1"))
    il.LogEntryService(work).cancel(entry.entry_no)
    il.LogEntryService(work).delete_canceled()


def cancel_the_campaign_entry(work):
    (entry,) = work.campaign_entries.of_campaign("CP1")
    il.CampaignService(work).cancel_entries(entry.entry_no)


@pytest.mark.parametrize("act", [delete_the_first, cancel_the_campaign_entry])
def test_what_is_done_to_entries_while_a_batch_runs_is_not_lost(store, monkeypatch, act):
    with store.begin(user_id="T") as work:
        work.campaigns.put(il.Campaign(no="CP1"))
        add_segment(work, "SM1", ["CT1", "CT2"])
        il.SegmentService(work).change("SM1", campaign_no="CP1")
    acting = ActsMeanwhile(store, act)
    monkeypatch.setattr(store, "_hooks", Hooks([acting]))
    il.BatchRun(store, user_id="T").log("SM1", size=1)
    acting.other.join()
    with store.read() as work:
        (logged,), entries = il.LoggedSegments(work).all(), work.interactions.newest(il.LogFilter())
        assert logged.counts["log"] - logged.counts.get("deleted", 0) == len(entries)
        parents = {each.entry_no: each for each in work.campaign_entries.of_campaign("CP1")}
        for entry in entries:
            assert entry.canceled == bool(parents[entry.campaign_entry_no].cancel_state)
        assert [fault for fault in check_integrity(work) if fault.broken] == []
