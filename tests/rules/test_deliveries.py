"""The outbox: never lost, at most once, withheld when it must not be sent any more."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default

import attrs
import pytest

import interactionlog as il
from company import add_attachment, add_company, set_up
from interactionlog.delivery import (
    Answer,
    ContentError,
    Deliveries,
    DeliveryEvent,
    DeliveryState,
    NotHandedOverError,
    SmtpTransport,
    accepted,
    content,
    later,
    refused,
    request_delivery,
)
from interactionlog.delivery import outbox as outbox_of_library
from interactionlog.integrity import check_integrity
from interactionlog.testing import a_contact, a_line, add_segment, an_entry

pytest.importorskip("jinja2", reason="what is delivered is merged: the extra mail is missing")
from smtp_server import DROP, Mailbox, serving

EMAIL = il.CorrespondenceType.EMAIL
LETTER = il.CorrespondenceType.HARD_COPY
REQUESTED, ERROR = il.DeliveryStatus.REQUESTED, il.DeliveryStatus.ERROR
SENT, FAILED, UNKNOWN = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN
WITHHELD, WAITING = DeliveryState.WITHHELD, DeliveryState.REQUESTED


class Post:
    """Answers what it is told, then accepts; keeps what it is given."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []
        self.closed = 0

    def send(self, message):
        self.sent.append(message)
        answer = self.answers.pop(0) if self.answers else accepted()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self):
        self.closed += 1


@pytest.fixture
def clock(store):
    return store._clock


@pytest.fixture
def world(store):
    with store.begin(user_id="TESTER") as work:
        set_up(work, correspondence_type_default=EMAIL)
        add_company(work, e_mail="c@x.example")
    return store


def log(store, n=1, name="mail.html", content=b"<p>Dear {{ contact.name }}", **values):
    """Log so many interactions that are to be delivered; return their numbers."""
    with store.begin(user_id="TESTER") as work:
        service = il.InteractionService(work)
        no = add_attachment(work, content, name)
        draft = service.start("C", interaction_template_code="T1", attachment_no=no, **values)
        return [service.finish(draft, deliver=True).entry_no for _ in range(n)]


def outbox(store, post, **options):
    return il.Outbox(store, transports={"mail": post}, user_id="WORKER", **options)


@contextmanager
def changing(store):
    with store.begin(user_id="TESTER") as work:
        yield work


def seen(store, entry_no):
    with store.read() as work:
        delivery, entry = work.deliveries.get(entry_no), work.interactions.get(entry_no)
        return delivery.state, delivery.reason, entry.delivery_status


@pytest.mark.rule("INT-082")
@pytest.mark.rule("INT-087")
def test_a_message_is_merged_sent_and_kept_as_it_was_sent(world):
    post = Post(accepted("P-1"))
    (no,) = log(world)
    run = outbox(world, post).run()
    (message,) = post.sent
    assert (message.recipient, message.media_type, message.is_body) == (
        "c@x.example",
        "text/html",
        True,
    )
    assert (run.sent, run.failed, post.closed) == (1, 0, 1)
    assert seen(world, no) == (SENT, None, None)
    with world.read() as work:
        delivery = work.deliveries.get(no)
        assert (delivery.provider_id, delivery.recipient) == ("P-1", "c@x.example")
        assert delivery.message_id == message.message_id
        with il.AttachmentService(work).open(delivery.attachment_no) as content:
            assert (
                content.read()
                == message.content
                == b"<p>Dear " + work.contacts.get("C").name.encode()
            )
        assert work.attachments.get(delivery.attachment_no).read_only
        assert list(check_integrity(work)) == []
    assert outbox(world, post).run().sent == 0


@pytest.mark.rule("INT-082")
@pytest.mark.parametrize(
    ("name", "media_type", "is_body"),
    [
        ("a.html", "text/html", True),
        ("a.HTM", "text/html", True),
        ("a.txt", "text/plain", True),
        ("a.pdf", "application/pdf", False),
        ("a", "application/octet-stream", False),
    ],
)
def test_the_extension_decides_what_is_a_body_and_what_a_file(world, name, media_type, is_body):
    post = Post()
    log(world, name=name, content=b"plain")
    outbox(world, post).run()
    (message,) = post.sent
    assert (message.media_type, message.is_body, message.file_name) == (media_type, is_body, name)
    with world.read() as work:  # nothing was merged: the content lies once
        assert (
            work.deliveries.all()[0].attachment_no
            == work.interactions.get(message.entry_no).attachment_no
        )


@pytest.mark.rule("INT-082")
def test_a_word_template_wins_over_other_content(world):
    with changing(world) as work:
        no = add_attachment(work, b"<p>", "a.html")
        work.interactions.add(
            an_entry(50, "C", attachment_no=no, word_template_code="W", correspondence_type=EMAIL)
        )
        request_delivery(work, work.interactions.get(50))
        with pytest.raises(ContentError, match="no content"):
            Deliveries(work).preview(50)

    def templates(code):
        raise LookupError(f"nobody knows {code}")

    box = outbox(world, Post(), word_templates=templates)
    assert box.run().failed == 1
    assert seen(world, 50) == (FAILED, "content-invalid", ERROR)
    with world.read() as work:
        assert work.deliveries.get(50).text.endswith(
            "Word template W cannot be read: 'nobody knows W'"
        ) or ("nobody knows W" in work.deliveries.get(50).text)


@pytest.mark.rule("INT-083")
@pytest.mark.parametrize(
    ("answer", "state", "reason", "status"),
    [
        (accepted(), SENT, None, None),
        (refused("spam", "554 no"), FAILED, "spam", ERROR),
        (refused("unheard-of"), FAILED, "other", ERROR),
        (later("timed-out"), WAITING, "timed-out", REQUESTED),
        (NotHandedOverError("no route"), WAITING, "other", REQUESTED),
        (ConnectionError("lost"), UNKNOWN, "other", REQUESTED),
        (True, UNKNOWN, "other", REQUESTED),
    ],
)
def test_what_a_transport_answers_is_kept(world, answer, state, reason, status):
    (no,) = log(world)
    outbox(world, Post(answer)).run()
    assert seen(world, no) == (state, reason, status)
    with world.read() as work:
        settled_at = work.deliveries.get(no).settled_at
        assert settled_at == (None if state is WAITING else work.clock.now())


@pytest.mark.rule("INT-083")
def test_a_letter_is_a_file_and_never_the_body_of_a_mail(world):
    post = Post()
    for name in ("a.html", "a.pdf", "a.doc"):
        log(world, name=name, content=b"x", correspondence_type=LETTER)
    run = il.Outbox(world, transports={"letter": post}, user_id="W").run()
    assert (run.sent, run.failed) == (2, 1)
    assert [(each.channel, each.file_name, each.recipient) for each in post.sent] == [
        ("letter", "a.pdf", ""),
        ("letter", "a.doc", ""),
    ]


