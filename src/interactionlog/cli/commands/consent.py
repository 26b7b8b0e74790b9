"""Consents and suppressed addresses."""

from __future__ import annotations

from typing import Any

import click

from interactionlog.cli.console import Console, noun, reading, values_of, verb
from interactionlog.cli.options import DAY
from interactionlog.contacts.consent import NEEDS, Consent, Consents, Purpose, Suppression

command = noun("Record who agreed and who refused, and ask who may be written to.")
contact_argument = click.argument("contact")
channel_option = click.option("--channel", help="mail, letter or another; every one unless given.")


_code = click.argument("code")
_needs = click.option("--needs", type=click.Choice(NEEDS), default="opt-in", show_default=True)
_description = click.option("--description", default="", help="At most 100 characters.")


@verb(command, "purpose", _code, _needs, _description, told="purpose {0.code} needs {0.needs}")
def purpose(work: Any, **values: str) -> Purpose:
    """Store a purpose that templates and segments name."""
    stored = Purpose(**values)
    Consents(work).put_purpose(stored)
    return stored


@verb(
    command,
    "record",
    contact_argument,
    click.argument("answer", metavar="given|refused", type=click.Choice(["given", "refused"])),
    click.option("--purpose", help="Code of the purpose; every one unless given."),
    channel_option,
    click.option("--on", type=DAY, help="From which day; today unless given."),
    click.option("--source", default="", help="Where it comes from."),
    click.option("--evidence", default="", help="What proves it."),
    told="consent of {0.contact_no} is {answer} from {0.date} on",
)
def record(work: Any, contact: str, answer: str, **values: Any) -> Consent:
    """Add the fact that a contact agrees or refuses."""
    return Consents(work).record(contact, given=answer == "given", **values)


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


_address = click.argument("address")
_reason = click.option("--reason", default="", help="Such as bounced.")


@verb(command, "suppress", _address, channel_option, _reason, told="{0.address} is suppressed")
def suppress(work: Any, address: str, channel: str | None, reason: str) -> Suppression:
    """Let nothing be sent to an address where a purpose needs consent."""
    return Consents(work).suppress(address, channel, reason=reason)
