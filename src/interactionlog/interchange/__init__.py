"""Tables in: folders of CSV files with Business Central's captions."""

from __future__ import annotations

from interactionlog.interchange.table_import import (
    ImportReport,
    TableCounts,
    TablesRejectedError,
    import_tables,
)
from interactionlog.interchange.tables import Finding

__all__ = ["Finding", "ImportReport", "TableCounts", "TablesRejectedError", "import_tables"]
