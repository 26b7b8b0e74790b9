"""The log in memory, with deliveries, idempotency keys, campaign entries and attachments."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from datetime import date, datetime
from itertools import takewhile
from typing import Any

import attrs

from interactionlog.adapters.memory.session import MemoryRecords
from interactionlog.adapters.records import (
    FIELD_OF,
    StoredAttachments,
    StoredCampaignEntries,
    StoredDeliveries,
    StoredLog,
    key_of,
)
from interactionlog.attachments.attachment import Attachment
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.delivery.delivery import CHANNELS, Claim, Delivery, DeliveryCount, DeliveryState
from interactionlog.errors import DuplicateEntryError
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
from interactionlog.segments.logging.logged_segments import entry_of_line
from interactionlog.values import CorrespondenceType, DeliveryStatus, InformationFlow, exact_sum


def _canceled(state: int, reason: int, *, canceled: bool) -> int:
    return int(state | reason if canceled else state & ~reason)  # as a database gives it back


class MemoryInteractionLog(StoredLog, MemoryRecords[InteractionLogEntry]):  # type: ignore[misc]
    """`interactionlog.interactions.repository.InteractionLogRepository` over dictionaries."""

    def add(self, record: InteractionLogEntry) -> None:
        self._refuse_second_document(record)
        super().add(record)

    def replace(self, record: InteractionLogEntry) -> None:
        self._refuse_second_document(record)
        super().replace(record)

    def _refuse_second_document(self, entry: InteractionLogEntry) -> None:
        self.key_of(entry)  # it is one
        document = _document(entry)
        if document is not None:
            for other in self._session.read("log_entry").values():
                if other.entry_no != entry.entry_no and _document(other) == document:
                    raise DuplicateEntryError("log entry", str(entry.entry_no))

    def add_of_segment(
        self,
        logging: Logging,
        lines: LineRange,
        entry_nos: Sequence[int],
        personal_fields: Mapping[int, int],
    ) -> None:
        of_batch, build = lines.left_out_of or 0, entry_of_line()
        left_out = self._session.below("left_out_line", of_batch)
        following = self._session.after("segment_line", lines.segment_no, lines.after)
        between = takewhile(lambda line: line.line_no <= lines.through, following)
        logged = [line for line in between if (of_batch, line.line_no) not in left_out]
        self._require_numbers(len(logged), lines, entry_nos)
        register_no = logging.logged_segment_entry_no
        parents = {
            each.campaign_no: each.entry_no
            for each in self.of(CampaignEntry).all()
            if (each.register_no, each.document_type) == (register_no, None) and not each.closed
        }
        mask_of = personal_fields.get
        pairs = [
            (
                (no,),
                build(
                    logging, line, no, parents.get(line.campaign_no or ""), mask_of(line.line_no, 0)
                ),
            )
            for no, line in zip(entry_nos, logged, strict=True)
        ]
        self._session.set_many("log_entry", pairs)

    def contacted(
        self,
        contact_nos: Collection[str],
        correspondence_type: CorrespondenceType | None,
        since: date,
        until: date,
        *,
        not_in: int | None = None,
    ) -> Mapping[str, int]:
        return Counter(
            entry.contact_no
            for entry in self._session.read("log_entry").values()
            if entry.contact_no in contact_nos
            and entry.correspondence_type is correspondence_type
            and since <= entry.date <= until
            and not (entry.canceled or entry.postponed or entry.attempt_failed)
            and entry.information_flow is not InformationFlow.INBOUND
            and (not_in is None or entry.logged_segment_entry_no != not_in)
        )

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        self._check_write()
        self._cancel(self.many(entry_nos), reason, canceled=canceled)

    def set_canceled(self, log_filter: LogFilter, reason: int, *, canceled: bool) -> int:
        return self._cancel(self._matching(log_filter), reason, canceled=canceled)

    def _cancel(
        self, entries: Sequence[InteractionLogEntry], reason: int, *, canceled: bool
    ) -> int:
        def state(entry: InteractionLogEntry) -> Mapping[str, Any]:
            return {"cancel_state": _canceled(entry.cancel_state, reason, canceled=canceled)}

        return self._evolve(entries, state)

    def _evolve(
        self,
        entries: Sequence[InteractionLogEntry],
        values: Callable[[InteractionLogEntry], Mapping[str, Any]],
    ) -> int:
        changed = [((each.entry_no,), attrs.evolve(each, **values(each))) for each in entries]
        self._session.set_many("log_entry", changed)
        return len(changed)

    def remove_matching(
        self, log_filter: LogFilter, *, before: Position | None = None, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        self._check_write()
        entries = self.newest(log_filter, before=before, limit=limit)
        for entry in entries:
            self.remove(entry.entry_no)
        return entries

    def newest(
        self,
        log_filter: LogFilter,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Sequence[InteractionLogEntry]:
        placed = {(entry.date, entry.entry_no): entry for entry in self._matching(log_filter)}
        page = [
            placed[place]
            for place in sorted(placed, reverse=True)
            if (before is None or place < before) and (after is None or place > after)
        ]
        return page[:limit] if after is None else page[max(len(page) - limit, 0) :]

    def _matching(self, log_filter: LogFilter) -> list[InteractionLogEntry]:
        return [*filter(log_filter.matches, self._session.read("log_entry").values())]

    def _of_logging(self, no: int) -> list[InteractionLogEntry]:
        return self._matching(LogFilter(logged_segment_entry_no=no))

    def of_logged_segment_with(
        self, logged_segment_entry_no: int, contact_nos: Collection[str]
    ) -> Sequence[InteractionLogEntry]:
        entries = self._of_logging(logged_segment_entry_no)
        found = [entry for entry in entries if entry.contact_no in contact_nos]
        return sorted(found, key=lambda entry: entry.entry_no)

    def used_further(self, logged_segment_entry_no: int, evaluated_before: int) -> tuple[int, int]:
        entries = self._of_logging(logged_segment_entry_no)
        of_lines = [entry for entry in entries if entry.resend_of is None]
        evaluated = [each for each in of_lines if each.evaluation is not None]
        since = sum(not each.personal_fields & evaluated_before for each in evaluated)
        return since, len(entries) - len(of_lines)

    def leave_logged_segment(self, logged_segment_entry_no: int) -> int:
        parents = self._session.read("campaign_entry")

        def left(entry: InteractionLogEntry) -> Mapping[str, Any]:
            parent = parents.get((entry.campaign_entry_no,))
            leaves = parent is not None and parent.register_no == logged_segment_entry_no
            state = (entry.cancel_state | (5 if leaves else 1)) & ~2
            return {"cancel_state": state, "logged_segment_entry_no": None}

        return self._evolve(self._of_logging(logged_segment_entry_no), left)

    def leave_campaign_entry(self, campaign_no: str, campaign_entry_no: int) -> None:
        def left(entry: InteractionLogEntry) -> Mapping[str, Any]:
            state = entry.cancel_state
            state = (state | 1) & ~4 if state & 4 else state
            return {"cancel_state": state, "campaign_entry_no": None}

        asked = LogFilter(campaign_no=campaign_no, campaign_entry_no=campaign_entry_no)
        self._evolve(self._matching(asked), left)

    def figures(self, log_filter: LogFilter, *by: Dimension) -> Sequence[tuple[Any, Figures]]:
        split: defaultdict[tuple[str | None, ...], list[InteractionLogEntry]] = defaultdict(list)
        if not by:
            split[()] = []  # one row, also when nothing matches
        for entry in self._matching(log_filter):
            held = [getattr(entry, FIELD_OF[each]) for each in by]
            split[tuple(part and str(part) for part in held)].append(entry)
        keys = sorted(split, key=lambda key: [part or "" for part in key])
        return [(key_of(key), _figures(split[key])) for key in keys]

    def count_contacts(self, log_filter: LogFilter) -> int:
        return len({entry.contact_no for entry in self._matching(log_filter)} - {None})

    def target_companies(self, campaign_no: str) -> Set[str | None]:
        live = LogFilter(
            campaign_no=campaign_no, campaign_target=True, canceled=False, postponed=False
        )
        return {entry.contact_company_no for entry in self._matching(live)}


def _figures(entries: Sequence[InteractionLogEntry]) -> Figures:
    cost = exact_sum(entry.cost_lcy for entry in entries)
    return Figures(len(entries), cost, sum(entry.duration_min for entry in entries))


def _document(entry: InteractionLogEntry) -> tuple[object, ...] | None:
    """Return what is unique about a logged document, ``None`` for everything else."""
    if entry.document_no is None or entry.resend_of is not None or entry.contact_no is None:
        return None
    number = (entry.document_type, entry.document_no, entry.doc_no_occurrence, entry.version_no)
    return (*number, entry.contact_no, entry.reprint_no)


class MemoryIdempotencyKeys(MemoryRecords[IdempotencyKey], IdempotencyKeyRepository):
    """`interactionlog.interactions.idempotency.IdempotencyKeyRepository` over a dictionary."""

    entity = IdempotencyKey

    def forget(self, before: datetime) -> int:
        old = [(record.key,) for record in self.all() if record.recorded_at < before]
        return self._session.drop("idempotency_key", old)


class MemoryCampaignEntries(StoredCampaignEntries, MemoryRecords[CampaignEntry]):
    """`interactionlog.campaigns.campaign.CampaignEntryRepository` over a dictionary."""

    def add(self, record: CampaignEntry) -> None:
        self.key_of(record)  # it is one
        group = ("campaign_no", "document_type", "segment_no", "register_no")
        if not record.closed and self.find_open(*(getattr(record, each) for each in group)):
            raise DuplicateEntryError("campaign entry", str(record.entry_no))
        super().add(record)

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        self._check_write()
        for entry in [self.get(entry_no) for entry_no in sorted({*entry_nos})]:
            state = _canceled(entry.cancel_state, reason, canceled=canceled)
            self.set(entry.entry_no, cancel_state=state, closed=entry.closed or canceled)

    def leave_logged_segment(self, register_no: int) -> None:
        self._check_write()
        for entry in self.of_logged_segment(register_no):
            state = (entry.cancel_state | 1) & ~2
            self.set(entry.entry_no, register_no=None, cancel_state=state)


_REFERRING = (
    *("template_language", "segment_language", "segment_line", "removed_line", "left_out_line"),
    *("log_entry", "delivery"),
)
"""Tables of records with an attachment."""


class MemoryAttachments(StoredAttachments, MemoryRecords[Attachment]):
    """`interactionlog.attachments.attachment.AttachmentRepository` over dictionaries."""

    def put_content(self, digest: str, part_no: int, content: bytes) -> None:
        self._session.set_many("attachment_content", [((digest, part_no), content)])

    def lock_content(self, digest: str) -> bool:
        return self.has_content(digest)

    def content(self, digest: str, part_no: int) -> bytes | None:
        return self._session.read("attachment_content").get((digest, part_no))  # type: ignore[no-any-return]

    def set_read_only(self, nos: Sequence[int]) -> None:
        self.set_many(nos, read_only=True)

    def is_referred_to(self, no: int) -> bool:
        return no in self.referred_to([no])

    def referred_to(self, nos: Collection[int]) -> Set[int]:
        rows = [row for name in _REFERRING for row in self._session.read(name).values()]
        named = [getattr(row, "line", row) for row in rows]
        found = {getattr(each, "modified_word_template", None) for each in named}
        return {*nos} & (found | {each.attachment_no for each in named})

    def without_attachment(self) -> Set[str]:
        stored = {digest for digest, _ in self._session.read("attachment_content")}
        return stored - {each.digest for each in self.all()}


class MemoryDeliveries(StoredDeliveries, MemoryRecords[Delivery]):
    """`interactionlog.delivery.delivery.DeliveryRepository` over a dictionary."""

    def add_of_segment(
        self, logged_segment_entry_no: int, first: int, last: int, message_ids: str, at: datetime
    ) -> int:
        self._check_write()
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
        self._check_write()
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
            )
        return [self.get(each.entry_no) for each in due[:limit]]

    def end_claims(self, at: datetime, channels: Mapping[str, bool], *, most_attempts: int) -> int:
        self._check_write()
        ended = [
            each
            for each in self.all()
            if each.claimed_until is not None and each.claimed_until <= at
            if each.begun_at is None or each.channel in channels
        ]
        for each in ended:
            begun = each.begun_at is not None
            repeated = not begun or (channels[each.channel] and each.attempts < most_attempts)
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
        self._check_write()
        found = [each for no in {*entry_nos} if (each := self.find(no)) is not None]
        for each in found:
            self.remove(each.entry_no)
            self._session.remove("delivery_receipt", each.entry_no)
        return [each.attachment_no for each in found if each.attachment_no is not None]
