"""Deliveries: the outbox, what it sends, who sends it and what became of it."""

from __future__ import annotations

from interactionlog._names import lazily

__getattr__, __dir__ = lazily(__name__)
