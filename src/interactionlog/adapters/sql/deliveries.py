"""Deliveries in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from interactionlog.adapters.records import StoredDeliveries
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.rows import from_row
from interactionlog.adapters.sql.session import json_list, parts
from interactionlog.delivery.delivery import Claim, Delivery, DeliveryCount, DeliveryState


class SqlDeliveries(StoredDeliveries, SqlRecords[Delivery]):
    """`interactionlog.delivery.delivery.DeliveryRepository` over SQL."""

    def add_of_segment(
        self, logged_segment_entry_no: int, first: int, last: int, message_ids: str, at: datetime
    ) -> int:
        where = (self._session.tenant, logged_segment_entry_no, first, last)
        return self._session.change("add_deliveries_of_segment", message_ids, at, at, *where)

    def claim(self, claim: Claim, *, limit: int) -> Sequence[Delivery]:
        tenant, channels = self._session.tenant, json_list(claim.channels)
        rows = self._session.returning_all(
            "claim_deliveries",
            *(tenant, claim.at, channels, limit),
            *(claim.by, claim.until, claim.expires_at, tenant),
        )
        claimed: list[Delivery] = list(map(from_row(self._table), rows))
        return sorted(claimed, key=lambda each: (each.not_before, each.entry_no))

    def end_claims(self, at: datetime, again: Collection[str], *, most_attempts: int) -> int:
        which = (json_list(again), most_attempts)
        return self._session.change("end_delivery_claims", *which, *which, self._session.tenant, at)

    def page(
        self,
        *,
        states: Collection[DeliveryState] = (),
        reason: str | None = None,
        logged_segment_entry_no: int | None = None,
        after: int = 0,
        limit: int = 1_000,
    ) -> Sequence[Delivery]:
        conditions, values = self._of(logged_segment_entry_no)
        if states:
            conditions.append("delivery_if_states")
            values.append(json_list([state.value for state in states]))
        if reason is not None:
            conditions.append("delivery_if_reason")
            values.append(reason)
        rows = self._session.rows_where(
            "deliveries", conditions, "deliveries_in_order", after, *values, limit
        )
        return list(map(from_row(self._table), rows))

    def figures(self, logged_segment_entry_no: int | None = None) -> Sequence[DeliveryCount]:
        conditions, values = self._of(logged_segment_entry_no)
        rows = self._session.rows_where(
            "figures_by_delivery_state", conditions, "by_delivery_state", *values
        )
        return [
            DeliveryCount(channel, DeliveryState(state), reason, count)
            for channel, state, reason, count in rows
        ]

    def _of(self, logged_segment_entry_no: int | None) -> tuple[list[str], list[object]]:
        if logged_segment_entry_no is None:
            return [], []
        return ["delivery_if_logged_segment"], [self._session.tenant, logged_segment_entry_no]

    def remove_of(self, entry_nos: Collection[int]) -> Sequence[int]:
        contents: list[int] = []
        for some in parts(entry_nos):
            which = (self._session.tenant, json_list(some))
            rows = self._session.returning_all("remove_deliveries_of_entries", *which)
            contents += [no for (no,) in rows if no is not None]
            if rows:
                self._session.change("remove_receipts_of_entries", *which)
        return contents
