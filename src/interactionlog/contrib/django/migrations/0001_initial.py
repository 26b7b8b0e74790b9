"""The tables of schema version 1."""

from __future__ import annotations

from django.db import migrations

from interactionlog.contrib.django.schema import library_migration


class Migration(migrations.Migration):
    """Creates the tables."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [library_migration(1)]