@pytest.mark.rule("INT-086")
def test_a_delivery_that_fails_takes_nothing_of_the_log_back(world):
    (no,) = log(world)
    with world.read() as work:
        before = work.interactions.get(no)
    outbox(world, Post(refused())).run()
    with world.read() as work:
        assert work.interactions.get(no) == attrs.evolve(before, delivery_status=ERROR)


@pytest.mark.rule("INT-041")
def test_a_mail_goes_to_the_alternative_address_if_that_has_one(world):
    post, address = (
        Post(),
        il.AlternativeAddress(contact_no="C", code="ALT", e_mail="alt@x.example"),
    )
    with changing(world) as work:
        work.contacts.put_address(address)
    log(world, contact_alt_address_code="ALT")
    outbox(world, post).run()
    with changing(world) as work:
        work.contacts.put_address(attrs.evolve(address, e_mail=""))
    log(world, contact_alt_address_code="ALT")
    outbox(world, post).run()
    assert [each.recipient for each in post.sent] == ["alt@x.example", "c@x.example"]


def block(work, no):
    add_company(work, e_mail="c@x.example", privacy_blocked=True)


def withhold_address(work, no):
    add_company(work, e_mail="")


@pytest.mark.rule("INT-082")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (block, "privacy-blocked"),
        (withhold_address, "address-gone"),
        (lambda work, no: il.LogEntryService(work).cancel(no), "canceled"),
        (lambda work, no: work.contacts.remove("C"), "contact-gone"),
        (
            lambda work, no: work.interactions.set([no], contact_alt_address_code="GONE"),
            "address-gone",
        ),
    ],
)
def test_what_must_not_be_sent_any_more_is_withheld_with_the_reason(world, change, reason):
    post = Post()
    (no,) = log(world)
    with changing(world) as work:
        change(work, no)
    box = outbox(world, post)
    assert box.run().withheld == 1
    assert seen(world, no) == (WITHHELD, reason, ERROR)
    assert [(each.state, each.reason, each.number) for each in box.figures()] == [
        (WITHHELD, reason, 1)
    ]
    assert not post.sent


@pytest.mark.parametrize(
    "address",
    [
        "a b@x.example",
        "a@x@y",
        "@x.example",
        "a@",
        "a,b@x.example",
        "<a@x.example>",
        "ä@x.example",
        "a@x..example",
        "a@x.example.",
        "a@stra\u00dfe.example",
        "a@x\u200dy.example",
        '"a b"@x.example',
        '"a\\"@x.example>"@y.example',
        "a@[127.0.0.1]",
        "a@x.example, b@x.example",
        "Anna <a@x.example>",
        "a@" + "x" * 64 + ".example",
        "a@x.example?bcc=b@x.example",
    ],
)
def test_an_address_that_is_none_fails_and_nothing_is_sent(world, address):
    post = Post()
    (no,) = log(world)
    with changing(world) as work:
        add_company(work, e_mail=address)
    outbox(world, post).run()
    assert seen(world, no) == (FAILED, "invalid", ERROR)
    assert not post.sent


def test_a_name_or_a_subject_with_a_line_break_fails_and_nothing_is_sent(world):
    class Directory:
        """A host may have anything in its records."""

        def __init__(self, contacts):
            self._contacts = contacts

        def __getattr__(self, name):
            return getattr(self._contacts, name)

        def find(self, no):
            contact = self._contacts.find(no)
            object.__setattr__(contact, "name", "a\nBcc: x@y.example")
            return contact

    post = Post()
    (no,) = log(world)
    with changing(world) as work:
        entry = work.interactions.get(no)
        work.__dict__["contacts"] = Directory(work.contacts)
        with pytest.raises(ContentError, match="has line breaks or control characters"):
            Deliveries(work).preview(no)
        attachment = work.attachments.get(entry.attachment_no)
        work.attachments.replace(attrs.evolve(attachment, name="../../etc/passwd"))
        work.interactions.set([no], attachment_no=attachment.no)
    outbox(world, post).run()
    assert seen(world, no) == (FAILED, "content-invalid", ERROR)
    assert not post.sent


HIDDEN = (
    "=?utf-8?q?Hi=0D=0ABcc:_evil=40x.example?=",
    "Hi =?iso-8859-1?B?SGkNCkJjYzogZXZpbEB4LmV4YW1wbGU=?=",
    "a=?x?Q?=0A?=b",
    "=?utf-8*en?q?=0D=0A=0D=0A<b>forged</b>",
)


@pytest.mark.parametrize("text", HIDDEN)
@pytest.mark.parametrize("field", ["name", "subject", "description", "e_mail"])
def test_what_mail_programs_decode_to_further_headers_is_not_sent(world, field, text):
    post = Post()
    if field in {"subject", "description"}:
        (no,) = log(world, **{field: text})
    else:
        (no,) = log(world)
        with changing(world) as work:
            value = text.replace(" ", "") + "@x.example" if field == "e_mail" else text
            add_company(work, **{"name": "C", "e_mail": "c@x.example", field: value})
    outbox(world, post).run()
    assert seen(world, no)[0] is FAILED
    assert not post.sent


@pytest.mark.parametrize("text", ["1+1=?", "=?", "=? utf-8 ?=", "really=?yes", "a?q?b"])
def test_a_text_that_only_looks_a_little_like_it_arrives_as_it_was_written(world, text):
    (no,) = log(world, subject=text)
    post = Post()
    outbox(world, post).run()
    mail = message_from_bytes(post.sent[0].as_e_mail("a@b.example").as_bytes(), policy=default)
    assert (seen(world, no)[0], mail["Subject"]) == (SENT, text)


def test_what_a_worker_only_had_beside_another_does_not_expire_before_its_own_first_attempt(
    world, clock
):
    """While nothing was reached over a weekend, only what was tried may be too late."""
    tried, *beside = log(world, n=3)
    outbox(world, Post(NotHandedOverError("down"))).run()
    clock.move(days=3)
    post = Post()
    run = outbox(world, post).run()
    assert (run.sent, run.failed, len(post.sent)) == (2, 1, 2)
    assert seen(world, tried)[1] == "expired"
    assert {seen(world, no)[0] for no in beside} == {SENT}


def test_what_was_begun_and_given_back_has_not_begun(world, clock):
    """A claim that is nearly over is given back, and its time counts from a later attempt."""

    class Slow(Post):
        def send(self, message):
            clock.move(minutes=14)
            return super().send(message)

    first, second = log(world, n=2)
    outbox(world, Slow(Exception("unknown")), within=timedelta(minutes=20)).run(limit=2)
    clock.move(hours=2)
    outbox(world, Post(), within=timedelta(minutes=20)).run()
    assert (seen(world, first)[0], seen(world, second)[0]) == (UNKNOWN, SENT)


