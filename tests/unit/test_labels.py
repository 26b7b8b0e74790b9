"""Words for enumerations, decisions and findings."""

from __future__ import annotations

import re
from pathlib import Path

from made_pages import enumerations

from interactionlog.interactions.rules import FINDINGS
from interactionlog.labels import label, words
from interactionlog.segments.logging.decision import Treatment
from interactionlog.values import Evaluation, InitiatedBy

CODES = [
    *(member.name for enumeration in enumerations() for member in enumeration),
    *(each.value for each in Treatment),
    *FINDINGS,
]


def code_of(word):
    return word.lower().replace("_", "-")


def test_a_member_has_words_in_both_languages():
    assert label(Evaluation.VERY_POSITIVE) == "very positive"
    assert label(Evaluation.VERY_POSITIVE, "it") == "molto positivo"
    assert label(InitiatedBy.THEM) == "by the contact"


def test_everything_that_is_shown_has_italian_words():
    assert [code for code in CODES if code_of(code) not in words()["it"]] == []


GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def test_the_italian_words_are_those_of_the_glossary():
    rows = [line.strip("| \n").split(" | ") for line in GLOSSARY.read_text("utf-8").splitlines()]
    other = []
    for english, italian in [row[:2] for row in rows if len(row) == 4 and "-" not in row[:2]]:
        terms = english.lower().replace(" ", "-")
        for code, words_of_it in words()["it"].items():
            if code in {"log", "no."} or not re.search(rf"(^|[-,]){code}($|[-,])", terms):
                continue
            if any(part[:5] not in italian.lower() for part in words_of_it.split()):
                other.append((english, italian, words_of_it))
    assert other == []


def test_what_has_no_words_says_its_code():
    assert label("quite-new", "it") == "quite new"
