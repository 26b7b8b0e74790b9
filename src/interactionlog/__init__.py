"""
Log interactions with contacts, one by one or for whole segments.

Everything public is listed in ``__init__.pyi`` and in the namespaces that it names; what is not may
change without notice. A name is loaded from its module when it is first used: importing the package
costs a process that only passes it on next to nothing.
"""

from __future__ import annotations

from interactionlog._names import lazily

__version__ = "0.1.0"
__getattr__, __dir__ = lazily(__name__)
