"""Logged segments."""

from __future__ import annotations

from typing import Any

import click

from interactionlog.cli.console import (
    Console,
    limited,
    listing,
    noun,
    reading,
    values_of,
    verb,
)
from interactionlog.cli.options import settable
from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.segments.logging.logged_segments import LoggedSegment, LoggedSegments

command = noun("What was logged from segments: figures, waves, who answered.")
entry_no = click.argument("entry", type=int)
_COLUMNS = "entry_no segment_no description creation_date state logged cancel_state"


def _counted(found: Any) -> Any:
    return [{**values_of(each), "logged": each.counts.get("log", 0)} for each in found]


@listing(command, "list", limited, columns=_COLUMNS)
def list_logged(work: Any, limit: int) -> Any:
    """List logged segments, newest first."""
    return _counted(LoggedSegments(work).find()[:limit])


@listing(command, "waves", entry_no, columns=_COLUMNS)
def waves(work: Any, entry: int) -> Any:
    """List the logged segments that led to this one, the first wave first."""
    return _counted(LoggedSegments(work).waves(entry))


@command.command("show")
@entry_no
@reading
def show(console: Console, entry: int) -> None:
    """Show a logged segment with counts and figures."""
    with console.read() as work:
        logged, figures = LoggedSegments(work).get(entry), LoggedSegments(work).figures(entry)
    values = {**figures.entries._asdict(), "campaign_entries": figures.campaign_entries}
    show_logged(console, logged, **values)


def show_logged(console: Console, logged: LoggedSegment, **values: object) -> None:
    """Show a logged segment with its counts and further values."""
    if console.as_json:
        console.json({"logged_segment": logged, **values})
        return
    shown = values_of(logged)
    for name in ("header", "policy", "plan_token", "counts"):
        del shown[name]
    console.fields(shown, **logged.counts, **values)


_not_in = click.option("--not-in", type=int, metavar="ENTRY", help="Leave out who has it there.")


@listing(command, "contacts", entry_no, settable(OutcomeFilter), _not_in, columns="no name")
def contacts(work: Any, entry: int, values: dict[str, Any], not_in: int | None) -> Any:
    """List the contacts of a wave by outcome: who was reached, unless it says another."""
    where = OutcomeFilter(**values) if values else None
    for no in LoggedSegments(work).contacts(entry, where, not_in=not_in):
        contact = work.contacts.find(no)
        yield {"no": no, "name": contact.name if contact else ""}


_undo = click.option("--undo", is_flag=True, help="Take the cancellation back.")


@verb(command, "cancel", entry_no, _undo, told="logged segment {entry} is {0[state]}")
def cancel(work: Any, entry: int, undo: bool) -> dict[str, Any]:
    """Cancel a logged segment with all its entries; --undo takes that back."""
    (LoggedSegments(work).uncancel if undo else LoggedSegments(work).cancel)(entry)
    return {"entry_no": entry, "state": "live again" if undo else "canceled"}
