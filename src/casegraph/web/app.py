"""The web application: routers, error pages, and the envelope around them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from casegraph.errors import CasegraphError
from casegraph.web.answers.envelope import Envelope
from casegraph.web.answers.visiting import admission
from casegraph.web.http import problems
from casegraph.web.http.patience import Bodies
from casegraph.web.http.prefix import Prefix
from casegraph.web.releases.keeping import Keeping
from casegraph.web.releases.live import Live
from casegraph.web.releases.shelf import Shelf
from casegraph.web.rendering import Pages
from casegraph.web.routers import (
    answers,
    changes,
    conformance,
    discovery,
    documents,
    graphs,
    home,
    interface,
    ontology,
    releases,
    sparql,
    timemaps,
)
from casegraph.web.running import observed
from casegraph.web.running.stopping import Door, Running
from casegraph.web.site import Site, site_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from casegraph.settings import Settings
    from casegraph.web.releases.answering import Queries
    from casegraph.web.running.observed import Watch


#: Where several have the same address, the first one answers.
_ROOMS = (
    home,
    sparql,
    answers,
    changes,
    graphs,
    discovery,
    conformance,
    interface,
    releases,
    ontology,
    documents,
    timemaps,
)


def create_app(
    releases_folder: Path,
    *,
    settings: Settings,
    service_factory: Callable[..., Queries],
    watch: Watch | None = None,
) -> FastAPI:
    """The application over a folder of releases.

    ``service_factory`` starts what answers queries on a release; it is called again when
    ``current`` changes, and what it gave is closed.  Nothing is opened before the first
    request that needs it.  ``watch`` is told of every request.
    """
    shelf = Shelf(releases_folder)
    live = Live(shelf, service_factory, keeping=Keeping(old=settings.old_releases_open))
    running = Running()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(live.close)

    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, lifespan=lifespan
    )
    app.state.running = running
    app.state.site = Site(
        shelf=shelf, live=live, pages=Pages(), settings=settings, admission=admission(settings)
    )
    for room in _ROOMS:
        app.include_router(room.router)
    app.add_exception_handler(CasegraphError, _known)
    app.add_exception_handler(problems.RefusedRequestError, _known)
    app.add_exception_handler(HTTPException, _known)
    # The last one added is the outermost.
    app.add_middleware(Bodies, seconds=settings.body_timeout_seconds)
    app.add_middleware(Door, running=running)
    app.add_middleware(Envelope, settings=settings)
    app.add_middleware(Prefix, prefix=settings.prefix)
    if watch is not None:
        app.add_middleware(observed.Observer, watch=watch)
    return app


def _known(request: Request, error: Exception) -> Response:
    """Every error that somebody foresaw, as a page or a problem document."""
    match error:
        case CasegraphError():
            document = problems.from_error(error)
        case problems.RefusedRequestError():
            document = error.document
        case HTTPException():
            document = problems.from_status(error.status_code, error.headers)
        case _:
            document = problems.unexpected()
    observed.tell(document.name)
    return site_of(request).problem(request, document)
