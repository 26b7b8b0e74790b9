"""Mails over SMTP, to a real server: what it refuses, delays, drops and takes."""

from __future__ import annotations

import smtplib
import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import attrs
import pytest

import interactionlog as il
from interactionlog.delivery import (
    AddressError,
    DeliveryState,
    Message,
    NotHandedOverError,
    SmtpTransport,
    accepted,
    later,
    refused,
)
from interactionlog.delivery.message import plain_text
from smtp_server import DROP, LEAVING, Mailbox, authenticated, certificate, serving

SENDER = "Crönus <info@cronus.example>"
MESSAGE = Message(
    entry_no=7,
    channel="mail",
    message_id="x.7",
    recipient="anna@cannon.example",
    name="Anna, of Cannon",
    address={},
    subject="Frühling",
    content="<p>Grüße\n.\n..\nund mehr".encode(),
    media_type="text/html",
    file_name="a.html",
    sent_at=datetime(2026, 1, 26, 9, 30, tzinfo=UTC),
)


@contextmanager
def posting(mailbox, **options):
    with serving(mailbox) as port:
        transport = SmtpTransport("127.0.0.1", port, sender=SENDER, security="none", **options)
        yield transport
        transport.close()


def test_a_mail_arrives_as_it_was_composed():
    mailbox = Mailbox()
    with posting(mailbox) as transport:
        answer = transport.send(MESSAGE)
    assert answer == accepted("2.0.0 queued as 17")
    (mail,) = mailbox.mails
    assert mailbox.envelopes == [("info@cronus.example", ["anna@cannon.example"])]
    assert mail["From"].addresses[0].display_name == "Crönus"
    assert mail["To"].addresses[0].addr_spec == "anna@cannon.example"
    assert mail["To"].addresses[0].display_name == "Anna, of Cannon"
    assert (mail["Subject"], mail["Message-ID"]) == ("Frühling", "<x.7@cronus.example>")
    assert mail["Date"].datetime == MESSAGE.sent_at
    assert mail.get_content_type() == "multipart/alternative"
    plain, page = mail.iter_parts()  # the one that says more comes last
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().splitlines() == ["Grüße . .. und mehr"]
    assert page.get_content().splitlines() == ["<p>Grüße", ".", "..", "und mehr"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            "Institute for Research, Education and Development of the North, Inc. (Aarhus)",
            "Institute for Research Education and Development of the North Inc Aarhus",
        ),
        (f"<x@y.example>{'a' * 80}", f"xyexample{'a' * 80}"),
        ("Müller, Ida; <x@y.example>", "Müller, Ida; <x@y.example>"),
        ("Moser, Ida", "Moser, Ida"),
    ],
)
def test_a_mail_names_one_recipient_and_one_sender_however_long_their_names_are(name, shown):
    message, sender = attrs.evolve(MESSAGE, name=name), f'"{name}" <info@cronus.example>'
    mail = message_from_bytes(message.as_e_mail(sender).as_bytes(), policy=default)
    (to,), (own,) = mail["To"].addresses, mail["From"].addresses
    assert (to.addr_spec, to.display_name) == ("anna@cannon.example", shown)
    assert (own.addr_spec, own.display_name) == ("info@cronus.example", shown)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Dear Anna,</p><p>yours</p>", "Dear Anna,\n\nyours"),
        ("<h1>A</h1>b<br>c<hr/>d", "A\nb\nc\nd"),
        ("one\n  <b>and</b> two &amp; &lt;three&gt; &euro;", "one and two & <three> €"),
        (
            "<a href='https://x.example/off'>Unsubscribe</a>.",
            "Unsubscribe <https://x.example/off>.",
        ),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<head><title>t</title><style>p{}</style></head><script>x</script>seen", "seen"),
        ("<img src=x alt='Our house'><img src=y>", "Our house"),
        ("<p>un<i>closed <p>and </b>wrong", "unclosed\nand wrong"),
        ("<![foo bar]><!DOCTYPE html><?x?>seen<!-- not </p> -->", "seen"),
        ("<![if !mso]>seen<![endif]><!--[if mso]>not<![endif]-->", "seen"),
        ("<SCRIPT>a</SCRIPT ><style>b</style>seen<script>c", "seen"),
        ("<a HREF=/x?a&amp;b>a</a></a><a>b</a>", "a </x?a&b>b"),
        ("1 &lt; 2 < 3&nbsp;&amp;lt;", "1 < 2 < 3 &lt;"),
        ("<td title='a>b'>seen</td title=>", "seen"),
        ("", "Frühling\n"),
        ("<img src=x>", "Frühling\n"),
    ],
)
def test_a_mail_in_html_says_the_same_in_plain_text(html, text):
    message = attrs.evolve(MESSAGE, content=html.encode())
    assert message.text == text
    plain, page = message.as_e_mail(SENDER).iter_parts()
    assert (plain.get_content().rstrip(), page.get_content().rstrip()) == (text.rstrip(), html)


