"""Metrics in the format of Prometheus, on an address of their own.

Labels come from tables of ours (routes, methods, outcomes, lanes), so there is no query, no
address of a visitor and no path among them, and their number is bounded.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from casegraph.errors import FixEnvironment
from casegraph.web.logs import event
from casegraph.web.running.processes import processes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.core import Metric

    from casegraph.web.running.observed import Request

_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
#: Asked by whoever looks after the service, every few seconds: no line each.
_UNLOGGED: Final = frozenset({"/healthz", "/readyz"})
_ERRORS_FROM: Final = 400


class State(Protocol):
    """What can be read off a running service at any time."""

    def numbers(self) -> Mapping[str, float]:
        """Gauges by name, without labels."""

    def release(self) -> str:
        """The id of the current release; empty where there is none."""


class Metrics:
    """Counts what it is told and writes one line of the log for each request."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "casegraph_http_requests",
            "Requests by route, method and status code.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "casegraph_http_request_duration_seconds",
            "Time from a request to the last byte of its answer, by the lane of its queries.",
            ["lane"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._queries = Counter(
            "casegraph_queries",
            "Queries by lane and outcome.",
            ["lane", "outcome"],
            registry=self.registry,
        )
        self._deaths = Counter(
            "casegraph_worker_deaths",
            "Workers that were ended, or died, with the query they were at.",
            registry=self.registry,
        )
        self._openings = Counter(
            "casegraph_releases_opened",
            "Releases that were opened for queries, by kind (current, old) and outcome.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._lock = threading.Lock()
        self._running: dict[str, int] = {"query": 0, "page": 0}

    def observe(self, state: State) -> None:
        """Read gauges off a running service whenever somebody asks."""
        self.registry.register(_Gauges(state, self))

    def running(self) -> dict[str, int]:
        """Queries by lane that were handed to the workers and are not answered yet."""
        with self._lock:
            return dict(self._running)

    def request(self, ended: Request) -> None:
        """Count a request and write its line."""
        self._requests.labels(ended.route, ended.method, str(ended.status)).inc()
        self._seconds.labels(ended.lane).observe(ended.seconds)
        if ended.route in _UNLOGGED and ended.status < _ERRORS_FROM:
            return
        event(
            "request",
            method=ended.method,
            route=ended.route,
            status=ended.status,
            seconds=round(ended.seconds, 4),
            lane=ended.lane,
            outcome=ended.outcome,
            release=ended.release,
        )

    def query_begins(self, lane: str) -> None:
        """Count a query that waits or runs."""
        with self._lock:
            self._running[lane] = self._running.get(lane, 0) + 1

    def query_ends(self, lane: str, outcome: str, *, died: bool) -> None:
        """Count how it ended, and the worker that ended with it."""
        if died:
            self._deaths.inc()
        with self._lock:
            self._running[lane] -= 1
        self._queries.labels(lane, outcome).inc()

    def question_refused(self, outcome: str) -> None:
        """Count a question that was refused before it came to the workers."""
        self._queries.labels("query", outcome).inc()

    def release_opened(self, *, old: bool, opened: bool) -> None:
        """Count that a release was opened, or could not be."""
        kind = "old" if old else "current"
        self._openings.labels(kind, "ok" if opened else "failed").inc()

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[None]:
        """Answer on an address of their own, in a thread of their own.

        Raises ``FixEnvironment`` where the port cannot be had.
        """
        try:
            server, thread = start_http_server(port, host, registry=self.registry)
        except OSError as error:
            raise FixEnvironment(
                f"metrics cannot be served on {host}, port {port}: {error.strerror or error}",
                hint="Choose other values for metrics_host and metrics_port.",
            ) from None
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Gauges(Collector):
    """Values as they are when somebody asks."""

    def __init__(self, state: State, metrics: Metrics) -> None:
        self._state = state
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """All gauges."""
        running = GaugeMetricFamily(
            "casegraph_queries_running", "Queries that wait or run, by lane.", labels=["lane"]
        )
        for lane, number in self._metrics.running().items():
            running.add_metric([lane], number)
        yield running
        info = GaugeMetricFamily(
            "casegraph_release_info", "The current release.", labels=["release"]
        )
        if release := self._state.release():
            info.add_metric([release], 1)
        yield info
        memory = GaugeMetricFamily(
            "casegraph_resident_memory_bytes", "Resident memory by role.", labels=["role"]
        )
        count = GaugeMetricFamily("casegraph_processes", "Processes by role.", labels=["role"])
        below = processes()
        for role in sorted({one.role for one in below}):
            same = [one.resident_bytes for one in below if one.role == role]
            memory.add_metric([role], sum(same))
            count.add_metric([role], len(same))
        yield memory
        yield count
        for name, value in self._state.numbers().items():
            yield GaugeMetricFamily(f"casegraph_{name}", _GAUGES[name], value=value)


_GAUGES: Final = {
    "query_workers": "Workers that may answer queries of the current release.",
    "spool_bytes": "Bytes of answers on their way to readers.",
    "stopping": "1 once the service was asked to stop.",
    "switch_pending": "1 while the release that is named current does not answer.",
}
