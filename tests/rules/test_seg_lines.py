"""Lines of segments and what is personal to them: SEG-040 to SEG-053."""

from __future__ import annotations

import attrs
import pytest

from company import add_attachment, add_company, add_language, add_person, add_template
from interactionlog.contacts.contact import AlternativeAddress, AlternativeAddressPeriod
from interactionlog.errors import NotFoundError, PrivacyBlockedError, StateError, UsageError
from interactionlog.segments.languages import SegmentLanguages
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.testing import a_campaign
from interactionlog.values import (
    CorrespondenceType,
    CriteriaAction,
    CriteriaSource,
    Evaluation,
    InformationFlow,
)
from rules_of_segments import lines_of, offer, start, values_of

HARD_COPY, EMAIL = CorrespondenceType.HARD_COPY, CorrespondenceType.EMAIL


@pytest.mark.rule("SEG-040")
@pytest.mark.rule("SEG-041")
def test_a_line_takes_its_values_from_header_and_contact(begin):
    with begin() as work:
        add_person(work, "P", "C", language_code="DAN", salesperson_code="SP2")
        work.contacts.put_address(AlternativeAddress(contact_no="P", code="HOME"))
        offer(work, "ENU", "DAN", unit_cost_lcy=7)
        start(work, campaign_no="CP1")
        header = work.segments.get("S1")
        work.contacts.put_address_period(
            AlternativeAddressPeriod(contact_no="P", starting_date=header.date, code="HOME")
        )
        line = SegmentService(work).add_line("S1", "P", subject="mine")
        assert (line.contact_company_no, line.salesperson_code) == ("C", "SP2")
        assert (line.campaign_no, line.cost_lcy, line.date) == ("CP1", 7, header.date)
        assert (line.language_code, line.contact_alt_address_code) == ("DAN", "HOME")
        work.segments.set("S1", date=None)
        undated = SegmentService(work).add_line("S1", "P")
        assert (undated.date, undated.contact_alt_address_code) == (None, None)
        assert (line.subject, line.description) == ("mine", header.description)


@pytest.mark.rule("SEG-042")
@pytest.mark.parametrize(
    ("header", "template", "contact", "found"),
    [
        ({"ignore_contact_corres_type": True}, {}, EMAIL, EMAIL),
        (
            {"ignore_contact_corres_type": True, "correspondence_type_default": HARD_COPY},
            {},
            EMAIL,
            HARD_COPY,
        ),
        ({}, {"correspondence_type_default": HARD_COPY}, None, HARD_COPY),
        ({}, {"correspondence_type_default": HARD_COPY}, EMAIL, EMAIL),
        (
            {},
            {"correspondence_type_default": HARD_COPY, "ignore_contact_corres_type": True},
            EMAIL,
            HARD_COPY,
        ),
    ],
)
def test_who_decides_how_a_line_is_delivered(begin, header, template, contact, found):
    with begin() as work:
        add_template(work, "T1", **template)
        add_company(work, "C", correspondence_type=contact)
        start(work, "C", **header)
        assert values_of(work, "correspondence_type") == [found]


@pytest.mark.rule("SEG-041")
def test_a_new_contact_resets_what_contacts_decide_and_keeps_the_rest(begin):
    with begin() as work:
        offer(work, "ENU", "DAN")
        add_company(work, "D", language_code="DAN", salesperson_code="SP2")
        segments = start(work, "C1")
        segments.personalise(
            "S1", 10_000, cost_lcy=9, evaluation=Evaluation.POSITIVE, description="mine"
        )
        line = segments.change_contact("S1", 10_000, "D")
        assert (line.contact_no, line.salesperson_code, line.language_code) == ("D", "SP2", "DAN")
        assert line.attachment_no == work.segments.languages("S1")[0].attachment_no
        assert (line.evaluation, line.cost_lcy, line.description) == (None, 9, "mine")  # D-11
        kept = segments.change_contact("S1", 10_000, "C1", keep=["salesperson_code"])
        assert (kept.salesperson_code, kept.language_code) == ("SP2", "ENU")
        with pytest.raises(UsageError):
            segments.change_contact("S1", 10_000, "D", keep=["cost_lcy"])
        assert work.segments.line("S1", 10_000) == kept


