"""INV-I-15 to INV-I-18, INV-I-28, INV-I-29: laws of the defaults of a draft."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

import interactionlog as il
from company import add_company, add_language, add_salesperson, add_template
from interactionlog.interactions.draft import choose_language, next_full_minute
from interactionlog.testing import DAY, a_template
from stores import throw_away_works

codes = st.sampled_from([None, "DAN", "ENU", "ITA"])
templates = st.sampled_from(["T1", "T2", "T3"])
FROM_TEMPLATE = {
    "interaction_group_code": "interaction_group_code",
    "cost_lcy": "unit_cost_lcy",
    "duration_min": "unit_duration_min",
    "information_flow": "information_flow",
    "initiated_by": "initiated_by",
    "campaign_target": "campaign_target",
    "campaign_response": "campaign_response",
}


def add_everything(work):
    add_salesperson(work)
    add_company(work, "C", language_code="DAN")
    add_company(work, "D")
    add_template(work, "T1", unit_cost_lcy=3, campaign_target=True, language_code_default="ENU")
    add_template(
        work,
        "T2",
        interaction_group_code="G2",
        unit_duration_min=5,
        information_flow=il.InformationFlow.INBOUND,
    )
    add_template(work, "T3", initiated_by=il.InitiatedBy.THEM, campaign_response=True)
    for language in ("ENU", "DAN"):
        add_language(work, "T1", language, word_template_code=f"W{language}")


@given(codes, st.sets(codes), codes)
def test_the_language_is_the_contacts_or_the_templates_default(default, offered, of_contact):
    template = a_template(language_code_default=default)
    chosen = choose_language(template, offered, of_contact)
    assert chosen == choose_language(template, sorted(offered, key=str), of_contact)
    assert chosen == (of_contact if of_contact in offered else default)


@given(st.lists(templates, min_size=1, max_size=4), st.sampled_from(["C", "D"]), st.booleans())
def test_after_choosing_a_template_its_values_hold_and_what_the_user_wrote_too(
    codes_in_turn, contact_no, written
):
    for opened in throw_away_works():
        with opened as work:
            add_everything(work)
            interactions = il.InteractionService(work)
            draft = interactions.start(contact_no, **({"description": "Mine"} if written else {}))
            for code in codes_in_turn:
                draft = interactions.change(draft, interaction_template_code=code)
            assert interactions.change(draft, interaction_template_code=code) == draft
            template = work.templates.get(code)
            for name, theirs in FROM_TEMPLATE.items():
                assert getattr(draft, name) == getattr(template, theirs)
            assert draft.description == ("Mine" if written else template.description)
            straight = interactions.start(contact_no, interaction_template_code=code)
            assert straight.word_template_code == draft.word_template_code
            assert straight.language_code == draft.language_code
            work.rollback()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 3)))  # noqa: DTZ001
def test_the_time_is_a_whole_minute_within_a_minute_and_a_second(now):
    found = next_full_minute(now)
    assert (found.second, found.microsecond) == (0, 0)
    assert timedelta(seconds=1) <= found - now < timedelta(seconds=61)


periods = st.dictionaries(
    st.integers(-20, 20), st.one_of(st.none(), st.integers(0, 20)), max_size=5
)


@given(periods, st.integers(-25, 45))
def test_the_address_in_use_is_that_of_the_period_that_starts_last(starts, day):
    expected = max(
        (
            start
            for start, days in starts.items()
            if start <= day and (days is None or day <= start + days)
        ),
        default=None,
    )
    for opened in throw_away_works():
        with opened as work:
            add_company(work, "C")
            for start, days in starts.items():
                code = f"A{start}"
                work.contacts.put_address(il.AlternativeAddress(contact_no="C", code=code))
                work.contacts.put_address_period(
                    il.AlternativeAddressPeriod(
                        contact_no="C",
                        code=code,
                        starting_date=DAY + timedelta(start),
                        ending_date=None if days is None else DAY + timedelta(start + days),
                    )
                )
            draft = il.InteractionService(work).start("C", date=DAY + timedelta(day))
            assert draft.contact_alt_address_code == (None if expected is None else f"A{expected}")
            work.rollback()
