"""Choosing contacts, going back, saved steps, logged segments again: SEG-060 to SEG-091."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json

import pytest

import interactionlog as il
from company import add_attachment, add_company, add_person, add_segment_series
from interactionlog.contacts.contact import AlternativeAddressPeriod, Membership
from interactionlog.contacts.contact_filter import Condition, ContactFilter
from interactionlog.errors import DuplicateEntryError, NotFoundError, StateError, UsageError
from interactionlog.segments.logging.logger import SegmentLogger
from interactionlog.segments.segment import SavedCriteriaStep
from interactionlog.segments.selection.contact_selection import ContactSelection, SavedSelections
from interactionlog.segments.selection.steps import SetBasedLines
from interactionlog.segments.service import ContactFigures, SegmentContacts, SegmentService
from interactionlog.testing import a_line, a_logged_segment, an_entry
from interactionlog.values import CriteriaAction, CriteriaSource, MembershipKind
from rules_of_segments import lines_of, offer, start, values_of
from stores import adapters

A_AND_PERSONS = ["A", "A1", "A2"]


def fill(work, **values):
    """Company A with persons A1 and A2, company B, person P; segment S1."""
    add_company(work, "A", company_name="A")
    for no in ("A1", "A2"):
        add_person(work, no, "A", company_name="A", name=no)
    add_company(work, "B", company_name="B")
    add_person(work, "P", company_name="")
    start(work, **values)
    return ContactSelection(work, "S1")


def join(work, kind, code, *nos, **values):
    for no in nos:
        work.contacts.put_membership(Membership(contact_no=no, kind=kind, code=code, **values))


def nos_of(work, no="S1"):
    return [line.contact_no for line in lines_of(work, no)]


@pytest.mark.rule("SEG-060")
def test_one_record_must_satisfy_everything_asked_of_its_source(begin):
    with begin() as work:
        selection = fill(work)
        join(work, MembershipKind.BUSINESS_RELATION, "CUST", "A", "B", linked_no="10")
        join(work, MembershipKind.BUSINESS_RELATION, "VEND", "B", linked_no="20")
        selection.add(
            ContactFilter(
                business_relation_codes={"CUST"},
                memberships={MembershipKind.BUSINESS_RELATION: {"linked_no": "20"}},
            )
        )
        assert nos_of(work) == []
        selection.add(
            ContactFilter(memberships={MembershipKind.BUSINESS_RELATION: {"linked_no": "20"}})
        )
        assert nos_of(work) == ["B"]
        selection.add(ContactFilter(business_relation_codes={"CUST"}))
        assert nos_of(work) == ["B", *A_AND_PERSONS]  # persons by their company's relations


@pytest.mark.rule("SEG-060")
def test_interactions_count_whatever_became_of_them_unless_that_is_asked(begin):
    with begin() as work:
        selection = fill(work)
        work.interactions.add(an_entry(1, "A1", cancel_state=1, campaign_no="CP1"))
        work.interactions.add(an_entry(2, "P", campaign_no="CP1"))
        asked = {"campaign_no": "cp1"}
        assert selection.preview(CriteriaAction.ADD, ContactFilter(interactions=asked)).coming == 2
        selection.add(ContactFilter(interactions=asked | {"canceled": False}))
        assert nos_of(work) == ["P"]


class PostedDocuments:
    """A host's source: who bought which item."""

    source = "posted_documents"

    def contacts_with(self, work, asked):
        ((name, condition),) = asked
        assert name == "item_no"
        return ["P"] if condition.holds("1000") else ["B", "P"]


@pytest.mark.rule("SEG-061")
def test_what_only_the_host_knows_is_asked_of_its_hook(begin):
    with begin.with_hooks([PostedDocuments()])() as work:
        selection = fill(work)
        bought = ContactFilter(elsewhere={"posted_documents": {"item_no": "1000"}})
        assert selection.add(bought).filter == bought
        assert nos_of(work) == ["P"]
        bought_other = ContactFilter(
            elsewhere={"posted_documents": {"item_no": "2000"}},
            where={"name": Condition(prefix="p")},
        )
        selection.reduce(bought_other)
        assert nos_of(work) == []
        assert selection.explain("P").steps[1].means


@pytest.mark.rule("SEG-061")
def test_a_source_that_nobody_answers_for_is_refused(begin):
    with begin() as work:
        selection = fill(work)
        with pytest.raises(UsageError, match="posted_documents"):
            selection.add(ContactFilter(elsewhere={"posted_documents": {"item_no": "1000"}}))
        assert (nos_of(work), selection.steps()) == ([], [])


