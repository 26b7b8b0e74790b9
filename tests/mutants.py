"""
Measure what the tests notice: ``python tests/mutants.py [--sample 40] [--seed 1] [PATTERN ...]``.

Each mutant is the library with one small fault: a comparison turned round, a condition dropped, a
number off by one. The tests that are about the file run against it, on memory and SQLite; a mutant
that they pass has survived. Survivors are printed with file, line and change, then the score, from
which the mutants of `EQUIVALENT` are left out. ``PATTERN`` is a part of ``file:line``, such as
``decision``, ``.sql`` or ``decision.py:142``.

A fault inside a function is put into the loaded library by a fork of the process, which runs only the
tests that come to the line, the fastest ones first. A fault in a table, a class or a statement needs
the library loaded anew, and all tests of the file.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, partial
from inspect import CO_OPTIMIZED
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "interactionlog"
TESTS = {
    "segments/logging/decision.py": "rules/test_[lp][lo]* rules/test_consent_in* rules/test_deliveries* properties/test_l*",
    "interactions/rules.py": "rules/test_int_* properties/test_interaction_* properties/test_l* unit/test_hooks*",
    "segments/inheritance.py": "rules/test_seg_* rules/test_logging_r* scenarios/test_segments* properties/test_segment_*",
    "segments/selection/*.py": "rules/test_seg_* rules/test_cons* rules/test_undo* */test_selection* unit/test_answers* properties/test_segment_*",
    "numbering/format.py": "[prsu]*/test_number_[efrs]*",
    "numbering/drawing.py": "[prsu]*/test_number_*",
    "delivery/outbox.py": "rules/test_deliver* scenarios/test_deliver* unit/test_cli_deliver*",
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
"""The tests that are about a file; the first one that fails ends a run."""

EQUIVALENT: dict[str, dict[str, str]] = {
    "numbering/drawing.py": {"skipped: int = 1": "it is always given"},
    "numbering/format.py": {
        '_GREATEST = tuple(int("9" * digits or "0") for digits in range(MAX_DIGITS + 2))': (
            "no counter has more digits"
        ),
        "if not (number.startswith(self.prefix) or number.endswith(self.suffix)):": (
            "the last line of the method compares the whole text"
        ),
        'said["doy"] = f"{days[1].timetuple().tm_yday:03d}"': "the first day is the last one",
        "beside_before = template.before[-2:] and template.before[-1][-1:]": (
            "it is only asked whether there is a piece"
        ),
        "beside_after = template.after[:2] and template.after[0][:1]": (
            "it is only asked whether there is a piece"
        ),
    },
    "delivery/outbox.py": {
        'self._worker = f"{outbox.user_id}/{uuid.uuid4().hex[:17]}"': (
            "the name of a worker is any that no other one has"
        ),
        "while left >= 0:": "of nothing that is left nothing is claimed",
        "CLAIMED_AT_ONCE = 11": "a claim follows the other until nothing is due",
        **dict.fromkeys(
            [
                "if sum(map(len, self._contents.values())) >= _KEPT:",
                *("_KEPT = 65 * 2**20", "_KEPT = 64 * 3**20", "_KEPT = 64 * 2**21"),
                "_KEPT = 64 // 2 ** 20",
            ],
            "what is not kept is read again: it is a matter of memory and time",
        ),
    },
    "segments/inheritance.py": {
        "_known: dict[object, _FromContact] = attrs.field(init=True, factory=dict)": (
            "nobody gives what is looked up already"
        ),
    },
    "segments/logging/decision.py": {
        "counts = found.setdefault(key, [0, 0, line.line_no, 1])": (
            "the number of the last line is written over it"
        ),
    },
    "segments/selection/contact_selection.py": {
        "segment_no=step.segment_no, line_no=2, contact_no=contact_no, contact_company_no=company_no": (
            "a line that is not stored; only its contact is asked"
        ),
    },
    "segments/selection/steps.py": {
        "if duplicates or entry.contact_no in rounds[-1]:": (
            "without duplicates a further round finds every contact on a line"
        ),
    },
}
"""Mutants that make no difference, as file, the changed line, and why."""

NOT_TURNED = {"kw_only", "maxsize", "slots", "strict", "total", "weakref_slot"}
"""Arguments that say how something is made or guarded, not what it does."""
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
OPTIONS = "-q -W ignore::pytest.PytestAssertRewriteWarning -p no:cacheprovider -o tmp_path_retention_policy=none --hypothesis-profile=mutants --hypothesis-seed=1"
PATIENCE = 30
"""Seconds that a test may take, besides ten times its usual time: a mutant may never end."""
MEMORY = 4 * 2**30


class Mutant(NamedTuple):
    """A fault: its file, the lines it is on, what is changed, and the whole text with it."""

    path: Path
    lines: tuple[int, int]
    before: str
    after: str
    text: Callable[[], str]
    tree: ast.Module | None = None

    @property
    def file(self) -> str:
        return str(self.path.relative_to(PACKAGE))

    @property
    def name(self) -> str:
        return f"{self.file}:{self.lines[0]}"

    @property
    def reason(self) -> str | None:
        return EQUIVALENT.get(self.file, {}).get(self.after)


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
    source = path.read_bytes()
    lines = source.splitlines(keepends=True)
    nodes = list(ast.walk(tree := ast.parse(source)))
    skipped = set[int]()
    for place, node in enumerate(ast.walk(ast.parse(source))):
        if isinstance(node, ast.keyword) and node.arg in NOT_TURNED:
            skipped.add(id(node.value))
        elif id(node) not in skipped and turn(changed := nodes[place]):
            old, new = getattr(node, "test", node), getattr(changed, "test", changed)
            first = lines[old.lineno - 1][: old.col_offset].decode()
            last = lines[old.end_lineno - 1][old.end_col_offset :].decode()
            shown = [f"{first}{ast.unparse(each)}{last}".strip() for each in (old, new)]
            tree = ast.fix_missing_locations(tree)
            yield Mutant(
                path, (old.lineno, old.end_lineno), *shown, partial(ast.unparse, tree), tree
            )
            nodes = list(ast.walk(tree := ast.parse(source)))


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
                yield Mutant(
                    path, (no + 1, no + 1), line.strip(), changed.strip(), partial(str, text)
                )


def inner(code: CodeType) -> list[CodeType]:
    """Return the code of the functions and classes that stand in a code."""
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def faults(right: CodeType, wrong: CodeType) -> Iterator[tuple[CodeType, CodeType, bool]]:
    """Give code with a fault, what it was before, and whether the fault is not deeper inside."""
    below = [
        each for pair in zip(inner(right), inner(wrong), strict=True) for each in faults(*pair)
    ]
    here, there = (
        (
            code.co_code,
            code.co_names,
            [repr(each) for each in code.co_consts if each not in inner(code)],
        )
        for code in (right, wrong)
    )
    if below or here != there:
        yield right, wrong, here != there
    yield from below


def functions_with(mutant: Mutant) -> dict[tuple[str, int], CodeType]:
    """Return faulty functions by name and line; none when the fault is in a table or a class."""
    if mutant.tree is None:
        return {}
    right = compile(mutant.path.read_bytes(), mutant.path, "exec")
    found = [*faults(right, compile(mutant.tree, mutant.path, "exec"))]
    if not all(right.co_flags & CO_OPTIMIZED for right, _, is_here in found if is_here):
        return {}
    return {
        (right.co_qualname, right.co_firstlineno): wrong
        for right, wrong, _ in found
        if right.co_flags & CO_OPTIMIZED
    }


def in_fork(action: Callable[[], Any]) -> Any:
    """Return what an action returns in a fork of the process; ``None`` when that dies."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        shown = os.dup(2)
        try:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            answer = json.dumps(action()).encode()
            with open(writer, "wb") as file:  # noqa: PTH123  # a pipe
                file.write(answer)
        except BaseException:
            os.dup2(shown, 2)
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:  # noqa: PTH123  # a pipe
        answer = file.read()
    os.waitpid(child, 0)
    return json.loads(answer) if answer else None


