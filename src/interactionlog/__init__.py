"""
Log interactions with contacts, one by one or for whole segments.

Everything public is listed in ``__init__.pyi``; what is not listed there may change without notice.
A name is loaded from its module when it is first used: importing the package costs a process that
only passes it on next to nothing.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_IMPORT = re.compile(r"^from (\S+) import (?:\(([^)]*)\)|(.+))$", re.MULTILINE)


@cache
def _homes() -> dict[str, str]:
    listed = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    return {
        name.strip(): module
        for module, several, one in _IMPORT.findall(listed)
        for name in (several or one).split(",")
        if name.strip()
    }


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return sorted(_homes())
    if name not in _homes():
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = globals()[name] = getattr(import_module(_homes()[name]), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *_homes()]
