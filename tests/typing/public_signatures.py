"""Checked by mypy and pyright and never run: the types that an application relies on."""

from __future__ import annotations

import sqlite3
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
    assert_type(il.Statistics(work).of(il.LogFilter(campaign_no="CP1")), il.results.Figures)


def of_stores(store: il.MemoryStore, host: il.HostStore) -> None:
    assert_type(store.run(lambda work: work.contacts.get("CT1"), user_id="HELENA"), il.Contact)
    il.BatchRun(store, user_id="HELENA").log("SM1")
    il.BatchRun(host, user_id="HELENA")  # type: ignore[arg-type]  # a host's store owns nothing


class Directory(il.ports.SalespersonDirectory):
    """A directory of salespeople over a connection of the host."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def find(self, code: str, /) -> il.Salesperson | None:
        return None

    def with_e_mail(self, e_mail: str) -> list[il.Salesperson]:
        return []


def of_hosts(connection: sqlite3.Connection) -> None:
    with il.HostStore(salespeople=Directory) as host, host.join(connection, user_id="X") as work:
        put_setup(work)
        read(work)
    il.HostStore(salespeople=Directory(connection))
    il.HostStore(salespeople=lambda transaction: Directory(transaction.connection))
    il.HostStore(users=Directory)  # type: ignore[arg-type]  # finds no users


def of_any_store(store: il.MemoryStore | il.SqliteStore | il.PostgresStore) -> None:
    with store, store.begin(user_id="HELENA") as work:
        put_setup(work)
        read(work)
    with store.read() as work:
        assert_type(work.tenant, str)
    assert_type(store.run(lambda work: work.users.all(), user_id="HELENA"), Sequence[il.User])


def put_setup(work: il.ports.StoreUnitOfWork) -> None:
    work.contacts.put_membership(
        il.Membership(contact_no="CT1", code="X", kind=il.MembershipKind.MAILING_GROUP)
    )
    work.salespeople.put(il.Salesperson(code="HR"))
    work.users.put(il.User(user_id="HELENA"))
    work.marketing_setup.put(il.MarketingSetup(segment_nos="SEGM"))
    work.contacts = work.contacts  # type: ignore[misc]  # read only


def read(work: il.ports.UnitOfWork) -> None:
    assert_type(work.contacts.find("CT1"), il.Contact | None)
    assert_type(work.templates, il.ports.Records[il.InteractionTemplate])
    assert_type(il.numbering.NumberSeries(work).next("X"), il.numbering.DrawnNumber)
    work.contacts.put(il.Contact(no="CT1"))  # type: ignore[attr-defined]  # a host may not have it
