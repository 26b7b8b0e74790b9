"""The table of errors names every error that a public call raises, as the walks find them."""

from __future__ import annotations

import re
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import attrs
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


def defined(of=il.InteractionLogError):
    """Give every error of the package."""
    yield of
    for each in of.__subclasses__():
        if each.__module__.startswith("interactionlog."):
            yield from defined(each)


def test_the_tables_name_every_error_there_is_with_code_and_attributes_and_no_other():
    for module in walk_packages(il.__path__, "interactionlog."):
        if ".contrib" not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)
    kinds = {kind.__name__: kind for kind in defined()}
    helped = re.findall(r"^\| `(\w+)` \| [^`]", PAGE.read_text(), re.MULTILINE)
    assert kinds.keys() == TABLE.keys() == {*helped} & TABLE.keys()
    for name, kind in kinds.items():
        (row,) = re.findall(rf"^\| `{name}` \| [`|]?.*\|$", PAGE.read_text(), re.MULTILINE)[:1]
        assert TABLE[name] == getattr(kind, "code", "")
        fields = [each.name for each in attrs.fields(kind)] if attrs.has(kind) else []
        assert re.findall(r"`(\w+)`", row.split(" | ")[-1]) == fields, name
