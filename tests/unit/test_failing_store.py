"""`interactionlog.testing.FailingStore`: one call of a repository fails, and what does not is kept."""

from __future__ import annotations

from contextlib import suppress

import pytest

import interactionlog as il
from interactionlog.integrity import check_integrity
from interactionlog.testing import (
    FailingStore,
    StorageFailureError,
    add_basics,
    add_segment,
    failing_in_turn,
)


@pytest.fixture
def filled(store):
    with store.begin(user_id="A") as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
    return store


def descriptions(store):
    with store.read() as work:
        return [each.description for each in il.InteractionLog(work).entries()]


def log(store):
    with store.begin(user_id="A") as work:
        il.SegmentLogger(work).log("SM1")


def test_a_logging_that_fails_at_any_call_leaves_nothing(filled):
    failed = []
    for store in failing_in_turn(filled):
        assert descriptions(filled) == []
        with suppress(StorageFailureError):
            log(store)
            break
        failed.append(store.calls)
    assert failed == list(range(1, len(failed) + 1))
    assert len(failed) > 10
    assert len(descriptions(filled)) == 2


def test_the_last_one_is_that_in_which_nothing_fails(filled):
    calls = []
    for store in failing_in_turn(filled):
        with suppress(StorageFailureError), store.begin(user_id="A") as work:
            work.salespeople.all()
            work.records(il.Campaign).find("CP1")
        calls.append(store.calls)
    assert calls == [1, 2, 2]


def test_a_failure_that_is_caught_in_the_block_fails_once(filled):
    store = FailingStore(filled, at=1)
    with store.begin(user_id="A") as work:
        with pytest.raises(StorageFailureError, match="call 1 fails on purpose"):
            work.templates.all()
        assert work.templates.all()
    assert store.calls == 2


@pytest.mark.parametrize("opened", ["begin", "read", "run"])
def test_calls_of_every_unit_of_work_count(filled, opened):
    store = FailingStore(filled, at=2)

    def act(work):
        work.templates.all()

    def once():
        if opened == "run":
            store.run(act, user_id="A")
        else:
            with getattr(store, opened)(user_id="A") as work:
                act(work)

    once()
    with pytest.raises(StorageFailureError):
        once()
    once()


def test_every_repository_fails_those_of_number_series_too(store):
    def names(of):
        return {name for name, each in vars(of).items() if isinstance(each, property)}

    numbers = names(il.ports.NumberSeriesRepository)
    itself = {"clock", "user_id", "tenant", "hooks", "events"}
    for name in (names(il.ports.UnitOfWork) - itself - {"numbers"}) | numbers:
        failing = FailingStore(store, at=1)
        with failing.begin(user_id="A") as work:
            repository = getattr(work.numbers if name in numbers else work, name)
            method = next(each for each in dir(repository._repository) if each in _READING)
            with pytest.raises(StorageFailureError, match="call 1 fails"):
                getattr(repository, method)()


_READING = {"find", "all", "refused", "ranges", "of_series", "page", "aged"}


def test_numbers_that_fail_at_any_call_are_not_drawn(store):
    with store.begin(user_id="A") as work:
        setup = il.numbering.NumberSeriesSetup(work)
        setup.create_series(il.numbering.NoSeries(code="INV"))
        setup.add_line("INV", "I001", ending_no="I999")
    failed = 0
    for failing in failing_in_turn(store):
        with suppress(StorageFailureError):
            with failing.begin(user_id="A") as work:
                assert il.numbering.NumberSeries(work).next("INV").no == "I001"
            break
        failed += 1
    assert failed > 1


def test_two_units_of_work_are_no_whole(store):
    """What `failing_in_turn` is for: the first of two units of work stays."""
    with store.begin(user_id="A") as work:
        add_basics(work)
    kept = set()
    for failing in failing_in_turn(store):
        with suppress(StorageFailureError):
            for code in ("ONE", "TWO"):
                with failing.begin(user_id="A") as work:
                    work.interaction_groups.put(il.InteractionGroup(code=code))
        with store.begin(user_id="A") as work:
            codes = {each.code for each in work.interaction_groups.all()} & {"ONE", "TWO"}
            for code in codes:
                work.interaction_groups.remove(code)
        kept.add(frozenset(codes))
    assert kept == {frozenset(), frozenset({"ONE"}), frozenset({"ONE", "TWO"})}


def test_it_has_what_the_store_has(filled):
    store = FailingStore(filled, at=9)
    assert store.tenant == filled.tenant
    with store.read() as work:
        assert list(check_integrity(work)) == []
