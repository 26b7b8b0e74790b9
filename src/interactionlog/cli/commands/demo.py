"""A company to look at."""

from __future__ import annotations

from importlib.resources import as_file, files
from itertools import count
from pathlib import Path

import attrs
import click

from interactionlog.cli.commands.interactions import show_entries, show_statistics
from interactionlog.cli.commands.segments import show_logging, show_plan
from interactionlog.cli.console import Console, finds_tables, with_console
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import UsageError
from interactionlog.interactions.service import InteractionService
from interactionlog.interchange import import_tables
from interactionlog.segments.logging.logger import FollowUp, SegmentLogger
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import Evaluation


@click.command
@with_console
def demo(console: Console) -> None:
    """Log a small segment into a new file and show what can be seen."""
    # never among the records of a host, or of a database that is in use
    console = attrs.evolve(console, opening=None, db=_new_file(console.db))
    with console.store(make=True) as store:
        with store.begin(user_id=console.user) as work:
            with as_file(files("interactionlog.cli") / "demo_data") as folder:
                report = import_tables(work, folder)
            console.say(f"imported {report.changes} rows of {len(report.tables)} tables")
            segment_no = _build(console, work)
            console.json({"db": console.db, "segment": segment_no})
        with store.begin(user_id=console.user) as work:
            _log(console, work, segment_no)
    console.heading("timeline of contact C011")
    show_entries(console, lambda log: log.timeline("C011"))
    for by in ("template", "salesperson", "month"):
        console.heading(f"interactions by {by}")
        show_statistics(console, by)
    console.heading(f"everything is in {console.db}; continue with")
    place = f"--db {console.db}" + (f" --tenant {console.tenant}" if console.tenant else "")
    console.say(f"  interactionlog segment list {place}")
    console.say(f"  interactionlog timeline C020 {place}")


def _new_file(wanted: str) -> str:
    if not wanted:
        names = (f"interactionlog-demo{n or ''}.db" for n in count())
        return next(name for name in names if not Path(name).exists())
    if Path(wanted).exists():
        raise UsageError(f"{wanted} exists: give --db a file that does not")
    if finds_tables(wanted, make=True):
        raise UsageError("the database holds tables of ours already: give --db another, or a file")
    return wanted


def _build(console: Console, work: UnitOfWork) -> str:
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
    console.heading(
        f"segment {segment.no}: {added} customers, less {left} in NO-EVENTS, and C031 by hand"
    )
    return segment.no


def _log(console: Console, work: UnitOfWork, segment_no: str) -> None:
    logger = SegmentLogger(work)
    plan = logger.plan(segment_no)
    show_plan(console, work, plan)
    logged = logger.log(segment_no, plan=plan, follow_up=FollowUp())
    show_logging(console, logged, work.events)
    interactions = InteractionService(work)
    draft = interactions.start("C011", interaction_template_code="CALL")
    draft = interactions.change(draft, evaluation=Evaluation.POSITIVE)
    entry = interactions.finish(draft)
    console.say(f"a call with C011 is entry {entry.entry_no}")
