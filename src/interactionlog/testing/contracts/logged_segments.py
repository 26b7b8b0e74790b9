"""What every store of logged segments promises."""

from __future__ import annotations

import pytest

from interactionlog.enumerations import Evaluation, LoggedSegmentState
from interactionlog.errors import NotFoundError, SegmentAlreadyLoggedError
from interactionlog.interactions.outcome_filter import OutcomeFilter
from interactionlog.segments.logging.logged_segment import LeftOutLine
from interactionlog.segments.logging.policy import LoggingPolicy, Treatment
from interactionlog.segments.segment import SegmentLanguage
from interactionlog.testing.begin import Begin
from interactionlog.testing.builders import (
    a_line,
    a_logged_segment,
    a_segment,
    a_step,
    add_segment,
)

__all__ = ["LoggedSegmentContract"]


def _left_out(line_no: int) -> LeftOutLine:
    return LeftOutLine(line=a_line(line_no, None), reasons=("no-contact", "no-date"))


class LoggedSegmentContract:
    """What every `LoggedSegmentRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_record_comes_back_equal(self, begin: Begin) -> None:
        logged = a_logged_segment(
            7,
            header=a_segment(unit_cost_lcy="7.25"),
            policy=LoggingPolicy(duplicate=Treatment.LEAVE_OUT),
            counts={"log": 12, "leave-out": 1},
            follow_up_of=3,
            follow_up_filter=OutcomeFilter(evaluations=frozenset({None, Evaluation.POSITIVE})),
        )
        with begin() as work:
            work.logged_segments.add(logged)
        with begin() as work:
            assert work.logged_segments.get(7) == logged

    def test_an_absent_record_is_not_found(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.logged_segments.get(7)

    def test_find_gives_none_for_an_absent_record(self, begin: Begin) -> None:
        with begin() as work:
            assert work.logged_segments.find(7) is None

    def test_a_segment_number_is_logged_once(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7))
            with pytest.raises(SegmentAlreadyLoggedError) as refused:
                work.logged_segments.add(a_logged_segment(8))
            assert work.logged_segments.find(8) is None
        assert refused.value.logged_segment_entry_no == 7

    def test_a_running_record_counts_as_logged(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7, state=LoggedSegmentState.RUNNING))
            with pytest.raises(SegmentAlreadyLoggedError):
                work.logged_segments.add(a_logged_segment(8))

    def test_after_undo_the_number_may_be_logged_again(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7))
            work.logged_segments.replace(a_logged_segment(7, state=LoggedSegmentState.UNDONE))
            work.logged_segments.add(a_logged_segment(8))
            standing = work.logged_segments.standing("SM00001")
            assert standing == a_logged_segment(8)

    def test_an_undone_record_does_not_stand(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7, state=LoggedSegmentState.UNDONE))
            assert work.logged_segments.standing("SM00001") is None

    def test_replace_overwrites_the_record(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7))
            work.logged_segments.replace(a_logged_segment(7, cancel_state=1))
            assert work.logged_segments.get(7).canceled

    def test_an_absent_record_cannot_be_replaced(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.logged_segments.replace(a_logged_segment(7))

    def test_all_is_in_the_order_of_the_numbers(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(8, "SM00001"))
            work.logged_segments.add(a_logged_segment(7, "SM00002"))
            assert [logged.entry_no for logged in work.logged_segments.all()] == [7, 8]

    def test_reserved_numbers_rise_above_stored_ones(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add(a_logged_segment(7))
            first = work.logged_segments.reserve_entry_no()
            assert 7 < first < work.logged_segments.reserve_entry_no()

    def test_languages_and_steps_pass_to_the_logged_segment(self, begin: Begin) -> None:
        header = SegmentLanguage(segment_no="SM00001")
        line = SegmentLanguage(segment_no="SM00001", segment_line_no=10_000, language_code="DAN")
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            work.segments.put_language(line)
            work.segments.put_language(header)
            work.segments.add_step(a_step(2))
            work.segments.add_step(a_step(1))
            work.logged_segments.add(a_logged_segment(7))
            work.logged_segments.take_over("SM00001", 7)
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

    def test_nothing_that_was_taken_over_is_left_with_the_segment(self, begin: Begin) -> None:
        with begin() as work:
            work.segments.put_language(SegmentLanguage(segment_no="SM00001"))
            work.segments.add_step(a_step())
            work.logged_segments.add(a_logged_segment(7))
            work.logged_segments.take_over("SM00001", 7)
            assert work.segments.languages("SM00001") == []
            assert work.segments.steps("SM00001") == []

    def test_languages_of_removed_lines_end_with_the_segment(self, begin: Begin) -> None:
        with begin() as work:
            add_segment(work, "SM00001", ["CT1"])
            work.segments.put_language(
                SegmentLanguage(segment_no="SM00001", segment_line_no=20_000, removed_by_step=2)
            )
            work.logged_segments.add(a_logged_segment(7))
            work.logged_segments.take_over("SM00001", 7)
            assert work.logged_segments.languages(7) == []

    def test_left_out_lines_come_back_whole_with_their_reasons_in_order(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add_left_out(7, [_left_out(10_000)])
        with begin() as work:
            assert work.logged_segments.left_out(7) == [_left_out(10_000)]

    def test_left_out_lines_are_read_in_chunks_by_line_number(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add_left_out(7, [_left_out(30_000), _left_out(10_000)])
            work.logged_segments.add_left_out(7, [_left_out(20_000)])
            work.logged_segments.add_left_out(8, [_left_out(15_000)])
            first = work.logged_segments.left_out(7, limit=2)
            rest = work.logged_segments.left_out(7, after=20_000)
        assert [left.line.line_no for left in first] == [10_000, 20_000]
        assert [left.line.line_no for left in rest] == [30_000]

    def test_no_left_out_lines_add_nothing(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add_left_out(7, [])
            assert work.logged_segments.left_out(7) == []

    def test_the_owners_of_left_out_lines_are_told_stored_or_not(self, begin: Begin) -> None:
        with begin() as work:
            assert work.logged_segments.left_out_owners() == set()
            work.logged_segments.add_left_out(7, [_left_out(10_000), _left_out(20_000)])
            work.logged_segments.add_left_out(8, [_left_out(10_000)])
            assert work.logged_segments.left_out_owners() == {7, 8}
