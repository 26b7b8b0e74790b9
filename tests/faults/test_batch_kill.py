"""A batch run that is killed at random moments and started again logs every line exactly once."""

from __future__ import annotations

import random

import pytest
from hypothesis import settings
from workers import log_as_host, log_at_once, log_in_batches

import interactionlog as il
from interactionlog.integrity import check_integrity
from interactionlog.segments.logging.logger import BatchRun
from interactionlog.testing import a_contact, a_line, add_segment
from processes import processes
from stores import adapters, opening, place_of

databases = pytest.mark.parametrize("store", adapters("sqlite", "postgresql"), indirect=True)


def wanted():
    """Return how many lines and kills the profile wants."""
    wants = {"deep": (50_000, 200), "ci": (50_000, 20)}
    return wants.get(settings.get_current_profile_name(), (2_000, 5))


def add_large_segment(store, lines, no="SM1"):
    """
    Every tenth line has no contact, every seventh a contact that is blocked.

    About seven lines name the same contact.
    """
    contacts = lines // 49 * 7
    with store.begin(user_id="TESTER") as work:
        add_segment(work, no, [])
        work.campaigns.put(il.Campaign(no="CP1"))
        if work.contacts.find("CT0") is None:
            work.contacts.add_many(
                [a_contact(f"CT{n}", privacy_blocked=n % 7 == 0) for n in range(contacts)]
            )
        for begin in range(0, lines, 1_000):
            work.segments.add_lines(
                [
                    a_line(
                        n + 1, None if n % 10 == 0 else f"CT{n % contacts}", no, campaign_no="CP1"
                    )
                    for n in range(begin, min(begin + 1_000, lines))
                ]
            )


def require_exactly_once(store, lines, no="SM1"):
    """Every line is in the log or among the left-out ones, once; figures and bounds agree."""
    with store.read() as work:
        assert list(check_integrity(work)) == []
        (logged,) = work.logged_segments.all()
        assert logged.state is il.results.LoggedSegmentState.COMPLETE
        assert work.segments.find(no) is None
        assert work.segments.lines_after(no, 0) == []
        seen, numbers, last = [], [], 0
        while entries := work.interactions.of_logged_segment(logged.entry_no, after=last):
            seen += [entry.segment_line_no for entry in entries]
            numbers += [entry.entry_no for entry in entries]
            last = entries[-1].entry_no
        assert len(set(seen)) == len(seen) == logged.counts["log"]
        assert (numbers[0], numbers[-1]) == (logged.first_entry_no, logged.last_entry_no)
        last, left_out = 0, 0
        while kept := work.logged_segments.left_out(logged.entry_no, after=last):
            left_out += len(kept)
            seen += [each.line.line_no for each in kept]
            last = kept[-1].line.line_no
        assert left_out == logged.counts["leave-out"]
        assert sorted(seen) == list(range(1, lines + 1))
        assert logged.counts["log"] == sum(n % 10 != 0 and n % 7 != 0 for n in range(lines))
        (campaign_entry,) = work.campaign_entries.of_campaign("CP1")
        assert campaign_entry.register_no == logged.entry_no


class Worker:
    """A process at work, and what it told."""

    def __init__(self, action, *given):
        context = processes()
        self._heard, told = context.Pipe(duplex=False)
        self._process = context.Process(target=action, args=(told, *given))
        self._process.start()
        told.close()  # so that the end of the process ends what is heard

    def told(self):
        """Give what it tells until it ends."""
        try:
            while True:
                yield self._heard.recv()
        except EOFError:
            self._heard.close()
            self._process.join()

    def killed(self, wait, commits=0):
        """
        Kill it so many seconds after it was ready, or after it told so many commits.

        Return how it ended when it ended before that.
        """
        told = self.told()
        assert next(told) == "ready"
        for _ in range(commits):
            if (said := next(told)) != "committed":
                return said
        self._process.join(wait)
        killed = self._process.is_alive()
        self._process.kill()
        *_, last = [None, *told]
        return None if killed else last


@databases
def test_every_line_is_logged_once_however_often_the_process_is_killed(store, tmp_path):
    """Kills come while the run plans, and then at any moment of writing or committing."""
    lines, wanted_kills = wanted()
    add_large_segment(store, lines)
    size, in_planning = lines // 10 // wanted_kills, wanted_kills // 5
    moments, kills, stages = random.Random(4711), 0, set()
    while kills < wanted_kills:
        begun = kills >= in_planning
        commits, wait = moments.randrange(8) if begun else 0, moments.uniform(0.0, 0.03)
        if kills == in_planning:
            commits = 1  # let it plan to the end for once
        worker = Worker(log_in_batches, place_of(store, tmp_path), "SM1", size)
        assert worker.killed(wait, commits) is None, "there is work for every kill"
        kills += 1
        with store.read() as work:
            stages.update(line.line_no for line in work.segments.lines_after("SM1", 0, limit=1))
    assert len(stages) > wanted_kills / 2, "kills hit the run at work"
    *_, ended = Worker(log_in_batches, place_of(store, tmp_path), "SM1", 1).told()
    assert ended == "logged"
    require_exactly_once(store, lines)


