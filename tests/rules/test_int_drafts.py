"""INT-010 to INT-036: what a draft begins with, and what follows when it changes."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import attrs
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
from interactionlog.attachments.attachment import AttachmentService
from interactionlog.contacts.contact import AlternativeAddress, AlternativeAddressPeriod
from interactionlog.errors import (
    CheckFailedError,
    EntryNotFoundError,
    FieldInvalidError,
    NotFoundError,
    PrivacyBlockedError,
    StateError,
    UsageError,
)
from interactionlog.interactions.draft import (
    DraftComment,
    DraftOrigin,
    choose_correspondence_type,
    choose_language,
)
from interactionlog.interactions.service import InteractionService, PhoneCalls
from interactionlog.segments.service import SegmentService
from interactionlog.templates.service import TemplateService
from interactionlog.testing import DAY, a_campaign, a_template
from interactionlog.values import (
    CorrespondenceType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
)

HARD_COPY, EMAIL = CorrespondenceType.HARD_COPY, CorrespondenceType.EMAIL


WAYS = {
    "contact": lambda work, no: InteractionService(work).start(no),
    "context": lambda work, no: InteractionService(work).start_from_context(contact_no=no),
    "call": lambda work, no: PhoneCalls(work).start(no),
    "undialled call": lambda work, no: PhoneCalls(work).start(no, dials=False),
}


@pytest.mark.rule("INT-021", "INT-025", "INT-099")
@pytest.mark.parametrize("way", WAYS)
def test_a_draft_whose_contact_changed_is_as_if_it_had_begun_with_that_contact(begin, way):
    with begin() as work:
        set_up(work)
        add_company(work, phone_no="111", language_code="DAN")
        add_person(
            work, "P", "C", phone_no="222", salesperson_code="SP2", correspondence_type=EMAIL
        )
        add_company(work, "Q")
        for code in ("DAN", None):
            add_language(work, "T1", code)
        TemplateService(work).assign("outg_calls", "T1")
        for new in ("P", "Q"):
            changed = InteractionService(work).change(WAYS[way](work, "C"), contact_no=new)
            begun = WAYS[way](work, new)
            assert attrs.evolve(changed, user_set=begun.user_set) == begun


@pytest.mark.rule("INT-010")
def test_a_draft_from_a_contact_has_the_contact_and_is_limited_to_it(begin):
    with begin() as work:
        set_up(work)
        draft = InteractionService(work).start("c")
    assert (draft.contact_no, draft.contact_company_no) == ("C", "C")
    assert (draft.origin, draft.locked_fields) == (DraftOrigin.CONTACT, {"contact_no"})
    assert not draft.user_set


@pytest.mark.rule("INT-010")
def test_no_draft_begins_for_a_contact_that_is_blocked_for_privacy(begin):
    with begin() as work:
        set_up(work)
        add_company(work, "B", privacy_blocked=True)
        interactions = InteractionService(work)
        with pytest.raises(PrivacyBlockedError):
            interactions.start("B")
        with pytest.raises(PrivacyBlockedError):
            interactions.start_from_context(contact_no="B")
        with pytest.raises(NotFoundError):
            interactions.start("NOBODY")
        add_person(work, "P", "B")
        entry = log_interaction(work, "P")
        for begin_one in (
            lambda: interactions.start_from_context(contact_no="P"),
            lambda: interactions.start_like(entry.entry_no),
        ):
            with pytest.raises(PrivacyBlockedError) as refused:
                begin_one()
            assert refused.value.contact_no == "B"


@pytest.mark.rule("INT-011")
def test_a_draft_from_a_salesperson_keeps_the_salesperson_when_a_contact_is_chosen(begin):
    with begin() as work:
        set_up(work)
        add_salesperson(work, "SP2")
        add_salesperson(work, "GONE", blocked=True)
        interactions = InteractionService(work)
        draft = interactions.start_from_salesperson("sp2")
        assert (draft.contact_no, draft.locked_fields) == (None, {"salesperson_code"})
        assert interactions.change(draft, contact_no="C").salesperson_code == "SP2"
        with pytest.raises(StateError, match="blocked"):
            interactions.start_from_salesperson("GONE")
        with pytest.raises(NotFoundError):
            interactions.start_from_salesperson("XX")


@pytest.mark.rule("INT-012")
def test_a_draft_like_an_entry_takes_over_what_the_entry_has_otherwise(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy=5, description="Call")
        add_salesperson(work, "SP2")
        entry = log_interaction(
            work,
            description="Big call",
            salesperson_code="SP2",
            evaluation=Evaluation.POSITIVE,
            comments=(DraftComment(comment="loud"),),
        )
        begin.clock.move(days=3)
        draft = InteractionService(work).start_like(entry.entry_no, duration_min=7)
        later = work.clock.work_date()
        with pytest.raises(EntryNotFoundError):
            InteractionService(work).start_like(99)
    assert (draft.contact_no, draft.interaction_template_code) == ("C", "T1")
    assert (draft.description, draft.salesperson_code) == ("Big call", "SP2")
    assert (draft.cost_lcy, draft.duration_min, draft.date) == (5, 7, later)
    assert (draft.evaluation, draft.comments, draft.resumes_entry_no) == (None, (), None)
    assert draft.user_set == {"description", "salesperson_code", "duration_min"}


@pytest.mark.rule("INT-012")
def test_a_draft_like_an_entry_has_the_content_of_the_entry_only_if_it_differs(begin):
    with begin() as work:
        set_up(work)
        add_language(work, attachment_no=add_attachment(work))
        interactions = InteractionService(work)
        plain = log_interaction(work)
        own = log_interaction(work, attachment_no=add_attachment(work, b"own"))
        like_plain, like_own = (interactions.start_like(entry.entry_no) for entry in (plain, own))
        assert "attachment_no" not in like_plain.user_set
        copy = interactions.finish(like_own)
        assert like_own.attachment_no == own.attachment_no != copy.attachment_no
        with AttachmentService(work).open(copy.attachment_no) as content:
            assert content.read() == b"own"


@pytest.mark.rule("INT-013")
@pytest.mark.rule("INT-014")
def test_a_draft_from_a_task_or_an_opportunity_carries_what_the_host_says(begin):
    with begin() as work:
        set_up(work)
        add_person(work, "P", "C")
        add_salesperson(work, "SP2")
        work.campaigns.put(a_campaign("CP1"))
        draft = InteractionService(work).start_from_context(
            contact_no="P",
            salesperson_code="SP2",
            campaign_no="CP1",
            opportunity_no="OP1",
            to_do_no="TD1",
        )
    assert (draft.contact_no, draft.contact_company_no) == ("P", "C")
    assert (draft.salesperson_code, draft.campaign_no) == ("SP2", "CP1")
    assert (draft.opportunity_no, draft.to_do_no) == ("OP1", "TD1")
    assert draft.locked_fields == draft.user_set


@pytest.mark.rule("INT-015")
def test_a_draft_from_a_segment_line_is_like_the_line(begin):
    with begin() as work:
        set_up(work)
        work.campaigns.put(a_campaign("CP1"))
        segments = SegmentService(work)
        segments.create("S", no="S1", interaction_template_code="T1", salesperson_code="SP1")
        line = segments.add_line("S1", "C", campaign_no="CP1", cost_lcy=3)
        entry = InteractionService(work).finish(
            InteractionService(work).start_from_segment_line("S1", line.line_no)
        )
        assert work.segments.line("S1", line.line_no) == line
        with pytest.raises(NotFoundError):
            InteractionService(work).start_from_segment_line("S1", 5)
        parent = work.campaign_entries.get(entry.campaign_entry_no)
    assert (entry.contact_no, entry.interaction_template_code) == ("C", "T1")
    assert (entry.description, entry.cost_lcy) == ("S", Decimal(3))
    assert (entry.segment_no, entry.logged_segment_entry_no) == ("S1", None)
    assert (parent.campaign_no, parent.segment_no, parent.description) == ("CP1", "S1", "S")


@pytest.mark.rule("INT-018")
def test_a_draft_is_not_stored(begin):
    with begin() as work:
        set_up(work)
    with begin.read(user_id="TESTER") as work:
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1")
        assert interactions.change(draft, duration_min=3).duration_min == 3
        assert not interactions.check(draft)
        assert not work.events


@pytest.mark.rule("INT-019")
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(57.5, time(9, 31)), (58.5, time(9, 31)), (59, time(9, 31)), (59.5, time(9, 32))],
)
def test_the_time_is_one_second_later_rounded_up_to_the_minute(begin, seconds, expected):
    begin.clock.move(seconds=seconds)
    with begin() as work:
        set_up(work)
        draft = InteractionService(work).start("C")
    assert (draft.date, draft.time_of_interaction) == (DAY, expected)
    assert draft.interaction_successful


@pytest.mark.rule("INT-020")
@pytest.mark.parametrize(
    ("same_mail", "own", "expected"),
    [(1, "SP2", "M1"), (2, "SP2", "SP2"), (0, "SP2", "SP2"), (0, None, "SP1"), (2, None, "SP1")],
)
def test_the_salesperson_is_who_has_the_users_mail_else_the_users_else_the_contacts(
    begin, same_mail, own, expected
):
    with begin() as work:
        set_up(work)
        add_salesperson(work, "SP2")
        for number in range(same_mail):
            add_salesperson(work, f"M{number + 1}", e_mail="H@X.example")
        add_user(work, e_mail="h@x.example", salesperson_code=own)
        assert InteractionService(work).start("C").salesperson_code == expected


@pytest.mark.rule("INT-021")
@pytest.mark.rule("INT-022")
@pytest.mark.rule("INT-025")
def test_what_depends_on_the_contact_follows_it_and_goes_with_it(begin):
    with begin() as work:
        set_up(work, language_code_default="ENU")
        danish = add_attachment(work)
        add_language(work, "T1", "ENU")
        add_language(work, "T1", "DAN", attachment_no=danish, word_template_code="W")
        add_person(work, "P", "C", language_code="DAN", correspondence_type=EMAIL)
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1")
        assert (draft.language_code, draft.attachment_no) == ("ENU", None)
        draft = interactions.change(draft, contact_no="P")
        assert (draft.contact_company_no, draft.contact_name) == ("C", "Person P")
        assert (draft.language_code, draft.correspondence_type) == ("DAN", EMAIL)
        assert (draft.attachment_no, draft.word_template_code) == (danish, "W")
        draft = interactions.change(draft, contact_no=None)
    assert (draft.contact_company_no, draft.contact_name) == (None, "")
    assert (draft.contact_alt_address_code, draft.salesperson_code) == (None, None)
    assert draft.language_code == "ENU"


def add_addresses(work, *periods):
    for code, start, end in periods:
        work.contacts.put_address(AlternativeAddress(contact_no="C", code=code))
        work.contacts.put_address_period(
            AlternativeAddressPeriod(
                contact_no="C",
                code=code,
                starting_date=DAY + timedelta(start),
                ending_date=None if end is None else DAY + timedelta(end),
            )
        )


@pytest.mark.rule("INT-023")
@pytest.mark.rule("INT-033")
def test_the_alternative_address_follows_the_date_unless_it_was_chosen(begin):
    with begin() as work:
        set_up(work)
        add_addresses(work, ("OLD", -30, None), ("NOW", -1, 1), ("NEXT", 5, 9))
        interactions = InteractionService(work)
        draft = interactions.start("C")
        assert draft.contact_alt_address_code == "NOW"
        by_day = {
            days: interactions.change(draft, date=DAY + timedelta(days)).contact_alt_address_code
            for days in (-31, -30, 1, 2, 5, 10)
        }
        assert by_day == {-31: None, -30: "OLD", 1: "NOW", 2: "OLD", 5: "NEXT", 10: "OLD"}
        chosen = interactions.change(draft, contact_alt_address_code="OLD")
        later = interactions.change(chosen, date=DAY + timedelta(6))
    assert later.contact_alt_address_code == "OLD"


@pytest.mark.rule("INT-024")
def test_a_chosen_salesperson_stays_when_the_contact_changes(begin):
    with begin() as work:
        set_up(work)
        add_salesperson(work, "SP2")
        add_company(work, "D", salesperson_code="SP2")
        interactions = InteractionService(work)
        draft = interactions.start("C")
        assert interactions.change(draft, contact_no="D").salesperson_code == "SP2"
        fixed = interactions.change(draft, salesperson_code="SP1", contact_no="D")
    assert fixed.salesperson_code == "SP1"


TEMPLATE = {
    "unit_cost_lcy": "7.25",
    "unit_duration_min": 12,
    "information_flow": InformationFlow.OUTBOUND,
    "initiated_by": InitiatedBy.US,
    "campaign_target": True,
    "campaign_response": True,
}


@pytest.mark.rule("INT-027")
def test_a_template_fills_in_its_values_and_another_one_replaces_them(begin):
    with begin() as work:
        set_up(work, **TEMPLATE)
        add_template(work, "T2", interaction_group_code="G2")
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1")
        assert (draft.interaction_group_code, draft.description) == ("G1", "T1G1")
        assert (draft.cost_lcy, draft.duration_min) == (Decimal("7.25"), 12)
        assert draft.information_flow is InformationFlow.OUTBOUND
        assert draft.initiated_by is InitiatedBy.US
        assert draft.campaign_target
        assert draft.campaign_response
        assert interactions.change(draft, interaction_template_code="T1") == draft
        other = interactions.change(draft, interaction_template_code="T2")
        assert (other.interaction_group_code, other.description) == ("G2", "T2G2")
        assert (other.cost_lcy, other.duration_min, other.information_flow) == (0, 0, None)
        none = interactions.change(draft, interaction_template_code=None)
    assert (none.interaction_group_code, none.description, none.cost_lcy) == (None, "", 0)
    assert (none.attachment_no, none.word_template_code, none.language_code) == (None,) * 3


@pytest.mark.rule("INT-027")
def test_what_the_user_wrote_survives_a_change_of_template(begin):
    with begin() as work:
        set_up(work, **TEMPLATE)
        add_template(work, "T2")
        interactions = InteractionService(work)
        draft = interactions.start("C", description="Mine", interaction_template_code="T1")
        draft = interactions.change(draft, cost_lcy=1)
        draft = interactions.change(draft, interaction_template_code="T2")
    assert (draft.description, draft.cost_lcy, draft.duration_min) == ("Mine", 1, 0)


@pytest.mark.rule("INT-028")
@pytest.mark.parametrize(
    ("offered", "of_contact", "expected"),
    [
        (["ENU", "DAN"], "DAN", "DAN"),
        (["ENU"], "DAN", "ENU"),
        ([None, "ENU"], None, None),
        (["ENU"], None, "ENU"),
        ([], "DAN", "ENU"),
    ],
)
def test_the_language_is_the_contacts_if_it_is_offered(offered, of_contact, expected):
    template = a_template(language_code_default="ENU")
    assert choose_language(template, offered, of_contact) == expected
    assert choose_language(None, offered, of_contact) is None


@pytest.mark.rule("INT-028")
def test_without_language_row_the_templates_own_word_template_counts(begin):
    with begin() as work:
        set_up(work, word_template_code="W")
        draft = InteractionService(work).start("C", interaction_template_code="T1")
    assert (draft.word_template_code, draft.attachment_no) == ("W", None)


@pytest.mark.rule("INT-029")
@pytest.mark.parametrize(
    ("default", "ignore", "of_contact", "expected"),
    [
        (HARD_COPY, True, EMAIL, HARD_COPY),
        (None, True, EMAIL, None),
        (HARD_COPY, False, None, HARD_COPY),
        (HARD_COPY, False, EMAIL, EMAIL),
        (None, False, EMAIL, EMAIL),
        (None, False, None, None),
    ],
)
def test_the_contacts_wish_holds_unless_the_template_ignores_it(
    default, ignore, of_contact, expected
):
    template = a_template(correspondence_type_default=default, ignore_contact_corres_type=ignore)
    assert choose_correspondence_type(template, of_contact) is expected
    assert choose_correspondence_type(None, of_contact) is of_contact


@pytest.mark.rule("INT-031")
def test_the_campaign_follows_the_template_unless_it_was_chosen(begin):
    with begin() as work:
        for no in ("CP1", "CP2"):
            work.campaigns.put(a_campaign(no))
        set_up(work, campaign_no="CP1")
        add_template(work, "T2")
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1")
        assert draft.campaign_no == "CP1"
        assert interactions.change(draft, interaction_template_code="T2").campaign_no is None
        chosen = interactions.change(draft, campaign_no="CP2", interaction_template_code="T2")
    assert chosen.campaign_no == "CP2"


@pytest.mark.rule("INT-034")
def test_a_chosen_language_brings_its_content_and_must_be_offered(begin):
    with begin() as work:
        set_up(work)
        no = add_attachment(work)
        add_language(work, "T1", "DAN", attachment_no=no, word_template_code="W")
        interactions = InteractionService(work)
        draft = interactions.start("C")
        with pytest.raises(CheckFailedError) as refused:
            interactions.change(draft, language_code="DAN")
        assert refused.value.problems[0].field == "interaction_template_code"
        draft = interactions.change(draft, interaction_template_code="T1", language_code="DAN")
        assert (draft.attachment_no, draft.word_template_code) == (no, "W")
        with pytest.raises(NotFoundError):
            interactions.change(draft, language_code="ITA")
        blank = interactions.change(draft, language_code=None)
    assert (blank.attachment_no, blank.word_template_code) == (None, None)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"contact_no": "XX"}, NotFoundError),
        ({"interaction_template_code": "XX"}, NotFoundError),
        ({"salesperson_code": "XX"}, NotFoundError),
        ({"campaign_no": "XX"}, NotFoundError),
        ({"attachment_no": 7}, NotFoundError),
        ({"description": "x" * 101}, FieldInvalidError),
        ({"description": "a\x07"}, FieldInvalidError),
        ({"cost_lcy": Decimal("NaN")}, FieldInvalidError),
        ({"cost_lcy": -1}, FieldInvalidError),
        ({"cost_lcy": 1.5}, FieldInvalidError),
        ({"duration_min": -1}, FieldInvalidError),
        ({"date": "2026-01-26"}, FieldInvalidError),
        ({"entry_no": 7}, UsageError),
    ],
    ids=str,
)
def test_a_value_that_a_draft_does_not_take_is_refused_and_stores_nothing(begin, values, error):
    with begin() as work:
        set_up(work)
        interactions = InteractionService(work)
        draft = interactions.start("C")
        with pytest.raises(error):
            interactions.change(draft, **values)
        assert not work.events
    assert draft.date == date(2026, 1, 26)
