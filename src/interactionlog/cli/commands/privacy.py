"""What a person may ask."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.cli.console import Console, counted, noun, reading, writing
from interactionlog.cli.options import DAY
from interactionlog.privacy.personal import Privacy
from interactionlog.privacy.records import Erasure

command = noun("Report what is held about a person, and erase it.")
contact_argument = click.argument("contact")


@command.command("report")
@contact_argument
@click.option("--html", type=click.Path(path_type=Path), help="Write a page into this new file.")
@reading
def report(console: Console, contact: str, html: Path | None) -> None:
    """Count what is held about a contact; --html or --json gives all of it."""
    with console.read() as work:
        found = Privacy(work).report(contact)
    if html is not None:
        with html.open("x", encoding="utf-8") as file:
            file.write(found.to_html())
        console.tell({"file": str(html)}, f"{html} is written")
    elif console.as_json:
        print(found.to_json())
    else:
        rows = [(console.text(name), len(some)) for name, some in found.tables.items()]
        console.table(("table", "records"), rows)
        console.say("--html FILE writes all of it as a page, --json prints it")


@command.command("erase")
@contact_argument
@click.option("--reason", required=True, help="Why; nothing personal, because it is kept.")
@writing
def erase(console: Console, contact: str, reason: str) -> None:
    """Erase a contact with everything that tells of it; figures stay."""
    _erased(console, console.write(lambda work: Privacy(work).erase(contact, reason=reason)))


@command.command("retain")
@click.option("--before", required=True, type=DAY, help="First day kept.")
@click.option("--template", "templates", multiple=True, help="Only of this template; repeatable.")
@click.option("--reason", default="", help="Why; needed to erase.")
@click.option("--erase", "wanted", is_flag=True, help="Erase; else it is only counted.")
@writing
def retain(
    console: Console, before: date, templates: tuple[str, ...], reason: str, wanted: bool
) -> None:
    """Erase what is personal in entries from before a day; first say how many they are."""
    options = {"before": before, "templates": templates or None, "reason": reason}
    if wanted:
        done = console.write(lambda work: Privacy(work).retain(**options, dry_run=False))  # type: ignore[arg-type]
        _erased(console, done)
        return
    with console.read() as work:
        planned = Privacy(work).retain(**options)  # type: ignore[arg-type]
    entries = counted(planned.counts["log_entry"], "entry")
    console.tell(planned, f"{entries} would be erased: --erase does it")


def _erased(console: Console, erasure: Erasure) -> None:
    with console.store() as store:
        if isinstance(store, SqliteStore):
            store.vacuum()  # nothing of it is left in the file
    total = sum(erasure.counts.values())
    console.tell(erasure, f"erasure {erasure.erasure_no}: {counted(total, 'record')}")
