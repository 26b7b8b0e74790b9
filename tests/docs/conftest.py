"""What a page leaves in the process is taken away again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

if find_spec("django"):  # its settings are read once in a process
    import embedding.django_site  # noqa: F401


@pytest.fixture(autouse=True)
def _no_models_of_django_are_left() -> Iterator[None]:
    yield
    if "django.db" in sys.modules:
        from django.apps import apps
        from django.db import connections

        connections.close_all()
        apps.all_models.pop("erp", None)
        apps.clear_cache()
