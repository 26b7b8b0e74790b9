"""What is done under an idempotency key is done once."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from interactionlog.errors import (
    DuplicateEntryError,
    IdempotencyConflictError,
    StateError,
    UsageError,
)
from interactionlog.interactions.idempotency import forget_idempotency_keys, once
from interactionlog.values import Evaluation

pytestmark = pytest.mark.every_store  # statements that no contract runs


class Counter:
    """Counts how often it acts; results are found by their number until they are forgotten."""

    def __init__(self):
        self.results = {}

    def act(self):
        no = len(self.results) + 1
        self.results[no] = f"result {no}"
        return no

    def once(self, work, key, operation="count", **arguments):
        return once(
            work,
            key,
            operation,
            arguments,
            act=self.act,
            number_of=lambda no: no,
            find=lambda no: no if no in self.results else None,
        )


def test_the_same_key_acts_once_in_any_unit_of_work(begin):
    counter = Counter()
    with begin() as work:
        first = counter.once(work, "k", at=Evaluation.NEUTRAL, of={"B", "A"})
    with begin() as work:
        assert counter.once(work, "k", at=Evaluation.NEUTRAL, of={"A", "B"}) == first
    assert len(counter.results) == 1


def test_without_a_key_it_acts_each_time(begin):
    counter = Counter()
    with begin() as work:
        assert [counter.once(work, None), counter.once(work, None)] == [1, 2]


@pytest.mark.parametrize(
    "again", [{"at": 2}, {"at": 1, "more": 1}, {"at": 1, "operation": "other"}]
)
def test_other_arguments_or_another_operation_are_a_conflict(begin, again):
    counter = Counter()
    with begin() as work:
        counter.once(work, "k", at=1)
        with pytest.raises(IdempotencyConflictError) as refused:
            counter.once(work, "k", **again)
    assert (refused.value.idempotency_key, refused.value.operation) == ("k", "count")
    assert len(counter.results) == 1


def test_a_result_that_is_gone_is_an_error_and_not_done_again(begin):
    counter = Counter()
    with begin() as work:
        counter.once(work, "k")
        counter.results.clear()
        with pytest.raises(StateError, match="result 1 of key k was deleted or undone"):
            counter.once(work, "k")
    assert not counter.results


def test_a_failure_leaves_the_key_free(begin):
    def fail():
        raise LookupError

    with begin() as work:
        with pytest.raises(LookupError):
            once(work, "k", "count", {}, act=fail, number_of=int, find=str)
        assert Counter().once(work, "k") == 1


def test_a_key_cannot_be_used_inside_what_is_done_under_it(begin):
    with begin() as work:
        counter = Counter()
        with pytest.raises(UsageError):
            once(
                work,
                "k",
                "count",
                {},
                act=lambda: counter.once(work, "k"),
                number_of=int,
                find=str,
            )
        assert work.idempotency_keys.find("k") is None


def test_a_rival_that_was_faster_is_found(begin, monkeypatch):
    counter = Counter()
    with begin() as work:
        first = counter.once(work, "k")
        keys, asked = type(work.idempotency_keys), []
        find = keys.find

        def late(self, key):
            asked.append(key)
            return None if len(asked) == 1 else find(self, key)

        monkeypatch.setattr(keys, "find", late)
        assert counter.once(work, "k") == first
        monkeypatch.setattr(keys, "find", lambda *_: None)
        if "memory" not in keys.__module__:  # which looks with find
            with pytest.raises(DuplicateEntryError):
                counter.once(work, "k")
    assert len(counter.results) == 1


def test_forgotten_keys_act_again(begin):
    counter = Counter()
    with begin() as work:
        counter.once(work, "k")
        assert forget_idempotency_keys(work, before=datetime(2026, 1, 27, tzinfo=UTC)) == 1
        assert counter.once(work, "k") == 2


def test_a_fingerprint_is_equal_in_every_process():
    code = (
        "import datetime as dt; import interactionlog as il; "
        "from interactionlog.interactions.idempotency import fingerprint_of; "
        "carry = frozenset({'salesperson_code', 'subject_default', 'interaction_template_code'}); "
        "where = il.OutcomeFilter(evaluations=set(il.Evaluation) | {None}); "
        "print(fingerprint_of({'policy': il.LoggingPolicy(), 'day': dt.date(2026, 1, 26), "
        "'follow_up': il.FollowUp(where=where, carry=carry)}))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    assert len(found) == 1
    assert found != {""}
