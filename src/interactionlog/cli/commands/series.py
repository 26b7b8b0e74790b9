"""Number series."""

from __future__ import annotations

import click

from interactionlog.cli.console import Console, noun, reading, values_of, writing
from interactionlog.numbering.drawing import DrawnNumber
from interactionlog.numbering.ledger import NumberLedger
from interactionlog.numbering.service import NumberSeries

command = noun("Draw numbers, look ahead, and explain gaps.")


@command.command("list")
@reading
def list_series(console: Console) -> None:
    """List all number series."""
    with console.read() as work:
        rows = [
            {**values_of(each), "last_used": NumberSeries(work).last_used(each.code)}
            for each in work.numbers.series.all()
        ]
    console.rows(rows, ("code", "description", "last_used", "manual_nos", "date_order", "ledger"))


@command.command("next")
@click.argument("code")
@writing
def draw(console: Console, code: str) -> None:
    """Draw the next number; it is used from then on."""
    _show(console, console.write(lambda work: NumberSeries(work).next(code)))


@command.command("peek")
@click.argument("code")
@reading
def peek(console: Console, code: str) -> None:
    """Show the next number; nothing changes."""
    with console.read() as work:
        _show(console, NumberSeries(work).peek(code))


def _show(console: Console, drawn: DrawnNumber) -> None:
    warning = "" if drawn.warning is None else f"; the series ends soon: {drawn.warning} are left"
    console.tell(drawn, f"{drawn.no}{warning}")


@command.command("gaps")
@click.argument("code")
@click.option("--first", help="First number that is asked about.")
@click.option("--last", help="Last number that is asked about.")
@reading
def gaps(console: Console, code: str, first: str | None, last: str | None) -> None:
    """Say of every number that is missing why it is."""
    with console.read() as work:
        rows = [values_of(each) for each in NumberLedger(work).explain_gaps(code, first, last)]
    console.rows(rows, ("first_no", "last_no", "count", "kind", "reason", "user_id", "usage_date"))