@pytest.mark.rule("SEG-062")
def test_a_step_is_recorded_with_all_it_was_given_even_if_nobody_matches(begin):
    with begin(user_id="helena") as work:
        selection = fill(work)
        step = selection.add(
            ContactFilter(nos={"X"}), related_companies=True, ignore_exclusion=True
        )
        assert selection.steps() == [step]
        assert (step.step_no, step.lines_added, step.user_id) == (1, 0, "HELENA")
        assert (step.widening.related_companies, step.ignore_exclusion) == (True, True)
        assert step.recorded_at == begin.clock.now()


@pytest.mark.rule("SEG-063")
def test_lines_come_in_the_order_of_companies_and_once(begin):
    with begin() as work:
        selection = fill(work)
        add_person(work, "A0", "A", company_name="A", name="A0", exclude_from_segment=True)
        add_company(work, "Z", company_name="Z", privacy_blocked=True)
        selection.add(all_contacts=True)
        assert nos_of(work) == ["P", *A_AND_PERSONS, "B"]
        assert values_of(work, "line_no") == [10_000, 20_000, 30_000, 40_000, 50_000]
        assert selection.add(all_contacts=True).lines_added == 0
        assert (
            selection.add(ContactFilter(company_nos={"A"}), ignore_exclusion=True).lines_added == 1
        )
        assert selection.add(ContactFilter(nos={"P"}), allow_existing=True).lines_added == 1
        assert nos_of(work)[-2:] == ["A0", "P"]


@pytest.mark.rule("SEG-063")
@pytest.mark.parametrize(
    ("no", "option", "found"),
    [
        ("A", "persons_of_matched_companies", A_AND_PERSONS),
        ("A1", "persons_of_matched_companies", ["A1"]),
        ("A1", "colleagues_of_matched_persons", A_AND_PERSONS),
        ("A1", "related_companies", ["A", "A1"]),
        ("P", "related_companies", ["P"]),
    ],
)
def test_who_is_taken_along(begin, no, option, found):
    with begin() as work:  # D-32
        selection = fill(work)
        selection.add(ContactFilter(nos={no}), **{option: True})
        assert nos_of(work) == found


@pytest.mark.rule("SEG-063")
def test_everybody_must_be_said(begin):
    with begin() as work:  # D-15
        selection = fill(work)
        for act in (selection.add, selection.reduce, selection.refine):
            for contact_filter in (None, ContactFilter()):
                with pytest.raises(UsageError):
                    act(contact_filter)
        assert selection.steps() == []


@pytest.mark.rule("SEG-064")
def test_reducing_removes_who_is_meant_and_leaves_lines_without_contact(begin):
    with begin() as work:
        selection = fill(work)
        selection.add(all_contacts=True)
        SegmentService(work).add_line("S1")
        assert selection.reduce(ContactFilter(nos={"A1", "P"})).lines_removed == 2
        assert nos_of(work) == ["A", "A2", "B", None]
        assert selection.reduce(all_contacts=True).lines_removed == 3
        assert nos_of(work) == [None]


@pytest.mark.rule("SEG-064")
@pytest.mark.rule("SEG-065")
@pytest.mark.parametrize("entire", [False, True])
def test_entire_companies_are_judged_by_anybody_of_them(begin, entire):
    with begin() as work:  # D-25
        selection = fill(work)
        selection.add(ContactFilter(nos={"A2", "B", "P"}))
        matching = ContactFilter(nos={"A1"})  # a colleague who is not on a line
        reduced = selection.preview(CriteriaAction.REDUCE, matching, entire_companies=entire)
        refined = selection.preview(CriteriaAction.REFINE, matching, entire_companies=entire)
        assert (reduced.going, refined.going) == ((1, 2) if entire else (0, 3))
        selection.refine(matching, entire_companies=entire)
        assert nos_of(work) == (["A2"] if entire else [])


@pytest.mark.rule("SEG-065")
def test_refining_removes_lines_without_contact_too(begin):
    with begin() as work:
        selection = fill(work)
        SegmentService(work).add_line("S1")
        SegmentService(work).add_line("S1", "A")
        before = lines_of(work)
        step = selection.refine(all_contacts=True)
        assert (step.action, step.lines_removed) == (CriteriaAction.REFINE, 1)
        assert lines_of(work) == before[1:]  # INV-S-14