PARTS = r"<!--|<a |<|</|<![CDATA[|&|<a b='|<a b=\"|<script>|<b>|<?|<!a|</script|<title></"
PARTS += r"|<a href=|<a href='' |<a|href=|&#x| |<td "


@pytest.mark.parametrize("part", PARTS.split("|"))
def test_the_plain_text_of_any_html_takes_time_by_its_length(part):
    for page in (part * 100_000, "<script>" + part * 100_000, "<a " + part * 100_000 + ">x</a>"):
        plain_text(page)


def test_a_mail_in_plain_text_has_one_part_and_a_file_says_its_subject():
    text = attrs.evolve(MESSAGE, content=b"<p>as it is", media_type="text/plain")
    assert text.as_e_mail(SENDER).get_content_type() == "text/plain"
    assert text.text == "<p>as it is"
    assert attrs.evolve(MESSAGE, media_type="application/pdf").text == "Frühling\n"


def test_a_sender_in_a_domain_with_other_letters_is_written_as_the_network_knows_it():
    mail = MESSAGE.as_e_mail("Crönus <info@bücher.example>")
    assert b"<info@xn--bcher-kva.example>" in mail.as_bytes()
    assert mail["From"].addresses[0].display_name == "Crönus"


@pytest.mark.parametrize("recipient", ["", "+39 0473", "a b@c.example", "a@x.example\r\nDATA"])
def test_what_has_no_e_mail_address_is_refused_with_what_it_has(recipient):
    mailbox = Mailbox()
    with posting(mailbox) as transport:
        answer = transport.send(attrs.evolve(MESSAGE, recipient=recipient))
    assert answer == refused("invalid", f"{recipient!r} is no e-mail address")
    assert mailbox.connections == 0


@pytest.mark.parametrize("kind", ["message/rfc822", "message/partial", "multipart/mixed"])
def test_a_file_that_is_a_mail_itself_can_be_opened(kind):
    content = "Subject: Grüße\n\n.\n".encode()
    message = attrs.evolve(MESSAGE, media_type=kind, content=content, file_name="old.eml")
    sent = message_from_bytes(message.as_e_mail(SENDER).as_bytes(), policy=default)
    (file,) = sent.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("old.eml", content)


@pytest.mark.parametrize("text", ["Grüße", "1 €", "<p>\U0001f600", "x" * 3_000, "ü" * 3_000])
@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_mail_in_any_alphabet_is_ascii_in_short_lines_for_servers_that_take_no_more(text, kind):
    message = attrs.evolve(MESSAGE, content=text.encode(), media_type=kind, subject=text[:200])
    sent = message.as_e_mail(SENDER).as_bytes()
    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) <= 78
    part = message_from_bytes(sent, policy=default).get_body((kind.partition("/")[2],))
    assert part.get_content().strip() == text


def test_a_file_keeps_its_name_and_type():
    mailbox = Mailbox()
    file = {
        "media_type": "application/pdf",
        "file_name": "Prêts & 1.pdf",
        "content": b"%PDF\r\n.\r\n\x00\xff",
    }
    with posting(mailbox) as transport:
        transport.send(attrs.evolve(MESSAGE, **file))
    (part,) = mailbox.mails[0].iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("application/pdf", "Prêts & 1.pdf")
    assert part.get_content() == file["content"]


