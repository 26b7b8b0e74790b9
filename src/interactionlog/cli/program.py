"""The program: finds the commands, and says what is wrong with the arguments."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules

import click

from interactionlog.cli import commands
from interactionlog.cli.console import Verbs
from interactionlog.cli.main import INTERRUPTED
from interactionlog.errors import UsageError


class Program(Verbs):
    """A group whose commands are the modules of `interactionlog.cli.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands."""
        return sorted(modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command and return it."""
        module = modules().get(cmd_name)
        if module is None:
            near = [] if ctx.resilient_parsing else get_close_matches(cmd_name, modules(), 1)
            if near:
                raise click.UsageError(f"No such command {cmd_name!r}. Did you mean {near[0]!r}?")
            return None
        found: click.Command = import_module(module).command
        found.name = cmd_name
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an interruption ends it with its status and nothing else."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # what was begun was rolled back
            raise click.exceptions.Exit(INTERRUPTED) from None


def modules() -> dict[str, str]:
    """Return the module of each command."""
    found = (module.name for module in iter_modules(commands.__path__))
    return {name.rstrip("_").replace("_", "-"): f"{commands.__name__}.{name}" for name in found}


_BEGIN = (
    "Try `demo`, or `import` a list. --db FILE, or db in interactionlog.toml, names the database."
)


@click.command(cls=Program, epilog=_BEGIN, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(package_name="interactionlog")
def program() -> None:
    """Log interactions with contacts, one by one or for whole segments."""


def run(arguments: Sequence[str] | None) -> int:
    """
    Run one command and return its status.

    Raises:
        UsageError: The arguments are wrong.
    """
    try:
        given = None if arguments is None else list(arguments)
        status = program.main(given, prog_name="interactionlog", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        raise UsageError(f"{_path(error)}give a command: see --help") from error
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        raise UsageError(f"{_path(error)}{' '.join(error.format_message().split())}") from error
    return status if isinstance(status, int) else 0


def _path(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path.removeprefix("interactionlog").strip() if context else ""
    return f"{path}: " if path else ""
