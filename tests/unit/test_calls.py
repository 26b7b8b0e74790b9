"""How many calls between modules and statements a service takes; `benchmarks/calls.py` shows which."""

from __future__ import annotations

import pytest

from benchmarks.calls import BOUNDS, STATEMENTS, Counted, count


@pytest.fixture(scope="module")
def counted() -> dict[str, Counted]:
    return count()


@pytest.mark.parametrize("service", BOUNDS)
def test_a_service_takes_few_calls_between_modules(counted: dict[str, Counted], service: str):
    calls = counted[service].calls.total()
    assert calls <= BOUNDS[service]


@pytest.mark.parametrize("service", STATEMENTS)
def test_a_service_takes_few_statements(counted: dict[str, Counted], service: str):
    assert len(counted[service].statements) <= STATEMENTS[service], counted[service].statements
