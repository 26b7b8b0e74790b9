"""What stores and units of work promise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

import interactionlog as il
from interactionlog.delivery.delivery import Claim
from interactionlog.testing.builders import (
    MOMENT,
    Begin,
    a_campaign,
    a_contact,
    a_line,
    a_template,
    add_segment,
    an_entry,
    contacts_of,
)
from interactionlog.testing.contracts import Contract, Work
from interactionlog.testing.race_calls import CALLS, read, reading
from interactionlog.testing.race_world import (
    Numbers,
    State,
    difference,
    numbers_of,
    populate,
    rows_of,
    state_of,
)


class StoreContract:
    """
    What every store has that owns its transactions. Needs a ``store`` fixture: an open one.

    A host's store has ``tenant``, ``close`` and ``with`` as well; its host begins and ends.
    """

    def test_it_says_whose_records_it_keeps(self, store: Any) -> None:
        assert isinstance(store.tenant, str)
        with store.begin(user_id="TESTER") as work:
            assert work.tenant == store.tenant

    def test_what_was_written_is_read(self, store: Any) -> None:
        with store.begin(user_id="TESTER") as work:
            work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
        with store.read() as work:
            assert work.interaction_groups.get("PHONE") == il.InteractionGroup(code="PHONE")

    def test_running_gives_what_the_action_returns(self, store: Any) -> None:
        group = il.InteractionGroup(code="PHONE")
        store.run(lambda work: work.interaction_groups.put(group), user_id="TESTER")
        assert store.run(lambda work: work.interaction_groups.all(), user_id="TESTER") == [group]

    def test_running_what_raises_leaves_no_trace(self, store: Any) -> None:
        def fail(work: Any) -> None:
            work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
            raise KeyError

        with pytest.raises(KeyError):
            store.run(fail, user_id="TESTER")
        with store.read() as work:
            assert work.interaction_groups.all() == []

    def test_a_with_block_closes_it_and_it_may_be_closed_twice(self, store: Any) -> None:
        with store as the_same:
            assert the_same is store
        store.close()
        with pytest.raises(il.UsageError, match="closed"), store.begin(user_id="TESTER"):
            pass
        with pytest.raises(il.UsageError, match="closed"), store.read():
            pass

    @pytest.mark.parametrize("goes_on", [False, True])
    def test_a_block_in_which_it_is_closed_keeps_nothing_and_says_so(
        self, store: Any, goes_on: bool
    ) -> None:
        opened: list[Any] = []
        with pytest.raises(il.UsageError, match="closed inside"), store.begin(user_id="A") as work:
            opened.append(work)
            work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
            work.record("put")
            store.close()
            if goes_on:
                work.interaction_groups.all()
        assert opened[0].events == ()


class OwnedStoreContract:
    """What a store promises that owns its transactions. Needs a ``begin`` fixture."""

    def test_a_reader_has_no_user(self, begin: Begin) -> None:
        with begin.read() as work:
            assert work.user_id is None

    @pytest.mark.parametrize(
        "use",
        [
            lambda work: work.interactions.add(an_entry(7)),
            lambda work: work.interactions.reserve(1),
            lambda work: work.interaction_groups.lock("PHONE"),
            lambda work: work.segments.lock("SM00001"),
            lambda work: work.atomic().__enter__(),
        ],
        ids=["write", "reserve numbers", "lock", "lock a segment", "open an atomic block"],
    )
    def test_a_reader_does_not(self, begin: Begin, use: Callable[[Work], object]) -> None:
        with begin.read() as work, pytest.raises(il.UsageError, match="only reads"):
            use(work)

    def test_a_reader_is_told_so_where_there_is_nothing_to_write(self, begin: Begin) -> None:
        with begin() as work:
            work.campaigns.put(a_campaign("CP1"))
        with begin.read() as work:
            uses: list[Callable[[], object]] = [
                lambda: work.campaigns.add(a_campaign("CP1")),
                lambda: work.campaigns.replace(a_campaign("CP2")),
                lambda: work.campaigns.set("CP2", activated=True),
                lambda: work.campaigns.set_many(["CP2"], activated=True),
                lambda: work.campaigns.remove("CP2"),
                lambda: work.interactions.set([7], subject="x"),
                lambda: work.interactions.set_cancel_reason([7], 1, canceled=True),
                lambda: work.interactions.set_canceled(il.LogFilter(), 1, canceled=True),
                lambda: work.interactions.remove_matching(il.LogFilter()),
                lambda: work.interactions.leave_logged_segment(7),
                lambda: work.campaign_entries.set_cancel_reason([7], 1, canceled=True),
                lambda: work.campaign_entries.leave_logged_segment(7),
                lambda: work.attachments.set_read_only([7]),
                lambda: work.deliveries.add_of_segment(7, 1, 9, "m.", MOMENT),
                lambda: work.deliveries.claim(Claim("ONE", ("mail",), MOMENT, MOMENT), limit=1),
                lambda: work.deliveries.end_claims(MOMENT, {}, most_attempts=1),
                lambda: work.deliveries.remove_of([7]),
                lambda: work.segments.push("SM1", "subject", "x", {}),
                lambda: work.logged_segments.hand_over("SM1", 7),
                lambda: work.personal.put_seals([]),
                lambda: work.personal.mark_seals([7], salt=""),
            ]
            for use in uses:
                with pytest.raises(il.UsageError, match="only reads"):
                    use()

    def test_a_second_unit_of_work_in_the_same_thread_is_refused(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            with pytest.raises(il.UsageError, match="open in this thread already"), begin():
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


def _held(work: Work, digests: Iterable[str] = ()) -> State:
    """Return the rows of every table that a unit of work sees, with contents of these digests."""
    rows = dict(rows_of(work, {*digests}))
    rows["attachment_content"] = [each for each in rows["attachment_content"] if each["content"]]
    return state_of(rows, numbers_of(rows), rows)


def _answers(work: Work, numbers: Numbers) -> Mapping[str, str]:
    """Return what every reading method of every service says, as text."""
    names = (name for name in reading() if name != "AttachmentService.export")  # another file
    return {name: repr(read(name, work, numbers)) for name in names}


def _write_everything(work: Work, numbers: Numbers, *, fail: bool = False) -> set[str]:
    """Let every writing call of every service act, each in a block; return digests of contents."""
    digests: set[str] = set()
    for each in CALLS.values():
        if not each.store:  # which begins units of work itself
            # a call may meet what another one did
            with suppress(il.InteractionLogError, ZeroDivisionError), work.atomic():
                each.act(work, numbers, 1)
                digests |= {content.digest for content in work.records(il.Attachment).all()}
                if fail:
                    raise ZeroDivisionError
    return digests


class TenantContract:
    """What two tenants of one database promise each other. Needs a ``begin`` fixture."""

    def test_whatever_a_tenant_has_and_does_is_nothing_to_another_one(self, begin: Begin) -> None:
        other = begin.tenant("OTHER")
        with begin() as work:
            numbers = populate(work)
        with begin() as work:
            before, answers = _held(work), _answers(work, numbers)
        with other() as work:
            populate(work)
        with other() as work:
            _write_everything(work, numbers)
        with begin() as work:
            assert difference(_held(work), before) == ""
            assert _answers(work, numbers) == answers

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
            ours = work.interactions.reserve(3)
        with begin.tenant("OTHER")() as work:
            assert work.interactions.reserve(3) == ours


def _kept(begin: Begin) -> list[int]:
    """Return the numbers of the entries that a new unit of work sees, of those from 7 to 10."""
    with begin() as work:
        return [no for no in range(7, 11) if work.interactions.find(no) is not None]


class UnitOfWorkContract(Contract):
    """What every `UnitOfWork` promises. Needs a ``begin`` fixture."""

    def test_a_block_that_ends_normally_keeps_its_work(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
        for opened in (begin(), begin.read()):
            with opened as work:
                assert work.interactions.get(7) == an_entry(7)

    def test_whatever_a_failed_block_did_is_taken_back_in_every_table(self, begin: Begin) -> None:
        with begin() as work:
            numbers, before = populate(work), _held(work)
            digests = _write_everything(work, numbers, fail=True)
            assert difference(_held(work, digests), before) == ""

    def test_whatever_is_not_committed_is_seen_by_nobody_in_any_table(self, begin: Begin) -> None:
        with begin() as work:
            numbers = populate(work)
        with begin() as work:
            before, digests = _held(work), _write_everything(work, numbers)
            with begin.read() as reader:
                assert difference(_held(reader, digests), before) == "", "seen by a reader"
            work.rollback()
        with begin.read() as reader:
            assert difference(_held(reader, digests), before) == "", "left by a rollback"

    def test_a_block_that_raises_leaves_no_trace(self, begin: Begin) -> None:
        with pytest.raises(ZeroDivisionError), begin() as work:
            work.interactions.add(an_entry(7))
            _ = 1 / 0
        assert _kept(begin) == []

    def test_a_change_and_a_deletion_are_taken_back_too(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            work.interactions.add(an_entry(8))
        with begin() as work:
            work.interactions.replace(an_entry(7, description="changed"))
            work.interactions.remove(8)
            work.rollback()
        with begin() as work:
            assert [work.interactions.get(no) for no in (7, 8)] == [an_entry(7), an_entry(8)]

    def test_rollback_abandons_the_whole_unit_of_work_with_its_events(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            work.record("written")
            work.rollback()
            with pytest.raises(il.UsageError):
                work.interactions.add(an_entry(8))
        assert work.events == ()
        assert _kept(begin) == []

    def test_rollback_inside_a_nested_block_abandons_the_whole_too(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            with work.atomic():
                work.interactions.add(an_entry(8))
                work.rollback()
        assert _kept(begin) == []

    def test_a_failed_atomic_block_leaves_no_trace_and_the_rest_stays(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            with pytest.raises(il.EntryNotFoundError), work.atomic():
                work.interactions.add(an_entry(8))
                work.interactions.get(9)
            work.interactions.add(an_entry(10))
        assert _kept(begin) == [7, 10]

    def test_a_failed_atomic_block_in_the_beginning_leaves_no_trace(self, begin: Begin) -> None:
        with begin() as work:
            for _ in range(2):
                with pytest.raises(ZeroDivisionError), work.atomic(), work.atomic():
                    work.interactions.add(an_entry(8))
                    _ = 1 / 0
            work.interactions.add(an_entry(10))
        assert _kept(begin) == [10]

    def test_a_kept_atomic_block_falls_with_the_one_around_it(self, work: Work) -> None:
        with pytest.raises(ZeroDivisionError), work.atomic():
            work.interactions.add(an_entry(7))
            with work.atomic():
                work.interactions.add(an_entry(8))
            _ = 1 / 0
        assert [*map(work.interactions.find, (7, 8))] == [None, None]

    def test_a_failed_atomic_block_spares_the_one_around_it(self, begin: Begin) -> None:
        with begin() as work, work.atomic():
            work.interactions.add(an_entry(7))
            with pytest.raises(ZeroDivisionError), work.atomic():
                work.interactions.replace(an_entry(7, description="changed"))
                _ = 1 / 0
        with begin() as work:
            assert work.interactions.get(7).description == ""

    def test_after_a_taken_key_the_unit_of_work_goes_on(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            with pytest.raises(il.DuplicateEntryError), work.atomic():
                work.interactions.add(an_entry(8))
                work.interactions.add(an_entry(7))
            work.interactions.add(an_entry(9))
        assert _kept(begin) == [7, 9]

    def test_what_refers_to_a_record_stays_when_it_is_put_or_changed(self, begin: Begin) -> None:
        language = il.TemplateLanguage(interaction_template_code="CALL")
        with begin() as work:
            work.templates.put(a_template("CALL"))
            work.template_languages.put(language)
            work.templates.put(a_template("CALL", unit_cost_lcy="7.25"))
            work.templates.replace(a_template("CALL", unit_cost_lcy="8"))
            work.templates.set("CALL", unit_cost_lcy=9)
        with begin() as work:
            assert work.templates.get("CALL") == a_template("CALL", unit_cost_lcy="9")
            assert work.template_languages.all() == [language]

    def test_a_rule_about_several_fields_covers_those_that_stay(self, work: Work) -> None:
        first, last = date(2026, 1, 2), date(2026, 1, 31)
        work.campaigns.put(il.Campaign(no="CP1001", starting_date=first))
        for values in ({"ending_date": date(2026, 1, 1)}, {"starting_date": date(2026, 2, 1)}):
            with pytest.raises(il.FieldInvalidError, match="must not be before"):
                work.campaigns.set("CP1001", **values)
            work.campaigns.set("CP1001", ending_date=last)
        campaign = il.Campaign(no="CP1001", starting_date=first, ending_date=last)
        with pytest.raises(il.UsageError, match="starting_date"):
            work.campaigns.set_many(["CP1001"], ending_date=first)
        assert work.campaigns.all() == [campaign]

    def test_events_come_in_order_without_those_of_a_failed_block(self, begin: Begin) -> None:
        with begin() as work:
            work.record("before")
            with pytest.raises(ZeroDivisionError), work.atomic():
                work.record("inside")
                _ = 1 / 0
            work.record("after")
            assert work.events == ("before", "after")
        assert work.events == ("before", "after")

    def test_events_of_a_failed_unit_of_work_are_dropped(self, begin: Begin) -> None:
        with pytest.raises(ZeroDivisionError), begin() as work:
            work.record("inside")
            _ = 1 / 0
        assert work.events == ()

    def test_the_user_is_upper_case(self, begin: Begin) -> None:
        with begin(user_id=" helena") as work:
            assert work.user_id == "HELENA"

    @pytest.mark.parametrize("user_id", ["", "  ", "X" * 51, "A\nB"])
    def test_a_refused_user_leaves_the_store_usable(self, begin: Begin, user_id: str) -> None:
        with pytest.raises(il.UsageError), begin(user_id=user_id):
            pass
        with begin() as work:
            work.interactions.add(an_entry(7))

    def test_the_clock_is_the_stores(self, begin: Begin) -> None:
        with begin() as first, begin.read() as second:
            assert first.clock is second.clock

    @pytest.mark.parametrize(
        "use",
        [
            lambda work, _: work.interactions.find(7),
            lambda _, interactions: interactions.add(an_entry(7)),
            lambda work, _: work.atomic().__enter__(),
            lambda work, _: work.rollback(),
        ],
        ids=["read", "write", "open a block", "be rolled back"],
    )
    def test_after_its_end_a_unit_of_work_does_not(
        self, begin: Begin, use: Callable[[Work, Any], Any]
    ) -> None:
        with begin() as work:
            interactions = work.interactions
        with pytest.raises(il.UsageError, match="has ended"):
            use(work, interactions)

    def test_a_unit_of_work_belongs_to_its_thread(self, work: Work) -> None:
        raised: list[BaseException] = []

        def use() -> None:
            try:
                work.interactions.find(7)
            except il.UsageError as error:
                raised.append(error)

        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
        assert "thread" in str(raised[0])

    def test_a_reader_does_not_see_what_is_not_committed(self, begin: Begin) -> None:
        with begin() as work:
            for no in (7, 8):
                work.interactions.add(an_entry(no))
        with begin() as work:
            for text in ("once", "twice"):
                work.interactions.set([7], description=text)
            work.interactions.remove(8)
            work.interactions.add(an_entry(9))
            with begin.read() as reader:
                assert [*map(reader.interactions.find, (7, 8))] == [an_entry(7), an_entry(8)]
                assert reader.interactions.find(9) is None

    def test_a_reader_does_not_see_what_is_committed_while_it_reads(self, begin: Begin) -> None:
        with begin.read() as reader:
            assert reader.interactions.find(7) is None
            with begin() as work:
                work.interactions.add(an_entry(7))
            assert reader.interactions.find(7) is None
