"""Number series: drawing numbers such as ``SM00001``, setting series up, explaining gaps."""

from __future__ import annotations

from interactionlog._names import lazily

__getattr__, __dir__ = lazily(__name__)
