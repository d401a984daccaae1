"""Slow visitors are waited for, but not for ever.

The waits here are one second; nothing is measured, only that the server ends them.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.web.served import PATIENCE_SECONDS, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.served import Served

HEAD = b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\n"


@pytest.fixture(scope="module")
def site(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("patience")
    with served(releases, folder, header_timeout_seconds=1.0, body_timeout_seconds=1.0) as one:
        yield one


def said(site: Served, *parts: bytes) -> bytes:
    """Everything that comes back, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE_SECONDS) as line:
        for part in parts:
            line.sendall(part)
        got = b""
        while block := line.recv(65_536):
            got += block
        return got


def test_a_connection_without_a_word_is_closed(site: Served) -> None:
    assert said(site) == b""


def test_headers_that_do_not_end_are_answered_with_408(site: Served) -> None:
    got = said(site, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    assert got.startswith(b"HTTP/1.1 408 ")
    assert b"within 1 seconds" in got


def test_so_are_those_of_a_second_request_on_the_same_connection(site: Served) -> None:
    whole = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    got = said(site, whole, b"GET / HTTP/1.1\r\n")
    assert got.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in got


def test_a_body_that_does_not_end_is_answered_with_408(site: Served) -> None:
    got = said(site, HEAD + b"Content-Length: 100\r\n\r\nASK")
    assert got.startswith(b"HTTP/1.1 408 ")
    assert b"problem+json" in got


def test_a_body_that_nobody_reads_does_not_hold_the_line(site: Served) -> None:
    """The request is refused by its headers; the rest of it would drip in for ever."""
    refused = HEAD.replace(b"application/sparql-query", b"text/plain")
    got = said(site, refused + b"Content-Length: 100000\r\n\r\nA")
    assert got.startswith((b"HTTP/1.1 415 ", b"HTTP/1.1 408 "))


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
        line.connect(("127.0.0.1", site.port))
        target = f"/sparql?{urlencode({'query': query})}"
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        end = time.monotonic() + PATIENCE_SECONDS
        while not any(entry.get("lane") == "query" for entry in site.log()):
            assert time.monotonic() < end
            time.sleep(0.05)
    assert site.client.get("/healthz").text == "ok\n"
