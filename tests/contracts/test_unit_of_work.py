"""The unit of work of every store."""

from __future__ import annotations

import pytest

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
