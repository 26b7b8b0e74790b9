"""
Interactions, segments and the log inside a Django project; needs the extra ``django``.

``INSTALLED_APPS`` names it; `docs/how-to/join-django.md` begins there.
"""

from __future__ import annotations

from interactionlog._names import lazily

__getattr__, __dir__ = lazily(__name__)
