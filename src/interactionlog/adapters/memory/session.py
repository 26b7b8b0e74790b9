"""Tables in memory, the journal of a transaction, records under their keys, entry numbers."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from interactionlog.adapters.records import Counter, StoredRecords
from interactionlog.adapters.tables import ALL, readable
from interactionlog.adapters.unit_of_work import Lifetime
from interactionlog.errors import DuplicateEntryError
from interactionlog.values import evolved

_ABSENT: Any = object()


class OrderedTable(dict[Any, Any]):
    """A dictionary that knows the order of its keys; they are sorted when it is asked for."""

    _order: list[Any] | None = None

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._order is not None and key not in self:
            if self._order and key > self._order[-1]:
                self._order.append(key)
            else:
                self._order = None
        super().__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        self._order = None
        super().__delitem__(key)

    def ordered(self) -> list[Any]:
        """Return the keys in order; not to be changed."""
        if self._order is None:
            self._order = sorted(self)
        return self._order


class LineTable(OrderedTable):
    """Lines of segments; knows which of them a contact has, once that was asked for."""

    _numbers: dict[Any, set[int]] | None = None

    def __setitem__(self, key: Any, value: Any) -> None:
        self._forget(key)
        super().__setitem__(key, value)
        self._remember(value)

    def __delitem__(self, key: Any) -> None:
        self._forget(key)
        super().__delitem__(key)

    def _forget(self, key: Any) -> None:
        if self._numbers is not None and key in self:
            self._numbers[key[0], self[key].contact_no].discard(key[1])

    def _remember(self, line: Any) -> None:
        if self._numbers is not None:
            key = (line.segment_no, line.contact_no)
            self._numbers.setdefault(key, set()).add(line.line_no)

    def numbers_of(self, segment_no: str, contact_no: str | None) -> set[int]:
        """Return the numbers of a contact's lines in a segment; not to be changed."""
        if self._numbers is None:
            self._numbers = {}
            for line in self.values():
                self._remember(line)
        return self._numbers.get((segment_no, contact_no), set())


_NOTHING = LineTable()
_FIRST = {table.name: table.key[0] for table in ALL if table.key}


class MemoryState(dict[str, OrderedTable]):
    """All tables of one tenant, each named like the SQL one; one that is asked for is there."""

    def __missing__(self, name: str) -> OrderedTable:
        self[name] = LineTable() if name == "segment_line" else OrderedTable()
        return self[name]

    def copy(self) -> MemoryState:
        """Return a state that further changes do not reach; entities are shared, being frozen."""
        return MemoryState((name, type(table)(table)) for name, table in self.items())


