"""Entry numbers: unique and rising, drawn for a whole chunk at once."""

from __future__ import annotations

from interactionlog.adapters.sql.session import SqlSession

__all__ = ["EntryCounter"]


class EntryCounter:
    """The counter row of one kind of entry."""

    def __init__(self, session: SqlSession, kind: str) -> None:
        self._session = session
        self._kind = kind

    def reserve(self, count: int) -> range:
        """Reserve ``count`` numbers above every stored or reserved one."""
        row = self._session.returning("reserve_numbers", self._session.tenant, self._kind, count)
        assert row is not None  # noqa: S101  # an upsert always returns its row
        return range(row[0] - count + 1, row[0] + 1)

    def keep_above(self, number: int) -> None:
        """Never hand out a number that was stored by hand."""
        self._session.change("raise_counter", self._session.tenant, self._kind, number)