@pytest.mark.rule("SEG-070")
@pytest.mark.rule("SEG-071")
@pytest.mark.rule("SEG-072")
def test_going_back_restores_lines_values_and_content(begin):
    with begin() as work:
        offer(work, "ENU")
        selection = fill(work)
        selection.add(all_contacts=True)
        segments = SegmentService(work)
        segments.personalise("S1", 20_000, subject="mine", attachment_no=add_attachment(work))
        before = lines_of(work), work.segments.all_languages("S1")
        selection.reduce(ContactFilter(nos={"A", "B"}))
        selection.add(ContactFilter(nos={"B"}))
        assert lines_of(work)[-1].line_no == 60_000  # above all that may come back
        selection.refine(ContactFilter(nos={"P"}))
        assert nos_of(work) == ["P"]
        selection.go_back(3)
        assert (lines_of(work), work.segments.all_languages("S1")) == before
        assert len(selection.steps()) == 1
        for steps, error in ((2, StateError), (-1, UsageError)):
            with pytest.raises(error):
                selection.go_back(steps)
        selection.go_back(0)
        assert (lines_of(work), work.segments.all_languages("S1")) == before
        own = work.segments.line("S1", 20_000).attachment_no
        selection.go_back()
        assert (lines_of(work), selection.steps()) == ([], [])
        assert work.attachments.find(own) is None
        assert len(work.segments.all_languages("S1")) == 1


def test_a_segment_without_a_date_uses_nobodys_address_of_a_period(begin):
    with begin() as work:
        selection = fill(work)
        work.contacts.put_address(il.AlternativeAddress(contact_no="P", code="HOME"))
        work.contacts.put_address_period(
            AlternativeAddressPeriod(contact_no="P", starting_date=dt.date(2026, 1, 1), code="HOME")
        )
        work.segments.set("S1", date=None)
        selection.add(ContactFilter(nos={"P"}))
        assert values_of(work, "contact_alt_address_code") == [None]


@pytest.mark.rule("SEG-064")
@pytest.mark.parametrize("step", ["add", "reduce", "refine"])
def test_a_step_that_leaves_nobody_forgets_no_steps_unless_that_is_said(begin, step):
    with begin() as work:
        selection = fill(work)
        selection.add(ContactFilter(nos={"A"}))
        selection.reduce(ContactFilter(nos={"A"}))
        getattr(selection, step)(ContactFilter(nos={"NOBODY"}))
        assert (nos_of(work), len(selection.steps())) == ([], 3)


@pytest.mark.rule("SEG-070")
def test_going_back_ends_where_the_segment_was_logged(begin):
    with begin() as work:
        selection = fill(work, salesperson_code="SP1")
        selection.add(ContactFilter(nos={"A", "B"}))
        il.SegmentLogger(work).log("S1")
        il.SegmentLogger(work).undo("S1")
        selection.reduce(ContactFilter(nos={"A"}))
        selection.go_back()
        assert nos_of(work) == ["A", "B"]
        with pytest.raises(StateError, match="was logged"):
            selection.go_back()
        assert (nos_of(work), len(selection.steps())) == (["A", "B"], 1)


@pytest.mark.rule("SEG-080")
def test_steps_are_saved_as_they_are(begin):
    with begin(user_id="helena") as work:
        selection = fill(work)
        with pytest.raises(StateError):
            selection.save("NONE")
        assert SavedSelections(work).all() == []
        step = selection.add(ContactFilter(company_nos={"A"}), ignore_exclusion=True)
        selection.save("a company", "All of A")
        (saved,) = SavedSelections(work).all()
        assert (saved.code, saved.description, saved.user_id) == ("A COMPANY", "All of A", "HELENA")
        (kept,) = SavedSelections(work).steps("a company")
        assert (kept.filter, kept.ignore_exclusion, kept.action) == (
            step.filter,
            True,
            CriteriaAction.ADD,
        )
        with pytest.raises(DuplicateEntryError):
            selection.save("A COMPANY")


@pytest.mark.rule("SEG-081")
@pytest.mark.rule("SEG-082")
def test_saved_steps_are_taken_on_todays_data(begin):
    with begin() as work:
        selection = fill(work)
        selection.add(ContactFilter(company_nos={"A"}))
        selection.refine(ContactFilter(nos={"A1"}), entire_companies=True)
        selection.save("SAVED")
        add_person(work, "A3", "A", company_name="A", name="A3")
        SegmentService(work).create("S2", no="S2")
        again = ContactSelection(work, "S2")
        steps = again.reuse_saved("saved")
        assert nos_of(work, "S2") == [*A_AND_PERSONS, "A3"]
        assert [step.lines_added for step in steps] == [4, 0]
        assert again.steps() == steps
        with pytest.raises(StateError):
            again.reuse_saved("SAVED")
        with pytest.raises(NotFoundError):
            again.reuse_saved("NONE", add_to_steps=True)
        assert len(again.steps()) == 2


