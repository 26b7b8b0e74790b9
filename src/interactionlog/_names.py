"""Names of a namespace that its stub lists, each loaded from its module when it is first used."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

_IMPORT = re.compile(r"^from (\S+) import \(?\s*(\w+) as \2\b", re.MULTILINE)


def lazily(namespace: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a module whose names its stub lists."""
    module = sys.modules[namespace]

    @cache
    def homes() -> dict[str, str]:
        from importlib.resources import files  # noqa: PLC0415  # dearer than the whole package

        package, _, stub = namespace.rpartition(".")
        if "__path__" in vars(module):
            package, stub = namespace, "__init__"
        listed = files(package) / f"{stub}.pyi"
        return {name: home for home, name in _IMPORT.findall(listed.read_text(encoding="utf-8"))}

    def load(name: str) -> Any:
        if name == "__all__":
            return sorted(homes())
        if name not in homes():
            message = f"module {namespace!r} has no attribute {name!r}"
            raise AttributeError(message)
        home = homes()[name]
        if home == namespace:
            return import_module(f"{namespace}.{name}")
        value = vars(module)[name] = getattr(import_module(home), name)
        return value

    return load, lambda: sorted({*homes(), *(name for name in vars(module) if name[:2] == "__")})


def defined(names: Mapping[str, Any]) -> list[str]:
    """Return the public names that a module defines itself, of all that it has."""
    home = names["__name__"]
    own = (name for name, each in names.items() if getattr(each, "__module__", "") == home)
    return sorted(name for name in own if name[0] != "_")
