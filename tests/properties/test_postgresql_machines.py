"""The state machines on PostgreSQL: owned and inside a host's transaction."""

from __future__ import annotations

import pytest
from hypothesis import settings

import interactionlog as il
from postgres import HOW_TO_START, WANTED
from properties.test_logging_machine import LoggingMachine
from properties.test_number_machine import NumberMachine

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(not WANTED, reason=HOW_TO_START),
]


class PostgresLoggingMachine(LoggingMachine):
    """Entry numbers rise but have gaps: a refused logging drew some, and they do not come back."""

    adapters = ("postgresql", "postgresql-joined")

    def new_entries(self, entries):
        used = getattr(self, "used", 0)
        with self.begins[0].read() as work:
            stored = work.interactions.newest(il.LogFilter(), limit=10_000)
        numbers = sorted(entry.entry_no for entry in stored if entry.entry_no > used)
        assert len(numbers) == len(entries)
        self.log |= dict(zip(numbers, entries, strict=True))
        self.used = max([used, *numbers])


class PostgresNumberMachine(NumberMachine):
    """Inside a host's transaction numbers with gaps allowed come back like the others."""

    adapters = ("memory", "postgresql-joined")


TestLogging = PostgresLoggingMachine.TestCase
TestLogging.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestNumbers = PostgresNumberMachine.TestCase
TestNumbers.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
