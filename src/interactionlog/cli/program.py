"""The program: finds the commands, and says what is wrong with the arguments."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click
from click.shell_completion import get_completion_class

from interactionlog.cli.console import Noun, print_json
from interactionlog.cli.main import INTERRUPTED, Opening
from interactionlog.errors import UsageError

_COMMANDS = {
    "campaigns": "campaign",
    "contacts": "contact consent privacy",
    "deliveries": "deliver deliveries",
    "demo": "demo",
    "exchange": "import export report",
    "interactions": "interaction postponed stats template timeline",
    "numbers": "series",
    "segments": "logged segment",
    "store": "check schema seal verify",
}
MODULES = {name: module for module, names in _COMMANDS.items() for name in names.split()}
"""Where in `interactionlog.cli.commands` a command lies, so that one call imports no others."""


class Program(Noun):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted([*MODULES, *super().list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command and return it."""
        if cmd_name not in MODULES:
            found = super().get_command(ctx, cmd_name)
            near = get_close_matches(cmd_name, self.list_commands(ctx), 1)
            if found is None and near and not ctx.resilient_parsing:
                raise click.UsageError(f"No such command {cmd_name!r}. Did you mean {near[0]!r}?")
            return found
        module = import_module(f"interactionlog.cli.commands.{MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name + "_" * iskeyword(cmd_name))
        command.name = cmd_name
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an interruption ends it with its status and nothing else."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # what was begun was rolled back
            raise click.exceptions.Exit(INTERRUPTED) from None


_BEGIN = (
    "Try `demo`, or `import` a list. --db FILE, or db in interactionlog.toml, names the database."
)


@click.command(cls=Program, epilog=_BEGIN, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(package_name="interactionlog")
def program() -> None:
    """Log interactions with contacts, one by one or for whole segments."""


@program.command()
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def completion(shell: str, as_json: bool) -> None:
    """
    Print the script that completes commands and options in a shell.

    In bash: source <(interactionlog completion bash)
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101  # the choice names those that click has
    script = found(program, {}, "interactionlog", "_INTERACTIONLOG_COMPLETE").source()
    if as_json:
        print_json({"shell": shell, "script": script})
    else:
        print(script)


def run(arguments: Sequence[str] | None, opening: Opening | None) -> int:
    """
    Run one command and return its status.

    Raises:
        UsageError: The arguments are wrong.
    """
    try:
        given = None if arguments is None else list(arguments)
        how: dict[str, Any] = {"prog_name": "interactionlog", "standalone_mode": False}
        status = program.main(given, **how, obj=opening)
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
