"""What services promise to two callers who meet on the same records."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

from interactionlog.testing.race_calls import CALLS, read, reading
from interactionlog.testing.races import RaceBench, Races


class RaceContract:
    """
    What services promise to two callers at once; needs a fixture ``races``, a `RaceBench`.

    For every pair of writing calls on the same records the second begins when the first has run its
    k-th statement, for every k that makes a difference, and both end. Then the world is as after
    one of the two serial orders; or one of them raised a documented error, which is true and left
    no trace; or one that ``run`` tries again, and then it ends so.

    Every method of a service that is in no pair is held to reading only.
    """

    def test_a_method_that_is_not_raced_writes_nothing(self, races: RaceBench) -> None:
        world = races.fresh()
        for name in reading():
            with races.read(world) as work:  # refuses to write
                read(name, work, races.numbers)

    def test_two_calls_end_as_if_one_had_come_after_the_other(self, races: RaceBench) -> None:
        with closing(Races(races)) as all_of:
            told = {(name, who): all_of.alone(name, who).told for name in CALLS for who in (1, 2)}
            alone = {key: text for key, text in told.items() if not text.startswith("ok")}
            assert alone == {}, "each call succeeds alone"
            found = list(all_of.findings())
        kinds = Counter(each.kind for each in found)
        # the first of each kind and pair tells enough
        shown = {(each.kind, each.first, each.second): str(each) for each in reversed(found)}
        assert not found, f"seed {races.seed}: {dict(kinds)}\n" + "\n".join(shown.values())
