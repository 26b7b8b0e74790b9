"""
Bytes of an entry and of a line with all indexes: ``python tests/benchmarks/bytes.py [--lines 20000]``.

Logs a segment on SQLite, and on PostgreSQL where a server answers, and prints what the table and each of
its indexes take, and which statements use an index. ``--json FILE`` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import j1  # noqa: E402

from interactionlog import SegmentLogger, SqliteStore  # noqa: E402
from interactionlog.adapters.sql.statements import load  # noqa: E402
from whole_statements import whole_statements  # noqa: E402

PREFIX = "interactionlog_"
TABLES = ("segment_line", "log_entry")
Sizes = dict[str, dict[str, int]]
"""Bytes by table or index, for each of the two tables."""


def _settings(lines: int) -> SimpleNamespace:
    return SimpleNamespace(lines=lines, existing=0, cache_kib=0, shuffled=True)


def on_sqlite(lines: int) -> Sizes:
    """Return what lies in a file: lines before they are logged, entries after it."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "bytes.db")
        j1.template(path, _settings(lines))
        found = {"segment_line": _pages(path, "segment_line")}
        with SqliteStore(path) as store, store.begin(user_id="BENCH") as work:
            SegmentLogger(work).log("SM00001")
        return found | {"log_entry": _pages(path, "log_entry")}


def _pages(path: Path, table: str) -> dict[str, int]:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        rows = connection.execute(
            "SELECT s.name, sum(s.pgsize) FROM dbstat AS s JOIN sqlite_master AS m ON m.name = s.name"
            " WHERE m.tbl_name = ? GROUP BY s.name ORDER BY 2 DESC",
            [PREFIX + table],
        )
        return dict(rows.fetchall())


def on_postgresql(lines: int) -> Sizes | None:
    """Return the same of a server, or ``None`` where none answers."""
    try:
        import j5
        import psycopg

        name = f"{j5.NAME}bytes"
        j5._drop(name)
    except Exception as error:  # whatever it is, there is no server
        print(f"PostgreSQL: {error}", file=sys.stderr)
        return None
    with j5._administrator() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        place, found = j5.at(dbname=name), {}
        j5.fill(place, _settings(lines))
        with psycopg.connect(place, autocommit=True) as connection:
            found["segment_line"] = _relations(connection, "segment_line")
            with j5.PostgresStore(place) as store, store.begin(user_id="BENCH") as work:
                SegmentLogger(work).log("SM00001")
            connection.execute("VACUUM")
            found["log_entry"] = _relations(connection, "log_entry")
        return found
    finally:
        j5._drop(name)


def _relations(connection: object, table: str) -> dict[str, int]:
    rows = connection.execute(  # type: ignore[attr-defined]
        "SELECT c.relname, pg_relation_size(c.oid) FROM pg_class AS c LEFT JOIN pg_index AS i"
        " ON i.indexrelid = c.oid WHERE %s::regclass IN (c.oid, i.indrelid) ORDER BY 2 DESC",
        [PREFIX + table],
    )
    return dict(rows.fetchall())


def users() -> dict[str, list[str]]:
    """Return the statements that use each index, as SQLite plans them; conditions join others."""
    found: dict[str, list[str]] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder, "plans.db")
        SqliteStore(path).close()
        with sqlite3.connect(path) as connection:
            for name, text in _asked():
                plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", [None] * text.count("?"))
                for index in {
                    each
                    for *_, step in plan
                    for each in re.findall(r"INDEX (\w+)", step)
                    if each.startswith(PREFIX)
                }:
                    found.setdefault(index, []).append(name)
    return found


def _asked() -> Iterator[tuple[str, str]]:
    texts = load(PREFIX)
    whole = whole_statements(texts, "?")
    yield from whole.items()
    conditions = [name for name in texts if re.match(r"entry_(if|among|after|before)", name)]
    for base, tail in (("newest_entries", "newest_first"), ("figures", ""), ("count_contacts", "")):
        for name in conditions:
            text = f"{whole[base]}\nAND {texts[name]}\n{texts[tail] if tail else ''}"
            yield f"{base} {name}", text


def main() -> None:
    """Print bytes a row, shares and statements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    plans, figures = users(), {}
    for dialect, sizes in (
        ("SQLite", on_sqlite(options.lines)),
        ("PostgreSQL", on_postgresql(options.lines)),
    ):
        for table in TABLES if sizes else ():
            assert sizes is not None
            total = sum(sizes[table].values())
            figures[f"{dialect} {table}"] = total / options.lines
            print(f"{dialect} {table}: {total / options.lines:.0f} bytes a row")
            for name, size in sizes[table].items():
                used = plans.get(name, [])
                told = f"{len(used)} statements, {used[0]}" if used else ""
                print(f"    {name:44}{size / options.lines:7.1f}{size / total:7.1%}  {told}")
    unused = [
        name
        for table in TABLES
        for name in (on_sqlite(100)[table])
        if name not in plans and name != PREFIX + table
    ]
    print("no statement uses", ", ".join(unused) or "none of them")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
