"""The port for records that are found by their key and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

__all__ = ["Records"]

E = TypeVar("E")


class Records(Protocol[E]):
    """
    All records of one kind, such as interaction groups, each under its key.

    A key is given as its parts, in the order in which the entity names them. An adapter conforms
    when it passes ``testing.RecordsContract``.
    """

    def get(self, *key: object) -> E:
        """Return the record, or raise `NotFoundError`; never ``None``."""
        ...

    def find(self, *key: object) -> E | None:
        """Return the record, or ``None``."""
        ...

    def add(self, record: E) -> None:
        """Store a new record, or raise `DuplicateEntryError`; the stored one stays."""
        ...

    def put(self, record: E) -> None:
        """Store the record, in place of one with its key if there is one."""
        ...

    def remove(self, *key: object) -> None:
        """Delete the record, or raise `NotFoundError`."""
        ...

    def all(self, *key: object) -> Sequence[E]:
        """Return the records whose key begins with these parts, in the order of their keys."""
        ...
