"""Nothing grows with use: threads that ended, units of work, caches."""

from __future__ import annotations

import gc
import sys
import threading

import pytest
from hypothesis import settings

import interactionlog as il
from interactionlog.testing import a_contact
from stores import opening

DEEP = settings.get_current_profile_name() == "deep"


@pytest.mark.every_store
@pytest.mark.parametrize("adapter", ["memory", "sqlite", "postgresql"])
def test_a_thread_that_ended_leaves_no_connection(adapter, tmp_path):
    with opening(adapter, tmp_path) as begin:
        errors = []

        def request(number):
            try:
                with begin.store.read() as work:
                    work.contacts.find("CT1")
                with begin() as work:
                    work.contacts.put(a_contact(f"CT{number}"))
            except Exception as error:  # shown by the test
                errors.append(error)

        for number in range(1_000 if DEEP else 20):
            thread = threading.Thread(target=request, args=(number,))
            thread.start()
            thread.join()
        assert errors == []
        assert len(getattr(begin.store, "_connections", [])) <= 4


@pytest.mark.parametrize("adapter", ["memory", "sqlite"])
def test_units_of_work_leave_nothing_behind(adapter, tmp_path):
    many = 100_000 if DEEP else 300
    with opening(adapter, tmp_path) as begin:
        with begin() as work:
            setup = il.numbering.NumberSeriesSetup(work)
            setup.create_series(il.numbering.NoSeries(code="N", ledger=False))
            setup.add_line("N", "N0000001")

        def use(times):
            for number in range(times):
                with begin() as work:
                    il.numbering.NumberSeries(work).next("N")
                with begin.read() as work:
                    assert work.contacts.find(f"CT{number}") is None
            gc.collect()
            return sys.getallocatedblocks()

        use(1_200 if DEEP else 50)  # caches are full
        before = use(10)
        assert use(many) - before < many // 10 + 2_000