class MemorySession:
    """
    The transaction of one unit of work: each change keeps its inverse in a journal.

    Args:
        writable: ``False`` refuses to write.
        mutex: Held for each change, so that a reader never copies half of one.
    """

    def __init__(
        self, state: MemoryState, tenant: str = "", *, writable: bool, mutex: threading.Lock
    ) -> None:
        self.tenant = tenant
        self.lifetime: Lifetime = Lifetime(writable=writable)
        self.state = state
        self._mutex = mutex
        self._journal: list[tuple[OrderedTable, Any, Any]] = []
        self._blocks: list[int] = []

    def read(self, name: str) -> Any:
        """Return a table for reading."""
        self.lifetime.check()
        return self.state.get(name, _NOTHING)

    def below(self, name: str, *first: Any) -> dict[Any, Any]:
        """Return the rows whose key begins with these parts, in the order of their keys."""
        table = self.read(name)
        return dict(_from(table, bisect_left(table.ordered(), first), first))

    def after(self, name: str, *key: Any) -> Iterator[Any]:
        """Give the rows after a key, in order, as long as all parts but the last stay the same."""
        table = self.read(name)
        rows = _from(table, bisect_right(table.ordered(), key), key[:-1])
        return (row for _, row in rows)

    def remove(self, name: str, *first: Any) -> int:
        """Delete the rows whose key begins with these parts; return how many."""
        return self.drop(name, [*self.below(name, *first)])

    def rename(self, name: str, new: str, *first: Any) -> int:
        """Give rows whose key begins with these parts another first part; return how many."""
        rows = self.below(name, *first)
        renamed = {(new, *key[1:]): evolved(row, {_FIRST[name]: new}) for key, row in rows.items()}
        for key in renamed.keys() & self.read(name).keys():
            raise DuplicateEntryError(name.replace("_", " "), readable(key))
        self.drop(name, rows)
        self.set_many(name, renamed.items())
        return len(rows)

    def set_many(self, name: str, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Store values under their keys."""
        self.lifetime.check_write()
        with self._mutex:
            table = self.state[name]
            for key, value in pairs:
                self._journal.append((table, key, table.get(key, _ABSENT)))
                table[key] = value

    def drop(self, name: str, keys: Iterable[Any]) -> int:
        """Delete keys; absent ones are skipped. Return how many were there."""
        self.lifetime.check_write()
        with self._mutex:
            table = self.state[name]
            there = [key for key in keys if key in table]
            for key in there:
                self._journal.append((table, key, table[key]))
                del table[key]
        return len(there)

    def savepoint(self) -> None:
        self._blocks.append(len(self._journal))

    def release(self) -> None:
        self._blocks.pop()

    def rollback_to(self) -> None:
        self.undo(self._blocks.pop())

    def undo(self, position: int = 0) -> None:
        """Undo every change after a position of the journal."""
        with self._mutex:
            while len(self._journal) > position:
                table, key, value = self._journal.pop()
                if value is not _ABSENT:
                    table[key] = value
                else:
                    del table[key]

    def committed(self) -> MemoryState:
        """Return a copy of the tables as they were before this unit of work; mutex held."""
        state = self.state.copy()
        twins = {id(table): state[name] for name, table in self.state.items()}
        for table, key, value in reversed(self._journal):
            twin = twins[id(table)]
            if value is not _ABSENT:
                twin[key] = value
            else:
                twin.pop(key, None)
        return state


def _from(table: OrderedTable, place: int, first: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
    keys = table.ordered()
    for at in range(place, len(keys)):
        if keys[at][: len(first)] != first:
            return
        yield keys[at], table[keys[at]]


E = TypeVar("E")
T = TypeVar("T")


def ordering(key: Sequence[object]) -> tuple[object, ...]:
    """Return a key whose order is that of the SQL stores: enumerations by their number."""
    return tuple(getattr(part, "value", part) for part in key)


class MemoryRecords(StoredRecords[E]):
    """`interactionlog.unit_of_work.Records` over a dictionary."""

    _session: MemorySession

    def of(self, entity: type[T]) -> MemoryRecords[T]:
        return MemoryRecords(self._session, entity)

    @cached_property
    def counter(self) -> EntryCounter:  # type: ignore[override]
        return EntryCounter(self._session, self._table.name)

    def _key(self, key: Sequence[object]) -> tuple[object, ...]:
        return ordering(self._table.stored_key(key))

    def find(self, *key: object) -> E | None:
        return self._session.read(self._table.name).get(self._key(key))  # type: ignore[no-any-return]

    def _check_write(self) -> None:
        """Refuse to write as a database does: also where there is nothing to write."""
        self._session.lifetime.check_write()

    def add(self, record: E) -> None:
        self._check_write()
        key = self.key_of(record)
        if self.find(*key) is not None:
            raise DuplicateEntryError(self._table.words, readable(key))
        self.put(record)

    def put(self, record: E) -> None:
        self._session.set_many(self._table.name, [(self._key(self.key_of(record)), record)])
        self._keep_above(record)

    def replace(self, record: E) -> None:
        self._check_write()
        self.get(*self.key_of(record))
        self.put(record)

    def set(self, *key: object, **values: Any) -> None:
        if not values:
            return
        self._check_write()
        others = {
            name: getattr(self.get(*key), name) for name in self._table.validated_with(values)
        }
        changed = self._table.changes(values, *key, **others)
        if key or self.find() is not None:
            self.put(evolved(self.get(*key), changed))
        else:
            self.put(self._table.entity(**changed))

    def set_some(self, *key_and_last: Any, **values: Any) -> int:
        *key, last = key_and_last
        if last:
            self._check_write()
        changed = self._table.changes_of_many(values, single=not key)
        found = self.having(*key, last)
        for record in found:
            self.put(evolved(record, changed))
        return len(found)

    def hold(self, *key: object) -> E | None:
        return self.find(*key)

    def lock(self, *key: object) -> E:
        self._check_write()
        return self.get(*key)

    def where(
        self, *, order: str = "", after: object = None, limit: int | None = None, **values: Any
    ) -> Sequence[E]:
        rows: Iterable[Any] = self.all()
        if after is not None:
            rows = self._session.after(self._table.name, after)
        held = values.items()
        found: Iterable[Any] = (row for row in rows if all(getattr(row, f) == v for f, v in held))
        if order:
            found = sorted(found, key=attrgetter(*order.split(", ")))
        return list(islice(found, limit))

    def all(self, *key: object) -> Sequence[E]:
        first = ordering(self._table.stored_key(key, whole=False))
        return list(self._session.below(self._table.name, *first).values())


class EntryCounter(Counter):
    """The counter of one kind of entry."""

    def __init__(self, session: MemorySession, kind: str) -> None:
        self._session = session
        self._kind = kind

    def reserve(self, count: int) -> range:
        last = self._session.read("entry_counter").get(self._kind, 0)
        self._session.set_many("entry_counter", [(self._kind, last + count)])
        return range(last + 1, last + count + 1)

    def last(self) -> int:
        last: int = self._session.read("entry_counter").get(self._kind, 0)
        return last

    def keep_above(self, number: int) -> None:
        if self.last() < number:
            self._session.set_many("entry_counter", [(self._kind, number)])
