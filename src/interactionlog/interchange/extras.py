"""Libraries that are extras: one that is missing is named with the extra that brings it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from interactionlog.errors import UsageError


def extra(module: str, name: str, what: str) -> Any:
    """Return a module of an extra, or raise `UsageError` that says what to install."""
    try:
        return import_module(module)
    except ImportError as error:
        message = f"{what} needs an extra: pip install 'interactionlog[{name}]'"
        raise UsageError(message) from error
