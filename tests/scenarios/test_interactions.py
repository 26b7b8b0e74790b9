"""Areas "Creating an interaction", "Life of an interaction" and "Entry numbers of the log"."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from company import (
    add_attachment,
    add_company,
    add_language,
    add_person,
    add_salesperson,
    add_template,
    add_user,
    log_interaction,
    set_up,
)
from interactionlog.errors import CheckFailedError
from interactionlog.interactions.draft import DraftOrigin, InteractionDraft
from interactionlog.interactions.entry_service import LogEntryService
from interactionlog.interactions.log import InteractionLog, Statistics
from interactionlog.interactions.repository import LogFilter
from interactionlog.interactions.service import InteractionService
from interactionlog.segments.logging.logger import SegmentLogger
from interactionlog.segments.service import SegmentService
from interactionlog.testing import DAY, an_entry
from interactionlog.values import (
    CorrespondenceType,
    Evaluation,
    InformationFlow,
    WizardAction,
)


def fields(problems):
    return [(problem.code, problem.field) for problem in problems]


def nothing_logged(work):
    return not work.interactions.newest(LogFilter())


# Creating an interaction


@pytest.mark.scenario("MarketingInteraction.InteractionWithoutTemplate")
def test_a_draft_without_template_misses_its_template(begin):
    with begin() as work:
        set_up(work)
        interactions = InteractionService(work)
        problems = interactions.check(interactions.start("C", description="Call"))
    assert fields(problems) == [("template-missing", "interaction_template_code")]


@pytest.mark.scenario("MarketingInteraction.InteractionWithoutDescription")
def test_a_draft_of_a_template_without_description_misses_its_description(begin):
    with begin() as work:
        set_up(work, description="")
        interactions = InteractionService(work)
        draft = interactions.start("C")
        draft = interactions.change(draft, interaction_template_code="T1")
        assert fields(interactions.check(draft)) == [("description-missing", "description")]


@pytest.mark.scenario("MarketingInteraction.InteractionForContact")
def test_a_finished_interaction_has_cost_and_minutes_of_its_template(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy="7.25", unit_duration_min=12)
        entry = log_interaction(work, description="T1")
        stored = work.interactions.get(entry.entry_no)
    assert stored == entry
    assert (stored.contact_no, stored.interaction_group_code) == ("C", "G1")
    assert stored.interaction_template_code == "T1"
    assert (stored.cost_lcy, stored.duration_min) == (Decimal("7.25"), 12)


@pytest.mark.scenario("MarketingInteraction.InteractionFromLogEntries")
def test_a_draft_from_a_filtered_list_has_the_contact_of_the_list(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy="3.10", unit_duration_min=5)
        add_template(work, "T2", unit_cost_lcy="8.40", unit_duration_min=9)
        log_interaction(work)
        interactions = InteractionService(work)
        draft = interactions.start_from_context(contact_no="C")
        entry = interactions.finish(interactions.change(draft, interaction_template_code="T2"))
    assert (entry.contact_no, entry.interaction_template_code) == ("C", "T2")
    assert (entry.cost_lcy, entry.duration_min) == (Decimal("8.40"), 9)


COMPLETE = {
    "contact_no": "C",
    "salesperson_code": "SP1",
    "date": DAY,
    "interaction_template_code": "T1",
    "language_code": "L1",
    "description": "D1",
}


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(field, marks=pytest.mark.scenario(f"MarketingInteraction.{name}"))
        for field, name in (
            ("contact_no", "SegmentLine_FinishWizard_ContactIsMandatory"),
            ("salesperson_code", "SegmentLine_FinishWizard_SalesPersonIsMandatory"),
            ("date", "SegmentLine_FinishWizard_DateIsMandatory"),
        )
    ],
)
def test_an_interaction_is_not_finished_without(begin, field):
    with begin() as work:
        set_up(work)
        draft = InteractionDraft(**{**COMPLETE, field: None})
        with pytest.raises(CheckFailedError) as refused:
            InteractionService(work).finish(draft)
        assert [problem.field for problem in refused.value.problems] == [field]
        assert nothing_logged(work)


@pytest.mark.scenario("MarketingInteraction.SegmentLine_FinishWizard_InteractionLogEntry_NotEmail")
def test_a_complete_draft_becomes_the_next_entry_with_exactly_its_values(begin):
    with begin() as work:
        set_up(work)
        add_language(work, "T1", "L1")
        before = log_interaction(work)
        entry = InteractionService(work).finish(InteractionDraft(**COMPLETE))
        stored = work.interactions.get(before.entry_no + 1)
    assert stored == entry
    assert (stored.contact_no, stored.salesperson_code, stored.date) == ("C", "SP1", DAY)
    assert (stored.description, stored.interaction_template_code) == ("D1", "T1")
    assert (stored.interaction_language_code, stored.correspondence_type) == ("L1", None)


@pytest.mark.parametrize(
    "add",
    [
        pytest.param(add, marks=pytest.mark.scenario(f"MarketingInteraction.{name}"))
        for add, name in (
            (add_person, "ContactInteractionSubformCreateInteractionPersonContact"),
            (add_company, "ContactInteractionSubformCreateInteractionCompanyContact"),
        )
    ],
)
def test_an_abandoned_draft_showed_its_contact_and_logs_nothing(begin, add):
    with begin() as work:
        add_salesperson(work)
        contact = add(work, "CT1", name="C")
        draft = InteractionService(work).start(contact.no)
        assert (draft.contact_name, draft.contact_no) == ("C", "CT1")
        assert draft.origin is DraftOrigin.CONTACT
        assert "contact_no" in draft.locked_fields
    with begin.read() as work:
        assert nothing_logged(work)


@pytest.mark.scenario("MarketingInteraction.InteractionWithoutWordTemplateAndAttachmentError")
def test_a_template_that_opens_content_demands_an_attachment_or_a_word_template(begin):
    with begin() as work:
        set_up(work, wizard_action=WizardAction.OPEN)
        interactions = InteractionService(work)
        draft = interactions.start("C")
        draft = interactions.change(draft, interaction_template_code="T1")
        assert fields(interactions.check(draft)) == [("content-missing", "attachment_no")]


@pytest.mark.scenario("MarketingInteractionsUI.InteractionContactBlankIfNameNotExists")
def test_a_name_that_nobody_has_sets_no_contact(begin):
    with begin() as work:
        add_salesperson(work)
        add_person(work, "P1", name="Adam")
        add_person(work, "P2", name="Bob")
        interactions = InteractionService(work)
        draft = interactions.start_from_salesperson("SP1")
        draft = interactions.change(draft, contact_name="xbob")
        assert (draft.contact_no, draft.contact_name) == (None, "")
        draft = interactions.change(draft, contact_name="bob")
        assert (draft.contact_no, draft.contact_name) == ("P2", "Bob")


@pytest.mark.scenario(
    "MarketingInteractionsUI.SegmentLineDefaultTimeShouldBeNOWRoundedUpToNextMinute"
)
def test_the_time_of_a_draft_is_now_and_a_second_rounded_up_to_the_minute(begin):
    begin.clock.move(hours=3, minutes=3, seconds=58)
    with begin() as work:
        add_salesperson(work)
        add_company(work)
        draft = InteractionService(work).start("C")
    assert draft.time_of_interaction == time(12, 34)


@pytest.mark.scenario("MarketingInteractionsUI.CreateInteractionIgnoreContactCorresType")
def test_a_template_that_ignores_the_contacts_wish_blanks_the_correspondence_type(begin):
    with begin() as work:
        set_up(work, ignore_contact_corres_type=True)
        add_company(work, correspondence_type=CorrespondenceType.EMAIL)
        draft = InteractionService(work).start("C", interaction_template_code="T1")
    assert draft.correspondence_type is None


@pytest.mark.scenario("MarketingContacts.CreateInterationDefaultSPFromUserSetup")
def test_the_users_own_salesperson_comes_before_the_contacts(begin):
    with begin() as work:
        add_salesperson(work, "SP1")
        add_salesperson(work, "SP2")
        add_user(work, salesperson_code="SP1")
        add_company(work, salesperson_code="SP2")
        assert InteractionService(work).start("C").salesperson_code == "SP1"


# Life of an interaction


@pytest.mark.scenario("MarketingInteraction.OpenInteractionGroupStatistics")
def test_a_logged_segment_counts_for_the_group_of_its_template(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy="7.25", unit_duration_min=12)
        segments = SegmentService(work)
        segments.create("S", no="S1", interaction_template_code="T1", salesperson_code="SP1")
        segments.add_line("S1", "C")
        SegmentLogger(work).log("S1")
        figures = Statistics(work).of(LogFilter(interaction_group_code="G1"))
    assert (figures.cost_lcy, figures.duration_min) == (Decimal("7.25"), 12)


@pytest.mark.scenario("MarketingInteraction.InteractionTemplateStatistics")
def test_figures_of_a_template_add_up_what_the_entries_say(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy="3.10", unit_duration_min=5)
        log_interaction(work)
        log_interaction(work, cost_lcy="9.10", duration_min=11)
        interactions = InteractionService(work)
        interactions.postpone(interactions.start("C", interaction_template_code="T1"))
        LogEntryService(work).cancel(log_interaction(work).entry_no)
        assert Statistics(work).of(LogFilter(interaction_template_code="T1")) == (
            2,
            Decimal("12.20"),
            16,
        )


@pytest.mark.scenario("MarketingInteraction.InteractionGroupStatistics")
def test_figures_of_a_group_add_up_its_templates(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy="3.10", unit_duration_min=5)
        add_template(work, "T2", unit_cost_lcy="8.40", unit_duration_min=9)
        log_interaction(work)
        log_interaction(work, interaction_template_code="T2")
        assert Statistics(work).of(LogFilter(interaction_group_code="G1")) == (
            2,
            Decimal("11.50"),
            14,
        )


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(
            {"correspondence_type_default": CorrespondenceType.HARD_COPY},
            marks=pytest.mark.scenario(
                "MarketingInteraction.DeleteInteractionLogEntryWithAttachment"
            ),
            id="hard copy",
        ),
        pytest.param(
            {},
            marks=pytest.mark.scenario("AttachmentStorageType.Attachment_Delete_InterLogEntry"),
            id="blank correspondence type",
        ),
    ],
)
def test_deleting_an_entry_deletes_the_attachment_that_it_alone_uses(begin, template):
    with begin() as work:
        set_up(work, **template)
        entry = log_interaction(work, attachment_no=add_attachment(work))
        assert entry.correspondence_type is template.get("correspondence_type_default")
        assert work.attachments.get(entry.attachment_no).read_only
        entries = LogEntryService(work)
        entries.cancel(entry.entry_no)
        assert entries.delete_canceled(LogFilter(contact_no="C")) == 1
        assert work.interactions.find(entry.entry_no) is None
        assert work.attachments.find(entry.attachment_no) is None


@pytest.mark.scenario(
    "MarketingInteraction.DeleteTwoCanceledInteractionLogEntriesWithOneAttachment"
)
def test_purging_canceled_entries_deletes_the_attachment_that_they_share(begin):
    with begin() as work:
        no = add_attachment(work)
        for entry_no in (1, 2):
            entry = an_entry(entry_no, attachment_no=no, cancel_state=1)
            work.interactions.add(entry)
        assert LogEntryService(work).delete_canceled() == 2
        assert nothing_logged(work)
        assert work.attachments.find(no) is None


@pytest.mark.scenario("MarketingInteraction.SegmentLine_FinishWizard_ConfirmNo")
def test_an_empty_draft_that_is_dropped_checks_and_logs_nothing(begin):
    with begin() as work:
        InteractionService(work).start_from_context()
        assert not work.events
    with begin.read() as work:
        assert nothing_logged(work)


@pytest.mark.scenario(
    "MarketingInteraction.SegmentLine_FinishWizard_ConfirmYes_InterTmplIsMandatory"
)
def test_an_empty_draft_that_is_postponed_demands_a_contact_first(begin):
    with begin() as work:
        interactions = InteractionService(work)
        with pytest.raises(CheckFailedError) as refused:
            interactions.postpone(interactions.start_from_context())
        assert fields(refused.value.problems)[0] == ("no-contact", "contact_no")
        assert nothing_logged(work)


LINKS = (
    "to_do_no",
    "contact_company_no",
    "contact_no",
    "salesperson_code",
    "campaign_no",
    "opportunity_no",
)


@pytest.mark.scenario("MarketingInteraction.InteractionLogEntry_ResumeInteraction_BlankedFilters")
def test_a_resumed_draft_carries_its_links_and_is_limited_to_them(begin):
    links = {name: f"{number}ABCDEFGHIJKLMNOPQRS" for number, name in enumerate(LINKS)}
    with begin() as work:
        work.interactions.add(an_entry(1, postponed=True, **links))
        draft = InteractionService(work).resume(1)
    assert {name: getattr(draft, name) for name in LINKS} == links
    assert draft.locked_fields == set(LINKS)


@pytest.mark.scenario("MarketingInteraction.InteractionLogEntry_ResumeInteraction_BlankedValues")
def test_a_resumed_draft_without_links_is_not_limited(begin):
    with begin() as work:
        work.interactions.add(an_entry(1, None, postponed=True))
        draft = InteractionService(work).resume(1)
    assert [getattr(draft, name) for name in LINKS] == [None] * 6
    assert not draft.locked_fields


@pytest.mark.scenario("MarketingInteraction.InteractionLogEntry_ResumeInteraction_FiltersOrderAB")
def test_a_resumed_draft_is_limited_to_its_own_values_and_not_to_the_list(begin):
    with begin() as work:
        work.interactions.add(an_entry(1, None, salesperson_code="A", postponed=True))
        work.interactions.add(an_entry(2, None, salesperson_code="B", postponed=True))
        draft = InteractionService(work).resume(1)
    assert draft.salesperson_code == "A"
    assert draft.locked_fields == {"salesperson_code"}
    assert [getattr(draft, name) for name in LINKS if name != "salesperson_code"] == [None] * 5


@pytest.mark.scenario("MarketingInteraction.InboundFlowEntryTitle")
def test_the_title_of_an_inbound_interaction_says_who_it_came_from(begin):
    with begin() as work:
        set_up(work, description="TD", information_flow=InformationFlow.INBOUND)
        add_company(work, name="C")
        entry = log_interaction(work)
        assert InteractionLog(work).title(entry) == "TD - from C"


@pytest.mark.scenario("MarketingInteraction.ContactInteractionSubformEvaluateInteraction")
def test_the_second_option_evaluates_an_entry_as_positive(begin):
    with begin() as work:
        set_up(work)
        entry = log_interaction(work)
        assert entry.evaluation is None
        LogEntryService(work).evaluate(Evaluation(2), entry.entry_no)
        assert work.interactions.get(entry.entry_no).evaluation is Evaluation.POSITIVE
    assert [each.name for each in Evaluation] == [
        "VERY_POSITIVE",
        "POSITIVE",
        "NEUTRAL",
        "NEGATIVE",
        "VERY_NEGATIVE",
    ]


@pytest.mark.scenario("MarketingInteraction.OutboundFlowEntryTitleUserName")
def test_the_title_of_an_outbound_interaction_says_whose_it_is(begin):
    with begin() as work:
        set_up(work, description="TD", information_flow=InformationFlow.OUTBOUND)
        add_user(work, "UN", full_name="UN")
        work.interactions.add(an_entry(1, user_id="UN", interaction_template_code="T1"))
    with begin(user_id="OTHER") as work:
        assert InteractionLog(work).title(work.interactions.get(1)) == "TD - by UN"


@pytest.mark.scenario("MarketingContacts.InteractionStatisticsOnContact")
def test_figures_of_a_contact_add_up_its_interactions(begin):
    with begin() as work:
        set_up(work)
        log_interaction(work, cost_lcy="37.45", duration_min=20)
        assert Statistics(work).of_contact("C") == (1, Decimal("37.45"), 20)


@pytest.mark.scenario("MarketingContacts.ResumePostponedInteraction")
def test_a_resumed_interaction_is_finished_under_its_own_number(begin):
    with begin() as work:
        set_up(work)
        add_template(work, "T2")
        interactions = InteractionService(work)
        first, second = (
            interactions.postpone(interactions.start("C", interaction_template_code=code))
            for code in ("T1", "T2")
        )
        draft = interactions.resume(first.entry_no)
        draft = interactions.change(draft, cost_lcy="37.45", duration_min=20)
        interactions.finish(draft)
        finished = work.interactions.get(first.entry_no)
        assert not finished.postponed
        assert (finished.cost_lcy, finished.duration_min) == (Decimal("37.45"), 20)
        assert work.interactions.get(second.entry_no) == second
        assert len(work.interactions.newest(LogFilter())) == 2


# Entry numbers of the log


@pytest.mark.scenario("TestSequenceNoMgt.VerifyRebase")
def test_an_entry_stored_by_hand_never_takes_the_number_of_a_later_one(begin):
    with begin() as work:
        set_up(work)
        (k,) = work.interactions.reserve(1)
        work.interactions.add(an_entry(k))
        work.interactions.add(an_entry(k + 1))
        assert log_interaction(work).entry_no > k + 1
        assert work.interactions.get(k + 1).date == date(2026, 1, 26)
