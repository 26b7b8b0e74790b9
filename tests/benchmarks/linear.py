"""
Every set-based job at two sizes on PostgreSQL without statistics: ``python tests/benchmarks/linear.py``.

A job at four times the lines may take six times as long; above it the program ends with status 1. With
``--analyzed`` the contacts that are there before the jobs were analyzed, and what the jobs add was not. With
``--beside`` a tenant that has done the same jobs was analyzed, and the tenant of the jobs came after it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import i1
import j5
import psycopg

import interactionlog as il
from interactionlog.adapters.postgresql.store import PostgresStore
from interactionlog.delivery.delivery import Claim
from interactionlog.integrity import check_integrity
from interactionlog.interchange import import_tables
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.logging.decision import ContactPressure

Job = Callable[[Any], object]
_ASKED = il.LoggingPolicy(pressure=ContactPressure(2, 365))


def jobs(lines: int) -> dict[str, Job]:
    """Return the jobs in an order in which each finds what it needs; SM00001 is stored."""
    mails = il.ContactFilter(where={"correspondence_type": il.CorrespondenceType.EMAIL})
    choose, log = il.ContactSelection, il.SegmentLogger
    return {
        "create": lambda work: il.SegmentService(work).create("Two", no="SM2"),
        "add": lambda work: choose(work, "SM2").add(all_contacts=True),
        "reduce": lambda work: choose(work, "SM2").reduce(mails),
        "go back": lambda work: choose(work, "SM2").go_back(),
        "refine": lambda work: choose(work, "SM2").refine(mails),
        "push": lambda work: il.SegmentService(work).change("SM2", description="Pushed"),
        "plan": lambda work: log(work).plan("SM00001"),
        "log": lambda work: log(work).log("SM00001"),
        "undo": lambda work: log(work).undo("SM00001"),
        "ask": lambda work: log(work).log("SM00001", policy=_ASKED),
        "follow up": lambda work: log(work).follow_up(_logged(work)),
        "reuse": lambda work: choose(work, "SM2").reuse_logged(
            _logged(work), duplicates=True, add_to_steps=True
        ),
        "evaluate": lambda work: il.LogEntryService(work).evaluate(
            il.Evaluation.POSITIVE, *_entry_nos(work)
        ),
        "cancel": lambda work: il.LogEntryService(work).cancel(*_entry_nos(work)),
        "cancel whole": lambda work: il.LoggedSegments(work).cancel(_logged(work)),
        "delete": lambda work: il.LogEntryService(work).delete_canceled(),
        "log those": _log_those,
        "read": _read,
        "retain": lambda work: il.Privacy(work).retain(
            before=dt.date(2028, 1, 1), reason="Aged", dry_run=False
        ),
        "contacts in": lambda work: _take(work, i1.CONTACT, i1.contacts(lines), "bc-contacts"),
        "calls in": lambda work: _take(work, i1.CALL, i1.calls(lines), "bc-interactions"),
        "calls again": lambda work: _take(work, i1.CALL, i1.calls(lines), "bc-interactions"),
    }


def _take(work: Any, captions: str, rows: Iterator[list[object]], mapping: str) -> None:
    with TemporaryDirectory() as folder:
        work.salespeople.put(il.Salesperson(code="HR"))
        import_tables(work, i1.written(Path(folder) / "rows", captions, rows), mapping=mapping)


def _log_those(work: Any) -> None:
    letter = il.AttachmentService(work).store(b"<p>Dear {{ contact.name }}</p>", name="a.html")
    il.TemplateService(work).set_content("BUS", None, letter.no)
    segments = il.SegmentService(work)
    segments.create("Three", no="SM3", salesperson_code="HR", interaction_template_code="BUS")
    segments.change("SM3", correspondence_type_default=il.CorrespondenceType.HARD_COPY)
    il.ContactSelection(work, "SM3").add(all_contacts=True)
    il.SegmentLogger(work).log("SM3", policy=_ASKED, deliver=True)


def _deliver(store: PostgresStore) -> None:
    """Claim everything that is due, as a worker does: each hundred in a transaction."""
    claimed = 1
    while claimed:
        with store.begin(user_id="BENCH") as work:
            now = work.clock.now()
            work.deliveries.end_claims(now, {}, most_attempts=3)
            claim = Claim("BENCH", ["letter", "mail"], now, now + dt.timedelta(1))
            claimed = len(work.deliveries.claim(claim, limit=100))


def _read(work: Any) -> None:
    assert sum(1 for _ in il.InteractionLog(work))
    assert (
        len([*check_integrity(work)]) < 20
    )  # rows written beside the library have no numbers drawn


def _entry_nos(work: Any) -> list[int]:
    logged = work.logged_segments.get(_logged(work))
    return [*range(logged.first_entry_no, logged.last_entry_no + 1)]


def _logged(work: Any) -> int:
    return max(each.entry_no for each in work.logged_segments.all())


def measured(lines: int, options: argparse.Namespace) -> dict[str, float]:
    """Return the seconds of each job."""
    name = f"{j5.NAME}linear"
    j5._drop(name)
    with j5._administrator() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    place, settings = (
        j5.at(dbname=name),
        SimpleNamespace(lines=lines, existing=0, shuffled=True),
    )
    try:
        PostgresStore(place).close()
        with psycopg.connect(place, autocommit=True) as connection:
            for table in _tables(connection):
                connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        if options.beside:
            _fill(place, settings)
            _done(place, lines)
            with psycopg.connect(place, autocommit=True) as connection:
                for table in _tables(connection):
                    connection.execute(f"UPDATE {table} SET tenant = 'BESIDE' WHERE tenant = ''")  # noqa: S608
                connection.execute("VACUUM ANALYZE")
        _fill(place, settings)
        if options.analyzed:
            with psycopg.connect(place, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        return _done(place, lines)
    finally:
        j5._drop(name)


_ALSO = """
INSERT INTO interactionlog_purpose (tenant, code, needs, description) VALUES ('', 'NEWS', 'opt-in', '');
UPDATE interactionlog_interaction_template SET purpose_code = 'NEWS' WHERE tenant = '';
INSERT INTO interactionlog_contact_alternative_address (
    tenant, contact_no, code, name, address, address_2, post_code, city, county, e_mail, phone_no, mobile_phone_no
) SELECT tenant, no, 'HOME', '', '', '', '', '', '', 'home@example.com', '', '' FROM interactionlog_contact
WHERE tenant = '';
INSERT INTO interactionlog_contact_alternative_address_period (tenant, contact_no, starting_date, code)
SELECT tenant, no, '2020-01-01', 'HOME' FROM interactionlog_contact WHERE tenant = '';
INSERT INTO interactionlog_contact_membership (
    tenant, contact_no, kind, code, line_no, questionnaire_priority, answer_priority, link_to_table, linked_no
) SELECT tenant, no, 4, 'CUST', 0, 0, 0, 'Customer', no FROM interactionlog_contact WHERE tenant = '';
INSERT INTO interactionlog_consent (
    tenant, entry_no, recorded_at, date, given, contact_no, purpose_code, source, evidence
) SELECT tenant, row_number() OVER (), now(), '2020-01-01', true, no, 'NEWS', '', '' FROM interactionlog_contact
WHERE tenant = '';
"""


def _fill(place: str, settings: SimpleNamespace) -> None:
    """Write what J5 logs, and for every contact an address in use, an account and a consent."""
    j5.fill(place, settings, analyze=False)
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(_ALSO)


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'interactionlog%'"
        " AND relname NOT LIKE '%schema_version'"
    )
    return [name for (name,) in rows]


def _done(place: str, lines: int) -> dict[str, float]:
    found = {}
    with PostgresStore(place) as store:
        with store.begin(user_id="BENCH") as work:
            setup = NumberSeriesSetup(work)
            setup.create_series(NoSeries(code="SEG", default_nos=True, manual_nos=True))
            setup.add_line("SEG", "F00001")
            work.marketing_setup.set(segment_nos="SEG")
        for job, run in jobs(lines).items():
            with store.begin(user_id="BENCH") as work:
                begin = time.perf_counter()
                run(work)
                found[job] = time.perf_counter() - begin
        begin = time.perf_counter()
        _deliver(store)
        found["deliver"] = time.perf_counter() - begin
    return found


def main() -> None:
    """Print seconds at both sizes and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000)
    parser.add_argument("--analyzed", action="store_true")
    parser.add_argument("--beside", action="store_true")
    options = parser.parse_args()
    few = measured(options.lines, options)
    many = measured(4 * options.lines, options)
    above = []
    for job, seconds in many.items():
        ratio = seconds / few[job]
        print(f"{job:12}{few[job]:9.3f} s{seconds:9.3f} s{ratio:7.1f}")
        if ratio > 6 and seconds > 0.2:
            above.append(job)
    if above:
        sys.exit(f"not linear: {', '.join(above)}")


if __name__ == "__main__":
    main()
