"""Workers that are killed, and workers that share the work: every message is received 0 or 1 times."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

import interactionlog as il
from interactionlog.delivery import DeliveryState
from interactionlog.integrity import check_integrity
from interactionlog.testing import a_contact, a_line, add_segment
from smtp_server import Mailbox, serving
from stores import adapters, place_of

WORKERS = Path(__file__).with_name("outbox_workers.py")
PROFILE = settings.get_current_profile_name()
KILLS = {"deep": 500, "ci": 30}.get(PROFILE, 6)
SHARED = {"deep": 5_000, "ci": 200}.get(PROFILE, 120)

databases = pytest.mark.parametrize("store", adapters("sqlite", "postgresql"), indirect=True)


def request(store, count):
    """Log a segment of so many mails that are to be delivered."""
    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", [])
        content = il.AttachmentService(work).store(b"Dear {{ contact.name }}", name="a.txt")
        for n in range(count):
            work.contacts.put(a_contact(f"CT{n}", e_mail=f"ct{n}@x.example"))
        mail = {"correspondence_type": il.CorrespondenceType.EMAIL, "attachment_no": content.no}
        work.segments.add_lines([a_line(n + 1, f"CT{n}", "SM1", **mail) for n in range(count)])
        il.SegmentLogger(work).log("SM1", deliver=True)


def worker(*words, **options):
    return subprocess.Popen(
        [sys.executable, str(WORKERS), *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def received(mailbox):
    """Count what arrived, by message."""
    return Counter(mail["Message-ID"].partition("@")[0].strip("<") for mail in mailbox.mails)


@databases
def test_no_message_is_lost_or_doubled_however_often_a_worker_is_killed(store, tmp_path):
    count = KILLS * 3
    request(store, count)
    mailbox = Mailbox()
    with (
        serving(mailbox) as port,
        worker("kills", *place_of(store, tmp_path), port, KILLS, random.randrange(10**6)) as ran,
    ):
        pass
    assert ran.returncode == 0
    arrived = received(mailbox)
    with store.read() as work:
        deliveries = work.deliveries.all()
        assert list(check_integrity(work)) == []
    states = Counter(each.state for each in deliveries)
    assert states[DeliveryState.SENT] + states[DeliveryState.UNKNOWN] == len(deliveries) == count
    # each kill leaves at most one message of which nobody knows
    assert KILLS // 2 < states[DeliveryState.UNKNOWN] <= KILLS
    assert set(arrived.values()) == {1}
    for delivery in deliveries:
        if delivery.state is DeliveryState.SENT:
            assert arrived[delivery.message_id] == 1


@databases
def test_workers_share_the_work_and_send_nothing_twice(store, tmp_path):
    request(store, SHARED)
    mailbox = Mailbox()
    with serving(mailbox) as port, worker("work", *place_of(store, tmp_path), port, 4) as ran:
        shares = [int(line) for line in ran.stdout]
    assert len(shares) == 4
    assert sum(shares) == SHARED
    assert set(received(mailbox).values()) == {1}
    assert len(mailbox.mails) == SHARED
    assert min(shares) > SHARED / 4 / 4
    with store.read() as work:
        assert {each.state for each in work.deliveries.all()} == {DeliveryState.SENT}
