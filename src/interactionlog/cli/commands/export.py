"""Export everything, or a part for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from interactionlog.cli.console import Console, progress, reading
from interactionlog.interchange import (
    export_calendar,
    export_log,
    export_mail_merge,
    export_package,
    export_tables,
)


@click.command
@click.argument("path", metavar="PATH")
@click.option("--segment", metavar="NO", help="Its contacts, for a mail merge: .xlsx or .csv.")
@click.option("--log", is_flag=True, help="The log only, for analysis: .jsonl or .parquet.")
@reading
def command(console: Console, path: str, segment: str | None, log: bool) -> int:
    """
    Export everything into a folder, or into a file that ends in .jsonl or .xlsx.

    `import` takes it into an empty database again. A file that ends in .ics gets the postponed
    interactions, .rapidstart a package for Business Central, .parquet the log. PATH must not exist.
    """
    kind = Path(path).suffix
    with console.read() as work, progress("export") as step:
        counts: dict[str, int]
        if segment is not None:
            no: str | int = int(segment) if segment.isdecimal() else segment
            counts = {"letters": export_mail_merge(work, no, path)}
        elif log or kind == ".parquet":
            counts = {"log_entry": export_log(work, path)}
        elif kind == ".ics":
            counts = {"events": export_calendar(work, path)}
        elif kind == ".rapidstart":
            counts = export_package(work, path)
        else:
            counts = export_tables(work, path, on_progress=step)
    if console.as_json:
        console.json({"path": path, "rows": sum(counts.values()), "tables": counts})
        return 0
    console.table(("table", "rows"), [(name, count) for name, count in counts.items() if count])
    console.say(f"{sum(counts.values())} rows are in {path}")
    return 0
