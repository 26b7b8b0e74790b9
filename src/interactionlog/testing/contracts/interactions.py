"""What the log, its timeline and its idempotency keys promise."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from interactionlog.contacts.directory import ContactSummary
from interactionlog.errors import DuplicateEntryError, EntryNotFoundError, NotFoundError
from interactionlog.interactions.entry import CancelState
from interactionlog.interactions.idempotency import IdempotencyKey
from interactionlog.interactions.repository import (
    Dimension,
    Figures,
    LogFilter,
    LoggedLine,
    Logging,
    Position,
)
from interactionlog.segments.logging.entries import entry_of_line
from interactionlog.testing.builders import (
    DAY,
    MOMENT,
    Begin,
    a_comment,
    a_line,
    a_segment,
    an_entry,
)
from interactionlog.values import (
    CorrespondenceType,
    DeliveryStatus,
    DocumentType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
)

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
_STANDING = ContactSummary(
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

    def test_a_segment_without_entries_adds_nothing(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add_of_segment(Logging("SM00001", 4, "BEA", MOMENT), [])
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


class TimelineContract:
    """What the log promises about pages, figures and canceling. Needs a ``begin`` fixture."""

    def test_the_newest_come_first_by_date_then_by_number(self, begin: Begin) -> None:
        with begin() as work:
            for no, days in ((1, 0), (2, 1), (3, 0), (4, -1)):
                work.interactions.add(an_entry(no, date=DAY + timedelta(days)))
            assert [each.entry_no for each in work.interactions.newest(LogFilter())] == [2, 3, 1, 4]

    def test_a_page_goes_on_where_the_last_one_ended(self, begin: Begin) -> None:
        with begin() as work:
            for no in range(1, 8):
                work.interactions.add(an_entry(no, date=DAY + timedelta(no // 3)))
            seen, before = [], None
            while page := work.interactions.newest(LogFilter(), before=before, limit=2):
                assert len(page) <= 2
                seen += [each.entry_no for each in page]
                before = Position(page[-1].date, page[-1].entry_no)
        assert seen == [7, 6, 5, 4, 3, 2, 1]

    def test_a_page_above_another_one_ends_where_that_began(self, begin: Begin) -> None:
        with begin() as work:
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

    def test_a_document_is_found_with_its_reprints(self, begin: Begin) -> None:
        key = (DocumentType.SALES_INVOICE, "103001", 1, 2)
        names = ("document_type", "document_no", "doc_no_occurrence", "version_no")
        document: dict[str, Any] = dict(zip(names, key, strict=True))
        with begin() as work:
            work.interactions.add(an_entry(1, **document, reprint_no=1))
            work.interactions.add(an_entry(2, **document))
            work.interactions.add(an_entry(3, "CT000002", **document))
            work.interactions.add(an_entry(4, **document, resend_of=2))
            work.interactions.add(an_entry(5, **{**document, "version_no": 3}))
            found = work.interactions.of_document(*key, "CT000001")
        assert [each.entry_no for each in found] == [2, 1]

    def test_a_timeline_holds_postponed_and_canceled_entries_too(self, begin: Begin) -> None:
        with begin() as work:
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
        self, begin: Begin, log_filter: LogFilter
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
        with begin() as work:
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
        self, begin: Begin, log_filter: LogFilter
    ) -> None:
        with begin() as work:
            work.interactions.add(
                an_entry(
                    1,
                    date=DAY + timedelta(1),
                    cancel_state=1,
                    postponed=True,
                    attempt_failed=True,
                )
            )
            work.interactions.add(an_entry(2))
            assert work.interactions.newest(log_filter) == [an_entry(2)]

    def test_figures_of_nothing_are_zeros(self, begin: Begin) -> None:
        with begin() as work:
            assert work.interactions.figures(LogFilter()) == [(None, Figures(0, Decimal(0), 0))]
            assert work.interactions.figures(LogFilter(), Dimension.CONTACT) == []

    def test_figures_are_exact_sums(self, begin: Begin) -> None:
        with begin() as work:
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
        self, begin: Begin, dimension: Dimension, field: str
    ) -> None:
        with begin() as work:
            for no, value in enumerate(("B", None, "A", "B"), 1):
                work.interactions.add(an_entry(no, **{"contact_no": None, field: value}))
            figures = work.interactions.figures(LogFilter(), dimension)
        assert [(key, each.interactions) for key, each in figures] == [
            (None, 1),
            ("A", 1),
            ("B", 2),
        ]

    def test_figures_by_date_have_iso_dates_as_keys(self, begin: Begin) -> None:
        with begin() as work:
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

    def test_clearing_one_reason_leaves_the_others(self, begin: Begin) -> None:
        with begin() as work:
            work.interactions.add(an_entry(1, cancel_state=CancelState.OWN))
            everything = LogFilter()
            work.interactions.set_canceled(everything, CancelState.LOGGED_SEGMENT, canceled=True)
            assert work.interactions.get(1).cancel_state == 3
            work.interactions.set_canceled(everything, CancelState.LOGGED_SEGMENT, canceled=False)
            assert work.interactions.get(1).cancel_state == CancelState.OWN


def _a_key(key: str = "k1", **values: Any) -> IdempotencyKey:
    defaults = {"operation": "finish", "result_kind": "finish", "recorded_at": MOMENT}
    return IdempotencyKey(key=key, fingerprint="0" * 64, **{**defaults, **values})


class IdempotencyKeyContract:
    """What every `IdempotencyKeyRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_key_comes_back_equal_and_its_case_counts(self, begin: Begin) -> None:
        with begin() as work:
            work.idempotency_keys.add(_a_key(result_no="7", user_id="TESTER"))
        with begin() as work:
            assert work.idempotency_keys.find("k1") == _a_key(result_no="7", user_id="TESTER")
            assert work.idempotency_keys.find("K1") is None

    def test_a_taken_key_is_refused_and_the_first_one_stays(self, begin: Begin) -> None:
        with begin() as work:
            work.idempotency_keys.add(_a_key())
            with pytest.raises(DuplicateEntryError), work.atomic():
                work.idempotency_keys.add(_a_key(operation="log"))
            assert work.idempotency_keys.find("k1") == _a_key()

    def test_a_key_is_overwritten_only_if_it_is_there(self, begin: Begin) -> None:
        with begin() as work:
            with pytest.raises(NotFoundError), work.atomic():
                work.idempotency_keys.replace(_a_key())
            work.idempotency_keys.add(_a_key())
            work.idempotency_keys.replace(attrs.evolve(_a_key(), result_no="7"))
            assert work.idempotency_keys.find("k1") == _a_key(result_no="7")

    def test_keys_before_an_instant_are_forgotten_and_counted(self, begin: Begin) -> None:
        with begin() as work:
            for days in range(3):
                work.idempotency_keys.add(_a_key(f"k{days}", recorded_at=MOMENT + timedelta(days)))
            assert work.idempotency_keys.forget(MOMENT + timedelta(2)) == 2
            assert work.idempotency_keys.find("k1") is None
            assert work.idempotency_keys.find("k2") is not None
