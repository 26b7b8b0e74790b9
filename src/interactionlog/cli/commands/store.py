"""What is stored, as a whole: its tables, whether it is sound, and its seals."""

from __future__ import annotations

import json

import click

from interactionlog.adapters.sql.schema import NEWEST, distribute, statements
from interactionlog.cli.console import Console, counted, with_console
from interactionlog.cli.options import require_with
from interactionlog.integrity import REPAIRED, Fault, check_integrity, repair_integrity
from interactionlog.privacy.seals import Seals


@click.command
@click.option("--repair", is_flag=True, help="Put right what is safe, and say what that was.")
@click.option("--dry-run", is_flag=True, help="With --repair: say what would be put right.")
@with_console
def check(console: Console, *, repair: bool, dry_run: bool) -> int:
    """Check the integrity of what is stored: status 1 when something is broken."""
    require_with("repair", "dry_run")
    repaired: list[Fault] = []
    if repair and not dry_run:
        repaired = list(console.write(repair_integrity))
    with console.read() as work:
        found = list(check_integrity(work))
    safe = [each for each in found if each.code in REPAIRED] if repair else []
    broken, notices = ([each for each in found if each.broken is kind] for kind in (True, False))
    console.tell(
        {"broken": broken, "notices": notices}
        | ({"repaired": repaired, "safe": safe} if repair else {}),
        *(f"repaired: {each.message}" for each in repaired),
        *(f"would be repaired: {each.message}" for each in safe),
        *(f"{'broken' if each.broken else 'notice'}: {each.message}" for each in found),
        f"{len(broken)} broken, {counted(len(notices), 'notice')}",
    )
    return 1 if broken else 0


@click.command
@with_console
def seal(console: Console) -> None:
    """Seal all entries since the last seal; keep the digest elsewhere."""
    made = console.write(lambda work: Seals(work).seal())
    text = f"seal {made.seal_no}: {made.entries} entries, {made.digest}" if made else "nothing new"
    console.tell(made, text)


@click.command
@click.option("--digest", help="Of the last seal, as it was kept elsewhere.")
@with_console
def verify(console: Console, digest: str | None) -> int:
    """Compare the log with its seals: status 1 when something was changed, removed or added."""
    with console.read() as work:
        found = Seals(work).verify(digest=digest)
    console.tell(
        {"holds": found.holds, "found": found},
        *(
            f"{'seal' if each.code == 'seal' else 'entry'} {each.number}: {each.code}"
            for each in found.findings
        ),
        f"{counted(found.entries, 'entry')}, {counted(found.seals, 'seal')}, "
        f"{found.unsealed} not sealed yet, {found.erased} erased",
    )
    return 0 if found.holds else 1


@click.command
@click.option("--sql", is_flag=True, help="Print the statements that create the tables.")
@click.option(
    "--dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True
)
@click.option("--prefix", default="interactionlog_", help="Begins the name of every table.")
@click.option("--schema", help="Where the tables lie in PostgreSQL.")
@click.option("--distribute", "by_tenant", is_flag=True, help="Print those for Citus.")
@click.option("--json", "as_json", is_flag=True, help="Version and statements as JSON.")
def schema(
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