@pytest.mark.parametrize("days", [-1, 0, 3_651, 3_000_000])
@pytest.mark.parametrize("name", ["pause", "within"])
def test_a_time_that_ends_nowhere_is_refused_before_anything_is_sent(world, name, days):
    with pytest.raises(il.FieldInvalidError, match=f"Outbox.{name}"):
        outbox(world, Post(), **{name: timedelta(days=days)})


def test_what_is_refused_for_now_is_tried_again_with_growing_pauses_and_an_end(world, clock):
    post = Post(*[later("other", "451 busy")] * 9)
    (no,) = log(world)
    box = outbox(world, post, attempts=3, pause=timedelta(minutes=1))
    pauses = []
    while seen(world, no)[0] is WAITING:
        assert box.run().later + box.run().later <= 1  # not again before its time
        pauses.append(len(post.sent))
        clock.move(minutes=1)
    assert Counter(pauses) == {1: 1, 2: 4, 3: 1}
    assert seen(world, no) == (FAILED, "other", ERROR)


def test_each_pause_is_four_times_as_long_as_the_one_before_up_to_a_bound(world, clock):
    post = Post(*[later()] * 11)
    (no,) = log(world)
    box, pauses = outbox(world, post, attempts=11, within=timedelta(days=400)), []
    while box.run().later:
        with world.read() as work:
            pauses.append(work.deliveries.get(no).not_before - clock.now())
        clock.move(minutes=pauses[-1] / timedelta(minutes=1))
    assert pauses == [timedelta(minutes=4 ** min(n, 8)) for n in range(10)]
    assert seen(world, no)[0] is FAILED


def test_an_outbox_that_is_told_nothing_tries_five_times_in_two_days(world):
    box = outbox(world, Post(later()))
    assert (box.attempts, box.pause, box.within, box.claim) == (
        5,
        timedelta(minutes=1),
        timedelta(days=2),
        timedelta(minutes=15),
    )
    assert "Store" not in repr(box)  # which may be told where it lies, and how it is opened
    for claim in (timedelta(minutes=1), timedelta(days=1)):
        assert outbox(world, Post(), claim=claim).claim == claim
    log(world)
    once = outbox(world, Post(later()), attempts=1).run()
    assert (once.failed, once.later) == (1, 0)


@pytest.mark.parametrize(
    ("script", "states", "received"),
    [
        ({"rcpt": ["451 4.7.1 greylisted", "451 4.7.1 greylisted"]}, [WAITING, WAITING, SENT], 1),
        ({"mail": ["421 4.3.2 too many"]}, [WAITING, SENT], 1),
        ({"rcpt": [DROP]}, [WAITING, SENT], 1),
        ({"data": ["450 4.2.0 busy"]}, [WAITING, SENT], 1),
        ({"data": ["550 5.1.1 nobody"]}, [FAILED, FAILED], 0),
        ({"data": [DROP]}, [UNKNOWN, UNKNOWN], 0),
        ({"data": ["451 taken all the same, and said otherwise"]}, [WAITING, SENT], 2),
    ],
)
def test_what_a_real_server_does_becomes_a_state_that_is_true(
    world, clock, script, states, received
):
    (no,) = log(world)
    mailbox = Mailbox(**{command: [*said] for command, said in script.items()})
    with serving(mailbox) as port:
        smtp = SmtpTransport("127.0.0.1", port, sender="a@b.example", security="none", timeout=5)
        for state in states:
            outbox(world, smtp).run()
            assert seen(world, no)[0] is state
            clock.move(minutes=20)
    assert len(mailbox.mails) == received


@pytest.mark.parametrize(("seconds", "sent"), [(0, 2), (1, 1)])
def test_a_message_is_not_sent_after_its_end_date(world, clock, seconds, sent):
    post = Post(later())
    (no,) = log(world)
    box = outbox(world, post, within=timedelta(hours=1))
    box.run()
    clock.move(hours=1, seconds=seconds)
    box.run()
    ended = (FAILED, "expired", ERROR) if seconds else (SENT, None, None)
    assert (seen(world, no), len(post.sent)) == (ended, sent)


def test_a_transport_that_cannot_begin_is_left_alone_for_the_rest_of_the_run(world):
    post, letters = Post(NotHandedOverError("no route")), Post()
    log(world, 5)
    log(world, name="a.pdf", correspondence_type=LETTER)
    box = il.Outbox(world, transports={"mail": post, "letter": letters}, user_id="W")
    run = box.run()
    assert (run.sent, run.later, dict(run.unreachable)) == (1, 1, {"mail": "no route"})
    with world.read() as work:
        attempts = [each.attempts for each in work.deliveries.page(states=[WAITING])]
    assert sorted(attempts) == [0, 0, 0, 0, 1]  # what was not tried lost no attempt


def test_what_has_no_transport_here_waits_for_a_worker_that_has_one(world):
    (no,) = log(world, name="a.pdf", correspondence_type=LETTER)
    assert outbox(world, Post()).run() == il.delivery.OutboxRun()
    assert seen(world, no) == (WAITING, None, REQUESTED)
    assert outbox(world, Post()).pending() == 1


class Killed(BaseException):
    """Ends the worker where it stands."""


def test_a_worker_that_dies_while_it_sends_leaves_the_delivery_unknown_and_held(world, clock):
    post = Post(Killed())
    (no,) = log(world)
    box = outbox(world, post, claim=timedelta(minutes=15))
    with pytest.raises(Killed):
        box.run()
    assert box.run().sent == 0
    assert seen(world, no)[0] is DeliveryState.CLAIMED
    clock.move(minutes=15)
    assert box.run().sent == 0
    assert seen(world, no) == (UNKNOWN, "claim-ended", REQUESTED)
    assert len(post.sent) == 1


def test_a_transport_that_is_idempotent_is_given_the_message_again(world, clock):
    post = Post(Killed(), Killed(), Killed())
    post.idempotent = True
    (no,) = log(world)
    box = outbox(world, post, attempts=2)
    for _ in range(2):
        with pytest.raises(Killed):
            box.run()
        clock.move(minutes=15)
    box.run()
    assert seen(world, no)[0] is UNKNOWN  # not for ever
    assert {each.message_id for each in post.sent} == {post.sent[0].message_id}


@pytest.mark.every_store
def test_a_worker_of_another_channel_leaves_what_a_dead_one_had_begun(world, clock):
    """It cannot know that a transport may be given it again."""
    letters = Post(Killed())
    letters.idempotent = True
    (no,) = log(world, name="a.pdf", correspondence_type=LETTER)
    box = il.Outbox(world, transports={"letter": letters}, user_id="W")
    with pytest.raises(Killed):
        box.run()
    clock.move(minutes=15)
    outbox(world, Post()).run()
    assert seen(world, no)[0] is DeliveryState.CLAIMED
    assert box.run().sent == 1


