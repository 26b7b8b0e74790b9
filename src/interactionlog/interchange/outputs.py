"""Parts of a store for other programs: mail merge, analysis, calendars, Business Central."""

from __future__ import annotations

import gzip
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from interactionlog import arguments
from interactionlog.adapters.columns import Column, Kind
from interactionlog.adapters.tables import TABLES, columns_of
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contacts.consent import unwilling
from interactionlog.contacts.contact import Contact
from interactionlog.delivery.content import address_values
from interactionlog.errors import NotFoundError, UsageError, extra
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.repository import LogFilter, Position
from interactionlog.interchange.cells import writer_of
from interactionlog.interchange.export import EXPORTED, opened, require_fit, writing, written
from interactionlog.interchange.mapping import MappingFile, shipped
from interactionlog.segments.consent import mailed_at
from interactionlog.segments.logging.logged_segments import entries_of
from interactionlog.segments.segment import chunks_of, refuse_run
from interactionlog.unit_of_work import UnitOfWork

_words = str.split
_LETTER = _words(
    "contact_no subject description date interaction_template_code campaign_no correspondence_type "
    "contact_via word_template_code"
)
_ADDRESS = _words(
    "name address address_2 post_code city county country_code e_mail phone_no mobile_phone_no"
)
_CONTACT = _words("company_name salutation_code job_title")
_SALESPERSON = _words("salesperson_name salesperson_e_mail")
MERGE_FIELDS = [*_LETTER, "language_code", *_ADDRESS, *_CONTACT, *_SALESPERSON]
"""Captions of a file for a mail merge."""


@arguments.judged
def export_mail_merge(work: UnitOfWork, no: str | int, path: str | os.PathLike[str]) -> int:
    """
    Write who a segment writes to, with address and merge fields: ``.xlsx``, ``.csv``, ``.jsonl``.

    Who is blocked for privacy, or may not be written to for the purpose, is left out, also where a
    logged segment has an entry. In CSV a cell that could be a formula has an apostrophe before it,
    and the last column says so; in a workbook every cell is text.

    Args:
        work: A unit of work that reads.
        no: Number of a segment, open or logged, or entry number of a logged segment.
        path: The file; it must not exist.

    Returns:
        The number of rows.

    Raises:
        NotFoundError: There is no such segment, or no such purpose any more.
        StateError: It is being logged in batches: lines would be missing.
    """
    path, count = Path(path), 0
    pages, endings = _pages(work, no), (".xlsx", ".csv", ".jsonl")
    with opened(path, *endings) as open_table, open_table("letters", MERGE_FIELDS) as put:
        for purpose, page in pages:
            contacts = work.contacts.many({each.contact_no for each in page if each.contact_no})
            kept_back = _kept_back(work, purpose, page, contacts)
            people = {each.salesperson_code for each in page if each.salesperson_code}
            named = work.salespeople.many(people)
            for line in page:
                contact = contacts.get(line.contact_no)
                if contact is not None and (contact.no, _kind(line)) not in kept_back:
                    person = named.get(line.salesperson_code)
                    put([_text(value) for value in _letter(work, line, contact, person)])
                    count += 1
    return count


def _pages(work: UnitOfWork, no: str | int) -> Iterator[tuple[str | None, Sequence[Any]]]:
    """Give the lines of an open segment, or the entries of a logged one, with its purpose."""
    segment = work.segments.find(no) if isinstance(no, str) else None
    if segment is not None:
        refuse_run(work, segment.no)
        yield from ((segment.purpose_code, lines) for lines in chunks_of(work, segment.no))
        return
    stored = work.logged_segments
    logged = stored.current(no) if isinstance(no, str) else stored.get(no)
    if logged is None:
        raise NotFoundError("segment", str(no))
    refuse_run(work, logged.segment_no)
    purpose = logged.header.purpose_code if logged.header else None
    for entries in entries_of(work, logged.entry_no):
        yield purpose, [each for each in entries if not each.canceled]


def _kind(line: Any) -> tuple[Any, ...]:
    """Return what decides, beside the contact, whether a line may be written."""
    code = line.interaction_template_code
    return code, line.correspondence_type, line.date, line.contact_alt_address_code


