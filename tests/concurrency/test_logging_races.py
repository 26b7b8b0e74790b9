"""Two who log, or log and edit, the same segment at the same time: one after the other."""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter

import pytest
from workers import race_to_log

import interactionlog as il
from interactionlog.testing import add_segment
from stores import empty_database

ROUNDS = 200


def test_of_two_processes_that_log_a_segment_one_wins_and_the_other_is_told(tmp_path):
    path = empty_database(tmp_path)
    nos = [f"SM{n}" for n in range(ROUNDS)]
    with il.SqliteStore(path, synchronous="NORMAL") as store, store.begin(user_id="T") as work:
        for no in nos:
            add_segment(work, no, ["CT1", "CT2"])
    context = multiprocessing.get_context("spawn")
    barrier, outcomes = context.Barrier(2), context.Queue()
    racers = [
        context.Process(target=race_to_log, args=(str(path), nos, barrier, outcomes))
        for _ in range(2)
    ]
    for racer in racers:
        racer.start()
    told = Counter(outcomes.get(timeout=120) for _ in range(2 * ROUNDS))
    for racer in racers:
        racer.join()
    assert told == {(no, outcome): 1 for no in nos for outcome in ("logged", "already logged")}
    with il.SqliteStore(path) as store, store.read() as work:
        assert il.Statistics(work).of(il.LogFilter()).interactions == 2 * ROUNDS


@pytest.mark.parametrize("when", ["before", "behind"])
def test_a_line_that_is_added_while_a_segment_is_logged_is_not_lost(store, when):
    """It waits for the end of the logging and is told so, or it comes first and is logged."""
    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", ["CT1"])
    outcome = []

    def add_line():
        try:
            with store.begin(user_id="OTHER") as work:
                outcome.append(il.SegmentService(work).add_line("SM1", "CT1").line_no)
        except il.SegmentAlreadyLoggedError:
            outcome.append("already logged")

    other = threading.Thread(target=add_line)
    with store.begin(user_id="TESTER") as work:
        if when == "before":
            other.start()
        logged = il.SegmentLogger(work).log("SM1")
        if when == "behind":
            other.start()
    other.join()
    came_first = when == "before" and outcome == [20_000]  # PostgreSQL locks the segment, no more
    assert came_first or outcome == ["already logged"]
    assert logged.counts["log"] == (2 if came_first else 1)
