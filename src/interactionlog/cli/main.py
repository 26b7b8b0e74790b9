"""The command: what becomes of its arguments, of its status and of an error."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence

from interactionlog.errors import CheckFailedError, InteractionLogError

MOST_SHOWN = 20
_ARGUMENT = re.compile(r"\b(\w+)=True\b")


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
        import rich  # noqa: F401, PLC0415  # the extra: click and this

        from interactionlog.cli.program import run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        message = f"{error.name} is missing: pip install 'interactionlog[cli]'"
        print(f"interactionlog: the command line needs an extra, {message}", file=sys.stderr)
        return 2
    try:
        status = run(argv)
        sys.stdout.flush()
    except SystemExit as completed:  # a shell asked what words are possible
        return int(completed.code or 0)
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the user of a command can do nothing with a traceback
        _tell(error)
        return 2
    return status


def _tell(error: Exception) -> None:
    from interactionlog.cli.console import visible  # noqa: PLC0415  # needs the extra

    for line in _lines_of(error):
        print(visible(line), file=sys.stderr)


def _as_option(argument: re.Match[str]) -> str:
    return "--" + argument[1].replace("_", "-")


def _lines_of(error: Exception) -> list[str]:
    from interactionlog.interchange import TablesRejectedError  # noqa: PLC0415  # dear, and rare

    if isinstance(error, CheckFailedError | TablesRejectedError):
        if isinstance(error, TablesRejectedError):
            subject, count = f"nothing was imported from {error.folder}", error.count
        else:
            subject, count = f"{error.subject}: nothing was done", sum(error.counts.values())
        problems = "1 problem" if count == 1 else f"{count} problems"
        shown = [f"  {problem}" for problem in error.problems[:MOST_SHOWN]]
        rest = [f"  and {count - MOST_SHOWN} more"] if count > MOST_SHOWN else []
        return [f"interactionlog: {subject}, {problems}", *shown, *rest]
    first = _ARGUMENT.sub(_as_option, next(iter(str(error).splitlines()), ""))
    driver = type(error).__module__.partition(".")[0] in {"sqlite3", "psycopg"}
    if isinstance(error, InteractionLogError | OSError) or driver:
        return [f"interactionlog: {first or type(error).__name__}"]
    return [f"interactionlog: a fault of the program, {type(error).__name__}: {first}"]
