"""The app."""

from __future__ import annotations

from django.apps import AppConfig


class InteractionLogConfig(AppConfig):
    """Interactions, segments and the log."""

    name = "interactionlog.contrib.django"
    label = "interactionlog"
    verbose_name = "Interaction log"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from interactionlog.contrib.django import checks  # noqa: F401, PLC0415
