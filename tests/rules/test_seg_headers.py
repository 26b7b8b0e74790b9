"""Headers of segments, how their lines follow, and content by language: SEG-001 to SEG-038."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from company import (
    add_attachment,
    add_company,
    add_person,
    add_salesperson,
    add_segment_series,
    add_template,
    add_user,
)
from interactionlog.contacts.contact import AlternativeAddress, AlternativeAddressPeriod
from interactionlog.errors import (
    DuplicateEntryError,
    FieldInvalidError,
    NotFoundError,
    NumberSeriesError,
    SegmentAlreadyLoggedError,
    SetupMissingError,
    StateError,
    UsageError,
)
from interactionlog.interactions.service import InteractionService
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.languages import SegmentLanguages
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.segments.logging.logger import FollowUp, SegmentLogger
from interactionlog.segments.segment import CriteriaStep, Segment, SegmentLanguage
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.testing import a_campaign, a_line, a_logged_segment, a_step
from interactionlog.values import CorrespondenceType, InformationFlow, LoggedSegmentState
from rules_of_segments import lines_of, offer, start, values_of

HARD_COPY, EMAIL = CorrespondenceType.HARD_COPY, CorrespondenceType.EMAIL


@pytest.mark.rule("SEG-001")
def test_a_number_is_drawn_from_the_series_of_the_setup(begin):
    with begin() as work:
        add_segment_series(work)
        segment = SegmentService(work).create("S")
        instant = int(begin.clock.now().timestamp() * 1_000)
        assert (segment.no, segment.no_series, segment.version) == ("SM00001", "SEG", instant)


@pytest.mark.rule("SEG-001")
def test_without_a_series_in_the_setup_no_number_is_drawn(begin):
    with begin() as work:
        with pytest.raises(SetupMissingError):
            SegmentService(work).create("S")
        assert work.segments.all() == []


@pytest.mark.rule("SEG-002")
def test_a_number_by_hand_needs_a_series_that_allows_it(begin):
    with begin() as work:
        add_segment_series(work)
        setup = NumberSeriesSetup(work)
        with pytest.raises(NumberSeriesError):
            SegmentService(work).create("S", no="MINE")
        setup.change_series("SEG", manual_nos=True)
        segment = SegmentService(work).create("S", no=" mine ")
        assert (segment.no, segment.no_series) == ("MINE", None)
        with pytest.raises(DuplicateEntryError):
            SegmentService(work).create("S", no="MINE")


@pytest.mark.rule("SEG-002")
def test_a_number_that_was_logged_is_not_given_again(begin):
    with begin() as work:
        work.logged_segments.add(a_logged_segment(7, "S1"))
        with pytest.raises(SegmentAlreadyLoggedError):
            SegmentService(work).create("S", no="S1")


@pytest.mark.rule("SEG-003")
def test_the_salesperson_is_the_users_own_and_the_date_the_work_date_unless_given(begin):
    with begin() as work:
        add_salesperson(work)
        add_user(work, salesperson_code="SP1")
        segments = SegmentService(work)
        segment = segments.create("S", no="S1")
        assert (segment.salesperson_code, segment.date) == ("SP1", dt.date(2026, 1, 26))
        day = dt.date(2026, 2, 1)  # D-29
        assert segments.create("S", no="S2", date=day, salesperson_code=None).date == day
        assert work.segments.get("S2").salesperson_code is None


@pytest.mark.rule("SEG-003")
@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"salesperson_code": "NOBODY"}, NotFoundError),
        ({"salesperson_code": "BLOCKED"}, StateError),
        ({"campaign_no": "NONE"}, NotFoundError),
        ({"interaction_template_code": "NONE"}, NotFoundError),
        ({"unit_cost_lcy": -1}, FieldInvalidError),
        ({"shoe_size": 1}, UsageError),
    ],
    ids=str,
)
def test_a_bad_value_changes_nothing(begin, values, error):
    with begin() as work:
        segments = start(work, "C1")
        add_salesperson(work, "BLOCKED", blocked=True)
        before = work.segments.get("S1"), lines_of(work)
        with pytest.raises(error):
            segments.change("S1", description="new", **values)
        assert (work.segments.get("S1"), lines_of(work)) == before
        with pytest.raises(error):
            segments.create("S", no="S2", **values)
        assert work.segments.find("S2") is None


@pytest.mark.rule("SEG-004")
def test_everything_open_follows_a_new_number_and_what_was_logged_does_not(begin):
    with begin() as work:
        offer(work, "ENU")
        segments = start(work, "C1", "C2")
        segments.remove_lines("S1", [10_000])
        kept = SegmentLanguage(segment_no="S1", logged_segment_entry_no=7, language_code="DAN")
        work.segments.put_language(kept)
        work.records(CriteriaStep).add(a_step(1, "S1", logged_segment_entry_no=7))
        renamed = segments.rename("S1", "s9")
        assert renamed == work.segments.get("S9")
        assert work.segments.find("S1") is None
        assert [line.contact_no for line in lines_of(work, "S9")] == ["C2"]
        assert len(work.segments.languages("S9")) == 1
        assert len(work.segments.steps("S9")) == 3
        assert (lines_of(work, "S1"), work.segments.steps("S1")) == ([], [])
        ContactSelection(work, "S9").go_back()
        assert [line.contact_no for line in lines_of(work, "S9")] == ["C1", "C2"]
        assert work.segments.all_languages("S1") == []
        assert kept.segment_no == "S1"


@pytest.mark.rule("SEG-004", "SEG-005")
@pytest.mark.parametrize("way", ["rename", "delete", "log, cancel and delete"])
def test_calls_of_another_segment_with_the_number_join_no_campaign_entry_of_the_first(begin, way):
    with begin() as work:
        segments = start(work, "C1", campaign_no="CP1")
        calls = InteractionService(work)

        def called(no):
            return calls.finish(calls.start_from_segment_line(no, 10_000)).campaign_entry_no

        first = called("S1")
        if way == "rename":
            segments.rename("S1", "S9")
            assert called("S9") == first
            assert work.campaign_entries.get(first).segment_no == "S9"
        elif way == "delete":
            segments.delete("S1")
        else:
            LoggedSegments(work).cancel(SegmentLogger(work).log("S1").entry_no)
            LoggedSegments(work).delete_canceled()
        segments.create("S", no="S1", interaction_template_code="T1", campaign_no="CP1")
        segments.add_line("S1", "C1")
        assert called("S1") > first
        assert work.campaign_entries.get(first).cancel_state == 0


@pytest.mark.rule("SEG-004")
@pytest.mark.parametrize("taken", ["S2", "S3"])
def test_a_number_that_is_taken_refuses_the_renaming(begin, taken):
    with begin() as work:
        segments = start(work, "C1")
        segments.create("S", no="S2")
        work.logged_segments.add(a_logged_segment(7, "S3"))
        with pytest.raises((DuplicateEntryError, SegmentAlreadyLoggedError)):
            segments.rename("S1", taken)
        assert len(lines_of(work)) == 1
        assert segments.rename("S1", "s1").no == "S1"


@pytest.mark.rule("SEG-005")
def test_a_deleted_segment_takes_its_content_along(begin):
    with begin() as work:
        offer(work, "ENU", "DAN")
        segments = start(work, "C1")
        segments.personalise("S1", 10_000, attachment_no=add_attachment(work))
        segments.add_line("S1", "C1")
        segments.remove_lines("S1", [10_000])
        rows = work.segments.all_languages("S1")
        contents = {row.attachment_no for row in rows}
        assert len(contents) == 3
        frozen = work.segments.languages("S1")[0].attachment_no
        work.attachments.set_read_only([frozen])
        segments.delete("S1")
        assert work.segments.find("S1") is None
        assert (lines_of(work), work.segments.all_languages("S1")) == ([], [])
        assert {no for no in contents if work.attachments.find(no)} == {frozen}
        for row in work.template_languages.all():
            assert work.attachments.find(row.attachment_no) is not None


@pytest.mark.rule("SEG-006")
def test_a_segment_that_is_logged_in_batches_cannot_be_edited(begin):
    with begin() as work:
        segments = start(work, "C1")
        running = a_logged_segment(7, "S1", state=LoggedSegmentState.RUNNING, batch_size=10)
        work.logged_segments.add(running)
        selection, languages = ContactSelection(work, "S1"), SegmentLanguages(work)
        for edit in (
            lambda: segments.change("S1", description="new"),
            lambda: segments.rename("S1", "S2"),
            lambda: segments.delete("S1"),
            lambda: segments.add_line("S1", "C1"),
            lambda: segments.personalise("S1", 10_000, subject="new"),
            lambda: segments.change_contact("S1", 10_000, None),
            lambda: segments.remove_lines("S1", [10_000]),
            lambda: languages.put("S1", "ENU"),
            lambda: selection.add(all_contacts=True),
            selection.go_back,
            lambda: selection.save("X"),
        ):
            with pytest.raises(StateError, match="being logged"):
                edit()
        assert len(lines_of(work)) == 1


@pytest.mark.rule("SEG-020")
def test_lines_with_another_template_do_not_follow(begin):
    with begin() as work:
        add_template(work, "T2")
        segments = start(work, "C1", "C2")
        segments.personalise("S1", 10_000, interaction_template_code="T2")
        segments.change("S1", description="new", force=True)
        assert values_of(work, "description") == ["T2G1", "new"]


FIELDS = [
    ("description", "description", "new"),
    ("campaign_no", "campaign_no", "CP1"),
    ("unit_cost_lcy", "cost_lcy", 9),
    ("unit_duration_min", "duration_min", 7),
    ("date", "date", dt.date(2026, 3, 1)),
    ("campaign_target", "campaign_target", True),
    ("campaign_response", "campaign_response", True),
    ("information_flow", "information_flow", InformationFlow.INBOUND),
    ("send_word_docs_as_attmt", "send_word_doc_as_attmt", True),
    ("salesperson_code", "salesperson_code", "SP2"),
    ("word_template_code", "word_template_code", "LETTER"),
]


@pytest.mark.rule("SEG-021")
@pytest.mark.parametrize(("header", "field", "value"), FIELDS, ids=str)
def test_a_field_reaches_the_lines_that_hold_the_old_value(begin, header, field, value):
    with begin() as work:
        segments = start(work, "C1", "C2", salesperson_code="SP1")
        own = {
            "description": "mine",
            "campaign_no": "OWN",
            "cost_lcy": 3,
            "duration_min": 1,
            "date": dt.date(2026, 2, 2),
            "campaign_target": True,
            "campaign_response": True,
            "information_flow": InformationFlow.OUTBOUND,
            "send_word_doc_as_attmt": True,
            "salesperson_code": "SP9",
            "word_template_code": "OWN",
        }[field]
        line = work.segments.line("S1", 20_000)
        work.segments.set_lines("S1", [line.line_no], **{field: own})
        segments.change("S1", **{header: value})
        assert values_of(work, field) == [value, own]  # D-08
        segments.change("S1", **{header: getattr(start_header(), header)}, force=True)
        assert len(set(values_of(work, field))) == 1
        assert values_of(work, field) != [value, own]


def start_header():
    """A header with values that no line of the test above has."""
    return Segment(
        no="S1",
        description="third",
        salesperson_code="SP1",
        unit_cost_lcy=11,
        unit_duration_min=11,
        date=dt.date(2026, 4, 1),
    )


@pytest.mark.rule("SEG-021")
def test_lines_are_left_alone_when_that_is_said(begin):
    with begin() as work:
        segments = start(work, "C1")
        assert segments.change("S1", description="new", update_lines=False).description == "new"
        assert values_of(work, "description") == ["S"]


@pytest.mark.rule("SEG-021")
def test_a_salesperson_gives_way_to_the_contacts_own_and_back(begin):
    with begin() as work:
        segments = start(work, "C1", "C2")
        assert values_of(work, "salesperson_code") == ["SP1", "SP1"]
        segments.personalise("S1", 20_000, salesperson_code="SP2")
        segments.change("S1", salesperson_code="SP2")
        assert values_of(work, "salesperson_code") == ["SP2", "SP2"]
        segments.personalise("S1", 20_000, salesperson_code="SP1")
        segments.change("S1", salesperson_code=None)
        assert values_of(work, "salesperson_code") == ["SP1", "SP1"]


@pytest.mark.rule("SEG-021")
@pytest.mark.rule("SEG-047")
def test_a_new_date_brings_its_address_and_one_picked_by_hand_stays(begin):
    with begin() as work:
        segments = start(work, "C1", "C2")
        summer = dt.date(2026, 7, 1)
        for no in ("C1", "C2"):
            work.contacts.put_address(AlternativeAddress(contact_no=no, code="SUMMER"))
            work.contacts.put_address_period(
                AlternativeAddressPeriod(
                    contact_no=no, starting_date=summer, ending_date=summer, code="SUMMER"
                )
            )
        work.contacts.put_address(AlternativeAddress(contact_no="C2", code="PICKED"))
        segments.personalise("S1", 20_000, contact_alt_address_code="PICKED")
        segments.change("S1", date=summer)  # D-09
        assert values_of(work, "contact_alt_address_code") == ["SUMMER", "PICKED"]
        line = segments.personalise("S1", 10_000, date=dt.date(2026, 8, 1))
        assert line.contact_alt_address_code is None


@pytest.mark.rule("SEG-022")
def test_a_template_brings_its_values_to_lines_that_hold_the_old_ones(begin):
    with begin() as work:
        add_template(work, "T2", interaction_group_code="G2", unit_cost_lcy=8, campaign_target=True)
        segments = start(work, "C1", "C2")
        segments.personalise("S1", 20_000, cost_lcy=3)
        segments.change("S1", interaction_template_code="T2")
        assert values_of(work, "interaction_template_code") == ["T2", "T2"]
        assert values_of(work, "interaction_group_code") == ["G2", "G2"]
        assert values_of(work, "cost_lcy") == [8, 3]  # D-07
        assert values_of(work, "campaign_target") == [True, True]


@pytest.mark.rule("SEG-022")
def test_a_template_that_is_forced_gives_all_that_it_has_to_lines_of_another_one(begin):
    """Also what the header had before: values on a line belong to its template."""
    with begin() as work:
        add_template(work, "T2", interaction_group_code="G2", unit_cost_lcy=8, campaign_target=True)
        add_template(work, "T3", unit_cost_lcy=5)
        segments = start(work, "C1", "C2")
        segments.personalise("S1", 20_000, interaction_template_code="T2", duration_min=9)
        segments.change("S1", interaction_template_code="T3", force=True)
        first, second = lines_of(work)
        own = {name: getattr(second, name) for name in ("contact_no", "description")}
        own |= {"line_no": 20_000, "contact_company_no": "C2", "added_by_step": 2}
        assert second == attrs.evolve(first, **own)


@pytest.mark.rule("SEG-021")
@pytest.mark.parametrize(("header", "field", "value"), FIELDS, ids=str)
def test_a_value_that_is_forced_reaches_all_lines_though_the_header_has_it(
    begin, header, field, value
):
    with begin() as work:
        segments = start(work, "C1", "C2", salesperson_code="SP1")
        segments.change("S1", **{header: value}, update_lines=False)
        segments.change("S1", **{header: value})
        assert value not in values_of(work, field), "nothing changed that lines would follow"
        segments.change("S1", **{header: value}, force=True)
        assert values_of(work, field) == [value, value]


@pytest.mark.rule("SEG-022")
def test_a_template_is_refused_where_lines_would_keep_content_that_goes(begin):
    with begin() as work:
        offer(work, "ENU")
        add_template(work, "T2", unit_cost_lcy=8)
        segments = start(work, "C1")
        with pytest.raises(StateError):
            segments.change("S1", interaction_template_code="T2", update_lines=False)
        assert work.segments.get("S1").interaction_template_code == "T1"
        segments.personalise("S1", 10_000, attachment_no=None)
        segments.change("S1", interaction_template_code="T2", update_lines=False)
        assert work.segments.get("S1").unit_cost_lcy == 8
        assert values_of(work, "interaction_template_code") == ["T1"]


@pytest.mark.rule("SEG-022")
def test_a_template_can_be_cleared(begin):
    with begin() as work:  # D-16
        offer(work, "ENU")
        segments = start(work, "C1")
        content = segments.figures("S1").attachment_no
        header = segments.change("S1", interaction_template_code=None)
        assert (header.interaction_template_code, header.language_code_default) == (None, None)
        (line,) = lines_of(work)
        assert (line.interaction_template_code, line.attachment_no) == (None, None)
        assert work.segments.languages("S1") == []
        assert work.attachments.find(content) is None


@pytest.mark.rule("SEG-023")
def test_a_template_loads_its_defaults_and_a_given_value_wins(begin):
    with begin() as work:
        work.campaigns.put(a_campaign("CP2"))
        offer(work, "DAN", code="T2", unit_duration_min=4, campaign_no="CP2", unit_cost_lcy=1)
        segments = start(work, subject_default="old", campaign_no="CP1")
        header = segments.change("S1", interaction_template_code="T2", unit_cost_lcy=2)
        assert (header.subject_default, header.language_code_default) == ("", "DAN")
        assert (header.unit_cost_lcy, header.unit_duration_min) == (2, 4)
        assert header.campaign_no == "CP2"
        assert segments.change("S1", interaction_template_code="T1").campaign_no == "CP2"


@pytest.mark.rule("SEG-024")
def test_a_new_default_language_brings_its_subject_and_lines_keep_theirs(begin):
    with begin() as work:
        offer(work, "ENU", "DAN")
        segments = start(work, "C1")
        SegmentLanguages(work).put("S1", "DAN", subject="Hej")
        assert segments.change("S1", language_code_default="DAN").subject_default == "Hej"
        assert values_of(work, "language_code") == ["ENU"]
        add_company(work, "F", language_code="FRA")
        segments.add_line("S1", "F")
        header = segments.change("S1", language_code_default="FRA")
        assert header.subject_default == ""
        rows = {row.language_code: row for row in work.segments.languages("S1")}
        assert rows["FRA"].description == "T1 FRA"
        assert values_of(work, "language_code") == ["ENU", "FRA"]


@pytest.mark.rule("SEG-025")
def test_a_new_subject_reaches_lines_in_that_language_that_hold_the_old_one(begin):
    with begin() as work:
        offer(work, "ENU", "DAN")
        add_company(work, "D", language_code="DAN")
        segments = start(work, "C1", "D", "C2")
        segments.personalise("S1", 30_000, subject="mine")
        segments.change("S1", subject_default="Hello", force=True)
        assert values_of(work, "subject") == ["Hello", "", "mine"]  # INV-S-20
        assert {row.language_code: row.subject for row in work.segments.languages("S1")} == {
            "ENU": "Hello",
            "DAN": "",
        }


@pytest.mark.rule("SEG-026")
def test_the_subject_of_the_default_language_is_that_of_the_header(begin):
    with begin() as work:
        offer(work, "ENU", "DAN")
        start(work, "C1")
        languages = SegmentLanguages(work)
        languages.put("S1", "ENU", subject="Hello")
        assert work.segments.get("S1").subject_default == "Hello"
        languages.put("S1", "DAN", subject="Hej")
        assert work.segments.get("S1").subject_default == "Hello"
        assert values_of(work, "subject") == ["Hello"]


@pytest.mark.rule("SEG-025", "SEG-026")
@pytest.mark.parametrize("way", ["created", "created, then changed", "followed up"])
def test_a_subject_that_comes_with_its_template_is_that_of_the_lines(begin, way):
    with begin() as work:
        offer(work, "ENU", "DAN")
        add_company(work, "C1")
        values = {"interaction_template_code": "T1", "subject_default": "Hello"}
        segments = SegmentService(work)
        segments.create("x", no="S1", **({} if "changed" in way else values))
        if "changed" in way:
            segments.change("S1", **values)
        segments.add_line("S1", "C1")
        no = "S1"
        if way == "followed up":
            add_salesperson(work)
            logged = SegmentLogger(work).log("S1")
            add_segment_series(work)
            follow_up = FollowUp(carry={"interaction_template_code", "subject_default"})
            no = SegmentLogger(work).follow_up(logged.entry_no, follow_up).no
        rows = {row.language_code: row.subject for row in work.segments.languages(no)}
        assert rows == {"ENU": "Hello", "DAN": ""}
        assert [line.subject for line in work.segments.lines_after(no, 0)] == ["Hello"]
        segments.change(no, subject_default="Another")
        assert [line.subject for line in work.segments.lines_after(no, 0)] == ["Another"]


@pytest.mark.rule("SEG-024")
@pytest.mark.parametrize("way", ["created", "changed"])
@pytest.mark.parametrize("language", ["DAN", "FRA"])
def test_a_default_language_that_comes_with_its_template_has_a_row(begin, way, language):
    with begin() as work:
        offer(work, "ENU", "DAN")
        values = {
            "interaction_template_code": "T1",
            "subject_default": "Hej",
            "language_code_default": language,
        }
        segments = SegmentService(work)
        segments.create("x", no="S1", **(values if way == "created" else {}))
        if way == "changed":
            segments.change("S1", **values)
        rows = {row.language_code: row for row in work.segments.languages("S1")}
        assert {code: row.subject for code, row in rows.items()} == {
            **dict.fromkeys(("ENU", "DAN"), ""),
            language: "Hej",
        }
        assert rows[language].description == ("T1 FRA" if language == "FRA" else "")


@pytest.mark.rule("SEG-027")
def test_a_correspondence_type_reaches_lines_only_where_the_contact_has_no_say(begin):
    with begin() as work:
        add_company(work, "E", correspondence_type=EMAIL)
        segments = start(work, "C1", "E")
        segments.change("S1", correspondence_type_default=HARD_COPY)
        assert values_of(work, "correspondence_type") == [None, EMAIL]  # §8.5
        segments.change("S1", ignore_contact_corres_type=True)
        segments.change("S1", correspondence_type_default=None)
        segments.change("S1", correspondence_type_default=HARD_COPY)
        assert values_of(work, "correspondence_type") == [HARD_COPY, HARD_COPY]


@pytest.mark.rule("SEG-028")
def test_a_group_is_copied_to_later_lines_only(begin):
    with begin() as work:
        segments = start(work, "C1")
        segments.change("S1", interaction_group_code="G9", ignore_contact_corres_type=True)
        segments.add_line("S1", "C1")
        assert values_of(work, "interaction_group_code") == ["G1", "G9"]


@pytest.mark.rule("SEG-029")
def test_an_emptied_campaign_leaves_the_flags(begin):
    with begin() as work:
        segments = start(work, "C1", campaign_no="CP1", campaign_target=True)
        header = segments.change("S1", campaign_no=None)
        assert header.campaign_target
        assert (values_of(work, "campaign_no"), values_of(work, "campaign_target")) == (
            [None],
            [True],
        )


@pytest.mark.rule("SEG-030")
def test_content_is_shown_as_inherited_own_or_none(begin):
    with begin() as work:
        offer(work, "ENU")
        segments = start(work, "C1", "C2", "C3")
        segments.personalise("S1", 20_000, attachment_no=add_attachment(work))
        segments.personalise("S1", 30_000, attachment_no=None)
        views = segments.lines("S1")
        assert [view.content for view in views] == ["inherited", "own", ""]
        assert [view.own_fields for view in views] == [(), ("attachment_no",), ("attachment_no",)]


@pytest.mark.rule("SEG-031")
def test_the_first_language_reaches_everybody_and_a_later_one_who_speaks_it(begin):
    with begin() as work:
        add_company(work, "D", language_code="DAN")
        start(work, "C1", "D")
        languages = SegmentLanguages(work)
        first = languages.put("S1", "ENU", attachment_no=add_attachment(work), subject="Hello")
        assert work.segments.get("S1").language_code_default == "ENU"
        assert values_of(work, "attachment_no") == [first.attachment_no] * 2
        second = languages.put("S1", "DAN", attachment_no=add_attachment(work), subject="Hej")
        assert values_of(work, "attachment_no") == [first.attachment_no, second.attachment_no]
        assert values_of(work, "subject") == ["Hello", "Hej"]
        assert values_of(work, "language_code") == ["ENU", "DAN"]


@pytest.mark.rule("SEG-031")
def test_a_row_of_a_line_is_taken_by_the_line(begin):
    with begin() as work:
        offer(work, "ENU")
        start(work, "C1", "C2")
        row = SegmentLanguages(work).put("S1", "FRA", line_no=10_000, subject="Bonjour")
        first, second = lines_of(work)
        assert (first.language_code, first.subject) == ("FRA", "Bonjour")
        assert second.language_code == "ENU"
        assert SegmentLanguages(work).all("S1", 10_000) == [row]


@pytest.mark.rule("SEG-032")
def test_a_segment_has_copies_of_what_its_template_offers(begin):
    with begin() as work:
        offer(work, "ENU", "DAN")
        add_company(work, "D", language_code="DAN")
        add_company(work, "F", language_code="FRA")
        start(work, "D", "F")
        of_template = {
            row.language_code: row.attachment_no for row in work.template_languages.all("T1")
        }
        of_segment = {row.language_code: row.attachment_no for row in work.segments.languages("S1")}
        assert of_template.keys() == of_segment.keys()
        assert not set(of_template.values()) & set(of_segment.values())
        digests = {work.attachments.get(no).digest for no in of_segment.values()}
        assert digests == {work.attachments.get(no).digest for no in of_template.values()}
        # D-26: the contact's language, else the header's default, and never the first by alphabet
        assert values_of(work, "language_code") == ["DAN", "ENU"]


@pytest.mark.rule("SEG-033")
def test_lines_of_a_deleted_language_take_what_is_theirs_now(begin):
    with begin() as work:
        offer(work, "ENU", "DAN")
        add_company(work, "D", language_code="DAN")
        segments = start(work, "C1", "D")
        danish = values_of(work, "attachment_no")[1]
        SegmentLanguages(work).remove("S1", "DAN")
        assert values_of(work, "language_code") == ["ENU", "ENU"]
        assert len(set(values_of(work, "attachment_no"))) == 1
        assert work.attachments.find(danish) is None
        SegmentLanguages(work).remove("S1", "ENU")
        header = work.segments.get("S1")
        assert (header.language_code_default, header.subject_default) == (None, "")
        assert values_of(work, "attachment_no") == [None, None]
        assert segments.figures("S1").attachment_no is None


@pytest.mark.rule("SEG-033")
def test_a_line_without_its_row_inherits_again(begin):
    with begin() as work:
        offer(work, "ENU")
        segments = start(work, "C1")
        inherited = values_of(work, "attachment_no")
        own = segments.personalise("S1", 10_000, attachment_no=add_attachment(work)).attachment_no
        SegmentLanguages(work).remove("S1", "ENU", line_no=10_000)
        assert values_of(work, "attachment_no") == inherited
        assert work.attachments.find(own) is None
        with pytest.raises(NotFoundError):
            SegmentLanguages(work).remove("S1", "ENU", line_no=10_000)


@pytest.mark.rule("SEG-033")
def test_read_only_content_survives_its_row(begin):
    with begin() as work:
        offer(work, "ENU")
        segments = start(work)
        content = segments.figures("S1").attachment_no
        work.attachments.set_read_only([content])
        SegmentLanguages(work).remove("S1", "ENU")
        assert work.attachments.find(content) is not None


@pytest.mark.rule("SEG-034")
def test_lines_follow_a_language_that_is_renamed(begin):
    with begin() as work:
        offer(work, "ENU")
        add_company(work, "D", language_code="DAN")
        start(work, "C1", "D")
        SegmentLanguages(work).rename("S1", "ENU", "ENG")
        assert work.segments.get("S1").language_code_default == "ENG"
        assert values_of(work, "language_code") == ["ENG", "ENG"]
        SegmentLanguages(work).put("S1", "FRA", line_no=10_000)
        SegmentLanguages(work).rename("S1", "FRA", "FRC", line_no=10_000)
        assert values_of(work, "language_code") == ["FRC", "ENG"]
        SegmentLanguages(work).put("S1", "DAN")
        with pytest.raises(DuplicateEntryError):
            SegmentLanguages(work).rename("S1", "DAN", "ENG")


@pytest.mark.rule("SEG-035")
def test_new_content_of_a_language_reaches_lines_with_the_old_one(begin):
    with begin() as work:
        offer(work, "ENU")
        segments = start(work, "C1", "C2")
        own = segments.personalise("S1", 20_000, attachment_no=add_attachment(work)).attachment_no
        old = segments.figures("S1").attachment_no
        new = SegmentLanguages(work).put("S1", "ENU", attachment_no=add_attachment(work, b"new"))
        assert values_of(work, "attachment_no") == [new.attachment_no, own]
        assert work.attachments.find(old) is None


@pytest.mark.rule("SEG-035")
@pytest.mark.parametrize(
    "values", [{"interaction_template_code": None}, {"word_template_code": "W"}]
)
def test_content_needs_a_template_and_no_word_template(begin, values):
    with begin() as work:
        start(work, "C1", **values)
        content = add_attachment(work)
        with pytest.raises(StateError):
            SegmentLanguages(work).put("S1", "ENU", attachment_no=content)
        with pytest.raises(StateError):
            SegmentLanguages(work).put("S1", "ENU", line_no=10_000, attachment_no=content)
        with pytest.raises(UsageError):
            SegmentLanguages(work).put("S1", "ENU", colour="red")
        assert work.segments.all_languages("S1") == []


@pytest.mark.rule("SEG-036")
def test_content_of_a_line_is_its_own_and_what_it_inherited_stays(begin):
    with begin() as work:
        offer(work, "ENU")
        segments = start(work, "C1", "C2")
        inherited = segments.figures("S1").attachment_no
        line = segments.personalise("S1", 10_000, attachment_no=inherited, subject="mine")
        assert line.attachment_no != inherited
        assert work.attachments.get(line.attachment_no).digest == (
            work.attachments.get(inherited).digest
        )
        assert (line.subject, values_of(work, "attachment_no")[1]) == ("mine", inherited)
        first = line.attachment_no
        line = segments.personalise("S1", 10_000, attachment_no=add_attachment(work, b"other"))
        assert work.attachments.find(first) is None
        line = segments.personalise("S1", 10_000, attachment_no=None)
        assert (line.attachment_no, work.segments.languages("S1", 10_000)) == (None, [])


@pytest.mark.rule("SEG-038")
def test_an_edited_word_template_is_shown_apart(begin):
    with begin() as work:
        segments = start(work, word_template_code="W", language_code_default="ENU")
        row = SegmentLanguages(work).put(
            "S1", "ENU", word_template_code="W", attachment_no=add_attachment(work)
        )
        figures = segments.figures("S1")
        assert (figures.attachment_no, figures.modified_word_template) == (None, row.attachment_no)


def test_the_figures_of_a_header_are_derived(begin):
    with begin() as work:
        work.campaigns.put(a_campaign("CP1", description="Spring"))
        segments = start(work, "C1", "C2", campaign_no="CP1", unit_duration_min=2)
        segments.add_line("S1")
        work.campaigns.put(a_campaign("CP1", description="Spring"))
        figures = segments.figures("S1")
        assert (figures.lines, figures.with_contact, figures.steps) == (3, 2, 2)
        assert (figures.cost_lcy, figures.duration_min) == (15, 6)
        assert figures.campaign_description == "Spring"


def test_a_person_shows_its_name_and_that_of_its_company(begin):
    with begin() as work:
        add_company(work, "C", name="Company")
        add_person(work, "P", "C", name="Person")
        segments = start(work, "C", "P")
        names = [(v.contact_name, v.contact_company_name) for v in segments.lines("S1")]
        assert names == [("", "Company"), ("Person", "Company")]
        work.segments.add_lines([a_line(90_000, "GONE", "S1")])
        assert segments.lines("S1", after=20_000)[0].contact_e_mail == ""


@pytest.mark.rule("SEG-034")
def test_lines_in_another_language_than_the_default_follow_its_new_name(begin):
    """They fell to the default language, whose letter they would have got."""
    with begin() as work:
        offer(work, "ENU", "DAN")
        add_company(work, "D", language_code="DAN")
        add_company(work, "N", language_code="NOR")
        start(work, "C1", "D", "C2", "N")
        contents = values_of(work, "attachment_no")
        languages = SegmentLanguages(work)
        SegmentService(work).personalise("S1", 30_000, language_code="DAN")
        languages.put("S1", "DAN", line_no=10_000)
        SegmentService(work).personalise("S1", 10_000, language_code="DAN")
        assert values_of(work, "language_code") == ["DAN", "DAN", "DAN", "ENU"]
        languages.rename("S1", "DAN", "NOR")
        assert values_of(work, "language_code") == ["DAN", "NOR", "NOR", "NOR"]
        assert values_of(work, "attachment_no")[1:] == [contents[1]] * 3
        assert work.segments.get("S1").language_code_default == "ENU"
