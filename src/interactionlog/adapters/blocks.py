"""The block of a unit of work: who opens it ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from interactionlog.adapters.unit_of_work import StoreUnitOfWork, take_back

__all__ = ["ended_by"]

W = TypeVar("W", bound=StoreUnitOfWork)


@contextmanager
def ended_by(work: W, *, keep: Callable[[], object], abandon: Callable[[], object]) -> Iterator[W]:
    """Run the block; ``keep`` what it did when it ends normally, else ``abandon`` it."""
    try:
        yield work
        if not work.abandoned:
            keep()
    except BaseException as error:
        work.drop_events()
        take_back(abandon, error)
        raise
    else:
        if work.abandoned:
            abandon()
    finally:
        work.session.lifetime.end()
