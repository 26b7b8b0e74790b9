"""Phrases that readers stumble over, and what is written instead: in the source, the pages and the README."""

from __future__ import annotations

import re
from pathlib import Path

import interactionlog

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(
        path
        for path in Path(interactionlog.__file__).parent.rglob("*")
        if path.suffix in {".py", ".pyi", ".sql"}
    ),
]
INSTEAD = {
    r"whoever": "the caller, who",
    r"of (its|their) own": "its own, separate",
    r"no matter": "ignored, skipped",
    r"ever after": "from then on",
    r"otherwise than": "that differs from",
    r"(is|are|was|were|been) gone on with": "is resumed",
    r"(is|are|was|were) meant": "matches",
    r"(is|are) no folder": "is not a folder",
    r"behind (the |this )?(last )?line": "after line",
    r"stands? on": "is on",
    r"(is|are|was|were) judged": "is validated",
}


def test_plain_words_are_used():
    found = []
    for path in FILES:
        # a phrase may be broken by the end of a line, also within a comment
        text = re.sub(r"\s+(?:(?:#|--) )?\s*", " ", path.read_text(encoding="utf-8"))
        for phrase, instead in INSTEAD.items():
            for match in re.finditer(rf"\b{phrase}\b", text, re.IGNORECASE):
                around = text[max(match.start() - 40, 0) : match.end() + 20]
                found.append(f"{path.parent.name}/{path.name}: …{around}… say: {instead}")
    assert found == []
