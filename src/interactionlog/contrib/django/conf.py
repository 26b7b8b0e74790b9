"""
The settings, all optional.

==============================  ====================================================================
``INTERACTIONLOG_TENANT``       Whose records these are; ``""`` by default.
``INTERACTIONLOG_DATABASE``     Alias of the database with the tables; ``"default"`` by default.
``INTERACTIONLOG_CONTACTS``     Where contacts are: a `ModelContacts`, a relation or a directory; by
                                default the library's own table.
``INTERACTIONLOG_SALESPEOPLE``  The same for salespeople.
``INTERACTIONLOG_USERS``        The same for users.
``INTERACTIONLOG_USER``         Function from a request to who works; by default the user name.
``INTERACTIONLOG_HOOKS``        List of hooks.
``INTERACTIONLOG_CLOCK``        The clock; the machine's by default.
==============================  ====================================================================

Objects may be given by their dotted path, which is imported on first use.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

PREFIX = "INTERACTIONLOG_"


def setting(name: str, default: Any = None) -> Any:
    """Return a setting as it is written."""
    return getattr(settings, PREFIX + name, default)


def imported(value: Any) -> Any:
    """Return what a dotted path names, or the object that was given in its place."""
    return import_string(value) if isinstance(value, str) else value


def made(value: Any) -> Any:
    """Return an object of a class that was named, or the object itself."""
    found = imported(value)
    return found() if isinstance(found, type) else found


def tenant() -> str:
    """Return whose records these are."""
    return str(setting("TENANT", ""))


def database() -> str:
    """Return the alias of the database with the tables."""
    return str(setting("DATABASE") or "default")


def user_of(request: Any) -> str:
    """Return who works in a request: by default the name of the user who is logged in."""
    chosen = imported(setting("USER"))
    return str(chosen(request) if chosen else request.user.get_username())
