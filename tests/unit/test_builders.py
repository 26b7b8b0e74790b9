"""The builders and strategies that an application tests its own rules with."""

from __future__ import annotations

import attrs
from hypothesis import given

import interactionlog as il
from interactionlog.testing import a_contact, a_template, add_basics, add_segment
from interactionlog.testing.strategies import entities


def test_the_basics_are_enough_to_log_an_interaction(begin):
    with begin() as work:
        add_basics(work)
        work.contacts.put(a_contact("CT1"))
        interactions = il.InteractionService(work)
        given = {"interaction_template_code": "LETTER", "salesperson_code": "HR"}
        entry = interactions.finish(interactions.start("CT1", **given))
        assert entry.description == "Template LETTER"


def test_what_is_there_already_stays_as_the_test_made_it(begin):
    with begin() as work:
        template = a_template("LETTER", description="ours", unit_cost_lcy=3)
        work.templates.put(template)
        work.salespeople.put(il.Salesperson(code="HR", name="ours"))
        work.interaction_groups.put(il.InteractionGroup(code="LETTERS", description="ours"))
        add_segment(work, "SM1", ["CT1"])
        assert work.templates.all() == [template]
        assert work.salespeople.get("HR").name == "ours"
        assert work.interaction_groups.get("LETTERS").description == "ours"


def test_the_lines_of_a_segment_take_what_its_header_says(begin):
    with begin() as work:
        work.campaigns.put(il.Campaign(no="CP1"))
        work.salespeople.put(il.Salesperson(code="JO", name="Jim"))
        header = {"campaign_no": "CP1", "salesperson_code": "JO", "unit_cost_lcy": 7}
        add_segment(work, "SM1", ["CT1"], subject_default="Dear", **header)
        logged = il.SegmentLogger(work).log("SM1")
        (entry,) = work.interactions.of_logged_segment(logged.entry_no)
        assert (entry.campaign_no, entry.salesperson_code) == ("CP1", "JO")
        assert (entry.cost_lcy, entry.subject) == (7, "Dear")


@given(entities(il.LogFilter), entities(il.FollowUp))
def test_strategies_make_filters_and_follow_ups_that_are_valid(log_filter, follow_up):
    for made in (log_filter, follow_up):
        assert attrs.evolve(made) == made