@pytest.mark.rule("SEG-083")
def test_saved_steps_are_deleted_together(begin):
    with begin() as work:
        selection = fill(work)
        selection.add(ContactFilter(nos={"A"}))
        selection.save("ONE")
        selection.save("TWO")
        SavedSelections(work).delete("one")
        assert [saved.code for saved in SavedSelections(work).all()] == ["TWO"]
        assert work.records(SavedCriteriaStep).all("ONE") == []
        for call in (SavedSelections(work).delete, SavedSelections(work).steps):
            with pytest.raises(NotFoundError):
                call("ONE")


def add_logged(work):
    """Logged segment 7 of B, A, B again, a canceled P twice in a row, and nobody."""
    work.logged_segments.add(a_logged_segment(7, "S0"))
    for entry_no, (no, canceled) in enumerate(
        [("B", 0), ("A", 0), ("B", 0), ("P", 1), ("P", 1), (None, 0)], 1
    ):
        work.interactions.add(
            an_entry(
                entry_no,
                no,
                logged_segment_entry_no=7,
                campaign_no=f"CP{entry_no}",
                cancel_state=canceled,
            )
        )


@pytest.mark.rule("SEG-090")
@pytest.mark.rule("SEG-091")
def test_a_logged_segment_gives_its_contacts_once_and_without_canceled_ones(begin):
    with begin() as work:  # D-05, D-06
        selection = fill(work)
        add_logged(work)
        add_company(work, "A", company_name="A", exclude_from_segment=True)  # comes all the same
        step = selection.reuse_logged(7)
        assert [(line.contact_no, line.campaign_no) for line in lines_of(work)] == [
            ("B", "CP1"),
            ("A", "CP2"),
        ]
        assert (step.source, step.source_entry_no) == (CriteriaSource.LOGGED_SEGMENT, 7)
        assert step.lines_added == 2
        with pytest.raises(StateError):
            selection.reuse_logged(7)
        selection.reuse_logged(7, canceled=True, duplicates=True, add_to_steps=True)
        assert nos_of(work) == ["B", "A", "B", "A", "B", "P", "P"]
        with pytest.raises(NotFoundError):
            selection.reuse_logged(8, add_to_steps=True)


OUTCOMES = {
    "evaluated": il.OutcomeFilter(evaluations={il.Evaluation.POSITIVE, il.Evaluation.NEUTRAL}),
    "not evaluated": il.OutcomeFilter(evaluations={None}),
    "either": il.OutcomeFilter(evaluations={None, il.Evaluation.POSITIVE}),
    "reached": il.OutcomeFilter(attempt_failed=False),
    "answered": il.OutcomeFilter(campaign_response=True),
    "delivered": il.OutcomeFilter(delivery_statuses={il.DeliveryStatus.REQUESTED}),
    "not asked for": il.OutcomeFilter(delivery_statuses={None}),
    "all at once": il.OutcomeFilter(evaluations={il.Evaluation.POSITIVE}, attempt_failed=True),
    "everybody": il.OutcomeFilter(),
}


def with_outcomes(work):
    """A logged segment whose entries, one a contact, have each their own outcome."""
    outcomes = itertools.product(
        (None, *il.Evaluation), (False, True), (False, True), (None, il.DeliveryStatus.REQUESTED)
    )
    names = ("evaluation", "attempt_failed", "campaign_response", "delivery_status")
    logged = a_logged_segment(7, "S0")
    work.logged_segments.add(logged)
    for number, outcome in enumerate(outcomes, 1):
        add_company(work, f"C{number:03}")
        values = dict(zip(names, outcome, strict=True)) | {"logged_segment_entry_no": 7}
        work.interactions.add(an_entry(number, f"C{number:03}", **values))
    return logged


@pytest.mark.rule("SEG-084", "INV-S-17")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_who_follows_up_an_outcome_is_saved_and_explained_with_it(begin, outcome):
    with begin() as work:
        with_outcomes(work)
        add_segment_series(work)
        first = SegmentLogger(work).follow_up(7, il.FollowUp(where=OUTCOMES[outcome]))
        selection = ContactSelection(work, first.no)
        chosen = nos_of(work, first.no)
        assert 0 < len(chosen) <= len(work.contacts.all())
        for contact in work.contacts.all():
            (trace,) = selection.explain(contact.no).steps
            assert trace.means is (contact.no in chosen)
        selection.save("SAVED")
        SegmentService(work).create("S", no_series=None)
        (again,) = {each.no for each in work.segments.all()} - {first.no}
        ContactSelection(work, again).reuse_saved("SAVED")
        assert nos_of(work, again) == chosen


