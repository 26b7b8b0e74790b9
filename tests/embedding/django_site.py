"""A Django site without files: one database on SQLite, one on PostgreSQL, one model."""

from __future__ import annotations

from functools import cache
from typing import Any

import django
from django.conf import settings

from postgres import WANTED, own_database

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "erp.db"}}

if not settings.configured:  # a page of the documentation may have done it in this process
    settings.configure(DATABASES=DATABASES, USE_TZ=True)
django.setup()


@cache
def connections() -> Any:
    """Return Django's connections, with that to PostgreSQL among them where there is a server."""
    from django.db import connections as found

    if WANTED:
        from psycopg.conninfo import conninfo_to_dict

        parts = conninfo_to_dict(own_database())
        found.settings["postgresql"] = found.configure_settings(
            DATABASES
            | {
                "postgresql": {
                    "ENGINE": "django.db.backends.postgresql",
                    "NAME": parts["dbname"],
                    "USER": parts.get("user", ""),
                    "PASSWORD": parts.get("password", ""),
                    "HOST": parts.get("host", ""),
                    "PORT": parts.get("port", ""),
                }
            }
        )["postgresql"]
    return found
