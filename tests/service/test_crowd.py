"""The visitors of the benchmarks and attacks: what they measure is what happened."""

from __future__ import annotations

import asyncio
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.service.crowd import HOSTILE, Line, Request, besieged, percentile, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

STALL_S = 0.5


class Slow(ThreadingHTTPServer):
    """Answers at once, save the first request, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Slow
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with self.server.lock:
            first = not self.server.asked
            self.server.asked.append(self.client_address[0])
        if first and self.path == "/stall":
            time.sleep(STALL_S)
        if self.path == "/chunks":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[Slow]:
    server = Slow()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stall_counts_for_all_who_were_due_meanwhile(slow: Slow) -> None:
    """One request stalls; those due in that time are late as well, and are counted so."""
    samples = asyncio.run(
        visit(slow.server_port, [Request("/stall")], clients=1, rate=20, seconds=1.0)
    )
    assert len(samples) == 20
    assert all(sample.status == 200 for sample in samples)
    late = [sample for sample in samples if sample.seconds > STALL_S / 5]
    assert len(late) >= 5


def test_hostile_visitors_come_from_another_network(slow: Slow) -> None:
    ask = [Request("/")]
    polite, hostile = asyncio.run(
        besieged(slow.server_port, honest=ask, hostile=ask, seconds=0.5, connections=2)
    )
    assert polite
    assert hostile
    assert set(slow.asked) == {HOSTILE, "127.0.0.1"}


def test_a_body_in_chunks_is_read_whole(slow: Slow) -> None:
    async def ask() -> tuple[int, bytes]:
        line = Line(slow.server_port)
        first = await line.ask(Request("/chunks"))
        assert await line.ask(Request("/")) == (200, b"ok")
        line.close()
        return first

    assert asyncio.run(ask()) == (200, b"abcde")


def test_nobody_there_is_no_answer() -> None:
    async def ask() -> tuple[int, bytes]:
        return await Line(1).ask(Request("/"))

    assert asyncio.run(ask())[0] == 0


def test_percentile() -> None:
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([3.0], 0.5) == 3.0
