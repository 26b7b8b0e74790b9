"""List, show and log segments."""

from __future__ import annotations

import click

from interactionlog.cli.console import Console, limited, noun, reading, values_of, writing
from interactionlog.errors import NotFoundError
from interactionlog.events import FollowUpSegmentCreated
from interactionlog.segments.logging.logged_segments import LoggedSegment
from interactionlog.segments.logging.logger import FollowUp, SegmentLogger
from interactionlog.segments.logging.plan import SegmentPlan
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import as_code

command = noun("List, show and log segments.")


@command.command("list")
@reading
def list_segments(console: Console) -> None:
    """List open segments, then logged ones."""
    columns = ("no", "description", "date", "state", "lines")
    with console.read() as work:
        rows: list[tuple[object, ...]] = [
            (each.no, each.description, each.date, "open", work.segments.totals(each.no).lines)
            for each in work.segments.all()
        ]
        for each in work.logged_segments.all():
            state = "canceled" if each.canceled else each.state.name.lower()
            day = each.header.date if each.header else None
            lines = each.counts.get("log", 0)
            rows.append((each.segment_no, each.description, day, state, lines))
    console.rows([dict(zip(columns, row, strict=True)) for row in rows], columns)


@command.command("show")
@click.argument("no")
@limited
@reading
def show(console: Console, no: str, limit: int) -> None:
    """Show header, figures, steps and first lines of a segment, or its logging."""
    with console.read() as work:
        segment = work.segments.find(no)
        if segment is None:
            logged = work.logged_segments.current(as_code(no))
            if logged is None:
                raise NotFoundError("segment", no)
            _show_logged(console, logged)
            return
        totals = work.segments.totals(segment.no)._asdict()
        steps = work.segments.steps(segment.no)
        lines = work.segments.lines_after(segment.no, 0, limit=limit)
        contacts = work.contacts.many({line.contact_no for line in lines if line.contact_no})
    if console.as_json:
        console.json({"segment": segment, **totals, "steps": steps, "first_lines": lines})
        return
    console.fields(segment, **totals)
    taken = ("step_no", "action", "source", "lines_added", "lines_removed")
    console.rows([values_of(step) for step in steps], taken)
    names: dict[str | None, str] = {found: contact.name for found, contact in contacts.items()}
    rows = [(line.line_no, line.contact_no, names.get(line.contact_no)) for line in lines]
    console.table(("line", "contact", "name"), rows)


def _show_logged(console: Console, logged: LoggedSegment) -> None:
    if console.as_json:
        console.json({"logged_segment": logged})
        return
    values = values_of(logged)
    for name in ("header", "policy", "plan_token", "counts"):
        del values[name]
    console.fields(values, **logged.counts)


@command.command("log")
@click.argument("no")
@click.option("--follow-up", is_flag=True, help="Create a follow-up segment.")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
@writing
def log_segment(console: Console, no: str, follow_up: bool, dry_run: bool) -> None:
    """Log a segment: once, and all of it."""
    if dry_run:
        with console.read() as work:
            show_plan(console, SegmentLogger(work).plan(no))
        return
    how = FollowUp() if follow_up else None

    def log(work: UnitOfWork) -> tuple[LoggedSegment, FollowUpSegmentCreated | None]:
        logged = SegmentLogger(work).log(no, follow_up=how)
        created = [each for each in work.events if isinstance(each, FollowUpSegmentCreated)]
        return logged, created[0] if created else None

    show_logging(console, *console.write(log))


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
        "segment {segment} is logged segment {logged_segment}: {entries} entries, "
        "from {first_entry_no} to {last_entry_no}".format(**data)
    )
    if created is not None:
        console.say(f"follow-up segment {created.segment_no} with {created.lines} lines")


def show_plan(console: Console, plan: SegmentPlan) -> None:
    """Say what logging would do, with the first lines that are not plainly logged."""
    counts = plan.counts
    findings = [
        {"line_no": no, "decision": decision, "reasons": reasons}
        for no, decision, reasons in plan.findings
    ]
    if console.as_json:
        figures = {"cost_lcy": plan.cost_lcy, "duration_min": plan.duration_min}
        segment = {"dry_run": True, "segment": plan.order.segment_no}
        console.json({**segment, **values_of(counts), **figures, "findings": findings})
        return
    console.say(
        f"segment {plan.order.segment_no} would give {counts.logged} entries, cost "
        f"{plan.cost_lcy:f}, {plan.duration_min} minutes; "
        f"{counts.left_out} lines left out, {counts.refused} refused"
    )
    for no, decision, reasons in plan.findings[:20]:
        console.say(f"  line {no}: {decision}, {', '.join(reasons)}")