@pytest.mark.parametrize("act", ["retry", "give_up", "record_receipt"])
def test_a_person_settles_what_a_dead_worker_had_begun_when_its_claim_has_run_out(
    world, clock, act
):
    post, moment = Post(Killed()), datetime(2026, 1, 27, tzinfo=UTC)
    (no,) = log(world)
    box = outbox(world, post)
    with pytest.raises(Killed):
        box.run()
    told = (post.sent[0].message_id, DeliveryEvent.DELIVERED, moment)
    given = told if act == "record_receipt" else (no,)
    with pytest.raises(il.StateError, match="is claimed"):
        getattr(box, act)(*given)
    clock.move(minutes=15)
    getattr(box, act)(*given)
    with world.read() as work:
        delivery = work.deliveries.get(no)
        assert list(check_integrity(work)) == []
    assert (delivery.claimed_by, delivery.claimed_until, delivery.begun_at) == (None,) * 3
    assert box.run().sent == (act == "retry")


def test_an_outcome_is_written_only_where_the_claim_is_still_ones_own(world, clock):
    class Slow(Post):
        def send(self, message):
            clock.move(minutes=20)
            il.Outbox(world, transports={"mail": other}, user_id="OTHER").run()
            return super().send(message)

    slow, other = Slow(), Post()
    (no,) = log(world)
    assert outbox(world, slow).run().sent == 0
    assert seen(world, no)[0] is UNKNOWN
    assert not other.sent


def test_a_worker_that_is_late_gives_back_what_it_has_not_begun(world, clock):
    class Slow(Post):
        def send(self, message):
            clock.move(minutes=11)
            return super().send(message)

    post = Slow()
    log(world, 3)
    assert outbox(world, post).run().sent == 3
    assert Counter(each.entry_no for each in post.sent).most_common(1)[0][1] == 1


@pytest.mark.parametrize(("minutes", "left"), [(9, [15, 6, 15]), (10, [15, 15, 15])])
def test_nothing_is_begun_in_the_last_third_of_a_claim(world, clock, minutes, left):
    class Slow(Post):
        def send(self, message):
            with world.read() as work:
                self.left.append(work.deliveries.get(message.entry_no).claimed_until - clock.now())
            clock.move(minutes=minutes)
            return super().send(message)

    post = Slow()
    post.left = []
    log(world, 3)
    assert outbox(world, post).run().sent == 3
    assert post.left == [timedelta(minutes=each) for each in left]


def test_a_run_sends_all_that_is_due_however_few_are_claimed_at_once(world, monkeypatch):
    monkeypatch.setattr(outbox_of_library, "CLAIMED_AT_ONCE", 1)
    log(world, 3)
    assert outbox(world, Post()).run().sent == 3


def test_an_entry_that_is_deleted_while_it_is_sent_takes_its_delivery_along(world):
    (no,) = log(world)

    class Deleting(Post):
        def send(self, message):
            with changing(world) as work:
                il.LogEntryService(work).cancel(no)
                il.LogEntryService(work).delete_canceled()
            return super().send(message)

    assert outbox(world, Deleting()).run().sent == 0
    with world.read() as work:
        assert work.deliveries.all() == []


def test_content_that_is_deleted_while_it_is_sent_is_kept_as_it_was_sent(world):
    class Deleting(Post):
        def send(self, message):
            with changing(world) as work:
                work.interactions.set([no], attachment_no=None)
                work.attachments.remove(message.attachment_no)
            return super().send(message)

    (no,) = log(world, name="a.pdf", content=b"plain")
    assert outbox(world, Deleting()).run().sent == 1
    with world.read() as work:
        kept = work.deliveries.get(no).attachment_no
        with il.AttachmentService(work).open(kept) as content:
            assert content.read() == b"plain"


def test_a_person_who_is_erased_while_a_message_is_sent_stays_erased(world):
    class Erasing(Post):
        def send(self, message):
            with changing(world) as work:
                il.Privacy(work).erase("C", reason="asked for")
            return accepted("P-1")

    (no,) = log(world)
    outbox(world, Erasing()).run()
    with world.read() as work:
        delivery = work.deliveries.get(no)
    assert delivery.state is SENT
    assert (delivery.recipient, delivery.provider_id, delivery.attachment_no) == ("", "", None)
    moment, bounced = datetime(2026, 1, 27, tzinfo=UTC), DeliveryEvent.BOUNCED
    assert outbox(world, Post()).record_receipt(delivery.message_id, bounced, moment, text="C gone")
    with world.read() as work:
        assert [each.text for each in Deliveries(work).receipts(no)] == [""]


TIMES = ("before the claim", "between claim and turn")


def erase(work, no):
    il.Privacy(work).erase("C", reason="asked for")


def take_back(work, no):
    il.Consents(work).record("C", given=False)


def suppress(work, no):
    il.Consents(work).suppress("C@x.example", "mail")


def forget_the_purpose(work, no):
    work.records(il.privacy.Purpose).remove("NEWS")


@pytest.mark.parametrize(
    "suppressed", ["+39 333 1", "+39 444", "C@x.example", "b@x.example", "e@x.example"]
)
def test_on_a_channel_of_the_application_nothing_goes_to_who_has_a_suppressed_address(
    world, suppressed
):
    """Its transport alone knows which of the addresses and numbers it uses."""
    with changing(world) as work:
        il.Consents(work).put_purpose(il.privacy.Purpose(code="NEWS", needs="opt-out"))
        work.templates.set("T1", purpose_code="NEWS")
        add_company(work, e_mail="c@x.example; Eva <e@x.example>", mobile_phone_no="+39333-1")
        work.contacts.put_address(
            il.AlternativeAddress(contact_no="C", code="B", phone_no="+39444", e_mail="b@x.example")
        )
    with world.begin(user_id="TESTER") as work:
        service = il.InteractionService(work)
        draft = service.start(
            "C",
            interaction_template_code="T1",
            attachment_no=add_attachment(work, b"x", "x.txt"),
            contact_alt_address_code="B",
        )
        no = service.finish(draft).entry_no
        request_delivery(work, work.interactions.get(no), channel="sms")
    with changing(world) as work:
        il.Consents(work).suppress(suppressed, "sms")
        il.Consents(work).suppress("d@x.example", "sms")
    post = Post()
    box = il.Outbox(world, transports={"sms": post}, user_id="WORKER")
    box.run()
    assert seen(world, no)[:2] == (WITHHELD, "suppressed")
    with changing(world) as work:
        il.Consents(work).release(suppressed, "sms")
    box.retry(no)
    box.run()
    assert len(post.sent) == 1


