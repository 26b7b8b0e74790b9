"""Records of one kind in a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from interactionlog.adapters.memory.session import MemorySession
from interactionlog.adapters.tables import TABLES, readable
from interactionlog.errors import DuplicateEntryError, NotFoundError

__all__ = ["MemoryRecords", "ordering"]

E = TypeVar("E")


def ordering(key: Sequence[object]) -> tuple[object, ...]:
    """Return a key whose order is that of the SQL stores: enumerations by their number."""
    return tuple(getattr(part, "value", part) for part in key)


class MemoryRecords(Generic[E]):
    """`interactionlog.records.Records` over a dictionary."""

    def __init__(self, session: MemorySession, entity: type[E]) -> None:
        self._session = session
        self._table = TABLES[entity]

    def _key(self, key: Sequence[object]) -> tuple[object, ...]:
        return ordering(self._table.stored_key(key))

    def key_of(self, record: E) -> tuple[object, ...]:
        """Return the key of a record."""
        return self._table.key_of(record)

    def get(self, *key: object) -> E:
        """Return the record, or raise `NotFoundError`; never ``None``."""
        record = self.find(*key)
        if record is None:
            raise NotFoundError(self._table.words, readable(key))
        return record

    def find(self, *key: object) -> E | None:
        """Return the record, or ``None``."""
        record: E | None = self._session.read(self._table.name).get(self._key(key))
        return record

    def add(self, record: E) -> None:
        """Store a new record, or raise `DuplicateEntryError`; the stored one stays."""
        key = self._table.key_of(record)
        if self.find(*key) is not None:
            raise DuplicateEntryError(self._table.words, readable(key))
        self.put(record)

    def put(self, record: E) -> None:
        """Store the record, in place of one with its key if there is one."""
        self._session.set(self._table.name, self._key(self._table.key_of(record)), record)

    def replace(self, record: E) -> None:
        """Store the record in place of the one with its key, or raise `NotFoundError`."""
        self.get(*self._table.key_of(record))
        self.put(record)

    def remove(self, *key: object) -> None:
        """Delete the record, or raise `NotFoundError`."""
        if not self._session.drop(self._table.name, [self._key(key)]):
            raise NotFoundError(self._table.words, readable(key))

    def all(self, *key: object) -> Sequence[E]:
        """Return the records whose key begins with these parts, in the order of their keys."""
        table, wanted = self._session.read(self._table.name), self._key(key)
        return [table[each] for each in table.ordered() if each[: len(wanted)] == wanted]