def _kept_back(
    work: UnitOfWork, purpose: str | None, page: Sequence[Any], contacts: Mapping[str, Contact]
) -> set[tuple[str, tuple[Any, ...]]]:
    """Return who may not be written to, with the kind of the line."""
    alike: defaultdict[tuple[Any, ...], dict[str, Contact]] = defaultdict(dict)
    for line in page:
        if line.contact_no in contacts:
            alike[_kind(line)][line.contact_no] = contacts[line.contact_no]
    found: set[tuple[str, tuple[Any, ...]]] = set()
    for kind, some in alike.items():
        template, correspondence, date, code = kind
        found |= {(no, kind) for no, contact in some.items() if contact.privacy_blocked}
        record = work.templates.find(template) if template and purpose is None else None
        asked = purpose or (record.purpose_code if record else None)
        if asked is not None:
            mailed = mailed_at(work, some, dict.fromkeys(some, code))
            refused = unwilling(work, asked, correspondence, date, [*some], mailed)
            found |= {(no, kind) for no in refused}
    return found


def _letter(work: UnitOfWork, line: Any, contact: Contact, person: Any) -> Iterator[object]:
    yield from (getattr(line, name) for name in _LETTER)
    yield getattr(line, "language_code", None) or getattr(line, "interaction_language_code", None)
    code = line.contact_alt_address_code
    other = work.contacts.address(contact.no, code) if code else None
    reached = address_values(contact, other)
    yield from (reached[name] for name in _ADDRESS)
    yield from (getattr(contact, name) for name in _CONTACT)
    yield person.name if person else ""
    yield person.e_mail if person else ""


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return value.name.replace("_", " ").capitalize()
    return "" if value is None else str(value)


@arguments.judged
def export_log(
    work: UnitOfWork, path: str | os.PathLike[str], log_filter: LogFilter | None = None
) -> int:
    """
    Write entries of the log, oldest first, as ``.jsonl`` or ``.parquet`` (extra ``parquet``).

    Args:
        work: A unit of work that reads.
        path: The file; it must not exist.
        log_filter: Which entries; all unless given.

    Returns:
        The number of entries.
    """
    path, count = Path(path), 0
    table = TABLES[InteractionLogEntry]
    columns = columns_of(table)
    if path.suffix.lower() == ".parquet":
        with written(path) as part:
            return _parquet(part, columns, _entries(work, log_filter))
    with opened(path, ".jsonl", ".parquet") as place, writing(place, path, table, columns) as put:
        for page in _entries(work, log_filter):
            for entry in page:
                put(entry)
            count += len(page)
    return count


def _entries(
    work: UnitOfWork, log_filter: LogFilter | None
) -> Iterator[Sequence[InteractionLogEntry]]:
    """Give the entries, oldest first, a page at a time."""
    after = Position(date.min, 0)
    matching = log_filter or LogFilter()
    while page := work.interactions.newest(matching, after=after, limit=1_000):
        yield page[::-1]
        after = Position(page[0].date, page[0].entry_no)


def _parquet(
    part: Path, columns: Sequence[Column], pages: Iterator[Sequence[InteractionLogEntry]]
) -> int:
    pa = extra("pyarrow", "parquet", "writing Parquet")
    pq = extra("pyarrow.parquet", "parquet", "writing Parquet")
    part.touch()  # it says why it cannot be written
    kinds = {
        Kind.FLAG: pa.bool_(),
        Kind.MONEY: pa.decimal128(20, 5),
        Kind.COUNT: pa.int32(),
        Kind.NUMBER: pa.int64(),
        Kind.DATE: pa.date32(),
        Kind.TIME: pa.time64("us"),
        Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(each.name, kinds.get(each.kind, pa.string())) for each in columns])
    named, count = {each.name for each in columns if each.kind is Kind.ENUMERATION}, 0
    with pq.ParquetWriter(str(part), schema) as file:
        for page in pages:
            data = {
                each.name: [
                    value.name.lower() if each.name in named and value is not None else value
                    for value in (getattr(entry, each.name) for entry in page)
                ]
                for each in columns
            }
            file.write_table(pa.table(data, schema))
            count += len(page)
    return count


