"""The catalogue of rules says of every rule which test proves it, or why it is left out."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

from coverage_of_rules import ROOT, rules, scenarios

COMPLETE = {"Interactions": 105, "Segments": 85, "Number series": 119}
"""Sections that must list every rule of the specification, and how many there are."""


def test_a_rule_has_a_test_or_a_reason():
    problems = {rule.identifier: rule.problem() for rule in rules()}
    assert {rule: problem for rule, problem in problems.items() if problem} == {}


def test_no_rule_is_listed_twice_and_none_is_forgotten():
    listed = Counter(rule.identifier for rule in rules())
    assert not [identifier for identifier, count in listed.items() if count > 1]
    found = Counter(rule.area for rule in rules())
    assert {area: found[area] for area in COMPLETE} == COMPLETE


def test_every_difference_names_a_test():
    page = ROOT / "docs" / "explanation" / "differences-from-business-central.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    named = [row.strip("| ").rpartition(" | ")[2] for row in rows if not row.startswith("| ---")]
    assert len(named) > 90
    for name in set(named) - {"test"}:
        path, _, function = name.strip("`").partition("::")
        assert f"def {function}(" in (ROOT / "tests" / path).read_text(encoding="utf-8"), name


def test_the_catalogue_of_scenarios_is_whole():
    assert len(scenarios()) == 139


def test_the_counts_are_printed():
    command = [sys.executable, str(ROOT / "tests" / "coverage_of_rules.py"), "--area"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    first, second, *_ = done.stdout.splitlines()
    assert re.fullmatch(r"rules: \d+ implemented, \d+ left out, \d+ total", first)
    assert re.fullmatch(r"scenarios: \d+ covered, 139 total", second)
    assert "Interactions: " in done.stdout
