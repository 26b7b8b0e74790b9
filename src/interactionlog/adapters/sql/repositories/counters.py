"""Entry numbers: unique and rising, drawn for a whole chunk at once."""

from __future__ import annotations

from collections.abc import Sequence

from interactionlog.adapters.sql.session import SqlSession

__all__ = ["EntryCounter"]

_STEPS = 10_000
"""A sequence is raised by drawing so many numbers at most: nobody can be drawing more meanwhile."""


class EntryCounter:
    """
    The numbers of one kind of entry.

    A row of counters where one transaction writes at a time; elsewhere a sequence, because a row
    that is held until the host commits would make everybody wait.
    """

    def __init__(self, session: SqlSession, kind: str) -> None:
        self._session = session
        self._kind = kind
        self._reserved = 0
        self._undone = 0

    def reserve(self, count: int) -> Sequence[int]:
        """Reserve ``count`` numbers above every stored or reserved one."""
        if self._session.driver.one_writer:
            row = self._session.returning(
                "reserve_numbers", self._session.tenant, self._kind, count
            )
            assert row is not None  # noqa: S101  # an upsert always returns its row
            numbers: Sequence[int] = range(row[0] - count + 1, row[0] + 1)
        else:
            numbers = self._next(count)
        self._reserved = numbers[-1] if numbers else self._reserved
        self._undone = self._session.undone
        return numbers

    def keep_above(self, number: int) -> None:
        """Never hand out a number that was stored by hand."""
        if number <= self._reserved and self._session.undone == self._undone:
            return  # the counter is above it for certain
        if self._session.driver.one_writer:
            self._session.change("raise_counter", self._session.tenant, self._kind, number)
            return
        row = self._session.returning(f"last_number_of_{self._kind}")
        assert row is not None  # noqa: S101  # a sequence always has its row
        behind = number - row[0]
        if behind > 2 * _STEPS:
            self._session.returning(f"skip_numbers_of_{self._kind}", number - _STEPS)
            behind = _STEPS
        if behind > 0:
            self._next(behind)

    def _next(self, count: int) -> Sequence[int]:
        rows = self._session.returning_all(f"next_numbers_of_{self._kind}", count)
        return [row[0] for row in rows]
