"""demo: from a workspace to a served release in one command, with a key nobody keeps."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph import assets
from casegraph.cli.console import Console
from casegraph.errors import Conflict, NotFound
from casegraph.release.build import build
from casegraph.release.minisign import SecretKey
from casegraph.release.preview import preview
from casegraph.release.publish import Decision, publish
from casegraph.web.running.listening import listening
from casegraph.web.server import serve
from casegraph.workspace import FILE, open_workspace, read_workspace, release_inputs

if TYPE_CHECKING:
    from casegraph.workspace import Workspace

_MARK = "this-is-a-casegraph-demo"
_LEFT_BEHIND = shutil.ignore_patterns("releases", "var", "private")


@click.command()
@click.option("--workspace", "source", default="belarus-2024", show_default=True,
              help="A demo workspace by name (belarus-2024, invented), or any folder.")  # fmt: skip
@click.option("--folder", type=click.Path(path_type=Path), default=Path("casegraph-demo"),
              show_default=True, help="Where the copy is made, built and served from.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True,
              help="The port to listen on.")  # fmt: skip
@click.option("--serve/--no-serve", "serving", default=True, help="Serve it when it is built.")
def demo(*, source: str, folder: Path, host: str, port: int, serving: bool) -> None:
    """Build, validate, release and serve a demonstration.

    One release is made for each day on which something was recorded, so that there is a
    history to look at.  They are signed with a key that is made for this and forgotten.
    """
    console = Console()
    if serving:
        with listening(host, port):
            pass  # it is free: better known before the build than after it
    _copy(_find(source), folder)
    workspace = open_workspace(folder, flags={"host": host, "port": port})
    with console.working("Building the releases"):
        for release_id in publish_history(workspace):
            console.note(f"Published {release_id}")
    if not serving:
        console.note(f"Next: casegraph --workspace {folder} serve")
        return

    def announce(address: str) -> None:
        console.note(f"Serving on {address} (Ctrl-C stops it)")

    serve(workspace.shelf.releases, workspace.settings, host, port, announce)


def publish_history(workspace: Workspace) -> list[str]:
    """Publish one release for each day of recording, oldest first; their ids."""
    reading = read_workspace(workspace)
    inputs = release_inputs(workspace, reading)
    days = sorted({finding.recorded for finding in reading.book.findings.values()})
    key = SecretKey.generate()
    published = []
    for day in days:
        build(inputs, on=day)
        preview(workspace.shelf)
        decision = Decision(by="demo", because="demonstration", on=day)
        published.append(publish(workspace.shelf, key=key, decision=decision))
    return published


def _find(source: str) -> Path:
    named = assets.root("data") / source
    for folder in (Path(source), named):
        if (folder / FILE).is_file():
            return folder
    raise NotFound(
        f"there is no workspace {source}",
        hint="Name belarus-2024, invented, or a folder with a casegraph.toml.",
    )


def _copy(source: Path, folder: Path) -> None:
    """A fresh copy; an older demo at the same place is replaced, anything else is not."""
    if source.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise Conflict(
            f"{folder} lies inside {source}, of which it is to be a copy",
            hint="Choose another place with --folder.",
        )
    if folder.exists():
        if not (folder / _MARK).exists():
            raise Conflict(
                f"{folder} exists and is no casegraph demo",
                hint="Choose another place with --folder.",
            )
        shutil.rmtree(folder)
    shutil.copytree(source, folder, ignore=_LEFT_BEHIND)
    (folder / _MARK).touch()
