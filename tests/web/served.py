"""A site served by a process of its own, for tests of what only a process does."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_SECONDS = 60
"""Long enough for a slow machine: it is waited for, never measured."""
TRIES = 5
"""A port that is free may be taken before it is used; so often another one is asked for."""
_LOST = ("is taken by another program", "metrics cannot be served")

PROGRAM = """
import json, sys
from pathlib import Path
from casegraph.settings import Settings
from casegraph.web.server import serve
settings = Settings(**json.loads(sys.argv[2]))
serve(Path(sys.argv[1]), settings, settings.host, settings.port)
"""

SLOW = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
"""It would take hours."""


@dataclass(frozen=True, slots=True)
class Served:
    """A process, its port, what it wrote, a client, and the port of its metrics if it has any."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path
    client: httpx.Client
    metrics_port: int = 0

    def log(self) -> list[dict[str, object]]:
        """The lines of its log; every one is an object."""
        text = self.output.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def requests_logged(site: Served, count: int) -> list[dict[str, object]]:
    """The lines of requests, once there are so many: a line comes after its answer."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        lines = [line for line in site.log() if line["event"] == "request"]
        if len(lines) >= count:
            return lines
        assert time.monotonic() < end, lines
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def lost_its_port(printed: str) -> bool:
    """Whether a server ended because somebody took a port that had been found free."""
    return any(one in printed for one in _LOST)


@contextlib.contextmanager
def served(
    releases: Path, folder: Path, *, with_metrics: bool = False, **settings: object
) -> Iterator[Served]:
    """Serve until the block ends; ready when it begins."""
    for _ in range(TRIES):
        ports = {"port": free_port()} | ({"metrics_port": free_port()} if with_metrics else {})
        with _started(releases, folder, ports | settings) as site:
            if _wait_until_ready(site):
                yield site
                return
    pytest.fail(f"{TRIES} times a port was taken by others")


@contextlib.contextmanager
def _started(releases: Path, folder: Path, settings: dict[str, Any]) -> Iterator[Served]:
    values: dict[str, Any] = {"query_workers": 1, "log_format": "json"} | settings
    port = values["port"]
    output = folder / f"log-{port}"
    command = [sys.executable, "-c", PROGRAM, str(releases), json.dumps(values)]
    transport = (
        httpx.HTTPTransport(uds=str(settings["unix_socket"])) if "unix_socket" in settings else None
    )
    with (
        output.open("wb") as sink,
        subprocess.Popen(command, stdout=sink, stderr=sink) as process,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            transport=transport,
            trust_env=False,
            timeout=PATIENCE_SECONDS,
        ) as client,
    ):
        try:
            yield Served(process, port, output, client, values.get("metrics_port", 0))
        finally:
            process.kill()


def _wait_until_ready(site: Served) -> bool:
    """False where it has to be started once more."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        ended = site.process.poll() is not None  # before its words are read, so that all are there
        printed = site.output.read_text(encoding="utf-8")
        if '"started"' in printed and _is_ready(site.client):
            return True
        if ended and lost_its_port(printed):
            return False
        assert not ended, printed
        assert time.monotonic() < end, printed
        time.sleep(0.05)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
