"""Whatever is handed in, every store says the same of it, with an error of ours, and keeps nothing."""

from __future__ import annotations

import inspect
import random
import re
from contextlib import chdir

import odd
import pytest
import walk
from failing import stored
from hypothesis import settings

import interactionlog as il
from interactionlog.testing.race_world import populate
from stores import adapters, opening

DEEP = settings.get_current_profile_name() == "deep"


class TakenError(Exception):
    """The value was taken: what was done is taken back."""


def outcomes(begin):
    """Return what is said of each value, and whether a store has changed."""
    chosen = list(odd.cases())
    if not DEEP:
        chosen = random.Random(14).sample(chosen, 4_000)
    if not hasattr(begin.store, "run"):
        chosen = [pair for pair in chosen if not pair[1].needs_store()]
    with begin() as work:
        populate(work)
    before, said = stored(begin), []
    with begin() as work:
        known = walk.known(work)
        for name, case in chosen:
            try:
                with work.atomic():
                    made = case.act(work, begin.store, known)
                    if inspect.isgenerator(made):
                        list(made)
                    raise TakenError
            except TakenError:
                said.append((name, "taken"))
            except il.InteractionLogError as error:
                text = re.sub(r"0x\w+|tenant '\w*'", "", str(error))
                said.append((name, f"{type(error).__name__}: {text}"))
        work.rollback()
    assert stored(begin) == before
    return said


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("memory")
    with chdir(folder), opening("memory", folder) as begin:  # files are exported here
        return outcomes(begin)


@pytest.mark.every_store
@pytest.mark.parametrize("adapter", adapters("sqlite", "sqlite-joined", "postgresql"))
def test_of_any_value_every_store_says_the_same(adapter, tmp_path, in_memory, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with opening(adapter, tmp_path) as begin:
        said = outcomes(begin)
    asked = {name for name, _ in said}
    assert [pair for pair in in_memory if pair[0] in asked] == said


KEYS = {"no": "X", "code": "X", "entry_no": 1, "line_no": 1, "contact_no": "C", "segment_no": "S"}


def test_a_record_or_filter_takes_a_value_or_says_which_field_does_not():
    escaped = []
    for kind, field in odd.constructors():
        if kind.__module__.endswith((".plan", ".drawing", ".ledger", ".seals", ".relation")):
            continue  # results, and what is checked when a store is opened
        parameters = inspect.signature(kind).parameters.values()
        required = {
            each.name: KEYS.get(each.name) for each in parameters if each.default is each.empty
        }
        for place, value in enumerate(odd.ODD):
            try:
                kind(**required | {field: value})
            except (il.FieldInvalidError, il.UsageError) as error:
                str(error)
            except Exception as error:
                escaped.append((kind.__name__, field, place, error))
    assert escaped == []
