"""A small segment from beginning to end, in a file that stays to look at."""

from __future__ import annotations

from argparse import Namespace
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.cli.commands import (
    print_entries,
    print_logged,
    print_plan,
    print_statistics,
)
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import UsageError
from interactionlog.events import FollowUpSegmentCreated
from interactionlog.interactions.log import InteractionLog, Statistics
from interactionlog.interactions.service import InteractionService
from interactionlog.interchange import import_tables
from interactionlog.segments.logging.logger import FollowUp, SegmentLogger
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import Evaluation


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
        message = f"{wanted} exists: give --db a file that does not"
        raise UsageError(message)
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
