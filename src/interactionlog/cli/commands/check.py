"""Integrity of what is stored."""

from __future__ import annotations

import click

from interactionlog.cli.console import Console, counted, reading
from interactionlog.integrity import REPAIRED, Fault, check_integrity, repair_integrity


@click.command
@click.option("--repair", is_flag=True, help="Put right what is safe, and say what that was.")
@click.option("--dry-run", is_flag=True, help="With --repair: say what would be put right.")
@reading
def command(console: Console, *, repair: bool, dry_run: bool) -> int:
    """Check the integrity of what is stored: status 1 when something is broken."""
    repaired: list[Fault] = []
    if repair and not dry_run:
        repaired = list(console.write(repair_integrity))
    with console.read() as work:
        found = list(check_integrity(work))
    safe = [each for each in found if each.code in REPAIRED] if repair else []
    broken, notices = ([each for each in found if each.broken is kind] for kind in (True, False))
    if console.as_json:
        further = {"repaired": repaired, "safe": safe} if repair else {}
        console.json({"broken": broken, "notices": notices, **further})
    else:
        for words, faults in (("repaired", repaired), ("would be repaired", safe)):
            for each in faults:
                console.say(f"{words}: {each.message}")
        for each in found:
            console.say(f"{'broken' if each.broken else 'notice'}: {each.message}")
        console.say(f"{len(broken)} broken, {counted(len(notices), 'notice')}")
    return 1 if broken else 0