class Lines:
    """Traces which lines of the functions of a file are run."""

    def __init__(self, place: Path) -> None:
        self.place, self.seen = str(place), set[int]()

    def __enter__(self) -> None:
        threading.settrace(self._called)
        sys.settrace(self._called)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def _called(self, frame: FrameType, event: str, _: object) -> Any:
        code = frame.f_code
        if code.co_filename != self.place or not code.co_flags & CO_OPTIMIZED:
            return None
        self.seen.add(code.co_firstlineno)
        return self._run

    def _run(self, frame: FrameType, event: str, _: object) -> Any:
        self.seen.add(frame.f_lineno)
        return self._run


class InLoadedLibrary:
    """Runs the tests of a file once, to see which lines they run, and then those of each mutant."""

    def __init__(self, lines: Lines, mutants: list[Mutant]) -> None:
        self.lines, self.mutants = lines, mutants
        self.alive: list[int] = []
        self.elsewhere: list[int] = []
        self.fastest: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.lines.__exit__()
        at_import, items = set(self.lines.seen), session.items
        self.caches = [
            each
            for each in gc.get_objects()
            if isinstance(each, _lru_cache_wrapper)
            and each.__wrapped__.__code__.co_filename == self.lines.place
        ]
        tests = in_fork(lambda: [self._watched(item) for item in items])
        failed = [item.nodeid for item, test in zip(items, tests, strict=True) if test is None]
        if failed:
            raise SystemExit(f"these tests fail without a mutant: {failed}")
        order = sorted(range(len(items)), key=lambda place: tests[place][0])
        self.fastest = [items[place].nodeid for place in order]
        for number, mutant in enumerate(self.mutants):
            new = functions_with(mutant)
            first, last = mutant.lines
            lines = set(range(first, last + 1))
            if not new or lines & at_import:
                self.elsewhere.append(number)
                continue
            if not any(lines.intersection(seen) for _, seen in tests):
                lines = {line for _, line in new}
            chosen = [
                (seconds, place)
                for place, (seconds, seen) in enumerate(tests)
                if lines.intersection(seen)
            ]
            passed = in_fork(partial(self._passes, new, items, sorted(chosen)))
            if passed:
                self.alive.append(number)
        return True

    def _watched(self, item: pytest.Item) -> tuple[float, list[int]] | None:
        """Return the seconds that a test takes, and the lines that it runs; or None: it fails."""
        for cached in self.caches:
            cached.cache_clear()  # an answer that is known runs no line
        session, start = item.session, time.perf_counter()
        self.lines.seen.clear()
        with self.lines:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if session.testsfailed:
            session.testsfailed = 0
            return None
        return time.perf_counter() - start, sorted(self.lines.seen)

    def _passes(
        self,
        new: dict[tuple[str, int], CodeType],
        items: list[pytest.Item],
        chosen: list[tuple[float, int]],
    ) -> bool:
        for function in gc.get_objects():
            if isinstance(function, FunctionType):
                code = function.__code__
                if code.co_filename == self.lines.place:
                    key = (code.co_qualname, code.co_firstlineno)
                    function.__code__ = new.get(key, code)
        for seconds, place in chosen:
            signal.alarm(int(PATIENCE + 10 * seconds))
            item = items[place]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if item.session.testsfailed:
                return False
        return True