def test_a_run_has_one_connection():
    mailbox = Mailbox()
    with posting(mailbox) as transport:
        for _ in range(3):
            assert transport.send(MESSAGE).state is DeliveryState.SENT
        assert mailbox.connections == 1
        transport.close()
        transport.send(MESSAGE)
    assert (mailbox.connections, len(mailbox.mails)) == (2, 4)


@pytest.mark.parametrize("command", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("450 4.2.1 busy", later("other", "450 4.2.1 busy")),
        ("550 5.1.1 nobody", refused("invalid", "550 5.1.1 nobody")),
        ("552 5.2.2 full", refused("bounced", "552 5.2.2 full")),
        ("550 5.7.1 policy", refused("blocked", "550 5.7.1 policy")),
        ("554 5.7.1 looks like SPAM", refused("spam", "554 5.7.1 looks like SPAM")),
        ("550 5.1.8 no such sender", refused("other", "550 5.1.8 no such sender")),
        ("554 no", refused("other", "554 no")),
    ],
)
def test_a_refusal_is_told_with_its_reason_and_the_next_mail_goes(command, said, answer):
    mailbox = Mailbox(**{command: [said]})
    with posting(mailbox) as transport:
        assert transport.send(MESSAGE) == answer
        assert transport.send(MESSAGE).state is DeliveryState.SENT
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("command", "reason"), [("mail", None), ("rcpt", "invalid"), ("data", "other")]
)
@pytest.mark.parametrize("said", ["550 no", "551 not here", "553 no such user"])
def test_only_an_answer_about_the_recipient_makes_its_address_invalid(command, reason, said):
    """A sender, an account or a content that is refused says nothing about who should get it."""
    mailbox = Mailbox(**{command: [said]})
    with posting(mailbox) as transport:
        if reason is None:
            with pytest.raises(NotHandedOverError, match=said):
                transport.send(MESSAGE)
        else:
            assert transport.send(MESSAGE) == refused(reason, said)
        assert transport.send(MESSAGE).state is DeliveryState.SENT
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("command", ["mail", "rcpt"])
@pytest.mark.parametrize("said", ["530 5.7.0 authentication required", "535 5.7.8 who are you?"])
def test_a_server_that_does_not_know_who_asks_takes_nothing_and_fails_nothing(command, said):
    mailbox = Mailbox(**{command: [said]})
    with posting(mailbox) as transport, pytest.raises(NotHandedOverError, match=said[:3]):
        transport.send(MESSAGE)
    assert not mailbox.given


@pytest.mark.parametrize(("user", "password"), [("ü", "x"), ("u", "pässwort"), ("u", "\u200bx")])
def test_a_login_that_cannot_be_sent_is_refused_before_anything_is_sent(user, password):
    with pytest.raises(il.UsageError, match="ASCII"):
        SmtpTransport("127.0.0.1", sender=SENDER, user=user, password=password)


