"""Every field of every entity judges what it is given."""

from __future__ import annotations

import datetime as dt
import pickle
import types
import typing
from decimal import Decimal
from enum import Enum
from functools import cache

import attrs
import hypothesis
import pytest

from interactionlog.adapters.tables import TABLES
from interactionlog.campaigns.campaign import Campaign
from interactionlog.contacts.contact import AlternativeAddressPeriod, Contact
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import FieldInvalidError
from interactionlog.interactions.draft import DraftComment, InteractionDraft
from interactionlog.interchange.cells import judge_of, judged
from interactionlog.segments.logging.decision import LoggingPolicy, Treatment
from interactionlog.templates.template import PURPOSES, TemplateSetup
from interactionlog.testing import DAY, a_contact, a_person
from interactionlog.testing.strategies import entities
from interactionlog.values import ContactType

KINDS = [*TABLES, InteractionDraft, DraftComment, LoggingPolicy]
NAIVE = dt.datetime(2026, 1, 26, 9, 30)  # noqa: DTZ001  # naive on purpose

BAD = {
    str: ["\x00", "a\x1bb", "\ud800", "x" * 2_001, 7, b"text"],
    int: [True, 1.0, -1, "1", 2**64],
    bool: [0, 1, None, "yes"],
    Decimal: ["NaN", "Infinity", "-0.01", -1, 1.5, "1E+12", "0.000001", None, True],
    dt.date: [NAIVE, "2026-01-26", 0],
    dt.time: [dt.time(9, 30, 0, 1), dt.time(9, tzinfo=dt.UTC), "09:30"],
    dt.datetime: [NAIVE, DAY, "2026-01-26T09:30Z"],
}


def bad_values(hint):
    kinds = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
    if types.NoneType in typing.get_args(hint):
        return bad_values(kinds[0])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [*(member.value for member in hint), *(member.name for member in hint)]
    return BAD.get(hint, [])


@cache
def some(kind):
    """Return a valid instance; it need not be the shortest one."""
    once = hypothesis.settings(phases=[hypothesis.Phase.generate], max_examples=1, derandomize=True)
    return hypothesis.find(entities(kind), lambda _: True, settings=once)


def refuses(kind, name, value):
    try:
        attrs.evolve(some(kind), **{name: value})
    except FieldInvalidError as refused:
        return refused.record == kind.__name__
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_refuses_what_is_not_of_its_kind(kind):
    hints = typing.get_type_hints(kind)
    judged = [field.name for field in attrs.fields(kind) if field.validator is not None]
    assert judged
    taken = {
        name: [
            value
            for value in (object(), *bad_values(hints[name]))
            if not refuses(kind, name, value)
        ]
        for name in judged
    }
    assert {name: values for name, values in taken.items() if values} == {}


@pytest.mark.parametrize("kind", TABLES)
def test_fields_judged_one_by_one_are_judged_as_by_the_constructor(kind):
    hints = typing.get_type_hints(kind)
    whole = {field.name: getattr(some(kind), field.name) for field in attrs.fields(kind)}
    judges = {name: judge_of(kind, name) for name in whole}
    assert judged(kind, {name: judges[name](whole[name]) for name in whole}) == some(kind)
    for field in attrs.fields(kind):
        for value in (object(), None, "", *bad_values(hints[field.name])):
            by_constructor = outcome(lambda: attrs.evolve(some(kind), **{field.name: value}))  # noqa: B023  # called at once
            by_judges = outcome(
                lambda: judged(kind, {**whole, field.name: judges[field.name](value)})  # noqa: B023
            )
            assert by_judges == by_constructor


def outcome(call):
    """Return what a call returns, or what it says of a value that it refuses."""
    try:
        return call()
    except FieldInvalidError as error:
        return error.reason


def test_no_field_of_an_entity_is_left_unjudged():
    unjudged = {
        f"{kind.__name__}.{field.name}"
        for kind in KINDS
        for field in attrs.fields(kind)
        if field.validator is None
    }
    assert unjudged == {
        "InteractionDraft.comments",
        "InteractionDraft.locked_fields",  # set by the services
        "InteractionDraft.user_set",
        "Erasure.counts",  # results of services
        "LoggedSegment.counts",
    }


