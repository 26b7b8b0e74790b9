"""The page about errors lists every finding as the rules have it, and cause and cure of every error."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import interactionlog as il
from interactionlog import interchange
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


def test_every_public_error_has_its_cause_and_what_to_do():
    text = PAGE.read_text(encoding="utf-8").partition("## What to do")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \| .+\. \| .+\. \|$", text, re.MULTILINE)
    spaces = [
        il,
        interchange,
        *(each for name in il.__all__ if inspect.ismodule(each := getattr(il, name))),
    ]
    public = {
        name
        for space in spaces
        for name in space.__all__
        if inspect.isclass(each := getattr(space, name))
        and issubclass(each, il.InteractionLogError)
    }
    assert told == sorted(public)
