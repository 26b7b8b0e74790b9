"""Area "Choosing the contacts of a segment: add, reduce, refine, criteria"."""

from __future__ import annotations

import pytest

from company import add_company, add_person, add_salesperson
from interactionlog.contacts.contact import Membership
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.segments.selection.contact_selection import ContactSelection, SavedSelections
from interactionlog.segments.service import SegmentService
from interactionlog.testing import a_line
from interactionlog.values import MembershipKind


def contact_nos(work, no="S1"):
    """Contacts of a segment in the order of its lines."""
    return [line.contact_no for line in work.segments.lines_after(no, 0)]


def add_two(work):
    """Segment S1, still empty, and contacts C1 of SP1 and C2 of SP2."""
    for number in (1, 2):
        add_salesperson(work, f"SP{number}")
        add_company(work, f"C{number}", salesperson_code=f"SP{number}")
    SegmentService(work).create("S1", no="S1")


@pytest.mark.scenario("MarketingSegment.SegmentAddContactWithReport")
def test_a_contact_is_added_by_a_filter(begin):
    with begin() as work:
        add_two(work)
        ContactSelection(work, "S1").add(ContactFilter(nos={"C1"}))
        assert contact_nos(work) == ["C1"]


@pytest.mark.scenario("MarketingSegment.SegmentAddContactManual")
def test_a_contact_is_added_by_hand(begin):
    with begin() as work:
        add_two(work)
        SegmentService(work).add_line("S1", "C1")
        assert contact_nos(work) == ["C1"]


@pytest.mark.scenario("MarketingSegment.ReduceSegmentLineWithWithOutConfirmation")
def test_reducing_by_nothing_removes_everybody_and_is_one_more_step(begin):
    with begin() as work:
        add_two(work)
        SegmentService(work).add_line("S1", "C1")
        selection = ContactSelection(work, "S1")
        assert len(selection.steps()) == 1
        selection.reduce(all_contacts=True, reset_criteria=False)
        assert contact_nos(work) == []
        assert len(selection.steps()) == 2


@pytest.mark.scenario("MarketingSegment.SaveSegmentCriteria")
def test_steps_are_saved_under_a_code(begin):
    with begin() as work:
        add_two(work)
        for no in ("C1", "C2"):
            SegmentService(work).add_line("S1", no)
        ContactSelection(work, "S1").save("SP2")
        assert [saved.code for saved in SavedSelections(work).all()] == ["SP2"]


@pytest.mark.scenario("MarketingSegment.ReuseSegmentCriteria")
def test_saved_steps_bring_back_a_line_that_was_deleted(begin):
    with begin() as work:
        add_two(work)
        segments, selection = SegmentService(work), ContactSelection(work, "S1")
        for no in ("C1", "C2"):
            segments.add_line("S1", no)
        selection.save("SAVED")
        segments.remove_lines("S1", [20_000])
        selection.reuse_saved("SAVED", add_to_steps=True)
        lines = work.segments.lines_after("S1", 0)
        assert [line.salesperson_code for line in lines] == ["SP1", "SP2"]


@pytest.mark.scenario("MarketingCampaignSegments.RefiningContactsOnSegments")
def test_refining_keeps_the_salesperson_that_is_asked_for(begin):
    with begin() as work:
        add_two(work)
        selection = ContactSelection(work, "S1")
        selection.add(ContactFilter(nos={"C1", "C2"}))
        selection.refine(ContactFilter(salesperson_codes={"SP1"}))
        assert contact_nos(work) == ["C1"]


@pytest.mark.scenario("MarketingCampaignSegments.RemoveAllContactsFromSegments")
def test_reducing_by_nothing_may_forget_the_steps(begin):
    with begin() as work:
        add_two(work)
        selection = ContactSelection(work, "S1")
        selection.add(ContactFilter(nos={"C1", "C2"}))
        selection.reduce(all_contacts=True, reset_criteria=True)
        assert contact_nos(work) == []
        assert SegmentService(work).figures("S1").lines == 0
        assert selection.steps() == []


@pytest.mark.scenario("MarketingCampaignSegments.ReduceContactFromSegment")
def test_reducing_takes_a_line_that_no_step_added(begin):
    with begin() as work:
        add_two(work)
        work.segments.add_lines([a_line(10_000, "C1", "S1"), a_line(20_000, "C2", "S1")])
        ContactSelection(work, "S1").reduce(ContactFilter(nos={"C1"}))
        assert contact_nos(work) == ["C2"]


@pytest.mark.scenario("MarketingCampaignSegments.RefineContactFromSegment")
def test_refining_keeps_a_line_that_no_step_added(begin):
    with begin() as work:
        add_two(work)
        work.segments.add_lines([a_line(10_000, "C1", "S1"), a_line(20_000, "C2", "S1")])
        ContactSelection(work, "S1").refine(ContactFilter(nos={"C1"}))
        assert contact_nos(work) == ["C1"]


@pytest.mark.parametrize(
    "related",
    [
        pytest.param(
            True,
            marks=pytest.mark.scenario(
                "MarketingCampaignSegments.AddContactsAllContactsMailingGrouAllowRelatedCompaniesTrue"
            ),
        ),
        pytest.param(
            False,
            marks=pytest.mark.scenario(
                "MarketingCampaignSegments.AddContactsAllContactsMailingGrouAllowRelatedCompaniesFalse"
            ),
        ),
    ],
)
def test_a_company_that_is_meant_itself_comes_once(begin, related):
    with begin() as work:
        add_company(work, "A")
        add_person(work, "B")
        add_person(work, "C", "A")
        for no in "ABC":
            member = Membership(contact_no=no, kind=MembershipKind.MAILING_GROUP, code="M")
            work.contacts.put_membership(member)
        SegmentService(work).create("S1", no="S1")
        ContactSelection(work, "S1").add(
            ContactFilter(mailing_group_codes={"M"}), related_companies=related
        )
        assert sorted(contact_nos(work)) == ["A", "B", "C"]


@pytest.mark.scenario("MarketingProfiling.ContactToSegmentUsingProfile")
def test_a_profile_filter_is_saved_and_taken_again_in_another_segment(begin):
    with begin() as work:
        add_company(work, "C")
        work.contacts.put_membership(
            Membership(contact_no="C", kind=MembershipKind.PROFILE_ANSWER, code="Q", line_no=20_000)
        )
        segments = SegmentService(work)
        for no in ("S1", "S2"):
            segments.create(no, no=no)
        ContactSelection(work, "S1").add(ContactFilter(profile_answers={"Q": []}))
        ContactSelection(work, "S1").save("SAVED")
        ContactSelection(work, "S2").reuse_saved("SAVED")
        for no in ("S1", "S2"):
            assert len(ContactSelection(work, no).steps()) == 1
            assert contact_nos(work, no) == ["C"]
