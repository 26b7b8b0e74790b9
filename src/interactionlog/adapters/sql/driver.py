"""What differs between databases and their drivers, as the session sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

__all__ = ["Connection", "Cursor", "Driver", "Row"]

Connection = Any
"""An open connection of any driver: drivers share no base class."""
Cursor = Any
Row = tuple[Any, ...]


class Driver(Protocol):
    """
    A database with one of its drivers.

    Attributes:
        dialect: Folder of the adapter with statements and schema of its own.
        native: Flags and money are stored as such, not as whole numbers.
        one_writer: One transaction writes at a time.
    """

    dialect: str
    native: bool
    one_writer: bool

    def cursor(self, connection: Connection) -> Cursor:
        """Return a cursor that a host's settings do not reach."""
        ...

    def bind(self, value: object) -> object:
        """Turn one value into what the driver stores."""
        ...

    def listed(self, rows: Iterable[Row]) -> tuple[object, ...]:
        """Turn rows of whole numbers and enumerations into what ``{unfolded_…}`` takes."""
        ...

    def fetch(self, cursor: Cursor) -> Iterable[Row]:
        """Give all rows of a statement that ran, in the way that is fastest here."""
        ...

    def insert(self, cursor: Cursor, statement: str, rows: Sequence[Row]) -> bool:
        """Insert finished rows; ``False`` when a key is taken and the transaction still serves."""
        ...

    def is_duplicate(self, error: BaseException) -> bool:
        """Say whether an error of the driver is a key that is taken."""
        ...

    def is_gone(self, error: BaseException) -> bool:
        """Say whether an error of the driver is a savepoint that is not there any more."""
        ...
