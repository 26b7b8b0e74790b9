"""Rows that become entries of the log: history that was made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from interactionlog.contacts.contact import Contact
from interactionlog.errors import UsageError
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interchange.rows import Row, TableRows
from interactionlog.interchange.targets import RecordTarget
from interactionlog.templates.template import InteractionTemplate

if TYPE_CHECKING:
    from interactionlog.interchange.table_import import ImportRun

_LINE = 2_000
"""Characters of a line of comment."""


class LogEntryTarget(RecordTarget):
    """Entries with their own dates, users and instants; nothing is computed again."""

    def __init__(self, run: ImportRun, rows: TableRows, entity: type[Any]) -> None:
        super().__init__(run, rows, entity)
        if self.mapping.key is None:
            message = "history needs a [key], or importing it again would double it"
            raise UsageError(f"{self.mapping.name}: {message}")
        self._source = self.mapping.key.source
        self._now = self.work.clock.now()
        self._known: dict[str, str] = {}
        self._lines: list[LogComment] = []

    def with_keys(self, block: list[Row]) -> list[Row]:
        return [row for row in block if self.has_key(row)]

    def identity(self, row: Row) -> tuple[Any, ...]:
        return (row.key,)

    def stored(self, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
        known = self.run.lookups.keys(self._source, "log_entry", [key for (key,) in keys])
        found = self.records.having([int(no) for no in known.values()])
        entries = {str(entry.entry_no): entry for entry in found}
        self._known = known
        return {(key,): entries[no] for key, no in known.items() if no in entries}

    def completed(self, block: list[Row], stored: Mapping[tuple[Any, ...], Any]) -> list[Row]:
        """Give entries their number and what contact and template say, where the file does not."""

        def named(field: str, entity: type[Any]) -> Mapping[str, Any]:
            return self.run.lookups.records(entity, {row.given.get(field) or "" for row in block})

        contacts = named("contact_no", Contact)
        templates = named("interaction_template_code", InteractionTemplate)
        fresh = sum(row.record not in stored for row in block)
        numbers = iter(self.work.interactions.reserve_entry_nos(fresh) if fresh else ())
        for row in block:
            given, before = row.given, stored.get(row.record)
            if given.get("canceled"):
                given["cancel_state"] = 1
            contact = contacts.get(given.get("contact_no") or "")
            template = templates.get(given.get("interaction_template_code") or "")
            if contact and not given.get("contact_company_no"):
                given["contact_company_no"] = contact.company_no
            if template and not given.get("interaction_group_code"):
                given["interaction_group_code"] = template.interaction_group_code
            if not given.get("user_id"):
                given["user_id"] = before.user_id if before else self.work.user_id
            if not given.get("recorded_at"):
                given["recorded_at"] = before.recorded_at if before else self._now
            given["entry_no"] = before.entry_no if before else next(numbers)
        return block

    def built(self, row: Row, values: Mapping[str, Any]) -> Any:
        entry = super().built(row, values)
        self._lines += _comments(row, entry)
        return entry

    def add(self, fresh: list[tuple[Row, Any]]) -> list[tuple[Row, Any]]:
        stored = super().add(fresh)
        made = {row.key: str(entry.entry_no) for row, entry in stored}
        self.store_keys("log_entry", made, self._known)
        if self._lines:
            there = {entry.entry_no for _, entry in stored}
            comments: Any = self.work.records(LogComment)
            comments.add_many([line for line in self._lines if line.entry_no in there])
            self._lines = []
        return stored


def _comments(row: Row, entry: InteractionLogEntry) -> list[LogComment]:
    """Return the text of a row that is longer than a description, as comments."""
    text = row.given.get("comment") or ""
    return [
        LogComment(
            entry_no=entry.entry_no,
            line_no=(begin // _LINE + 1) * 10_000,
            date=None if begin else entry.date,
            comment=text[begin : begin + _LINE],
            user_id=entry.user_id or "",
            recorded_at=entry.recorded_at,
        )
        for begin in range(0, len(text), _LINE)
    ]
