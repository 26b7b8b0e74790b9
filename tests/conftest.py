"""The adapters under test, the fixtures over them and Hypothesis' profiles."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from decimal import Context, Inexact, InvalidOperation, Rounded, localcontext
from functools import cache
from pathlib import Path
from shutil import disk_usage
from typing import Any

import pytest
from hypothesis import Phase, settings

from company import COMPANIES, Company
from stores import EVERY_ADAPTER, Begin, adapters, opening

# Tests start some hundred processes: each would compile the whole library anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# They write and delete some ten thousand files: in memory, where the system has room for that.
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a private directory in it
if os.access(MEMORY, os.W_OK) and disk_usage(MEMORY).free > 4 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

phases = set(Phase) - {Phase.explain}  # explaining takes minutes where entities are large
settings.register_profile("dev", max_examples=10, deadline=None, phases=phases)
settings.register_profile("ci", max_examples=200, deadline=None, phases=phases)
settings.register_profile("deep", max_examples=5_000, deadline=None, phases=phases)
settings.load_profile("dev")  # --hypothesis-profile chooses another

# What is made until all tests are collected is never thrown away: the collector of garbage need not look
# through it again and again.
gc.disable()

ON_TWO_STORES = {Path(__file__).parent / name for name in ("rules", "scenarios", "unit")}
"""Tests of services: contracts certify the ports, so that two stores show what a service does."""

UNDER_FOREIGN_DECIMALS = ON_TWO_STORES | {Path(__file__).parent / "contracts"}
FOREIGN = Context(prec=3, traps=[Inexact, Rounded, InvalidOperation])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Run tests of services on memory and SQLite only; the profile "deep" has them on every store.

    A test marked with `every_store` runs on each anyway: it shows what no contract shows. Tests of a
    module that asks for the profile are marked, so that another one can run them alone.
    """
    for item in items:
        if _asks_for_profile(item.path):
            item.add_marker("profile")
    if config.getoption("--hypothesis-profile") == "deep":
        return
    left_out = [item for item in items if not _is_needed(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _is_needed(item)]


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """
    Name a case by its place where its value is bytes or a long text, and otherwise as pytest does.

    The content of a file may hold the second in which it was packed, and two processes that name one
    test differently run none.
    """
    long = isinstance(val, bytes) or (isinstance(val, str) and len(val) > 200)
    return argname if long else None


@cache
def _asks_for_profile(path: Path) -> bool:
    return "get_current_profile_name" in path.read_text(encoding="utf-8")


def _is_needed(item: pytest.Item) -> bool:
    if ON_TWO_STORES.isdisjoint(item.path.parents) or item.get_closest_marker("every_store"):
        return True
    parameters = getattr(item, "callspec", None)
    chosen = parameters.params if parameters else {}
    names = ("begin", "store", "adapter", "company")
    return {chosen[name] for name in names if name in chosen} <= {"memory", "sqlite", "host"}


@pytest.fixture(autouse=True)
def _foreign_decimals(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the host have a decimal context that keeps three digits and raises when one is lost."""
    foreign = not UNDER_FOREIGN_DECIMALS.isdisjoint(request.path.parents)
    with localcontext(FOREIGN if foreign else None):
        yield


@pytest.fixture(params=EVERY_ADAPTER)
def begin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Begin]:
    """Open a new unit of work on one and the same store each time it is called."""
    with opening(request.param, tmp_path) as it:
        yield it


@pytest.fixture(params=adapters("memory", "sqlite", "postgresql"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Give a store that owns its transactions."""
    with opening(request.param, tmp_path) as it:
        yield it.store


@pytest.fixture(params=[*COMPANIES, *EVERY_ADAPTER[2:]])
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    """
    Give a company with everything at once: see `company.Company`.

    "host" is SQLite joined by a host that has the contacts in a directory of its own.
    """
    with Company.open_in(request.param, tmp_path) as it:
        yield it