@pytest.mark.rule("SEG-041")
def test_content_of_its_own_survives_a_new_contact(begin):
    with begin() as work:
        add_company(work, "D", language_code="DAN")
        segments = start(work, "C1")
        own = add_attachment(work)
        SegmentLanguages(work).put("S1", "ENU", line_no=10_000, attachment_no=own)
        SegmentLanguages(work).put("S1", "DAN", line_no=10_000, subject="Hej")
        line = segments.change_contact("S1", 10_000, "D")
        assert (line.language_code, line.subject) == ("DAN", "Hej")
        assert len(work.segments.languages("S1", 10_000)) == 2


@pytest.mark.rule("SEG-043")
@pytest.mark.rule("SEG-044")
def test_a_language_that_is_not_offered_is_the_default_and_may_have_no_content(begin):
    with begin() as work:
        add_company(work, "F", language_code="FRA")
        add_template(work, "T1", language_code_default="ENU")
        add_language(work, "T1", "DAN", attachment_no=add_attachment(work))
        start(work, "F", subject_default="Hello")
        (line,) = lines_of(work)
        assert (line.language_code, line.attachment_no, line.subject) == ("ENU", None, "Hello")


@pytest.mark.rule("SEG-045")
def test_another_template_brings_its_values_and_content_of_the_lines_own(begin):
    with begin() as work:
        work.campaigns.put(a_campaign("CP2"))
        offer(
            work,
            "ENU",
            "DAN",
            code="T2",
            unit_cost_lcy=8,
            campaign_no="CP2",
            campaign_response=True,
            information_flow=InformationFlow.INBOUND,
            correspondence_type_default=HARD_COPY,
        )
        add_company(work, "D", language_code="DAN")
        segments = start(work, "C1", "D")
        for line_no, language in ((10_000, "ENU"), (20_000, "DAN")):
            line = segments.personalise("S1", line_no, interaction_template_code="T2")
            assert (line.language_code, line.cost_lcy, line.campaign_no) == (language, 8, "CP2")
            assert (line.correspondence_type, line.campaign_response) == (HARD_COPY, True)
            assert (line.information_flow, line.description) == (InformationFlow.INBOUND, "T2G1")
            rows = work.segments.languages("S1", line_no)
            assert [row.language_code for row in rows] == ["DAN", "ENU"]
            contents = {row.attachment_no for row in work.template_languages.all("T2")}
            assert line.attachment_no not in contents  # D-36
        back = segments.personalise("S1", 10_000, interaction_template_code="T1")
        assert (back.attachment_no, work.segments.languages("S1", 10_000)) == (None, [])
        assert back.description == "T1G1"


@pytest.mark.rule("SEG-045")
def test_a_template_needs_a_contact_and_can_be_taken_away(begin):
    with begin() as work:
        offer(work, "ENU")
        segments = start(work, "C1")
        segments.add_line("S1")
        with pytest.raises(StateError):
            segments.personalise("S1", 20_000, interaction_template_code=None)
        with pytest.raises(NotFoundError):
            segments.personalise("S1", 10_000, interaction_template_code="NONE")
        line = segments.personalise("S1", 10_000, interaction_template_code=None)
        assert (line.interaction_template_code, line.cost_lcy, line.attachment_no) == (
            None,
            0,
            None,
        )
        with pytest.raises(StateError):
            segments.personalise("S1", 10_000, language_code="ENU", subject="")


@pytest.mark.rule("SEG-045")
@pytest.mark.parametrize(
    ("header", "template", "contact", "found"),
    [
        (
            {"ignore_contact_corres_type": True, "correspondence_type_default": EMAIL},
            {"correspondence_type_default": HARD_COPY},
            None,
            EMAIL,
        ),
        (
            {},
            {"correspondence_type_default": HARD_COPY, "ignore_contact_corres_type": True},
            EMAIL,
            HARD_COPY,
        ),
        ({}, {"ignore_contact_corres_type": True}, EMAIL, None),
        ({}, {"correspondence_type_default": HARD_COPY}, EMAIL, EMAIL),
        ({}, {}, None, None),
    ],
)
def test_who_decides_how_a_personalised_line_is_delivered(begin, header, template, contact, found):
    with begin() as work:
        add_template(work, "T2", **template)
        add_company(work, "C", correspondence_type=contact)
        segments = start(work, "C", **header)
        line = segments.personalise("S1", 10_000, interaction_template_code="T2")
        assert line.correspondence_type == found


