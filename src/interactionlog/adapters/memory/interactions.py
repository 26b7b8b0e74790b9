"""Attachments in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from datetime import datetime
from itertools import islice
from typing import Any

import attrs

from interactionlog.adapters.memory.session import (
    EntryCounter,
    MemoryRecords,
    MemorySession,
    is_lines,
)
from interactionlog.attachments.attachment import Attachment, AttachmentRepository
from interactionlog.campaigns.campaign import CampaignEntry, CampaignEntryRepository
from interactionlog.errors import DuplicateEntryError, EntryNotFoundError
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interactions.idempotency import IdempotencyKey, IdempotencyKeyRepository
from interactionlog.interactions.repository import (
    Dimension,
    Figures,
    InteractionLogRepository,
    LogFilter,
    LoggedLine,
    Logging,
    Position,
)
from interactionlog.segments.logging.entries import entry_of_line
from interactionlog.values import DocumentType, as_code, checked, exact_sum

_FIELD = {
    Dimension.CONTACT: "contact_no",
    Dimension.TEMPLATE: "interaction_template_code",
    Dimension.GROUP: "interaction_group_code",
    Dimension.SALESPERSON: "salesperson_code",
    Dimension.CAMPAIGN: "campaign_no",
    Dimension.SEGMENT: "segment_no",
}


class MemoryInteractionLog(InteractionLogRepository):
    """`interactionlog.interactions.repository.InteractionLogRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        self._session = session
        self._comments = MemoryRecords(session, LogComment)
        self._counter = EntryCounter(session, "log_entry")

    def reserve_entry_nos(self, count: int) -> range:
        return self._counter.reserve(count)

    def add(self, entry: InteractionLogEntry) -> None:
        entries = self._session.read("log_entry")
        if entry.entry_no in entries:
            raise DuplicateEntryError("log entry", str(entry.entry_no))
        self._refuse_second_document(entry)
        self._session.set("log_entry", entry.entry_no, entry)
        self._counter.keep_above(entry.entry_no)

    def _refuse_second_document(self, entry: InteractionLogEntry) -> None:
        document = _document(entry)
        if document is not None:
            for other in self._session.read("log_entry").values():
                if other.entry_no != entry.entry_no and _document(other) == document:
                    raise DuplicateEntryError("log entry", str(entry.entry_no))

    def add_of_segment(self, logging: Logging, logged: Sequence[LoggedLine]) -> None:
        lines, build = self._session.read(("segment_line", logging.segment_no)), entry_of_line()
        pairs = [(each.entry_no, build(logging, each, lines[each.line_no])) for each in logged]
        self._session.set_many("log_entry", pairs)

    def get(self, entry_no: int) -> InteractionLogEntry:
        entry = self.find(entry_no)
        if entry is None:
            raise EntryNotFoundError("log entry", str(entry_no))
        return entry

    def find(self, entry_no: int) -> InteractionLogEntry | None:
        entry: InteractionLogEntry | None = self._session.read("log_entry").get(entry_no)
        return entry

    def lock(self, entry_no: int) -> InteractionLogEntry:
        self._session.lifetime.check_write()
        return self.get(entry_no)

    def many(self, entry_nos: Collection[int]) -> Sequence[InteractionLogEntry]:
        return [self.get(entry_no) for entry_no in sorted({*entry_nos})]

    def set(self, entry_nos: Collection[int], **values: object) -> None:
        given = checked(InteractionLogEntry, values)
        self._change(self.many(entry_nos), lambda _: given)

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        self._cancel(self.many(entry_nos), reason, canceled=canceled)

    def _change(
        self,
        entries: Sequence[InteractionLogEntry],
        values: Callable[[InteractionLogEntry], Mapping[str, Any]],
    ) -> int:
        changed = [(each.entry_no, attrs.evolve(each, **values(each))) for each in entries]
        self._session.set_many("log_entry", changed)
        return len(changed)

    def _cancel(
        self, entries: Sequence[InteractionLogEntry], reason: int, *, canceled: bool
    ) -> int:
        def state(entry: InteractionLogEntry) -> Mapping[str, Any]:
            old = entry.cancel_state
            return {"cancel_state": old | reason if canceled else old & ~reason}

        return self._change(entries, state)

    def replace(self, entry: InteractionLogEntry) -> None:
        self.get(entry.entry_no)
        self._refuse_second_document(entry)
        self._session.set("log_entry", entry.entry_no, entry)

    def remove(self, entry_no: int) -> None:
        self.get(entry_no)
        self.remove_comments(entry_no)
        self._session.drop("log_entry", [entry_no])

    def remove_matching(
        self, log_filter: LogFilter, *, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        entries = self.newest(log_filter, limit=limit)
        for entry in entries:
            self.remove(entry.entry_no)
        return entries

    def put_comment(self, comment: LogComment) -> None:
        self._comments.put(comment)

    def comments(self, entry_no: int) -> Sequence[LogComment]:
        return self._comments.all(entry_no)

    def remove_comment(self, entry_no: int, line_no: int) -> None:
        self._comments.remove(entry_no, line_no)

    def remove_comments(self, entry_no: int) -> None:
        for comment in self.comments(entry_no):
            self._comments.remove(entry_no, comment.line_no)

    def newest(
        self,
        log_filter: LogFilter,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Sequence[InteractionLogEntry]:
        meant = [
            entry
            for entry in self._meant(log_filter)
            if (before is None or (entry.date, entry.entry_no) < before)
            and (after is None or (entry.date, entry.entry_no) > after)
        ]
        meant.sort(key=lambda entry: (entry.date, entry.entry_no), reverse=True)
        return meant[:limit] if after is None else meant[max(len(meant) - limit, 0) :]

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

    def _meant(self, log_filter: LogFilter) -> list[InteractionLogEntry]:
        return [
            entry for entry in self._session.read("log_entry").values() if log_filter.matches(entry)
        ]

    def of_logged_segment(
        self, logged_segment_entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        entries = self._session.read("log_entry")
        numbers = entries.ordered()
        found = (
            entries[number]
            for number in islice(numbers, bisect_right(numbers, after), None)
            if entries[number].logged_segment_entry_no == logged_segment_entry_no
        )
        return list(islice(found, limit))

    def of_logged_segment_with(
        self, logged_segment_entry_no: int, contact_nos: Collection[str]
    ) -> Sequence[InteractionLogEntry]:
        meant = self._meant(LogFilter(logged_segment_entry_no=logged_segment_entry_no))
        return sorted(
            (entry for entry in meant if entry.contact_no in contact_nos),
            key=lambda entry: entry.entry_no,
        )

    def used_further(
        self, logged_segment_entry_no: int, evaluated_before: int
    ) -> tuple[int, int, int]:
        meant = self._meant(LogFilter(logged_segment_entry_no=logged_segment_entry_no))
        of_lines = [entry for entry in meant if entry.resend_of is None]
        return (
            sum(
                entry.evaluation is not None and not entry.personal_fields & evaluated_before
                for entry in of_lines
            ),
            sum(
                entry.correspondence_type is not None and entry.delivery_status is None
                for entry in of_lines
            ),
            len(meant) - len(of_lines),
        )

    def leave_logged_segment(self, logged_segment_entry_no: int) -> int:
        def left(entry: InteractionLogEntry) -> Mapping[str, Any]:
            state = (entry.cancel_state | 1) & ~2
            return {"cancel_state": state, "logged_segment_entry_no": None}

        meant = LogFilter(logged_segment_entry_no=logged_segment_entry_no)
        return self._change(self._meant(meant), left)

    def figures(
        self, log_filter: LogFilter, by: Dimension | None = None
    ) -> Sequence[tuple[str | None, Figures]]:
        split: defaultdict[str | None, list[InteractionLogEntry]] = defaultdict(list)
        if by is None:
            split[None] = []
        for entry in self._meant(log_filter):
            if by is None:
                key = None
            elif by is Dimension.DATE:
                key = entry.date.isoformat()
            else:
                key = getattr(entry, _FIELD[by])
            split[key].append(entry)
        return [
            (
                key,
                Figures(
                    len(entries),
                    exact_sum(entry.cost_lcy for entry in entries),
                    sum(entry.duration_min for entry in entries),
                ),
            )
            for key, entries in sorted(split.items(), key=lambda pair: pair[0] or "")
        ]

    def count_contacts(self, log_filter: LogFilter) -> int:
        return len({entry.contact_no for entry in self._meant(log_filter)} - {None})

    def target_companies(self, campaign_no: str) -> Set[str | None]:
        meant = LogFilter(
            campaign_no=campaign_no, campaign_target=True, canceled=False, postponed=False
        )
        return {entry.contact_company_no for entry in self._meant(meant)}

    def leave_campaign_entry(self, campaign_no: str, campaign_entry_no: int) -> None:
        def left(entry: InteractionLogEntry) -> Mapping[str, Any]:
            state = entry.cancel_state
            state = (state | 1) & ~4 if state & 4 else state
            return {"cancel_state": state, "campaign_entry_no": None}

        meant = LogFilter(campaign_no=campaign_no, campaign_entry_no=campaign_entry_no)
        self._change(self._meant(meant), left)

    def set_canceled(self, log_filter: LogFilter, reason: int, *, canceled: bool) -> int:
        return self._cancel(self._meant(log_filter), reason, canceled=canceled)


def _document(entry: InteractionLogEntry) -> tuple[object, ...] | None:
    """Return what is unique about a logged document, ``None`` for everything else."""
    if entry.document_no is None or entry.resend_of is not None or entry.contact_no is None:
        return None
    return (
        entry.document_type,
        entry.document_no,
        entry.doc_no_occurrence,
        entry.version_no,
        entry.contact_no,
        entry.reprint_no,
    )


class MemoryIdempotencyKeys(MemoryRecords[IdempotencyKey], IdempotencyKeyRepository):
    """`interactionlog.interactions.idempotency.IdempotencyKeyRepository` over a dictionary."""

    def __init__(self, session: MemorySession) -> None:
        super().__init__(session, IdempotencyKey)

    def forget(self, before: datetime) -> int:
        old = [record for record in self.all() if record.recorded_at < before]
        for record in old:
            self.remove(record.key)
        return len(old)


class MemoryCampaignEntries(MemoryRecords[CampaignEntry], CampaignEntryRepository):
    """`interactionlog.campaigns.campaign.CampaignEntryRepository` over a dictionary."""

    def __init__(self, session: MemorySession) -> None:
        super().__init__(session, CampaignEntry)
        self._counter = EntryCounter(session, "campaign_entry")

    def reserve_entry_no(self) -> int:
        return self._counter.reserve(1)[0]

    def add(self, record: CampaignEntry) -> None:
        rival = self.find_open(
            record.campaign_no, record.document_type, record.segment_no, record.register_no
        )
        if rival is not None and not record.closed:
            raise DuplicateEntryError("campaign entry", str(record.entry_no))
        super().add(record)
        self._counter.keep_above(record.entry_no)

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        for entry in [self.get(entry_no) for entry_no in entry_nos]:
            state = entry.cancel_state | reason if canceled else entry.cancel_state & ~reason
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
        for entry in self.all():
            its = (entry.campaign_no, entry.document_type, entry.segment_no, entry.register_no)
            if its == key and not entry.closed:
                return entry
        return None

    def of_campaign(self, campaign_no: str) -> Sequence[CampaignEntry]:
        return [each for each in self.all() if each.campaign_no == as_code(campaign_no)]

    def of_logged_segment(self, register_no: int) -> Sequence[CampaignEntry]:
        return [each for each in self.all() if each.register_no == register_no]


_REFERRING = frozenset({"template_language", "segment_language", "removed_line", "log_entry"})
"""Tables of records with an attachment, besides the lines of each segment."""


class MemoryAttachments(MemoryRecords[Attachment], AttachmentRepository):
    """`interactionlog.attachments.attachment.AttachmentRepository` over dictionaries."""

    def __init__(self, session: MemorySession) -> None:
        super().__init__(session, Attachment)
        self._counter = EntryCounter(session, "attachment")

    def reserve_no(self) -> int:
        return self._counter.reserve(1)[0]

    def add(self, record: Attachment) -> None:
        super().add(record)
        self._counter.keep_above(record.no)

    def put_content(self, digest: str, part_no: int, content: bytes) -> None:
        self._session.set("attachment_content", (digest, part_no), content)

    def has_content(self, digest: str) -> bool:
        return self.content(digest, 0) is not None

    lock_content = has_content

    def content(self, digest: str, part_no: int) -> bytes | None:
        part: bytes | None = self._session.read("attachment_content").get((digest, part_no))
        return part

    def set_read_only(self, nos: Sequence[int]) -> None:
        for no in nos:
            if self.find(no) is not None:
                self.set(no, read_only=True)

    def is_referred_to(self, no: int) -> bool:
        for name, table in self._session.state.tables.items():
            if name == "left_out_line":
                rows = [left.line for left in table.values()]
            elif name in _REFERRING or is_lines(name):
                rows = list(table.values())
            else:
                continue
            if any(no in {row.attachment_no, _word_template(row)} for row in rows):
                return True
        return False

    def remove(self, *key: object) -> None:
        digest = self.get(*key).digest
        super().remove(*key)
        if all(other.digest != digest for other in self.all()):
            parts = [key for key in self._session.read("attachment_content") if key[0] == digest]
            self._session.drop("attachment_content", parts)


def _word_template(row: object) -> int | None:
    return getattr(row, "modified_word_template", None)
