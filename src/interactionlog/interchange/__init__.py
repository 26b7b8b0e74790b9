"""Tables in: folders of CSV files with Business Central's captions."""

from __future__ import annotations

from interactionlog.interchange.report import (
    Finding,
    ImportReport,
    TableCounts,
    TablesRejectedError,
)
from interactionlog.interchange.table_import import import_tables

__all__ = ["Finding", "ImportReport", "TableCounts", "TablesRejectedError", "import_tables"]
