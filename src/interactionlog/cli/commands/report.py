"""Pages in HTML that one shows to a colleague."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from interactionlog.cli.console import Console, noun, reading
from interactionlog.interchange import Reports
from interactionlog.interchange.export import written
from interactionlog.segments.logging.logger import SegmentLogger

command = noun("Write a page: a timeline, a plan, a logged segment, statistics.")

_to = click.option("--to", "path", metavar="FILE", required=True, help="HTML file; must not exist.")
_language = click.option("--language", type=click.Choice(["en", "it"]), help="Of the labels.")


@command.command("timeline")
@click.argument("contact")
@_to
@_language
@reading
def timeline(console: Console, contact: str, path: str, language: Any) -> None:
    """The interactions of a contact, of a company with its persons."""
    with console.read() as work:
        _keep(console, path, Reports(work, language or console.language).timeline(contact))


@command.command("plan")
@click.argument("segment")
@_to
@_language
@reading
def plan(console: Console, segment: str, path: str, language: Any) -> None:
    """What logging a segment would do."""
    with console.read() as work:
        planned = SegmentLogger(work).plan(segment)
        _keep(console, path, Reports(work, language or console.language).plan(planned))


@command.command("logged")
@click.argument("entry_no", type=click.IntRange(min=1))
@_to
@_language
@reading
def logged(console: Console, entry_no: int, path: str, language: Any) -> None:
    """Who got a logged segment, who did not and why."""
    with console.read() as work:
        _keep(console, path, Reports(work, language or console.language).logged_segment(entry_no))


@command.command("statistics")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@_to
@_language
@reading
def statistics(console: Console, since: Any, until: Any, path: str, language: Any) -> None:
    """Interactions, cost and minutes by month, template, salesperson and campaign."""
    first, last = since and since.date(), until and until.date()
    with console.read() as work:
        _keep(console, path, Reports(work, language or console.language).statistics(first, last))


def _keep(console: Console, path: str, html: str) -> None:
    with written(Path(path)) as part:
        part.write_text(html, encoding="utf-8")
    console.tell({"path": path}, f"the page is {path}")
