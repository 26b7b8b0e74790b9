"""Number series."""

from __future__ import annotations

from typing import Any

import click

from interactionlog.cli.console import Console, Noun, listing, values_of, verb, with_console
from interactionlog.numbering.drawing import DrawnNumber
from interactionlog.numbering.ledger import NumberLedger
from interactionlog.numbering.service import NumberSeries

series = Noun(help="Draw numbers, look ahead, and explain gaps.")
_code = click.argument("code")


@listing(series, "list", columns="code description last_used manual_nos date_order ledger")
def list_series(work: Any) -> Any:
    """List all number series."""
    last_used = NumberSeries(work).last_used
    return [
        {**values_of(each), "last_used": last_used(each.code)} for each in work.numbers.series.all()
    ]


@verb(series, "next", _code, told="{0.no}")
def draw(work: Any, code: str) -> DrawnNumber:
    """Draw the next number; it is used from then on."""
    return NumberSeries(work).next(code)


_to = click.argument("last", required=False)
_reason = click.option("--reason", required=True, help="Why; it is kept.")


@verb(series, "void", _code, click.argument("first"), _to, _reason, told="void: {first}")
def void(work: Any, code: str, first: str, last: str | None, reason: str) -> None:
    """Declare a number void that was drawn, or all from FIRST to LAST: gaps gives the reason."""
    NumberLedger(work).void(code, first, last, reason=reason)


@series.command("peek")
@_code
@with_console
def peek(console: Console, code: str) -> None:
    """Show the next number; nothing changes."""
    with console.read() as work:
        drawn = NumberSeries(work).peek(code)
    console.tell(drawn, drawn.no)


_first, _last = (
    click.option(f"--{end}", help=f"{end.capitalize()} number to explain.")
    for end in ("first", "last")
)
_COLUMNS = "first_no last_no count kind reason user_id usage_date"


@listing(series, "gaps", _code, _first, _last, columns=_COLUMNS)
def gaps(work: Any, code: str, first: str | None, last: str | None) -> Any:
    """Say of every number that was drawn and is not used why it is missing."""
    return NumberLedger(work).explain_gaps(code, first, last)
