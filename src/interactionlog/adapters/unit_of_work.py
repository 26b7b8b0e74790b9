"""The block of a unit of work: the block that opens it ends it."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from interactionlog.campaigns.campaign import Campaign
from interactionlog.clock import Clock, SystemClock, require_clock
from interactionlog.contacts.contact import ReferenceCode, User
from interactionlog.errors import FieldInvalidError, UsageError
from interactionlog.hooks import Hooks
from interactionlog.templates.template import (
    InteractionGroup,
    InteractionTemplate,
    MarketingSetup,
    TemplateLanguage,
    TemplateSetup,
)
from interactionlog.unit_of_work import Records
from interactionlog.values import checked, shown

if TYPE_CHECKING:
    from attrs import frozen

    from interactionlog import ports
    from interactionlog.contacts.directory import UserRepository

    @frozen  # what it is to a caller: it cannot be set
    class _Repositories:
        """What a unit of work has, as the port says; each is made when it is first asked for."""

        contacts: ports.ContactRepository
        salespeople: ports.SalespersonRepository
        users: UserRepository
        marketing_setup: Records[MarketingSetup]
        template_setup: Records[TemplateSetup]
        interaction_groups: Records[InteractionGroup]
        templates: Records[InteractionTemplate]
        template_languages: Records[TemplateLanguage]
        reference_codes: Records[ReferenceCode]
        attachments: ports.AttachmentRepository
        interactions: ports.InteractionLogRepository
        deliveries: ports.DeliveryRepository
        idempotency_keys: ports.IdempotencyKeyRepository
        segments: ports.SegmentRepository
        logged_segments: ports.LoggedSegmentRepository
        campaigns: Records[Campaign]
        campaign_entries: ports.CampaignEntryRepository
        consents: ports.ConsentRepository
        suppressions: ports.SuppressionRepository
        personal: ports.PersonalRecords

else:
    _Repositories = object


class Lifetime:
    """
    Guards a unit of work: it serves one thread, from the beginning of its block to its end.

    Args:
        writable: ``False`` for a unit of work that only reads.
    """

    def __init__(self, *, writable: bool) -> None:
        self.writable = writable
        # threads that may read and write: compared in place, because every statement does so
        self.reader: int | None = threading.get_ident()  # None when it has ended
        self.writer = self.reader if writable else None
        self.opened: set[Any] = set()  # what may not stay open when it has ended

    def end(self, why: str = "this unit of work has ended") -> None:
        """Refuse every use from now on; the first reason given counts."""
        if self.reader is not None:
            self._why = why
        self.reader = self.writer = None

    def close(self) -> None:
        """End for good: from now on every use is refused, and nothing is left open."""
        self.end()
        for each in self.opened:
            with suppress(Exception):  # its connection may be closed
                each.close()

    def check(self) -> None:
        """Raise `UsageError` unless the unit of work may be used here and now."""
        if self.reader == threading.get_ident():
            return
        if self.reader is None:
            raise UsageError(f"{self._why}: open a new one with the store's begin() or read()")
        raise UsageError(
            "a unit of work belongs to the thread that opened it: open one in each thread"
        )

    def check_write(self) -> None:
        """Raise `UsageError` unless the unit of work may write here and now."""
        if self.writer == threading.get_ident():
            return
        self.check()
        raise UsageError("this unit of work only reads: open one with begin() to write")


class Session(Protocol):
    """The transaction of one unit of work."""

    lifetime: Lifetime
    tenant: str

    def savepoint(self) -> None:
        """Begin a nested block; blocks end last in, first out."""

    def release(self) -> None:
        """Keep what the innermost block did."""

    def rollback_to(self) -> None:
        """Take back what the innermost block did, and end it."""


E = TypeVar("E")
T = TypeVar("T")
S = TypeVar("S")


_RECORDS: dict[str, type[Any]] = {
    "marketing_setup": MarketingSetup,
    "template_setup": TemplateSetup,
    "interaction_groups": InteractionGroup,
    "templates": InteractionTemplate,
    "template_languages": TemplateLanguage,
    "reference_codes": ReferenceCode,
    "campaigns": Campaign,
}
"""Repositories that are the records of one kind and no more."""


class StoreUnitOfWork(_Repositories):
    """
    A `UnitOfWork` over a session, with repositories that write; a store says how each is made.

    Where a host brings its own directory of contacts, salespeople or users, that one is here:
    it has the methods that the host gave it.

    Repositories but the one of number series are made when they are first asked for: a unit of work
    that draws one number builds no other.
    """

    repositories: ClassVar[Mapping[str, Callable[..., Any]]]
    """How each repository is made from the session, by the name it has here; `records` of any."""

    def __init__(
        self, session: Session, *, clock: Clock, user_id: str | None, hooks: Hooks
    ) -> None:
        self.session = session
        self.clock = clock
        nobody = user_id is None and not session.lifetime.writable
        self.user_id: str | None = None if nobody else checked_user(user_id)
        self.hooks = hooks
        self.abandoned: bool = False
        self._events: list[object] = []
        self._made: dict[type[Any], Any] = {}
        # finding out that it is not there yet would cost a number drawn more than making it
        self.numbers: ports.NumberSeriesRepository = self.repositories["numbers"](session)

    if not TYPE_CHECKING:  # which knows them all, and refuses other names

        def __getattr__(self, name: str) -> Any:
            if name in _RECORDS:
                made = self.records(_RECORDS[name])
            elif name in self.repositories:
                made = self.repositories[name](self.session)
            else:
                raise AttributeError(f"a unit of work has no {name}")
            self.__dict__[name] = made
            return made

    @property
    def tenant(self) -> str:
        """Whose records these are: first part of every key; ``""`` where the store names none."""
        return self.session.tenant

    def records(self, entity: type[E]) -> Records[E]:
        """Return the records of one kind of entity."""
        if entity not in self._made:
            try:
                self._made[entity] = self.repositories["records"](self.session, entity)
            except (AttributeError, KeyError) as error:
                message = f"there are no records of {shown(entity)}: name a class that is stored"
                raise UsageError(message) from error
        return self._made[entity]  # type: ignore[no-any-return]

    def damage(self) -> Iterable[str]:
        """Give what the database itself says against its pages, indexes and columns."""
        return ()

    def is_operational(self, error: Exception) -> bool:  # noqa: ARG002
        """Say whether an error tells nothing of what is stored: the connection, a lock, a limit."""
        return False

    def scan(self, entity: type[E]) -> Iterator[E]:
        """Give every record of one kind, in no order; nothing is written meanwhile."""
        raise NotImplementedError

    def parts(self, table: Any) -> Iterator[Any]:
        """Give the rows of a table without entity as objects with its columns; for an export."""
        raise NotImplementedError

    def add_parts(self, table: Any, parts: Sequence[Any]) -> None:
        """Store such rows, or raise `DuplicateEntryError`; for an import."""
        raise NotImplementedError

    @property
    def events(self) -> Sequence[object]:
        """Facts recorded so far, in order; readable after the block as well."""
        return tuple(self._events)

    def record(self, event: object) -> None:
        """Record a frozen fact; it is dropped when the surrounding `atomic` block fails."""
        self._events.append(event)

    def drop_events(self, first: int = 0) -> None:
        """Forget the events from the one at ``first`` on: what they told did not happen."""
        del self._events[first:]

    def atomic(self) -> _Atomic:
        """Open a block that happens whole or leaves no trace."""
        return _Atomic(self)

    def rollback(self) -> None:
        """Abandon the unit of work: nothing of it stays, and it may not be used further."""
        self.session.lifetime.check()
        self.session.lifetime.end()
        self.abandoned = True
        self.drop_events()


class _Atomic:
    """A block of a unit of work with a savepoint; plain, because every draw of a number has one."""

    __slots__ = ("_recorded", "_work")

    def __init__(self, work: StoreUnitOfWork) -> None:
        self._work = work

    def __enter__(self) -> None:
        work = self._work
        work.session.lifetime.check_write()
        self._recorded = len(work._events)
        work.session.savepoint()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._fail(error)
        elif not self._work.abandoned:
            try:
                self._work.session.release()
            except BaseException as failure:
                self._fail(failure)
                raise

    def _fail(self, error: BaseException) -> None:
        self._work.drop_events(self._recorded)
        if not self._work.abandoned:
            take_back(self._work.session.rollback_to, error)


def take_back(action: Callable[[], object], error: BaseException) -> None:
    """Undo what a failed block did; a failure to do so never hides the first error."""
    try:
        action()
    except Exception as failure:  # whatever it is, the first error counts
        error.add_note(f"taking back what the block did failed as well: {failure!r}")


def checked_user(user_id: str | None) -> str:
    """Return the user in upper case, or raise `UsageError`: what is written names its writer."""
    try:
        user: str = _user(user_id)
    except (TypeError, FieldInvalidError) as error:
        raise UsageError(f"user_id must have 1 to 50 characters: {shown(user_id)}") from error
    return user


_user = lru_cache(256, typed=True)(lambda user_id: checked(User, {"user_id": user_id})["user_id"])


W = TypeVar("W", bound=StoreUnitOfWork)


class Block(Generic[W]):
    """
    Open a unit of work; ``keep`` what it did when the block ends normally, else ``abandon`` it.

    Both are told the session; ``told`` gives our own error for one of the driver. A class and no
    generator: every drawn number opens such a block.
    """

    __slots__ = ("_abandon", "_keep", "_opened", "_told", "_work")

    def __init__(
        self,
        opened: Callable[[], W],
        *,
        keep: Callable[[Any], object],
        abandon: Callable[[Any], object],
        told: Callable[[BaseException], Exception | None] | None = None,
    ) -> None:
        self._opened = opened
        self._told = told
        self._keep = keep
        self._abandon = abandon

    def __enter__(self) -> W:
        self._work = work = self._opened()
        return work

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        work = self._work
        try:
            if error is not None:
                self._fail(error)
            elif work.abandoned:
                self._abandon(work.session)
            else:
                try:
                    self._keep(work.session)
                except BaseException as failure:
                    self._fail(failure)
                    raise
        finally:
            work.session.lifetime.close()

    def _fail(self, error: BaseException) -> None:
        self._work.drop_events()
        take_back(lambda: self._abandon(self._work.session), error)
        ours = self._told(error) if self._told else None
        if ours is not None:
            raise ours from error


class Store:
    """What every store has: a tenant, and a ``with`` block that closes it."""

    def __init__(self, tenant: str, clock: Clock | None, hooks: Sequence[object]) -> None:
        self._tenant = tenant
        self._clock = SystemClock() if clock is None else require_clock(clock)
        self._hooks = Hooks(hooks)

    @property
    def tenant(self) -> str:
        """Whose records it keeps: first part of every key; ``""`` where none was named."""
        return self._tenant

    def close(self) -> None:
        """Close what the store opened; it may not be used further."""

    def __enter__(self: S) -> S:  # editors do not all know Self
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()


class OwnedStore(Store, ABC):
    """A store that begins and ends its own transactions."""

    _open = True

    def close(self) -> None:
        self._open = False

    def _check_open(self) -> None:
        if not self._open:
            raise UsageError("the store is closed")

    def _check_still_open(self) -> None:
        if not self._open:
            raise UsageError("the store was closed inside the block: nothing of it is kept")

    @abstractmethod
    def begin(self, *, user_id: str) -> AbstractContextManager[StoreUnitOfWork]:
        """
        Open a unit of work that writes: the block commits when it ends normally, else rolls back.

        Args:
            user_id: Who works; need not be a known user.

        Raises:
            UsageError: One is open in this thread already, or the store is closed.
            CommitOutcomeUnknownError: COMMIT failed and proves no rollback.
        """

    @abstractmethod
    def read(self, *, user_id: str | None = None) -> AbstractContextManager[StoreUnitOfWork]:
        """
        Open a unit of work that only reads: a snapshot, without a lock.

        It sees the last commit, also while a writing one is open in the same thread.

        Args:
            user_id: Who reads; whose salesperson and language a draft begins with.
        """

    def run(self, action: Callable[[StoreUnitOfWork], T], *, user_id: str) -> T:
        """
        Call ``action`` with a unit of work, again after an operational error.

        Tried again, up to the store's timeout, is what passes by itself: a database that is busy or
        locked, a serialization failure, a deadlock, a connection lost before COMMIT. A connection
        lost during COMMIT is not.
        """

        def attempt() -> T:
            with self.begin(user_id=user_id) as work:
                return action(work)

        return self._retry(attempt)

    def _retry(self, attempt: Callable[[], T]) -> T:
        return attempt()
