"""Integrity of what is stored."""

from __future__ import annotations

import click

from interactionlog.cli.console import Console, reading
from interactionlog.integrity import check_integrity


@click.command
@reading
def command(console: Console) -> int:
    """Check the integrity of what is stored: status 1 when something is broken."""
    with console.read() as work:
        found = list(check_integrity(work))
    broken, notices = ([each for each in found if each.broken is kind] for kind in (True, False))
    if console.as_json:
        console.json({"broken": broken, "notices": notices})
    else:
        for each in found:
            console.say(f"{'broken' if each.broken else 'notice'}: {each.message}")
        console.say(f"{len(broken)} broken, {len(notices)} notices")
    return 1 if broken else 0
