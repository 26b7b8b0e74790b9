"""Consents, suppressed addresses, and what is held about persons, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import attrs

from interactionlog.adapters.memory.session import MemoryRecords, MemorySession
from interactionlog.adapters.records import (
    StoredConsents,
    StoredPersonalRecords,
    StoredSuppressions,
)
from interactionlog.adapters.tables import Table, about, columns_of, stored_names
from interactionlog.contacts.consent import Consent, Suppression, deciding
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.privacy.records import EntrySeal, Owner
from interactionlog.values import evolved


class MemoryConsents(StoredConsents, MemoryRecords[Consent]):
    """`interactionlog.contacts.consent.ConsentRepository` over dictionaries."""

    def _last_said(
        self, purpose_code: str, channel: str | None, contact_nos: Collection[str], on: date
    ) -> Mapping[str, bool]:
        facts = {no: deciding(self.of_contact(no), purpose_code, channel, on) for no in contact_nos}
        return {no: fact.given for no, fact in facts.items() if fact is not None}


class MemorySuppressions(StoredSuppressions, MemoryRecords[Suppression]):
    """`interactionlog.contacts.consent.SuppressionRepository` over dictionaries."""

    def among(self, addresses: Collection[str], channel: str | None) -> set[str]:
        kept = {(each.address, each.channel) for each in self.all()}
        return {each for each in addresses if {(each, None), (each, channel)} & kept}


class MemoryPersonalRecords(StoredPersonalRecords):
    """`interactionlog.privacy.records.PersonalRecords` over dictionaries."""

    records = MemoryRecords
    _session: MemorySession

    def _rows(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> list[dict[str, Any]]:
        return [_values(table, key, record) for key, record in self._of(table, of, numbers)]

    def _of(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> list[tuple[Any, Any]]:
        """Return the rows that numbers own: key and record, in the order of their keys."""
        (owner,) = (each for each in table.about if each.of == of)
        found, wanted = [], {*numbers}
        for key, row in self._session.below(table.name).items():
            values = getattr(row, "line", row)
            named = not owner.where or getattr(values, owner.where[0]) == owner.where[1]
            if named and getattr(values, owner.column) in wanted:
                found.append((key, row))
        return found

    def _forget(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> int:
        rows = self._of(table, of, numbers)
        if table.kept:
            values = {"contact_company_no": None} if of == "company" else None
            blanked = [(key, _blanked(table, record, values)) for key, record in rows]
            self._session.set_many(table.name, blanked)
            return len(rows)
        return self._session.drop(table.name, [key for key, _ in rows])

    def aged(self, before: date, templates: Collection[str] | None, after: int) -> list[int]:
        table = self._session.read("log_entry")
        aged = [entry.entry_no for entry in table.values() if _is_aged(entry, before, templates)]
        return sorted(no for no in aged if no > after)[:1_000]

    def forget_left_out(self, before: date, templates: Collection[str] | None) -> int:
        rows = self._session.read("left_out_line").items()
        aged = [(key, left) for key, left in rows if _is_aged(left.line, before, templates)]
        (table,) = (each for each in about("contact") if each.name == "left_out_line")
        blanked = [(key, _blanked(table, left, None)) for key, left in aged]
        self._session.set_many("left_out_line", blanked)
        return len(aged)

    def entries_after(
        self, entry_no: int, *, limit: int = 1_000
    ) -> list[tuple[int, InteractionLogEntry | None]]:
        rows = islice(self._session.after("log_entry", entry_no), limit)
        return [(each.entry_no, each) for each in rows]

    def comments(self, entry_nos: Collection[int]) -> list[tuple[int, LogComment | None]]:
        comments = MemoryRecords(self._session, LogComment)
        return [(no, each) for no in sorted(entry_nos) for each in comments.all(no)]

    def open_seals(self) -> list[int]:
        return [each.entry_no for each in self._seals.all() if not each.seal_no]

    def put_seals(self, seals: Sequence[EntrySeal]) -> None:
        for each in seals:
            self._seals.put(each)


def _is_aged(values: Any, before: date, templates: Collection[str] | None) -> bool:
    return (
        values.contact_no is not None
        and values.date is not None
        and values.date < before
        and (templates is None or values.interaction_template_code in templates)
    )


def _values(table: Table[Any], key: tuple[Any, ...], record: Any) -> dict[str, Any]:
    """Return the values of a row by column; parts of its key are not always in the record."""
    held = dict(zip(table.key, key, strict=False)) if table.like else {}
    parts = (getattr(record, "line", record), record)
    names = stored_names(table)
    found = {name: getattr(part, name) for part in parts for name in names if hasattr(part, name)}
    return {name: found[name] if name in found else held[name] for name in names}


def _blanked(table: Table[Any], record: Any, values: dict[str, Any] | None) -> Any:
    """Return a record without what is personal, or with these values."""
    if hasattr(record, "line"):
        return attrs.evolve(record, line=_blanked(table, record.line, values))
    if values is None:
        columns = [column for column in columns_of(table) if column.personal]
        values = {column.name: None if column.null else "" for column in columns}
    return evolved(record, values)
