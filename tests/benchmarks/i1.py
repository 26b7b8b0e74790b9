"""
I1: bring N contacts, or N calls, into a SQLite file.

The floor reads the same CSV file with the standard library and inserts its rows with ``executemany``:
it looks nothing up, validates nothing and keeps no external keys. ``one`` brings one contact into a
file that has N already, so that its rows are one, whatever N is.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from measuring import Job, Measure, Variant, timed

import interactionlog as il
from interactionlog.interchange import import_tables

__all__ = ["JOB"]

CONTACT = "No.,Type,Name,Company No.,Address,Post Code,City,Country/Region Code,E-Mail,Phone No."
CALL = "Entry No.,Contact No.,Date,Description,Cost (LCY),Duration (Min.),User ID,Interaction Template Code,Salesperson Code"
PEOPLE = 5_000


def contacts(count: int) -> Iterator[list[object]]:
    """Give the rows of a list of contacts, five in each company."""
    for n in range(count):
        company = f"CT{n // 5 * 5:07}"
        kind = "Person" if n % 5 else "Company"
        yield [
            f"CT{n:07}",
            kind,
            f"Name of {n}",
            company,
            "Street 1",
            "20100",
            "Milano",
            "IT",
            f"m{n}@x.example",
            f"+39 02 {n:07}",
        ]


def calls(count: int) -> Iterator[list[object]]:
    """Give the rows of a history."""
    for n in range(count):
        day = f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}"
        yield [n + 1, f"CT{n % PEOPLE:07}", day, f"Call {n}", "7.50", 15, "MARIA", "CALL", "HR"]


def written(path: Path, captions: str, rows: Iterator[list[object]]) -> Path:
    """Write a file beside the database."""
    with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(captions.split(","))
        writer.writerows(rows)
    return path.with_suffix(".csv")


def template(path: Path, settings: SimpleNamespace) -> None:
    """Make the contacts that the calls are with."""
    with il.SqliteStore(path) as store, store.begin(user_id="BENCH") as work:
        work.salespeople.put(il.Salesperson(code="HR"))
        work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
        work.templates.put(il.InteractionTemplate(code="CALL", interaction_group_code="PHONE"))
        for n in range(min(settings.lines, PEOPLE)):
            no = f"CT{n:07}"
            work.contacts.put(il.Contact(no=no, company_no=no))


def empty(path: Path, settings: SimpleNamespace) -> None:
    """Make the tables."""
    with il.SqliteStore(path) as store, store.begin(user_id="BENCH"):
        pass


def filled(path: Path, settings: SimpleNamespace) -> None:
    """Make the tables with N contacts in them."""
    file = written(path, CONTACT, contacts(settings.lines))
    with il.SqliteStore(path) as store, store.begin(user_id="BENCH") as work:
        import_tables(work, file, mapping="bc-contacts")


def library(path: Path, settings: SimpleNamespace) -> Measure:
    """Import with the library."""
    of_calls, one = settings.mapping == "bc-interactions", settings.one
    rows = calls(settings.lines) if of_calls else contacts(1 if one else settings.lines)
    file = written(path, CALL if of_calls else CONTACT, rows)
    with (
        timed(1 if one else settings.lines, settings) as measures,
        il.SqliteStore(path) as store,
        store.begin(user_id="BENCH") as work,
    ):
        report = import_tables(work, file, mapping=settings.mapping)
    assert report.total.created + report.total.unchanged == (1 if one else settings.lines)
    return measures[0]


def floor(path: Path, settings: SimpleNamespace) -> Measure:
    """Insert the rows as they are."""
    of_calls = settings.mapping == "bc-interactions"
    rows = calls(settings.lines) if of_calls else contacts(settings.lines)
    file = written(path, CALL if of_calls else CONTACT, rows)
    table = "interactionlog_log_entry" if of_calls else "interactionlog_contact"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA synchronous = {settings.synchronous}")
    columns = list(connection.execute(f"PRAGMA table_info({table})"))
    blank = {
        name: ("" if kind == "TEXT" else 0) if needed else None
        for _, name, kind, needed, *_ in columns
    }
    names = ", ".join(blank)
    statement = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(blank))})"  # noqa: S608
    with timed(settings.lines, settings) as measures:
        with file.open(encoding="utf-8", newline="") as text:
            of_row = _entry if of_calls else _contact
            given = (list((blank | of_row(row)).values()) for row in csv.DictReader(text))
            connection.executemany(statement, given)
        connection.commit()
    connection.close()
    return measures[0]


def _contact(row: Mapping[str, str]) -> dict[str, Any]:
    name = row["Name"]
    return {
        "no": row["No."], "type": int(row["Type"] == "Person"), "name": name, "company_no": row["Company No."],
        "address": row["Address"], "post_code": row["Post Code"], "city": row["City"], "search_name": name.casefold(),
        "country_code": row["Country/Region Code"], "e_mail": row["E-Mail"], "phone_no": row["Phone No."],
    }  # fmt: skip


def _entry(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        "entry_no": int(row["Entry No."]), "contact_no": row["Contact No."], "contact_company_no": row["Contact No."],
        "date": row["Date"], "description": row["Description"], "cost_lcy": 750_000, "user_id": row["User ID"],
        "duration_min": int(row["Duration (Min.)"]), "interaction_template_code": row["Interaction Template Code"],
        "interaction_group_code": "PHONE", "salesperson_code": row["Salesperson Code"],
        "recorded_at": "2026-01-26T09:30:00.000000Z",
    }  # fmt: skip


def variants(settings: SimpleNamespace) -> Mapping[str, Variant]:
    """Return the variants by name."""
    people: dict[str, Any] = {"mapping": "bc-contacts", "one": False}
    history: dict[str, Any] = {"mapping": "bc-interactions", "one": False}
    return {
        "contacts_floor": Variant(floor, "contacts_floor", empty, people),
        "contacts": Variant(library, "contacts_floor", empty, people),
        "again": Variant(library, "contacts_floor", filled, people),
        "one": Variant(library, "contacts_floor", filled, people | {"one": True}),
        "calls_floor": Variant(floor, "calls_floor", template, history),
        "calls": Variant(library, "calls_floor", template, history),
    }


JOB = Job(variants, note="At most 3 times its floor; memory does not grow with N.")
