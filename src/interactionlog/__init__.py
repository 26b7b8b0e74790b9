"""
Log interactions with contacts, one by one or for whole segments.

Everything public stands in ``__init__.pyi`` and in the namespaces that it names; what does not may
change without notice. A name is loaded from its module when it is first used: importing the package
costs a process that only passes it on next to nothing.
"""

from __future__ import annotations

from interactionlog._names import lazily

__getattr__, __dir__ = lazily(__name__)
