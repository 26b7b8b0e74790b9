"""The adapters under test, the fixtures over them and Hypothesis' profiles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from stores import EVERY_ADAPTER, Begin, adapters, opening

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None)
settings.register_profile("deep", max_examples=5_000, deadline=None)
settings.load_profile("dev")  # --hypothesis-profile chooses another


@pytest.fixture(params=EVERY_ADAPTER)
def begin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Begin]:
    """Open a new unit of work on one and the same store each time it is called."""
    with opening(request.param, tmp_path) as it:
        yield it


@pytest.fixture(params=adapters("memory", "sqlite", "postgresql"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Give a store that owns its transactions."""
    with opening(request.param, tmp_path) as it:
        yield it.store
