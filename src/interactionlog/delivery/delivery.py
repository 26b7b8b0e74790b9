"""Deliveries of logged entries, what came back, and the port that stores them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

import attrs

from interactionlog.arguments import judged
from interactionlog.contacts import consent
from interactionlog.errors import NotFoundError, StateError, UsageError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.unit_of_work import Records, UnitOfWork
from interactionlog.values import (
    DeliveryStatus,
    Member,
    as_utc,
    entry_number,
    field_or_none,
    instant,
    length,
    one_of,
    refuse,
    several_lines,
    whole,
)


class DeliveryState(Member):
    """
    How far a delivery got.

    It is requested until a worker claims it. *Unknown* was perhaps sent: the worker or the
    connection was lost, so nobody sends it again unasked. *Withheld* must not be sent any more.
    """

    REQUESTED = 1
    CLAIMED = 2
    SENT = 3
    FAILED = 4
    UNKNOWN = 5
    WITHHELD = 6


class DeliveryEvent(Member):
    """What is heard of a message after it was sent."""

    DELIVERED = 1
    BOUNCED = 2
    COMPLAINED = 3
    UNSUBSCRIBED = 4


_CHANNEL = re.compile(r"[a-z][a-z0-9-]{0,19}\Z")
CHANNELS = {kind: code.lower() for kind, code in consent.CHANNELS.items()}
"""Channel of a correspondence type; an application may have more."""


def channel_name(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept the name of a channel."""
    if not isinstance(value, str) or not _CHANNEL.match(value):
        refuse(instance, attribute, value, "must be up to 20 small letters, digits and hyphens")
    elif (known := (consent.as_channel(value) or "").lower()) != value:
        refuse(instance, attribute, value, f"is a correspondence type: its channel is {known}")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Delivery:
    """
    The delivery of one entry; it is stored with the logging and never lost.

    Attributes:
        entry_no: Key; the entry whose content is delivered.
        channel: ``mail``, ``letter`` or one of the application's.
        message_id: Made before sending; a mail says it before the sender's domain.
        state: How far it got.
        reason: Code of why it is in that state, such as ``invalid``; ``None`` for none.
        text: What the transport said, at most 500 characters.
        recipient: Address as sent, at most 250 characters; ``""`` before that, and for letters.
        attempts: How often it was claimed to be sent.
        requested_at: When it was logged; UTC.
        not_before: It is not claimed earlier; UTC.
        expires_at: It is not sent later, unless it was requested again since; ``None`` until an
            attempt has begun.
        claimed_by, claimed_until: The worker that claimed it, and how long it may take.
        begun_at: When that worker began to send it; ``None`` until its turn has come.
        settled_at: When it got its state; ``None`` while it is requested or claimed.
        provider_id: Name that the transport gave it, at most 250 characters.
        attachment_no: Content as sent; ``None`` before that.
    """

    entry_no: int = attrs.field(validator=entry_number)
    channel: str = attrs.field(validator=channel_name)
    message_id: str = attrs.field(validator=length(1, 80))
    state: DeliveryState = attrs.field(
        default=DeliveryState.REQUESTED, validator=one_of(DeliveryState)
    )
    reason: str | None = field_or_none(length(1, 40))
    text: str = attrs.field(default="", validator=several_lines(500))
    recipient: str = attrs.field(default="", validator=length(0, 250))
    attempts: int = attrs.field(default=0, validator=whole())
    requested_at: datetime = attrs.field(converter=as_utc, validator=instant)
    not_before: datetime = attrs.field(converter=as_utc, validator=instant)
    expires_at: datetime | None = field_or_none(instant, as_utc)
    claimed_by: str | None = field_or_none(length(1, 80))
    claimed_until: datetime | None = field_or_none(instant, as_utc)
    begun_at: datetime | None = field_or_none(instant, as_utc)
    settled_at: datetime | None = field_or_none(instant, as_utc)
    provider_id: str = attrs.field(default="", validator=length(0, 250))
    attachment_no: int | None = field_or_none(entry_number)


@attrs.frozen(kw_only=True, weakref_slot=False)
class DeliveryReceipt:
    """
    What was heard of a message after it was sent; kept as an event and never overwritten.

    Attributes:
        entry_no, event, happened_at: Key: the delivery, what happened and when, UTC.
        text: What was said of it, at most 500 characters.
        recorded_at: When it was recorded; UTC.
    """

    entry_no: int = attrs.field(validator=entry_number)
    event: DeliveryEvent = attrs.field(validator=one_of(DeliveryEvent))
    happened_at: datetime = attrs.field(converter=as_utc, validator=instant)
    text: str = attrs.field(default="", validator=several_lines(500))
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)


