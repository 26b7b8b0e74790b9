"""The worker: claims deliveries, sends them outside any transaction, writes what became of them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import attrs

from interactionlog.arguments import judged
from interactionlog.attachments.service import AttachmentService
from interactionlog.clock import Clock
from interactionlog.delivery.content import ContentError
from interactionlog.delivery.delivery import (
    Claim,
    Delivery,
    DeliveryCount,
    DeliveryEvent,
    DeliveryState,
)
from interactionlog.delivery.message import (
    AddressError,
    DeliveryFacts,
    Message,
    WordTemplates,
    compose,
    look_up,
    reasons_to_withhold,
)
from interactionlog.delivery.service import Deliveries
from interactionlog.delivery.transport import Answer, NotHandedOverError, Outcome, Transport, later
from interactionlog.errors import NotFoundError, UsageError
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import DeliveryStatus, refuse

T = TypeVar("T")

CLAIMED_AT_ONCE = 10
"""Deliveries that a worker claims in one transaction: few, so that many workers share the work."""
_KEPT = 64 * 2**20
"""Bytes of content that a run keeps at most, besides that of the claim at hand."""


class OwnedStore(Protocol):
    """A store that begins and ends its own transactions."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that only reads."""
        ...

    def run(self, action: Callable[[UnitOfWork], T], *, user_id: str) -> T:
        """Call ``action`` in a unit of work, again after an operational error."""
        ...


@attrs.frozen
class OutboxRun:
    """
    What became of the deliveries of a run.

    Attributes:
        sent, later, failed, unknown, withheld: Deliveries by what became of them.
        unreachable: Channels whose transport could not begin, with what it said.
    """

    sent: int = 0
    later: int = 0
    failed: int = 0
    unknown: int = 0
    withheld: int = 0
    unreachable: Mapping[str, str] = attrs.field(factory=dict)


class _NotOursError(Exception):
    """The claim ran out, or the delivery is gone."""


def _above_zero(instance: Outbox, attribute: attrs.Attribute[Any], value: Any) -> None:
    kind = type(attribute.default)
    if type(value) is not kind or value <= kind(0):
        refuse(instance, attribute, value, f"must be a {kind.__name__} above 0")


