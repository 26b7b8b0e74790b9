"""Figures of the log."""

from __future__ import annotations

import click

from interactionlog.cli.console import Console, reading
from interactionlog.interactions.log import Statistics
from interactionlog.interactions.repository import Dimension

SPLITS = ("template", "salesperson", "campaign", "group", "month", "contact", "segment")


@click.command
@click.option(
    "--by",
    type=click.Choice(SPLITS),
    default="template",
    show_default=True,
    help="What to split by.",
)
@reading
def command(console: Console, by: str) -> None:
    """Count interactions, cost and minutes."""
    with console.read() as work:
        show_statistics(console, Statistics(work), by)


def show_statistics(console: Console, statistics: Statistics, by: str) -> None:
    """Show figures split by one of `SPLITS`."""
    found = statistics.by_month() if by == "month" else statistics.by(Dimension(by))
    rows: list[dict[str, object]] = [{"key": key, **figures._asdict()} for key, figures in found]
    console.rows(rows, ("key", "interactions", "cost_lcy", "duration_min"))
