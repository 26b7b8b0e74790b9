"""The settings, all optional; objects may be given by their dotted path. How-to: join-django."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from interactionlog.adapters.unit_of_work import checked_user
from interactionlog.errors import UsageError

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
    given = setting("TENANT")
    return "" if given is None else str(given)


def database() -> str:
    """Return the alias of the database with the tables."""
    return str(setting("DATABASE") or "default")


def user_of(request: Any) -> str:
    """Return who works in a request: by default the name of the user who is logged in."""
    chosen = imported(setting("USER"))
    found = chosen(request) if chosen else request.user.get_username()
    try:
        return checked_user("" if found is None else str(found))
    except UsageError as error:
        hint = "let INTERACTIONLOG_USER name a function that gives one for a request"
        raise UsageError(f"{error}: {hint}") from error
