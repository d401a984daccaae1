"""Serve releases over HTTP until somebody asks it to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

from casegraph.query.limits import QueryLimits
from casegraph.query.pool import QueryService
from casegraph.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from casegraph.settings import Settings
    from casegraph.web.shelf import Release

_DATASET = "casegraph.nq.gz"
_STOP_SECONDS = 10


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


def service_factory(settings: Settings, stores: Path | None) -> Callable[[Release], QueryService]:
    """Starts query services: on the finished store of a release where ``stores`` has one."""

    def start(release: Release) -> QueryService:
        store = stores / release.manifest.dataset_sha256 if stores is not None else None
        dataset = store if store is not None and store.is_dir() else release.directory / _DATASET
        return QueryService.start(
            dataset,
            base_iri=release.base_iri,
            workers=settings.query_workers,
            limits=query_limits(settings),
        )

    return start


def serve(releases: Path, settings: Settings, host: str, port: int) -> None:
    """Listen on ``host`` and ``port`` until SIGTERM or SIGINT, then finish what is running.

    There is one process and no access log: what visitors ask is written down nowhere.
    Stores are looked for in ``var/store`` beside the folder of releases.
    """
    app = create_app(
        releases,
        settings=settings,
        service_factory=service_factory(settings, releases.parent / "var" / "store"),
    )
    uvicorn.run(
        app,
        host=host,
        port=port,
        workers=1,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        timeout_keep_alive=_STOP_SECONDS,
    )
