"""What every store of logged segments promises of undoing, deleting and following up."""

from __future__ import annotations

import pytest

from interactionlog.errors import NotFoundError
from interactionlog.segments.logging.logged_segment import LeftOutLine
from interactionlog.segments.segment import SegmentLanguage
from interactionlog.testing.begin import Begin
from interactionlog.testing.builders import a_line, a_logged_segment, a_segment, a_step, an_entry
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["UndoContract"]


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
    work.logged_segments.take_over("SM00001", 7)


class UndoContract:
    """What every `LoggedSegmentRepository` promises of undoing. Needs a ``begin`` fixture."""

    def test_lines_are_put_back_from_entries_and_from_what_was_left_out(self, begin: Begin) -> None:
        with begin() as work:
            _logged(work)
            work.segments.add(a_segment())
            work.logged_segments.put_back(work.logged_segments.get(7))
            first, second = work.segments.lines_after("SM00001", 0)
        assert (first.line_no, first.contact_no, first.language_code) == (10_000, "CT1", "DAN")
        assert first.send_word_doc_as_attmt
        assert str(first.cost_lcy) == "7.25"
        assert second == a_line(20_000, "CT2")

    def test_the_record_keeps_what_was_put_back(self, begin: Begin) -> None:
        with begin() as work:
            _logged(work)
            work.logged_segments.put_back(work.logged_segments.get(7))
            assert work.segments.languages("SM00001") == [SegmentLanguage(segment_no="SM00001")]
            assert work.segments.steps("SM00001") == [a_step()]
            assert len(work.logged_segments.languages(7)) == 1
            assert len(work.logged_segments.steps(7)) == 1
            assert len(work.logged_segments.left_out(7)) == 1

    def test_a_removed_record_takes_everything_along_that_it_keeps(self, begin: Begin) -> None:
        with begin() as work:
            _logged(work)
            work.logged_segments.remove(7)
            assert work.logged_segments.find(7) is None
            assert work.logged_segments.left_out(7) == []
            assert work.logged_segments.left_out_owners() == set()
            assert work.segments.all_languages("SM00001") == []
            work.logged_segments.add(a_logged_segment(7))
            assert work.logged_segments.steps(7) == []

    def test_an_absent_record_cannot_be_removed(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.logged_segments.remove(7)

    def test_contacts_on_left_out_lines_are_told(self, begin: Begin) -> None:
        with begin() as work:
            _logged(work)
            assert work.logged_segments.left_out_contacts(7, ["CT1", "CT2"]) == {"CT2"}
            assert work.logged_segments.left_out_contacts(8, ["CT2"]) == set()

    def test_owners_of_left_out_lines_are_told_whether_stored_or_not(self, begin: Begin) -> None:
        with begin() as work:
            _logged(work)
            work.logged_segments.add_left_out(
                9, [LeftOutLine(line=a_line(), reasons=("no-contact",))]
            )
            assert work.logged_segments.left_out_owners() == {7, 9}

    def test_followers_are_in_the_order_of_their_numbers(self, begin: Begin) -> None:
        with begin() as work:
            for no, followed in ((9, 7), (8, 7), (10, 8)):
                work.logged_segments.add(a_logged_segment(no, f"SM{no}", follow_up_of=followed))
            followers = work.logged_segments.following_up(7)
            assert [logged.entry_no for logged in followers] == [8, 9]
            assert work.logged_segments.following_up(10) == []
