"""The verbs of the command: each function returns the exit status and prints what it found."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from enum import Enum
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path

import attrs

from interactionlog.adapters.sql.unit_of_work import SqlUnitOfWork
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import NotFoundError, UsageError
from interactionlog.events import FollowUpSegmentCreated
from interactionlog.integrity import check_integrity
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.log import InteractionLog, Statistics
from interactionlog.interactions.repository import Dimension
from interactionlog.interactions.service import InteractionService
from interactionlog.interchange import import_tables
from interactionlog.segments.logging.logged_segments import LoggedSegment
from interactionlog.segments.logging.logger import FollowUp, SegmentLogger
from interactionlog.segments.logging.plan import SegmentPlan
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import Evaluation, as_code


def values_of(record: object) -> dict[str, object]:
    """Return the values of a record by field."""
    fields = attrs.fields(type(record))  # type: ignore[arg-type]  # an attrs class
    return {field.name: getattr(record, field.name) for field in fields}


def _plain(value: object) -> object:
    """Turn what JSON does not know: amounts are text, so that they stay exact."""
    if attrs.has(type(value)):
        return values_of(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return sorted(value, key=str) if isinstance(value, frozenset) else _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None or value is False else str(value)


def print_json(data: object) -> None:
    """Print one JSON document."""
    print(json.dumps(data, default=_plain, ensure_ascii=False, indent=2))


def print_rows(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool = False
) -> None:
    """Print rows: these columns of them as a table, or everything as JSON."""
    if as_json:
        print_json(rows)
    else:
        print_table(columns, [[row[column] for column in columns] for row in rows])


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under the names of their columns."""
    captions = [column.replace("_", " ").capitalize() for column in columns]
    texts = [[_as_text(value) for value in row] for row in rows]
    if sys.stdout.isatty() and _print_with_rich(captions, texts):
        return
    widths = [max(map(len, column)) for column in zip(captions, *texts, strict=True)]
    for row in [captions, *texts]:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _print_with_rich(captions: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    try:
        from rich.console import Console  # noqa: PLC0415  # an extra
        from rich.markup import escape  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
    except ImportError:
        return False
    table = Table(*captions)
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)
    return True


@contextmanager
def progress(what: str) -> Iterator[Callable[[str, int], object]]:
    """Give a callback that shows how far one is, on a terminal and with rich only."""
    try:
        from rich.console import Console  # noqa: PLC0415  # an extra
    except ImportError:
        yield lambda *_: None
        return
    with Console(stderr=True).status(what) as status:  # silent where it is no terminal
        yield lambda part, done: status.update(f"{what} {part}: {done}")


SPLITS = ("template", "salesperson", "campaign", "group", "month", "contact", "segment")


@contextmanager
def _reading(arguments: Namespace) -> Iterator[SqlUnitOfWork]:
    with _existing(arguments) as store, store.read() as work:
        yield work


def _existing(arguments: Namespace) -> SqliteStore:
    if not Path(arguments.db).is_file():
        raise UsageError(f"{arguments.db} does not exist: interactionlog import makes it")
    return SqliteStore(arguments.db, tenant=arguments.tenant)


def import_folder(arguments: Namespace) -> int:
    """Import a folder of tables into a file, which is made if need be."""
    if not Path(arguments.folder).is_dir():
        raise UsageError(f"{arguments.folder} is not a folder: give the one that holds the tables")
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


def demo(arguments: Namespace) -> int:
    """Import the tables of the demo, log and follow up a segment, and show what can be seen."""
    path = _new_file(arguments.db)
    with SqliteStore(path, tenant=arguments.tenant) as store:
        with store.begin(user_id=arguments.user) as work:
            with as_file(files("interactionlog.cli") / "demo_data") as folder:
                report = import_tables(work, folder)
            print(f"imported {report.changes} rows of {len(report.tables)} tables")
            segment_no = _build(work)
        with store.begin(user_id=arguments.user) as work:
            _log(work, segment_no)
        with store.read() as work:
            log = InteractionLog(work)
            print("\ntimeline of contact C011")
            print_entries(log, log.timeline("C011"))
            for by in ("template", "salesperson", "month"):
                print(f"\ninteractions by {by}")
                print_statistics(Statistics(work), by)
    print(f"\neverything is in {path}; continue with")
    print(f"  interactionlog segment list --db {path}")
    print(f"  interactionlog timeline C020 --db {path}")
    return 0


def _new_file(wanted: str | None) -> Path:
    if wanted is None:
        names = (f"interactionlog-demo{n or ''}.db" for n in count())
        return next(path for path in map(Path, names) if not path.exists())
    if Path(wanted).exists():
        raise UsageError(f"{wanted} exists: give --db a file that does not")
    return Path(wanted)


def _build(work: UnitOfWork) -> str:
    segment = SegmentService(work).create(
        "Invitation to the open day",
        interaction_template_code="INVITE",
        campaign_no="OPENDAY",
        salesperson_code="MIRA",
    )
    selection = ContactSelection(work, segment.no)
    added = selection.add(ContactFilter(business_relation_codes={"CUST"})).lines_added
    left = selection.reduce(ContactFilter(mailing_group_codes={"NO-EVENTS"})).lines_removed
    SegmentService(work).add_line(segment.no, "C031")
    print(f"\nsegment {segment.no}: {added} customers, less {left} in NO-EVENTS, and C031 by hand")
    return segment.no


def _log(work: UnitOfWork, segment_no: str) -> None:
    logger = SegmentLogger(work)
    plan = logger.plan(segment_no)
    print_plan(plan)
    logged = logger.log(segment_no, plan=plan, follow_up=FollowUp())
    (created,) = (each for each in work.events if isinstance(each, FollowUpSegmentCreated))
    print_logged(logged, created)
    interactions = InteractionService(work)
    draft = interactions.start("C011", interaction_template_code="CALL")
    draft = interactions.change(draft, evaluation=Evaluation.POSITIVE)
    entry = interactions.finish(draft)
    print(f"a call with C011 is entry {entry.entry_no}")