@pytest.mark.parametrize(
    "wrong",
    [
        UnicodeEncodeError("ascii", "ü", 0, 1, "x"),
        smtplib.SMTPException("no"),
        MemoryError(),
        ValueError("a digest that this system has not"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_nothing_is_sent_on_a_connection_that_did_not_log_in(monkeypatch, wrong):
    """Whatever goes wrong while it logs in: the next mail begins with a connection of its own."""
    monkeypatch.setattr(smtplib.SMTP, "login", lambda *_: (_ for _ in ()).throw(wrong))
    mailbox = Mailbox()
    with posting(mailbox) as transport:
        transport._login = ("u", "x")
        for _ in range(2):
            with pytest.raises(NotHandedOverError):
                transport.send(MESSAGE)
    assert (mailbox.connections, mailbox.given) == (2, [])


@pytest.mark.parametrize("host", ["smtp..example.com", "x" * 64 + ".example"])
def test_a_host_that_is_none_is_not_reached_and_nothing_is_unknown(host):
    with pytest.raises(NotHandedOverError):
        SmtpTransport(host, sender=SENDER, security="none").send(MESSAGE)


@pytest.mark.parametrize(
    "sender",
    ["Cronus, Inc <a@b.example>", "a@b.example, c@d.example", "=?utf-8?q?a=0D=0A?= <a@b.example>"],
)
def test_a_sender_that_is_not_one_address_is_told_whole(sender):
    with pytest.raises(AddressError) as refusal:
        SmtpTransport("127.0.0.1", sender=sender)
    assert refusal.value.address == sender


@pytest.mark.parametrize("command", ["rcpt", "data"])
def test_a_refusal_holds_when_the_server_hangs_up_after_it(command):
    mailbox = Mailbox(**{command: [f"550 5.1.1 nobody, {LEAVING}"]})
    with posting(mailbox) as transport:
        answer = transport.send(MESSAGE)
        assert (answer.state, answer.reason) == (DeliveryState.FAILED, "invalid")
        assert transport.send(MESSAGE).state is DeliveryState.SENT
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("command", ["ehlo", "mail", "rcpt"])
def test_a_connection_that_is_dropped_before_the_message_is_handed_over_may_be_tried_again(command):
    mailbox = Mailbox(**{command: [DROP, DROP]})
    with posting(mailbox) as transport:
        with pytest.raises(NotHandedOverError, match=r"127\.0\.0\.1"):
            transport.send(MESSAGE)
        assert not mailbox.given


def test_a_connection_that_was_closed_between_two_mails_is_opened_again():
    mailbox = Mailbox(mail=[None, DROP])
    with posting(mailbox) as transport:
        assert [transport.send(MESSAGE).state for _ in range(2)] == [DeliveryState.SENT] * 2
    assert (mailbox.connections, len(mailbox.mails)) == (2, 2)


def test_a_server_that_closes_politely_is_asked_again_later():
    mailbox = Mailbox(mail=["421 4.3.2 shutting down"])
    with posting(mailbox) as transport:
        assert transport.send(MESSAGE) == later("other", "421 4.3.2 shutting down")
        assert transport.send(MESSAGE).state is DeliveryState.SENT
    assert mailbox.connections == 2


def test_a_connection_that_is_dropped_after_the_message_was_handed_over_leaves_it_unknown():
    mailbox = Mailbox(data=[DROP])
    with posting(mailbox) as transport:
        with pytest.raises(smtplib.SMTPServerDisconnected):
            transport.send(MESSAGE)
        assert len(mailbox.given) == 1
        assert transport.send(MESSAGE).state is DeliveryState.SENT


@contextmanager
def silent(after, last=b""):
    """Give the port of a server that reads, and says nothing more after so many answers."""
    lines = [
        b"220 hello\r\n",
        b"250 HELP\r\n",
        b"250 OK\r\n",
        b"250 OK\r\n",
        b"354 go on\r\n",
        last,
    ]
    ended = threading.Event()

    def serve():
        with listening.accept()[0] as connection:
            for line in lines[:after]:
                connection.sendall(line)
                if line is not lines[-1]:
                    connection.recv(4096)
            ended.wait(5)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            thread.join()


@pytest.mark.parametrize("after", [0, 1, 3, 4])
def test_a_time_out_before_the_message_is_handed_over_may_be_tried_again(after):
    with silent(after) as port:
        transport = SmtpTransport("127.0.0.1", port, sender=SENDER, security="none", timeout=0.2)
        with pytest.raises(NotHandedOverError):
            transport.send(MESSAGE)


def test_a_time_out_after_the_message_was_handed_over_leaves_it_unknown():
    with silent(5) as port:
        transport = SmtpTransport("127.0.0.1", port, sender=SENDER, security="none", timeout=0.2)
        with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
            transport.send(MESSAGE)


@pytest.mark.parametrize("said", [b"oh\r\n", b"354 go on\r\n", b"\xff\r\n", b"199 wait\r\n"])
def test_an_answer_that_says_nothing_of_the_message_leaves_it_unknown(said):
    with silent(6, said) as port:
        transport = SmtpTransport("127.0.0.1", port, sender=SENDER, security="none", timeout=0.2)
        with pytest.raises(smtplib.SMTPResponseException):
            transport.send(MESSAGE)


def test_every_answer_of_success_accepts_the_message():
    with silent(6, b"252 2.0.0 taken\r\n") as port:
        transport = SmtpTransport("127.0.0.1", port, sender=SENDER, security="none", timeout=0.2)
        assert transport.send(MESSAGE).state is DeliveryState.SENT
        transport._forget()


def test_a_server_that_is_not_there_may_be_tried_again():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    transport = SmtpTransport("127.0.0.1", port, sender=SENDER, security="none")
    with pytest.raises(NotHandedOverError, match="refused"):
        transport.send(MESSAGE)


LOGIN = {"user": "cronus", "password": "secret"}


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # of the server: TLS is below it
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_it_logs_in_over_tls(tmp_path, security):
    mailbox, (server, client) = Mailbox(), certificate(tmp_path)
    options = {"ssl_context": server} if security == "tls" else {"tls_context": server}
    options |= {"authenticator": authenticated, "auth_required": True}
    options |= {"auth_require_tls": security == "starttls"}
    with serving(mailbox, **options) as port:
        common = {"sender": SENDER, "security": security, "context": client}
        transport = SmtpTransport("localhost", port, **common, **LOGIN)
        assert transport.send(MESSAGE).state is DeliveryState.SENT
        transport.close()
        wrong = SmtpTransport("localhost", port, **common, **LOGIN | {"password": "x"})
        with pytest.raises(NotHandedOverError, match="535"):
            wrong.send(MESSAGE)
    assert len(mailbox.mails) == 1


def test_nothing_is_sent_to_a_server_without_tls_or_with_a_certificate_of_nobody(tmp_path):
    mailbox, (server, _) = Mailbox(), certificate(tmp_path)
    for options in ({}, {"tls_context": server}):
        with serving(mailbox, **options) as port:
            transport = SmtpTransport("localhost", port, sender=SENDER, **LOGIN)
            with pytest.raises(NotHandedOverError):
                transport.send(MESSAGE)
    assert not mailbox.given


def test_a_transport_is_refused_that_would_tell_its_password_or_has_no_address():
    with pytest.raises(il.UsageError, match="password"):
        SmtpTransport("localhost", sender=SENDER, security="none", **LOGIN)
    with pytest.raises(il.UsageError, match="security"):
        SmtpTransport("localhost", sender=SENDER, security="ssl")
    for odd in ({"port": 0}, {"port": 65_536}, {"timeout": 0}, {"password": "secret"}):
        with pytest.raises(il.UsageError, match=f"SmtpTransport: .*{next(iter(odd))}"):
            SmtpTransport("localhost", sender=SENDER, **odd)
    for sender in ("Cronus", "", "a@b@c", "info@cronus.example\nBcc: x@y.example"):
        with pytest.raises(AddressError):
            SmtpTransport("localhost", sender=sender)
    assert "secret" not in repr(SmtpTransport("localhost", sender=SENDER, **LOGIN))


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "a\nBcc: x@y.example"},
        {"subject": "a\r\n\r\nbody"},
        {"recipient": "a@b.example\r\nRCPT TO:<x@y.example>"},
        {"recipient": "a@b.example>\nDATA"},
        {"name": "a\nBcc: x@y.example"},
    ],
)
def test_a_header_or_a_command_cannot_be_injected(change):
    mailbox = Mailbox()
    with posting(mailbox) as transport:
        assert transport.send(attrs.evolve(MESSAGE, **change)).state is DeliveryState.FAILED
    assert (mailbox.given, mailbox.connections) == ([], 0)


def test_threads_that_share_a_transport_send_each_mail_to_its_recipient_alone():
    offered, answered = threading.Event(), threading.Event()

    def slow():
        offered.set()
        assert not answered.wait(0.2)  # the other one comes after
        return "250 OK"

    other = attrs.evolve(MESSAGE, recipient="bo@ek.example", message_id="x.8")
    mailbox, answers = Mailbox(rcpt=[slow]), []
    with posting(mailbox) as transport:

        def send_the_other():
            assert offered.wait(5)
            answers.append(transport.send(other))
            answered.set()

        thread = threading.Thread(target=send_the_other)
        thread.start()
        answers.append(transport.send(MESSAGE))
        thread.join()
    assert [each.state for each in answers] == [DeliveryState.SENT] * 2
    assert sorted(to for _, to in mailbox.envelopes) == [
        ["anna@cannon.example"],
        ["bo@ek.example"],
    ]
    assert mailbox.connections == 1
