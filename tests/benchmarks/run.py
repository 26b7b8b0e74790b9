"""
Benchmarks, side by side with their floors: ``python tests/benchmarks/run.py J1 --lines 100000``.

J1 logs a segment, J5 does on PostgreSQL, J2 draws numbers, J3 reads timelines, S1 chooses contacts, H1
chooses a host's, E1 changes entries by number and undoes, I1 imports. ``all`` runs the lines of
[Performance](../../docs/explanation/performance.md), with ``--quick`` smaller.
Absolute times are worth little on a shared machine; the ratios count.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from measuring import Job, Result, measure_here, measured, ratio, results, with_floors

JOBS = {
    "J1": "j1",
    "J2": "j2",
    "J3": "j3",
    "J5": "j5",
    "S1": "s1",
    "H1": "h1",
    "E1": "e1",
    "I1": "i1",
}
"""Module of each job; it has a ``JOB``."""


LARGER = 10
"""So many times the lines have the runs that show growth, and so many entries the log before."""
ALL: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    ("J1", "plain,hooks,plan,batches,plain-random", {}),
    ("J1", "plain", {"existing": LARGER, "called": "plain-full-log"}),
    ("J1", "plain", {"lines": LARGER, "rounds": 3, "called": "plain-large"}),
    ("J5", "plain,hooks", {}),
    ("S1", "library_add,library_reduce,library_back,library_push", {}),
    ("H1", "host", {}),
    ("E1", "cancel,evaluate,undo", {}),
    ("I1", "contacts", {}),
    ("J2", "library,library-batch", {}),
    ("J3", "", {}),
)
"""Jobs with variants; existing entries and lines are times the lines, rounds at most."""


def run_all(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[Result]:
    """Run what the page about performance shows; what cannot run here is said and left out."""
    found: list[Result] = []
    for name, variants, changes in ALL:
        own = vars(options) | {"job": name, "variants": variants or None}
        own["lines"] *= changes.get("lines", 1)
        own["existing"] = own["lines"] * changes.get("existing", 0)
        own["rounds"] = min(own["rounds"], changes.get("rounds", own["rounds"]))
        try:
            for each in run_one(argparse.Namespace(**own), parser):
                called = each.variant == "plain" and changes.get("called")
                found.append(replace(each, variant=called or each.variant))
        except Exception as error:  # no server, or no package of a peer
            print(f"{name}: {error!r}", file=sys.stderr)
    return found


def job(name: str) -> Job:
    """Return a job by name; its module is imported now, so that one job needs no other's."""
    return importlib.import_module(JOBS[name]).JOB


def main(arguments: Sequence[str]) -> None:
    """Run what the command line asks for."""
    if arguments[:1] == ["measure"]:  # a child of ourselves
        name, variant, database, settings = arguments[1:]
        measure_here(job(name), variant, Path(database), SimpleNamespace(**json.loads(settings)))
        return
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("job", choices=[*JOBS, "all"])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="10,000 lines, 2 rounds")
    parser.add_argument("--variants", help="separated by commas; their floors run as well")
    parser.add_argument("--order", choices=["sorted", "random", "both"], default="both")
    parser.add_argument("--existing", type=int, default=0, help="entries in the log before")
    parser.add_argument(
        "--cache-kib", type=int, default=8192, help="page cache of the floors; the library's own"
    )
    parser.add_argument("--synchronous", choices=["FULL", "NORMAL"], default="FULL")
    parser.add_argument("--profile", action="store_true", help="of the library, by own time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    options = parser.parse_args(arguments)
    if options.quick:
        options.lines, options.rounds = 10_000, 2
    found = run_all(options, parser) if options.job == "all" else run_one(options, parser)
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n")


def run_one(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[Result]:
    """Run one job and print it."""
    settings = SimpleNamespace(**{k: v for k, v in vars(options).items() if k != "json"})
    chosen = job(options.job)
    known = chosen.variants(settings)
    wanted = options.variants.split(",") if options.variants else list(known)
    if unknown := sorted(set(wanted) - set(known)):
        parser.error(f"unknown variant {', '.join(unknown)}: choose from {', '.join(known)}")
    if options.profile:  # slows Python down, so there are no ratios
        settings.rounds = 1
        wanted = wanted if options.variants else [each for each in known if "library" in each]
        measured(options.job, chosen, wanted, settings)
        return []
    runs = measured(options.job, chosen, with_floors(wanted, known), settings)
    found = results(options.job, chosen, runs, settings)
    show(found, chosen)
    for above, below, should_be in chosen.comparisons:
        if above in runs and below in runs:
            wall, cpu = (ratio(runs[above], runs[below], what) for what in ("seconds", "cpu"))
            print(f"{above} / {below}: {wall:.2f}, CPU {cpu:.2f} ({should_be})")
    return found


def show(found: Sequence[Result], chosen: Job) -> None:
    """Print a table of results."""
    first = found[0]
    print(f"{first.job}, {first.lines:,} lines, {first.rounds} rounds. {chosen.note}")
    print(f"{'variant':24}{'ratio':>8}{'CPU':>8}{'rows/s':>12}{'us/row':>9}{'peak MB':>9}")
    for each in found:
        print(
            f"{each.variant:24}{each.ratio:8.2f}{each.cpu_ratio:8.2f}{each.rows_per_s:12,.0f}"
            f"{1e6 / each.rows_per_s:9.1f}{each.peak_mb:9.0f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
