"""Text of a host's column has, in both databases, the forms that the library gives its own."""

from __future__ import annotations

import sqlite3
import unicodedata
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactionlog.adapters.sql.folding import CODE, FOLDED
from interactionlog.values import as_code, folded
from postgres import HOW_TO_START, WANTED, own_database

KINDS = {"code": (CODE, as_code), "search": (FOLDED, folded)}
BLOCKS = [range(1, 0x13A0), range(0x1400, 0x3001), range(0xFB00, 0xFB18), range(0xFF00, 0xFFF0)]
"""Without Cherokee, whose capitals are the later ones."""


@cache
def on_sqlite():
    connection = sqlite3.connect(":memory:")
    connection.create_function("interactionlog_code", 1, as_code)
    connection.create_function("interactionlog_folded", 1, folded)

    def asked(text, values):
        text = f"SELECT {text.replace('@', 'x')} FROM (SELECT ? AS x)"  # noqa: S608
        return [connection.execute(text, [each]).fetchone()[0] for each in values]

    return asked


@cache
def on_postgresql():
    import psycopg

    connection = psycopg.connect(own_database(), autocommit=True)

    def asked(text, values):
        rows = "unnest(%s::text[]) WITH ORDINALITY AS t (x, n) ORDER BY n"
        text = f"SELECT {text.replace('@', 'x')} FROM {rows}"  # noqa: S608
        found = connection.execute(text, [values])
        return [each for (each,) in found]

    return asked


def has_other_capitals(sign):
    """Whether Python writes more capitals for it than a database knows: a few Greek and old letters."""
    upper = unicodedata.normalize("NFC", sign.upper())
    return len(upper) > 1 and "\u01ef" < sign < "\u2000" and sign != "և"


DATABASES = [
    on_sqlite,
    pytest.param(
        on_postgresql,
        marks=[pytest.mark.postgresql, pytest.mark.skipif(not WANTED, reason=HOW_TO_START)],
    ),
]


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_character_has_its_form(kind, database):
    expressions, form = KINDS[kind]
    signs = [
        chr(code) for block in BLOCKS for code in block if unicodedata.category(chr(code)) != "Cn"
    ]
    if kind == "code":
        signs = [each for each in signs if not has_other_capitals(each)]
    texts = [text for each in signs for text in (each, f" a {each}  B")]
    found = database()(expressions[database.__name__.removeprefix("on_")], texts)
    assert {
        text: (is_, form(text)) for text, is_ in zip(texts, found, strict=True) if is_ != form(text)
    } == {}


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(st.text("aA \t\n\xa0\u2003iİıéE\u0301ßﬁςŉ\u200b\xad", max_size=9)))  # noqa: RUF001
def test_texts_of_such_characters_have_their_form(kind, database, texts):
    expressions, form = KINDS[kind]
    found = database()(expressions[database.__name__.removeprefix("on_")], texts)
    assert found == list(map(form, texts))
