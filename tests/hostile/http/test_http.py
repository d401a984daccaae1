"""Every hostile request meets the outcome its file names, and harms nobody."""

from __future__ import annotations

import dataclasses
import http.client
import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.hostile.http.cases import Case, cases, exchange
from tests.hostile.http.served import Served
from tests.web.small_release import RELEASE, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASES = cases()
SETTINGS = {
    "query_workers": 1,
    "header_timeout_seconds": 1.0,
    "body_timeout_seconds": 1.0,
    "client_burst_errors": 6_000,
    "client_errors_per_minute": 6_000,
}
HANGING_S = 45.0
"""Measures nothing: what has not come after so long hangs, on the slowest machine as well."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, log: Path) -> Iterator[Served]:
    releases = tmp_path_factory.mktemp("hostile") / "releases"
    publish(releases)
    with Served.start(releases, json.dumps(SETTINGS), log) as site:
        assert is_well(site)
        yield site
    assert "Traceback" not in log.read_text(encoding="utf-8")


def is_well(site: Served) -> bool:
    """Whether a good query is answered."""
    connection = http.client.HTTPConnection(*site.address, timeout=20)
    try:
        connection.request("GET", "/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D")
        answer = connection.getresponse()
        return answer.status == 200 and b"true" in answer.read()
    finally:
        connection.close()


def test_the_corpus_is_large_enough() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_meets_its_outcome(case: Case, served: Served) -> None:
    """The expected answers, nothing in them that must not be, and the site goes on.

    How soon they come, as the file has it, is for the benchmark; here it may take long.
    """
    pid = served.process.pid
    patient = dataclasses.replace(case, within=HANGING_S)
    answers, received, seconds = exchange(patient, served.address, RELEASE)
    assert answers in case.expect, received[:400]
    pauses = sum(step for step in case.steps("", "") if isinstance(step, float))
    # Nobody is held: what is not answered is closed, long before this.
    assert seconds < HANGING_S + pauses
    said = received.decode("latin-1")
    for marker in case.without:
        assert marker not in said
    for line in case.present:
        assert line in said
    assert served.process.poll() is None
    assert served.process.pid == pid
    assert is_well(served)


def test_many_slow_connections_shut_nobody_out(served: Served) -> None:
    """Two hundred heads that never end: honest requests are answered, and all of them end."""
    import socket

    held = [socket.create_connection(served.address, timeout=5) for _ in range(200)]
    try:
        for one in held:
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        assert is_well(served)
        deadline = time.monotonic() + HANGING_S
        for one in held:
            one.settimeout(max(0.1, deadline - time.monotonic()))
            assert b"408" in one.recv(64)
        assert is_well(served)
    finally:
        for one in held:
            one.close()
