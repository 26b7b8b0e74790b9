"""The unit of work of every store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import interactionlog as il
from interactionlog.integrity import check_integrity
from interactionlog.testing import (
    OwnedStoreContract,
    StoreContract,
    TenantContract,
    UnitOfWorkContract,
)


class TestUnitOfWork(UnitOfWorkContract):
    """Runs once for each adapter in conftest.py."""


@pytest.mark.parametrize("begin", ["memory", "sqlite"], indirect=True)
class TestOwnedStore(OwnedStoreContract):
    """Runs for the stores that own their transactions."""


@pytest.mark.parametrize("begin", ["sqlite", "sqlite-joined"], indirect=True)
class TestTenants(TenantContract):
    """Runs for the stores that keep several tenants in one file."""


class TestStore(StoreContract):
    """Runs once for each store that owns its transactions."""

    @pytest.mark.parametrize("begun_in", ["begin", "read"])
    def test_what_is_read_row_by_row_ends_with_its_block(self, store, begun_in):
        """On SQLite a statement with rows left keeps the snapshot for the blocks that follow."""
        with store.begin(user_id="A") as work:
            for number in range(1_100):
                work.interaction_groups.put(il.InteractionGroup(code=f"G{number}"))
        user = {"user_id": "A"}
        with getattr(store, begun_in)(**user) as work:
            groups = work.scan(il.InteractionGroup)
            next(groups)
        with ThreadPoolExecutor(1) as other:
            other.submit(store.run, put_new_group, **user).result()
        with store.read() as work:
            assert work.interaction_groups.find("NEW")
        with pytest.raises(il.UsageError, match="has ended"):
            list(groups)

    def test_a_check_that_outlives_its_block_is_no_damage(self, store):
        with store.read() as work:
            faults = check_integrity(work)
        with pytest.raises(il.UsageError, match="has ended"):
            next(faults)


def put_new_group(work):
    work.interaction_groups.put(il.InteractionGroup(code="NEW"))
