"""
Performs the commands of a page and puts what they print below them.

``python tests/docs/transcript.py docs/tutorial/on-the-command-line.md`` writes the page anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from functools import partial
from pathlib import Path
from unittest import mock

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.cli.main import main
from interactionlog.clock import FixedClock

FILE = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```console\n(\$ interactionlog .*?)^```$", re.MULTILINE | re.DOTALL)
NOW = "2026-03-02T09:30"


def performed(text: str, folder: Path) -> str:
    """Write the files of a page into a folder, perform its commands there, return the page."""
    for name, content in FILE.findall(text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    store = partial(SqliteStore, clock=FixedClock(NOW))
    with contextlib.chdir(folder), mock.patch("interactionlog.cli.console.SqliteStore", store):
        return BLOCK.sub(_perform, text)


def _perform(block: re.Match[str]) -> str:
    commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
    printed = "\n".join(f"{command}\n{_output(command[2:])}" for command in commands)
    return f"```console\n{printed}```"


def _output(command: str) -> str:
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        main(shlex.split(command)[1:])
    return told.getvalue()


if __name__ == "__main__":
    os.environ.pop("COLUMNS", None)
    for page in map(Path, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as folder:
            written = performed(page.read_text(encoding="utf-8"), Path(folder))
        page.write_text(written, encoding="utf-8")
