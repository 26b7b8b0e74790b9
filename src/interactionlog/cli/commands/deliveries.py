"""Send what waits in the outbox, and list what became of it."""

from __future__ import annotations

from pathlib import Path

import click

from interactionlog.cli.console import Console, limited, progress, with_console
from interactionlog.cli.options import require_with
from interactionlog.delivery.delivery import DeliveryState
from interactionlog.delivery.outbox import Outbox
from interactionlog.delivery.service import Deliveries
from interactionlog.delivery.smtp import SmtpTransport
from interactionlog.delivery.transport import FolderTransport, Transport
from interactionlog.errors import UsageError


@click.command
@click.option("--folder", metavar="DIR", help="Write letters, and mails without --smtp, as files.")
@click.option("--smtp", metavar="HOST[:PORT]", help="Hand mails to this server.")
@click.option("--from", "sender", metavar="ADDRESS", help="Who mails are from.")
@click.option("--login", metavar="NAME", help="Log in to the server as this user.")
@click.option("--password-file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--security", type=click.Choice(["starttls", "tls", "none"]), default="starttls")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send at most so many.")
@with_console
def deliver(
    console: Console,
    folder: str | None,
    smtp: str | None,
    sender: str | None,
    login: str | None,
    password_file: Path | None,
    security: str,
    limit: int | None,
) -> None:
    """Send the letters and mails that wait; what is refused for now is tried by a later call."""
    require_with("smtp", "login", "password_file", "security")
    transports: dict[str, Transport] = {}
    if folder is not None:
        if not Path(folder).is_dir():  # before an attempt is counted
            raise UsageError(f"{folder} is not a folder: make it, or name another")
        files = FolderTransport(folder, **({} if sender is None else {"sender": sender}))
        transports |= {"letter": files, "mail": files}
    if smtp is not None:
        host, _, port = smtp.partition(":")
        if sender is None:
            raise UsageError("say who the mails are from: --from ADDRESS --smtp HOST:PORT")
        if not host or (port and not (port.isdecimal() and 0 < int(port) < 2**16)):
            raise UsageError(f"--smtp {smtp} is no server: write HOST or HOST:PORT")
        transports["mail"] = SmtpTransport(
            host,
            int(port) if port else None,
            sender=sender,
            user=login,
            password=_password(password_file) if password_file else None,
            security=security,  # type: ignore[arg-type]  # one of the choices
        )
    if not transports:
        raise UsageError("say where to: --folder DIR or --smtp HOST[:PORT]")
    with console.store() as store, progress("sending") as tell:
        outbox = Outbox(store, transports=transports, user_id=console.user)
        run = outbox.run(limit, on_progress=lambda run: tell("sent", run.sent))
    text = f"{run.sent} sent, {run.later} later, {run.failed} failed, {run.unknown} unknown"
    text += f", {run.withheld} withheld"
    text += "".join(f"; {channel}: {said}" for channel, said in run.unreachable.items())
    console.tell(run, text)


def _password(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not in UTF-8: save it so") from error


_STATES = [state.name.lower() for state in DeliveryState]


@click.command
@click.option("--state", type=click.Choice(_STATES), help="List those in this state.")
@click.option("--reason", metavar="CODE", help="List those with this reason, such as invalid.")
@limited
@with_console
def deliveries(console: Console, state: str | None, reason: str | None, limit: int) -> None:
    """Count deliveries by channel, state and reason, or list some of them."""
    with console.read() as work:
        stored = Deliveries(work)
        if state is None and reason is None:
            console.rows(stored.figures(), "channel state reason number")
            return
        states = [DeliveryState[state.upper()]] if state else []
        page = stored.page(states=states, reason=reason, limit=limit)
    console.rows(page, "entry_no channel state reason recipient attempts text")
