"""Records under a key, on every store."""

from __future__ import annotations

import attrs
import pytest

import interactionlog as il
from interactionlog.adapters.records import StoredRecords
from interactionlog.contacts.contact import Contact
from interactionlog.errors import DuplicateEntryError
from interactionlog.ports import UnitOfWork
from interactionlog.segments.logging.logged_segments import LoggedSegment
from interactionlog.testing import RecordsContract, SetupContract, a_contact, a_logged_segment


class TestRecords(RecordsContract):
    """Runs once for each adapter in conftest.py and each kind of record."""


class TestSetup(SetupContract):
    """Runs once for each adapter in conftest.py."""


def test_a_taken_unique_key_is_told_as_such_and_the_unit_of_work_goes_on(begin):
    with begin() as work:
        if not hasattr(work.session, "driver"):
            pytest.skip("the memory store keeps unique keys in its repositories")
        records = work.records(LoggedSegment)
        first, second = a_logged_segment(1, "SM1"), a_logged_segment(2, "SM2")
        records.add(first)
        records.add(second)
        taken = attrs.evolve(second, segment_no="SM1")
        for change in (
            lambda: records.put(taken),
            lambda: records.replace(taken),
            lambda: records.set(2, segment_no="SM1"),
            lambda: records.set_many([1, 2], segment_no="SM1"),
        ):
            with pytest.raises(DuplicateEntryError):
                change()
        assert records.all() == [first, second]


def test_many_records_are_changed_in_one_statement_a_thousand(begin):
    with begin() as work:
        for number in range(2_001):
            work.campaigns.add(il.Campaign(no=f"CP{number}"))
        nos = [f"CP{number}" for number in range(2_002)]
        assert work.campaigns.set_many(nos, salesperson_code="hr") == 2_001
        assert {each.salesperson_code for each in work.campaigns.all()} == {"HR"}


def test_a_search_finds_the_name_that_was_set(begin):
    with begin() as work:
        work.contacts.put(a_contact("CT1", name="Old"))
        work.records(Contact).set("CT1", name="New Ltd.")
        assert work.contacts.find_by_name("NEW").name == "New Ltd."
        assert work.contacts.find_by_name("old") is None


def test_no_repository_takes_a_record_of_another_kind(begin):
    odd = (None, {"no": "A", "code": "A"}, il.InteractionGroup(code="A"), il.Campaign(no="A"))
    others = {"put_membership", "put_address", "put_address_period", "put_comment", "put_language"}
    with begin() as work:
        found = [getattr(work, name) for name in dir(UnitOfWork) if name[0] != "_"]
        found += [work.numbers.series, work.numbers.lines]
        stored = [each for each in found if isinstance(each, StoredRecords)]
        assert len(stored) > 15
        for each in stored:
            calls = {"add", "put", "replace"} | {name for name in others if hasattr(each, name)}
            of_its_kind = {type(record) for record in odd} & {each._table.entity}
            for call in calls:
                for record in odd:
                    if type(record) not in of_its_kind or call in others:
                        with pytest.raises(il.UsageError, match=" must be "):
                            getattr(each, call)(record)
            with pytest.raises(il.UsageError, match=" must be "):
                each.add_many([None])
            assert not each.all()
