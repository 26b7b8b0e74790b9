"""
Measure what the tests notice: ``python tests/mutants.py [--sample 40] [--seed 1] [PATTERN ...]``.

Each mutant is the library with one small fault: a comparison turned round, a condition dropped, a
number off by one. The tests that are about the file run against it, on memory and SQLite; a mutant
that they pass has survived. Survivors are printed with file, line and change, then the score.
``PATTERN`` is a part of the path of files, such as ``decision`` or ``.sql``.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "interactionlog"
TESTS = {
    "segments/logging/decision.py": "*/test_logging_* */test_plan_rules* unit/test_entities* properties/test_lines_*",
    "interactions/rules.py": "rules/test_int_* properties/test_interaction_*",
    "segments/inheritance.py": "rules/test_seg_* scenarios/test_segments* properties/test_segment_*",
    "segments/selection/*.py": "rules/test_seg_* */test_selection* properties/test_segment_*",
    "numbering/format.py": "*/test_number_format* */test_number_rules* */test_number_series*",
    "numbering/drawing.py": "*/test_number_[rslm]* */test_number_series_examples*",
    "adapters/sql*/queries/attachments*.sql": "contracts/* rules/test_int_content* unit/test_integrity*",
    "adapters/sql*/queries/campaigns*.sql": "contracts/* */test_campaign*",
    "adapters/sql*/queries/contacts*.sql": "contracts/* properties/test_contact* rules/test_seg_selection*",
    "adapters/sql*/queries/idempotency*.sql": "contracts/* unit/test_idempotency*",
    "adapters/sql*/queries/interactions*.sql": "contracts/* properties/test_filters* rules/test_int_*",
    "adapters/sql*/queries/logged_segments*.sql": "contracts/* */test_logging_r* rules/test_undo*",
    "adapters/sql*/queries/numbers*.sql": "contracts/* */test_number_*",
    "adapters/sql*/queries/segments*.sql": "contracts/* rules/test_seg_* */test_logging_[rp]* rules/test_undo*",
    "adapters/sql*/queries/templates*.sql": "contracts/* rules/test_int_templates*",
}
"""The tests that are about a file; the first ones that fail end a run."""
PAIRS = "Lt LtE, Gt GtE, Eq NotEq, Is IsNot, In NotIn, And Or, Add Sub, Mult FloorDiv"
TURNED = {getattr(ast, a): getattr(ast, b) for a, b in map(str.split, PAIRS.split(", "))}
TURNED |= {new: old for old, new in TURNED.items()}
IN_SQL = [
    (r"^( *)(AND|OR) (.*\w.*)$", r"\1\2 (\3 OR 1 = 1)"),
    (r"^( *)WHERE (?!.*\?)(\w.*)$", r"\1WHERE (\2 OR 1 = 1)"),
    *[("<=", "<"), (">=", ">")],
    (r"(?<![<>=])([<>])(?![<>=])", r"\1="),
    (r"(?<![<>=]) = (?!1\b)", " <> "),
    *[("IS NOT NULL", "IS NULL"), ("IS NULL", "IS NOT NULL"), ("NOT EXISTS", "EXISTS")],
    *[(r" DESC\b", ""), (r"\bmax\(", "min("), (r"\bAND\b", "OR")],
]
Mutant = tuple[Path, int, str, str]  # file, line, what is changed, the whole text


def turn(node: ast.AST) -> bool:
    """Change a node; return whether there was anything to change."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in TURNED:
        node.ops[0] = TURNED[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in TURNED:
        node.op = TURNED[type(node.op)]()
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(
        node.test, ast.Compare
    ):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    else:
        return False
    return True


def in_python(path: Path) -> Iterator[Mutant]:
    """Give the mutants of a module."""
    text = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(tree := ast.parse(text)))
    for place in range(len(nodes)):
        shown = getattr(node := nodes[place], "test", nodes[place])
        before = ast.unparse(shown) if isinstance(shown, ast.expr) else ""
        if turn(node):
            change = f"{before} -> {ast.unparse(getattr(node, 'test', node))}"
            yield path, node.lineno, change, ast.unparse(ast.fix_missing_locations(tree))
            nodes = list(ast.walk(tree := ast.parse(text)))


def in_sql(path: Path) -> Iterator[Mutant]:
    """Give the mutants of a file of statements."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for no, line in enumerate(lines):
        for pattern, new in IN_SQL if "--" not in line else ():
            for match in re.finditer(pattern, line):
                changed = line[: match.start()] + match.expand(new) + line[match.end() :]
                if pattern[0] == "^" and line.count("(") != line.count(")"):
                    continue
                text = "\n".join([*lines[:no], changed, *lines[no + 1 :]])
                yield path, no + 1, f"{line.strip()} -> {changed.strip()}", text


def survives(mutant: Mutant, copy: Path, patterns: str) -> bool:
    """Return whether the tests pass with a mutant in the copy of the package."""
    path, _, _, text = mutant
    place = copy / path.relative_to(PACKAGE)
    tests = [str(test) for each in patterns.split() for test in (ROOT / "tests").glob(f"{each}.py")]
    options = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not postgresql", "--hypothesis-seed=1"]
    off = {"PYTHONPATH": str(copy.parent), "INTERACTIONLOG_TEST_POSTGRES": "off", "CI": ""}
    try:
        place.write_text(text, encoding="utf-8")
        for compiled in place.parent.glob(f"__pycache__/{place.stem}.*"):
            compiled.unlink()
        command = [sys.executable, "-m", "pytest", *options, *dict.fromkeys(tests)]
        quiet = {"cwd": ROOT, "env": os.environ | off, "capture_output": True, "timeout": 600}
        return subprocess.run(command, check=False, **quiet).returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        shutil.copyfile(path, place)


def main() -> None:
    """Run mutants and print those that survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--sample", type=int, help="so many of each file, instead of all")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance, killed, total = random.Random(arguments.seed), 0, 0
    with TemporaryDirectory() as folder:
        copy = Path(folder, "interactionlog")
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for target, tests in TESTS.items():
            for path in sorted(PACKAGE.glob(target)):
                name = str(path.relative_to(PACKAGE))
                if arguments.patterns and not any(part in name for part in arguments.patterns):
                    continue
                mutants = [*(in_sql if path.suffix == ".sql" else in_python)(path)]
                most = min(arguments.sample or len(mutants), len(mutants))
                alive = [it for it in chance.sample(mutants, most) if survives(it, copy, tests)]
                killed, total = killed + most - len(alive), total + most
                print(f"{name}: {most - len(alive)} of {most} killed, {len(mutants)} possible")
                for _, line, change, _ in alive:
                    print(f"    {name}:{line}: {change}", flush=True)
    print(f"killed: {killed} of {total}")


if __name__ == "__main__":
    main()
