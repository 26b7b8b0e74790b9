"""
Values that are stored as JSON text, with the version of their format in it.

Filters, policies and frozen headers are values of their own; a later release reads what an
earlier one stored by the number in ``format``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from decimal import Decimal
from functools import cache
from typing import Any

from interactionlog.errors import StorageError

__all__ = ["FORMAT", "functions"]

FORMAT = 1


@cache
def _converter() -> Any:
    # cattrs is needed by stored JSON only, never on the per-line path or at import
    from cattrs.preconf.json import make_converter  # noqa: PLC0415

    converter = make_converter(
        omit_if_default=False,  # a default may change, what was decided may not
        forbid_extra_keys=True,
        unstruct_collection_overrides={Set: lambda members: sorted(members, key=repr)},
    )
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    return converter


@cache
def functions(kind: Any) -> tuple[Callable[[str | None], Any], Callable[[Any], str | None]]:
    """Return the functions that read and write stored values of one type; ``None`` is NULL."""

    def load(text: str | None) -> Any:
        if text is None:
            return None
        try:
            stored = json.loads(text)
            if stored["format"] == FORMAT:
                return _converter().structure(stored["value"], kind)
            message = f"a stored value has format {stored['format']}, this release reads {FORMAT}"
        except Exception as error:  # cattrs raises groups of whatever its parts raise
            message = f"a stored value cannot be read: {error!r}"
            raise StorageError(message) from error
        raise StorageError(message)

    def dump(value: Any) -> str | None:
        if value is None:
            return None
        plain = _converter().unstructure(value, unstructure_as=kind)
        return json.dumps({"format": FORMAT, "value": plain}, sort_keys=True, ensure_ascii=False)

    return load, dump
