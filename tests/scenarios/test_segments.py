"""Area "Segments: header defaults, propagation to lines, per-line personalisation"."""

from __future__ import annotations

import attrs
import pytest

from company import (
    add_attachment,
    add_company,
    add_language,
    add_salesperson,
    add_segment_series,
    add_template,
)
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.segments.languages import with_template
from interactionlog.segments.logging.logger import SegmentLogger
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.testing import a_campaign, a_template
from interactionlog.values import (
    CorrespondenceType,
    InformationFlow,
    InitiatedBy,
    WizardAction,
)


def add_letter_segment(work) -> SegmentService:
    """Segment S1 of a template with content in the blank language, to be printed."""
    add_salesperson(work)
    add_template(
        work,
        correspondence_type_default=CorrespondenceType.HARD_COPY,
        ignore_contact_corres_type=True,
        wizard_action=WizardAction.OPEN,
        information_flow=InformationFlow.OUTBOUND,
        initiated_by=InitiatedBy.US,
        unit_cost_lcy=40,
        unit_duration_min=12,
    )
    add_language(work, attachment_no=add_attachment(work))
    segments = SegmentService(work)
    segments.create(
        "S1",
        no="S1",
        interaction_template_code="T1",
        correspondence_type_default=CorrespondenceType.HARD_COPY,
    )
    return segments


@pytest.mark.scenario("MarketingInteraction.VerifyAttachmentNoOnSegemntLineIfRevalidateContactNo")
def test_the_content_survives_when_the_same_contact_is_set_again(begin):
    with begin() as work:
        segments = add_letter_segment(work)
        add_company(work, "C", e_mail="c@example.com")
        line = segments.add_line("S1", "C")
        again = segments.change_contact("S1", line.line_no, "C")
        assert again.attachment_no == segments.figures("S1").attachment_no is not None
        logged = SegmentLogger(work).log("S1", deliver=True)
        assert work.logged_segments.current("S1") == logged


@pytest.mark.scenario(
    "MarketingInteraction.VerifyChangingContactNoOnSegmentLineNotDeletingAttachment"
)
def test_the_content_survives_when_the_contact_changes(begin):
    with begin() as work:
        segments = add_letter_segment(work)
        add_company(work, "C1", e_mail="c1@example.com")
        add_company(work, "C2", e_mail="c2@example.com")
        line = segments.add_line("S1", "C1")
        changed = segments.change_contact("S1", line.line_no, "C2")
        assert changed.contact_no == "C2"
        assert changed.attachment_no == segments.figures("S1").attachment_no
        assert work.attachments.find(changed.attachment_no) is not None


@pytest.mark.scenario(
    "MarketingSegment.InteractionTemplateCodeValidateHdrWhenConfirmUpdateSegLines"
)
def test_a_new_template_reaches_all_lines_and_own_content_stays(begin):
    with begin() as work:
        add_salesperson(work)
        for code, language in (("TA", "ENU"), ("TB", "DAN"), ("TC", None)):
            add_template(work, code, language_code_default=language)
            if language is not None:
                add_language(work, code, language, attachment_no=add_attachment(work))
        segments = SegmentService(work)
        segments.create("S1", no="S1")
        for contact_no, code in (("C1", "TB"), ("C2", "TC")):
            add_company(work, contact_no)
            line = segments.add_line("S1", contact_no)
            segments.personalise("S1", line.line_no, interaction_template_code=code)
        first, second = work.segments.lines_after("S1", 0)
        assert (first.language_code, second.attachment_no) == ("DAN", None)
        own = first.attachment_no
        assert own is not None

        header = segments.change("S1", interaction_template_code="TA")

        content = segments.figures("S1").attachment_no
        assert (header.language_code_default, content is None) == ("ENU", False)
        first, second = work.segments.lines_after("S1", 0)
        assert {first.interaction_template_code, second.interaction_template_code} == {"TA"}
        assert (first.language_code, first.attachment_no) == ("DAN", own)
        assert (second.language_code, second.attachment_no) == ("ENU", content)


@pytest.mark.scenario("MarketingSegment.CompanyContactInfoInSegmentLine")
def test_a_line_shows_phones_and_address_of_its_company(begin):
    with begin() as work:
        add_company(
            work,
            "C",
            phone_no="999-999-99-99",
            mobile_phone_no="888-888-88-88",
            e_mail="user@contoso.com",
        )
        segments = SegmentService(work)
        segments.create("S1", no="S1")
        segments.add_line("S1", "C")
        (view,) = segments.lines("S1")
        assert view.contact_phone_no == "999-999-99-99"
        assert view.contact_mobile_phone_no == "888-888-88-88"
        assert view.contact_e_mail == "user@contoso.com"


@pytest.mark.scenario("MarketingCampaignSegments.UpdateSegmentLinesByNoTest")
def test_a_blank_line_takes_the_description_of_its_header(begin):
    with begin() as work:
        segments = SegmentService(work)
        segments.create("S1", no="S1")
        work.segments.add_lines([SegmentLine(segment_no="S1", line_no=10_000)])
        segments.change("S1", description="Description")
        assert work.segments.line("S1", 10_000).description == "Description"


@pytest.mark.scenario("MarketingCampaignSegments.SegmentInteractionTemplateCode")
def test_added_contacts_get_the_template_of_the_header(begin):
    with begin() as work:
        add_template(work)
        SegmentService(work).create("S1", no="S1", interaction_template_code="T1")
        for no in ("C1", "C2"):
            add_company(work, no)
        ContactSelection(work, "S1").add(ContactFilter(nos={"C1", "C2"}))
        lines = work.segments.lines_after("S1", 0)
        assert [line.interaction_template_code for line in lines] == ["T1", "T1"]


@pytest.mark.scenario("MarketingCampaignSegments.CreateNewSegmentWithDetails")
def test_a_line_has_salesperson_and_campaign_of_its_header(begin):
    with begin() as work:
        add_salesperson(work)
        add_salesperson(work, "SPX")
        work.campaigns.put(a_campaign("CPX"))
        add_company(work, "C", salesperson_code="SP1")
        add_segment_series(work)
        segments = SegmentService(work)
        segment = segments.create("S")
        segments.change(segment.no, salesperson_code="SPX")
        ContactSelection(work, segment.no).add(ContactFilter(nos={"C"}))
        segments.change(segment.no, campaign_no="CPX")
        (line,) = work.segments.lines_after(segment.no, 0)
        assert (line.salesperson_code, line.campaign_no) == ("SPX", "CPX")


@pytest.mark.scenario(
    "MarketingCampaignSegments.SegmentLineUpdateDescriptionOnUpdateInteractionTemplateCode"
)
def test_another_template_overwrites_the_description(begin):
    first, second = a_template("T1", description="X2"), a_template("T2", description="X3")
    alone = SegmentLine(segment_no="S1", line_no=10_000, contact_no="C")
    described = with_template(alone, first, Segment(no="S1"), None)
    assert described.description == "X2"
    assert with_template(described, second, Segment(no="S1"), None).description == "X3"

    with begin() as work:  # and on a stored line, whose header has no template
        for template in (first, second):
            work.templates.put(template)
        add_company(work, "C")
        segments = SegmentService(work)
        segments.create("", no="S1")
        line_no = segments.add_line("S1", "C").line_no
        for template in (first, second):
            line = segments.personalise("S1", line_no, interaction_template_code=template.code)
            assert line.description == template.description
        assert attrs.evolve(line, description="") != line
