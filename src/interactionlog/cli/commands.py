"""What each verb of the command does; every function returns the exit status."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from interactionlog.adapters.sql.unit_of_work import SqlUnitOfWork
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.cli.output import print_json, print_rows, print_table, progress, values_of
from interactionlog.errors import NotFoundError, UsageError
from interactionlog.events import FollowUpSegmentCreated
from interactionlog.integrity import check_integrity
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.log import InteractionLog, Statistics
from interactionlog.interactions.repository import Dimension
from interactionlog.interchange import import_tables
from interactionlog.segments.logging.logged_segments import LoggedSegment
from interactionlog.segments.logging.logger import FollowUp, SegmentLogger
from interactionlog.segments.logging.plan import SegmentPlan
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import as_code

SPLITS = ("template", "salesperson", "campaign", "group", "month", "contact", "segment")


@contextmanager
def _reading(arguments: Namespace) -> Iterator[SqlUnitOfWork]:
    with _existing(arguments) as store, store.read() as work:
        yield work


def _existing(arguments: Namespace) -> SqliteStore:
    if not Path(arguments.db).is_file():
        message = f"{arguments.db} does not exist: interactionlog import makes it"
        raise UsageError(message)
    return SqliteStore(arguments.db, tenant=arguments.tenant)


def import_folder(arguments: Namespace) -> int:
    """Import a folder of tables into a file, which is made if need be."""
    if not Path(arguments.folder).is_dir():
        message = f"{arguments.folder} is not a folder: give the one that holds the tables"
        raise UsageError(message)
    with SqliteStore(arguments.db, tenant=arguments.tenant) as store, progress("import") as step:
        report = store.run(
            lambda work: import_tables(work, arguments.folder, on_progress=step),
            user_id=arguments.user,
        )
    if arguments.json:
        tables = {file: values_of(counts) for file, counts in report.tables.items()}
        total = {"changes": report.changes, **values_of(report.total)}
        print_json({**total, "tables": tables, "notices": report.notices})
        return 0
    rows = [{"table": file, **values_of(counts)} for file, counts in report.tables.items()]
    print_rows(rows, ("table", "created", "changed", "unchanged", "left_out"))
    for notice in report.notices:
        print(f"notice: {notice}")
    print(f"{len(rows)} tables, {report.changes} changes, {len(report.notices)} notices")
    return 0


def list_segments(arguments: Namespace) -> int:
    """List open segments, then logged ones."""
    columns = ("no", "description", "date", "state", "lines")
    with _reading(arguments) as work:
        rows: list[tuple[object, ...]] = [
            (each.no, each.description, each.date, "open", work.segments.totals(each.no).lines)
            for each in work.segments.all()
        ]
        for each in work.logged_segments.all():
            state = "canceled" if each.canceled else each.state.name.lower()
            day = each.header.date if each.header else None
            lines = each.counts.get("log", 0)
            rows.append((each.segment_no, each.description, day, state, lines))
    shown = [dict(zip(columns, row, strict=True)) for row in rows]
    print_rows(shown, columns, as_json=arguments.json)
    return 0


def show_segment(arguments: Namespace) -> int:
    """Show header, figures, selection steps and first lines of a segment, or its logging."""
    with _reading(arguments) as work:
        segment = work.segments.find(arguments.no)
        if segment is None:
            logged = work.logged_segments.current(as_code(arguments.no))
            if logged is None:
                raise NotFoundError("segment", arguments.no)
            _show_logged(logged, as_json=arguments.json)
            return 0
        totals = work.segments.totals(segment.no)._asdict()
        steps = work.segments.steps(segment.no)
        lines = work.segments.lines_after(segment.no, 0, limit=arguments.limit)
        contacts = work.contacts.many({line.contact_no for line in lines if line.contact_no})
    if arguments.json:
        print_json({"segment": segment, **totals, "steps": steps, "first_lines": lines})
        return 0
    _print_fields({**values_of(segment), **totals})
    taken = ("step_no", "action", "source", "lines_added", "lines_removed")
    print_rows([values_of(step) for step in steps], taken)
    names: dict[str | None, str] = {no: contact.name for no, contact in contacts.items()}
    rows = [(line.line_no, line.contact_no, names.get(line.contact_no)) for line in lines]
    print_table(("line", "contact", "name"), rows)
    return 0


def _show_logged(logged: LoggedSegment, *, as_json: bool) -> None:
    if as_json:
        print_json({"logged_segment": logged})
        return
    values = values_of(logged)
    for name in ("header", "policy", "plan_token", "counts"):
        del values[name]
    _print_fields({**values, **logged.counts})


def _print_fields(values: dict[str, object]) -> None:
    filled = [(name, value) for name, value in values.items() if value not in {None, "", False}]
    print_table(("field", "value"), filled)


def log_segment(arguments: Namespace) -> int:
    """Log a segment, or say what logging it would do."""
    if arguments.dry_run:
        with _reading(arguments) as work:
            print_plan(SegmentLogger(work).plan(arguments.no), as_json=arguments.json)
        return 0
    how = FollowUp() if arguments.follow_up else None

    def log(work: UnitOfWork) -> tuple[LoggedSegment, FollowUpSegmentCreated | None]:
        logged = SegmentLogger(work).log(arguments.no, follow_up=how)
        created = [each for each in work.events if isinstance(each, FollowUpSegmentCreated)]
        return logged, created[0] if created else None

    with _existing(arguments) as store:
        print_logged(*store.run(log, user_id=arguments.user), as_json=arguments.json)
    return 0


def print_logged(
    logged: LoggedSegment, created: FollowUpSegmentCreated | None, *, as_json: bool = False
) -> None:
    """Print what logging did."""
    data = {
        "segment": logged.segment_no,
        "entries": logged.counts.get("log", 0),
        "logged_segment": logged.entry_no,
        "first_entry_no": logged.first_entry_no,
        "last_entry_no": logged.last_entry_no,
        "counts": logged.counts,
        "follow_up": created and {"segment": created.segment_no, "lines": created.lines},
    }
    if as_json:
        print_json(data)
        return
    print(
        "segment {segment} is logged segment {logged_segment}: {entries} entries, "
        "from {first_entry_no} to {last_entry_no}".format(**data)
    )
    if created is not None:
        print(f"follow-up segment {created.segment_no} with {created.lines} lines")


def print_plan(plan: SegmentPlan, *, as_json: bool = False) -> None:
    """Print what logging would do, and the first lines that are not plainly logged."""
    counts = plan.counts
    findings = [
        {"line_no": no, "decision": decision, "reasons": reasons}
        for no, decision, reasons in plan.findings
    ]
    if as_json:
        figures = {"cost_lcy": plan.cost_lcy, "duration_min": plan.duration_min}
        segment = {"dry_run": True, "segment": plan.order.segment_no}
        print_json({**segment, **values_of(counts), **figures, "findings": findings})
        return
    print(
        f"segment {plan.order.segment_no} would give {counts.logged} entries, cost "
        f"{plan.cost_lcy:f}, {plan.duration_min} minutes; "
        f"{counts.left_out} lines left out, {counts.refused} refused"
    )
    for no, decision, reasons in plan.findings[:20]:
        print(f"  line {no}: {decision}, {', '.join(reasons)}")


def show_timeline(arguments: Namespace) -> int:
    """Show the newest interactions of a contact, of a company with its persons."""
    with _reading(arguments) as work:
        log = InteractionLog(work)
        found = log.timeline(arguments.contact, limit=arguments.limit)
        print_entries(log, found, as_json=arguments.json)
    return 0


def list_postponed(arguments: Namespace) -> int:
    """List the newest postponed interactions."""
    with _reading(arguments) as work:
        log = InteractionLog(work)
        print_entries(log, log.postponed(limit=arguments.limit), as_json=arguments.json)
    return 0


def print_entries(
    log: InteractionLog, entries: Sequence[InteractionLogEntry], *, as_json: bool = False
) -> None:
    """Print entries with their titles."""
    columns = ("date", "entry_no", "contact_no", "title", "evaluation", "cost_lcy", "duration_min")
    rows = [
        {"title": log.title(each), "canceled": each.canceled, **values_of(each)} for each in entries
    ]
    print_rows(rows, (*columns, "canceled"), as_json=as_json)


def show_statistics(arguments: Namespace) -> int:
    """Show number, cost and minutes of interactions, split."""
    with _reading(arguments) as work:
        print_statistics(Statistics(work), arguments.by, as_json=arguments.json)
    return 0


def print_statistics(statistics: Statistics, by: str, *, as_json: bool = False) -> None:
    """Print figures split by one of `SPLITS`."""
    found = statistics.by_month() if by == "month" else statistics.by(Dimension(by))
    rows: list[dict[str, object]] = [{"key": key, **figures._asdict()} for key, figures in found]
    print_rows(rows, ("key", "interactions", "cost_lcy", "duration_min"), as_json=as_json)


def check(arguments: Namespace) -> int:
    """Check the integrity of what is stored: 1 when something is broken, 0 with notices only."""
    with _reading(arguments) as work:
        found = list(check_integrity(work))
    broken, notices = ([each for each in found if each.broken is kind] for kind in (True, False))
    if arguments.json:
        print_json({"broken": broken, "notices": notices})
    else:
        for each in found:
            print(f"{'broken' if each.broken else 'notice'}: {each.message}")
        print(f"{len(broken)} broken, {len(notices)} notices")
    return 1 if broken else 0