@pytest.mark.parametrize("kind", TABLES)
def test_an_entity_is_frozen_and_keyword_only(kind):
    entity = some(kind)
    name = attrs.fields(kind)[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(entity, name, getattr(entity, name))
    assert all(field.kw_only for field in attrs.fields(kind))


@pytest.mark.parametrize("kind", TABLES)
def test_an_entity_can_be_pickled(kind):
    assert pickle.loads(pickle.dumps(some(kind))) == some(kind)  # noqa: S301


def test_a_company_belongs_to_itself():
    assert a_contact("CT1", company_no="ct1").company_no == "CT1"
    for company_no in (None, "CT2"):
        with pytest.raises(FieldInvalidError, match="its own number CT1"):
            a_contact("CT1", company_no=company_no)


def test_a_person_may_have_any_company_or_none():
    assert a_person("CT1", "CT2").company_no == "CT2"
    assert a_person("CT1").company_no is None


def test_the_kind_of_contact_is_judged_before_its_company():
    with pytest.raises(FieldInvalidError):
        Contact(no="CT1", type="company", company_no="CT1")


@pytest.mark.parametrize(
    "build",
    [
        lambda last: AlternativeAddressPeriod(
            contact_no="CT1", starting_date=DAY, ending_date=last, code="HOME"
        ),
        lambda last: Campaign(no="CP1", starting_date=DAY, ending_date=last),
    ],
    ids=["address period", "campaign"],
)
def test_a_period_does_not_end_before_it_starts(build):
    assert build(DAY).ending_date == DAY
    assert build(None).ending_date is None
    with pytest.raises(FieldInvalidError, match="must not be before 2026-01-26"):
        build(DAY - dt.timedelta(1))


def test_a_campaign_without_start_may_end_on_any_day():
    assert Campaign(no="CP1", ending_date=dt.date.min).ending_date == dt.date.min


@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_a_template_may_serve_every_purpose_of_the_setup(purpose):
    assert TemplateSetup(purpose=purpose, interaction_template_code="X").purpose == purpose


@pytest.mark.parametrize("purpose", ["", "e-mails", "E_MAILS", None, "sales_quotes "])
def test_a_template_serves_no_other_purpose(purpose):
    with pytest.raises(FieldInvalidError, match="must be one of"):
        TemplateSetup(purpose=purpose, interaction_template_code="X")


@pytest.mark.parametrize(
    "field",
    [field for field in attrs.fields(LoggingPolicy) if isinstance(field.default, Treatment)],
    ids=lambda field: field.name,
)
def test_a_policy_refuses_a_treatment_that_the_finding_does_not_allow(field):
    never_logged = {"no_contact", "privacy_blocked", "invalid", "undeliverable", "no_consent"}
    assert LoggingPolicy(**{field.name: Treatment.REFUSE})
    if field.name in never_logged:
        with pytest.raises(FieldInvalidError, match="LEAVE_OUT"):
            LoggingPolicy(**{field.name: Treatment.LOG})
    else:
        assert LoggingPolicy(**{field.name: Treatment.LOG})


def test_a_filter_takes_codes_as_they_are_typed():
    assert ContactFilter(nos=["ct1 ", "CT1"]).nos == {"CT1"}
    assert ContactFilter(nos="ct1").nos == {"CT1"}
    answers = ContactFilter(profile_answers={"leads": [20_000, 10_000, 20_000], "A": []})
    assert answers.profile_answers == (("A", ()), ("LEADS", (10_000, 20_000)))


@pytest.mark.parametrize("value", [[""], ["x" * 37], ["a\nb"], [7], [None]])
def test_a_filter_refuses_what_is_no_code(value):
    with pytest.raises(FieldInvalidError):
        ContactFilter(nos=value)


def test_a_filter_refuses_what_is_no_type():
    assert ContactFilter(types=[ContactType.PERSON]).types == {ContactType.PERSON}
    with pytest.raises(FieldInvalidError):
        ContactFilter(types=["person"])


def test_a_filter_that_asks_nothing_is_empty():
    assert ContactFilter().is_empty
    assert not ContactFilter(nos=["CT1"]).is_empty
