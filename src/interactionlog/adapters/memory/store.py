"""The store without a database: the same promises, in milliseconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar, TypeVar

from interactionlog.adapters.memory.contacts import MemoryContacts, MemorySalespeople
from interactionlog.adapters.memory.interactions import (
    MemoryAttachments,
    MemoryCampaignEntries,
    MemoryIdempotencyKeys,
    MemoryInteractionLog,
)
from interactionlog.adapters.memory.numbers import MemoryNumberSeries
from interactionlog.adapters.memory.segments import MemoryLoggedSegments, MemorySegments
from interactionlog.adapters.memory.session import (
    MemoryRecords,
    MemorySession,
    MemoryState,
    is_lines,
)
from interactionlog.adapters.tables import TABLES
from interactionlog.adapters.unit_of_work import Block, OwnedStore, StoreUnitOfWork
from interactionlog.clock import Clock
from interactionlog.contacts.contact import Salesperson
from interactionlog.errors import UsageError
from interactionlog.unit_of_work import Records

E = TypeVar("E")


class MemoryUnitOfWork(StoreUnitOfWork):
    """Repositories over one memory session."""

    session: MemorySession
    repositories: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "contacts": MemoryContacts,
        "salespeople": partial(MemorySalespeople, entity=Salesperson),
        "attachments": MemoryAttachments,
        "interactions": MemoryInteractionLog,
        "idempotency_keys": MemoryIdempotencyKeys,
        "segments": MemorySegments,
        "logged_segments": MemoryLoggedSegments,
        "campaign_entries": MemoryCampaignEntries,
        "numbers": MemoryNumberSeries,
    }

    def make_records(self, entity: type[E]) -> Records[E]:
        """Build the records of one kind."""
        return MemoryRecords(self.session, entity)

    def scan(self, entity: type[E]) -> Iterator[E]:
        """Give every record of one kind, in no order; nothing is written meanwhile."""
        name = TABLES[entity].name
        for table in list(self.session.state.tables):
            if table == name or (is_lines(table) and table[0] == name):
                yield from self.session.read(table).values()


class MemoryStore(OwnedStore):
    """
    Everything in memory, with the guarantees of a database: for tests of business rules.

    One unit of work writes at a time, others wait for it; readers see the last commit. A store may
    be shared by threads, a unit of work belongs to the thread that opened it.

    Args:
        tenant: Name of the tenant whose records these are; a store in memory has one.
        clock: Where time comes from; the machine's by default.
        hooks: Objects with methods of the hook protocols.
    """

    def __init__(
        self, *, tenant: str = "", clock: Clock | None = None, hooks: Sequence[object] = ()
    ) -> None:
        super().__init__(tenant, clock, hooks)
        self._open = True
        self._state = MemoryState()
        self._writing = threading.Lock()
        self._writer: tuple[int, MemorySession] | None = None
        self._mutex = threading.Lock()

    @contextmanager
    def begin(self, *, user_id: str) -> Iterator[MemoryUnitOfWork]:
        self._check_open()
        if self._writer is not None and self._writer[0] == threading.get_ident():
            message = "a unit of work is open in this thread already: pass it on instead"
            raise UsageError(message)
        with self._writing:
            session = MemorySession(self._state, self._tenant, writable=True, mutex=self._mutex)
            work = MemoryUnitOfWork(session, clock=self._clock, user_id=user_id, hooks=self._hooks)
            self._writer = (threading.get_ident(), session)
            try:
                with Block(lambda: work, keep=self._ended, abandon=MemorySession.undo):
                    yield work
            finally:
                self._writer = None

    def _ended(self, _: MemorySession) -> None:
        # from here on readers see what was written
        with self._mutex:
            self._writer = None

    @contextmanager
    def read(self) -> Iterator[MemoryUnitOfWork]:
        self._check_open()
        with self._mutex:
            writer = self._writer
            state = self._state.copy() if writer is None else writer[1].committed()
        session = MemorySession(state, self._tenant, writable=False, mutex=threading.Lock())
        work = MemoryUnitOfWork(session, clock=self._clock, user_id=None, hooks=self._hooks)
        with Block(lambda: work, keep=_nothing, abandon=_nothing):
            yield work

    def close(self) -> None:
        self._open = False

    def _check_open(self) -> None:
        if not self._open:
            message = "the store is closed"
            raise UsageError(message)


def _nothing(_: MemorySession) -> None:
    """A snapshot is neither kept nor taken back."""
