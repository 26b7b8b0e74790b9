"""What every interaction log promises about pages, figures and canceling."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from interactionlog.enumerations import DocumentType, Evaluation, InformationFlow, InitiatedBy
from interactionlog.interactions.log_entry import CancelState
from interactionlog.interactions.log_filter import LogFilter, Position
from interactionlog.interactions.repository import Dimension, Figures
from interactionlog.testing.begin import Begin
from interactionlog.testing.builders import DAY, an_entry

__all__ = ["TimelineContract"]


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
