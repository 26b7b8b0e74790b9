"""Area "Phone-call interactions"."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from company import add_company, add_person, add_salesperson, add_template
from interactionlog.interactions.draft import DraftComment
from interactionlog.interactions.log import InteractionLog
from interactionlog.interactions.service import InteractionService, PhoneCalls
from interactionlog.segments.service import SegmentService
from interactionlog.templates.service import TemplateService
from interactionlog.testing import a_campaign
from interactionlog.values import Evaluation


def set_up_calls(work):
    add_salesperson(work)
    add_company(work, phone_no="1234567890")
    add_template(work, "CALL")
    TemplateService(work).assign("outg_calls", "CALL")


def call_from_line(work, **values):
    """Begin a call from the only line of a segment."""
    set_up_calls(work)
    segments = SegmentService(work)
    segments.create("S", no="S1", interaction_template_code="CALL", salesperson_code="SP1")
    line = segments.add_line("S1", "C")
    return PhoneCalls(work).start_from_line("S1", line.line_no, **values)


def problem_fields(work, draft):
    return [(each.code, each.field) for each in InteractionService(work).check(draft)]


@pytest.mark.scenario("MarketingInteraction.CommentsForMakePhoneCallPage")
def test_a_comment_on_a_call_is_kept_with_its_date(begin):
    with begin() as work:
        set_up_calls(work)
        later = work.clock.work_date() + timedelta(40)
        draft = PhoneCalls(work).start("C", comments=(DraftComment(date=later, comment="YYY"),))
        entry = InteractionService(work).finish(draft)
        (comment,) = work.interactions.comments(entry.entry_no)
    assert entry.contact_via == "1234567890"
    assert (comment.date, comment.comment) == (later, "YYY")


@pytest.mark.scenario(
    "MarketingInteractionsUI.OnlyContactNumbersShownOnShowNumbersOfTAPIManagement"
)
def test_the_numbers_of_a_person_come_before_those_of_the_company(begin):
    with begin() as work:
        add_company(work, "CC", phone_no="789654123", mobile_phone_no="987456321")
        add_person(work, "P", "CC", phone_no="123456789", mobile_phone_no="987654321")
        numbers = PhoneCalls(work).numbers("P")
    assert numbers == ["123456789", "987654321", "789654123", "987456321"]


@pytest.mark.scenario("MarketingCampaignSegments.MakePhoneCallNumberError")
def test_a_call_needs_a_number(begin):
    with begin() as work:
        draft = call_from_line(work, contact_via="")
        assert problem_fields(work, draft) == [("contact-via-missing", "contact_via")]


@pytest.mark.scenario("MarketingCampaignSegments.MakePhoneCallDescriptionError")
def test_a_call_needs_a_description(begin):
    with begin() as work:
        draft = call_from_line(work, description="")
        assert draft.contact_via == "1234567890"
        assert problem_fields(work, draft) == [("description-missing", "description")]


@pytest.mark.parametrize(
    ("values", "failed"),
    [
        pytest.param(
            {},
            False,
            marks=pytest.mark.scenario("MarketingCampaignSegments.MakePhoneCallNeutralEvaluation"),
        ),
        pytest.param(
            {"interaction_successful": False},
            True,
            marks=pytest.mark.scenario("MarketingCampaignSegments.MakePhoneCallAttemptFailed"),
        ),
    ],
)
def test_a_call_is_logged_with_its_evaluation_and_success(begin, values, failed):
    with begin() as work:
        draft = call_from_line(work, evaluation=Evaluation.NEUTRAL, **values)
        entry = InteractionService(work).finish(draft)
        (newest,) = InteractionLog(work).timeline("C", limit=1)
    assert newest == entry
    assert newest.evaluation is Evaluation.NEUTRAL
    assert newest.attempt_failed is failed
    assert newest.segment_no == "S1"


@pytest.mark.scenario("MarketingCampaignSegments.MakePhonePositiveEvaluation")
def test_a_call_is_logged_with_its_campaign_and_opportunity(begin):
    with begin() as work:
        work.campaigns.put(a_campaign("CP3"))
        draft = call_from_line(
            work,
            evaluation=Evaluation.VERY_POSITIVE,
            campaign_no="CP3",
            opportunity_no="O1",
        )
        InteractionService(work).finish(draft)
        (newest,) = InteractionLog(work).timeline("C", limit=1)
    assert newest.evaluation is Evaluation.VERY_POSITIVE
    assert (newest.campaign_no, newest.opportunity_no) == ("CP3", "O1")
    assert not newest.attempt_failed


@pytest.mark.scenario("MarketingTaskManagement.PageMakePhoneCallCanChangeDateTimeOfInteraction")
def test_date_and_time_of_a_call_can_be_changed(begin):
    begin.clock.move(minutes=30)
    with begin() as work:
        set_up_calls(work)
        later = work.clock.work_date() + timedelta(2)
        draft = PhoneCalls(work).start("C")
        assert (draft.date, draft.time_of_interaction) == (work.clock.today(), time(10, 0))
        interactions = InteractionService(work)
        draft = interactions.change(draft, date=later, time_of_interaction=time(9, 30))
        entry = interactions.finish(draft)
        stored = work.interactions.get(entry.entry_no)
    assert (stored.date, stored.time_of_interaction) == (later, time(9, 30))
