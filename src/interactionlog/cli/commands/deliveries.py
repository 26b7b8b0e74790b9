"""Count and list deliveries."""

from __future__ import annotations

import click

from interactionlog.cli.console import Console, limited, reading, values_of
from interactionlog.delivery.delivery import DeliveryState
from interactionlog.delivery.service import Deliveries

_STATES = [state.name.lower() for state in DeliveryState]


@click.command
@click.option("--state", type=click.Choice(_STATES), help="List those in this state.")
@click.option("--reason", metavar="CODE", help="List those with this reason, such as invalid.")
@limited
@reading
def command(console: Console, state: str | None, reason: str | None, limit: int) -> None:
    """Count deliveries by channel, state and reason, or list some of them."""
    with console.read() as work:
        deliveries = Deliveries(work)
        if state is None and reason is None:
            console.rows(
                [values_of(each) for each in deliveries.figures()],
                ("channel", "state", "reason", "number"),
            )
            return
        states = [DeliveryState[state.upper()]] if state else []
        page = deliveries.page(states=states, reason=reason, limit=limit)
    columns = ("entry_no", "channel", "state", "reason", "recipient", "attempts", "text")
    console.rows([values_of(each) for each in page], columns)
