"""Where the tables of the CRONUS demonstration company are, when they are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["cronus_folder"]

_ROOT = Path(__file__).resolve().parents[1]


def cronus_folder() -> Path:
    """Return the folder, or skip the test: it is no part of the project."""
    named = os.environ.get("INTERACTIONLOG_CRONUS")
    folder = Path(named) if named else _ROOT.parent / "shared" / "data" / "cronus"
    if not (folder / "contacts.csv").is_file():
        pytest.skip(f"no CRONUS tables in {folder}: set INTERACTIONLOG_CRONUS")
    return folder
