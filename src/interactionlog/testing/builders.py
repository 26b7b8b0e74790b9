"""The shortest valid objects; every field can be set by its name."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import EnumMeta
from typing import Any, Protocol, TypeVar, cast

import attrs

import interactionlog as il
from interactionlog import values as kinds
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.contacts.directory import ContactRepository
from interactionlog.delivery.delivery import Delivery, DeliveryEvent, DeliveryReceipt
from interactionlog.interactions.entry import LogComment
from interactionlog.interactions.idempotency import IdempotencyKey
from interactionlog.numbering.series import NoSeriesLine
from interactionlog.segments.inheritance import OF_HEADER
from interactionlog.segments.segment import CriteriaStep, SegmentLanguage
from interactionlog.unit_of_work import Records, UnitOfWork
from interactionlog.values import LoggedSegmentState

E = TypeVar("E")


class Begin(Protocol):
    """
    What the fixture ``begin`` gives: units of work on one and the same store, empty at first.

    An adapter's author writes this fixture and a subclass of each contract, and nothing else.
    """

    def __call__(self, *, user_id: str = "TESTER") -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that keeps its work when the block ends normally."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that sees the last commit and writes nothing."""

    def tenant(self, name: str) -> Begin:
        """Return the same for another tenant of the same database."""


def contacts_of(work: UnitOfWork) -> ContactRepository:
    """Return the contacts of a store that keeps them itself."""
    return cast("ContactRepository", work.contacts)


DAY = date(2026, 1, 26)
"""A business date."""
MOMENT = datetime(2026, 1, 26, 8, 30, tzinfo=UTC)
"""An instant of that day."""

_SPLIT = MOMENT.replace(microsecond=123_456)
_LOGGABLE: dict[str, Any] = {
    "date": DAY,
    "salesperson_code": "HR",
    "interaction_template_code": "LETTER",
    "interaction_group_code": "LETTERS",
}