@pytest.mark.rule("SEG-084", "INV-S-17")
def test_canceled_interactions_that_were_taken_too_are_saved_so(begin):
    with begin() as work:
        selection = fill(work)
        work.logged_segments.add(a_logged_segment(7, "S0"))
        for number, no in enumerate(("A", "B"), 1):
            work.interactions.add(
                an_entry(number, no, logged_segment_entry_no=7, cancel_state=number - 1)
            )
        selection.reuse_logged(7, canceled=True)
        selection.save("SAVED")
        SegmentService(work).create("S", no="S2")
        ContactSelection(work, "S2").reuse_saved("SAVED")
        assert nos_of(work, "S2") == nos_of(work) == ["A", "B"]


@pytest.mark.rule("INV-S-17")
@pytest.mark.parametrize("way", ["removed", "given to somebody else"])
def test_who_keeps_one_of_two_lines_is_not_removed_by_saved_steps(begin, way):
    with begin() as work:
        selection, segments = fill(work), SegmentService(work)
        selection.add(ContactFilter(nos={"A", "B"}))
        segments.add_line("S1", "A")
        if way == "removed":
            segments.remove_lines("S1", [30_000])
        else:
            segments.change_contact("S1", 30_000, "P")
        selection.save("SAVED")
        segments.create("S", no="S2")
        ContactSelection(work, "S2").reuse_saved("SAVED")
        assert nos_of(work, "S2") == nos_of(work)
        selection.go_back(len(selection.steps()))
        assert nos_of(work) == []


@pytest.mark.rule("SEG-084")
def test_a_saved_logged_segment_means_whoever_has_an_interaction_of_it(begin):
    with begin() as work:
        selection = fill(work)
        add_logged(work)
        selection.reuse_logged(7, duplicates=True)
        assert nos_of(work) == ["B", "A", "B"]
        selection.save("SAVED")
        SegmentService(work).create("S2", no="S2")
        ContactSelection(work, "S2").reuse_saved("SAVED")
        assert nos_of(work, "S2") == ["A", "B"]
        assert values_of(work, "campaign_no", "S2") == [None, None]


def test_a_preview_says_who_would_come_and_why_others_would_not(begin):
    with begin() as work:
        fill(work)
        add_company(work, "X", exclude_from_segment=True)
        add_company(work, "Y", privacy_blocked=True, exclude_from_segment=True)
        for no in ("A", "Z"):
            add_company(work, no, company_name=no)
            SegmentService(work).add_line("S1", no)
        add_company(work, "Z", privacy_blocked=True)  # meanwhile: that is why it would not come
        version = work.segments.get("S1").version
    with begin.read() as work:
        preview = ContactSelection(work, "S1").preview(CriteriaAction.ADD, all_contacts=True)
        assert (preview.coming, preview.going, preview.staying) == (4, 0, 2)
        assert preview.left_out == {"present": 1, "excluded": 1, "privacy-blocked": 2}
        ignoring = ContactSelection(work, "S1").preview(
            CriteriaAction.ADD, all_contacts=True, ignore_exclusion=True, allow_existing=True
        )
        assert (ignoring.coming, ignoring.left_out) == (6, {"privacy-blocked": 2})
        reduced = ContactSelection(work, "S1").preview(
            CriteriaAction.REDUCE, ContactFilter(nos={"A"})
        )
        assert (reduced.coming, reduced.going, reduced.staying) == (0, 1, 1)
        for action, option in (
            (CriteriaAction.ADD, "entire_companies"),
            (CriteriaAction.REDUCE, "allow_existing"),
            (CriteriaAction.REFINE, "related_companies"),
        ):
            with pytest.raises(UsageError):
                ContactSelection(work, "S1").preview(action, all_contacts=True, **{option: True})
        assert work.segments.get("S1").version == version


def test_it_is_explained_why_a_contact_is_in_or_not(begin):
    with begin() as work:
        selection = fill(work)
        add_company(work, "X", exclude_from_segment=True)
        add_company(work, "Y", privacy_blocked=True)
        selection.add(ContactFilter(company_nos={"A", "X", "Y"}), related_companies=True)
        selection.reduce(ContactFilter(nos={"A1"}))
        add_person(work, "A3", "A")
        reasons = {
            no: selection.explain(no).reason for no in ("a", "A1", "A3", "B", "X", "Y", "GONE")
        }
        assert reasons == {
            "a": "on a line",
            "A1": "removed by step 2",
            "A3": "matches step 1 now",
            "B": "never matched",
            "X": "excluded",
            "Y": "privacy-blocked",
            "GONE": "unknown contact",
        }
        found = selection.explain("A1")
        assert [(each.means, each.added, each.removed) for each in found.steps] == [
            (True, True, False),
            (True, False, True),
        ]
        assert (found.line_nos, selection.explain("A").line_nos) == ((), (10_000,))


