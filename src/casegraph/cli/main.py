"""The command ``casegraph``: a group that loads a command only when it is called."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph.cli.console import Console
from casegraph.cli.exit_codes import INTERRUPTED, exit_code
from casegraph.errors import CasegraphError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "init": ("workspace", "Make a new workspace that is safe by default."),
    "source": ("source", "Attach texts to sources, list what is held."),
    "new": ("entries", "Print (or add) an entry for words of a source."),
    "check": ("workspace", "Check everything; show what each entry means."),
    "revise": ("revise", "Record why a published finding changes."),
    "build": ("release", "Build an unsigned candidate."),
    "preview": ("release", "List what would become public."),
    "publish": ("release", "Sign the candidate and make it current."),
    "takedown": ("release", "Withdraw a record from every release."),
    "verify": ("verify", "Verify a release folder or zip."),
    "diff": ("release", "Compare two releases."),
    "query": ("query", "Ask a release in SPARQL."),
    "explain": ("query", "Say why a triple is in a release."),
    "serve": ("serve", "Serve the current release over HTTP."),
    "export": ("export", "Write findings or a release in another format."),
    "key": ("key", "Make a signing key outside the workspace."),
    "demo": ("demo", "Build and serve the demonstration."),
    "completion": ("shell", "Print the completion script of a shell."),
}
"""Command by name: the module that holds it, and the line that ``--help`` shows."""


class LazyGroup(click.Group):
    """Knows its commands by name, so that ``--help`` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"casegraph.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in ``--help``, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - half of the time of a cold start

    return version("casegraph")


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        click.echo(f"casegraph {_version()}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-w", "--workspace", type=click.Path(path_type=Path, file_okay=False), default=Path(),
    envvar="CASEGRAPH_WORKSPACE", help="The workspace folder; the current one by default.",
)  # fmt: skip
@click.option("--version", is_flag=True, expose_value=False, is_eager=True,
              callback=_print_version, help="Print the version.")  # fmt: skip
@click.pass_context
def cli(ctx: click.Context, workspace: Path) -> None:
    """Turn documented findings into a verified public knowledge graph.

    A day's work: new, check, build, preview, publish, serve.
    """
    ctx.obj = workspace


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code of what happened."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line; its exit code.  Errors are printed on standard error."""
    console = Console(json="--json" in arguments)
    try:
        result = cli.main(args=list(arguments), prog_name="casegraph", standalone_mode=False)
    except click.exceptions.Abort:
        console.interrupted()
        return INTERRUPTED
    except KeyboardInterrupt:
        console.interrupted()
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CasegraphError as error:
        console.failed(error)
        return exit_code(error)
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python must not complain at exit either.
        sys.stdout = None
        return 0
    return result if isinstance(result, int) else 0
