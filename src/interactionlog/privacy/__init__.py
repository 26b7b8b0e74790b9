"""Consent, and what a person may ask: what is known about me, and that it is erased."""

from __future__ import annotations

from interactionlog._names import lazily

__getattr__, __dir__ = lazily(__name__)
