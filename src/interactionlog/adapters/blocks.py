"""The block of a unit of work: who opens it ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from interactionlog.adapters.unit_of_work import StoreUnitOfWork, take_back

__all__ = ["ended_by"]

W = TypeVar("W", bound=StoreUnitOfWork)


class ended_by(Generic[W]):  # noqa: N801  # read as words: with ended_by(work, keep=…)
    """
    Run a block; ``keep`` what it did when it ends normally, else ``abandon`` it.

    A class and no generator: every drawn number opens such a block.
    """

    __slots__ = ("_abandon", "_keep", "_work")

    def __init__(
        self, work: W, *, keep: Callable[[], object], abandon: Callable[[], object]
    ) -> None:
        self._work = work
        self._keep = keep
        self._abandon = abandon

    def __enter__(self) -> W:
        return self._work

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        work = self._work
        try:
            if error is not None:
                self._fail(error)
            elif work.abandoned:
                self._abandon()
            else:
                self._finish()
        finally:
            work.session.lifetime.end()

    def _finish(self) -> None:
        try:
            self._keep()
        except BaseException as error:
            self._fail(error)
            raise

    def _fail(self, error: BaseException) -> None:
        self._work.drop_events()
        take_back(self._abandon, error)
