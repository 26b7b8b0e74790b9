"""Another tenant with records under the keys that contracts use; nothing of it may be seen or changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs

import interactionlog as il
from interactionlog.delivery.delivery import DeliveryReceipt
from interactionlog.interactions.entry import CancelState, LogComment
from interactionlog.numbering.series import NoSeries
from interactionlog.privacy import Consent, Suppression
from interactionlog.segments.logging.logged_segments import LeftOutLine
from interactionlog.segments.segment import CriteriaStep
from interactionlog.testing.builders import (
    DAY,
    MOMENT,
    a_campaign_entry,
    a_comment,
    a_delivery,
    a_key,
    a_language,
    a_line,
    a_logged_segment,
    a_number_line,
    a_receipt,
    a_step,
    add_segment,
    an_attachment,
    an_entry,
)
from interactionlog.testing.contracts.contacts import put_contacts
from interactionlog.testing.contracts.people import SALESPEOPLE, USERS

_CONTACTS = [f"CT{number}" for number in range(1, 10)]


NAME = "NEIGHBOUR"


def rows_in(path: Path) -> dict[str, set[Any]]:
    """Return what a SQLite file has of the neighbour, by table."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
        found = {}
        for name, sql in tables.fetchall():
            if "tenant" in sql:
                asked = f"SELECT * FROM {name} WHERE tenant = ?"  # noqa: S608
                found[name] = set(connection.execute(asked, [NAME]))
        return found


def settle(work: Any) -> None:
    """Store records of every kind."""
    _people(work)
    _log(work)
    for no in ("SM00001", "SM00002"):
        _segment(work, no)
    _contents(work)
    work.numbers.series.add(NoSeries(code="SEGM", ledger=True))
    work.numbers.lines.add(a_number_line(10_000))
    il.numbering.NumberSeries(work).next_many("SEGM", 20)


def _people(work: Any) -> None:
    put_contacts(work.contacts)
    for contact in work.contacts.all():
        work.contacts.put(attrs.evolve(contact, e_mail="other@x.example", language_code="XX"))
    customer: dict[str, Any] = {"link_to_table": "Customer", "linked_no": "1"}
    for no in (*_CONTACTS, "C2", "CT000001"):
        work.contacts.put(il.Contact(no=no, name="Somebody else!", company_no=no))
        relation = il.MembershipKind.BUSINESS_RELATION
        member = il.Membership(contact_no=no, kind=relation, code="CUST", **customer)
        work.contacts.put_membership(member)
    for salesperson in SALESPEOPLE:
        work.salespeople.put(salesperson)
    for user in USERS:
        work.users.put(user)
    for number, no in enumerate(("C1", "C2", "C3"), 1):
        said: dict[str, Any] = {"purpose_code": None, "channel": None, "given": False}
        consent = Consent(entry_no=number, contact_no=no, date=DAY, recorded_at=MOMENT, **said)
        work.records(Consent).add(consent)
    for channel in (None, "MAIL", "LETTER"):
        found = Suppression(address="eve@beta.example", channel=channel, recorded_at=MOMENT)
        work.suppressions.put(found)


def _segment(work: Any, no: str) -> None:
    add_segment(work, no, [*_CONTACTS, *_CONTACTS])
    lines: dict[str, Any] = {"campaign_no": "CP1", "campaign_target": True, "attachment_no": 1}
    work.segments.set_lines(no, range(10_000, 190_000, 10_000), **lines)
    for line_no in (0, 10_000, 20_000):
        for code in (None, "DAN", "ENU", "XXX"):
            language = a_language(segment_no=no, segment_line_no=line_no, language_code=code)
            work.segments.put_language(language)
    for step_no in (1, 2, 3):
        work.records(CriteriaStep).add(a_step(step_no, no))
        work.segments.remove_by_step(no, step_no, [160_000 + 10_000 * step_no - 10_000])
        line = a_line(200_000 + step_no, "CT9", no, added_by_step=step_no)
        work.segments.add_lines([line])


def _log(work: Any) -> None:
    for no, segment_no in ((3, "SM3"), (4, "SM4"), (7, "SM00001"), (8, "SM00008")):
        work.logged_segments.add(a_logged_segment(no, segment_no, follow_up_of=7))
        lines = [a_line(10_000 * place, f"CT{place}", segment_no) for place in (1, 2, 3)]
        left_out = [LeftOutLine(line=line, reasons=("no-contact",)) for line in lines]
        work.logged_segments.add_left_out(no, left_out)
        work.segments.put_language(a_language(segment_no=segment_no))
        work.logged_segments.hand_over(segment_no, no)
    for no in range(1, 11):
        contact_no = ("CT1", "CT2", "P1", "P3", "CT000001")[no % 5]
        values: dict[str, Any] = {"logged_segment_entry_no": 7, "campaign_no": "CP1"}
        values |= {"cancel_state": CancelState.OWN if no % 2 else 0, "campaign_entry_no": no}
        values |= {"evaluation": il.Evaluation.POSITIVE, "campaign_target": True}
        values |= {"contact_company_no": "NOBODY"}
        values |= {"correspondence_type": il.CorrespondenceType.EMAIL}
        values |= {"delivery_status": il.DeliveryStatus.REQUESTED}
        values |= {"resend_of": 1 if no > 8 else None, "attachment_no": no}
        work.interactions.add(an_entry(no, contact_no, **values))
        work.records(LogComment).add(a_comment(no))
        work.deliveries.add(a_delivery(no))
        work.records(DeliveryReceipt).add(a_receipt(no))
        campaign: dict[str, Any] = {"register_no": 4 if no < 6 else 3, "cancel_state": 3}
        work.campaign_entries.add(a_campaign_entry(no, f"CP{no}", segment_no="S1", **campaign))
    for no in range(3):
        work.idempotency_keys.add(a_key(f"k{no}"))


def _contents(work: Any) -> None:
    for no, sign in ((1, "a"), (2, "b"), (3, "c"), (6, "d")):
        work.attachments.add(an_attachment(no, sign * 64))
        work.attachments.put_content(sign * 64, 0, b"somebody else's")
