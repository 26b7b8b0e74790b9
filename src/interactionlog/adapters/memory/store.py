"""The store without a database: the same promises, in milliseconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar

import attrs

from interactionlog.adapters.memory import contacts, interactions, numbers, segments
from interactionlog.adapters.memory.session import MemoryRecords, MemorySession, MemoryState
from interactionlog.adapters.tables import TABLES, Table, readable
from interactionlog.adapters.unit_of_work import Block, OwnedStore, StoreUnitOfWork
from interactionlog.arguments import judged
from interactionlog.clock import Clock
from interactionlog.errors import DuplicateEntryError, UsageError
from interactionlog.segments.logging.logged_segments import LeftOutLine
from interactionlog.segments.segment import SegmentLine
from interactionlog.values import trusted

E = TypeVar("E")


_LINE = tuple(field.name for field in attrs.fields(SegmentLine))


def _line(part: Any) -> SegmentLine:
    line: SegmentLine = trusted(SegmentLine)(*(getattr(part, name) for name in _LINE))
    return line


_WHOLES: dict[str, Callable[[Any], Any]] = {
    "attachment_content": lambda part: part.content,
    "removed_line": _line,
    "left_out_line": lambda part: LeftOutLine(line=_line(part), reasons=tuple(part.reasons)),
}
"""What memory keeps of the columns of a row that is no record."""


class MemoryUnitOfWork(StoreUnitOfWork):
    """Repositories over one memory session."""

    session: MemorySession
    repositories: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "records": MemoryRecords,
        "contacts": contacts.MemoryContacts,
        "users": contacts.MemoryUsers,
        "salespeople": contacts.MemorySalespeople,
        "attachments": interactions.MemoryAttachments,
        "interactions": interactions.MemoryInteractionLog,
        "deliveries": interactions.MemoryDeliveries,
        "idempotency_keys": interactions.MemoryIdempotencyKeys,
        "segments": segments.MemorySegments,
        "logged_segments": segments.MemoryLoggedSegments,
        "campaign_entries": interactions.MemoryCampaignEntries,
        "consents": contacts.MemoryConsents,
        "suppressions": contacts.MemorySuppressions,
        "personal": contacts.MemoryPersonalRecords,
        "numbers": numbers.MemoryNumberSeries,
    }

    def parts(self, table: Table[Any]) -> Iterator[Any]:
        for key, value in self.session.read(table.name).items():
            whole = SimpleNamespace(content=value) if isinstance(value, bytes) else value
            own = contacts.values_of(table, key, whole)
            if "reasons" in own:
                own["reasons"] = [*own["reasons"]]  # as they come out of a database
            yield SimpleNamespace(**own)
            self.session.lifetime.check()

    def add_parts(self, table: Table[Any], parts: Sequence[Any]) -> None:
        there, pairs = self.session.read(table.name), []
        for part in parts:
            key = tuple(getattr(part, name) for name in table.key)
            if key in there:
                raise DuplicateEntryError(table.words, readable(key))
            pairs.append((key, _WHOLES[table.name](part)))
        self.session.set_many(table.name, pairs)

    def scan(self, entity: type[E]) -> Iterator[E]:
        for record in self.session.read(TABLES[entity].name).values():
            yield record
            self.session.lifetime.check()


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

    @judged
    def __init__(
        self, *, tenant: str = "", clock: Clock | None = None, hooks: Sequence[object] = ()
    ) -> None:
        super().__init__(tenant, clock, hooks)
        self._state = MemoryState()
        self._writing = threading.Lock()
        self._writer: tuple[int, MemorySession] | None = None
        self._mutex = threading.Lock()

    @contextmanager
    def begin(self, *, user_id: str) -> Iterator[MemoryUnitOfWork]:
        self._check_open()
        if self._writer is not None and self._writer[0] == threading.get_ident():
            raise UsageError("a unit of work is open in this thread already: pass it on instead")
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
        self._check_still_open()
        # from here on readers see what was written
        with self._mutex:
            self._writer = None

    @contextmanager
    def read(self, *, user_id: str | None = None) -> Iterator[MemoryUnitOfWork]:
        self._check_open()
        with self._mutex:
            writer = self._writer
            state = self._state.copy() if writer is None else writer[1].committed()
        session = MemorySession(state, self._tenant, writable=False, mutex=threading.Lock())
        work = MemoryUnitOfWork(session, clock=self._clock, user_id=user_id, hooks=self._hooks)
        undo = MemorySession.undo  # there is nothing to undo, nor to keep
        with Block(lambda: work, keep=undo, abandon=undo):
            yield work
