"""
S1: choose N of 10 N contacts by a filter with three sources, undo it, and push a header field.

A floor is the one statement that writes the same rows of the same filter into the library's own
tables: no step is recorded, nothing is checked.
"""

# ruff: noqa: S608  # the names in the statements are constants of this module

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import reference
import sample
from measuring import Job, Measure, Variant, timed

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService

__all__ = ["JOB"]

PREFIX = "interactionlog_"
LINE = f"{PREFIX}segment_line"
REMOVED = f"{PREFIX}removed_line"
DESCRIPTION = "description = 'Autumn letter to all customers'"
DAY = "date = '2026-09-01'"
MAILING_GROUP, BUSINESS_RELATION = 1, 4
WANTED = ContactFilter(
    business_relation_codes={"CUST"}, mailing_group_codes={"NEWS"}, salesperson_codes={"HR"}
)
"""Every other company is a customer, 2 of 5 contacts read the news, HR looks after every other."""
FILTER = f"""
    c.tenant = '' AND c.salesperson_code = 'HR'
    AND c.company_no IN (
        SELECT contact_no FROM {PREFIX}contact_membership
        WHERE tenant = '' AND kind = {BUSINESS_RELATION} AND code = 'CUST'
    )
    AND c.no IN (
        SELECT contact_no FROM {PREFIX}contact_membership
        WHERE tenant = '' AND kind = {MAILING_GROUP} AND code = 'NEWS'
    )
"""


def _contacts(settings: SimpleNamespace) -> Iterator[dict[str, Any]]:
    many = SimpleNamespace(lines=settings.lines * 10)
    for number, contact in enumerate(sample.contacts(many)):
        yield contact | {"salesperson_code": "HR" if number % 2 == 0 else "PS"}


def _memberships(settings: SimpleNamespace) -> Iterator[dict[str, Any]]:
    for number in range(settings.lines * 10):
        if number % 20 == 0:
            yield {
                "contact_no": sample.contact_no(number),
                "kind": BUSINESS_RELATION,
                "code": "CUST",
            }
        if number % 5 < 2:
            yield {"contact_no": sample.contact_no(number), "kind": MAILING_GROUP, "code": "NEWS"}


