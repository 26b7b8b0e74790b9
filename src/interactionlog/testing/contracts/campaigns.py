"""What every store of campaign entries promises."""

from __future__ import annotations

import pytest

from interactionlog.enumerations import DocumentType
from interactionlog.errors import DuplicateEntryError, NotFoundError
from interactionlog.testing.begin import Begin
from interactionlog.testing.builders import a_campaign_entry

__all__ = ["CampaignEntryContract"]


class CampaignEntryContract:
    """What every `CampaignEntryRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_entry_comes_back_equal(self, begin: Begin) -> None:
        entry = a_campaign_entry(7, segment_no="SM00001", register_no=3)
        with begin() as work:
            work.campaign_entries.add(entry)
        with begin() as work:
            assert work.campaign_entries.get(7) == entry

    def test_an_absent_entry_is_not_found(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.campaign_entries.get(7)

    def test_find_gives_none_for_an_absent_entry(self, begin: Begin) -> None:
        with begin() as work:
            assert work.campaign_entries.find(7) is None

    def test_a_taken_number_is_refused_and_the_first_entry_stays(self, begin: Begin) -> None:
        with begin() as work:
            work.campaign_entries.add(a_campaign_entry(7, "CP1001"))
            with pytest.raises(DuplicateEntryError):
                work.campaign_entries.add(a_campaign_entry(7, "CP1002"))
            assert work.campaign_entries.get(7).campaign_no == "CP1001"

    def test_there_is_one_open_entry_for_each_key(self, begin: Begin) -> None:
        with begin() as work:
            work.campaign_entries.add(a_campaign_entry(7))
            with pytest.raises(DuplicateEntryError):
                work.campaign_entries.add(a_campaign_entry(8))
            work.campaign_entries.add(a_campaign_entry(9, register_no=3))
            work.campaign_entries.add(a_campaign_entry(10, segment_no="SM00001"))

    def test_a_closed_entry_makes_room_for_another_one(self, begin: Begin) -> None:
        with begin() as work:
            work.campaign_entries.add(a_campaign_entry(7))
            work.campaign_entries.replace(a_campaign_entry(7, closed=True, cancel_state=1))
            work.campaign_entries.add(a_campaign_entry(8))
            work.campaign_entries.add(a_campaign_entry(9, closed=True))
            found = work.campaign_entries.find_open("CP1001", None, None, None)
            assert found == a_campaign_entry(8)

    @pytest.mark.parametrize(
        "key",
        [
            ("CP1001", None, None, None),
            ("CP1001", DocumentType.SALES_INVOICE, None, None),
            ("CP1001", None, "SM00001", None),
            ("CP1001", None, "SM00001", 3),
        ],
    )
    def test_the_open_entry_is_found_by_its_whole_key(
        self, begin: Begin, key: tuple[str, DocumentType | None, str | None, int | None]
    ) -> None:
        campaign_no, document_type, segment_no, register_no = key
        entry = a_campaign_entry(
            7,
            campaign_no,
            document_type=document_type,
            segment_no=segment_no,
            register_no=register_no,
        )
        with begin() as work:
            work.campaign_entries.add(entry)
            work.campaign_entries.add(a_campaign_entry(8, "CP1002"))
            assert work.campaign_entries.find_open(*key) == entry
            assert work.campaign_entries.find_open(campaign_no, document_type, "SM9", 9) is None

    def test_replace_overwrites_the_entry(self, begin: Begin) -> None:
        with begin() as work:
            work.campaign_entries.add(a_campaign_entry(7))
            work.campaign_entries.replace(a_campaign_entry(7, description="spring"))
            assert work.campaign_entries.get(7).description == "spring"

    def test_an_absent_entry_cannot_be_replaced(self, begin: Begin) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            work.campaign_entries.replace(a_campaign_entry(7))

    def test_a_removed_entry_is_gone(self, begin: Begin) -> None:
        with begin() as work:
            work.campaign_entries.add(a_campaign_entry(7))
            work.campaign_entries.remove(7)
            assert work.campaign_entries.find(7) is None
            with pytest.raises(NotFoundError):
                work.campaign_entries.remove(7)

    def test_reserved_numbers_rise_above_stored_ones(self, begin: Begin) -> None:
        with begin() as work:
            work.campaign_entries.add(a_campaign_entry(7))
            first = work.campaign_entries.reserve_entry_no()
            assert 7 < first < work.campaign_entries.reserve_entry_no()

    def test_entries_of_a_campaign_are_in_the_order_of_their_numbers(self, begin: Begin) -> None:
        with begin() as work:
            for no, campaign_no in ((9, "CP1001"), (7, "CP1001"), (8, "CP1002")):
                work.campaign_entries.add(a_campaign_entry(no, campaign_no, register_no=no))
            entries = work.campaign_entries.of_campaign("cp1001")
            assert [entry.entry_no for entry in entries] == [7, 9]

    def test_entries_of_a_logged_segment_are_in_the_order_of_their_numbers(
        self, begin: Begin
    ) -> None:
        with begin() as work:
            for no, register_no in ((9, 3), (7, 3), (8, None)):
                work.campaign_entries.add(
                    a_campaign_entry(no, f"CP100{no}", register_no=register_no)
                )
            entries = work.campaign_entries.of_logged_segment(3)
            assert [entry.entry_no for entry in entries] == [7, 9]
            assert work.campaign_entries.of_logged_segment(4) == []
