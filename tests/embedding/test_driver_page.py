"""What the how-to page for plain drivers says of PostgreSQL; what it says of SQLite runs with all pages."""

from __future__ import annotations

import builtins
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from postgres import HOW_TO_START, WANTED, own_database

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "join-a-driver-connection.md"


@pytest.mark.postgresql
@pytest.mark.skipif(not WANTED, reason=HOW_TO_START)
def test_the_functions_of_the_page_log_with_both_drivers(tmp_path, monkeypatch):
    from psycopg import connect
    from psycopg.conninfo import make_conninfo

    monkeypatch.chdir(tmp_path)
    document = Sybil([PythonCodeBlockParser()]).parse(PAGE)
    for example in document.examples():
        example.evaluate()
    document.namespace["__builtins__"] = builtins  # taken away from a page that has run
    with connect(own_database()) as connection:
        connection.execute("CREATE SCHEMA page")
    server = make_conninfo(own_database(), options="-c search_path=page")
    assert document.namespace["with_psycopg"](server) == 1
    assert document.namespace["with_psycopg2"](server) == 2
