"""
The job of J1 with what people use today, on the tables of performance.md.

Each reads the lines, applies five rules, builds entries, inserts them in batches of 1,000, sets the
contacts' last date by one statement, adds the logged segment and deletes lines and header, in one
transaction. There are no defaults, hooks, left-out lines or frozen headers: less than what the
library does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import reference
import sample
from measuring import Measure, timed

__all__ = ["PEERS"]

BATCH = 1_000
NO = "SM00001"
TABLES = (
    "segment_line",
    "segment_header",
    "interaction_log",
    "logged_segment",
    "interaction_template",
)
_SAME = (
    "contact_no",
    "contact_company_no",
    "date",
    "time_of_interaction",
    "description",
    "subject",
    "information_flow",
    "initiated_by",
    "correspondence_type",
    "evaluation",
    "cost_lcy",
    "duration_min",
    "interaction_group_code",
    "interaction_template_code",
    "campaign_no",
    "campaign_response",
    "campaign_target",
    "segment_no",
    "attempt_failed",
    "to_do_no",
    "salesperson_code",
    "attachment_no",
    "opportunity_no",
)
_of_line = attrgetter(*_SAME, "language_code")
_LOGGED = {
    "entry_no": sample.LOGGED,
    "segment_no": NO,
    "description": sample.SEGMENT["description"],
    "creation_date": "2026-01-26",
    "user_id": sample.USER,
    "canceled": 0,
}


def _entry(line: Any, entry_no: int, templates: Collection[str]) -> dict[str, Any]:
    """Check a line and return the values of its entry."""
    if line.contact_no is None:
        raise ValueError("no contact")
    if line.interaction_template_code not in templates:
        raise ValueError("unknown template")
    if line.date is None:
        raise ValueError("no date")
    if line.cost_lcy < 0 or line.duration_min < 0:
        raise ValueError("negative")
    if line.correspondence_type == 2 and not line.subject:
        raise ValueError("no subject")
    *same, language_code = _of_line(line)
    entry = dict(zip(_SAME, same, strict=True))
    entry["entry_no"] = entry_no
    entry["interaction_language_code"] = language_code
    entry["campaign_entry_no"] = 1
    entry["logged_segment_entry_no"] = sample.LOGGED
    entry["user_id"] = sample.USER
    entry["delivery_status"] = None
    entry["canceled"] = entry["postponed"] = 0
    entry["recorded_at"] = "2026-01-26T08:30:00.000000Z"
    return entry


def _engine(path: Path, settings: SimpleNamespace) -> Any:
    from sqlalchemy import create_engine, event

    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA synchronous = {settings.synchronous}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def sqlalchemy_core(path: Path, settings: SimpleNamespace) -> Measure:
    """SQLAlchemy Core: rows in, dictionaries out."""
    from sqlalchemy import MetaData, delete, insert, select

    engine, metadata = _engine(path, settings), MetaData()
    metadata.reflect(engine)
    lines, headers, log, logged, templates = (metadata.tables[name] for name in TABLES)
    with timed(settings.lines, settings) as measures, engine.begin() as connection:
        known = set(connection.scalars(select(templates.c.code)))
        found = connection.execution_options(yield_per=BATCH).execute(
            select(lines).where(lines.c.segment_no == NO).order_by(lines.c.line_no)
        )
        last = settings.existing
        for batch in found.partitions():
            entries = [_entry(line, no, known) for no, line in enumerate(batch, last + 1)]
            connection.execute(insert(log), entries)
            last += len(entries)
        connection.exec_driver_sql(reference.CONTACTED)
        connection.execute(insert(logged), [_LOGGED])
        connection.execute(delete(lines).where(lines.c.segment_no == NO))
        connection.execute(delete(headers).where(headers.c.no == NO))
    return measures[0]


def sqlalchemy_orm(path: Path, settings: SimpleNamespace) -> Measure:
    """SQLAlchemy's ORM: lines as objects, entries added in batches."""
    from sqlalchemy import MetaData, delete, select
    from sqlalchemy.orm import DeclarativeBase, Session, configure_mappers

    engine, metadata = _engine(path, settings), MetaData()
    metadata.reflect(engine)

    class Base(DeclarativeBase):
        pass

    lines, headers, log, logged, templates = (
        type(name, (Base,), {"__table__": metadata.tables[name]}) for name in TABLES
    )
    configure_mappers()
    with timed(settings.lines, settings) as measures, Session(engine) as session, session.begin():
        known = set(session.scalars(select(templates.code)))
        found = session.scalars(
            select(lines).where(lines.segment_no == NO).order_by(lines.line_no)
        ).yield_per(BATCH)
        last = settings.existing
        for batch in found.partitions():
            session.add_all(
                log(**_entry(line, no, known)) for no, line in enumerate(batch, last + 1)
            )
            session.flush()
            last += len(batch)
        session.connection().exec_driver_sql(reference.CONTACTED)
        session.add(logged(**_LOGGED))
        session.execute(delete(lines).where(lines.segment_no == NO))
        session.execute(delete(headers).where(headers.no == NO))
    return measures[0]


