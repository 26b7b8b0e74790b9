"""The tables, for those who create them in their own way."""

from __future__ import annotations

import json

import click

from interactionlog.adapters.sql.schema import NEWEST, distribute, statements


@click.command
@click.option("--sql", is_flag=True, help="Print the statements that create the tables.")
@click.option(
    "--dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True
)
@click.option("--prefix", default="interactionlog_", help="Begins the name of every table.")
@click.option("--schema", help="Where the tables lie in PostgreSQL.")
@click.option("--distribute", "by_tenant", is_flag=True, help="Print those for Citus.")
@click.option("--json", "as_json", is_flag=True, help="Version and statements as JSON.")
def command(
    sql: bool, dialect: str, prefix: str, schema: str | None, by_tenant: bool, as_json: bool
) -> None:
    """Say which schema this release has, or print the statements that create it."""
    found = (
        distribute(prefix=prefix, schema=schema)
        if by_tenant
        else statements(dialect, prefix=prefix, schema=schema)
    )
    if as_json:
        print(json.dumps({"version": NEWEST, "statements": found}))
        return
    if not sql and not by_tenant:
        print(f"schema version {NEWEST}: --sql prints the statements that create it")
        return
    for statement in found:
        print(f"{statement};")
