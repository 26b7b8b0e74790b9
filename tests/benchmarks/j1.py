"""
J1: log a segment of N lines, in one transaction.

The floor writes prebuilt rows into the library's own tables: it reads nothing, checks nothing and
builds nothing. The reference floor does the same on the tables of performance.md, which have fewer
columns and narrower indexes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import reference
import sample
from measuring import Comparison, Job, Measure, Variant, timed
from peers import PEERS

from interactionlog.adapters.memory.store import MemoryStore
from interactionlog.adapters.sql.statements import load
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.campaigns.campaign import Campaign
from interactionlog.segments.logging.logger import BatchRun, SegmentLogger
from interactionlog.templates.template import InteractionGroup, InteractionTemplate

__all__ = ["JOB"]

PREFIX = "interactionlog_"


def template(path: Path, settings: SimpleNamespace) -> None:
    """Write contacts, salesperson, template, campaign, earlier entries and the segment."""
    SqliteStore(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    if settings.cache_kib:
        connection.execute(f"PRAGMA default_cache_size = {settings.cache_kib // 4}")
    connection.execute("BEGIN")
    groups = [
        {"code": code, "interaction_group_code": group} for code, group in sample.TEMPLATES.items()
    ]
    lines = ({"segment_no": "SM00001"} | line for line in sample.lines(settings))
    counter = {"kind": "log_entry", "last_value": settings.existing}
    for table, rows in {
        "interaction_group": [{"code": group} for group in sample.TEMPLATES.values()],
        "interaction_template": groups,
        "salesperson": [{"code": "HR", "name": "Helena Ray"}],
        "campaign": [{"no": "CP1001", "description": "Spring"}],
        "contact": sample.contacts(settings),
        "log_entry": sample.earlier_entries(settings),
        "segment": [{"no": "SM00001"} | sample.SEGMENT],
        "segment_line": lines,
        "entry_counter": [counter] if settings.existing else [],
    }.items():
        sample.insert(connection, PREFIX + table, rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def purposeful(path: Path, settings: SimpleNamespace) -> None:
    """Write the same, with a purpose that everybody agreed to."""
    template(path, settings)
    connection = sqlite3.connect(path)
    moment = "2026-01-26T08:30:00.000000Z"
    consents = (
        {
            "entry_no": number,
            "contact_no": sample.contact_no(number - 1),
            "channel": "MAIL" if number % 2 == 0 else "LETTER",
            "purpose_code": "NEWS",
            "given": 1,
            "date": "2026-01-02",
            "recorded_at": moment,
        }
        for number in range(1, settings.lines + 1)
    )
    sample.insert(connection, f"{PREFIX}purpose", [{"code": "NEWS", "needs": "opt-in"}])
    sample.insert(connection, f"{PREFIX}consent", consents)
    connection.execute(f"UPDATE {PREFIX}segment SET purpose_code = 'NEWS'")  # noqa: S608
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def floor(path: Path, settings: SimpleNamespace) -> Measure:
    """Write prebuilt rows, the logged segment and the deletes into the library's own tables."""
    connection = reference.opened(path, settings)
    statements = load(PREFIX)
    names = sample.filled_columns(statements)
    places = ", ".join("?" * len(names))
    insert = f"INSERT INTO {PREFIX}log_entry ({', '.join(names)}) VALUES ({places})"  # noqa: S608  # our names
    blank = {
        name: "" if kind == "TEXT" else 0
        for _, name, kind, required, *_ in connection.execute(
            f"PRAGMA table_info({PREFIX}log_entry)"
        )
        if required
    }
    rows = [
        tuple(entry.get(name, blank.get(name)) for name in names)
        for entry in sample.entries(settings)
    ]
    segment = ("", "SM00001")
    with timed(settings.lines, settings) as measures:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, rows)
        sample.insert(connection, f"{PREFIX}logged_segment", [_LOGGED])
        for name in (
            "segment_line",
            "segment_language",
            "criteria_step",
            "removed_line",
            "segment",
        ):
            connection.execute(statements[f"remove_{name}_1"], segment)
        connection.execute("COMMIT")
    reference.assert_logged(connection, f"{PREFIX}log_entry", f"{PREFIX}segment_line", settings)
    return measures[0]


class _Check:
    """A hook that has nothing against any line."""

    def check_line(self, work: object, line: object, contact: object) -> tuple[()]:
        """Find no problem."""
        return ()


class _Observer:
    """A hook that counts what was written."""

    def __init__(self) -> None:
        self.seen = 0

    def interactions_logged(self, work: object, entries: Sequence[object]) -> None:
        """Count the entries."""
        self.seen += len(entries)


def _warm_up(path: Path, settings: SimpleNamespace) -> None:
    # what happens once in a process is outside the time: imports, generated row functions
    first = path.with_name(f"{path.name}-warm")
    template(first, SimpleNamespace(**vars(settings) | {"lines": 1, "existing": 0}))
    with SqliteStore(first) as store, store.begin(user_id=sample.USER) as work:
        SegmentLogger(work).log("SM00001")