def django(path: Path, settings: SimpleNamespace) -> Measure:
    """Django's ORM: an iterator and `bulk_create`."""
    import django as framework
    from django.conf import settings as configuration
    from django.db import connection, models, transaction

    options = {
        "transaction_mode": "IMMEDIATE",
        "init_command": f"PRAGMA synchronous = {settings.synchronous}",
    }
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}
    configuration.configure(DATABASES={"default": database}, INSTALLED_APPS=[])
    framework.setup()

    def model(table: str) -> Any:
        meta = type("Meta", (), {"app_label": "bench", "db_table": table, "managed": False})
        body: dict[str, Any] = {"Meta": meta, "__module__": __name__}
        with sqlite3.connect(path) as plain:
            columns = plain.execute(f"PRAGMA table_info({table})").fetchall()
        keys = [name for _, name, *_, key in columns if key]
        for _, name, kind, *_ in columns:
            field = models.TextField if kind == "TEXT" else models.IntegerField
            body[name] = field(primary_key=keys == [name], null=keys != [name])
        if len(keys) > 1:
            body["pk"] = models.CompositePrimaryKey(*keys)
        return type(table, (models.Model,), body)

    lines, headers, log, logged, templates = map(model, TABLES)
    connection.ensure_connection()
    with timed(settings.lines, settings) as measures, transaction.atomic():
        known = set(templates.objects.values_list("code", flat=True))
        found, batch = lines.objects.filter(segment_no=NO).order_by("line_no"), []
        for entry_no, line in enumerate(found.iterator(BATCH), settings.existing + 1):
            batch.append(log(**_entry(line, entry_no, known)))
            if len(batch) == BATCH:
                log.objects.bulk_create(batch)
                batch.clear()
        log.objects.bulk_create(batch)
        with connection.cursor() as cursor:
            cursor.execute(reference.CONTACTED)
        logged.objects.create(**_LOGGED)
        lines.objects.filter(segment_no=NO).delete()
        headers.objects.filter(no=NO).delete()
    connection.close()
    return measures[0]


def _checked(peer: Callable[[Path, SimpleNamespace], Measure]) -> Any:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        measure = peer(path, settings)
        connection = sqlite3.connect(path)
        dated = connection.execute("SELECT count(last_date) FROM contact").fetchone()
        assert dated == (settings.lines,), dated
        reference.assert_logged(connection, "interaction_log", "segment_line", settings)
        return measure

    return run


PEERS = {
    name: _checked(peer)
    for name, package, peer in [
        ("sqlalchemy-core", "sqlalchemy", sqlalchemy_core),
        ("sqlalchemy-orm", "sqlalchemy", sqlalchemy_orm),
        ("django", "django", django),
    ]
    if find_spec(package)
}
"""Peers by name, those whose package is installed (dependency group ``bench``)."""
