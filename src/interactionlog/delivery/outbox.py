"""The worker: claims deliveries, sends them outside any transaction, writes what became of them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import attrs

from interactionlog.arguments import judged
from interactionlog.attachments.attachment import AttachmentService
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
    facts_of,
    reason_to_withhold,
)
from interactionlog.delivery.service import Deliveries, lock_entry, settle
from interactionlog.delivery.transport import Answer, NotHandedOverError, Transport, later
from interactionlog.errors import NotFoundError, UsageError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.unit_of_work import OwnedStore, UnitOfWork
from interactionlog.values import accepting, one_line, shown

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


_above_zero = accepting(lambda value: value > 0, "must be above 0")
_TEN_YEARS = timedelta(days=3_650)
_in_time = accepting(
    lambda value: timedelta(0) < value <= _TEN_YEARS, "must be above 0, and ten years at most"
)
_lasting = accepting(
    lambda value: timedelta(minutes=1) <= value <= timedelta(days=1), "must be a minute to a day"
)


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
        pause: Between the first two attempts; each further pause is four times as long, and none
            longer than ``within``.
        within: A message is not sent later than so long after its first attempt; at most ten years.
        claim: How long a worker may take for what it claims at once, a minute to a day; what takes
            longer is unknown.
    """

    store: OwnedStore = attrs.field(repr=False)
    transports: Mapping[str, Transport] = attrs.field(factory=dict, kw_only=True)
    user_id: str = attrs.field(kw_only=True)
    word_templates: WordTemplates | None = attrs.field(default=None, kw_only=True)
    attempts: int = attrs.field(default=5, kw_only=True, validator=_above_zero)
    pause: timedelta = attrs.field(default=timedelta(minutes=1), kw_only=True, validator=_in_time)
    within: timedelta = attrs.field(default=timedelta(days=2), kw_only=True, validator=_in_time)
    claim: timedelta = attrs.field(default=timedelta(minutes=15), kw_only=True, validator=_lasting)

    def __attrs_post_init__(self) -> None:
        for channel, transport in self.transports.items():
            channel_name(self, attrs.fields(Outbox).transports, channel)
            if not callable(getattr(transport, "send", None)):
                raise UsageError(
                    f"the transport of {channel} has no method send: {shown(transport)}"
                )

    def run(
        self, limit: int | None = None, *, on_progress: Callable[[OutboxRun], object] | None = None
    ) -> OutboxRun:
        """
        Send what is due, and return what became of it.

        A claim is committed before anything is sent, and each outcome at once after it. When the
        worker dies in between, the next worker with a transport of that channel makes the delivery
        *unknown* when its claim has run out, and it is held; a transport that is idempotent by
        message is given it again.

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
                    with suppress(Exception):  # what became of each message is stored
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
        self._worker = f"{outbox.user_id}/{uuid.uuid4().hex[:16]}"
        self._counts: Counter[str] = Counter()
        self._unreachable: dict[str, str] = {}
        self._contents: dict[str, bytes] = {}
        self._claimed: Sequence[Delivery] = ()  # and not yet begun
        self._looked_at: Mapping[int, datetime] = {}  # the one that is looked at, and since when

    def until_nothing_is_due(self, limit: int | None) -> OutboxRun:
        left = CLAIMED_AT_ONCE if limit is None else limit
        while left > 0:
            channels = sorted(self._outbox.transports.keys() - self._unreachable.keys())
            most = min(CLAIMED_AT_ONCE, left)
            self._claimed = self._store(lambda work: self._claim(work, channels, most))  # noqa: B023
            if not self._claimed:
                break
            left -= 0 if limit is None else len(self._claimed)
            turn = self._next()
            while turn is not None:
                turn = self._next((turn.delivery, *self._try(turn)))
            if sum(map(len, self._contents.values())) > _KEPT:
                self._contents.clear()
        return self._so_far()

    def _so_far(self) -> OutboxRun:
        return OutboxRun(**self._counts, unreachable=dict(self._unreachable))

    def _store(self, action: Callable[[UnitOfWork], T]) -> T:
        return self._outbox.store.run(action, user_id=self._outbox.user_id)

    def _claim(self, work: UnitOfWork, channels: Collection[str], most: int) -> Sequence[Delivery]:
        outbox, now = self._outbox, work.clock.now()
        repeats = {name: _repeats(each) for name, each in outbox.transports.items()}
        with work.atomic():
            work.deliveries.end_claims(now, repeats, most_attempts=outbox.attempts)
            claim = Claim(self._worker, channels, now, now + outbox.claim)
            return work.deliveries.claim(claim, limit=most)

    def _next(self, ended: _End | None = None) -> _Turn | None:
        """
        Store what became of one delivery, and begin the next of those that were claimed.

        When the worker dies, only what was begun was perhaps sent. When what is asked of the next
        fails, such as a service that answers for consents, what became of this one is stored, and
        that one is due after all others, or each run would end before them.
        """
        try:
            stored, turn, self._claimed = self._store(lambda work: self._written(work, ended))
        except Exception:
            claimed, looked_at, self._claimed = self._claimed, self._looked_at, ()
            if claimed:
                if ended is not None:
                    self._next(ended)
                for each in claimed:
                    not_before = looked_at.get(each.entry_no, each.not_before)
                    self._next(_given_back(each, not_before))
            raise
        try:
            for became in stored:
                self._counts[became] += 1
                if self._on_progress is not None:
                    self._on_progress(self._so_far())
        except BaseException:
            self._give_back(*([] if turn is None else [turn.delivery]))
            raise
        return turn

    def _give_back(self, *begun: Delivery) -> None:
        """Let others send what was begun here and not handed over, and all that was claimed."""
        given_back, self._claimed = (*begun, *self._claimed), ()
        for each in given_back:
            self._next(_given_back(each, each.not_before))

    def _written(
        self, work: UnitOfWork, ended: _End | None
    ) -> tuple[list[str], _Turn | None, Sequence[Delivery]]:
        stored, self._looked_at = [], {}
        if ended is not None:
            delivery, became, values, message = ended
            entry = self._locked(work, delivery)
            if entry is not None:
                erased = entry.contact_no is None  # meanwhile: nothing personal is kept
                told = {key: each for key, each in values.items() if key not in _PERSONAL}
                kept = (told, None) if erased else (values, message)
                self._outcome(work, delivery.entry_no, became, *kept)
                stored += [became] * (became != "given_back")
        for place, claimed in enumerate(self._claimed, 1):
            self._looked_at = {claimed.entry_no: work.clock.now()}
            entry = self._locked(work, claimed)
            if entry is None:
                continue
            facts = facts_of(work, entry, self._contents, self._outbox.word_templates)
            reason = reason_to_withhold(work, claimed, facts)
            if not reason:
                now = work.clock.now()
                first = claimed.attempts == 1 or claimed.expires_at is None
                expires_at = now + self._outbox.within if first else claimed.expires_at
                work.deliveries.set(claimed.entry_no, begun_at=now, expires_at=expires_at)
                turn = _Turn(claimed, facts, now)
                return stored, turn, self._claimed[place:]
            self._outcome(work, claimed.entry_no, "withheld", {"reason": reason}, None)
            stored.append("withheld")
        return stored, None, ()

    def _locked(self, work: UnitOfWork, claimed: Delivery) -> InteractionLogEntry | None:
        """Lock an entry with its delivery; ``None`` when it is gone, or the claim has run out."""
        with suppress(NotFoundError), work.atomic():
            entry = lock_entry(work, claimed.entry_no)
            now = work.deliveries.lock(claimed.entry_no)
            if (now.claimed_by, now.attempts) == (self._worker, claimed.attempts):
                return entry
        return None

    def _try(self, turn: _Turn) -> tuple[str, Mapping[str, Any], Message | None]:
        """Send one delivery, if there is time; return what became of it."""
        delivery, facts, now = turn
        channel, transport = delivery.channel, self._outbox.transports[delivery.channel]
        assert delivery.claimed_until is not None  # noqa: S101  # it is claimed
        is_late = now >= delivery.claimed_until - self._outbox.claim / 3
        if is_late or channel in self._unreachable:  # the claim must outlast the sending
            return _given_back(delivery, delivery.not_before)[1:]
        before = delivery.expires_at  # of an earlier attempt, perhaps before a person's `retry`
        if before is not None and delivery.attempts > 1 and now > before:
            return "failed", {"reason": "expired"}, None
        try:
            message = compose(delivery, facts, now)
        except (AddressError, ContentError) as error:
            values = {"reason": error.code, "text": str(error), "expires_at": before}
            return "failed", values, None
        except UsageError:  # what merges it is missing here, not everywhere
            self._give_back(delivery)
            raise
        try:
            answer = transport.send(message)
        except NotHandedOverError as error:
            self._unreachable[channel] = _told(error)
            answer = later("other", _told(error))
        except Exception as error:  # whatever it is: nobody knows whether it was sent
            state = DeliveryState.REQUESTED if _repeats(transport) else DeliveryState.UNKNOWN
            answer = Answer(state, "other", f"{type(error).__name__}: {_told(error)}")
        if not isinstance(answer, Answer):
            answer = Answer(
                DeliveryState.UNKNOWN, "other", f"the transport answered {shown(answer)}"
            )
        values = {
            "recipient": message.recipient,
            "reason": answer.reason,
            "text": one_line(answer.text, 500),
            "provider_id": one_line(answer.provider_id, 250),
        }
        if answer.state is not DeliveryState.REQUESTED:
            return answer.state.name.lower(), values, message
        if delivery.attempts >= self._outbox.attempts:
            return "failed", values, None
        pause = min(self._outbox.pause * 4 ** min(delivery.attempts - 1, 8), self._outbox.within)
        return "later", {**values, "not_before": now + pause}, None

    def _outcome(
        self,
        work: UnitOfWork,
        entry_no: int,
        became: str,
        values: Mapping[str, Any],
        message: Message | None,
    ) -> None:
        # what is tried later, or given back, is requested again
        state = DeliveryState.__members__.get(became.upper(), DeliveryState.REQUESTED)
        settled_at = None if state is DeliveryState.REQUESTED else work.clock.now()
        if message is not None and became != "failed":
            values = {**values, "attachment_no": _stored(work, message)}
        settle(work, entry_no, state, settled_at=settled_at, **values)


class _Turn(NamedTuple):
    """A delivery that was begun, what is known of it, and when it was begun."""

    delivery: Delivery
    facts: DeliveryFacts
    at: datetime


_End = tuple[Delivery, str, Mapping[str, Any], Message | None]
"""A delivery, what became of it, what is stored, and the message where it left the house."""


def _given_back(delivery: Delivery, not_before: datetime) -> _End:
    """Return the end of a turn in which nothing was tried: as if it had not been claimed."""
    values = {"attempts": delivery.attempts - 1, "expires_at": delivery.expires_at}
    return delivery, "given_back", {**values, "not_before": not_before}, None


_PERSONAL = ("recipient", "text", "provider_id")


def _told(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # whatever its class does
        return "it cannot say what"


def _repeats(transport: Transport) -> bool:
    return bool(getattr(transport, "idempotent", False))


def _stored(work: UnitOfWork, message: Message) -> int:
    """Return the content as sent: that of the entry if nothing was merged, else a new one."""
    if message.attachment_no is not None and work.attachments.find(message.attachment_no):
        return message.attachment_no
    stored = AttachmentService(work).store(
        message.content, name=message.file_name, media_type=message.media_type
    )
    work.attachments.set_read_only([stored.no])
    return stored.no
