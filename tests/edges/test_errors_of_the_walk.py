"""The table of errors names every error that a public call raises, as the walks find them."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import walk

import interactionlog as il
from interactionlog.testing.race_calls import CALLS
from interactionlog.testing.race_world import populate

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
TABLE = dict(
    re.findall(r"^\| `(\w+Error|\w+Violation)` \| `?([\w-]*)`? \|", PAGE.read_text(), re.MULTILINE)
)


def raised():
    """
    Give the errors of every call: with bad arguments, with what does not exist, and done twice.

    What is done twice, or on an empty store, finds the errors that depend on what is stored.
    """
    store = il.MemoryStore(clock=il.FixedClock("2026-01-26T09:30"))
    with store.begin(user_id="TESTER") as work:
        numbers = populate(work)
        given = walk.known(work)
        for case in walk.cases():
            yield from failing(lambda case=case: case.act(work, store, given))
        unknown = given | {
            name: "GONE" if isinstance(value, str) else 10**9
            for name, value in given.items()
            if isinstance(value, str | int) and not isinstance(value, bool)
        }
        for case in walk.cases():
            if not case.required or case.may_be_named():
                continue
            right = given.get(case.field)
            yield from failing(lambda c=case, v=right: c._replace(bad=v).act(work, store, unknown))
        for who in (1, 1, 2):
            for call in CALLS.values():
                if not call.store:
                    yield from failing(lambda call=call, who=who: call.act(work, numbers, who))
    with store.read() as work:
        for call in CALLS.values():
            if not call.store:
                yield from failing(lambda call=call: call.act(work, numbers, 1))


def failing(act):
    with suppress(FileNotFoundError):
        try:
            act()
        except il.InteractionLogError as error:
            yield type(error)


def test_the_table_names_every_error_that_a_public_call_raises():
    found = {kind.__name__: getattr(kind, "code", "") for kind in raised()}
    assert len(found) >= 14
    assert {name: code for name, code in found.items() if TABLE.get(name) != code} == {}


def test_the_table_names_no_error_that_is_not_there():
    spaces = (il, il.numbering)
    public = {name for space in spaces for name in space.__all__}
    assert TABLE.keys() - public == set()