@pytest.mark.every_store
@pytest.mark.parametrize("moment", TIMES)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (block, "privacy-blocked"),
        (withhold_address, "address-gone"),
        (lambda work, no: il.LogEntryService(work).cancel(no), "canceled"),
        (lambda work, no: work.contacts.remove("C"), "contact-gone"),
        (erase, "contact-gone"),
        (take_back, "no-consent"),
        (suppress, "suppressed"),
        (forget_the_purpose, "no-consent"),
    ],
)
def test_each_message_is_looked_at_again_when_its_turn_has_come(world, moment, change, reason):
    with changing(world) as work:
        il.Consents(work).put_purpose(il.privacy.Purpose(code="NEWS", needs="opt-out"))
        work.templates.set("T1", purpose_code="NEWS")
    first, second = log(world, 2)

    class Changing(Post):
        def send(self, message):
            with changing(world) as work:
                change(work, second)
            return super().send(message)

    post = Changing() if moment == TIMES[1] else Post()
    if moment == TIMES[0]:
        with changing(world) as work:
            change(work, second)
            if reason == "canceled":
                change(work, first)
    run = outbox(world, post).run()
    assert (run.withheld, len(post.sent)) == ((1, 1) if moment == TIMES[1] else (2, 0))
    assert seen(world, second)[:2] == (WITHHELD, reason)
    counted = {each.reason: each.number for each in outbox(world, post).figures()}
    assert counted == ({None: 1, reason: 1} if moment == TIMES[1] else {reason: 2})


def test_sent_content_goes_with_its_entry(world):
    (no,) = log(world)
    outbox(world, Post()).run()
    with changing(world) as work:
        content = work.deliveries.get(no).attachment_no
        il.LogEntryService(work).cancel(no)
        il.LogEntryService(work).delete_canceled()
        assert work.attachments.find(content) is None
        assert list(check_integrity(work)) == []


def test_a_person_retries_what_is_held_and_gives_up_what_is_not_to_be_sent(world):
    first, second = log(world, 2)
    box = outbox(world, Post(OSError(), OSError()))
    box.run()
    with pytest.raises(il.NotFoundError):
        box.retry(first, 99)
    assert seen(world, first)[0] is UNKNOWN
    box.retry(first)
    box.give_up(second, text="has it already")
    assert seen(world, second) == (FAILED, "given-up", ERROR)
    assert box.run().sent == 1
    for refused_call in (box.retry, box.give_up):
        with pytest.raises(il.StateError, match="is sent"):
            refused_call(first)


def test_what_waits_for_another_attempt_is_sent_at_once_when_a_person_says_so(world, clock):
    (no,) = log(world)
    post = Post(later(), later())
    box = outbox(world, post)
    box.run()
    clock.move(days=-1)  # the clock was wrong
    assert box.run().sent == 0
    box.retry(no)
    assert (box.run().later, box.run().later) == (1, 0)
    box.retry(no)
    assert box.run().sent == 1


def test_a_receipt_is_recorded_once_and_proves_that_an_unknown_delivery_was_sent(world):
    first, second = log(world, 2)
    box, moment = outbox(world, Post(OSError())), datetime(2026, 1, 27, tzinfo=UTC)
    box.run()
    with world.read() as work:
        ids = {each.entry_no: each.message_id for each in work.deliveries.all()}
    bounced = DeliveryEvent.BOUNCED
    assert box.record_receipt(f"<{ids[first]}@cronus.example>", bounced, moment, text="no such")
    assert not box.record_receipt(ids[first], bounced, moment)
    assert box.record_receipt(ids[first], DeliveryEvent.UNSUBSCRIBED, moment)
    assert seen(world, first) == (SENT, None, None)
    with world.read() as work:
        events = [each.event for each in Deliveries(work).receipts(first)]
    assert events == [bounced, DeliveryEvent.UNSUBSCRIBED]
    for unknown in ("", "x", "x.1", f"{ids[second]}9", f"x.{second}", "x." + "9" * 30):
        with pytest.raises(il.NotFoundError):
            box.record_receipt(unknown, bounced, moment)
    with pytest.raises(il.FieldInvalidError):
        box.record_receipt(ids[second], "bounced", moment)
    with pytest.raises(il.FieldInvalidError):
        box.record_receipt(ids[second], bounced, moment.replace(tzinfo=None))


@pytest.mark.parametrize("answer", [later(), TimeoutError("gone")])
def test_a_receipt_of_what_waits_for_another_attempt_proves_that_it_was_sent(world, answer):
    (no,), post = log(world), Post(answer)
    box = outbox(world, post)
    box.run()
    box.retry(no)
    moment = datetime(2026, 1, 27, tzinfo=UTC)
    assert box.record_receipt(post.sent[0].message_id, DeliveryEvent.DELIVERED, moment)
    assert seen(world, no) == (SENT, None, None)
    assert (box.run().sent, len(post.sent)) == (0, 1)
    with world.read() as work:
        assert work.deliveries.get(no).settled_at == work.clock.now()
        assert list(check_integrity(work)) == []


def test_a_receipt_that_comes_late_proves_that_what_was_given_up_or_held_was_sent(world):
    nos, post = log(world, 3), Post(TimeoutError("gone"), TimeoutError("gone"), later())
    box = outbox(world, post, attempts=5)
    box.run()
    given_up, held, expired = nos
    box.give_up(given_up)
    box.retry(held)
    with changing(world) as work:
        work.contacts.set("C", privacy_blocked=True)
    assert box.run().withheld == 1
    with changing(world) as work:
        work.contacts.set("C", privacy_blocked=False)
    world._clock.move(days=3)
    box.run()
    assert [seen(world, no)[1] for no in nos] == ["given-up", "privacy-blocked", "expired"]
    for no, message in zip(nos, post.sent, strict=True):
        assert box.record_receipt(
            message.message_id,
            DeliveryEvent.DELIVERED,
            # another zone, and more than is kept
            datetime(2026, 1, 27, 5, tzinfo=timezone(timedelta(hours=5))),
            text="x" * 501,
        )
        assert seen(world, no) == (SENT, None, None)
    with world.read() as work:
        (receipt,) = Deliveries(work).receipts(expired)
        assert receipt.happened_at == datetime(2026, 1, 27, tzinfo=UTC)
        assert receipt.text == "x" * 500
        assert list(check_integrity(work)) == []


def ask_again(world, box, no):
    box.retry(no)


def ask_again_in_vain(world, box, no):
    box.retry(no)
    with changing(world) as work:
        work.contacts.set("C", privacy_blocked=True)
    assert box.run().withheld == 1


def break_content(world, box, no):
    box.retry(no)
    with changing(world) as work:
        work.interactions.set([no], subject="=?utf-8?q?x?=")
    assert box.run().failed == 1


def give_up(world, box, no):
    box.retry(no)
    box.give_up(no)


