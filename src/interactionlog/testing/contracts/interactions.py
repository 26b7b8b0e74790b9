"""What the log, its timeline and its idempotency keys promise."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from interactionlog.errors import DuplicateEntryError, EntryNotFoundError
from interactionlog.interactions.entry import CancelState
from interactionlog.interactions.repository import Dimension, Figures, LogFilter, Position
from interactionlog.segments.logging.entries import LoggedLine, Logging, entry_of_line
from interactionlog.testing.builders import (
    DAY,
    MOMENT,
    Begin,
    a_comment,
    a_key,
    a_line,
    a_segment,
    an_entry,
    in_full,
)
from interactionlog.testing.contracts import Contract
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    DeliveryStatus,
    DocumentType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
)

_INVOICE: dict[str, Any] = {"document_type": DocumentType.SALES_INVOICE, "document_no": "INV-1"}


class InteractionLogContract(Contract):
    """What every `InteractionLogRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_entry_comes_back_equal(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7, postponed=True))
        with begin() as work:
            assert work.interactions.get(7) == an_entry(7, postponed=True)

    def test_an_absent_entry_is_not_found(self, work: UnitOfWork) -> None:
        with pytest.raises(EntryNotFoundError) as refused:
            work.interactions.get(7)
        assert refused.value.key == "7"

    def test_find_gives_none_for_an_absent_entry(self, work: UnitOfWork) -> None:
        assert work.interactions.find(7) is None

    def test_a_taken_number_is_refused_and_the_first_entry_stays(self, work: UnitOfWork) -> None:
        work.interactions.add(an_entry(7, "CT000001"))
        with pytest.raises(DuplicateEntryError) as refused, work.atomic():
            work.interactions.add(an_entry(7, "CT000002"))
        assert refused.value.key == "7"
        assert work.interactions.get(7).contact_no == "CT000001"

    def test_a_document_is_logged_once_for_a_contact(self, work: UnitOfWork) -> None:
        work.interactions.add(an_entry(7, **_INVOICE))
        with pytest.raises(DuplicateEntryError), work.atomic():
            work.interactions.add(an_entry(8, **_INVOICE))
        work.interactions.add(an_entry(9, "CT000002", **_INVOICE))

    def test_a_reprint_and_a_resending_of_a_document_are_entries_of_their_own(
        self, work: UnitOfWork
    ) -> None:
        work.interactions.add(an_entry(7, **_INVOICE))
        work.interactions.add(an_entry(8, **_INVOICE, reprint_no=1))
        work.interactions.add(an_entry(9, **_INVOICE, resend_of=7))
        work.interactions.add(an_entry(10, **_INVOICE, resend_of=7))

    def test_a_refused_replacement_leaves_the_entry_as_it_was(self, work: UnitOfWork) -> None:
        work.interactions.add(an_entry(7, **_INVOICE))
        work.interactions.add(an_entry(8))
        with pytest.raises(DuplicateEntryError):
            work.interactions.replace(an_entry(8, **_INVOICE))
        assert work.interactions.get(8) == an_entry(8)

    def test_reserved_numbers_rise(self, work: UnitOfWork) -> None:
        first = work.interactions.reserve_entry_nos(3)
        second = work.interactions.reserve_entry_nos(1)
        assert len(first) == 3
        assert len(second) == 1
        assert max(first) < min(second)

    def test_reserved_numbers_are_above_every_stored_one(self, work: UnitOfWork) -> None:
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
        self, work: UnitOfWork
    ) -> None:
        with pytest.raises(ZeroDivisionError), work.atomic():
            reserved = work.interactions.reserve_entry_nos(5)
            _ = 1 / 0
        work.interactions.add(an_entry(reserved[2]))
        assert min(work.interactions.reserve_entry_nos(1)) > reserved[2]

    @pytest.mark.parametrize("deliver", [True, False])
    def test_entries_of_lines_come_back_equal(self, begin: Begin, deliver: bool) -> None:
        lines = [a_line(10_000, "CT1"), in_full(a_line(20_000, "CT2")), a_line(30_000, "CT3")]
        logging = Logging("SM00001", 4, "BEA", MOMENT)
        requested = DeliveryStatus.REQUESTED if deliver else None
        with begin() as work:
            work.segments.add(a_segment())
            work.segments.add_lines(lines)
            numbers = work.interactions.reserve_entry_nos(2)
            logged = [
                LoggedLine(numbers[0], 10_000, None, None, 8, 0),
                LoggedLine(numbers[1], 20_000, 5, requested, None, 3),
            ]
            work.interactions.add_of_segment(logging, logged)
        with begin() as work:
            assert work.interactions.of_logged_segment(4) == [
                entry_of_line()(logging, each, line)
                for each, line in zip(logged, lines, strict=False)
            ]

    def test_a_segment_without_entries_adds_nothing(self, work: UnitOfWork) -> None:
        work.interactions.add_of_segment(Logging("SM00001", 4, "BEA", MOMENT), [])
        assert work.interactions.newest(LogFilter()) == []

    def test_replace_overwrites_the_entry(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(7))
            work.interactions.replace(an_entry(7, evaluation=Evaluation.POSITIVE))
        with begin() as work:
            assert work.interactions.get(7).evaluation is Evaluation.POSITIVE

    def test_an_absent_entry_cannot_be_replaced(self, work: UnitOfWork) -> None:
        with pytest.raises(EntryNotFoundError):
            work.interactions.replace(an_entry(7))

    def test_an_absent_entry_cannot_be_removed(self, work: UnitOfWork) -> None:
        with pytest.raises(EntryNotFoundError):
            work.interactions.remove(7)

    def test_an_entry_goes_with_its_comments(self, work: UnitOfWork) -> None:
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

    def test_a_comment_takes_the_place_of_the_one_with_its_number(self, work: UnitOfWork) -> None:
        work.interactions.put_comment(a_comment(7))
        work.interactions.put_comment(a_comment(7, comment="better"))
        assert work.interactions.comments(7) == [a_comment(7, comment="better")]

    def test_removing_comments_leaves_those_of_other_entries(self, work: UnitOfWork) -> None:
        work.interactions.put_comment(a_comment(7))
        work.interactions.put_comment(a_comment(8))
        work.interactions.remove_comments(7)
        work.interactions.remove_comments(7)
        assert work.interactions.comments(7) == []
        assert work.interactions.comments(8) == [a_comment(8)]


class TimelineContract(Contract):
    """What the log promises about pages, figures and canceling. Needs a ``begin`` fixture."""

    def test_the_newest_come_first_by_date_then_by_number(self, work: UnitOfWork) -> None:
        for no, days in ((1, 0), (2, 1), (3, 0), (4, -1)):
            work.interactions.add(an_entry(no, date=DAY + timedelta(days)))
        assert [each.entry_no for each in work.interactions.newest(LogFilter())] == [2, 3, 1, 4]

    def test_a_page_goes_on_where_the_last_one_ended(self, work: UnitOfWork) -> None:
        for no in range(1, 8):
            work.interactions.add(an_entry(no, date=DAY + timedelta(no // 3)))
        seen, before = [], None
        while page := work.interactions.newest(LogFilter(), before=before, limit=2):
            assert len(page) <= 2
            seen += [each.entry_no for each in page]
            before = Position(page[-1].date, page[-1].entry_no)
        assert seen == [7, 6, 5, 4, 3, 2, 1]

    def test_a_page_above_another_one_ends_where_that_began(self, work: UnitOfWork) -> None:
        for no in range(1, 8):
            work.interactions.add(an_entry(no, date=DAY + timedelta(no // 3)))
        seen: list[int] = []
        after: Position | None = Position(DAY, 0)
        while page := work.interactions.newest(LogFilter(), after=after, limit=2):
            seen = [each.entry_no for each in page] + seen
            after = Position(page[0].date, page[0].entry_no)
        between = work.interactions.newest(
            LogFilter(), before=Position(DAY + timedelta(1), 5), after=Position(DAY, 1)
        )
        assert seen == [7, 6, 5, 4, 3, 2, 1]
        assert [each.entry_no for each in between] == [4, 3, 2]

    def test_a_document_is_found_with_its_reprints(self, work: UnitOfWork) -> None:
        key = (DocumentType.SALES_INVOICE, "103001", 1, 2)
        names = ("document_type", "document_no", "doc_no_occurrence", "version_no")
        document: dict[str, Any] = dict(zip(names, key, strict=True))
        work.interactions.add(an_entry(1, **document, reprint_no=1))
        work.interactions.add(an_entry(2, **document))
        work.interactions.add(an_entry(3, "CT000002", **document))
        work.interactions.add(an_entry(4, **document, resend_of=2))
        work.interactions.add(an_entry(5, **{**document, "version_no": 3}))
        found = work.interactions.of_document(*key, "CT000001")
        assert [each.entry_no for each in found] == [2, 1]

    def test_a_timeline_holds_postponed_and_canceled_entries_too(self, work: UnitOfWork) -> None:
        work.interactions.add(an_entry(1, postponed=True))
        work.interactions.add(an_entry(2, cancel_state=1))
        newest = work.interactions.newest(LogFilter(contact_no="CT000001"))
        assert [each.entry_no for each in newest] == [2, 1]

    @pytest.mark.parametrize(
        "log_filter",
        [
            LogFilter(contact_no="ct1"),
            LogFilter(contact_company_no="CT9"),
            LogFilter(salesperson_code="HR"),
            LogFilter(interaction_template_code="CALL"),
            LogFilter(interaction_group_code="PHONE"),
            LogFilter(campaign_no="CP1001"),
            LogFilter(campaign_entry_no=3),
            LogFilter(opportunity_no="OP1"),
            LogFilter(to_do_no="TD1"),
            LogFilter(segment_no="SM00001"),
            LogFilter(logged_segment_entry_no=4),
            LogFilter(host_ref="sale.order,7"),
            LogFilter(since=DAY + timedelta(1)),
            LogFilter(information_flow=InformationFlow.INBOUND),
            LogFilter(initiated_by=InitiatedBy.THEM),
            LogFilter(attempt_failed=True),
            LogFilter(evaluation=Evaluation.POSITIVE),
            LogFilter(canceled=True),
            LogFilter(postponed=True),
            LogFilter(contact_no="CT1", canceled=True, since=DAY),
        ],
        ids=lambda log_filter: " ".join(name for name, _ in log_filter.conditions()),
    )
    def test_a_filter_takes_the_entries_that_it_means(
        self, work: UnitOfWork, log_filter: LogFilter
    ) -> None:
        meant = an_entry(
            1,
            "CT1",
            contact_company_no="CT9",
            salesperson_code="HR",
            interaction_template_code="CALL",
            interaction_group_code="PHONE",
            campaign_no="CP1001",
            campaign_entry_no=3,
            opportunity_no="OP1",
            to_do_no="TD1",
            segment_no="SM00001",
            logged_segment_entry_no=4,
            host_ref="sale.order,7",
            date=DAY + timedelta(1),
            information_flow=InformationFlow.INBOUND,
            initiated_by=InitiatedBy.THEM,
            attempt_failed=True,
            evaluation=Evaluation.POSITIVE,
            cancel_state=2,
            postponed=True,
        )
        work.interactions.add(meant)
        work.interactions.add(an_entry(2, None))
        assert work.interactions.newest(log_filter) == [meant]
        assert work.interactions.figures(log_filter)[0][1].interactions == 1

    @pytest.mark.parametrize(
        "log_filter",
        [
            LogFilter(until=DAY),
            LogFilter(canceled=False),
            LogFilter(postponed=False),
            LogFilter(attempt_failed=False),
        ],
        ids=["until", "live", "logged", "succeeded"],
    )
    def test_a_filter_leaves_out_the_entries_that_it_does_not_mean(
        self, work: UnitOfWork, log_filter: LogFilter
    ) -> None:
        work.interactions.add(
            an_entry(
                1, date=DAY + timedelta(1), cancel_state=1, postponed=True, attempt_failed=True
            )
        )
        work.interactions.add(an_entry(2))
        assert work.interactions.newest(log_filter) == [an_entry(2)]

    def test_figures_of_nothing_are_zeros(self, work: UnitOfWork) -> None:
        assert work.interactions.figures(LogFilter()) == [(None, Figures(0, Decimal(0), 0))]
        assert work.interactions.figures(LogFilter(), Dimension.CONTACT) == []

    def test_figures_are_exact_sums(self, work: UnitOfWork) -> None:
        for no in range(1, 11):
            work.interactions.add(an_entry(no, cost_lcy="0.1", duration_min=3))
        figures = work.interactions.figures(LogFilter())
        assert figures == [(None, Figures(10, Decimal(1), 30))]

    @pytest.mark.parametrize(
        ("dimension", "field"),
        [
            (Dimension.CONTACT, "contact_no"),
            (Dimension.TEMPLATE, "interaction_template_code"),
            (Dimension.GROUP, "interaction_group_code"),
            (Dimension.SALESPERSON, "salesperson_code"),
            (Dimension.CAMPAIGN, "campaign_no"),
            (Dimension.SEGMENT, "segment_no"),
        ],
    )
    def test_split_figures_are_in_the_order_of_their_keys_none_first(
        self, work: UnitOfWork, dimension: Dimension, field: str
    ) -> None:
        for no, value in enumerate(("B", None, "A", "B"), 1):
            work.interactions.add(an_entry(no, **{"contact_no": None, field: value}))
        figures = work.interactions.figures(LogFilter(), dimension)
        assert [(key, each.interactions) for key, each in figures] == [
            (None, 1),
            ("A", 1),
            ("B", 2),
        ]

    def test_figures_by_date_have_iso_dates_as_keys(self, work: UnitOfWork) -> None:
        work.interactions.add(an_entry(1, date=DAY + timedelta(1)))
        work.interactions.add(an_entry(2))
        figures = work.interactions.figures(LogFilter(), Dimension.DATE)
        assert [key for key, _ in figures] == ["2026-01-26", "2026-01-27"]

    def test_canceling_touches_the_entries_that_are_meant_and_counts_them(
        self, begin: Begin
    ) -> None:
        with begin() as work:
            for no, segment in ((1, 5), (2, 5), (3, None)):
                work.interactions.add(an_entry(no, logged_segment_entry_no=segment))
            wave = LogFilter(logged_segment_entry_no=5)
            count = work.interactions.set_canceled(wave, CancelState.LOGGED_SEGMENT, canceled=True)
        assert count == 2
        with begin() as work:
            states = [work.interactions.get(no).cancel_state for no in (1, 2, 3)]
        assert states == [2, 2, 0]

    def test_clearing_one_reason_leaves_the_others(self, work: UnitOfWork) -> None:
        work.interactions.add(an_entry(1, cancel_state=CancelState.OWN))
        everything = LogFilter()
        work.interactions.set_canceled(everything, CancelState.LOGGED_SEGMENT, canceled=True)
        assert work.interactions.get(1).cancel_state == 3
        work.interactions.set_canceled(everything, CancelState.LOGGED_SEGMENT, canceled=False)
        assert work.interactions.get(1).cancel_state == CancelState.OWN


class IdempotencyKeyContract(Contract):
    """What every `IdempotencyKeyRepository` promises. Needs a ``begin`` fixture."""

    def test_keys_before_an_instant_are_forgotten_and_counted(self, work: UnitOfWork) -> None:
        for days in range(3):
            work.idempotency_keys.add(a_key(f"k{days}", recorded_at=MOMENT + timedelta(days)))
        assert work.idempotency_keys.forget(MOMENT + timedelta(2)) == 2
        assert work.idempotency_keys.find("k1") is None
        assert work.idempotency_keys.find("k2") is not None
