"""What each verb of the command does; every function returns the exit status."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from interactionlog._fields import as_code
from interactionlog.adapters.sql.unit_of_work import SqlUnitOfWork
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.cli.output import as_text, print_json, print_table, progress, values_of
from interactionlog.errors import NotFoundError, UsageError
from interactionlog.integrity import check_integrity
from interactionlog.interactions.interaction_log import InteractionLog
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.interactions.repository import Dimension
from interactionlog.interactions.statistics import Statistics
from interactionlog.interchange import ImportReport, import_tables
from interactionlog.segments.events import FollowUpSegmentCreated
from interactionlog.segments.logging.follow_up import FollowUp
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.logging.plan import SegmentPlan
from interactionlog.segments.logging.segment_logger import SegmentLogger
from interactionlog.unit_of_work import UnitOfWork

__all__ = [
    "SPLITS",
    "check",
    "import_folder",
    "list_postponed",
    "list_segments",
    "log_segment",
    "print_entries",
    "print_import",
    "print_plan",
    "print_statistics",
    "show_segment",
    "show_statistics",
    "show_timeline",
]

SPLITS = ("template", "salesperson", "campaign", "group", "month", "contact", "segment")


@contextmanager
def _reading(arguments: Namespace) -> Iterator[SqlUnitOfWork]:
    with _existing(arguments) as store, store.read() as work:
        yield work


def _existing(arguments: Namespace) -> SqliteStore:
    if not Path(arguments.db).is_file():
        message = f"{arguments.db} does not exist: `interactionlog import` makes it"
        raise UsageError(message)
    return SqliteStore(arguments.db, tenant=arguments.tenant)


def import_folder(arguments: Namespace) -> int:
    """Import a folder of tables into a file, which is made if need be."""
    if not Path(arguments.folder).is_dir():
        message = f"{arguments.folder} is no folder: give the one that holds the tables"
        raise UsageError(message)
    with SqliteStore(arguments.db, tenant=arguments.tenant) as store, progress("import") as step:
        report = store.run(
            lambda work: import_tables(work, arguments.folder, on_progress=step),
            user_id=arguments.user,
        )
    if arguments.json:
        tables = {file: attrs.asdict(counts) for file, counts in report.tables.items()}
        total = {"changes": report.changes, **attrs.asdict(report.total)}
        print_json({**total, "tables": tables, "notices": report.notices})
    else:
        print_import(report)
    return 0


def print_import(report: ImportReport) -> None:
    """Print what an import did."""
    captions = ("Table", "Created", "Changed", "Unchanged", "Left out")
    rows = [(file, *attrs.astuple(counts)) for file, counts in report.tables.items()]
    print_table(captions, rows)
    for notice in report.notices:
        print(f"notice: {notice}")
    print(f"{len(rows)} tables, {report.changes} changes, {len(report.notices)} notices")


def list_segments(arguments: Namespace) -> int:
    """List open segments, then logged ones."""
    with _reading(arguments) as work:
        rows: list[tuple[object, ...]] = [
            (each.no, each.description, each.date, "open", work.segments.totals(each.no).lines)
            for each in work.segments.all()
        ]
        rows += [
            (
                each.segment_no,
                each.description,
                each.header.date if each.header else None,
                "canceled" if each.canceled else each.state.name.lower(),
                each.counts.get("log", 0),
            )
            for each in work.logged_segments.all()
        ]
    names = ("no", "description", "date", "state", "lines")
    if arguments.json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(("No.", "Description", "Date", "State", "Lines"), rows)
    return 0


def show_segment(arguments: Namespace) -> int:
    """Show header, figures, selection steps and first lines of a segment, or its logging."""
    with _reading(arguments) as work:
        segment = work.segments.find(arguments.no)
        if segment is None:
            logged = work.logged_segments.standing(as_code(arguments.no))
            if logged is None:
                raise NotFoundError("segment", arguments.no)
            return _show_logged(logged, arguments.json)
        totals = work.segments.totals(segment.no)._asdict()
        steps = work.segments.steps(segment.no)
        lines = work.segments.lines_after(segment.no, 0, limit=arguments.limit)
        contacts = work.contacts.many({line.contact_no for line in lines if line.contact_no})
    if arguments.json:
        print_json({"segment": segment, **totals, "steps": steps, "first_lines": lines})
        return 0
    _print_fields({**values_of(segment), **totals})
    print_table(
        ("Step", "Action", "Source", "Added", "Removed"),
        [(s.step_no, s.action, s.source, s.lines_added, s.lines_removed) for s in steps],
    )
    names: dict[str | None, str] = {no: contact.name for no, contact in contacts.items()}
    print_table(
        ("Line", "Contact", "Name"),
        [(line.line_no, line.contact_no, names.get(line.contact_no)) for line in lines],
    )
    return 0


def _show_logged(logged: LoggedSegment, as_json: bool) -> int:
    if as_json:
        print_json({"logged_segment": logged})
        return 0
    hidden = ("header", "policy", "plan_token", "counts")
    values = {name: value for name, value in values_of(logged).items() if name not in hidden}
    _print_fields({**values, **logged.counts})
    return 0


def _print_fields(values: Mapping[str, object]) -> None:
    filled = [(name, value) for name, value in values.items() if as_text(value)]
    print_table(("Field", "Value"), filled)


def log_segment(arguments: Namespace) -> int:
    """Log a segment, or say what logging it would do."""
    if arguments.dry_run:
        return _plan_segment(arguments)
    how = FollowUp() if arguments.follow_up else None

    def log(work: UnitOfWork) -> tuple[LoggedSegment, list[FollowUpSegmentCreated]]:
        logged = SegmentLogger(work).log(arguments.no, follow_up=how)
        return logged, [each for each in work.events if isinstance(each, FollowUpSegmentCreated)]

    with _existing(arguments) as store:
        logged, created = store.run(log, user_id=arguments.user)
    new = {"segment": created[0].segment_no, "lines": created[0].lines} if created else None
    if arguments.json:
        print_json(
            {
                "segment": logged.segment_no,
                "entries": logged.counts.get("log", 0),
                "logged_segment": logged.entry_no,
                "first_entry_no": logged.first_entry_no,
                "last_entry_no": logged.last_entry_no,
                "counts": logged.counts,
                "follow_up": new,
            }
        )
        return 0
    print_logged(logged)
    if new is not None:
        print(f"follow-up segment {new['segment']} with {new['lines']} lines")
    return 0


def print_logged(logged: LoggedSegment) -> None:
    """Print what logging did."""
    print(
        f"segment {logged.segment_no} is logged segment {logged.entry_no}: "
        f"{logged.counts.get('log', 0)} entries from {logged.first_entry_no} "
        f"to {logged.last_entry_no}, {logged.counts.get('leave-out', 0)} lines left out"
    )


def _plan_segment(arguments: Namespace) -> int:
    with _reading(arguments) as work:
        plan = SegmentLogger(work).plan(arguments.no)
    if not arguments.json:
        print_plan(plan)
        return 0
    print_json(
        {
            "dry_run": True,
            "segment": plan.order.segment_no,
            **attrs.asdict(plan.counts),
            "cost_lcy": plan.cost_lcy,
            "duration_min": plan.duration_min,
            "noticed": [
                {"line_no": no, "decision": decision, "reasons": reasons}
                for no, decision, reasons in plan.noticed
            ],
        }
    )
    return 0


def print_plan(plan: SegmentPlan) -> None:
    """Print what logging would do, and the first lines that are not plainly logged."""
    counts = plan.counts
    print(
        f"segment {plan.order.segment_no} would give {counts.logged} entries, cost "
        f"{plan.cost_lcy:f}, {plan.duration_min} minutes; "
        f"{counts.left_out} lines left out, {counts.refused} refused"
    )
    for no, decision, reasons in plan.noticed[:20]:
        print(f"  line {no}: {decision}, {', '.join(reasons)}")


def show_timeline(arguments: Namespace) -> int:
    """Show the newest interactions of a contact, of a company with its persons."""
    with _reading(arguments) as work:
        log = InteractionLog(work)
        print_entries(log, log.timeline(arguments.contact, limit=arguments.limit), arguments.json)
    return 0


def list_postponed(arguments: Namespace) -> int:
    """List the newest postponed interactions."""
    with _reading(arguments) as work:
        log = InteractionLog(work)
        print_entries(log, log.postponed(limit=arguments.limit), arguments.json)
    return 0


def print_entries(
    log: InteractionLog, entries: Sequence[InteractionLogEntry], as_json: bool = False
) -> None:
    """Print entries with their titles."""
    if as_json:
        shown = [
            {"title": log.title(each), "canceled": each.canceled, **values_of(each)}
            for each in entries
        ]
        print_json(shown)
        return
    print_table(
        ("Date", "Entry", "Contact", "Title", "Evaluation", "Cost", "Min.", ""),
        [
            (
                each.date,
                each.entry_no,
                each.contact_no,
                log.title(each) or each.description,
                each.evaluation,
                each.cost_lcy,
                each.duration_min,
                "canceled" if each.canceled else "",
            )
            for each in entries
        ],
    )


def show_statistics(arguments: Namespace) -> int:
    """Show number, cost and minutes of interactions, split."""
    with _reading(arguments) as work:
        print_statistics(Statistics(work), arguments.by, arguments.json)
    return 0


def print_statistics(statistics: Statistics, by: str, as_json: bool = False) -> None:
    """Print figures split by one of `SPLITS`."""
    rows = statistics.by_month() if by == "month" else statistics.by(Dimension(by))
    if as_json:
        print_json([{"key": key, **figures._asdict()} for key, figures in rows])
        return
    captions = (by.capitalize(), "Interactions", "Cost", "Min.")
    print_table(captions, [(key or "(none)", *figures) for key, figures in rows])


def check(arguments: Namespace) -> int:
    """Check the integrity of what is stored: 1 when something is broken, 0 with notices only."""
    with _reading(arguments) as work:
        found = list(check_integrity(work))
    broken = [each for each in found if each.broken]
    if arguments.json:
        print_json({"broken": broken, "notices": [each for each in found if not each.broken]})
    else:
        for each in found:
            print(f"{'broken' if each.broken else 'notice'}: {each.message}")
        print(f"{len(broken)} faults, {len(found) - len(broken)} notices")
    return 1 if broken else 0
