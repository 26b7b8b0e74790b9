"""What the log, its timeline, its waves and its idempotency keys promise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

import attrs
import pytest

import interactionlog as il
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.interactions.entry import CancelState, LogComment
from interactionlog.interactions.repository import Figures, LineRange, Logging, Position
from interactionlog.segments.logging.logged_segments import LeftOutLine, entry_of_line
from interactionlog.testing.builders import (
    DAY,
    MOMENT,
    Begin,
    a_campaign_entry,
    a_comment,
    a_key,
    a_line,
    a_segment,
    an_entry,
    in_full,
)
from interactionlog.testing.contracts import Contract, Log, Work, assert_alike

_INVOICE: dict[str, Any] = {"document_type": il.DocumentType.SALES_INVOICE, "document_no": "INV-1"}


class InteractionLogContract(Contract):
    """What every `InteractionLogRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_entry_comes_back_equal(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(in_full(an_entry(7)))
        with begin() as work:
            assert_alike(work.interactions.get(7), in_full(an_entry(7)))

    def test_an_absent_entry_is_not_found(self, log: Log) -> None:
        assert log.find(7) is None
        for refuse in (log.get, log.lock, log.remove):
            with pytest.raises(il.EntryNotFoundError) as refused:
                refuse(7)
            assert refused.value.key == "7"
        with pytest.raises(il.EntryNotFoundError):
            log.replace(an_entry(7))

    def test_a_taken_number_is_refused_and_the_first_entry_stays(self, work: Work) -> None:
        work.interactions.add(an_entry(7, "CT000001"))
        with pytest.raises(il.DuplicateEntryError) as refused, work.atomic():
            work.interactions.add(an_entry(7, "CT000002"))
        assert refused.value.key == "7"
        assert work.interactions.get(7).contact_no == "CT000001"

    def test_a_document_is_logged_once_for_a_contact(self, work: Work) -> None:
        work.interactions.add(an_entry(7, **_INVOICE))
        with pytest.raises(il.DuplicateEntryError), work.atomic():
            work.interactions.add(an_entry(8, **_INVOICE))
        work.interactions.add(an_entry(9, "CT000002", **_INVOICE))

    def test_a_reprint_and_a_resending_are_entries_of_their_own(self, log: Log) -> None:
        log.add(an_entry(7, **_INVOICE))
        log.add(an_entry(8, **_INVOICE, reprint_no=1))
        log.add(an_entry(9, **_INVOICE, resend_of=7))
        log.add(an_entry(10, **_INVOICE, resend_of=7))
        log.replace(an_entry(7, **_INVOICE, subject="changed"))
        assert log.get(7).subject == "changed"

    def test_documents_differ_by_kind_number_occurrence_and_version(self, log: Log) -> None:
        others: list[dict[str, Any]] = [
            {"document_type": il.DocumentType.SALES_QUOTE},
            {"document_no": "INV-2"},
            {"doc_no_occurrence": 1},
            {"version_no": 1},
            *({"contact_no": None} for _ in range(2)),  # it is nobody's
        ]
        _add(log, {}, *others, **_INVOICE)
        assert len(log.newest(il.LogFilter())) == 7

    def test_a_refused_replacement_leaves_the_entry_as_it_was(self, log: Log) -> None:
        log.add(an_entry(7, **_INVOICE))
        log.add(an_entry(8))
        with pytest.raises(il.DuplicateEntryError):
            log.replace(an_entry(8, **_INVOICE))
        assert log.get(8) == an_entry(8)

    def test_reserved_numbers_rise_above_stored_ones(self, log: Log) -> None:
        log.add(an_entry(50))
        first, second = log.reserve(3), log.reserve(1)
        assert (len(first), len(second)) == (3, 1)
        assert 50 < min(first) <= max(first) < min(second)

    def test_the_number_of_a_removed_entry_is_not_used_again(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(50))
        with begin() as work:
            work.interactions.remove(50)
        with begin() as work:
            assert min(work.interactions.reserve(1)) > 50

    def test_numbers_that_a_failed_block_reserved_are_below_the_next_one(self, work: Work) -> None:
        with pytest.raises(ZeroDivisionError), work.atomic():
            reserved = work.interactions.reserve(5)
            _ = 1 / 0
        work.interactions.add(an_entry(reserved[2]))
        assert min(work.interactions.reserve(1)) > reserved[2]

    @pytest.mark.parametrize("deliver", [True, False])
    def test_entries_of_lines_come_back_equal(self, begin: Begin, deliver: bool) -> None:
        lines = [
            a_line(10_000, "CT1"),
            in_full(a_line(20_000, "CT2", campaign_no="CP2")),
            a_line(30_000, "CT3", campaign_no="CP9"),
            a_line(40_000, "CT4"),
            a_line(50_000, "CT5"),
        ]
        requested = il.DeliveryStatus.REQUESTED if deliver else None
        logging = Logging(4, "BEA", MOMENT, requested, 8)
        with begin() as work:
            work.segments.add(a_segment())
            work.segments.add_lines(lines)
            left_out = [LeftOutLine(line=lines[2], reasons=("duplicate",))]
            work.logged_segments.add_left_out(4, left_out)
            numbers = work.interactions.reserve(2)
            of_lines = LineRange("SM00001", 10_000, 40_000, 4)
            for entry in (
                CampaignEntry(entry_no=9, campaign_no="CP2", register_no=4, closed=True),
                CampaignEntry(entry_no=2, campaign_no="CP2", register_no=3),
                CampaignEntry(entry_no=3, campaign_no="CP1", register_no=4),
                CampaignEntry(
                    entry_no=6,
                    campaign_no="CP2",
                    register_no=4,
                    document_type=il.DocumentType.SALES_QUOTE,
                ),
                CampaignEntry(entry_no=5, campaign_no="CP2", register_no=4),
            ):
                work.campaign_entries.add(attrs.evolve(entry, segment_no="SM00001"))
            masks = {30_000: 7, 40_000: 3, 50_000: 9}
            work.interactions.add_of_segment(logging, of_lines, numbers, masks)
        build = entry_of_line()
        with begin() as work:
            assert work.interactions.of_logged_segment(4) == [
                build(logging, lines[1], numbers[0], 5, 0),
                build(logging, lines[3], numbers[1], None, 3),
            ]

    def test_a_line_that_went_during_logging_is_missed(self, log: Log, work: Work) -> None:
        work.segments.add(a_segment())
        work.segments.add_lines([a_line(10_000, "CT1")])
        logging = Logging(4, "BEA", MOMENT, None, None)
        for count in (2, 3):
            numbers = log.reserve(count)
            with pytest.raises(il.StorageError):
                lines = LineRange("SM00001", 0, 90_000)
                log.add_of_segment(logging, lines, numbers, {})

    def test_a_segment_without_entries_adds_nothing(self, log: Log) -> None:
        logging = Logging(4, "BEA", MOMENT, None, None)
        log.add_of_segment(logging, LineRange("SM00001", 0, 10_000), [], {})
        assert log.newest(il.LogFilter()) == []

    def test_replace_overwrites_the_entry(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            work.interactions.replace(an_entry(7, evaluation=il.Evaluation.POSITIVE))
        with begin() as work:
            assert work.interactions.get(7).evaluation is il.Evaluation.POSITIVE

    def test_entries_that_are_asked_for_come_by_number_or_are_missed(self, log: Log) -> None:
        _add(log, {}, {}, {})
        assert _nos(log.many([3, 1, 3])) == [1, 3]
        assert list(log.many([])) == []
        with pytest.raises(il.EntryNotFoundError) as refused:
            log.many([3, 16, 9])
        assert refused.value.key == "9"

    def test_set_changes_these_entries_and_no_others(self, work: Work) -> None:
        log, (good, bad) = work.interactions, (il.Evaluation.POSITIVE, il.Evaluation.NEGATIVE)
        _add(log, {}, {}, {})
        log.set([3, 1, 3], evaluation=good)
        with pytest.raises(il.EntryNotFoundError) as refused, work.atomic():
            log.set([1, 16, 9], evaluation=bad)
        assert refused.value.key == "9"
        assert [log.get(no).evaluation for no in (1, 2, 3)] == [good, None, good]

    def test_a_reason_of_canceling_is_set_and_cleared_on_these_entries(self, work: Work) -> None:
        log, own = work.interactions, CancelState.OWN
        _add(log, {}, {"cancel_state": 2}, {})
        for nos, canceled, states in (([2, 1, 2], True, "1 3 0"), ([2, 3], False, "1 2 0")):
            log.set_cancel_reason(nos, own, canceled=canceled)
            # plain numbers, as they are stored
            assert " ".join(repr(log.get(no).cancel_state) for no in (1, 2, 3)) == states
        with pytest.raises(il.EntryNotFoundError) as refused, work.atomic():
            log.set_cancel_reason([3, 16, 9], own, canceled=True)
        assert refused.value.key == "9"
        assert log.get(3).cancel_state == 0

    def test_matching_entries_are_removed_with_their_comments(self, work: Work) -> None:
        log, comments = work.interactions, work.records(LogComment)
        canceled: dict[str, Any] = {"cancel_state": 1}
        _add(log, canceled, canceled, {}, canceled)
        for no in (3, 4):
            comments.put(a_comment(no))
        removed = log.remove_matching(il.LogFilter(canceled=True), limit=2)
        assert sorted(removed, key=_number) == [an_entry(no, **canceled) for no in (2, 4)]
        assert _nos(log.newest(il.LogFilter())) == [3, 1]
        assert comments.all() == [a_comment(3)]

    def test_entries_are_removed_newest_first_from_a_place_on(self, work: Work) -> None:
        log = work.interactions
        _add(log, {}, {"date": DAY + timedelta(1)}, {}, {}, {"date": DAY - timedelta(1)})
        removed = log.remove_matching(il.LogFilter(), before=Position(DAY, 4), limit=2)
        assert [each.entry_no for each in removed] == [3, 1]
        assert _nos(log.newest(il.LogFilter())) == [2, 4, 5]

    def test_the_times_that_contacts_were_written_to_are_counted(self, log: Log) -> None:
        mail: dict[str, Any] = {"correspondence_type": il.CorrespondenceType.EMAIL}
        others: tuple[dict[str, Any], ...] = (
            *({"date": DAY + timedelta(days)} for days in (-2, 1)),
            {"information_flow": il.InformationFlow.INBOUND},
            *({"cancel_state": 1}, {"postponed": True}, {"attempt_failed": True}),
            {"correspondence_type": None},
            {"contact_no": "CT9"},
            {"contact_no": None},
        )
        out = {"information_flow": il.InformationFlow.OUTBOUND, "date": DAY - timedelta(1)}
        in_wave = {"logged_segment_entry_no": 7}
        _add(log, {}, out, {**in_wave, "contact_no": "CT2"}, *others, **mail, contact_no="CT1")
        asked = (["CT1", "CT2", "CT3"], mail["correspondence_type"], DAY - timedelta(1), DAY)
        assert dict(log.contacted(*asked)) == {"CT1": 2, "CT2": 1}
        assert dict(log.contacted(*asked, not_in=7)) == {"CT1": 2}
        assert dict(log.contacted(["CT1"], None, DAY, DAY)) == {"CT1": 1}

    def test_an_entry_goes_with_its_comments(self, work: Work) -> None:
        log = work.interactions
        log.add(an_entry(7))
        work.records(LogComment).put(a_comment(7))
        work.records(LogComment).put(a_comment(8))
        log.remove(7)
        assert log.comments(7) == []
        assert log.comments(8) == [a_comment(8)]

    def test_comments_are_in_the_order_of_their_lines(self, work: Work) -> None:
        later, first = a_comment(7, 20_000), a_comment(7, 10_000, comment="first\nof two")
        for comment in (later, first):
            work.records(LogComment).put(comment)
        assert work.interactions.comments(7) == [first, later]

    def test_a_comment_takes_the_place_of_the_one_with_its_number(self, work: Work) -> None:
        for comment in (a_comment(7), a_comment(7, comment="better")):
            work.records(LogComment).put(comment)
            assert work.interactions.comments(7) == [comment]

    def test_removing_comments_leaves_those_of_other_entries(self, work: Work) -> None:
        log = work.interactions
        work.records(LogComment).put(a_comment(7))
        work.records(LogComment).put(a_comment(8))
        for _ in range(2):
            log.remove_comments(7)
        assert (log.comments(7), log.comments(8)) == ([], [a_comment(8)])


_number = attrgetter("entry_no")


def _nos(entries: Iterable[il.InteractionLogEntry]) -> list[int]:
    return [*map(_number, entries)]


def _add(log: Log, *many: dict[str, Any], **common: Any) -> None:
    """Store an entry for each, numbered 1, 2, … unless it says a number."""
    for no, values in enumerate(many, 1):
        log.add(an_entry(**{"entry_no": no, **common, **values}))


_MATCHING = in_full(an_entry(1, "CT1", date=DAY + timedelta(1)))
_FIELDS = {field.name for field in attrs.fields(il.InteractionLogEntry)}
_SAME = [field.name for field in attrs.fields(il.LogFilter) if field.name in _FIELDS]
"""Fields of an entry after which a filter asks in the same words."""


_DAYS = (0, 2, 1, 1, 0, 2, 1)
"""Of entries whose numbers do not rise with their dates: a cursor compares both together."""


class TimelineContract(Contract):
    """What the log promises about pages, figures and canceling. Needs a ``begin`` fixture."""

    def test_the_newest_come_first_by_date_then_by_number(self, log: Log) -> None:
        for no, days in ((1, 0), (2, 1), (3, 0), (4, -1)):
            log.add(an_entry(no, date=DAY + timedelta(days)))
        assert _nos(log.newest(il.LogFilter())) == [2, 3, 1, 4]

    def test_a_page_goes_on_where_the_last_one_ended(self, log: Log) -> None:
        _add(log, *({"date": DAY + timedelta(days)} for days in _DAYS))
        seen: list[list[int]] = []
        before = None
        for _ in range(4):
            page = log.newest(il.LogFilter(), before=before, limit=2)
            assert page, f"nothing follows {seen}"
            seen.append(_nos(page))
            before = Position(page[-1].date, page[-1].entry_no)
        assert seen == [[6, 2], [7, 4], [3, 5], [1]]
        assert log.newest(il.LogFilter(), before=before, limit=2) == []

    def test_a_page_above_another_one_ends_where_that_began(self, log: Log) -> None:
        _add(log, *({"date": DAY + timedelta(days)} for days in _DAYS))
        seen: list[list[int]] = []
        after = Position(DAY, 0)
        for _ in range(4):
            page = log.newest(il.LogFilter(), after=after, limit=2)
            assert page, f"nothing is above {seen}"
            seen.append(_nos(page))
            after = Position(page[0].date, page[0].entry_no)
        between = log.newest(
            il.LogFilter(), before=Position(DAY + timedelta(1), 7), after=Position(DAY, 1)
        )
        assert seen == [[5, 1], [4, 3], [2, 7], [6]]
        assert log.newest(il.LogFilter(), after=after, limit=2) == []
        assert _nos(between) == [4, 3, 5]

    @pytest.mark.parametrize(
        "key",
        [
            (il.DocumentType.SALES_INVOICE, "103001", 0, 0),
            (il.DocumentType.SALES_QUOTE, "Q1", 2, 3),
        ],
    )
    def test_a_document_is_found_with_its_reprints(self, log: Log, key: Any) -> None:
        names = ("document_type", "document_no", "doc_no_occurrence", "version_no")
        others: list[dict[str, Any]] = [{"contact_no": "CT2"}, {"resend_of": 2}, {"version_no": 4}]
        others += [{"document_type": il.DocumentType.PURCHASE_ORDER}, {"doc_no_occurrence": 4}]
        _add(log, {"reprint_no": 1}, {}, *others, **dict(zip(names, key, strict=True)))
        kind, no, occurrence, version = key
        assert _nos(log.of_document(kind, no, occurrence, version, "CT000001")) == [2, 1]
        assert log.of_document(kind, "OTHER", occurrence, version, "CT000001") == []

    def test_a_timeline_holds_postponed_and_canceled_entries_too(self, log: Log) -> None:
        _add(log, {"postponed": True}, {"cancel_state": 1})
        assert _nos(log.newest(il.LogFilter(contact_no="CT000001"))) == [2, 1]

    @pytest.mark.parametrize(
        "asked",
        [
            *({name: getattr(_MATCHING, name)} for name in _SAME),
            {"contact_no": "ct1"},
            {"since": DAY + timedelta(1)},
            {"canceled": True},
            {"contact_no": "CT1", "canceled": True, "since": DAY},
        ],
        ids=" ".join,
    )
    def test_a_filter_takes_what_matches(self, log: Log, asked: dict[str, Any]) -> None:
        log_filter = il.LogFilter(**asked)
        log.add(_MATCHING)
        log.add(an_entry(2, None))
        assert log.newest(log_filter) == [_MATCHING]
        assert log.figures(log_filter)[0][1].interactions == 1

    @pytest.mark.parametrize("field", ["until", "canceled", "postponed", "attempt_failed"])
    def test_a_filter_leaves_out_what_does_not_match(self, log: Log, field: str) -> None:
        asked: dict[str, Any] = {field: DAY if field == "until" else False}
        other = {"date": DAY + timedelta(1), "cancel_state": 1, "postponed": True}
        _add(log, other | {"attempt_failed": True}, {})
        assert log.newest(il.LogFilter(**asked)) == [an_entry(2)]

    def test_figures_of_nothing_are_zeros(self, log: Log) -> None:
        assert log.figures(il.LogFilter()) == [(None, Figures(0, Decimal(0), 0))]
        assert log.figures(il.LogFilter(), il.Dimension.CONTACT) == []

    def test_figures_are_exact_sums(self, log: Log) -> None:
        for no in range(1, 11):
            log.add(an_entry(no, cost_lcy="0.1", duration_min=3))
        figures = log.figures(il.LogFilter())
        assert figures == [(None, Figures(10, Decimal(1), 30))]

    @pytest.mark.parametrize("by", [(), (il.Dimension.DATE,), (il.Dimension.DATE,) * 2])
    def test_figures_of_the_greatest_costs_are_exact(
        self, log: Log, by: tuple[il.Dimension, ...]
    ) -> None:
        most = Decimal("999999999999.99999")
        for no in range(1, 101):
            log.add(an_entry(no, cost_lcy=most))
        ((_, figures),) = log.figures(il.LogFilter(), *by)
        assert figures.cost_lcy == Decimal("99999999999999.99900")

    @pytest.mark.parametrize(
        ("dimension", "field"),
        [
            (il.Dimension.CONTACT, "contact_no"),
            (il.Dimension.TEMPLATE, "interaction_template_code"),
            (il.Dimension.GROUP, "interaction_group_code"),
            (il.Dimension.SALESPERSON, "salesperson_code"),
            (il.Dimension.CAMPAIGN, "campaign_no"),
            (il.Dimension.SEGMENT, "segment_no"),
        ],
    )
    def test_split_figures_are_in_the_order_of_their_keys_none_first(
        self, log: Log, dimension: il.Dimension, field: str
    ) -> None:
        for no, value in enumerate(("B", None, "A", "B"), 1):
            log.add(an_entry(no, **{"contact_no": None, field: value}))
        figures = log.figures(il.LogFilter(), dimension)
        counts = [(key, each.interactions) for key, each in figures]
        assert counts == [(None, 1), ("A", 1), ("B", 2)]

    def test_figures_are_split_by_two_dimensions(self, log: Log) -> None:
        for no, (campaign, day) in enumerate([("B", 1), (None, 0), ("B", 0), ("B", 0)], 1):
            log.add(an_entry(no, campaign_no=campaign, date=DAY + timedelta(day), cost_lcy="0.1"))
        two = il.Dimension.CAMPAIGN, il.Dimension.DATE
        assert log.figures(il.LogFilter(), *two) == [
            ((None, "2026-01-26"), Figures(1, Decimal("0.1"), 0)),
            (("B", "2026-01-26"), Figures(2, Decimal("0.2"), 0)),
            (("B", "2026-01-27"), Figures(1, Decimal("0.1"), 0)),
        ]
        assert log.figures(il.LogFilter(campaign_no="C"), *two) == []

    def test_figures_by_date_have_iso_dates_as_keys(self, log: Log) -> None:
        log.add(an_entry(1, date=DAY + timedelta(1)))
        log.add(an_entry(2))
        figures = log.figures(il.LogFilter(), il.Dimension.DATE)
        assert [key for key, _ in figures] == ["2026-01-26", "2026-01-27"]

    def test_canceling_counts_the_matching_entries_and_leaves_others(self, begin: Begin) -> None:
        with begin() as work:
            _add(work.interactions, *({"logged_segment_entry_no": no} for no in (5, 5, None)))
            wave = il.LogFilter(logged_segment_entry_no=5)
            count = work.interactions.set_canceled(wave, CancelState.LOGGED_SEGMENT, canceled=True)
        assert count == 2
        with begin() as work:
            states = [work.interactions.get(no).cancel_state for no in (1, 2, 3)]
        assert states == [2, 2, 0]

    def test_clearing_one_reason_leaves_the_others(self, log: Log) -> None:
        log.add(an_entry(1, cancel_state=CancelState.OWN))
        for canceled, state in ((True, 3), (False, CancelState.OWN)):
            log.set_canceled(il.LogFilter(), CancelState.LOGGED_SEGMENT, canceled=canceled)
            assert log.get(1).cancel_state == state


class WaveContract(Contract):
    """What every `InteractionLogRepository` promises of waves. Needs a ``begin`` fixture."""

    def test_entries_of_a_logged_segment_come_in_chunks_by_number(self, log: Log) -> None:
        for no, wave in ((4, 7), (1, 7), (2, 8), (3, 7)):
            log.add(an_entry(no, logged_segment_entry_no=wave))
        assert _nos(log.of_logged_segment(7, limit=2)) == [1, 3]
        assert _nos(log.of_logged_segment(7, after=3)) == [4]

    def test_entries_of_some_contacts_come_by_number(self, log: Log) -> None:
        for no, contact_no, wave in ((4, "CT1", 7), (1, "CT2", 7), (2, "CT1", 8), (3, "CT3", 7)):
            log.add(an_entry(no, contact_no, logged_segment_entry_no=wave))
        entries = log.of_logged_segment_with(7, ["CT1", "CT2", "CT9"])
        assert _nos(entries) == [1, 4]
        assert log.of_logged_segment_with(7, []) == []

    def test_evaluated_entries_are_counted_unless_the_line_was_evaluated(self, log: Log) -> None:
        lines = ({"personal_fields": personal} for personal in (0, 4, 8))
        none, elsewhere = {"evaluation": None}, {"logged_segment_entry_no": None}
        common = {"evaluation": il.Evaluation.POSITIVE, "logged_segment_entry_no": 7}
        _add(log, *lines, none, elsewhere, **common)
        assert log.used_further(7, 4) == (2, 0)

    def test_resendings_are_counted_as_such_whether_delivered_or_not(self, log: Log) -> None:
        used = {"correspondence_type": il.CorrespondenceType.EMAIL, "resend_of": 1}
        used |= {"evaluation": il.Evaluation.POSITIVE}
        requested = {"delivery_status": il.DeliveryStatus.REQUESTED}
        elsewhere = ({"logged_segment_entry_no": wave} for wave in (8, None))
        here = (used | requested, used, *(used | other for other in elsewhere))
        _add(log, {}, *here, logged_segment_entry_no=7)
        assert log.used_further(7, 4) == (0, 2)

    def test_entries_that_leave_a_canceled_logged_segment_stay_canceled(self, log: Log) -> None:
        log.add(an_entry(1, logged_segment_entry_no=7, cancel_state=2))
        log.add(an_entry(2, logged_segment_entry_no=7, cancel_state=6))
        log.add(an_entry(3, logged_segment_entry_no=8, cancel_state=2))
        assert log.leave_logged_segment(7) == 2
        entries = [log.get(no) for no in (1, 2, 3)]
        assert [entry.cancel_state for entry in entries] == [1, 5, 2]
        assert [entry.logged_segment_entry_no for entry in entries] == [None, None, 8]

    def test_entries_are_canceled_by_a_campaign_entry_that_leaves_with_them(
        self, work: Work
    ) -> None:
        for no, register_no in ((8, 7), (9, 6)):
            work.campaign_entries.add(a_campaign_entry(no, register_no=register_no))
        for no, parent in ((1, 8), (2, 9), (3, None)):
            values: dict[str, Any] = {"cancel_state": 2, "campaign_entry_no": parent}
            work.interactions.add(an_entry(no, logged_segment_entry_no=7, **values))
        assert work.interactions.leave_logged_segment(7) == 3
        assert [work.interactions.get(no).cancel_state for no in (1, 2, 3)] == [5, 1, 1]

    def test_entries_that_leave_a_campaign_entry_keep_whether_they_count(self, log: Log) -> None:
        for no, state in ((1, 4), (2, 0), (3, 6)):
            log.add(an_entry(no, campaign_no="CP1", campaign_entry_no=9, cancel_state=state))
        other = an_entry(4, campaign_no="CP1", campaign_entry_no=8, cancel_state=4)
        log.add(other)
        log.leave_campaign_entry("CP1", 9)
        assert log.get(4) == other
        entries = [log.get(no) for no in (1, 2, 3)]
        assert [entry.cancel_state for entry in entries] == [1, 0, 3]
        assert {entry.campaign_entry_no for entry in entries} == {None}
        assert {entry.campaign_no for entry in entries} == {"CP1"}

    def test_contacts_are_counted_each_once(self, log: Log) -> None:
        for no, contact_no in enumerate(["CT1", "CT1", "CT2"], 1):
            log.add(an_entry(no, contact_no, campaign_no="CP1"))
        log.add(an_entry(4, "CT3"))
        assert log.count_contacts(il.LogFilter(campaign_no="CP1")) == 2
        assert log.count_contacts(il.LogFilter(campaign_no="CP9")) == 0

    def test_target_companies_are_those_of_live_logged_targets(self, log: Log) -> None:
        targets: list[dict[str, Any]] = [
            {"contact_company_no": "C1"},
            {"contact_company_no": None},
            {"contact_company_no": "C2", "cancel_state": 1},
            {"contact_company_no": "C3", "postponed": True},
            {"contact_company_no": "C4", "campaign_target": False},
            {"contact_company_no": "C5", "campaign_no": "CP2"},
        ]
        _add(log, *targets, campaign_no="CP1", campaign_target=True)
        assert log.target_companies("CP1") == {"C1", None}


class IdempotencyKeyContract(Contract):
    """What every `IdempotencyKeyRepository` promises. Needs a ``begin`` fixture."""

    def test_keys_before_an_instant_are_forgotten_and_counted(self, work: Work) -> None:
        for days in range(3):
            work.idempotency_keys.add(a_key(f"k{days}", recorded_at=MOMENT + timedelta(days)))
        assert work.idempotency_keys.forget(MOMENT + timedelta(2)) == 2
        assert work.idempotency_keys.find("k1") is None
        assert work.idempotency_keys.find("k2") is not None
