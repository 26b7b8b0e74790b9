"""The worker: claims deliveries, sends them outside any transaction, writes what became of them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

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
    channel_name,
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
from interactionlog.delivery.transport import Answer, NotHandedOverError, Transport, later
from interactionlog.errors import NotFoundError, UsageError
from interactionlog.unit_of_work import OwnedStore, UnitOfWork
from interactionlog.values import DeliveryStatus, refuse

T = TypeVar("T")

CLAIMED_AT_ONCE = 10
"""Deliveries that a worker claims in one transaction: few, so that many workers share the work."""
_KEPT = 64 * 2**20
"""Bytes of content that a run keeps at most, besides that of the claim at hand."""


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

    def __attrs_post_init__(self) -> None:
        if not hasattr(self.store, "run"):
            kind = type(self.store).__name__
            raise UsageError(f"a {kind} has no own transactions: open one of the stores that have")
        for channel in self.transports:
            channel_name(self, attrs.fields(Outbox).transports, channel)

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
                if hasattr(transport, "close"):
                    transport.close()

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
        left = CLAIMED_AT_ONCE if limit is None else limit
        while left > 0:
            channels = sorted(self._outbox.transports.keys() - self._unreachable.keys())
            claimed, facts, withheld, clock = self._store(
                lambda work: self._claim(work, channels, min(CLAIMED_AT_ONCE, left))  # noqa: B023
            )
            if not claimed:
                break
            left -= 0 if limit is None else len(claimed)
            for delivery in claimed:
                if delivery.entry_no in withheld:
                    self._end(delivery, "withheld", {"reason": withheld[delivery.entry_no]}, None)
            self._turns = [each for each in claimed if each.entry_no not in withheld]
            while self._turns:
                delivery = self._turns.pop(0)
                self._end(delivery, *self._try(delivery, facts[delivery.entry_no], clock.now()))
            if sum(map(len, self._contents.values())) > _KEPT:
                self._contents.clear()
        return self._so_far()

    def _so_far(self) -> OutboxRun:
        return OutboxRun(**self._counts, unreachable=dict(self._unreachable))

    def _store(self, action: Callable[[UnitOfWork], T]) -> T:
        return self._outbox.store.run(action, user_id=self._outbox.user_id)

    def _claim(
        self, work: UnitOfWork, channels: Collection[str], most: int
    ) -> tuple[Sequence[Delivery], Mapping[int, DeliveryFacts], Mapping[int, str], Clock]:
        outbox, now = self._outbox, work.clock.now()
        again = [name for name, each in outbox.transports.items() if _repeats(each)]
        with work.atomic():
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
        if not self._is_ours(now, turns[0]):
            return False
        work.deliveries.set(turns[0].entry_no, begun_at=work.clock.now())
        return True

    def _is_ours(self, now: Delivery, claimed: Delivery) -> bool:
        return (now.claimed_by, now.attempts) == (self._worker, claimed.attempts)

    def _try(self, delivery: Delivery, facts: DeliveryFacts, now: datetime) -> _End:
        """Send one delivery, if there is time; return what became of it."""
        channel, transport = delivery.channel, self._outbox.transports[delivery.channel]
        assert delivery.claimed_until is not None  # noqa: S101  # it is claimed
        is_late = now >= delivery.claimed_until - self._outbox.claim / 3
        if is_late or channel in self._unreachable:  # the claim must outlast the sending
            return "given_back", {"attempts": delivery.attempts - 1}, None
        if delivery.expires_at is not None and now > delivery.expires_at:
            return "failed", {"reason": "expired"}, None
        try:
            message = compose(delivery, facts, now)
        except (AddressError, ContentError) as error:
            return "failed", {"reason": error.code, "text": str(error)}, None
        except UsageError:
            turns, self._turns = self._turns, []
            for each in (delivery, *turns):  # what merges it is missing here, not everywhere
                self._end(each, "given_back", {"attempts": each.attempts - 1}, None)
            raise
        try:
            answer = transport.send(message)
        except NotHandedOverError as error:
            self._unreachable[channel] = str(error)
            answer = later("other", str(error))
        except Exception as error:  # whatever it is: nobody knows whether it was sent
            state = DeliveryState.REQUESTED if _repeats(transport) else DeliveryState.UNKNOWN
            answer = Answer(state, "other", f"{type(error).__name__}: {error}")
        if not isinstance(answer, Answer):
            answer = Answer(DeliveryState.UNKNOWN, "other", f"the transport answered {answer!r}")
        values = {
            "recipient": message.recipient,
            "reason": answer.reason,
            "text": _readable(answer.text)[:500],
            "provider_id": _readable(answer.provider_id)[:250],
        }
        if answer.state is not DeliveryState.REQUESTED:
            return answer.state.name.lower(), values, message
        if delivery.attempts >= self._outbox.attempts:
            return "failed", values, None
        pause = self._outbox.pause * 4 ** min(delivery.attempts - 1, 8)
        return "later", {**values, "not_before": now + pause}, None

    def _end(
        self, delivery: Delivery, became: str, values: Mapping[str, Any], message: Message | None
    ) -> None:
        """Store what became of a delivery if the claim is still one's own, and begin the next."""

        def write(work: UnitOfWork) -> tuple[bool, bool]:
            is_written = is_begun = False
            with suppress(NotFoundError), work.atomic():  # the entry was deleted meanwhile
                entry = work.interactions.lock(delivery.entry_no)
                if self._is_ours(work.deliveries.lock(delivery.entry_no), delivery):
                    erased = entry.contact_no is None  # meanwhile: nothing personal is kept
                    told = {key: each for key, each in values.items() if key not in _PERSONAL}
                    kept = (told, None) if erased else (values, message)
                    self._outcome(work, delivery.entry_no, became, *kept)
                    is_written = True
            with suppress(NotFoundError), work.atomic():
                is_begun = self._begin(work, self._turns)
            return is_written, is_begun

        is_written, is_begun = self._store(write)
        if not is_begun:  # what else was claimed has run out as well
            self._turns = []
        if is_written and became != "given_back":
            self._counts[became] += 1
            if self._on_progress is not None:
                self._on_progress(self._so_far())

    def _outcome(
        self,
        work: UnitOfWork,
        entry_no: int,
        became: str,
        values: Mapping[str, Any],
        message: Message | None,
    ) -> None:
        state, status = _BECAME[became]
        settled_at = None if state is DeliveryState.REQUESTED else work.clock.now()
        values = {**values, **dict.fromkeys(("claimed_by", "claimed_until", "begun_at"))}
        if message is not None and became != "failed":
            values["attachment_no"] = _stored(work, message)
        work.deliveries.set(entry_no, state=state, settled_at=settled_at, **values)
        work.interactions.set([entry_no], delivery_status=status)


