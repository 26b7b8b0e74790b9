"""The block of a unit of work: who opens it ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from interactionlog.adapters.unit_of_work import StoreUnitOfWork, take_back

__all__ = ["Block"]

W = TypeVar("W", bound=StoreUnitOfWork)


class Block(Generic[W]):
    """
    Open a unit of work; ``keep`` what it did when the block ends normally, else ``abandon`` it.

    Both are told the session. A class and no generator: every drawn number opens such a block.
    """

    __slots__ = ("_abandon", "_keep", "_opened", "_work")

    def __init__(
        self,
        opened: Callable[[], W],
        *,
        keep: Callable[[Any], object],
        abandon: Callable[[Any], object],
    ) -> None:
        self._opened = opened
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
            work.session.lifetime.end()

    def _fail(self, error: BaseException) -> None:
        self._work.drop_events()
        take_back(lambda: self._abandon(self._work.session), error)
