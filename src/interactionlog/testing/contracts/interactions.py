"""What every interaction log promises of single entries."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from interactionlog.contacts.directory import ContactStanding
from interactionlog.enumerations import (
    CorrespondenceType,
    DocumentType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
)
from interactionlog.errors import DuplicateEntryError, EntryNotFoundError
from interactionlog.interactions.log_filter import LogFilter
from interactionlog.segments.inheritance import Inheritance
from interactionlog.segments.logging.entries import EntryBuilder
from interactionlog.testing.begin import Begin
from interactionlog.testing.builders import MOMENT, a_comment, a_line, a_segment, an_entry

__all__ = ["InteractionLogContract"]

_INVOICE: dict[str, Any] = {"document_type": DocumentType.SALES_INVOICE, "document_no": "INV-1"}
_FULL: dict[str, Any] = {
    "contact_company_no": "CT9",
    "campaign_no": "CP1",
    "salesperson_code": "JO",
    "correspondence_type": CorrespondenceType.EMAIL,
    "interaction_template_code": "CALL",
    "interaction_group_code": "CALLS",
    "cost_lcy": Decimal("1.5"),
    "duration_min": 7,
    "attachment_no": 3,
    "campaign_response": True,
    "campaign_target": True,
    "information_flow": InformationFlow.INBOUND,
    "initiated_by": InitiatedBy.THEM,
    "contact_alt_address_code": "HOME",
    "evaluation": Evaluation.NEGATIVE,
    "language_code": "DAN",
    "description": "Own words",
    "date": date(2026, 1, 27),
    "time_of_interaction": time(9, 5, 7),
    "attempt_failed": True,
    "to_do_no": "T1",
    "send_word_doc_as_attmt": True,
    "contact_via": "+45 1",
    "subject": "Own subject",
    "opportunity_no": "O1",
    "word_template_code": "W1",
    "merged": True,
}
"""A line that says something in each field."""
_STANDING = ContactStanding(
    privacy_blocked=False,
    exclude_from_segment=False,
    e_mail="",
    salesperson_code="HR",
    language_code=None,
    correspondence_type=None,
)


class InteractionLogContract:
    """What every `InteractionLogRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_entry_comes_back_equal(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7, postponed=True))
        with begin() as work:
            assert work.interactions.get(7) == an_entry(7, postponed=True)

    def test_an_absent_entry_is_not_found(self, begin: Begin) -> None:
        with begin() as work:
            with pytest.raises(EntryNotFoundError) as refused:
                work.interactions.get(7)
            assert refused.value.key == "7"

    def test_find_gives_none_for_an_absent_entry(self, begin: Begin) -> None:
        with begin() as work:
            assert work.interactions.find(7) is None

    def test_a_taken_number_is_refused_and_the_first_entry_stays(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7, "CT000001"))
            with pytest.raises(DuplicateEntryError) as refused, work.atomic():
                work.interactions.add(an_entry(7, "CT000002"))
            assert refused.value.key == "7"
            assert work.interactions.get(7).contact_no == "CT000001"

    def test_a_document_is_logged_once_for_a_contact(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7, **_INVOICE))
            with pytest.raises(DuplicateEntryError), work.atomic():
                work.interactions.add(an_entry(8, **_INVOICE))
            work.interactions.add(an_entry(9, "CT000002", **_INVOICE))

    def test_a_reprint_and_a_resending_of_a_document_are_entries_of_their_own(
        self, begin: Begin
    ) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7, **_INVOICE))
            work.interactions.add(an_entry(8, **_INVOICE, reprint_no=1))
            work.interactions.add(an_entry(9, **_INVOICE, resend_of=7))
            work.interactions.add(an_entry(10, **_INVOICE, resend_of=7))

    def test_a_refused_replacement_leaves_the_entry_as_it_was(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7, **_INVOICE))
            work.interactions.add(an_entry(8))
            with pytest.raises(DuplicateEntryError):
                work.interactions.replace(an_entry(8, **_INVOICE))
            assert work.interactions.get(8) == an_entry(8)

    def test_reserved_numbers_rise(self, begin: Begin) -> None:
        with begin() as work:
            first = work.interactions.reserve_entry_nos(3)
            second = work.interactions.reserve_entry_nos(1)
        assert len(first) == 3
        assert len(second) == 1
        assert max(first) < min(second)

    def test_reserved_numbers_are_above_every_stored_one(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(50))
            assert min(work.interactions.reserve_entry_nos(2)) > 50

    def test_the_number_of_a_removed_entry_is_not_used_again(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(50))
        with begin() as work:
            work.interactions.remove(50)
        with begin() as work:
            assert min(work.interactions.reserve_entry_nos(1)) > 50

    def test_an_entry_whose_number_a_failed_block_had_reserved_is_below_the_next_one(
        self, begin: Begin
    ) -> None:
        with begin() as work:
            with pytest.raises(ZeroDivisionError), work.atomic():
                reserved = work.interactions.reserve_entry_nos(5)
                _ = 1 / 0
            work.interactions.add(an_entry(reserved[2]))
            assert min(work.interactions.reserve_entry_nos(1)) > reserved[2]

    @pytest.mark.parametrize("deliver", [True, False])
    def test_entries_of_lines_come_back_equal(self, begin: Begin, deliver: bool) -> None:
        lines = [a_line(10_000, "CT1"), a_line(20_000, "CT2", **_FULL), a_line(30_000, "CT3")]
        builder = EntryBuilder(
            logged_segment_entry_no=4,
            given=Inheritance(a_segment(), None, {}),
            user_id="BEA",
            recorded_at=MOMENT,
            deliver=deliver,
            campaign_entry_nos={"CP1": 5},
            modified_word_template=8,
        )
        standings = dict.fromkeys(("CT1", "CT2", "CT3"), _STANDING)
        with begin() as work:
            work.segments.add(a_segment())
            work.segments.add_lines(lines)
            numbers = work.interactions.reserve_entry_nos(2)
            entries = builder.entries([lines[0], lines[1]], numbers, standings)
            work.interactions.add_of_segment(entries)
        with begin() as work:
            assert work.interactions.of_logged_segment(4) == entries

    def test_a_segment_without_entries_adds_nothing(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add_of_segment([])
            assert work.interactions.newest(LogFilter()) == []

    def test_replace_overwrites_the_entry(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            work.interactions.replace(an_entry(7, evaluation=Evaluation.POSITIVE))
        with begin() as work:
            assert work.interactions.get(7).evaluation is Evaluation.POSITIVE

    def test_an_absent_entry_cannot_be_replaced(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(EntryNotFoundError):
            work.interactions.replace(an_entry(7))

    def test_an_absent_entry_cannot_be_removed(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(EntryNotFoundError):
            work.interactions.remove(7)

    def test_an_entry_goes_with_its_comments(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            work.interactions.put_comment(a_comment(7))
            work.interactions.put_comment(a_comment(8))
            work.interactions.remove(7)
            assert work.interactions.comments(7) == []
            assert work.interactions.comments(8) == [a_comment(8)]

    def test_comments_are_in_the_order_of_their_lines(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.put_comment(a_comment(7, 20_000))
            work.interactions.put_comment(a_comment(7, 10_000, comment="first\nof two"))
        with begin() as work:
            assert work.interactions.comments(7) == [
                a_comment(7, 10_000, comment="first\nof two"),
                a_comment(7, 20_000),
            ]

    def test_a_comment_takes_the_place_of_the_one_with_its_number(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.put_comment(a_comment(7))
            work.interactions.put_comment(a_comment(7, comment="better"))
            assert work.interactions.comments(7) == [a_comment(7, comment="better")]

    def test_removing_comments_leaves_those_of_other_entries(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.put_comment(a_comment(7))
            work.interactions.put_comment(a_comment(8))
            work.interactions.remove_comments(7)
            work.interactions.remove_comments(7)
            assert work.interactions.comments(7) == []
            assert work.interactions.comments(8) == [a_comment(8)]