def test_who_was_removed_by_a_step_is_explained_by_that_step_after_logging_as_well(begin):
    with begin() as work:
        selection = fill(work)
        selection.add(ContactFilter(nos={"A", "A1", "A2"}))
        selection.reduce(ContactFilter(nos={"A1"}))
        selection.refine(ContactFilter(nos={"A"}))
        before = {no: selection.explain(no).reason for no in ("A1", "A2", "B")}
        SegmentLogger(work).log("S1")
        assert {no: selection.explain(no).reason for no in before} == before
        # what the steps did to a contact is not known any more
        assert not any(each.added or each.removed for each in selection.explain("A1").steps)
        assert before == {
            "A1": "removed by step 2", "A2": "removed by step 3", "B": "never matched"
        }  # fmt: skip


def test_exclusion_explains_nobody_whom_a_step_takes_all_the_same(begin):
    with begin() as work:
        selection = fill(work)
        for no in "XYZ":
            add_company(work, no, exclude_from_segment=True)
        selection.add(ContactFilter(nos={"A", "X"}), ignore_exclusion=True)
        selection.refine(ContactFilter(nos={"A"}))
        selection.add(ContactFilter(nos={"Z"}))
        selection.add(ContactFilter(territory_codes={"NORTH"}), ignore_exclusion=True)
        work.contacts.set("Y", territory_code="NORTH")
        before = {no: selection.explain(no).reason for no in "XYZ"}
        assert before == {"X": "removed by step 2", "Y": "matches step 4 now", "Z": "excluded"}
        assert dict(selection.passed_over()) == {"Z": "excluded"}
        SegmentLogger(work).log("S1")
        assert {no: selection.explain(no).reason for no in before} == before


def test_a_left_out_line_is_explained_whatever_its_number(begin):
    with begin() as work:
        selection = fill(work, salesperson_code="SP1")
        add_company(work, "Y", privacy_blocked=True)
        SegmentService(work).add_line("S1", "A")
        work.segments.add_lines([a_line(1, "Y", "S1")])
        SegmentLogger(work).log("S1")
        assert selection.explain("Y").reason == "left out: privacy-blocked"


def test_an_explanation_follows_whom_a_step_takes_along(begin):
    with begin() as work:
        selection = fill(work)
        selection.add(ContactFilter(nos={"A"}), persons_of_matched_companies=True)
        selection.reduce(ContactFilter(nos={"A1"}), entire_companies=True)
        assert [each.means for each in selection.explain("A2").steps] == [True, True]
        assert [each.means for each in selection.explain("B").steps] == [False, False]


@pytest.mark.rule("SEG-150")
def test_contacts_are_exported_for_spreadsheets_without_formulas(begin):
    with begin() as work:
        selection = fill(work)
        add_company(work, "X", name='=HYPERLINK("x")', city="+39", phone_no="+39 1", e_mail="@x")
        selection.add(ContactFilter(nos={"A1", "X"}))
        SegmentService(work).add_line("S1")
        file = io.StringIO()
        assert SegmentContacts(work).export_csv("S1", file) == ContactFigures(2, 1)  # D-31
        heading, second, first = file.getvalue().split("\r\n")[:3]
        assert heading.startswith("no,type,name,company_no,company_name,")
        assert first.startswith("A1,person,A1,A,A,")
        assert second.startswith('X,company,"\'=HYPERLINK(""x"")",X,')
        assert "'+39" in second
        assert "'@x" in second


@pytest.mark.rule("SEG-150")
def test_contacts_are_exported_as_json_lines(begin):
    with begin() as work:
        selection = fill(work)
        add_company(work, "B", company_name="B", name="Müller")
        selection.add(ContactFilter(nos={"A1", "B"}))
        file = io.StringIO()
        assert SegmentContacts(work).export_json_lines("S1", file).contacts == 2
        assert '"name": "Müller"' in file.getvalue()
        rows = [json.loads(text) for text in file.getvalue().splitlines()]
        assert [(row["no"], row["type"], row["minor"]) for row in rows] == [
            ("A1", "person", False),
            ("B", "company", False),
        ]
        with pytest.raises(NotFoundError):
            SegmentContacts(work).export_json_lines("NONE", file)


