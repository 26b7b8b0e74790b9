"""
What a reader copies from a page is clean to pyright and `mypy --strict`, and an editor completes it.

The blocks of a page are one module, at the lines where they stand on the page. Frameworks without
types of their own are taken as ``Any``. Each tool runs once, over all pages; the tools are in the
dependency group ``lint``: without them the tests are skipped, on the build machine they fail.
"""

from __future__ import annotations

import ast
import atexit
import json
import os
import re
import subprocess
import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import interactionlog as il

ROOT = Path(__file__).parents[2]
SRC = Path(il.__file__).parents[1]
FOLLOWED = {ROOT / "docs" / "how-to" / "join-django.md"}
"""Pages whose blocks are several files of a project: a test makes the project."""
PAGES = [ROOT / "README.md", *sorted({*(ROOT / "docs").rglob("*.md")} - FOLLOWED)]
PUBLIC = Path(__file__).parent / "public_signatures.py"
UNTYPED = {"django", "psycopg2", "trytond"}
ANYTHING = "from typing import Any\n\ndef __getattr__(name: str) -> Any: ...\n"
MODEL = """
class Model:
    objects: Any
    def __init__(self, **values: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
"""
COMPLETE = 0.97
"""How much of what can be imported has a known type, by pyright's count."""


def needs(tool: str) -> pytest.MarkDecorator:
    missing = find_spec(tool) is None and os.environ.get("CI") != "true"
    return pytest.mark.skipif(missing, reason=f"{tool} is missing: pip install --group lint")


def module_of(page: Path) -> str:
    """Return the blocks of a page at the lines where they stand; ``""`` when it has none."""
    lines: list[str] = []
    for example in Sybil([PythonCodeBlockParser()]).parse(page).examples():
        lines += [""] * (example.line - len(lines)) + str(example.parsed).splitlines()
    return "\n".join(lines) + "\n" if lines else ""


def write_stubs(folder: Path, modules: list[str]) -> None:
    for module in modules:
        parts = module.split(".")
        if parts[0] not in UNTYPED:
            continue
        for depth in range(1, len(parts) + 1):
            stub = folder.joinpath(*parts[:depth], "__init__.pyi")
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.write_text(ANYTHING + MODEL * (stub.parent.name == "models"), encoding="utf-8")


@cache
def folder() -> Path:
    """Return a folder with a module for each page and the stubs that they need."""
    made = TemporaryDirectory()
    atexit.register(made.cleanup)
    pages = Path(made.name, "pages")
    pages.mkdir()
    imported = {"psycopg2.extras", "django.db.models"}
    for page in PAGES:
        text = module_of(page)
        if not text:
            continue
        name = re.sub(r"\W", "_", page.relative_to(ROOT).with_suffix("").as_posix())
        (pages / f"{name}.py").write_text(text, encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    write_stubs(pages.parent / "typings", sorted(imported))
    return pages.parent


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder(),
        env={**os.environ, **environment},
    )


@needs("pyright")
def test_pages_and_public_signatures_are_clean_to_pyright() -> None:
    settings = {
        "include": ["pages", str(PUBLIC)],
        "extraPaths": [str(SRC)],
        "stubPath": "typings",
        "pythonVersion": "3.11",
        "reportMissingModuleSource": False,  # of a framework that is not installed here
    }
    (folder() / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = run("pyright", "--pythonpath", sys.executable, "--outputjson")
    report = json.loads(done.stdout)
    found = [
        f"{Path(each['file']).stem}:{each['range']['start']['line'] + 1}: {each['message']}"
        for each in report["generalDiagnostics"]
    ]
    assert report["summary"]["filesAnalyzed"] > 10
    assert found == []


@needs("mypy")
def test_pages_and_public_signatures_are_clean_to_mypy() -> None:
    pages = sorted((folder() / "pages").glob("*.py"))
    done = run(
        "mypy",
        "--strict",
        f"--config-file={os.devnull}",
        "--python-version=3.11",
        f"--cache-dir={ROOT / '.mypy_cache' / 'documents'}",
        *pages,
        PUBLIC,
        MYPYPATH=f"{SRC}{os.pathsep}{folder() / 'typings'}",
    )
    assert done.stdout.splitlines()[-1:] == [
        f"Success: no issues found in {len(pages) + 1} source files"
    ], done.stdout + done.stderr


@needs("pyright")
def test_what_can_be_imported_has_known_types() -> None:
    done = run(
        "pyright",
        "--pythonpath",
        sys.executable,
        *("--verifytypes", "interactionlog", "--ignoreexternal", "--outputjson"),
        PYTHONPATH=str(SRC),
    )
    report = json.loads(done.stdout)["typeCompleteness"]
    unclear = [each["name"] for each in report["symbols"] if not each["isTypeKnown"]]
    assert report["completenessScore"] >= COMPLETE, unclear


@needs("jedi")
@pytest.mark.parametrize("namespace", ["", "numbering", "ports", "privacy", "results"])
def test_an_editor_completes_every_public_name(namespace: str) -> None:
    jedi = import_module("jedi")

    place = f"il.{namespace}" if namespace else "il"
    offered = {
        each.name for each in jedi.Script(f"import interactionlog as il\n{place}.").complete()
    }
    module = getattr(il, namespace) if namespace else il
    assert set(module.__all__) - offered == set()


@needs("jedi")
def test_an_editor_shows_the_methods_of_a_service_with_signature_and_words() -> None:
    jedi = import_module("jedi")

    begun = (
        "import interactionlog as il\n\n"
        'with il.SqliteStore("crm.db") as store, store.begin(user_id="HELENA") as work:\n'
        "    logger = il.SegmentLogger(work)\n"
        "    logger."
    )
    methods = {each.name: each for each in jedi.Script(begun).complete()}
    assert {"plan", "log", "undo"} <= set(methods)
    (signature,) = jedi.Script(f"{begun}log(").get_signatures()
    assert [each.name for each in signature.params][:2] == ["segment_no", "plan"]
    assert "Log" in methods["log"].docstring()
    puts = jedi.Script(
        begun.replace("logger = il.SegmentLogger(work)\n    logger.", "work.contacts.")
    )
    assert {"get", "put", "put_membership"} <= {each.name for each in puts.complete()}
