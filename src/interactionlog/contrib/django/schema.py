"""The library's migrations as Django runs them."""

from __future__ import annotations

from typing import Any

from django.db import migrations, router
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState

from interactionlog.adapters.sql.schema import dropping, statements
from interactionlog.contrib.django.models import MODELS


class LibraryStatements(Operation):
    """
    Runs the statements of one migration of the library through the schema editor.

    Args:
        version: Number of that migration.
    """

    reduces_to_sql = True

    def __init__(self, version: int) -> None:
        self.version = version
        self.reversible = version == 1

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Leave the state alone."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        dialect = schema_editor.connection.vendor
        self._run(app_label, schema_editor, lambda: statements(dialect, self.version))

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Delete the tables, with everything in them."""
        self._run(app_label, schema_editor, lambda: dropping(schema_editor.connection.vendor))

    def _run(self, app_label: str, schema_editor: Any, texts: Any) -> None:
        if router.allow_migrate(schema_editor.connection.alias, app_label):
            for statement in texts():
                schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Run migration {self.version:04} of interactionlog"


def library_migration(version: int) -> migrations.SeparateDatabaseAndState:
    """
    Return the operation of one migration of the library.

    The first one tells Django the models as this release has them: they are made from the
    description of the tables, and nobody writes them by hand.
    """
    states = map(ModelState.from_model, MODELS.values() if version == 1 else ())
    created = [
        migrations.CreateModel(each.name, [*each.fields.items()], each.options) for each in states
    ]
    return migrations.SeparateDatabaseAndState([LibraryStatements(version)], created)
