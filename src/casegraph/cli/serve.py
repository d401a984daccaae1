"""serve: the current release over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from casegraph import settings as settings_table
from casegraph.cli.console import Console
from casegraph.errors import NotFound
from casegraph.release.inputs import Shelf
from casegraph.release.manifest import MANIFEST
from casegraph.web.server import serve as serve_releases
from casegraph.workspace import SALT, open_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.setting import Value
    from casegraph.settings import Settings


@click.command()
@click.option("--host", help="The address to listen on; this machine only by default.")
@click.option("--port", type=click.IntRange(0, 65_535),
              help="The port to listen on; 8000 by default.")  # fmt: skip
@click.pass_obj
def serve(root: Path, host: str | None, port: int | None) -> None:
    """Serve the current release: pages, /sparql, downloads.  Ctrl-C stops it.

    A folder that holds nothing but releases/ can be served as well: a public server needs
    neither sources nor the salt nor a key.
    """
    settings = _settings(root, {"host": host, "port": port})
    shelf = Shelf(root)
    release = shelf.current()
    if release is None:
        raise NotFound(
            f"nothing is published in {root} yet",
            hint="Run `casegraph build`, `casegraph preview`, `casegraph publish`, or copy the"
            " folder releases from where you did.",
        )

    if not (shelf.directory(release) / MANIFEST).is_file():
        raise NotFound(
            f"{shelf.releases / 'current'} names release {release}, which is not there",
            hint="Copy that release into the folder, or write the id of one that is there"
            " into the file.",
        )

    def announce(address: str) -> None:
        Console().note(f"Serving {release} on {address}")

    serve_releases(shelf.releases, settings, settings.host, settings.port, announce)


def _settings(root: Path, flags: dict[str, Value | None]) -> Settings:
    """The settings of a workspace, or those that lie beside a folder of releases."""
    file = root / settings_table.FILE_NAME
    if (root / SALT).exists():
        return open_workspace(root, flags=flags).settings
    return settings_table.read(file=file if file.is_file() else None, flags=flags)
