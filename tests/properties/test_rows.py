"""Every entity comes back from every store as it went in."""

from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactionlog.adapters.sql.rows import json_functions
from interactionlog.adapters.tables import TABLES
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.errors import StorageError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.numbering.series import NoSeriesLine, NumberCounter, NumberRange
from interactionlog.segments.logging.decision import LoggingPolicy
from interactionlog.segments.logging.logged_segments import LoggedSegment
from interactionlog.segments.segment import Segment
from interactionlog.testing.strategies import entities
from interactionlog.values import trusted, twin_of
from stores import throw_away_works

OWN_PORT = {NumberCounter, NumberRange}
KINDS = pytest.mark.parametrize(
    "kind", [kind for kind in TABLES if kind not in OWN_PORT], ids=lambda kind: kind.__name__
)
ONE_KEY = [
    kind
    for kind in TABLES
    if kind not in OWN_PORT | {InteractionLogEntry, LoggedSegment, CampaignEntry}
]
STORED = pytest.mark.parametrize(
    "kind", [ContactFilter, Widening, OutcomeFilter, LoggingPolicy, Segment]
)


@KINDS
@given(data=st.data())
def test_an_entity_comes_back_equal_from_every_store(kind, data):
    entity = data.draw(entities(kind))
    key = TABLES[kind].key_of(entity)
    for store in throw_away_works():
        with store as work:
            records = work.records(kind)
            records.add(entity)
            assert records.get(*key) == entity
            assert records.all(*key[:-1]) == [entity]


@given(counter=entities(NumberCounter, last_value=st.integers(0, 10**18 - 1)))
def test_a_counter_comes_back_equal_from_every_store(counter):
    key = TABLES[NumberCounter].key_of(counter)
    for store in throw_away_works():
        with store as work:
            line = NoSeriesLine(series_code=counter.series_code, line_no=counter.line_no)
            work.numbers.lines.add(line)
            counters = work.numbers.counters
            counters.advance(
                counters.lock(counters.get(*key)), counter.last_value, counter.last_date
            )
            assert counters.get(*key) == attrs.evolve(counter, version=1)


@given(drawn=entities(NumberRange))
def test_a_range_comes_back_equal_from_every_store(drawn):
    for store in throw_away_works():
        with store as work:
            work.numbers.ledger.add(drawn)
            *key, first = TABLES[NumberRange].key_of(drawn)
            assert work.numbers.ledger.ranges(*key, above=first - 1, limit=2) == [drawn]


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_the_trusted_constructor_gives_what_the_plain_one_gives(kind, data):
    entity = data.draw(entities(kind))
    fields = [getattr(entity, field.name) for field in attrs.fields(kind)]
    built = trusted(kind)(*fields)
    assert type(built) is kind
    assert built == entity


@KINDS
def test_every_stored_entity_has_a_fast_constructor(kind):
    assert twin_of(kind) is not None


def test_an_entity_without_a_fast_constructor_is_built_plainly():
    @attrs.frozen
    class Pair:  # its slot for weak references makes its layout differ
        left: int
        right: int

    assert twin_of(Pair) is None
    assert trusted(Pair)(1, 2) == Pair(1, 2)


@pytest.mark.parametrize("kind", ONE_KEY, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_records_are_in_the_same_order_in_every_store(kind, data):
    records = data.draw(st.lists(entities(kind), max_size=3, unique_by=TABLES[kind].key_of))
    orders = []
    for store in throw_away_works():
        with store as work:
            for record in records:
                work.records(kind).put(record)
            orders.append(work.records(kind).all())
    assert orders[0] == orders[1]


@STORED
@given(data=st.data())
def test_a_value_stored_as_json_comes_back_equal(kind, data):
    load, dump = json_functions(kind)
    value = data.draw(entities(kind))
    assert load(dump(value)) == value


@STORED
def test_no_value_is_stored_as_null(kind):
    load, dump = json_functions(kind)
    assert dump(None) is None
    assert load(None) is None


@STORED
def test_a_stored_value_of_a_newer_format_is_refused(kind):
    load, dump = json_functions(kind)
    stored = json.loads(dump(next_of(kind)))
    stored["format"] += 1
    with pytest.raises(StorageError, match="format 2"):
        load(json.dumps(stored))


@STORED
@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "value": {"unheard": 1}}']
)
def test_a_damaged_stored_value_is_refused(kind, text):
    load, _ = json_functions(kind)
    with pytest.raises(StorageError, match="cannot be read"):
        load(text)


def next_of(kind):
    return Segment(no="SM1") if kind is Segment else kind()
