"""A real SMTP server for tests, which does what its script says and keeps what it was given."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

DROP = "drop the connection"
"""In place of an answer: the server hangs up."""
LEAVING = "good-bye"
"""Ends an answer after which the server hangs up."""
Answer = str | Callable[[], str] | None
"""What is said; ``None`` says that all is well."""


class Mailbox:
    """
    Keeps what was taken, and answers each command with the next word of its script.

    Attributes:
        mails: What was taken, in order.
        given: Content of every DATA, taken or not.
        connections: How many there were.
    """

    def __init__(self, **scripts: list[Answer]) -> None:
        self.scripts = scripts
        self.mails: list[EmailMessage] = []
        self.given: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.connections = 0

    def _next(self, command: str, server: SMTP, well: str) -> str:
        script = self.scripts.get(command, [])
        said = script.pop(0) if script else None
        said = said() if callable(said) else said
        if said == DROP:
            server.transport.abort()
            return "421 gone"
        if said and said.endswith(LEAVING):
            server.transport.write(f"{said}\r\n".encode())
            server.transport.close()
        return said or well

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        said = self._next("ehlo", server, "")
        return [said] if said else responses

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        said = self._next("mail", server, "250 OK")
        if said.startswith("250"):
            envelope.mail_from = address
        return said

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        said = self._next("rcpt", server, "250 OK")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.given.append(envelope.content)
        said = self._next("data", server, "250 2.0.0 queued as 17")
        if said.startswith("250") or "taken" in said:
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
            self.mails.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return said


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server called localhost, and of a client that trusts it."""
    path = folder / "localhost.pem"
    path.write_text(_PEM)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


def authenticated(
    server: Any, session: Any, envelope: Any, mechanism: str, data: Any
) -> AuthResult:
    """Let in who knows the password."""
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (
        b"cronus",
        b"secret",
    )
    return AuthResult(success=known, handled=False)


class _OnFreePort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """Run the server on a free port of this machine, and return that."""
    controller = _OnFreePort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop(no_assert=True)


_PEM = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghUiaLy7lYCcQUN6z
fWVnZQvpkdw2tOCcPAWYE/c9lDWhRANCAAQncOaXDTSSy9X/k5T19jOXZC0i+vYa
6ug43EtzNUZZs53oJNEa+QdbHRSmD90j665qro607SwtKsjTDSEYp78k
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUaFbFIAh3N3SHVGTG3p23m7obxjswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjAxMTUyMloYDzIxMjYxMTAy
MDExNTIyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQncOaXDTSSy9X/k5T19jOXZC0i+vYa6ug43EtzNUZZs53oJNEa+Qdb
HRSmD90j665qro607SwtKsjTDSEYp78ko2kwZzAdBgNVHQ4EFgQU2MQ/AtJEEuSr
VXUy3b7GSbwImbswHwYDVR0jBBgwFoAU2MQ/AtJEEuSrVXUy3b7GSbwImbswDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhAPYFqG25DqyB4IYQvRfoZowFZHNfWqNYdnOlquui/ybNAiEAhVwALJYi
MP+Bl4fsFTU2KUGoMGh+Ab99tpQ88hXxk90=
-----END CERTIFICATE-----
"""
"""A key and a certificate of localhost, for tests alone."""
