"""Interactions: prepare, log, postpone, what is done with logged ones, timelines and figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from interactionlog.cli.console import (
    Console,
    Noun,
    limited,
    listing,
    plain_name,
    values_of,
    verb,
    with_console,
)
from interactionlog.cli.options import Member, settable
from interactionlog.errors import UsageError
from interactionlog.interactions.draft import DraftComment, DraftValues, InteractionDraft
from interactionlog.interactions.entry import CancelState, InteractionLogEntry, LogComment
from interactionlog.interactions.entry_service import LogEntryService
from interactionlog.interactions.log import InteractionLog, Statistics
from interactionlog.interactions.repository import Dimension, LogFilter
from interactionlog.interactions.service import InteractionService
from interactionlog.segments.inheritance import personal_field_names
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import Evaluation

interaction = Noun(help="Log a call, a letter or a meeting; postpone, evaluate or cancel it.")

_INNER = ("locked_fields", "user_set", "origin", "resumed_state", "dials", "merged")
_entry = click.argument("entry", type=int)
_entry_nos = click.argument("entry_nos", metavar="ENTRY...", nargs=-1, type=int, required=True)
_values = settable(InteractionLogEntry, DraftValues, leave_out=("contact_no", "contact_name"))
_comment = click.option("--comment", multiple=True, metavar="TEXT", help="A comment line.")


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
    console.json({"interaction": values, "problems": problems})
    console.fields({**values, "comments": [each.comment for each in draft.comments]})
    for problem in problems:
        console.say(f"not ready: {problem}")


@interaction.command("start")
@click.argument("contact")
@_values
@_comment
@with_console
def start(console: Console, contact: str, values: dict[str, Any], comment: Any) -> None:
    """Show the interaction that these values give, and what is missing; store nothing."""
    _preview(console, contact, None, values, comment)


@interaction.command("resume")
@_entry
@_values
@_comment
@with_console
def resume(console: Console, entry: int, values: dict[str, Any], comment: Any) -> None:
    """Show a postponed interaction, and what is missing; store nothing."""
    _preview(console, None, entry, values, comment)


_contact = click.argument("contact", required=False)
_postponed = click.option("--entry", type=int, help="A postponed interaction, not a contact.")
_stored = (_contact, _postponed, _values, _comment)


@verb(interaction, "finish", *_stored, told="entry {0.entry_no} is logged: {0.description}")
def finish(work: UnitOfWork, **given: Any) -> InteractionLogEntry:
    """Log an interaction with a contact."""
    return InteractionService(work).finish(_begun(work, **given))


@verb(interaction, "postpone", *_stored, told="entry {0.entry_no} is postponed")
def postpone(work: UnitOfWork, **given: Any) -> InteractionLogEntry:
    """Store an interaction unfinished; it counts nowhere yet."""
    return InteractionService(work).postpone(_begun(work, **given))


@interaction.command("show")
@_entry
@with_console
def show(console: Console, entry: int) -> None:
    """Show one entry with its comments."""
    with console.read() as work:
        found = work.interactions.get(entry)
        title, comments = InteractionLog(work).title(found), work.interactions.comments(entry)
    console.json({"entry": found, "title": title, "comments": comments})
    shown = {"title": title, **values_of(found)}
    del shown["cancel_state"], shown["personal_fields"]  # numbers that stand for several words
    canceled_by = [each for each in CancelState if each & found.cancel_state]
    own = [plain_name(name) for name in personal_field_names(found.personal_fields)]
    console.fields(shown, canceled_by=canceled_by, own_fields=own)
    if comments:
        console.heading("comments")
        console.rows(comments, "line_no date comment")


@verb(interaction, "cancel", _entry_nos, told="canceled: entry {entry_nos}")
def cancel(work: UnitOfWork, entry_nos: tuple[int, ...]) -> None:
    """Cancel entries: they stay, and count nowhere."""
    LogEntryService(work).cancel(*entry_nos)


@verb(interaction, "uncancel", _entry_nos, told="live again: entry {entry_nos}")
def uncancel(work: UnitOfWork, entry_nos: tuple[int, ...]) -> None:
    """Take back that entries were canceled."""
    LogEntryService(work).uncancel(*entry_nos)


_evaluation = click.argument("evaluation", type=Member(Evaluation), metavar="EVALUATION")


@verb(interaction, "evaluate", _evaluation, _entry_nos, told="{evaluation}: entry {entry_nos}")
def evaluate(work: UnitOfWork, evaluation: Evaluation, entry_nos: tuple[int, ...]) -> None:
    """Say how interactions went: very-positive, positive, neutral, negative or very-negative."""
    LogEntryService(work).evaluate(evaluation, *entry_nos)


_outcome = click.argument(
    "outcome", metavar="failed|reached", type=click.Choice(["failed", "reached"])
)


@verb(interaction, "attempt", _outcome, _entry_nos, told="attempt {outcome}: entry {entry_nos}")
def attempt(work: UnitOfWork, outcome: str, entry_nos: tuple[int, ...]) -> None:
    """Say that contacts were not reached, or were after all."""
    LogEntryService(work).mark_attempts(*entry_nos, failed=outcome == "failed")


_text = click.argument("text")


@verb(interaction, "comment", _entry, _text, told="entry {entry} has comment line {0.line_no}")
def comment(work: UnitOfWork, entry: int, text: str) -> LogComment:
    """Add a comment line to an entry."""
    return LogEntryService(work).put_comment(entry, DraftComment(comment=text))


# -- lists -------------------------------------------------------------------------------------


def show_entries(
    console: Console, find: Callable[[InteractionLog], Sequence[InteractionLogEntry]]
) -> None:
    """Show entries of the log with their titles."""
    with console.read() as work:
        log = InteractionLog(work)
        entries = find(log)
        titles = log.titles(entries)
    states = ("postponed", "canceled", "attempt_failed")
    rows = [
        {
            "title": title,
            "state": console.labels(*(name for name in states if getattr(each, name))),
            "canceled": each.canceled,
            **values_of(each),
        }
        for each, title in zip(entries, titles, strict=True)
    ]
    columns = "date entry_no contact_no title state evaluation cost_lcy duration_min"
    console.rows(rows, columns)


@interaction.command("list")
@settable(LogFilter)
@limited
@with_console
def list_entries(console: Console, values: dict[str, Any], limit: int) -> None:
    """List the newest logged interactions; conditions say which."""
    show_entries(console, lambda log: log.entries(LogFilter(**values), limit=limit))


@click.command
@click.argument("contact")
@limited
@with_console
def timeline(console: Console, contact: str, limit: int) -> None:
    """Show the newest interactions of a contact, of a company with its persons."""
    show_entries(console, lambda log: log.timeline(contact, limit=limit))


@click.command
@limited
@with_console
def postponed(console: Console, limit: int) -> None:
    """List the newest postponed interactions."""
    show_entries(console, lambda log: log.postponed(limit=limit))


template = Noun(help="List interaction templates.")
_TEMPLATE = "code description interaction_group_code unit_cost_lcy unit_duration_min"


@listing(template, "list", columns=f"{_TEMPLATE} information_flow campaign_no")
def list_templates(work: UnitOfWork) -> Any:
    """List the templates that interactions are logged with."""
    return work.templates.all()


# -- figures -----------------------------------------------------------------------------------

SPLITS = ("template", "salesperson", "campaign", "group", "month", "contact", "segment")
_RECORDS = {
    "template": "templates",
    "salesperson": "salespeople",
    "campaign": "campaigns",
    "group": "interaction_groups",
    "contact": "contacts",
}
"""Where the records are of which figures show the name."""


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
@with_console
def stats(console: Console, by: tuple[str, ...], values: dict[str, Any]) -> None:
    """Count interactions, cost and minutes; conditions say which."""
    if len(set(by)) != len(by) or len(by) > 2:
        raise UsageError("stats splits by one or two different things")
    show_statistics(console, *by, log_filter=LogFilter(**values))


def show_statistics(console: Console, *by: str, log_filter: LogFilter | None = None) -> None:
    """Show figures split by one or two of `SPLITS`, with what each key is called."""
    by = tuple(sorted(by, key=lambda each: each != "month"))  # months come first
    dimensions = [Dimension(each) for each in by if each != "month"]
    rows: list[dict[str, Any]] = []
    found: Any
    with console.read() as work:
        statistics = Statistics(work)
        if "month" not in by:
            found = statistics.by(*dimensions, log_filter=log_filter)
        elif dimensions:
            found = statistics.by_month_and(dimensions[0], log_filter)
        else:
            found = statistics.by_month(log_filter)
        for keys, figures in found:
            named = dict(zip(by, keys if isinstance(keys, tuple) else [keys], strict=True))
            names = filter(None, (_name(work, split, key) for split, key in named.items()))
            rows.append({**named, "name": ", ".join(names), **figures._asdict()})
    console.rows(rows, " ".join((*by, "name", "interactions", "cost_lcy", "duration_min")))


def _name(work: UnitOfWork, by: str, key: str | None) -> str | None:
    found = getattr(work, _RECORDS[by]).find(key) if by in _RECORDS and key is not None else None
    return getattr(found, "description", None) or getattr(found, "name", None)