@judged
@attrs.frozen
class Outbox:
    """
    Sends what was logged with ``deliver=True``: never lost, and at most once.

    Any number of workers may run on one store, in threads or processes; each message is sent by
    one of them. Nothing is sent inside a transaction.

    Attributes:
        store: A store that owns its transactions. A host's worker opens one over the same tables.
        transports: Transport of each channel, such as ``{"mail": SmtpTransport(…)}``; what has no
            transport here waits for a worker that has one.
        user_id: Who works.
        word_templates: Gives the document of a Word template code.
        attempts: How often a message is tried, when it is refused for now.
        pause: Between the first two attempts; each further pause is four times as long.
        within: A message is not sent later than so long after its first attempt.
        claim: How long a worker may take for what it claims at once; what takes longer is unknown.
    """

    store: OwnedStore = attrs.field(repr=False)
    transports: Mapping[str, Transport] = attrs.field(factory=dict, kw_only=True)
    user_id: str = attrs.field(kw_only=True)
    word_templates: WordTemplates | None = attrs.field(default=None, kw_only=True)
    attempts: int = attrs.field(default=5, kw_only=True, validator=_above_zero)
    pause: timedelta = attrs.field(
        default=timedelta(minutes=1), kw_only=True, validator=_above_zero
    )
    within: timedelta = attrs.field(default=timedelta(days=2), kw_only=True, validator=_above_zero)
    claim: timedelta = attrs.field(
        default=timedelta(minutes=15), kw_only=True, validator=_above_zero
    )

    def run(
        self,
        limit: int | None = None,
        *,
        on_progress: Callable[[OutboxRun], object] | None = None,
    ) -> OutboxRun:
        """
        Send what is due, and return what became of it.

        A claim is committed before anything is sent, and each outcome at once after it. When the
        worker dies in between, the delivery becomes *unknown* when its claim has run out, and is
        held; a transport that is idempotent by message is given it again.

        Args:
            limit: How many at most; ``None`` sends everything that is due.
            on_progress: Called after each outcome.
        """
        run = _Run(self, on_progress)
        try:
            return run.until_nothing_is_due(limit)
        finally:
            for transport in self.transports.values():
                getattr(transport, "close", _nothing)()

    def pending(self) -> int:
        """Return how many deliveries are requested or being sent."""
        waiting = (DeliveryState.REQUESTED, DeliveryState.CLAIMED)
        return sum(each.number for each in self.figures() if each.state in waiting)

    def figures(self, logged_segment_entry_no: int | None = None) -> Sequence[DeliveryCount]:
        """As `Deliveries.figures`, in a separate unit of work."""
        with self.store.read() as work:
            return Deliveries(work).figures(logged_segment_entry_no)

    def retry(self, *entry_nos: int) -> None:
        """As `Deliveries.retry`, in a separate unit of work."""
        self.store.run(lambda work: Deliveries(work).retry(*entry_nos), user_id=self.user_id)

    def give_up(self, *entry_nos: int, text: str = "") -> None:
        """As `Deliveries.give_up`, in a separate unit of work."""
        self.store.run(
            lambda work: Deliveries(work).give_up(*entry_nos, text=text), user_id=self.user_id
        )

    def record_receipt(
        self, message_id: str, event: DeliveryEvent, happened_at: datetime, *, text: str = ""
    ) -> bool:
        """As `Deliveries.record_receipt`, in a separate unit of work."""
        return self.store.run(
            lambda work: Deliveries(work).record_receipt(message_id, event, happened_at, text=text),
            user_id=self.user_id,
        )


def _nothing() -> None:
    """Stand in for a transport that needs no closing."""


