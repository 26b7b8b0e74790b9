"""The first import of `interactionlog.testing`: its extra, and readable failures of contracts."""

from __future__ import annotations

try:
    import pytest
except ImportError as error:
    message = "interactionlog.testing needs its extra: pip install interactionlog[testing]"
    raise ImportError(message) from error

pytest.register_assert_rewrite("interactionlog.testing.contracts")
