"""Results that answer: who was left out and why, figures by two dimensions, tables as text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import interactionlog as il
from company import add_company, add_person, add_segment_series, log_interaction, set_up
from interactionlog.interactions.repository import Dimension


@pytest.fixture
def work(begin):
    with begin() as work:
        set_up(work)
        yield work


def selected(work):
    """Give a segment of everybody: one blocked, one excluded, one removed, one line without mail."""
    for no, values in {
        "BLOCKED": {"privacy_blocked": True},
        "EXCLUDED": {"exclude_from_segment": True},
        "REMOVED": {},
        "NOMAIL": {"correspondence_type": il.CorrespondenceType.EMAIL},
        "LATER": {"city": "Merano"},
    }.items():
        add_person(work, no, **values)
    il.SegmentService(work).create("Letter", no="S1", interaction_template_code="T1")
    selection = il.ContactSelection(work, "S1")
    filtered = il.ContactFilter(where={"city": il.Condition(any_of=["Merano"], negated=True)})
    selection.add(filtered)
    selection.reduce(il.ContactFilter(nos={"REMOVED"}))
    return selection


def test_who_was_never_selected_is_named_with_the_reason_before_and_after_logging(work):
    selection = selected(work)
    never = {"BLOCKED": "privacy-blocked", "EXCLUDED": "excluded"}
    assert dict(selection.passed_over()) == never
    policy = il.LoggingPolicy(no_e_mail=il.Treatment.LEAVE_OUT)
    il.SegmentLogger(work).log("S1", policy=policy)
    assert dict(selection.passed_over()) == never


def test_a_segment_is_explained_after_logging_as_before(work):
    selection = selected(work)
    before = {no: selection.explain(no).reason for no in ("C", "NOMAIL", "BLOCKED", "REMOVED", "X")}
    assert before == {
        "C": "on a line",
        "NOMAIL": "on a line",
        "BLOCKED": "privacy-blocked",
        "REMOVED": "removed by step 2",
        "X": "unknown contact",
    }
    line_nos = selection.explain("C").line_nos
    policy = il.LoggingPolicy(no_e_mail=il.Treatment.LEAVE_OUT)
    logged = il.SegmentLogger(work).log("S1", policy=policy)
    assert selection.explain("C").reason == f"logged as entry {logged.first_entry_no}"
    assert selection.explain("C").line_nos == line_nos
    assert selection.explain("nomail").reason == "left out: no-e-mail"
    assert selection.explain("LATER").reason == "never matched"
    assert selection.explain("BLOCKED").reason == "privacy-blocked"
    assert [trace.means for trace in selection.explain("C").steps] == [True, False]


def test_whose_entry_was_deleted_is_not_said_never_to_have_had_one(work):
    selection, entries = selected(work), il.LogEntryService(work)
    logged = il.SegmentLogger(work).log("S1")
    (gone,) = [e.entry_no for e in work.interactions.of_logged_segment_with(logged.entry_no, ["C"])]
    said = {no: selection.explain(no).reason for no in ("C", "LATER", "BLOCKED", "REMOVED", "X")}
    entries.cancel(gone)
    assert {no: selection.explain(no).reason for no in said} == said
    entries.delete_canceled()
    said |= {"C": "matches step 1 now"}
    assert {no: selection.explain(no).reason for no in said} == {
        no: f"{reason}; its entry may be deleted" for no, reason in said.items()
    }
    kept = selection.explain("NOMAIL").reason
    assert kept.startswith("logged as entry")
    assert not kept.endswith("deleted")


def test_nobody_is_passed_over_who_was_added_all_the_same(work):
    selection = selected(work)
    il.SegmentService(work).add_line("S1", "EXCLUDED")
    assert dict(selection.passed_over()) == {"BLOCKED": "privacy-blocked"}


def test_a_segment_that_never_was_is_not_explained(work):
    with pytest.raises(il.NotFoundError):
        il.ContactSelection(work, "S9").explain("C")
    with pytest.raises(il.NotFoundError):
        next(il.ContactSelection(work, "S9").passed_over())


def test_figures_are_split_by_two_dimensions_and_by_month(work):
    add_company(work, "C2")
    for contact, day in (("C", 1), ("C2", 1), ("C", 2), ("C", 2)):
        log_interaction(work, contact_no=contact, date=date(2026, day, 5), cost_lcy="0.1")
    statistics = il.Statistics(work)
    by_two = statistics.by(Dimension.CONTACT, Dimension.DATE)
    assert [(key, each.interactions) for key, each in by_two] == [
        (("C", "2026-01-05"), 1),
        (("C", "2026-02-05"), 2),
        (("C2", "2026-01-05"), 1),
    ]
    by_month = statistics.by_month_and(Dimension.CONTACT)
    assert [(key, each.interactions) for key, each in by_month] == [
        (("2026-01", "C"), 1),
        (("2026-01", "C2"), 1),
        (("2026-02", "C"), 2),
    ]
    assert sum(each.interactions for _, each in by_two) == 4
    late = il.Statistics(work, since=date(2026, 2, 1))
    assert [key for key, _ in late.by(Dimension.CONTACT, Dimension.TEMPLATE)] == [("C", "T1")]
    assert str(by_month).splitlines() == [
        "key          interactions  cost  minutes",
        "2026-01, C              1   0.1        0",
        "2026-01, C2             1   0.1        0",
        "2026-02, C              2   0.2        0",
    ]


def test_of_each_month_what_has_no_key_comes_first(work):
    work.campaigns.put(il.Campaign(no="A'1"))
    work.campaigns.put(il.Campaign(no="B"))
    for campaign_no, day in (("B", 1), (None, 2), ("A'1", 3), ("B", 32), (None, 33)):
        log_interaction(work, date=date(2026, 1, 1) + timedelta(day), campaign_no=campaign_no)
    keys = [key for key, _ in il.Statistics(work).by_month_and(Dimension.CAMPAIGN)]
    january = [("2026-01", no) for no in (None, "A'1", "B")]
    assert keys == [*january, ("2026-02", None), ("2026-02", "B")]


def test_a_timeline_is_a_table_as_text(work):
    log_interaction(work, contact_no="C", date=date(2026, 1, 5), cost_lcy="0.10")
    captions, row = str(il.InteractionLog(work).timeline("C")).splitlines()
    assert captions.split() == [
        *("no.", "date", "contact", "template", "description", "cost", "minutes", "state"),
    ]
    assert row.split()[1:4] == ["2026-01-05", "C", "T1"]
    assert row.split()[-2:] == ["0.1", "0"]
    assert len(str(il.InteractionLog(work).postponed()).splitlines()) == 1


def test_the_log_iterates_over_logged_and_postponed_entries_together(work):
    interactions, log = il.InteractionService(work), il.InteractionLog(work)
    for day in (1, 3):
        log_interaction(work, contact_no="C", date=date(2026, 1, day))
    draft = interactions.start("C", interaction_template_code="T1", date=date(2026, 1, 2))
    interactions.postpone(draft)
    assert [entry.date.day for entry in log] == [3, 2, 1]
    assert [entry.date.day for entry in log.each(il.LogFilter(postponed=False))] == [3, 1]


def test_a_title_is_never_empty(work):
    entry = log_interaction(work, contact_no="C", description="Asked for prices")
    work.templates.remove("T1")
    assert il.InteractionLog(work).title(entry) == "Asked for prices"


def test_logged_segments_are_found_by_number_description_and_day(begin, work):
    for no in ("S1", "S2"):
        il.SegmentService(work).create(f"Letter {no}", no=no, interaction_template_code="T1")
        il.ContactSelection(work, no).add(all_contacts=True)
        il.SegmentLogger(work).log(no)
        begin.clock.move(days=1)
    logged = il.LoggedSegments(work)
    assert [each.segment_no for each in logged.find()] == ["S2", "S1"]
    assert [each.segment_no for each in logged.find("s1")] == ["S1"]
    assert [each.segment_no for each in logged.find(description="letter s2")] == ["S2"]
    assert [each.segment_no for each in logged.find(since=date(2026, 1, 27))] == ["S2"]
    assert [each.segment_no for each in logged.find(until=date(2026, 1, 26))] == ["S1"]
    assert logged.find("S9") == []


def test_a_follow_up_says_what_it_lacks_and_may_take_it_along(work):
    add_segment_series(work)
    no = il.SegmentService(work).create("Letter", interaction_template_code="T1").no
    il.ContactSelection(work, no).add(all_contacts=True)
    logged = il.SegmentLogger(work).log(no)
    il.SegmentLogger(work).follow_up(logged.entry_no)
    assert "interaction_template_code" in work.events[-1].missing
    carry = {"interaction_template_code", "salesperson_code"}
    il.SegmentLogger(work).follow_up(logged.entry_no, il.FollowUp(carry=carry))
    assert "interaction_template_code" not in work.events[-1].missing
