"""Area "Logging a segment, logged segments, follow-up, delivery"."""

from __future__ import annotations

import pytest

from company import (
    add_attachment,
    add_company,
    add_language,
    add_person,
    add_salesperson,
    add_segment_series,
    add_template,
    set_up,
)
from interactionlog.delivery import Deliveries, request_delivery
from interactionlog.delivery.content import ContentError
from interactionlog.delivery.outbox import Outbox
from interactionlog.errors import CheckFailedError
from interactionlog.interactions.entry_service import LogEntryService
from interactionlog.interactions.repository import LogFilter
from interactionlog.segments.logging.logger import FollowUp, SegmentLogger
from interactionlog.segments.service import SegmentService
from interactionlog.testing import a_campaign, an_entry
from interactionlog.values import CorrespondenceType, DeliveryStatus, WizardAction


@pytest.mark.scenario("MarketingInteraction.LogSegmentEmailCorrTypeContNoEmail")
def test_a_segment_is_not_delivered_by_mail_to_a_contact_without_an_address(begin):
    email = CorrespondenceType.EMAIL
    with begin() as work:
        add_salesperson(work)
        add_template(work, correspondence_type_default=email, wizard_action=WizardAction.OPEN)
        add_language(work, attachment_no=add_attachment(work))
        add_person(work, "P")
        segments = SegmentService(work)
        segments.create(
            "S",
            no="S1",
            interaction_template_code="T1",
            correspondence_type_default=email,
            salesperson_code="SP1",
        )
        segments.add_line("S1", "P")
        with pytest.raises(CheckFailedError) as refused:
            SegmentLogger(work).log("S1", deliver=True)
        (problem,) = refused.value.problems
        assert (problem.field, problem.record) == ("e_mail", "P")
        assert not work.interactions.newest(LogFilter(contact_no="P"))
        assert work.segments.get("S1").no == "S1"


@pytest.mark.scenario("MarketingBatchJobs.LogSegmentWithCampaignEntry")
def test_a_logged_segment_has_its_campaign_entry_and_is_followed_up(begin):
    with begin() as work:
        set_up(work)
        work.campaigns.put(a_campaign("CP1"))
        segments = SegmentService(work)
        add_segment_series(work)
        no = segments.create("S", interaction_template_code="T1", campaign_no="CP1").no
        segments.add_line(no, "C")
        logged = SegmentLogger(work).log(no, follow_up=FollowUp())
        (campaign_entry,) = work.campaign_entries.of_campaign("CP1")
        assert campaign_entry.segment_no == no
        assert logged.segment_no == no
        assert work.campaign_entries.of_logged_segment(logged.entry_no) == [campaign_entry]
        (follow_up,) = work.segments.all()
    assert follow_up.campaign_no == "CP1"
    assert follow_up.follow_up_of == logged.entry_no
    assert no in follow_up.description


class Refusing:
    """A transport that must not be called."""

    def send(self, message):
        raise AssertionError(message)


def add_queued(work, content=None, name="", **values):
    add_company(work, e_mail="info@c.example")
    no = None if content is None else add_attachment(work, content, name)
    work.interactions.add(
        an_entry(1, "C", attachment_no=no, delivery_status=DeliveryStatus.REQUESTED, **values)
    )


def refused_field(work):
    before = work.interactions.get(1)
    with pytest.raises(CheckFailedError) as refused:
        LogEntryService(work).resend(1)
    assert work.interactions.get(1) == before
    (problem,) = refused.value.problems
    return problem.code, problem.field


@pytest.mark.scenario("AttachmentStorageType.SendAttachment_Negative_CorrespondenceTypeMandatory")
def test_an_entry_without_correspondence_type_is_not_delivered(begin):
    with begin() as work:
        add_queued(work, b"<p>Hello", "mail.html")
        assert refused_field(work) == ("correspondence-type-missing", "correspondence_type")


@pytest.mark.scenario("AttachmentStorageType.SendAttachment_Negative_AttachmentDoesntExist")
def test_an_entry_without_attachment_is_not_delivered(begin):
    with begin() as work:
        add_queued(work, correspondence_type=CorrespondenceType.EMAIL)
        assert refused_field(work) == ("content-missing", "attachment_no")


@pytest.mark.scenario("AttachmentStorageType.SendAttachment_HTML_NotEmail")
def test_a_hard_copy_of_html_content_ends_as_an_error(store):
    letter = {"correspondence_type": CorrespondenceType.HARD_COPY}
    with store.begin(user_id="TESTER") as work:
        add_queued(work, b"<p>Hello", "mail.HTML", **letter)
        request_delivery(work, work.interactions.get(1))
    Outbox(store, transports={"letter": Refusing()}, user_id="WORKER").run()
    with store.read() as work:
        assert work.interactions.get(1).delivery_status is DeliveryStatus.ERROR
        with pytest.raises(ContentError, match="no letter"):
            Deliveries(work).preview(1)