@pytest.mark.rule("SEG-046")
def test_another_language_brings_its_content_or_none(begin):
    with begin() as work:
        offer(work, "ENU", "DAN")
        segments = start(work, "C1")
        line = segments.personalise("S1", 10_000, language_code="DAN")
        assert line.attachment_no == work.segments.languages("S1")[0].attachment_no
        line = segments.personalise("S1", 10_000, language_code="FRA")
        assert (line.language_code, line.attachment_no, line.subject) == ("FRA", None, "")


@pytest.mark.rule("SEG-048")
@pytest.mark.rule("SEG-050")
def test_lines_written_and_removed_by_hand_are_steps(begin):
    with begin() as work:
        segments = start(work, "C1", "C2")
        segments.add_line("S1")
        segments.remove_lines("S1", [10_000, 30_000])
        segments.change_contact("S1", 20_000, "C1")
        steps = ContactSelection(work, "S1").steps()
        assert [(step.action, sorted(step.filter.nos)) for step in steps] == [
            (CriteriaAction.ADD, ["C1"]),
            (CriteriaAction.ADD, ["C2"]),
            (CriteriaAction.REDUCE, ["C1"]),
            (CriteriaAction.REDUCE, ["C2"]),
            (CriteriaAction.ADD, ["C1"]),
        ]
        assert {step.source for step in steps} == {CriteriaSource.BY_HAND}
        assert [step.lines_removed for step in steps] == [0, 0, 2, 1, 0]
        with pytest.raises(NotFoundError):
            segments.remove_lines("S1", [20_000, 99])
        assert len(lines_of(work)) == 1


@pytest.mark.rule("SEG-048")
def test_a_line_without_contact_goes_without_a_step(begin):
    with begin() as work:
        segments = start(work)
        segments.add_line("S1")
        content = SegmentLanguages(work).put(
            "S1", "ENU", line_no=10_000, attachment_no=add_attachment(work)
        )
        segments.remove_lines("S1", [10_000])
        assert (lines_of(work), ContactSelection(work, "S1").steps()) == ([], [])
        assert work.segments.all_languages("S1") == []
        assert work.attachments.find(content.attachment_no) is None


@pytest.mark.rule("SEG-049")
def test_the_steps_of_an_emptied_segment_are_forgotten_only_when_that_is_said(begin):
    with begin() as work:
        segments = start(work, "C1", "C2")
        segments.personalise("S1", 10_000, attachment_no=add_attachment(work))
        own = work.segments.line("S1", 10_000).attachment_no
        segments.remove_lines("S1", [10_000], reset_criteria=True)
        assert len(ContactSelection(work, "S1").steps()) == 3  # a line is left
        segments.remove_lines("S1", [20_000])
        assert len(ContactSelection(work, "S1").steps()) == 4
        assert work.attachments.find(own) is not None
        ContactSelection(work, "S1").reduce(all_contacts=True, reset_criteria=True)
        assert ContactSelection(work, "S1").steps() == []
        assert work.attachments.find(own) is None
        segments.add_line("S1", "C1")
        assert values_of(work, "line_no") == [10_000]


@pytest.mark.rule("SEG-049")
def test_a_single_step_is_not_forgotten(begin):
    with begin() as work:
        segments = start(work)
        line = segments.add_line("S1")
        work.segments.add_lines([])
        segments.remove_lines("S1", [line.line_no], reset_criteria=True)
        ContactSelection(work, "S1").reduce(all_contacts=True, reset_criteria=True)
        assert len(ContactSelection(work, "S1").steps()) == 1


@pytest.mark.rule("SEG-053")
def test_a_contact_on_a_line_cannot_be_removed(begin):
    with begin() as work:
        segments = start(work, "C1")
        with pytest.raises(StateError):
            work.contacts.remove("C1")
        segments.remove_lines("S1", [10_000])
        work.contacts.remove("C1")
        assert work.contacts.find("C1") is None


