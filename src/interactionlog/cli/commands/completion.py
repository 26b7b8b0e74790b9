"""Completion for shells."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """
    Print the script that completes commands and options in a shell.

    In bash: source <(interactionlog completion bash)
    """
    root, found = context.find_root().command, get_completion_class(shell)
    assert found is not None  # noqa: S101  # the choice names those that click has
    print(found(root, {}, "interactionlog", "_INTERACTIONLOG_COMPLETE").source())