@databases
def test_four_processes_on_one_segment_take_turns(store, tmp_path):
    lines = min(wanted()[0], 8_000)
    add_large_segment(store, lines)
    place = place_of(store, tmp_path)
    workers = [Worker(log_in_batches, place, "SM1", lines // 32) for _ in range(4)]
    ends = {[*worker.told()][-1] for worker in workers}
    assert ends <= {"logged", "already logged"}
    require_exactly_once(store, lines)


@pytest.mark.parametrize(
    "begin",
    adapters("sqlite", "sqlite-joined", "postgresql", "postgresql-joined"),
    indirect=True,
)
def test_a_process_that_is_killed_while_it_logs_at_once_leaves_all_or_nothing(begin, tmp_path):
    """The number drawn and the host's order stand or fall with the logging."""
    joined = hasattr(begin.store, "host")
    action, lines = log_as_host if joined else log_at_once, 2_000
    place = place_of(begin.store, tmp_path)
    if joined:
        begin.store.connection.cursor().execute(f"CREATE TABLE sales_order{place[1]} (no TEXT)")
        begin.store.connection.commit()
    with begin() as work:
        il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="X"))
        il.numbering.NumberSeriesSetup(work).add_line("X", "1")
    moments, kills, logged = random.Random(4711), 0, 0
    add_large_segment(begin.store, lines, "SM0")
    while kills < wanted()[1] / 2 or not logged:
        wait = moments.uniform(0.0, 0.1) if kills < wanted()[1] / 2 else None
        ended = Worker(action, place, f"SM{logged}").killed(wait)
        kills += ended is None
        with begin.read() as work:
            stored = work.logged_segments.all()
            left = work.segments.totals(f"SM{logged}").lines
            assert len(stored) == (logged if left else logged + 1), "a kill may come after COMMIT"
            assert left in {0, lines}
            numbers = work.numbers.ledger.ranges("X", 10_000, None, above=0, limit=999)
            assert [row.first_value for row in numbers] == list(range(1, len(stored) + 1))
            if joined:
                cursor = begin.store.connection.cursor()
                cursor.execute(f"SELECT no FROM sales_order{place[1]}")  # noqa: S608
                assert cursor.fetchall() == [(f"SM{n}",) for n in range(len(stored))]
                begin.store.connection.rollback()
        if not left:
            logged += 1
            add_large_segment(begin.store, lines, f"SM{logged}")
    with begin.read() as work:
        assert list(check_integrity(work)) == []


@pytest.mark.parametrize("adapter", adapters("memory", "sqlite", "postgresql"))
def test_a_run_in_batches_comes_to_the_same_as_one_transaction(tmp_path, adapter):
    results = []
    for batched in (False, True):
        with opening(adapter, tmp_path) as begin:  # a new, empty store each time
            store = begin.store
            add_large_segment(store, 2_500)
            if batched:
                BatchRun(store, user_id="TESTER").log("SM1", size=300)
            else:
                store.run(lambda work: il.SegmentLogger(work).log("SM1"), user_id="TESTER")
            with store.read() as work:
                (logged,) = work.logged_segments.all()
                results.append(
                    (
                        work.interactions.newest(il.LogFilter(), limit=9_999),
                        logged.counts,
                        work.logged_segments.left_out(logged.entry_no),
                        work.campaign_entries.of_campaign("CP1"),
                    )
                )
    assert results[0] == results[1]


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_progress_is_told_after_each_commit(store, size):
    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", [f"CT{n}" for n in range(20)])
    told = []
    BatchRun(store, user_id="TESTER").log("sm1", size=size, on_progress=told.append)
    assert [(each.lines_done, each.lines_left) for each in told] == [
        (min(20, done), max(0, 20 - done)) for done in range(size, 20 + size, size)
    ]


def interrupted(store, segment_no="SM1", batches=2):
    """Run some batches of ten lines and stop as a crash does."""

    class Crash(BaseException):
        pass

    def crash(progress):
        if progress.lines_done >= 10 * batches:
            raise Crash

    with pytest.raises(Crash):
        BatchRun(store, user_id="TESTER").log(segment_no, size=10, on_progress=crash)


