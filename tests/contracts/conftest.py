"""Contracts run beside another tenant that has a record of every kind, under the same keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from neighbour import rows_in
from stores import EVERY_ADAPTER, Begin, opening


@pytest.fixture(params=EVERY_ADAPTER)
def begin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Begin]:
    """Open a new unit of work on one and the same store each time it is called."""
    with opening(request.param, tmp_path, neighbour=True) as it:
        before = rows_in(tmp_path / "crm.db") if request.param == "sqlite" else None
        yield it
    if before is not None:
        assert rows_in(tmp_path / "crm.db") == before
