"""Where the system cannot fork safely or has no filter, that is said in plain sentences."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from casegraph.query import seccomp, wire
from casegraph.query.pool import QueryService
from casegraph.query.spawned import worker_environment

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://example.org/"
NO_FILTER = seccomp.why_unavailable()
UNFILTERED = """
from casegraph.query import seccomp, worker
seccomp.why_unavailable = lambda: "This kernel is built without seccomp."
worker.main()
"""


def test_spawned_workers_answer_and_say_what_is_weaker(dataset: Path) -> None:
    with QueryService.start(dataset, base_iri=BASE, workers=1, forked=False) as service:
        with service.run("ASK { ?s ?p ?o }", accept_format="json") as result:
            assert b"true" in result.read()
        assert len(service.weaker) >= 3
        for sentence in service.weaker:
            assert re.fullmatch(r"[A-Z].{20,}\.", sentence)
        assert any("write files" in sentence for sentence in service.weaker)


@pytest.mark.skipif(NO_FILTER is not None, reason=str(NO_FILTER))
def test_forked_workers_lack_nothing(dataset: Path) -> None:
    with QueryService.start(dataset, base_iri=BASE, workers=1) as service:
        assert service.weaker == ()


def test_a_worker_without_a_filter_says_so(dataset: Path) -> None:
    """It answers, and names the layer that is left."""
    frames = wire.encode({"dataset": str(dataset), "memory_bytes": 2**28})
    done = subprocess.run(
        [sys.executable, "-c", UNFILTERED],
        input=frames,
        capture_output=True,
        check=True,
        env=worker_environment(),
    )
    ready = wire.cut(bytearray(done.stdout))
    assert ready is not None
    assert ready["ok"]
    assert ready["missing"][-1] == (
        "Only the guard keeps queries from network and files. This kernel is built without seccomp."
    )
