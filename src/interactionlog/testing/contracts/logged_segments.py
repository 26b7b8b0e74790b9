"""What logged segments, undo and waves promise."""

from __future__ import annotations

from typing import Any

import pytest

from interactionlog.errors import SegmentAlreadyLoggedError
from interactionlog.interactions.repository import LogFilter
from interactionlog.segments.logging.logged_segment import LeftOutLine
from interactionlog.segments.segment import SegmentLanguage
from interactionlog.testing.builders import (
    Begin,
    a_line,
    a_logged_segment,
    a_segment,
    a_step,
    add_segment,
    an_entry,
)
from interactionlog.testing.contracts import Contract
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    CorrespondenceType,
    DeliveryStatus,
    DocumentType,
    Evaluation,
    LoggedSegmentState,
)


def _left_out(line_no: int) -> LeftOutLine:
    return LeftOutLine(line=a_line(line_no, None), reasons=("no-contact", "no-date"))


class LoggedSegmentContract(Contract):
    """What every `LoggedSegmentRepository` promises. Needs a ``begin`` fixture."""

    def test_a_segment_number_is_logged_once(self, work: UnitOfWork) -> None:
        work.logged_segments.add(a_logged_segment(7))
        with pytest.raises(SegmentAlreadyLoggedError) as refused:
            work.logged_segments.add(a_logged_segment(8))
        assert work.logged_segments.find(8) is None
        assert refused.value.logged_segment_entry_no == 7

    def test_a_running_record_counts_as_logged(self, work: UnitOfWork) -> None:
        work.logged_segments.add(a_logged_segment(7, state=LoggedSegmentState.RUNNING))
        with pytest.raises(SegmentAlreadyLoggedError):
            work.logged_segments.add(a_logged_segment(8))

    def test_after_undo_the_number_may_be_logged_again(self, work: UnitOfWork) -> None:
        work.logged_segments.add(a_logged_segment(7))
        work.logged_segments.replace(a_logged_segment(7, state=LoggedSegmentState.UNDONE))
        work.logged_segments.add(a_logged_segment(8))
        standing = work.logged_segments.current("SM00001")
        assert standing == a_logged_segment(8)

    def test_an_undone_record_does_not_stand(self, work: UnitOfWork) -> None:
        work.logged_segments.add(a_logged_segment(7, state=LoggedSegmentState.UNDONE))
        assert work.logged_segments.current("SM00001") is None

    def test_reserved_numbers_rise_above_stored_ones(self, work: UnitOfWork) -> None:
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

    def test_nothing_that_was_taken_over_is_left_with_the_segment(self, work: UnitOfWork) -> None:
        work.segments.put_language(SegmentLanguage(segment_no="SM00001"))
        work.segments.add_step(a_step())
        work.logged_segments.add(a_logged_segment(7))
        work.logged_segments.hand_over("SM00001", 7)
        assert work.segments.languages("SM00001") == []
        assert work.segments.steps("SM00001") == []

    def test_languages_of_removed_lines_end_with_the_segment(self, work: UnitOfWork) -> None:
        add_segment(work, "SM00001", ["CT1"])
        work.segments.put_language(
            SegmentLanguage(segment_no="SM00001", segment_line_no=20_000, removed_by_step=2)
        )
        work.logged_segments.add(a_logged_segment(7))
        work.logged_segments.hand_over("SM00001", 7)
        assert work.logged_segments.languages(7) == []

    def test_left_out_lines_come_back_whole_with_their_reasons_in_order(self, begin: Begin) -> None:
        with begin() as work:
            work.logged_segments.add_left_out(7, [_left_out(10_000)])
        with begin() as work:
            assert work.logged_segments.left_out(7) == [_left_out(10_000)]

    def test_left_out_lines_are_read_in_chunks_by_line_number(self, work: UnitOfWork) -> None:
        work.logged_segments.add_left_out(7, [_left_out(30_000), _left_out(10_000)])
        work.logged_segments.add_left_out(7, [_left_out(20_000)])
        work.logged_segments.add_left_out(8, [_left_out(15_000)])
        first = work.logged_segments.left_out(7, limit=2)
        rest = work.logged_segments.left_out(7, after=20_000)
        assert [left.line.line_no for left in first] == [10_000, 20_000]
        assert [left.line.line_no for left in rest] == [30_000]

    def test_no_left_out_lines_add_nothing(self, work: UnitOfWork) -> None:
        work.logged_segments.add_left_out(7, [])
        assert work.logged_segments.left_out(7) == []

    def test_the_owners_of_left_out_lines_are_told_stored_or_not(self, work: UnitOfWork) -> None:
        assert work.logged_segments.left_out_owners() == set()
        work.logged_segments.add_left_out(7, [_left_out(10_000), _left_out(20_000)])
        work.logged_segments.add_left_out(8, [_left_out(10_000)])
        assert work.logged_segments.left_out_owners() == {7, 8}