def plain(path: Path, settings: SimpleNamespace) -> Measure:
    """Log the segment without checks and observers, and commit."""
    return _logged(path, settings, [])


def hooks(path: Path, settings: SimpleNamespace) -> Measure:
    """Log the segment with a check and an observer, and commit."""
    observer = _Observer()
    measure = _logged(path, settings, [_Check(), observer])
    assert observer.seen == settings.lines
    return measure


def _logged(path: Path, settings: SimpleNamespace, hooks: Sequence[object]) -> Measure:
    _warm_up(path, settings)
    with (
        SqliteStore(path, synchronous=settings.synchronous, hooks=hooks) as store,
        timed(settings.lines, settings) as measures,
        store.begin(user_id=sample.USER) as work,
    ):
        SegmentLogger(work).log("SM00001")
    _assert_logged(path, settings)
    return measures[0]


def plan(path: Path, settings: SimpleNamespace) -> Measure:
    """Plan the logging."""
    _warm_up(path, settings)
    with (
        SqliteStore(path, synchronous=settings.synchronous) as store,
        timed(settings.lines, settings) as measures,
        store.read() as work,
    ):
        found = SegmentLogger(work).plan("SM00001")
    assert found.counts.logged == settings.lines
    return measures[0]


def batches(path: Path, settings: SimpleNamespace) -> Measure:
    """Log the segment in batches of 10,000 that commit: each line is decided twice."""
    _warm_up(path, settings)
    with (
        SqliteStore(path, synchronous=settings.synchronous) as store,
        timed(settings.lines, settings) as measures,
    ):
        BatchRun(store, user_id=sample.USER).log("SM00001", size=10_000)
    _assert_logged(path, settings)
    return measures[0]


def _assert_logged(path: Path, settings: SimpleNamespace) -> None:
    connection = sqlite3.connect(path)
    reference.assert_logged(connection, f"{PREFIX}log_entry", f"{PREFIX}segment_line", settings)


def memory(path: Path, settings: SimpleNamespace) -> Measure:
    """Log the same segment in memory."""
    observer = _Observer()
    store = MemoryStore(hooks=[_Check(), observer])
    with (
        SqliteStore(path) as source,
        source.read() as there,
        store.begin(user_id=sample.USER) as here,
    ):
        for contact in there.contacts.all():
            here.contacts.put(contact)
        for salesperson in there.salespeople.all():
            here.salespeople.put(salesperson)
        for entity in (InteractionGroup, InteractionTemplate, Campaign):
            for record in there.records(entity).all():
                here.records(entity).put(record)
        here.segments.add(there.segments.get("SM00001"))
        last = 0
        while lines := there.segments.lines_after("SM00001", last):
            here.segments.add_lines(lines)
            last = lines[-1].line_no
    with timed(settings.lines, settings) as measures, store.begin(user_id=sample.USER) as work:
        SegmentLogger(work).log("SM00001")
    assert observer.seen == settings.lines
    return measures[0]


_LOGGED = {
    "entry_no": sample.LOGGED,
    "segment_no": "SM00001",
    "description": sample.SEGMENT["description"],
    "creation_date": "2026-01-26",
    "user_id": sample.USER,
    "recorded_at": "2026-01-26T08:30:00.000000Z",
}


def _variants(settings: SimpleNamespace) -> Mapping[str, Variant]:
    orders = {"sorted": "", "random": "-random"}
    found: dict[str, Variant] = {}
    for order, suffix in orders.items():
        if settings.order in {order, "both"}:
            own = {"shuffled": order == "random"}
            peers = [(name, peer, reference.template) for name, peer in PEERS.items()]
            for name, run, write in [
                ("floor", floor, template),
                ("reference_floor", reference.floor, reference.template),
                ("plain", plain, template),
                ("hooks", hooks, template),
                ("purpose", plain, purposeful),
                ("plan", plan, template),
                ("batches", batches, template),
                ("memory", memory, template),
                *peers,
            ]:
                base = "reference_floor" if name in PEERS else "floor"
                found[name + suffix] = Variant(run, base + suffix, write, own)
    return found


JOB = Job(
    _variants,
    [
        Comparison("floor", "reference_floor", "at most 1.7"),
        Comparison("floor-random", "reference_floor-random", "at most 2.0"),
        Comparison("batches", "plain", "at most 1.3"),
        Comparison("purpose", "plain", "at most 1.2"),
        Comparison("sqlalchemy-core", "hooks", "at least 1"),
        Comparison("sqlalchemy-orm", "hooks", "at least 5"),
        Comparison("django", "hooks", "at least 3.5"),
    ],
    "Contacts in order, or shuffled (-random). Ratios to the floor; of SQLAlchemy and Django to the "
    "reference floor.",
)