@pytest.mark.rule("SEG-151")
@pytest.mark.parametrize("delete_old", [False, True])
def test_the_contacts_join_a_mailing_group(begin, delete_old):
    with begin() as work:
        fill(work).add(ContactFilter(nos={"A", "B"}))
        SegmentService(work).add_line("S1")
        join(work, MembershipKind.MAILING_GROUP, "NEWS", "B", "P")
        join(work, MembershipKind.MAILING_GROUP, "OTHER", "P")
        options = {"delete_old": True} if delete_old else {}  # nobody leaves unless it is said
        counts = SegmentContacts(work).apply_mailing_group("S1", "news", **options)
        assert counts == ContactFigures(2, 1)
        members = set(work.contacts.matching(ContactFilter(mailing_group_codes={"NEWS"})))
        assert members == ({"A", "B"} if delete_old else {"A", "B", "P"})  # INV-S-27
        assert work.contacts.memberships("P")[-1].code == "OTHER"


class ReadOnly:
    """A host's directory that only reads."""

    def __init__(self, contacts):
        self.matching, self.many = contacts.matching, contacts.many


@pytest.mark.rule("SEG-151")
def test_groups_of_a_hosts_contacts_are_the_hosts_affair(begin):
    with begin() as work:
        fill(work).add(ContactFilter(nos={"A"}))
        work.__dict__["contacts"] = ReadOnly(work.contacts)
        with pytest.raises(UsageError):
            SegmentContacts(work).apply_mailing_group("S1", "NEWS")


def test_lines_are_written_by_statement_only_for_contacts_beside_them(begin):
    with begin() as work:
        if isinstance(work.segments, SetBasedLines):
            assert work.segments.reaches(work.contacts)
            assert not work.segments.reaches(ReadOnly(work.contacts))


CONDITIONS = [
    ({"where": {"city": "Merano"}}, ["B"]),
    ({"where": {"city": {"Merano", None}}}, ["P", "A1", "A2", "B"]),
    ({"where": {"city": Condition(any_of={"Merano"}, negated=True)}}, ["P", "A", "A1", "A2"]),
    ({"where": {"city": Condition(any_of={"Merano", None}, negated=True)}}, ["A"]),
    ({"where": {"city": Condition(any_of=())}}, []),
    ({"where": {"city": Condition(at_least="Merano")}}, ["B"]),
    ({"where": {"city": Condition(at_least="B", at_most="L")}}, ["A"]),
    ({"where": {"city": Condition(at_most="L", negated=True)}}, ["P", "A1", "A2", "B"]),
    ({"where": {"city": Condition(prefix="Bol")}}, ["A"]),
    ({"where": {"city": Condition(contains="%")}}, ["A"]),
    ({"where": {"city": Condition(contains="er", negated=True)}}, ["P", "A", "A1", "A2"]),
    ({"where": {"name": Condition(prefix="CONTACT")}}, ["A", "B"]),
    ({"where": {"territory_code": [Condition(at_least="A"), Condition(prefix="n")]}}, ["P"]),
    ({"where": {"territory_code": Condition(prefix="N", negated=True)}}, ["A", "A1", "A2", "B"]),
    ({"where": {"type": {il.ContactType.PERSON}}}, ["P", "A1", "A2"]),
    ({"where": {"type": Condition(at_least=il.ContactType.PERSON, negated=True)}}, ["A", "B"]),
    (
        {"where": {"correspondence_type": {None, il.CorrespondenceType.EMAIL}}},
        ["P", "A", "A1", "A2", "B"],
    ),
    ({"where": {"correspondence_type": Condition(at_least=1)}}, ["B"]),
    ({"where": {"correspondence_type": Condition(any_of=[None], negated=True)}}, ["B"]),
    ({"where": {"exclude_from_segment": True}}, ["A2"]),
    (
        {"where": {"exclude_from_segment": Condition(any_of=True, negated=True)}},
        ["P", "A", "A1", "B"],
    ),
    ({"interactions": {"date": Condition(at_least=dt.date(2026, 1, 2))}}, ["B"]),
    ({"interactions": {"date": Condition(at_most=dt.date(2026, 1, 1))}}, ["P"]),
    (
        {"interactions": {"date": Condition(at_least="2026-01-01", at_most="2026-01-02")}},
        ["P", "B"],
    ),
    ({"interactions": {"date": Condition(at_least="2026-01-02", negated=True)}}, ["P"]),
    ({"interactions": {"evaluation": {il.Evaluation.POSITIVE}, "postponed": False}}, ["B"]),
    ({"interactions": {"canceled": True, "logged_segment_entry_no": Condition(at_least=7)}}, ["P"]),
    ({"memberships": {MembershipKind.PROFILE_ANSWER: {"line_no": Condition(at_least=2)}}}, ["A1"]),
    ({"memberships": {MembershipKind.PROFILE_ANSWER: {"code": "q", "answer_priority": 3}}}, ["A1"]),
    ({"profile_answers": {"Q": [1, 2]}, "within": {"A1", "B"}}, ["A1"]),
]


