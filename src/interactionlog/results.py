"""
What services return, for annotations: nobody else makes these records and figures.
"""

from __future__ import annotations

from interactionlog._names import lazily

__getattr__, __dir__ = lazily(__name__)
