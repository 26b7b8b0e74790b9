"""What an import did, what it left out, and what it refused."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from interactionlog.errors import RuleViolation


@attrs.frozen(kw_only=True)
class Finding:
    """
    Something that an import refused or left out.

    Attributes:
        code: Stable name, such as ``row-rejected``, ``step-left-out`` or ``unknown-column``.
        file: Name of the file.
        line: Line of the file, counted from 1; ``None`` when it is about the whole file.
        column: Caption of the column; ``None`` when it is about the whole row.
        reason: What is wrong and what to do.
    """

    code: str
    file: str
    line: int | None = None
    column: str | None = None
    reason: str

    def __str__(self) -> str:
        line = "" if self.line is None else f", line {self.line}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}{line}{column}: {self.reason}"


@attrs.frozen
class TableCounts:
    """How many rows of a table were new, changed a record, changed nothing, or were left out."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0


@attrs.frozen
class ImportReport:
    """
    What an import did.

    Attributes:
        tables: Rows by what became of them, for each file that was taken, in their order.
        notices: What was left out, in the order of the files.
    """

    tables: Mapping[str, TableCounts]
    notices: tuple[Finding, ...]

    @property
    def total(self) -> TableCounts:
        """All tables together."""
        rows = [attrs.astuple(counts) for counts in self.tables.values()]
        return TableCounts(*map(sum, zip(*rows, strict=True)))

    @property
    def changes(self) -> int:
        """Rows that were new or changed a record."""
        return self.total.created + self.total.changed


@attrs.define
class TablesRejectedError(RuleViolation, code="tables-rejected"):
    """
    Rows of the tables cannot be taken; nothing was imported.

    Attributes:
        folder: The folder.
        problems: The first 1,000 problems, in the order of the files.
        count: Number of all problems.
    """

    folder: str
    problems: tuple[Finding, ...]
    count: int

    def __str__(self) -> str:
        rest = "" if self.count == 1 else f" (and {self.count - 1} more)"
        return f"nothing was imported from {self.folder}: {self.problems[0]}{rest}"