@pytest.mark.rule("SEG-060")
def test_every_kind_of_question_is_answered_by_every_store(begin):
    with begin() as work:
        fill(work)
        add_company(work, "A", company_name="A", city="Bolzano 100%")
        add_person(work, "A2", "A", company_name="A", name="A2", exclude_from_segment=True)
        add_company(
            work,
            "B",
            company_name="B",
            city="Merano",
            correspondence_type=il.CorrespondenceType.EMAIL,
            territory_code="A",
        )
        add_person(work, "P", territory_code="NORTH")
        day = dt.date(2026, 1, 1)
        work.interactions.add(an_entry(1, "P", date=day, cancel_state=1, logged_segment_entry_no=7))
        work.interactions.add(
            an_entry(2, "B", date=dt.date(2026, 1, 2), evaluation=il.Evaluation.POSITIVE)
        )
        join(work, MembershipKind.PROFILE_ANSWER, "Q", "A1", line_no=2, answer_priority=3)
        for asked, found in CONDITIONS:
            contact_filter = ContactFilter(**asked)
            assert list(work.contacts.matching(contact_filter)) == found, asked
            among = work.contacts.matching(contact_filter, among=["B", "P"])
            assert list(among) == [no for no in found if no in {"B", "P"}], asked


@pytest.mark.parametrize("begin", adapters("memory", "sqlite", "postgresql"), indirect=True)
def test_a_segment_that_is_logged_in_batches_is_explained_by_lines_and_entries(begin):
    """Who was logged already seemed to match a step and to have no line."""
    with begin() as work:
        selection = fill(work, salesperson_code="SP1")
        add_company(work, "Y", exclude_from_segment=True)
        selection.add(ContactFilter(nos={"A", "A1", "A2", "Y"}))
        selection.reduce(ContactFilter(nos={"A2"}))

    def interrupted(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        il.BatchRun(begin.store, user_id="TESTER").log("S1", size=1, on_progress=interrupted)
    with begin() as work:
        selection = ContactSelection(work, "S1")
        reasons = {no: selection.explain(no).reason for no in ("A", "A1", "A2", "Y", "B")}
        assert reasons == {
            "A": "logged as entry 1",
            "A1": "on a line",
            "A2": "removed by step 2",
            "Y": "excluded",
            "B": "never matched",
        }
        assert list(selection.passed_over()) == [("Y", "excluded")]


@pytest.mark.parametrize(
    "use",
    [
        lambda work: SegmentContacts(work).apply_mailing_group("S1", "NEWS", delete_old=True),
        lambda work: SegmentContacts(work).export_csv("S1", io.StringIO()),
        lambda work: SegmentContacts(work).export_json_lines("S1", io.StringIO()),
        lambda work: ContactSelection(work, "S2").reuse_logged(
            work.logged_segments.current("S1").entry_no
        ),
    ],
    ids=["group", "csv", "json", "reuse"],
)
def test_contacts_of_a_segment_that_is_logged_in_batches_are_not_taken_elsewhere(begin, use):
    """Those that were moved would be missing, and leave the group."""
    with begin() as work:
        fill(work, salesperson_code="SP1").add(ContactFilter(nos={"A", "A1", "A2"}))
        join(work, MembershipKind.MAILING_GROUP, "NEWS", *A_AND_PERSONS)
        SegmentService(work).create("Others", no="S2")
        members = work.contacts.matching(ContactFilter(mailing_group_codes={"NEWS"}))

    def interrupted(progress):
        raise KeyboardInterrupt

    run = il.BatchRun(begin.store, user_id="TESTER")
    with pytest.raises(KeyboardInterrupt):
        run.log("S1", size=1, on_progress=interrupted)
    with begin() as work:
        with pytest.raises(StateError, match="S1 is being logged as logged segment"):
            use(work)
        assert not lines_of(work, "S2")
        left = work.contacts.matching(ContactFilter(mailing_group_codes={"NEWS"}))
        assert list(left) == list(members)
