"""Slow visitors are waited for, but not for ever.

The waits here are one second; nothing is measured, only that the server ends them.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import uvicorn
from uvicorn.server import ServerState

from casegraph.web.http.patience import protocol
from tests.web.served import PATIENCE_SECONDS, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from casegraph.web.http.patience import PatientProtocol
    from tests.web.served import Served

HEAD = b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\n"


@pytest.fixture(scope="module")
def site(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("patience")
    with served(releases, folder, header_timeout_seconds=1.0, body_timeout_seconds=1.0) as one:
        yield one


SLOW = {
    "silence": b"",
    "headers": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "second request": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET / HTTP/1.1\r\n",
    "body": HEAD + b"Content-Length: 100\r\n\r\nASK",
    # Refused by its headers; the rest of it would drip in for ever.
    "refused body": HEAD.replace(b"application/sparql-query", b"text/plain")
    + b"Content-Length: 100000\r\n\r\nA",
}


@pytest.fixture(scope="module")
def said(site: Served) -> dict[str, bytes]:
    """Everything that comes back to each, until the server closes its connection.

    All of them wait at once.
    """
    with contextlib.ExitStack() as open_lines:
        lines = {}
        for name, begun in SLOW.items():
            line = socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE_SECONDS)
            lines[name] = open_lines.enter_context(line)
            line.sendall(begun)
        return {name: _to_its_end(line) for name, line in lines.items()}


def _to_its_end(line: socket.socket) -> bytes:
    got = b""
    while block := line.recv(65_536):
        got += block
    return got


def test_a_connection_without_a_word_is_closed(said: dict[str, bytes]) -> None:
    assert said["silence"] == b""


def test_headers_that_do_not_end_are_answered_with_408(said: dict[str, bytes]) -> None:
    assert said["headers"].startswith(b"HTTP/1.1 408 ")
    assert b"within 1 seconds" in said["headers"]


def test_so_are_those_of_a_second_request_on_the_same_connection(said: dict[str, bytes]) -> None:
    assert said["second request"].startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in said["second request"]


def test_a_body_that_does_not_end_is_answered_with_408(said: dict[str, bytes]) -> None:
    assert said["body"].startswith(b"HTTP/1.1 408 ")
    assert b"problem+json" in said["body"]


def test_a_body_that_nobody_reads_does_not_hold_the_line(said: dict[str, bytes]) -> None:
    assert said["refused body"].startswith((b"HTTP/1.1 415 ", b"HTTP/1.1 408 "))


@pytest.mark.usefixtures("said")
def test_the_site_answers_others_afterwards(site: Served) -> None:
    assert site.client.get("/healthz").text == "ok\n"
    events = {line["event"] for line in site.log()}
    assert "unexpected" not in events
    assert "library" not in events


def test_a_reader_who_stops_reading_is_given_up(site: Served) -> None:
    """Else the request would never end: nobody takes its answer of several megabytes."""
    query = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } LIMIT 60000"
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(PATIENCE_SECONDS)
        line.connect(("127.0.0.1", site.port))
        target = f"/sparql?{urlencode({'query': query})}"
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        received = line.recv(1_024)
        told = re.search(rb"content-length: (\d+)", received)
        assert told is not None
        end = time.monotonic() + PATIENCE_SECONDS
        while not any(entry.get("lane") == "query" for entry in site.log()):
            assert time.monotonic() < end
            time.sleep(0.05)
        with contextlib.suppress(ConnectionResetError):
            while block := line.recv(65_536):
                received += block
    assert len(received) < int(told[1])
    assert site.client.get("/healthz").text == "ok\n"


async def so_many_bytes(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that sends as many bytes as its address says."""
    assert receive is not None
    size = int(scope["path"][1:])
    headers = [(b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * size})


class Listening:
    """The protocol over ``so_many_bytes``, in this process, with buffers of a fixed size."""

    def __init__(self) -> None:
        self.state = ServerState()
        self.config = uvicorn.Config(so_many_bytes, log_config=None, timeout_keep_alive=1)
        self.config.load()
        self.kind = protocol(header_seconds=60.0, reader_seconds=2.0)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)

    def connected(self) -> PatientProtocol:
        return self.kind(config=self.config, server_state=self.state, app_state={})

    def ask(self, size: int) -> socket.socket:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(PATIENCE_SECONDS)
        line.connect(self.socket.getsockname())
        line.sendall(f"GET /{size} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return line

    async def left_over(self) -> int:
        """Bytes of the one connection that nobody takes, once they are written."""
        while not self.state.total_requests or not self.state.connections:  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        (one,) = self.state.connections
        left: int = one.transport.get_write_buffer_size()
        self.state.total_requests = 0
        return left

    async def is_left(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.state.connections:  # noqa: ASYNC110 - uvicorn has no event
                await asyncio.sleep(0.05)


def test_a_reader_who_leaves_a_little_is_given_up() -> None:
    """What is left may be less than a writer would wait for; it is not kept for ever."""

    async def leave() -> None:
        listening = Listening()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(listening.connected, sock=listening.socket)
        async with server:
            much = 5_000_000
            with listening.ask(much):
                absorbed = much - await listening.left_over()
            await listening.is_left()
            with listening.ask(absorbed + 30_000):
                assert 0 < await listening.left_over() < 64 * 1024
                await listening.is_left()

    asyncio.run(leave())
