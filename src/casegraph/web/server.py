"""Serve releases over HTTP until somebody asks it to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn

from casegraph.errors import CasegraphError, FixInput
from casegraph.query.limits import QueryLimits
from casegraph.query.pool import QueryService
from casegraph.web.app import create_app
from casegraph.web.http.patience import protocol
from casegraph.web.http.proxies import Proxies
from casegraph.web.logs import event, start_logging, unexpected
from casegraph.web.releases.stores import DATASET, finished_store
from casegraph.web.running.listening import listening, listening_on_path, url_of
from casegraph.web.running.metrics import Metrics
from casegraph.web.running.observed import CountedQueries
from casegraph.web.running.processes import spooled_bytes
from casegraph.web.running.route_table import patterns

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    from fastapi import FastAPI

    from casegraph.settings import Settings
    from casegraph.web.releases.answering import Queries
    from casegraph.web.releases.live import Live
    from casegraph.web.releases.shelf import Release
    from casegraph.web.running.stopping import Running

_MOST_CONNECTIONS: Final = 1_000
#: A proxy that keeps connections must let go of them before this (see deploy/nginx.conf).
_KEEP_ALIVE_SECONDS: Final = 10


def query_limits(settings: Settings) -> QueryLimits:
    """The limits that the settings give."""
    return QueryLimits(
        deadline_page_s=settings.page_deadline_seconds,
        deadline_query_s=settings.query_deadline_seconds,
        max_result_bytes=settings.max_result_bytes,
        max_rows=settings.max_result_rows,
        memory_bytes=settings.worker_memory_bytes,
        wait_s=settings.query_wait_seconds,
    )


def service_factory(
    settings: Settings, stores: Path | None, metrics: Metrics | None = None
) -> Callable[..., Queries]:
    """Starts query services, on disk for old releases and for what memory is too small for.

    ``stores`` is where finished stores lie and are made; None keeps everything in memory.

    What it gives is called with a release, and ``old=True`` for one that is not current:
    that one is answered by a single worker.
    """

    def start(release: Release, *, old: bool = False) -> Queries:
        workers = 1 if old else settings.query_workers
        store = finished_store(release, stores, old=old, workers=workers)
        # What is asked for now and then should not lie in memory.
        dataset = store if old and store is not None else release.directory / DATASET
        return QueryService.start(
            dataset,
            base_iri=release.base_iri,
            store=store,
            workers=workers,
            limits=query_limits(settings),
        )

    if metrics is None:
        return start

    def start_counted(release: Release, *, old: bool = False) -> Queries:
        opened = False
        begin = time.perf_counter()
        try:
            queries = start(release, old=old)
            opened = True
        finally:
            metrics.release_opened(old=old, opened=opened)
        seconds = round(time.perf_counter() - begin, 3)
        event("release-opened", release=release.id, old=old, seconds=seconds)
        return CountedQueries(queries, metrics)

    return start_counted


def serve(
    releases: Path,
    settings: Settings,
    host: str,
    port: int,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Listen on ``host`` and ``port`` until SIGTERM or SIGINT, then finish what is running.

    Where the settings name a Unix socket, it takes the place of both.  ``announce`` is told
    the address once it is taken.  Stores are looked for in ``var/store`` beside the folder of
    releases.  There is one web process, and what visitors ask is written down nowhere.
    Raises ``FixEnvironment`` for a port that cannot be had.
    """
    start_logging(settings.log_format)
    metrics = Metrics()
    stores = releases.parent / "var" / "store"
    app = create_app(
        releases,
        settings=settings,
        service_factory=service_factory(settings, stores, metrics),
        watch=metrics,
    )
    refuse_hidden_prefix(app, settings)
    metrics.observe(_Service(app, settings))
    with contextlib.ExitStack() as stack:
        if settings.metrics_port:
            stack.enter_context(metrics.served(settings.metrics_host, settings.metrics_port))
        if settings.unix_socket:
            sockets = stack.enter_context(listening_on_path(Path(settings.unix_socket)))
            address = f"unix:{settings.unix_socket}"
        else:
            sockets = stack.enter_context(listening(host, port))
            address = url_of(host, sockets[0].getsockname()[1])
        if announce is not None:
            announce(address)
        event("started", process=os.getpid())
        GracefulServer(_config(app, settings), app).run(sockets)
        event("stopped")


def refuse_hidden_prefix(app: FastAPI, settings: Settings) -> None:
    """Raise ``FixInput`` for a prefix that an address of the service itself begins with."""
    first = settings.prefix.split("/")[1:2]
    if first and first[0] in {path.split("/")[1] for path, _ in patterns(app.routes)}:
        raise FixInput(
            f"the path /{first[0]} is one of the service itself and cannot be its prefix",
            hint="Choose another path for public_url and path_prefix.",
        )


class GracefulServer(uvicorn.Server):
    """Finishes what is running when it is asked to stop, and ends at once when asked again.

    From the first signal on the service is not ready and begins nothing new, while who is
    being answered is answered: for as long as the settings say.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._running: Running = app.state.running
        self._live: Live = app.state.site.live
        self._longest = float(config.timeout_graceful_shutdown or 0)
        self._asked_at = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and open the current release before somebody asks for it."""
        await super().startup(sockets)
        threading.Thread(target=self._warm, name="casegraph-warm", daemon=True).start()

    async def on_tick(self, counter: int) -> bool:
        """Tell uvicorn whether to close: when asked to, and nothing runs or time is up."""
        if self._running.stopping:
            left = self._asked_at + self._longest - time.monotonic()
            if left <= 0 or not self.server_state.tasks:
                self.config.timeout_graceful_shutdown = max(0, int(left))
                self.should_exit = True
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """Begin to stop; a second signal ends the process without another thought."""
        if self._running.stopping:
            os._exit(128 + sig)
        self._running.stopping = True
        self._asked_at = time.monotonic()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take both signals as a request to stop; having stopped is a success."""
        kinds = (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {kind: signal.signal(kind, self.handle_exit) for kind in kinds}
        try:
            yield
        finally:
            for kind, handler in before.items():
                signal.signal(kind, handler)

    def _warm(self) -> None:
        try:
            with self._live.lease():
                pass
        except CasegraphError as error:
            event("not-ready", kind=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - visitors are told, and so is the log
            unexpected(error)


class _Service:
    """What metrics read off the running service."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self._live: Live = app.state.site.live
        self._shelf = app.state.site.shelf
        self._running: Running = app.state.running
        self._workers = settings.query_workers

    def numbers(self) -> Mapping[str, float]:
        """Gauges by name."""
        return {
            "query_workers": self._workers,
            "spool_bytes": spooled_bytes(),
            "stopping": self._running.stopping,
            "switch_pending": bool(self._live.trouble()),
        }

    def release(self) -> str:
        """The id of the current release; empty where there is none."""
        try:
            release: Release = self._shelf.current()
        except CasegraphError:
            return ""
        return release.id


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        Proxies(app, settings.trusted_proxies.split()),
        http=protocol(settings.header_timeout_seconds, settings.body_timeout_seconds),
        ws="none",
        lifespan="on",
        workers=1,
        log_config=None,
        access_log=False,
        server_header=False,
        # Proxies does this, for the proxies of the settings alone.
        proxy_headers=False,
        timeout_graceful_shutdown=int(settings.stop_seconds),
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        # More are told to come back (503); a proxy in front counts them by client.
        limit_concurrency=_MOST_CONNECTIONS,
    )
