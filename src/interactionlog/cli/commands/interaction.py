"""Single interactions: prepare, log, postpone, and what is done with logged ones."""

from __future__ import annotations

from typing import Any

import click

from interactionlog.cli.commands.timeline import show_entries
from interactionlog.cli.console import Console, limited, noun, reading, values_of, verb
from interactionlog.cli.options import Member, settable
from interactionlog.errors import UsageError
from interactionlog.interactions.draft import DraftComment, DraftValues, InteractionDraft
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interactions.entry_service import LogEntryService
from interactionlog.interactions.log import InteractionLog
from interactionlog.interactions.repository import LogFilter
from interactionlog.interactions.service import InteractionService
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import Evaluation

command = noun("Log a call, a letter or a meeting; postpone, evaluate or cancel it.")

_INNER = ("locked_fields", "user_set", "origin", "resumed_state", "dials", "merged")
entry_nos = click.argument("entry_nos", metavar="ENTRY...", nargs=-1, type=int, required=True)
values_of_draft = settable(
    InteractionLogEntry, DraftValues, leave_out=("contact_no", "contact_name")
)
comment_option = click.option("--comment", multiple=True, metavar="TEXT", help="A comment line.")


def _begun(
    work: UnitOfWork, contact: str | None, entry: int | None, values: dict[str, Any], comment: Any
) -> InteractionDraft:
    if (contact is None) is (entry is None):
        raise UsageError("give the number of a contact, or --entry with a postponed one")
    service = InteractionService(work)
    draft = service.start(contact) if contact else service.resume(entry or 0)
    if comment:
        lines = tuple(DraftComment(comment=text) for text in comment)
        values = {**values, "comments": (*draft.comments, *lines)}
    return service.change(draft, **values)


def _preview(console: Console, *given: Any) -> None:
    with console.read() as work:
        draft = _begun(work, *given)
        problems = InteractionService(work).check(draft)
    values = {name: value for name, value in values_of(draft).items() if name not in _INNER}
    if console.as_json:
        console.json({"interaction": values, "problems": problems})
        return
    console.fields({**values, "comments": [each.comment for each in draft.comments]})
    for problem in problems:
        console.say(f"not ready: {problem}")


@command.command("start")
@click.argument("contact")
@values_of_draft
@comment_option
@reading
def start(console: Console, contact: str, values: dict[str, Any], comment: Any) -> None:
    """Show the interaction that these values give, and what is missing; store nothing."""
    _preview(console, contact, None, values, comment)


@command.command("resume")
@click.argument("entry", type=int)
@values_of_draft
@comment_option
@reading
def resume(console: Console, entry: int, values: dict[str, Any], comment: Any) -> None:
    """Show a postponed interaction, and what is missing; store nothing."""
    _preview(console, None, entry, values, comment)


_contact = click.argument("contact", required=False)
_postponed = click.option("--entry", type=int, help="A postponed interaction, not a contact.")


def _storing(name: str, told: str, text: str) -> None:
    def store(work: UnitOfWork, **given: Any) -> InteractionLogEntry:
        stored: InteractionLogEntry
        stored = getattr(InteractionService(work), name)(_begun(work, **given))
        return stored

    store.__doc__ = text
    options = (_contact, _postponed, values_of_draft, comment_option)
    verb(command, name, *options, told="entry {0.entry_no} is " + told)(store)


_storing("finish", "logged: {0.description}", "Log an interaction with a contact.")
_storing("postpone", "postponed", "Store an interaction unfinished; it counts nowhere yet.")


@command.command("list")
@settable(LogFilter)
@limited
@reading
def list_entries(console: Console, values: dict[str, Any], limit: int) -> None:
    """List the newest logged interactions; conditions say which."""
    with console.read() as work:
        log = InteractionLog(work)
        show_entries(console, log, log.entries(LogFilter(**values), limit=limit))


@command.command("show")
@click.argument("entry", type=int)
@reading
def show(console: Console, entry: int) -> None:
    """Show one entry with its comments."""
    with console.read() as work:
        found = work.interactions.get(entry)
        title, comments = InteractionLog(work).title(found), work.interactions.comments(entry)
    if console.as_json:
        console.json({"entry": found, "title": title, "comments": comments})
        return
    console.fields({"title": title, **values_of(found)})
    if comments:
        console.heading("comments")
        console.rows([values_of(each) for each in comments], ("line_no", "date", "comment"))


@verb(command, "cancel", entry_nos, told="canceled: entry {entry_nos}")
def cancel(work: Any, entry_nos: tuple[int, ...]) -> None:
    """Cancel entries: they stay, and count nowhere."""
    LogEntryService(work).cancel(*entry_nos)


@verb(command, "uncancel", entry_nos, told="live again: entry {entry_nos}")
def uncancel(work: Any, entry_nos: tuple[int, ...]) -> None:
    """Take back that entries were canceled."""
    LogEntryService(work).uncancel(*entry_nos)


_evaluation = click.argument("evaluation", type=Member(Evaluation), metavar="EVALUATION")


@verb(command, "evaluate", _evaluation, entry_nos, told="{evaluation}: entry {entry_nos}")
def evaluate(work: Any, evaluation: Evaluation, entry_nos: tuple[int, ...]) -> None:
    """Say how interactions went: very-positive, positive, neutral, negative or very-negative."""
    LogEntryService(work).evaluate(evaluation, *entry_nos)


_outcome = click.argument(
    "outcome", metavar="failed|reached", type=click.Choice(["failed", "reached"])
)


@verb(command, "attempt", _outcome, entry_nos, told="attempt {outcome}: entry {entry_nos}")
def attempt(work: Any, outcome: str, entry_nos: tuple[int, ...]) -> None:
    """Say that contacts were not reached, or were after all."""
    LogEntryService(work).mark_attempts(*entry_nos, failed=outcome == "failed")


_entry, _text = click.argument("entry", type=int), click.argument("text")


@verb(command, "comment", _entry, _text, told="entry {entry} has comment line {0.line_no}")
def comment(work: Any, entry: int, text: str) -> LogComment:
    """Add a comment line to an entry."""
    return LogEntryService(work).put_comment(entry, DraftComment(comment=text))
