"""Comparing the log with its seals."""

from __future__ import annotations

import click

from interactionlog.cli.console import Console, counted, reading
from interactionlog.privacy.seals import Seals


@click.command
@click.option("--digest", help="Of the last seal, as it was kept elsewhere.")
@reading
def command(console: Console, digest: str | None) -> int:
    """Compare the log with its seals: status 1 when something was changed, removed or added."""
    with console.read() as work:
        found = Seals(work).verify(digest=digest)
    if console.as_json:
        console.json({"holds": found.holds, "found": found})
    else:
        for each in found.findings:
            record = "seal" if each.code == "seal" else "entry"
            console.say(f"{record} {each.number}: {each.code}")
        rest = f"{found.unsealed} not sealed yet, {found.erased} erased"
        console.say(f"{counted(found.entries, 'entry')}, {counted(found.seals, 'seal')}, {rest}")
    return 0 if found.holds else 1
