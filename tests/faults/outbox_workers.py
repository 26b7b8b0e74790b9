"""
Processes that send what an outbox holds; as a program, ``kills`` or ``work``.

A process that is killed is a fork of this program, which has loaded everything: that takes
milliseconds, so that many kills can be tried.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from typing import Any

from workers import Place, open_store

import interactionlog as il
from interactionlog.delivery import Deliveries, SmtpTransport


class Deadly:
    """Hands mails to a server; kills its own process before or after one of them."""

    def __init__(self, port: int, before: int = 0, after: int = 0) -> None:
        self._smtp = SmtpTransport(
            "127.0.0.1", port, sender="info@cronus.example", security="none", timeout=60
        )
        self._before, self._after, self._count = before, after, 0

    def send(self, message: Any) -> Any:
        self._count += 1
        if self._count == self._before:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = self._smtp.send(message)
        if self._count == self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    def close(self) -> None:
        self._smtp.close()


def run(place: Place, hour: int, transport: Any) -> il.delivery.OutboxRun:
    """Send what is due at an hour of the test; every claim of the hour before has run out."""
    clock = il.FixedClock("2026-01-26T09:30")
    clock.move(hours=hour)
    with open_store(place, clock=clock) as store:
        return il.Outbox(store, transports={"mail": transport}, user_id="WORKER").run()


def load(place: Place) -> None:
    """Import everything once, and not in each fork."""
    with open_store(place) as store, store.read() as work:
        Deliveries(work).preview(work.deliveries.page(limit=1)[0].entry_no).as_e_mail("a@b.example")


def kills(place: Place, port: int, count: int, seed: int) -> None:
    """Kill so many workers, each while it sends, and let a last one end the work."""
    load(place)
    chance = random.Random(seed)
    for hour in range(1, count + 1):
        kind, turn, moment = hour % 3, chance.randint(1, 3), chance.uniform(0, 0.05)
        child = os.fork()
        if not child:
            run(place, hour, Deadly(port, *((0, 0), (turn, 0), (0, turn))[kind]))
            os._exit(0)
        if kind == 0:
            time.sleep(moment)  # any moment of its life
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    run(place, count + 1, Deadly(port))


def work(place: Place, port: int, count: int) -> None:
    """Let so many workers send what is due, each saying how much it was."""
    load(place)
    children = []
    for _ in range(count):
        child = os.fork()
        if not child:
            os.write(1, f"{run(place, 1, Deadly(port)).sent}\n".encode())
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    action, database, tenant, *numbers = sys.argv[1:]
    {"kills": kills, "work": work}[action]((database, tenant), *map(int, numbers))
