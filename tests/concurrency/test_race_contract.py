"""
Two callers at once, on every store: owned and joined, READ COMMITTED and REPEATABLE READ.

Each class tries what its time allows (`race_benches.SECONDS`, and a tenth of that without a profile),
in an order that the day or `--hypothesis-seed` decides; with `--hypothesis-profile=deep`, everything.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

from interactionlog.testing import RaceContract
from postgres import HOW_TO_START, WANTED
from race_benches import bench


@pytest.fixture
def races(request, tmp_path):
    kind = request.cls
    seed = request.config.getoption("--hypothesis-seed")
    profile = settings.get_current_profile_name()
    options = {"seed": None if seed is None else int(seed), "profile": profile}
    with bench(kind.adapter, tmp_path, **options, **kind.options) as made:
        yield made


class OnPostgres(RaceContract):
    pytestmark = [
        pytest.mark.postgresql,
        pytest.mark.skipif(not WANTED, reason=HOW_TO_START),
    ]


class TestInMemory(RaceContract):
    adapter, options = "memory", {}


class TestOnSqlite(RaceContract):
    adapter, options = "sqlite", {}


class TestJoinedOnSqlite(RaceContract):
    adapter, options = "sqlite-joined", {}


class TestOnPostgresql(OnPostgres):
    adapter, options = "postgresql", {"level": "READ COMMITTED"}


class TestOnPostgresqlWithSnapshots(OnPostgres):
    adapter, options = "postgresql", {"level": "REPEATABLE READ"}


class TestJoinedOnPostgresql(OnPostgres):
    adapter, options = "postgresql-joined", {"level": "READ COMMITTED"}


class TestJoinedOnPostgresqlWithSnapshots(OnPostgres):
    adapter, options = "postgresql-joined", {"level": "REPEATABLE READ"}
