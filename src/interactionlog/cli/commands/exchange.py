"""Import files, draft mappings for them, export, and write pages for a colleague."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import IO, Any

import click

from interactionlog.cli.commands.segments import entry_no_of, logged_of
from interactionlog.cli.console import Console, Noun, counted, progress, values_of, with_console
from interactionlog.cli.options import DAY, require_one
from interactionlog.errors import UsageError
from interactionlog.interchange import (
    ImportReport,
    Reports,
    draft_mapping,
    export_calendar,
    export_log,
    export_mail_merge,
    export_package,
    export_tables,
    import_tables,
)
from interactionlog.interchange.export import require_free, written
from interactionlog.segments.logging.logger import SegmentLogger


@click.command("import")
@click.argument("path", metavar="PATH", nargs=-1, required=True)
@click.option("--map", "mapping", metavar="MAP", help="Mapping: a TOML file, or one that ships.")
@click.option("--dry-run", is_flag=True, help="Say what would come, and do nothing.")
@click.option("--rejects", metavar="FILE", help="Take good rows, write the others here.")
@with_console
def import_(
    console: Console, path: tuple[str, ...], mapping: str | None, dry_run: bool, rejects: str | None
) -> None:
    """
    Import a file, or a folder of files, into a database, which is made if need be.

    `import draft FILE` prints a mapping for a file, to be completed and given as --map.
    """
    if path[0] == "draft" and len(path) == 2:
        draft = draft_mapping(path[1])
        console.tell({"mapping": draft}, *draft.splitlines())
        return
    if len(path) != 1:
        raise UsageError("import: give one file or folder, or draft and a file")
    source = Path(path[0])
    if not source.exists():  # before a database is made
        raise UsageError(f"{source} does not exist: give a file, or a folder with tables")
    if rejects:
        require_free(Path(rejects))
        if Path(rejects).resolve() == Path(console.db).resolve():
            raise UsageError(f"{rejects} is the database: give --rejects another name")
    with (
        _written_text(rejects, dry_run=dry_run) as bad,
        progress("import", _lines_of(source)) as step,
    ):

        def take(work: Any) -> ImportReport:
            if bad is not None:  # it may be tried again
                bad.seek(0)
                bad.truncate()
            return import_tables(
                work, source, mapping=mapping, rejects=bad, dry_run=dry_run, on_progress=step
            )

        report = console.write(take, make=True, trial=dry_run)
    _tell(console, report)


@contextmanager
def _written_text(name: str | None, *, dry_run: bool) -> Iterator[IO[str] | None]:
    if not name:
        yield None
        return
    if dry_run:
        yield StringIO()
        return
    with written(Path(name)) as part, part.open("w+", encoding="utf-8-sig", newline="") as file:
        yield file


def _lines_of(path: Path) -> int | None:
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


def _tell(console: Console, report: ImportReport) -> None:
    total = {"changes": report.changes, **values_of(report.total)}
    rejected = {"rejected": report.rejected_count, "problems": report.rejected}
    further = {"notices": report.notices, "dry_run": report.dry_run}
    console.json({**total, **rejected, "tables": report.tables, **further})
    rows = [{"table": file, **values_of(counts)} for file, counts in report.tables.items()]
    console.rows(rows, "table created changed unchanged left_out")
    for notice in report.notices:
        console.say(f"notice: {notice}")
    for problem in report.rejected[:20]:
        console.say(f"rejected: {problem}")
    refused = f", {report.rejected_count} rejected" if report.rejected_count else ""
    dry = "dry run, nothing was stored: " if report.dry_run else ""
    told = {"table": len(rows), "change": report.changes, "notice": len(report.notices)}
    console.say(f"{dry}{', '.join(counted(n, what) for what, n in told.items())}{refused}")


@click.command
@click.argument("path", metavar="PATH")
@click.option(
    "--segment",
    metavar="NO|ENTRY",
    help="Its contacts, for a mail merge: .xlsx or .csv. The segment of that number, open or "
    "logged; where there is none, the logged segment of that entry number.",
)
@click.option("--log", is_flag=True, help="The log only, for analysis: .jsonl or .parquet.")
@with_console
def export(console: Console, path: str, segment: str | None, log: bool) -> None:
    """
    Export everything into a folder, or into a file that ends in .jsonl or .xlsx.

    `import` takes it into an empty database again. A file that ends in .ics gets the postponed
    interactions, .rapidstart a package for Business Central, .parquet the log. PATH must not exist.
    """
    require_one("segment", "log")
    kind = Path(path).suffix.lower()
    with console.read() as work, progress("export") as step:
        counts: dict[str, int]
        if segment is not None:
            no = entry_no_of(work, segment)
            letters = export_mail_merge(work, segment if no is None else no, path)
            counts = {"letters": letters}
        elif log or kind == ".parquet":
            counts = {"log_entry": export_log(work, path)}
        elif kind == ".ics":
            counts = {"events": export_calendar(work, path)}
        elif kind == ".rapidstart":
            counts = export_package(work, path)
        else:
            counts = export_tables(work, path, on_progress=step)
    rows = sum(counts.values())
    console.json({"path": path, "rows": rows, "tables": counts})
    if rows:
        console.table("table rows", [(name, count) for name, count in counts.items() if count])
    console.say(f"{counted(rows, 'row')} {'is' if rows == 1 else 'are'} in {path}")


report = Noun(help="Write a page: a timeline, a plan, a logged segment, statistics.")


def _page(make: Callable[..., str]) -> Callable[..., Any]:
    """Make a verb of a function that makes a page."""

    @report.command()
    @click.option("--to", "path", metavar="FILE", required=True, help="HTML file; must not exist.")
    @click.option("--language", type=click.Choice(["en", "it"]), help="Of the labels.")
    @with_console
    @functools.wraps(make)
    def verb(console: Console, path: str, language: Any, **options: Any) -> None:
        with console.read() as work, written(Path(path)) as part:
            html = make(Reports(work, language or console.language), **options)
            part.write_text(html, encoding="utf-8")
        console.tell({"path": path}, f"the page is {path}")

    return verb


@_page
@click.argument("contact")
def timeline(reports: Reports, contact: str) -> str:
    """The interactions of a contact, of a company with its persons."""
    return reports.timeline(contact)


@_page
@click.argument("segment")
def plan(reports: Reports, segment: str) -> str:
    """What logging a segment would do."""
    return reports.plan(SegmentLogger(reports.work).plan(segment))


@_page
@click.argument("entry", metavar="ENTRY|SEGMENT")
def logged(reports: Reports, entry: str) -> str:
    """Who got a logged segment, who did not and why."""
    return reports.logged_segment(logged_of(reports.work, entry).entry_no)


@_page
@click.option("--since", type=DAY, help="First day.")
@click.option("--until", type=DAY, help="Last day.")
def statistics(reports: Reports, since: Any, until: Any) -> str:
    """Interactions, cost and minutes by month, template, salesperson and campaign."""
    return reports.statistics(since, until)