def add_fifty(store):
    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", [f"CT{n}" for n in range(50)])


def test_a_contact_that_was_blocked_meanwhile_is_left_out(store):
    add_fifty(store)
    interrupted(store)
    with store.begin(user_id="TESTER") as work:
        work.contacts.put(a_contact("CT45", privacy_blocked=True))
    logged = BatchRun(store, user_id="TESTER").log("SM1")
    assert logged.counts == {"leave-out": 1, "log": 49, "privacy-blocked": 1}


@pytest.mark.parametrize("again", [True, False])
def test_a_campaign_entry_that_was_canceled_meanwhile_gets_no_more_entries(store, again):
    add_fifty(store)
    with store.begin(user_id="TESTER") as work:
        work.campaigns.put(il.Campaign(no="CP1"))
        il.SegmentService(work).change("SM1", campaign_no="CP1", force=True)
    interrupted(store)
    with store.begin(user_id="TESTER") as work:
        il.CampaignService(work).cancel_entries(1)
        if again:
            il.CampaignService(work).uncancel_entries(1)
    logged = BatchRun(store, user_id="TESTER").log("SM1")
    with store.read() as work:
        entries = work.interactions.of_logged_segment(logged.entry_no)
        assert [entry.campaign_entry_no for entry in entries] == [1] * 20 + [2] * 30
        assert [entry.canceled for entry in entries] == [not again] * 20 + [False] * 30
        assert list(check_integrity(work)) == []


def test_what_is_refused_meanwhile_stops_the_run_and_can_be_put_right(store):
    add_fifty(store)
    interrupted(store)
    with store.begin(user_id="TESTER") as work:
        work.salespeople.put(il.Salesperson(code="HR", blocked=True))
    with pytest.raises(il.CheckFailedError) as refused:
        BatchRun(store, user_id="TESTER").log("SM1")
    assert refused.value.counts == {"salesperson-blocked": 10}
    with store.begin(user_id="TESTER") as work:
        assert len(work.segments.lines_after("SM1", 0)) == 30
        work.salespeople.put(il.Salesperson(code="HR"))
    assert BatchRun(store, user_id="TESTER").log("SM1").counts == {"log": 50}


def test_a_running_segment_is_not_logged_in_one_transaction(store):
    add_fifty(store)
    interrupted(store)
    with store.begin(user_id="TESTER") as work, pytest.raises(il.StateError) as refused:
        il.SegmentLogger(work).log("SM1")
    assert refused.value.record == "segment SM1"


def test_a_running_logging_can_be_undone(store):
    add_fifty(store)
    with store.read() as work:
        lines = work.segments.lines_after("SM1", 0)
    interrupted(store)
    with store.begin(user_id="TESTER") as work:
        il.SegmentLogger(work).undo("SM1")
        assert work.segments.lines_after("SM1", 0) == lines
        assert il.Statistics(work).of(il.LogFilter(segment_no="SM1")).interactions == 0
    assert BatchRun(store, user_id="TESTER").log("SM1").counts == {"log": 50}


def test_a_segment_that_is_refused_is_not_begun(store):
    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", ["CT1"])
        work.segments.add_lines([a_line(20_000, "CT1", "SM1", salesperson_code=None)])
    with pytest.raises(il.CheckFailedError):
        BatchRun(store, user_id="TESTER").log("SM1")
    with store.read() as work:
        assert work.logged_segments.all() == []
        assert work.segments.get("SM1").version == 0


def test_the_last_batch_creates_the_follow_up(store):
    with store.begin(user_id="TESTER") as work:
        il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="SEG"))
        il.numbering.NumberSeriesSetup(work).add_line("SEG", "SM00001")
        work.marketing_setup.put(il.MarketingSetup(segment_nos="SEG"))
        add_segment(work, "SM1", [f"CT{n}" for n in range(5)])
    logged = BatchRun(store, user_id="TESTER").log("SM1", size=2, follow_up=il.FollowUp())
    with store.read() as work:
        assert work.segments.get("SM00001").follow_up_of == logged.entry_no
        assert len(work.segments.lines_after("SM00001", 0)) == 5


def test_a_batch_has_at_least_one_line(store):
    with pytest.raises(il.UsageError):
        BatchRun(store, user_id="TESTER").log("SM1", size=0)


def test_duplicates_are_noticed_across_batches(store):
    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", ["CT1", "CT2", "CT1", "CT3", "CT2"])
    leave_out = il.LoggingPolicy(duplicate=il.Treatment.LEAVE_OUT)
    logged = BatchRun(store, user_id="TESTER").log("SM1", size=1, policy=leave_out)
    assert logged.counts == {"duplicate": 2, "leave-out": 2, "log": 3}
