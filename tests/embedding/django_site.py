"""The example project in this process: one database on SQLite, one on PostgreSQL."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from shutil import copy, rmtree
from tempfile import mkdtemp
from typing import Any

import django
import pytest
from django.core.management import call_command

from postgres import HOW_TO_START, WANTED, own_database, temporary_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_example.settings")
django.setup()


def on_sqlite(path: str | Path) -> dict[str, Any]:
    """Return the settings of a database in a file."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }


def on_postgresql(place: str) -> dict[str, Any]:
    """Return the settings of a database on the server of the tests."""
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(place)
    keys = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    found = {key: parts.get(name, "") for key, name in (*keys.items(), ("PORT", "port"))}
    options = {"options": parts.get("options", "")}
    return {"ENGINE": "django.db.backends.postgresql", **found, "OPTIONS": options}


@contextmanager
def database(alias: str, settings: dict[str, Any]):
    """Let an alias of Django lead to a database while the block runs."""
    from django.db import connections as found

    before = found.settings.get(alias)
    found.close_all()
    found.settings[alias] = found.configure_settings({"default": {}, alias: settings})[alias]
    if hasattr(found._connections, alias):
        del found[alias]
    try:
        yield found[alias]
    finally:
        found[alias].close()
        del found[alias]
        if before is None:
            del found.settings[alias]
        else:
            found.settings[alias] = before


@cache
def connections() -> Any:
    """Return Django's connections, with that to PostgreSQL among them where there is a server."""
    from django.db import connections as found

    if WANTED:
        settings = found.configure_settings(
            {"default": {}, "postgresql": on_postgresql(own_database())}
        )
        found.settings["postgresql"] = settings["postgresql"]
    return found


def _begin_in_the_working_directory() -> None:
    connections().settings["default"]["NAME"] = "erp.db"


_begin_in_the_working_directory()


@cache
def _migrated_file() -> Path:
    folder = Path(mkdtemp(prefix="interactionlog-django-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    with database("default", on_sqlite(folder / "site.db")):
        call_command("migrate", verbosity=0)
    return folder / "site.db"


@cache
def _migrated_server() -> str:
    stack = ExitStack()
    atexit.register(stack.close)
    place = stack.enter_context(temporary_database("site"))
    with database("default", on_postgresql(place)):
        call_command("migrate", verbosity=0)
    return place


@contextmanager
def site(kind: str, folder: Path, alias: str = "default"):
    """Give the migrated and empty database of the example project."""
    if kind == "sqlite":
        copy(_migrated_file(), folder / f"{alias}.db")
        with database(alias, on_sqlite(folder / f"{alias}.db")) as connection:
            yield connection
        return
    with database(alias, on_postgresql(_migrated_server())) as connection:
        _empty(connection)
        yield connection


def _empty(connection: Any) -> None:
    """
    Empty what tests fill; content types and permissions stay, as a new file has them.

    Rows are deleted, without looking at the keys between them: emptying sixty tables as Django does
    makes new files for each of them and costs more than most tests.
    """
    tables = connection.introspection.django_table_names(only_existing=True)
    kept = ["auth_permission", "django_content_type", "django_migrations"]
    texts = ["BEGIN", "SET LOCAL session_replication_role = replica"]
    texts += [f'DELETE FROM "{each}"' for each in tables if each not in kept]  # noqa: S608  # names
    with connection.cursor() as cursor:
        cursor.execute("; ".join([*texts, "COMMIT"]))
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename), start_value, false)"
            " FROM pg_sequences WHERE schemaname = 'public' AND sequencename <> ALL (%s)",
            [[f"{each}_id_seq" for each in kept]],
        )


SITES = [
    "sqlite",
    pytest.param(
        "postgresql",
        marks=[pytest.mark.postgresql, pytest.mark.skipif(not WANTED, reason=HOW_TO_START)],
    ),
]
