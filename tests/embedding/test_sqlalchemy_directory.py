"""The directory over SQLAlchemy's models that the how-to page shows: the same parties, the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from embedding.test_django_directory import (  # noqa: F401  # the fixtures here answer them
    test_a_filter_means_those_that_meet_every_condition,
    test_a_party_is_a_contact,
    test_summaries_tell_what_logging_needs,
    test_what_parties_cannot_answer_is_refused,
)

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "join-sqlalchemy.md"


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Give what the page defines, after it has run."""
    monkeypatch.chdir(tmp_path)
    document = Sybil([PythonCodeBlockParser()]).parse(PAGE)
    try:
        for example in document.examples():
            example.evaluate()
        yield document.namespace
    finally:
        document.namespace["engine"].dispose()


@pytest.fixture
def directory(page):
    with page["Session"](page["engine"]) as session:
        yield page["PartyDirectory"](session)


def test_the_page_has_left_three_parties_and_one_logging(page, directory):
    assert len(directory.parties().all()) == 3
    assert page["logged"].segment_no == "SM1"
