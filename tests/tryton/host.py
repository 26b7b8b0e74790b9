"""A host application on Tryton: its orders are parties, which need no further module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, USER
from trytond.transaction import Transaction

from embedding.hosts import CLOCK, Host
from interactionlog.adapters.host import HostStore
from postgres import new_tenant


class TrytonHost(Host):
    """`embedding.hosts.Host` over a database that all tests share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = HostStore(tenant=new_tenant(), clock=CLOCK)
        with self.transaction() as connection:
            self.store.migrate(connection)
            self._parties().delete(self._parties().search([("code", "like", "SO-%")]))

    def close(self) -> None:
        pass

    @staticmethod
    def _parties() -> Any:
        return Pool().get("party.party")

    @contextmanager
    def transaction(self, **options: Any) -> Iterator[Any]:
        with Transaction().start(DB_NAME, USER, **options) as transaction:
            yield transaction

    @contextmanager
    def rival(self) -> Iterator[Any]:
        with Transaction().new_transaction() as transaction:
            yield transaction

    def use_snapshot(self, connection: Any) -> None:
        pass  # Tryton always does

    def execute(self, connection: Any, text: str, *values: object) -> list[Any]:
        return super().execute(connection.connection, text, *values)

    def add_order(self, connection: Any, no: str) -> None:
        self._parties().create([{"code": no, "name": no}])

    def orders(self) -> list[str]:
        with self.transaction():
            found = self._parties().search([("code", "like", "SO-%")])
            return sorted(party.code for party in found)
