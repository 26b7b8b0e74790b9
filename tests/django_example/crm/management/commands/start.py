"""Make the example project anew, with customers and templates, and serve it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from django_example.crm.sample import fill


class Command(BaseCommand):
    """``manage.py start``: everything that is needed to click through it."""

    help = "Make the example project anew, with customers and templates, and serve it."

    def add_arguments(self, parser):
        parser.add_argument("--port", default="8000")

    def handle(self, *args, port, **options):
        Path(settings.DATABASES["default"]["NAME"]).unlink(missing_ok=True)
        call_command("migrate", verbosity=0)
        fill()
        self.stdout.write(f"http://127.0.0.1:{port}/  user helena, password helena")
        call_command("runserver", port, use_reloader=False)