class _Run:
    """One run of a worker."""

    def __init__(self, outbox: Outbox, on_progress: Callable[[OutboxRun], object] | None) -> None:
        self._outbox = outbox
        self._on_progress = on_progress
        self._worker = f"{outbox.user_id[:50]}/{uuid.uuid4().hex[:16]}"
        self._counts: Counter[str] = Counter()
        self._unreachable: dict[str, str] = {}
        self._contents: dict[str, bytes] = {}
        self._turns: list[Delivery] = []  # claimed, and not yet begun but for the first one

    def until_nothing_is_due(self, limit: int | None) -> OutboxRun:
        left = limit
        while left is None or left > 0:
            most = CLAIMED_AT_ONCE if left is None else min(CLAIMED_AT_ONCE, left)
            channels = self._outbox.transports.keys() - self._unreachable.keys()
            claimed, facts, withheld, clock = self._store(self._claim, sorted(channels), most)
            if not claimed:
                break
            left = None if left is None else left - len(claimed)
            for delivery in claimed:
                if delivery.entry_no in withheld:
                    self._write(delivery, "withheld", reason=withheld[delivery.entry_no])
            self._turns = [each for each in claimed if each.entry_no not in withheld]
            while self._turns:
                delivery = self._turns.pop(0)
                self._deliver(delivery, facts[delivery.entry_no], clock)
            if sum(map(len, self._contents.values())) > _KEPT:
                self._contents.clear()
        return self._so_far()

    def _so_far(self) -> OutboxRun:
        return OutboxRun(**self._counts, unreachable=dict(self._unreachable))

    def _store(self, action: Callable[..., T], *arguments: Any) -> T:
        return self._outbox.store.run(
            lambda work: action(work, *arguments), user_id=self._outbox.user_id
        )

    def _claim(
        self, work: UnitOfWork, channels: Collection[str], most: int
    ) -> tuple[Sequence[Delivery], Mapping[int, DeliveryFacts], Mapping[int, str], Clock]:
        outbox, now = self._outbox, work.clock.now()
        with work.atomic():
            transports = outbox.transports.items()
            again = [name for name, each in transports if getattr(each, "idempotent", False)]
            work.deliveries.end_claims(now, again, most_attempts=outbox.attempts)
            claim = Claim(self._worker, channels, now, now + outbox.claim, now + outbox.within)
            claimed = work.deliveries.claim(claim, limit=most)
            found = [work.interactions.find(each.entry_no) for each in claimed]
            entries = [entry for entry in found if entry is not None]
            facts = look_up(work, entries, self._contents, outbox.word_templates)
            withheld = reasons_to_withhold(work, claimed, facts)
            self._begin(work, [each for each in claimed if each.entry_no not in withheld])
        return claimed, facts, withheld, work.clock

    def _begin(self, work: UnitOfWork, turns: Sequence[Delivery]) -> bool:
        """
        Say of the first of these that its turn has come; return whether it is still one's own.

        When the worker dies, only this one was perhaps sent.
        """
        if not turns:
            return True
        now = work.deliveries.lock(turns[0].entry_no)
        if now.claimed_by != self._worker or now.attempts != turns[0].attempts:
            return False
        work.deliveries.set(turns[0].entry_no, begun_at=work.clock.now())
        return True

    def _deliver(self, delivery: Delivery, facts: DeliveryFacts, clock: Clock) -> None:
        now, channel = clock.now(), delivery.channel
        if channel in self._unreachable or now >= self._last_moment(delivery):
            self._give_back(delivery)
            return
        if delivery.expires_at is not None and now > delivery.expires_at:
            self._write(delivery, "failed", reason="expired")
            return
        try:
            message = compose(delivery, facts, now)
        except UsageError:
            turns, self._turns = self._turns, []
            for each in (delivery, *turns):  # what merges it is missing here, not everywhere
                self._give_back(each)
            raise
        except AddressError as error:
            self._write(delivery, "failed", reason="invalid", text=str(error))
            return
        except ContentError as error:
            self._write(delivery, "failed", reason="content-invalid", text=str(error))
            return
        try:
            answer = self._outbox.transports[channel].send(message)
        except NotHandedOverError as error:
            self._unreachable[channel] = str(error)
            answer = later("other", str(error))
        except Exception as error:  # whatever it is: nobody knows whether it was sent
            text = f"{type(error).__name__}: {error}"
            again = getattr(self._outbox.transports[channel], "idempotent", False)
            self._written(delivery, facts, message, later("other", text) if again else None, text)
            return
        if not isinstance(answer, Answer):
            self._written(delivery, facts, message, None, f"the transport answered {answer!r}")
            return
        self._written(delivery, facts, message, answer, "")

    def _last_moment(self, delivery: Delivery) -> datetime:
        """Return when it is too late to begin: the claim must outlast the sending."""
        assert delivery.claimed_until is not None  # noqa: S101  # it is claimed
        return delivery.claimed_until - self._outbox.claim / 3

    def _written(
        self,
        delivery: Delivery,
        facts: DeliveryFacts,
        message: Message,
        answer: Answer | None,
        error: str,
    ) -> None:
        said: dict[str, Any] = {"recipient": message.recipient}
        if answer is None:
            self._write(delivery, "unknown", facts, message, reason="other", text=error, **said)
            return
        said |= {"reason": answer.reason, "text": answer.text}
        if answer.outcome is Outcome.ACCEPTED:
            provider = answer.provider_id
            self._write(delivery, "sent", facts, message, provider_id=provider, **said)
        elif answer.outcome is Outcome.REFUSED or delivery.attempts >= self._outbox.attempts:
            self._write(delivery, "failed", **said)
        else:
            pause = self._outbox.pause * 4 ** (delivery.attempts - 1)
            self._write(delivery, "later", not_before=message.sent_at + pause, **said)

    def _give_back(self, delivery: Delivery) -> None:
        """Request a delivery again that was not tried; the attempt does not count."""
        back = {"state": DeliveryState.REQUESTED, "attempts": delivery.attempts - 1}
        self._wrote(delivery, back, DeliveryStatus.REQUESTED, None)

    def _write(
        self,
        delivery: Delivery,
        became: str,
        facts: DeliveryFacts | None = None,
        message: Message | None = None,
        **values: Any,
    ) -> None:
        state, status = _BECAME[became]
        if "text" in values:
            values["text"] = _readable(values["text"])[:500]
        if "provider_id" in values:
            values["provider_id"] = _readable(values["provider_id"])[:250]
        sent = None if facts is None or message is None else (facts, message)
        if self._wrote(delivery, {"state": state, **values}, status, sent):
            self._counts[became] += 1
            if self._on_progress is not None:
                self._on_progress(self._so_far())

    def _wrote(self, *outcome: Any) -> bool:
        """Store an outcome; what is claimed besides is left when its claim has run out."""
        written, goes_on = self._store(self._settle, *outcome)
        if not goes_on:
            self._turns = []
        return written

    def _settle(
        self,
        work: UnitOfWork,
        delivery: Delivery,
        values: Mapping[str, Any],
        status: DeliveryStatus | None,
        sent: tuple[DeliveryFacts, Message] | None,
    ) -> tuple[bool, bool]:
        """Write an outcome and begin the next; return whether each claim was still one's own."""
        written = True
        try:
            with work.atomic():
                self._outcome(work, delivery, values, status, sent)
        except (NotFoundError, _NotOursError):  # it ran out, or the entry was deleted meanwhile
            written = False
        try:
            with work.atomic():
                return written, self._begin(work, self._turns)
        except NotFoundError:
            return written, False

    def _outcome(
        self,
        work: UnitOfWork,
        delivery: Delivery,
        values: Mapping[str, Any],
        status: DeliveryStatus | None,
        sent: tuple[DeliveryFacts, Message] | None,
    ) -> None:
        no = delivery.entry_no
        work.interactions.lock(no)
        now = work.deliveries.lock(no)
        mine = (DeliveryState.CLAIMED, delivery.claimed_by, delivery.attempts)
        if (now.state, now.claimed_by, now.attempts) != mine:
            raise _NotOursError
        settled = values["state"] is not DeliveryState.REQUESTED
        values = {
            **values,
            "settled_at": work.clock.now() if settled else None,
            **dict.fromkeys(("claimed_by", "claimed_until", "begun_at")),
        }
        if sent is not None:
            values["attachment_no"] = _stored(work, *sent)
        work.deliveries.set(no, **values)
        work.interactions.set([no], delivery_status=status)


_BECAME = {
    "sent": (DeliveryState.SENT, None),
    "later": (DeliveryState.REQUESTED, DeliveryStatus.REQUESTED),
    "failed": (DeliveryState.FAILED, DeliveryStatus.ERROR),
    "unknown": (DeliveryState.UNKNOWN, DeliveryStatus.REQUESTED),
    "withheld": (DeliveryState.WITHHELD, DeliveryStatus.ERROR),
}
"""What is stored of the delivery and of its entry, by what became of it."""


def _readable(text: str) -> str:
    """Return what another program said without characters that are not stored."""
    return "".join(each if each.isprintable() else " " for each in text)


def _stored(work: UnitOfWork, facts: DeliveryFacts, message: Message) -> int:
    """Return the content as sent: that of the entry if nothing was merged, else a new one."""
    entry, attachment = facts.entry, facts.attachment
    if (
        entry is not None
        and attachment is not None
        and entry.attachment_no == attachment.no
        and message.content == facts.content
        and work.attachments.find(attachment.no) is not None
    ):
        return attachment.no
    stored = AttachmentService(work).store(
        message.content, name=message.file_name, media_type=message.media_type
    )
    work.attachments.set_read_only([stored.no])
    return stored.no
