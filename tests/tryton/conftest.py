"""
Tryton as a host: a job of its own in an environment of its own, `.ci/tryton`.

trytond is under the GPL and slow to start, so it belongs to no other environment, and `pytest` alone
does not look into this folder (`norecursedirs`). It knows one kind of database per process:
`INTERACTIONLOG_TEST_TRYTON` says which, ``sqlite`` (the default) or ``postgresql``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from postgres import HOW_TO_START, WANTED, server

pytest.register_assert_rewrite("embedding.test_hosts")

KIND = os.environ.get("INTERACTIONLOG_TEST_TRYTON", "sqlite")


def _address() -> str:
    """Return the server of the tests in the form that Tryton reads."""
    from psycopg.conninfo import conninfo_to_dict

    place = server()
    assert place is not None, HOW_TO_START
    parts = {name: quote(str(value), safe="") for name, value in conninfo_to_dict(place).items()}
    password = f":{parts['password']}" if "password" in parts else ""
    user = f"{parts['user']}{password}@" if "user" in parts else ""
    port = f":{parts['port']}" if "port" in parts else ""
    return f"postgresql://{user}{parts.get('host', '')}{port}/"


if KIND == "sqlite":
    os.environ.update(TRYTOND_DATABASE_URI="sqlite://", DB_NAME=":memory:")
elif WANTED:
    name = f"interactionlog_test_{os.getpid()}"  # what is left behind is dropped like the others
    os.environ.update(TRYTOND_DATABASE_URI=_address(), DB_NAME=name)


def pytest_configure(config: pytest.Config) -> None:
    """Leave Tryton's warnings about itself to Tryton."""
    config.addinivalue_line("filterwarnings", r"ignore:::trytond\b.*")


@pytest.fixture(scope="session", autouse=True)
def database() -> Iterator[str]:
    """Give the name of Tryton's database, with the module `party`."""
    if KIND != "sqlite" and not WANTED:
        pytest.skip(HOW_TO_START)
    from trytond.tests.test_tryton import DB_NAME, activate_module, drop_db

    activate_module("party")
    yield DB_NAME
    drop_db()
