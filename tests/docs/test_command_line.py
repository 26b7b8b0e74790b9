"""The commands of the pages print what the pages say."""

from __future__ import annotations

from pathlib import Path

import pytest
from transcript import BLOCK, performed

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if BLOCK.search(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_print_what_stands_below_them(page, tmp_path, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    text = page.read_text(encoding="utf-8")
    assert performed(text, tmp_path) == text, (
        f"python tests/docs/transcript.py {page.relative_to(ROOT)} writes the page anew"
    )


def test_the_transcript_of_a_working_day_is_among_them():
    assert "on-the-command-line.md" in [page.name for page in PAGES]
