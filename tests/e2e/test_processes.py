"""A served site ends whole: whoever stops it, no process of it stays behind."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.running_site import alive, descendants, program, run, serving, wait_until_gone

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.running_site import Site

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name
)
def test_a_signal_ends_it_with_all_its_children(
    built_demo: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with serving(program(), "--workspace", built_demo, "serve", cwd=tmp_path) as site:
        answer = site.client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"})
        assert answer.status_code == 200, "a worker has answered, so all are there"
        below = descendants(site.process.pid)
        assert len(below) >= 3, "a supervisor, what forks workers, and a worker"
        assert alive(below) == below
        ended = site.stop(number)
        assert ended in {0, -number, 128 + number}, site.printed()
        assert wait_until_gone(below) == set()
        assert "Traceback" not in site.printed()


def test_a_port_that_is_taken_is_told_in_words(
    demo_site: Site, built_demo: Path, tmp_path: Path
) -> None:
    """The second server ends with a message; the first goes on."""
    port = str(demo_site.port)
    second = run(program(), "--workspace", built_demo, "serve", "--port", port, cwd=tmp_path)
    assert second.returncode != 0
    assert f"127.0.0.1:{port} is taken by another program" in second.stderr
    assert "Traceback" not in second.stderr
    assert demo_site.client.get("/healthz").status_code == 200
