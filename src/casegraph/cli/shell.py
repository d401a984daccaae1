"""completion: the script that makes a shell complete casegraph's commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from casegraph.cli.main import cli


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    For bash: eval "$(casegraph completion bash)"
    """
    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(cli, {}, "casegraph", "_CASEGRAPH_COMPLETE").source())