_End = tuple[str, Mapping[str, Any], Message | None]
"""What became of a delivery, what is stored of it, and the message where it left the house."""

_PERSONAL = ("recipient", "text", "provider_id")

_BECAME = {
    "given_back": (DeliveryState.REQUESTED, DeliveryStatus.REQUESTED),
    "later": (DeliveryState.REQUESTED, DeliveryStatus.REQUESTED),
    "sent": (DeliveryState.SENT, None),
    "failed": (DeliveryState.FAILED, DeliveryStatus.ERROR),
    "unknown": (DeliveryState.UNKNOWN, DeliveryStatus.REQUESTED),
    "withheld": (DeliveryState.WITHHELD, DeliveryStatus.ERROR),
}
"""What is stored of the delivery and of its entry, by what became of it."""


def _repeats(transport: Transport) -> bool:
    return bool(getattr(transport, "idempotent", False))


def _readable(text: str) -> str:
    """Return what another program said without characters that are not stored."""
    return "".join(each if each.isprintable() else " " for each in text)


def _stored(work: UnitOfWork, message: Message) -> int:
    """Return the content as sent: that of the entry if nothing was merged, else a new one."""
    if message.attachment_no is not None and work.attachments.find(message.attachment_no):
        return message.attachment_no
    stored = AttachmentService(work).store(
        message.content, name=message.file_name, media_type=message.media_type
    )
    work.attachments.set_read_only([stored.no])
    return stored.no
