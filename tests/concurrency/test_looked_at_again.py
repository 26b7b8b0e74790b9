"""What one transaction read before it waited for another one is looked at again, on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

import interactionlog as il
from concurrency import postgres_workers
from interactionlog.interchange import import_tables
from interactionlog.testing import add_segment
from interactionlog.testing.race_world import populate
from postgres import HOW_TO_START, WANTED, new_tenant, own_database

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(not WANTED, reason=HOW_TO_START),
]
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
)


@pytest.fixture
def store():
    with postgres_workers.open_store(own_database(), new_tenant()) as store:
        yield store


@pytest.fixture
def second(store):
    """The same tables over connections that say who they are."""
    name = f"second-{store.tenant}"
    place = psycopg.conninfo.make_conninfo(own_database(), application_name=name)
    with postgres_workers.open_store(place, store.tenant) as second:
        second.name = name
        yield second


def while_it_waits(store, second, first_call, second_call):
    """Run the first call, the second one until it waits, commit, and return what the second gives."""
    with (
        ThreadPoolExecutor(1) as threads,
        psycopg.connect(own_database(), autocommit=True) as watch,
    ):
        with store.begin(user_id="ADA") as work:
            first_call(work)
            told = threads.submit(second.run, second_call, user_id="BEN")
            while not told.done():
                if watch.execute(WAITING, [second.name]).fetchone()[0]:
                    break
        return told.result(timeout=60)


@pytest.mark.parametrize("policy", list(il.numbering.NumberingPolicy))
def test_a_number_has_the_form_and_the_bound_of_its_line_when_it_is_drawn(store, second, policy):
    with store.begin(user_id="SETUP") as work:
        setup = il.numbering.NumberSeriesSetup(work)
        setup.create_series(il.numbering.NoSeries(code="X"))
        setup.add_line("X", "A001", ending_no="A900", policy=policy)

    def close(work):
        il.numbering.NumberSeries(work).next("X")
        il.numbering.NumberSeriesSetup(work).change_line("X", 10_000, ending_no="A001")

    with pytest.raises(il.numbering.NoNumberLeftError):
        while_it_waits(store, second, close, lambda work: il.numbering.NumberSeries(work).next("X"))


def test_a_line_that_this_transaction_changed_is_drawn_from_in_it(store):
    with store.begin(user_id="SETUP") as work:
        setup = il.numbering.NumberSeriesSetup(work)
        setup.create_series(il.numbering.NoSeries(code="X"))
        setup.add_line("X", "A001", policy=il.numbering.NumberingPolicy.GAPS_ALLOWED)
    with store.begin(user_id="ADA") as work:
        il.numbering.NumberSeriesSetup(work).change_line("X", 10_000, ending_no="A900")
        assert il.numbering.NumberSeries(work).next("X").no == "A001"


def test_a_number_given_by_hand_was_logged_by_the_one_it_waited_for(store, second):
    def create_and_log(work):
        add_segment(work, "MINE", ["CT1"])
        il.SegmentLogger(work).log("MINE")

    with pytest.raises(il.SegmentAlreadyLoggedError):
        while_it_waits(
            store,
            second,
            create_and_log,
            lambda work: il.SegmentService(work).create("Mine", no="MINE"),
        )


def test_a_number_that_was_taken_while_a_segment_waited_for_it_is_said_so(store, second):
    with store.begin(user_id="SETUP") as work:
        add_segment(work, "OLD", ["CT1"])
    with pytest.raises(il.DuplicateEntryError, match="MINE"):
        while_it_waits(
            store,
            second,
            lambda work: il.SegmentService(work).create("Mine", no="MINE"),
            lambda work: il.SegmentService(work).rename("OLD", "MINE"),
        )


def test_an_entry_that_is_in_use_again_keeps_its_comments_when_others_are_purged(store, second):
    with store.begin(user_id="TESTER") as work:
        names = populate(work)
        il.LogEntryService(work).cancel(names.mail)
        il.LogEntryService(work).put_comment(names.mail, il.DraftComment(comment="kept"))
    while_it_waits(
        store,
        second,
        lambda work: il.LogEntryService(work).uncancel(names.mail),
        lambda work: il.LogEntryService(work).delete_canceled(),
    )
    with store.read() as work:
        assert [each.comment for each in work.interactions.comments(names.mail)][-1] == "kept"


def test_two_first_interactions_of_a_campaign_share_its_entry(store, second):
    with store.begin(user_id="TESTER") as work:
        populate(work)
        il.CampaignService(work).create("New", no="CPNEW")

    def finish(work):
        interactions = il.InteractionService(work)
        draft = interactions.start(
            "CT1",
            interaction_template_code="MAIL",
            campaign_no="CPNEW",
            salesperson_code="HR",
        )
        return interactions.finish(draft)

    waited = while_it_waits(store, second, finish, finish)
    with store.read() as work:
        (entry,) = work.campaign_entries.of_campaign("CPNEW")
        logged = work.interactions.newest(il.LogFilter(campaign_no="CPNEW"))
    assert [each.campaign_entry_no for each in logged] == [entry.entry_no] * 2
    assert waited.campaign_entry_no == entry.entry_no


def test_a_resumed_draft_is_refused_when_its_comments_were_changed_since(store):
    with store.begin(user_id="TESTER") as work:
        names = populate(work)
    with store.read() as work:
        draft = il.InteractionService(work).resume(names.postponed)
    with store.begin(user_id="BEN") as work:
        il.LogEntryService(work).put_comment(names.postponed, il.DraftComment(comment="new"))
    with (
        pytest.raises(il.StateError, match="resume it again"),
        store.begin(user_id="TESTER") as work,
    ):
        il.InteractionService(work).finish(draft)
    with store.read() as work:
        assert work.interactions.comments(names.postponed)[-1].comment == "new"


@pytest.mark.parametrize("name", ["salespeople.csv", "contacts.csv"])
def test_of_two_imports_of_a_file_at_once_the_second_changes_nothing(store, second, tmp_path, name):
    """As on SQLite, where one waits for the other; it was told that all rows have another key."""
    key = {"salespeople.csv": "Code,Name", "contacts.csv": "No.,Name"}[name]
    file = tmp_path / name
    file.write_text(f"{key}\nONE,One\nTWO,Two\nTHREE,Three\n", encoding="utf-8")

    def first(work):
        import_tables(work, file)
        file.write_text(f"{key}\nZERO,Zero\nONE,One\nTWO,2\nTHREE,Three\n", encoding="utf-8")

    report = while_it_waits(store, second, first, lambda work: import_tables(work, file))
    total = report.total
    assert (total.created, total.changed, total.unchanged, report.notices) == (1, 1, 2, ())
