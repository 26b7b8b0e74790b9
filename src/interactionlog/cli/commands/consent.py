"""Consents and suppressed addresses."""

from __future__ import annotations

from typing import Any

import click

from interactionlog.cli.console import Console, noun, reading, values_of, writing
from interactionlog.contacts.consent import NEEDS, Purpose
from interactionlog.contacts.consents import Consents

command = noun("Record who agreed and who refused, and ask who may be written to.")
contact_argument = click.argument("contact")
channel_option = click.option("--channel", help="mail, letter or another; every one unless given.")


@command.command("purpose")
@click.argument("code")
@click.option("--needs", type=click.Choice(NEEDS), default="opt-in", show_default=True)
@click.option("--description", default="", help="At most 100 characters.")
@writing
def purpose(console: Console, **values: str) -> None:
    """Store a purpose that templates and segments name."""
    stored = Purpose(**values)
    console.write(lambda work: Consents(work).put_purpose(stored))
    console.tell(stored, f"purpose {stored.code} needs {stored.needs}")


@command.command("record")
@contact_argument
@click.argument("answer", metavar="given|refused", type=click.Choice(["given", "refused"]))
@click.option("--purpose", help="Code of the purpose; every one unless given.")
@channel_option
@click.option("--source", default="", help="Where it comes from.")
@click.option("--evidence", default="", help="What proves it.")
@writing
def record(console: Console, contact: str, answer: str, **values: Any) -> None:
    """Add the fact that a contact agrees or refuses."""
    given = answer == "given"
    fact = console.write(lambda work: Consents(work).record(contact, given=given, **values))
    console.tell(fact, f"consent of {fact.contact_no} is {answer} from {fact.date} on")


@command.command("show")
@contact_argument
@reading
def show(console: Console, contact: str) -> None:
    """Show what a contact said, by date."""
    with console.read() as work:
        no = work.contacts.get(contact).no
        rows = [values_of(each) for each in Consents(work).history(no)]
    if not console.as_json:
        rows = [{**row, "answer": "given" if row["given"] else "refused"} for row in rows]
    console.rows(rows, ("date", "answer", "purpose_code", "channel", "source", "evidence"))


@command.command("suppress")
@click.argument("address")
@channel_option
@click.option("--reason", default="", help="Such as bounced.")
@writing
def suppress(console: Console, address: str, channel: str | None, reason: str) -> None:
    """Let nothing be sent to an address where a purpose needs consent."""
    stored = console.write(lambda work: Consents(work).suppress(address, channel, reason=reason))
    console.tell(stored, f"{stored.address} is suppressed")
