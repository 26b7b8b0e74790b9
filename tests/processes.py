"""Processes that have imported everything when they start, so that a new one takes milliseconds."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def processes() -> Any:
    """Return the context that starts them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["concurrency.postgres_workers", "workers"])
    return context


def together(
    action: Callable[..., object], workers: int, *given: object
) -> tuple[list[Any], float]:
    """
    Call ``action(*given, seed, wait)`` in so many processes; ``wait`` returns when all are ready.

    Returns:
        What each returned, by seed, and the seconds from the moment that all were ready.
    """
    context = processes()
    barrier, told = context.Barrier(workers + 1), context.Queue()
    started = [
        context.Process(target=_call, args=(action, given, seed, barrier, told))
        for seed in range(workers)
    ]
    for process in started:
        process.start()
    barrier.wait()
    begin = time.perf_counter()
    answers = dict(told.get(timeout=300) for _ in started)
    seconds = time.perf_counter() - begin
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * workers
    return [answers[seed] for seed in range(workers)], seconds


def _call(action: Any, given: tuple[object, ...], seed: int, barrier: Any, told: Any) -> None:
    told.put((seed, action(*given, seed, barrier.wait)))
