"""Questions about fields mean the same to memory, to SQL and to the filter's own judgement."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactionlog.adapters.sql.rows import json_functions
from interactionlog.contacts.contact import Membership
from interactionlog.contacts.contact_filter import (
    CONTACT_FIELDS,
    INTERACTION_FIELDS,
    MEMBERSHIP_FIELDS,
    Condition,
    ContactFilter,
    FieldKind,
)
from interactionlog.errors import FieldInvalidError
from interactionlog.testing import a_contact, a_person, an_entry
from interactionlog.values import CorrespondenceType, Evaluation, MembershipKind
from stores import throw_away_works

TEXTS = ["", "a", "A", "ab", "AB", "b", "%", "_", "aß", "SS", "'", "\U0001f600", "\uffff"]
CODES = [None, "A", "AB", "B", "1", "%"]
DAYS = [dt.date(2026, 1, day) for day in (1, 2, 3)]
texts, codes, days = st.sampled_from(TEXTS), st.sampled_from(CODES), st.sampled_from(DAYS)

details = st.fixed_dictionaries(
    {
        "name": texts,
        "city": texts,
        "territory_code": codes,
        "correspondence_type": st.sampled_from([None, *CorrespondenceType]),
        "exclude_from_segment": st.booleans(),
    }
)
people = st.tuples(details, details, details).map(
    lambda drawn: (
        a_contact("C1", **drawn[0]),
        a_person("P1", "C1", **drawn[1]),
        a_person("P2", **drawn[2]),
    )
)
numbers = st.sampled_from(["C1", "P1", "P2"])
memberships = st.lists(
    st.builds(
        Membership,
        contact_no=numbers,
        kind=st.sampled_from(MembershipKind),
        code=st.sampled_from(["A", "AB", "B"]),
        line_no=st.integers(0, 2),
        link_to_table=texts,
        linked_no=codes,
    ),
    max_size=8,
    unique_by=lambda each: (each.contact_no, each.kind, each.code, each.line_no),
)
entries = st.lists(
    st.builds(
        dict,
        contact_no=numbers,
        date=days,
        campaign_no=codes,
        evaluation=st.sampled_from([None, *Evaluation]),
        cancel_state=st.integers(0, 1),
        postponed=st.booleans(),
        logged_segment_entry_no=st.sampled_from([None, 1, 2]),
    ),
    max_size=6,
)


def conditions(kind: FieldKind):
    if kind is FieldKind.FLAG:
        return st.builds(Condition, any_of=st.booleans(), negated=st.booleans())
    values = {
        FieldKind.DATE: days,
        FieldKind.NUMBER: st.integers(0, 3),
        FieldKind.CODE: st.sampled_from([code for code in CODES if code]),
        FieldKind.TEXT: st.sampled_from([text for text in TEXTS if text]),
    }[kind]
    negated = st.booleans()
    asked = [
        st.builds(Condition, at_least=values, negated=negated),
        st.builds(Condition, at_most=values, negated=negated),
        st.builds(Condition, at_least=values, at_most=values, negated=negated),
    ]
    if kind is not FieldKind.DATE:
        members = st.frozensets(st.none() | values, max_size=3)
        asked.append(st.builds(Condition, any_of=members, negated=negated))
    if kind in {FieldKind.CODE, FieldKind.TEXT}:
        asked += [
            st.builds(Condition, prefix=values, negated=negated),
            st.builds(Condition, contains=values, negated=negated),
        ]
    return st.one_of(asked)


def questions(fields, names):
    pairs = [st.tuples(st.just(name), conditions(fields[name])) for name in names]
    return st.lists(st.one_of(pairs), max_size=2).map(tuple)


of_contact = questions(
    CONTACT_FIELDS,
    ["no", "type", "name", "city", "territory_code", "correspondence_type", "exclude_from_segment"],
)
of_members = questions(MEMBERSHIP_FIELDS, ["code", "line_no", "link_to_table", "linked_no"])
of_entries = questions(
    INTERACTION_FIELDS,
    ["date", "campaign_no", "evaluation", "canceled", "postponed", "logged_segment_entry_no"],
)
filters = st.one_of(
    st.builds(ContactFilter, where=of_contact),
    st.builds(
        ContactFilter,
        memberships=st.dictionaries(st.sampled_from(MembershipKind), of_members, max_size=2),
        business_relation_codes=st.frozensets(st.sampled_from(["A", "B"]), min_size=1, max_size=1),
    ),
    st.builds(ContactFilter, interactions=of_entries),
    st.builds(ContactFilter, where=of_contact, interactions=of_entries),
    st.builds(ContactFilter, within=st.none() | st.frozensets(numbers), where=of_contact),
)


@given(people, memberships, entries, filters)
def test_sql_memory_and_the_predicate_agree(contacts, members, logged, contact_filter):
    log = [an_entry(no, **values) for no, values in enumerate(logged, 1)]
    selections = []
    for store in throw_away_works():
        with store as work:
            for contact in contacts:
                work.contacts.put(contact)
            for membership in members:
                work.contacts.put_membership(membership)
            for entry in log:
                work.interactions.add(entry)
            selections.append(list(work.contacts.matching(contact_filter)))
    matching = {
        contact.no
        for contact in contacts
        if contact_filter.matches(
            contact,
            [each for each in members if each.contact_no == contact.no],
            [each for each in members if each.contact_no == contact.company_no],
            [each for each in log if each.contact_no == contact.no],
        )
    }
    assert selections[0] == selections[1]
    assert set(selections[0]) == matching


@given(filters)
def test_a_stored_filter_comes_back_equal(contact_filter):
    load, dump = json_functions(ContactFilter)
    assert load(dump(contact_filter)) == contact_filter


STORED = {
    "business_relation_codes": ["CUST", "PROS"],
    "company_nos": ["C1"],
    "country_codes": ["IT"],
    "industry_group_codes": ["RETAIL"],
    "job_responsibility_codes": ["BUYER"],
    "mailing_group_codes": ["NEWS"],
    "nos": ["C1", "P1"],
    "profile_answers": [["LEADS", [10000, 20000]], ["OTHER", []]],
    "salesperson_codes": ["HR"],
    "territory_codes": ["N"],
    "types": [0],
}
"""A filter as the first release stored it."""


def test_a_filter_of_sets_that_was_stored_before_is_still_read():
    load, dump = json_functions(ContactFilter)
    found = load(json.dumps({"format": 1, "value": STORED}))
    assert found == ContactFilter(
        nos={"C1", "P1"},
        types=found.types,
        salesperson_codes={"HR"},
        company_nos={"C1"},
        territory_codes={"N"},
        country_codes={"IT"},
        business_relation_codes={"CUST", "PROS"},
        mailing_group_codes={"NEWS"},
        industry_group_codes={"RETAIL"},
        job_responsibility_codes={"BUYER"},
        profile_answers={"LEADS": [10_000, 20_000], "OTHER": []},
    )
    assert [each.name for each in found.types] == ["COMPANY"]
    stored = json.loads(dump(found))
    assert stored["format"] == 1
    assert {name: stored["value"][name] for name in STORED} == STORED


QUESTIONS = {
    "where": [["city", {"at_least": "M"}], ["minor", {"any_of": [0], "negated": True}]],
    "memberships": [["MAILING_GROUP", [["code", {"prefix": "NEWS"}]]]],
    "interactions": [["evaluation", {"any_of": [2, None]}], ["date", {"at_most": "2026-01-31"}]],
    "elsewhere": [["posted_documents", [["item_no", {"contains": "10"}]]]],
}
"""Questions as the first release with them stored them."""


def test_questions_that_were_stored_before_are_still_read():
    load, _ = json_functions(ContactFilter)
    assert load(json.dumps({"format": 1, "value": QUESTIONS})) == ContactFilter(
        where={"city": Condition(at_least="M"), "minor": Condition(any_of=False, negated=True)},
        memberships={MembershipKind.MAILING_GROUP: {"code": Condition(prefix="NEWS")}},
        interactions={
            "evaluation": {Evaluation.POSITIVE, None},
            "date": Condition(at_most=dt.date(2026, 1, 31)),
        },
        elsewhere={"posted_documents": {"item_no": Condition(contains="10")}},
    )


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"where": {"shoe_size": 1}}, "where"),
        ({"where": {"city": 1}}, "where"),
        ({"where": {"type": "Company"}}, "where"),
        ({"where": {"type": Condition(prefix="C")}}, "where"),
        ({"where": {"minor": Condition(at_least=1)}}, "where"),
        ({"where": {"minor": Condition(any_of={True, False})}}, "where"),
        ({"memberships": {"SHOE": {"code": "A"}}}, "memberships"),
        ({"memberships": {MembershipKind.MAILING_GROUP: {"kind": 1}}}, "memberships"),
        ({"interactions": {"date": "2026-01-01"}}, "interactions"),
        ({"interactions": {"date": Condition(at_least="soon")}}, "interactions"),
    ],
    ids=str,
)
def test_a_question_that_a_source_cannot_answer_is_refused(asked, field):
    with pytest.raises(FieldInvalidError) as refused:
        ContactFilter(**asked)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "asked", [{}, {"any_of": {"A"}, "prefix": "A"}, {"at_least": "A", "contains": "A"}], ids=str
)
def test_a_condition_asks_one_thing(asked):
    with pytest.raises(FieldInvalidError):
        Condition(**asked)


def test_plain_values_sets_and_lists_are_short_for_conditions():
    short = ContactFilter(
        where={
            "city": "Merano",
            "territory_code": {"n", None},
            "post_code": [Condition(at_least="39000"), Condition(prefix="39012", negated=True)],
            "minor": False,
            "county": None,
        }
    )
    assert short.where == (
        ("city", Condition(any_of={"Merano"})),
        ("county", Condition(any_of={None})),
        ("minor", Condition(any_of={False})),
        ("post_code", Condition(at_least="39000")),
        ("post_code", Condition(prefix="39012", negated=True)),
        ("territory_code", Condition(any_of={"N", None})),
    )
