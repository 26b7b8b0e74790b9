"""What open and logged segments promise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import interactionlog as il
from interactionlog.segments.logging.logged_segments import LeftOutLine
from interactionlog.segments.segment import CriteriaStep, SegmentTotals
from interactionlog.testing.builders import (
    Begin,
    a_language,
    a_line,
    a_logged_segment,
    a_segment,
    a_step,
    add_segment,
    an_entry,
    in_full,
)
from interactionlog.testing.contracts import Contract, Logged, Segments, Work, assert_alike
from interactionlog.values import LoggedSegmentState


class SegmentContract(Contract):
    """What every `SegmentRepository` promises of headers. Needs a ``begin`` fixture."""

    def test_a_logged_segment_is_not_open(self, work: Work) -> None:
        work.logged_segments.add(a_logged_segment(7))
        for look in (work.segments.get, work.segments.lock):
            with pytest.raises(il.SegmentAlreadyLoggedError) as refused:
                look("SM00001")
            assert refused.value.logged_segment_entry_no == 7
        assert work.segments.find("SM00001") is None

    def test_a_lock_raises_the_version_and_returns_the_segment(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add(a_segment())
            assert work.segments.lock("sm00001") == a_segment(version=1)
        with begin() as work:
            assert work.segments.lock("SM00001").version == 2
            assert work.segments.get("SM00001").version == 2

    def test_a_segment_that_is_open_again_can_be_locked(self, work: Work) -> None:
        work.logged_segments.add(a_logged_segment(7))
        work.segments.add(a_segment())
        assert work.segments.lock("SM00001").version == 1

    def test_a_segment_goes_with_lines_languages_and_steps(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT000001"])
        work.segments.put_language(a_language())
        work.records(CriteriaStep).add(a_step())
        work.segments.add_lines([a_line(20_000)])
        work.segments.remove_by_step("SM00001", 1, [20_000])
        work.segments.remove("SM00001")
        assert work.segments.find("SM00001") is None
        assert work.segments.last_line_no("SM00001") == 0
        assert work.segments.totals("SM00001").lines == 0
        assert work.segments.languages("SM00001") == []
        assert work.segments.steps("SM00001") == []

    def test_removing_a_segment_leaves_the_lines_of_others(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT000001"])
        add_segment(work, "SM00002", ["CT000001"])
        work.segments.remove("SM00001")
        assert work.segments.totals("SM00002").lines == 1

    def test_languages_in_use_are_in_the_order_of_their_codes(self, segments: Segments) -> None:
        for code in ("ENU", None, "DAN"):
            segments.put_language(a_language(language_code=code))
        languages = segments.languages("sm00001")
        assert [row.language_code for row in languages] == [None, "DAN", "ENU"]

    def test_languages_of_header_and_lines_are_separate(self, segments: Segments) -> None:
        header, line = a_language(), a_language(segment_line_no=10_000)
        removed = a_language(segment_line_no=10_000, removed_by_step=2)
        for row in (header, line, removed, a_language(logged_segment_entry_no=7)):
            segments.put_language(row)
        assert segments.languages("SM00001") == [header]
        assert segments.languages("SM00001", 10_000) == [line]
        assert set(segments.all_languages("SM00001")) == {header, line, removed}

    def test_a_language_takes_the_place_of_the_one_with_its_key(self, segments: Segments) -> None:
        segments.put_language(a_language())
        better = a_language(subject="better")
        segments.put_language(better)
        assert segments.languages("SM00001") == [better]

    def test_steps_are_those_of_the_open_segment(self, work: Work) -> None:
        for step in (
            a_step(2),
            a_step(1),
            a_step(1, "SM00002"),
            a_step(3, logged_segment_entry_no=7),
        ):
            work.records(CriteriaStep).add(step)
        assert work.segments.steps("sm00001") == [a_step(1), a_step(2)]


class SegmentLineContract(Contract):
    """What every `SegmentRepository` promises of lines. Needs a ``begin`` fixture."""

    def test_committed_lines_come_back_equal(self, begin: Begin) -> None:
        lines = [in_full(a_line(10_000)), a_line(20_000, None, cost_lcy="0.00001")]
        with begin() as work:
            work.segments.add_lines(lines)
        with begin() as work:
            assert work.segments.lines_after("SM00001", 0) == lines
            for line in lines:
                assert_alike(work.segments.line("sm00001", line.line_no), line)
            with pytest.raises(il.NotFoundError):
                work.segments.line("SM00001", 30_000)

    def test_a_taken_line_number_is_refused_and_the_first_line_stays(self, work: Work) -> None:
        work.segments.add_lines([a_line(10_000)])
        with pytest.raises(il.DuplicateEntryError), work.atomic():
            work.segments.add_lines([a_line(20_000), a_line(10_000, "CT000002")])
        assert work.segments.lines_after("SM00001", 0) == [a_line(10_000)]

    def test_the_same_line_number_twice_is_refused(self, work: Work) -> None:
        with pytest.raises(il.DuplicateEntryError), work.atomic():
            work.segments.add_lines([a_line(10_000), a_line(10_000, "CT000002")])
        assert work.segments.lines_after("SM00001", 0) == []

    def test_chunks_follow_one_another_by_line_number(self, work: Work) -> None:
        add_segment(work, "SM00001", [f"CT{no}" for no in range(1, 6)])
        add_segment(work, "SM00002", ["CT1"])
        seen, last = [], 0
        for _ in range(3):
            lines = work.segments.lines_after("SM00001", last, limit=2)
            seen.append([line.contact_no for line in lines])
            last = lines[-1].line_no
        assert seen == [["CT1", "CT2"], ["CT3", "CT4"], ["CT5"]]
        assert work.segments.lines_after("SM00001", last, limit=2) == []

    def test_a_line_that_was_added_late_has_its_place_by_number(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2"])
        work.segments.lines_after("SM00001", 0)
        work.segments.add_lines([a_line(15_000, "CT3")])
        lines = work.segments.lines_after("SM00001", 10_000)
        assert [line.contact_no for line in lines] == ["CT3", "CT2"]

    def test_the_totals_count_lines_contacts_cost_and_minutes(self, segments: Segments) -> None:
        assert segments.totals("SM00001") == SegmentTotals(0, 0, Decimal(0), 0)
        for line in (
            a_line(10_000, cost_lcy="0.1", duration_min=5),
            a_line(20_000, cost_lcy="0.2", duration_min=7),
            a_line(30_000, None, duration_min=1),
        ):
            segments.add_lines([line])
        assert segments.totals("sm00001") == SegmentTotals(3, 2, Decimal("0.3"), 13)
        most = Decimal("999999999999.99999")
        segments.add_lines([a_line(no, segment_no="S2", cost_lcy=most) for no in range(1, 101)])
        assert segments.totals("S2").cost_lcy == Decimal("99999999999999.99900")

    def test_the_last_line_number_is_the_highest(self, work: Work) -> None:
        assert work.segments.last_line_no("SM00001") == 0
        add_segment(work, "SM00001", ["CT1", "CT2"])
        add_segment(work, "SM00002", ["CT1", "CT2", "CT3"])
        assert work.segments.last_line_no("SM00001") == 20_000

    def test_removing_lines_passes_over_absent_ones(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2", "CT3"])
        add_segment(work, "SM00002", ["CT1"])
        work.segments.remove_lines("SM00001", [10_000, 30_000, 40_000])
        lines = work.segments.lines_after("SM00001", 0)
        assert [line.line_no for line in lines] == [20_000]
        assert work.segments.totals("SM00002").lines == 1

    def test_the_contacts_present_are_those_with_a_line(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", None, "CT2"])
        add_segment(work, "SM00002", ["CT3"])

        def present() -> set[str]:
            return work.segments.contacts_present("SM00001", ["CT2", "CT3", "CT4"])

        assert present() == {"CT2"}
        work.segments.set_lines("SM00001", [10_000], contact_no="CT4")
        assert present() == {"CT2", "CT4"}
        work.segments.remove_lines("SM00001", [30_000])
        with pytest.raises(ZeroDivisionError), work.atomic():
            work.segments.add_lines([a_line(40_000, "CT3")])
            _ = 1 / 0
        assert present() == {"CT4"}

    def test_a_repeated_line_has_its_contact_on_an_earlier_line(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2", None, None])
        add_segment(work, "SM00002", ["CT1", "CT2", "CT1", None, None, "CT2"])
        segments, nos = work.segments, ("SM00001", "SM00002", "SM9")
        assert [no for no in nos if segments.has_repeated_lines(no)] == ["SM00002"]
        for after, limit, repeated in (
            (0, 9, {30_000, 60_000}),
            (20_000, 1, {30_000}),
            (0, 2, set()),
        ):
            chunk = segments.lines_after("SM00002", after, limit=limit)
            assert segments.repeated_lines("SM00002", chunk) == repeated
        assert segments.repeated_lines("SM00002", []) == set()


def _contacts(work: Work, no: str = "SM00001") -> list[str | None]:
    return [line.contact_no for line in work.segments.lines_after(no, 0)]


class SelectionStepContract(Contract):
    """What every `SegmentRepository` promises of steps. Needs a ``begin`` fixture."""

    def test_lines_that_a_step_took_out_do_not_stand(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2", "CT3"])
        work.segments.remove_by_step("SM00001", 2, [10_000, 30_000])
        assert _contacts(work) == ["CT2"]
        assert work.segments.totals("SM00001").lines == 1
        assert work.segments.step_has_lines("SM00001", 2) == (False, True)

    def test_the_number_of_a_line_that_may_be_put_back_is_not_given_away(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2"])
        work.segments.remove_by_step("SM00001", 2, [20_000])
        assert work.segments.last_line_no("SM00001") == 20_000

    def test_going_back_restores_lines_and_their_languages_exactly(self, work: Work) -> None:
        row, other = (a_language(segment_line_no=no, subject="own") for no in (10_000, 20_000))
        add_segment(work, "SM00001", ["CT1", "CT2"])
        for each in (row, other):
            work.segments.put_language(each)
        before = work.segments.lines_after("SM00001", 0)
        work.records(CriteriaStep).add(a_step(2, action=il.CriteriaAction.REDUCE))
        work.segments.remove_by_step("SM00001", 2, [10_000])
        assert work.segments.languages("SM00001", 10_000) == []
        assert work.segments.languages("SM00001", 20_000) == [other]
        work.segments.undo_step("SM00001", 2)
        assert work.segments.step_has_lines("SM00001", 2) == (False, False)
        assert work.segments.lines_after("SM00001", 0) == before
        assert work.segments.languages("SM00001", 10_000) == [row]
        assert work.segments.steps("SM00001") == []

    def test_going_back_deletes_the_lines_that_the_step_added(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1"])
        work.records(CriteriaStep).add(a_step(1))
        work.segments.add_lines([a_line(20_000, "CT2", added_by_step=1)])
        for no in (0, 10_000, 20_000):
            work.segments.put_language(a_language(segment_line_no=no))
        assert work.segments.step_has_lines("SM00001", 1) == (True, False)
        work.segments.undo_step("SM00001", 1)
        assert _contacts(work) == ["CT1"]
        left = work.segments.all_languages("SM00001")
        assert [row.segment_line_no for row in left] == [0, 10_000]
        assert work.segments.step_has_lines("SM00001", 1) == (False, False)

    def test_a_line_with_the_number_of_a_removed_one_gives_way(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1"])
        work.records(CriteriaStep).add(a_step(2))
        work.segments.remove_by_step("SM00001", 2, [10_000])
        work.segments.add_lines([a_line(10_000, "CT9")])
        work.segments.undo_step("SM00001", 2)
        assert _contacts(work) == ["CT1"]

    def test_forgetting_the_steps_leaves_the_lines_that_stand(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2"])
        add_segment(work, "SM00002", ["CT1"])
        work.records(CriteriaStep).add(a_step(1))
        work.records(CriteriaStep).add(a_step(1, "SM00002"))
        for no in (10_000, 20_000):
            work.segments.put_language(a_language(segment_line_no=no))
        work.segments.remove_by_step("SM00001", 1, [20_000])
        work.segments.remove_steps("SM00001")
        assert work.segments.all_languages("SM00001") == [a_language(segment_line_no=10_000)]
        assert _contacts(work) == ["CT1"]
        assert work.segments.steps("SM00001") == []
        assert work.segments.step_has_lines("SM00001", 1) == (False, False)
        assert work.segments.steps("SM00002") == [a_step(1, "SM00002")]

    def test_lines_of_a_contact_come_with_the_step_that_removed_them(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT1", "CT1", "CT2"])
        work.segments.remove_by_step("SM00001", 3, [10_000])
        work.segments.remove_by_step("SM00001", 2, [20_000])
        found = work.segments.with_contact("SM00001", "CT1")
        assert [(step, line.line_no) for step, line in found] == [
            (0, 30_000),
            (2, 20_000),
            (3, 10_000),
        ]
        assert work.segments.with_contact("SM00001", "CT9") == []


class SegmentChangesContract(Contract):
    """What every `SegmentRepository` promises of later changes. Needs a ``begin`` fixture."""

    def test_a_renamed_segment_takes_everything_along(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2"])
        work.segments.put_language(a_language())
        work.records(CriteriaStep).add(a_step(2))
        work.segments.remove_by_step("SM00001", 2, [20_000])
        work.segments.rename("SM00001", "SM00009")
        assert work.segments.find("SM00001") is None
        assert work.segments.totals("SM00001").lines == 0
        assert work.segments.get("SM00009").no == "SM00009"
        assert _contacts(work, "SM00009") == ["CT1"]
        assert len(work.segments.languages("SM00009")) == 1
        work.segments.undo_step("SM00009", 2)
        assert _contacts(work, "SM00009") == ["CT1", "CT2"]

    def test_a_segment_is_not_renamed_to_a_taken_number(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1"])
        add_segment(work, "SM00002", [])
        with pytest.raises(il.DuplicateEntryError), work.atomic():
            work.segments.rename("SM00001", "SM00002")
        assert _contacts(work) == ["CT1"]

    def test_an_absent_segment_cannot_be_renamed(self, segments: Segments) -> None:
        with pytest.raises(il.NotFoundError):
            segments.rename("SM00001", "SM00002")

    @pytest.mark.parametrize(("holding", "expected"), [("CP1", "9 2 -"), (None, "1 2 9")])
    def test_a_push_reaches_the_lines_that_hold_the_old_value(
        self, segments: Segments, holding: str | None, expected: str
    ) -> None:
        codes = ((1, "CP1"), (2, "CP2"), (3, None))
        segments.add_lines([a_line(no, campaign_no=code) for no, code in codes])
        assert segments.push("SM00001", "campaign_no", "CP9", {"campaign_no": holding}) == 1
        pushed = [line.campaign_no or "-" for line in segments.lines_after("SM00001", 0)]
        assert [code.removeprefix("CP") for code in pushed] == expected.split()

    def test_a_push_reaches_the_lines_that_hold_every_value(self, segments: Segments) -> None:
        codes = ((1, "CP1", "HR"), (2, "CP1", "JO"), (3, "CP2", "HR"))
        segments.add_lines(
            [a_line(no, campaign_no=code, salesperson_code=who) for no, code, who in codes]
        )
        held = {"campaign_no": "CP1", "salesperson_code": "HR"}
        assert segments.push("SM00001", "salesperson_code", None, held) == 1
        pushed = [line.salesperson_code for line in segments.lines_after("SM00001", 0)]
        assert pushed == [None, "JO", "HR"]

    def test_a_push_stays_within_its_segment(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1"])
        add_segment(work, "SM00002", ["CT1"])
        work.segments.push("SM00001", "description", "new", {})
        assert work.segments.line("SM00001", 10_000).description == "new"
        assert work.segments.line("SM00002", 10_000) == a_line(10_000, "CT1", "SM00002")

    def test_lines_take_new_values_and_others_stay(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2"])
        changed = a_line(10_000, "CT1", subject="changed")
        work.segments.set_lines("SM00001", [10_000], subject="changed")
        lines = work.segments.lines_after("SM00001", 0)
        assert lines == [changed, a_line(20_000, "CT2")]

    def test_lines_are_deleted_up_to_and_with_a_number(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1", "CT2", "CT3"])
        add_segment(work, "SM00002", ["CT1"])
        work.segments.remove_lines_through("SM00001", 20_000)
        assert _contacts(work) == ["CT3"]
        assert _contacts(work, "SM00002") == ["CT1"]

    def test_a_removed_language_is_gone_and_others_stay(self, segments: Segments) -> None:
        rows = [a_language(language_code=code) for code in (None, "DAN")]
        for row in rows:
            segments.put_language(row)
        segments.remove_language(rows[0])
        assert segments.languages("SM00001") == rows[1:]
        with pytest.raises(il.NotFoundError):
            segments.remove_language(rows[0])

    def test_the_companies_of_open_targets_are_told_each_once(self, segments: Segments) -> None:
        targets = [("CP1", "CT1"), ("CP1", "CT1"), ("CP1", None), ("CP2", "CT3"), ("CP1", "CT2")]
        segments.add(a_segment())
        for no, (campaign, company) in enumerate(targets, 1):
            values: dict[str, Any] = {"campaign_target": no < 5, "contact_company_no": company}
            segments.add_lines([a_line(no, campaign_no=campaign, **values)])
        assert segments.target_companies("CP1") == {"CT1", None}
        assert segments.target_companies("CP9") == set()

    def test_a_line_with_these_values_is_found(self, segments: Segments) -> None:
        line = a_line(10_000, campaign_no="CP1")
        segments.add(a_segment())
        segments.add_lines([line, a_line(20_000, campaign_no="CP2")])
        assert segments.line_with(campaign_no="CP1") == line
        assert segments.line_with(campaign_no="CP1", line_no=20_000) is None
        assert segments.line_with(campaign_no="CP9") is None


def _left_out(line_no: int) -> LeftOutLine:
    return LeftOutLine(line=a_line(line_no, None), reasons=("no-contact", "no-date"))


class LoggedSegmentContract(Contract):
    """What every `LoggedSegmentRepository` promises. Needs a ``begin`` fixture."""

    @pytest.mark.parametrize("state", ["RUNNING", "COMPLETE"])
    def test_a_segment_number_is_logged_once(self, logged: Logged, state: str) -> None:
        logged.add(a_logged_segment(7, state=LoggedSegmentState[state]))
        with pytest.raises(il.SegmentAlreadyLoggedError) as refused:
            logged.add(a_logged_segment(8))
        assert logged.find(8) is None
        assert refused.value.logged_segment_entry_no == 7

    def test_after_undo_the_number_may_be_logged_again(self, logged: Logged) -> None:
        logged.add(a_logged_segment(7))
        logged.replace(a_logged_segment(7, state=LoggedSegmentState.UNDONE))
        assert logged.current("SM00001") is None
        logged.add(a_logged_segment(8))
        assert logged.current("SM00001") == a_logged_segment(8)

    def test_reserved_numbers_rise_above_stored_ones(self, logged: Logged) -> None:
        logged.add(a_logged_segment(7))
        first = logged.reserve(1)[0]
        assert 7 < first < logged.reserve(1)[0]

    def test_languages_and_steps_pass_to_the_logged_segment(self, begin: Begin) -> None:
        header = a_language()
        line = a_language(segment_line_no=10_000, language_code="DAN")
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            work.segments.put_language(line)
            work.segments.put_language(header)
            work.records(CriteriaStep).add(a_step(2))
            work.records(CriteriaStep).add(a_step(1))
            work.logged_segments.add(a_logged_segment(7))
            work.logged_segments.hand_over("SM00001", 7)
            work.segments.remove("SM00001")
        with begin() as work:
            languages = work.logged_segments.languages(7)
            steps = work.logged_segments.steps(7)
        assert [(row.segment_line_no, row.language_code) for row in languages] == [
            (0, None),
            (10_000, "DAN"),
        ]
        assert [step.step_no for step in steps] == [1, 2]
        assert {row.logged_segment_entry_no for row in languages} == {7}
        assert {step.logged_segment_entry_no for step in steps} == {7}

    def test_nothing_that_was_taken_over_is_left_with_the_segment(self, work: Work) -> None:
        work.segments.put_language(a_language())
        work.records(CriteriaStep).add(a_step())
        work.logged_segments.add(a_logged_segment(7))
        work.logged_segments.hand_over("SM00001", 7)
        assert work.segments.languages("SM00001") == []
        assert work.segments.steps("SM00001") == []

    def test_languages_of_removed_lines_end_with_the_segment(self, work: Work) -> None:
        add_segment(work, "SM00001", ["CT1"])
        work.segments.put_language(a_language(segment_line_no=20_000, removed_by_step=2))
        work.logged_segments.add(a_logged_segment(7))
        work.logged_segments.hand_over("SM00001", 7)
        assert work.logged_segments.languages(7) == []

    def test_left_out_lines_come_back_whole_with_their_reasons_in_order(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add_left_out(7, [_left_out(10_000)])
            work.logged_segments.add_left_out(8, [])
        with begin() as work:
            assert work.logged_segments.left_out(7) == [_left_out(10_000)]
            assert work.logged_segments.left_out(8) == []

    def test_left_out_lines_are_read_in_chunks_by_line_number(self, logged: Logged) -> None:
        logged.add_left_out(7, [_left_out(30_000), _left_out(10_000)])
        logged.add_left_out(7, [_left_out(20_000)])
        logged.add_left_out(8, [_left_out(15_000)])
        first = logged.left_out(7, limit=2)
        rest = logged.left_out(7, after=20_000)
        assert [left.line.line_no for left in first] == [10_000, 20_000]
        assert [left.line.line_no for left in rest] == [30_000]


def _logged(work: Work) -> None:
    """Store logged segment 7 of SM00001: one entry, one left-out line, a language and a step."""
    work.logged_segments.add(a_logged_segment(7))
    line: dict[str, Any] = {"segment_no": "SM00001", "segment_line_no": 10_000}
    line |= {"interaction_language_code": "DAN", "send_word_docs_as_attmt": True}
    entry = an_entry(1, "CT1", logged_segment_entry_no=7, cost_lcy="7.25", **line)
    work.interactions.add(entry)
    left = LeftOutLine(line=a_line(20_000, "CT2", added_by_step=1), reasons=("privacy-blocked",))
    work.logged_segments.add_left_out(7, [left])
    work.segments.put_language(a_language())
    work.records(CriteriaStep).add(a_step())
    work.logged_segments.hand_over("SM00001", 7)


class UndoContract(Contract):
    """What every `LoggedSegmentRepository` promises of undoing. Needs a ``begin`` fixture."""

    def test_lines_are_put_back_from_entries_and_from_what_was_left_out(self, work: Work) -> None:
        _logged(work)
        work.segments.add(a_segment())
        work.logged_segments.restore(work.logged_segments.get(7))
        first, second = work.segments.lines_after("SM00001", 0)
        assert (first.line_no, first.contact_no, first.language_code) == (10_000, "CT1", "DAN")
        assert first.send_word_doc_as_attmt
        assert str(first.cost_lcy) == "7.25"
        assert second == a_line(20_000, "CT2")

    def test_a_resending_is_not_put_back_as_a_line(self, work: Work) -> None:
        _logged(work)
        line: dict[str, Any] = {"segment_no": "SM00001", "segment_line_no": 10_000}
        work.interactions.add(
            an_entry(2, "CT9", logged_segment_entry_no=7, resend_of=1, **line),
        )
        work.interactions.add(an_entry(3, "CT9", logged_segment_entry_no=8, **line))
        work.logged_segments.restore(work.logged_segments.get(7))
        assert _contacts(work) == ["CT1", "CT2"]

    def test_the_record_keeps_what_was_put_back(self, work: Work) -> None:
        _logged(work)
        work.logged_segments.restore(work.logged_segments.get(7))
        assert work.segments.languages("SM00001") == [a_language()]
        assert work.segments.steps("SM00001") == [a_step()]
        assert len(work.logged_segments.languages(7)) == 1
        assert len(work.logged_segments.steps(7)) == 1
        assert len(work.logged_segments.left_out(7)) == 1

    def test_a_removed_record_takes_everything_along_that_it_keeps(self, work: Work) -> None:
        _logged(work)
        work.logged_segments.remove(7)
        assert work.logged_segments.find(7) is None
        assert work.logged_segments.left_out(7) == []
        assert work.segments.all_languages("SM00001") == []
        work.logged_segments.add(a_logged_segment(7))
        assert work.logged_segments.steps(7) == []
        assert work.logged_segments.languages(7) == []

    def test_contacts_on_left_out_lines_are_told(self, work: Work) -> None:
        _logged(work)
        assert work.logged_segments.left_out_contacts(7, ["CT1", "CT2"]) == {"CT2"}
        assert work.logged_segments.left_out_contacts(8, ["CT2"]) == set()

    def test_followers_are_in_the_order_of_their_numbers(self, work: Work) -> None:
        for no, followed in ((9, 7), (8, 7), (10, 8)):
            work.logged_segments.add(a_logged_segment(no, f"SM{no}", follow_up_of=followed))
        followers = work.logged_segments.following_up(7)
        assert [logged.entry_no for logged in followers] == [8, 9]
        assert work.logged_segments.following_up(10) == []
