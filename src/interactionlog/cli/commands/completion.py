"""Completion for shells."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from interactionlog.cli.console import print_json


@click.command
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def command(context: click.Context, shell: str, as_json: bool) -> None:
    """
    Print the script that completes commands and options in a shell.

    In bash: source <(interactionlog completion bash)
    """
    root, found = context.find_root().command, get_completion_class(shell)
    assert found is not None  # noqa: S101  # the choice names those that click has
    script = found(root, {}, "interactionlog", "_INTERACTIONLOG_COMPLETE").source()
    if as_json:
        print_json({"shell": shell, "script": script})
    else:
        print(script)
