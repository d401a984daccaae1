"""The three servers on one dataset: casegraph as `casegraph serve`, and two peers."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from peers import MEMORY, MissingPeerError, Process, free_port, program, version_of

from tests.service.sites import site_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

START: Final = Path(sysconfig.get_path("scripts"), "casegraph")


@dataclass(frozen=True, slots=True)
class Target:
    """A server that runs: what it is called, where it is asked, its process."""

    name: str
    path: str
    process: Process

    @property
    def url(self) -> str:
        """Its endpoint."""
        return f"http://127.0.0.1:{self.process.port}{self.path}"


def casegraph(
    folder: Path,
    quads: str,
    settings: Mapping[str, str | int | float],
    base_iri: str = "https://casegraph.example/",
) -> Target:
    """A casegraph over these N-Quads."""
    site_folder(folder / "site", quads, settings, base_iri)
    return _served(folder / "site")


def _served(site: Path) -> Target:
    port = free_port()
    command: list[str | Path] = [START, "--workspace", site, "serve", "--port", str(port)]
    name = f"casegraph {version('casegraph')}"
    return Target(name, "/sparql", Process(command, port, memory=None, ready="/readyz"))


def oxigraph(peers: Path, folder: Path, quads: str, deadline_s: int | None = None) -> Target:
    """An Oxigraph server over a store on disk, read-only.

    Where it has a time limit it keeps a sleeping thread for each query until then, so that a
    limit beside a limit of memory ends it under load: it gets both or neither.
    """
    binary = program(peers, "oxigraph")
    (folder / "data.nq").write_text(quads, encoding="utf-8")
    command: list[str | Path] = [
        binary,
        "load",
        "--location",
        folder / "store",
        "--file",
        folder / "data.nq",
    ]
    subprocess.run(command, check=True, capture_output=True)
    port = free_port()
    served: list[str | Path] = [
        binary, "serve-read-only", "--location", folder / "store", "--bind", f"127.0.0.1:{port}",
        "--union-default-graph", *([] if deadline_s is None else ["--timeout-s", str(deadline_s)]),
    ]  # fmt: skip
    memory = None if deadline_s is None else MEMORY
    return Target(
        f"Oxigraph server {version_of(peers, 'oxigraph')}",
        "/query",
        Process(served, port, memory=memory),
    )


def rdflib(peers: Path, folder: Path, quads: str) -> Target:
    """rdflib-endpoint as its own command serves a file; it has no time limit to set."""
    (folder / "data.nq").write_text(quads, encoding="utf-8")
    port = free_port()
    command: list[str | Path] = [
        program(peers, "rdflib-endpoint"), "serve", "--host", "127.0.0.1", "--port", str(port),
        folder / "data.nq",
    ]  # fmt: skip
    return Target(
        f"rdflib-endpoint {version_of(peers, 'rdflib-endpoint')}", "/", Process(command, port)
    )


@contextlib.contextmanager
def running(make: Callable[[], Target]) -> Iterator[Target | None]:
    """Start a server and end it; None, with a word on it, where it is not installed."""
    try:
        target = make()
    except MissingPeerError as error:
        print(error, file=sys.stderr)
        yield None
        return
    with target.process:
        yield target
