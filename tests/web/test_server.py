"""The server as a process: it answers, finishes what it began, and stops when asked to."""

from __future__ import annotations

import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from casegraph.errors import FixEnvironment
from casegraph.settings import Settings
from casegraph.web.server import query_limits, serve
from tests.web.served import PATIENCE_SECONDS, SLOW, free_port, served

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.served import Served

QUICK = "ASK { ?s ?p ?o }"


def in_flight(site: Served) -> tuple[threading.Thread, list[httpx.Response | Exception]]:
    """A query that is running, and where its answer will be."""
    got: list[httpx.Response | Exception] = []

    def ask() -> None:
        try:
            got.append(
                httpx.get(
                    f"http://127.0.0.1:{site.port}/sparql",
                    params={"query": SLOW},
                    timeout=PATIENCE_SECONDS,
                    trust_env=False,
                )
            )
        except httpx.TransportError as error:
            got.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    end = time.monotonic() + PATIENCE_SECONDS
    while 'casegraph_queries_running{lane="query"} 1.0' not in metrics(site):
        assert time.monotonic() < end
        time.sleep(0.02)
    return thread, got


def metrics(site: Served) -> str:
    return httpx.get(f"http://127.0.0.1:{site.metrics_port}/metrics", trust_env=False).text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_stops_gracefully(
    releases: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """An open connection that asks nothing holds nobody up; having stopped is a success."""
    with served(releases, tmp_path) as site:
        assert site.client.get("/sparql", params={"query": QUICK}).json()["boolean"]
        site.process.send_signal(number)
        assert site.process.wait(PATIENCE_SECONDS) == 0
        assert [line["event"] for line in site.log()][-1] == "stopped"


def test_what_runs_is_finished_and_nothing_new_begun(releases: Path, tmp_path: Path) -> None:
    """The query under way gets its own answer, here the one of its deadline."""
    with served(releases, tmp_path, query_deadline_seconds=4.0, with_metrics=True) as site:
        thread, got = in_flight(site)
        site.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + PATIENCE_SECONDS
        while (ready := site.client.get("/readyz")).status_code == 200:
            assert time.monotonic() < end
        assert ready.text == "not ready: the service is stopping\n"
        said = site.client.get("/readyz", headers={"Accept": "application/json"}).json()
        assert (said["ready"], said["stopping"]) == (False, True)
        late = site.client.get("/sparql", params={"query": QUICK})
        assert (late.status_code, late.json()["limit"]) == (503, "load")
        assert late.headers["retry-after"] == "10"
        thread.join(PATIENCE_SECONDS)
        answer = got[0]
        assert isinstance(answer, httpx.Response)
        assert (answer.status_code, answer.json()["limit"]) == (503, "time")
        assert site.process.wait(PATIENCE_SECONDS) == 0


def test_what_does_not_end_in_time_is_ended(releases: Path, tmp_path: Path) -> None:
    """The answer is an error or a broken connection, and the process still ends well."""
    with served(releases, tmp_path, stop_seconds=0, with_metrics=True) as site:
        thread, got = in_flight(site)
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(PATIENCE_SECONDS) == 0
        thread.join(PATIENCE_SECONDS)
        answer = got[0]
        assert isinstance(answer, Exception) or answer.status_code >= 500


def test_a_second_signal_ends_at_once(releases: Path, tmp_path: Path) -> None:
    with served(releases, tmp_path, stop_seconds=600.0, with_metrics=True) as site:
        thread, got = in_flight(site)
        site.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + PATIENCE_SECONDS
        while site.client.get("/readyz").status_code == 200:
            assert time.monotonic() < end
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
        thread.join(PATIENCE_SECONDS)
        assert isinstance(got[0], httpx.TransportError)


def test_a_unix_socket_takes_the_place_of_a_port(releases: Path, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with served(releases, tmp_path, unix_socket=str(path)) as site:
        assert path.stat().st_mode & 0o777 == 0o660
        assert site.client.get("/sparql", params={"query": QUICK}).json()["boolean"]
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", site.port)) != 0
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(PATIENCE_SECONDS) == 0
    assert not path.exists()


def test_a_busy_port_is_named_before_anything_is_started(releases: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(FixEnvironment, match=f"127.0.0.1:{port} is taken by another program"):
            serve(releases, Settings(), "127.0.0.1", port)
        with pytest.raises(FixEnvironment, match="metrics cannot be served"):
            serve(releases, Settings(metrics_port=port), "127.0.0.1", 0)


def test_another_port_is_tried_where_one_was_taken_meanwhile(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tests above rely on: first the port, then that of the metrics is lost."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        lost = other.getsockname()[1]
        found = iter([lost, free_port(), free_port(), lost])
        monkeypatch.setattr("tests.web.served.free_port", lambda: next(found, 0) or free_port())
        with served(releases, tmp_path, with_metrics=True) as site:
            assert next(found, None) is None
            assert lost not in {site.port, site.metrics_port}
            assert "casegraph_release_info" in metrics(site)


def test_limits_come_from_the_settings() -> None:
    limits = query_limits(Settings(query_deadline_seconds=7.0, max_result_rows=9))
    assert (limits.deadline_query_s, limits.max_rows) == (7.0, 9)
    assert limits.deadline_page_s == Settings().page_deadline_seconds