def _logged(work: UnitOfWork) -> None:
    """Store logged segment 7 of SM00001: one entry, one left-out line, a language and a step."""
    work.logged_segments.add(a_logged_segment(7))
    work.interactions.add(
        an_entry(
            1,
            "CT1",
            segment_no="SM00001",
            segment_line_no=10_000,
            logged_segment_entry_no=7,
            interaction_language_code="DAN",
            send_word_docs_as_attmt=True,
            cost_lcy="7.25",
        )
    )
    left = LeftOutLine(line=a_line(20_000, "CT2", added_by_step=1), reasons=("privacy-blocked",))
    work.logged_segments.add_left_out(7, [left])
    work.segments.put_language(SegmentLanguage(segment_no="SM00001"))
    work.segments.add_step(a_step())
    work.logged_segments.hand_over("SM00001", 7)


class UndoContract(Contract):
    """What every `LoggedSegmentRepository` promises of undoing. Needs a ``begin`` fixture."""

    def test_lines_are_put_back_from_entries_and_from_what_was_left_out(
        self, work: UnitOfWork
    ) -> None:
        _logged(work)
        work.segments.add(a_segment())
        work.logged_segments.restore(work.logged_segments.get(7))
        first, second = work.segments.lines_after("SM00001", 0)
        assert (first.line_no, first.contact_no, first.language_code) == (10_000, "CT1", "DAN")
        assert first.send_word_doc_as_attmt
        assert str(first.cost_lcy) == "7.25"
        assert second == a_line(20_000, "CT2")

    def test_the_record_keeps_what_was_put_back(self, work: UnitOfWork) -> None:
        _logged(work)
        work.logged_segments.restore(work.logged_segments.get(7))
        assert work.segments.languages("SM00001") == [SegmentLanguage(segment_no="SM00001")]
        assert work.segments.steps("SM00001") == [a_step()]
        assert len(work.logged_segments.languages(7)) == 1
        assert len(work.logged_segments.steps(7)) == 1
        assert len(work.logged_segments.left_out(7)) == 1

    def test_a_removed_record_takes_everything_along_that_it_keeps(self, work: UnitOfWork) -> None:
        _logged(work)
        work.logged_segments.remove(7)
        assert work.logged_segments.find(7) is None
        assert work.logged_segments.left_out(7) == []
        assert work.logged_segments.left_out_owners() == set()
        assert work.segments.all_languages("SM00001") == []
        work.logged_segments.add(a_logged_segment(7))
        assert work.logged_segments.steps(7) == []

    def test_contacts_on_left_out_lines_are_told(self, work: UnitOfWork) -> None:
        _logged(work)
        assert work.logged_segments.left_out_contacts(7, ["CT1", "CT2"]) == {"CT2"}
        assert work.logged_segments.left_out_contacts(8, ["CT2"]) == set()

    def test_owners_of_left_out_lines_are_told_whether_stored_or_not(
        self, work: UnitOfWork
    ) -> None:
        _logged(work)
        work.logged_segments.add_left_out(9, [LeftOutLine(line=a_line(), reasons=("no-contact",))])
        assert work.logged_segments.left_out_owners() == {7, 9}

    def test_followers_are_in_the_order_of_their_numbers(self, work: UnitOfWork) -> None:
        for no, followed in ((9, 7), (8, 7), (10, 8)):
            work.logged_segments.add(a_logged_segment(no, f"SM{no}", follow_up_of=followed))
        followers = work.logged_segments.following_up(7)
        assert [logged.entry_no for logged in followers] == [8, 9]
        assert work.logged_segments.following_up(10) == []


