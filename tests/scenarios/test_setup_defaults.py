"""Area "Defaults taken from setup"."""

from __future__ import annotations

import pytest

from company import add_salesperson, add_segment_series, add_user
from interactionlog.errors import SetupMissingError
from interactionlog.segments.service import SegmentService
from interactionlog.templates.template import MarketingSetup


@pytest.mark.scenario("MarketingSetup.CheckSegmentWithSetup")
def test_a_segment_without_number_gets_the_next_one_of_the_series_in_the_setup(begin):
    with begin() as work:
        add_segment_series(work)
        segment = SegmentService(work).create("Spring")
        assert work.segments.get("SM00001") == segment
    assert (segment.no, segment.no_series) == ("SM00001", "SEG")


@pytest.mark.scenario("MarketingSetup.CheckSegmentWOSetup")
def test_a_segment_without_number_needs_a_series_in_the_setup(begin):
    with begin() as work:
        work.marketing_setup.put(MarketingSetup())
        with pytest.raises(SetupMissingError) as refused:
            SegmentService(work).create("Spring")
        assert refused.value.field == "segment_nos"
        assert not work.segments.all()


@pytest.mark.scenario("MarketingDefaulting.CreateSegment")
def test_a_segment_has_the_users_own_salesperson(begin):
    with begin() as work:
        add_segment_series(work)
        add_salesperson(work, "SPU")
        add_user(work, salesperson_code="SPU")
        assert SegmentService(work).create("Spring").salesperson_code == "SPU"
