"""The command: its arguments, and what becomes of an error."""

from __future__ import annotations

import argparse
import getpass
import io
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from interactionlog.cli import commands
from interactionlog.cli.commands import demo
from interactionlog.errors import CheckFailedError, InteractionLogError, UsageError
from interactionlog.interchange import TablesRejectedError

MOST_SHOWN = 20


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command and return its exit status.

    0 is done, 1 is a check that found something broken, 2 is an error, told on standard error, 130
    is an interruption.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not every console shows every script
            stream.reconfigure(errors="replace")
    try:
        arguments = _parser().parse_args(argv)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except (CheckFailedError, TablesRejectedError) as error:
        _tell_problems(error)
    except (InteractionLogError, OSError, sqlite3.Error) as error:
        if isinstance(error, BrokenPipeError):  # the reader of the output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        print(f"interactionlog: {error}", file=sys.stderr)
    except SystemExit as asked:  # --help
        return int(asked.code or 0)
    except KeyboardInterrupt:  # what was begun was rolled back
        return 130
    else:
        return status
    return 2


def _tell_problems(error: CheckFailedError | TablesRejectedError) -> None:
    if isinstance(error, TablesRejectedError):
        subject, count = f"nothing was imported from {error.folder}", error.count
    else:
        subject, count = f"{error.subject}: nothing was done", sum(error.counts.values())
    problems = "1 problem" if count == 1 else f"{count} problems"
    print(f"interactionlog: {subject}, {problems}", file=sys.stderr)
    for problem in error.problems[:MOST_SHOWN]:
        print(f"  {problem}", file=sys.stderr)
    if count > MOST_SHOWN:
        print(f"  and {count - MOST_SHOWN} more", file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    """Tells wrong arguments like every other error."""

    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("interactionlog").strip()
        raise UsageError(f"{command}: {message}" if command else message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="interactionlog",
        description="Log interactions with contacts, one by one or for whole segments.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)

    def verb(
        name: str, run: Callable[[argparse.Namespace], int], text: str, within: object = verbs
    ) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = within.add_parser(  # type: ignore[attr-defined]
            name, help=text, description=text
        )
        added.set_defaults(run=run)
        added.add_argument("--db", metavar="FILE", required=run is not demo, help="SQLite file")
        added.add_argument("--tenant", default="", help="tenant within the file")
        added.add_argument("--user", default=_system_user(), help="who works; need not be known")
        if run is not demo:
            added.add_argument("--json", action="store_true", help="print one JSON document")
        return added

    verb("demo", demo, "Log a small segment into a new file and show what can be seen.")
    taken = verb("import", commands.import_folder, "Import a folder of CSV tables.")
    taken.add_argument("folder", metavar="DIR", help="folder with contacts.csv and other tables")
    segment = verbs.add_parser("segment", help="List, show and log segments.")
    within = segment.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)
    verb("list", commands.list_segments, "List open and logged segments.", within)
    shown = verb("show", commands.show_segment, "Show a segment.", within)
    logged = verb("log", commands.log_segment, "Log a segment: once, and all of it.", within)
    logged.add_argument("--follow-up", action="store_true", help="create a follow-up segment")
    logged.add_argument("--dry-run", action="store_true", help="say what would be done")
    timeline = verb("timeline", commands.show_timeline, "Show the interactions of a contact.")
    postponed = verb("postponed", commands.list_postponed, "List postponed interactions.")
    stats = verb("stats", commands.show_statistics, "Count interactions, cost and minutes.")
    stats.add_argument("--by", choices=commands.SPLITS, default="template", help="what to split by")
    verb("check", commands.check, "Check the integrity of what is stored.")
    for each in (shown, logged):
        each.add_argument("no", metavar="NO", help="number of the segment")
    timeline.add_argument("contact", metavar="CONTACT", help="number of the contact")
    for each in (shown, timeline, postponed):
        each.add_argument("--limit", type=_positive, default=50, metavar="N", help="rows to show")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = f"must be a number above 0: {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # the system knows no name for it
        return "unknown"
