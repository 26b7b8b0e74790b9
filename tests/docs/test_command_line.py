"""The commands of the pages print what the pages say."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from transcript import BLOCK, performed

from interactionlog.cli import program

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


def test_every_command_and_option_that_a_page_names_exists():
    root, context, named = program.program, click.Context(program.program), 0
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        inline = re.findall(r"`(interactionlog [^`\n]+)`", text)
        for words in inline + re.findall(r"^\$? ?(interactionlog [a-z-]+ .+)$", text, re.MULTILINE):
            command, rest = root, words.replace("…", "").split()[1:]
            while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
                command = command.get_command(context, rest.pop(0))
                assert command is not None, (path, words)
            known = {"--help", "--version"}.union(
                *((*each.opts, *each.secondary_opts) for each in command.params)
            )
            options = {word.split("=")[0] for word in rest if word.startswith("--")}
            assert options <= known, (path, words)
            named += 1
    assert named > 50
