"""Interactions that wait."""

from __future__ import annotations

import click

from interactionlog.cli.commands.timeline import show_entries
from interactionlog.cli.console import Console, limited, reading
from interactionlog.interactions.log import InteractionLog


@click.command
@limited
@reading
def command(console: Console, limit: int) -> None:
    """List the newest postponed interactions."""
    with console.read() as work:
        log = InteractionLog(work)
        show_entries(console, log, log.postponed(limit=limit))
