"""What every log promises of the entries of a logged segment, a campaign or a document."""

from __future__ import annotations

from typing import Any

import pytest

from interactionlog.enumerations import (
    CorrespondenceType,
    DeliveryStatus,
    DocumentType,
    Evaluation,
)
from interactionlog.interactions.log_filter import LogFilter
from interactionlog.testing.begin import Begin
from interactionlog.testing.builders import an_entry

__all__ = ["WaveContract"]


class WaveContract:
    """What every `InteractionLogRepository` promises of waves. Needs a ``begin`` fixture."""

    def test_entries_of_a_logged_segment_come_in_chunks_by_number(self, begin: Begin) -> None:
        with begin() as work:
            for no, wave in ((4, 7), (1, 7), (2, 8), (3, 7)):
                work.interactions.add(an_entry(no, logged_segment_entry_no=wave))
            first = work.interactions.of_logged_segment(7, limit=2)
            rest = work.interactions.of_logged_segment(7, after=3)
        assert [entry.entry_no for entry in first] == [1, 3]
        assert [entry.entry_no for entry in rest] == [4]

    def test_entries_of_some_contacts_come_by_number(self, begin: Begin) -> None:
        with begin() as work:
            for no, contact_no, wave in (
                (4, "CT1", 7),
                (1, "CT2", 7),
                (2, "CT1", 8),
                (3, "CT3", 7),
            ):
                work.interactions.add(an_entry(no, contact_no, logged_segment_entry_no=wave))
            entries = work.interactions.of_logged_segment_with(7, ["CT1", "CT2", "CT9"])
            assert [entry.entry_no for entry in entries] == [1, 4]
            assert work.interactions.of_logged_segment_with(7, []) == []

    def test_evaluated_entries_are_counted_unless_the_line_was_evaluated(
        self, begin: Begin
    ) -> None:
        with begin() as work:
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

    def test_delivered_entries_are_counted(self, begin: Begin) -> None:
        mail = CorrespondenceType.EMAIL
        with begin() as work:
            for no, kind, status in (
                (1, mail, None),
                (2, mail, DeliveryStatus.REQUESTED),
                (3, None, None),
            ):
                work.interactions.add(
                    an_entry(
                        no,
                        logged_segment_entry_no=7,
                        correspondence_type=kind,
                        delivery_status=status,
                    )
                )
            assert work.interactions.used_further(7, 4) == (0, 1, 0)

    def test_resendings_are_counted_as_such_whether_delivered_or_not(self, begin: Begin) -> None:
        with begin() as work:
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

    def test_entries_that_leave_a_canceled_logged_segment_stay_canceled(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(1, logged_segment_entry_no=7, cancel_state=2))
            work.interactions.add(an_entry(2, logged_segment_entry_no=7, cancel_state=6))
            work.interactions.add(an_entry(3, logged_segment_entry_no=8, cancel_state=2))
            assert work.interactions.leave_logged_segment(7) == 2
            entries = [work.interactions.get(no) for no in (1, 2, 3)]
        assert [entry.cancel_state for entry in entries] == [1, 5, 2]
        assert [entry.logged_segment_entry_no for entry in entries] == [None, None, 8]

    def test_entries_that_leave_a_campaign_entry_keep_whether_they_count(
        self, begin: Begin
    ) -> None:
        with begin() as work:
            for no, state in ((1, 4), (2, 0), (3, 6)):
                work.interactions.add(
                    an_entry(no, campaign_no="CP1", campaign_entry_no=9, cancel_state=state)
                )
            work.interactions.leave_campaign_entry("CP1", 9)
            entries = [work.interactions.get(no) for no in (1, 2, 3)]
        assert [entry.cancel_state for entry in entries] == [1, 0, 3]
        assert {entry.campaign_entry_no for entry in entries} == {None}
        assert {entry.campaign_no for entry in entries} == {"CP1"}

    def test_contacts_are_counted_each_once(self, begin: Begin) -> None:
        with begin() as work:
            for no, contact_no in enumerate(["CT1", "CT1", "CT2"], 1):
                work.interactions.add(an_entry(no, contact_no, campaign_no="CP1"))
            work.interactions.add(an_entry(4, "CT3"))
            assert work.interactions.count_contacts(LogFilter(campaign_no="CP1")) == 2
            assert work.interactions.count_contacts(LogFilter(campaign_no="CP9")) == 0

    def test_target_companies_are_those_of_live_logged_targets(self, begin: Begin) -> None:
        targets: list[dict[str, Any]] = [
            {"contact_company_no": "C1"},
            {"contact_company_no": None},
            {"contact_company_no": "C2", "cancel_state": 1},
            {"contact_company_no": "C3", "postponed": True},
            {"contact_company_no": "C4", "campaign_target": False},
            {"contact_company_no": "C5", "campaign_no": "CP2"},
        ]
        with begin() as work:
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
        self, begin: Begin, key: tuple[DocumentType, str, int, int, str]
    ) -> None:
        kind, no, occurrence, version, contact_no = key
        document: dict[str, Any] = {
            "document_type": kind,
            "document_no": no,
            "doc_no_occurrence": occurrence,
            "version_no": version,
        }
        with begin() as work:
            work.interactions.add(an_entry(1, contact_no, reprint_no=1, **document))
            work.interactions.add(an_entry(2, contact_no, **document))
            work.interactions.add(an_entry(3, "CT2", **document))
            entries = work.interactions.of_document(*key)
            assert [entry.entry_no for entry in entries] == [2, 1]
            assert work.interactions.of_document(kind, "OTHER", 0, 0, contact_no) == []