@arguments.judged
def export_calendar(work: UnitOfWork, path: str | os.PathLike[str]) -> int:
    """
    Write the postponed interactions as iCalendar (extra ``calendar``); each keeps its identity.

    Those with contacts that are blocked for privacy are left out.

    Args:
        work: A unit of work that reads.
        path: The file; it must not exist.

    Returns:
        The number of events.
    """
    ical = extra("icalendar", "calendar", "writing iCalendar")
    calendar, count, zone = ical.Calendar(), 0, work.clock.local().tzinfo
    calendar.add("prodid", "-//interactionlog//postponed interactions//EN")
    calendar.add("version", "2.0")
    tenant = getattr(work, "tenant", "") or "interactionlog"
    for page in _entries(work, LogFilter(postponed=True)):
        contacts = work.contacts.many({each.contact_no for each in page if each.contact_no})
        for entry in page:
            contact = contacts.get(entry.contact_no or "")
            if contact is not None and contact.privacy_blocked:  # it cannot be resumed
                continue
            about = [entry.description or entry.interaction_template_code]
            reached = [entry.contact_no]
            if contact is not None:
                about.append(contact.name)
                reached += [contact.phone_no, contact.e_mail]
            event = ical.Event()
            event.add("uid", f"{entry.entry_no}@{tenant}")
            event.add("dtstamp", entry.recorded_at)
            span: tuple[datetime, datetime] | None = None
            if entry.time_of_interaction is not None:
                with suppress(OverflowError):  # on the first and the last day of all
                    begin = datetime.combine(entry.date, entry.time_of_interaction, zone)
                    begin = begin.astimezone(UTC)
                    span = begin, begin + timedelta(minutes=max(entry.duration_min, 1))
            if span is None:
                event.add("dtstart", entry.date)
            else:
                event.add("dtstart", span[0])
                event.add("dtend", span[1])
            event.add("summary", ": ".join(filter(None, about)))
            event.add("description", "\n".join(filter(None, reached)))
            calendar.add_component(event)
            count += 1
    with written(Path(path)) as part:
        part.write_bytes(calendar.to_ical())
    return count


@arguments.judged
def export_package(work: UnitOfWork, path: str | os.PathLike[str]) -> dict[str, int]:
    """
    Write a configuration package of Business Central: XML in UTF-16, packed.

    It holds the tables that have a number there: contacts with their groups and relations,
    templates, campaigns, segment headers, the log. Elements are called as there, options are
    numbers, whatever the language.

    Args:
        work: A unit of work that reads, of a store that ships.
        path: The file; it must not exist.

    Returns:
        The number of records of each table.
    """
    if not isinstance(work, StoreUnitOfWork):
        raise UsageError("only the stores that ship are exported")
    counts: dict[str, int] = {}
    with written(Path(path)) as part, gzip.open(part, "wt", encoding="utf-16") as file:
        file.write('<?xml version="1.0" encoding="UTF-16" standalone="yes"?>\n<DataList>\n')
        for mapping in shipped():
            table = EXPORTED.get(mapping.target)
            if mapping.table_id is None or table is None:
                continue
            name = _element(mapping.files[1] if len(mapping.files) > 1 else mapping.name)
            fields = {
                field: _element(column.captions[0]) for field, column in mapping.columns.items()
            }
            columns = {each.name: each for each in columns_of(table)}
            if mapping.key and "entry_no" in columns:
                fields["entry_no"] = _element(mapping.key.captions[0])
            count = 0
            for record in work.scan(table.entity):
                if _is_of(record, mapping):
                    if count == 0:
                        file.write(f"<{name}List><TableID>{mapping.table_id}</TableID>\n")
                    file.write(_package_record(name, fields, columns, record))
                    count += 1
            if count:
                file.write(f"</{name}List>\n")
            counts[name] = count
        file.write("</DataList>\n")
    return counts


def _is_of(record: Any, mapping: MappingFile) -> bool:
    """Say whether a record is one of the table of a mapping: one kind may have two, for lines."""
    fixed = ((getattr(record, field), text) for field, text in mapping.fixed.items())
    needed = (field for field, column in mapping.columns.items() if column.required)
    return all(getattr(value, "name", str(value)) == text for value, text in fixed) and all(
        getattr(record, field) for field in needed
    )


def _package_record(
    name: str, fields: Mapping[str, str], columns: Mapping[str, Column], record: Any
) -> str:
    """Return a record as XML, its fields as the elements that are called so."""
    texts = {
        element: _plain(getattr(record, field), columns.get(field))
        for field, element in fields.items()
    }
    for element, text in texts.items():
        require_fit(text, f"{name} {next(iter(texts.values()))}, {element}")
    inner = "".join(f"<{element}>{escape(text)}</{element}>" for element, text in texts.items())
    return f"<{name}>{inner}</{name}>\n"


def _element(caption: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", caption).strip("_")


def _plain(value: Any, column: Column | None) -> str:
    if column is None or column.kind is Kind.FLAG:  # whether it is canceled is a state here
        return "1" if value else "0"
    if column.kind is Kind.ENUMERATION:
        return "0" if value is None else str(value.value)
    return writer_of(column)(value)
