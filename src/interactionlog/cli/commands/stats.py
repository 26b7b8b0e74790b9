"""Figures of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from interactionlog.cli.console import Console, reading
from interactionlog.cli.options import settable
from interactionlog.interactions.log import Statistics
from interactionlog.interactions.repository import Dimension, LogFilter
from interactionlog.unit_of_work import UnitOfWork

SPLITS = ("template", "salesperson", "campaign", "group", "month", "contact", "segment")
_NAMED: dict[str, Callable[[UnitOfWork, str], Any]] = {
    "template": lambda work, key: work.templates.find(key),
    "salesperson": lambda work, key: work.salespeople.find(key),
    "campaign": lambda work, key: work.campaigns.find(key),
    "group": lambda work, key: work.interaction_groups.find(key),
    "contact": lambda work, key: work.contacts.find(key),
}


@click.command
@click.option(
    "--by",
    type=click.Choice(SPLITS),
    default="template",
    show_default=True,
    help="What to split by.",
)
@settable(LogFilter, leave_out=("canceled",))
@reading
def command(console: Console, by: str, values: dict[str, Any]) -> None:
    """Count interactions, cost and minutes; conditions say which."""
    with console.read() as work:
        show_statistics(console, work, by, LogFilter(**values))


def show_statistics(
    console: Console, work: UnitOfWork, by: str, log_filter: LogFilter | None = None
) -> None:
    """Show figures split by one of `SPLITS`, with what each key is called."""
    statistics = Statistics(work)
    month = by == "month"
    found = statistics.by_month(log_filter) if month else statistics.by(Dimension(by), log_filter)
    rows: list[dict[str, object]] = [
        {"key": key, "name": _name(work, by, key), **figures._asdict()} for key, figures in found
    ]
    console.rows(rows, ("key", "name", "interactions", "cost_lcy", "duration_min"))


def _name(work: UnitOfWork, by: str, key: str | None) -> str | None:
    named = _NAMED[by](work, key) if by in _NAMED and key is not None else None
    return getattr(named, "description", None) or getattr(named, "name", None)
