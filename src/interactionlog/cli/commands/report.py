"""Pages in HTML that one shows to a colleague."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from interactionlog.cli.console import Console, noun, reading
from interactionlog.cli.options import DAY
from interactionlog.interchange import Reports
from interactionlog.interchange.export import written
from interactionlog.segments.logging.logger import SegmentLogger

command = noun("Write a page: a timeline, a plan, a logged segment, statistics.")


def page(make: Callable[..., str]) -> Callable[..., Any]:
    """Make a verb of a function that makes a page."""

    @command.command()
    @click.option("--to", "path", metavar="FILE", required=True, help="HTML file; must not exist.")
    @click.option("--language", type=click.Choice(["en", "it"]), help="Of the labels.")
    @reading
    @functools.wraps(make)
    def verb(console: Console, path: str, language: Any, **options: Any) -> None:
        with console.read() as work, written(Path(path)) as part:
            html = make(Reports(work, language or console.language), **options)
            part.write_text(html, encoding="utf-8")
        console.tell({"path": path}, f"the page is {path}")

    return verb


@page
@click.argument("contact")
def timeline(reports: Reports, contact: str) -> str:
    """The interactions of a contact, of a company with its persons."""
    return reports.timeline(contact)


@page
@click.argument("segment")
def plan(reports: Reports, segment: str) -> str:
    """What logging a segment would do."""
    return reports.plan(SegmentLogger(reports.work).plan(segment))


@page
@click.argument("entry_no", type=click.IntRange(min=1))
def logged(reports: Reports, entry_no: int) -> str:
    """Who got a logged segment, who did not and why."""
    return reports.logged_segment(entry_no)


@page
@click.option("--since", type=DAY, help="First day.")
@click.option("--until", type=DAY, help="Last day.")
def statistics(reports: Reports, since: Any, until: Any) -> str:
    """Interactions, cost and minutes by month, template, salesperson and campaign."""
    return reports.statistics(since, until)
