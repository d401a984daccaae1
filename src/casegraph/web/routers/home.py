"""The start page, static files, and whether the site lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, PlainTextResponse, Response

from casegraph.errors import CasegraphError
from casegraph.web.discovery import signposts
from casegraph.web.http.negotiation import Offer, choose
from casegraph.web.pages.asking import rows_of
from casegraph.web.pages.examples import answered, examples
from casegraph.web.pages.listing import beginnings
from casegraph.web.site import site_of

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter()
_READ = ["GET", "HEAD"]
_SHOWN = 3
_HEALTH = [Offer("text", "text/plain"), Offer("json", "application/json")]


@router.api_route("/", methods=_READ, response_model=None)
def start(request: Request) -> Response:
    """What this is, what it holds, three answers, downloads, a place to ask."""
    site = site_of(request)
    with site.live.lease() as current:
        found = examples(current.release)
        shown = [answered(current, example) for example in found[:_SHOWN]]
        signs = signposts.for_landing(current.release)
        return site.pages.render(
            request,
            "home.html",
            headers={"Link": signs.header(site.public_url(request))},
            **signs.context(),
            answered_by=current.release,
            release=current.release,
            answered=shown,
            more=found[_SHOWN:],
            beginnings=beginnings(rows_of(current, "where-to-begin"), current.release.base_iri),
        )


@router.api_route("/static/{name}", methods=_READ, response_model=None)
def static(request: Request, name: str) -> Response:
    """A style sheet by its name with hash."""
    found = site_of(request).pages.static(name)
    if found is None:
        raise HTTPException(404)
    return found


@router.api_route("/healthz", methods=_READ, response_model=None)
async def healthz(request: Request) -> Response:
    """The process lives, also while it stops, has nothing to answer from, or has no thread free."""
    stopping = request.app.state.running.stopping
    return _health(request, 200, "ok", {"alive": True, "stopping": stopping})


@router.api_route("/readyz", methods=_READ, response_model=None)
def readyz(request: Request) -> Response:
    """Whether a release is open and can be asked, and what whoever runs this should know.

    ``trouble``: the release that is named current does not answer (yet), while the one
    before it may.  ``weaker``: what this system cannot lock away from a query.
    """
    live = site_of(request).live
    stopping = request.app.state.running.stopping
    said: dict[str, object] = {"ready": False, "release": None, "stopping": stopping}
    said |= {"trouble": live.trouble(), "weaker": []}
    if stopping:
        return _health(request, 503, "not ready: the service is stopping", said)
    try:
        with live.lease() as current:
            weaker = list(getattr(current.queries, "weaker", ()))
            said |= {"ready": True, "release": current.release.id, "weaker": weaker}
    except CasegraphError as error:
        why = error.message
        return _health(request, 503, f"not ready: {why}", said | {"trouble": live.trouble() or why})
    return _health(request, 200, "ready", said | {"trouble": live.trouble()})


def _health(request: Request, status: int, text: str, said: Mapping[str, object]) -> Response:
    """A line for people and probes, or all of it for who asks for JSON."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    offer = choose(request.headers.get("accept"), _HEALTH)
    if offer is not None and offer.name == "json":
        return JSONResponse(dict(said), status, headers=headers)
    return PlainTextResponse(f"{text}\n", status, headers=headers)
