"""
For authors of adapters and of business rules; needs the extra ``testing``.

Builders give the shortest valid objects, contracts hold an adapter to its promises, and
`interactionlog.testing.strategies` generates entities for Hypothesis.
"""

from __future__ import annotations

from interactionlog._names import lazily

try:
    import pytest
except ImportError as error:
    message = "interactionlog.testing needs its extra: pip install interactionlog[testing]"
    raise ImportError(message) from error

pytest.register_assert_rewrite("interactionlog.testing.contracts")  # for readable failures
__getattr__, __dir__ = lazily(__name__)