class FastestFirst:
    """Runs the tests in an order, and ends a run that takes too long."""

    def __init__(self, order: list[str]) -> None:
        self.order = {name: place for place, name in enumerate(order)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.order.get(item.nodeid, 0))

    def pytest_runtest_logstart(self) -> None:
        signal.alarm(10 * PATIENCE)


def run_tests(copy: Path, tests: list[str], plugin: object, *options: str) -> int:
    """Run tests with the library of a folder; not twice in a process."""
    places = {"PYTHONPATH": str(copy.parent), "HYPOTHESIS_STORAGE_DIRECTORY": str(copy.parent)}
    os.environ.update(places, INTERACTIONLOG_TEST_POSTGRES="off", CI="")
    sys.path.insert(0, str(copy.parent))
    folder = f"--basetemp={copy.parent / str(os.getpid())}"
    return pytest.main([*OPTIONS.split(), *options, folder, *tests], [plugin])


def survivors(mutants: list[Mutant], copy: Path, tests: list[str]) -> list[Mutant]:
    """Return the mutants with which the tests pass."""
    place = copy / mutants[0].file

    def in_loaded() -> tuple[list[int], list[int], list[str]]:
        plugin = InLoadedLibrary(lines := Lines(place), mutants)
        with lines:
            if run_tests(copy, tests, plugin):  # else what was not run would count as killed
                raise SystemExit(f"the mutants of {place.name} could not be run")
        return plugin.alive, plugin.elsewhere, plugin.fastest

    def anew(text: str) -> bool:
        place.write_text(text, encoding="utf-8")
        for compiled in place.parent.glob(f"__pycache__/{place.stem}.*"):
            compiled.unlink()
        try:
            return in_fork(lambda: run_tests(copy, tests, FastestFirst(order), "-x")) == 0
        finally:
            shutil.copyfile(mutants[0].path, place)

    alive, elsewhere, order = [], [*range(len(mutants))], []
    if mutants[0].tree is None:
        if not anew(place.read_text(encoding="utf-8")):
            raise SystemExit(f"tests of {place.name} fail without a mutant")
    else:
        alive, elsewhere, order = in_fork(in_loaded)
    alive += [number for number in elsewhere if anew(mutants[number].text())]
    return [mutants[number] for number in sorted(alive)]


