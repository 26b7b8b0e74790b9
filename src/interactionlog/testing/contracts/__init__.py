"""
What every adapter promises, as tests.

A contract is a class of tests for one protocol. The author of an adapter writes the fixtures that
it asks for and an empty subclass whose name begins with ``Test``; pytest does the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

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
