"""Segments: choose contacts, plan, log once, undo, follow up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from interactionlog.cli.commands.logged import logged_of, show_logged
from interactionlog.cli.console import (
    Console,
    counted,
    limited,
    listing,
    noun,
    plain_name,
    reading,
    values_of,
    verb,
    writing,
)
from interactionlog.cli.options import selecting, settable
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import NotFoundError
from interactionlog.events import FollowUpSegmentCreated
from interactionlog.interactions.repository import OutcomeFilter
from interactionlog.segments.logging.decision import LoggingPolicy
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

command = noun("Choose contacts, plan, log once, undo and follow up.")
no_argument = click.argument("no")
policy_options = settable(LoggingPolicy, prefix="on-")
deliver_option = click.option("--deliver", is_flag=True, help="The outbox sends the content.")


_LISTED = "no description date state lines"


@listing(command, "list", columns=_LISTED)
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


@command.command("show")
@no_argument
@limited
@reading
def show(console: Console, no: str, limit: int) -> None:
    """Show header, figures, steps and first lines of a segment, or its logging."""
    with console.read() as work:
        segment = work.segments.find(no)
        if segment is None:
            logged = work.logged_segments.current(as_code(no))
            if logged is None:
                raise NotFoundError("segment", as_code(no))
            show_logged(console, logged)
            return
        totals = work.segments.totals(segment.no)._asdict()
        steps = work.segments.steps(segment.no)
        lines = work.segments.lines_after(segment.no, 0, limit=limit)
        contacts = work.contacts.many({line.contact_no for line in lines if line.contact_no})
    if console.as_json:
        console.json({"segment": segment, **totals, "steps": steps, "first_lines": lines})
        return
    console.fields(segment, **totals)
    if steps:
        console.heading("steps")
        taken = ("step_no", "action", "source", "lines_added", "lines_removed")
        console.rows([values_of(step) for step in steps], taken)
    console.heading("lines")
    names: dict[str | None, str] = {found: contact.name for found, contact in contacts.items()}
    rows = [(line.line_no, line.contact_no, names.get(line.contact_no)) for line in lines]
    console.table(("line", "contact", "name"), rows)


_number = click.option("--no", help="Its number; the next one of the series unless given.")
_values = settable(Segment, SegmentValues)


@verb(
    command,
    "create",
    click.argument("text", metavar="DESCRIPTION"),
    _number,
    _values,
    told="segment {0.no} is created",
)
def create(work: Any, text: str, no: str | None, values: dict[str, Any]) -> Segment:
    """Create a segment."""
    return SegmentService(work).create(text, no=no, **values)


_force = click.option("--force", is_flag=True, help="Lines with another value follow as well.")
_values = settable(Segment, ChangedValues, required=True)


@verb(command, "change", no_argument, _values, _force, told="segment {0.no} is changed")
def change(work: Any, no: str, values: dict[str, Any], force: bool) -> Segment:
    """Change fields of a segment; lines that still hold the old value follow."""
    return SegmentService(work).change(no, force=force, **values)


@verb(command, "delete", no_argument, told="segment {no} is deleted")
def delete(work: Any, no: str) -> None:
    """Delete an open segment with its lines."""
    SegmentService(work).delete(no)


def _step(name: str, options: type, text: str) -> None:
    action = CriteriaAction[name.upper()]

    @command.command(name, help=text)
    @no_argument
    @selecting
    @click.option("--preview", is_flag=True, help="Say what would be done.")
    @settable(ContactSelection, options)
    @writing
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
            if console.as_json:
                console.json(found)
                return
            console.say(
                f"{counted(found.coming, 'line')} would be added, {found.going} removed, "
                f"{found.staying} stay as they are"
            )
            for reason, number in found.left_out.items():
                console.say(f"  {counted(number, 'contact')} left out: {console.text(reason)}")
            return

        def take(work: UnitOfWork) -> CriteriaStep:
            act: Callable[..., CriteriaStep] = getattr(ContactSelection(work, no), name)
            return act(contact_filter, **values)

        taken = console.write(take)
        did, lines = (
            ("added", taken.lines_added) if name == "add" else ("removed", taken.lines_removed)
        )
        done = f"{counted(lines, 'line')} {did}"
        if name == "add" and not lines:
            done += "; segment left-out names those who match and get none"
        console.tell(taken, f"step {taken.step_no} of segment {taken.segment_no}: {done}")


_step("add", AddOptions, "Add a line for every contact that matches.")
_step("reduce", RemoveOptions, "Remove the lines of the contacts that match.")
_step("refine", RemoveOptions, "Keep the lines of the contacts that match only.")


_steps = click.argument("steps", type=int, default=1)


@verb(command, "back", no_argument, _steps, told="steps taken back: {steps}")
def back(work: Any, no: str, steps: int) -> None:
    """Undo the last step, or so many steps."""
    ContactSelection(work, no).go_back(steps)


_after = click.option("--after", type=int, default=0, metavar="LINE", help="Begin after this line.")
_LINES = "line_no contact_no contact_name contact_company_name own_fields"


@listing(command, "lines", no_argument, _after, limited, columns=_LINES)
def lines(work: Any, no: str, after: int, limit: int) -> Any:
    """List lines with their contacts and what is personal to each."""
    found = SegmentService(work).lines(no, after=after, limit=limit)
    return [values_of(each.line) | values_of(each) for each in found]


_line = click.argument("line", type=int)
_values = settable(SegmentLine, PersonalValues, required=True)


@verb(command, "personalise", no_argument, _line, _values, told="line {line} is changed")
def personalise(work: Any, no: str, line: int, values: dict[str, Any]) -> SegmentLine:
    """Give a line its own values."""
    return SegmentService(work).personalise(no, line, **values)


_several = click.argument("lines", metavar="LINE...", nargs=-1, type=int, required=True)


@verb(command, "remove", no_argument, _several, told="removed: {lines}")
def remove(work: Any, no: str, lines: tuple[int, ...]) -> None:
    """Remove lines by hand; a step that can be undone."""
    SegmentService(work).remove_lines(no, lines)


@command.command("explain")
@no_argument
@click.argument("contact")
@reading
def explain(console: Console, no: str, contact: str) -> None:
    """Say why a contact is in a segment or not, step by step."""
    with console.read() as work:
        found = ContactSelection(work, no).explain(contact)
        is_open = found.line_nos and work.segments.find(no) is not None
        findings = SegmentLogger(work).plan(no).findings if is_open else ()
    if console.as_json:
        console.json(found)
        return
    console.say(f"contact {found.contact_no}: {console.labels([found.reason])}")
    for line_no, decision, reasons in findings:
        if line_no in found.line_nos:
            why = f"{console.labels([decision])}: {console.labels(reasons)}"
            console.say(f"when line {line_no} is logged: {why}")
    rows = [{**values_of(each), **values_of(each.step)} for each in found.steps]
    if rows:
        console.rows(rows, ("step_no", "action", "means", "added", "removed"))


@command.command("plan")
@no_argument
@deliver_option
@policy_options
@reading
def plan(console: Console, no: str, deliver: bool, values: dict[str, Any]) -> None:
    """Say what logging would do, line by line, and write nothing."""
    policy = LoggingPolicy(**values)
    with console.read() as work:
        planned = SegmentLogger(work).plan(no, policy=policy, deliver=deliver)
        show_plan(console, work, planned)


@command.command("log")
@no_argument
@click.option("--follow-up", is_flag=True, help="Create a follow-up segment.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, as plan does.")
@click.option("--plan", "token", metavar="TOKEN", help="Do exactly what this plan said.")
@deliver_option
@policy_options
@writing
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
    policy = LoggingPolicy(**values) if values else None
    if dry_run:
        with console.read() as work:
            planned = SegmentLogger(work).plan(no, policy=policy, deliver=deliver)
            show_plan(console, work, planned)
        return
    how = FollowUp(carry=CARRIED) if follow_up else None

    def log(work: UnitOfWork) -> tuple[LoggedSegment, FollowUpSegmentCreated | None]:
        order = {"plan": token, "policy": policy, "deliver": deliver}
        logged = SegmentLogger(work).log(no, **order, follow_up=how)  # type: ignore[arg-type]
        created = [each for each in work.events if isinstance(each, FollowUpSegmentCreated)]
        return logged, created[0] if created else None

    show_logging(console, *console.write(log))


_force = click.option("--force", is_flag=True, help="Although entries were used further.")


@verb(command, "undo", no_argument, _force, told="segment {0.no} is open again")
def undo(work: Any, no: str, force: bool) -> Segment:
    """Undo a logging: the segment is open again, its entries are canceled."""
    return SegmentLogger(work).undo(no, force=force)


@command.command("follow-up")
@no_argument
@settable(OutcomeFilter)
@writing
def follow_up(console: Console, no: str, values: dict[str, Any]) -> None:
    """Create a segment with the contacts of a logged one, by outcome."""
    how = FollowUp(where=OutcomeFilter(**values), carry=CARRIED)

    def act(work: UnitOfWork) -> FollowUpSegmentCreated:
        SegmentLogger(work).follow_up(logged_of(work, no).entry_no, how)
        (created,) = (each for each in work.events if isinstance(each, FollowUpSegmentCreated))
        return created

    _show_follow_up(console, console.write(act))


def _show_follow_up(console: Console, created: FollowUpSegmentCreated) -> None:
    missing = f"; still to be set: {', '.join(map(plain_name, created.missing))}"
    console.tell(
        created,
        f"follow-up segment {created.segment_no} with {counted(created.lines, 'line')}"
        + (missing if created.missing else ""),
    )


@command.command("left-out")
@no_argument
@reading
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
                LeftOutLine(line=work.segments.line(as_code(no), line_no), reasons=reasons)
                for line_no, decision, reasons in SegmentLogger(work).plan(no).findings
                if decision == "leave-out"
            ]
        never = list(ContactSelection(work, no).passed_over())
    if console.as_json:
        console.json({"lines": lines, "never_selected": dict(never)})
        return
    rows: list[tuple[object, ...]] = [
        (each.line.line_no, each.line.contact_no, console.labels(each.reasons)) for each in lines
    ]
    rows += [(None, contact_no, console.labels([reason])) for contact_no, reason in never]
    console.table(("line_no", "contact_no", "why"), rows)


def show_logging(
    console: Console, logged: LoggedSegment, created: FollowUpSegmentCreated | None
) -> None:
    """Say what logging did."""
    data = {
        "segment": logged.segment_no,
        "entries": logged.counts.get("log", 0),
        "logged_segment": logged.entry_no,
        "first_entry_no": logged.first_entry_no,
        "last_entry_no": logged.last_entry_no,
        "counts": logged.counts,
        "follow_up": created and {"segment": created.segment_no, "lines": created.lines},
    }
    if console.as_json:
        console.json(data)
        return
    console.say(
        "segment {segment} is logged segment {logged_segment}: {counted}, "
        "from {first_entry_no} to {last_entry_no}".format(
            **data, counted=counted(logged.counts.get("log", 0), "entry")
        )
    )
    if created is not None:
        _show_follow_up(console, created)


def show_plan(console: Console, work: UnitOfWork, plan: SegmentPlan) -> None:
    """Say what logging would do, with the first lines that are not plainly logged."""
    counts = plan.counts
    findings = [
        {"line_no": no, "decision": decision, "reasons": reasons}
        for no, decision, reasons in plan.findings
    ]
    if console.as_json:
        figures = {"cost_lcy": plan.cost_lcy, "duration_min": plan.duration_min}
        segment = {"dry_run": True, "segment": plan.order.segment_no, "token": plan.token}
        console.json({**segment, **values_of(counts), **figures, "findings": findings})
        return
    console.say(
        f"segment {plan.order.segment_no} would give {counted(counts.logged, 'entry')}, cost "
        f"{plan.cost_lcy:f}, {counted(plan.duration_min, 'minute')}; "
        f"{counted(counts.left_out, 'line')} left out, {counts.refused} refused"
    )
    rows = []
    for line_no, decision, reasons in plan.findings[:20]:
        no = work.segments.line(plan.order.segment_no, line_no).contact_no
        contact = work.contacts.find(no) if no else None
        what = (console.labels([decision]), console.labels(reasons))
        rows.append((line_no, no, contact and contact.name, *what))
    if rows:
        console.table(("line_no", "contact_no", "name", "decision", "finding"), rows)
    if len(plan.findings) > len(rows):
        console.say(f"and {len(plan.findings) - len(rows)} more: --json lists them")
