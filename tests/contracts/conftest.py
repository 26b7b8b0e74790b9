"""Contracts run beside another tenant that has a record of every kind, under the same keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from neighbour import rows_in
from stores import EVERY_ADAPTER, Begin, empty_database, opening


@cache
def _rows_before() -> Mapping[str, set[Any]]:
    with TemporaryDirectory() as folder:
        return rows_in(empty_database(Path(folder), neighbour=True))


@pytest.fixture(params=EVERY_ADAPTER)
def begin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Begin]:
    """Open a new unit of work on one and the same store each time it is called."""
    with opening(request.param, tmp_path, neighbour=True) as it:
        yield it
    if request.param == "sqlite":
        assert rows_in(tmp_path / "crm.db") == _rows_before()
