"""Checked by mypy and never run: the types that an application relies on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

import interactionlog as il


def of_interactions(store: il.SqliteStore) -> None:
    with store.begin(user_id="HELENA") as work:
        work.contacts.put(il.Contact(no="CT1", company_no="CT1"))
        interactions = il.InteractionService(work)
        draft = interactions.start("CT1", interaction_template_code="CALL", cost_lcy="7.25")
        assert_type(draft, il.InteractionDraft)
        assert_type(interactions.finish(draft), il.InteractionLogEntry)
        assert_type(interactions.check(draft), Sequence[il.Problem])
        interactions.change(draft, cost=7)  # type: ignore[call-arg]  # no such field
        interactions.change(draft, duration_min="7")  # type: ignore[arg-type]  # not a number


def of_segments(work: il.ports.UnitOfWork) -> None:
    segment = il.SegmentService(work).create("Letter", campaign_no="CP1")
    assert_type(segment, il.Segment)
    plan = il.SegmentLogger(work).plan(segment.no)
    assert_type(plan, il.SegmentPlan)
    assert_type(il.SegmentLogger(work).log(segment.no, plan=plan), il.LoggedSegment)
    assert_type(il.SegmentLogger(work).undo(segment.no), il.Segment)
    assert_type(il.Statistics(work).of_campaign("CP1"), il.results.Figures)


def of_stores(store: il.MemoryStore, host: il.HostStore) -> None:
    assert_type(store.run(lambda work: work.contacts.get("CT1"), user_id="HELENA"), il.Contact)
    il.BatchRun(store, user_id="HELENA").log("SM1")
    il.BatchRun(host, user_id="HELENA")  # type: ignore[arg-type]  # a host's store owns nothing
