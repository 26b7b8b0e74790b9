"""
Select, plan and log N customers over the library's own table and over a host's: integer keys, text keys.

    python tests/benchmarks/relations.py [--customers 20000] [--rounds 3] [--postgres CONNINFO]

Both have the same customers, an alternating order of runs and the best time of all rounds; the program
fails when the host's table takes more than 1.5 times as long in one of the three with integer keys.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import interactionlog as il

__all__ = ["main"]

LIMIT = 1.5
RELATIONS = {
    kind: il.ContactRelation(
        "customer",
        no=no,
        name="name",
        company_name="name",
        city="city",
        e_mail="email",
        salesperson_code="agent",
        privacy_blocked="opted_out",
    )
    for kind, no in (("integer", il.IntegerKey("id")), ("text", il.TextKey("slug")))
}
TABLE = """CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL, city text NOT NULL,
    email text NOT NULL, agent text, opted_out boolean NOT NULL, slug text NOT NULL UNIQUE)"""


def customers(count: int) -> list[tuple[Any, ...]]:
    """Return rows of the host's table."""
    return [
        (
            no, f"Customer {no * 7919 % count:07}", "Merano", f"{no}@shop.example", "HR",
            no % 50 == 0, f"c-{no}",
        )
        for no in range(1, count + 1)
    ]  # fmt: skip


def fill(connection: Any, store: Any, rows: list[tuple[Any, ...]], mark: str) -> None:
    """Write the customers into both tables, and what a segment needs."""
    cursor = connection.cursor()
    cursor.execute(TABLE)
    cursor.executemany(f"INSERT INTO customer VALUES ({', '.join([mark] * 7)})", rows)  # noqa: S608
    with store.join(connection, user_id="BENCH") as work:
        work.salespeople.put(il.Salesperson(code="HR", name="Helena Ray"))
        templates = il.TemplateService(work)
        templates.put_group(il.InteractionGroup(code="LETTER"))
        letter = il.InteractionTemplate(code="LETTER", interaction_group_code="LETTER")
        templates.create(letter)
        contacts = [
            il.Contact(
                no=str(no), name=name, company_no=str(no), company_name=name, city=city,
                e_mail=e_mail, salesperson_code=agent, privacy_blocked=blocked,
            )
            for no, name, city, e_mail, agent, blocked, _ in rows
        ]  # fmt: skip
        work.contacts.add_many(contacts)


def run(connection: Any, store: Any, no: str) -> dict[str, float]:
    """Select, plan and log everybody; return the seconds of each."""
    times: dict[str, float] = {}

    def timed(name: str, call: Callable[[], Any]) -> Any:
        begin = time.perf_counter()
        result = call()
        times[name] = time.perf_counter() - begin
        return result

    with store.join(connection, user_id="BENCH") as work:
        il.SegmentService(work).create("Everybody", no=no)
        il.SegmentService(work).change(
            no, interaction_template_code="LETTER", salesperson_code="HR"
        )
        asked = il.ContactFilter(where={"city": "Merano"})
        timed("select", lambda: il.ContactSelection(work, no).add(asked))
        plan = timed("plan", lambda: il.SegmentLogger(work).plan(no))
        timed("log", lambda: il.SegmentLogger(work).log(no, plan=plan))
    return times


def compare(connection: Any, mark: str, options: argparse.Namespace) -> bool:
    """Print both and their ratio; return whether the host's table keeps the limit."""
    own = il.HostStore(tenant="BENCH")
    if mark == "?":
        connection.execute("BEGIN")
    own.migrate(connection)
    fill(connection, own, customers(options.customers), mark)
    if mark == "%s":
        connection.execute("ANALYZE")
    stores = {"own": own} | {
        kind: il.HostStore(tenant="BENCH", contacts=relation)
        for kind, relation in RELATIONS.items()
    }
    best: dict[str, dict[str, float]] = {name: {} for name in stores}
    for number in range(options.rounds):
        for name, store in [*stores.items()][:: 1 if number % 2 else -1]:
            for step, seconds in run(connection, store, f"S{name[0]}{number}").items():
                best[name][step] = min(seconds, best[name].get(step, seconds))
    kept = True
    for step, seconds in best["own"].items():
        told = f"{step:8} own {seconds:7.3f} s"
        for kind in RELATIONS:
            other = best[kind][step]
            kept &= kind == "text" or other <= LIMIT * seconds
            told += f"  {kind} {other:7.3f} s {other / seconds:5.2f}"
        print(told)
    connection.rollback()
    return kept


def main() -> int:
    """Measure on SQLite, and on PostgreSQL where a database is given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="an empty database; nothing is kept in it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite")
        connection = sqlite3.connect(Path(folder, "host.db"), isolation_level=None)
        kept = compare(connection, "?", options)
        connection.close()
    if options.postgres:
        import psycopg

        print("PostgreSQL")
        with psycopg.connect(options.postgres) as server:
            kept &= compare(server, "%s", options)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
