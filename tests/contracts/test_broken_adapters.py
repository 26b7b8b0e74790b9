"""The contracts fail for adapters and directories with the mistakes that are made often."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from operator import attrgetter

import attrs
import pytest

import interactionlog as il
from interactionlog.adapters.memory.interactions import MemoryInteractionLog
from interactionlog.adapters.memory.session import MemorySession
from interactionlog.contacts.directory import ContactDirectory
from interactionlog.testing import (
    ContactDirectoryContract,
    RecordsContract,
    SalespersonDirectoryContract,
    TenantContract,
    TimelineContract,
    UnitOfWorkContract,
)
from interactionlog.testing.contracts.contacts import INTERACTIONS, put_contacts
from interactionlog.testing.contracts.people import SALESPEOPLE
from interactionlog.testing.contracts.records import RECORDS

TABLES = ("campaign", "contact", "contact_membership", "delivery", "segment_line", "number_ledger")


class Stores:
    """Units of work on a store in memory; tenants have a table in common."""

    def __init__(self, shared=""):
        self.store = il.MemoryStore(clock=il.FixedClock("2026-01-26T09:30"))
        self.shared = shared

    def __call__(self, *, user_id="TESTER"):
        return self.store.begin(user_id=user_id)

    def read(self):
        return self.store.read()

    def tenant(self, name):
        other = Stores()
        if self.shared:
            other.store._state[self.shared] = self.store._state[self.shared]
        return other


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_keeps_what_a_failed_block_wrote_is_found(monkeypatch, table):
    undo = MemorySession.undo

    def keep(self, position=0):
        kept = self.state[table]
        self._journal[position:] = [
            each for each in self._journal[position:] if each[0] is not kept
        ]
        undo(self, position)

    monkeypatch.setattr(MemorySession, "undo", keep)
    for test in (
        UnitOfWorkContract.test_whatever_a_failed_block_did_is_taken_back_in_every_table,
        UnitOfWorkContract.test_whatever_is_not_committed_is_seen_by_nobody_in_any_table,
    ):
        with pytest.raises(AssertionError, match=rf" {table} "):
            test(UnitOfWorkContract(), Stores())


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_which_a_reader_sees_what_is_not_committed_is_found(monkeypatch, table):
    committed = MemorySession.committed

    def leak(self):
        state = committed(self)
        state[table] = type(self.state[table])(self.state[table])
        return state

    monkeypatch.setattr(MemorySession, "committed", leak)
    test = UnitOfWorkContract.test_whatever_is_not_committed_is_seen_by_nobody_in_any_table
    with pytest.raises(AssertionError, match=rf"seen by a reader(.|\n)* {table} "):
        test(UnitOfWorkContract(), Stores())


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_is_not_kept_for_each_tenant_is_found(table):
    test = TenantContract.test_whatever_a_tenant_has_and_does_is_nothing_to_another_one
    with pytest.raises((AssertionError, il.InteractionLogError)):
        test(TenantContract(), Stores(table))


def _of(kind, change):
    return lambda value: change(value) if isinstance(value, kind) else value


LOSSES = {
    "microseconds": _of(datetime, lambda moment: moment.replace(microsecond=0)),
    "zone": _of(datetime, lambda moment: moment.astimezone(timezone(timedelta(hours=5)))),
    "flags": _of(bool, int),
    "decimals": _of(Decimal, float),
    "letters": _of(str, lambda text: text.encode("latin-1", "replace").decode("latin-1")),
    "letters beyond the first plane": _of(str, lambda text: text.replace("🎉", "?")),
    "blanks at the end": _of(str, str.rstrip),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_store_that_loses_a_part_of_values_is_found(monkeypatch, loss):
    store = MemorySession.set_many

    def lossy(self, name, pairs):
        store(self, name, [(key, _lost(value, LOSSES[loss])) for key, value in pairs])

    monkeypatch.setattr(MemorySession, "set_many", lossy)
    (sample,) = (each for each in RECORDS if each.entity is il.Campaign)
    if loss in {"microseconds", "zone"}:
        (sample,) = (each for each in RECORDS if each.entity is il.Attachment)
    elif loss == "decimals":
        (sample,) = (each for each in RECORDS if each.entity is il.InteractionTemplate)
    with pytest.raises(AssertionError, match=r"^\w+ must be "):
        RecordsContract().test_a_committed_record_comes_back_equal(Stores(), sample)


def _lost(record, change):
    if not attrs.has(type(record)):
        return record
    changed = object.__new__(type(record))
    for field in attrs.fields(type(record)):
        object.__setattr__(changed, field.name, change(getattr(record, field.name)))
    return changed


def test_a_cursor_that_compares_date_and_number_each_by_itself_is_found(monkeypatch):
    def newest(self, log_filter, *, before=None, after=None, limit=50):
        found = [
            each
            for each in sorted(self._matching(log_filter), key=attrgetter("date", "entry_no"))
            if (before is None or (each.date <= before.date and each.entry_no < before.entry_no))
            and (after is None or (each.date >= after.date and each.entry_no > after.entry_no))
        ]
        return found[::-1][:limit] if after is None else found[:limit][::-1]

    monkeypatch.setattr(MemoryInteractionLog, "newest", newest)
    for test in (
        TimelineContract.test_a_page_goes_on_where_the_last_one_ended,
        TimelineContract.test_a_page_above_another_one_ends_where_that_began,
    ):
        with Stores()() as work, pytest.raises(AssertionError):
            test(TimelineContract(), work.interactions)


class Directory(ContactDirectory):
    """A directory over a store in memory."""

    def __init__(self, its):
        self.its = its

    def find(self, no, /):
        return self.its.find(no)

    def summaries(self, nos):
        return self.its.summaries(nos)

    def matching(self, contact_filter, *, widening=None, among=None):
        return self.its.matching(contact_filter, widening=widening, among=among)


class NotHeld(Directory):
    def hold(self, no, /):
        return None


class Tuples(Directory):
    def summaries(self, nos):
        return {no: tuple(each) for no, each in self.its.summaries(nos).items()}


class Whole(Directory):
    def summaries(self, nos):
        found = self.its.summaries(nos).items()
        return {no: each._replace(privacy_blocked=int(each.privacy_blocked)) for no, each in found}


class Once(Directory):
    def matching(self, contact_filter, *, widening=None, among=None):
        return iter(super().matching(contact_filter, widening=widening, among=among))


@pytest.mark.parametrize(
    ("kind", "test"),
    [
        (NotHeld, ContactDirectoryContract.test_a_contact_is_found_whole),
        (Tuples, ContactDirectoryContract.test_standings_are_given_for_those_that_exist),
        (Whole, ContactDirectoryContract.test_standings_are_given_for_those_that_exist),
        (Once, ContactDirectoryContract.test_an_empty_filter_gives_everybody_in_order),
    ],
)
def test_a_directory_that_answers_in_another_form_is_found(kind, test):
    with Stores()() as work:
        put_contacts(work.contacts)
        for entry in INTERACTIONS:
            work.interactions.add(entry)
        test(ContactDirectoryContract(), Directory(work.contacts))
        with pytest.raises(AssertionError):
            test(ContactDirectoryContract(), kind(work.contacts))


def test_a_directory_of_salespeople_that_can_be_read_once_is_found():
    class Salespeople:
        def with_e_mail(self, e_mail):
            return (each for each in SALESPEOPLE if each.e_mail.lower() == e_mail.lower())

    with pytest.raises(AssertionError, match="must give a sequence"):
        SalespersonDirectoryContract().test_an_address_finds_all_who_share_it(Salespeople())
