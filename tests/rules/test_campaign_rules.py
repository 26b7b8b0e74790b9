"""Campaigns, rule by rule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

import interactionlog as il
from company import add_company, log_interaction, set_up
from interactionlog.campaigns.service import (
    CampaignService,
    CampaignStatistics,
    Target,
    TargetGroup,
)
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.testing import a_contact, a_line, add_segment


def test_a_campaign_gets_its_number_and_the_users_salesperson(begin):
    """SEG-131."""
    with begin() as work:
        set_up(work)
        work.users.put(il.User(user_id="TESTER", salesperson_code="SP1"))
        il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="CAMP"))
        il.numbering.NumberSeriesSetup(work).add_line("CAMP", "CP0001")
        work.marketing_setup.put(il.MarketingSetup(campaign_nos="CAMP"))
        campaign = CampaignService(work).create("Spring")
        assert (campaign.no, campaign.no_series, campaign.salesperson_code) == (
            "CP0001",
            "CAMP",
            "SP1",
        )
        assert work.campaigns.get("CP0001") == campaign
        with pytest.raises(il.NumberSeriesError):
            CampaignService(work).create("Summer", no="X1")


def test_without_a_series_in_the_setup_a_campaign_is_numbered_by_hand(begin):
    with begin() as work:
        with pytest.raises(il.SetupMissingError) as refused:
            CampaignService(work).create("Spring")
        assert refused.value.field == "campaign_nos"
        assert CampaignService(work).create("Spring", no="cp1").no == "CP1"
        with pytest.raises(il.DuplicateEntryError):
            CampaignService(work).create("Spring", no="CP1")


def test_a_campaign_does_not_end_before_it_starts(begin):
    """SEG-130, whichever of the two is changed."""
    with begin() as work:
        service = CampaignService(work)
        service.create(
            "Spring", no="CP1", starting_date=date(2026, 2, 1), ending_date=date(2026, 3, 1)
        )
        with pytest.raises(il.FieldInvalidError):
            service.change("CP1", starting_date=date(2026, 3, 2))
        with pytest.raises(il.FieldInvalidError):
            service.change("CP1", ending_date=date(2026, 1, 31))
        changed = service.change("CP1", ending_date=None)
        assert (changed.ending_date, changed.last_date_modified) == (None, begin.clock.today())


def test_a_campaign_names_a_salesperson_that_exists(begin):
    with begin() as work:
        with pytest.raises(il.NotFoundError):
            CampaignService(work).create("Spring", no="CP1", salesperson_code="XX")
        assert work.campaigns.find("CP1") is None


@pytest.mark.parametrize("user", ["header", "line", "template", "entry"])
def test_a_campaign_that_is_used_is_not_deleted_unless_forced(begin, user):
    """SEG-132 with D-24."""
    with begin() as work:
        set_up(work)
        service = CampaignService(work)
        service.create("Spring", no="CP1")
        if user == "header":
            add_segment(work, "SM1", [], campaign_no="CP1")
        elif user == "line":
            add_segment(work, "SM1", [])
            work.segments.add_lines([a_line(10_000, None, "SM1", campaign_no="CP1")])
        elif user == "template":
            il.TemplateService(work).change("T1", campaign_no="CP1")
        else:
            log_interaction(work, campaign_no="CP1")
        with pytest.raises(il.StateError, match="campaign CP1 is used by"):
            service.delete("CP1")
        service.delete("CP1", force=True)
        assert work.campaigns.find("CP1") is None
        assert work.campaign_entries.of_campaign("CP1") == []
        assert all(e.campaign_entry_no is None for e in work.interactions.newest(il.LogFilter()))


def test_an_unused_campaign_is_deleted(begin):
    with begin() as work:
        CampaignService(work).create("Spring", no="CP1")
        CampaignService(work).delete("cp1")
        assert work.campaigns.find("CP1") is None


def test_a_canceled_campaign_entry_takes_no_new_interactions(begin):
    """D-23, INV-I-19 and INV-I-20."""
    with begin() as work:
        set_up(work)
        CampaignService(work).create("Spring", no="CP1")
        first = log_interaction(work, campaign_no="CP1")
        assert log_interaction(work, campaign_no="CP1").campaign_entry_no == first.campaign_entry_no
        CampaignService(work).cancel_entries(first.campaign_entry_no)
        third = log_interaction(work, campaign_no="CP1")
        assert third.campaign_entry_no != first.campaign_entry_no
        CampaignService(work).uncancel_entries(first.campaign_entry_no)
        fourth = log_interaction(work, campaign_no="CP1")
        assert fourth.campaign_entry_no == third.campaign_entry_no
        figures = CampaignStatistics(work)
        assert figures.of_entry(first.campaign_entry_no).interactions == 2
        assert figures.of_entry(third.campaign_entry_no).interactions == 2
        assert figures.of("CP1").cost_lcy == 0


def test_uncanceling_a_campaign_entry_leaves_what_a_logged_segment_canceled(begin):
    """D-21: each parent has a reason of its own."""
    with begin() as work:
        add_segment(work, "SM1", ["CT1"], campaign_no="CP1")
        work.campaigns.put(il.Campaign(no="CP1"))
        work.segments.add_lines([a_line(20_000, "CT1", "SM1", campaign_no="CP1")])
        logged = il.SegmentLogger(work).log("SM1")
        (entry,) = work.campaign_entries.of_campaign("CP1")
        LoggedSegments(work).cancel(logged.entry_no)
        CampaignService(work).cancel_entries(entry.entry_no)
        CampaignService(work).uncancel_entries(entry.entry_no)
        assert work.interactions.get(logged.last_entry_no).cancel_state == 2
        LoggedSegments(work).uncancel(logged.entry_no)
        assert work.interactions.get(logged.last_entry_no).cancel_state == 0


@pytest.mark.parametrize(
    ("filters", "deleted"),
    [
        ({}, True),
        ({"entry_no": 1}, True),
        ({"entry_no": 2}, False),
        ({"salesperson_code": "sp1"}, True),
        ({"salesperson_code": "XX"}, False),
        ({"since": date(2026, 1, 26), "until": date(2026, 1, 26)}, True),
        ({"since": date(2026, 1, 27)}, False),
        ({"until": date(2026, 1, 25)}, False),
    ],
)
def test_canceled_campaign_entries_are_deleted_by_filter_with_their_comments(
    begin, filters, deleted
):
    """SEG-134 with D-24: one delete rule for entries, comments and content."""
    with begin() as work:
        set_up(work)
        CampaignService(work).create("Spring", no="CP1")
        entry = log_interaction(work, campaign_no="CP1", comments=[_comment("called")])
        assert CampaignService(work).delete_canceled_entries("CP1") == ()
        CampaignService(work).cancel_entries(entry.campaign_entry_no)
        gone = CampaignService(work).delete_canceled_entries("CP1", **filters)
        assert gone == ((entry.campaign_entry_no,) if deleted else ())
        assert (work.interactions.find(entry.entry_no) is None) is deleted
        assert bool(work.interactions.comments(entry.entry_no)) is not deleted


def _comment(text):
    return il.DraftComment(comment=text)


def test_the_target_group_is_computed_from_open_lines_and_live_entries(begin):
    """INV-S-26, SEG-139: customers by their number, other companies by their own."""
    with begin() as work:
        set_up(work)
        service = CampaignService(work)
        service.create("Spring", no="CP1")
        add_company(work, "C1")
        work.contacts.put_membership(
            il.Membership(
                contact_no="C1",
                kind=il.MembershipKind.BUSINESS_RELATION,
                code="CUST",
                link_to_table="Customer",
                linked_no="10000",
            )
        )
        add_segment(work, "SM1", [])
        work.segments.add_lines(
            [
                a_line(
                    10_000,
                    "C1",
                    "SM1",
                    contact_company_no="C1",
                    campaign_no="CP1",
                    campaign_target=True,
                ),
                a_line(20_000, "C2", "SM1", contact_company_no="C2", campaign_no="CP1"),
            ]
        )
        entry = log_interaction(work, campaign_no="CP1", campaign_target=True)
        service.activate("CP1")
        customer, contact = Target(True, "10000"), Target(False, "C")
        assert TargetGroup(work).of("CP1") == {customer, contact}
        il.LogEntryService(work).cancel(entry.entry_no)
        assert TargetGroup(work).of("CP1") == {customer}
        work.segments.remove_lines("SM1", [10_000])
        assert TargetGroup(work).of("CP1") == frozenset()
        service.deactivate("CP1")
        service.deactivate("CP1")
        assert not work.campaigns.get("CP1").activated


def test_a_company_and_its_person_are_one_target(begin):
    with begin() as work:
        add_segment(work, "SM1", [])
        CampaignService(work).create("Spring", no="CP1")
        work.segments.add_lines(
            [
                a_line(
                    n,
                    f"P{n}",
                    "SM1",
                    contact_company_no="C1",
                    campaign_no="CP1",
                    campaign_target=True,
                )
                for n in (1, 2)
            ]
        )
        CampaignService(work).activate("CP1")
        assert TargetGroup(work).of("CP1") == {Target(False, "C1")}


def test_campaign_figures_count_interactions_and_contacts(begin):
    """D-33: BC's figures under BC's names, and the distinct ones."""
    with begin() as work:
        set_up(work, unit_cost_lcy=10, unit_duration_min=5)
        CampaignService(work).create("Spring", no="CP1")
        for _ in range(2):
            log_interaction(work, campaign_no="CP1", campaign_target=True)
        answer = log_interaction(work, campaign_no="CP1", campaign_response=True)
        figures = CampaignStatistics(work).of("cp1")
        assert figures == (2, 1, 1, 1, Decimal(30), 15, Decimal(30))
        assert CampaignStatistics(work).responses_by_wave("CP1") == [(None, (1, Decimal(10), 5))]
        il.LogEntryService(work).cancel(answer.entry_no)
        assert CampaignStatistics(work).of("CP1").cost_per_response is None


def test_campaign_figures_may_be_asked_for_a_period(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy=10)
        CampaignService(work).create("Spring", no="CP1")
        log_interaction(work, campaign_no="CP1", date=date(2026, 1, 1))
        log_interaction(work, campaign_no="CP1", date=date(2026, 2, 1))
        assert CampaignStatistics(work, since=date(2026, 1, 15)).of("CP1").cost_lcy == 10
        assert CampaignStatistics(work, until=date(2026, 1, 15)).of("CP1").cost_lcy == 10
        assert CampaignStatistics(work).of("CP1").cost_lcy == 20


def test_responses_are_told_by_wave(begin):
    with begin() as work:
        work.campaigns.put(il.Campaign(no="CP1"))
        for no, answers in (("SM1", 1), ("SM2", 2)):
            add_segment(work, no, [])
            work.contacts.put(a_contact("CT1"))
            lines = [
                a_line(n, "CT1", no, campaign_no="CP1", campaign_response=n <= answers)
                for n in (1, 2)
            ]
            work.segments.add_lines(lines)
            il.SegmentLogger(work).log(no)
        by_wave = CampaignStatistics(work).responses_by_wave("CP1")
        assert [(no, figures.interactions) for no, figures in by_wave] == [("SM1", 1), ("SM2", 2)]