@pytest.mark.rule("SEG-053")
@pytest.mark.parametrize("way", ["put", "replace", "set"])
@pytest.mark.parametrize("to", ["C2", None])
def test_a_person_on_a_line_stays_in_its_company(begin, way, to):
    with begin() as work:
        segments = start(work, "C1", "C2")
        add_person(work, "P", "C1", name="P")
        segments.add_line("S1", "P")
        moved = attrs.evolve(work.contacts.get("P"), company_no=to)

        def move():
            if way == "set":
                work.contacts.set("p", company_no=to)
            else:
                getattr(work.contacts, way)(moved)

        with pytest.raises(StateError, match="is on segment S1"):
            move()
        work.contacts.set("P", name="Paula", company_no="C1")
        segments.remove_lines("S1", [30_000])
        move()
        assert work.contacts.get("P").company_no == to


def test_a_blocked_contact_comes_on_no_line(begin):
    with begin() as work:  # D-04
        add_company(work, "B", privacy_blocked=True)
        segments = start(work, "C1")
        with pytest.raises(PrivacyBlockedError):
            segments.add_line("S1", "B")
        with pytest.raises(PrivacyBlockedError):
            segments.change_contact("S1", 10_000, "B")
        assert values_of(work, "contact_no") == ["C1"]
        assert len(ContactSelection(work, "S1").steps()) == 1


@pytest.mark.rule("SEG-050")
@pytest.mark.rule("SEG-071")
def test_a_contact_that_comes_and_goes_is_undone_step_by_step(begin):
    with begin() as work:
        segments = start(work, "C1")
        segments.add_line("S1")
        blank = work.segments.line("S1", 20_000)
        segments.change_contact("S1", 20_000, "C1")
        segments.change_contact("S1", 20_000, None)
        assert values_of(work, "contact_no") == ["C1", None]
        selection = ContactSelection(work, "S1")
        assert len(selection.steps()) == 3
        selection.go_back()
        assert values_of(work, "contact_no") == ["C1", "C1"]
        selection.go_back()
        assert work.segments.line("S1", 20_000) == blank


@pytest.mark.rule("SEG-033")
@pytest.mark.rule("SEG-036")
def test_a_row_that_a_line_does_not_use_changes_nothing_of_it(begin):
    with begin() as work:
        offer(work, "ENU")
        segments, languages = start(work, "C1"), SegmentLanguages(work)
        own = segments.personalise("S1", 10_000, attachment_no=add_attachment(work))
        languages.put("S1", "DAN", line_no=10_000)
        line = segments.personalise("S1", 10_000, language_code="ENU")
        assert line == own
        languages.put("S1", "DAN", line_no=10_000, subject="Hej")
        languages.rename("S1", "DAN", "FRA", line_no=10_000)
        assert work.segments.line("S1", 10_000) == own
        languages.remove("S1", "FRA", line_no=10_000)
        assert work.segments.line("S1", 10_000) == own
        again = segments.personalise("S1", 10_000, attachment_no=own.attachment_no)
        assert again == own


@pytest.mark.rule("SEG-033")
def test_a_line_without_its_used_row_takes_another_of_its_own(begin):
    with begin() as work:
        segments, languages = start(work, "C1"), SegmentLanguages(work)
        languages.put("S1", "DAN", line_no=10_000, subject="Hej")
        languages.put("S1", "ENU", line_no=10_000, subject="Hello")
        languages.remove("S1", "ENU", line_no=10_000)
        (line,) = lines_of(work)
        assert (line.language_code, line.subject) == ("DAN", "Hej")
        segments.change("S1", salesperson_code="SP1", language_code_default="FRA")
        assert lines_of(work)[0].language_code == "DAN"


@pytest.mark.rule("SEG-041")
def test_a_line_with_a_template_of_its_own_keeps_its_content_with_another_contact(begin):
    with begin() as work:
        add_template(work, "T2", word_template_code="W2")
        add_company(work, "D", language_code="DAN", salesperson_code="SP2")
        segments = start(work, "C1", "C1")
        segments.personalise("S1", 10_000, interaction_template_code="T2", subject="mine")
        line = segments.change_contact("S1", 10_000, "D")
        assert (line.subject, line.word_template_code, line.salesperson_code) == (
            "mine",
            "W2",
            "SP2",
        )
        segments.change("S1", salesperson_code="SP1")  # lines with another template do not follow
        assert values_of(work, "salesperson_code") == ["SP2", "SP1"]
