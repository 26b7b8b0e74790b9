"""The log in memory, with idempotency keys, campaign entries and attachments."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from itertools import islice
from typing import Any

import attrs

from interactionlog.adapters.memory.session import MemoryRecords, is_lines
from interactionlog.adapters.records import (
    FIELD_OF,
    StoredAttachments,
    StoredCampaignEntries,
    StoredLog,
)
from interactionlog.attachments.attachment import Attachment
from interactionlog.campaigns.campaign import CampaignEntry
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
from interactionlog.values import (
    CorrespondenceType,
    DocumentType,
    InformationFlow,
    as_code,
    exact_sum,
)


def _canceled(state: int, reason: int, *, canceled: bool) -> int:
    return state | reason if canceled else state & ~reason


class MemoryInteractionLog(StoredLog, MemoryRecords[InteractionLogEntry]):  # type: ignore[misc]
    """`interactionlog.interactions.repository.InteractionLogRepository` over dictionaries."""

    def add(self, record: InteractionLogEntry) -> None:
        self._refuse_second_document(record)
        super().add(record)

    def replace(self, record: InteractionLogEntry) -> None:
        self._refuse_second_document(record)
        super().replace(record)

    def _refuse_second_document(self, entry: InteractionLogEntry) -> None:
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
        campaign_entries: Mapping[str, int],
        personal_fields: Mapping[int, int] | None,
    ) -> None:
        table, build = self._session.read(("segment_line", lines.segment_no)), entry_of_line()
        left_out = self._session.below("left_out_line", lines.left_out_of)
        numbers = table.ordered()
        between = slice(bisect_right(numbers, lines.after), bisect_right(numbers, lines.through))
        logged = [no for no in numbers[between] if (lines.left_out_of, no) not in left_out]
        self._require_numbers(len(logged), lines, entry_nos)
        masks, parent = personal_fields or {}, campaign_entries.get
        pairs = [
            ((no,), build(logging, line, no, parent(line.campaign_no or ""), masks.get(key, 0)))
            for no, key in zip(entry_nos, logged, strict=True)
            for line in [table[key]]
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

    def many(self, entry_nos: Collection[int]) -> Sequence[InteractionLogEntry]:
        return [self.get(entry_no) for entry_no in sorted({*entry_nos})]

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
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

    def remove(self, *key: object) -> None:
        super().remove(*key)
        self.remove_comments(*key)

    def remove_comments(self, *entry_no: object) -> None:
        self._session.drop_below("log_comment", *entry_no)

    def remove_matching(
        self, log_filter: LogFilter, *, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        entries = self.newest(log_filter, limit=limit)
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

    def of_document(
        self,
        document_type: DocumentType,
        document_no: str,
        doc_no_occurrence: int,
        version_no: int,
        contact_no: str,
    ) -> Sequence[InteractionLogEntry]:
        key = (document_type, document_no, doc_no_occurrence, version_no, contact_no)
        entries = self._session.read("log_entry").values()
        found = [entry for entry in entries if (_document(entry) or ())[:-1] == key]
        return sorted(found, key=lambda entry: entry.reprint_no)

    def _matching(self, log_filter: LogFilter) -> list[InteractionLogEntry]:
        return [*filter(log_filter.matches, self._session.read("log_entry").values())]

    def _of_logging(self, no: int) -> list[InteractionLogEntry]:
        return self._matching(LogFilter(logged_segment_entry_no=no))

    def of_logged_segment(
        self, logged_segment_entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        table = self._session.read("log_entry")
        numbers = table.ordered()
        entries = (table[no] for no in islice(numbers, bisect_right(numbers, (after,)), None))
        no = logged_segment_entry_no
        return list(islice((each for each in entries if each.logged_segment_entry_no == no), limit))

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
        def left(entry: InteractionLogEntry) -> Mapping[str, Any]:
            state = (entry.cancel_state | 1) & ~2
            return {"cancel_state": state, "logged_segment_entry_no": None}

        return self._evolve(self._of_logging(logged_segment_entry_no), left)

    def leave_campaign_entry(self, campaign_no: str, campaign_entry_no: int) -> None:
        def left(entry: InteractionLogEntry) -> Mapping[str, Any]:
            state = entry.cancel_state
            state = (state | 1) & ~4 if state & 4 else state
            return {"cancel_state": state, "campaign_entry_no": None}

        asked = LogFilter(campaign_no=campaign_no, campaign_entry_no=campaign_entry_no)
        self._evolve(self._matching(asked), left)

    def figures(
        self, log_filter: LogFilter, by: Dimension | None = None
    ) -> Sequence[tuple[str | None, Figures]]:
        split: defaultdict[str | None, list[InteractionLogEntry]] = defaultdict(list)
        if by is None:
            split[None] = self._matching(log_filter)
        else:
            for entry in self._matching(log_filter):
                key = getattr(entry, FIELD_OF[by])
                split[str(key) if by is Dimension.DATE else key].append(entry)
        return [(key, _figures(split[key])) for key in sorted(split, key=lambda key: key or "")]

    def figures_by_two(
        self, log_filter: LogFilter, by: Dimension, then: Dimension
    ) -> Sequence[tuple[tuple[str | None, str | None], Figures]]:
        fields = FIELD_OF[by], FIELD_OF[then]
        split: defaultdict[tuple[str | None, str | None], list[InteractionLogEntry]]
        split = defaultdict(list)
        for entry in self._matching(log_filter):
            one, other = (getattr(entry, field) for field in fields)
            split[one and str(one), other and str(other)].append(entry)
        keys = sorted(split, key=lambda key: (key[0] or "", key[1] or ""))
        return [(key, _figures(split[key])) for key in keys]

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
        if not record.closed and self.find_open(*_group(record)) is not None:
            raise DuplicateEntryError("campaign entry", str(record.entry_no))
        super().add(record)

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        for entry in [self.get(entry_no) for entry_no in entry_nos]:
            state = _canceled(entry.cancel_state, reason, canceled=canceled)
            self.set(entry.entry_no, cancel_state=int(state), closed=entry.closed or canceled)

    def leave_logged_segment(self, register_no: int) -> None:
        for entry in self.of_logged_segment(register_no):
            state = (entry.cancel_state | 1) & ~2
            self.set(entry.entry_no, register_no=None, cancel_state=state)

    def find_open(
        self,
        campaign_no: str,
        document_type: DocumentType | None,
        segment_no: str | None,
        register_no: int | None,
    ) -> CampaignEntry | None:
        key = (campaign_no, document_type, segment_no, register_no)
        found = (each for each in self.all() if not each.closed and _group(each) == key)
        return next(found, None)

    def of_campaign(self, campaign_no: str) -> Sequence[CampaignEntry]:
        return [each for each in self.all() if each.campaign_no == as_code(campaign_no)]

    def of_logged_segment(self, register_no: int) -> Sequence[CampaignEntry]:
        return [each for each in self.all() if each.register_no == register_no]


def _group(entry: CampaignEntry) -> tuple[str, DocumentType | None, str | None, int | None]:
    return entry.campaign_no, entry.document_type, entry.segment_no, entry.register_no


_REFERRING = frozenset(
    {"template_language", "segment_language", "removed_line", "log_entry", "delivery"}
)
"""Tables of records with an attachment, besides the lines of each segment."""


class MemoryAttachments(StoredAttachments, MemoryRecords[Attachment]):
    """`interactionlog.attachments.attachment.AttachmentRepository` over dictionaries."""

    def put_content(self, digest: str, part_no: int, content: bytes) -> None:
        self._session.set("attachment_content", (digest, part_no), content)

    def lock_content(self, digest: str) -> bool:
        return self.has_content(digest)

    def content(self, digest: str, part_no: int) -> bytes | None:
        return self._session.read("attachment_content").get((digest, part_no))

    def set_read_only(self, nos: Sequence[int]) -> None:
        self.set_many(nos, read_only=True)

    def is_referred_to(self, no: int) -> bool:
        for name, table in self._session.state.tables.items():
            rows: Iterable[Any] = ()
            if name == "left_out_line":
                rows = (left.line for left in table.values())
            elif name in _REFERRING or is_lines(name):
                rows = table.values()
            for row in rows:
                if no in {row.attachment_no, getattr(row, "modified_word_template", None)}:
                    return True
        return False

    def remove(self, *key: object) -> None:
        digest = self.get(*key).digest
        super().remove(*key)
        if all(other.digest != digest for other in self.all()):
            self.remove_content(digest)

    def remove_content(self, digest: str) -> None:
        self._session.drop_below("attachment_content", digest)

    def without_attachment(self) -> Set[str]:
        stored = {digest for digest, _ in self._session.read("attachment_content")}
        return stored - {each.digest for each in self.all()}