@pytest.mark.parametrize("kind", ["mail", "letter"])
@pytest.mark.parametrize("end", ["dies", "raises", "is refused for the last time"])
@pytest.mark.parametrize("since", [None, ask_again, ask_again_in_vain, break_content, give_up])
def test_a_receipt_proves_that_it_was_sent_whatever_was_known_of_the_attempt(
    world, clock, kind, end, since
):
    """Neither a letter nor a mail whose worker died has a recipient that says so."""
    name, how = {"mail": ("a.html", EMAIL), "letter": ("a.pdf", LETTER)}[kind]
    (no,) = log(world, name=name, content=b"x", correspondence_type=how)
    ends = {"dies": Killed(), "raises": OSError("lost")}
    post = Post(ends.get(end, later()))
    box = il.Outbox(world, transports={kind: post}, user_id="W", attempts=1)
    with nullcontext() if end != "dies" else pytest.raises(Killed):
        box.run()
    clock.move(minutes=15)
    box.run()
    if since is not None:
        since(world, box, no)
    moment = datetime(2026, 1, 27, tzinfo=UTC)
    assert box.record_receipt(post.sent[0].message_id, DeliveryEvent.DELIVERED, moment)
    assert seen(world, no) == (SENT, None, None)
    assert (box.run().sent, len(post.sent)) == (0, 1)


def test_what_is_asked_for_again_has_all_its_time_before_it(world, clock):
    post = Post(later(), later(), later())
    (no,) = log(world)
    box = outbox(world, post, within=timedelta(hours=1))
    box.run()
    clock.move(hours=2)
    box.run()
    assert seen(world, no) == (FAILED, "expired", ERROR)
    for _ in range(2):
        box.retry(no)
        assert box.run().later == 1
        clock.move(minutes=50)
    assert box.run().sent == 1


def test_what_failed_before_it_was_handed_over_has_no_receipt(world):
    (no,) = log(world, name="mail.html", content=b"<p>Dear {{ contact.name }}")
    with changing(world) as work:
        work.contacts.set("C", e_mail="none")
        message_id = work.deliveries.get(no).message_id
    assert outbox(world, Post()).run().failed == 1
    with pytest.raises(il.StateError, match="not sent"):
        outbox(world, Post()).record_receipt(
            message_id, DeliveryEvent.DELIVERED, datetime(2026, 1, 27, tzinfo=UTC)
        )


def test_nothing_that_waits_has_a_receipt(world):
    (no,) = log(world)
    with world.read() as work:
        message_id = work.deliveries.get(no).message_id
    with pytest.raises(il.StateError, match="not sent"):
        outbox(world, Post()).record_receipt(
            message_id, DeliveryEvent.DELIVERED, datetime(2026, 1, 27, tzinfo=UTC)
        )


@pytest.mark.rule("INT-088")
def test_what_is_sent_again_has_a_delivery_of_its_own(world):
    post = Post()
    (no,) = log(world)
    outbox(world, post).run()
    with changing(world) as work:
        (again,) = il.LogEntryService(work).resend(no)
    outbox(world, post).run()
    assert [each.entry_no for each in post.sent] == [no, again.entry_no]
    assert len({each.message_id for each in post.sent}) == 2


def test_what_is_postponed_asks_for_no_delivery_before_it_is_finished(world):
    """It could not be finished with one afterwards."""
    with changing(world) as work:
        service, no = il.InteractionService(work), add_attachment(work)
        draft = service.start("C", interaction_template_code="T1", attachment_no=no)
        entry = service.postpone(draft)
        with pytest.raises(il.StateError, match="is postponed"):
            request_delivery(work, entry)
        assert work.interactions.get(entry.entry_no).delivery_status is None
        service.finish(service.resume(entry.entry_no), deliver=True)
        assert [each.entry_no for each in work.deliveries.all()] == [entry.entry_no]


def test_an_application_delivers_over_a_channel_of_its_own(world):
    post = Post()
    with changing(world) as work:
        no = add_attachment(work, b"Hello {{ contact.name }}", "note.txt")
        work.interactions.add(an_entry(60, "C", attachment_no=no))
        request_delivery(work, work.interactions.get(60), channel="sms")
        work.interactions.add(an_entry(61, "C", attachment_no=no))
        with pytest.raises(il.FieldInvalidError):
            request_delivery(work, work.interactions.get(61), channel="S M S")
    assert il.Outbox(world, transports={"sms": post}, user_id="W").run().sent == 1
    assert post.sent[0].channel == "sms"


def test_a_run_sends_as_many_as_it_is_told_and_says_how_far_it_is(world):
    post, told = Post(), []
    log(world, 45)
    box = outbox(world, post)
    assert box.run(30, on_progress=told.append).sent == 30
    assert [each.sent for each in told] == list(range(1, 31))
    assert box.run().sent == 15
    for wrong in (0, -1, True):
        with pytest.raises(il.UsageError):
            box.run(wrong)
    too_short, too_long = timedelta(seconds=59), timedelta(days=1, seconds=1)
    wrong_claims = [{"claim": each} for each in (5, too_short, too_long)]
    for wrong in ({"attempts": 0}, {"pause": timedelta(0)}, *wrong_claims):
        with pytest.raises((il.FieldInvalidError, il.UsageError)):
            outbox(world, post, **wrong)


def test_an_outbox_names_channels_and_a_store_that_has_transactions():
    with pytest.raises(il.UsageError, match=r"owns its transactions.*HostStore"):
        il.Outbox(il.HostStore(), transports={}, user_id="W")
    with pytest.raises(il.FieldInvalidError, match="small letters"):
        il.Outbox(il.MemoryStore(), transports={"Mail": Post()}, user_id="W")
    for wrong, right in (("email", "mail"), ("e-mail", "mail"), ("hard-copy", "letter")):
        with pytest.raises(il.FieldInvalidError, match=f"its channel is {right}"):
            il.Outbox(il.MemoryStore(), transports={wrong: Post()}, user_id="W")
    with pytest.raises(il.UsageError, match="the transport of mail has no method send"):
        il.Outbox(il.MemoryStore(), transports={"mail": il.MemoryStore()}, user_id="W")


