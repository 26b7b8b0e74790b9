"""Sealing the log."""

from __future__ import annotations

import click

from interactionlog.cli.console import Console, writing
from interactionlog.privacy.seals import Seals


@click.command
@writing
def command(console: Console) -> None:
    """Seal all entries since the last seal; keep the digest elsewhere."""
    made = console.write(lambda work: Seals(work).seal())
    text = f"seal {made.seal_no}: {made.entries} entries, {made.digest}" if made else "nothing new"
    console.tell(made, text)
