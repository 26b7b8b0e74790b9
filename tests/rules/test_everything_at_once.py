"""Services in a company that has everything: they change what they name and leave the rest alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

import interactionlog as il
from interactionlog.integrity import check_integrity


def consistent(company):
    with company.read() as work:
        return [fault for fault in check_integrity(work) if fault.broken] == []


def test_the_company_is_consistent(company):
    assert consistent(company)
    with company.read() as work:
        assert [line.contact_no for line in work.segments.lines_after(company.open, 0)] == [
            "C",
            "P",
            "D",
        ]
        assert company.logged.counts == {"logged": 2}


def test_another_thread_sees_what_was_committed(company):
    no = company.on_another_thread(lambda work: il.SegmentService(work).create("Next").no)
    assert no == "SM00003"
    with company.read() as work:
        assert work.segments.get(no).salesperson_code == "SP1"
