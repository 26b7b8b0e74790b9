"""Data in and out: files of other systems, full exports, pages."""

from __future__ import annotations

from interactionlog.interchange.export import export_tables
from interactionlog.interchange.mapping import Column, Key, MappingFile, Source, load_mapping
from interactionlog.interchange.outputs import (
    export_calendar,
    export_log,
    export_mail_merge,
    export_package,
)
from interactionlog.interchange.reports import Reports
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
    "Reports",
    "Source",
    "TableCounts",
    "TablesRejectedError",
    "draft_mapping",
    "export_calendar",
    "export_log",
    "export_mail_merge",
    "export_package",
    "export_tables",
    "import_tables",
    "load_mapping",
]
