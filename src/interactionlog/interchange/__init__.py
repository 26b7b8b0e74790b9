"""Data in and out: files of other systems, full exports, pages."""

from __future__ import annotations

from interactionlog._names import lazily

__getattr__, __dir__ = lazily(__name__)
