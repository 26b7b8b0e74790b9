"""The tables of performance.md section 1, written as plainly as can be: the outer floor of J1."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace

import sample
from measuring import Measure, timed

__all__ = ["CONTACTED", "SCHEMA", "floor", "template"]

SCHEMA = """
CREATE TABLE contact (
    no TEXT PRIMARY KEY, type INTEGER NOT NULL, name TEXT NOT NULL, company_no TEXT,
    company_name TEXT NOT NULL, city TEXT NOT NULL, country_code TEXT, language_code TEXT,
    salesperson_code TEXT, correspondence_type INTEGER, e_mail TEXT NOT NULL, last_date TEXT
) WITHOUT ROWID;
CREATE TABLE interaction_template (code TEXT PRIMARY KEY, interaction_group_code TEXT NOT NULL);
CREATE TABLE segment_header (
    no TEXT PRIMARY KEY, description TEXT NOT NULL, campaign_no TEXT, salesperson_code TEXT,
    interaction_template_code TEXT, interaction_group_code TEXT, date TEXT
) WITHOUT ROWID;
CREATE TABLE segment_line (
    segment_no TEXT NOT NULL, line_no INTEGER NOT NULL, contact_no TEXT, contact_company_no TEXT,
    campaign_no TEXT, salesperson_code TEXT, correspondence_type INTEGER,
    interaction_template_code TEXT, interaction_group_code TEXT, cost_lcy INTEGER NOT NULL,
    duration_min INTEGER NOT NULL, attachment_no INTEGER, campaign_response INTEGER NOT NULL,
    campaign_target INTEGER NOT NULL, information_flow INTEGER, initiated_by INTEGER,
    evaluation INTEGER, language_code TEXT, description TEXT NOT NULL, date TEXT,
    time_of_interaction TEXT, attempt_failed INTEGER NOT NULL, to_do_no TEXT,
    subject TEXT NOT NULL, opportunity_no TEXT,
    PRIMARY KEY (segment_no, line_no)
) WITHOUT ROWID;
CREATE TABLE logged_segment (
    entry_no INTEGER PRIMARY KEY, segment_no TEXT NOT NULL, description TEXT NOT NULL,
    creation_date TEXT NOT NULL, user_id TEXT, canceled INTEGER NOT NULL
);
CREATE TABLE interaction_log (
    entry_no INTEGER PRIMARY KEY, contact_no TEXT, contact_company_no TEXT, date TEXT NOT NULL,
    time_of_interaction TEXT, description TEXT NOT NULL, subject TEXT NOT NULL,
    information_flow INTEGER, initiated_by INTEGER, correspondence_type INTEGER,
    evaluation INTEGER, cost_lcy INTEGER NOT NULL, duration_min INTEGER NOT NULL, user_id TEXT,
    interaction_group_code TEXT, interaction_template_code TEXT, interaction_language_code TEXT,
    campaign_no TEXT, campaign_entry_no INTEGER, campaign_response INTEGER NOT NULL,
    campaign_target INTEGER NOT NULL, segment_no TEXT, logged_segment_entry_no INTEGER,
    attempt_failed INTEGER NOT NULL, to_do_no TEXT, salesperson_code TEXT,
    delivery_status INTEGER, attachment_no INTEGER, opportunity_no TEXT,
    canceled INTEGER NOT NULL, postponed INTEGER NOT NULL, recorded_at TEXT NOT NULL
);
CREATE INDEX log_contact ON interaction_log (contact_no, date);
CREATE INDEX log_logged_segment ON interaction_log (logged_segment_entry_no);
CREATE INDEX log_campaign ON interaction_log (campaign_no, date);
CREATE INDEX log_salesperson ON interaction_log (salesperson_code, date);
"""
CONTACTED = """
UPDATE contact SET last_date = new.date
FROM (
    SELECT contact_no, max(date) AS date FROM interaction_log
    WHERE logged_segment_entry_no = 1 GROUP BY contact_no
) AS new
WHERE contact.no = new.contact_no
    AND (contact.last_date IS NULL OR contact.last_date < new.date)
"""
"""
Set the contacts' last date, as the job of performance.md section 1 has it.

Only the peers do: the library stores no last date and asks its log, and no floor writes one.
"""
_NOT_HERE = ("segment_line_no", "search_name", "personal_fields")


def _known(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in _NOT_HERE}


def template(path: Path, settings: SimpleNamespace) -> None:
    """Write contacts, templates, earlier entries and the segment."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    if settings.cache_kib:
        connection.execute(f"PRAGMA default_cache_size = {settings.cache_kib // 4}")
    connection.executescript(SCHEMA)
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO interaction_template VALUES (?, ?)", [*sample.TEMPLATES.items()]
    )
    sample.insert(connection, "contact", map(_known, sample.contacts(settings)))
    sample.insert(connection, "interaction_log", sample.earlier_entries(settings))
    header = {name: sample.SEGMENT[name] for name in ("description", "campaign_no", "date")}
    sample.insert(connection, "segment_header", [{"no": "SM00001"} | header])
    lines = ({"segment_no": "SM00001"} | line for line in sample.lines(settings))
    sample.insert(connection, "segment_line", lines)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def opened(path: Path, settings: SimpleNamespace) -> sqlite3.Connection:
    """Open a copy of the template."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA synchronous = {settings.synchronous}")
    return connection


def floor(path: Path, settings: SimpleNamespace) -> Measure:
    """Write prebuilt rows, the logged segment and the deletes; read, check and build nothing."""
    connection = opened(path, settings)
    names = [row[1] for row in connection.execute("PRAGMA table_info(interaction_log)")]
    blank = dict.fromkeys(("campaign_response", "attempt_failed", "canceled", "postponed"), 0)
    rows = [
        tuple(entry.get(name, blank.get(name)) for name in names)
        for entry in sample.entries(settings)
    ]
    places = ", ".join("?" * len(names))
    with timed(settings.lines, settings) as measures:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO interaction_log VALUES ({places})", rows)  # noqa: S608  # no data
        connection.execute(
            "INSERT INTO logged_segment VALUES (1, 'SM00001', 'Spring', '2026-01-26', 'BENCH', 0)"
        )
        connection.execute("DELETE FROM segment_line WHERE segment_no = 'SM00001'")
        connection.execute("DELETE FROM segment_header WHERE no = 'SM00001'")
        connection.execute("COMMIT")
    assert_logged(connection, "interaction_log", "segment_line", settings)
    return measures[0]


def assert_logged(
    connection: sqlite3.Connection, log: str, lines: str, settings: SimpleNamespace
) -> None:
    """Fail unless every line went into the log: a fast run that did nothing is no measure."""
    entries, left = (
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  # our names
        for table in (log, lines)
    )
    assert (entries, left) == (settings.existing + settings.lines, 0), (entries, left)
    connection.close()
