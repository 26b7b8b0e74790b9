"""The segment that J1 logs, as plain values: written into our tables and into the reference's."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import chain
from types import SimpleNamespace
from typing import Any

__all__ = [
    "LOGGED",
    "SEGMENT",
    "TEMPLATES",
    "USER",
    "contacts",
    "entries",
    "filled_columns",
    "insert",
    "lines",
]

USER = "BENCH"
LOGGED = 1
"""Entry number of the logged segment."""
TEMPLATES = {"BUS": "LETTER", "OUTGOING": "PHONE"}
"""Interaction templates with their groups."""
SEGMENT = {
    "description": "Spring letter to all customers",
    "campaign_no": "CP1001",
    "salesperson_code": "HR",
    "interaction_template_code": "BUS",
    "interaction_group_code": "LETTER",
    "unit_cost_lcy": 250_000,
    "unit_duration_min": 5,
    "date": "2026-01-26",
    "campaign_target": 1,
    "information_flow": 1,
    "initiated_by": 1,
    "subject_default": "Our spring collection",
    "language_code_default": "ITA",
}
_COMMON = {
    "campaign_no": "CP1001",
    "salesperson_code": "HR",
    "interaction_template_code": "BUS",
    "interaction_group_code": "LETTER",
    "cost_lcy": 250_000,
    "duration_min": 5,
    "campaign_target": 1,
    "information_flow": 1,
    "initiated_by": 1,
    "description": "Spring letter to all customers",
    "subject": "Our spring collection",
}
Row = Mapping[str, Any]


def contact_no(number: int) -> str:
    """Return the number of a contact."""
    return f"CT{number:07}"


def company_of(number: int) -> int:
    """Return the company of a contact: one company for nine persons."""
    return number - number % 10


def contacts(settings: SimpleNamespace) -> Iterator[dict[str, Any]]:
    """Yield one contact for each line, each with salesperson and e-mail."""
    for number in range(settings.lines):
        company = company_of(number)
        yield {
            "no": contact_no(number),
            "type": int(company != number),
            "name": f"Contact {number}",
            "company_no": contact_no(company),
            "company_name": f"Contact {company}",
            "search_name": f"contact {number}",
            "city": "Merano",
            "country_code": "IT",
            "language_code": "ITA",
            "salesperson_code": "HR",
            "correspondence_type": 1 + number % 2,
            "e_mail": f"contact{number}@example.com",
        }


def lines(settings: SimpleNamespace) -> Iterator[dict[str, Any]]:
    """Yield the lines of the segment, their contacts rising or shuffled; each tenth is personal."""
    numbers = list(range(settings.lines))
    if settings.shuffled:
        random.Random(5077).shuffle(numbers)
    for position, number in enumerate(numbers, 1):
        yield _COMMON | {
            "line_no": position * 10_000,
            "contact_no": contact_no(number),
            "contact_company_no": contact_no(company_of(number)),
            "correspondence_type": 1 + number % 2,
            "date": "2026-01-26",
            "language_code": "DEU" if number % 10 == 3 else "ITA",
        }


def entries(settings: SimpleNamespace) -> Iterator[dict[str, Any]]:
    """Yield the entries that the lines become."""
    for position, line in enumerate(lines(settings), settings.existing + 1):
        entry = {
            **line,
            "entry_no": position,
            "segment_line_no": line["line_no"],
            "segment_no": "SM00001",
            "logged_segment_entry_no": LOGGED,
            "campaign_entry_no": 1,
            "interaction_language_code": line["language_code"],
            "user_id": USER,
            "recorded_at": "2026-01-26T08:30:00.000000Z",
        }
        del entry["line_no"], entry["language_code"]
        yield entry


def filled_columns(statements: Mapping[str, str]) -> list[str]:
    """Return the columns of an entry that logging fills; the others have defaults."""
    text = statements["add_entries_of_lines"]  # begins with its columns
    return text[text.index("(") + 1 : text.index(")")].replace(",", " ").split()


def earlier_entries(settings: SimpleNamespace) -> Iterator[dict[str, Any]]:
    """Yield entries that are in the log before: some years of interactions in order of date."""
    dice, first = random.Random(5065), date(2021, 1, 1)
    for position in range(settings.existing):
        number = dice.randrange(settings.lines)
        day = first + timedelta(days=position * 1800 // settings.existing)
        yield _COMMON | {
            "entry_no": position + 1,
            "contact_no": contact_no(number),
            "contact_company_no": contact_no(company_of(number)),
            "date": day.isoformat(),
            "campaign_no": f"CP{position * 100 // settings.existing:04}",
            "salesperson_code": f"S{dice.randrange(20):02}",
            "user_id": USER,
            "recorded_at": f"{day.isoformat()}T08:30:00.000000Z",
        }


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows with the same names in all of them; columns without a value get a blank one."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    blanks = {
        name: "" if kind == "TEXT" else 0
        for _, name, kind, required, default, _ in connection.execute(f"PRAGMA table_info({table})")
        if required and default is None
    }
    names = [*blanks.keys() - first.keys(), *first]
    values = ", ".join(f":{name}" for name in names)
    connection.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})",  # noqa: S608  # our names
        (blanks | row for row in chain([first], rows)),
    )
