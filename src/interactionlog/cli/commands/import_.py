"""Import tables."""

from __future__ import annotations

from pathlib import Path

import click

from interactionlog.cli.console import Console, progress, values_of, writing
from interactionlog.errors import UsageError
from interactionlog.interchange import import_tables


@click.command
@click.argument("folder", metavar="DIR")
@writing
def command(console: Console, folder: str) -> None:
    """Import a folder of CSV tables into a database, which is made if need be."""
    if not Path(folder).is_dir():
        raise UsageError(f"{folder} is not a folder: give the one that holds the tables")
    with progress("import") as step:
        report = console.write(
            lambda work: import_tables(work, folder, on_progress=step), make=True
        )
    if console.as_json:
        tables = {file: values_of(counts) for file, counts in report.tables.items()}
        total = {"changes": report.changes, **values_of(report.total)}
        console.json({**total, "tables": tables, "notices": report.notices})
        return
    rows = [{"table": file, **values_of(counts)} for file, counts in report.tables.items()]
    console.rows(rows, ("table", "created", "changed", "unchanged", "left_out"))
    for notice in report.notices:
        console.say(f"notice: {notice}")
    console.say(f"{len(rows)} tables, {report.changes} changes, {len(report.notices)} notices")
