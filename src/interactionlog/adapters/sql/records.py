"""Entry numbers: unique and rising, drawn for a whole chunk at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from interactionlog.adapters.sql.rows import from_row
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.adapters.tables import TABLES, readable
from interactionlog.values import checked

E = TypeVar("E")


class SqlRecords(Generic[E]):
    """`interactionlog.unit_of_work.Records` over the statements that are named after the table."""

    def __init__(self, session: SqlSession, entity: type[E]) -> None:
        self._session = session
        self._table = TABLES[entity]
        self._from_row = from_row(self._table)
        self._to_row = session.to_row(self._table)

    def get(self, *key: object) -> E:
        """Return the record, or raise `NotFoundError`; never ``None``."""
        record = self.find(*key)
        if record is None:
            raise self._table.missing(self._table.words, readable(key))
        return record

    def find(self, *key: object) -> E | None:
        """Return the record, or ``None``."""
        row = self._session.row(f"find_{self._table.name}", *self._table.stored_key(key))
        return None if row is None else self._from_row(row)

    def add(self, record: E) -> None:
        """Store a new record, or raise `DuplicateEntryError`; the stored one stays."""
        self.add_many([record])

    def add_many(self, records: Sequence[E]) -> None:
        """Store new records, or raise `DuplicateEntryError`."""
        tenant, to_row_ = self._session.tenant, self._to_row
        self._session.add(
            f"add_{self._table.name}",
            [to_row_(tenant, record) for record in records],
            self._table.words,
            *(self._table.key_of(records[0]) if records else ()),
        )

    def put(self, record: E) -> None:
        """Store the record, in place of one with its key if there is one."""
        self._remove(self._table.key_of(record))
        self.add(record)

    def replace(self, record: E) -> None:
        """Store the record in place of the one with its key, or raise `NotFoundError`."""
        self._session.savepoint()  # another unique key may refuse it: then the old one stays
        try:
            SqlRecords.remove(self, *self._table.key_of(record))
            SqlRecords.add(self, record)
        except BaseException:
            self._session.rollback_to()
            raise
        self._session.release()

    def lock(self, *key: object) -> E:
        """Return the record as committed last and keep it until the transaction ends."""
        if self._session.driver.one_writer:
            self._session.lifetime.check_write()
            return self.get(*key)
        names = self._table.key or ("tenant",)
        self._session.lifetime.check_write()
        t = self._session.statements["prefix_"] + self._table.name
        where = "".join(f" AND {n} = %s" for n in self._table.key)
        cols = self._session.statements[self._table.name + "_columns"]
        text = f"UPDATE {t} SET {names[0]} = {names[0]} WHERE tenant = %s{where} RETURNING {cols}"
        row = self._session._run(
            text, (self._session.tenant, *self._session._bound(self._table.stored_key(key)))
        ).fetchone()
        if row is None:
            raise self._table.missing(self._table.words, readable(key))
        return self._from_row(row)

    def set(self, *key: object, **values: object) -> None:
        """Change named fields of one record."""
        given = checked(self._table.entity, values)
        if not self._set(
            " AND ".join(f"{n} = ?" for n in self._table.key), self._table.stored_key(key), given
        ):
            if not self._table.key:
                self.add(self._table.entity(**values))
                return
            raise self._table.missing(self._table.words, readable(key))

    def _set(self, where, key, given):
        if not given:
            return 10**9
        self._session.lifetime.check_write()
        from interactionlog.adapters.sql.rows import _columns

        sets = ", ".join(f"{n} = ?" for n in given)
        o = type("O", (), {})()
        cols = {c.name: c for c in _columns(self._table, native=self._session.driver.native)}
        from interactionlog.adapters.sql.rows import _compile

        fn = _compile(
            "def convert(o): return ("
            + ", ".join(cols[n].write.format(f"o['{n}']") for n in given)
            + ",)",
            [cols[n] for n in given],
            {},
        )
        text = (
            f"UPDATE {self._session.statements['prefix_']}{self._table.name} SET {sets} WHERE tenant = ?"
            + (f" AND {where}" if where else "")
        )
        if not self._session.driver.one_writer:
            text = text.replace("?", "%s")
        return self._session._run(
            text, (*fn(given), self._session.tenant, *self._session._bound(key))
        ).rowcount

    def set_some(self, *key_and_nos, **values: object) -> int:
        from interactionlog.adapters.sql.session import json_list

        *key, nos = key_and_nos
        given = checked(self._table.entity, values)
        u = (
            "SELECT value FROM json_each(?)"
            if self._session.driver.one_writer
            else "SELECT jsonb_array_elements_text(?::jsonb)::bigint"
        )
        w = "".join(f"{n} = ? AND " for n in self._table.key[:-1])
        return self._set(f"{w}{self._table.key[-1]} IN ({u})", (*key, json_list(nos)), given)

    def set_many(self, nos, **values: object) -> int:
        from interactionlog.adapters.sql.session import json_list, parts

        given = checked(self._table.entity, values)
        n = 0
        for some in parts(nos):
            u = (
                "SELECT value FROM json_each(?)"
                if self._session.driver.one_writer
                else "SELECT jsonb_array_elements_text(?::jsonb)::bigint"
            )
            n += self._set(f"{self._table.key[0]} IN ({u})", (json_list(some),), given)
        return n

    def remove(self, *key: object) -> None:
        """Delete the record, or raise `NotFoundError`."""
        if not self._remove(key):
            raise self._table.missing(self._table.words, readable(key))

    def _remove(self, key: Sequence[object]) -> int:
        name = f"remove_{self._table.name}"
        return self._session.change(name, self._session.tenant, *self._table.stored_key(key))

    def each(self) -> Iterator[E]:
        """Give every record, in the order of their keys; nothing is written meanwhile."""
        if not self._table.key:  # there is at most one
            return iter(self.all())
        return map(self._from_row, self._session.stream(f"all_{self._table.name}"))

    def all(self, *key: object) -> Sequence[E]:
        """Return the records whose key begins with these parts, in the order of their keys."""
        if len(key) == len(self._table.key):
            record = self.find(*key)
            return [] if record is None else [record]
        name = f"all_{self._table.name}" + (f"_{len(key)}" if key else "")
        rows = self._session.rows(name, *self._table.stored_key(key))
        return [self._from_row(row) for row in rows]


_STEPS = 10_000
"""A sequence is raised by drawing so many numbers at most: nobody can be drawing more meanwhile."""


class EntryCounter:
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
        """Reserve ``count`` numbers above every stored or reserved one."""
        if self._session.driver.one_writer:
            row = self._session.returning(
                "reserve_numbers", self._session.tenant, self._kind, count
            )
            assert row is not None  # noqa: S101  # an upsert always returns its row
            numbers: Sequence[int] = range(row[0] - count + 1, row[0] + 1)
        else:
            numbers = self._next(count)
        self._reserved = numbers[-1] if numbers else self._reserved
        self._undone = self._session.undone
        return numbers

    def keep_above(self, number: int) -> None:
        """Never hand out a number that was stored by hand."""
        if number <= self._reserved and self._session.undone == self._undone:
            return  # the counter is above it for certain
        if self._session.driver.one_writer:
            self._session.change("raise_counter", self._session.tenant, self._kind, number)
            return
        row = self._session.returning(f"last_number_of_{self._kind}")
        assert row is not None  # noqa: S101  # a sequence always has its row
        behind = number - row[0]
        if behind > 2 * _STEPS:
            self._session.returning(f"skip_numbers_of_{self._kind}", number - _STEPS)
            behind = _STEPS
        if behind > 0:
            self._next(behind)

    def _next(self, count: int) -> Sequence[int]:
        rows = self._session.returning_all(f"next_numbers_of_{self._kind}", count)
        return [row[0] for row in rows]
