"""
Random bytes in a SQLite file: `check` reports them, or every answer is what it was.

Answers are what is asked of the log: which entries, whose, when, cost, minutes and state, figures and
plans. A letter of a free text that became another one can be told from nothing.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

import pytest
from hypothesis import settings

import interactionlog as il
from interactionlog.integrity import check_integrity
from interactionlog.testing.race_world import CONTACTS, populate

COPIES = {"deep": 300, "ci": 30}
SHOWN = (
    "entry_no",
    "contact_no",
    "contact_company_no",
    "date",
    "cost_lcy",
    "duration_min",
    "canceled",
    "postponed",
)


def answers(work):
    """Return what the file says."""
    log, figures = il.InteractionLog(work), il.Statistics(work)
    return (
        [
            [tuple(getattr(entry, name) for name in SHOWN) for entry in log.timeline(no)]
            for no in CONTACTS
        ],
        [figures.by(dimension) for dimension in il.Dimension],
        [figures.of_contact(no) for no in CONTACTS],
        il.SegmentLogger(work).plan("SM1").counts,
        il.SegmentService(work).figures("SM1").lines,
    )


def told(path):
    """Return what is broken and the answers; no other error than that of a damaged store."""
    try:
        with il.SqliteStore(path) as store, store.read() as work:
            broken = [fault for fault in check_integrity(work) if fault.broken]
            return broken, None if broken else answers(work)
    except il.StorageError as error:
        return [error], None


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "crm.db"
    with il.SqliteStore(path) as store, store.begin(user_id="TESTER") as work:
        populate(work)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    return path


def test_a_damaged_copy_is_reported_or_answers_as_the_sound_one(sound, tmp_path):
    broken, expected = told(sound)
    assert broken == []
    raw, seen = sound.read_bytes(), 0
    for number in range(COPIES.get(settings.get_current_profile_name(), 10)):
        chance = random.Random(number)
        damaged, length = bytearray(raw), chance.choice([1, 4, 64, 512])
        for _ in range(chance.choice([1, 8, 64])):
            at = chance.randrange(100, len(raw) - length)
            damaged[at : at + length] = chance.randbytes(length)
        path = tmp_path / f"{number}.db"
        path.write_bytes(damaged)
        broken, found = told(path)
        seen += bool(broken)
        assert broken or found == expected, f"copy {number}"
    assert seen > 0
