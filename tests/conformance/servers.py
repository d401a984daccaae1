"""Servers that the suite is run against, and casegraph as one of them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import itertools
import socket
import tempfile
import threading
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import uvicorn

from casegraph.release.manifest import MANIFEST, build_manifest
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from contextlib import AbstractContextManager

    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

    from tests.conformance.data import Data

#: The suite sends many queries that are none, which a visitor would have to wait for.
UNLIMITED: Final = 6_000
_BASE: Final = "https://casegraph.example/"
_RELEASE: Final = "2026-01-01.1"
_DEFAULT: Final = "https://casegraph.example/suite/default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where a dataset is served; ``dataset`` are the fields by which a request names it whole."""

    sparql: str
    graph_store: str | None = None
    dataset: tuple[tuple[str, str], ...] = ()


class Server(Protocol):
    """Something that can be given a dataset and be asked about it over HTTP.

    ``parallel`` datasets may be served at the same time.
    """

    name: str
    version: str
    parallel: int

    def serve(self, data: Data) -> AbstractContextManager[Served]:
        """Serve a dataset until the block ends."""


class CasegraphServer:
    """A casegraph for each dataset, all below one port of this process."""

    name = "casegraph"
    parallel = 2

    def __init__(self) -> None:
        self.version = version("casegraph")
        self._apps: dict[str, FastAPI] = {}
        self._numbers = itertools.count()
        self._started = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            self._route, interface="asgi3", lifespan="off", log_level="error", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="casegraph-suite")
        self._folder = tempfile.TemporaryDirectory(prefix="casegraph-suite-")

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self._folder.cleanup()

    @contextlib.contextmanager
    def serve(self, data: Data) -> Iterator[Served]:
        """Publish a dataset as a release and open it."""
        name = f"d{next(self._numbers)}"
        releases = Path(self._folder.name) / name
        publish(releases, data.quads(_DEFAULT if data.named else None).encode())
        settings = Settings(
            query_workers=1, query_deadline_seconds=20.0, client_burst_errors=UNLIMITED
        )
        app = create_app(
            releases, settings=settings, service_factory=service_factory(settings, None)
        )
        life = app.router.lifespan_context(app)
        self._wait(life.__aenter__())
        self._apps[name] = app
        host, port = self._socket.getsockname()
        base = f"http://{host}:{port}/{name}/"
        try:
            yield Served(
                sparql=f"{base}sparql", graph_store=f"{base}rdf-graph-store", dataset=_fields(data)
            )
        finally:
            del self._apps[name]
            self._wait(life.__aexit__(None, None, None))

    def _run(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._started.set()
            await self._server.serve(sockets=[self._socket])

        asyncio.run(main())

    def _wait(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].split("/")[1]
        await self._apps[name]({**scope, "root_path": f"/{name}"}, receive, send)


def publish(releases: Path, quads: bytes, base_iri: str = _BASE) -> None:
    """The least that is a release, made current."""
    directory = releases / _RELEASE
    directory.mkdir(parents=True)
    (directory / "casegraph.nq.gz").write_bytes(gzip.compress(quads, mtime=0))
    (directory / MANIFEST).write_bytes(
        build_manifest(
            directory,
            release_id=_RELEASE,
            base_iri=base_iri,
            dataset_sha256=hashlib.sha256(quads).hexdigest(),
            facts={},
        )
    )
    (releases / "current").write_text(f"{_RELEASE}\n", encoding="utf-8")


def _fields(data: Data) -> tuple[tuple[str, str], ...]:
    """How a request names the whole dataset.

    What a default graph holds beside named ones is served under a name, since the default
    graph of a casegraph is the union of all its graphs.
    """
    if not data.named:
        return ()
    names = [("named-graph-uri", name) for name, _ in data.named]
    return (("default-graph-uri", _DEFAULT), *names)