def main() -> None:
    """Run mutants and print those that survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--sample", type=int, help="so many of each file, instead of all")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance, killed, total = random.Random(arguments.seed), 0, 0
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    settings.register_profile("mutants", max_examples=20, deadline=None, phases=phases)
    with TemporaryDirectory() as folder:
        copy = Path(folder, "interactionlog")
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for target, names in TESTS.items():
            found = [ROOT.glob(f"tests/{each}.py") for each in names.split()]
            tests = [str(path) for path in dict.fromkeys(path for paths in found for path in paths)]
            for path in sorted(PACKAGE.glob(target)):
                possible = [*(in_sql if path.suffix == ".sql" else in_python)(path)]
                wanted = [
                    mutant
                    for mutant in possible
                    if any(each in mutant.name for each in arguments.patterns or [""])
                ]
                if not wanted:
                    continue
                name = wanted[0].file
                same = [mutant for mutant in wanted if mutant.reason]
                others = [mutant for mutant in wanted if not mutant.reason]
                most = min(arguments.sample or len(others), len(others))
                alive = survivors(chance.sample(others, most), copy, tests) if most else []
                killed, total = killed + most - len(alive), total + most
                print(
                    f"{name}: {most - len(alive)} of {most} killed,"
                    f" {len(possible)} possible, {len(same)} make no difference"
                )
                for mutant in alive:
                    print(f"    {mutant.name}: {mutant.before}  ->  {mutant.after}")
                for change in EQUIVALENT.get(name, {}).keys() - {it.after for it in possible}:
                    print(f"    {name}: no mutant any more, take it out of EQUIVALENT: {change}")
                for mutant in same:
                    print(f"    {mutant.name}: {mutant.after}: {mutant.reason}")
                sys.stdout.flush()
    print(f"killed: {killed} of {total}")


if __name__ == "__main__":
    main()
