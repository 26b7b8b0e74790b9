"""Logged segments."""

from __future__ import annotations

from typing import Any

import click

from interactionlog.cli.console import Console, limited, noun, reading, values_of, writing
from interactionlog.cli.options import settable
from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.segments.logging.logged_segments import LoggedSegment, LoggedSegments

command = noun("What was logged from segments: figures, waves, who answered.")
entry_no = click.argument("entry", type=int)


def show_list(console: Console, found: list[LoggedSegment]) -> None:
    """Show logged segments, one a row."""
    columns = ("entry_no", "segment_no", "description", "creation_date", "state", "logged")
    rows = [{**values_of(each), "logged": each.counts.get("log", 0)} for each in found]
    console.rows(rows, (*columns, "cancel_state"))


@command.command("list")
@limited
@reading
def list_logged(console: Console, limit: int) -> None:
    """List logged segments, newest first."""
    with console.read() as work:
        show_list(console, list(LoggedSegments(work).all())[::-1][:limit])


@command.command("show")
@entry_no
@reading
def show(console: Console, entry: int) -> None:
    """Show a logged segment with counts and figures."""
    with console.read() as work:
        logged, figures = LoggedSegments(work).get(entry), LoggedSegments(work).figures(entry)
    values = {**figures.entries._asdict(), "campaign_entries": figures.campaign_entries}
    if console.as_json:
        console.json({"logged_segment": logged, **values})
        return
    shown = values_of(logged)
    for name in ("header", "policy", "plan_token", "counts"):
        del shown[name]
    console.fields(shown, **logged.counts, **values)


@command.command("waves")
@entry_no
@reading
def waves(console: Console, entry: int) -> None:
    """List the logged segments that led to this one, the first wave first."""
    with console.read() as work:
        show_list(console, list(LoggedSegments(work).waves(entry)))


@command.command("contacts")
@entry_no
@settable(OutcomeFilter)
@click.option("--not-in", type=int, metavar="ENTRY", help="Leave out who has it there as well.")
@reading
def contacts(console: Console, entry: int, values: dict[str, Any], not_in: int | None) -> None:
    """List the contacts of a wave by outcome: who was reached, unless it says another."""
    where = OutcomeFilter(**values) if values else None
    with console.read() as work:
        nos = list(LoggedSegments(work).contacts(entry, where, not_in=not_in))
        known: dict[str, Any] = {}
        for begin in range(0, len(nos), 1_000):
            known |= work.contacts.many(nos[begin : begin + 1_000])
    rows = [{"no": no, "name": known[no].name if no in known else ""} for no in nos]
    console.rows(rows, ("no", "name"))


@command.command("cancel")
@entry_no
@click.option("--undo", is_flag=True, help="Take the cancellation back.")
@writing
def cancel(console: Console, entry: int, undo: bool) -> None:
    """Cancel a logged segment with all its entries; --undo takes that back."""

    def act(work: Any) -> None:
        (LoggedSegments(work).uncancel if undo else LoggedSegments(work).cancel)(entry)

    console.write(act)
    state = "live again" if undo else "canceled"
    console.tell({"entry_no": entry, "canceled": not undo}, f"logged segment {entry} is {state}")
