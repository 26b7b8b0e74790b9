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
from interactionlog.errors import NotFoundError
from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.segments.logging.logged_segments import LoggedSegment, LoggedSegments
from interactionlog.values import as_code

command = noun("What was logged from segments: figures, waves, who answered.")
argument = click.argument("entry", metavar="ENTRY|SEGMENT")
_COLUMNS = "entry_no segment_no description creation_date state logged canceled"


def _counted(found: Any) -> Any:
    for each in found:
        yield {**values_of(each), "logged": each.counts.get("log", 0), "canceled": each.canceled}


def logged_of(work: Any, named: str) -> LoggedSegment:
    """Return the logged segment of that entry number, or the current one of that segment."""
    if named.isdecimal():
        return LoggedSegments(work).get(int(named))
    found: LoggedSegment | None = work.logged_segments.current(as_code(named))
    if found is None:
        raise NotFoundError("logged segment of", as_code(named))
    return found


@listing(command, "list", limited, columns=_COLUMNS)
def list_logged(work: Any, limit: int) -> Any:
    """List logged segments, newest first."""
    return _counted(LoggedSegments(work).find()[:limit])


@listing(command, "waves", argument, columns=_COLUMNS)
def waves(work: Any, entry: str) -> Any:
    """List the logged segments that led to this one, the first wave first."""
    return _counted(LoggedSegments(work).waves(logged_of(work, entry).entry_no))


@command.command("show")
@argument
@reading
def show(console: Console, entry: str) -> None:
    """Show a logged segment with counts and figures."""
    with console.read() as work:
        logged = logged_of(work, entry)
        figures = LoggedSegments(work).figures(logged.entry_no)
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
    console.fields(shown, **values)
    console.heading("lines by decision and finding")
    console.table(
        ("finding", "lines"), [(console.labels([n]), c) for n, c in logged.counts.items()]
    )


_not_in = click.option("--not-in", metavar="ENTRY|SEGMENT", help="Leave out who has it there.")


@listing(command, "contacts", argument, settable(OutcomeFilter), _not_in, columns="no name")
def contacts(work: Any, entry: str, values: dict[str, Any], not_in: str | None) -> Any:
    """List the contacts of a wave by outcome: who was reached, unless it says another."""
    where = OutcomeFilter(**values) if values else None
    other = logged_of(work, not_in).entry_no if not_in else None
    wave = logged_of(work, entry).entry_no
    for no in LoggedSegments(work).contacts(wave, where, not_in=other):
        contact = work.contacts.find(no)
        yield {"no": no, "name": contact.name if contact else ""}


_undo = click.option("--undo", is_flag=True, help="Take the cancellation back.")


@verb(command, "cancel", argument, _undo, told="logged segment {0[entry_no]} is {0[state]}")
def cancel(work: Any, entry: str, undo: bool) -> dict[str, Any]:
    """Cancel a logged segment with all its entries; --undo takes that back."""
    number = logged_of(work, entry).entry_no
    (LoggedSegments(work).uncancel if undo else LoggedSegments(work).cancel)(number)
    return {"entry_no": number, "state": "live again" if undo else "canceled"}