def test_what_another_program_says_is_stored_readable_and_short(world):
    (no,) = log(world)
    outbox(
        world, Post(Answer(accepted().state, None, "a\x00b\n" + "x" * 900, "\x1b" + "y" * 900))
    ).run()
    with world.read() as work:
        delivery = work.deliveries.get(no)
    assert delivery.text.startswith("a b xxx")
    assert (len(delivery.text), len(delivery.provider_id)) == (500, 250)


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        (lambda: accepted(4711), SENT, "4711"),
        (lambda: accepted(None), SENT, ""),
        (lambda: refused("bounced", None), FAILED, ""),
        (lambda: refused("bounced", ValueError("no such box")), FAILED, "no such box"),
        (lambda: later("other", 421), WAITING, "421"),
        (lambda: Answer("sent"), UNKNOWN, "FieldInvalidError"),
        (lambda: Answer(DeliveryState.CLAIMED), UNKNOWN, "FieldInvalidError"),
        (lambda: Answer(WITHHELD), UNKNOWN, "FieldInvalidError"),
    ],
)
def test_whatever_a_transport_answers_is_stored_and_the_next_is_sent(world, answer, state, told):
    class Provider:
        sent = 0

        def send(self, message):
            self.sent += 1
            return answer()

        def close(self):
            raise OSError("lost")

    provider, post = Provider(), Post()
    nos = log(world, 3)
    il.Outbox(world, transports={"mail": provider, "letter": post}, user_id="W").run()
    with world.read() as work:
        found = [work.deliveries.get(no) for no in nos]
    assert {(each.state, each.claimed_by) for each in found} == {(state, None)}
    assert all(told in each.provider_id + each.text for each in found)
    assert (provider.sent, post.closed) == (3, 1)


@pytest.mark.parametrize(("kind", "state"), [(Exception, UNKNOWN), (NotHandedOverError, WAITING)])
def test_an_error_that_cannot_say_what_it_is_leaves_the_others_as_they_would_be(world, kind, state):
    class Mute(kind):
        def __str__(self):
            raise RuntimeError("no text")

    nos, post = log(world, 2), Post(Mute())
    run = outbox(world, post).run()
    assert (seen(world, nos[0])[0], seen(world, nos[1])[0]) == (
        state,
        SENT if state is UNKNOWN else WAITING,
    )
    assert run.unreachable == ({} if state is UNKNOWN else {"mail": "it cannot say what"})


def test_a_refused_interaction_asks_for_no_delivery(world):
    with changing(world) as work:
        service = il.InteractionService(work)
        draft = service.start("C", interaction_template_code="T1")
        with pytest.raises(il.CheckFailedError):
            service.finish(draft, deliver=True)
        assert work.deliveries.all() == []
        service.finish(service.change(draft, attachment_no=add_attachment(work)))
        assert work.deliveries.all() == []


@pytest.mark.rule("SEG-103")
def test_a_logged_segment_asks_for_the_delivery_of_its_lines(world):
    with changing(world) as work:
        segments = il.SegmentService(work)
        for no in ("S1", "S2"):
            segments.create("Letter", no=no, interaction_template_code="T1", salesperson_code="SP1")
            for _ in range(3):
                segments.add_line(no, "C")
        content = add_attachment(work, b"<p>", "a.html")
        work.segments.set_lines("S1", [1, 10_000, 20_000, 30_000], attachment_no=content)
        work.segments.set_lines("S1", [20_000], correspondence_type=None)
        first = il.SegmentLogger(work).log("S1", deliver=True)
        second = il.SegmentLogger(work).log("S2")
        assert [each.number for each in Deliveries(work).figures(first.entry_no)] == [2]
        assert Deliveries(work).figures(second.entry_no) == []
    assert outbox(world, Post()).run().sent == 2


def test_a_worker_that_dies_leaves_only_the_message_unknown_whose_turn_it_was(world, clock):
    post = Post(accepted(), Killed())
    numbers = log(world, 5)
    box = outbox(world, post)
    with pytest.raises(Killed):
        box.run()
    clock.move(minutes=15)
    assert box.run().sent == 3
    states = [seen(world, no)[0] for no in numbers]
    assert Counter(states) == {SENT: 4, UNKNOWN: 1}
    assert len({each.entry_no for each in post.sent}) == len(post.sent) == 5


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt()])
def test_a_run_that_its_caller_ends_leaves_nothing_begun(world, error):
    post, nos = Post(), log(world, 12)

    def end(run):
        if run.sent == 3:
            raise error

    with pytest.raises(type(error)):
        outbox(world, post).run(on_progress=end)
    assert [seen(world, no)[0] for no in nos] == [SENT] * 3 + [WAITING] * 9
    with world.read() as work:
        waiting = work.deliveries.get(nos[3])
    assert (waiting.attempts, waiting.begun_at, waiting.claimed_by) == (0, None, None)
    assert outbox(world, post).run().sent == 9
    assert sorted(each.entry_no for each in post.sent) == nos


def test_content_that_cannot_be_merged_here_waits_for_a_worker_that_can(world, monkeypatch):
    log(world, 3)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    content._compiled.cache_clear()
    content._environment.cache_clear()
    with pytest.raises(il.UsageError, match=r"interactionlog\[mail\]"):
        outbox(world, Post()).run()
    monkeypatch.undo()
    assert outbox(world, Post()).run().sent == 3


def test_an_error_of_an_idempotent_transport_is_tried_again(world, clock):
    post = Post(OSError("disk full"))
    post.idempotent = True
    log(world)
    assert outbox(world, post).run().later == 1
    clock.move(minutes=1)
    assert outbox(world, post).run().sent == 1


def add_mails(work, no, contact_nos, content=b"Dear {{ contact.name }}", **values):
    """Add a segment whose lines are mails with this content."""
    add_segment(work, no, [])
    for each in contact_nos:
        work.contacts.put(a_contact(each, e_mail=f"{each.lower()}@x.example"))
    values = {
        "correspondence_type": EMAIL,
        "attachment_no": add_attachment(work, content, "a.txt"),
    } | values
    lines = [a_line(n, each, no, **values) for n, each in enumerate(contact_nos, 1)]
    work.segments.add_lines(lines)


def test_each_batch_stores_its_deliveries(world):
    with changing(world) as work:
        add_mails(work, "S1", [f"CT{n}" for n in range(7)])
    logged = il.BatchRun(world, user_id="TESTER").log("S1", size=3, deliver=True)
    assert [each.number for each in outbox(world, Post()).figures(logged.entry_no)] == [7]
    assert outbox(world, Post()).run().sent == 7


def test_a_logging_that_is_refused_or_rolled_back_leaves_no_delivery(world):
    with changing(world) as work:
        add_mails(work, "S1", ["CT1"])
        work.rollback()
    with changing(world) as work:
        add_mails(work, "S1", ["CT1", "CT2"])
        work.contacts.put(a_contact("CT2", e_mail=""))
        with pytest.raises(il.CheckFailedError):
            il.SegmentLogger(work).log("S1", deliver=True)
        assert work.deliveries.all() == []


