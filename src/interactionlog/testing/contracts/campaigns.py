"""What campaign entries and attachments promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import interactionlog as il
from interactionlog.segments.logging.logged_segments import LeftOutLine
from interactionlog.testing.builders import (
    Begin,
    a_campaign_entry,
    a_language,
    a_line,
    an_attachment,
    an_entry,
)
from interactionlog.testing.contracts import Contract, Work


class CampaignEntryContract(Contract):
    """What every `CampaignEntryRepository` promises. Needs a ``begin`` fixture."""

    def test_there_is_one_open_entry_for_each_key(self, work: Work) -> None:
        work.campaign_entries.add(a_campaign_entry(7))
        with pytest.raises(il.DuplicateEntryError):
            work.campaign_entries.add(a_campaign_entry(8))
        work.campaign_entries.add(a_campaign_entry(9, register_no=3))
        work.campaign_entries.add(a_campaign_entry(10, segment_no="SM00001"))

    def test_a_closed_entry_makes_room_for_another_one(self, work: Work) -> None:
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
            ("CP1001", il.DocumentType.SALES_INVOICE, None, None),
            ("CP1001", None, "SM00001", None),
            ("CP1001", None, "SM00001", 3),
        ],
    )
    def test_the_open_entry_is_found_by_its_whole_key(
        self, work: Work, key: tuple[Any, Any, Any, Any]
    ) -> None:
        names = ("campaign_no", "document_type", "segment_no", "register_no")
        entry = a_campaign_entry(7, **dict(zip(names, key, strict=True)))
        work.campaign_entries.add(entry)
        work.campaign_entries.add(a_campaign_entry(8, "CP1002"))
        assert work.campaign_entries.find_open(*key) == entry
        assert work.campaign_entries.find_open(*key[:2], "SM9", 9) is None

    def test_reserved_numbers_rise_above_stored_ones(self, work: Work) -> None:
        work.campaign_entries.add(a_campaign_entry(7))
        first = work.campaign_entries.reserve(1)[0]
        assert 7 < first < work.campaign_entries.reserve(1)[0]

    def test_entries_of_a_campaign_are_in_the_order_of_their_numbers(self, work: Work) -> None:
        for no, campaign_no in ((9, "CP1001"), (7, "CP1001"), (8, "CP1002")):
            work.campaign_entries.add(a_campaign_entry(no, campaign_no, register_no=no))
        entries = work.campaign_entries.of_campaign("cp1001")
        assert [entry.entry_no for entry in entries] == [7, 9]

    def test_entries_of_an_open_segment_take_further_interactions(self, work: Work) -> None:
        for no, values in ((9, {}), (7, {}), (8, {"closed": True}), (6, {"register_no": 3})):
            work.campaign_entries.add(a_campaign_entry(no, f"CP{no}", segment_no="S1", **values))
        work.campaign_entries.add(a_campaign_entry(5, segment_no="S2"))
        entries = work.campaign_entries.of_segment("s1")
        assert [entry.entry_no for entry in entries] == [7, 9]
        work.campaign_entries.close_segment("s1")
        assert not work.campaign_entries.of_segment("S1")
        assert [entry.entry_no for entry in work.campaign_entries.of_segment("S2")] == [5]

    def test_entries_of_a_logged_segment_come_by_number(self, work: Work) -> None:
        for no, register_no in ((9, 3), (7, 3), (8, None)):
            work.campaign_entries.add(a_campaign_entry(no, f"CP100{no}", register_no=register_no))
        entries = work.campaign_entries.of_logged_segment(3)
        assert [entry.entry_no for entry in entries] == [7, 9]
        assert work.campaign_entries.of_logged_segment(4) == []

    def test_a_canceled_entry_is_closed_for_good(self, work: Work) -> None:
        entries, own = work.campaign_entries, 1
        for no, state in ((7, 0), (8, 2), (9, 0)):
            entries.add(a_campaign_entry(no, f"CP{no}", cancel_state=state))
        for canceled, states in ((True, [1, 3, 0]), (False, [0, 2, 0])):
            entries.set_cancel_reason([8, 7, 8], own, canceled=canceled)
            assert [entries.get(no).cancel_state for no in (7, 8, 9)] == states
            assert [entries.get(no).closed for no in (7, 8, 9)] == [True, True, False]
        with pytest.raises(il.NotFoundError, match="12"), work.atomic():
            entries.set_cancel_reason([9, 16, 12], own, canceled=True)
        assert entries.get(9).cancel_state == 0

    def test_entries_that_leave_a_canceled_logged_segment_stay_canceled(self, work: Work) -> None:
        for no, register_no, state in ((7, 3, 2), (8, 3, 3), (9, 4, 2)):
            values: dict[str, Any] = {"register_no": register_no, "cancel_state": state}
            work.campaign_entries.add(a_campaign_entry(no, f"CP{no}", **values))
        work.campaign_entries.leave_logged_segment(3)
        entries = [work.campaign_entries.get(no) for no in (7, 8, 9)]
        assert [entry.register_no for entry in entries] == [None, None, 4]
        assert [entry.cancel_state for entry in entries] == [1, 1, 2]


_DIGEST = "a" * 64

_REFERENCES: dict[str, Callable[[Work], None]] = {
    "template language": lambda work: work.template_languages.add(
        il.TemplateLanguage(interaction_template_code="LETTER", attachment_no=1)
    ),
    "segment language": lambda work: work.segments.put_language(a_language(attachment_no=1)),
    "segment line": lambda work: work.segments.add_lines([a_line(attachment_no=1)]),
    "left-out line": lambda work: work.logged_segments.add_left_out(
        7, [LeftOutLine(line=a_line(attachment_no=1), reasons=("no-contact",))]
    ),
    "log entry": lambda work: work.interactions.add(an_entry(7, attachment_no=1)),
    "edited template of a log entry": lambda work: work.interactions.add(
        an_entry(7, modified_word_template=1)
    ),
}


class AttachmentContract(Contract):
    """What every `AttachmentRepository` promises. Needs a ``begin`` fixture."""

    def test_reserved_numbers_rise_above_stored_ones(self, work: Work) -> None:
        work.attachments.add(an_attachment(7))
        assert 7 < work.attachments.reserve(1)[0] < work.attachments.reserve(1)[0]

    def test_content_comes_back_part_by_part(self, begin: Begin) -> None:
        with begin() as work:
            work.attachments.put_content(_DIGEST, 0, b"\x00first")
            work.attachments.put_content(_DIGEST, 1, b"\xffsecond")
        with begin() as work:
            parts = [work.attachments.content(_DIGEST, no) for no in range(3)]
        assert parts == [b"\x00first", b"\xffsecond", None]

    def test_a_stored_part_is_not_overwritten(self, work: Work) -> None:
        work.attachments.put_content(_DIGEST, 0, b"first")
        work.attachments.put_content(_DIGEST, 0, b"first")
        assert work.attachments.content(_DIGEST, 0) == b"first"

    def test_content_is_there_once_it_is_stored(self, work: Work) -> None:
        assert not work.attachments.has_content(_DIGEST)
        work.attachments.put_content(_DIGEST, 0, b"")
        assert work.attachments.has_content(_DIGEST)

    def test_content_goes_with_the_last_attachment_that_has_it(self, work: Work) -> None:
        work.attachments.put_content(_DIGEST, 0, b"shared")
        work.attachments.add(an_attachment(1, _DIGEST))
        work.attachments.add(an_attachment(2, _DIGEST))
        work.attachments.add(an_attachment(3, "b" * 64))
        work.attachments.remove(1)
        assert work.attachments.has_content(_DIGEST)
        work.attachments.remove(2)
        assert not work.attachments.has_content(_DIGEST)

    def test_contents_without_an_attachment_are_told(self, work: Work) -> None:
        for digest in (_DIGEST, "b" * 64):
            work.attachments.put_content(digest, 0, b"first")
            work.attachments.put_content(digest, 1, b"second")
        work.attachments.add(an_attachment(1, _DIGEST))
        assert work.attachments.without_attachment() == {"b" * 64}
        work.attachments.remove_content("b" * 64)
        assert work.attachments.without_attachment() == set()
        assert work.attachments.content(_DIGEST, 1) == b"second"

    def test_marking_as_read_only_passes_over_absent_ones(self, work: Work) -> None:
        work.attachments.add(an_attachment(1))
        work.attachments.add(an_attachment(2))
        work.attachments.set_read_only([1, 3])
        assert work.attachments.get(1).read_only
        assert not work.attachments.get(2).read_only
        assert work.attachments.find(3) is None

    def test_an_attachment_of_nothing_is_not_referred_to(self, work: Work) -> None:
        work.attachments.add(an_attachment(1))
        assert not work.attachments.is_referred_to(1)
        assert work.attachments.referred_to([1]) == set()

    @pytest.mark.parametrize("place", _REFERENCES)
    def test_it_is_referred_to_from_every_place_that_names_it(self, work: Work, place: str) -> None:
        work.attachments.add(an_attachment(1))
        _REFERENCES[place](work)
        assert work.attachments.is_referred_to(1)
        assert not work.attachments.is_referred_to(2)
        assert work.attachments.referred_to([1, 2]) == {1}
