"""Scenarios of campaign entries and campaign target groups."""

from __future__ import annotations

from datetime import timedelta

import pytest

import interactionlog as il
from company import add_template, log_interaction, set_up
from interactionlog.campaigns.service import (
    CampaignService,
    CampaignStatistics,
    Target,
    TargetGroup,
)


def add_campaign(work, no="CP1", **values):
    work.campaigns.put(il.Campaign(no=no, **values))


def add_campaign_segment(work, **values):
    """Segment S1 with template T1, campaign CP1 and one line for contact C."""
    set_up(work)
    add_campaign(work)
    service = il.SegmentService(work)
    service.create("S1", no="S1", interaction_template_code="T1", campaign_no="CP1", **values)
    service.add_line("S1", "C")


@pytest.mark.scenario("MarketingCampaignSegments.CampaignAndInteractionsLinked")
def test_an_interaction_of_a_campaign_belongs_to_a_campaign_entry(begin):
    with begin() as work:
        set_up(work)
        add_template(
            work,
            unit_cost_lcy=40,
            unit_duration_min=15,
            information_flow=il.InformationFlow.OUTBOUND,
            initiated_by=il.InitiatedBy.US,
        )
        add_campaign(work)
        entry = log_interaction(work, campaign_no="CP1")
        assert (entry.information_flow, entry.initiated_by) == (
            il.InformationFlow.OUTBOUND,
            il.InitiatedBy.US,
        )
        assert (entry.interaction_group_code, entry.interaction_template_code) == ("G1", "T1")
        assert (entry.attachment_no, entry.cost_lcy, entry.duration_min) == (None, 40, 15)
        assert entry.campaign_no == "CP1"
        (campaign_entry,) = work.campaign_entries.of_campaign("CP1")
        assert entry.campaign_entry_no == campaign_entry.entry_no
        assert CampaignStatistics(work).of_entry(campaign_entry.entry_no) == (1, 40, 15)


@pytest.mark.scenario("MarketingCampaignPricing.ActivateCampaignWithoutPrice")
def test_a_campaign_without_targets_is_not_activated(begin):
    with begin() as work:
        day = begin.clock.work_date()
        add_campaign(work, starting_date=day, ending_date=day + timedelta(days=3))
        with pytest.raises(il.StateError) as refused:
            CampaignService(work).activate("CP1", has_prices=False, without_prices=True)
        assert refused.value.record == "campaign CP1"
        assert not work.campaigns.get("CP1").activated
        assert TargetGroup(work).of("CP1") == frozenset()


@pytest.mark.scenario("MarketingCampaignPricing.ActivateCampaignWithSegmentAndNoPrice")
def test_a_campaign_with_a_target_line_is_activated(begin):
    with begin() as work:
        add_campaign_segment(work, campaign_target=True)
        assert CampaignService(work).activate("CP1", has_prices=False, without_prices=True)
        assert TargetGroup(work).of("CP1") == {Target(is_customer=False, no="C")}


@pytest.mark.scenario("MarketingCampaignPricing.ActivateCampaignWithLogAndCampaignTargetFalse")
def test_a_campaign_whose_logged_lines_were_no_targets_is_not_activated(begin):
    with begin() as work:
        add_campaign_segment(work, campaign_target=False)
        il.SegmentLogger(work).log("S1")
        with pytest.raises(il.StateError):
            CampaignService(work).activate("CP1", has_prices=True)


@pytest.mark.scenario("MarketingBatchJobs.CanceledCampaignEntry")
def test_canceling_a_campaign_entry_cancels_its_interactions(begin):
    with begin() as work:
        add_campaign_segment(work)
        logged = il.SegmentLogger(work).log("S1")
        (entry,) = work.campaign_entries.of_campaign("CP1")
        CampaignService(work).cancel_entries(entry.entry_no)
        (canceled,) = work.campaign_entries.of_campaign("CP1")
        assert (canceled.cancel_state, canceled.segment_no) == (1, "S1")
        assert work.interactions.get(logged.first_entry_no).canceled


@pytest.mark.scenario("MarketingBatchJobs.DeleteCampaignEntry")
def test_purging_canceled_campaign_entries_deletes_their_interactions(begin):
    with begin() as work:
        add_campaign_segment(work)
        il.SegmentLogger(work).log("S1")
        (entry,) = work.campaign_entries.of_campaign("CP1")
        CampaignService(work).cancel_entries(entry.entry_no)
        assert CampaignService(work).delete_canceled_entries("CP1") == (entry.entry_no,)
        assert work.campaign_entries.of_campaign("CP1") == []
        assert work.interactions.newest(il.LogFilter(campaign_no="CP1")) == []


def add_contactless_target(work):
    """A segment with one line without contact that is a target of CP1."""
    add_campaign(work)
    service = il.SegmentService(work)
    service.create("S1", no="S1", campaign_no="CP1", campaign_target=True)
    service.add_line("S1")


@pytest.mark.scenario("TestPriceCalculationV16.T190_ActivateCampaignIfPriceExists")
def test_a_campaign_with_prices_is_activated_without_a_question(begin):
    with begin() as work:
        add_contactless_target(work)
        assert CampaignService(work).activate("CP1", has_prices=True, without_prices=False)
        assert TargetGroup(work).of("CP1") == {Target(is_customer=False, no=None)}


@pytest.mark.scenario("TestPriceCalculationV16.T191_ActivateCampaignIfPriceDoesNotExist")
def test_a_campaign_without_prices_is_not_activated_when_the_answer_is_no(begin):
    with begin() as work:
        add_contactless_target(work)
        assert not CampaignService(work).activate("CP1", has_prices=False, without_prices=False)
        assert TargetGroup(work).of("CP1") == frozenset()
