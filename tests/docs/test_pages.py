"""Every Python block of the README and of the documentation runs, page by page."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from interactionlog.adapters.sql.store import SqlStore

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ELSEWHERE = {ROOT / "docs" / "how-to" / "join-tryton.md": ROOT / "tests" / "tryton"}
"""Pages that run in a job of its own, because it needs an environment of its own."""
FOLLOWED = {
    ROOT / "docs" / "how-to" / "join-django.md": ROOT
    / "tests"
    / "embedding"
    / "test_django_page.py"
}
"""Pages whose blocks are files of a project: a test makes the project and follows the page."""
HERE = [page for page in PAGES if page not in ELSEWHERE | FOLLOWED]


@pytest.mark.parametrize("page", HERE, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run_as_they_stand(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = Sybil([PythonCodeBlockParser()]).parse(page)
    with ExitStack() as opened:
        opened.callback(lambda: _close(document.namespace.values()))
        for example in document.examples():
            example.evaluate()


def _close(values: Iterable[object]) -> None:
    """Close the stores, connections and engines that a page leaves open for its reader."""
    for value in values:
        if isinstance(value, SqlStore | sqlite3.Connection):
            value.close()
        elif isinstance(value, sqlalchemy.Engine):
            value.dispose()


@pytest.mark.parametrize(("page", "folder"), ELSEWHERE.items(), ids=lambda path: path.name)
def test_a_page_that_does_not_run_here_runs_in_a_job_of_the_gates(page: Path, folder: Path) -> None:
    job = ROOT / ".ci" / folder.name
    assert f".ci/{folder.name}" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert f"tests/{folder.name}" in job.read_text(encoding="utf-8")
    assert any(page.name in test.read_text(encoding="utf-8") for test in folder.glob("test_*.py"))


@pytest.mark.parametrize(("page", "test"), FOLLOWED.items(), ids=lambda path: path.name)
def test_a_page_that_is_followed_has_its_test(page: Path, test: Path) -> None:
    assert page.name in test.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages - {"index.md"} if f"({page})" not in index} == set()
