"""Segments: choose contacts, plan, log once, undo, follow up, and what was logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from interactionlog.cli.console import (
    Console,
    Noun,
    counted,
    limited,
    listing,
    plain_name,
    values_of,
    verb,
    with_console,
)
from interactionlog.cli.options import require_one, selecting, settable
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import NotFoundError, UsageError
from interactionlog.events import FollowUpSegmentCreated
from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.segments.logging.decision import LoggingPolicy, Treatment
from interactionlog.segments.logging.logged_segments import (
    LeftOutLine,
    LoggedSegment,
    LoggedSegments,
)
from interactionlog.segments.logging.logger import CARRIED, FollowUp, SegmentLogger
from interactionlog.segments.logging.plan import SegmentPlan
from interactionlog.segments.segment import CriteriaStep, Segment, SegmentLine
from interactionlog.segments.selection.contact_selection import (
    AddOptions,
    ContactSelection,
    RemoveOptions,
)
from interactionlog.segments.service import (
    ChangedValues,
    PersonalValues,
    SegmentService,
    SegmentValues,
)
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CriteriaAction, as_code

segment = Noun(help="Choose contacts, plan, log once, undo and follow up.")
_no = click.argument("no")
_LISTED = "no description date state lines"


@listing(segment, "list", columns=_LISTED)
def list_segments(work: Any) -> Any:
    """List open segments, then logged ones."""
    rows: list[tuple[Any, ...]] = [
        (each.no, each.description, each.date, "open", work.segments.totals(each.no).lines)
        for each in work.segments.all()
    ]
    for each in work.logged_segments.all():
        state = "canceled" if each.canceled else each.state.name.lower()
        day = each.header and each.header.date
        rows.append((each.segment_no, each.description, day, state, each.counts.get("log", 0)))
    return [dict(zip(_LISTED.split(), row, strict=True)) for row in rows]


@segment.command("show")
@_no
@limited
@with_console
def show_segment(console: Console, no: str, limit: int) -> None:
    """Show header, figures, steps and first lines of a segment, or its logging."""
    with console.read() as work:
        found = work.segments.find(no)
        if found is None:
            logged = work.logged_segments.current(no)
            if logged is None:
                raise NotFoundError("segment", as_code(no))
            _show_logged(console, logged)
            return
        totals = work.segments.totals(found.no)._asdict()
        steps = work.segments.steps(found.no)
        lines = work.segments.lines_after(found.no, 0, limit=limit)
        contacts = work.contacts.many({line.contact_no for line in lines if line.contact_no})
    console.json({"segment": found, **totals, "steps": steps, "first_lines": lines})
    console.fields(found, **totals)
    if steps:
        console.heading("steps")
        console.rows(steps, "step_no action source lines_added lines_removed")
    console.heading("lines")
    names: dict[str | None, str] = {no: contact.name for no, contact in contacts.items()}
    rows = [
        {"line": line.line_no, "contact": line.contact_no, "name": names.get(line.contact_no)}
        for line in lines
    ]
    console.rows(rows, "line contact name")


_description = click.argument("text", metavar="DESCRIPTION")
_number = click.option("--no", help="Its number; the next one of the series unless given.")
_values = settable(Segment, SegmentValues)


@verb(segment, "create", _description, _number, _values, told="segment {0.no} is created")
def create(work: Any, text: str, no: str | None, values: dict[str, Any]) -> Segment:
    """Create a segment."""
    return SegmentService(work).create(text, no=no, **values)


_force = click.option("--force", is_flag=True, help="Lines with another value follow as well.")
_values = settable(Segment, ChangedValues, required=True)


@verb(segment, "change", _no, _values, _force, told="segment {0.no} is changed")
def change(work: Any, no: str, values: dict[str, Any], force: bool) -> Segment:
    """Change fields of a segment; lines that still hold the old value follow."""
    return SegmentService(work).change(no, force=force, **values)


@verb(segment, "delete", _no, told="segment {no} is deleted")
def delete(work: Any, no: str) -> None:
    """Delete an open segment with its lines."""
    SegmentService(work).delete(no)


# -- contacts and lines ------------------------------------------------------------------------


def _step(name: str, options: type, text: str) -> None:
    action = CriteriaAction[name.upper()]

    @segment.command(name, help=text)
    @_no
    @selecting
    @click.option("--preview", is_flag=True, help="Say what would be done.")
    @settable(ContactSelection, options)
    @with_console
    def step(
        console: Console,
        no: str,
        contact_filter: ContactFilter | None,
        preview: bool,
        values: dict[str, Any],
    ) -> None:
        if preview:
            with console.read() as work:
                found = ContactSelection(work, no).preview(action, contact_filter, **values)
            console.tell(
                found,
                f"{counted(found.coming, 'line')} would be added, {found.going} removed, "
                f"{found.staying} stay as they are",
                *(
                    f"  {counted(number, 'contact')} left out: {console.text(reason)}"
                    for reason, number in found.left_out.items()
                ),
            )
            return
        taken: CriteriaStep = console.write(
            lambda work: getattr(ContactSelection(work, no), name)(contact_filter, **values)
        )
        if name == "add":
            done = f"{counted(taken.lines_added, 'line')} added"
            if not taken.lines_added:
                with console.read() as work:
                    passed_over = any(True for _ in ContactSelection(work, no).passed_over())
                named = "segment left-out names those who match and get none"
                done += f"; {named if passed_over else 'nobody else matches'}"
        else:
            done = f"{counted(taken.lines_removed, 'line')} removed"
        console.tell(taken, f"step {taken.step_no} of segment {taken.segment_no}: {done}")


_step("add", AddOptions, "Add a line for every contact that matches.")
_step("reduce", RemoveOptions, "Remove the lines of the contacts that match.")
_step("refine", RemoveOptions, "Keep the lines of the contacts that match only.")


_steps = click.argument("steps", type=int, default=1)


@verb(segment, "back", _no, _steps, told="steps taken back: {steps}")
def back(work: Any, no: str, steps: int) -> None:
    """Undo the last step, or so many steps."""
    ContactSelection(work, no).go_back(steps)


_after = click.option(
    "--after", type=click.IntRange(min=0), default=0, metavar="LINE", help="Begin after this line."
)
_LINES = "line_no contact_no contact_name contact_company_name own_fields"


@segment.command("lines")
@_no
@_after
@limited
@with_console
def list_lines(console: Console, no: str, after: int, limit: int) -> None:
    """List lines with their contacts and what is personal to each."""
    with console.read() as work:
        found = SegmentService(work).lines(no, after=after, limit=limit)
    rows = [values_of(each.line) | values_of(each) for each in found]
    for row, each in zip([] if console.as_json else rows, found, strict=False):
        row["own_fields"] = [plain_name(name) for name in each.own_fields]
    console.rows(rows, _LINES)


_line = click.argument("line", type=int)
_values = settable(SegmentLine, PersonalValues, required=True)


@verb(segment, "personalise", _no, _line, _values, told="line {line} is changed")
def personalise(work: Any, no: str, line: int, values: dict[str, Any]) -> SegmentLine:
    """Give a line its own values."""
    return SegmentService(work).personalise(no, line, **values)


_several = click.argument("lines", metavar="LINE...", nargs=-1, type=int, required=True)


@verb(segment, "remove", _no, _several, told="removed: {lines}")
def remove(work: Any, no: str, lines: tuple[int, ...]) -> None:
    """Remove lines by hand; a step that can be undone."""
    SegmentService(work).remove_lines(no, lines)


@segment.command("explain")
@_no
@click.argument("contact")
@with_console
def explain(console: Console, no: str, contact: str) -> None:
    """Say why a contact is in a segment or not, step by step."""
    with console.read() as work:
        found = ContactSelection(work, no).explain(contact)
        is_open = found.line_nos and work.segments.find(no) is not None
        noted = SegmentLogger(work).plan(no).noted() if is_open else ()
        mine = [each for each in noted if each.line.line_no in found.line_nos]
    console.json(found)
    reason, mark, suffix = found.reason.partition("; ")
    told, left_out, codes = reason.rpartition("left out: ")
    words = f"{told}{left_out}{console.labels(*codes.split(', '))}{mark}{suffix}"
    console.say(f"contact {found.contact_no}: {words}")
    for each in mine:
        why = f"{console.labels(each.decision.value)}: {console.labels(*each.reasons)}"
        console.say(f"when line {each.line.line_no} is logged: {why}")
    if found.steps:
        rows = [{**values_of(each), **values_of(each.step)} for each in found.steps]
        console.rows(rows, "step_no action means added removed")


@segment.command("left-out")
@_no
@with_console
def left_out(console: Console, no: str) -> None:
    """
    List who was left out, and why: lines, and contacts that never got one.

    Of a segment that is not logged yet: who would be.
    """
    with console.read() as work:
        if work.segments.find(no) is None:
            lines = list(LoggedSegments(work).left_out(logged_of(work, no).entry_no))
        else:
            lines = [
                LeftOutLine(line=each.line, reasons=each.reasons)
                for each in SegmentLogger(work).plan(no).noted()
                if each.decision is Treatment.LEAVE_OUT
            ]
        never = list(ContactSelection(work, no).passed_over())
    console.json({"lines": lines, "never_selected": dict(never)})
    rows: list[tuple[object, ...]] = [
        (each.line.line_no, each.line.contact_no, console.labels(*each.reasons)) for each in lines
    ]
    rows += [(None, contact_no, console.labels(reason)) for contact_no, reason in never]
    console.table("line_no contact_no why", rows)


# -- logging -----------------------------------------------------------------------------------

_policy = settable(LoggingPolicy, prefix="on-")
_deliver = click.option("--deliver", is_flag=True, help="The outbox sends the content.")


@segment.command("plan")
@_no
@_deliver
@_policy
@with_console
def plan(console: Console, no: str, deliver: bool, values: dict[str, Any]) -> None:
    """Say what logging would do, line by line, and write nothing."""
    policy = LoggingPolicy(**values)
    with console.read() as work:
        show_plan(console, work, SegmentLogger(work).plan(no, policy=policy, deliver=deliver))


@segment.command("log")
@_no
@click.option("--follow-up", is_flag=True, help="Create a follow-up segment.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, as plan does.")
@click.option("--plan", "token", metavar="TOKEN", help="Do exactly what this plan said.")
@_deliver
@_policy
@with_console
def log_segment(
    console: Console,
    no: str,
    follow_up: bool,
    dry_run: bool,
    token: str | None,
    deliver: bool,
    values: dict[str, Any],
) -> None:
    """Log a segment: once, and all of it."""
    require_one("dry_run", "token")
    policy = LoggingPolicy(**values) if values else None
    if dry_run:
        with console.read() as work:
            show_plan(console, work, SegmentLogger(work).plan(no, policy=policy, deliver=deliver))
        return
    how = FollowUp(carry=CARRIED) if follow_up else None

    def log(work: UnitOfWork) -> tuple[LoggedSegment, Iterable[object]]:
        order = {"plan": token, "policy": policy, "deliver": deliver}
        logged = SegmentLogger(work).log(no, **order, follow_up=how)  # type: ignore[arg-type]
        return logged, work.events

    show_logging(console, *console.write(log))


_force = click.option("--force", is_flag=True, help="Although entries were used further.")


@verb(segment, "undo", _no, _force, told="segment {0.no} is open again")
def undo(work: Any, no: str, force: bool) -> Segment:
    """Undo a logging: the segment is open again, its entries are canceled."""
    _current(work, no)
    return SegmentLogger(work).undo(no, force=force)


@segment.command("follow-up")
@_no
@settable(OutcomeFilter)
@with_console
def follow_up(console: Console, no: str, values: dict[str, Any]) -> None:
    """Create a segment with the contacts of a logged one, by outcome."""
    how = FollowUp(where=OutcomeFilter(**values), carry=CARRIED)

    def act(work: UnitOfWork) -> Iterable[object]:
        SegmentLogger(work).follow_up(logged_of(work, no).entry_no, how)
        return work.events

    (created,) = _follow_ups(console.write(act))
    console.tell(created, _told(created))


def _follow_ups(events: Iterable[object]) -> list[FollowUpSegmentCreated]:
    return [each for each in events if isinstance(each, FollowUpSegmentCreated)]


def _told(created: FollowUpSegmentCreated) -> str:
    missing = f"; still to be set: {', '.join(map(plain_name, created.missing))}"
    told = f"follow-up segment {created.segment_no} with {counted(created.lines, 'line')}"
    return told + (missing if created.missing else "")


def show_logging(console: Console, logged: LoggedSegment, events: Iterable[object]) -> None:
    """Say what logging did."""
    follow_ups = _follow_ups(events)
    entries, created = logged.counts.get("log", 0), follow_ups[0] if follow_ups else None
    data = {
        "segment": logged.segment_no,
        "entries": entries,
        "logged_segment": logged.entry_no,
        "first_entry_no": logged.first_entry_no,
        "last_entry_no": logged.last_entry_no,
        "counts": logged.counts,
        "follow_up": created and {"segment": created.segment_no, "lines": created.lines},
    }
    console.tell(
        data,
        f"segment {logged.segment_no} is logged segment {logged.entry_no}: "
        f"{counted(entries, 'entry')}, from {logged.first_entry_no} to {logged.last_entry_no}",
        *map(_told, follow_ups),
    )


def show_plan(console: Console, work: UnitOfWork, plan: SegmentPlan) -> None:
    """Say what logging would do, with the first lines that are not plainly logged."""
    counts, segment_no = plan.counts, plan.order.segment_no
    names = ("line_no", "decision", "reasons")
    findings = [dict(zip(names, each, strict=True)) for each in plan.findings]
    figures = {"cost_lcy": plan.cost_lcy, "duration_min": plan.duration_min}
    segment = {"dry_run": True, "segment": segment_no, "token": plan.token}
    told = {"refusal": plan.refusal, "findings": findings}
    console.json({**segment, **values_of(counts), **figures, **told})
    console.say(
        f"segment {segment_no} would give {counted(counts.logged, 'entry')}, cost "
        f"{plan.cost_lcy:f}, {counted(plan.duration_min, 'minute')}; "
        f"{counted(counts.left_out, 'line')} left out, {counts.refused} refused"
    )
    rows = []
    for line_no, decision, reasons in plan.findings[:20]:
        no = work.segments.line(segment_no, line_no).contact_no
        contact = work.contacts.find(no) if no else None
        what = (console.labels(decision), console.labels(*reasons))
        rows.append((line_no, no, contact and contact.name, *what))
    if rows:
        console.table("line_no contact_no name decision finding", rows)
    if len(plan.findings) > len(rows):
        noted, listed = sum(1 for _ in plan.noted()), len(plan.findings)
        which = "them" if noted == listed else f"the first {listed:,} lines"
        console.say(f"and {noted - len(rows)} more: --json lists {which}")
    if plan.refusal:
        console.say(f"nothing can be logged: {plan.refusal}")


# -- logged segments ---------------------------------------------------------------------------

logged = Noun(help="What was logged from segments: figures, waves, who answered.")
_entry = click.argument("entry", metavar="ENTRY|SEGMENT")
_COLUMNS = "entry_no segment_no description creation_date state logged canceled"


def _with_counts(found: Iterable[LoggedSegment]) -> Iterator[dict[str, object]]:
    for each in found:
        yield {**values_of(each), "logged": each.counts.get("log", 0), "canceled": each.canceled}


def logged_of(work: Any, named: str) -> LoggedSegment:
    """Return the current logged segment of that segment, or the one of that entry number."""
    number = entry_no_of(work, named)
    return _current(work, named) if number is None else LoggedSegments(work).get(number)


def entry_no_of(work: Any, named: str) -> int | None:
    """Return a number as that of an entry; ``None`` where a segment, open or logged, has it."""
    if not named.isdecimal() or work.segments.find(named):
        return None
    return None if work.logged_segments.current(named) else int(named)


def _current(work: Any, no: str) -> LoggedSegment:
    found: LoggedSegment | None = work.logged_segments.current(no)
    if found is None:
        still = work.segments.get(no)  # says that there is none
        raise UsageError(f"segment {still.no} is open: it was not logged, or that was undone")
    return found


@listing(logged, "list", limited, columns=_COLUMNS)
def list_logged(work: Any, limit: int) -> Any:
    """List logged segments, newest first."""
    return _with_counts(LoggedSegments(work).find()[:limit])


@listing(logged, "waves", _entry, columns=_COLUMNS)
def waves(work: Any, entry: str) -> Any:
    """List the logged segments that led to this one, the first wave first."""
    return _with_counts(LoggedSegments(work).waves(logged_of(work, entry).entry_no))


@logged.command("show")
@_entry
@with_console
def show(console: Console, entry: str) -> None:
    """Show a logged segment with counts and figures."""
    with console.read() as work:
        found = logged_of(work, entry)
        figures = LoggedSegments(work).figures(found.entry_no)
    values = {**figures.entries._asdict(), "campaign_entries": figures.campaign_entries}
    _show_logged(console, found, **values)


def _show_logged(console: Console, found: LoggedSegment, **values: object) -> None:
    console.json({"logged_segment": found, **values})
    shown = values_of(found)
    for name in ("header", "policy", "plan_token", "counts", "cancel_state"):
        del shown[name]
    console.fields({**shown, "canceled": found.canceled}, **values)
    console.heading("lines by decision and finding")
    console.table("finding lines", [(console.labels(n), c) for n, c in found.counts.items()])


_not_in = click.option("--not-in", metavar="ENTRY|SEGMENT", help="Leave out who has it there.")


@listing(logged, "contacts", _entry, settable(OutcomeFilter), _not_in, columns="no name")
def contacts(work: Any, entry: str, values: dict[str, Any], not_in: str | None) -> Any:
    """List the contacts of a wave by outcome: who was reached, unless it says another."""
    where = OutcomeFilter(**values) if values else None
    other = logged_of(work, not_in).entry_no if not_in else None
    wave = logged_of(work, entry).entry_no
    for no in LoggedSegments(work).contacts(wave, where, not_in=other):
        contact = work.contacts.find(no)
        yield {"no": no, "name": contact.name if contact else ""}


_undo = click.option("--undo", is_flag=True, help="Take the cancellation back.")


@verb(logged, "cancel", _entry, _undo, told="logged segment {0[entry_no]} is {0[state]}")
def cancel(work: Any, entry: str, undo: bool) -> dict[str, Any]:
    """Cancel a logged segment with all its entries; --undo takes that back."""
    number = logged_of(work, entry).entry_no
    (LoggedSegments(work).uncancel if undo else LoggedSegments(work).cancel)(number)
    return {"entry_no": number, "state": "live again" if undo else "canceled"}
