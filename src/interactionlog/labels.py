"""Words for enumerations, decisions and findings, in English and Italian."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Literal

from interactionlog.errors import UsageError

Language = Literal["en", "it"]


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return the words by language and code, which lie beside this module."""
    import tomllib  # noqa: PLC0415  # not needed by who shows nothing
    from importlib.resources import files  # noqa: PLC0415

    text = (files("interactionlog") / "labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def label(value: Enum | str, language: Language = "en") -> str:
    """
    Return the words for a member of an enumeration, or for the code of a decision or finding.

    ``label(Evaluation.VERY_POSITIVE, "it")`` is ``"molto positivo"``. A word that the language does
    not have is given in English.

    Args:
        value: The member, or a code such as ``privacy-blocked``.
        language: ``"en"`` or ``"it"``.
    """
    if not isinstance(value, Enum | str) or language not in [*words()]:
        known = f"a member or a code is given, and a language of {', '.join(words())}"
        raise UsageError(f"label: {known}: {value!r}, {language!r}")
    code = (value.name if isinstance(value, Enum) else value).lower().replace("_", "-")
    return words()[language].get(code) or words()["en"].get(code) or code.replace("-", " ")
