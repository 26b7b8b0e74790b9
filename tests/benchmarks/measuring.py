"""
Measuring: a fresh interpreter and a fresh copy of the data for each variant and round.

The variants of a round run one after the other, each round begins with another one, and a ratio
compares two runs of the same round: absolute times of a shared machine vary too much.
"""

from __future__ import annotations

import cProfile
import gc
import json
import os
import pstats
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any, NamedTuple

__all__ = [
    "Comparison",
    "Job",
    "Measure",
    "Result",
    "Runs",
    "Variant",
    "measure_here",
    "measured",
    "ratio",
    "results",
    "timed",
    "with_floors",
]

Settings = SimpleNamespace


@dataclass(frozen=True)
class Measure:
    """One run: seconds and CPU seconds of the timed part, what was done in it, peak memory."""

    seconds: float
    cpu: float
    rows: int
    peak_mb: float = 0.0


@dataclass(frozen=True)
class Variant:
    """
    One way of doing a job.

    Attributes:
        run: Does the job on a copy of the template, in a fresh interpreter.
        floor: Name of the variant it is compared with.
        template: Writes the data it starts from; variants with the same one share it.
        settings: What this variant sets besides the command line.
    """

    run: Callable[[Path, Settings], Measure]
    floor: str
    template: Callable[[Path, Settings], None] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


class Comparison(NamedTuple):
    """A further ratio of two variants, with what it should be."""

    above: str
    below: str
    should_be: str


@dataclass(frozen=True)
class Job:
    """A job of performance.md: its variants by name, and what is to be said about them."""

    variants: Callable[[Settings], Mapping[str, Variant]]
    comparisons: Sequence[Comparison] = ()
    note: str = ""


@dataclass(frozen=True)
class Result:
    """What `--json` writes of a variant; ratios are medians over the rounds."""

    job: str
    variant: str
    lines: int
    ratio: float
    cpu_ratio: float
    rows_per_s: float
    peak_mb: float
    rounds: int


Runs = dict[str, list[Measure]]
"""The runs of each variant, one a round."""


@contextmanager
def timed(rows: int, settings: Settings) -> Iterator[list[Measure]]:
    """Time the block and append its `Measure`; with ``settings.profile`` print where it went."""
    measures: list[Measure] = []
    profile = cProfile.Profile() if settings.profile else None
    gc.collect()
    cpu, start = time.process_time(), time.perf_counter()
    if profile is not None:
        profile.enable()
    yield measures
    if profile is not None:
        profile.disable()
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(25)
    seconds = time.perf_counter() - start
    measures.append(Measure(seconds, time.process_time() - cpu, rows))


def peak_mb() -> float:
    """Return the peak memory of this process; of this program only, where Linux tells it."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def measure_here(job: Job, variant: str, database: Path, settings: Settings) -> None:
    """Run a variant in this interpreter and print its measure: what a child does."""
    chosen = job.variants(settings)[variant]
    measure = chosen.run(database, SimpleNamespace(**(vars(settings) | chosen.settings)))
    print(json.dumps(asdict(measure) | {"peak_mb": peak_mb()}))


def _in_child(name: str, variant: str, database: Path, settings: Settings) -> Measure:
    program = Path(__file__).with_name("run.py")
    arguments = [name, variant, str(database), json.dumps(vars(settings))]
    child = subprocess.run(
        [sys.executable, str(program), "measure", *arguments], stdout=subprocess.PIPE, check=True
    )
    return Measure(**json.loads(child.stdout))


def _fresh_copy(template: Path | None, database: Path) -> None:
    for left in database.parent.glob(database.name + "*"):
        left.unlink()
    if template is not None:
        shutil.copyfile(template, database)
        with database.open("rb+") as copy:  # or its writing falls into the timed part
            os.fsync(copy.fileno())


def with_floors(wanted: Sequence[str], known: Mapping[str, Variant]) -> list[str]:
    """Return the wanted variants and the floors they are compared with."""
    return [each for each in known if each in {*wanted, *(known[want].floor for want in wanted)}]


def measured(name: str, job: Job, chosen: Sequence[str], settings: Settings) -> Runs:
    """Run each variant once in every round."""
    known = job.variants(settings)
    runs: Runs = {variant: [] for variant in chosen}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        database = Path(folder) / "run.db"
        templates: dict[object, Path] = {}
        for number in range(settings.rounds):
            turn = number % len(chosen)
            for variant in [*chosen[turn:], *chosen[:turn]]:
                template, own = known[variant].template, known[variant].settings
                key = (template, *sorted(own.items()))
                if template is not None and key not in templates:
                    templates[key] = Path(folder) / f"template-{len(templates)}.db"
                    template(templates[key], SimpleNamespace(**(vars(settings) | own)))
                _fresh_copy(templates.get(key), database)
                runs[variant].append(_in_child(name, variant, database, settings))
    return runs


def results(name: str, job: Job, runs: Runs, settings: Settings) -> list[Result]:
    """Return what came out, by variant."""
    known = job.variants(settings)
    return [
        Result(
            job=name,
            variant=variant,
            lines=settings.lines,
            ratio=ratio(each, runs[known[variant].floor]),
            cpu_ratio=ratio(each, runs[known[variant].floor], "cpu"),
            rows_per_s=median(run.rows / run.seconds for run in each),
            peak_mb=median(run.peak_mb for run in each),
            rounds=settings.rounds,
        )
        for variant, each in runs.items()
    ]


def ratio(runs: Sequence[Measure], base: Sequence[Measure], what: str = "seconds") -> float:
    """Return the median of the ratios of the rounds."""
    return median(getattr(a, what) / getattr(b, what) for a, b in zip(runs, base, strict=True))
