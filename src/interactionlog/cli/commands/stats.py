"""Figures of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from interactionlog.cli.console import Console, reading
from interactionlog.cli.options import settable
from interactionlog.errors import UsageError
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
    multiple=True,
    type=click.Choice(SPLITS),
    default=["template"],
    show_default=True,
    help="What to split by; may be given twice.",
)
@settable(LogFilter, leave_out=("canceled",))
@reading
def command(console: Console, by: tuple[str, ...], values: dict[str, Any]) -> None:
    """Count interactions, cost and minutes; conditions say which."""
    if len(set(by)) != len(by) or len(by) > 2:
        raise UsageError("stats splits by one or two different things")
    with console.read() as work:
        show_statistics(console, work, *by, log_filter=LogFilter(**values))


def show_statistics(
    console: Console, work: UnitOfWork, *by: str, log_filter: LogFilter | None = None
) -> None:
    """Show figures split by one or two of `SPLITS`, with what each key is called."""
    by = tuple(sorted(by, key=lambda each: each != "month"))  # months come first
    statistics, dimensions = Statistics(work), [Dimension(each) for each in by if each != "month"]
    found: Any
    if "month" not in by:
        found = statistics.by(*dimensions, log_filter=log_filter)
    elif dimensions:
        found = statistics.by_month_and(dimensions[0], log_filter)
    else:
        found = statistics.by_month(log_filter)
    rows = []
    for keys, figures in found:
        named = dict(zip(by, keys if isinstance(keys, tuple) else [keys], strict=True))
        names = [told for name, key in named.items() if (told := _name(work, name, key))]
        rows.append({**named, "name": ", ".join(names), **figures._asdict()})
    console.rows(rows, (*by, "name", "interactions", "cost_lcy", "duration_min"))


def _name(work: UnitOfWork, by: str, key: str | None) -> str | None:
    named = _NAMED[by](work, key) if by in _NAMED and key is not None else None
    return getattr(named, "description", None) or getattr(named, "name", None)
