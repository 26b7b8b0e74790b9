"""A contact filter means the same to memory, to SQL and to its own judgement."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from interactionlog.contacts.contact import Membership
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.testing import a_contact, a_person
from interactionlog.testing.strategies import entities
from interactionlog.values import ContactType, MembershipKind
from stores import throw_away_works

NOS = ["C1", "C2", "P1", "P2", "P3"]
few = st.frozensets(st.sampled_from(["A", "A:1", "B"]), min_size=1, max_size=2)
maybe = st.sampled_from([None, "A", "B"])
names = st.sampled_from(["", "Alpha", "alpha", "Álfar", "\U0001f600", "\uffff", "Z"])

details = st.fixed_dictionaries(
    {
        "name": names,
        "company_name": names,
        "salesperson_code": maybe,
        "territory_code": maybe,
        "country_code": maybe,
    }
)
companies = st.tuples(*(details.map(lambda drawn, no=no: a_contact(no, **drawn)) for no in NOS[:2]))
persons = st.tuples(
    *(
        st.tuples(st.sampled_from([None, "C1", "C2"]), details).map(
            lambda drawn, no=no: a_person(no, drawn[0], **drawn[1])
        )
        for no in NOS[2:]
    )
)
memberships = st.lists(
    st.builds(
        Membership,
        contact_no=st.sampled_from(NOS),
        kind=st.sampled_from(MembershipKind),
        code=st.sampled_from(["A", "A:1", "B"]),
        line_no=st.integers(0, 2),
    ),
    max_size=12,
    unique_by=lambda each: (each.contact_no, each.kind, each.code, each.line_no),
)
filters = st.builds(
    ContactFilter,
    nos=st.frozensets(st.sampled_from(NOS), min_size=1, max_size=3),
    types=st.frozensets(st.sampled_from(ContactType), min_size=1),
    salesperson_codes=few,
    company_nos=st.frozensets(st.sampled_from(NOS[:2]), min_size=1, max_size=2),
    territory_codes=few,
    country_codes=few,
    business_relation_codes=few,
    mailing_group_codes=few,
    industry_group_codes=few,
    job_responsibility_codes=few,
    profile_answers=st.dictionaries(
        st.sampled_from(["A", "A:1", "B"]), st.lists(st.integers(0, 2), max_size=2), max_size=2
    ),
)
# a filter with every condition at once meets nobody: most examples have one or two
some_filters = st.tuples(
    filters, st.sets(st.sampled_from(sorted(ContactFilter.__annotations__)), max_size=2)
).map(lambda drawn: ContactFilter(**{name: getattr(drawn[0], name) for name in drawn[1]}))


@given(
    contacts=st.tuples(companies, persons).map(lambda both: both[0] + both[1]),
    members=memberships,
    contact_filter=some_filters,
    widening=st.none() | entities(Widening),
    among=st.none() | st.frozensets(st.sampled_from(NOS)),
)
def test_every_store_selects_the_same_contacts_in_the_same_order(
    contacts, members, contact_filter, widening, among
):
    selections = []
    for store in throw_away_works():
        with store as work:
            for contact in contacts:
                work.contacts.put(contact)
            for membership in members:
                work.contacts.put_membership(membership)
            selections.append(
                list(work.contacts.matching(contact_filter, widening=widening, among=among))
            )
    assert selections[0] == selections[1]

    by_no = {contact.no: contact for contact in contacts}
    matching = {
        no
        for no, contact in by_no.items()
        if (among is None or no in among)
        and contact_filter.matches(
            contact,
            [each for each in members if each.contact_no == no],
            [each for each in members if each.contact_no == contact.company_no],
        )
    }
    if widening is None:
        assert set(selections[0]) == matching
    else:
        assert set(selections[0]) >= matching
    assert len(set(selections[0])) == len(selections[0])
