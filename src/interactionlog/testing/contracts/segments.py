"""What open segments promise."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from interactionlog.errors import DuplicateEntryError, NotFoundError, SegmentAlreadyLoggedError
from interactionlog.segments.repository import SegmentTotals
from interactionlog.segments.segment import SegmentLanguage
from interactionlog.segments.selection.criteria import SavedCriteria, SavedCriteriaStep
from interactionlog.testing.builders import (
    Begin,
    a_line,
    a_logged_segment,
    a_segment,
    a_step,
    add_segment,
)
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CriteriaAction


class SegmentContract:
    """What every `SegmentRepository` promises of headers. Needs a ``begin`` fixture."""

    def test_a_committed_segment_comes_back_equal(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add(a_segment(unit_cost_lcy="7.25", host_ref="mail,1"))
        with begin() as work:
            found = work.segments.get("sm00001")
            assert found == a_segment(unit_cost_lcy="7.25", host_ref="mail,1")

    def test_an_absent_segment_is_not_found(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.segments.get("SM00001")

    def test_a_logged_segment_is_not_open(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7))
            with pytest.raises(SegmentAlreadyLoggedError) as refused:
                work.segments.get("SM00001")
            assert work.segments.find("SM00001") is None
        assert refused.value.logged_segment_entry_no == 7

    def test_find_gives_none_for_an_absent_segment(self, begin: Begin) -> None:
        with begin() as work:
            assert work.segments.find("SM00001") is None

    def test_a_taken_number_is_refused_and_the_first_segment_stays(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add(a_segment())
            with pytest.raises(DuplicateEntryError):
                work.segments.add(a_segment(description="second"))
            assert work.segments.get("SM00001") == a_segment()

    def test_all_is_in_the_order_of_the_numbers(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add(a_segment("SM00002"))
            work.segments.add(a_segment("SM00001"))
            assert [segment.no for segment in work.segments.all()] == ["SM00001", "SM00002"]

    def test_replace_overwrites_the_segment(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add(a_segment())
            work.segments.replace(a_segment(description="changed"))
            assert work.segments.get("SM00001").description == "changed"

    def test_an_absent_segment_cannot_be_replaced(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.segments.replace(a_segment())

    def test_a_lock_raises_the_version_and_returns_the_segment(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add(a_segment())
            assert work.segments.lock("sm00001") == a_segment(version=1)
        with begin() as work:
            assert work.segments.lock("SM00001").version == 2
            assert work.segments.get("SM00001").version == 2

    def test_a_segment_that_never_was_cannot_be_locked(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.segments.lock("SM00001")

    def test_a_lock_says_that_the_segment_was_logged(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7))
            with pytest.raises(SegmentAlreadyLoggedError) as refused:
                work.segments.lock("SM00001")
        assert refused.value.logged_segment_entry_no == 7

    def test_a_segment_that_is_open_again_can_be_locked(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7))
            work.segments.add(a_segment())
            assert work.segments.lock("SM00001").version == 1

    def test_a_segment_goes_with_lines_languages_and_steps(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT000001"])
            work.segments.put_language(SegmentLanguage(segment_no="SM00001"))
            work.segments.add_step(a_step())
            work.segments.remove("SM00001")
            assert work.segments.find("SM00001") is None
            assert work.segments.totals("SM00001").lines == 0
            assert work.segments.languages("SM00001") == []
            assert work.segments.steps("SM00001") == []

    def test_removing_a_segment_leaves_the_lines_of_others(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT000001"])
            add_segment(work, "SM00002", ["CT000001"])
            work.segments.remove("SM00001")
            assert work.segments.totals("SM00002").lines == 1

    def test_an_absent_segment_cannot_be_removed(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.segments.remove("SM00001")

    def test_languages_in_use_are_in_the_order_of_their_codes(self, begin: Begin) -> None:
        rows = [
            SegmentLanguage(segment_no="SM00001", language_code=code)
            for code in ("ENU", None, "DAN")
        ]
        with begin() as work:
            for row in rows:
                work.segments.put_language(row)
            languages = work.segments.languages("sm00001")
        assert [row.language_code for row in languages] == [None, "DAN", "ENU"]

    def test_languages_of_header_lines_and_removed_lines_are_kept_apart(self, begin: Begin) -> None:
        header = SegmentLanguage(segment_no="SM00001")
        line = SegmentLanguage(segment_no="SM00001", segment_line_no=10_000)
        removed = SegmentLanguage(segment_no="SM00001", segment_line_no=10_000, removed_by_step=2)
        logged = SegmentLanguage(segment_no="SM00001", logged_segment_entry_no=7)
        with begin() as work:
            for row in (header, line, removed, logged):
                work.segments.put_language(row)
            assert work.segments.languages("SM00001") == [header]
            assert work.segments.languages("SM00001", 10_000) == [line]

    def test_a_language_takes_the_place_of_the_one_with_its_key(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.put_language(SegmentLanguage(segment_no="SM00001"))
            better = SegmentLanguage(segment_no="SM00001", subject="better")
            work.segments.put_language(better)
            assert work.segments.languages("SM00001") == [better]

    def test_steps_are_in_the_order_of_their_numbers(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add_step(a_step(2))
            work.segments.add_step(a_step(1))
            assert work.segments.steps("sm00001") == [a_step(1), a_step(2)]

    def test_a_taken_step_number_is_refused(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add_step(a_step())
            with pytest.raises(DuplicateEntryError):
                work.segments.add_step(a_step(lines_added=1))
            assert work.segments.steps("SM00001") == [a_step()]


class SegmentLineContract:
    """What every `SegmentRepository` promises of lines. Needs a ``begin`` fixture."""

    def test_committed_lines_come_back_equal(self, begin: Begin) -> None:
        lines = [a_line(10_000, cost_lcy="0.00001"), a_line(20_000, None, contact_via="a@b.c")]
        with begin() as work:
            work.segments.add_lines(lines)
        with begin() as work:
            assert work.segments.lines_after("SM00001", 0) == lines
            assert [work.segments.line("sm00001", no) for no in (10_000, 20_000)] == lines

    def test_an_absent_line_is_not_found(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.segments.line("SM00001", 10_000)

    def test_a_taken_line_number_is_refused_and_the_first_line_stays(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add_lines([a_line(10_000)])
            with pytest.raises(DuplicateEntryError), work.atomic():
                work.segments.add_lines([a_line(20_000), a_line(10_000, "CT000002")])
            assert work.segments.lines_after("SM00001", 0) == [a_line(10_000)]

    def test_the_same_line_number_twice_is_refused(self, begin: Begin) -> None:
        with begin() as work:
            with pytest.raises(DuplicateEntryError), work.atomic():
                work.segments.add_lines([a_line(10_000), a_line(10_000, "CT000002")])
            assert work.segments.lines_after("SM00001", 0) == []

    def test_chunks_follow_one_another_by_line_number(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", [f"CT{no}" for no in range(1, 6)])
            add_segment(work, "SM00002", ["CT1"])
            seen, last, sizes = [], 0, []
            while lines := work.segments.lines_after("SM00001", last, limit=2):
                seen += [line.contact_no for line in lines]
                sizes.append(len(lines))
                last = lines[-1].line_no
        assert seen == ["CT1", "CT2", "CT3", "CT4", "CT5"]
        assert sizes == [2, 2, 1]

    def test_a_line_that_was_added_late_has_its_place_by_number(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2"])
            work.segments.lines_after("SM00001", 0)
            work.segments.add_lines([a_line(15_000, "CT3")])
            lines = work.segments.lines_after("SM00001", 10_000)
        assert [line.contact_no for line in lines] == ["CT3", "CT2"]

    def test_the_totals_count_lines_contacts_cost_and_minutes(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add_lines(
                [
                    a_line(10_000, cost_lcy="0.1", duration_min=5),
                    a_line(20_000, cost_lcy="0.2", duration_min=7),
                    a_line(30_000, None, duration_min=1),
                ]
            )
            assert work.segments.totals("sm00001") == SegmentTotals(3, 2, Decimal("0.3"), 13)

    def test_the_totals_of_a_segment_without_lines_are_zeros(self, begin: Begin) -> None:
        with begin() as work:
            assert work.segments.totals("SM00001") == SegmentTotals(0, 0, Decimal(0), 0)

    def test_the_last_line_number_is_the_highest(self, begin: Begin) -> None:
        with begin() as work:
            assert work.segments.last_line_no("SM00001") == 0
            add_segment(work, "SM00001", ["CT1", "CT2"])
            add_segment(work, "SM00002", ["CT1", "CT2", "CT3"])
            assert work.segments.last_line_no("SM00001") == 20_000

    def test_removing_lines_passes_over_absent_ones(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2", "CT3"])
            add_segment(work, "SM00002", ["CT1"])
            work.segments.remove_lines("SM00001", [10_000, 30_000, 40_000])
            lines = work.segments.lines_after("SM00001", 0)
            assert [line.line_no for line in lines] == [20_000]
            assert work.segments.totals("SM00002").lines == 1

    def test_the_contacts_present_are_those_with_a_line(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", None, "CT2"])
            add_segment(work, "SM00002", ["CT3"])
            present = work.segments.contacts_present("SM00001", ["CT2", "CT3", "CT4"])
        assert present == {"CT2"}

    def test_a_segment_has_repeated_lines_once_a_contact_stands_on_two(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2", None, None])
            add_segment(work, "SM00002", ["CT1", "CT2", "CT1"])
            repeated = [
                no for no in ("SM00001", "SM00002", "SM9") if work.segments.has_repeated_lines(no)
            ]
        assert repeated == ["SM00002"]

    def test_a_repeated_line_has_its_contact_on_an_earlier_line(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2", "CT1", None, None, "CT2"])
            lines = work.segments.lines_after("SM00001", 0)
            assert work.segments.repeated_lines("SM00001", lines) == {30_000, 60_000}

    def test_the_earlier_line_may_stand_in_an_earlier_chunk(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2", "CT1", "CT2"])
            chunk = work.segments.lines_after("SM00001", 20_000, limit=1)
            assert work.segments.repeated_lines("SM00001", chunk) == {30_000}

    def test_no_lines_are_repeated_in_no_lines(self, begin: Begin) -> None:
        with begin() as work:
            assert work.segments.repeated_lines("SM00001", []) == set()


def _contacts(work: UnitOfWork, no: str = "SM00001") -> list[str | None]:
    return [line.contact_no for line in work.segments.lines_after(no, 0)]


class SelectionStepContract:
    """What every `SegmentRepository` promises of steps. Needs a ``begin`` fixture."""

    def test_lines_that_a_step_took_out_do_not_stand(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2", "CT3"])
            work.segments.remove_by_step("SM00001", 2, [10_000, 30_000])
            assert _contacts(work) == ["CT2"]
            assert work.segments.totals("SM00001").lines == 1
            assert work.segments.lines_of_step("SM00001", 2) == (0, 2)

    def test_the_number_of_a_line_that_may_be_put_back_is_not_given_away(
        self, begin: Begin
    ) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2"])
            work.segments.remove_by_step("SM00001", 2, [20_000])
            assert work.segments.last_line_no("SM00001") == 20_000

    def test_going_back_restores_lines_and_their_languages_exactly(self, begin: Begin) -> None:
        row = SegmentLanguage(segment_no="SM00001", segment_line_no=10_000, subject="own")
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2"])
            work.segments.put_language(row)
            before = work.segments.lines_after("SM00001", 0)
            work.segments.add_step(a_step(2, action=CriteriaAction.REDUCE))
            work.segments.remove_by_step("SM00001", 2, [10_000])
            assert work.segments.languages("SM00001", 10_000) == []
            work.segments.undo_step("SM00001", 2)
            assert work.segments.lines_after("SM00001", 0) == before
            assert work.segments.languages("SM00001", 10_000) == [row]
            assert work.segments.steps("SM00001") == []

    def test_going_back_deletes_the_lines_that_the_step_added(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            work.segments.add_step(a_step(1))
            work.segments.add_lines([a_line(20_000, "CT2", added_by_step=1)])
            assert work.segments.lines_of_step("SM00001", 1) == (1, 0)
            work.segments.undo_step("SM00001", 1)
            assert _contacts(work) == ["CT1"]
            assert work.segments.lines_of_step("SM00001", 1) == (0, 0)

    def test_a_line_with_the_number_of_a_removed_one_gives_way(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            work.segments.add_step(a_step(2))
            work.segments.remove_by_step("SM00001", 2, [10_000])
            work.segments.add_lines([a_line(10_000, "CT9")])
            work.segments.undo_step("SM00001", 2)
            assert _contacts(work) == ["CT1"]

    def test_forgetting_the_steps_leaves_the_lines_that_stand(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2"])
            add_segment(work, "SM00002", ["CT1"])
            work.segments.add_step(a_step(1))
            work.segments.add_step(a_step(1, "SM00002"))
            work.segments.remove_by_step("SM00001", 1, [20_000])
            work.segments.remove_steps("SM00001")
            assert _contacts(work) == ["CT1"]
            assert work.segments.steps("SM00001") == []
            assert work.segments.lines_of_step("SM00001", 1) == (0, 0)
            assert work.segments.steps("SM00002") == [a_step(1, "SM00002")]

    def test_the_lines_of_a_contact_are_told_with_the_step_that_removed_them(
        self, begin: Begin
    ) -> None:
        with begin() as work:
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

    def test_saved_steps_are_records_of_their_own(self, begin: Begin) -> None:
        saved = SavedCriteria(code="SPRING", description="for spring")
        step = SavedCriteriaStep(code="SPRING", step_no=1, action=CriteriaAction.ADD)
        with begin() as work:
            work.segments.saved_criteria.add(saved)
            work.segments.saved_steps.add(step)
            assert work.segments.saved_criteria.get("SPRING") == saved
            assert work.segments.saved_steps.all("SPRING") == [step]


class SegmentChangesContract:
    """What every `SegmentRepository` promises of later changes. Needs a ``begin`` fixture."""

    def test_a_renamed_segment_takes_everything_along(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2"])
            work.segments.put_language(SegmentLanguage(segment_no="SM00001"))
            work.segments.add_step(a_step(2))
            work.segments.remove_by_step("SM00001", 2, [20_000])
            work.segments.rename("SM00001", "SM00009")
            assert work.segments.find("SM00001") is None
            assert work.segments.totals("SM00001").lines == 0
            assert work.segments.get("SM00009").no == "SM00009"
            assert _contacts(work, "SM00009") == ["CT1"]
            assert len(work.segments.languages("SM00009")) == 1
            work.segments.undo_step("SM00009", 2)
            assert _contacts(work, "SM00009") == ["CT1", "CT2"]

    def test_a_segment_is_not_renamed_to_a_taken_number(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            add_segment(work, "SM00002", [])
            with pytest.raises(DuplicateEntryError), work.atomic():
                work.segments.rename("SM00001", "SM00002")
            assert _contacts(work) == ["CT1"]

    def test_an_absent_segment_cannot_be_renamed(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.segments.rename("SM00001", "SM00002")

    def test_a_push_reaches_the_lines_that_hold_the_old_value(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add_lines(
                [
                    a_line(no, salesperson_code=code)
                    for no, code in ((1, "HR"), (2, "JO"), (3, None))
                ]
            )
            count = work.segments.push(
                "SM00001", "salesperson_code", "PS", {"salesperson_code": "HR"}
            )
            assert count == 1
            lines = work.segments.lines_after("SM00001", 0)
            assert [line.salesperson_code for line in lines] == ["PS", "JO", None]

    def test_a_push_may_ask_for_what_is_not_set(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add_lines(
                [a_line(no, campaign_no=campaign) for no, campaign in ((1, "CP1"), (2, None))]
            )
            work.segments.push("SM00001", "campaign_no", "CP2", {"campaign_no": None})
            lines = work.segments.lines_after("SM00001", 0)
            assert [line.campaign_no for line in lines] == ["CP1", "CP2"]

    def test_a_push_stays_within_its_segment(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            add_segment(work, "SM00002", ["CT1"])
            work.segments.push("SM00001", "description", "new", {})
            assert work.segments.line("SM00001", 10_000).description == "new"
            assert work.segments.line("SM00002", 10_000) == a_line(10_000, "CT1", "SM00002")

    def test_lines_take_new_values_and_others_stay(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2"])
            changed = a_line(10_000, "CT1", subject="changed")
            work.segments.set_lines("SM00001", [10_000], subject="changed")
            lines = work.segments.lines_after("SM00001", 0)
            assert lines == [changed, a_line(20_000, "CT2")]

    def test_lines_are_deleted_up_to_and_with_a_number(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1", "CT2", "CT3"])
            add_segment(work, "SM00002", ["CT1"])
            work.segments.remove_lines_through("SM00001", 20_000)
            assert _contacts(work) == ["CT3"]
            assert _contacts(work, "SM00002") == ["CT1"]

    def test_all_languages_are_those_of_header_lines_and_removed_lines(self, begin: Begin) -> None:
        header = SegmentLanguage(segment_no="SM00001")
        line = attrs.evolve(header, segment_line_no=10_000)
        removed = attrs.evolve(header, segment_line_no=20_000, removed_by_step=2)
        with begin() as work:
            for row in (header, line, removed, attrs.evolve(header, logged_segment_entry_no=7)):
                work.segments.put_language(row)
            rows = work.segments.all_languages("SM00001")
        assert set(rows) == {header, line, removed}

    def test_a_removed_language_is_gone_and_others_stay(self, begin: Begin) -> None:
        rows = [SegmentLanguage(segment_no="SM00001", language_code=code) for code in (None, "DAN")]
        with begin() as work:
            for row in rows:
                work.segments.put_language(row)
            work.segments.remove_language(rows[0])
            assert work.segments.languages("SM00001") == rows[1:]
            with pytest.raises(NotFoundError):
                work.segments.remove_language(rows[0])

    def test_the_companies_of_open_targets_are_told_each_once(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.add(a_segment())
            work.segments.add_lines(
                [
                    a_line(
                        no, campaign_no=campaign, campaign_target=target, contact_company_no=company
                    )
                    for no, (campaign, target, company) in enumerate(
                        [
                            ("CP1", True, "CT1"),
                            ("CP1", True, "CT1"),
                            ("CP1", True, None),
                            ("CP1", False, "CT2"),
                            ("CP2", True, "CT3"),
                        ],
                        1,
                    )
                ]
            )
            assert work.segments.target_companies("CP1") == {"CT1", None}
            assert work.segments.target_companies("CP9") == set()

    def test_a_line_with_a_campaign_is_found(self, begin: Begin) -> None:
        line = a_line(10_000, campaign_no="CP1")
        with begin() as work:
            work.segments.add(a_segment())
            work.segments.add_lines([line, a_line(20_000, campaign_no="CP2")])
            assert work.segments.line_with_campaign("CP1") == line
            assert work.segments.line_with_campaign("CP9") is None
