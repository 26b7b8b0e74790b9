"""Consents, suppressed addresses, and what is held about persons, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from interactionlog.adapters.records import (
    SaidConsents,
    StoredConsents,
    StoredPersonalRecords,
    StoredSuppressions,
)
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.rows import from_row
from interactionlog.adapters.sql.session import Row, SqlSession, json_list
from interactionlog.adapters.tables import TABLES, Table, stored_names
from interactionlog.contacts.consent import Consent, Suppression
from interactionlog.errors import StorageError
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.privacy.records import EntrySeal, Owner

E = TypeVar("E")


class SqlSaidConsents(SaidConsents):
    """`interactionlog.contacts.consent.ConsentDirectory` over the relation of a host."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session

    def _last_said(
        self, purpose_code: str, channel: str | None, contact_nos: Collection[str], on: date
    ) -> Mapping[str, bool]:
        asked = (json_list(contact_nos), purpose_code, channel, on)
        # of several facts of a contact the newest one comes last
        return {no: given == 1 for no, given in self._session.rows("consents_said", *asked)}


class SqlConsents(StoredConsents, SqlRecords[Consent], SqlSaidConsents):
    """`interactionlog.contacts.consent.ConsentRepository` over SQL."""


class SqlSuppressions(StoredSuppressions, SqlRecords[Suppression]):
    """`interactionlog.contacts.consent.SuppressionRepository` over SQL."""

    def among(self, addresses: Collection[str], channel: str | None) -> set[str]:
        return self._session.values("suppressed_addresses", json_list(addresses), channel or "")


class SqlPersonalRecords(StoredPersonalRecords):
    """`interactionlog.privacy.records.PersonalRecords` over the statements of each table."""

    records = SqlRecords
    _session: SqlSession

    def _rows(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> list[dict[str, Any]]:
        found = self._session.entities(table, f"of_{of}_{table.name}", json_list(numbers))
        names = stored_names(table)
        return [{name: getattr(record, name) for name in names} for record in found]

    def _forget(self, table: Table[Any], of: Owner, numbers: Collection[Any]) -> int:
        return self._session.change(f"forget_{of}_{table.name}", json_list(numbers))

    def aged(self, before: date, templates: Collection[str] | None, after: int) -> list[int]:
        among, values = _of_templates(templates)
        asked = (before, after, *values)
        return [row[0] for row in self._session.rows_where("aged_entries", among, "aged", *asked)]

    def forget_left_out(self, before: date, templates: Collection[str] | None) -> int:
        among, values = _of_templates(templates)
        return self._session.change_where("forget_aged_left_out", [], among, before, *values)

    def entries_after(
        self, entry_no: int, *, limit: int = 1_000
    ) -> list[tuple[int, InteractionLogEntry | None]]:
        rows = self._session.rows("entries_after", entry_no, limit)
        return [(row[0], _readable(InteractionLogEntry, row)) for row in rows]

    def comments(self, entry_nos: Collection[int]) -> list[tuple[int, LogComment | None]]:
        rows = self._session.rows("of_entry_log_comment", json_list(entry_nos))
        return [(row[0], _readable(LogComment, row)) for row in rows]

    def open_seals(self) -> list[int]:
        return [row[0] for row in self._session.rows("open_seals")]

    def put_seals(self, seals: Sequence[EntrySeal]) -> None:
        self._session.change("remove_some_entry_seal", json_list([each.entry_no for each in seals]))
        self._seals.add_many(seals)


def _readable(entity: type[E], row: Row) -> E | None:
    try:
        return from_row(TABLES[entity])(row)  # type: ignore[no-any-return]
    except StorageError:
        return None


def _of_templates(templates: Collection[str] | None) -> tuple[list[str], list[str]]:
    """Return the condition of templates, if they matter, with its parameter."""
    return ([], []) if templates is None else (["if_aged_template"], [json_list(templates)])
