"""The interactions of one contact."""

from __future__ import annotations

from collections.abc import Sequence

import click

from interactionlog.cli.console import Console, limited, reading, values_of
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.log import InteractionLog


@click.command
@click.argument("contact")
@limited
@reading
def command(console: Console, contact: str, limit: int) -> None:
    """Show the newest interactions of a contact, of a company with its persons."""
    with console.read() as work:
        log = InteractionLog(work)
        show_entries(console, log, log.timeline(contact, limit=limit))


def show_entries(
    console: Console, log: InteractionLog, entries: Sequence[InteractionLogEntry]
) -> None:
    """Show entries with their titles."""
    columns = ("date", "entry_no", "contact_no", "title", "state", "evaluation", "cost_lcy")
    states = ("postponed", "canceled", "attempt_failed")
    rows = [
        {
            "title": title,
            "state": console.labels([name for name in states if getattr(each, name)]),
            "canceled": each.canceled,
            **values_of(each),
        }
        for each, title in zip(entries, log.titles(entries), strict=True)
    ]
    console.rows(rows, (*columns, "duration_min"))
