"""What a transport is asked and what it answers, and one that makes files for another program."""

from __future__ import annotations

import csv
import io
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import attrs

from interactionlog.arguments import judged
from interactionlog.delivery.delivery import DeliveryState
from interactionlog.delivery.message import Message, address_of
from interactionlog.errors import InteractionLogError
from interactionlog.values import accepting

REASONS = (None, "invalid", "blocked", "bounced", "timed-out", "spam", "other")
"""Why a transport refuses a message; nothing where it does not."""


def _known(reason: str | None) -> str | None:
    return reason if reason in REASONS else "other"


def _words(said: object) -> str:
    """Return what a provider said as text: its names of messages are often numbers."""
    return "" if said is None else str(said)


_answered = accepting(
    lambda state: state in {*DeliveryState} - {DeliveryState.CLAIMED, DeliveryState.WITHHELD},
    "must be SENT, FAILED, REQUESTED or UNKNOWN",
)


@attrs.frozen
class Answer:
    """
    What a transport says of a message; `accepted`, `later` and `refused` make one.

    Attributes:
        state: Sent, failed, requested again, or unknown.
        reason: One of ``invalid``, ``blocked``, ``bounced``, ``timed-out``, ``spam``, ``other``;
            ``None`` when it was accepted.
        text: What was said, in words.
        provider_id: Name that the provider gave the message; ``""`` for none.
    """

    state: DeliveryState = attrs.field(validator=_answered)
    reason: str | None = attrs.field(default=None, converter=_known)
    text: str = attrs.field(default="", converter=_words)
    provider_id: str = attrs.field(default="", converter=_words)


def accepted(provider_id: str = "") -> Answer:
    """Say that the message was handed over."""
    return Answer(DeliveryState.SENT, provider_id=provider_id)


def later(reason: str = "other", text: str = "") -> Answer:
    """Say that the message was not taken, and may be tried again."""
    return Answer(DeliveryState.REQUESTED, reason, text)


def refused(reason: str = "other", text: str = "") -> Answer:
    """Say that the message was not taken, and never will be."""
    return Answer(DeliveryState.FAILED, reason, text)


class NotHandedOverError(InteractionLogError):
    """
    A transport could not begin: nothing of the message was handed over.

    It is tried again later, and the rest of the run leaves the channel alone. Every other error
    means that nobody knows whether the message was sent.
    """


class Transport(Protocol):
    """
    Sends messages of one channel: any object with this method.

    One that has a true attribute ``idempotent`` may be given a message again: it sends no
    ``message_id`` twice. One that has a method ``close`` is closed at the end of each run.
    """

    def send(self, message: Message) -> Answer:
        """
        Send a message and say what became of it.

        Raises:
            NotHandedOverError: Nothing of it was handed over.
        """


_ADDRESS = ("name", "address", "address_2", "post_code", "city", "county", "country_code")
_COLUMNS = ("message_id", "entry_no", "file", "subject", *_ADDRESS)


@judged
class FolderTransport:
    """
    Writes each message as a file: a letter as it is, a mail as ``.eml``.

    Files are named by message, so that a message that is given twice is one file: take files away
    while no worker runs. ``index.csv`` has a line for each letter, with the address it goes to.

    Args:
        folder: Where files are made; it must exist.
        sender: Who mails are from.

    Raises:
        AddressError: The sender has no e-mail address.
    """

    idempotent = True

    def __init__(self, folder: str | os.PathLike[str], *, sender: str = "nobody@localhost") -> None:
        address_of(sender)
        self._folder, self._sender = Path(folder), sender

    def send(self, message: Message) -> Answer:
        """Write a message into the folder."""
        if not self._folder.is_dir():
            raise NotHandedOverError(f"{self._folder} is not a folder")
        if message.channel == "mail":
            name = f"{message.message_id}.eml"
            self._write(name, message.as_e_mail(self._sender).as_bytes())
            return accepted(name)
        extension = Path(message.file_name).suffix
        plain = extension if extension[1:].isalnum() and extension.isascii() else ""
        name = f"{message.message_id}{plain}"
        again = (self._folder / name).exists()
        self._write(name, message.content)
        self._list(name, message, again=again)
        return accepted(name)

    def _write(self, name: str, content: bytes) -> None:
        begun = self._folder / f".{name}.part"
        with begun.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        begun.replace(self._folder / name)

    def _list(self, name: str, message: Message, *, again: bool) -> None:
        index, lines = self._folder / "index.csv", io.StringIO()
        address = [message.address.get(field, "") for field in _ADDRESS]
        cells = (message.message_id, str(message.entry_no), name, message.subject, *address)
        csv.writer(lines).writerow(map(_cell, cells))
        with suppress(FileExistsError), index.open("xb") as file:
            file.write(",".join(_COLUMNS).encode() + b"\r\n")
        with index.open("a+b") as file:  # one write of a line: other workers append as well
            file.seek(0 if again else -1, os.SEEK_SET if again else os.SEEK_END)
            held = file.read()
            if again and re.search(
                rb"^%s,.*\r\n" % message.message_id.encode(), held, re.MULTILINE
            ):
                return
            whole = held.endswith(b"\n")  # a full disk may have left the begin of a line
            file.write(b"\r\n" * (not whole) + lines.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())


def _cell(text: str) -> str:
    """Return a text on one line, and with an apostrophe if a spreadsheet took it for a formula."""
    line = " ".join(text.splitlines())
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
