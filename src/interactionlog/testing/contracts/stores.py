"""What stores promise that own their transactions, and those that keep several tenants."""

from __future__ import annotations

import threading

import pytest

from interactionlog.errors import UsageError
from interactionlog.testing.begin import Begin, contacts_of
from interactionlog.testing.builders import a_contact, a_line, add_segment, an_entry

__all__ = ["OwnedStoreContract", "TenantContract"]


class OwnedStoreContract:
    """What a store promises that owns its transactions. Needs a ``begin`` fixture."""

    def test_a_reader_has_no_user(self, begin: Begin) -> None:
        with begin.read() as work:
            assert work.user_id is None

    def test_a_reader_does_not_write(self, begin: Begin) -> None:
        with begin.read() as work, pytest.raises(UsageError, match="only reads"):
            work.interactions.add(an_entry(7))

    def test_a_reader_reserves_no_numbers(self, begin: Begin) -> None:
        with begin.read() as work, pytest.raises(UsageError, match="only reads"):
            work.interactions.reserve_entry_nos(1)

    def test_a_reader_opens_no_atomic_block(self, begin: Begin) -> None:
        with begin.read() as work, pytest.raises(UsageError, match="only reads"), work.atomic():
            pass

    def test_a_second_unit_of_work_in_the_same_thread_is_refused(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            with pytest.raises(UsageError, match="open in this thread already"), begin():
                pass
        with begin() as work:
            assert work.interactions.get(7) == an_entry(7)

    def test_a_second_writer_waits_and_sees_what_the_first_wrote(self, begin: Begin) -> None:
        started, seen = threading.Event(), []

        def add_a_line() -> None:
            started.set()
            with begin() as work:
                work.segments.lock("SM00001")
                seen.append(work.segments.last_line_no("SM00001"))
                work.segments.add_lines([a_line(seen[0] + 10_000)])

        with begin() as work:
            add_segment(work, "SM00001", ["CT000001"])
            thread = threading.Thread(target=add_a_line)
            thread.start()
            started.wait()
            work.segments.lock("SM00001")
            work.segments.add_lines([a_line(20_000)])
        thread.join()
        assert seen == [20_000]
        with begin() as work:
            assert work.segments.last_line_no("SM00001") == 30_000
            assert work.segments.get("SM00001").version == 2


class TenantContract:
    """What two tenants of one database promise each other. Needs a ``begin`` fixture."""

    def test_a_tenant_does_not_see_the_others_records(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            contacts_of(work).put(a_contact())
        with begin.tenant("OTHER")() as work:
            assert work.interactions.find(7) is None
            assert contacts_of(work).all() == []

    def test_a_key_may_be_used_by_every_tenant(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7, description="ours"))
        with begin.tenant("OTHER")() as work:
            work.interactions.add(an_entry(7, description="theirs"))
        with begin() as work:
            assert work.interactions.get(7).description == "ours"

    def test_a_tenant_does_not_delete_the_others_lines(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT000001"])
        with begin.tenant("OTHER")() as work:
            add_segment(work, "SM00001", ["CT000001"])
            work.segments.remove("SM00001")
        with begin() as work:
            assert work.segments.totals("SM00001").lines == 1

    def test_entry_numbers_are_counted_for_each_tenant(self, begin: Begin) -> None:
        with begin() as work:
            ours = work.interactions.reserve_entry_nos(3)
        with begin.tenant("OTHER")() as work:
            assert work.interactions.reserve_entry_nos(3) == ours