def test_a_plan_tries_the_content_of_every_line_and_logging_does_as_it_says(world):
    with changing(world) as work:
        add_mails(work, "S1", ["CT1", "CT2"])
        wrong = add_attachment(work, b"{{ contact.nmae }}", "b.txt")
        work.segments.set_lines("S1", [2], attachment_no=wrong)
        logger = il.SegmentLogger(work)
        assert logger.plan("S1").counts.refused == 0
        plan = logger.plan("S1", deliver=True)
        assert (plan.counts.refused, dict(plan.counts.reasons)) == (1, {"content-invalid": 1})
        with pytest.raises(il.CheckFailedError, match=f"attachment {wrong} cannot be merged"):
            logger.log("S1", plan=plan)
        lenient = il.LoggingPolicy(undeliverable=il.Treatment.LEAVE_OUT)
        logged = logger.log("S1", policy=lenient, deliver=True)
        assert logged.counts == {"log": 1, "leave-out": 1, "content-invalid": 1}
        assert [each.number for each in Deliveries(work).figures()] == [1]


@pytest.mark.every_store
@pytest.mark.rule("SEG-103")
def test_a_segment_is_logged_although_html_on_paper_fails_and_the_others_get_their_mail(world):
    with changing(world) as work:
        add_mails(work, "S1", ["CT1", "CT2"], attachment_no=add_attachment(work, b"<p>", "a.HTM"))
        work.segments.set_lines("S1", [2], correspondence_type=LETTER)
        plan = il.SegmentLogger(work).plan("S1", deliver=True)
        assert (plan.counts.logged, plan.refusal) == (2, None)
        logged = il.SegmentLogger(work).log("S1", plan=plan)
    post = Post()
    run = il.Outbox(world, transports={"mail": post, "letter": Post()}, user_id="WORKER").run()
    assert (run.sent, run.failed) == (1, 1)
    assert [message.recipient for message in post.sent] == ["ct1@x.example"]
    assert seen(world, logged.first_entry_no) == (SENT, None, None)
    assert seen(world, logged.last_entry_no) == (FAILED, "content-invalid", ERROR)


def test_a_preview_is_the_message_that_is_sent(world):
    post = Post()
    with changing(world) as work:
        add_mails(work, "S1", ["CT1"], subject="Spring")
        seen_before = il.SegmentLogger(work).preview("S1", 1)
        with pytest.raises(il.NotFoundError):
            il.SegmentLogger(work).preview("S1", 2)
        il.SegmentLogger(work).log("S1", deliver=True)
    outbox(world, post).run()
    own = {"entry_no": 1, "message_id": ""}
    assert attrs.evolve(seen_before, **own) == attrs.evolve(post.sent[0], **own)


def test_content_of_a_template_is_checked_when_it_is_stored(world):
    with changing(world) as work:
        wrong = add_attachment(work, b"{{ contact.nmae }}", "b.txt")
        with pytest.raises(ContentError, match=r"line 1: there is no field contact\.nmae"):
            il.TemplateService(work).set_content("T1", "DAN", wrong)
        assert work.template_languages.find("T1", "DAN") is None
        il.SegmentService(work).create("S", no="S1", interaction_template_code="T1")
        with pytest.raises(ContentError):
            il.SegmentLanguages(work).put("S1", "DAN", attachment_no=wrong)


def test_what_became_of_a_message_is_stored_when_the_next_one_cannot_be_looked_at(
    world, monkeypatch
):
    first, second, third = log(world, 3)

    def asked(work, delivery, facts):
        if delivery.entry_no == second:
            raise ConnectionError("the service of consents does not answer")
        return ""

    monkeypatch.setattr(outbox_of_library, "reason_to_withhold", asked)
    post, told = Post(accepted("P-1")), []
    with pytest.raises(ConnectionError, match="does not answer"):
        outbox(world, post).run(on_progress=told.append)
    assert [seen(world, no)[0] for no in (first, second, third)] == [SENT, WAITING, WAITING]
    assert [each.sent for each in told] == [1]
    monkeypatch.undo()
    assert outbox(world, post).run().sent == 2  # nobody waits for the end of a claim
    assert [each.entry_no for each in post.sent] == [first, second, third]


def test_what_cannot_be_looked_at_ends_its_run_and_keeps_no_other_from_the_next(
    world, clock, monkeypatch
):
    """Such as a contact that the table of the host has wrong: it was the first of every run."""
    wrong, *others = log(world, 3)
    looked_at = outbox_of_library.facts_of

    def facts_of(work, entry, *args):
        if entry.entry_no == wrong:
            raise il.StorageError("contact C cannot be read")
        return looked_at(work, entry, *args)

    monkeypatch.setattr(outbox_of_library, "facts_of", facts_of)
    post = Post()

    def run():
        clock.move(minutes=1)
        with pytest.raises(il.StorageError, match="contact C cannot be read"):
            outbox(world, post).run()
        with world.read() as work:
            waiting = work.deliveries.get(wrong)
        assert (waiting.state, waiting.attempts, waiting.begun_at) == (WAITING, 0, None)
        return [each.entry_no for each in post.sent]

    assert (run(), run()) == ([], others)
    clock.move(minutes=1)
    others += log(world)  # what is logged later waits for one run
    assert (run(), run()) == (others[:2], others)
    monkeypatch.undo()
    outbox(world, post).run()
    assert {seen(world, no)[0] for no in (wrong, *others)} == {SENT}


@pytest.mark.parametrize("given", [RuntimeError("no licence"), None, "text"])
def test_a_word_template_that_cannot_be_had_fails_its_delivery_and_no_other(world, given):
    (before,) = log(world)
    with changing(world) as work:
        work.interactions.add(an_entry(50, "C", word_template_code="W", correspondence_type=EMAIL))
        request_delivery(work, work.interactions.get(50))
    (after,) = log(world)

    def templates(code):
        if isinstance(given, Exception):
            raise given
        return given

    run = outbox(world, Post(), word_templates=templates).run()
    assert (run.sent, run.failed) == (2, 1)
    assert [seen(world, no)[0] for no in (before, 50, after)] == [SENT, FAILED, SENT]
    with world.read() as work:
        assert "Word template W" in work.deliveries.get(50).text


def test_an_address_that_is_too_long_as_the_network_writes_it_is_not_sent_to(world):
    post = Post()
    (no,) = log(world)
    with changing(world) as work:
        add_company(work, e_mail=f"a@{'中.' * 38}cn")
    outbox(world, post).run()
    assert (seen(world, no)[:2], post.sent) == ((FAILED, "invalid"), [])


def test_only_a_stored_entry_is_delivered_and_shows_that_it_was_requested(world):
    with changing(world) as work:
        work.interactions.add(an_entry(50, "C"))
        entry = work.interactions.get(50)
        with pytest.raises(il.NotFoundError, match="999"):
            request_delivery(work, attrs.evolve(entry, entry_no=999), channel="sms")
        assert work.deliveries.find(999) is None
        request_delivery(work, entry, channel="sms")
        with pytest.raises(il.DuplicateEntryError):
            request_delivery(work, entry, channel="sms")
        assert list(check_integrity(work)) == []
    assert seen(world, 50) == (WAITING, None, REQUESTED)
