"""System checks: what is wrong with the settings, said before the first request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, router

from interactionlog.adapters.sql.relations import HostRecords
from interactionlog.adapters.sql.schema import NEWEST, installed_version
from interactionlog.contrib.django.conf import database, imported, setting
from interactionlog.contrib.django.unit_of_work import store
from interactionlog.errors import InteractionLogError, UsageError
from interactionlog.values import shown

_IMPORTED = ("CONTACTS", "SALESPEOPLE", "USERS", "USER", "CLOCK")
_RECORDS = ("contacts", "salespeople", "users")


@register(Tags.database)
def check_schema(databases: Any = None, **_: object) -> list[CheckMessage]:
    """Say that the tables are newer than this release, or older though they are there."""
    alias = database()
    if not databases or alias not in databases or alias not in connections:
        return []
    connection = connections[alias]
    if connection.vendor not in {"sqlite", "postgresql"}:
        return []
    with connection.cursor() as cursor:
        try:
            version = installed_version(cursor, connection.vendor)
        except InteractionLogError as error:
            return [Error(str(error), id="interactionlog.E005")]
    if 0 < version < NEWEST:
        text = f"The tables have schema version {version}, this release needs {NEWEST}."
        return [checks.Warning(text, hint="Run manage.py migrate.", id="interactionlog.W003")]
    return []


@register("interactionlog")
def check_settings(**_: object) -> list[CheckMessage]:
    """Say what is wrong with the settings, and what the database is not fit for."""
    alias = database()
    if alias not in connections:
        text = f"INTERACTIONLOG_DATABASE names {alias!r}, which DATABASES does not have."
        return [Error(text, id="interactionlog.E001")]
    return [*_of_database(alias), *_of_objects(alias)]


def _of_database(alias: str) -> Iterator[CheckMessage]:
    connection = connections[alias]
    if connection.vendor not in {"sqlite", "postgresql"}:
        yield Error(
            f"The database {alias!r} is {connection.display_name}: interactionlog works with "
            "SQLite and PostgreSQL.",
            hint="Name another database in INTERACTIONLOG_DATABASE.",
            id="interactionlog.E002",
        )
    if not router.allow_migrate(alias, "interactionlog"):
        yield checks.Warning(
            f"A router keeps the tables of interactionlog out of the database {alias!r}.",
            hint="Let allow_migrate return True for the app label interactionlog there.",
            id="interactionlog.W001",
        )
    mode = connection.settings_dict["OPTIONS"].get("transaction_mode") or ""
    if connection.vendor == "sqlite" and mode.upper() != "IMMEDIATE":
        yield checks.Warning(
            f"Transactions on the database {alias!r} begin without a lock: one that has read "
            "cannot always write.",
            hint='Add "OPTIONS": {"transaction_mode": "IMMEDIATE"} to it in DATABASES.',
            id="interactionlog.W002",
        )


def _of_objects(alias: str) -> Iterator[CheckMessage]:
    for name in _IMPORTED:
        try:
            imported(setting(name))
        except ImportError as error:
            text = f"INTERACTIONLOG_{name} cannot be imported: {error}."
            yield Error(text, id="interactionlog.E003")
            return
    try:
        store()
        user = imported(setting("USER"))
        if user and not callable(user):
            raise UsageError(
                f"INTERACTIONLOG_USER must be a function of a request, not {shown(user)}"
            )
        given = {name: imported(setting(name.upper())) for name in _RECORDS}
        HostRecords(**given).of(connections[alias])
        for name, each in given.items():
            model = getattr(each, "model", None)
            if model and router.db_for_read(model) != alias:
                yield checks.Warning(
                    f"INTERACTIONLOG_{name.upper()} maps {model._meta.label}, which is read from "
                    f"the database {router.db_for_read(model)!r}, and the log is in {alias!r}.",
                    hint="Both must be in one database: see INTERACTIONLOG_DATABASE.",
                    id="interactionlog.W004",
                )
    except Exception as error:  # whatever it is, the settings are wrong
        yield Error(f"The settings of interactionlog: {error}", id="interactionlog.E004")
