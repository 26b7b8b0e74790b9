"""What a transport is asked, and what it answers."""

from __future__ import annotations

from typing import Protocol

import attrs

from interactionlog.delivery.delivery import DeliveryState
from interactionlog.delivery.message import Message
from interactionlog.errors import InteractionLogError

REASONS = (None, "invalid", "blocked", "bounced", "timed-out", "spam", "other")
"""Why a transport refuses a message; nothing where it does not."""


def _known(reason: str | None) -> str | None:
    return reason if reason in REASONS else "other"


@attrs.frozen
class Answer:
    """
    What a transport says of a message; `accepted`, `later` and `refused` make one.

    Attributes:
        state: Sent, failed, or requested again.
        reason: One of ``invalid``, ``blocked``, ``bounced``, ``timed-out``, ``spam``, ``other``;
            ``None`` when it was accepted.
        text: What was said, in words.
        provider_id: Name that the provider gave the message; ``""`` for none.
    """

    state: DeliveryState
    reason: str | None = attrs.field(default=None, converter=_known)
    text: str = ""
    provider_id: str = ""


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
