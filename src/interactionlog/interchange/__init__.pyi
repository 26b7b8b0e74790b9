"""The names of `interactionlog.interchange` and where they live."""

from interactionlog.interchange.export import export_tables as export_tables
from interactionlog.interchange.mapping import Column as Column
from interactionlog.interchange.mapping import Key as Key
from interactionlog.interchange.mapping import MappingFile as MappingFile
from interactionlog.interchange.mapping import Source as Source
from interactionlog.interchange.mapping import load_mapping as load_mapping
from interactionlog.interchange.outputs import export_calendar as export_calendar
from interactionlog.interchange.outputs import export_log as export_log
from interactionlog.interchange.outputs import export_mail_merge as export_mail_merge
from interactionlog.interchange.outputs import export_package as export_package
from interactionlog.interchange.reports import Reports as Reports
from interactionlog.interchange.rows import Finding as Finding
from interactionlog.interchange.table_import import ImportReport as ImportReport
from interactionlog.interchange.table_import import TableCounts as TableCounts
from interactionlog.interchange.table_import import TablesRejectedError as TablesRejectedError
from interactionlog.interchange.table_import import draft_mapping as draft_mapping
from interactionlog.interchange.table_import import import_tables as import_tables
