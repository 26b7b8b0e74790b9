"""What a unit of work asks of its store: whether it may be used, and savepoints."""

from __future__ import annotations

import threading
from typing import Protocol

from interactionlog.errors import UsageError

__all__ = ["Lifetime", "Session"]


class Lifetime:
    """
    Guards a unit of work: it serves one thread, from the beginning of its block to its end.

    Args:
        writable: ``False`` for a unit of work that only reads.
    """

    def __init__(self, *, writable: bool) -> None:
        self.writable = writable
        self._thread: int | None = threading.get_ident()  # None when it has ended

    def end(self) -> None:
        """Refuse every use from now on."""
        self._thread = None

    def check(self) -> None:
        """Raise `UsageError` unless the unit of work may be used here and now."""
        if self._thread == threading.get_ident():
            return
        if self._thread is None:
            message = (
                "this unit of work has ended: open a new one with the store's begin() or read()"
            )
            raise UsageError(message)
        message = "a unit of work belongs to the thread that opened it: open one in each thread"
        raise UsageError(message)

    def check_write(self) -> None:
        """Raise `UsageError` unless the unit of work may write here and now."""
        if self.writable and self._thread == threading.get_ident():
            return
        self.check()
        message = "this unit of work only reads: open one with begin() to write"
        raise UsageError(message)


class Session(Protocol):
    """The transaction of one unit of work."""

    lifetime: Lifetime
    tenant: str

    def savepoint(self) -> None:
        """Begin a nested block; blocks end last in, first out."""
        ...

    def release(self) -> None:
        """Keep what the innermost block did."""
        ...

    def rollback_to(self) -> None:
        """Take back what the innermost block did, and end it."""
        ...
