"""Entry numbers in memory: unique and rising."""

from __future__ import annotations

from interactionlog.adapters.memory.session import MemorySession

__all__ = ["EntryCounter"]


class EntryCounter:
    """The counter of one kind of entry."""

    def __init__(self, session: MemorySession, kind: str) -> None:
        self._session = session
        self._kind = kind

    def reserve(self, count: int) -> range:
        """Reserve ``count`` numbers above every stored or reserved one."""
        last = self._session.read("entry_counter").get(self._kind, 0)
        self._session.set("entry_counter", self._kind, last + count)
        return range(last + 1, last + count + 1)

    def keep_above(self, number: int) -> None:
        """Never hand out a number that was stored by hand."""
        if self._session.read("entry_counter").get(self._kind, 0) < number:
            self._session.set("entry_counter", self._kind, number)
