"""
What every adapter promises, as tests.

A contract is a class of tests for one protocol. The author of an adapter writes the fixtures that
it asks for and an empty subclass whose name begins with ``Test``; pytest does the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs
import pytest

from interactionlog.interactions.repository import InteractionLogRepository
from interactionlog.segments.logging.logged_segments import LoggedSegmentRepository
from interactionlog.segments.segment import SegmentRepository
from interactionlog.testing.builders import Begin
from interactionlog.unit_of_work import UnitOfWork

Work = UnitOfWork
Log = InteractionLogRepository
Segments = SegmentRepository
Logged = LoggedSegmentRepository


def assert_alike(found: Any, expected: Any) -> None:
    """Fail unless a record is equal in each field, of the same type and in the same zone."""
    assert isinstance(found, type(expected))
    for field in attrs.fields(type(expected)):
        its, due = getattr(found, field.name), getattr(expected, field.name)
        assert isinstance(its, type(due)), f"{field.name} must be {due!r}, is {its!r}"
        assert its == due, f"{field.name} must be {due!r}, is {its!r}"
        if isinstance(due, datetime):
            assert its.utcoffset() == due.utcoffset(), f"{field.name} must be in UTC: {its!r}"


class Contract:
    """Tests over a fixture ``begin``; most of them need but one unit of work."""

    @pytest.fixture
    def work(self, begin: Begin) -> Iterator[Work]:
        """Open a unit of work that ends with the test."""
        with begin() as opened:
            yield opened

    @pytest.fixture
    def log(self, work: Work) -> Log:
        return work.interactions

    @pytest.fixture
    def segments(self, work: Work) -> Segments:
        return work.segments

    @pytest.fixture
    def logged(self, work: Work) -> Logged:
        return work.logged_segments
