"""The benchmark program runs and writes what it promises; how fast is not asked here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "benchmarks" / "run.py"
KEYS = {"job", "variant", "lines", "ratio", "cpu_ratio", "rows_per_s", "peak_mb", "rounds"}


def test_j1_measures_the_library_next_to_both_floors(tmp_path: Path):
    """Every variant logs the whole segment, or the program fails."""
    found = tmp_path / "j1.json"
    variants = "floor,reference_floor,plain,hooks,plan,memory"
    options = ["--lines", "200", "--existing", "50", "--rounds", "1", "--order", "sorted"]
    output = ["--variants", variants, "--json", str(found)]
    subprocess.run(
        [sys.executable, str(PROGRAM), "J1", *options, *output], check=True, capture_output=True
    )

    results = json.loads(found.read_text())

    assert [each["variant"] for each in results] == [
        "floor",
        "reference_floor",
        "plain",
        "hooks",
        "plan",
        "memory",
    ]
    for each in results:
        assert each.keys() == KEYS
        assert (each["job"], each["lines"], each["rounds"]) == ("J1", 200, 1)
        assert min(each["ratio"], each["cpu_ratio"], each["rows_per_s"], each["peak_mb"]) > 0
    assert results[0]["ratio"] == pytest.approx(1)


def test_customers_of_a_host_are_measured_next_to_own_contacts():
    """Both stores select, plan and log everybody; at this size the times mean nothing."""
    program = PROGRAM.with_name("relations.py")
    options = ["--customers", "50", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, str(program), *options], check=False, capture_output=True, text=True
    )
    assert done.stderr == ""
    steps = [line.split()[0] for line in done.stdout.splitlines()]
    assert steps == ["SQLite", "select", "plan", "log"]
