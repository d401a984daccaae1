"""serve: the current release over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from casegraph.cli.console import Console
from casegraph.errors import NotFound
from casegraph.web.server import serve as serve_releases
from casegraph.workspace import open_workspace

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--host", help="The address to listen on; this machine only by default.")
@click.option("--port", type=int, help="The port to listen on; 8000 by default.")
@click.pass_obj
def serve(root: Path, host: str | None, port: int | None) -> None:
    """Serve the current release: pages, /sparql, downloads.  Ctrl-C stops it."""
    workspace = open_workspace(root, flags={"host": host, "port": port})
    if workspace.shelf.current() is None:
        raise NotFound(
            "nothing is published yet",
            hint="Run `casegraph build`, `casegraph preview`, `casegraph publish`.",
        )
    settings = workspace.settings
    Console().note(
        f"Serving {workspace.shelf.current()} on http://{settings.host}:{settings.port}/"
    )
    serve_releases(workspace.shelf.releases, settings, settings.host, settings.port)
