"""What people and other programs do with deliveries."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import attrs

from interactionlog.arguments import judged
from interactionlog.delivery.delivery import (
    Delivery,
    DeliveryCount,
    DeliveryEvent,
    DeliveryReceipt,
    DeliveryState,
)
from interactionlog.delivery.message import (
    Message,
    WordTemplates,
    compose,
    facts_of,
    reason_to_withhold,
)
from interactionlog.errors import NotFoundError, StateError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import DeliveryStatus

_REPEATED = {*DeliveryState} - {DeliveryState.CLAIMED, DeliveryState.SENT}
_GIVEN_UP = (DeliveryState.UNKNOWN, DeliveryState.REQUESTED)
_STATUS: Mapping[DeliveryState, DeliveryStatus | None] = {
    DeliveryState.SENT: None,
    DeliveryState.FAILED: DeliveryStatus.ERROR,
    DeliveryState.WITHHELD: DeliveryStatus.ERROR,
}
"""What the entry of a delivery shows that is no longer requested."""
_NOT_CLAIMED: Mapping[str, None] = dict.fromkeys(("claimed_by", "claimed_until", "begun_at"))
_NUMBERED = re.compile(r".*\.([0-9]{1,18})", re.DOTALL)
"""Identifier of a message: the number of its entry stands last."""


@judged
@attrs.frozen
class Deliveries:
    """Shows deliveries, sends held ones again or gives them up, and records what came back."""

    work: UnitOfWork

    def page(
        self,
        *,
        states: Collection[DeliveryState] = (),
        reason: str | None = None,
        logged_segment_entry_no: int | None = None,
        after: int = 0,
        limit: int = 50,
    ) -> Sequence[Delivery]:
        """
        Return deliveries by entry number, a page at a time.

        Args:
            states: Any of these states; none asks for all.
            reason: With that reason.
            logged_segment_entry_no: Of a logged segment.
            after: Begin after this entry number.
            limit: Length of the page.

        Raises:
            NotFoundError: There is no such logged segment.
        """
        self._require_logged(logged_segment_entry_no)
        return self.work.deliveries.page(
            states=frozenset(states),
            reason=reason,
            logged_segment_entry_no=logged_segment_entry_no,
            after=after,
            limit=limit,
        )

    def figures(self, logged_segment_entry_no: int | None = None) -> Sequence[DeliveryCount]:
        """
        Count deliveries by channel, state and reason; all, or those of a logged segment.

        Raises `NotFoundError` for an unknown logged segment.
        """
        self._require_logged(logged_segment_entry_no)
        return self.work.deliveries.figures(logged_segment_entry_no)

    def retry(self, *entry_nos: int) -> None:
        """
        Request deliveries again that are unknown, failed or withheld, or wait for another attempt,
        and those of which the claim has run out.

        They are due at once, with all attempts before them. An unknown one was perhaps sent: look
        first whether the recipient has it.

        Raises:
            NotFoundError: An entry has no delivery; none is changed.
            StateError: One is being sent, or was sent.
        """
        now = self.work.clock.now()
        self._settle(
            entry_nos,
            _REPEATED,
            DeliveryState.REQUESTED,
            reason=None,
            text="",
            attempts=0,
            not_before=now,
            settled_at=None,
        )

    def give_up(self, *entry_nos: int, text: str = "") -> None:
        """
        Never send deliveries that are unknown or still wait, or of which the claim has run out.

        They are failed, as ``given-up``.

        Raises:
            NotFoundError: An entry has no delivery; none is changed.
            StateError: One is being sent, or is settled.
        """
        self._settle(
            entry_nos,
            _GIVEN_UP,
            DeliveryState.FAILED,
            reason="given-up",
            text=text,
            settled_at=self.work.clock.now(),
        )

    def _settle(
        self,
        entry_nos: Sequence[int],
        states: Collection[DeliveryState],
        state: DeliveryState,
        **values: object,
    ) -> None:
        with self.work.atomic():
            for entry_no in sorted({*entry_nos}):
                lock_entry(self.work, entry_no)
                delivery = self.work.deliveries.lock(entry_no)
                if delivery.state not in states and not self._ran_out(delivery):
                    raise StateError(f"delivery {entry_no}", f"is {delivery.state.name.lower()}")
                settle(self.work, entry_no, state, **values)

    def _ran_out(self, delivery: Delivery) -> bool:
        """Say whether a worker died with the delivery, and none of its channel ran since."""
        until = delivery.claimed_until
        return until is not None and until <= self.work.clock.now()

    def record_receipt(
        self, message_id: str, event: DeliveryEvent, happened_at: datetime, *, text: str = ""
    ) -> bool:
        """
        Record what was heard of a sent message; return whether it was new.

        The same message, event and instant is recorded once. A receipt of a delivery that is
        unknown, waits for another attempt, or was held or given up after one, proves that it was
        sent.

        Args:
            message_id: As in `Message.message_id`, or the whole header of the mail.
            event: What happened.
            happened_at: When.
            text: What was said of it; 500 characters are kept.

        Raises:
            NotFoundError: No delivery has that message.
            StateError: It was not sent, or is being sent.
        """
        given = message_id.strip().strip("<>").partition("@")[0]
        numbered = _NUMBERED.fullmatch(given)
        no = int(numbered[1]) if numbered else 0
        with self.work.atomic():
            found = self.work.deliveries.find(no) if no else None
            if found is None or found.message_id != given:
                raise NotFoundError("message", given)
            entry = lock_entry(self.work, no)
            delivery = self.work.deliveries.lock(no)
            known = delivery.state in {DeliveryState.SENT, DeliveryState.UNKNOWN}
            tried = delivery.expires_at is not None
            sending = delivery.state is DeliveryState.CLAIMED and not self._ran_out(delivery)
            if sending or not (known or tried):
                raise StateError(f"delivery {no}", f"is {delivery.state.name.lower()}, not sent")
            receipt = DeliveryReceipt(
                entry_no=no,
                event=event,
                happened_at=happened_at,
                # of a person who was erased nothing is kept
                text=text[:500] if entry.contact_no else "",
                recorded_at=self.work.clock.now(),
            )
            receipts = self.work.records(DeliveryReceipt)
            if receipts.find(no, event, receipt.happened_at) is not None:
                return False
            receipts.add(receipt)
            if delivery.state is not DeliveryState.SENT:
                settled_at = delivery.settled_at or receipt.recorded_at
                settle(self.work, no, DeliveryState.SENT, reason=None, settled_at=settled_at)
        return True

    def receipts(self, entry_no: int) -> Sequence[DeliveryReceipt]:
        """Return what was heard of a delivery, by event and instant, or raise `NotFoundError`."""
        return self.work.records(DeliveryReceipt).all(self.work.deliveries.get(entry_no).entry_no)

    def preview(self, entry_no: int, *, word_templates: WordTemplates | None = None) -> Message:
        """
        Return the message of an entry as it would be sent now.

        Raises:
            NotFoundError: There is no such entry, or nothing of it is to be delivered.
            StateError: It would be withheld, such as for an alternative address that is gone.
            ContentError, AddressError: What would make the delivery fail.
        """
        delivery = self.work.deliveries.get(entry_no)
        entry = self.work.interactions.get(entry_no)
        facts = facts_of(self.work, entry, {}, word_templates)
        if reason := reason_to_withhold(self.work, delivery, facts):
            raise StateError(f"delivery {entry_no}", f"would be withheld: {reason}")
        return compose(delivery, facts, self.work.clock.now())

    def _require_logged(self, entry_no: int | None) -> None:
        if entry_no is not None:
            self.work.logged_segments.get(entry_no)


def settle(work: UnitOfWork, entry_no: int, state: DeliveryState, **values: object) -> None:
    """Write the state of a delivery, and what its entry shows of that."""
    work.deliveries.set(entry_no, state=state, **values, **_NOT_CLAIMED)
    work.interactions.set([entry_no], delivery_status=_STATUS.get(state, DeliveryStatus.REQUESTED))


def lock_entry(work: UnitOfWork, entry_no: int) -> InteractionLogEntry:
    """Lock an entry before its delivery: everybody does so in this order."""
    if work.deliveries.find(entry_no) is None:
        raise NotFoundError("delivery", str(entry_no))
    return work.interactions.lock(entry_no)
