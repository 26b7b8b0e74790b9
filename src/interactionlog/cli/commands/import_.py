"""Import files, and draft mappings for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO

import click

from interactionlog.cli.console import Console, beginning, progress, values_of
from interactionlog.errors import UsageError
from interactionlog.interchange import ImportReport, draft_mapping, import_tables

_DB = "say where the records are: --db FILE, or db in interactionlog.toml"


@click.command
@click.argument("path", metavar="PATH", nargs=-1, required=True)
@click.option("--map", "mapping", metavar="MAP", help="Mapping: a TOML file, or one that ships.")
@click.option("--dry-run", is_flag=True, help="Say what would come, and do nothing.")
@click.option("--rejects", metavar="FILE", help="Take the good rows, write the others here.")
@beginning
def command(
    console: Console, path: tuple[str, ...], mapping: str | None, dry_run: bool, rejects: str | None
) -> int:
    """
    Import a file, or a folder of files, into a database, which is made if need be.

    `import draft FILE` prints a mapping for a file, to be completed and given as --map.
    """
    if path[0] == "draft" and len(path) == 2:
        draft = draft_mapping(path[1])
        if console.as_json:
            console.json({"mapping": draft})
        for line in () if console.as_json else draft.splitlines():
            console.say(line)
        return 0
    if len(path) != 1:
        raise UsageError("import: give one file or folder, or draft and a file")
    if not console.db:
        raise UsageError(_DB)
    if not Path(path[0]).exists():
        raise UsageError(f"{path[0]} does not exist: give a file, or a folder with tables")
    with (
        written_whole(rejects) if rejects else nullcontext() as bad,
        progress("import", rows_of(Path(path[0]))) as step,
    ):

        def take(work: object) -> ImportReport:
            if bad is not None:
                bad.seek(0)
                bad.truncate()
            return import_tables(
                work,  # type: ignore[arg-type]
                path[0],
                mapping=mapping,
                rejects=bad,
                dry_run=dry_run,
                on_progress=step,
            )

        report = console.write(take, make=True)
    _tell(console, report)
    return 0


def _tell(console: Console, report: ImportReport) -> None:
    if console.as_json:
        tables = {file: values_of(counts) for file, counts in report.tables.items()}
        total = {"changes": report.changes, **values_of(report.total)}
        rejected = {"rejected": report.rejected_count, "problems": report.rejected}
        further = {"tables": tables, "notices": report.notices, "dry_run": report.dry_run}
        console.json({**total, **rejected, **further})
        return
    rows = [{"table": file, **values_of(counts)} for file, counts in report.tables.items()]
    console.rows(rows, ("table", "created", "changed", "unchanged", "left_out"))
    for notice in report.notices:
        console.say(f"notice: {notice}")
    for problem in report.rejected[:20]:
        console.say(f"rejected: {problem}")
    refused = f", {report.rejected_count} rejected" if report.rejected_count else ""
    dry = "dry run, nothing was stored: " if report.dry_run else ""
    told = {"table": len(rows), "change": report.changes, "notice": len(report.notices)}
    said = ", ".join(f"{number} {what}{'s' * (number != 1)}" for what, number in told.items())
    console.say(f"{dry}{said}{refused}")


@contextmanager
def written_whole(name: str) -> Iterator[IO[str]]:
    """Open a text file that takes its name only when it was written to the end."""
    path = Path(name)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w+", encoding="utf-8-sig", newline="") as file:
            yield file
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(path)


def rows_of(path: Path) -> int | None:
    """Return how many lines the texts hold, to know where the end is; ``None`` for others."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    texts = [each for each in files if each.suffix.lower() in {".csv", ".tsv", ".txt", ".jsonl"}]
    if not texts:
        return None
    total = 0
    for each in texts:
        with each.open("rb") as file:
            total += sum(piece.count(b"\n") for piece in iter(lambda: file.read(2**20), b""))
    return total
