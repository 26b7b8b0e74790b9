"""Records under their keys, and the entry numbers that are drawn for a whole chunk at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import Any, TypeVar

from interactionlog.adapters.records import Counter, StoredRecords
from interactionlog.adapters.sql.rows import bind, from_row, stored_values, to_row
from interactionlog.adapters.sql.session import SqlSession, json_list, parts
from interactionlog.adapters.tables import TABLES, unique_columns

E = TypeVar("E")
T = TypeVar("T")


class SqlRecords(StoredRecords[E]):
    """`interactionlog.unit_of_work.Records` over the statements of a table."""

    _session: SqlSession

    def __init__(self, session: SqlSession, entity: type[E] | None = None) -> None:
        # not by super(): a unit of work makes a dozen of these
        self._session = session
        self._table = TABLES[entity or self.entity]
        self._from_row = from_row(self._table)
        self._to_row = to_row(self._table, native=session.driver.native)

    def of(self, entity: type[T]) -> SqlRecords[T]:
        return SqlRecords(self._session, entity)

    def first(self, name: str, *values: object) -> E | None:
        """Return the record in the first row of a reading statement, or ``None``."""
        row = self._session.row(name, *values)
        return None if row is None else self._from_row(row)

    def find(self, *key: object) -> E | None:
        return self.first(f"find_{self._table.name}", *self._table.stored_key(key))

    @cached_property
    def counter(self) -> EntryCounter:  # type: ignore[override]
        return EntryCounter(self._session, self._table.name)

    def add(self, record: E) -> None:
        self.add_many([record])

    def add_many(self, records: Sequence[E]) -> None:
        tenant, to_row_, entity = self._session.tenant, self._to_row, self._table.entity
        for record in records:
            if record.__class__ is not entity:
                self._table.key_of(record)  # it refuses what is not one
        self._session.add(
            f"add_{self._table.name}",
            [to_row_(tenant, record) for record in records],
            self._table.words,
            *(self._table.key_of(records[0]) if records else ()),
        )
        self._keep_above(*records)

    def having(self, *first_and_last: Any) -> Sequence[E]:
        *first, last = first_and_last
        return self._in_parts("having", last, *self._table.stored_key(first, whole=False))

    def with_keys(self, keys: Iterable[Sequence[Any]]) -> Sequence[E]:
        if len(self._table.key) == 1:
            return self.having([key[0] for key in keys])
        stored = {tuple(map(bind, self._table.stored_key(key))) for key in keys}
        return self._in_parts("among", stored)

    def _in_parts(self, which: str, values: Collection[Any], *key: object) -> list[E]:
        name, entities = f"{which}_{self._table.name}", self._session.entities
        return [
            record
            for some in parts(values)
            for record in entities(self._table, name, *key, first=[json_list(some)])
        ]

    def where(
        self, *, order: str = "", after: object = None, limit: int | None = None, **values: Any
    ) -> Sequence[E]:
        stored, mark = self._stored(values), self._session.statements["mark"]
        key = self._table.key
        conditions, given = [], []
        for name, value in values.items():
            if isinstance(value, bool):  # written out, as conditions of indexes are
                conditions.append(name if value else f"NOT {name}")
            elif stored[name] is None:
                conditions.append(f"{name} IS NULL")
            else:
                conditions.append(f"{name} = {mark}")
                given.append(stored[name])
        if after is not None:
            conditions.append(f"{key[-1]} > {mark}")
            given.append(after)
        tail = f"ORDER BY {order or ', '.join(key)}"
        if limit is not None:
            tail += f" {self._session.statements['page']}"
            given.append(limit)
        return self._session.entities_where(self._table, conditions, tail, *given)

    def put(self, record: E) -> None:
        with self._guarded(self._table.key_of(record)):
            row = self._to_row(self._session.tenant, record)
            self._session.change(f"put_{self._table.name}", *row[1:])
        self._keep_above(record)

    def replace(self, record: E) -> None:
        key = self._table.key_of(record)
        with self._guarded(key):
            row, parts = self._to_row(self._session.tenant, record), len(key) + 1
            # the key comes first in a row, last in a statement
            name, key_of_row, values = f"replace_{self._table.name}", row[1:parts], row[parts:]
            if not self._session.change(name, *key_of_row, first=values):
                self._refuse(key)

    def set(self, *key: object, **values: Any) -> None:
        if not values:
            return
        others: dict[str, object] = {}
        if names := self._table.validated_with(values):
            record = self.lock(*key)
            others = {name: getattr(record, name) for name in names}
        changed = self._table.changes(values, *key, **others)
        name = f"set_{self._table.name}"
        if not self._table.key:
            row = self._to_row(self._session.tenant, self._table.entity(**changed))
            self._session.assign(name, tuple(changed), *row[1:])
            return
        stored, where = self._stored(changed), self._table.stored_key(key)
        with self._guarded(key, changed):
            if not self._session.assign(name, tuple(stored), *where, first=[*stored.values()]):
                self._refuse(key)

    def set_some(self, *key_and_last: Any, **values: Any) -> int:
        *key, last = key_and_last
        stored = self._stored(self._table.changes_of_many(values, single=not key))
        if not stored:
            return 0
        name, where = f"set_some_{self._table.name}", self._table.stored_key(key, whole=False)
        names, held = tuple(stored), [*stored.values()]
        with self._guarded(key, stored):
            return sum(
                self._session.assign(name, names, *where, json_list(some), first=held)
                for some in parts(last)
            )

    def hold(self, *key: object) -> E | None:
        if self._session.driver.one_writer or not self._session.in_atomic:
            return self.find(*key)
        stored = self._table.stored_key(key)
        if self._table.touched:
            self._session.change(f"touch_{self._table.name}", *stored)
        return self.first(f"hold_{self._table.name}", *stored)

    def lock(self, *key: object) -> E:
        if self._session.driver.one_writer:
            self._session.lifetime.check_write()
            return self.get(*key)
        row = self._session.returning(f"lock_{self._table.name}", *self._table.stored_key(key))
        if row is None:
            self._refuse(key)
        return self._from_row(row)  # type: ignore[no-any-return]

    def _keep_segments(self) -> None:
        if not self._session.driver.one_writer:
            self._session.change("lock_segments")

    def _stored(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return stored_values(self._table, values, native=self._session.driver.native)

    def _guarded(
        self, key: Sequence[object], names: Mapping[str, object] | None = None
    ) -> AbstractContextManager[None]:
        """Open a block that survives a taken unique key, if these columns, or all, can meet one."""
        unique = unique_columns(self._table)
        if unique if names is None else not unique.isdisjoint(names):
            return self._session.unique(self._table.words, *key)
        return nullcontext()

    def all(self, *key: object) -> Sequence[E]:
        if len(key) == len(self._table.key):
            record = self.find(*key)
            return [] if record is None else [record]
        first = self._table.stored_key(key, whole=False)
        return self._session.entities(self._table, f"all_{self._table.name}_{len(key)}", *first)


_STEPS = 10_000
"""A sequence is raised by drawing so many numbers at most: nobody can be drawing more meanwhile."""


class EntryCounter(Counter):
    """
    The numbers of one kind of entry.

    A row of counters where one transaction writes at a time; elsewhere a sequence, because a row
    that is held until the host commits would make everybody wait.
    """

    def __init__(self, session: SqlSession, kind: str) -> None:
        self._session = session
        self._kind = kind
        self._reserved = 0
        self._undone = 0

    def reserve(self, count: int) -> Sequence[int]:
        if self._session.driver.one_writer:
            row = self._session.returning("reserve_numbers", self._kind, count)
            assert row is not None  # noqa: S101  # an upsert always returns its row
            numbers: Sequence[int] = range(row[0] - count + 1, row[0] + 1)
        else:
            numbers = self._next(count)
        self._reserved = numbers[-1] if numbers else self._reserved
        self._undone = self._session.undone
        return numbers

    def last(self) -> int:
        # where tenants share a sequence, that of all of them
        if self._session.driver.one_writer:
            row = self._session.row("last_number", self._kind)
            return row[0] if row else 0
        ((last,),) = self._session.shared(f"last_number_of_{self._kind}")
        return int(last)

    def keep_above(self, number: int) -> None:
        if number <= self._reserved and self._session.undone == self._undone:
            return  # the counter is above it for certain
        if self._session.driver.one_writer:
            self._session.change("raise_counter", self._kind, number)
            return
        behind = number - self.last()
        if behind > 2 * _STEPS:
            self._session.shared(f"skip_numbers_of_{self._kind}", number - _STEPS)
            behind = _STEPS
        if behind > 0:
            self._next(behind)

    def _next(self, count: int) -> Sequence[int]:
        self._session.lifetime.check_write()
        ((first, last, all_),) = self._session.shared(f"next_numbers_of_{self._kind}", count)
        return all_ or range(first, last + 1)  # others may have drawn in between
