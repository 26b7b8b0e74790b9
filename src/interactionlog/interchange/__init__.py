"""Data in and out: files of other systems, full exports, pages."""

from __future__ import annotations

from interactionlog.interchange.mapping import Column, Key, MappingFile, Source, load_mapping
from interactionlog.interchange.rows import Finding
from interactionlog.interchange.table_import import (
    ImportReport,
    TableCounts,
    TablesRejectedError,
    draft_mapping,
    import_tables,
)

__all__ = [
    "Column",
    "Finding",
    "ImportReport",
    "Key",
    "MappingFile",
    "Source",
    "TableCounts",
    "TablesRejectedError",
    "draft_mapping",
    "import_tables",
    "load_mapping",
]
