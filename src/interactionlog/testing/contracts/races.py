"""What services promise to two callers who meet on the same records."""

from __future__ import annotations

import inspect
from collections import Counter
from contextlib import closing
from types import ModuleType
from typing import Any

import interactionlog as il
from interactionlog.testing.race_calls import CALLS
from interactionlog.testing.race_reads import READING
from interactionlog.testing.races import RaceBench, Races

__all__ = ["RaceContract"]


def _methods() -> set[str]:
    """Return ``Service.method`` of every method of every service that the package exports."""
    spaces = [each for each in _public(il) if isinstance(each, ModuleType)]
    kinds = {each for space in (il, *spaces) for each in _public(space)}
    return {
        f"{kind.__name__}.{name}"
        for kind in kinds
        if inspect.isclass(kind) and _first_parameter(kind) in {"work", "store"}
        for name, _ in inspect.getmembers(kind, callable)
        if not name.startswith("_")
    }


def _public(namespace: Any) -> list[Any]:
    return [getattr(namespace, name) for name in namespace.__all__]


def _first_parameter(kind: type[Any]) -> str | None:
    try:
        return next(iter(inspect.signature(kind).parameters), None)
    except ValueError:  # written in C
        return None


class RaceContract:
    """
    What services promise to two callers at once; needs a fixture ``races``, a `RaceBench`.

    For every pair of writing calls on the same records the second begins when the first has run its
    k-th statement, for every k that makes a difference, and both end. Then the world is as after
    one of the two serial orders; or one of them raised a documented error, which is true and left
    no trace; or one that ``run`` tries again, and then it ends so.
    """

    def test_every_method_of_every_service_is_raced_or_reads(self) -> None:
        raced = {name.partition(":")[0] for name in CALLS}
        assert _methods() - raced - READING.keys() == set()
        assert raced & READING.keys() == set()

    def test_what_reads_writes_nothing(self, races: RaceBench) -> None:
        world = races.fresh()
        for act in READING.values():
            with races.read(world) as work:  # refuses to write
                act(work, races.numbers)

    def test_every_call_succeeds_alone(self, races: RaceBench) -> None:
        with closing(Races(races)) as all_of:
            told = {(name, who): all_of.alone(name, who).told for name in CALLS for who in (1, 2)}
        assert {key: text for key, text in told.items() if not text.startswith("ok")} == {}

    def test_two_calls_end_as_if_one_had_come_after_the_other(self, races: RaceBench) -> None:
        with closing(Races(races)) as all_of:
            found = list(all_of.findings())
        kinds = Counter(each.kind for each in found)
        # the first of each kind and pair tells enough
        shown = {(each.kind, each.first, each.second): str(each) for each in reversed(found)}
        assert not found, f"seed {races.seed}: {dict(kinds)}\n" + "\n".join(shown.values())