def _over(values: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    return defaults | values


def a_contact(no: str = "CT000001", **values: Any) -> il.Contact:
    """Return a company."""
    return il.Contact(no=no, **_over(values, name=f"Contact {no}", company_no=no))


def a_person(no: str = "CT000002", company_no: str | None = None, **values: Any) -> il.Contact:
    """Return a person, of a company or on its own."""
    defaults = _over(values, name=f"Person {no}", company_no=company_no)
    return il.Contact(no=no, type=il.ContactType.PERSON, **defaults)


def a_membership(
    contact_no: str, kind: il.MembershipKind, code: str, line_no: int = 0, **values: Any
) -> il.Membership:
    """Return what a contact is a member of."""
    return il.Membership(contact_no=contact_no, kind=kind, code=code, line_no=line_no, **values)


def a_template(code: str = "LETTER", **values: Any) -> il.InteractionTemplate:
    """Return a template of the group LETTERS, described: an interaction with it can be logged."""
    values = _over(values, interaction_group_code="LETTERS", description=f"Template {code}")
    return il.InteractionTemplate(code=code, **values)


def an_entry(
    entry_no: int = 1, contact_no: str | None = "CT000001", **values: Any
) -> il.InteractionLogEntry:
    """Return a log entry of `DAY`."""
    values = _over(values, date=DAY, recorded_at=MOMENT, user_id="TESTER")
    return il.InteractionLogEntry(entry_no=entry_no, contact_no=contact_no, **values)


def a_comment(entry_no: int = 1, line_no: int = 10_000, **values: Any) -> LogComment:
    """Return a comment line of an entry."""
    values = _over(values, comment="called back", user_id="TESTER", recorded_at=MOMENT)
    return LogComment(entry_no=entry_no, line_no=line_no, **values)


def a_delivery(entry_no: int = 1, **values: Any) -> Delivery:
    """Return the delivery of an entry by mail, requested at `MOMENT`."""
    values = _over(values, channel="mail", requested_at=MOMENT, not_before=MOMENT)
    return Delivery(entry_no=entry_no, **_over(values, message_id=f"message.{entry_no}"))


def a_receipt(entry_no: int = 1, **values: Any) -> DeliveryReceipt:
    """Return what was heard of a delivery at `MOMENT`: that it bounced."""
    values = _over(values, event=DeliveryEvent.BOUNCED, happened_at=MOMENT, recorded_at=MOMENT)
    return DeliveryReceipt(entry_no=entry_no, **values)


def a_segment(no: str = "SM00001", **values: Any) -> il.Segment:
    """Return a header with everything that logging asks for, as `add_basics` stores it."""
    values = _over(_LOGGABLE | values, description=f"Segment {no}")
    return il.Segment(no=no, **values)


def a_line(
    line_no: int = 10_000,
    contact_no: str | None = "CT000001",
    segment_no: str = "SM00001",
    **values: Any,
) -> il.SegmentLine:
    """Return a line with everything that logging asks for, as `add_basics` stores it."""
    values = _over(_LOGGABLE | values, description=f"Segment {segment_no}")
    return il.SegmentLine(segment_no=segment_no, line_no=line_no, contact_no=contact_no, **values)


def a_language(**values: Any) -> SegmentLanguage:
    """Return a language row of the header of a segment."""
    return SegmentLanguage(**_over(values, segment_no="SM00001"))


def a_step(step_no: int = 1, segment_no: str = "SM00001", **values: Any) -> CriteriaStep:
    """Return a selection step that adds."""
    values = _over(values, action=il.CriteriaAction.ADD, recorded_at=MOMENT)
    return CriteriaStep(segment_no=segment_no, step_no=step_no, **values)


def a_logged_segment(
    entry_no: int = 1, segment_no: str = "SM00001", **values: Any
) -> il.LoggedSegment:
    """Return the complete record of a logging."""
    values = _over(values, creation_date=DAY, recorded_at=MOMENT, state=LoggedSegmentState.COMPLETE)
    return il.LoggedSegment(entry_no=entry_no, segment_no=segment_no, **values)


def a_campaign(no: str = "CP1001", **values: Any) -> il.Campaign:
    """Return a campaign."""
    return il.Campaign(no=no, **values)


def a_campaign_entry(
    entry_no: int = 1, campaign_no: str = "CP1001", **values: Any
) -> CampaignEntry:
    """Return a campaign entry."""
    return CampaignEntry(entry_no=entry_no, campaign_no=campaign_no, **values)


def an_attachment(no: int = 1, digest: str = "0" * 64, **values: Any) -> il.Attachment:
    """Return an attachment; its content is stored separately, under the digest."""
    return il.Attachment(no=no, digest=digest, **_over(values, recorded_at=MOMENT))


def a_key(key: str = "k1", **values: Any) -> IdempotencyKey:
    """Return an idempotency key of an interaction."""
    values = _over(values, operation="finish", result_kind="log_entry", recorded_at=MOMENT)
    return IdempotencyKey(key=key, fingerprint="0" * 64, **values)


def a_number_line(line_no: int = 10_000, series_code: str = "SEGM", **values: Any) -> NoSeriesLine:
    """Return a line of a series whose numbers are ``SM00001`` and so on."""
    values = _over(values, prefix="SM", width=5)
    return NoSeriesLine(series_code=series_code, line_no=line_no, **values)


def in_full(record: E, *kept: str) -> E:
    """
    Return the record with something in each plain field at its default that is not ``kept``.

    It is what stores lose easily: letters beyond the first plane, a blank at the end, microseconds.
    """
    filled: Any = record
    last: list[object] = [
        list(each)[-1] for each in vars(kinds).values() if isinstance(each, EnumMeta) and len(each)
    ]
    for place, field in enumerate(attrs.fields(type(filled)), 2):
        # no two fields alike: one may be swapped
        own = (f"x{place} Жß🎉 ", f"X{place}", Decimal(place) / 2, place)
        for value in (True, *own, 1, DAY, time(9, 5, 7), _SPLIT, *last):
            if field.name not in kept and getattr(filled, field.name) in (field.default, MOMENT):
                with suppress(il.FieldInvalidError):
                    filled = attrs.evolve(filled, **{field.name: value})
    return cast("E", filled)


def add_basics(work: UnitOfWork) -> None:
    """Store the salesperson HR, the group LETTERS and the template LETTER if they are missing."""
    for records, record in (
        (work.salespeople, il.Salesperson(code="HR", name="Helena Ray")),
        (work.interaction_groups, il.InteractionGroup(code="LETTERS")),
        (work.templates, a_template()),
    ):
        if records.find(record.code) is None:
            cast("Records[Any]", records).add(record)


def add_segment(
    work: UnitOfWork, no: str, contact_nos: Iterable[str | None], **values: Any
) -> il.Segment:
    """
    Store a segment that can be logged, with one line for each contact, numbered 10000, 20000, …

    ``values`` are fields of the header; lines take theirs from it. Contacts that are missing are
    stored as companies, and so is what `add_basics` stores.
    """
    add_basics(work)
    contacts: Any = work.records(il.Contact)
    nos = list(contact_nos)
    wanted = dict.fromkeys(a_contact(no).no for no in nos if no is not None)
    there = {contact.no for contact in contacts.with_keys([(no,) for no in wanted])}
    contacts.add_many([a_contact(no) for no in wanted if no not in there])
    segment = a_segment(no, **values)
    work.segments.add(segment)
    of_header = {line: getattr(segment, name) for line, name in OF_HEADER}
    of_header |= {"salesperson_code": segment.salesperson_code, "subject": segment.subject_default}
    work.segments.add_lines(
        [
            a_line(10_000 * place, contact_no, no, **of_header)
            for place, contact_no in enumerate(nos, 1)
        ]
    )
    return segment
