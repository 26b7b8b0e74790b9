"""
For authors of adapters and of business rules; needs the extra ``testing``.

Builders give the shortest valid objects, contracts hold an adapter to its promises, and
`interactionlog.testing.strategies` generates entities for Hypothesis.
"""

from __future__ import annotations

from interactionlog._names import lazily
from interactionlog.testing import _extra  # noqa: F401  # before everything else

__getattr__, __dir__ = lazily(__name__)
