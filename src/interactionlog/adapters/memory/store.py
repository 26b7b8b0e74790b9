"""The store without a database: the same promises, in milliseconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TypeVar

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
from interactionlog.adapters.unit_of_work import Block, StoreUnitOfWork
from interactionlog.clock import Clock, SystemClock
from interactionlog.contacts.contact import Salesperson, User
from interactionlog.errors import UsageError
from interactionlog.hooks import Hooks
from interactionlog.unit_of_work import Records

E = TypeVar("E")
T = TypeVar("T")


class MemoryUnitOfWork(StoreUnitOfWork):
    """Repositories over one memory session."""

    session: MemorySession

    def make_records(self, entity: type[E]) -> Records[E]:
        """Build the records of one kind."""
        return MemoryRecords(self.session, entity)

    def scan(self, entity: type[E]) -> Iterator[E]:
        """Give every record of one kind, in no order; nothing is written meanwhile."""
        name = TABLES[entity].name
        for table in list(self.session.state.tables):
            if table == name or (is_lines(table) and table[0] == name):
                yield from self.session.read(table).values()

    @cached_property
    def contacts(self) -> MemoryContacts:  # type: ignore[override]  # a read-only view of it
        """Contacts."""
        return MemoryContacts(self.session)

    @cached_property
    def salespeople(self) -> MemorySalespeople:  # type: ignore[override]
        """Salespeople."""
        return MemorySalespeople(self.session, Salesperson)

    @cached_property
    def users(self) -> Records[User]:  # type: ignore[override]
        """Users."""
        return MemoryRecords(self.session, User)

    @cached_property
    def attachments(self) -> MemoryAttachments:  # type: ignore[override]
        """Attachments."""
        return MemoryAttachments(self.session)

    @cached_property
    def interactions(self) -> MemoryInteractionLog:  # type: ignore[override]
        """The interaction log."""
        return MemoryInteractionLog(self.session)

    @cached_property
    def idempotency_keys(self) -> MemoryIdempotencyKeys:  # type: ignore[override]
        """Idempotency keys."""
        return MemoryIdempotencyKeys(self.session)

    @cached_property
    def segments(self) -> MemorySegments:  # type: ignore[override]
        """Open segments."""
        return MemorySegments(self.session)

    @cached_property
    def logged_segments(self) -> MemoryLoggedSegments:  # type: ignore[override]
        """Logged segments."""
        return MemoryLoggedSegments(self.session)

    @cached_property
    def campaign_entries(self) -> MemoryCampaignEntries:  # type: ignore[override]
        """Campaign entries."""
        return MemoryCampaignEntries(self.session)

    def make_numbers(self) -> MemoryNumberSeries:
        """Build the number series."""
        return MemoryNumberSeries(self.session)


class MemoryStore:
    """
    Everything in memory, with the guarantees of a database: for tests of business rules.

    One unit of work writes at a time, others wait for it; readers see the last commit. A store may
    be shared by threads, a unit of work belongs to the thread that opened it.

    Args:
        clock: Where time comes from; the machine's by default.
        hooks: Objects with methods of the hook protocols.
    """

    def __init__(self, *, clock: Clock | None = None, hooks: Sequence[object] = ()) -> None:
        self._clock = clock or SystemClock()
        self._hooks = Hooks(hooks)
        self._state = MemoryState()
        self._writing = threading.Lock()
        self._writer: tuple[int, MemorySession] | None = None
        self._mutex = threading.Lock()

    @contextmanager
    def begin(self, *, user_id: str) -> Iterator[MemoryUnitOfWork]:
        """
        Open a unit of work that writes: the block keeps its work when it ends normally.

        Args:
            user_id: Who works; need not be a known user.

        Raises:
            UsageError: One is open in this thread already.
        """
        if self._writer is not None and self._writer[0] == threading.get_ident():
            message = "a unit of work is open in this thread already: pass it on instead"
            raise UsageError(message)
        with self._writing:
            session = MemorySession(self._state, writable=True, mutex=self._mutex)
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
        """Open a unit of work that only reads: a snapshot of the last commit, without user."""
        with self._mutex:
            writer = self._writer
            state = self._state.copy() if writer is None else writer[1].committed()
        session = MemorySession(state, writable=False, mutex=threading.Lock())
        work = MemoryUnitOfWork(session, clock=self._clock, user_id=None, hooks=self._hooks)
        with Block(lambda: work, keep=_nothing, abandon=_nothing):
            yield work

    def run(self, action: Callable[[MemoryUnitOfWork], T], *, user_id: str) -> T:
        """Call ``action`` with a unit of work; nothing can get in its way here."""
        with self.begin(user_id=user_id) as work:
            return action(work)


def _nothing(_: MemorySession) -> None:
    """A snapshot is neither kept nor taken back."""
