"""
J3: read the timeline: newest pages, a page far down, sums; ``--lines`` is the size of the log.

2 % of the entries belong to one hot contact, the others to lines/10 contacts. A floor is the same
statement with its rows as tuples; the library gives entities.
"""

# ruff: noqa: S608  # the names in the statements are constants of this module

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import reference
import sample
from measuring import Job, Measure, Variant, timed

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.adapters.tables import TABLES, columns_of
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.log import InteractionLog, Statistics
from interactionlog.interactions.repository import LogFilter, Position

__all__ = ["JOB"]

PREFIX = "interactionlog_"
LOG = f"{PREFIX}log_entry"
COLUMNS = ", ".join(column.name for column in columns_of(TABLES[InteractionLogEntry]))
HOT = "CT9000000"
FIRST_DAY = date(2020, 1, 1)
REPEATS = 200


def _entries(settings: SimpleNamespace) -> Iterator[dict[str, Any]]:
    chance = random.Random(3)
    contacts = max(settings.lines // 10, 1)
    for number in range(1, settings.lines + 1):
        hot = chance.random() < 0.02
        no = HOT if hot else sample.contact_no(chance.randrange(contacts))
        yield {
            "entry_no": number,
            "contact_no": no,
            "contact_company_no": no,
            "date": (FIRST_DAY + timedelta(number * 2_000 // settings.lines)).isoformat(),
            "time_of_interaction": "09:30:00",
            "description": "Business letter",
            "subject": "Business letter",
            "cost_lcy": 800_000,
            "duration_min": 30,
            "user_id": sample.USER,
            "interaction_group_code": "LETTER",
            "interaction_template_code": "BUS",
            "campaign_no": f"CP{chance.randrange(100):04}",
            "campaign_response": 0,
            "campaign_target": 0,
            "salesperson_code": "HR",
            "attempt_failed": 0,
            "contact_via": "",
            "send_word_docs_as_attmt": 0,
            "merged": 0,
            "personal_fields": 0,
            "recorded_at": "2026-01-26T08:30:00.000000Z",
        }


def log(path: Path, settings: SimpleNamespace) -> None:
    """Write the log and its contacts."""
    SqliteStore(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    sample.insert(connection, LOG, _entries(settings))
    numbers = connection.execute(f"SELECT DISTINCT contact_no FROM {LOG}").fetchall()
    contact = next(iter(sample.contacts(SimpleNamespace(lines=1))))
    rows = (contact | {"no": no, "company_no": no} for (no,) in numbers)
    sample.insert(connection, f"{PREFIX}contact", rows)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _asked(settings: SimpleNamespace, *, hot: bool) -> list[str]:
    chance = random.Random(5)
    contacts = max(settings.lines // 10, 1)
    nos = [sample.contact_no(chance.randrange(contacts)) for _ in range(REPEATS)]
    return [HOT] * REPEATS if hot else nos


_PAGE = f"""
SELECT {COLUMNS} FROM {LOG}
WHERE tenant = '' AND contact_company_no = ? AND NOT postponed AND (date, entry_no) < (?, ?)
ORDER BY date DESC, entry_no DESC LIMIT ?
"""
_SUMS = f"""
SELECT count(*), sum(cost_lcy), sum(duration_min) FROM {LOG}
WHERE tenant = '' AND contact_company_no = ? AND cancel_state = 0 AND NOT postponed
"""
_TOP = ("9999-12-31", 2**62)


def _raw(work: Callable[[sqlite3.Connection, str], object], *, hot: bool) -> Callable[..., Measure]:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        connection = reference.opened(path, settings)
        nos = _asked(settings, hot=hot)
        for no in nos:  # warm
            work(connection, no)
        with timed(REPEATS, settings) as measures:
            for no in nos:
                work(connection, no)
        return measures[0]

    return run


def _library(work: Callable[[Any, str], object], *, hot: bool) -> Callable[..., Measure]:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        nos = _asked(settings, hot=hot)
        with SqliteStore(path) as store, store.read() as opened:
            for no in nos:
                work(opened, no)
            with timed(REPEATS, settings) as measures:
                for no in nos:
                    work(opened, no)
        return measures[0]

    return run


def _deep(connection: sqlite3.Connection) -> tuple[str, int]:
    statement = f"""
        SELECT date, entry_no FROM {LOG} WHERE tenant = '' AND contact_company_no = ?
        ORDER BY date DESC, entry_no DESC LIMIT 1 OFFSET 9900
    """
    return connection.execute(statement, (HOT,)).fetchone() or (FIRST_DAY.isoformat(), 0)


_positions: dict[str, Position] = {}


def _raw_deep(connection: sqlite3.Connection, no: str) -> object:
    if no not in _positions:
        day, entry_no = _deep(connection)
        _positions[no] = Position(date.fromisoformat(day), entry_no)
    at = _positions[no]
    return connection.execute(_PAGE, (no, at.date.isoformat(), at.entry_no, 100)).fetchall()


def _library_deep(work: Any, no: str) -> object:
    if no not in _positions:
        day, entry_no = _deep(work.session.connection)
        _positions[no] = Position(date.fromisoformat(day), entry_no)
    scope = LogFilter(contact_company_no=no)
    return InteractionLog(work).entries(scope, before=_positions[no], limit=100)


def variants(_: SimpleNamespace) -> Mapping[str, Variant]:
    """Return each question as tuples and as entities."""
    asked: dict[str, tuple[Any, Any, bool]] = {
        "newest 50, hot contact": (
            lambda connection, no: connection.execute(_PAGE, (no, *_TOP, 50)).fetchall(),
            lambda work, no: InteractionLog(work).entries(LogFilter(contact_company_no=no)),
            True,
        ),
        "newest 50, random contact": (
            lambda connection, no: connection.execute(_PAGE, (no, *_TOP, 50)).fetchall(),
            lambda work, no: InteractionLog(work).entries(LogFilter(contact_company_no=no)),
            False,
        ),
        "page 100, hot contact": (_raw_deep, _library_deep, True),
        "sums, random contact": (
            lambda connection, no: connection.execute(_SUMS, (no,)).fetchone(),
            lambda work, no: Statistics(work).of(LogFilter(contact_company_no=no)),
            False,
        ),
        "sums, hot contact": (
            lambda connection, no: connection.execute(_SUMS, (no,)).fetchone(),
            lambda work, no: Statistics(work).of(LogFilter(contact_company_no=no)),
            True,
        ),
    }
    found: dict[str, Variant] = {}
    for name, (raw, library, hot) in asked.items():
        floor = f"floor: {name}"
        found[floor] = Variant(_raw(raw, hot=hot), floor=floor, template=log)
        found[f"library: {name}"] = Variant(_library(library, hot=hot), floor=floor, template=log)
    return found


JOB = Job(
    variants,
    note="aim: pages at most 2.0 times the floor, sums at most 1.5 times plus 20 microseconds",
)