class WaveContract(Contract):
    """What every `InteractionLogRepository` promises of waves. Needs a ``begin`` fixture."""

    def test_entries_of_a_logged_segment_come_in_chunks_by_number(self, work: UnitOfWork) -> None:
        for no, wave in ((4, 7), (1, 7), (2, 8), (3, 7)):
            work.interactions.add(an_entry(no, logged_segment_entry_no=wave))
        first = work.interactions.of_logged_segment(7, limit=2)
        rest = work.interactions.of_logged_segment(7, after=3)
        assert [entry.entry_no for entry in first] == [1, 3]
        assert [entry.entry_no for entry in rest] == [4]

    def test_entries_of_some_contacts_come_by_number(self, work: UnitOfWork) -> None:
        for no, contact_no, wave in ((4, "CT1", 7), (1, "CT2", 7), (2, "CT1", 8), (3, "CT3", 7)):
            work.interactions.add(an_entry(no, contact_no, logged_segment_entry_no=wave))
        entries = work.interactions.of_logged_segment_with(7, ["CT1", "CT2", "CT9"])
        assert [entry.entry_no for entry in entries] == [1, 4]
        assert work.interactions.of_logged_segment_with(7, []) == []

    def test_evaluated_entries_are_counted_unless_the_line_was_evaluated(
        self, work: UnitOfWork
    ) -> None:
        for no, personal in ((1, 0), (2, 4), (3, 8)):
            work.interactions.add(
                an_entry(
                    no,
                    logged_segment_entry_no=7,
                    evaluation=Evaluation.POSITIVE,
                    personal_fields=personal,
                )
            )
        work.interactions.add(an_entry(4, logged_segment_entry_no=7))
        work.interactions.add(an_entry(5, evaluation=Evaluation.POSITIVE))
        assert work.interactions.used_further(7, 4) == (2, 0, 0)

    def test_delivered_entries_are_counted(self, work: UnitOfWork) -> None:
        mail = CorrespondenceType.EMAIL
        for no, kind, status in (
            (1, mail, None),
            (2, mail, DeliveryStatus.REQUESTED),
            (3, None, None),
        ):
            work.interactions.add(
                an_entry(
                    no, logged_segment_entry_no=7, correspondence_type=kind, delivery_status=status
                )
            )
        assert work.interactions.used_further(7, 4) == (0, 1, 0)

    def test_resendings_are_counted_as_such_whether_delivered_or_not(
        self, work: UnitOfWork
    ) -> None:
        work.interactions.add(an_entry(1, logged_segment_entry_no=7))
        for no, wave, status in (
            (2, 7, DeliveryStatus.REQUESTED),
            (3, 7, None),
            (4, 8, None),
            (5, None, None),
        ):
            work.interactions.add(
                an_entry(
                    no,
                    logged_segment_entry_no=wave,
                    correspondence_type=CorrespondenceType.EMAIL,
                    evaluation=Evaluation.POSITIVE,
                    delivery_status=status,
                    resend_of=1,
                )
            )
        assert work.interactions.used_further(7, 4) == (0, 0, 2)

    def test_entries_that_leave_a_canceled_logged_segment_stay_canceled(
        self, work: UnitOfWork
    ) -> None:
        work.interactions.add(an_entry(1, logged_segment_entry_no=7, cancel_state=2))
        work.interactions.add(an_entry(2, logged_segment_entry_no=7, cancel_state=6))
        work.interactions.add(an_entry(3, logged_segment_entry_no=8, cancel_state=2))
        assert work.interactions.leave_logged_segment(7) == 2
        entries = [work.interactions.get(no) for no in (1, 2, 3)]
        assert [entry.cancel_state for entry in entries] == [1, 5, 2]
        assert [entry.logged_segment_entry_no for entry in entries] == [None, None, 8]

    def test_entries_that_leave_a_campaign_entry_keep_whether_they_count(
        self, work: UnitOfWork
    ) -> None:
        for no, state in ((1, 4), (2, 0), (3, 6)):
            work.interactions.add(
                an_entry(no, campaign_no="CP1", campaign_entry_no=9, cancel_state=state)
            )
        work.interactions.leave_campaign_entry("CP1", 9)
        entries = [work.interactions.get(no) for no in (1, 2, 3)]
        assert [entry.cancel_state for entry in entries] == [1, 0, 3]
        assert {entry.campaign_entry_no for entry in entries} == {None}
        assert {entry.campaign_no for entry in entries} == {"CP1"}

    def test_contacts_are_counted_each_once(self, work: UnitOfWork) -> None:
        for no, contact_no in enumerate(["CT1", "CT1", "CT2"], 1):
            work.interactions.add(an_entry(no, contact_no, campaign_no="CP1"))
        work.interactions.add(an_entry(4, "CT3"))
        assert work.interactions.count_contacts(LogFilter(campaign_no="CP1")) == 2
        assert work.interactions.count_contacts(LogFilter(campaign_no="CP9")) == 0

    def test_target_companies_are_those_of_live_logged_targets(self, work: UnitOfWork) -> None:
        targets: list[dict[str, Any]] = [
            {"contact_company_no": "C1"},
            {"contact_company_no": None},
            {"contact_company_no": "C2", "cancel_state": 1},
            {"contact_company_no": "C3", "postponed": True},
            {"contact_company_no": "C4", "campaign_target": False},
            {"contact_company_no": "C5", "campaign_no": "CP2"},
        ]
        for no, values in enumerate(targets, 1):
            target = {"campaign_no": "CP1", "campaign_target": True, **values}
            work.interactions.add(an_entry(no, "CT1", **target))
        assert work.interactions.target_companies("CP1") == {"C1", None}

    @pytest.mark.parametrize(
        "key",
        [
            (DocumentType.SALES_INVOICE, "INV-1", 0, 0, "CT1"),
            (DocumentType.SALES_QUOTE, "Q-1", 2, 3, "CT1"),
        ],
    )
    def test_a_document_is_found_with_its_reprints(
        self, work: UnitOfWork, key: tuple[DocumentType, str, int, int, str]
    ) -> None:
        kind, no, occurrence, version, contact_no = key
        document: dict[str, Any] = {
            "document_type": kind,
            "document_no": no,
            "doc_no_occurrence": occurrence,
            "version_no": version,
        }
        work.interactions.add(an_entry(1, contact_no, reprint_no=1, **document))
        work.interactions.add(an_entry(2, contact_no, **document))
        work.interactions.add(an_entry(3, "CT2", **document))
        entries = work.interactions.of_document(*key)
        assert [entry.entry_no for entry in entries] == [2, 1]
        assert work.interactions.of_document(kind, "OTHER", 0, 0, contact_no) == []