class DeliveryCount(NamedTuple):
    """How many deliveries of a channel are in a state for a reason."""

    channel: str
    state: DeliveryState
    reason: str | None
    number: int


class Claim(NamedTuple):
    """
    What a worker claims.

    Attributes:
        by: The worker.
        channels: Those it can send.
        at: Now.
        until: End of the claim.
    """

    by: str
    channels: Collection[str]
    at: datetime
    until: datetime


def message_ids(tenant: str, user_id: str | None, at: datetime) -> str:
    """Return what begins the identifiers of the messages of one call; the entry number follows."""
    said = f"{tenant}\n{user_id}\n{at.isoformat()}"
    return f"{blake2b(said.encode(), digest_size=10).hexdigest()}."


@judged
def request_delivery(
    work: UnitOfWork, entry: InteractionLogEntry, *, channel: str | None = None
) -> Delivery:
    """
    Store that an entry is to be delivered, with the entry itself.

    Args:
        entry: The entry; its correspondence type is set, or the channel given.
        channel: One of the application's; ``None`` takes that of the correspondence type.

    Raises:
        NotFoundError: The entry is not stored.
        StateError: It is postponed: nothing is delivered before it is finished.
        DuplicateEntryError: It has a delivery already.
    """
    with work.atomic():
        known = work.interactions.lock(entry.entry_no)
        if known.postponed:
            raise StateError(f"entry {known.entry_no}", "is postponed: finish it first")
        delivery = requested(work, known, channel=channel)
        work.interactions.set([known.entry_no], delivery_status=DeliveryStatus.REQUESTED)
    return delivery


def requested(
    work: UnitOfWork, entry: InteractionLogEntry, *, channel: str | None = None
) -> Delivery:
    """Store a delivery with its entry, which was stored in the same transaction and says so."""
    now = work.clock.now()
    if channel is None and entry.correspondence_type is None:
        raise UsageError(f"entry {entry.entry_no} has no correspondence type: give the channel")
    delivery = Delivery(
        entry_no=entry.entry_no,
        channel=CHANNELS[entry.correspondence_type] if channel is None else channel,  # type: ignore[index]
        message_id=f"{message_ids(work.tenant, work.user_id, now)}{entry.entry_no}",
        requested_at=now,
        not_before=now,
    )
    work.deliveries.add(delivery)
    return delivery


def refusal(
    work: UnitOfWork,
    entry: InteractionLogEntry,
    channel: str,
    addresses: Mapping[str, Collection[str]],
) -> str:
    """Return why a contact may not be written to for what its segment, else its template, is."""
    no, code = entry.logged_segment_entry_no, entry.interaction_template_code
    logged = work.logged_segments.find(no) if no else None
    template = work.templates.find(code) if code else None
    purpose = logged.header.purpose_code if logged is not None and logged.header else None
    purpose = purpose or (template.purpose_code if template is not None else None)
    if purpose is None:
        return ""
    try:
        refused = consent.Consents(work).refused(
            purpose, channel, [*addresses], addresses=addresses
        )
    except NotFoundError:  # nobody knows any more what it needs
        return "no-consent"
    return "".join(refused.values())


class DeliveryRepository(Records[Delivery], Protocol):
    """
    Deliveries by entry number, and their receipts.

    An adapter passes ``testing.RecordsContract`` and ``testing.DeliveryContract``.
    """

    def add_of_segment(
        self, logged_segment_entry_no: int, first: int, last: int, message_ids: str, at: datetime
    ) -> int:
        """Request the delivery of the entries in these bounds that say so; return how many."""

    def claim(self, claim: Claim, *, limit: int) -> Sequence[Delivery]:
        """
        Claim requested deliveries that are due, the longest due first; what others hold is skipped.

        Each is one attempt more.
        """

    def end_claims(self, at: datetime, channels: Mapping[str, bool], *, most_attempts: int) -> int:
        """
        End claims that ran out; return how many there were.

        What was not begun is requested again, and the attempt does not count. What was begun on
        one of the channels is *unknown*, or requested again while an attempt is left if the channel
        says ``True``; what was begun on another waits for a worker that has its transport.
        """

    def page(
        self,
        *,
        states: Collection[DeliveryState] = (),
        reason: str | None = None,
        logged_segment_entry_no: int | None = None,
        after: int = 0,
        limit: int = 1_000,
    ) -> Sequence[Delivery]:
        """Return deliveries by entry number; an empty set of states and ``None`` ask nothing."""

    def figures(self, logged_segment_entry_no: int | None = None) -> Sequence[DeliveryCount]:
        """Count deliveries by channel, state and reason, in that order; of all with ``None``."""

    def remove_of(self, entry_nos: Collection[int]) -> Sequence[int]:
        """Delete the deliveries of entries with receipts; return the contents they referred to."""
