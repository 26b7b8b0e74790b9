"""Deliveries in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from interactionlog.adapters.memory.session import MemoryRecords
from interactionlog.adapters.records import StoredDeliveries
from interactionlog.delivery.delivery import (
    CHANNELS,
    Claim,
    Delivery,
    DeliveryCount,
    DeliveryState,
)
from interactionlog.values import DeliveryStatus


class MemoryDeliveries(StoredDeliveries, MemoryRecords[Delivery]):
    """`interactionlog.delivery.delivery.DeliveryRepository` over a dictionary."""

    def add_of_segment(
        self, logged_segment_entry_no: int, first: int, last: int, message_ids: str, at: datetime
    ) -> int:
        entries = self._session.read("log_entry")
        asked = [
            entry
            for no in range(first, last + 1)
            if (entry := entries.get((no,))) is not None
            and entry.logged_segment_entry_no == logged_segment_entry_no
            and entry.delivery_status is DeliveryStatus.REQUESTED
            and entry.resend_of is None
        ]
        for entry in asked:
            self.put(
                Delivery(
                    entry_no=entry.entry_no,
                    channel=CHANNELS[entry.correspondence_type],
                    message_id=f"{message_ids}{entry.entry_no}",
                    requested_at=at,
                    not_before=at,
                )
            )
        return len(asked)

    def claim(self, claim: Claim, *, limit: int) -> Sequence[Delivery]:
        self._session.lifetime.check_write()
        due = [
            each
            for each in self.all()
            if each.state is DeliveryState.REQUESTED
            and each.not_before <= claim.at
            and each.channel in claim.channels
        ]
        due.sort(key=lambda each: (each.not_before, each.entry_no))
        for each in due[:limit]:
            self.set(
                each.entry_no,
                state=DeliveryState.CLAIMED,
                attempts=each.attempts + 1,
                claimed_by=claim.by,
                claimed_until=claim.until,
                expires_at=each.expires_at or claim.expires_at,
            )
        return [self.get(each.entry_no) for each in due[:limit]]

    def end_claims(self, at: datetime, again: Collection[str], *, most_attempts: int) -> int:
        ended = [
            each
            for each in self.all()
            if each.claimed_until is not None and each.claimed_until <= at
        ]
        for each in ended:
            begun = each.begun_at is not None
            repeated = not begun or (each.channel in again and each.attempts < most_attempts)
            self.set(
                each.entry_no,
                state=DeliveryState.REQUESTED if repeated else DeliveryState.UNKNOWN,
                settled_at=None if repeated else each.claimed_until,
                attempts=each.attempts if begun else each.attempts - 1,
                reason="claim-ended" if begun else each.reason,
                **dict.fromkeys(("claimed_by", "claimed_until", "begun_at")),
            )
        return len(ended)

    def page(
        self,
        *,
        states: Collection[DeliveryState] = (),
        reason: str | None = None,
        logged_segment_entry_no: int | None = None,
        after: int = 0,
        limit: int = 1_000,
    ) -> Sequence[Delivery]:
        found = [
            each
            for each in self._of(logged_segment_entry_no)
            if each.entry_no > after
            and (not states or each.state in states)
            and (reason is None or each.reason == reason)
        ]
        return found[:limit]

    def figures(self, logged_segment_entry_no: int | None = None) -> Sequence[DeliveryCount]:
        counts = Counter(
            (each.channel, each.state.value, each.reason or "")
            for each in self._of(logged_segment_entry_no)
        )
        return [
            DeliveryCount(channel, DeliveryState(state), reason or None, counts[key])
            for key in sorted(counts)
            for channel, state, reason in [key]
        ]

    def _of(self, logged_segment_entry_no: int | None) -> Sequence[Delivery]:
        if logged_segment_entry_no is None:
            return self.all()
        entries, no = self._session.read("log_entry"), logged_segment_entry_no
        return [
            each
            for each in self.all()
            if getattr(entries.get((each.entry_no,)), "logged_segment_entry_no", None) == no
        ]

    def remove_of(self, entry_nos: Collection[int]) -> Sequence[int]:
        found = [each for no in {*entry_nos} if (each := self.find(no)) is not None]
        for each in found:
            self.remove(each.entry_no)
            self._session.remove("delivery_receipt", each.entry_no)
        return [each.attachment_no for each in found if each.attachment_no is not None]
