"""The log in SQL, with deliveries, idempotency keys, campaign entries and attachments."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any

from interactionlog.adapters.records import (
    FIELD_OF,
    StoredAttachments,
    StoredCampaignEntries,
    StoredDeliveries,
    StoredLog,
    key_of,
)
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.rows import from_row, instant_out, sums_in
from interactionlog.adapters.sql.session import json_list, parts
from interactionlog.adapters.tables import TABLES
from interactionlog.attachments.attachment import Attachment
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.delivery.delivery import Claim, Delivery, DeliveryCount, DeliveryState
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.idempotency import IdempotencyKey, IdempotencyKeyRepository
from interactionlog.interactions.repository import (
    Dimension,
    Figures,
    LineRange,
    LogFilter,
    Logging,
    Position,
)
from interactionlog.values import CorrespondenceType

_ENTRY = TABLES[InteractionLogEntry]
_WALKED = 1_000
"""From so many entries at once on, the whole log is walked through page by page."""


def conditions_of(log_filter: LogFilter) -> tuple[list[str], list[object]]:
    """Return the names of the conditions that a filter asks for, and their parameters in order."""
    asked = log_filter.conditions()
    names = [f"entry_if_{'not_' if value is False else ''}{name}" for name, value in asked]
    return names, [value for _, value in asked if not isinstance(value, bool)]


def range_of(tenant: str, lines: LineRange) -> tuple[list[str], list[object]]:
    """Return the further conditions of some lines, and the parameters with those of the range."""
    no, after, through, left_out_of = lines
    values: list[object] = [tenant, no, after, through]
    if left_out_of is None:
        return [], values
    return ["line_not_left_out"], [*values, tenant, left_out_of]


class SqlInteractionLog(StoredLog, SqlRecords[InteractionLogEntry]):  # type: ignore[misc]
    """`interactionlog.interactions.repository.InteractionLogRepository` over SQL."""

    def add_of_segment(
        self,
        logging: Logging,
        lines: LineRange,
        entry_nos: Sequence[int],
        personal_fields: Mapping[int, int],
    ) -> None:
        if not entry_nos:
            return
        session, tenant = self._session, self._session.tenant
        no, user_id, recorded_at, status, word_template = logging
        common = (no, user_id, instant_out(recorded_at), status and status.value, word_template)
        conditions, between = range_of(tenant, lines)
        added = session.add_selected(
            "add_entries_of_lines",
            conditions,
            "end_entries_of_lines",
            *(*session.driver.numbered(entry_nos), *common, *between),
            first=[json.dumps(personal_fields), tenant, no],
            record="log entry",
            key=f"{entry_nos[0]} to {entry_nos[-1]}",
        )
        self._require_numbers(added, lines, entry_nos)

    def contacted(
        self,
        contact_nos: Collection[str],
        correspondence_type: CorrespondenceType | None,
        since: date,
        until: date,
        *,
        not_in: int | None = None,
    ) -> Mapping[str, int]:
        kind = 0 if correspondence_type is None else correspondence_type.value
        asked = (json_list(contact_nos), since, until, kind, not_in or -1)
        return dict(self._session.rows("contacted", *asked))

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        changed = sum(
            self._cancel(reason, ["entry_among"], json_list(some), canceled=canceled)
            for some in parts(entry_nos)
        )
        self._require_all(changed, entry_nos)

    def remove_matching(
        self, log_filter: LogFilter, *, before: Position | None = None, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        self._session.lifetime.check_write()
        conditions, values = conditions_of(log_filter)
        conditions = [*conditions, "entry_among"]
        removed: list[InteractionLogEntry] = []
        # a page whose entries were all changed meanwhile is not the last one
        while not removed and (page := self.newest(log_filter, before=before, limit=limit)):
            numbers = json_list([each.entry_no for each in page])
            rows = self._session.rows_where(
                "remove_entries", conditions, "entry_row", *values, numbers
            )
            removed = list(map(from_row(_ENTRY), rows))
        gone = json_list([each.entry_no for each in removed])
        self._session.change("forget_entry_log_comment", gone)
        return sorted(removed, key=lambda each: (each.date, each.entry_no), reverse=True)

    def newest(
        self,
        log_filter: LogFilter,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Sequence[InteractionLogEntry]:
        conditions, values = conditions_of(log_filter)
        for name, place in (("entry_before", before), ("entry_after", after)):
            if place is not None:
                conditions, values = [*conditions, name], [*values, *place]
        # of a small number PostgreSQL would sort all that are left, for each of many pages
        order = "first" if limit < _WALKED else "of_many"
        order = f"{'newest' if after is None else 'oldest'}_{order}"
        rows = self._session.rows_where("newest_entries", conditions, order, *values, limit)
        if after is not None:
            rows.reverse()
        return list(map(from_row(_ENTRY), rows))

    def of_logged_segment_with(
        self, logged_segment_entry_no: int, contact_nos: Collection[str]
    ) -> Sequence[InteractionLogEntry]:
        key = (logged_segment_entry_no, self._session.tenant, json_list(contact_nos))
        return self._session.entities(_ENTRY, "entries_of_logged_segment_with", *key)

    def used_further(self, logged_segment_entry_no: int, evaluated_before: int) -> tuple[int, int]:
        asked, no = (evaluated_before,), logged_segment_entry_no
        ((evaluated, resent),) = self._session.rows("entries_used_further", no, first=asked)
        return evaluated, resent

    def leave_logged_segment(self, logged_segment_entry_no: int) -> int:
        register = (self._session.tenant, logged_segment_entry_no)
        return self._session.change("leave_logged_segment", logged_segment_entry_no, first=register)

    def figures(self, log_filter: LogFilter, *by: Dimension) -> Sequence[tuple[Any, Figures]]:
        conditions, values = conditions_of(log_filter)
        tail = f"by_{'_and_'.join(FIELD_OF[each] for each in by)}" if by else ""
        name = f"figures_{tail}" if by else "figures"
        rows = self._session.rows_where(name, conditions, tail, *values)
        return [
            (key_of([part and str(part) for part in key]), Figures(count, *sums_in(cost, minutes)))
            for *key, count, cost, minutes in rows
        ]

    def count_contacts(self, log_filter: LogFilter) -> int:
        conditions, values = conditions_of(log_filter)
        return int(self._session.rows_where("count_contacts", conditions, "", *values)[0][0])

    def target_companies(self, campaign_no: str) -> Set[str | None]:
        return self._session.values("target_companies_logged", campaign_no)

    def leave_campaign_entry(self, campaign_no: str, campaign_entry_no: int) -> None:
        self._session.change("leave_campaign_entry", campaign_no, campaign_entry_no)

    def set_canceled(self, log_filter: LogFilter, reason: int, *, canceled: bool) -> int:
        conditions, values = conditions_of(log_filter)
        return self._cancel(reason, conditions, *values, canceled=canceled)

    def _cancel(
        self, reason: int, conditions: Sequence[str], *values: object, canceled: bool
    ) -> int:
        name = "set_cancel_reason" if canceled else "clear_cancel_reason"
        return self._session.change_where(name, [reason], conditions, *values)


class SqlIdempotencyKeys(SqlRecords[IdempotencyKey], IdempotencyKeyRepository):
    """`interactionlog.interactions.idempotency.IdempotencyKeyRepository` over SQL."""

    entity = IdempotencyKey

    def forget(self, before: datetime) -> int:
        return self._session.change("forget_idempotency_keys", before)


class SqlCampaignEntries(StoredCampaignEntries, SqlRecords[CampaignEntry]):
    """`interactionlog.campaigns.campaign.CampaignEntryRepository` over SQL."""

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        name = "set_campaign_cancel_reason" if canceled else "clear_campaign_cancel_reason"
        change = self._session.change
        changed = sum(change(name, json_list(some), first=[reason]) for some in parts(entry_nos))
        self._require_all(changed, entry_nos)

    def leave_logged_segment(self, register_no: int) -> None:
        self._session.change("campaign_entries_leave_register", register_no)


class SqlAttachments(StoredAttachments, SqlRecords[Attachment]):
    """`interactionlog.attachments.attachment.AttachmentRepository` over SQL."""

    def put_content(self, digest: str, part_no: int, content: bytes) -> None:
        self._session.change("put_attachment_content", digest, part_no, content)

    def lock_content(self, digest: str) -> bool:
        if self._session.driver.one_writer:
            return self.has_content(digest)
        return self._session.change("lock_attachment_content", digest) > 0

    def content(self, digest: str, part_no: int) -> bytes | None:
        row = self._session.row("attachment_part", digest, part_no)
        return None if row is None else bytes(row[0])  # some drivers give a memoryview

    def set_read_only(self, nos: Sequence[int]) -> None:
        self._session.change("attachments_read_only", json_list(nos))

    def is_referred_to(self, no: int) -> bool:
        places = (self._session.tenant, json_list([no])) * 8
        return self._session.row("attachment_referred_to", *places[1:]) is not None

    def referred_to(self, nos: Collection[int]) -> Set[int]:
        places = (self._session.tenant, json_list(nos)) * 8
        return self._session.values("attachments_referred_to", *places[1:])

    def without_attachment(self) -> Set[str]:
        return self._session.values("contents_without_attachment", self._session.tenant)


class SqlDeliveries(StoredDeliveries, SqlRecords[Delivery]):
    """`interactionlog.delivery.delivery.DeliveryRepository` over SQL."""

    def add_of_segment(
        self, logged_segment_entry_no: int, first: int, last: int, message_ids: str, at: datetime
    ) -> int:
        given, lines = (message_ids, at, at), (logged_segment_entry_no, first, last)
        return self._session.change("add_deliveries_of_segment", *lines, first=given)

    def claim(self, claim: Claim, *, limit: int) -> Sequence[Delivery]:
        rows = self._session.returning_all(
            "claim_deliveries",
            *(claim.at, json_list(claim.channels), limit),
            *(claim.by, claim.until, self._session.tenant),
        )
        claimed: list[Delivery] = list(map(from_row(self._table), rows))
        return sorted(claimed, key=lambda each: (each.not_before, each.entry_no))

    def end_claims(self, at: datetime, channels: Mapping[str, bool], *, most_attempts: int) -> int:
        which = (json_list([each for each in channels if channels[each]]), most_attempts)
        own = json_list(channels)
        return self._session.change("end_delivery_claims", at, own, first=(*which, *which))

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
        return ["delivery_if_logged_segment"], [self._session.tenant, logged_segment_entry_no] * 3

    def remove_of(self, entry_nos: Collection[int]) -> Sequence[int]:
        contents: list[int] = []
        for some in parts(entry_nos):
            rows = self._session.returning_all("remove_deliveries_of_entries", json_list(some))
            contents += [no for (no,) in rows if no is not None]
            if rows:
                self._session.change("remove_receipts_of_entries", json_list(some))
        return contents
