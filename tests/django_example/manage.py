#!/usr/bin/env python
"""Run a command of the example project; ``manage.py start`` makes it anew and serves it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_example.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
