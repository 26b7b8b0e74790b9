"""
Say how many rules and scenarios are covered: ``python tests/coverage_of_rules.py [--area]``.

Rules are the rows of docs/reference/rules.md, each with a test or a reason why it is left out.
Scenarios are those of tests/scenarios/catalogue.txt that a collected test is marked with. Ends with
status 1 when a rule has neither, or a mark names nothing of the two lists.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
RULES = ROOT / "docs" / "reference" / "rules.md"
CATALOGUE = ROOT / "tests" / "scenarios" / "catalogue.txt"


class Rule(NamedTuple):
    """A row of rules.md."""

    area: str
    identifier: str
    statement: str
    source: str
    module: str
    test: str

    @property
    def left_out(self) -> bool:
        return self.module == "left out"

    def problem(self) -> str | None:
        """Return what is wrong with the row, or ``None``."""
        if not self.statement or not self.source:
            return "says nothing"
        if self.left_out:
            return None if len(self.test) > 10 else "is left out without a reason"
        if not (ROOT / "src" / "interactionlog" / self.module.strip("`")).is_file():
            return f"names no module: {self.module}"
        path, _, name = self.test.strip("`").partition("::")
        file = ROOT / "tests" / path
        if not name or not file.is_file() or not re.search(rf"def {name}\b", file.read_text()):
            return f"names no test: {self.test}"
        return None


def rules() -> list[Rule]:
    """Return the rows of the catalogue in their order."""
    found, area = [], ""
    for line in RULES.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            area = line.removeprefix("## ")
        elif re.match(r"\| [A-Z]+-\w+ \|", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            found.append(Rule(area, *cells))
    return found


def scenarios() -> dict[str, str]:
    """Return the area of each scenario of the catalogue."""
    found, area = {}, ""
    for line in CATALOGUE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            area = line.strip("[]")
        elif line and not line.startswith("#"):
            found[line] = area
    return found


class _Marks:
    """Collects the marks of every test."""

    def __init__(self) -> None:
        self.found: defaultdict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for kind in ("scenario", "rule"):
                for mark in item.iter_markers(kind):
                    self.found[kind].add(mark.args[0])


def marks() -> dict[str, set[str]]:
    """Return the identifiers that collected tests are marked with, by kind."""
    collected, output = _Marks(), io.StringIO()
    folders = [str(ROOT / "tests" / name) for name in ("scenarios", "rules", "properties")]
    arguments = ["--collect-only", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", *folders]
    with contextlib.redirect_stdout(output):
        status = pytest.main(arguments, plugins=[collected])
    if status not in {0, pytest.ExitCode.NO_TESTS_COLLECTED}:
        sys.exit(output.getvalue())
    return collected.found


def main(arguments: list[str]) -> int:
    """Print the counts and return the status."""
    rows, catalogue, marked = rules(), scenarios(), marks()
    problems = [f"{row.identifier} {problem}" for row in rows if (problem := row.problem())]
    known = {row.identifier for row in rows}
    areas = {row.area for row in rows}
    prefixes = {each.split("-")[0] for each in known}
    unknown = {each for each in marked["rule"] - known if each.split("-")[0] in prefixes}
    problems += [f"there is no rule {each}" for each in sorted(unknown)]
    problems += [f"there is no scenario {each}" for each in marked["scenario"] - set(catalogue)]
    left_out = sum(row.left_out for row in rows)
    print(f"rules: {len(rows) - left_out} implemented, {left_out} left out, {len(rows)} total")
    covered = set(catalogue) & marked["scenario"]
    print(f"scenarios: {len(covered)} covered, {len(catalogue)} total")
    if "--area" in arguments:
        for area in sorted(areas):
            of_area = [row for row in rows if row.area == area]
            out = sum(row.left_out for row in of_area)
            print(
                f"  {area}: {len(of_area) - out} implemented, {out} left out, {len(of_area)} total"
            )
        for area in dict.fromkeys(catalogue.values()):
            all_of = {each for each, its in catalogue.items() if its == area}
            print(f"  {area}: {len(all_of & covered)} covered, {len(all_of)} total")
            for missing in sorted(all_of - covered):
                print(f"    missing: {missing}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
