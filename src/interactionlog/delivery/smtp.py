"""Mails over SMTP."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from email.errors import MessageError
from threading import Lock
from typing import Literal

from interactionlog.arguments import judged
from interactionlog.delivery.message import AddressError, Message, address_of, checked_address
from interactionlog.delivery.transport import Answer, NotHandedOverError, accepted, later, refused
from interactionlog.errors import UsageError

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_ENHANCED = re.compile(r"\b[45]\.((\d{1,3})\.\d{1,3})\b")
_SUBJECTS = {"1": "invalid", "1.7": "other", "1.8": "other", "2": "bounced", "7": "blocked"}
"""Reasons by enhanced status code: address, that of the sender, mailbox, policy. (RFC 3463)"""
_NO_MAILBOX = frozenset({550, 551, 553})
"""What a server says of a recipient that is none, where it gives no enhanced code. (RFC 5321)"""
_LAST_PORT = 65_535
_NOT_LOGGED_IN = frozenset({530, 535, 538})
"""What a server says of who did not log in, and not of the message. (RFC 4954)"""


@judged
class SmtpTransport:
    """
    Sends mails to an SMTP server, over one connection a run.

    What fails before the message is handed over is tried again later. When the connection is lost
    while the server has the message and has not answered, nobody knows: the delivery is held.
    Threads that share a transport send one after the other: give each worker its own.

    Args:
        host: The server.
        port: Its port; ``None`` is 587, and 465 with ``security="tls"``.
        sender: Who the mails are from, such as ``"Cronus <info@cronus.example>"``.
        user, password: How to log in; ``None`` does not.
        security: ``starttls`` begins in the clear and is refused unless the server goes over to
            TLS, ``tls`` is encrypted from the beginning, ``none`` is for a server on this machine.
        timeout: Seconds to wait for an answer.
        context: Certificates that are trusted; those of the system by default.

    Raises:
        AddressError: The sender has no e-mail address.
        UsageError: There is no such security, port or timeout, it would send a password in the
            clear or to nobody, or the user or the password has letters beyond ASCII.
    """

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        sender: str,
        user: str | None = None,
        password: str | None = None,
        security: Literal["starttls", "tls", "none"] = "starttls",
        timeout: float = 30.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        if security == "none" and user is not None:
            raise UsageError("a password is not sent in the clear: choose starttls or tls")
        if user is None and password is not None:
            raise UsageError("SmtpTransport: a password needs a user: nobody would log in")
        if port is not None and not 0 < port <= _LAST_PORT:
            raise UsageError(f"SmtpTransport: port must be from 1 to {_LAST_PORT}: {port}")
        if not timeout:
            raise UsageError("SmtpTransport: timeout must be above 0 seconds")
        if not f"{user}{password}".isascii():
            raise UsageError("user and password must be in ASCII: no other letters are sent")
        self._host, self._sender, self._security = host, sender, security
        self._port = port or (465 if security == "tls" else 587)
        self._envelope = address_of(sender)
        self._login = None if user is None else (user, password or "")
        self._timeout, self._context = timeout, context
        self._connection: smtplib.SMTP | None = None
        self._sending = Lock()  # on one connection two mails would be one, to both recipients

    def __repr__(self) -> str:
        return f"SmtpTransport({self._host}:{self._port} from {self._sender})"

    def send(self, message: Message) -> Answer:
        """Send a mail and say what the server answered."""
        try:
            checked_address(message.recipient)
            content = message.as_e_mail(self._sender).as_bytes()
        except AddressError as error:  # such as a letter, which has none
            return refused("invalid", str(error))
        # a header with a line break, another alphabet
        except (ValueError, LookupError, MessageError) as error:
            return refused("other", f"it makes no mail: {error}")
        with self._sending:
            return self._handed_over(message.recipient, content)

    def _handed_over(self, recipient: str, content: bytes) -> Answer:
        again = self._connection is not None  # a server may have closed it between two mails
        while True:
            try:
                connection = self._connected()
                answer = self._offered(connection, recipient)
                break
            except Exception as error:  # whatever it is: nothing of the message was handed over
                self._forget()
                if not again:
                    said = f"{self._host}:{self._port}: {_said(error)}"
                    raise NotHandedOverError(said) from error
                again = False
        if answer is not None:
            return answer
        try:
            connection.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
            code, text = connection.getreply()
        except OSError:  # the server has all of it, or part of it, or none
            self._forget()
            raise
        if code // 100 == 2:
            return accepted(text.decode(errors="replace"))
        if code // 100 not in {4, 5}:  # not the word of a mail server: nobody knows
            self._forget()
            raise smtplib.SMTPResponseException(code, text)
        return self._refused(code, text)

    def _offered(self, connection: smtplib.SMTP, recipient: str) -> Answer | None:
        """Offer a message; return the refusal, or ``None`` when the server waits for it."""
        for command, taken in (
            (f"MAIL FROM:<{self._envelope}>", {250}),
            (f"RCPT TO:<{recipient}>", {250, 251}),
            ("DATA", {354}),
        ):
            code, text = connection.docmd(command)
            if code not in taken:
                answer = self._refused(code, text, of_recipient=command.startswith("RCPT"))
                try:
                    if self._connection is not None:
                        connection.rset()  # the next mail begins anew
                except OSError:  # it hung up: the refusal holds all the same
                    self._forget()
                if code in _NOT_LOGGED_IN or (code // 100 == 5 and command.startswith("MAIL")):
                    raise NotHandedOverError(f"{self._host}:{self._port}: {answer.text}")
                return answer
        return None

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._opened()
        return self._connection

    def _opened(self) -> smtplib.SMTP:
        context = self._context or ssl.create_default_context()
        if self._security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            connection.ehlo_or_helo_if_needed()
            if self._security == "starttls":
                connection.starttls(context=context)
                connection.ehlo()
            if self._login is not None:
                connection.login(*self._login)
        except BaseException:  # nothing is sent in the clear, or by nobody
            connection.close()
            raise
        return connection

    def _refused(self, code: int, text: bytes, *, of_recipient: bool = False) -> Answer:
        said = f"{code} {text.decode(errors='replace')}"
        if code == 421:
            self._forget()
        if code // 100 != 5:
            return later("other", said)
        found = _ENHANCED.search(said)
        names = (found[1], found[2]) if found else ()
        reason = next((_SUBJECTS[name] for name in names if name in _SUBJECTS), "other")
        if found is None and of_recipient and code in _NO_MAILBOX:
            reason = "invalid"
        if "spam" in said.casefold():
            reason = "spam"
        return refused(reason, said)

    def close(self) -> None:
        """Take leave of the server; the next mail opens a new connection."""
        with self._sending:
            if self._connection is not None:
                with suppress(OSError):
                    self._connection.quit()
                self._forget()

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return f"{error.smtp_code} {text}"
    return str(error) or type(error).__name__
