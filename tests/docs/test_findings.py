"""The page about errors lists every finding as the rules have it."""

from __future__ import annotations

from pathlib import Path

from interactionlog.interactions.rules import FINDINGS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def test_the_table_of_findings_is_that_of_the_rules():
    text = PAGE.read_text(encoding="utf-8").partition("## Codes of findings")[2]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    told = [(code, field, words, *group) for code, field, words, *group in rows]
    assert told == [
        (f"`{code}`", f"`{each.field}`", each.words, *([f"`{each.group}`"] if each.group else []))
        for code, each in FINDINGS.items()
    ]
