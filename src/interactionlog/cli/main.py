"""The command: what becomes of its arguments, of its status and of an error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

INTERRUPTED = 130
Opening = Callable[..., AbstractContextManager[Any]]
MOST_SHOWN = 20
_DRIVERS = {"sqlite3", "psycopg", "psycopg2", "django"}


def main(argv: Sequence[str] | None = None, opening: Opening | None = None) -> int:
    """
    Run the command and return its exit status.

    0 is done, 1 is a check that found something broken, 2 is an error, told on standard error, 130
    is an interruption.

    Args:
        argv: The arguments; those of the process if not given.
        opening: Opens the store of a host for a ``tenant``, in place of ``--db``.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed: what is said goes nowhere
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not every console shows every script
            stream.reconfigure(errors="replace")
    try:  # little is imported above, so that an interruption is caught here
        import rich  # noqa: F401, PLC0415  # the extra: click and this

        from interactionlog.cli.program import run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        message = f"{error.name} is missing: pip install 'interactionlog[cli]'"
        print(f"interactionlog: the command line needs an extra, {message}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while it was loaded
        return INTERRUPTED
    try:
        status = run(argv, opening)
        sys.stdout.flush()
    except SystemExit as completed:  # a shell asked what words are possible
        return int(completed.code or 0)
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the user of a command can do nothing with a traceback
        try:
            _tell(error, as_json="--json" in (sys.argv if argv is None else argv))
        except OSError:  # the output takes nothing more
            _tell(error, as_json=False)
        return 2
    return status


def _tell(error: Exception, *, as_json: bool) -> None:
    """Say what went wrong: lines on standard error, or one JSON document as any other result."""
    from interactionlog.cli.console import counted, print_json, visible, worded  # noqa: PLC0415  # the extra
    from interactionlog.errors import CheckFailedError, InteractionLogError  # noqa: PLC0415
    from interactionlog.interchange import TablesRejectedError  # noqa: PLC0415  # dear, and rare

    reason, code, found = worded(error), "usage", dict[str, object]()
    told, below = reason, list[str]()
    if isinstance(error, CheckFailedError | TablesRejectedError):
        if isinstance(error, CheckFailedError):
            subject, count = f"{error.subject}: nothing was done", sum(error.counts.values())
        else:
            subject, count = f"nothing was imported from {error.folder}", error.count
        found = {"count": count, "problems": error.problems}
        told = f"{subject}, {counted(count, 'problem')}"
        below = [f"  {problem}" for problem in error.problems[:MOST_SHOWN]]
        below += [f"  and {count - MOST_SHOWN} more"] if count > MOST_SHOWN else []
    elif not isinstance(error, InteractionLogError):
        driver = type(error).__module__.partition(".")[0] in _DRIVERS
        code = "system"
        if not (driver or isinstance(error, OSError)):
            code, reason = "fault", f"a fault of the program, {type(error).__name__}: {reason}"
        told = reason
    if as_json:
        print_json({"error": getattr(error, "code", None) or code, "reason": reason, **found})
        return
    for line in (f"interactionlog: {told}", *below):
        print(visible(line), file=sys.stderr)
