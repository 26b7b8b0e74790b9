"""
What adapters and hosts implement, and the types of what passes through it.

A port is a protocol: a class of a host needs its methods and no base class. The contracts of
`interactionlog.testing` hold an implementation to it.
"""

from __future__ import annotations

from interactionlog._names import lazily

__getattr__, __dir__ = lazily(__name__)
