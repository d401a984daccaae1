"""Other SPARQL servers, started in processes of their own with little memory, and ended.

They live in an environment of their own (``--peers``), never in the one of casegraph; see
the dependency group ``peers`` in pyproject.toml.
"""

from __future__ import annotations

import contextlib
import itertools
import resource
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conformance.asking import ask
from tests.conformance.servers import Served

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.conformance.data import Data

REPOSITORY: Final = Path(__file__).resolve().parent.parent
MEMORY: Final = 2 * 1024**3
START_S: Final = 60.0
PATIENCE_S: Final = 10.0
DEFAULT: Final = REPOSITORY / "build" / "peers"
_N_QUADS: Final = "application/n-quads"


class MissingPeerError(Exception):
    """A peer is not installed; the message says how to install it."""


def program(peers: Path, name: str) -> Path:
    """A program of the peers' environment.  Raises ``MissingPeerError``."""
    path = peers / "bin" / name
    if not path.is_file():
        document = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
        wanted = shlex.join(document["dependency-groups"]["peers"])
        raise MissingPeerError(
            f"{name} is not in {peers}. Install the peers with:\n"
            f"  python -m venv {peers} && {peers}/bin/python -m pip install {wanted}"
        )
    return path


def version_of(peers: Path, package: str) -> str:
    """The installed version of a package of the peers' environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run(
        [program(peers, "python"), "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Process:
    """A server in a process of its own; ``deaths`` counts how often it had to be started anew."""

    command: Sequence[str | Path]
    port: int
    memory: int | None = MEMORY
    ready: str = "/"
    deaths: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """The process as it is now."""
        if self._process is None:
            raise RuntimeError("the server is not started")
        return self._process.pid

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it answers anything."""
        self._process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=REPOSITORY
        )
        if self.memory is not None:
            resource.prlimit(self.pid, resource.RLIMIT_AS, (self.memory, self.memory))
        end = time.monotonic() + START_S
        while not self.answers():
            if not self.alive() or time.monotonic() > end:
                self.stop()
                raise MissingPeerError(f"it does not start: {shlex.join(map(str, self.command))}")
            time.sleep(0.05)

    def answers(self, timeout: float = 2.0) -> bool:
        """Whether it answers a simple request."""
        try:
            ask(f"http://127.0.0.1:{self.port}{self.ready}", timeout=timeout)
        except Exception:  # noqa: BLE001 - whatever it is, that is no answer
            return False
        return True

    def stop(self) -> None:
        """End it, by force where it does not end."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class OxigraphPeer:
    """One Oxigraph server in memory; a dataset replaces the one before it."""

    name = "Oxigraph server"
    parallel = 1

    def __init__(self, peers: Path = DEFAULT) -> None:
        binary = program(peers, "oxigraph")
        self.version = version_of(peers, "oxigraph")
        port = free_port()
        self._base = f"http://127.0.0.1:{port}"
        self._process = Process([binary, "serve", "--bind", f"127.0.0.1:{port}"], port)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()

    @contextlib.contextmanager
    def serve(self, data: Data) -> Iterator[Served]:
        """Empty the store and load a dataset."""
        store = f"{self._base}/store"
        said = [
            ask(store, method="DELETE"),
            ask(
                store,
                method="POST",
                headers=[("Content-Type", _N_QUADS)],
                body=data.quads().encode(),
            ),
        ]
        assert all(answer.status < 300 for answer in said), [answer.status for answer in said]  # noqa: PLR2004, S101 - success; the bench stops
        yield Served(sparql=f"{self._base}/query", graph_store=store)


class RdflibPeer:
    """rdflib-endpoint: one process, an endpoint for each dataset, as a file that it is given."""

    name = "rdflib-endpoint"
    parallel = 1

    def __init__(self, peers: Path = DEFAULT) -> None:
        self.version = version_of(peers, "rdflib-endpoint")
        self._port = free_port()
        self._numbers = itertools.count()
        self._folder = tempfile.TemporaryDirectory(prefix="casegraph-peer-")
        script = Path(__file__).with_name("rdflib_peer.py")
        self._process = Process(
            [program(peers, "python"), script, self._folder.name, str(self._port)], self._port
        )

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()
        self._folder.cleanup()

    @contextlib.contextmanager
    def serve(self, data: Data) -> Iterator[Served]:
        """Write a dataset where the peer looks for it."""
        name = f"d{next(self._numbers)}"
        path = Path(self._folder.name, f"{name}.nq")
        path.write_text(data.quads(), encoding="utf-8")
        yield Served(sparql=f"http://127.0.0.1:{self._port}/{name}/sparql")
        if not self._process.alive():
            self._process.start()
