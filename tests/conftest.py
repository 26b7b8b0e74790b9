"""The adapters under test, the fixtures over them and Hypothesis' profiles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from stores import EVERY_ADAPTER, Begin, adapters, opening

phases = set(Phase) - {Phase.explain}  # explaining takes minutes where entities are large
settings.register_profile("dev", max_examples=50, deadline=None, phases=phases)
settings.register_profile("ci", max_examples=200, deadline=None, phases=phases)
settings.register_profile("deep", max_examples=5_000, deadline=None, phases=phases)
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