def contacts(path: Path, settings: SimpleNamespace) -> None:
    """Write the contacts with their memberships, and an empty segment."""
    SqliteStore(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    if settings.cache_kib:
        connection.execute(f"PRAGMA default_cache_size = {settings.cache_kib // 4}")
    connection.execute("BEGIN")
    for table, rows in {
        "interaction_group": [{"code": group} for group in sample.TEMPLATES.values()],
        "interaction_template": [{"code": "BUS", "interaction_group_code": "LETTER"}],
        "salesperson": [{"code": code} for code in ("HR", "PS")],
        "contact": _contacts(settings),
        "contact_membership": _memberships(settings),
        "segment": [{"no": "SM00001"} | sample.SEGMENT | {"campaign_no": None}],
    }.items():
        sample.insert(connection, PREFIX + table, rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _after(do: Callable[[Any], object], before: Callable[..., None]) -> Callable[..., None]:
    def template(path: Path, settings: SimpleNamespace) -> None:
        before(path, settings)
        with SqliteStore(path) as store, store.begin(user_id=sample.USER) as work:
            do(work)
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    return template


def _add(work: Any) -> None:
    ContactSelection(work, "SM00001").add(WANTED)


def _reduce(work: Any) -> None:
    ContactSelection(work, "SM00001").reduce(WANTED)


def _refine(work: Any) -> None:
    ContactSelection(work, "SM00001").refine(ContactFilter(mailing_group_codes={"NOBODY"}))


def _go_back(work: Any) -> None:
    ContactSelection(work, "SM00001").go_back()


def _push(work: Any) -> None:
    SegmentService(work).change("SM00001", description="Autumn letter to all customers")


def _push_date(work: Any) -> None:
    SegmentService(work).change("SM00001", date=date(2026, 9, 1))


lines = _after(_add, contacts)
"""Writes a segment whose lines the filter means."""
removed = _after(_reduce, lines)
"""Writes the same, with all its lines removed again by a step."""


def _library(do: Callable[[Any], None], table: str) -> Callable[..., Measure]:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        warm = path.with_name(f"{path.name}-warm")
        removed(warm, SimpleNamespace(lines=1, cache_kib=None))
        with (
            SqliteStore(path, synchronous=settings.synchronous) as store,
            timed(settings.lines, settings) as measures,
            store.begin(user_id=sample.USER) as work,
        ):
            do(work)
        _assert_done(path, table, settings)
        return measures[0]

    return run


def _floor(statement: Callable[[sqlite3.Connection], str], table: str) -> Callable[..., Measure]:
    def run(path: Path, settings: SimpleNamespace) -> Measure:
        connection = reference.opened(path, settings)
        text = statement(connection)
        with timed(settings.lines, settings) as measures:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(text)
            connection.execute("COMMIT")
        _assert_done(path, table, settings)
        return measures[0]

    return run


def _assert_done(path: Path, table: str, settings: SimpleNamespace) -> None:
    connection = sqlite3.connect(path)
    ((count,),) = connection.execute(f"SELECT count(*) FROM {table}")
    assert count == settings.lines, (count, settings.lines)
    connection.close()


def _columns(connection: sqlite3.Connection) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({LINE})")]


def _insert_lines(connection: sqlite3.Connection) -> str:
    names = _columns(connection)
    given = {
        "tenant": "''",
        "segment_no": "'SM00001'",
        "line_no": """10000 * row_number() OVER (
            ORDER BY c.company_name, c.company_no, c.type, c.name, c.no
        )""",
        "contact_no": "c.no",
        "contact_company_no": "c.company_no",
        "correspondence_type": "c.correspondence_type",
        **dict.fromkeys(("language_code", "salesperson_code"), "c.language_code"),
        "added_by_step": "1",
    }
    for name, value in sample.SEGMENT.items():
        given.setdefault(name.removeprefix("unit_"), repr(value))
    given["subject"] = "''"
    values = ", ".join(given.get(name, "''") for name in names)
    return f"""INSERT INTO {LINE} ({", ".join(names)})
        SELECT {values} FROM {PREFIX}contact AS c WHERE {FILTER}"""


def _keep_lines(connection: sqlite3.Connection) -> str:
    names = ", ".join(_columns(connection))
    return f"""INSERT INTO {REMOVED} (removed_by_step, {names})
        SELECT 2, {names} FROM {LINE}
        WHERE contact_no IN (SELECT c.no FROM {PREFIX}contact AS c WHERE {FILTER})"""


def _restore_lines(connection: sqlite3.Connection) -> str:
    names = ", ".join(_columns(connection))
    return f"INSERT INTO {LINE} ({names}) SELECT {names} FROM {REMOVED}"


def _update_lines(change: str) -> Callable[[sqlite3.Connection], str]:
    return lambda _: f"UPDATE {LINE} SET {change} WHERE tenant = '' AND segment_no = 'SM00001'"


def _variants(settings: SimpleNamespace) -> Mapping[str, Variant]:
    return {
        "floor_add": Variant(_floor(_insert_lines, LINE), "floor_add", contacts),
        "library_add": Variant(_library(_add, LINE), "floor_add", contacts),
        "floor_remove": Variant(_floor(_keep_lines, REMOVED), "floor_remove", lines),
        "library_reduce": Variant(_library(_reduce, REMOVED), "floor_remove", lines),
        "library_refine": Variant(_library(_refine, REMOVED), "floor_remove", lines),
        "floor_back": Variant(_floor(_restore_lines, LINE), "floor_back", removed),
        "library_back": Variant(_library(_go_back, LINE), "floor_back", removed),
        "floor_push": Variant(_floor(_update_lines(DESCRIPTION), LINE), "floor_push", lines),
        "library_push": Variant(_library(_push, LINE), "floor_push", lines),
        "floor_push_date": Variant(_floor(_update_lines(DAY), LINE), "floor_push_date", lines),
        "library_push_date": Variant(_library(_push_date, LINE), "floor_push_date", lines),
    }


JOB = Job(
    _variants,
    note="10 N contacts; at most 3 times the floor, a push 1.5 times; flat memory.",
)
