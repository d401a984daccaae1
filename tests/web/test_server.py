"""The server as a process: it answers, and stops when it is asked to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from casegraph.settings import Settings
from casegraph.web.server import query_limits

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from casegraph.settings import Settings
from casegraph.web.server import serve
serve(Path(sys.argv[1]), Settings(query_workers=1), "127.0.0.1", int(sys.argv[2]))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_stops_gracefully(
    releases: Path, tmp_path: Path, number: signal.Signals
) -> None:
    port = free_port()
    out = tmp_path / "out"
    with out.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(releases), str(port)],
            stdout=sink,
            stderr=sink,
            env=dict(os.environ),
        )
    try:
        body = b""
        for _ in range(200):
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/sparql?query=ASK%7B%3Fmarkerword%20%3Fp%20%3Fo%7D",
                    timeout=10,
                ) as answer:
                    body = answer.read()
                break
            except urllib.error.URLError:
                assert process.poll() is None, out.read_text(encoding="utf-8")
                time.sleep(0.1)
        assert b"true" in body
        process.send_signal(number)
        assert process.wait(30) in {0, -number, 128 + number}
    finally:
        process.kill()
        process.wait()
    assert "markerword" not in out.read_text(encoding="utf-8")


def test_limits_come_from_the_settings() -> None:
    limits = query_limits(Settings(query_deadline_seconds=7.0, max_result_rows=9))
    assert (limits.deadline_query_s, limits.max_rows) == (7.0, 9)
    assert limits.deadline_page_s == Settings().page_deadline_seconds
