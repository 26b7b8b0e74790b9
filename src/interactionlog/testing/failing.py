"""A store of which one call fails, to test that what an application does is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar, cast

from interactionlog.numbering.series import NumberSeriesRepository
from interactionlog.unit_of_work import UnitOfWork

_ITSELF = {"clock", "user_id", "tenant", "hooks", "events"}
_REPOSITORIES, _OF_NUMBERS = (
    [name for name, each in vars(kind).items() if isinstance(each, property)]
    for kind in (UnitOfWork, NumberSeriesRepository)
)

S = TypeVar("S")


class StorageFailureError(Exception):
    """The storage failed on purpose; no error of the library's, as one of a driver is none."""


class FailingStore:
    """
    A store whose call number ``at`` fails, once; what comes before and after it works.

    Counted are calls of repositories such as ``work.interactions.add``, by services as well, in all
    units of work that it opens. Whatever else the store has, this one has too.

    Args:
        store: A store that owns its transactions, such as a `MemoryStore`.
        at: Which call fails, counted from 1.

    Attributes:
        calls: How many there were so far.
    """

    def __init__(self, store: Any, *, at: int) -> None:
        self._store, self._at, self.calls = store, at, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def begin(self, *, user_id: str) -> Iterator[Any]:
        """Open a unit of work, as the store's."""
        with self._store.begin(user_id=user_id) as work:
            yield self._failing(work)

    @contextmanager
    def read(self, *, user_id: str | None = None) -> Iterator[Any]:
        """Open a unit of work that only reads, as the store's."""
        with self._store.read(user_id=user_id) as work:
            yield self._failing(work)

    def run(self, action: Callable[[Any], Any], *, user_id: str) -> Any:
        """Call ``action`` in a unit of work, as the store's; this failure is not tried again."""
        return self._store.run(lambda work: action(self._failing(work)), user_id=user_id)

    def _failing(self, work: Any) -> Any:
        records = work.records
        failing = {name: _Failing(getattr(work, name), self) for name in {*_REPOSITORIES} - _ITSELF}
        vars(work).update(failing)
        work.records = lambda entity: _Failing(records(entity), self)
        return work

    def _count(self, name: str) -> None:
        self.calls += 1
        if self.calls == self._at:
            raise StorageFailureError(f"call {self.calls} fails on purpose: {name}")


class _Failing:
    """A repository whose calls are counted."""

    def __init__(self, repository: Any, store: FailingStore) -> None:
        self._repository, self._store = repository, store

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._repository, name)
        if name in _OF_NUMBERS:
            return _Failing(found, self._store)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self._store._count(f"{type(self._repository).__name__}.{name}")
            return found(*arguments, **named)

        return call


def failing_in_turn(store: S) -> Iterator[S]:
    """
    Give the store with its first call failing, with its second one, and so on: `FailingStore`.

    It ends after one in which nothing failed: let each do the same, and look at what is stored.
    """
    for at in count(1):
        failing = FailingStore(store, at=at)
        yield cast(S, failing)  # it has whatever the store has
        if failing.calls < at:
            return
